//! A release that is looked after only for those who pay, and the policy names no contract.

use super::super::{Action, Context, Finding, ends};
use super::Rule;
use crate::eol::{Row, Status};

pub(super) const RULE: Rule = Rule {
    code: "eol-extended-paid",
    about: "only those who pay for extended support are looked after",
    default: Some(Action::Deny),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    ends::find(context, &RULE, Status::ExtendedPaid, message)
}

fn message(row: &Row) -> String {
    let public = format!("the public support of {} ended{}", row.title, ends::on(row));
    match &row.contract {
        Some(contract) => format!("{public}; it goes on for those who pay for `{contract}`"),
        None => format!("{public}; it goes on for those who pay"),
    }
}
