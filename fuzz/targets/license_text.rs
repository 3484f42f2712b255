//! Texts that may be licences, and Debian's copyright files.
#![no_main]

use packlist::{licenses, secrets};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = licenses::detect(text);
    let _ = licenses::read_copyright(text);
    let _ = licenses::copyright_summary(text.lines());
    let _ = secrets::redacted(text);
    let _ = secrets::in_text(text);
});
