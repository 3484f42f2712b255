//! One layer's tar.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::layers(&[data.to_vec()]);
});
