//! A waiver that is for nothing.
//! Found where waivers are applied, after all other rules.

use super::super::Action;
use super::Rule;

pub(in super::super) const RULE: Rule = Rule {
    code: "waiver-unused",
    about: "a waiver that waives nothing",
    default: Some(Action::Warn),
    check: |_| Vec::new(),
};
