//! A pull request's comment: a line that says it all, what matters open, the rest folded.
//!
//! The first line is a mark by which a job finds its own comment again. A comment that grows beyond what GitHub
//! takes is cut section by section, and says so.

use std::fmt::Write;

use super::human::count;
use super::{DriftFormat, DriftReport, Row, Section, sections, summary, title};
use crate::report::markup::code;

pub(super) const FORMAT: DriftFormat =
    DriftFormat { name: "markdown", about: "a comment for a pull request", render };

/// GitHub takes 65,536 characters.
const LONGEST: usize = 60_000;
/// How many of a source package's packages are named.
const SHOWN_MEMBERS: usize = 8;
/// How many rows each section may have, tried in turn until the comment is short enough.
const LADDER: &[usize] = &[usize::MAX, 200, 50, 10, 3, 0];

fn render(report: &DriftReport<'_>) -> String {
    let (sections, inside) = sections(report.drift);
    let mut text = String::new();
    for limit in LADDER {
        text = comment(report, &sections, inside, *limit);
        if text.chars().count() <= LONGEST {
            break;
        }
    }
    text
}

fn comment(report: &DriftReport<'_>, sections: &[Section<'_>], inside: usize, limit: usize) -> String {
    let (old, new) = (title(report.old, report.old_name), title(report.new, report.new_name));
    let mut text = format!("<!-- packlist drift {} -->\n", new.replace("--", "-").replace(['<', '>'], ""));
    let _ = writeln!(text, "### {} → {}: {}\n", code(&old), code(&new), summary(report.drift));
    let (open, folded): (Vec<&Section<'_>>, Vec<&Section<'_>>) =
        sections.iter().partition(|section| section.kind.matters());
    for section in open {
        let _ = writeln!(text, "**{}** ({})\n", section.kind.title(), count(section));
        write_table(&mut text, section, limit);
    }
    for section in folded {
        let _ = writeln!(text, "<details><summary>{} ({})</summary>\n", section.kind.title(), count(section));
        write_table(&mut text, section, limit);
        text.push_str("</details>\n\n");
    }
    if inside > 0 {
        let _ = writeln!(text, "{inside} more inside the packages above.\n");
    }
    for reason in &report.drift.not_compared {
        let _ = writeln!(text, "> {}\n", plain(reason));
    }
    text
}

fn write_table(text: &mut String, section: &Section<'_>, limit: usize) {
    text.push_str("| package | change | |\n|---|---|---|\n");
    for row in section.rows.iter().take(limit) {
        write_row(text, row);
    }
    if section.rows.len() > limit {
        let _ = writeln!(text, "\nand {} more", section.rows.len() - limit);
    }
    text.push('\n');
}

fn write_row(text: &mut String, row: &Row<'_>) {
    let (what, members) = row.what();
    let members = match members.is_empty() {
        true => String::new(),
        false => format!(" ({})", listed(&members)),
    };
    let _ =
        writeln!(text, "| {}{members} | {} | {} |", code(&what), code(&row.ends()), row.notes().join(", "));
}

/// The first names, and how many more there are.
fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(SHOWN_MEMBERS).map(|name| code(name)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN_MEMBERS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn plain(text: &str) -> String {
    text.replace('<', "&lt;").replace('|', "\\|").replace('@', "@\u{200b}")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{render, render_nothing};
    use super::*;
    use crate::bom::{Bom, Component};
    use crate::drift;
    use expect_test::expect;

    #[test]
    fn what_matters_stands_open() {
        expect![[r#"
            <!-- packlist drift app:2 -->
            ### `app:1` → `app:2`: 1 downgraded, 1 relicensed, 1 added, 1 removed, 3 upgraded

            **Downgraded** (1)

            | package | change | |
            |---|---|---|
            | `nginx` | `1:2.0-1 → 2.1-1` |  |

            **Licence changed** (1)

            | package | change | |
            |---|---|---|
            | `pkg:npm/a` | `MIT → GPL-3.0-only` | stricter |

            <details><summary>Added (1)</summary>

            | package | change | |
            |---|---|---|
            | `pkg:npm/came%3Cb%3E` | `1.0.0` |  |

            </details>

            <details><summary>Removed (1)</summary>

            | package | change | |
            |---|---|---|
            | `pkg:npm/gone` | `1.0.0` |  |

            </details>

            <details><summary>Upgraded (3)</summary>

            | package | change | |
            |---|---|---|
            | `openssl` (`libssl3`, `openssl`) | `3.0.11-1 → 3.0.14-1` | patch |
            | `pkg:npm/a` | `1.0.0 → 2.0.0` | major |

            </details>

        "#]]
        .assert_eq(&render(&FORMAT));
    }

    #[test]
    fn nothing_is_a_heading() {
        expect![[r#"
            <!-- packlist drift app:1 -->
            ### `app:1` → `app:1`: no drift

        "#]]
        .assert_eq(&render_nothing(&FORMAT));
    }

    #[test]
    fn a_long_comment_is_cut_and_says_so() {
        let mut new = Bom::default();
        for index in 0..3000 {
            let component = Component::new(format!("a-rather-long-name-of-a-package-{index}"));
            new.components.insert(component.reference(), component);
        }
        let old = Bom::default();
        let drift = drift::compare(&old, &new);
        let report = DriftReport {
            old: &old,
            new: &new,
            old_name: "old",
            new_name: "new",
            drift: &drift,
            listed: false,
            support: None,
        };
        let text = (FORMAT.render)(&report);
        assert!(text.chars().count() < LONGEST);
        assert!(text.contains("and 2800 more"));
    }
}
