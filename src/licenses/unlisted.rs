//! Texts that SPDX does not list, and that are plain enough to class: `licenses/unlisted.csv`.
//!
//! A text is one of them when it holds, in order, all that is granted and every condition, and is not longer than it:
//! one that says more may ask for more. Packages write them a little differently, so each reference also carries a
//! mark of its own text.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::category::Category;
use super::data;
use super::detect::plain_words;
use super::expression::{License, LicenseId};

/// What a reference to such a text begins with.
const TEXT: &str = "LicenseRef-packlist-text-";
/// What stands between the name of a text and the mark of one copy.
const VARIANT: &str = "--";

/// The reference to the unlisted licence that a text is.
pub(super) fn of_text(text: &str) -> Option<License> {
    let (words, count) = plain_words(text);
    let row = data::rows(data::UNLISTED).find(|row| {
        let longest: usize = row[2].parse().unwrap_or(0);
        count <= longest && holds_in_order(&words, row[3])
    })?;
    Some(License { id: LicenseId::Ref(format!("{TEXT}{}", row[0])), or_later: false, exception: None })
}

/// The same reference for one copy of the text.
pub(super) fn variant(license: &License, mark: &str) -> LicenseId {
    LicenseId::Ref(format!("{}{VARIANT}{mark}", license.id.as_str()))
}

fn holds_in_order(words: &str, phrases: &str) -> bool {
    let mut rest = words;
    phrases.split('|').all(|phrase| match rest.split_once(phrase) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// How the text behind a reference is classed. Absent for references to others.
pub(super) fn category(reference: &str) -> Option<Category> {
    let name = reference.strip_prefix(TEXT)?;
    categories().get(name.split_once(VARIANT).map_or(name, |(name, _)| name)).copied()
}

fn categories() -> &'static BTreeMap<&'static str, Category> {
    static TABLE: OnceLock<BTreeMap<&'static str, Category>> = OnceLock::new();
    TABLE.get_or_init(|| {
        data::rows(data::UNLISTED)
            .filter_map(|row| Some((*row.first()?, Category::from_name(row.get(1)?)?)))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_AUTHOR: &str = "# Copyright 2010 Jo\n# This file is free software; as a special exception the author gives\n\
        # unlimited permission to copy and/or distribute it, with or without\n# modifications, as long as this notice is \
        preserved.\n#\n# This file is distributed in the hope that it will be useful, but\n# WITHOUT ANY WARRANTY, to the \
        extent permitted by law.\n";

    #[test]
    fn a_text_of_the_table_is_known_and_classed() {
        let license = of_text(BY_AUTHOR).expect("a text of the table");
        assert_eq!(license.id.as_str(), "LicenseRef-packlist-text-fsf-unlimited-by-author");
        let id = variant(&license, "0a1b2c3d");
        assert_eq!(id.as_str(), "LicenseRef-packlist-text-fsf-unlimited-by-author--0a1b2c3d");
        assert_eq!(category(id.as_str()), Some(Category::Permissive));
        assert_eq!(category("LicenseRef-packlist-text-other"), None);
        assert_eq!(category("LicenseRef-other"), None);
    }

    #[test]
    fn a_text_that_says_more_or_less_is_none_of_them() {
        assert_eq!(
            of_text(&format!("{BY_AUTHOR}{}", "You must also pay the author each year. ".repeat(4))),
            None
        );
        assert_eq!(of_text(&BY_AUTHOR.replace("without\n", "no\n")), None);
        assert_eq!(of_text(""), None);
    }

    #[test]
    fn every_line_of_the_table_is_whole() {
        for row in data::rows(data::UNLISTED) {
            assert_eq!(row.len(), 6, "{row:?}");
            assert!(Category::from_name(row[1]).is_some(), "{row:?}");
            let longest: usize = row[2].parse().expect("a number");
            let said: usize = row[3].split(['|', ' ']).count();
            assert!(said < longest && longest < 20 * said, "{row:?}: {said} words of {longest}");
            let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || " |".contains(c);
            assert!(row[3].chars().all(is_plain), "{row:?}");
            assert!(!row[4].is_empty() && !row[5].is_empty(), "{row:?}: seen and why");
        }
    }
}
