//! Dates so old that what they say of today is doubtful.

use super::super::{Action, Context, Finding};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "eol-calendar-stale",
    about: "the dates by which ends of support are judged are more than half a year old",
    default: Some(Action::Warn),
    check,
};

/// Most products have a release in that time.
const STALE_DAYS: i64 = 180;

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let age = context.case.calendar.and_then(|calendar| calendar.age(context.case.today));
    let Some(age) = age.filter(|age| *age > STALE_DAYS) else { return Vec::new() };
    let mut finding =
        Finding::new(RULE.code, severity, format!("the calendar of ends of support is {age} days old"));
    finding.help = Some("run `packlist eol update`, or use a newer packlist".to_owned());
    finding.policy_line = line;
    vec![finding]
}
