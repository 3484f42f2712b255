//! Lockfiles and manifests in TOML.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(
        &["cargo", "cargo-crate", "gradle-catalog", "julia", "pdm", "poetry", "pylock", "uv"],
        data,
    );
});
