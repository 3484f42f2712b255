//! Licence expressions, and names of licences as people write them.
#![no_main]

use packlist::licenses::{Dialect, Expression, read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(expression) = Expression::parse(text) {
        assert!(Expression::parse(&expression.to_string()).is_ok(), "{expression}");
    }
    let _ = read(text, Dialect::Generic).map(|expression| expression.to_string());
    let _ = packlist::bom::deception(text);
});
