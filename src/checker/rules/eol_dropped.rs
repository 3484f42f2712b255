//! A package that its distribution stopped supporting before the release ended.

use super::super::{Action, Context, Finding, ends};
use super::Rule;
use crate::eol::Status;

pub(super) const RULE: Rule = Rule {
    code: "eol-dropped",
    about: "the distribution stopped supporting a package before its release ended",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    ends::find(context, &RULE, Status::Dropped, |row| {
        format!("support for {} ended{}", row.title, ends::on(row))
    })
}
