//! The lines of a text that say whose copyright it is.
//!
//! Those that a licence's own text has for its author, and templates to fill in, are none.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// Longest line that may be a statement of copyright, in bytes.
const LONGEST_LINE: usize = 300;
/// What stands before such a line in comments and lists.
const DECORATION: [char; 7] = ['*', '#', '/', ';', '-', '>', ' '];
/// So many lines of one package, and so many bytes, are enough for a list.
const MOST_LINES: usize = 12;
const MOST_BYTES: usize = 1000;

/// The lines of some texts that say whose copyright it is, each once, as one line, and how many more there are.
/// Absent where there are none.
pub fn copyright_summary<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut said: Vec<Cow<'a, str>> = Vec::new();
    let (mut length, mut more) = (0, 0);
    for line in texts.flat_map(lines).map(spaced) {
        if !seen.insert(line.clone()) {
            continue;
        }
        if said.len() < MOST_LINES && length + line.len() <= MOST_BYTES {
            length += line.len();
            said.push(line);
        } else {
            more += 1;
        }
    }
    if more > 0 && !said.is_empty() {
        said.push(format!("and {more} more").into());
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// A line with one space between its words.
fn spaced(line: &str) -> Cow<'_, str> {
    let mut is_word = false;
    let is_spaced = line.bytes().all(|byte| {
        let was_word = std::mem::replace(&mut is_word, byte != b' ');
        is_word && byte > b' ' && byte.is_ascii() || was_word && !is_word
    });
    match is_spaced && is_word {
        true => line.into(),
        false => line.split_whitespace().collect::<Vec<_>>().join(" ").into(),
    }
}

/// Statements of copyright: lines that are one, or the fields of a Debian copyright file.
fn lines(text: &str) -> Vec<&str> {
    match text.starts_with("Format:") || text.starts_with("Format-Specification:") {
        true => fields(text),
        false => each_line(text).map(plain).filter(|line| is_copyright_line(line)).collect(),
    }
}

/// What [`str::lines`] gives.
pub(super) fn each_line(text: &str) -> impl Iterator<Item = &str> {
    let rest = (!text.is_empty() && !text.ends_with('\n')).then_some(text.len());
    let mut start = 0;
    memchr::memchr_iter(b'\n', text.as_bytes()).chain(rest).map(move |end| {
        let line = &text[std::mem::replace(&mut start, end + 1)..end];
        if end < text.len() { line.strip_suffix('\r').unwrap_or(line) } else { line }
    })
}

/// The values of all `Copyright:` fields, a line each.
fn fields(text: &str) -> Vec<&str> {
    let mut values = Vec::new();
    let mut is_inside = false;
    for line in each_line(text) {
        let value = match line.strip_prefix("Copyright:") {
            Some(value) => {
                is_inside = true;
                value
            }
            None => {
                is_inside &= line.starts_with([' ', '\t']);
                if is_inside { line } else { continue }
            }
        };
        values.push(value.trim_ascii().trim());
    }
    values.retain(|value| !value.is_empty() && *value != "." && value.len() <= LONGEST_LINE);
    values
}

/// A line without what comments and lists put before it.
pub fn plain(line: &str) -> &str {
    line.trim_ascii().trim().trim_start_matches(DECORATION).trim()
}

/// Whether a line says whose copyright it is.
pub fn is_copyright_line(line: &str) -> bool {
    const TEMPLATES: &[&str] = &["<year>", "[year]", "[yyyy]", "{yyyy}", "<name of author>", "yyyy"];
    const OWN: &[&str] =
        &["free software foundation", "copyright notice", "copyright holder", "copyright owner"];
    // Most lines of a text begin with another letter.
    let may_begin = line.starts_with(['c', 'C', 'p', 'P', '(', '&', '©']);
    if !may_begin || line.len() > LONGEST_LINE {
        return false;
    }
    let lower = line.to_lowercase();
    let begins =
        ["copyright", "(c)", "©", "&copy;", "portions copyright"].iter().any(|b| lower.starts_with(b));
    let says_whose = lower.contains("(c)")
        || lower.contains('©')
        || lower.contains("&copy;")
        || lower.chars().any(|c| c.is_ascii_digit());
    let is_name = lower.starts_with("copyright ") && lower.split(' ').count() <= 6 && !lower.ends_with('.');
    begins
        && (says_whose || is_name)
        && !is_third_of_a_list(line)
        && !TEMPLATES.iter().any(|template| lower.contains(template))
        && !OWN.iter().any(|own| lower.contains(own))
}

/// `(c) You must retain ...`: a clause's mark and not a copyright's, which names somebody or a year.
fn is_third_of_a_list(line: &str) -> bool {
    const CLAUSES: &[&str] = &["Any", "Each", "If", "In", "To", "You"];
    let Some(clause) = line.strip_prefix("(c)") else { return false };
    let begin = clause.trim_start().split([' ', ',']).next().unwrap_or_default();
    let is_name = begin.starts_with(|c: char| !c.is_lowercase()) && !CLAUSES.contains(&begin);
    !is_name && !clause.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: Option<&str>) {
        assert_eq!(copyright_summary(texts.iter().copied()).as_deref(), expected);
    }

    #[test]
    fn lines_of_a_licence_file() {
        let mit = "MIT License\n\nCopyright (c) 2020  Jane\n * Copyright 2019 Joe & Sons\n\nPermission is granted\n";
        check(&[mit, mit], Some("Copyright (c) 2020 Jane; Copyright 2019 Joe & Sons"));
        check(&["Copyright (C) <year> <name of author>\nCopyright notice: keep it, 2 times"], None);
        check(&["The above copyright notice shall be included"], None);
        let apache = "(b) You must cause; and\n(c) You must retain, in the Source form; and\n(c) any other";
        check(&[apache], None);
        check(&["(c) Jane\n(c) 2020 by you"], Some("(c) Jane; (c) 2020 by you"));
    }

    #[test]
    fn lines_are_the_standard_librarys() {
        for text in ["", "\n", "a", "a\n", "a\r\n\r\nb\r", "\r", "a\nb\n\n", "é\n\r\n"] {
            assert!(each_line(text).eq(text.lines()), "{text:?}");
        }
    }

    #[test]
    fn words_of_a_line_have_one_space_between_them() {
        for line in ["", " ", "a", "a b", "a  b", " a", "a ", "a\tb", "é b", "a\u{a0}b", "a \u{b}b"] {
            assert_eq!(spaced(line), line.split_whitespace().collect::<Vec<_>>().join(" "), "{line:?}");
        }
    }

    #[test]
    fn fields_of_a_debian_copyright_file() {
        let text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
                    Files: *\nCopyright: 1987-2022 Free Software Foundation\n           2003 Jane\n .\nLicense: GPL-3+\n \
                    Copyright of the text\n\nFiles: debian/*\nCopyright: 2003 Jane\nLicense: GPL-3+\n";
        check(&[text], Some("1987-2022 Free Software Foundation; 2003 Jane"));
    }

    #[test]
    fn what_is_too_long_is_counted() {
        let many: String = (0..40).map(|n| format!("Copyright {n} Jane\n")).collect();
        let summary = copyright_summary([many.as_str()].into_iter()).expect("lines");
        assert!(summary.ends_with("Copyright 11 Jane; and 28 more"), "{summary}");
        let long = format!("Copyright 2020 {}\n", "x".repeat(10_000));
        check(&[&long], None);
    }
}
