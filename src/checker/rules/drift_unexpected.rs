//! A change of something that the policy does not let change.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::checker::policy::decoded;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-unexpected",
    about: "a change of a package that is not in `[drift] may-change`",
    default: Some(Action::Deny),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let may_change = &context.case.policy.drift.may_change;
    if may_change.is_empty() {
        return Vec::new();
    }
    let mut findings = changes::find(context, &RULE, |_, change| {
        let name = decoded(&change.package).to_lowercase();
        let is_of_versions = matches!(
            change.kind,
            Kind::Added
                | Kind::Changed
                | Kind::Downgraded
                | Kind::Moved
                | Kind::Rebuilt
                | Kind::Removed
                | Kind::Renamed
                | Kind::Replaced
                | Kind::Upgraded
        );
        let expected = change.first_party || may_change.iter().any(|pattern| pattern.matches(&name));
        (is_of_versions && !expected).then(|| {
            format!(
                "`{}` was not to change: {} {}",
                change.package,
                change.kind.name(),
                changes::ends(change)
            )
        })
    });
    for finding in &mut findings {
        finding.policy_line.clone_from(&context.case.policy.drift.line);
    }
    findings
}
