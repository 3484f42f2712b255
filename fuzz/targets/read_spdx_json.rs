//! SPDX 2 in JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::document(data);
});
