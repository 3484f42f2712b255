//! For programs: every row with its days and its components.

use serde::Serialize;

use super::{EolFormat, EolReport};
use crate::bom::Ref;
use crate::eol::{End, Row};

pub(super) const FORMAT: EolFormat =
    EolFormat { name: "json", about: "for programs: every row with its days and components", render };

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    today: String,
    subject: &'a str,
    sources: Vec<Origin<'a>>,
    rows: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Origin<'a> {
    name: &'a str,
    day: Option<String>,
}

#[derive(Serialize)]
struct Entry<'a> {
    status: &'static str,
    product: &'a str,
    title: &'a str,
    cycle: Option<&'a str>,
    until: Option<String>,
    active: Option<String>,
    security: Option<String>,
    extended: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract: Option<&'a str>,
    confidence: &'static str,
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    move_to: Option<Next<'a>>,
    notes: &'a [String],
    components: Vec<&'a str>,
    with: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    behind: Vec<Late<'a>>,
}

#[derive(Serialize)]
struct Next<'a> {
    cycle: &'a str,
    latest: Option<&'a str>,
    until: Option<String>,
}

#[derive(Serialize)]
struct Late<'a> {
    component: &'a str,
    latest: &'a str,
}

fn render(report: &EolReport<'_>) -> String {
    let sources = report.calendar.sources.iter();
    let document = Document {
        schema: "packlist-eol/1",
        today: report.today.to_string(),
        subject: if report.bom.subject.name.is_empty() { report.source } else { &report.bom.subject.name },
        sources: sources
            .map(|source| Origin { name: &source.name, day: source.day.map(|day| day.to_string()) })
            .collect(),
        rows: report.rows.iter().map(entry).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("texts and numbers are always JSON");
    text.push('\n');
    text
}

fn entry(row: &Row) -> Entry<'_> {
    Entry {
        status: row.status.name(),
        product: &row.product,
        title: &row.title,
        cycle: row.cycle.as_deref(),
        until: row.ends.map(|day| day.to_string()),
        active: row.active.map(end),
        security: row.security.map(end),
        extended: row.extended.map(end),
        contract: row.contract.as_deref(),
        confidence: row.confidence.name(),
        source: row.source.as_deref(),
        move_to: row.move_to.as_ref().map(|next| Next {
            cycle: &next.cycle,
            latest: next.latest.as_deref(),
            until: next.until.map(|day| day.to_string()),
        }),
        notes: &row.notes,
        components: names(&row.components),
        with: names(&row.with),
        behind: row.behind.iter().map(|b| Late { component: &b.component.0, latest: &b.latest }).collect(),
    }
}

fn end(end: End) -> String {
    match end {
        End::On(day) => day.to_string(),
        End::Over => "over".to_owned(),
        End::Undecided => "undecided".to_owned(),
    }
}

fn names(references: &[Ref]) -> Vec<&str> {
    references.iter().map(|reference| reference.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::render;
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_row_has_its_days_and_components() {
        let value: serde_json::Value = serde_json::from_str(&render(&FORMAT)).expect("JSON");
        expect![[r#"
            {
              "active": "2023-12-31",
              "components": [
                "pkg:npm/vue@2.7.16"
              ],
              "confidence": "exact",
              "cycle": "2.7",
              "extended": "undecided",
              "move_to": {
                "cycle": "3.5",
                "latest": "3.5.41",
                "until": null
              },
              "notes": [],
              "product": "vue",
              "security": "2023-12-31",
              "source": "endoflife.date, commit a70eca337600, 2026-08-22",
              "status": "extended-paid",
              "title": "Vue 2.7",
              "until": "2023-12-31",
              "with": []
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&value["rows"][0]).expect("JSON"));
    }
}
