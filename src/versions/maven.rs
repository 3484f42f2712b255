//! Order of Maven's versions.
//!
//! Split at dots, hyphens and wherever letters and digits meet; which separator it was decides when the rest is
//! equal, and a word after a dot comes before any word after a hyphen. Zeros and words for "final" do not count
//! at the end nor before a hyphen.
//! Spec: <https://maven.apache.org/pom.html#Version_Order_Specification>

use std::cmp::Ordering;

use super::number::{Number, take_digits};

/// A part with the separator before it, in Maven's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    WordAfterDot(Word<'a>),
    WordAfterHyphen(Word<'a>),
    AfterHyphen(Number<'a>),
    AfterDot(Number<'a>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word<'a> {
    Alpha,
    Beta,
    Milestone,
    ReleaseCandidate,
    Snapshot,
    Final,
    ServicePack,
    Other(&'a str),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Dot,
    Hyphen,
}

struct Token<'a> {
    separator: Separator,
    part: Part<'a>,
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim().to_ascii_lowercase(), b.trim().to_ascii_lowercase());
    let (a, b) = (trimmed(tokens(&a)), trimmed(tokens(&b)));
    (0..a.len().max(b.len()))
        .map(|index| match (a.get(index), b.get(index)) {
            (Some(a), Some(b)) => a.part.cmp(&b.part),
            (Some(a), None) => a.part.cmp(&padding(a)),
            (None, Some(b)) => padding(b).cmp(&b.part),
            (None, None) => Ordering::Equal,
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// What the shorter version has in the place of `other`.
fn padding(other: &Token<'_>) -> Part<'static> {
    match other.part {
        Part::WordAfterDot(_) => Part::WordAfterDot(Word::Final),
        Part::WordAfterHyphen(_) | Part::AfterHyphen(_) => Part::WordAfterHyphen(Word::Final),
        Part::AfterDot(_) => Part::AfterDot(Number::ZERO),
    }
}

fn tokens(version: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = version;
    let mut separator = Separator::Dot;
    loop {
        let end = rest.find(['.', '-']).unwrap_or(rest.len());
        push_runs(&mut tokens, separator, &rest[..end]);
        separator = match rest[end..].chars().next() {
            None => return tokens,
            Some('.') => Separator::Dot,
            Some(_) => Separator::Hyphen,
        };
        rest = &rest[end + 1..];
    }
}

/// The runs of digits and of other characters between two separators.
fn push_runs<'a>(tokens: &mut Vec<Token<'a>>, mut separator: Separator, text: &'a str) {
    let mut rest = text;
    loop {
        let (digits, after) = take_digits(rest);
        if !digits.is_empty() || rest.is_empty() {
            let number = Number::of(digits);
            let part = match separator {
                Separator::Dot => Part::AfterDot(number),
                Separator::Hyphen => Part::AfterHyphen(number),
            };
            tokens.push(Token { separator, part });
            rest = after;
        } else {
            let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let word = word(&rest[..end], end < rest.len());
            let part = match separator {
                Separator::Dot => Part::WordAfterDot(word),
                Separator::Hyphen => Part::WordAfterHyphen(word),
            };
            tokens.push(Token { separator, part });
            rest = &rest[end..];
        }
        if rest.is_empty() {
            return;
        }
        separator = Separator::Hyphen;
    }
}

fn word(text: &str, before_number: bool) -> Word<'_> {
    match text {
        "alpha" => Word::Alpha,
        "beta" => Word::Beta,
        "milestone" => Word::Milestone,
        "a" if before_number => Word::Alpha,
        "b" if before_number => Word::Beta,
        "m" if before_number => Word::Milestone,
        "rc" | "cr" => Word::ReleaseCandidate,
        "snapshot" => Word::Snapshot,
        "ga" | "final" | "release" => Word::Final,
        "sp" => Word::ServicePack,
        other => Word::Other(other),
    }
}

/// Without the parts that mean nothing at the end and before a hyphen.
fn trimmed(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut kept: Vec<Token<'_>> = Vec::with_capacity(tokens.len());
    for token in tokens.into_iter().rev() {
        let is_null = match token.part {
            Part::WordAfterDot(word) | Part::WordAfterHyphen(word) => word == Word::Final,
            Part::AfterHyphen(number) | Part::AfterDot(number) => number.is_zero(),
        };
        let before_hyphen = kept.last().is_none_or(|next| next.separator == Separator::Hyphen);
        if !is_null || !before_hyphen {
            kept.push(token);
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn versions_of_maven() {
        // The version order specification's own examples, and versions of guava and hibernate.
        check(
            "maven",
            "1.0-alpha-1 < 1.0-beta-1 < 1.0-milestone-1 < 1.0-rc-1 < 1.0-SNAPSHOT < 1.0 < 1.0-sp < 1.0-whatever < 1.0-1 < 1.0.1
             1 = 1.0 = 1.0.0 = 1.0-ga = 1.0.Final = 1.0-RELEASE
             1a1 = 1-alpha-1
             1-cr1 = 1-rc1
             1-foo = 1.0.0-foo.0.0
             31.1-jre < 33.0.0-android < 33.0.0-jre
             5.6.0.Beta1 < 5.6.0.CR1 < 5.6.0.Final < 5.6.1.Final
             1.0-20230101.120000-1 > 1.0
             2.0.1-xyz < 2.0.1-123
             1.2.2 < 1.2.2.sec01 < 1.2.2_noneautotype
             4.1.5.Final < 4.1.5.SP1
             6.1.0rc3 < 6.1.0 < 6.1H.5-beta",
        );
    }

    #[test]
    fn odd_separators_are_empty_parts() {
        check(
            "maven",
            "1. = 1- = 1\n\"\" = 0 = 0.0.0-0.0.0\n1..1 = 1.0.1\n1-1.foo-bar-1-baz-0.1 = 1-1.foo-bar1baz-.1",
        );
    }
}
