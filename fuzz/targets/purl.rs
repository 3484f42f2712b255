//! Package URLs: what is read is canonical, and reads as itself.
#![no_main]

use packlist::bom::Purl;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(purl) = text.parse::<Purl>() {
        let again = purl.as_str().parse::<Purl>();
        assert_eq!(again.as_ref(), Ok(&purl));
        let _ = (
            purl.namespace(),
            purl.name(),
            purl.version(),
            purl.subpath(),
            purl.without_version(),
            purl.is_os(),
        );
    }
});
