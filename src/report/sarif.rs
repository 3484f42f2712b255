//! SARIF 2.1.0, as code-scanning sites read it.
//!
//! One rule for each check and policy rule, not one for each package. A location is the file that names the
//! package, with its line; inside an image it is a path of the image. A waived finding is a suppressed result.
//! GitHub refuses more than 25,000 results, so the worst are written and the rest counted.
//! Spec: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::text::{fingerprint, one_line, sentence};
use super::{Format, Report};
use crate::bom::SubjectKind;
use crate::checker::{Finding, Severity, rules};

pub(super) const FORMAT: Format =
    Format { name: "sarif", about: "SARIF 2.1.0 for code-scanning sites", render };

/// What GitHub accepts in one run.
const MOST_RESULTS: usize = 25_000;

fn render(report: &Report<'_>) -> String {
    document(report, MOST_RESULTS)
}

fn document(report: &Report<'_>, most: usize) -> String {
    let shown = &report.findings[..report.findings.len().min(most)];
    let rules = rules_of(shown);
    let indices: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(index, (id, _))| (id.as_str(), index)).collect();
    let results: Vec<Value> = shown
        .iter()
        .map(|finding| {
            let id = rule_id(finding);
            let index = indices.get(id.as_str()).copied();
            result(report, finding, &id, index)
        })
        .collect();
    let mut run = json!({
        "tool": {"driver": {
            "name": "packlist",
            "version": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": rules.values().collect::<Vec<_>>(),
        }},
        "automationDetails": {"id": format!("packlist/{}/", one_line(report.policy_name))},
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    let left_out = report.findings.len() - shown.len();
    if left_out > 0 {
        let text = format!("{left_out} more findings, none worse than these, are left out");
        run["invocations"] = json!([{
            "executionSuccessful": true,
            "toolExecutionNotifications": [{"level": "warning", "message": {"text": text}}],
        }]);
    }
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    format!("{document:#}\n")
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
    let about = check.map_or(finding.rule, |rule| rule.about);
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

fn result(report: &Report<'_>, finding: &Finding, id: &str, index: Option<usize>) -> Value {
    let fingerprint = fingerprint(finding, report.bom);
    let mut result = json!({
        "ruleId": id,
        "level": level(finding.severity),
        "message": {"text": sentence(finding)},
        "locations": [location(report, finding)],
        "partialFingerprints": {
            "packlist/v1": fingerprint,
            "primaryLocationLineHash": format!("{fingerprint}:1"),
        },
    });
    if let Some(index) = index {
        result["ruleIndex"] = json!(index);
    }
    if let Some(waiver) = &finding.waived {
        result["suppressions"] =
            json!([{"kind": "external", "status": "accepted", "justification": one_line(&waiver.reason)}]);
    }
    if report.has_baseline {
        result["baselineState"] = json!(if finding.known { "unchanged" } else { "new" });
    }
    let properties = properties(report, finding);
    if !properties.is_empty() {
        result["properties"] = Value::Object(properties);
    }
    result
}

fn properties(report: &Report<'_>, finding: &Finding) -> Map<String, Value> {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            map.insert(key.to_owned(), Value::String(value));
        }
    };
    put("component", finding.component.as_ref().map(|reference| reference.0.clone()));
    put("license", finding.license.clone());
    put("policyLine", finding.policy_line.as_ref().map(ToString::to_string));
    let layer = finding.place.as_ref().and_then(|place| report.bom.layers.get(place.layer?));
    put("layer", layer.map(|layer| layer.diff_id.clone()));
    map
}

fn location(report: &Report<'_>, finding: &Finding) -> Value {
    let mut physical = Map::new();
    match &finding.place {
        Some(place) => {
            let path = format!("{}{}", folder(report), place.path);
            physical.insert("artifactLocation".into(), json!({"uri": uri(&path)}));
            // GitHub shows a result without a line nowhere.
            let line = place.line.unwrap_or(1).max(1);
            physical.insert("region".into(), json!({"startLine": line}));
        }
        None => {
            physical.insert("artifactLocation".into(), json!({"uri": uri(report.source)}));
            physical.insert("region".into(), json!({"startLine": 1}));
        }
    }
    let mut location = json!({"physicalLocation": physical});
    if let Some(reference) = &finding.component {
        location["logicalLocations"] = json!([{"fullyQualifiedName": reference.0, "kind": "package"}]);
    }
    location
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
