//! For programs. The form is stable: keys are added, none is removed or given another meaning without a new
//! `schema` number.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::lazy::{self, Lazy, is_false};
use super::{Counts, Format, Report};
use crate::checker::{Decided, Finding, PolicyLine, Step, Waiver, Why};

pub(super) const FORMAT: Format =
    Format { name: "json", about: "for programs: every finding with its reasons", render };

#[derive(Serialize)]
struct Document<'a, F: Serialize> {
    counts: Value,
    findings: F,
    policy: Value,
    schema: u8,
    subject: Subject<'a>,
    tool: Value,
    verdict: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subject<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest_digest: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<&'a str>,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<&'a str>,
    counts: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    known: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<&'a str>,
    message: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    obligations: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<At<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_line: Option<Line<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    rule: &'static str,
    severity: &'static str,
    #[serde(skip_serializing_if = "is_false")]
    subject: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<Waived<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct At<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer_diff_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    path: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    column: u32,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Waived<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    approver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    policy_line: Line<'a>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
}

fn render(report: &Report<'_>) -> String {
    let counts = Counts::of(report.findings);
    let subject = &report.bom.subject;
    lazy::text(&Document {
        counts: json!({
            "components": report.bom.components.len(),
            "deny": counts.deny,
            "warn": counts.warn,
            "info": counts.info,
            "waived": counts.waived,
            "known": counts.known,
        }),
        findings: Lazy(|| report.findings.iter().map(|finding| entry(report, finding))),
        policy: json!({"name": report.policy_name, "distribution": report.policy.distribution.name()}),
        schema: 1,
        subject: Subject {
            kind: subject.kind.name(),
            manifest_digest: subject.manifest_digest.as_deref(),
            name: &subject.name,
            platform: subject.platform.as_deref(),
            source: report.source,
            version: subject.version.as_deref(),
        },
        tool: json!({"name": "packlist", "version": env!("CARGO_PKG_VERSION")}),
        verdict: report.verdict.name(),
    })
}

fn entry<'a>(report: &Report<'a>, finding: &'a Finding) -> Entry<'a> {
    let place = finding.place.as_ref().map(|place| At {
        layer: place.layer,
        layer_diff_id: place
            .layer
            .and_then(|layer| report.bom.layers.get(layer))
            .map(|layer| layer.diff_id.as_str()),
        line: place.line,
        path: &place.path,
    });
    Entry {
        component: finding.component.as_ref().map(|reference| reference.as_str()),
        counts: finding.counts(),
        help: finding.help.as_deref(),
        known: finding.known,
        license: finding.license.as_deref(),
        message: &finding.message,
        obligations: &finding.obligations,
        place,
        policy_line: finding.policy_line.as_ref().map(line),
        policy_rule: finding.policy_rule.as_deref(),
        reason: finding.reason.as_deref(),
        rule: finding.rule,
        severity: finding.severity.name(),
        subject: finding.subject,
        waived: finding.waived.as_deref().map(waived),
        why: finding.why.as_deref().filter(|_| report.explained).map(why),
        written: finding.written.as_deref(),
    }
}

fn waived(waiver: &Waiver) -> Waived<'_> {
    Waived {
        approver: waiver.approver.as_deref(),
        expires: waiver.expires.map(|last| last.to_string()),
        id: waiver.id.as_deref(),
        policy_line: line(&waiver.line),
        reason: &waiver.reason,
        ticket: waiver.ticket.as_deref(),
    }
}

fn line(line: &PolicyLine) -> Line<'_> {
    Line { column: line.column, file: line.file.as_ref(), line: line.line }
}

fn put(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

fn line_value(line: &PolicyLine) -> Value {
    json!({"file": line.file.as_ref(), "line": line.line, "column": line.column})
}

/// Depth is that of the expression, which the parser bounds.
fn why(at: &Why) -> Value {
    let mut map = Map::new();
    map.insert("best".into(), json!(at.best.name()));
    map.insert("worst".into(), json!(at.worst.name()));
    let of = |parts: &[Why]| -> Vec<Value> { parts.iter().map(why).collect() };
    match &at.step {
        Step::License { license, category, decided } => {
            map.insert("license".into(), json!(license));
            map.insert("category".into(), json!(category.name()));
            match decided {
                Decided::Rule(rule) => {
                    map.insert("rule".into(), json!(rule.id));
                    map.insert("policyLine".into(), line_value(&rule.line));
                }
                Decided::Unmatched(default) => {
                    map.insert("default".into(), json!("unmatched"));
                    put(&mut map, "policyLine", default.as_ref().map(line_value));
                }
                Decided::Open => {
                    map.insert("default".into(), json!("unknown"));
                }
            }
        }
        Step::All(parts) => {
            map.insert("all".into(), json!(of(parts)));
        }
        Step::Any { options, chosen } => {
            map.insert("any".into(), json!(of(options)));
            map.insert("chosen".into(), json!(chosen));
        }
        Step::Later { license, options, chosen } => {
            map.insert("license".into(), json!(license));
            map.insert("later".into(), json!(of(options)));
            map.insert("chosen".into(), json!(chosen));
        }
        Step::Family { license, options } => {
            map.insert("license".into(), json!(license));
            map.insert("oneOf".into(), json!(of(options)));
        }
        Step::Statements(parts) => {
            map.insert("statements".into(), json!(of(parts)));
        }
    }
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::super::testing::render;
    use super::*;

    #[test]
    fn every_finding_is_there_with_its_reasons() {
        let report: Value = serde_json::from_str(&render(&FORMAT, true)).expect("JSON");
        assert_eq!(report["verdict"], "fail");
        assert_eq!(report["counts"]["deny"], 2);
        assert_eq!(report["counts"]["waived"], 1);
        let findings = report["findings"].as_array().expect("a list");
        let denied = findings.iter().find(|finding| finding["component"] == "pkg:npm/denied@1.0.0");
        let denied = denied.expect("a finding");
        assert_eq!(denied["policyRule"], "strong");
        assert_eq!(denied["place"]["line"], 20);
        assert_eq!(denied["place"]["layerDiffId"], format!("sha256:{:064}", 1));
        assert_eq!(denied["why"]["all"][1]["category"], "strong-copyleft");
        let waived = findings.iter().find(|finding| finding["waived"].is_object()).expect("a waived finding");
        assert_eq!(waived["counts"], false);
        assert_eq!(waived["waived"]["expires"], "2027-06-30");
    }

    #[test]
    fn two_runs_give_the_same_bytes() {
        assert_eq!(render(&FORMAT, true), render(&FORMAT, true));
    }
}
