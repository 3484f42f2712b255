//! A comment for a pull request: the verdict, then tables of what counts, worst first.
//!
//! GitHub refuses comments of 65,536 characters; what does not fit is counted. Words of strangers stand in code
//! spans, or so that nobody is mentioned, nothing is linked and no HTML is written.

use std::fmt::Write;

use super::text::one_line;
use super::{Counts, Format, Report};
use crate::checker::{Finding, Severity, Verdict};

pub(super) const FORMAT: Format =
    Format { name: "markdown", about: "a comment for a pull request, bounded in size", render };

/// In bytes, of which there are never fewer than characters.
const LONGEST: usize = 60_000;
/// Of one cell, in characters.
const LONGEST_CELL: usize = 300;
/// Rows of notes; the others are counted.
const SHOWN_NOTED: usize = 20;

fn render(report: &Report<'_>) -> String {
    let counts = Counts::of(report.findings);
    let verdict = match report.verdict {
        Verdict::Pass => "passed",
        Verdict::Warn => "passed with warnings",
        Verdict::Fail => "denied",
    };
    let mut text = format!(
        "## packlist: {verdict}\n\n{} under policy {}, {} components\n\n\
         | deny | warn | info | waived | known |\n|---:|---:|---:|---:|---:|\n| {} | {} | {} | {} | {} |\n",
        code(report.source),
        code(report.policy_name),
        report.bom.components.len(),
        counts.deny,
        counts.warn,
        counts.info,
        counts.waived,
        counts.known
    );
    let counting = |severity| move |finding: &&Finding| finding.counts() && finding.severity == severity;
    section(
        &mut text,
        "Denied",
        report.findings.iter().filter(counting(Severity::Deny)).collect(),
        usize::MAX,
    );
    section(
        &mut text,
        "Warnings",
        report.findings.iter().filter(counting(Severity::Warn)).collect(),
        usize::MAX,
    );
    let waived = report.findings.iter().filter(|finding| finding.waived.is_some()).collect();
    section(&mut text, "Waived", waived, usize::MAX);
    section(
        &mut text,
        "Noted",
        report.findings.iter().filter(counting(Severity::Info)).collect(),
        SHOWN_NOTED,
    );
    text
}

/// A table of at most `most` findings, fewer where the comment is full.
fn section(text: &mut String, title: &str, findings: Vec<&Finding>, most: usize) {
    if findings.is_empty() {
        return;
    }
    let head = format!(
        "\n### {title} ({})\n\n| component | what | where | policy |\n|---|---|---|---|\n",
        findings.len()
    );
    // Kept for the sentence that says how many more there are.
    const RESERVED: usize = 200;
    let mut written = 0;
    if text.len() + head.len() + RESERVED < LONGEST {
        text.push_str(&head);
        for finding in findings.iter().take(most) {
            let row = row(finding);
            if text.len() + row.len() + RESERVED > LONGEST {
                break;
            }
            text.push_str(&row);
            written += 1;
        }
    }
    let left = findings.len() - written;
    if left > 0 && text.len() + RESERVED < LONGEST + 4 * RESERVED {
        let _ = write!(text, "\n{left} more are in the full report.\n");
    }
}

fn row(finding: &Finding) -> String {
    let component = finding.component.as_ref().map(|reference| code(&reference.0)).unwrap_or_default();
    let place = finding.place.as_ref().map(|place| {
        let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
        code(&format!("{}{line}", place.path))
    });
    let mut what = words(&finding.message);
    if let Some(reason) = &finding.reason {
        let _ = write!(what, "; {}", words(reason));
    }
    if let Some(waiver) = &finding.waived {
        let until = waiver.expires.map(|last| format!(" until {last}")).unwrap_or_default();
        let _ = write!(what, "; waived{until}: {}", words(&waiver.reason));
    }
    let policy = match (&finding.policy_rule, &finding.policy_line) {
        (Some(rule), Some(line)) => {
            format!("{} {}", code(rule), code(&format!("{}:{}", line.file, line.line)))
        }
        (None, Some(line)) => code(&format!("{}:{}", line.file, line.line)),
        _ => String::new(),
    };
    format!("| {component} | {what} | {} | {policy} |\n", place.unwrap_or_default())
}

fn cut(text: &str) -> String {
    let text = one_line(text);
    match text.char_indices().nth(LONGEST_CELL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A code span: nothing in it is read as anything else. A bar would end the table's cell even here, and whether
/// a backslash saves it depends on what stands before, so it becomes a broken one.
fn code(text: &str) -> String {
    span(&cut(text))
}

fn span(text: &str) -> String {
    match text.trim() {
        "" => String::new(),
        _ => format!("`{}`", text.replace('`', "'").replace('|', "¦")),
    }
}

/// A sentence with code spans of its own. Whichever of its backticks are a stranger's, what is inside a span is
/// code and what is outside is made harmless.
fn words(text: &str) -> String {
    let mut parts = Vec::new();
    for (index, part) in cut(text).split('`').enumerate() {
        parts.push(if index % 2 == 1 { span(part) } else { harmless(part) });
    }
    parts.concat()
}

fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '|' | '*' | '_' | '[' | ']' | '~' | '\\' | '!' | '$' => {
                let _ = write!(safe, "&#{};", u32::from(c));
            }
            // A zero-width space behind it keeps sites from mentioning people, issues and addresses.
            '@' | '#' | ':' | '.' => {
                safe.push(c);
                safe.push('\u{200B}');
            }
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, component, render, render_bom};
    use super::*;
    use expect_test::expect;

    #[test]
    fn the_worst_stands_first() {
        // A dot stands for the space that cannot be seen.
        expect![[r#"
            ## packlist: denied

            `image.tar` under policy `small`, 6 components

            | deny | warn | info | waived | known |
            |---:|---:|---:|---:|---:|
            | 2 | 1 | 2 | 1 | 0 |

            ### Denied (2)

            | component | what | where | policy |
            |---|---|---|---|
            | `pkg:npm/denied@1.0.0` | licence `MIT AND GPL-2.0-only` is not allowed (`GPL-2.0-only` is strong-copyleft); our own code would have to be published | `app/package-lock.json:20` | `strong` `small.toml:12` |
            | `pkg:npm/strange@1.0.0` | licence `see <the> file ¦ now` is not known | `app/package-lock.json:35` |  |

            ### Warnings (1)

            | component | what | where | policy |
            |---|---|---|---|
            | `pkg:npm/silent@1.0.0` | no licence is stated | `app/package-lock.json:30` | `small.toml:5` |

            ### Waived (1)

            | component | what | where | policy |
            |---|---|---|---|
            | `pkg:npm/waived@1.0.0` | licence `GPL-3.0-only` is not allowed (strong-copyleft); our own code would have to be published; waived until 2027-06-30: contract 4711 | `app/package-lock.json:40` | `strong` `small.toml:12` |

            ### Noted (2)

            | component | what | where | policy |
            |---|---|---|---|
            | `pkg:npm/chosen@1.0.0` | licence `GPL-2.0-only OR MIT` is allowed:· `MIT` is chosen | `app/package-lock.json:12` |  |
            | `pkg:deb/debian/bash@5.2` | licence `GPL-3.0-or-later` is noted (strong-copyleft) | `var/lib/dpkg/status:7` | `os` `small.toml:7` |
        "#]].assert_eq(&render(&FORMAT, false).replace('\u{200B}', "·"));
    }

    #[test]
    fn five_thousand_findings_fit_into_a_comment() {
        let mut bom = bom();
        for index in 0..5_000 {
            let component = component(&format!("pkg:npm/x{index}@1"), "GPL-3.0-only", 1, 1);
            bom.components.insert(component.reference(), component);
        }
        let text = render_bom(&FORMAT, &bom, false);
        assert!(text.chars().count() < 65_536, "{}", text.chars().count());
        assert!(text.contains("### Denied (5002)") && text.contains("more are in the full report"), "{text}");
        assert!(text.contains("### Warnings") || text.contains("| 5002 | 1 |"), "{text}");
    }

    #[test]
    fn no_words_of_a_stranger_are_obeyed() {
        let mut bom = bom();
        let hostile = "` @octocat </td><img src=x> | https://evil.example #1 [x](y) `` \n## head";
        let component = component("pkg:npm/hostile@1", hostile, 1, 1);
        bom.components.insert(component.reference(), component);
        let text = render_bom(&FORMAT, &bom, false);
        let row = text.lines().find(|line| line.contains("hostile")).expect("a row");
        // The borders of four cells.
        assert_eq!(row.matches('|').count(), 5, "{row}");
        for (index, part) in row.split('`').enumerate() {
            if index % 2 == 0 {
                assert!(!part.contains(['<', '[']) && !part.contains("@o") && !part.contains("://"), "{row}");
            }
        }
    }
}
