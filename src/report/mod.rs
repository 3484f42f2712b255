//! Findings as text or data. Nothing is decided here.

pub mod drift;
pub mod eol;
pub mod explain;
mod github;
mod gitlab;
pub mod html;
mod human;
mod json;
mod junit;
mod lazy;
pub mod licenses;
mod markdown;
mod markup;
mod mistakes;
pub mod quality;
mod sarif;
mod skew;
pub mod summary;
mod text;
pub mod tree;

pub use mistakes::policy_errors;
pub use skew::skew;
pub use text::{clean, grouped};

use crate::bom::Bom;
use crate::checker::{Finding, Policy, Verdict};

/// All that a report may say.
pub struct Report<'a> {
    pub bom: &'a Bom,
    /// In the order of [`crate::checker::check`].
    pub findings: &'a [Finding],
    pub verdict: Verdict,
    pub policy: &'a Policy,
    /// What the policy is called: its own name, else that of its file.
    pub policy_name: &'a str,
    /// What was judged, as the user named it: `image.tar`, `sbom.json`.
    pub source: &'a str,
    /// Whether there was a baseline to compare with.
    pub has_baseline: bool,
    /// With the tree of each verdict.
    pub explained: bool,
    /// What the calendar says of it, for the page. Absent where nobody asked.
    pub support: Option<html::Support<'a>>,
}

/// One way of writing a report.
pub struct Format {
    /// What `-o` calls it.
    pub name: &'static str,
    /// For `--help`.
    pub about: &'static str,
    pub render: fn(&Report<'_>) -> String,
}

/// Every format, in order of name.
pub const ALL: &[Format] = &[
    github::FORMAT,
    gitlab::FORMAT,
    html::FORMAT,
    human::FORMAT,
    json::FORMAT,
    junit::FORMAT,
    markdown::FORMAT,
    sarif::FORMAT,
];

/// The report a person reads.
pub fn human(report: &Report<'_>) -> String {
    (human::FORMAT.render)(report)
}

/// The report a program reads.
pub fn json(report: &Report<'_>) -> String {
    (json::FORMAT.render)(report)
}

/// How many findings there are of each sort.
struct Counts {
    deny: usize,
    warn: usize,
    info: usize,
    waived: usize,
    known: usize,
}

impl Counts {
    fn of(findings: &[Finding]) -> Self {
        use crate::checker::Severity;
        let counted = |severity| {
            findings.iter().filter(|finding| finding.counts() && finding.severity == severity).count()
        };
        Self {
            deny: counted(Severity::Deny),
            warn: counted(Severity::Warn),
            info: counted(Severity::Info),
            waived: findings.iter().filter(|finding| finding.waived.is_some()).count(),
            known: findings.iter().filter(|finding| finding.waived.is_none() && finding.known).count(),
        }
    }
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ALL.is_sorted_by(|one, other| one.name < other.name));
    }
}
