//! rpm's databases in all three containers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(&["rpm"], data);
});
