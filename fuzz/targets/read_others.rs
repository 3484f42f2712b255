//! Syft's own format, GitHub's, and envelopes around documents.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::document(data);
});
