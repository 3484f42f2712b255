//! For programs: every change with both sides, in one order, without a clock.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{DriftFormat, DriftReport, title};
use crate::bom::Bom;
use crate::drift::{Cause, Change, Direction, Side};
use crate::versions::Step;

pub(super) const FORMAT: DriftFormat =
    DriftFormat { name: "json", about: "for programs: every change with both sides", render };

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    old: Subject<'a>,
    new: Subject<'a>,
    summary: BTreeMap<&'static str, usize>,
    kept: usize,
    not_compared: &'a [String],
    changes: Vec<Entry<'a>>,
    /// Of sorts that only one of two tools lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uncovered: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Subject<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    made_by: Option<String>,
    components: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    kind: &'static str,
    package: &'a str,
    name: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inside: Option<&'a str>,
    first_party: bool,
    another_version_stays: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<End<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<End<'a>>,
}

#[derive(Serialize)]
struct End<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    version: Option<&'a str>,
}

fn render(report: &DriftReport<'_>) -> String {
    let counts = report.drift.summary();
    let document = Document {
        schema: "packlist-drift/1",
        old: subject(report.old, report.old_name),
        new: subject(report.new, report.new_name),
        summary: counts.iter().map(|(kind, count)| (kind.name(), *count)).collect(),
        kept: report.drift.kept,
        not_compared: &report.drift.not_compared,
        changes: report.drift.changes.iter().map(entry).collect(),
        uncovered: report.drift.uncovered.iter().map(entry).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("texts and numbers are always JSON");
    text.push('\n');
    text
}

fn subject<'a>(bom: &'a Bom, name: &str) -> Subject<'a> {
    Subject {
        name: title(bom, name),
        version: bom.subject.version.as_deref(),
        platform: bom.subject.platform.as_deref(),
        made_by: bom.origin.as_ref().map(|origin| origin.tools.join(", ")),
        components: bom.components.len(),
    }
}

fn entry(change: &Change) -> Entry<'_> {
    Entry {
        kind: change.kind.name(),
        package: &change.package,
        name: &change.name,
        from: change.from.as_deref(),
        to: change.to.as_deref(),
        step: change.step.map(Step::name),
        direction: change.direction.map(Direction::name),
        cause: change.cause.map(Cause::name),
        source: change.source.as_deref(),
        inside: change.inside.as_ref().map(|owner| owner.as_str()),
        first_party: change.first_party,
        another_version_stays: change.stays,
        old: change.old.as_ref().map(end),
        new: change.new.as_ref().map(end),
    }
}

fn end(side: &Side) -> End<'_> {
    End { reference: &side.reference.0, version: side.version.as_deref() }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{render, render_nothing};
    use super::*;
    use expect_test::expect;

    #[test]
    fn every_change_has_both_sides() {
        let text = render(&FORMAT);
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        expect![[r#"
            {
              "added": 1,
              "downgraded": 1,
              "license-changed": 1,
              "removed": 1,
              "upgraded": 3
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&value["summary"]).expect("JSON"));
        expect![[r#"
            {
              "another_version_stays": false,
              "first_party": false,
              "from": "1:2.0-1",
              "kind": "downgraded",
              "name": "nginx",
              "new": {
                "ref": "pkg:deb/debian/nginx@2.1-1",
                "version": "2.1-1"
              },
              "old": {
                "ref": "pkg:deb/debian/nginx@1:2.0-1",
                "version": "1:2.0-1"
              },
              "package": "pkg:deb/debian/nginx",
              "source": "nginx",
              "step": "minor",
              "to": "2.1-1"
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&value["changes"][0]).expect("JSON"));
    }

    #[test]
    fn nothing_is_an_empty_list() {
        expect![[r#"
            {
              "schema": "packlist-drift/1",
              "old": {
                "name": "app:1",
                "components": 1
              },
              "new": {
                "name": "app:1",
                "components": 1
              },
              "summary": {},
              "kept": 1,
              "not_compared": [],
              "changes": []
            }
        "#]]
        .assert_eq(&render_nothing(&FORMAT));
    }
}
