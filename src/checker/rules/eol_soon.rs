//! A release whose support ends soon.

use super::super::{Action, Context, Finding, ends};
use super::Rule;
use crate::eol::Status;

pub(super) const RULE: Rule = Rule {
    code: "eol-soon",
    about: "the support of something ends within the days that the policy names",
    default: Some(Action::Info),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    ends::find(context, &RULE, Status::Ending, |row| {
        format!("the support of {} ends{}", row.title, ends::on(row))
    })
}
