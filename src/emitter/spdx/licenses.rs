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
}

impl Extracted {
    fn as_written(&mut self, text: &str) -> Expression {
        let id = format!("{MADE_UP}{}", hex(&Sha256::digest(text.as_bytes())[..6]));
        self.made_up.insert(id.clone(), text.to_owned());
        Expression::License(License { id: LicenseId::Ref(id), or_later: false, exception: None })
    }

    /// The same expression with each licence that has an exception of its own as one made-up id.
    fn without_own_exceptions(&mut self, expression: &Expression) -> Expression {
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
        self.refs.contains(id)
    }

    pub(super) fn written(&self, texts: &BTreeMap<String, String>) -> Vec<ExtractedLicense> {
        let known = self.refs.iter().map(|id| {
            let text = texts.get(id).filter(|text| !text.is_empty());
            ExtractedLicense {
                license_id: id.clone(),
                extracted_text: text
                    .cloned()
                    .unwrap_or_else(|| format!("the licence its package calls {id}")),
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

/// The text of the exception that a made-up id's words end with.
fn exception_text<'a>(words: &str, texts: &'a BTreeMap<String, String>) -> Option<&'a String> {
    let (_, exception) = words.rsplit_once(" WITH ")?;
    texts.get(exception).filter(|text| exception.starts_with("AdditionRef-") && !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

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
