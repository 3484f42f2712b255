//! Order of apk's versions: `1.2.3b_rc4-r5`.
//!
//! A number after the first is compared as text when it begins with a zero: `1.05` comes before `1.5`. What
//! follows is a letter, suffixes of which some come before the release and some after, and a revision. A part
//! that fits nowhere is compared as text, and not at all after a hyphen.
//! Spec: <https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#pkgver>

use std::cmp::Ordering;

use super::number::{Number, is_letter, split, take_digits};

const BEFORE: &[&str] = &["alpha", "beta", "pre", "rc"];
const AFTER: &[&str] = &["cvs", "svn", "git", "hg", "p"];

/// In the order in which they make a version newer, where everything before them is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    /// Place of the word in [`BEFORE`].
    Before(usize),
    Misfit(&'a str),
    End,
    Revision(Number<'a>),
    OfSuffix(Number<'a>),
    /// Place of the word in [`AFTER`].
    After(usize),
    Letter(&'a str),
    Number(Component<'a>),
}

/// One of the numbers between dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Component<'a> {
    digits: &'a str,
    first: bool,
}

impl Ord for Component<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let is_text = !self.first && (self.digits.starts_with('0') || other.digits.starts_with('0'));
        match is_text {
            true => self.digits.cmp(other.digits),
            false => Number::of(self.digits).cmp(&Number::of(other.digits)),
        }
    }
}

impl PartialOrd for Component<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    parts(a.trim()).cmp(parts(b.trim()))
}

/// `1.2.3-r4` is `1.2.3`.
pub(super) fn upstream(version: &str) -> &str {
    match version.rsplit_once("-r") {
        Some((upstream, revision)) if revision.bytes().all(|b| b.is_ascii_digit()) => upstream,
        _ => version,
    }
}

fn parts(version: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = Some(version);
    let mut before: Option<Part<'_>> = None;
    std::iter::from_fn(move || {
        let text = rest?;
        let (part, after) = next_part(text, before);
        rest = (!matches!(part, Part::End | Part::Misfit(_))).then_some(after);
        before = Some(part);
        Some(part)
    })
}

/// The part at the front of `text`, and what follows it.
fn next_part<'a>(text: &'a str, before: Option<Part<'a>>) -> (Part<'a>, &'a str) {
    let found = match before {
        _ if text.is_empty() && before.is_some() => Some((Part::End, "")),
        None => number(text, true),
        Some(Part::Letter(_)) if text.starts_with(|c: char| c.is_ascii_digit()) => number(text, false),
        Some(Part::Number(_)) if text.starts_with(|c: char| c.is_ascii_lowercase()) => {
            Some((Part::Letter(&text[..1]), &text[1..]))
        }
        Some(Part::Number(_) | Part::Letter(_)) if text.starts_with('.') => number(&text[1..], false),
        Some(Part::Before(_) | Part::After(_)) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            let (digits, rest) = take_digits(text);
            Some((Part::OfSuffix(Number::of(digits)), rest))
        }
        Some(Part::Revision(_)) => None,
        _ if text.starts_with('_') => suffix(&text[1..]),
        _ => revision(text),
    };
    found.unwrap_or((Part::Misfit(if text.starts_with('-') { "" } else { text }), ""))
}

fn number(text: &str, first: bool) -> Option<(Part<'_>, &str)> {
    let (digits, rest) = take_digits(text);
    (!digits.is_empty()).then_some((Part::Number(Component { digits, first }), rest))
}

fn suffix(text: &str) -> Option<(Part<'_>, &str)> {
    let (word, rest) = split(text, is_letter);
    let place = |words: &[&str]| words.iter().position(|known| *known == word);
    place(BEFORE).map(Part::Before).or_else(|| place(AFTER).map(Part::After)).map(|part| (part, rest))
}

/// `-r5`, or `-r` alone for `-r0`.
fn revision(text: &str) -> Option<(Part<'_>, &str)> {
    let (digits, rest) = take_digits(text.strip_prefix("-r")?);
    let ends = !digits.is_empty() || rest.is_empty() || rest.starts_with('-');
    ends.then_some((Part::Revision(Number::of(digits)), rest))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn versions_of_alpine() {
        // Versions of real packages: openssl, vim, sudo, busybox, mpg123.
        check(
            "apk",
            "1.2_alpha < 1.2_beta2 < 1.2_pre1 < 1.2_rc1 < 1.2_rc1-r1 < 1.2 < 1.2-r1 < 1.2_git20240101 < 1.2_p1 < 1.2a < 1.2.1
             1.1.1k-r0 < 1.1.1l-r0 < 3.0.8-r0 < 3.0.8-r10
             1.9.5p1-r1 < 1.9.5p2-r0
             7.3.003 < 7.3.82
             6.09-r0 < 6.10-r0
             1.01 < 1.1 < 1.2 < 1.10
             1-r = 1-r0",
        );
    }

    #[test]
    fn what_fits_nowhere_still_has_an_order() {
        check(
            "apk",
            "1.2.0A < 1.2.0d\n1-r0-1 = 1-r-2 < 1-r0\n1-ruff2 = 1--ruff1 < 1\n.1 < .2 < a < b < 1\n1.0 < 1.0bc",
        );
        check("apk", "\"\" = \"\"\n0.8.21.r1 < 0.8.21.r2 < 0.8.21r2");
    }

    #[test]
    fn parts_of_a_version() {
        assert_eq!(upstream("1.36.1-r29"), "1.36.1");
        assert_eq!(upstream("1.0-ruff"), "1.0-ruff");
    }
}
