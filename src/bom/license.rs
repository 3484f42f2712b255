//! What was said about a component's licence: the words, and what they mean.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::licenses::{self, Dialect, Expression, conclude};

/// One statement about a licence. The words are kept; our reading stands beside them, never instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LicenseClaim {
    /// As written: `GPL-2+ or Artistic`, `BSD`, `see LICENSE`.
    pub text: String,
    /// What that means in SPDX's terms. Absent when it says nothing; what is not known in it is a
    /// `LicenseRef-` inside it.
    pub expression: Option<Expression>,
    pub basis: Basis,
    /// The file that says so, where it is another than the component's own evidence:
    /// `usr/share/doc/bash/copyright`.
    pub path: Option<String>,
    /// 1-based line in that file (or in the component's own) where the statement begins.
    pub line: Option<u32>,
}

impl LicenseClaim {
    /// What somebody declares in SPDX's terms.
    pub fn declared(text: String) -> Self {
        let expression = licenses::read(&text, Dialect::Spdx);
        Self { text, expression, basis: Basis::Declared, path: None, line: None }
    }
}

/// How the statement came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Basis {
    /// The package says so of itself.
    Declared,
    /// It follows from what is declared and detected: see [`crate::licenses::conclude`]. Nobody's decision.
    Derived,
    /// We recognised a licence's text or a reference to it.
    Detected,
    /// Somebody looked into it and decided.
    Concluded,
}

impl Basis {
    pub fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Derived => "derived",
            Self::Detected => "detected",
            Self::Concluded => "concluded",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Declared, Self::Derived, Self::Detected, Self::Concluded]
            .into_iter()
            .find(|basis| basis.name() == name)
    }
}

/// What follows from the statements about one component; `texts` are those behind `LicenseRef-` ids. Absent where
/// somebody decided it, and where nothing follows.
fn conclusion(claims: &[LicenseClaim], texts: &BTreeMap<String, String>) -> Option<Expression> {
    let of = |basis: Basis| claims.iter().filter(move |claim| claim.basis == basis);
    if of(Basis::Concluded).next().is_some() {
        return None;
    }
    // Words without a meaning, such as `SEE LICENSE IN x`, say nothing.
    let declared: Vec<_> = of(Basis::Declared).filter_map(|claim| claim.expression.as_ref()).collect();
    let detected: Vec<_> = of(Basis::Detected).filter_map(|claim| claim.expression.as_ref()).collect();
    conclude(&declared, &detected, |id| texts.get(id).is_some_and(|text| !text.is_empty()))
}

/// Adds to the statements about one component what follows from them, behind what is declared.
pub fn add_conclusion(claims: &mut Vec<LicenseClaim>, texts: &BTreeMap<String, String>) {
    claims.retain(|claim| claim.basis != Basis::Derived);
    let Some(expression) = conclusion(claims, texts) else { return };
    let place = claims.iter().rposition(|claim| claim.basis == Basis::Declared).map_or(0, |last| last + 1);
    let text = expression.to_string();
    let claim =
        LicenseClaim { text, expression: Some(expression), basis: Basis::Derived, path: None, line: None };
    claims.insert(place, claim);
}

/// Takes what documents of ours say is concluded for what follows, where it does.
pub fn recognise_conclusion(claims: &mut [LicenseClaim], texts: &BTreeMap<String, String>) {
    let is_concluded = |claim: &&mut LicenseClaim| claim.basis == Basis::Concluded;
    let mut concluded: Vec<_> = claims.iter_mut().filter(is_concluded).collect();
    let [claim] = concluded.as_mut_slice() else { return };
    if !is_plain(claim) {
        return;
    }
    claim.basis = Basis::Derived;
    if !follows(claims, texts) {
        for claim in claims.iter_mut().filter(|claim| claim.basis == Basis::Derived) {
            claim.basis = Basis::Concluded;
        }
    }
}

/// Whether the one derived statement among them is what follows from the others.
fn follows(claims: &[LicenseClaim], texts: &BTreeMap<String, String>) -> bool {
    let derived = claims.iter().filter(|claim| claim.basis == Basis::Derived);
    let follows = conclusion(claims, texts);
    derived.map(|claim| claim.expression.as_ref()).eq([follows.as_ref()]) && follows.is_some()
}

/// Whether it says no more than its expression.
fn is_plain(claim: &LicenseClaim) -> bool {
    claim.path.is_none()
        && claim.line.is_none()
        && claim.expression.as_ref().is_some_and(|expression| expression.to_string() == claim.text)
}

/// Whether what follows among these statements is what would be added to the others, so that it need not be said.
pub fn conclusion_is_implied(claims: &[LicenseClaim], texts: &BTreeMap<String, String>) -> bool {
    let mut others = claims.to_vec();
    add_conclusion(&mut others, texts);
    others == claims && claims.iter().any(|claim| claim.basis == Basis::Derived)
}

/// Whether [`recognise_conclusion`] gives these statements back when what is derived is called concluded.
pub fn comes_back_concluded(claims: &[LicenseClaim], texts: &BTreeMap<String, String>) -> bool {
    let mut written = claims.to_vec();
    for claim in written.iter_mut().filter(|claim| claim.basis == Basis::Derived) {
        claim.basis = Basis::Concluded;
    }
    recognise_conclusion(&mut written, texts);
    written == claims
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(text: &str, basis: Basis) -> LicenseClaim {
        let expression = Expression::parse(text).ok();
        LicenseClaim { text: text.to_owned(), expression, basis, path: None, line: None }
    }

    #[test]
    fn what_follows_stands_behind_what_is_declared_and_is_known_again() {
        let texts = BTreeMap::new();
        let mut claims = vec![claim("MIT OR ISC", Basis::Declared), claim("MIT", Basis::Detected)];
        add_conclusion(&mut claims, &texts);
        let bases: Vec<Basis> = claims.iter().map(|claim| claim.basis).collect();
        assert_eq!(bases, [Basis::Declared, Basis::Derived, Basis::Detected]);
        let before = claims.clone();
        add_conclusion(&mut claims, &texts);
        assert_eq!(claims, before);
        assert!(comes_back_concluded(&claims, &texts));
    }

    #[test]
    fn what_somebody_decided_is_not_taken_for_what_follows() {
        let texts = BTreeMap::new();
        let mut decided = vec![claim("MIT", Basis::Declared), claim("ISC", Basis::Concluded)];
        let before = decided.clone();
        recognise_conclusion(&mut decided, &texts);
        assert_eq!(decided, before);
        add_conclusion(&mut decided, &texts);
        assert_eq!(decided, before);
        // What somebody decided and follows as well must say so itself.
        assert!(!comes_back_concluded(
            &[claim("MIT", Basis::Declared), claim("MIT", Basis::Concluded)],
            &texts
        ));
        // So must what followed from something that is no more there.
        assert!(!comes_back_concluded(&[claim("MIT", Basis::Derived)], &texts));
    }
}
