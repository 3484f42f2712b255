//! Claims about licences as SPDX writes them: one expression declared, one concluded.
//!
//! What was detected has no field in a package whose files are not listed.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::document::ExtractedLicense;
use super::{NO_ASSERTION, hex};
use crate::bom::{Basis, LicenseClaim, comes_back_concluded};
use crate::licenses::{self, Dialect, Expression, License, LicenseId};

/// Begins the ids we make up for words that mean no known licence.
const MADE_UP: &str = "LicenseRef-packlist-as-written-";
/// Says of a licence that only its name is known. A reader takes it as the absence of a text.
const NO_TEXT: &str = "packlist: the text was not seen";
/// The same of a licence with an exception of its own: SPDX 2 has no place for the exception's text alone.
const EXCEPTION_ONLY: &str = "packlist: the text was not seen, but for that of the exception";

/// A package's two fields.
pub(super) struct Said {
    pub(super) declared: String,
    pub(super) concluded: String,
    /// Whether a reader of these fields alone would find the claims as they are.
    pub(super) exact: bool,
}

pub(super) fn say(
    claims: &[LicenseClaim],
    texts: &BTreeMap<String, String>,
    extracted: &mut Extracted,
) -> Said {
    let mut of = |bases: &[Basis]| {
        let said = claims.iter().filter(|claim| bases.contains(&claim.basis));
        let meaning =
            said.map(|claim| claim.expression.clone().unwrap_or_else(|| extracted.as_written(&claim.text)));
        let Some(expression) = Expression::all_of(meaning) else { return NO_ASSERTION.to_owned() };
        let expression = extracted.without_own_exceptions(&expression);
        extracted.use_refs(&expression);
        expression.to_string()
    };
    const DECLARED: &[Basis] = &[Basis::Declared];
    const CONCLUDED: &[Basis] = &[Basis::Concluded, Basis::Derived];
    let (declared, concluded) = (of(DECLARED), of(CONCLUDED));
    let one_each = |bases: &[Basis]| claims.iter().filter(|claim| bases.contains(&claim.basis)).count() < 2;
    let exact = claims.iter().all(reads_back)
        && claims.is_sorted_by_key(|claim| claim.basis)
        && one_each(DECLARED)
        && one_each(CONCLUDED)
        && comes_back_concluded(claims, texts);
    Said { declared, concluded, exact }
}

fn reads_back(claim: &LicenseClaim) -> bool {
    claim.basis != Basis::Detected
        && claim.path.is_none()
        && claim.line.is_none()
        && claim.expression.as_ref().is_some_and(|expression| expression.to_string() == claim.text)
        && !claim.expression.iter().flat_map(Expression::leaves).any(has_own_exception)
        && licenses::read(&claim.text, Dialect::Spdx) == claim.expression
}

/// An exception outside the list, which only SPDX 3 has a way to write.
fn has_own_exception(license: &License) -> bool {
    license.exception.as_deref().is_some_and(|exception| exception.starts_with("AdditionRef-"))
}

/// The licences outside the list that a document speaks of, each of which it must explain.
#[derive(Debug, Default)]
pub(super) struct Extracted {
    /// Those that come from the bill.
    refs: BTreeSet<String>,
    /// Those made up here, with the words they stand for.
    made_up: BTreeMap<String, String>,
    /// Exceptions outside the list, where the format has them.
    additions: Option<BTreeSet<String>>,
}

impl Extracted {
    /// For SPDX 3, which has exceptions outside the list (`CustomLicenseAddition`).
    pub(super) fn with_additions() -> Self {
        Self { additions: Some(BTreeSet::new()), ..Self::default() }
    }

    fn as_written(&mut self, text: &str) -> Expression {
        let id = format!("{MADE_UP}{}", hex(&Sha256::digest(text.as_bytes())[..6]));
        self.made_up.insert(id.clone(), text.to_owned());
        Expression::License(License { id: LicenseId::Ref(id), or_later: false, exception: None })
    }

    /// The same expression with each licence that has an exception of its own as one made-up id.
    fn without_own_exceptions(&mut self, expression: &Expression) -> Expression {
        if self.additions.is_some() {
            return expression.clone();
        }
        let mut each = |operands: &[Expression]| {
            operands.iter().map(|operand| self.without_own_exceptions(operand)).collect()
        };
        match expression {
            Expression::License(license) if has_own_exception(license) => {
                self.as_written(&license.to_string())
            }
            Expression::License(_) => expression.clone(),
            Expression::And(operands) => Expression::And(each(operands)),
            Expression::Or(operands) => Expression::Or(each(operands)),
        }
    }

    fn use_refs(&mut self, expression: &Expression) {
        for license in expression.leaves() {
            if let Some(additions) = &mut self.additions
                && let Some(exception) = license.exception.as_ref().filter(|_| has_own_exception(license))
            {
                additions.insert(exception.clone());
            }
            if let LicenseId::Ref(id) = &license.id
                && !self.made_up.contains_key(id)
            {
                self.refs.insert(id.clone());
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.refs.extend(other.refs);
        self.made_up.extend(other.made_up);
    }

    pub(super) fn uses(&self, id: &str) -> bool {
        self.refs.contains(id) || self.additions.as_ref().is_some_and(|additions| additions.contains(id))
    }

    /// The exceptions outside the list, explained.
    pub(super) fn additions_written(&self, texts: &BTreeMap<String, String>) -> Vec<ExtractedLicense> {
        let explained = |id: &String| {
            let text = texts.get(id).filter(|text| !text.is_empty());
            ExtractedLicense {
                license_id: id.clone(),
                extracted_text: text
                    .cloned()
                    .unwrap_or_else(|| format!("the exception its package calls {id}")),
                name: id.clone(),
                comment: text.is_none().then_some(NO_TEXT),
            }
        };
        self.additions.iter().flatten().map(explained).collect()
    }

    pub(super) fn written(&self, texts: &BTreeMap<String, String>) -> Vec<ExtractedLicense> {
        let known = self.refs.iter().map(|id| {
            let text = texts.get(id).filter(|text| !text.is_empty());
            ExtractedLicense {
                license_id: id.clone(),
                extracted_text: text.cloned().unwrap_or_else(|| about(id)),
                name: id.clone(),
                comment: text.is_none().then_some(NO_TEXT),
            }
        });
        let made_up = self.made_up.iter().map(|(id, words)| {
            let exception = exception_text(words, texts);
            ExtractedLicense {
                license_id: id.clone(),
                extracted_text: match exception {
                    Some(text) => format!("{words}\n\n{text}"),
                    None if words.is_empty() => "(nothing)".to_owned(),
                    None => words.clone(),
                },
                name: words.split_whitespace().take(12).collect::<Vec<_>>().join(" "),
                comment: Some(if exception.is_some() { EXCEPTION_ONLY } else { NO_TEXT }),
            }
        });
        known.chain(made_up).collect()
    }
}

/// What can be said of a licence whose text was not seen.
fn about(id: &str) -> String {
    let license = License { id: LicenseId::Ref(id.to_owned()), or_later: false, exception: None };
    match licenses::family(&license) {
        _ if id == licenses::PUBLIC_DOMAIN => {
            "declared to be in the public domain, in its package's own words".to_owned()
        }
        _ if id == licenses::PROPRIETARY => "no public licence: all rights are reserved".to_owned(),
        Some(family) if family.candidates.is_empty() => {
            format!(
                "a {} licence, whose words its package does not give",
                licenses::category(&license).name()
            )
        }
        Some(family) => {
            let candidates: Vec<String> = family.candidates.iter().map(License::to_string).collect();
            format!("one of {}; its package does not say which", candidates.join(", "))
        }
        None => format!("the licence its package calls {id}"),
    }
}

/// The text of the exception that a made-up id's words end with.
fn exception_text<'a>(words: &str, texts: &'a BTreeMap<String, String>) -> Option<&'a String> {
    let (_, exception) = words.rsplit_once(" WITH ")?;
    texts.get(exception).filter(|text| exception.starts_with("AdditionRef-") && !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_licence_stands_in_for_its_text() {
        assert_eq!(
            about("LicenseRef-packlist-family-GPL-2.0"),
            "one of GPL-2.0-only, GPL-2.0-or-later; its package does not say which"
        );
        assert_eq!(
            about("LicenseRef-packlist-family-permissive--own"),
            "a permissive licence, whose words its package does not give"
        );
        assert_eq!(about("LicenseRef-own"), "the licence its package calls LicenseRef-own");
    }

    #[test]
    fn an_exception_outside_the_list_becomes_part_of_an_extracted_licence() {
        let text = "GPL-2.0-or-later WITH AdditionRef-own AND MIT";
        let claim = LicenseClaim {
            text: text.to_owned(),
            expression: Expression::parse(text).ok(),
            basis: Basis::Declared,
            path: None,
            line: None,
        };
        let mut extracted = Extracted::default();
        let said = say(std::slice::from_ref(&claim), &BTreeMap::new(), &mut extracted);
        let written = extracted.written(&BTreeMap::new());
        assert_eq!(said.declared, format!("{} AND MIT", written[0].license_id));
        assert_eq!(written[0].extracted_text, "GPL-2.0-or-later WITH AdditionRef-own");
        assert!(!said.exact, "a reader of the field alone would not know the licence");
        let texts = [("AdditionRef-own".to_owned(), "You may also eat it.".to_owned())].into_iter().collect();
        let written = extracted.written(&texts);
        assert_eq!(
            written[0].extracted_text,
            "GPL-2.0-or-later WITH AdditionRef-own\n\nYou may also eat it."
        );
        assert_eq!(written[0].comment, Some(EXCEPTION_ONLY));
    }
}
