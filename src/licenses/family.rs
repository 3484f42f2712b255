//! Names that several licences go by: "BSD", "GPL", "Artistic".
//!
//! Which one is meant cannot be known, and a guess would be presented as a fact. Such a name becomes a
//! reference, `LicenseRef-packlist-family-BSD`, whose candidates are known; where all of them are of one
//! category, the category is certain although the licence is not. Exceptions have families of their own.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use super::category::Category;
use super::data;
use super::expression::{License, LicenseId};
use super::key::key;
use super::{category, ids, parse};

/// What a reference to a family begins with.
const FAMILY: &str = "LicenseRef-packlist-family-";
/// What stands between a family's name and what tells one text that goes by it from others.
const VARIANT: &str = "--";
/// What a reference to an exception that several exceptions may be begins with.
const EXCEPTIONS: &str = "AdditionRef-packlist-family-";

/// A name that several licences go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// `BSD`.
    pub name: &'static str,
    /// What may be meant, oldest first. Empty where the name says a category only: "BSD-like".
    pub candidates: Vec<License>,
    /// The least and the most that the candidates ask for.
    pub categories: RangeInclusive<Category>,
}

/// The family that a licence refers to. Absent for licences that are known, and for references to others.
pub fn family(license: &License) -> Option<&'static Family> {
    match &license.id {
        LicenseId::Ref(reference) => {
            let name = reference.strip_prefix(FAMILY)?;
            families().get(name.split_once(VARIANT).map_or(name, |(name, _)| name))
        }
        LicenseId::Spdx(_) => None,
    }
}

/// The reference to the family that goes by `name`.
pub(super) fn named(name: &str) -> Option<License> {
    let family = names().get(&key(name))?;
    Some(reference(family))
}

/// The reference to a family.
pub(super) fn reference(family: &str) -> License {
    License { id: LicenseId::Ref(format!("{FAMILY}{family}")), or_later: false, exception: None }
}

/// The reference to one of those that go by a family's name, told from the others by `mark`.
pub(super) fn variant(license: &License, mark: &str) -> License {
    let id = license.id.as_str();
    let joint = if id.contains(VARIANT) { "-" } else { VARIANT };
    License { id: LicenseId::Ref(format!("{id}{joint}{mark}")), ..license.clone() }
}

/// What the text of a licence proves without a notice beside it: of a GNU licence the version, and neither "only"
/// nor "or later". Other licences stay as they are.
pub(super) fn of_text(license: License) -> License {
    let id = license.id.as_str();
    let version = id.strip_suffix("-only").or_else(|| id.strip_suffix("-or-later"));
    match version.filter(|version| families().contains_key(version)) {
        Some(version) => License { exception: license.exception.clone(), ..reference(version) },
        None => license,
    }
}

/// Whether a licence is a family, and one of `others` says more exactly what it says: GPL-2.0-only of GPL.
pub(super) fn is_vague_beside(license: &License, others: &[License]) -> bool {
    let Some(vague) = family(license) else { return false };
    let is_version = |name: &str| {
        name != vague.name && name.strip_prefix(vague.name).is_some_and(|rest| rest.starts_with('-'))
    };
    others.iter().filter(|other| *other != license).any(|other| {
        vague.candidates.contains(other) || family(other).is_some_and(|exact| is_version(exact.name))
    })
}

/// The exception that `name` means where it follows the licence `id`: its id, or a reference to those that it
/// may be. Absent when nobody knows the name.
pub(super) fn exception_named(name: &str, id: &str) -> Option<String> {
    let name = key(name);
    let words = name.split(' ').filter(|word| !matches!(*word, "exception" | "exceptions" | "special"));
    let name = words.collect::<Vec<_>>().join(" ");
    let found = data::rows(data::EXCEPTION_NAMES).find(|row| {
        key(row[0]) == name && row[1].split('|').any(|begin| begin == "*" || id.starts_with(begin))
    });
    if let Some(row) = found {
        return Some(match row[2].contains('|') {
            true => format!("{EXCEPTIONS}{}", row[0].replace(' ', "-")),
            false => row[2].to_owned(),
        });
    }
    let plain = |id: &str| key(&id.replace("exception", ""));
    ids::all_exceptions().find(|id| !name.is_empty() && plain(id) == name).map(str::to_owned)
}

/// The reference to an exception for one text that goes by its name.
pub(super) fn exception_variant(reference: &str, mark: &str) -> String {
    let joint = if reference.starts_with(EXCEPTIONS) { VARIANT } else { "-" };
    format!("{reference}{joint}{mark}")
}

/// The exceptions that a reference may mean. Empty for any other.
pub(super) fn exception_candidates(reference: &str) -> Vec<&'static str> {
    let Some(name) = reference.strip_prefix(EXCEPTIONS) else { return Vec::new() };
    let name = name.split_once(VARIANT).map_or(name, |(name, _)| name);
    data::rows(data::EXCEPTION_NAMES)
        .filter(|row| row[0].replace(' ', "-") == name)
        .flat_map(|row| row[2].split('|'))
        .collect()
}

fn families() -> &'static BTreeMap<&'static str, Family> {
    static FAMILIES: OnceLock<BTreeMap<&'static str, Family>> = OnceLock::new();
    FAMILIES.get_or_init(|| data::rows(data::FAMILIES).map(|row| (row[0], family_of(&row))).collect())
}

fn family_of(row: &[&'static str]) -> Family {
    let candidates: Vec<License> =
        row[1].split('|').filter(|id| !id.is_empty()).map(|id| parse::spdx_license(id, false)).collect();
    let stated = Category::from_name(row[2]);
    let of_candidates = || candidates.iter().map(category::category);
    let least = stated.or_else(|| of_candidates().min()).unwrap_or(Category::PublicDomain);
    let most = stated.or_else(|| of_candidates().max()).unwrap_or(Category::Unknown);
    Family { name: row[0], candidates, categories: least..=most }
}

/// Families by the keys of their names.
fn names() -> &'static BTreeMap<String, &'static str> {
    static NAMES: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let names_of = |row: Vec<&'static str>| {
            let others = row[3].split('|').filter(|name| !name.is_empty());
            std::iter::once(row[0]).chain(others).map(|name| (key(name), row[0])).collect::<Vec<_>>()
        };
        let versioned = |name: &str| name.ends_with(|c: char| c.is_ascii_digit());
        data::rows(data::FAMILIES).filter(|row| !versioned(row[0])).flat_map(names_of).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_certain_where_its_members_agree() {
        let family_named = |name: &str| family(&named(name).expect("a family")).expect("a family");
        let bsd = family_named("BSD License");
        assert_eq!(bsd.categories, Category::Permissive..=Category::Permissive);
        assert_eq!(bsd.candidates.len(), 4);
        assert_eq!(family_named("GNU GPL").categories, Category::StrongCopyleft..=Category::StrongCopyleft);
        assert_eq!(family_named("artistic").categories, Category::Permissive..=Category::WeakCopyleft);
        assert_eq!(family_named("BSD-like").categories, Category::Permissive..=Category::Permissive);
        assert_eq!(named("own"), None);
    }

    #[test]
    fn texts_that_go_by_one_name_are_told_apart_and_are_of_its_family() {
        let permissive = reference("permissive");
        let one = variant(&variant(&permissive, "like-automake"), "0a1b2c3d");
        assert_eq!(one.id.as_str(), "LicenseRef-packlist-family-permissive--like-automake-0a1b2c3d");
        assert_eq!(family(&one), family(&permissive));
    }

    #[test]
    fn every_line_of_the_tables_names_what_the_list_has() {
        for row in data::rows(data::FAMILIES) {
            assert_eq!(row.len(), 4, "{row:?}");
            assert_ne!(row[1].is_empty(), row[2].is_empty(), "{row:?}: candidates or a category");
            assert!(row[2].is_empty() || Category::from_name(row[2]).is_some(), "{row:?}");
            for id in row[1].split('|').filter(|id| !id.is_empty()) {
                assert_eq!(ids::known_license(id), Some(id), "{row:?}");
                assert!(category::of_id(id).is_some(), "{row:?}");
            }
        }
        for row in data::rows(data::EXCEPTION_NAMES) {
            assert_eq!(row.len(), 3, "{row:?}");
            for id in row[2].split('|') {
                assert_eq!(ids::known_exception(id), Some(id), "{row:?}");
            }
        }
    }

    #[test]
    fn an_exception_may_depend_on_the_licence() {
        assert_eq!(
            exception_named("GCC exceptions", "GPL-3.0-or-later").as_deref(),
            Some("GCC-exception-3.1")
        );
        assert_eq!(
            exception_named("autoconf exception", "GPL-2.0-or-later").as_deref(),
            Some("AdditionRef-packlist-family-autoconf")
        );
        assert_eq!(exception_candidates("AdditionRef-packlist-family-autoconf").len(), 5);
        let variant = exception_variant("AdditionRef-packlist-family-autoconf", "0a1b");
        assert_eq!(variant, "AdditionRef-packlist-family-autoconf--0a1b");
        assert_eq!(exception_candidates(&variant).len(), 5);
        assert_eq!(exception_variant("AdditionRef-debian-own", "0a1b"), "AdditionRef-debian-own-0a1b");
        assert_eq!(exception_named("LLVM-exception", "Apache-2.0").as_deref(), Some("LLVM-exception"));
        assert_eq!(exception_named("our own", "GPL-2.0-only"), None);
    }
}
