//! What is wrong with a policy file: every mistake of it, each with its place.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A policy's text, and what messages call it: a path as the user gave it, or a shipped policy's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// One mistake. The message is a lowercase fragment with the user's own words in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub source: Arc<Source>,
    /// Bytes of the source's text; empty at the place where something is missing.
    pub span: Range<usize>,
    pub message: String,
    /// What to do about it: "did you mean `allow`?".
    pub help: Option<String>,
}

/// All the mistakes of a policy and of those it extends, in order of place. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyErrors {
    pub mistakes: Vec<Mistake>,
}

/// A place in a policy file, for findings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyLine {
    /// The policy as the user named it.
    pub file: Arc<str>,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
}

impl Source {
    /// Line and column, both 1-based, of a byte. A place past the end counts as the end.
    pub fn line_and_column(&self, byte: usize) -> (u32, u32) {
        let before = self.text.get(..byte.min(self.text.len())).unwrap_or(&self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

impl fmt::Display for PolicyLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.line_and_column(self.span.start);
        write!(out, "{}:{line}:{column}: {}", self.source.name, self.message)?;
        match &self.help {
            Some(help) => write!(out, " ({help})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            mistake.fmt(out)?;
        }
        Ok(())
    }
}

/// Collects mistakes of one source.
pub(super) struct Mistakes {
    pub(super) source: Arc<Source>,
    pub(super) found: Vec<Mistake>,
}

impl Mistakes {
    pub(super) fn new(source: Arc<Source>) -> Self {
        Self { source, found: Vec::new() }
    }

    pub(super) fn add(&mut self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.found.push(Mistake { source: Arc::clone(&self.source), span, message: message.into(), help });
    }
}

/// "did you mean `deny`?", when one of the known words is near to what was written.
/// What to say to somebody who wrote a word that is not known, where a known one is near.
pub fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(written, known).map(|known| format!("did you mean `{known}`?"))
}

fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    let written = written.to_ascii_lowercase().replace('_', "-");
    if written.is_empty() || written.len() > LONGEST {
        return None;
    }
    let allowed = written.len().div_ceil(3).min(3);
    known
        .into_iter()
        .map(|known| (edits(written.as_bytes(), known.as_bytes()), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, known)| known)
}

/// How many bytes must be inserted, removed or replaced to make one of the other.
fn edits(one: &[u8], other: &[u8]) -> usize {
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, byte) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, against) in other.iter().enumerate() {
            let replaced = last[j] + usize::from(byte != against);
            row.push(replaced.min(last[j + 1] + 1).min(row[j] + 1));
        }
        last = row;
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        let known = ["allow", "deny", "info", "warn"];
        assert_eq!(did_you_mean("alow", known).as_deref(), Some("did you mean `allow`?"));
        assert_eq!(did_you_mean("Deny", known).as_deref(), Some("did you mean `deny`?"));
        assert_eq!(did_you_mean("forbidden", known), None);
        assert_eq!(did_you_mean("", known), None);
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        let source = Source { name: "p".into(), text: "a\nü = 1\n".into() };
        assert_eq!(source.line_and_column(0), (1, 1));
        assert_eq!(source.line_and_column(5), (2, 3));
        assert_eq!(source.line_and_column(999), (3, 1));
    }
}
