//! Several licences are offered, some worse than others: which one was chosen.

use super::super::judge::Verdict;
use super::super::{Action, Context, Finding};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "license-chosen",
    about: "which of the offered licences makes a package acceptable",
    default: Some(Action::Info),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let mut findings = Vec::new();
    for judged in context.licensed() {
        let Verdict::Decided(decision) = &judged.license else { continue };
        if decision.action != Action::Allow || !decision.why.has_choice() {
            continue;
        }
        let chosen = decision.why.chosen().join(" AND ");
        let message = format!("licence `{}` is allowed: `{chosen}` is chosen", decision.license);
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.policy_line.clone_from(&line);
        finding.license = Some(decision.license.clone());
        finding.written.clone_from(&decision.written);
        finding.why = Some(decision.why.clone());
        finding.obligations.clone_from(&decision.obligations);
        findings.push(judged.blame(finding));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, component};
    use super::RULE;
    use expect_test::expect;

    const POLICY: &str = r#"
        prefer = ["Apache-2.0"]
        [[rule]]
        id = "permissive"
        when = { category = ["permissive"] }
        action = "allow"
    "#;

    #[test]
    fn a_choice_that_mattered_is_told() {
        let components = [
            component("pkg:npm/mattered@1", "GPL-2.0-only OR MIT"),
            component("pkg:npm/equal@1", "MIT OR Apache-2.0"),
            component("pkg:npm/preferred@1", "MIT OR Apache-2.0 OR GPL-2.0-only"),
            component("pkg:npm/hopeless@1", "GPL-2.0-only OR AGPL-3.0-only"),
        ];
        check(
            &RULE,
            &bom(components),
            POLICY,
            expect![[r#"
            info pkg:npm/mattered@1: licence `GPL-2.0-only OR MIT` is allowed: `MIT` is chosen
            info pkg:npm/preferred@1: licence `MIT OR Apache-2.0 OR GPL-2.0-only` is allowed: `Apache-2.0` is chosen
        "#]],
        );
    }
}
