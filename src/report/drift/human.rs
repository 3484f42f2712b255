//! For people: what matters first, a line a change, a distribution's packages together by source.

use std::fmt::Write;

use super::super::text::one_line;
use super::{DriftFormat, DriftReport, Row, Section, sections, summary, title};

pub(super) const FORMAT: DriftFormat =
    DriftFormat { name: "human", about: "for people: changes by kind, what matters first", render };

/// How many rows a section shows that nobody has to act on.
const SHOWN_NOTED: usize = 30;

fn render(report: &DriftReport<'_>) -> String {
    let mut text = String::new();
    let (sections, inside) = sections(report.drift);
    for section in &sections {
        write_section(&mut text, section, report.listed);
    }
    if inside > 0 {
        let _ = writeln!(text, "{inside} more inside the packages above\n");
    }
    if report.listed {
        write_uncovered(&mut text, report);
    }
    for reason in &report.drift.not_compared {
        let _ = writeln!(text, "note: {reason}");
    }
    let kept = report.drift.kept;
    let name = |bom, name| one_line(&title(bom, name));
    let (old, new) = (name(report.old, report.old_name), name(report.new, report.new_name));
    let _ = writeln!(
        text,
        "{old} → {new}: {}, {kept} package{} on both sides",
        summary(report.drift),
        if kept == 1 { "" } else { "s" }
    );
    text
}

/// What only one of two tools lists, a line each.
fn write_uncovered(text: &mut String, report: &DriftReport<'_>) {
    if report.drift.uncovered.is_empty() {
        return;
    }
    let _ = writeln!(text, "Of sorts that only one of the tools lists ({})", report.drift.uncovered.len());
    for change in &report.drift.uncovered {
        write_row(text, &Row { changes: vec![change] });
    }
    text.push('\n');
}

fn write_section(text: &mut String, section: &Section<'_>, listed: bool) {
    let limit = if listed || section.kind.matters() { usize::MAX } else { SHOWN_NOTED };
    let _ = writeln!(text, "{} ({})", section.kind.title(), count(section));
    for row in section.rows.iter().take(limit) {
        write_row(text, row);
    }
    if section.rows.len() > limit {
        let _ = writeln!(text, "  ... and {} more", section.rows.len() - limit);
    }
    text.push('\n');
}

pub(super) fn count(section: &Section<'_>) -> usize {
    section.rows.iter().map(|row| row.changes.len()).sum()
}

fn write_row(text: &mut String, row: &Row<'_>) {
    let (what, members) = row.what();
    let _ = write!(text, "  {}  {}", one_line(&what), one_line(&row.ends()));
    if !members.is_empty() {
        let _ = write!(text, "  ({})", one_line(&members.join(", ")));
    }
    let notes = row.notes();
    if !notes.is_empty() {
        let _ = write!(text, "  [{}]", notes.join(", "));
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::testing::{render, render_nothing};
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_matters_comes_first() {
        expect![[r#"
            Downgraded (1)
              nginx  1:2.0-1 → 2.1-1

            Licence changed (1)
              pkg:npm/a  MIT → GPL-3.0-only  [stricter]

            Added (1)
              pkg:npm/came%3Cb%3E  1.0.0

            Removed (1)
              pkg:npm/gone  1.0.0

            Upgraded (3)
              openssl  3.0.11-1 → 3.0.14-1  (libssl3, openssl)  [patch]
              pkg:npm/a  1.0.0 → 2.0.0  [major]

            app:1 → app:2: 1 downgraded, 1 relicensed, 1 added, 1 removed, 3 upgraded, 4 packages on both sides
        "#]].assert_eq(&render(&FORMAT));
    }

    #[test]
    fn nothing_is_one_line() {
        expect![[r#"
            app:1 → app:1: no drift, 1 package on both sides
        "#]]
        .assert_eq(&render_nothing(&FORMAT));
    }
}
