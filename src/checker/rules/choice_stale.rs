//! A choice among licences that is over, or that the package no longer offers.

use super::super::{Action, Context, Finding};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "choice-stale",
    about: "a choice among licences that is over, or that no package offers",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, _)) = context.case.severity(&RULE) else { return Vec::new() };
    let choices = &context.case.policy.choices;
    let mut used = vec![false; choices.len()];
    for index in context.licensed().filter_map(|judged| judged.chosen) {
        used[index] = true;
    }
    let mut findings = Vec::new();
    for (choice, used) in choices.iter().zip(used) {
        let (name, license) = (choice.purl.as_str(), &choice.license);
        let message = match choice.expires.filter(|last| *last < context.case.today) {
            Some(last) => format!("the choice of `{license}` for `{name}` ended on {last}"),
            None if used => continue,
            None => format!("no package offers the choice of `{license}` for `{name}`"),
        };
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.help = Some("renew it, or remove it".to_owned());
        finding.policy_line = Some(choice.line.clone());
        findings.push(finding);
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::super::{Case, check as check_case};
    use super::super::testing::{bom, component, policy, render, today};
    use expect_test::{Expect, expect};

    fn check_choice(license: &str, expires: &str, expected: Expect) {
        let policy = policy(&format!(
            r#"
            [categories]
            LicenseRef-artifex = "proprietary"
            [[rule]]
            id = "network"
            when = {{ category = ["network-copyleft"] }}
            action = "info"
            [[rule]]
            id = "bought"
            when = {{ id = ["LicenseRef-artifex"] }}
            action = "warn"
            [[choose]]
            purl = "pkg:pypi/pymupdf"
            license = "LicenseRef-artifex"
            reason = "contract 4711"
            expires = {expires}
            "#
        ));
        let bom = bom([component("pkg:pypi/pymupdf@1", license)]);
        let case = Case { bom: &bom, baseline: None, calendar: None, policy: &policy, today: today() };
        expected.assert_eq(&render(&check_case(&case)));
    }

    #[test]
    fn what_is_chosen_is_judged_though_another_were_better() {
        check_choice(
            "AGPL-3.0-only OR LicenseRef-artifex",
            "2027-12-31",
            expect![[r#"
            warn pkg:pypi/pymupdf@1: licence `AGPL-3.0-only OR LicenseRef-artifex` needs a look (`LicenseRef-artifex` is proprietary) [bought] (policy.toml:9)
        "#]],
        );
    }

    #[test]
    fn a_choice_that_is_over_or_not_offered_is_told() {
        check_choice(
            "AGPL-3.0-only OR LicenseRef-artifex",
            "2025-12-31",
            expect![[r#"
            warn: the choice of `LicenseRef-artifex` for `pkg:pypi/pymupdf` ended on 2025-12-31 (policy.toml:13)
            info pkg:pypi/pymupdf@1: licence `AGPL-3.0-only OR LicenseRef-artifex` is noted (`AGPL-3.0-only` is network-copyleft) [network] (policy.toml:5)
        "#]],
        );
        check_choice(
            "AGPL-3.0-only",
            "2027-12-31",
            expect![[r#"
            warn: no package offers the choice of `LicenseRef-artifex` for `pkg:pypi/pymupdf` (policy.toml:13)
            info pkg:pypi/pymupdf@1: licence `AGPL-3.0-only` is noted (network-copyleft) [network] (policy.toml:5)
        "#]],
        );
    }
}
