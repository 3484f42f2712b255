//! A release for which only extended support is left, and we have it: free for all, or by a contract.

use super::super::{Action, Context, Finding, ends};
use super::Rule;
use crate::eol::{Row, Status};

pub(super) const RULE: Rule = Rule {
    code: "eol-extended",
    about: "only extended support is left: free for all, or by a contract that the policy names",
    default: Some(Action::Info),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let of = |status: Status, whose: &str| {
        ends::find(context, &RULE, status, |row: &Row| {
            let until = row.ends.map(|day| format!(" until {day}")).unwrap_or_default();
            format!("only extended support is left of {}, {whose}{until}", row.title)
        })
    };
    let mut findings = of(Status::ExtendedFree, "for everybody");
    findings.extend(of(Status::ExtendedHeld, "by contract"));
    findings
}
