//! Files in which credentials lie open, by the names that tools give them.
//!
//! What came with a published package (test keys of libraries) is known to everybody, and no secret. A file that an
//! upper layer removed is still in the image.

use crate::bom::{Secret, SecretPlace};
use crate::layers::{State, Tree, Wanted};
use crate::secrets::in_text;

/// Where tools keep what opens other doors.
pub(super) const PATTERNS: &[&str] = &[
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

/// What lies open in the files of an image, in order of path.
pub(super) fn find(tree: &Tree) -> Vec<Secret> {
    let wanted = Wanted::new(PATTERNS.iter().copied()).expect("a test compiles the patterns");
    let is_asked = |path: &str| !path.contains('!') && !is_published(path) && wanted.wants(path);
    let files = tree.histories().filter(|(path, _)| is_asked(path));
    files.flat_map(|(path, states)| in_file(path, states)).collect()
}

fn is_published(path: &str) -> bool {
    let path = format!("/{path}");
    PUBLISHED.iter().any(|folder| path.contains(folder))
}

/// Of the states of a file the last that holds any.
fn in_file(path: &str, states: &[State]) -> Vec<Secret> {
    for (place, state) in states.iter().enumerate().rev() {
        let Some(bytes) = state.content().filter(|bytes| bytes.len() <= LONGEST) else { continue };
        let mut hits = in_text(&String::from_utf8_lossy(bytes));
        hits.dedup_by_key(|hit| (hit.kind, hit.line));
        if !hits.is_empty() {
            let secret = |(kind, line)| Secret {
                place: SecretPlace::File,
                name: path.to_owned(),
                line: Some(line),
                kind,
                layer: Some(state.layer),
                hidden: place + 1 < states.len(),
            };
            return hits.into_iter().map(|hit| secret((hit.kind, hit.line))).collect();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Entry, Extract, Node};

    fn layer(files: &[(&str, &str)]) -> Extract {
        let entry = |(path, text): &(&str, &str)| Entry {
            path: (*path).into(),
            node: Node::File(text.as_bytes().into()),
        };
        Extract { entries: files.iter().map(entry).collect(), ..Extract::default() }
    }

    #[test]
    fn removed_files_count_and_published_ones_do_not() {
        let base = layer(&[
            ("root/.netrc", "machine h login me password hunter22\n"),
            ("app/.env", "MODE=test\nDB_PASSWORD=hunter22\n"),
            ("app/node_modules/x/test/.env", "DB_PASSWORD=hunter22\n"),
            ("app/readme", "DB_PASSWORD=hunter22\n"),
        ]);
        let mut top = layer(&[("app/.env", "MODE=production\n")]);
        top.whiteouts.push("root/.netrc".into());
        let tree = Tree::stack([&base, &top]);
        let found = find(&tree);
        let told: Vec<_> = found
            .iter()
            .map(|secret| (secret.name.as_str(), secret.line, secret.layer, secret.hidden))
            .collect();
        assert_eq!(told, [("app/.env", Some(2), Some(0), true), ("root/.netrc", Some(1), Some(0), true)]);
    }

    #[test]
    fn the_patterns_are_sorted_and_are_patterns() {
        assert!(PATTERNS.is_sorted());
        assert!(Wanted::new(PATTERNS.iter().copied()).is_ok());
    }
}
