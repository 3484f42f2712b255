//! How each licence is commonly classed, and what an exception or "any later version" changes in that.
//!
//! A class is a judgement: where the sources disagree, the table says on what ours rests. An exception lowers
//! the class of the licence it is attached to when it frees what is linked or what is put out; none lowers a
//! network copyleft, and one we do not know lowers nothing.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use super::expression::{Expression, License, LicenseId};
use super::{data, family, ids, unlisted};

/// Declared to be nobody's to use but by agreement: npm's `UNLICENSED`, "all rights reserved".
pub const PROPRIETARY: &str = "LicenseRef-packlist-proprietary";
/// Declared to be in the public domain, without one of the texts that SPDX lists.
pub const PUBLIC_DOMAIN: &str = "LicenseRef-packlist-public-domain";

/// What kind of conditions a licence sets, from the fewest to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// No condition.
    PublicDomain,
    /// Notices must be kept.
    Permissive,
    /// Source of the covered part (file, library, module) must be offered.
    WeakCopyleft,
    /// Source of the whole work must be offered when it is handed on.
    StrongCopyleft,
    /// As strong, and also when it is only used over a network.
    NetworkCopyleft,
    /// Source can be read; some business with it is forbidden.
    SourceAvailable,
    /// No commercial use.
    NonCommercial,
    /// Some field of use, or changing it, is forbidden.
    Restricted,
    /// No public licence.
    Proprietary,
    /// Not known to us.
    Unknown,
}

impl Category {
    /// Every category, by rank.
    pub const ALL: [Self; 10] = [
        Self::PublicDomain,
        Self::Permissive,
        Self::WeakCopyleft,
        Self::StrongCopyleft,
        Self::NetworkCopyleft,
        Self::SourceAvailable,
        Self::NonCommercial,
        Self::Restricted,
        Self::Proprietary,
        Self::Unknown,
    ];

    /// As policies and reports write it: `weak-copyleft`.
    pub fn name(self) -> &'static str {
        match self {
            Self::PublicDomain => "public-domain",
            Self::Permissive => "permissive",
            Self::WeakCopyleft => "weak-copyleft",
            Self::StrongCopyleft => "strong-copyleft",
            Self::NetworkCopyleft => "network-copyleft",
            Self::SourceAvailable => "source-available",
            Self::NonCommercial => "non-commercial",
            Self::Restricted => "restricted",
            Self::Proprietary => "proprietary",
            Self::Unknown => "unknown",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }
}

/// The most that a licence may ask for, its exception considered: the end of [`categories`].
pub fn category(license: &License) -> Category {
    *categories(license).end()
}

/// The least and the most that a licence may ask for, its exception considered. They differ where the name is
/// that of a family whose members differ, where the exception is not known, and for a reference that nobody
/// knows: it may ask for anything.
pub fn categories(license: &License) -> RangeInclusive<Category> {
    let licenses = match &license.id {
        LicenseId::Spdx(id) => of_id(id).map_or(ANYTHING, |category| category..=category),
        LicenseId::Ref(id) if id == PROPRIETARY => Category::Proprietary..=Category::Proprietary,
        LicenseId::Ref(id) if id == PUBLIC_DOMAIN => Category::PublicDomain..=Category::PublicDomain,
        LicenseId::Ref(id) => match unlisted::category(id) {
            Some(category) => category..=category,
            None => family::family(license).map_or(ANYTHING, |family| family.categories.clone()),
        },
    };
    let Some(exception) = license.exception.as_deref() else { return licenses };
    let (least, most) = effects_of(exception);
    lowered(*licenses.start(), least)..=lowered(*licenses.end(), most)
}

/// The least and the most that an expression may ask for, when of a choice the best is taken.
pub fn categories_of(expression: &Expression) -> RangeInclusive<Category> {
    match expression {
        Expression::License(license) => categories(license),
        Expression::And(operands) => joined(operands.iter().map(categories_of), Category::max),
        Expression::Or(operands) => joined(operands.iter().map(categories_of), Category::min),
    }
}

const ANYTHING: RangeInclusive<Category> = Category::PublicDomain..=Category::Unknown;

fn joined(
    ranges: impl Iterator<Item = RangeInclusive<Category>>,
    choose: fn(Category, Category) -> Category,
) -> RangeInclusive<Category> {
    let join = |one: RangeInclusive<Category>, other: RangeInclusive<Category>| {
        choose(*one.start(), *other.start())..=choose(*one.end(), *other.end())
    };
    ranges.reduce(join).unwrap_or(ANYTHING)
}

/// The category of an id of the list.
pub(super) fn of_id(id: &str) -> Option<Category> {
    categories_of_ids().get(id).copied()
}

/// What an exception does, at best and at worst. One that nobody knows may free what is linked, or nothing.
fn effects_of(exception: &str) -> (&'static str, &'static str) {
    let candidates = family::exception_candidates(exception);
    let known = |id: &str| effects().get(id).copied();
    match known(exception) {
        Some(effect) => (effect, effect),
        None if candidates.is_empty() => ("linking", "compat"),
        None => {
            let all: Vec<&str> = candidates.into_iter().filter_map(known).collect();
            let strength = |effect: &&&str| {
                ["compat", "additional-permission", "linking", "output"]
                    .iter()
                    .position(|known| known == *effect)
            };
            let best = all.iter().max_by_key(strength).copied().unwrap_or("linking");
            let worst = all.iter().min_by_key(strength).copied().unwrap_or("compat");
            (best, worst)
        }
    }
}

fn lowered(category: Category, effect: &str) -> Category {
    match (effect, category) {
        ("linking" | "output", Category::StrongCopyleft) => Category::WeakCopyleft,
        ("output", Category::WeakCopyleft) => Category::Permissive,
        _ => category,
    }
}

/// What "or any later version" lets one choose instead, oldest first, with the same exception: for
/// `GPL-2.0-or-later` that very version only (`GPL-2.0-only`), `GPL-3.0-only` and `GPL-3.0-or-later`; for
/// `Apache-1.0+` `Apache-1.0`, `Apache-1.1` and `Apache-2.0`. Empty for a licence that grants no such choice.
pub fn later_versions(license: &License) -> Vec<License> {
    let LicenseId::Spdx(id) = &license.id else { return Vec::new() };
    if !license.or_later && !id.ends_with("-or-later") {
        return Vec::new();
    }
    let Some((family, version)) = versioned(without_choice(id)) else { return Vec::new() };
    let mut later: Vec<(Version<'_>, &str)> = ids::all_licenses()
        .filter_map(|(other, _)| {
            let (other_family, other_version) = versioned(without_choice(other))?;
            (other_family == family && other_version >= version).then_some((other_version, other))
        })
        .filter(|(_, other)| (license.or_later || other != id) && ids::successor(other, false).is_none())
        .collect();
    // `-only` sorts before `-or-later`.
    later.sort();
    let license_of = |id: &str| License {
        id: LicenseId::Spdx(id.to_owned()),
        or_later: false,
        exception: license.exception.clone(),
    };
    later.into_iter().map(|(_, id)| license_of(id)).collect()
}

fn without_choice(id: &str) -> &str {
    id.strip_suffix("-or-later").or_else(|| id.strip_suffix("-only")).unwrap_or(id)
}

/// What stands before a version and after it: (`CC-BY`, `-DE`) for `CC-BY-3.0-DE`.
type Family<'a> = (&'a str, &'a str);
/// Major, minor as written after the point: 3.01 is later than 3.0, 1.3c than 1.3a.
type Version<'a> = (u32, &'a str);

/// The family and version of an id. Absent where the number is no version: `BSD-3-Clause`.
fn versioned(id: &str) -> Option<(Family<'_>, Version<'_>)> {
    let mut start = 0;
    for part in id.split('-') {
        if let Some((major, minor)) = part.split_once('.') {
            let major: u32 = major.parse().ok()?;
            let rest = &id[start + part.len()..];
            return Some(((id[..start].trim_end_matches('-'), rest), (major, minor)));
        }
        start += part.len() + 1;
    }
    None
}

fn categories_of_ids() -> &'static BTreeMap<&'static str, Category> {
    static TABLE: OnceLock<BTreeMap<&'static str, Category>> = OnceLock::new();
    TABLE.get_or_init(|| {
        data::rows(data::CATEGORIES)
            .filter_map(|row| Some((*row.first()?, Category::from_name(row.get(1)?)?)))
            .collect()
    })
}

fn effects() -> &'static BTreeMap<&'static str, &'static str> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| {
        data::rows(data::EXCEPTIONS).filter_map(|row| Some((*row.first()?, *row.get(1)?))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn license(text: &str) -> License {
        let expression = Expression::parse(text).expect("a licence");
        let license = expression.leaves().next().expect("one leaf");
        license.clone()
    }

    fn category_of(text: &str) -> &'static str {
        category(&license(text)).name()
    }

    fn check_later(text: &str, expected: Expect) {
        let later: Vec<String> = later_versions(&license(text)).iter().map(License::to_string).collect();
        expected.assert_eq(&later.join(", "));
    }

    #[test]
    fn every_id_of_the_list_has_a_category() {
        let missing: Vec<&str> = ids::all_licenses()
            .map(|(id, _)| id)
            .filter(|id| !categories_of_ids().contains_key(id))
            .collect();
        assert_eq!(missing, [""; 0], "give them a line in licenses/categories.csv");
    }

    #[test]
    fn every_line_of_the_tables_is_of_the_list_and_says_something_known() {
        for row in data::rows(data::CATEGORIES) {
            assert_eq!(row.len(), 5, "{row:?}");
            assert_eq!(ids::known_license(row[0]), Some(row[0]));
            assert!(Category::from_name(row[1]).is_some(), "{row:?}");
            let has_scope = matches!(row[2], "file" | "library" | "module");
            assert_eq!(has_scope, row[1] == "weak-copyleft", "{row:?}");
        }
        for row in data::rows(data::EXCEPTIONS) {
            assert_eq!(ids::known_exception(row[0]), Some(row[0]));
            assert!(["linking", "output", "compat", "additional-permission"].contains(&row[1]), "{row:?}");
        }
    }

    #[test]
    fn every_exception_of_the_list_has_an_effect() {
        for id in ids::all_exceptions() {
            assert!(effects().contains_key(id), "give {id} a line in licenses/exceptions.csv");
        }
    }

    #[test]
    fn names_say_what_a_licence_is() {
        for (id, category) in categories_of_ids() {
            let expected = match *id {
                id if id.starts_with("AGPL-") || id.starts_with("EUPL-") => Category::NetworkCopyleft,
                id if id.starts_with("LGPL-") || id.starts_with("MPL-") => Category::WeakCopyleft,
                id if id.contains("-with-") => Category::WeakCopyleft,
                id if id.starts_with("GPL-") => Category::StrongCopyleft,
                id if id.starts_with("OFL-") => Category::WeakCopyleft,
                id if id.starts_with("CC-BY-NC") => Category::NonCommercial,
                id if id.starts_with("CC-BY-ND") => Category::Restricted,
                id if id.starts_with("CC-BY-SA") => Category::StrongCopyleft,
                id if id.starts_with("Apache-") => Category::Permissive,
                // Fields of use that are forbidden: evil, war, nuclear facilities.
                "JSON" | "BSD-3-Clause-No-Military-License" => Category::Restricted,
                "BSD-3-Clause-No-Nuclear-License" => Category::Restricted,
                id if id.starts_with("Hippocratic-") => Category::Restricted,
                _ => continue,
            };
            assert_eq!(*category, expected, "{id}");
        }
    }

    #[test]
    fn a_deprecated_id_is_classed_as_its_successor() {
        for (id, category) in categories_of_ids() {
            let license = super::super::parse::spdx_license(id, false);
            assert_eq!(*category, super::category(&license), "{id}");
        }
    }

    #[test]
    fn texts_whose_clauses_are_known_are_flagged() {
        // Found by reading the texts for "External Deploy" and "All advertising materials".
        for (flag, ids) in [
            ("network", ["AFL-3.0", "APSL-2.0", "CPAL-1.0", "NPOSL-3.0", "OSL-3.0", "RPSL-1.0", "UCL-1.0"]),
            (
                "advertising",
                ["BSD-4-Clause", "OpenSSL", "Apache-1.0", "RSCPL", "TORQUE-1.1", "Caldera", "OpenPBS-2.3"],
            ),
        ] {
            for row in data::rows(data::CATEGORIES).filter(|row| ids.contains(&row[0])) {
                assert!(row[3].split('|').any(|known| known == flag), "{row:?} has no {flag}");
            }
        }
    }

    #[test]
    fn names_of_categories_come_back() {
        for category in Category::ALL {
            assert_eq!(Category::from_name(category.name()), Some(category));
        }
        assert!(Category::ALL.is_sorted());
    }

    #[test]
    fn an_exception_lowers_what_it_frees() {
        assert_eq!(category_of("GPL-2.0-only WITH Classpath-exception-2.0"), "weak-copyleft");
        assert_eq!(category_of("GPL-3.0-or-later WITH Bison-exception-2.2"), "weak-copyleft");
        assert_eq!(category_of("LGPL-2.1-or-later WITH Libtool-exception"), "permissive");
        assert_eq!(category_of("LGPL-2.1-or-later WITH GCC-exception-3.1"), "weak-copyleft");
        assert_eq!(category_of("Apache-2.0 WITH LLVM-exception"), "permissive");
        assert_eq!(category_of("GPL-2.0-or-later WITH x11vnc-openssl-exception"), "strong-copyleft");
        assert_eq!(category_of("AGPL-3.0-only WITH Classpath-exception-2.0"), "network-copyleft");
        assert_eq!(category_of("GPL-2.0-only WITH AdditionRef-own"), "strong-copyleft");
    }

    #[test]
    fn references_are_unknown_but_for_our_own_two() {
        assert_eq!(category_of("LicenseRef-acme"), "unknown");
        assert_eq!(category_of(PROPRIETARY), "proprietary");
        assert_eq!(category_of(PUBLIC_DOMAIN), "public-domain");
    }

    #[test]
    fn later_versions_are_of_the_same_family() {
        check_later("GPL-2.0-or-later", expect!["GPL-2.0-only, GPL-3.0-only, GPL-3.0-or-later"]);
        check_later(
            "LGPL-2.1+ WITH Libtool-exception",
            expect![
                "LGPL-2.1-only WITH Libtool-exception, LGPL-3.0-only WITH Libtool-exception, LGPL-3.0-or-later WITH Libtool-exception"
            ],
        );
        check_later("Apache-1.0+", expect!["Apache-1.0, Apache-1.1, Apache-2.0"]);
        check_later("CC-BY-SA-2.0+", expect!["CC-BY-SA-2.0, CC-BY-SA-2.5, CC-BY-SA-3.0, CC-BY-SA-4.0"]);
        check_later("LPPL-1.3a+", expect!["LPPL-1.3a, LPPL-1.3c"]);
        check_later(
            "GFDL-1.2-no-invariants-or-later",
            expect![
                "GFDL-1.2-no-invariants-only, GFDL-1.3-no-invariants-only, GFDL-1.3-no-invariants-or-later"
            ],
        );
        check_later("AGPL-3.0-or-later", expect!["AGPL-3.0-only"]);
    }

    #[test]
    fn without_the_choice_there_are_no_later_versions() {
        check_later("GPL-2.0-only", expect![""]);
        check_later("Apache-1.0", expect![""]);
        check_later("BSD-2-Clause+", expect![""]);
        check_later("LicenseRef-acme", expect![""]);
    }
}
