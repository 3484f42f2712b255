//! Where an installed node module or a vendored crate was fetched from: its manifest does not say, and the lockfile does.
//!
//! What came from a repository or an archive somewhere is not the registry's package of that name, and the
//! lockfile's purl says so. Its installed copy is the same thing, and must not be listed beside it under the
//! name of the registry's.

use std::collections::HashMap;
use std::sync::Arc;

use super::Found;
use crate::bom::{Presence, Purl};
use crate::layers::parent;

const TYPES: [&str; 2] = ["cargo", "npm"];
const HIDDEN_LOCKFILE: &str = "node_modules/.package-lock.json";

/// What the purl of a package has that did not come from its registry.
const ELSEWHERE: [&str; 3] = ["download_url", "repository_url", "vcs_url"];

/// Gives what is installed the purl that the lockfile of their project has for them.
pub(super) fn tell(found: &mut [Found]) {
    let mut fetched: HashMap<(String, String), Vec<(String, Purl)>> = HashMap::new();
    for found in found.iter().filter(|found| is_lockfile(found)) {
        if let Some(purl) = purl(found).filter(|purl| is_fetched(purl))
            && let Some(key) = key(purl)
        {
            fetched.entry(key).or_default().push((project(&found.path), purl.clone()));
        }
    }
    if fetched.is_empty() {
        return;
    }
    for found in found.iter_mut().filter(|found| !is_lockfile(found)) {
        let Some(purl) = purl(found).filter(|purl| !is_fetched(purl)) else { continue };
        let Some(candidates) = key(purl).and_then(|key| fetched.get(&key)) else { continue };
        let mut of_project =
            candidates.iter().filter(|(project, _)| found.path.starts_with(project.as_str()));
        let Some((_, purl)) = of_project.next() else { continue };
        // Two of one name and version, from two places: nobody knows which lies here.
        if of_project.all(|(_, other)| other == purl) {
            Arc::make_mut(&mut found.component).purl = Some(purl.clone());
        }
    }
}

fn purl(found: &Found) -> Option<&Purl> {
    found.component.purl.as_ref().filter(|purl| TYPES.contains(&purl.ty()))
}

fn is_lockfile(found: &Found) -> bool {
    found.component.presence == Presence::Declared || found.path.ends_with(HIDDEN_LOCKFILE)
}

fn is_fetched(purl: &Purl) -> bool {
    ELSEWHERE.iter().any(|qualifier| purl.qualifier(qualifier).is_some())
}

fn key(purl: &Purl) -> Option<(String, String)> {
    Some((purl.without_version().to_owned(), purl.version()?.to_owned()))
}

/// The folder of the lockfile's project, ending in a slash or empty.
fn project(lockfile: &str) -> String {
    let folder =
        lockfile.strip_suffix(HIDDEN_LOCKFILE).unwrap_or_else(|| parent(lockfile)).trim_end_matches('/');
    if folder.is_empty() { String::new() } else { format!("{folder}/") }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::inventory::ecosystems::testing::{layered, render};

    const GIT: &str = "git+ssh://git@github.com/a/b.git#0123456789012345678901234567890123456789";

    fn lock(entries: &str) -> String {
        format!(r#"{{"lockfileVersion": 3, "packages": {{"": {{"name": "app"}}, {entries}}}}}"#)
    }

    #[test]
    fn a_module_from_a_repository_is_listed_once() {
        let entry =
            format!(r#""node_modules/b": {{"version": "1.0.0", "resolved": "{GIT}", "license": "MIT"}}"#);
        let manifest = r#"{"name": "b", "version": "1.0.0", "license": "MIT"}"#;
        let (lock, hidden) = (lock(&entry), lock(&entry));
        let bom = layered(&[&[
            ("srv/package-lock.json", &lock),
            ("srv/node_modules/.package-lock.json", &hidden),
            ("srv/node_modules/b/package.json", manifest),
            ("opt/node_modules/b/package.json", manifest),
        ]]);
        expect![[r#"
            application:app line 1+1 application first-party layer 0 needs []
            pkg:npm/b@1.0.0 line 1 layer 0 declared `MIT` needs []
            pkg:npm/b@1.0.0?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2Fa%2Fb.git%400123456789012345678901234567890123456789 line 1+1+1 layer 0 declared `MIT` needs []
        "#]].assert_eq(&render(&bom));
    }

    #[test]
    fn what_came_from_two_places_keeps_its_own_name() {
        let one = format!(r#""node_modules/b": {{"version": "1.0.0", "resolved": "{GIT}"}}"#);
        let two =
            r#""node_modules/c/node_modules/b": {"version": "1.0.0", "resolved": "https://x.org/b.tgz"}"#;
        let lock = lock(&format!("{one}, {two}"));
        let bom = layered(&[&[
            ("package-lock.json", &lock),
            ("node_modules/b/package.json", r#"{"name": "b", "version": "1.0.0"}"#),
        ]]);
        assert!(bom.components.keys().any(|reference| reference.as_str() == "pkg:npm/b@1.0.0"));
    }
}
