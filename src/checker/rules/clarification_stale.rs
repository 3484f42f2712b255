//! A clarification of the policy that no longer fits: the package says something else now, or is gone.

use super::super::{Action, Context, Finding};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "clarification-stale",
    about: "a clarification whose package says something else now, or is not there",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, _)) = context.case.severity(&RULE) else { return Vec::new() };
    let clarifications = &context.case.policy.clarifications;
    let mut used = vec![false; clarifications.len()];
    let mut findings = Vec::new();
    for judged in context.licensed() {
        if let Some(index) = judged.clarified {
            used[index] = true;
        }
        for index in &judged.stale {
            used[*index] = true;
            let clarification = &clarifications[*index];
            let message = format!("the clarification for `{}` no longer fits", clarification.purl.as_str());
            let mut finding = Finding::new(RULE.code, severity, message);
            finding.help =
                Some("look at the package again, then renew or remove the clarification".to_owned());
            finding.policy_line = Some(clarification.line.clone());
            findings.push(judged.blame(finding));
        }
    }
    for (clarification, _) in clarifications.iter().zip(used).filter(|(_, used)| !used) {
        let message = format!("the clarification for `{}` clarifies nothing", clarification.purl.as_str());
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.help = Some("remove it, or mend its purl or versions".to_owned());
        finding.policy_line = Some(clarification.line.clone());
        findings.push(finding);
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::super::{Case, check as check_case};
    use super::super::testing::{bom, check, component, policy, render, today};
    use super::RULE;
    use expect_test::expect;

    const POLICY: &str = r#"
        [[rule]]
        id = "weak"
        when = { id = ["LGPL-2.1-or-later"] }
        action = "allow"
        [[clarify]]
        purl = "pkg:pypi/chardet"
        versions = ">=5, <6"
        declared = "LGPL"
        expression = "LGPL-2.1-or-later"
        reason = "the headers say so"
    "#;

    #[test]
    fn it_replaces_what_the_package_says() {
        let bom = bom([component("pkg:pypi/chardet@5.2.0", "LGPL")]);
        let policy = policy(POLICY);
        let case = Case { bom: &bom, baseline: None, calendar: None, policy: &policy, today: today() };
        assert_eq!(render(&check_case(&case)), "");
    }

    #[test]
    fn one_that_fits_no_more_is_told_and_does_nothing() {
        check(
            &RULE,
            &bom([component("pkg:pypi/chardet@5.2.0", "GPL-3.0-only")]),
            POLICY,
            expect![[r#"
            warn pkg:pypi/chardet@5.2.0: the clarification for `pkg:pypi/chardet` no longer fits (policy.toml:7)
        "#]],
        );
    }

    #[test]
    fn one_for_a_version_that_is_not_there_is_told() {
        check(
            &RULE,
            &bom([component("pkg:pypi/chardet@6.0.0", "LGPL")]),
            POLICY,
            expect![[r#"
            warn: the clarification for `pkg:pypi/chardet` clarifies nothing (policy.toml:7)
        "#]],
        );
    }
}
