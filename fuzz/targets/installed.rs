//! What installers leave beside packages.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(
        &["chisel", "jar", "java-folder", "jvm", "pip-vendored", "python-installed", "r"],
        data,
    );
});
