//! SARIF 2.1.0, as code-scanning sites read it.
//!
//! One rule for each check and policy rule, not one for each package. A location is the file that names the
//! package, with its line; inside an image it is a path of the image. A waived finding is a suppressed result.
//! GitHub refuses more than 25,000 results, so the worst are written and the rest counted.
//! Spec: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::lazy::{self, Lazy};
use super::text::{fingerprint, one_line, sentence};
use super::{Format, Report};
use crate::bom::{Ref, SubjectKind};
use crate::checker::{Finding, Severity, rules};

pub(super) const FORMAT: Format =
    Format { name: "sarif", about: "SARIF 2.1.0 for code-scanning sites", render };

/// What GitHub accepts in one run.
const MOST_RESULTS: usize = 25_000;

fn render(report: &Report<'_>) -> String {
    document(report, MOST_RESULTS)
}

#[derive(Serialize)]
struct Document<R: Serialize> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [Run<R>; 1],
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R: Serialize> {
    automation_details: Value,
    column_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    invocations: Option<Value>,
    results: R,
    tool: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    level: &'static str,
    locations: [Location<'a>; 1],
    message: Message,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    properties: BTreeMap<&'static str, Cow<'a, str>>,
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<Value>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    logical_locations: Option<[Logical<'a>; 1]>,
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical<'a> {
    fully_qualified_name: &'a str,
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

fn document(report: &Report<'_>, most: usize) -> String {
    let shown = &report.findings[..report.findings.len().min(most)];
    let rules = rules_of(shown);
    let indices: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(index, (id, _))| (id.as_str(), index)).collect();
    let left_out = report.findings.len() - shown.len();
    let invocations = (left_out > 0).then(|| {
        let text = format!("{left_out} more findings, none worse than these, are left out");
        json!([{
            "executionSuccessful": true,
            "toolExecutionNotifications": [{"level": "warning", "message": {"text": text}}],
        }])
    });
    let indices = &indices;
    lazy::text(&Document {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        runs: [Run {
            automation_details: json!({"id": format!("packlist/{}/", one_line(report.policy_name))}),
            column_kind: "unicodeCodePoints",
            invocations,
            results: Lazy(|| shown.iter().map(|finding| result(report, finding, indices))),
            tool: json!({"driver": {
                "name": "packlist",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.values().collect::<Vec<_>>(),
            }}),
        }],
        version: "2.1.0",
    })
}

/// `license-not-allowed/app-strong`: the check, and the policy's rule where one decided.
fn rule_id(finding: &Finding) -> String {
    match &finding.policy_rule {
        Some(rule) => format!("{}/{}", finding.rule, one_line(rule)),
        None => finding.rule.to_owned(),
    }
}

fn rules_of(findings: &[Finding]) -> BTreeMap<String, Value> {
    let mut rules: BTreeMap<String, Value> = BTreeMap::new();
    for finding in findings {
        rules.entry(rule_id(finding)).or_insert_with(|| rule(finding));
    }
    rules
}

fn rule(finding: &Finding) -> Value {
    let check = rules::ALL.iter().find(|rule| rule.code == finding.rule);
    let of_change = || super::drift::about(finding.rule).unwrap_or(finding.rule);
    let about = check.map_or_else(of_change, |rule| rule.about);
    let mut help = vec![about.to_owned()];
    help.extend(finding.reason.as_ref().map(|reason| format!("The policy's reason: {}", one_line(reason))));
    help.extend(finding.help.as_ref().map(|help| format!("What to do: {}", one_line(help))));
    help.extend(finding.policy_line.as_ref().map(|line| format!("Decided in {line}")));
    let (text, markdown) = (help.join("\n"), help.join("\n\n"));
    json!({
        "id": rule_id(finding),
        "name": camel_case(finding.rule),
        "shortDescription": {"text": about},
        "fullDescription": {"text": help.first()},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": {"tags": ["sbom", finding.rule.split('-').next().unwrap_or_default()]},
    })
}

/// SARIF wants names of rules in Pascal case.
fn camel_case(code: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    };
    code.split('-').map(word).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Info => "note",
    }
}

fn result<'a>(report: &Report<'a>, finding: &'a Finding, indices: &BTreeMap<&'a str, usize>) -> Entry<'a> {
    let fingerprint = fingerprint(finding, report.bom);
    let id = rule_id(finding);
    let known = indices.get_key_value(id.as_str());
    let suppressions = finding.waived.as_ref().map(|waiver| {
        json!([{"kind": "external", "status": "accepted", "justification": one_line(&waiver.reason)}])
    });
    let state = if finding.known { "unchanged" } else { "new" };
    Entry {
        baseline_state: report.has_baseline.then_some(state),
        level: level(finding.severity),
        locations: [location(report, finding)],
        message: Message { text: sentence(finding) },
        partial_fingerprints: BTreeMap::from([
            ("primaryLocationLineHash", format!("{fingerprint}:1")),
            ("packlist/v1", fingerprint),
        ]),
        properties: properties(report, finding),
        rule_id: known.map_or(finding.rule, |(id, _)| id),
        rule_index: known.map(|(_, index)| *index),
        suppressions,
    }
}

fn properties<'a>(report: &Report<'a>, finding: &'a Finding) -> BTreeMap<&'static str, Cow<'a, str>> {
    let layer = finding.place.as_ref().and_then(|place| report.bom.layers.get(place.layer?));
    let properties = [
        ("component", finding.component.as_ref().map(|reference| reference.as_str().into())),
        ("license", finding.license.as_deref().map(Cow::from)),
        ("policyLine", finding.policy_line.as_ref().map(|line| line.to_string().into())),
        ("layer", layer.map(|layer| layer.diff_id.as_str().into())),
    ];
    properties.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn location<'a>(report: &Report<'a>, finding: &'a Finding) -> Location<'a> {
    let (uri, start_line) = match &finding.place {
        // GitHub shows a result without a line nowhere.
        Some(place) => (uri(&format!("{}{}", folder(report), place.path)), place.line.unwrap_or(1).max(1)),
        None => (uri(report.source), 1),
    };
    let logical = |reference: &'a Ref| [Logical { fully_qualified_name: &reference.0, kind: "package" }];
    Location {
        logical_locations: finding.component.as_ref().map(logical),
        physical_location: Physical { artifact_location: Artifact { uri }, region: Region { start_line } },
    }
}

/// What leads from where the user stands to the scanned folder, so that a site finds the lockfile. Empty for
/// images and for documents.
pub(super) fn folder(report: &Report<'_>) -> String {
    let is_folder = report.bom.subject.kind == SubjectKind::Directory && report.bom.origin.is_none();
    let source = report.source.strip_prefix("dir:").unwrap_or(report.source);
    let source = source.trim_start_matches("./").trim_end_matches('/');
    let inside = !source.starts_with('/') && !source.split('/').any(|part| part == "..");
    match is_folder && inside && !matches!(source, "" | ".") {
        true => format!("{source}/"),
        false => String::new(),
    }
}

/// A relative reference: everything but what every URI may hold is encoded.
fn uri(path: &str) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~' | b'!' | b'@' | b'+')
        {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, component, render, render_bom};
    use super::*;

    #[test]
    fn a_result_stands_at_the_line_of_the_lockfile_and_a_waiver_suppresses_it() {
        let document: Value = serde_json::from_str(&render(&FORMAT, false)).expect("JSON");
        let results = document["runs"][0]["results"].as_array().expect("results");
        let of = |name: &str| {
            let named = |result: &&Value| result["properties"]["component"] == name;
            results.iter().find(named).expect("a result")
        };
        let denied = of("pkg:npm/denied@1.0.0");
        let physical = &denied["locations"][0]["physicalLocation"];
        assert_eq!(physical["artifactLocation"]["uri"], "app/package-lock.json");
        assert_eq!(physical["region"]["startLine"], 20);
        assert_eq!(denied["ruleId"], "license-not-allowed/strong");
        assert_eq!(denied["level"], "error");
        assert_eq!(of("pkg:npm/waived@1.0.0")["suppressions"][0]["justification"], "contract 4711");
        assert!(of("pkg:npm/denied@1.0.0").get("suppressions").is_none());
        let rules = document["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
        for result in results {
            let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok());
            assert_eq!(rules[index.expect("an index")]["id"], result["ruleId"]);
        }
    }

    #[test]
    fn odd_paths_are_encoded_and_too_many_results_are_counted() {
        let few = Format { render: |report| document(report, 3), ..FORMAT };
        let mut bom = bom();
        bom.components.clear();
        for index in 0..5 {
            let mut component = component(&format!("pkg:npm/x{index}@1"), "GPL-3.0-only", 1, 1);
            component.evidence[0].path = "a b/ü%#?.lock".into();
            bom.components.insert(component.reference(), component);
        }
        let document: Value = serde_json::from_str(&render_bom(&few, &bom, false)).expect("JSON");
        let run = &document["runs"][0];
        assert_eq!(run["results"].as_array().map(Vec::len), Some(3));
        let notice = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        // Two of the five, and the waiver that is for nothing.
        assert!(notice.as_str().is_some_and(|text| text.starts_with("3 more")), "{notice}");
        let place = &run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(place, "a%20b/%C3%BC%25%23%3F.lock");
    }
}
