//! Our decoder of deflate says what another says.
#![no_main]

use std::io::Read;

use flate2::read::DeflateDecoder;
use packlist::inflate::{Inflate, Input, window};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut theirs = Vec::new();
    let read = DeflateDecoder::new(data).take(4 << 20).read_to_end(&mut theirs);
    let (mut ours, mut window) = (Vec::new(), window());
    let mut inflate = Inflate::new(Input::new(data));
    let ended = loop {
        match inflate.next(&mut window) {
            Ok(part) if part.is_empty() => break true,
            Ok(part) => ours.extend_from_slice(&window[part]),
            Err(_) => break false,
        }
        if ours.len() > 4 << 20 {
            return;
        }
    };
    if read.is_ok() && ended && theirs.len() < 4 << 20 {
        assert!(ours == theirs, "{} and {} bytes", ours.len(), theirs.len());
    }
});
