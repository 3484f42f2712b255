//! Versions of every ecosystem: an order that goes both ways.
#![no_main]

use packlist::versions::{compare, upstream, without_rebuild};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (one, other) = text.split_once('\n').unwrap_or((text, "1.0"));
    for ty in [
        "alpm", "apk", "cargo", "composer", "cran", "deb", "gem", "golang", "maven", "nuget", "pub", "pypi",
        "rpm", "x",
    ] {
        let forth = compare(ty, one, other);
        assert_eq!(forth, compare(ty, other, one).map(std::cmp::Ordering::reverse), "{ty}: {one} {other}");
        let _ = (upstream(ty, one), without_rebuild(ty, one));
    }
});
