//! A debugger or tracer in an image: it lets whoever gets in look into running programs.
//!
//! Known by the names of the distributions' packages. Off unless the policy says how severe it is.

use super::super::{Action, Context, Finding, tools};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "image-debugger",
    about: "a debugger or tracer in an image",
    default: Some(Action::Allow),
    check,
};

const NAMES: &[&str] = &[
    "bpftool",
    "bpftrace",
    "crash",
    "gdb",
    "gdbserver",
    "linux-perf",
    "lldb",
    "ltrace",
    "perf",
    "strace",
    "valgrind",
];

fn check(context: &Context<'_>) -> Vec<Finding> {
    tools::find(context, &RULE, NAMES, "debugger")
}
