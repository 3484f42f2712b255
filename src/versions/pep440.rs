//! Order of Python's versions.
//!
//! Versions from before the standard (`0.1-charmander`) are on PyPI still; they come before all others and have
//! an order among themselves.
//! Spec: <https://packaging.python.org/en/latest/specifications/version-specifiers/>

use std::cmp::Ordering;

use super::number::{Number, is_letter, split, take_digits};

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Version<'a> {
    Legacy(Vec<LegacyPart<'a>>),
    Standard(Standard<'a>),
}

/// The fields stand in the order in which they decide.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Standard<'a> {
    epoch: Number<'a>,
    /// Without the zeros at its end.
    release: Vec<Number<'a>>,
    pre: Pre<'a>,
    post: Option<Number<'a>>,
    dev: Dev<'a>,
    local: Option<Vec<Local<'a>>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Pre<'a> {
    /// A development release of the release itself comes before its pre-releases.
    OnlyDev,
    Alpha(Number<'a>),
    Beta(Number<'a>),
    Candidate(Number<'a>),
    Absent,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Dev<'a> {
    Dev(Number<'a>),
    Absent,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Local<'a> {
    Word(&'a str),
    Number(Number<'a>),
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum LegacyPart<'a> {
    Word(&'a str),
    Number(Number<'a>),
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim().to_ascii_lowercase(), b.trim().to_ascii_lowercase());
    Version::of(&a).cmp(&Version::of(&b))
}

/// The version without its local label.
pub(super) fn upstream(version: &str) -> &str {
    version.split_once('+').map_or(version, |(version, _)| version)
}

impl<'a> Version<'a> {
    fn of(text: &'a str) -> Self {
        standard(text).map_or_else(|| Self::Legacy(legacy(text)), Self::Standard)
    }
}

fn standard(text: &str) -> Option<Standard<'_>> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (epoch, rest) = match take_digits(text) {
        (digits, rest) if !digits.is_empty() && rest.starts_with('!') => (Number::of(digits), &rest[1..]),
        _ => (Number::ZERO, text),
    };
    let (release, rest) = release(rest)?;
    let (pre, rest) = match labelled(rest, &["alpha", "a", "beta", "b", "preview", "pre", "rc", "c"]) {
        Some((label, number, rest)) if label.starts_with('a') => (Pre::Alpha(number), rest),
        Some((label, number, rest)) if label.starts_with('b') => (Pre::Beta(number), rest),
        Some((_, number, rest)) => (Pre::Candidate(number), rest),
        None => (Pre::Absent, rest),
    };
    let (post, rest) = match (implicit_post(rest), labelled(rest, &["post", "rev", "r"])) {
        (Some((number, rest)), _) | (None, Some((_, number, rest))) => (Some(number), rest),
        (None, None) => (None, rest),
    };
    let (dev, rest) = match labelled(rest, &["dev"]) {
        Some((_, number, rest)) => (Dev::Dev(number), rest),
        None => (Dev::Absent, rest),
    };
    let local = match rest.strip_prefix('+') {
        Some(label) => Some(local(label)?),
        None if rest.is_empty() => None,
        None => return None,
    };
    let pre = match (pre, post, &dev) {
        (Pre::Absent, None, Dev::Dev(_)) => Pre::OnlyDev,
        (pre, _, _) => pre,
    };
    Some(Standard { epoch, release, pre, post, dev, local })
}

fn release(text: &str) -> Option<(Vec<Number<'_>>, &str)> {
    let (digits, mut rest) = take_digits(text);
    if digits.is_empty() {
        return None;
    }
    let mut numbers = vec![Number::of(digits)];
    while let Some((digits, after)) = rest.strip_prefix('.').map(take_digits)
        && !digits.is_empty()
    {
        numbers.push(Number::of(digits));
        rest = after;
    }
    while numbers.last().is_some_and(|number| number.is_zero()) {
        numbers.pop();
    }
    Some((numbers, rest))
}

/// One of the labels with its number, zero where it is not written, and the rest: `.dev`, `-rc.1`, `a2`.
fn labelled<'a>(text: &'a str, labels: &[&str]) -> Option<(&'a str, Number<'a>, &'a str)> {
    let text = text.strip_prefix(['.', '-', '_']).unwrap_or(text);
    let (word, rest) = split(text, is_letter);
    if !labels.contains(&word) {
        return None;
    }
    match rest.strip_prefix(['.', '-', '_']).map(take_digits) {
        Some((digits, after)) if !digits.is_empty() => Some((word, Number::of(digits), after)),
        _ => {
            let (digits, after) = take_digits(rest);
            Some((word, Number::of(digits), after))
        }
    }
}

/// `1.0-1` is `1.0.post1`.
fn implicit_post(text: &str) -> Option<(Number<'_>, &str)> {
    let (digits, rest) = take_digits(text.strip_prefix('-')?);
    (!digits.is_empty()).then(|| (Number::of(digits), rest))
}

fn local(label: &str) -> Option<Vec<Local<'_>>> {
    label
        .split(['.', '-', '_'])
        .map(|part| match take_digits(part) {
            (digits, "") if !digits.is_empty() => Some(Local::Number(Number::of(digits))),
            _ if !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Some(Local::Word(part))
            }
            _ => None,
        })
        .collect()
}

const FINAL: &str = "final";
const HYPHEN: &str = "final-";

/// The order that setuptools used before the standard.
fn legacy(text: &str) -> Vec<LegacyPart<'_>> {
    let mut parts: Vec<LegacyPart<'_>> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run: fn(char) -> bool = match first {
            '0'..='9' => |c| c.is_ascii_digit(),
            'a'..='z' => |c| c.is_ascii_lowercase(),
            '.' | '-' => |_| false,
            _ => |c| !c.is_ascii_alphanumeric() && c != '.' && c != '-',
        };
        let length = split(rest, run).0.len().max(1);
        let (part, after) = rest.split_at(length);
        match part {
            "." => {}
            "-" => push_word(&mut parts, HYPHEN),
            "pre" | "preview" | "rc" => push_word(&mut parts, "c"),
            "dev" => push_word(&mut parts, "@"),
            digits if first.is_ascii_digit() => parts.push(LegacyPart::Number(Number::of(digits))),
            word => push_word(&mut parts, word),
        }
        rest = after;
    }
    push_word(&mut parts, FINAL);
    parts
}

fn push_word<'a>(parts: &mut Vec<LegacyPart<'a>>, word: &'a str) {
    if word < FINAL {
        while parts.last() == Some(&LegacyPart::Word(HYPHEN)) {
            parts.pop();
        }
    }
    while parts.last() == Some(&LegacyPart::Number(Number::ZERO)) {
        parts.pop();
    }
    parts.push(LegacyPart::Word(word));
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn versions_of_python() {
        // The summary of permitted suffixes in the specification, and its examples.
        check(
            "pypi",
            "1.0.dev456 < 1.0a1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 < 1.0b2.post345.dev456 < 1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 < 1.0 < 1.0+abc.5 < 1.0+abc.7 < 1.0+5 < 1.0.post456.dev34 < 1.0.post456 < 1.0.15 < 1.1.dev1
             2024.1 < 1!0.1
             1.0 = 1.0.0 = v1.0 = 01.0
             1.0-1 = 1.0.post1 = 1.0-r1
             1.0-alpha.1 = 1.0a1 = 1.0A1
             1.0rc1 = 1.0c1 = 1.0.preview1",
        );
    }

    #[test]
    fn versions_from_before_the_standard_come_first() {
        check(
            "pypi",
            "0.1-bulbasaur < 0.1-charmander < 0.9-doduo < 0.1\n2004d < 2005d < 0\n1.0_x! = 1.0.0_x!",
        );
    }
}
