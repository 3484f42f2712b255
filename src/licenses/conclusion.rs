//! What follows from what a package declares and from the texts it carries. Never a guess: where the two disagree,
//! or leave open what is meant, nothing follows.
//!
//! 1. What is declared and exact, and what no text of the package contradicts, is concluded as it stands.
//! 2. A family that is declared ("BSD") is concluded to be the one of its members that a text names; several
//!    conclude nothing.
//! 3. Where nothing is declared, the one exact expression that was found is concluded; several, each in another
//!    file, may be a choice or all be meant, so they conclude nothing.
//!
//! Exact are the ids of the SPDX list, references whose text is known, the public domain and "nobody's but by
//! agreement". A text contradicts unless a declared licence covers it: the same but for "only" and "or later",
//! which no text proves; the GPL beside the LGPL, which is made of it; a family with a declared member.

use std::collections::BTreeSet;

use super::category::{PROPRIETARY, PUBLIC_DOMAIN};
use super::expression::{Expression, License, LicenseId};
use super::family::family;

/// What follows from what is declared and detected; `has_text` tells whether the text behind a reference is known.
/// Absent where nothing does.
pub fn conclude(
    declared: &[&Expression],
    detected: &[&Expression],
    has_text: impl Fn(&str) -> bool,
) -> Option<Expression> {
    let is_exact = |license: &License| match &license.id {
        LicenseId::Spdx(_) => !license.exception.as_deref().is_some_and(|id| id.starts_with("AdditionRef-")),
        LicenseId::Ref(id) => {
            id == PROPRIETARY || id == PUBLIC_DOMAIN || (family(license).is_none() && has_text(id))
        }
    };
    let found: BTreeSet<&License> = detected.iter().flat_map(|expression| expression.leaves()).collect();
    let concluded = match Expression::all_of(declared.iter().map(|said| (*said).clone())) {
        Some(declared) => narrowed(&declared, &found),
        None => {
            let different: BTreeSet<Expression> =
                detected.iter().map(|expression| expression.canonical()).collect();
            if different.len() > 1 {
                return None;
            }
            (*detected.first()?).clone()
        }
    };
    let leaves: Vec<&License> = concluded.leaves().collect();
    let is_covered = |found: &&License| leaves.iter().any(|license| covers(license, found));
    (leaves.iter().all(|license| is_exact(license)) && found.iter().all(is_covered)).then_some(concluded)
}

/// The same with each family that has one member among what was found as that member.
fn narrowed(declared: &Expression, found: &BTreeSet<&License>) -> Expression {
    declared.with_leaves(&mut |license| {
        let mut members = found.iter().filter(|found| is_member(found, license));
        let member = members.next().filter(|_| members.next().is_none());
        Expression::License(member.map_or_else(|| license.clone(), |member| (*member).clone()))
    })
}

fn is_member(license: &License, of: &License) -> bool {
    family(of).is_some_and(|family| {
        family.candidates.iter().any(|candidate| candidate.id == license.id)
            && license.exception == of.exception
    })
}

/// Whether a text that was found is that of a licence, or belongs to it.
fn covers(license: &License, found: &License) -> bool {
    let (own, other) = (without_choice(license), without_choice(found));
    own == other
        || family(found).is_some_and(|family| {
            family.name == own || family.candidates.iter().any(|candidate| candidate.id == license.id)
        })
        || own.starts_with("LGPL-") && (other.starts_with("GPL-") || family_is(found, "GPL"))
}

fn family_is(license: &License, name: &str) -> bool {
    family(license).is_some_and(|family| family.name == name || family.name.starts_with(&format!("{name}-")))
}

fn without_choice(license: &License) -> &str {
    let id = license.id.as_str();
    id.strip_suffix("-only").or_else(|| id.strip_suffix("-or-later")).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(declared: &[&str], detected: &[&str], expected: &str) {
        let parse = |text: &&str| Expression::parse(text).ok();
        let declared: Vec<_> = declared.iter().filter_map(parse).collect();
        let detected: Vec<_> = detected.iter().filter_map(parse).collect();
        let concluded =
            conclude(&declared.iter().collect::<Vec<_>>(), &detected.iter().collect::<Vec<_>>(), |id| {
                id == "LicenseRef-known"
            });
        let concluded = concluded.map_or_else(|| "-".to_owned(), |expression| expression.to_string());
        assert_eq!(concluded, expected, "{declared:?} {detected:?}");
    }

    const BSD: &str = "LicenseRef-packlist-family-BSD";
    const GPL_3: &str = "LicenseRef-packlist-family-GPL-3.0";

    #[test]
    fn what_is_declared_holds_unless_a_text_says_otherwise() {
        check(&["MIT OR GPL-2.0-only"], &[], "MIT OR GPL-2.0-only");
        check(&["MIT", "ISC"], &[], "MIT AND ISC");
        check(&["MIT OR Apache-2.0"], &["MIT", "Apache-2.0"], "MIT OR Apache-2.0");
        check(&["GPL-3.0-or-later"], &[GPL_3], "GPL-3.0-or-later");
        check(&["GPL-3.0-or-later"], &["GPL-3.0-only"], "GPL-3.0-or-later");
        check(&["LGPL-3.0-only"], &["LGPL-3.0-only", GPL_3], "LGPL-3.0-only");
        check(&["LicenseRef-known"], &[], "LicenseRef-known");
        check(&[PROPRIETARY], &[], PROPRIETARY);
        check(&["MIT"], &["ISC"], "-");
        check(&["MIT"], &["MIT", "GPL-2.0-only"], "-");
        check(&["MIT"], &["LicenseRef-packlist-family-permissive--1"], "-");
    }

    #[test]
    fn a_family_is_the_one_member_that_a_text_names() {
        check(&[BSD], &["BSD-3-Clause"], "BSD-3-Clause");
        check(&["MIT AND LicenseRef-packlist-family-BSD"], &["BSD-2-Clause", "MIT"], "MIT AND BSD-2-Clause");
        check(&[BSD], &["BSD-2-Clause", "BSD-3-Clause"], "-");
        check(&[BSD], &["MIT"], "-");
        check(&[BSD], &[], "-");
        check(&["LicenseRef-packlist-family-GPL"], &[GPL_3], "-");
    }

    #[test]
    fn where_nothing_is_declared_the_one_text_holds() {
        check(&[], &["MIT"], "MIT");
        check(&[], &["MIT AND ISC", "ISC AND MIT"], "MIT AND ISC");
        check(&[], &["MIT", "Apache-2.0"], "-");
        check(&[], &[GPL_3], "-");
        check(&[], &["LicenseRef-unknown"], "-");
        check(&[], &[], "-");
    }

    #[test]
    fn words_that_are_not_understood_conclude_nothing() {
        check(&["LicenseRef-nobody-knows"], &["MIT"], "-");
        check(&["GPL-2.0-only WITH AdditionRef-packlist-family-x"], &[], "-");
    }
}
