//! Order of rpm versions: `[epoch:]version[-release]`.
//!
//! Only letters and digits count; what stands between them only separates. A tilde sorts before the end
//! (`1.0~rc1`), a caret after it but before any longer version (`1.0^git1` lies between `1.0` and `1.0.1`).
//! A version without release comes before the same version with one.
//! Spec: <https://rpm-software-management.github.io/rpm/man/rpm-version.7>

use std::cmp::Ordering;

use super::dpkg::split_epoch;
use super::number::{Number, is_letter, split, take_digits};

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let ((a_epoch, a), (b_epoch, b)) = (split_epoch(a.trim()), split_epoch(b.trim()));
    let ((a_version, a_release), (b_version, b_release)) = (split_release(a), split_release(b));
    a_epoch.cmp(&b_epoch).then_with(|| compare_part(a_version, b_version)).then_with(|| {
        match (a_release, b_release) {
            (Some(a), Some(b)) => compare_part(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    })
}

fn split_release(version: &str) -> (&str, Option<&str>) {
    version.rsplit_once('-').map_or((version, None), |(version, release)| (version, Some(release)))
}

/// `1:1.1.1k-12.el8_9` is `1.1.1k`.
pub(super) fn upstream(version: &str) -> &str {
    split_release(split_epoch(version).1).0
}

/// The version without the distribution's mark at the end of its release: `1.2-3.el9_4` is `1.2-3`.
pub(super) fn without_rebuild(version: &str) -> &str {
    let Some((_, Some(release))) = Some(split_release(version)) else { return version };
    let own = release.find(".el").or_else(|| release.find(".fc")).unwrap_or(release.len());
    &version[..version.len() - release.len() + own]
}

fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    loop {
        (a, b) = (skip_separators(a), skip_separators(b));
        match (a.chars().next(), b.chars().next()) {
            (Some('~'), Some('~')) | (Some('^'), Some('^')) => (a, b) = (&a[1..], &b[1..]),
            (Some('~'), _) => return Ordering::Less,
            (_, Some('~')) => return Ordering::Greater,
            (a, b) if a.is_none() || b.is_none() => return a.is_some().cmp(&b.is_some()),
            (Some('^'), _) => return Ordering::Less,
            (_, Some('^')) => return Ordering::Greater,
            _ => {
                let order;
                (order, a, b) = compare_segment(a, b);
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

fn skip_separators(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '~' && c != '^')
}

/// The order of the runs of digits or letters at the front, and what follows them.
fn compare_segment<'a, 'b>(a: &'a str, b: &'b str) -> (Ordering, &'a str, &'b str) {
    let ((a_digits, a_rest), (b_digits, b_rest)) = (take_digits(a), take_digits(b));
    match (a_digits, b_digits) {
        ("", "") => {
            let ((a_word, a_rest), (b_word, b_rest)) = (split(a, is_letter), split(b, is_letter));
            (a_word.cmp(b_word), a_rest, b_rest)
        }
        // A number is newer than a word.
        ("", _) => (Ordering::Less, a, b),
        (_, "") => (Ordering::Greater, a, b),
        _ => (Number::of(a_digits).cmp(&Number::of(b_digits)), a_rest, b_rest),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn versions_of_rpm() {
        // rpm's own documentation of versions, and versions of real packages (kernel, openssl, glibc).
        check(
            "rpm",
            "1.0~rc1 < 1.0~rc1^git1 < 1.0~rc2 < 1.0 < 1.0^git1 < 1.0^git2 < 1.0.1
             3.10.0-229.el7 < 3.10.0-229.1.2.ael7b < 3.10.0-229.1.2.el7 < 3.10.0-229.4.2.el7
             2.4.21-9.EL < 2.4.21-9.0.1.EL
             1:1.1.1k-9.el8_7 < 1:1.1.1k-12.el8_9 < 1:3.0.7-1.el9
             2.34-100.el9_4.2 < 2.34-100.el9_4.3 < 2.34-125.el9_5.1
             6.0 < 6.0.rc1
             5.5p1 < 5.5p2 < 5.5p10
             10xyz < 10.1xyz
             2.0 = 2_0 = 0:2.0
             10.0001 = 10.1
             1 < 1-1",
        );
    }

    #[test]
    fn what_is_no_letter_or_digit_only_separates() {
        check("rpm", "a+ = a_ = a\n1.1.α = 1.1.β < 1.1.a\na:1 < a1:1 < b:1\n13 < 14:2\n~ < \"\"");
    }

    #[test]
    fn parts_of_a_version() {
        assert_eq!(upstream("1:1.1.1k-12.el8_9"), "1.1.1k");
        assert_eq!(without_rebuild("1.2-3.el9_4"), "1.2-3");
        assert_eq!(without_rebuild("1:1.2-3.fc40"), "1:1.2-3");
        assert_eq!(without_rebuild("1.2"), "1.2");
    }
}
