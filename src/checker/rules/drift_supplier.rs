//! A package that somebody else supplies.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::drift::Kind;

pub(super) const RULE: Rule = Rule {
    code: "drift-supplier",
    about: "a package from another supplier than in the baseline",
    default: Some(Action::Info),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    changes::find(context, &RULE, |_, change| {
        (change.kind == Kind::Supplier && !change.first_party)
            .then(|| format!("another supplier: {}", changes::ends(change)))
    })
}
