//! A package declares one licence, and the texts it carries are of another.

use std::collections::BTreeSet;

use super::super::{Action, Context, Finding};
use super::Rule;
use crate::bom::{Basis, Component};
use crate::licenses::{Expression, License, LicenseId, family};

pub(super) const RULE: Rule = Rule {
    code: "license-mismatch",
    about: "a package carries the text of a licence that it does not declare",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let mut findings = Vec::new();
    for judged in context.licensed().filter(|judged| judged.clarified.is_none()) {
        let component = judged.facts.component;
        // What is declared in words of the package's own may be what was found; what was found and cannot be
        // compared says nothing against the rest.
        let declared: Option<BTreeSet<String>> = of(component, Basis::Declared).map(comparable).collect();
        let Some(declared) = declared.filter(|declared| !declared.is_empty()) else { continue };
        let detected: BTreeSet<String> = of(component, Basis::Detected).filter_map(comparable).collect();
        // The LGPL is the GPL with permissions, whose text belongs to it.
        let has_lesser = declared.iter().any(|id| id.starts_with("LGPL-"));
        let is_part = |id: &&str| has_lesser && id.starts_with("GPL-");
        let undeclared = detected.difference(&declared).map(String::as_str);
        let undeclared: Vec<&str> = undeclared.filter(|id| !is_part(id)).collect();
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
        findings.push(judged.blame(finding));
    }
    findings
}

/// All licences of one basis.
fn of(component: &Component, basis: Basis) -> impl Iterator<Item = &License> {
    let claims = component.licenses.iter().filter(move |claim| claim.basis == basis);
    claims.flat_map(|claim| claim.expression.iter().flat_map(Expression::leaves))
}

/// A licence's text cannot say "only" or "or later", and rarely an exception: the text of the AGPL 3 is that of a
/// family. Absent for what is not of the SPDX list and for families of several versions.
fn comparable(license: &License) -> Option<String> {
    match &license.id {
        LicenseId::Spdx(id) => Some(version(id).to_owned()),
        LicenseId::Ref(_) => {
            let versions: BTreeSet<&str> =
                family(license)?.candidates.iter().map(|candidate| version(candidate.id.as_str())).collect();
            let mut versions = versions.into_iter();
            versions.next().filter(|_| versions.next().is_none()).map(str::to_owned)
        }
    }
}

fn version(id: &str) -> &str {
    id.strip_suffix("-only").or_else(|| id.strip_suffix("-or-later")).unwrap_or(id)
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
            // As the text alone is read: it cannot say "only".
            both("pkg:npm/text@1", "MIT", "LicenseRef-packlist-family-AGPL-3.0"),
            both("pkg:npm/text-of-it@1", "AGPL-3.0-or-later", "LicenseRef-packlist-family-AGPL-3.0"),
            both(
                "pkg:npm/lesser@1",
                "LGPL-3.0-or-later",
                "LGPL-3.0-only AND LicenseRef-packlist-family-GPL-3.0",
            ),
            both("pkg:npm/vague@1", "MIT", "MIT AND LicenseRef-packlist-family-BSD AND GPL-3.0-only"),
        ];
        check(
            &RULE,
            &bom(components),
            "",
            expect![[r#"
                warn pkg:npm/text@1: the text of `AGPL-3.0` is there, and only `MIT` is declared
                warn pkg:npm/other@1: the text of `GPL-2.0` is there, and only `MIT` is declared
                warn pkg:npm/vague@1: the text of `GPL-3.0` is there, and only `MIT` is declared
            "#]],
        );
    }
}
