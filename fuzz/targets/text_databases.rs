//! Databases of distributions as text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(
        &[
            "apk",
            "bitnami",
            "bottlerocket",
            "cos",
            "dpkg",
            "homebrew",
            "opkg",
            "os-release",
            "pacman",
            "portage",
        ],
        data,
    );
});
