//! Order of semantic versions, as npm, Cargo, Hex, Swift and pub have them, read tolerantly.
//!
//! A `v` in front, missing parts, a fourth part and numbers of any length are taken in stride. Build metadata
//! does not count, but in pub it does. What does not begin with a number (`latest`, a branch, a URL) has no
//! order.
//! Spec: <https://semver.org/#spec-item-11>

use std::cmp::Ordering;

use super::number::{Number, take_digits};

/// Whether what follows the `+` counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    Ignored,
    /// pub: `1.0.0+1` comes after `1.0.0`.
    Ordered,
}

pub(super) struct Version<'a> {
    pub(super) numbers: Vec<Number<'a>>,
    /// Absent for a release.
    pub(super) pre_release: Option<&'a str>,
    build: Option<&'a str>,
}

impl<'a> Version<'a> {
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix(['v', 'V', '=']).unwrap_or(text);
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let (core, mut pre_release) =
            text.split_once('-').map_or((text, None), |(core, pre_release)| (core, Some(pre_release)));
        let mut numbers = Vec::new();
        let mut rest = core;
        loop {
            let (digits, after) = take_digits(rest);
            if digits.is_empty() {
                break;
            }
            numbers.push(Number::of(digits));
            rest = after;
            match after.strip_prefix('.') {
                Some(after) => rest = after,
                None => break,
            }
        }
        // `1.2beta3`, which loose readers take for `1.2-beta3`.
        if !rest.is_empty() {
            pre_release = Some(&text[core.len() - rest.len()..]);
        }
        (!numbers.is_empty()).then_some(Self { numbers, pre_release, build })
    }
}

pub(super) fn compare(a: &str, b: &str, build: Build) -> Option<Ordering> {
    let (a, b) = (Version::of(a)?, Version::of(b)?);
    let order = compare_numbers(&a.numbers, &b.numbers)
        .then_with(|| compare_pre_release(a.pre_release, b.pre_release));
    Some(match build {
        Build::Ignored => order,
        Build::Ordered => order.then_with(|| match (a.build, b.build) {
            (Some(a), Some(b)) => compare_identifiers(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }),
    })
}

/// The version without its build metadata.
pub(super) fn upstream(version: &str) -> &str {
    version.split_once('+').map_or(version, |(version, _)| version)
}

/// Missing numbers at the end are zeros.
pub(super) fn compare_numbers(a: &[Number<'_>], b: &[Number<'_>]) -> Ordering {
    let common = a.len().min(b.len());
    let has_more = |numbers: &[Number<'_>]| numbers[common..].iter().any(|number| !number.is_zero());
    a[..common].cmp(&b[..common]).then_with(|| has_more(a).cmp(&has_more(b)))
}

pub(super) fn compare_pre_release(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare_identifiers(a, b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

fn compare_identifiers(a: &str, b: &str) -> Ordering {
    a.split('.').map(Identifier::of).cmp(b.split('.').map(Identifier::of))
}

/// Numbers sort before text.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier<'a> {
    Number(Number<'a>),
    Text(&'a str),
}

impl<'a> Identifier<'a> {
    fn of(text: &'a str) -> Self {
        match take_digits(text) {
            (digits, "") if !digits.is_empty() => Self::Number(Number::of(digits)),
            _ => Self::Text(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_unordered};

    #[test]
    fn semantic_versions() {
        // Items 9 to 11 of the specification.
        check(
            "npm",
            "1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0
             1.0.0 < 2.0.0 < 2.1.0 < 2.1.1
             1.2.3-r100 < 1.2.3-r2
             1.0.0+20130313144700 = 1.0.0+exp.sha.5114f85 = 1.0.0
             v1.2.3 = 1.2.3
             0.9.0 < 0.10.0",
        );
    }

    #[test]
    fn what_only_loose_readers_take() {
        check("cargo", "1 = 1.0 = 1.0.0\n1.2beta3 < 1.2 < 1.2.0.1 < 1.2.1\n1.0.99999999999999999999 < 1.1.0");
    }

    #[test]
    fn pub_orders_builds() {
        check("pub", "1.0.0-pre < 1.0.0-pre+build < 1.0.0 < 1.0.0+1 < 1.0.0+2 < 1.0.0+a");
    }

    #[test]
    fn names_have_no_order() {
        check_unordered("npm", "latest", "1.0.0");
        check_unordered("npm", "git+https://example.org/x.git#1.0.0", "1.0.0");
    }
}
