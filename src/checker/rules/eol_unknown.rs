//! A release that the calendar does not know: it is unknown, not fine. Off unless the policy says otherwise.

use super::super::{Action, Context, Finding, ends};
use super::Rule;
use crate::eol::Status;

pub(super) const RULE: Rule = Rule {
    code: "eol-unknown",
    about: "the calendar does not know a release of something it knows",
    default: Some(Action::Allow),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    ends::find(context, &RULE, Status::Unknown, |row| format!("the calendar does not know {}", row.title))
}
