//! A package that was not there before. Off unless the policy says otherwise.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-added",
    about: "a package that the baseline does not have",
    default: Some(Action::Allow),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    changes::find(context, &RULE, |_, change| {
        (change.kind == Kind::Added && !change.first_party)
            .then(|| "the baseline does not have it".to_owned())
    })
}
