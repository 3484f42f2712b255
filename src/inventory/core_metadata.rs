//! What a Python package's core metadata says of it: words, addresses, licences.
//!
//! A package may say its licence up to three times: as an expression, in a field that means anything, and by
//! classifiers; each statement is kept once, the most exact first, and none that only names the family of an
//! earlier one.
//! Spec: <https://packaging.python.org/en/latest/specifications/core-metadata/>

use super::claims::{choice, declared, detected};
use crate::bom::{Component, LicenseClaim, Standing, StandingKind};
use crate::licenses::{Dialect, Expression, family, names_none, offers_choice};

/// The fields before the first blank line; what follows is the long description.
pub(super) struct Headers<'a> {
    fields: Vec<(&'a str, String, u32)>,
}

impl<'a> Headers<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut fields: Vec<(&str, String, u32)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value, _)) = fields.last_mut() {
                    value.push('\n');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
                fields.push((name.trim(), value.trim().to_owned(), number));
            }
        }
        Self { fields }
    }

    pub(super) fn all<'b, 'c>(
        &'b self,
        name: &'c str,
    ) -> impl Iterator<Item = (&'b str, u32)> + use<'a, 'b, 'c> {
        let fields = self.fields.iter().filter(move |(field, _, _)| field.eq_ignore_ascii_case(name));
        // setuptools writes `UNKNOWN` for what nobody told it.
        fields
            .map(|(_, value, line)| (value.as_str(), *line))
            .filter(|(value, _)| !value.is_empty() && !value.eq_ignore_ascii_case("UNKNOWN"))
    }

    pub(super) fn first(&self, name: &str) -> Option<(&str, u32)> {
        self.all(name).next()
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.first(name).map(|(value, _)| value)
    }
}

pub(super) fn describe(component: &mut Component, headers: &Headers<'_>) {
    let one_line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    component.description = headers.value("Summary").map(one_line);
    component.author = match (headers.value("Author"), headers.value("Author-email")) {
        (Some(name), Some(address)) if !address.contains('<') => Some(format!("{name} <{address}>")),
        (_, Some(address)) => Some(address.to_owned()),
        (name, None) => name.map(str::to_owned),
    };
    component.homepage =
        headers.value("Home-page").or_else(|| url(headers, &["homepage", "home"])).map(str::to_owned);
    component.vcs = url(headers, &["source", "sourcecode", "repository", "code", "github", "gitlab"])
        .or(component.homepage.as_deref())
        .and_then(repository);
}

/// The URL that the project lists under one of these labels; case, blanks and hyphens do not count.
fn url<'a>(headers: &'a Headers<'_>, labels: &[&str]) -> Option<&'a str> {
    headers.all("Project-URL").find_map(|(value, _)| {
        let (label, url) = value.split_once(',')?;
        let label: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
        labels.contains(&label.to_ascii_lowercase().as_str()).then_some(url.trim())
    })
}

/// Hosts that keep nothing but repositories, each under owner and name.
const FORGES: &[&str] =
    &["https://github.com/", "https://gitlab.com/", "https://codeberg.org/", "https://bitbucket.org/"];

fn repository(url: &str) -> Option<String> {
    let rest = FORGES.iter().find_map(|forge| url.strip_prefix(forge))?;
    let is_whole = rest.trim_end_matches('/').split('/').count() == 2;
    is_whole.then(|| format!("git+{}", url.trim_end_matches('/')))
}

/// Classifiers that name a family of licences, not one of them.
const FAMILIES: &[&str] = &[
    "Apache Software License",
    "BSD License",
    "GNU Affero General Public License v3",
    "GNU Free Documentation License (FDL)",
    "GNU General Public License (GPL)",
    "GNU Library or Lesser General Public License (LGPL)",
    "Other/Proprietary License",
    "Public Domain",
    "Free For Home Use",
    "Free for non-commercial use",
    "Freely Distributable",
    "Freeware",
];

/// Everything it says of its licence, the most exact first: the expression, a classifier that names one
/// licence, the free field, a classifier that names a family.
pub(super) fn claims(headers: &Headers<'_>) -> Vec<LicenseClaim> {
    let mut claims: Vec<LicenseClaim> = Vec::new();
    let mut take = |text: &str, line: u32, dialect: Dialect| {
        if let Some(mut claim) = declared(text, dialect).filter(|claim| !is_said_already(claim, &claims)) {
            claim.line = Some(line);
            claims.push(claim);
        }
    };
    if let Some((text, line)) = headers.first("License-Expression") {
        take(text, line, Dialect::Spdx);
    }
    let classified = classifiers(headers);
    if let Some(chosen) = chosen(headers, &classified) {
        claims.push(chosen);
        return claims;
    }
    let (families, exact): (Vec<_>, Vec<_>) =
        classified.iter().copied().partition(|(text, _)| names_a_family(text));
    for (text, line) in exact {
        take(text, line, Dialect::PypiClassifier);
    }
    // What names no licence ("Dual License", "Copyright (c) Jo") adds nothing to what the classifiers name.
    let is_needless = |text: &str| names_none(text) && !classified.is_empty();
    let field = headers.first("License").filter(|(text, _)| !is_needless(text));
    if let Some((text, line)) = field.filter(|(text, _)| !is_whole_text(text)) {
        take(text, line, Dialect::Pypi);
    }
    for (text, line) in families {
        take(text, line, Dialect::PypiClassifier);
    }
    if let Some((text, line)) = field.filter(|(text, _)| is_whole_text(text)) {
        let found = detected("", text).into_iter().map(|claim| LicenseClaim {
            path: None,
            line: Some(line),
            ..claim
        });
        claims.extend(found);
    }
    claims
}

/// Classifiers have no word for a choice; a free field that says "Dual License" and nothing else makes them one.
fn chosen(headers: &Headers<'_>, classified: &[(&str, u32)]) -> Option<LicenseClaim> {
    let (words, line) = headers.first("License")?;
    if classified.len() < 2 || !names_none(words) || !offers_choice(words) {
        return None;
    }
    let names: Vec<&str> = classified.iter().map(|(text, _)| *text).collect();
    let claim = choice(&names, Dialect::PypiClassifier)?;
    Some(LicenseClaim { line: Some(line), ..claim })
}

/// Some put the licence's whole text where its name belongs.
fn is_whole_text(field: &str) -> bool {
    field.len() > 200 || field.lines().count() > 3
}

/// Whether earlier claims say the same, or name a licence of the family this one names.
fn is_said_already(claim: &LicenseClaim, earlier: &[LicenseClaim]) -> bool {
    let Some(expression) = &claim.expression else { return false };
    let named = || earlier.iter().filter_map(|claim| claim.expression.as_ref());
    let family = match expression {
        Expression::License(license) => family(license),
        _ => None,
    };
    named().any(|known| known == expression)
        || family.is_some_and(|family| {
            named().flat_map(Expression::leaves).any(|license| family.candidates.contains(license))
        })
}

/// All of `License :: OSI Approved :: MIT License`; what is approved without a name says nothing.
fn classifiers<'a>(headers: &'a Headers<'_>) -> Vec<(&'a str, u32)> {
    let all = headers.all("Classifier").filter(|(text, _)| text.starts_with("License ::"));
    all.filter(|(text, _)| *text != "License :: OSI Approved").collect()
}

fn names_a_family(classifier: &str) -> bool {
    let last = classifier.rsplit("::").next().unwrap_or_default().trim();
    FAMILIES.contains(&last)
}

/// What its own authors say of its future.
pub(super) fn inactive(headers: &Headers<'_>) -> Option<Standing> {
    let says_so = headers.all("Classifier").any(|(text, _)| text == "Development Status :: 7 - Inactive");
    let reason = "its authors call it inactive".to_owned();
    says_so.then_some(Standing { kind: StandingKind::Abandoned, reason })
}
