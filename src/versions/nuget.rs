//! Order of NuGet's versions: semantic versions with an optional fourth number, their letters' case folded.
//!
//! Spec: <https://learn.microsoft.com/nuget/concepts/package-versioning>

use std::cmp::Ordering;

use super::semver::{self, Build};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    semver::compare(&a.to_ascii_lowercase(), &b.to_ascii_lowercase(), Build::Ignored)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn versions_of_nuget() {
        // The documentation's own examples, and the four numbers of System.* packages.
        check(
            "nuget",
            "1.0.1-aaa < 1.0.1-alpha < 1.0.1-alpha10 < 1.0.1-alpha2
             1.0.1-beta < 1.0.1-open < 1.0.1-RC < 1.0.1-zzz < 1.0.1
             1.0.0 < 1.0.0.1 < 1.0.1
             1.0 = 1.0.0.0 = 1.00
             1.0.0-BETA = 1.0.0-beta = 1.0.0-beta+sha",
        );
    }
}
