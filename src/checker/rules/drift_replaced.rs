//! The same version with other bytes: the one drift an attacker needs.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-replaced",
    about: "the same version with other bytes than the baseline has",
    default: Some(Action::Deny),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    changes::find(context, &RULE, |_, change| {
        (change.kind == Kind::Replaced && !change.first_party)
            .then(|| format!("the same version with other bytes: {}", changes::ends(change)))
    })
}
