//! Git repositories as lockfiles name them, in the one form that purls and SBOMs have for them.
//!
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/package-information/#77-package-download-location-field>

/// `git+URL@COMMIT`; an empty commit is left out. The short form `git@host:owner/name` becomes a URL.
pub(super) fn url(url: &str, commit: &str) -> String {
    let url = url.trim().strip_prefix("git+").unwrap_or(url.trim());
    let url = match url.split_once(':') {
        Some((host, path)) if !url.contains("://") && host.contains('@') => format!("ssh://{host}/{path}"),
        _ => url.to_owned(),
    };
    let at = if commit.is_empty() { "" } else { "@" };
    format!("git+{url}{at}{commit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_naming_a_repository_is_one() {
        assert_eq!(url("https://github.com/o/r.git", "abc"), "git+https://github.com/o/r.git@abc");
        assert_eq!(url("git@github.com:o/r.git", ""), "git+ssh://git@github.com/o/r.git");
        assert_eq!(url("git+https://github.com/o/r", ""), "git+https://github.com/o/r");
        assert_eq!(url("../r", "x"), "git+../r@x");
    }
}
