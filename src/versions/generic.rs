//! Order of versions whose ecosystem has no rules, or none we know.
//!
//! Numbers by value, words for a pre-release before the release, other words after it, missing numbers zero.
//! Commits and names have no order.

use std::cmp::Ordering;

use super::number::{Number, is_letter, split, take_digits};

const BEFORE_RELEASE: &[&str] =
    &["alpha", "beta", "dev", "ea", "m", "milestone", "nightly", "pre", "preview", "rc", "snapshot"];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    PreRelease(&'a str),
    End,
    Word(&'a str),
    Number(Number<'a>),
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.trim().to_ascii_lowercase(), b.trim().to_ascii_lowercase());
    if a == b {
        return Some(Ordering::Equal);
    }
    let ((a_word, a), (b_word, b)) = (leading_word(&a), leading_word(&b));
    // A colon stands in digests and URLs.
    let is_version =
        |text: &str| text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(':') && !is_hash(text);
    if a_word != b_word || !is_version(a) || !is_version(b) {
        return None;
    }
    let (mut a, mut b) = (parts(a), parts(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Some(Ordering::Equal),
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(a), None) => a.cmp(&end_against(a)),
            (None, Some(b)) => end_against(b).cmp(&b),
        };
        if order.is_ne() {
            return Some(order);
        }
    }
}

/// The name that tags put before a number (`release-`, `jdk-`), but for the usual `v`, and the rest.
fn leading_word(version: &str) -> (&str, &str) {
    let (word, rest) = split(version, |c| is_letter(c) || matches!(c, '-' | '_' | '='));
    (word.trim_end_matches(['v', '=']), rest)
}

/// A commit's hash, not a number: hexadecimal digits with a letter among them.
fn is_hash(text: &str) -> bool {
    text.len() >= 7
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// What the end counts as where the other version goes on.
fn end_against(other: Part<'_>) -> Part<'_> {
    match other {
        Part::Number(_) => Part::Number(Number::ZERO),
        _ => Part::End,
    }
}

fn parts(version: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = version;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric());
        let (digits, after) = take_digits(rest);
        if !digits.is_empty() {
            rest = after;
            return Some(Part::Number(Number::of(digits)));
        }
        let (word, after) = split(rest, |c| !c.is_ascii() || is_letter(c));
        rest = after;
        let part = if BEFORE_RELEASE.contains(&word) { Part::PreRelease(word) } else { Part::Word(word) };
        (!word.is_empty()).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_unordered};

    #[test]
    fn versions_of_nobody_in_particular() {
        check(
            "generic",
            "1.1.1 < 1.1.1n < 1.1.1w < 1.1.2 < 3.0.0-alpha1 < 3.0.0-beta1 < 3.0.0 < 3.0.1
             2.0 = v2.0 = 2.0.0
             jdk-17.0.9+9 < jdk-17.0.10+7
             8u382 < 8u392",
        );
    }

    #[test]
    fn commits_and_names_have_no_order() {
        check_unordered("generic", "0123456789abcdef0123456789abcdef01234567", "1.0");
        check_unordered("oci", "sha256:aa", "sha256:bb");
        check_unordered("generic", "bookworm", "trixie");
        check_unordered("generic", "release-1.0", "nightly-1.0");
    }
}
