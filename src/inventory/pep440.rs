//! Python's versions, and whether one meets a constraint.
//!
//! Only for choosing between several locked versions and for judging markers: a version in the bill stays
//! as it was written.
//! Spec: <https://packaging.python.org/en/latest/specifications/version-specifiers/>

use std::cmp::Ordering;

/// A version in the order of the specification. Local labels (`+cpu`) count for nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    epoch: u64,
    /// Without trailing zeros: `1.0` is `1`.
    release: Vec<u64>,
    /// What stands behind the release. `1.dev1 < 1a1 < 1 < 1.post1`.
    suffix: (Stage, u64, Stage, u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Dev,
    Alpha,
    Beta,
    Candidate,
    Final,
    Post,
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.epoch, &self.release, self.suffix).cmp(&(other.epoch, &other.release, other.suffix))
    }
}

impl Version {
    /// `None` for what is no version, such as `1.2.*` or `main`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let text = text.split('+').next()?;
        let (epoch, text) = match text.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, text),
        };
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (release, suffix) = (text[..end].trim_end_matches('.'), &text[end..]);
        let mut release = release.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?;
        while release.last() == Some(&0) {
            release.pop();
        }
        Some(Self { epoch, release, suffix: suffix_of(suffix)? })
    }

    /// The first parts of the release, as many as asked for.
    fn starts_with(&self, release: &[u64]) -> bool {
        (0..release.len()).all(|index| self.part(index) == release[index])
    }

    fn part(&self, index: usize) -> u64 {
        self.release.get(index).copied().unwrap_or(0)
    }
}

/// `a1`, `.post2`, `rc1.dev3` and their older spellings.
fn suffix_of(text: &str) -> Option<(Stage, u64, Stage, u64)> {
    let mut rest = text;
    let mut stages: Vec<(Stage, u64)> = Vec::new();
    while !rest.is_empty() {
        rest = rest.trim_start_matches(['.', '-', '_']);
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let stage = match &rest[..end] {
            "dev" => Stage::Dev,
            "a" | "alpha" => Stage::Alpha,
            "b" | "beta" => Stage::Beta,
            "c" | "rc" | "pre" | "preview" => Stage::Candidate,
            // `1.0-1` is `1.0.post1`.
            "" | "post" | "rev" | "r" => Stage::Post,
            _ => return None,
        };
        rest = rest[end..].trim_start_matches(['.', '-', '_']);
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 && stage == Stage::Post && text.len() < 2 {
            return None;
        }
        let number = if end == 0 { 0 } else { rest[..end].parse().ok()? };
        stages.push((stage, number));
        rest = &rest[end..];
        if stages.len() > 2 {
            return None;
        }
    }
    match stages[..] {
        [] => Some((Stage::Final, 0, Stage::Final, 0)),
        [(stage, number)] => Some((stage, number, Stage::Final, 0)),
        [(one, number), (two, other), ..] => Some((one, number, two, other)),
    }
}

/// Whether a version meets a constraint such as `>=1.2,<2`, Poetry's `^1.2 || ~2.0` or `1.*`. `None` when
/// either is not understood.
pub(super) fn meets(version: &str, constraint: &str) -> Option<bool> {
    let version = Version::parse(version)?;
    let mut any = false;
    for choice in constraint.split('|').filter(|choice| !choice.trim().is_empty()) {
        let clauses = choice.split(',').map(str::trim).filter(|clause| !clause.is_empty());
        let mut all = true;
        for clause in clauses {
            all &= meets_clause(&version, clause)?;
        }
        any |= all;
    }
    Some(any || constraint.trim().is_empty())
}

fn meets_clause(version: &Version, clause: &str) -> Option<bool> {
    let end = clause.find(|c: char| !"<>=!~^".contains(c)).unwrap_or(clause.len());
    let (operator, wanted) = (&clause[..end], clause[end..].trim());
    if wanted == "*" {
        return Some(true);
    }
    if let Some(prefix) = wanted.strip_suffix(".*") {
        let parts: Option<Vec<u64>> = prefix.split('.').map(|part| part.parse().ok()).collect();
        let starts = version.starts_with(&parts?);
        return Some(if operator == "!=" { !starts } else { starts });
    }
    let other = Version::parse(wanted)?;
    Some(match operator {
        "" | "=" | "==" | "===" => *version == other,
        "!=" => *version != other,
        ">=" => *version >= other,
        "<=" => *version <= other,
        ">" => *version > other,
        "<" => *version < other,
        "~=" => *version >= other && version.starts_with(&upto(&other, parts(wanted).saturating_sub(1))),
        "~" => *version >= other && version.starts_with(&upto(&other, parts(wanted).clamp(1, 2))),
        "^" => *version >= other && version.starts_with(&upto(&other, caret(&other, parts(wanted)))),
        _ => return None,
    })
}

/// How many numbers a release is written with: three in `1.0.0`.
fn parts(text: &str) -> usize {
    let text = text.trim_start_matches('v');
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].split('.').filter(|part| !part.is_empty()).count()
}

fn upto(version: &Version, parts: usize) -> Vec<u64> {
    (0..parts).map(|index| version.part(index)).collect()
}

/// `^` holds everything up to the first number that is not zero.
fn caret(version: &Version, parts: usize) -> usize {
    (0..parts).find(|index| version.part(*index) != 0).map_or(parts, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_an_order() {
        let order =
            ["1.dev1", "1a1", "1.0b2", "1rc1", "1", "1.0.post1", "1.1", "1.10", "2.0.dev0", "2", "1!0.1"];
        let versions: Vec<Version> = order.iter().filter_map(|text| Version::parse(text)).collect();
        assert_eq!(versions.len(), order.len());
        assert!(versions.is_sorted_by(|one, other| one < other));
        assert_eq!(Version::parse("v1.0"), Version::parse("1"));
        assert_eq!(Version::parse("1.0-1"), Version::parse("1.post1"));
    }

    #[test]
    fn a_constraint_is_met_or_not() {
        for (version, constraint) in [
            ("1.26.4", ">=1.21.1,<3"),
            ("2.0.7", "^1.26 || ^2.0"),
            ("0.3.9", "^0.3.1"),
            ("1.4.5", "~1.4.2"),
            ("1.4.5", "~=1.4"),
            ("3.11", "!=3.0.*,!=3.1.*"),
            ("5", "*"),
            ("5", ""),
        ] {
            assert_eq!(meets(version, constraint), Some(true), "{version} {constraint}");
        }
        for (version, constraint) in
            [("2.0", "<2"), ("0.4.0", "^0.3.1"), ("1.5", "~=1.4.2"), ("1.5", "~1.4"), ("3.1.2", "!=3.1.*")]
        {
            assert_eq!(meets(version, constraint), Some(false), "{version} {constraint}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said_to_be() {
        for (version, constraint) in [
            ("main", ">=1"),
            ("1", ">=x"),
            ("1", "<>1"),
            ("1", "=="),
            ("1é", "1"),
            ("1", "99999999999999999999999"),
        ] {
            assert_eq!(meets(version, constraint), None, "{version} {constraint}");
        }
    }
}
