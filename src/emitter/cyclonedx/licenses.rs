//! Claims about licences as CycloneDX writes them.
//!
//! What is declared or concluded is a component's `licenses`, what was detected is evidence. Either list holds
//! ids and names, or one expression and nothing else: what is concluded then, for whoever reads one licence only
//! should read that one.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Attachment, License, LicenseChoice};
use super::{Version, ids};
use crate::bom::{Basis, Bom, LicenseClaim, comes_back_concluded};
use crate::emitter::one_line;
use crate::licenses::{self, Dialect, Expression, LicenseId};

/// A component's claims in the format's fields.
pub(super) struct Chosen {
    pub(super) licenses: Vec<LicenseChoice>,
    /// For `evidence`.
    pub(super) observed: Vec<LicenseChoice>,
    /// Whether a reader of these fields alone would find the claims as they are.
    pub(super) exact: bool,
}

pub(super) fn choose(claims: &[LicenseClaim], texts: &BTreeMap<String, String>, version: Version) -> Chosen {
    let (observed, said): (Vec<_>, Vec<_>) = claims.iter().partition(|claim| claim.basis == Basis::Detected);
    let in_order = claims.iter().is_sorted_by_key(|claim| claim.basis == Basis::Detected);
    let context = Context { texts, version };
    let (licenses, licenses_exact) = entries(&said, context);
    let (observed, observed_exact) = entries(&observed, context);
    Chosen {
        licenses,
        observed,
        exact: in_order && licenses_exact && observed_exact && comes_back_concluded(claims, texts),
    }
}

#[derive(Clone, Copy)]
struct Context<'a> {
    texts: &'a BTreeMap<String, String>,
    version: Version,
}

fn entries(claims: &[&LicenseClaim], context: Context) -> (Vec<LicenseChoice>, bool) {
    let exact = claims.iter().all(|claim| reads_back(claim, context.version));
    if claims.iter().all(|claim| !is_compound(claim)) {
        return unique(claims, exact, |claim| by_id_or_name(claim, context));
    }
    let concluded: Vec<&LicenseClaim> =
        claims.iter().copied().filter(|claim| claim.basis != Basis::Declared).collect();
    let deciding = if concluded.is_empty() { claims } else { &concluded };
    let expressions: Option<Vec<Expression>> =
        deciding.iter().map(|claim| claim.expression.clone()).collect();
    match expressions.and_then(Expression::all_of) {
        Some(expression) => {
            let acknowledgement = acknowledgement(deciding[0], context.version);
            let entry = LicenseChoice::Expression { expression: expression.to_string(), acknowledgement };
            (vec![entry], exact && claims.len() == 1)
        }
        None => unique(claims, false, |claim| named(claim, claim.text.clone(), None, context.version)),
    }
}

/// Strict schemas refuse an entry that comes twice.
fn unique(
    claims: &[&LicenseClaim],
    exact: bool,
    entry: impl Fn(&LicenseClaim) -> LicenseChoice,
) -> (Vec<LicenseChoice>, bool) {
    let mut entries: Vec<LicenseChoice> = Vec::new();
    for entry in claims.iter().map(|claim| entry(claim)) {
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    let all = entries.len() == claims.len();
    (entries, exact && all)
}

/// Whether the words alone say it all, so that reading them gives this very claim.
fn reads_back(claim: &LicenseClaim, version: Version) -> bool {
    let words_are_the_meaning = match &claim.expression {
        Some(expression) => expression.to_string() == claim.text,
        None => true,
    };
    let basis_is_told = version >= Version::V1_6 || matches!(claim.basis, Basis::Declared | Basis::Detected);
    basis_is_told
        && claim.path.is_none()
        && claim.line.is_none()
        && one_line(&claim.text) == claim.text.as_str()
        && words_are_the_meaning
        && licenses::read(&claim.text, Dialect::Spdx) == claim.expression
}

/// Whether only an expression can say it.
fn is_compound(claim: &LicenseClaim) -> bool {
    match &claim.expression {
        None => false,
        Some(Expression::License(license)) => license.exception.is_some() || license.or_later,
        Some(_) => true,
    }
}

fn by_id_or_name(claim: &LicenseClaim, context: Context) -> LicenseChoice {
    let Some(Expression::License(license)) = &claim.expression else {
        return named(claim, claim.text.clone(), None, context.version);
    };
    match &license.id {
        LicenseId::Spdx(id) if ids::is_listed(id, context.version) => LicenseChoice::License {
            license: License {
                id: Some(id.clone()),
                name: None,
                acknowledgement: acknowledgement(claim, context.version),
                text: None,
            },
        },
        id => named(claim, id.as_str().to_owned(), context.texts.get(id.as_str()), context.version),
    }
}

fn named(claim: &LicenseClaim, name: String, text: Option<&String>, version: Version) -> LicenseChoice {
    let name = one_line(&name).into_owned();
    let text = text.map(|content| Attachment { content_type: "text/plain", content: content.clone() });
    LicenseChoice::License {
        license: License {
            id: None,
            name: Some(name),
            acknowledgement: acknowledgement(claim, version),
            text,
        },
    }
}

/// A licence by its id, nothing said of how it came about.
pub(super) fn by_id(id: &str) -> LicenseChoice {
    LicenseChoice::License {
        license: License { id: Some(id.to_owned()), name: None, acknowledgement: None, text: None },
    }
}

/// What was only seen is nobody's statement, so it is neither declared nor concluded.
fn acknowledgement(claim: &LicenseClaim, version: Version) -> Option<&'static str> {
    match claim.basis {
        _ if version < Version::V1_6 => None,
        Basis::Declared => Some("declared"),
        Basis::Concluded | Basis::Derived => Some("concluded"),
        Basis::Detected => None,
    }
}

/// The `LicenseRef-` ids whose text stands at a component, because they are a claim of their own there.
pub(super) fn texts_written(bom: &Bom, version: Version) -> BTreeSet<String> {
    let mut written = BTreeSet::new();
    let of_components = bom.components.values().map(|component| component.licenses.as_slice());
    for claims in of_components.chain([bom.subject.licenses.as_slice()]) {
        let chosen = choose(claims, &bom.license_texts, version);
        for entry in chosen.licenses.into_iter().chain(chosen.observed) {
            if let LicenseChoice::License { license: License { name: Some(name), text: Some(_), .. } } = entry
            {
                written.insert(name);
            }
        }
    }
    written
}
