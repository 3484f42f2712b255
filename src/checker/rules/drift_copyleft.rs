//! Strong or network copyleft that was not there before: a new package under it, or a package that took it on.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::drift::{Change, Direction, Kind};
use crate::licenses::Category;

pub(super) const RULE: Rule = Rule {
    code: "drift-copyleft",
    about: "strong or network copyleft outside the distribution that the baseline does not have",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    changes::find(context, &RULE, |context, change| {
        let may_bring = match change.kind {
            Kind::License => change.direction == Some(Direction::Stricter),
            _ => changes::brings(change),
        };
        let category = category(context, change)?;
        (may_bring && matches!(category, Category::StrongCopyleft | Category::NetworkCopyleft))
            .then(|| format!("new {}", category.name()))
    })
}

/// The class of the licence it has now. Absent for what the distribution brings, and for the project itself.
fn category(context: &Context<'_>, change: &Change) -> Option<Category> {
    let component = context.case.bom.components.get(&change.new.as_ref()?.reference)?;
    let is_ours = component.is_os() || component.first_party;
    if is_ours { None } else { crate::drift::category(component) }
}
