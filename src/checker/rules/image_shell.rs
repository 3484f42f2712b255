//! A shell in an image: it is what most attacks end in.
//!
//! Known by the names of the distributions' packages. Off unless the policy says how severe it is.

use super::super::{Action, Context, Finding, tools};
use super::Rule;

pub(super) const RULE: Rule =
    Rule { code: "image-shell", about: "a shell in an image", default: Some(Action::Allow), check };

const NAMES: &[&str] = &["bash", "busybox", "busybox-static", "dash", "fish", "ksh", "mksh", "tcsh", "zsh"];

fn check(context: &Context<'_>) -> Vec<Finding> {
    tools::find(context, &RULE, NAMES, "shell")
}
