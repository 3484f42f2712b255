//! A name that takes the place of one that looks like it: a typing error, or an attack.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-look-alike",
    about: "an added package whose name is one letter away from a removed one",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    changes::find(context, &RULE, |_, change| {
        (change.kind == Kind::LookAlike)
            .then(|| format!("looks like `{}`, which is gone", change.from.as_deref().unwrap_or_default()))
    })
}
