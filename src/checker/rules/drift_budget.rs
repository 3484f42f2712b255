//! More changes of a kind than the policy lets a release have. The project's own parts do not count.

use super::super::{ANY_CHANGE, Action, Context, Finding, changes};
use super::Rule;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-budget",
    about: "more changes than `[drift] max` allows",
    default: Some(Action::Deny),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let limits = &context.case.policy.drift;
    let (Some(drift), Some((severity, _))) = (&context.drift, context.case.severity(&RULE)) else {
        return Vec::new();
    };
    let counted = |name: &str| {
        let kind = Kind::from_name(name);
        changes::told(drift)
            .filter(|change| !change.first_party && kind.is_none_or(|kind| change.kind == kind))
            .count()
    };
    let mut findings = Vec::new();
    for (name, max) in &limits.max {
        let count = counted(name);
        if u64::try_from(count).is_ok_and(|count| count > *max) {
            let of = if name == ANY_CHANGE { "changes of whatever kind" } else { name.as_str() };
            let mut finding =
                Finding::new(RULE.code, severity, format!("{of}: {count}, and {max} may be at most"));
            finding.policy_line.clone_from(&limits.line);
            findings.push(finding);
        }
    }
    findings
}
