//! GitLab's code quality report.
//!
//! It knows no waived findings, so these are written as information and say that they are waived.
//! Spec: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use std::borrow::Cow;

use serde::Serialize;

use super::lazy::{self, Lazy};
use super::sarif::folder;
use super::text::{fingerprint, sentence};
use super::{Format, Report};
use crate::checker::{Finding, Severity};

pub(super) const FORMAT: Format =
    Format { name: "gitlab", about: "code quality report for GitLab merge requests", render };

#[derive(Serialize)]
struct Issue<'a> {
    check_name: &'static str,
    description: String,
    fingerprint: String,
    location: Location<'a>,
    severity: &'static str,
}

#[derive(Serialize)]
struct Location<'a> {
    lines: Lines,
    path: Cow<'a, str>,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

fn render(report: &Report<'_>) -> String {
    lazy::text(&Lazy(|| report.findings.iter().map(|finding| issue(report, finding))))
}

fn issue<'a>(report: &Report<'a>, finding: &'a Finding) -> Issue<'a> {
    let severity = match finding.severity {
        _ if !finding.counts() => "info",
        Severity::Deny => "critical",
        Severity::Warn => "minor",
        Severity::Info => "info",
    };
    let (path, begin) = match &finding.place {
        Some(place) => (format!("{}{}", folder(report), place.path).into(), place.line.unwrap_or(1).max(1)),
        None => (report.source.into(), 1),
    };
    Issue {
        check_name: finding.rule,
        description: sentence(finding),
        fingerprint: fingerprint(finding, report.bom),
        location: Location { lines: Lines { begin }, path },
        severity,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::render;
    use super::*;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    #[test]
    fn every_issue_has_what_gitlab_requires_and_a_fingerprint_of_its_own() {
        let issues: Value = serde_json::from_str(&render(&FORMAT, false)).expect("JSON");
        let issues = issues.as_array().expect("a list");
        assert_eq!(issues.len(), 6);
        for issue in issues {
            for key in ["description", "check_name", "fingerprint", "severity"] {
                assert!(issue[key].is_string(), "{issue}");
            }
            assert!(issue["location"]["path"].is_string() && issue["location"]["lines"]["begin"].is_u64());
        }
        let fingerprints: BTreeSet<&str> =
            issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
        assert_eq!(fingerprints.len(), issues.len());
        let waived = issues.iter().find(|issue| issue["description"].to_string().contains("waived:"));
        assert_eq!(waived.map(|issue| &issue["severity"]), Some(&json!("info")));
    }
}
