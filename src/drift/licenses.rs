//! Licences compared by meaning, not by spelling.
//!
//! The order of operands, repeats and case do not count; a name that one format writes as it is and another as
//! `LicenseRef-` with its odd characters replaced is one name; a reference that is only a digest stands for the
//! text behind it.

use std::collections::BTreeMap;

use crate::bom::{Basis, Bom, Component, LicenseClaim};
use crate::licenses::{self, Category, Expression, License, LicenseId};

/// Which way a licence went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// More conditions than before.
    Stricter,
    /// Fewer conditions than before.
    Looser,
    /// Other words, conditions of the same sort.
    Other,
    /// It was known and is not any more.
    Lost,
    /// It was not known and is now.
    Learned,
}

impl Direction {
    pub fn name(self) -> &'static str {
        match self {
            Self::Stricter => "stricter",
            Self::Looser => "looser",
            Self::Other => "other",
            Self::Lost => "lost",
            Self::Learned => "learned",
        }
    }
}

/// What a component's licence became.
pub(super) struct LicenseChange {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) direction: Direction,
}

/// The difference between two components' licences, declared compared with declared and so on. Absent where they
/// mean the same.
pub(super) fn difference(
    old_bom: &Bom,
    old: &Component,
    new_bom: &Bom,
    new: &Component,
) -> Option<LicenseChange> {
    if old.licenses == new.licenses && old.licenses.iter().all(names_only_listed) {
        return None;
    }
    let has = |component: &Component, basis: Basis| component.licenses.iter().any(|c| c.basis == basis);
    let common = [Basis::Declared, Basis::Concluded, Basis::Detected]
        .into_iter()
        .find(|basis| has(old, *basis) && has(new, *basis));
    if common.is_none() && has_any(old) && has_any(new) {
        // One says what was declared, the other what was found: neither says that anything changed.
        return None;
    }
    let (from, to) =
        (meaning(&old_bom.license_texts, old, common), meaning(&new_bom.license_texts, new, common));
    if canonical(from.as_ref()) == canonical(to.as_ref())
        || is_written_alike(old_bom, old, new_bom, new, common)
    {
        return None;
    }
    let direction = match (&from, &to) {
        (_, None) => Direction::Lost,
        (None, _) => Direction::Learned,
        (Some(from), Some(to)) => match (category_of(from), category_of(to)) {
            (from, to) if from < to => Direction::Stricter,
            (from, to) if from > to => Direction::Looser,
            _ => Direction::Other,
        },
    };
    let text = |expression: Option<Expression>| expression.map(|expression| expression.to_string());
    Some(LicenseChange { from: text(from), to: text(to), direction })
}

/// Whether its meaning does not depend on the texts of the bill it stands in.
fn names_only_listed(claim: &LicenseClaim) -> bool {
    let is_listed = |license: &License| matches!(license.id, LicenseId::Spdx(_));
    claim.expression.as_ref().is_some_and(|expression| expression.leaves().all(is_listed))
}

fn has_any(component: &Component) -> bool {
    !component.licenses.is_empty()
}

/// Everything claimed on this basis together; on any basis where none is given.
fn meaning(
    texts: &BTreeMap<String, String>,
    component: &Component,
    basis: Option<Basis>,
) -> Option<Expression> {
    let claims = component.statements().filter(|claim| basis.is_none_or(|basis| claim.basis == basis));
    Expression::all_of(claims.filter_map(|claim| expression(texts, claim)))
}

/// Whether both say the same words. One format has a field for a name (`Expat`), which is read for what it means;
/// another writes the name as a reference (`LicenseRef-Expat`), which may mean anything.
fn is_written_alike(
    old_bom: &Bom,
    old: &Component,
    new_bom: &Bom,
    new: &Component,
    basis: Option<Basis>,
) -> bool {
    let words = |bom: &Bom, component: &Component| {
        let claims = component.statements().filter(|claim| basis.is_none_or(|basis| claim.basis == basis));
        let known = claims.filter(|claim| !is_unknown(&claim.text));
        let parsed = known.map(|claim| match Expression::parse(&claim.text) {
            Ok(expression) => with_plain_references(&expression, &bom.license_texts),
            Err(_) => reference(&claim.text),
        });
        let names = |id: &str| id.to_lowercase().trim_start_matches("licenseref-").to_owned();
        // What was no listed licence when the tool was made may be one now.
        Expression::all_of(parsed).map(|all| renamed(&all, names).canonical().to_string())
    };
    let old = words(old_bom, old);
    old.is_some() && old == words(new_bom, new)
}

fn expression(texts: &BTreeMap<String, String>, claim: &LicenseClaim) -> Option<Expression> {
    match &claim.expression {
        _ if is_unknown(claim.text.strip_prefix("LicenseRef-").unwrap_or(&claim.text)) => None,
        Some(expression) => Some(with_plain_references(expression, texts)),
        None => Some(reference(&claim.text)),
    }
}

fn is_unknown(text: &str) -> bool {
    matches!(text.trim().to_ascii_uppercase().as_str(), "" | "NOASSERTION" | "NONE" | "UNKNOWN")
}

/// The same expression, every reference written by its name.
fn with_plain_references(expression: &Expression, texts: &BTreeMap<String, String>) -> Expression {
    let all = |operands: &[Expression]| {
        operands.iter().map(|operand| with_plain_references(operand, texts)).collect::<Vec<_>>()
    };
    match expression {
        Expression::License(License { id: LicenseId::Ref(id), exception: None, .. }) => plain(id, texts),
        Expression::License(_) => expression.clone(),
        Expression::And(operands) => Expression::And(all(operands)),
        Expression::Or(operands) => Expression::Or(all(operands)),
    }
}

fn plain(id: &str, texts: &BTreeMap<String, String>) -> Expression {
    match texts.get(id) {
        Some(text) if says_nothing(id) => reference(text),
        _ => reference(id.strip_prefix("LicenseRef-").unwrap_or(id)),
    }
}

/// `LicenseRef-sha256-…` and `LicenseRef-7` name a text of their own document, not a licence.
fn says_nothing(id: &str) -> bool {
    let is_number = |tail: &str| tail.bytes().all(|b| b.is_ascii_digit());
    id.strip_prefix("LicenseRef-").is_some_and(is_number) || is_digest(id)
}

fn is_digest(id: &str) -> bool {
    id.rsplit('-').next().is_some_and(|tail| tail.len() >= 32 && tail.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn reference(name: &str) -> Expression {
    let slug = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = name.trim().chars().map(slug).collect();
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    let id = LicenseId::Ref(format!("LicenseRef-{}", parts.join("-")));
    Expression::License(License { id, or_later: false, exception: None })
}

fn canonical(expression: Option<&Expression>) -> Option<String> {
    expression.map(|expression| renamed(expression, str::to_lowercase).canonical().to_string())
}

/// The same expression with other names for its licences.
fn renamed(expression: &Expression, name: fn(&str) -> String) -> Expression {
    let all =
        |operands: &[Expression]| operands.iter().map(|operand| renamed(operand, name)).collect::<Vec<_>>();
    match expression {
        Expression::License(license) => {
            let id = LicenseId::Ref(name(license.id.as_str()));
            Expression::License(License { id, ..license.clone() })
        }
        Expression::And(operands) => Expression::And(all(operands)),
        Expression::Or(operands) => Expression::Or(all(operands)),
    }
}

/// The class of a component's licence, everything said of it together, when the best choice is made. Absent where
/// nothing is said.
pub fn category(component: &Component) -> Option<Category> {
    meaning(&BTreeMap::new(), component, None).map(|expression| category_of(&expression))
}

/// The conditions that remain when the best choice is made.
fn category_of(expression: &Expression) -> Category {
    match expression {
        Expression::License(license) => licenses::category(license),
        Expression::And(operands) => operands.iter().map(category_of).max().unwrap_or(Category::Unknown),
        Expression::Or(operands) => operands.iter().map(category_of).min().unwrap_or(Category::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{bill, check, check_bills};
    use super::*;

    #[test]
    fn licences_are_compared_by_meaning() {
        check(
            &[
                "pkg:cargo/a@1 license=MIT_OR_Apache-2.0",
                "pkg:cargo/b@1 license=MIT",
                "pkg:cargo/c@1 license=GPL-3.0-only",
                "pkg:cargo/d@1 license=MIT",
                "pkg:cargo/e@1",
                "pkg:cargo/f@1 license=LicenseRef-My-Terms",
                "pkg:cargo/g@1 license=MIT",
            ],
            &[
                "pkg:cargo/a@1 license=Apache-2.0_OR_MIT",
                "pkg:cargo/b@1 license=GPL-3.0-only",
                "pkg:cargo/c@2 license=MIT",
                "pkg:cargo/d@1",
                "pkg:cargo/e@1 license=MIT",
                "pkg:cargo/f@1 license=My_Terms",
                "pkg:cargo/g@1 license=ISC",
            ],
            expect![[r#"
                license-changed pkg:cargo/b MIT → GPL-3.0-only stricter
                license-changed pkg:cargo/c GPL-3.0-only → MIT looser
                license-changed pkg:cargo/d MIT → – lost
                license-changed pkg:cargo/e – → MIT learned
                license-changed pkg:cargo/g MIT → ISC other
                upgraded pkg:cargo/c 1 → 2 major
            "#]],
        );
    }

    #[test]
    fn a_numbered_reference_means_the_text_of_its_document() {
        let with_text = |text: &str| {
            let mut bom = bill(&["pkg:cargo/a@1 license=LicenseRef-1"]);
            bom.license_texts.insert("LicenseRef-1".to_owned(), text.to_owned());
            bom
        };
        check_bills(&with_text("Our terms"), &with_text("our  terms"), expect![[""]]);
        check_bills(
            &with_text("Our terms"),
            &with_text("Their terms"),
            expect![[r#"
                license-changed pkg:cargo/a LicenseRef-Our-terms → LicenseRef-Their-terms other
            "#]],
        );
    }

    #[test]
    fn what_only_follows_from_the_rest_is_no_change() {
        let before = bill(&["pkg:cargo/a@1 license=MIT", "pkg:cargo/b@1 license=GPL-2.0+_OR_MIT"]);
        let mut after = before.clone();
        after.conclude();
        assert_ne!(before, after);
        check_bills(&before, &after, expect![[""]]);
    }

    #[test]
    fn a_name_and_a_reference_of_that_name_are_the_same_words() {
        let with = |claims: &[(&str, &str)]| {
            let mut bom = bill(&["pkg:deb/debian/a@1"]);
            for component in bom.components.values_mut() {
                component.licenses = claims
                    .iter()
                    .map(|(text, meant)| LicenseClaim {
                        expression: Expression::parse(meant).ok(),
                        ..super::super::testing::claim(text)
                    })
                    .collect();
            }
            bom
        };
        let named = with(&[
            ("Zlib", "Zlib"),
            ("Expat", "MIT"),
            ("SMAIL-GPL", "SMAIL-GPL"),
            ("GPL-3+~x", "LicenseRef-spdx-GPL-3-x"),
        ]);
        let words = "LicenseRef-Expat AND LicenseRef-GPL-3--x AND LicenseRef-SMAIL-GPL AND Zlib";
        check_bills(&named, &with(&[(words, words)]), expect![[""]]);
        let words = "LicenseRef-Expat AND Zlib";
        check_bills(
            &with(&[("Zlib", "Zlib")]),
            &with(&[(words, words)]),
            expect![[r#"
            license-changed pkg:deb/debian/a Zlib → LicenseRef-Expat AND Zlib stricter
        "#]],
        );
        check_bills(&with(&[]), &with(&[("LicenseRef-UNKNOWN", "LicenseRef-UNKNOWN")]), expect![[""]]);
    }
}
