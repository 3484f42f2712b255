//! Order of versions: each ecosystem's own rules, one file a rule set.
//!
//! Every order is total over the versions it accepts, so that "older" can be a reason to refuse a release;
//! versions nobody can order (branches, commits) are said to have no order instead of being guessed at.

mod alpm;
mod apk;
mod composer;
mod dotted;
mod dpkg;
mod gem;
mod generic;
mod golang;
mod maven;
mod nuget;
mod number;
mod pep440;
mod rpm;
mod semver;

use std::cmp::Ordering;

use semver::Build;

/// The order of two versions of one package. Absent where they have none.
///
/// `ty` is the purl type, whose ecosystem's rules count: `deb`, `npm`.
pub fn compare(ty: &str, a: &str, b: &str) -> Option<Ordering> {
    match ty {
        "alpm" => Some(alpm::compare(a, b)),
        "apk" => Some(apk::compare(a, b)),
        "cargo" | "hex" | "npm" | "swift" => semver::compare(a, b, Build::Ignored),
        "clojars" | "maven" => Some(maven::compare(a, b)),
        "cocoapods" | "gem" => gem::compare(a, b),
        "composer" => composer::compare(a, b),
        "cran" | "hackage" => dotted::compare(a, b),
        "deb" | "opkg" => Some(dpkg::compare(a, b)),
        "golang" => golang::compare(a, b),
        "nuget" => nuget::compare(a, b),
        "pub" => semver::compare(a, b, Build::Ordered),
        "pypi" => Some(pep440::compare(a, b)),
        "rpm" => Some(rpm::compare(a, b)),
        _ => generic::compare(a, b),
    }
}

/// The part of a version that its author gave, without what a distribution or a build added: `1:1.2-3` of a deb
/// is `1.2`.
pub fn upstream<'a>(ty: &str, version: &'a str) -> &'a str {
    match ty {
        "alpm" => alpm::upstream(version),
        "apk" => apk::upstream(version),
        "cargo" | "golang" | "hex" | "npm" | "nuget" | "swift" => semver::upstream(version),
        "deb" | "opkg" => dpkg::upstream(version),
        "pypi" => pep440::upstream(version),
        "rpm" => rpm::upstream(version),
        _ => version,
    }
}

/// The version without the mark of a rebuild of the same source: `1.2-3+b1` of a deb is `1.2-3`.
pub fn without_rebuild<'a>(ty: &str, version: &'a str) -> &'a str {
    match ty {
        "apk" => apk::upstream(version),
        "deb" | "opkg" => dpkg::without_rebuild(version),
        "rpm" => rpm::without_rebuild(version),
        _ => version,
    }
}

/// How far apart two versions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The same source, built again.
    Rebuild,
    /// The same upstream version with other patches.
    Revision,
    Patch,
    Minor,
    Major,
}

impl Step {
    pub const ALL: &[Self] = &[Self::Rebuild, Self::Revision, Self::Patch, Self::Minor, Self::Major];

    pub fn name(self) -> &'static str {
        match self {
            Self::Rebuild => "rebuild",
            Self::Revision => "revision",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// How far apart two different versions of one package are, whichever is the later.
pub fn step(ty: &str, a: &str, b: &str) -> Step {
    if without_rebuild(ty, a) == without_rebuild(ty, b) {
        return Step::Rebuild;
    }
    if upstream(ty, a) == upstream(ty, b) {
        return Step::Revision;
    }
    let (a, b) = (numbers(upstream(ty, a)), numbers(upstream(ty, b)));
    let at = |numbers: &[u64], index: usize| numbers.get(index).copied().unwrap_or_default();
    match (0..2).find(|index| at(&a, *index) != at(&b, *index)) {
        Some(0) => Step::Major,
        Some(_) => Step::Minor,
        None => Step::Patch,
    }
}

/// The numbers a version begins with, up to the first part that is more than a number: `1.1.1n` is 1, 1, 1, and
/// `v2.0-rc1` is 2, 0.
pub fn numbers(version: &str) -> Vec<u64> {
    let version = version.trim();
    let version = version.strip_prefix(['v', 'V', '=']).unwrap_or(version);
    let mut numbers = Vec::new();
    for part in version.split('.') {
        let (digits, rest) = number::take_digits(part);
        if digits.is_empty() {
            break;
        }
        numbers.push(number::Number::of(digits).value());
        if !rest.is_empty() {
            break;
        }
    }
    numbers
}

#[cfg(test)]
mod testing {
    use std::cmp::Ordering;

    use super::compare;

    /// Checks a table: a chain of versions a line, every pair of it in both directions. `""` is the empty
    /// version.
    pub(super) fn check(ty: &str, table: &str) {
        for line in table.lines() {
            let chain = chain(line);
            assert!(chain.len() > 1, "no chain: {line}");
            for (index, (a, _)) in chain.iter().enumerate() {
                let mut expected = Ordering::Equal;
                for (b, step) in &chain[index + 1..] {
                    expected = expected.then(*step);
                    assert_eq!(compare(ty, a, b), Some(expected), "{ty}: {a} {b}");
                    assert_eq!(compare(ty, b, a), Some(expected.reverse()), "{ty}: {b} {a}");
                }
                assert_eq!(compare(ty, a, a), Some(Ordering::Equal), "{ty}: {a}");
            }
        }
    }

    pub(super) fn check_unordered(ty: &str, a: &str, b: &str) {
        assert_eq!((compare(ty, a, b), compare(ty, b, a)), (None, None), "{ty}: {a} {b}");
    }

    /// Each version with its relation to the one before it. A chain only rises or only falls.
    fn chain(line: &str) -> Vec<(&str, Ordering)> {
        let mut chain = Vec::new();
        let (mut rest, mut relation) = (line.trim(), Ordering::Equal);
        loop {
            let found = [(" < ", Ordering::Less), (" = ", Ordering::Equal), (" > ", Ordering::Greater)]
                .into_iter()
                .filter_map(|(sign, relation)| Some((rest.find(sign)?, relation)))
                .min_by_key(|(place, _)| *place);
            let end = found.map_or(rest.len(), |(place, _)| place);
            chain.push((rest[..end].trim_matches('"'), relation));
            match found {
                Some((place, next)) => (rest, relation) = (&rest[place + 3..], next),
                None => return chain,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step_of(ty: &str, a: &str, b: &str) -> &'static str {
        assert_eq!(step(ty, a, b), step(ty, b, a));
        step(ty, a, b).name()
    }

    #[test]
    fn how_far_apart_versions_are() {
        assert_eq!(step_of("deb", "5.2.15-2+b2", "5.2.15-2+b7"), "rebuild");
        assert_eq!(step_of("apk", "3.1.4-r5", "3.1.4-r6"), "rebuild");
        assert_eq!(step_of("rpm", "1.2-3.el9_4", "1.2-3.el9_5"), "rebuild");
        assert_eq!(step_of("deb", "3.0.11-1~deb12u1", "3.0.11-1~deb12u2"), "revision");
        assert_eq!(step_of("deb", "3.0.11-1", "1:3.0.14-1"), "patch");
        assert_eq!(step_of("npm", "1.2.3", "1.3.0"), "minor");
        assert_eq!(step_of("golang", "v1.2.3", "v2.0.0+incompatible"), "major");
        assert_eq!(step_of("npm", "1.0.0-rc.1", "1.0.0"), "patch");
    }

    #[test]
    fn numbers_of_a_version() {
        assert_eq!(numbers("1.1.1n"), [1, 1, 1]);
        assert_eq!(numbers("v2.0-rc1.3"), [2, 0]);
        assert_eq!(numbers("latest"), [0u64; 0]);
        assert_eq!(numbers("99999999999999999999999"), [u64::MAX]);
    }

    #[test]
    fn hostile_versions_are_only_strange() {
        let long = "1.a-~_".repeat(20_000);
        let types = [
            "alpm", "apk", "npm", "maven", "gem", "composer", "cran", "deb", "golang", "nuget", "pub",
            "pypi", "rpm", "generic",
        ];
        for ty in types {
            for text in
                ["", "-", ".", "~", "1:", "é1.ß", "1.é", "-r", "_rc", "1_", "v", "go", "1!", "+", &long]
            {
                assert_ne!(compare(ty, text, text), Some(Ordering::Less), "{ty} {text}");
                compare(ty, text, "1.0");
                upstream(ty, text);
                without_rebuild(ty, text);
                step(ty, text, "1");
            }
        }
    }
}
