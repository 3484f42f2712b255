//! A release of something that has a new one every few weeks or months.

use super::super::{Action, Context, Finding, ends};
use super::Rule;
use crate::eol::Status;

pub(super) const RULE: Rule = Rule {
    code: "eol-superseded",
    about: "a short-lived release whose place the next has taken",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    ends::find(context, &RULE, Status::Superseded, |row| {
        format!("{} was superseded{}", row.title, ends::on(row))
    })
}
