//! Its own publisher advises against a version: deprecated, abandoned, yanked or retracted.

use super::super::{Action, Context, Finding};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "package-withdrawn",
    about: "a version that its own publisher deprecated, abandoned, yanked or retracted",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let mut findings = Vec::new();
    for judged in &context.judged {
        let Some(standing) = &judged.facts.component.standing else { continue };
        let message = format!("its publisher has it {}", standing.kind.name());
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.reason = Some(standing.reason.clone()).filter(|reason| !reason.is_empty());
        finding.help = Some("use another version, or what the publisher names instead".to_owned());
        finding.policy_line.clone_from(&line);
        findings.push(finding.about(judged.facts.reference, judged.facts.component));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, component};
    use super::RULE;
    use crate::bom::{Standing, StandingKind};
    use expect_test::expect;

    #[test]
    fn a_publisher_s_word_is_passed_on() {
        let mut request = component("pkg:npm/request@2.88.2", "Apache-2.0");
        request.standing =
            Some(Standing { kind: StandingKind::Deprecated, reason: "no longer maintained".into() }.into());
        check(
            &RULE,
            &bom([request]),
            "",
            expect![[r#"
            warn pkg:npm/request@2.88.2: its publisher has it deprecated
        "#]],
        );
    }
}
