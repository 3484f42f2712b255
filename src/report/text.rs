//! Words of strangers inside our output: on one line, and nothing a terminal, a log or a site would obey.

use sha2::{Digest, Sha256};

use crate::bom::{Bom, is_unseen};
use crate::checker::Finding;

/// On one line, without characters that steer a terminal or turn the direction of writing.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) { '\u{FFFD}' } else { c }).collect()
}

/// Whole text for a terminal: lines and tabs stay, all else that steers is shown as what it is not.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) && !matches!(c, '\n' | '\t') { '\u{FFFD}' } else { c }).collect()
}

/// `12,345`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Text and attribute values of XML 1.0.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push('\n'),
            // Characters that no XML document may hold, not even escaped.
            '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            c if is_unseen(c) => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// What stays the same when a package is upgraded or the findings around it change: 32 hexadecimal digits.
pub(super) fn fingerprint(finding: &Finding, bom: &Bom) -> String {
    let component = finding.component.as_ref().map(|reference| {
        let purl = bom.components.get(reference).and_then(|component| component.purl.as_ref());
        purl.map_or(reference.as_str(), |purl| purl.without_version())
    });
    let mut hash = Sha256::new();
    // Of a licence the expression is enough; a message of those changes with the policy's words.
    let message = if finding.license.is_none() { finding.message.as_str() } else { "" };
    let place = finding.place.as_ref().map(|place| place.path.as_str());
    for part in [
        finding.rule,
        finding.policy_rule.as_deref().unwrap_or_default(),
        component.unwrap_or_default(),
        finding.license.as_deref().unwrap_or_default(),
        place.unwrap_or_default(),
        message,
    ] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    use std::fmt::Write;
    hash.finalize()[..16].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The component and what is said of it, and who let it pass: a finding in one sentence.
pub(super) fn sentence(finding: &Finding) -> String {
    let mut text = match &finding.component {
        Some(reference) => format!("{}: {}", reference.0, finding.message),
        None => finding.message.clone(),
    };
    if let Some(reason) = &finding.reason {
        text.push_str(&format!(" ({reason})"));
    }
    if let Some(waiver) = &finding.waived {
        text.push_str(&format!(" [waived: {}]", waiver.reason));
    } else if finding.known {
        text.push_str(" [known from the baseline]");
    }
    one_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal_or_breaks_a_document() {
        assert_eq!(one_line("a\n::error::b\u{1b}[31m\u{202e}"), "a\u{FFFD}::error::b\u{FFFD}[31m\u{FFFD}");
        assert_eq!(clean("a\n\tb\r\u{1b}[31m\u{9b}\u{202e}"), "a\n\tb\u{FFFD}\u{FFFD}[31m\u{FFFD}\u{FFFD}");
        assert_eq!([1, 999, 1000, 1_234_567].map(grouped), ["1", "999", "1,000", "1,234,567"]);
        assert_eq!(xml("<a b='\"&\u{0}\u{FFFF}>"), "&lt;a b=&apos;&quot;&amp;\u{FFFD}\u{FFFD}&gt;");
    }
}
