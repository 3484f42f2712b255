//! Order of Debian versions: `[epoch:]upstream[-revision]`.
//!
//! A tilde sorts before everything, even before the end: `1.0~rc1` comes before `1.0`. Letters sort before
//! other characters. opkg orders the same way.
//! Spec: <https://www.debian.org/doc/debian-policy/ch-controlfields.html#version>

use std::cmp::Ordering;

use super::number::{Number, split, take_digits};

struct Version<'a> {
    epoch: Number<'a>,
    upstream: &'a str,
    revision: &'a str,
}

impl<'a> Version<'a> {
    fn of(text: &'a str) -> Self {
        let (epoch, rest) = split_epoch(text);
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
        Self { epoch, upstream, revision }
    }
}

/// The epoch before the colon, zero where there is none, and the rest. Shared with rpm and alpm.
pub(super) fn split_epoch(text: &str) -> (Number<'_>, &str) {
    let (digits, rest) = take_digits(text);
    match rest.strip_prefix(':') {
        Some(rest) => (Number::of(digits), rest),
        None => (Number::ZERO, text),
    }
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (Version::of(a.trim()), Version::of(b.trim()));
    a.epoch
        .cmp(&b.epoch)
        .then_with(|| compare_part(a.upstream, b.upstream))
        .then_with(|| compare_part(a.revision, b.revision))
}

/// `2:1.2-3` is `1.2`.
pub(super) fn upstream(version: &str) -> &str {
    Version::of(version).upstream
}

/// The version without the mark of a rebuild from the same source: `1.2-3+b1` is `1.2-3`.
pub(super) fn without_rebuild(version: &str) -> &str {
    match version.rsplit_once("+b") {
        Some((source, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => source,
        _ => version,
    }
}

/// Text and numbers take turns, text first.
fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (a_text, a_rest) = split(a, |c| !c.is_ascii_digit());
        let (b_text, b_rest) = split(b, |c| !c.is_ascii_digit());
        let (a_digits, a_rest) = take_digits(a_rest);
        let (b_digits, b_rest) = take_digits(b_rest);
        let order = weights(a_text)
            .cmp(weights(b_text))
            .then_with(|| Number::of(a_digits).cmp(&Number::of(b_digits)));
        if order.is_ne() {
            return order;
        }
        (a, b) = (a_rest, b_rest);
    }
    Ordering::Equal
}

/// What each character weighs, the end included.
fn weights(text: &str) -> impl Iterator<Item = i32> {
    let weight = |c: char| match c {
        '~' => -1,
        letter if letter.is_ascii_alphabetic() => letter as i32,
        other => other as i32 + 0x100,
    };
    text.chars().map(weight).chain(std::iter::once(0))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn versions_of_debian() {
        // Debian policy 5.6.12, and versions of real packages (openssl, linux, nginx, libc6).
        check(
            "deb",
            "1.0~rc1 < 1.0~rc1+b1 < 1.0 < 1.0+deb12u1 < 1.0.1 < 1.1 < 1:0.1 < 2:0.1
             1.0~~ < 1.0~~a < 1.0~ < 1.0 < 1.0a
             1.1.1n-0+deb11u5 < 1.1.1n-0+deb11u6 < 3.0.11-1~deb12u2 < 3.0.11-1
             2.36-9+deb12u4 < 2.36-9+deb12u10 < 2.37-1~exp1 < 2.37-1
             1.22.1-9 < 1.22.1-9+deb12u1 < 1.27.5-1~bookworm
             7.6q-16 < 7.6.q-16
             0:1.0 = 1.0 = 1.0-0 = 01.0",
        );
    }

    #[test]
    fn what_is_not_a_debian_version_still_has_an_order() {
        check("deb", "- < -1\n\"\" = 0 < a < +\n1: = 1:0 < 1:1\nß = ß");
    }

    #[test]
    fn parts_of_a_version() {
        assert_eq!(upstream("2:1.2-3-4"), "1.2-3");
        assert_eq!(upstream("20230311"), "20230311");
        assert_eq!(without_rebuild("5.2.15-2+b7"), "5.2.15-2");
        assert_eq!(without_rebuild("1.0+beta"), "1.0+beta");
        assert_eq!(without_rebuild("1.0+b"), "1.0+b");
    }
}
