//! A table for a page or a comment: what needs a move, the rest folded.

use std::fmt::Write;

use super::{EolFormat, EolReport, basis, extent, meaning, move_to, needs_a_move, summary};
use crate::eol::Row;
use crate::report::markup::code;

pub(super) const FORMAT: EolFormat =
    EolFormat { name: "markdown", about: "a table for a page or a comment", render };

fn render(report: &EolReport<'_>) -> String {
    let name = if report.bom.subject.name.is_empty() { report.source } else { &report.bom.subject.name };
    let mut text = format!("### {}: {}\n\n", code(name), summary(report.rows));
    let (open, folded): (Vec<&Row>, Vec<&Row>) = report.rows.iter().partition(|row| needs_a_move(row.status));
    if !open.is_empty() {
        write_table(&mut text, &open);
    }
    if !folded.is_empty() {
        let _ = writeln!(text, "<details><summary>Everything else ({})</summary>\n", folded.len());
        write_table(&mut text, &folded);
        text.push_str("</details>\n\n");
    }
    let _ = writeln!(text, "{}", basis(report));
    text
}

fn write_table(text: &mut String, rows: &[&Row]) {
    text.push_str("| until | what | extent | | move to |\n|---|---|---|---|---|\n");
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            row.ends.map_or(String::new(), |day| day.to_string()),
            code(&row.title),
            extent(row),
            meaning(row),
            move_to(row).map(|to| code(&to)).unwrap_or_default()
        );
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::testing::render;
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_needs_a_move_stands_open() {
        expect![[r#"
            ### `app:1`: 1 eol, 1 extended-paid, 1 extended-free, 1 newer-than-data

            | until | what | extent | | move to |
            |---|---|---|---|---|
            | 2023-12-31 | `Vue 2.7` | 1 component | only those who pay are looked after | `3.5` |
            | 2024-04-01 | `Django 3.2` | 1 component | nobody looks after it any more | `5.2 (until 2028-04-30)` |
            | 2028-06-30 | `Debian 12` | 2 packages | only extended support is left, for everybody, until 2028-06-30 | `13 (until 2028-08-09)` |

            <details><summary>Everything else (1)</summary>

            | until | what | extent | | move to |
            |---|---|---|---|---|
            |  | `Go 1.99.0` | 1 component | newer than anything the calendar knows |  |

            </details>

            as of 2026-11-20, calendar of 2026-08-22 (90 days old; `packlist eol update` fetches newer dates)
        "#]].assert_eq(&render(&FORMAT));
    }
}
