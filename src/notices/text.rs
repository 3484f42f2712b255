//! Notices as plain text: a THIRD-PARTY-NOTICES file.

use std::fmt::Write;

use super::{Entry, Notices};

const RULE: &str = "--------------------------------------------------------------------------------";

/// One text file: the components, then every text once.
pub fn text(notices: &Notices) -> String {
    let mut out = format!("Third-party notices of {}\n\n", notices.subject);
    for entry in &notices.entries {
        component(entry, &mut out);
    }
    for (number, text) in notices.texts.iter().enumerate() {
        let _ = writeln!(out, "{RULE}\n[{}] {}\n{RULE}\n\n{}\n", number + 1, text.origin, text.text);
    }
    out
}

fn component(entry: &Entry, out: &mut String) {
    let license = entry.license.as_deref().unwrap_or("licence not known");
    let _ = writeln!(out, "{} {}\n  {license}", entry.name, entry.version.as_deref().unwrap_or_default());
    for line in &entry.copyright {
        let _ = writeln!(out, "  {line}");
    }
    if let Some(gap) = entry.gap {
        let _ = writeln!(out, "  MISSING: {}", gap.about());
    }
    if !entry.texts.is_empty() {
        let numbers: Vec<String> = entry.texts.iter().map(|place| format!("[{}]", place + 1)).collect();
        let _ = writeln!(out, "  texts: {}", numbers.join(" "));
    }
    out.push('\n');
}
