//! The ids of the SPDX licence list: their spelling, their successors, and what a mistyped one may mean.
//!
//! Only the tables of the `spdx` crate are used. Its lax parser, its imprecise names and its `canonicalize`
//! answer wrongly for common names (`GNU GPL v2` is GPL-3.0-only to them), so names are ours to read.
//! Spec: <https://spdx.org/licenses/>

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Deprecated ids that hold an exception, with the licence's id (without `-only`) and the exception's.
const WITH_EXCEPTION: &[(&str, &str, &str)] = &[
    ("GPL-2.0-with-GCC-exception", "GPL-2.0", "GCC-exception-2.0"),
    ("GPL-2.0-with-autoconf-exception", "GPL-2.0", "Autoconf-exception-2.0"),
    ("GPL-2.0-with-bison-exception", "GPL-2.0", "Bison-exception-2.2"),
    ("GPL-2.0-with-classpath-exception", "GPL-2.0", "Classpath-exception-2.0"),
    ("GPL-2.0-with-font-exception", "GPL-2.0", "Font-exception-2.0"),
    ("GPL-3.0-with-GCC-exception", "GPL-3.0", "GCC-exception-3.1"),
    ("GPL-3.0-with-autoconf-exception", "GPL-3.0", "Autoconf-exception-3.0"),
];

/// Longest text worth a suggestion; the longest id of the list has 36 characters.
const LONGEST_MISTYPED: usize = 64;

/// The list's own spelling of a licence id, whatever the case of `id`. Deprecated ids are known too.
pub fn known_license(id: &str) -> Option<&'static str> {
    if let Some(id) = as_listed(id) {
        return Some(id);
    }
    static IDS: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    IDS.get_or_init(|| all_licenses().map(|(id, _)| (id.to_ascii_lowercase(), id)).collect())
        .get(&id.to_ascii_lowercase())
        .copied()
}

/// The id as the list has it, where it is written so: nearly all are, and the crate's table is sorted.
fn as_listed(id: &str) -> Option<&'static str> {
    let licenses = spdx::identifiers::LICENSES;
    let place = licenses.binary_search_by(|license| license.name.cmp(id)).ok()?;
    Some(licenses[place].name).filter(|id| *id != "NOASSERTION")
}

/// The list's own spelling of an exception's id, whatever the case of `id`.
pub fn known_exception(id: &str) -> Option<&'static str> {
    static IDS: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    IDS.get_or_init(|| all_exceptions().map(|id| (id.to_ascii_lowercase(), id)).collect())
        .get(&id.to_ascii_lowercase())
        .copied()
}

/// The id of the list that `id` was probably meant to be, for "did you mean". Absent when none is near.
/// Never a deprecated id where it has a successor.
pub fn nearest_license(id: &str) -> Option<&'static str> {
    let mistyped = id.trim().to_ascii_lowercase();
    if mistyped.is_empty() || mistyped.len() > LONGEST_MISTYPED {
        return None;
    }
    let allowed = mistyped.len().div_ceil(3).min(3);
    let (_, nearest) = all_licenses()
        .map(|(known, _)| (edits(mistyped.as_bytes(), known.to_ascii_lowercase().as_bytes()), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min()?;
    match successor(nearest, false) {
        Some(modern) if modern.exception.is_none() => known_license(&modern.id),
        Some(_) => None,
        None => Some(nearest),
    }
}

/// Every licence id of the list with its full name. `NOASSERTION` is no licence, though the crate lists it.
pub(super) fn all_licenses() -> impl Iterator<Item = (&'static str, &'static str)> {
    spdx::identifiers::LICENSES
        .iter()
        .filter(|license| license.name != "NOASSERTION")
        .map(|license| (license.name, license.full_name))
}

/// Every exception id of the list.
pub(super) fn all_exceptions() -> impl Iterator<Item = &'static str> {
    spdx::identifiers::EXCEPTIONS.iter().map(|exception| exception.name)
}

/// What the list writes today instead of a deprecated id.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Successor {
    pub(super) id: String,
    pub(super) exception: Option<&'static str>,
}

/// The successor of `id` (in the list's spelling), which was written with or without a `+`. Absent for ids
/// that are not deprecated, and for deprecated ones that the list gave no successor of the same meaning.
pub(super) fn successor(id: &str, plus: bool) -> Option<Successor> {
    let composite = WITH_EXCEPTION.iter().find(|(old, _, _)| *old == id);
    let (base, exception) = match composite {
        Some((_, base, exception)) => (*base, Some(*exception)),
        None => (id.strip_suffix('+').unwrap_or(id), None),
    };
    if !is_gnu_version(base) {
        return None;
    }
    let suffix = if plus || id.ends_with('+') { "or-later" } else { "only" };
    Some(Successor { id: format!("{base}-{suffix}"), exception })
}

/// Whether this is a GNU licence and version to which `-only` or `-or-later` must be added: `GPL-2.0`.
/// `GFDL-1.3-no-invariants` is one too: the list has it with a suffix only, the crate's table also without.
fn is_gnu_version(base: &str) -> bool {
    let base = base.strip_suffix("-invariants").map_or(base, |base| base.strip_suffix("-no").unwrap_or(base));
    matches!(base.split_once('-'), Some(("AGPL" | "GFDL" | "GPL" | "LGPL", version))
        if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// How many bytes must be inserted, removed, replaced or swapped with their neighbour to make one of the other.
fn edits(one: &[u8], other: &[u8]) -> usize {
    let mut before_last = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for i in 0..one.len() {
        let mut row = vec![i + 1];
        for j in 0..other.len() {
            let replaced = last[j] + usize::from(one[i] != other[j]);
            let mut fewest = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i] == other[j - 1] && one[i - 1] == other[j] {
                fewest = fewest.min(before_last[j - 1] + 1);
            }
            row.push(fewest);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_known_in_any_case() {
        assert_eq!(known_license("apache-2.0"), Some("Apache-2.0"));
        assert_eq!(known_license("GPL-2.0+"), Some("GPL-2.0+"));
        assert_eq!(known_license("NOASSERTION"), None);
        assert_eq!(known_license(""), None);
        assert_eq!(known_exception("classpath-EXCEPTION-2.0"), Some("Classpath-exception-2.0"));
    }

    #[test]
    fn every_id_is_found_as_it_is_listed() {
        for (id, _) in all_licenses() {
            assert_eq!(as_listed(id), Some(id));
        }
        assert_eq!(as_listed("mit"), None);
    }

    #[test]
    fn a_mistyped_id_has_a_nearest() {
        assert_eq!(nearest_license("Apache-2"), Some("Apache-2.0"));
        assert_eq!(nearest_license("BSD-3-Claus"), Some("BSD-3-Clause"));
        assert_eq!(nearest_license("GPL-2"), Some("GPL-2.0-only"));
        assert_eq!(nearest_license("MTI"), Some("MIT"));
        assert_eq!(nearest_license("our own licence"), None);
        assert_eq!(nearest_license(&"x".repeat(1_000_000)), None);
    }

    #[test]
    fn every_deprecated_id_with_an_exception_has_a_successor_that_is_listed() {
        for (id, _) in all_licenses().filter(|(id, _)| id.contains("-with-")) {
            let modern = successor(id, false).expect("a successor");
            assert!(known_license(&modern.id).is_some(), "{id}");
            assert!(modern.exception.is_some_and(|exception| known_exception(exception).is_some()), "{id}");
        }
    }

    #[test]
    fn every_deprecated_gnu_id_has_a_successor_that_is_listed() {
        for (id, _) in all_licenses().filter(|(id, _)| is_gnu_version(id.trim_end_matches('+'))) {
            let modern = successor(id, false).expect("a successor");
            assert!(known_license(&modern.id).is_some(), "{id}");
        }
    }
}
