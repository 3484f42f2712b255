//! Part of the licence is not understood, and the verdict hangs on that part.

use super::super::judge::Verdict;
use super::super::{Context, Decided, Finding, Step, Why};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "license-unknown",
    about: "a licence that is not understood, where the verdict depends on it",
    default: None,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for judged in context.licensed() {
        let Verdict::Decided(decision) = &judged.license else { continue };
        let Some(severity) = decision.action.severity().filter(|_| !decision.why.is_certain()) else {
            continue;
        };
        let (best, worst) = (decision.why.best, decision.why.worst);
        let license = &decision.license;
        let message = match open_parts(&decision.why).as_slice() {
            [] => format!(
                "licence `{license}` is undecided: from {best} to {worst}, as nobody says which holds"
            ),
            [part] if *part == license => format!("licence `{license}` is not known"),
            parts => format!(
                "licence `{license}` is undecided: from {best} to {worst}, as `{}` is not known",
                parts.join("`, `")
            ),
        };
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.policy_line.clone_from(&decision.closed_by);
        finding.help = Some(
            "find out what it is, and write it into the policy as [[clarify]], [aliases] or [categories]"
                .to_owned(),
        );
        finding.license = Some(license.clone());
        finding.written.clone_from(&decision.written);
        finding.why = Some(decision.why.clone());
        findings.push(judged.blame(finding));
    }
    findings
}

/// The licences that nobody knows, each once.
fn open_parts(why: &Why) -> Vec<&str> {
    let mut open = Vec::new();
    let mut waiting = vec![why];
    while let Some(at) = waiting.pop() {
        match &at.step {
            Step::License { license, decided: Decided::Open, .. } if !open.contains(&license.as_str()) => {
                open.push(license.as_str());
            }
            Step::License { .. } => {}
            Step::All(parts)
            | Step::Statements(parts)
            | Step::Any { options: parts, .. }
            | Step::Family { options: parts, .. }
            | Step::Later { options: parts, .. } => waiting.extend(parts.iter().rev()),
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, claim, component};
    use super::RULE;
    use crate::bom::Basis;
    use expect_test::expect;

    const POLICY: &str = r#"
        [defaults]
        unknown = "warn"
        [[rule]]
        id = "permissive"
        when = { category = ["permissive"] }
        action = "allow"
    "#;

    #[test]
    fn an_unknown_part_is_said_where_it_matters() {
        let components = [
            component("pkg:npm/and@1", "MIT AND LicenseRef-x"),
            component("pkg:npm/or@1", "MIT OR LicenseRef-x"),
            component("pkg:npm/words@1", "see the file"),
        ];
        check(
            &RULE,
            &bom(components),
            POLICY,
            expect![[r#"
            warn pkg:npm/and@1: licence `MIT AND LicenseRef-x` is undecided: from allow to deny, as `LicenseRef-x` is not known (policy.toml:4)
            warn pkg:npm/words@1: licence `see the file` is not known (policy.toml:4)
        "#]],
        );
    }

    #[test]
    fn two_statements_that_disagree_are_undecided() {
        let mut two = component("pkg:npm/two@1", "MIT");
        two.licenses.push(claim("GPL-2.0-only", Basis::Declared));
        check(
            &RULE,
            &bom([two]),
            POLICY,
            expect![[r#"
            warn pkg:npm/two@1: licence `MIT, GPL-2.0-only` is undecided: from allow to deny, as nobody says which holds (policy.toml:4)
        "#]],
        );
    }

    #[test]
    fn a_rule_for_unknown_licences_makes_the_verdict_certain() {
        let policy = "[[rule]]\nid = \"unknown\"\nwhen = { category = [\"unknown\"] }\naction = \"info\"\n";
        check(&RULE, &bom([component("pkg:npm/words@1", "see the file")]), policy, expect![[""]]);
    }
}
