//! Something out of support that was not there before: this change brought it.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-end-of-life",
    about: "something out of support that the baseline does not have",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    changes::find(context, &RULE, |_, change| {
        (change.kind == Kind::EndOfLife && !change.first_party)
            .then(|| format!("newly out of support: {}", changes::ends(change)))
    })
}
