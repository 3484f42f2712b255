//! Order of pacman's versions: `[epoch:]version[-release]`.
//!
//! Like rpm's, with two differences: letters at the end make a version older (`1.0rc` comes before `1.0`), and
//! a longer separator makes it newer. A release counts only where both sides have one.
//! Spec: <https://man.archlinux.org/man/vercmp.8>

use std::cmp::Ordering;

use super::dpkg::split_epoch;
use super::number::{Number, is_letter, split, take_digits};

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let ((a_epoch, a), (b_epoch, b)) = (split_epoch(a.trim()), split_epoch(b.trim()));
    let ((a_version, a_release), (b_version, b_release)) = (split_release(a), split_release(b));
    a_epoch.cmp(&b_epoch).then_with(|| compare_part(a_version, b_version)).then_with(|| {
        match (a_release, b_release) {
            (Some(a), Some(b)) => compare_part(a, b),
            _ => Ordering::Equal,
        }
    })
}

fn split_release(version: &str) -> (&str, Option<&str>) {
    version.rsplit_once('-').map_or((version, None), |(version, release)| (version, Some(release)))
}

pub(super) fn upstream(version: &str) -> &str {
    split_release(split_epoch(version).1).0
}

fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let (a_rest, b_rest) = (skip_separators(a), skip_separators(b));
        if a_rest.is_empty() || b_rest.is_empty() {
            return compare_rests(a_rest, b_rest);
        }
        let order = (a.len() - a_rest.len()).cmp(&(b.len() - b_rest.len()));
        let ((a_digits, a_after), (b_digits, b_after)) = (take_digits(a_rest), take_digits(b_rest));
        let order = order.then_with(|| match (a_digits, b_digits) {
            ("", "") => split(a_rest, is_letter).0.cmp(split(b_rest, is_letter).0),
            ("", _) => Ordering::Less,
            (_, "") => Ordering::Greater,
            _ => Number::of(a_digits).cmp(&Number::of(b_digits)),
        });
        if order.is_ne() {
            return order;
        }
        (a, b) = match a_digits {
            "" => (split(a_rest, is_letter).1, split(b_rest, is_letter).1),
            _ => (a_after, b_after),
        };
    }
}

fn skip_separators(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
}

/// One of the two is at its end: what follows in the other makes that newer, letters make it older.
fn compare_rests(a: &str, b: &str) -> Ordering {
    let newer = |rest: &str| match rest.chars().next() {
        None => 0,
        Some(c) if c.is_ascii_alphabetic() => -1,
        Some(_) => 1,
    };
    newer(a).cmp(&newer(b))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn versions_of_pacman() {
        // The first two lines are the examples of vercmp(8).
        check(
            "alpm",
            "1.0a < 1.0b < 1.0beta < 1.0p < 1.0pre < 1.0rc < 1.0
             1 < 1.0 < 1.1 < 1.1.1 < 1.2 < 2.0 < 3.0.0
             1.5-1 < 1.5-2
             1.5 = 1.5-1
             1:1.0-1 > 3.6-1
             2_0 = 2.0
             1..0 > 1.0
             6.9.1.arch1-1 < 6.9.2.arch1-1",
        );
    }
}
