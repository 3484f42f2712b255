//! Files in which credentials lie, by the names that tools give them.
//!
//! What came with a published package (test keys of libraries) is known to everybody, and no secret.

use super::{Hit, in_text};
use crate::layers::Wanted;

/// Where tools keep what opens other doors.
pub const FILES: &[&str] = &[
    "**/*.key",
    "**/*.pem",
    "**/.aws/credentials",
    "**/.cargo/credentials",
    "**/.cargo/credentials.toml",
    "**/.config/gcloud/application_default_credentials.json",
    "**/.config/gh/hosts.yml",
    "**/.docker/config.json",
    "**/.dockercfg",
    "**/.env",
    "**/.env.*",
    "**/.gem/credentials",
    "**/.git-credentials",
    "**/.kube/config",
    "**/.m2/settings.xml",
    "**/.my.cnf",
    "**/.netrc",
    "**/.npmrc",
    "**/.pgpass",
    "**/.pypirc",
    "**/.ssh/*",
    "**/.terraform.d/credentials.tfrc.json",
    "**/.vault-token",
    "**/.yarnrc.yml",
    "**/auth.json",
    "**/etc/pip.conf",
    "**/etc/ssh/ssh_host_*_key",
    "**/id_{dsa,ecdsa,ed25519,rsa}",
    "**/pip/pip.conf",
];

/// Folders of published packages.
const PUBLISHED: &[&str] = &[
    "/.cargo/registry/",
    "/dist-packages/",
    "/gems/",
    "/go/pkg/mod/",
    "/node_modules/",
    "/site-packages/",
    "/usr/lib/",
    "/usr/share/",
    "/usr/local/lib/",
    "/vendor/",
];

/// Longer files are no settings.
const LONGEST: usize = 1 << 20;

/// Tells files in which credentials may lie.
pub struct Files(Wanted);

impl Default for Files {
    fn default() -> Self {
        Self(Wanted::new(FILES.iter().copied()).expect("a test compiles the patterns"))
    }
}

impl Files {
    /// Whether a file of this path is to be looked into.
    pub fn are_asked(&self, path: &str) -> bool {
        !path.contains('!') && !is_published(path) && self.0.wants(path)
    }

    /// The credentials in a file's content.
    pub fn lie_in(bytes: &[u8]) -> Vec<Hit> {
        if bytes.len() > LONGEST {
            return Vec::new();
        }
        let mut hits = in_text(&String::from_utf8_lossy(bytes));
        hits.dedup_by_key(|hit| (hit.kind, hit.line));
        hits
    }
}

fn is_published(path: &str) -> bool {
    let path = format!("/{path}");
    PUBLISHED.iter().any(|folder| path.contains(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_are_sorted_and_are_patterns() {
        assert!(FILES.is_sorted());
        let files = Files::default();
        assert!(files.are_asked("root/.netrc") && files.are_asked("etc/ssh/ssh_host_rsa_key"));
        assert!(!files.are_asked("srv/node_modules/x/test/.netrc") && !files.are_asked("etc/passwd"));
    }
}
