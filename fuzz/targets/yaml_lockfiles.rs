//! Lockfiles in YAML and what is like it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(
        &["cocoapods", "conda-env", "dart", "github-actions", "pnpm", "snap", "stack", "yarn", "yarn-berry"],
        data,
    );
});
