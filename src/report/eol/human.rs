//! For people: a table in order of days, what is over first, then a word on what needs one.

use std::fmt::Write;

use super::super::text::one_line;
use super::{EolFormat, EolReport, basis, extent, meaning, move_to, needs_a_move, summary};
use crate::eol::Row;

pub(super) const FORMAT: EolFormat =
    EolFormat { name: "human", about: "for people: a table in order of days", render };

const HEAD: [&str; 5] = ["UNTIL", "STATUS", "WHAT", "EXTENT", "MOVE TO"];

fn render(report: &EolReport<'_>) -> String {
    let mut text = String::new();
    if !report.rows.is_empty() {
        write_table(&mut text, report.rows);
        text.push('\n');
    }
    for row in report.rows.iter().filter(|row| needs_a_move(row.status)) {
        let _ = writeln!(text, "{}: {}", one_line(&row.title), meaning(row));
        for note in &row.notes {
            let _ = writeln!(text, "  {}", one_line(note));
        }
    }
    if report.rows.iter().any(|row| needs_a_move(row.status)) {
        text.push('\n');
    }
    let name = if report.bom.subject.name.is_empty() { report.source } else { &report.bom.subject.name };
    let _ = writeln!(text, "{}: {}; {}", one_line(name), summary(report.rows), basis(report));
    text
}

fn write_table(text: &mut String, rows: &[Row]) {
    let mut lines: Vec<[String; 5]> = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(|row| {
        [
            row.ends.map_or("-".to_owned(), |day| day.to_string()),
            row.status.name().to_owned(),
            one_line(&row.title),
            extent(row),
            move_to(row).unwrap_or_default(),
        ]
    }));
    let width =
        |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 5] = std::array::from_fn(width);
    for line in &lines {
        let cells: Vec<String> = line
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::render;
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_is_over_comes_first() {
        expect![[r#"
            UNTIL       STATUS           WHAT        EXTENT       MOVE TO
            2023-12-31  extended-paid    Vue 2.7     1 component  3.5
            2024-04-01  eol              Django 3.2  1 component  5.2 (until 2028-04-30)
            2028-06-30  extended-free    Debian 12   2 packages   13 (until 2028-08-09)
            -           newer-than-data  Go 1.99.0   1 component

            Vue 2.7: only those who pay are looked after
            Django 3.2: nobody looks after it any more
            Debian 12: only extended support is left, for everybody, until 2028-06-30

            app:1: 1 eol, 1 extended-paid, 1 extended-free, 1 newer-than-data; as of 2026-11-20, calendar of 2026-08-22 (90 days old; `packlist eol update` fetches newer dates)
        "#]].assert_eq(&render(&FORMAT));
    }
}
