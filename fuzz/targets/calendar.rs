//! Answers of endoflife.date, and calendars.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let today = packlist::eol::shipped().day();
    if let Some(today) = today {
        let _ = packlist::eol::refreshed(data, &packlist::eol::shipped(), today);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = packlist::eol::stored(text);
        let _ = packlist::eol::shipped().add(text, "fuzz");
    }
});
