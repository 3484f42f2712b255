//! Manifests that are programs, or look like them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(
        &[
            "bundler",
            "cabal",
            "gemspec",
            "go-mod",
            "gradle",
            "luarocks",
            "mix",
            "opam",
            "otp",
            "pear",
            "rebar",
            "requirements",
            "sbt",
            "setup-py",
            "swipl",
            "wordpress",
        ],
        data,
    );
});
