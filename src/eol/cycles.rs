//! Which cycle a version belongs to.

use super::calendar::{Cycle, Product};
use crate::versions;

/// What the calendar has for a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'a> {
    Cycle(&'a Cycle),
    /// Older than any cycle; this is the oldest.
    Older(&'a Cycle),
    /// Newer than any cycle.
    Newer,
    /// Between the cycles, or not a number.
    Unknown,
}

/// The cycle whose name is the longest beginning of the version's numbers: `3.1.5` belongs to `3.1`, not to `3.10`.
/// A name that is no number belongs to that very version only.
pub(super) fn find<'a>(product: &'a Product, version: &str) -> Found<'a> {
    let wanted = versions::numbers(version);
    let exact = product.cycles.iter().find(|cycle| cycle.name.eq_ignore_ascii_case(version));
    let numbered = || product.cycles.iter().filter(|cycle| !cycle.numbers.is_empty());
    let longest =
        numbered().filter(|cycle| wanted.starts_with(&cycle.numbers)).max_by_key(|cycle| cycle.numbers.len());
    if let Some(cycle) = exact.or(longest) {
        return Found::Cycle(cycle);
    }
    let oldest = numbered().min_by_key(|cycle| &cycle.numbers);
    let newest = numbered().max_by_key(|cycle| &cycle.numbers);
    let (Some(oldest), Some(newest)) = (oldest, newest) else { return Found::Unknown };
    match () {
        () if wanted.is_empty() => Found::Unknown,
        () if wanted > newest.numbers => Found::Newer,
        () if wanted < oldest.numbers && !oldest.numbers.starts_with(&wanted) => Found::Older(oldest),
        () => Found::Unknown,
    }
}

/// The version as upstream's calendar counts it, of a purl type's version: without what a distribution or a tag
/// adds, and for Java with its own old way of counting (`1.8.0_392`, `8u392`).
pub(super) fn upstream_version<'a>(ty: &str, product: &str, version: &'a str) -> &'a str {
    let version = versions::upstream(ty, version.trim());
    let tag = ["go", "jdk-", "release-", "php-", "v", "="].iter().find_map(|tag| version.strip_prefix(tag));
    let version = tag.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(version);
    let is_java = ["openjdk", "java", "jdk", "jre", "zulu", "temurin", "corretto", "semeru", "liberica"];
    // Up to 1.4 that was its whole name.
    match version.strip_prefix("1.").filter(|old| versions::numbers(old).first().is_some_and(|n| *n > 4)) {
        Some(old) if is_java.iter().any(|word| product.contains(word)) => old,
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::super::shipped;
    use super::*;

    fn cycle_of(product: &str, version: &str) -> String {
        match find(&shipped().products[product], version) {
            Found::Cycle(cycle) => cycle.name.clone(),
            Found::Older(cycle) => format!("older than {}", cycle.name),
            Found::Newer => "newer".to_owned(),
            Found::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn the_longest_beginning_counts() {
        assert_eq!(cycle_of("python", "3.1.5"), "3.1");
        assert_eq!(cycle_of("python", "3.10.14"), "3.10");
        assert_eq!(cycle_of("log4j", "2.17.1"), "2");
        assert_eq!(cycle_of("log4j", "2.12.1"), "2.12");
        assert_eq!(cycle_of("openssl", "1.1.1w"), "1.1.1");
        assert_eq!(cycle_of("amazon-linux", "2018.03"), "2018.03");
        assert_eq!(cycle_of("amazon-linux", "2023.6.20241010"), "2023");
    }

    #[test]
    fn outside_the_calendar() {
        assert_eq!(cycle_of("python", "4.0"), "newer");
        assert_eq!(cycle_of("django", "0.9"), "older than 1.3");
        assert_eq!(cycle_of("python", "3"), "unknown");
        assert_eq!(cycle_of("python", "main"), "unknown");
    }

    #[test]
    fn versions_are_read_as_upstream_counts() {
        assert_eq!(upstream_version("deb", "nginx", "1:1.27.5-1~bookworm"), "1.27.5");
        assert_eq!(upstream_version("golang", "go", "go1.28rc1"), "1.28rc1");
        assert_eq!(upstream_version("generic", "~java openjdk", "1.8.0_392-b08"), "8.0_392-b08");
        assert_eq!(upstream_version("generic", "vue", "varnish"), "varnish");
    }
}
