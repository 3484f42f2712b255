//! Where a package was fetched from, in the one shape for the many ways to write it.
//!
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/package-information/#77-package-download-location-field>

use std::borrow::Cow;

/// Where a package was fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A registry. Which one is no part of a package's name: mirrors serve the same packages.
    Registry,
    /// A repository at a commit, as purls write it: `git+https://host/path@commit`.
    Vcs(String),
    /// An archive from somewhere else.
    Archive(String),
    /// A file or folder beside the project.
    Local,
}

impl Origin {
    /// What a lockfile gives as the place a package was resolved to.
    pub(super) fn of(resolved: &str) -> Self {
        if resolved.is_empty() {
            return Self::Registry;
        }
        if let Some(url) = repository_url(resolved) {
            return Self::Vcs(url.replacen('#', "@", 1));
        }
        match resolved.split_once("://") {
            Some(("http" | "https", rest)) if is_registry(rest) => Self::Registry,
            Some(("http" | "https", _)) => Self::Archive(without_credentials(fragmentless(resolved)).into()),
            _ => Self::Local,
        }
    }
}

/// Registries keep their archives under `/-/`; the exceptions say so by name.
fn is_registry(rest: &str) -> bool {
    rest.contains("/-/")
        || rest.starts_with("npm.jsr.io/")
        || rest.starts_with("npm.pkg.github.com/download/")
}

pub(super) fn fragmentless(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

/// A URL without a name and password in it: they are nobody's business.
pub(super) fn without_credentials(url: &str) -> Cow<'_, str> {
    let bare = || {
        let (scheme, rest) = url.split_once("://")?;
        let (credentials, host) = rest[..rest.find('/').unwrap_or(rest.len())].rsplit_once('@')?;
        let path = &rest[credentials.len() + 1 + host.len()..];
        credentials.contains(':').then(|| Cow::Owned(format!("{scheme}://{host}{path}")))
    };
    bare().unwrap_or(Cow::Borrowed(url))
}

/// The one shape of the many ways to name a repository: `git+https://github.com/a/b.git#commit`.
pub(super) fn repository_url(text: &str) -> Option<String> {
    for (short, host) in
        [("github:", "github.com"), ("gitlab:", "gitlab.com"), ("bitbucket:", "bitbucket.org")]
    {
        if let Some(path) = text.strip_prefix(short) {
            return Some(format!("git+https://{host}/{}", with_git(path)));
        }
    }
    if text.starts_with("git+") || text.starts_with("git://") {
        return Some(without_credentials(text).into());
    }
    if text.starts_with("ssh://") {
        return Some(format!("git+{}", without_credentials(text)));
    }
    if let Some((host, path)) = text.strip_prefix("git@").and_then(|rest| rest.split_once(':')) {
        return Some(format!("git+ssh://git@{host}/{path}"));
    }
    let is_git = text.starts_with("http") && fragmentless(text).ends_with(".git");
    is_git.then(|| format!("git+{}", without_credentials(text)))
}

/// A repository at a revision, as purls write it.
pub(super) fn vcs_url(remote: &str, revision: &str) -> String {
    let url = repository_url(remote).unwrap_or_else(|| format!("git+{}", without_credentials(remote)));
    if revision.is_empty() { url } else { format!("{}@{revision}", fragmentless(&url)) }
}

/// `a/b#commit` as `a/b.git#commit`.
pub(super) fn with_git(path: &str) -> String {
    let (path, commit) = path.split_once('#').map_or((path, None), |(path, commit)| (path, Some(commit)));
    let path = path.strip_suffix(".git").unwrap_or(path);
    match commit {
        Some(commit) => format!("{path}.git#{commit}"),
        None => format!("{path}.git"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_package_came_from() {
        use Origin::{Archive, Local, Registry, Vcs};
        for (resolved, expected) in [
            ("", Registry),
            ("https://registry.example.org/npm/a/-/a-1.0.0.tgz#abc", Registry),
            ("https://npm.jsr.io/~/11/@jsr/std__path/1.0.0.tgz", Registry),
            (
                "git+ssh://git@github.com/a/b.git#c0ffee",
                Vcs("git+ssh://git@github.com/a/b.git@c0ffee".into()),
            ),
            ("github:a/b#c0ffee", Vcs("git+https://github.com/a/b.git@c0ffee".into())),
            ("https://github.com/a/b.git#c0ffee", Vcs("git+https://github.com/a/b.git@c0ffee".into())),
            ("https://me:secret@x.org/b/tar.gz/c0ffee#sha", Archive("https://x.org/b/tar.gz/c0ffee".into())),
            ("file:../a.tgz", Local),
            ("packages/a", Local),
        ] {
            assert_eq!(Origin::of(resolved), expected, "{resolved}");
        }
    }
}
