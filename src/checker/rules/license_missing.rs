//! Nobody says under what licence a package is.

use super::super::judge::Verdict;
use super::super::{Context, Finding};
use super::Rule;

pub(super) const RULE: Rule =
    Rule { code: "license-missing", about: "nothing is said of a package's licence", default: None, check };

fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for judged in &context.judged {
        let Verdict::Missing(action, line) = &judged.license else { continue };
        let Some(severity) = action.severity() else { continue };
        let mut finding = Finding::new(RULE.code, severity, "no licence is stated".to_owned());
        finding.policy_line.clone_from(line);
        finding.help =
            Some("look into the package, and write what you find into the policy as [[clarify]]".to_owned());
        findings.push(finding.about(judged.facts.reference, judged.facts.component));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, claim, component};
    use super::RULE;
    use crate::bom::{Basis, Component, Kind};
    use expect_test::expect;

    #[test]
    fn nothing_said_is_missing_and_so_is_no_assertion() {
        let mut no_assertion = component("pkg:npm/no-assertion@1", "");
        no_assertion.licenses.push(claim("NOASSERTION", Basis::Declared));
        let components = [component("pkg:npm/silent@1", ""), no_assertion];
        check(
            &RULE,
            &bom(components),
            "",
            expect![[r#"
            warn pkg:npm/no-assertion@1: no licence is stated
            warn pkg:npm/silent@1: no licence is stated
        "#]],
        );
    }

    #[test]
    fn a_rule_about_the_package_whole_decides_also_here() {
        let policy = r#"
            [defaults]
            missing = "deny"
            [[rule]]
            id = "own"
            when = { purl = ["pkg:npm/@acme/*"] }
            action = "allow"
        "#;
        let components = [component("pkg:npm/%40acme/ui@1", ""), component("pkg:npm/other@1", "")];
        check(
            &RULE,
            &bom(components),
            policy,
            expect![[r#"
            deny pkg:npm/other@1: no licence is stated (policy.toml:4)
        "#]],
        );
    }

    #[test]
    fn an_operating_system_is_not_asked() {
        let mut debian = Component::new("debian");
        debian.kind = Kind::OperatingSystem;
        check(&RULE, &bom([debian]), "", expect![[""]]);
    }
}
