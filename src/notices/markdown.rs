//! Notices as Markdown.

use std::fmt::Write;

use super::Notices;

/// One page: the components, then every text once in a fence that no text can close.
pub fn markdown(notices: &Notices) -> String {
    let mut out = format!("# Third-party notices of {}\n\n", escaped(&notices.subject));
    for entry in &notices.entries {
        let version = entry.version.as_deref().unwrap_or_default();
        let license = entry.license.as_deref().unwrap_or("licence not known");
        let _ = writeln!(out, "## {} {}\n\n{}\n", escaped(&entry.name), escaped(version), escaped(license));
        for line in &entry.copyright {
            let _ = writeln!(out, "- {}", escaped(line));
        }
        if let Some(gap) = entry.gap {
            let _ = writeln!(out, "- **missing**: {}", gap.about());
        }
        for place in &entry.texts {
            let _ = writeln!(out, "- [text {0}](#text-{0})", place + 1);
        }
        out.push('\n');
    }
    for (number, text) in notices.texts.iter().enumerate() {
        let fence = fence(&text.text);
        let number = number + 1;
        let _ = writeln!(
            out,
            "## Text {number}\n\nfrom {}\n\n{fence}text\n{}\n{fence}\n",
            escaped(&text.origin),
            text.text
        );
    }
    out
}

/// One backtick more than the text has in a row.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
