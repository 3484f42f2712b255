//! For programs. The form is stable: keys are added, none is removed or given another meaning without a new
//! `schema` number.

use serde_json::{Map, Value, json};

use super::{Counts, Format, Report};
use crate::checker::{Decided, Finding, PolicyLine, Step, Why};

pub(super) const FORMAT: Format =
    Format { name: "json", about: "for programs: every finding with its reasons", render };

fn render(report: &Report<'_>) -> String {
    let counts = Counts::of(report.findings);
    let findings: Vec<Value> = report.findings.iter().map(|finding| self::finding(report, finding)).collect();
    let document = json!({
        "schema": 1,
        "tool": {"name": "packlist", "version": env!("CARGO_PKG_VERSION")},
        "subject": subject(report),
        "policy": {"name": report.policy_name, "distribution": report.policy.distribution.name()},
        "verdict": report.verdict.name(),
        "counts": {
            "components": report.bom.components.len(),
            "deny": counts.deny,
            "warn": counts.warn,
            "info": counts.info,
            "waived": counts.waived,
            "known": counts.known,
        },
        "findings": findings,
    });
    format!("{document:#}\n")
}

fn subject(report: &Report<'_>) -> Value {
    let subject = &report.bom.subject;
    let mut map = Map::new();
    map.insert("source".into(), json!(report.source));
    map.insert("kind".into(), json!(subject.kind.name()));
    map.insert("name".into(), json!(subject.name));
    put(&mut map, "version", subject.version.as_deref());
    put(&mut map, "manifestDigest", subject.manifest_digest.as_deref());
    put(&mut map, "platform", subject.platform.as_deref());
    Value::Object(map)
}

fn put(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

fn finding(report: &Report<'_>, finding: &Finding) -> Value {
    let mut map = Map::new();
    map.insert("rule".into(), json!(finding.rule));
    put(&mut map, "policyRule", finding.policy_rule.as_deref());
    map.insert("severity".into(), json!(finding.severity.name()));
    map.insert("counts".into(), json!(finding.counts()));
    map.insert("message".into(), json!(finding.message));
    put(&mut map, "component", finding.component.as_ref().map(|reference| reference.0.as_str()));
    put(&mut map, "license", finding.license.as_deref());
    put(&mut map, "written", finding.written.as_deref());
    put(&mut map, "reason", finding.reason.as_deref());
    put(&mut map, "help", finding.help.as_deref());
    put(&mut map, "policyLine", finding.policy_line.as_ref().map(line));
    if let Some(place) = &finding.place {
        let mut at = Map::new();
        at.insert("path".into(), json!(place.path));
        put(&mut at, "line", place.line);
        put(&mut at, "layer", place.layer);
        let layer = place.layer.and_then(|layer| report.bom.layers.get(layer));
        put(&mut at, "layerDiffId", layer.map(|layer| layer.diff_id.as_str()));
        map.insert("place".into(), Value::Object(at));
    }
    if !finding.obligations.is_empty() {
        map.insert("obligations".into(), json!(finding.obligations));
    }
    if let Some(waiver) = &finding.waived {
        let mut waived = Map::new();
        put(&mut waived, "id", waiver.id.as_deref());
        waived.insert("reason".into(), json!(waiver.reason));
        put(&mut waived, "approver", waiver.approver.as_deref());
        put(&mut waived, "ticket", waiver.ticket.as_deref());
        put(&mut waived, "expires", waiver.expires.map(|last| last.to_string()));
        waived.insert("policyLine".into(), line(&waiver.line));
        map.insert("waived".into(), Value::Object(waived));
    }
    if finding.known {
        map.insert("known".into(), json!(true));
    }
    if report.explained {
        put(&mut map, "why", finding.why.as_ref().map(why));
    }
    Value::Object(map)
}

fn line(line: &PolicyLine) -> Value {
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
                    map.insert("policyLine".into(), line(&rule.line));
                }
                Decided::Unmatched(default) => {
                    map.insert("default".into(), json!("unmatched"));
                    put(&mut map, "policyLine", default.as_ref().map(line));
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
