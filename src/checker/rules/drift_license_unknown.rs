//! A licence that nobody knows and that was not there before: a new package without one, or a lost one. What the
//! distribution brings is its own affair.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::drift::{Direction, Kind};
use crate::licenses::Category;

pub(super) const RULE: Rule = Rule {
    code: "drift-license-unknown",
    about: "a package outside the distribution without a known licence, which the baseline does not have so",
    default: Some(Action::Info),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    changes::find(context, &RULE, |context, change| {
        let component = context.case.bom.components.get(&change.new.as_ref()?.reference)?;
        if component.is_os() {
            return None;
        }
        if change.kind == Kind::License && change.direction == Some(Direction::Lost) {
            return Some("its licence was known, and is not any more".to_owned());
        }
        let is_known =
            crate::drift::category(component).is_some_and(|category| category != Category::Unknown);
        (changes::brings(change) && !is_known && !component.first_party)
            .then(|| "new, and its licence is not known".to_owned())
    })
}
