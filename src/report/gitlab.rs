//! GitLab's code quality report.
//!
//! It knows no waived findings, so these are written as information and say that they are waived.
//! Spec: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde_json::{Value, json};

use super::sarif::folder;
use super::text::{fingerprint, sentence};
use super::{Format, Report};
use crate::checker::{Finding, Severity};

pub(super) const FORMAT: Format =
    Format { name: "gitlab", about: "code quality report for GitLab merge requests", render };

fn render(report: &Report<'_>) -> String {
    let issues: Vec<Value> = report.findings.iter().map(|finding| issue(report, finding)).collect();
    format!("{:#}\n", Value::Array(issues))
}

fn issue(report: &Report<'_>, finding: &Finding) -> Value {
    let severity = match finding.severity {
        _ if !finding.counts() => "info",
        Severity::Deny => "critical",
        Severity::Warn => "minor",
        Severity::Info => "info",
    };
    let (path, line) = match &finding.place {
        Some(place) => (format!("{}{}", folder(report), place.path), place.line.unwrap_or(1)),
        None => (report.source.to_owned(), 1),
    };
    json!({
        "description": sentence(finding),
        "check_name": finding.rule,
        "fingerprint": fingerprint(finding, report.bom),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::render;
    use super::*;
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
