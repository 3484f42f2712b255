//! A package manager in an image: it installs whatever an intruder wants, and its work is not in the image's SBOM.
//!
//! Known by the names of the distributions' packages. Off unless the policy says how severe it is.

use super::super::{Action, Context, Finding, tools};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "image-package-manager",
    about: "a package manager in an image",
    default: Some(Action::Allow),
    check,
};

const NAMES: &[&str] = &[
    "apk-tools",
    "apt",
    "aptitude",
    "dnf",
    "dnf5",
    "libdnf",
    "microdnf",
    "npm",
    "opkg",
    "pacman",
    "pip",
    "py3-pip",
    "python3-pip",
    "yarn",
    "yum",
    "zypper",
];

fn check(context: &Context<'_>) -> Vec<Finding> {
    tools::find(context, &RULE, NAMES, "package manager")
}
