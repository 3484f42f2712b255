//! A version far behind the latest release of its own line. Off unless the policy says otherwise.

use super::super::{Action, Context, Finding};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "eol-behind",
    about: "a version far behind the latest release of its own line",
    default: Some(Action::Allow),
    check,
};

/// How far is far, unless the policy says otherwise.
const FAR: u64 = 10;

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let far = context.case.policy.end_of_life.behind.unwrap_or(FAR);
    let mut findings = Vec::new();
    for behind in context.ends.iter().flat_map(|row| &row.behind).filter(|behind| behind.steps > far) {
        let Some((reference, component)) = context.case.bom.components.get_key_value(&behind.component)
        else {
            continue;
        };
        let message = format!("{} releases behind {}, the latest of its line", behind.steps, behind.latest);
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.help = Some(format!("upgrade to {}", behind.latest));
        finding.policy_line.clone_from(&line);
        findings.push(finding.about(reference, component));
    }
    findings
}
