//! A package that comes from elsewhere than before.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-source",
    about: "a package from another registry or repository than in the baseline",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    changes::find(context, &RULE, |_, change| {
        (change.kind == Kind::Source && !change.first_party)
            .then(|| format!("fetched from elsewhere: {}", changes::ends(change)))
    })
}
