//! Bun's binary lockfile.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(&["bun-lockb"], data);
});
