//! A licence asks that its text go along, and none lies beside the package.
//!
//! Only where copies are handed on, and of packages that are installed: what a lockfile asks for has not come yet. Slim
//! images throw the texts away with the rest of the documentation. Off unless the policy says how severe it is.

use super::super::judge::Verdict;
use super::super::{Action, Context, Finding, Severity};
use super::Rule;
use crate::bom::{Component, Presence};

pub(super) const RULE: Rule = Rule {
    code: "notice-missing",
    about: "a package in what is handed on, without the text that its licence asks for",
    default: Some(Action::Allow),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let needing = context.judged.iter().filter(|judged| {
        let Verdict::Decided(decision) = &judged.license else { return false };
        let component = judged.facts.component;
        let is_owed = decision.action.severity() != Some(Severity::Deny)
            && decision.obligations.iter().any(|name| name == "notice");
        is_owed
            && component.presence == Presence::Installed
            && component.hidden.is_none()
            && !component.first_party
    });
    let needing: Vec<_> = needing.collect();
    let texts_are_known = context.case.bom.components.values().any(has_text);
    if !texts_are_known && !needing.is_empty() {
        let message = format!("`{}` cannot be checked: nothing says where texts of licences lie", RULE.code);
        let mut finding = Finding::new("condition-unknown", severity, message);
        finding.help = Some("check the image itself, or an SBOM that packlist made of it".to_owned());
        finding.policy_line = line;
        return vec![finding];
    }
    let without = needing.into_iter().filter(|judged| !has_text(judged.facts.component));
    without
        .map(|judged| {
            let message = "its licence asks that its text go along, and none lies beside it".to_owned();
            let mut finding = Finding::new(RULE.code, severity, message);
            finding.help = Some("hand on what `packlist notices` writes".to_owned());
            finding.policy_line.clone_from(&line);
            finding.about(judged.facts.reference, judged.facts.component)
        })
        .collect()
}

/// Whether some statement about its licence rests on a file of its own.
fn has_text(component: &Component) -> bool {
    component.licenses.iter().any(|claim| claim.path.is_some())
}

#[cfg(test)]
mod tests {
    use super::super::super::rules::testing::{bom, check, component};
    use super::*;
    use expect_test::expect;

    const POLICY: &str = "[[rule]]\nid = \"all\"\naction = \"allow\"\n[checks]\nnotice-missing = \"info\"\n";

    #[test]
    fn a_text_counts_by_its_file() {
        let mut with = component("pkg:npm/with@1", "MIT");
        with.licenses[0].path = Some("app/node_modules/with/LICENSE".into());
        let mut locked = component("pkg:npm/locked@1", "MIT");
        locked.presence = Presence::Declared;
        let components =
            [with, locked, component("pkg:npm/without@1", "MIT"), component("pkg:npm/free@1", "0BSD")];
        let bom = bom(components);
        check(
            &RULE,
            &bom,
            POLICY,
            expect![[r#"
                info pkg:npm/without@1: its licence asks that its text go along, and none lies beside it (policy.toml:6)
            "#]],
        );
        check(&RULE, &bom, &format!("distribution = \"saas\"\n{POLICY}"), expect![""]);
        check(&RULE, &bom, "", expect![""]);
    }

    #[test]
    fn where_no_text_is_known_that_is_told_once() {
        let bom = bom([component("pkg:npm/a@1", "MIT"), component("pkg:npm/b@1", "MIT")]);
        check(&RULE, &bom, POLICY, expect![""]);
        let policy = super::super::testing::policy(POLICY);
        let case = super::super::super::Case {
            bom: &bom,
            baseline: None,
            calendar: None,
            policy: &policy,
            today: super::super::testing::today(),
        };
        let findings = super::super::super::check(&case);
        let told: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert!(
            told.contains(&"`notice-missing` cannot be checked: nothing says where texts of licences lie")
        );
    }
}
