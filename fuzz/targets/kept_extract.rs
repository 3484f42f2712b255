//! What was kept of a layer: whatever is read comes back as it was.
#![no_main]

use packlist::layers::Extract;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(extract) = Extract::from_bytes(data) {
        assert_eq!(Extract::from_bytes(&extract.to_bytes()), Some(extract));
    }
});
