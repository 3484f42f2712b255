//! What a licence asks of who ships something under it.
//!
//! Facts from the texts, by licence where one differs from its category. They say what there is to do, and are no
//! legal advice.

use super::category::category;
use super::data;
use super::expression::License;

/// One thing to do, or to know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obligation {
    /// Copyright lines must be kept.
    Attribution,
    /// The licence's text must go along.
    Text,
    /// What the package's NOTICE file says must go along.
    NoticeFile,
    /// Changes must be told.
    Changes,
    /// Source must be offered.
    Source,
    /// Also to who uses it over a network.
    Network,
    /// There is a grant of patents, or an end to it for who sues.
    Patent,
}

impl Obligation {
    pub const ALL: [Self; 7] = [
        Self::Attribution,
        Self::Text,
        Self::NoticeFile,
        Self::Changes,
        Self::Source,
        Self::Network,
        Self::Patent,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Attribution => "attribution",
            Self::Text => "text",
            Self::NoticeFile => "notice-file",
            Self::Changes => "changes",
            Self::Source => "source",
            Self::Network => "network",
            Self::Patent => "patent",
        }
    }

    /// For people, as the end of "you must".
    pub fn about(self) -> &'static str {
        match self {
            Self::Attribution => "keep the copyright lines",
            Self::Text => "hand on the licence's text",
            Self::NoticeFile => "hand on what its NOTICE file says",
            Self::Changes => "tell what you changed",
            Self::Source => "offer the source of what it covers",
            Self::Network => "offer it to who uses the program over a network, too",
            Self::Patent => "know its patent clause",
        }
    }
}

/// What a licence asks for, in the order of [`Obligation::ALL`]. Empty where it asks for nothing, and where
/// nothing is known.
pub fn obligations(license: &License) -> Vec<Obligation> {
    let id = license.id.as_str();
    let row_of = |subject: &str| data::rows(data::OBLIGATIONS).find(|row| row[0] == subject);
    let Some(row) = row_of(id).or_else(|| row_of(category(license).name())) else { return Vec::new() };
    let flags = data::rows(data::CATEGORIES).find(|row| row[0] == id).map(|row| row[3]);
    let has_patent_clause = flags.is_some_and(|flags| flags.split('|').any(|flag| PATENT.contains(&flag)));
    let asked = |obligation: &Obligation| match obligation {
        Obligation::Patent => has_patent_clause,
        other => row[1].split('|').any(|name| name == other.name()),
    };
    Obligation::ALL.into_iter().filter(asked).collect()
}

const PATENT: &[&str] = &["patent-grant", "patent-retaliation"];

#[cfg(test)]
mod tests {
    use super::super::category::Category;
    use super::super::expression::Expression;
    use super::super::ids;
    use super::*;

    fn of(text: &str) -> String {
        let expression = Expression::parse(text).expect("a licence");
        let license = expression.leaves().next().expect("one leaf");
        obligations(license).into_iter().map(Obligation::name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn licences_ask_for_what_their_texts_say() {
        assert_eq!(of("MIT"), "attribution text");
        assert_eq!(of("0BSD"), "");
        assert_eq!(of("Apache-2.0"), "attribution text notice-file changes patent");
        assert_eq!(of("GPL-3.0-or-later"), "attribution text changes source patent");
        assert_eq!(of("AGPL-3.0-only"), "attribution text changes source network patent");
        assert_eq!(of("MPL-1.1"), "attribution text source patent");
        assert_eq!(of("CC-BY-SA-4.0"), "attribution changes");
        assert_eq!(of("GPL-2.0-only"), "attribution text changes source");
        assert_eq!(of("LicenseRef-acme"), "");
    }

    #[test]
    fn every_line_of_the_table_is_of_the_list_and_says_something_known() {
        for row in data::rows(data::OBLIGATIONS) {
            let is_category = Category::from_name(row[0]).is_some();
            assert!(is_category || ids::known_license(row[0]) == Some(row[0]), "{row:?}");
            for name in row[1].split('|').filter(|name| !name.is_empty()) {
                assert!(Obligation::ALL.iter().any(|known| known.name() == name), "{row:?}");
            }
        }
    }

    /// Every id of the list is asked for something, or is one of those that ask for nothing.
    #[test]
    fn every_id_has_its_obligations() {
        let silent = |id: &str| {
            let row = data::rows(data::OBLIGATIONS).find(|row| row[0] == id);
            let category = super::super::category::of_id(id);
            row.is_some_and(|row| row[1].is_empty())
                || matches!(
                    category,
                    Some(Category::PublicDomain | Category::Proprietary | Category::Unknown)
                )
        };
        let wrong: Vec<&str> = ids::all_licenses()
            .map(|(id, _)| id)
            .filter(|id| {
                let license = super::super::parse::spdx_license(id, false);
                let asks = obligations(&license).iter().any(|asked| *asked != Obligation::Patent);
                asks == silent(license.id.as_str())
            })
            .collect();
        assert_eq!(wrong, [""; 0]);
    }

    #[test]
    fn every_category_has_a_line() {
        for category in Category::ALL {
            assert!(
                data::rows(data::OBLIGATIONS).any(|row| row[0] == category.name()),
                "{}",
                category.name()
            );
        }
    }
}
