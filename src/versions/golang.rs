//! Order of Go's versions: modules' semantic versions, and the toolchain's own `go1.21rc2`.
//!
//! A pseudo-version names a commit without a tag, `v1.2.4-0.20240101120000-0123456789ab`; it is written so that
//! a semantic version's order puts it after the last tag before it, and two of them in order of time.
//! `+incompatible` only says that the module has no `go.mod`.
//! Specs: <https://go.dev/ref/mod#versions>, <https://go.dev/doc/toolchain#version>

use std::cmp::Ordering;

use super::number::{Number, is_letter, split};
use super::semver::{self, Version};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Version::of(bare(a))?, Version::of(bare(b))?);
    let numbers = semver::compare_numbers(&a.numbers, &b.numbers);
    Some(numbers.then_with(|| match (a.pre_release.map(toolchain), b.pre_release.map(toolchain)) {
        (Some(Some(a)), Some(Some(b))) => a.cmp(&b),
        _ => semver::compare_pre_release(a.pre_release, b.pre_release),
    }))
}

/// Without the toolchain's `go`, and without the notes after a space: `go1.24.1 X:nocoverageredesign`.
fn bare(version: &str) -> &str {
    let version = version.split_whitespace().next().unwrap_or_default();
    version.strip_prefix("go").unwrap_or(version)
}

/// `rc2` of `go1.21rc2`: the word, and its number.
fn toolchain(pre_release: &str) -> Option<(&str, Number<'_>)> {
    let (word, digits) = split(pre_release, is_letter);
    let is_toolchain = matches!(word, "beta" | "rc") && digits.bytes().all(|b| b.is_ascii_digit());
    is_toolchain.then(|| (word, Number::of(digits)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_unordered};

    #[test]
    fn versions_of_modules() {
        // Pseudo-versions of golang.org/x/net and the examples of the module reference.
        check(
            "golang",
            "v0.0.0-20200707034311-ab3426394381 < v0.0.0-20210405180319-a5a99cb37ef4 < v0.1.0
             v1.2.3 < v1.2.4-0.20240101120000-0123456789ab < v1.2.4-0.20240102120000-000000000000 < v1.2.4
             v1.2.4-pre < v1.2.4-pre.0.20240101120000-0123456789ab < v1.2.4-pre.1
             v2.0.0+incompatible = v2.0.0 = 2.0.0",
        );
    }

    #[test]
    fn versions_of_the_toolchain() {
        check(
            "golang",
            "go1.9 < go1.10 < go1.21rc2 < go1.21rc10 < go1.21.0 < 1.21.3 < v1.22.0 < go1.28beta1 < go1.28rc1",
        );
        check("golang", "go1.24.1 = go1.24.1 X:nocoverageredesign");
    }

    #[test]
    fn what_was_built_from_a_folder_has_no_order() {
        check_unordered("golang", "(devel)", "v1.0.0");
    }
}
