//! Order of Composer's versions: that of PHP's `version_compare`.
//!
//! Known words have a rank (`dev`, `alpha`, `beta`, `RC`, a number, `pl`), and a longer word counts as the known
//! one it begins with; any other word comes before them all. A branch (`dev-main`) comes before every release,
//! and two branches have no order.
//! Specs: <https://www.php.net/version_compare>, <https://getcomposer.org/doc/articles/versions.md>

use std::cmp::Ordering;

use super::number::{Number, split, take_digits};

/// In order of rank. `#` is how PHP writes "some number".
const WORDS: &[(&str, u8)] = &[
    ("dev", 1),
    ("alpha", 2),
    ("a", 2),
    ("beta", 3),
    ("b", 3),
    ("RC", 4),
    ("rc", 4),
    ("#", NUMBER),
    ("pl", 6),
    ("p", 6),
];
const NUMBER: u8 = 5;

#[derive(Clone, Copy)]
enum Part<'a> {
    Number(Number<'a>),
    Word(u8),
}

impl Part<'_> {
    fn rank(self) -> u8 {
        match self {
            Self::Number(_) => NUMBER,
            Self::Word(rank) => rank,
        }
    }
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.trim(), b.trim());
    match (is_branch(a), is_branch(b)) {
        (true, true) => (a == b).then_some(Ordering::Equal),
        (a_is_branch, b_is_branch) if a_is_branch != b_is_branch => Some(b_is_branch.cmp(&a_is_branch)),
        _ => Some(compare_parts(parts(a), parts(b))),
    }
}

fn is_branch(version: &str) -> bool {
    version.starts_with("dev-")
}

fn compare_parts<'a>(
    mut a: impl Iterator<Item = Part<'a>>,
    mut b: impl Iterator<Item = Part<'a>>,
) -> Ordering {
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(Part::Number(a)), Some(Part::Number(b))) => a.cmp(&b),
            (Some(a), Some(b)) => a.rank().cmp(&b.rank()),
            (Some(Part::Number(_)), None) => Ordering::Greater,
            (None, Some(Part::Number(_))) => Ordering::Less,
            // The end counts as some number.
            (Some(a), None) => a.rank().cmp(&NUMBER),
            (None, Some(b)) => NUMBER.cmp(&b.rank()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn parts(version: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = version.strip_prefix(['v', 'V']).unwrap_or(version);
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['.', '-', '_', '+']);
        let (digits, after) = take_digits(rest);
        if !digits.is_empty() {
            rest = after;
            return Some(Part::Number(Number::of(digits)));
        }
        let (word, after) = split(rest, |c| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '_' | '+'));
        rest = after;
        let known = |word: &str| WORDS.iter().find(|(known, _)| word.starts_with(known));
        (!word.is_empty()).then(|| Part::Word(known(word).map_or(0, |(_, rank)| *rank)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_unordered};

    #[test]
    fn versions_of_composer() {
        // PHP's manual, and versions of symfony and laravel.
        check(
            "composer",
            "1.0.0-dev < 1.0.0-alpha1 < 1.0.0-beta2 < 1.0.0-RC1 < 1.0.0-rc2 < 1.0.0 < 1.0.0-patch1
             v6.4.3 < 6.4.10 < v7.0.0-BETA1 < v7.0.0
             1.0 < 1.0.0 < 1.0.1
             1.0.0-stable < 1.0.0-dev
             1.25.0-beta2.1 = 1.25.0-b.2.1",
        );
    }

    #[test]
    fn branches_come_before_releases_and_have_no_order() {
        check("composer", "dev-main < 0.1\ndev-main = dev-main");
        check_unordered("composer", "dev-main", "dev-next");
    }
}
