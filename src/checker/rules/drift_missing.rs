//! A package that the policy says must stay, and that is gone.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::checker::policy::decoded;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-missing",
    about: "a package of `[drift] must-stay` that the baseline has and this list has not",
    default: Some(Action::Deny),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = changes::find(context, &RULE, |context, change| {
        let name = decoded(&change.package).to_lowercase();
        let must_stay = context.case.policy.drift.must_stay.iter().any(|pattern| pattern.matches(&name));
        (change.kind == Kind::Removed && must_stay && !change.stays)
            .then(|| format!("`{}` must stay, and is gone", change.package))
    });
    for finding in &mut findings {
        finding.policy_line.clone_from(&context.case.policy.drift.line);
    }
    findings
}
