//! An older version than before, by the order of its own ecosystem.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-downgraded",
    about: "an older version than the baseline has",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    changes::find(context, &RULE, |_, change| {
        (change.kind == Kind::Downgraded && !change.first_party)
            .then(|| format!("downgraded: {}", changes::ends(change)))
    })
}
