//! SPDX 2 as tags and values, in YAML, XML and RDF.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::document(data);
});
