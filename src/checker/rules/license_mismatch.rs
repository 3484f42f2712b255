//! A package declares one licence, and the texts it carries are of another.

use std::collections::BTreeSet;

use super::super::{Action, Context, Finding};
use super::Rule;
use crate::bom::{Basis, Component};
use crate::licenses::{Expression, License, LicenseId};

pub(super) const RULE: Rule = Rule {
    code: "license-mismatch",
    about: "a package carries the text of a licence that it does not declare",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let mut findings = Vec::new();
    for judged in context.judged.iter().filter(|judged| judged.clarified.is_none()) {
        let component = judged.facts.component;
        let Some(detected) = licenses(component, Basis::Detected) else { continue };
        let Some(declared) = licenses(component, Basis::Declared) else { continue };
        let undeclared: Vec<&str> = detected.difference(&declared).map(String::as_str).collect();
        if undeclared.is_empty() {
            continue;
        }
        let declared: Vec<&str> = declared.iter().map(String::as_str).collect();
        let message = format!(
            "the text of `{}` is there, and only `{}` is declared",
            undeclared.join("`, `"),
            declared.join("`, `")
        );
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.help = Some("read both, and write which holds into the policy as [[clarify]]".to_owned());
        finding.policy_line.clone_from(&line);
        findings.push(finding.about(judged.facts.reference, component));
    }
    findings
}

/// All licences of one basis. Absent when nothing is said or part of it is not of the SPDX list: what cannot be
/// compared does not differ.
fn licenses(component: &Component, basis: Basis) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for claim in component.licenses.iter().filter(|claim| claim.basis == basis) {
        for license in claim.expression.iter().flat_map(Expression::leaves) {
            found.insert(comparable(license)?);
        }
    }
    (!found.is_empty()).then_some(found)
}

/// A licence's text cannot say "only" or "or later", and rarely an exception.
fn comparable(license: &License) -> Option<String> {
    let LicenseId::Spdx(id) = &license.id else { return None };
    let base = id.strip_suffix("-only").or_else(|| id.strip_suffix("-or-later")).unwrap_or(id);
    Some(base.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, claim, component};
    use super::RULE;
    use crate::bom::{Basis, Component};
    use expect_test::expect;

    fn both(purl: &str, declared: &str, detected: &str) -> Component {
        let mut component = component(purl, declared);
        component.licenses.push(claim(detected, Basis::Detected));
        component
    }

    #[test]
    fn a_text_of_another_licence_is_told() {
        let components = [
            both("pkg:npm/other@1", "MIT", "GPL-2.0-only"),
            both("pkg:npm/same@1", "MIT", "MIT"),
            both("pkg:npm/one-of-two@1", "MIT OR Apache-2.0", "MIT"),
            both("pkg:npm/or-later@1", "GPL-2.0-or-later", "GPL-2.0-only"),
            both("pkg:npm/unknown@1", "our terms", "MIT"),
        ];
        check(
            &RULE,
            &bom(components),
            "",
            expect![[r#"
            warn pkg:npm/other@1: the text of `GPL-2.0` is there, and only `MIT` is declared
        "#]],
        );
    }
}
