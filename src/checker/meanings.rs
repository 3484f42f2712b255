//! What the references of a document mean, by the texts it gives for them.
//!
//! Other tools write `LicenseRef-0a9356a` and put beside it a name they could not place ("LGPLv2+"), or the
//! licence's whole text. A text counts when nearly all of it is a licence we know.

use std::collections::BTreeMap;

use crate::bom::Bom;
use crate::licenses::{Dialect, Expression, How, LicenseId, concluded, detect, family, read};

/// Longer words are a text, not a name.
const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 100_000;
/// Recognising takes about a millisecond; a document with more texts than this is not a usual one.
const MOST_TEXTS: usize = 500;
/// How much of a text, in percent, must be known licences.
const COVERED: usize = 80;

/// By the reference's id. What is still not known is left out.
pub(super) fn of(bom: &Bom) -> BTreeMap<&str, Expression> {
    let mut left = MOST_TEXTS;
    let mut meanings = BTreeMap::new();
    for (id, text) in &bom.license_texts {
        let text = text.trim();
        let meaning = if text.len() <= LONGEST_NAME {
            named(text)
        } else if text.len() <= LONGEST_TEXT && left > 0 {
            left -= 1;
            recognised(text)
        } else {
            None
        };
        meanings.extend(meaning.map(|meaning| (id.as_str(), meaning)));
    }
    meanings
}

fn named(text: &str) -> Option<Expression> {
    const BEFORE: &str = "original license:";
    let name = match text.split_at_checked(BEFORE.len()) {
        Some((before, name)) if before.eq_ignore_ascii_case(BEFORE) => name,
        _ => text,
    };
    read(name, Dialect::Generic).filter(|meaning| meaning.leaves().any(is_known))
}

fn is_known(license: &crate::licenses::License) -> bool {
    matches!(license.id, LicenseId::Spdx(_)) || family(license).is_some()
}

fn recognised(text: &str) -> Option<Expression> {
    let found = detect(text);
    let covered: usize =
        found.iter().filter(|found| found.how == How::Text).map(|found| found.bytes.len()).sum();
    (covered * 100 >= text.len() * COVERED).then(|| concluded(&found, text)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::licenses::license_text;

    fn meaning(text: &str) -> Option<String> {
        let texts = [("LicenseRef-x".to_owned(), text.to_owned())];
        let bom = Bom { license_texts: texts.into_iter().collect(), ..Bom::default() };
        of(&bom).get("LicenseRef-x").map(ToString::to_string)
    }

    #[test]
    fn a_name_is_read() {
        assert_eq!(meaning("Original license: GPLv2+ or MIT").as_deref(), Some("GPL-2.0-or-later OR MIT"));
        assert_eq!(meaning("Custom"), None);
        assert_eq!(meaning(""), None);
    }

    #[test]
    fn a_text_is_recognised_when_it_is_all_there_is() {
        let mit = license_text("MIT").expect("a text");
        assert_eq!(meaning(mit).as_deref(), Some("MIT"));
        let own_terms =
            "The Software must not be used on Fridays, nor by anybody whose name has an x. ".repeat(30);
        assert_eq!(meaning(&format!("{mit}\n{own_terms}")), None);
    }
}
