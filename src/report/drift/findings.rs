//! Changes in the formats of a check's findings: for code-scanning sites, build servers and merge requests.
//!
//! A change is no verdict, so nothing here fails: what somebody should look at is a warning, the rest is noted.
//! `packlist check --baseline` is what denies.

use super::{DriftFormat, DriftReport, Row, sections};
use crate::checker::{Finding, Place, Policy, Severity, Verdict};
use crate::drift::{Change, Kind};
use crate::report::{self, Report};

pub(super) const GITHUB: DriftFormat =
    DriftFormat { name: "github", about: "annotations in the log of a GitHub workflow", render: github };
pub(super) const GITLAB: DriftFormat =
    DriftFormat { name: "gitlab", about: "code quality report for GitLab merge requests", render: gitlab };
pub(super) const JUNIT: DriftFormat =
    DriftFormat { name: "junit", about: "JUnit XML for build servers", render: junit };
pub(super) const SARIF: DriftFormat =
    DriftFormat { name: "sarif", about: "SARIF 2.1.0 for code-scanning sites", render: sarif };

fn github(report: &DriftReport<'_>) -> String {
    written(report, report::github::FORMAT.render)
}

fn gitlab(report: &DriftReport<'_>) -> String {
    written(report, report::gitlab::FORMAT.render)
}

fn junit(report: &DriftReport<'_>) -> String {
    written(report, report::junit::FORMAT.render)
}

fn sarif(report: &DriftReport<'_>) -> String {
    written(report, report::sarif::FORMAT.render)
}

fn written(report: &DriftReport<'_>, render: fn(&Report<'_>) -> String) -> String {
    let policy = Policy::parse("drift", "schema = 1").expect("the least that a policy may say");
    let (sections, _) = sections(report.drift);
    let changes = sections.iter().flat_map(|section| &section.rows).flat_map(|row| &row.changes);
    let mut findings: Vec<Finding> = changes.map(|change| finding(report, change)).collect();
    // Warnings first: formats with a limit leave out the end.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    render(&Report {
        bom: report.new,
        findings: &findings,
        verdict: Verdict::Pass,
        policy: &policy,
        policy_name: "drift",
        source: report.new_name,
        has_baseline: true,
        explained: false,
        support: None,
    })
}

fn finding(report: &DriftReport<'_>, change: &Change) -> Finding {
    let row = Row { changes: vec![change] };
    let notes = row.notes();
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
    let there = change.new.as_ref().and_then(|side| report.new.components.get_key_value(&side.reference));
    let what = match there {
        Some(_) => String::new(),
        None => format!("{}: ", change.package),
    };
    Finding {
        rule: change.kind.code(),
        policy_rule: None,
        severity: if change.kind.matters() { Severity::Warn } else { Severity::Info },
        component: there.map(|(reference, _)| reference.clone()),
        subject: false,
        thing: None,
        message: format!("{what}{}: {}{notes}", change.kind.title().to_lowercase(), row.ends()),
        reason: None,
        help: None,
        license: None,
        written: None,
        why: None,
        place: there.and_then(|(_, component)| component.evidence.first()).map(|evidence| Place {
            path: evidence.path.clone(),
            line: evidence.line,
            layer: evidence.layer,
        }),
        policy_line: None,
        obligations: Vec::new(),
        waived: None,
        known: false,
    }
}

/// What a kind of change is about, by its code.
pub(in crate::report) fn about(code: &str) -> Option<&'static str> {
    Kind::ALL.iter().find(|kind| kind.code() == code).map(|kind| kind.title())
}

impl Kind {
    /// Its code in formats of findings; that of the policy's check where there is one.
    fn code(self) -> &'static str {
        match self {
            Self::Subject => "drift-subject",
            Self::Distribution => "drift-distribution",
            Self::Replaced => "drift-replaced",
            Self::Source => "drift-source",
            Self::LookAlike => "drift-look-alike",
            Self::Downgraded => "drift-downgraded",
            Self::License => "drift-license",
            Self::EndOfLife => "drift-end-of-life",
            Self::Supplier => "drift-supplier",
            Self::Files => "drift-files",
            Self::Added => "drift-added",
            Self::Removed => "drift-removed",
            Self::Renamed => "drift-renamed",
            Self::Moved => "drift-moved",
            Self::Upgraded => "drift-upgraded",
            Self::Rebuilt => "drift-rebuilt",
            Self::Changed => "drift-version",
            Self::Layer => "drift-layer",
            Self::Depth => "drift-depth",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{render, render_nothing};
    use super::*;
    use expect_test::expect;
    use serde_json::Value;

    #[test]
    fn a_code_scanning_site_reads_changes_as_results() {
        let document: Value = serde_json::from_str(&render(&SARIF)).expect("JSON");
        let results = document["runs"][0]["results"].as_array().expect("a list");
        let line = |result: &Value| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            format!(
                "{} {} {}\n",
                text(&result["level"]),
                text(&result["ruleId"]),
                text(&result["message"]["text"])
            )
        };
        expect![[r#"
            warning drift-downgraded pkg:deb/debian/nginx@2.1-1: downgraded: 1:2.0-1 → 2.1-1
            warning drift-license pkg:npm/a@2.0.0: licence changed: MIT → GPL-3.0-only (stricter)
            note drift-added pkg:npm/came%3Cb%3E@1.0.0: added: 1.0.0
            note drift-removed pkg:npm/gone: removed: 1.0.0
            note drift-upgraded pkg:deb/debian/libssl3@3.0.14-1?upstream=openssl: upgraded: 3.0.11-1 → 3.0.14-1 (patch)
            note drift-upgraded pkg:deb/debian/openssl@3.0.14-1: upgraded: 3.0.11-1 → 3.0.14-1 (patch)
            note drift-upgraded pkg:npm/a@2.0.0: upgraded: 1.0.0 → 2.0.0 (major)
        "#]].assert_eq(&results.iter().map(line).collect::<String>());
        let rules = document["runs"][0]["tool"]["driver"]["rules"].as_array().expect("a list");
        let about = |rule: &Value| rule["shortDescription"]["text"] != rule["id"];
        assert!(rules.iter().all(about), "{rules:?}");
    }

    #[test]
    fn nothing_fails_a_build() {
        let junit = render(&JUNIT);
        assert!(junit.contains("failures=\"0\"") && !junit.contains("<failure"), "{junit}");
        assert!(render_nothing(&GITHUB).starts_with("::notice"), "{}", render_nothing(&GITHUB));
        assert_eq!(render_nothing(&GITLAB), "[]\n");
    }

    #[test]
    fn a_workflow_s_log_has_what_matters() {
        expect![[r#"
            ::warning title=drift-downgraded::pkg:deb/debian/nginx@2.1-1: downgraded: 1:2.0-1 → 2.1-1
            ::warning title=drift-license::pkg:npm/a@2.0.0: licence changed: MIT → GPL-3.0-only (stricter)
            ::notice title=packlist::pass: 0 deny, 2 warn, 5 info, 0 waived under policy drift
        "#]]
        .assert_eq(&render(&GITHUB));
    }
}
