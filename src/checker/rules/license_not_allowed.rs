//! The policy knows the licence, and does not simply allow it.

use super::super::judge::Verdict;
use super::super::{Action, Context, Decided, Decision, Finding, Severity, Step, Why, duties};
use super::Rule;
use crate::licenses::Category;

pub(super) const RULE: Rule = Rule {
    code: "license-not-allowed",
    about: "a licence that the policy's rules deny, warn of or note",
    default: None,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for judged in context.licensed() {
        let Verdict::Decided(decision) = &judged.license else { continue };
        let Some(severity) = decision.action.severity().filter(|_| decision.why.is_certain()) else {
            continue;
        };
        let mut finding = Finding::new(RULE.code, severity, message(decision));
        decided_by(&mut finding, decision.why.decisive());
        finding.obligations = match severity {
            // Nothing is owed for what must not be there.
            Severity::Deny => Vec::new(),
            _ => {
                let distribution = context.case.policy.distribution;
                duties::together(&decision.obligations, &finding.obligations, distribution)
            }
        };
        finding.help = help(decision.action, judged.is_subject);
        finding.license = Some(decision.license.clone());
        finding.written.clone_from(&decision.written);
        finding.why = Some(decision.why.clone());
        findings.push(judged.blame(finding));
    }
    findings
}

/// Fills in what the policy says where it decided.
pub(super) fn decided_by(finding: &mut Finding, decisive: &Why) {
    let Step::License { decided, .. } = &decisive.step else { return };
    match decided {
        Decided::Rule(rule) => {
            finding.policy_rule = Some(rule.id.clone());
            finding.policy_line = Some(rule.line.clone());
            finding.reason.clone_from(&rule.reason);
            finding.obligations.clone_from(&rule.obligations);
        }
        Decided::Unmatched(line) => finding.policy_line.clone_from(line),
        Decided::Open => {}
    }
}

fn message(decision: &Decision) -> String {
    let license = &decision.license;
    let verdict = match decision.action {
        Action::Deny => "is not allowed",
        Action::Warn => "needs a look",
        Action::Info | Action::Allow => "is noted",
    };
    let Step::License { license: leaf, category, decided } = &decision.why.decisive().step else {
        return format!("licence `{license}` {verdict}");
    };
    let class = match category {
        Category::Unknown => "not known".to_owned(),
        category => category.name().to_owned(),
    };
    let part = match leaf == license {
        true => class,
        false => format!("`{leaf}` is {class}"),
    };
    match decided {
        Decided::Unmatched(_) => format!("licence `{license}` {verdict} ({part}): no rule allows it"),
        Decided::Rule(_) | Decided::Open => format!("licence `{license}` {verdict} ({part})"),
    }
}

fn help(action: Action, is_subject: bool) -> Option<String> {
    let help = match action {
        Action::Deny if is_subject => {
            "let a rule with `first-party = true` decide about what is your own, or ask who answers for the policy to waive it"
        }
        Action::Deny => "replace the package, or ask who answers for the policy to waive it",
        Action::Warn => "have somebody who answers for licences look at it, then waive it",
        Action::Info | Action::Allow => return None,
    };
    Some(help.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, component};
    use super::RULE;
    use expect_test::expect;

    const STRICT: &str = r#"
        [[rule]]
        id = "permissive"
        when = { category = ["permissive", "public-domain"] }
        action = "allow"
        [[rule]]
        id = "weak"
        when = { category = ["weak-copyleft"] }
        action = "warn"
    "#;

    #[test]
    fn all_takes_the_worse_and_any_the_better() {
        let components = [
            component("pkg:npm/all@1", "MIT AND GPL-2.0-only"),
            component("pkg:npm/any@1", "MIT OR GPL-2.0-only"),
            component("pkg:npm/both@1", "(MIT OR GPL-2.0-only) AND LGPL-2.1-only"),
        ];
        check(
            &RULE,
            &bom(components),
            STRICT,
            expect![[r#"
            deny pkg:npm/all@1: licence `MIT AND GPL-2.0-only` is not allowed (`GPL-2.0-only` is strong-copyleft): no rule allows it
            warn pkg:npm/both@1: licence `(MIT OR GPL-2.0-only) AND LGPL-2.1-only` needs a look (`LGPL-2.1-only` is weak-copyleft) [weak] (policy.toml:7)
        "#]],
        );
    }

    #[test]
    fn an_exception_lowers_and_a_later_version_may_be_chosen() {
        let components = [
            component("pkg:npm/linked@1", "GPL-2.0-only WITH Classpath-exception-2.0"),
            component("pkg:npm/plain@1", "GPL-2.0-only"),
            component("pkg:npm/later@1", "GPL-2.0-or-later"),
        ];
        let policy = "[[rule]]\nid = \"three\"\nwhen = { id = [\"GPL-3.0-only\"] }\naction = \"allow\"\n";
        check(
            &RULE,
            &bom(components),
            &format!("{policy}{STRICT}"),
            expect![[r#"
            deny pkg:npm/plain@1: licence `GPL-2.0-only` is not allowed (strong-copyleft): no rule allows it
            warn pkg:npm/linked@1: licence `GPL-2.0-only WITH Classpath-exception-2.0` needs a look (weak-copyleft) [weak] (policy.toml:11)
        "#]],
        );
    }

    #[test]
    fn a_rule_that_names_a_licence_decides_about_it_whatever_later_versions_are() {
        let policy = r#"
            [[rule]]
            id = "not-two-or-later"
            when = { id = ["GPL-2.0-or-later"] }
            action = "deny"
            [[rule]]
            id = "gpl"
            when = { id = ["GPL-*"] }
            action = "allow"
        "#;
        check(
            &RULE,
            &bom([component("pkg:npm/later@1", "GPL-2.0-or-later")]),
            policy,
            expect![[r#"
            deny pkg:npm/later@1: licence `GPL-2.0-or-later` is not allowed (strong-copyleft) [not-two-or-later] (policy.toml:3)
        "#]],
        );
    }

    #[test]
    fn what_is_unknown_does_not_matter_when_the_rest_decides() {
        let components = [
            component("pkg:npm/denied@1", "GPL-2.0-only AND LicenseRef-x"),
            component("pkg:npm/allowed@1", "MIT OR LicenseRef-x"),
            component("pkg:npm/open@1", "MIT AND LicenseRef-x"),
        ];
        check(
            &RULE,
            &bom(components),
            STRICT,
            expect![[r#"
            deny pkg:npm/denied@1: licence `GPL-2.0-only AND LicenseRef-x` is not allowed (`GPL-2.0-only` is strong-copyleft): no rule allows it
        "#]],
        );
    }
}
