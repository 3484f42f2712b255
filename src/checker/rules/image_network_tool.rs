//! A tool that fetches or scans over a network, in an image: it fetches whatever an intruder wants.
//!
//! Known by the names of the distributions' packages. Off unless the policy says how severe it is.

use super::super::{Action, Context, Finding, tools};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "image-network-tool",
    about: "a tool that fetches or scans over a network, in an image",
    default: Some(Action::Allow),
    check,
};

const NAMES: &[&str] = &[
    "aria2",
    "curl",
    "ftp",
    "inetutils-telnet",
    "lftp",
    "ncat",
    "netcat-openbsd",
    "netcat-traditional",
    "nmap",
    "openssh-client",
    "openssh-client-default",
    "openssh-server",
    "rsync",
    "socat",
    "tcpdump",
    "telnet",
    "wget",
];

fn check(context: &Context<'_>) -> Vec<Finding> {
    tools::find(context, &RULE, NAMES, "network tool")
}
