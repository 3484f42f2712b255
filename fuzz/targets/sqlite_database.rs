//! Nix's database, and SQLite behind it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(&["nix"], data);
});
