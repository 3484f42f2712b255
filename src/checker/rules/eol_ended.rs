//! A release that nobody looks after any more.

use super::super::{Action, Context, Finding, ends};
use super::Rule;
use crate::eol::Status;

pub(super) const RULE: Rule = Rule {
    code: "eol-ended",
    about: "the support of a distribution's release, a runtime or a framework has ended",
    default: Some(Action::Deny),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    ends::find(context, &RULE, Status::Ended, |row| {
        format!("the support of {} ended{}", row.title, ends::on(row))
    })
}
