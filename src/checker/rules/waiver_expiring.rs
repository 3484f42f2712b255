//! A waiver that ends soon.
//! Found where waivers are applied, after all other rules.

use super::super::Action;
use super::Rule;

pub(in super::super) const RULE: Rule = Rule {
    code: "waiver-expiring",
    about: "a waiver that ends within thirty days",
    default: Some(Action::Info),
    check: |_| Vec::new(),
};
