//! `yarn.lock` of Yarn 1: what it resolved each `name@range` to.
//!
//! The file looks like YAML and is not. An entry's key lists every range that led to one version, so a
//! dependency written `name range` names its entry exactly. The project itself, its workspaces, and what is
//! needed only for development are not in the file; they are read from the manifests, where those lie beside.
//! Spec: <https://classic.yarnpkg.com/lang/en/docs/yarn-lock/>

use std::collections::HashMap;

use super::super::integrity;
use super::super::json;
use super::super::locked::{self, Locked};
use super::super::node;
use super::super::value::Value;
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Hash, HashAlgorithm, Scope};
use crate::layers::{Tree, Wanted, parent};

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "yarn",
    about: "packages locked by Yarn 1 in yarn.lock",
    reads: &["**/yarn.lock"],
    beside: &["**/package.json"],
    spec: "https://classic.yarnpkg.com/lang/en/docs/yarn-lock/",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    if node::is_in_package(file.path) || node::is_berry(&text) {
        return Ok(Parsed::default());
    }
    let mut problems = Problems::new();
    let mut entries = entries(&text, &mut problems);
    let mut list = Vec::new();
    entries.retain(|entry| match entry.package() {
        Ok(locked) => {
            list.push(locked);
            true
        }
        Err(reason) => {
            problems.push(Problem::new(entry.line, reason));
            false
        }
    });
    let index = Index::of(&entries);
    for (locked, entry) in list.iter_mut().zip(&entries) {
        let needs = entry.needs.iter();
        locked.needs =
            Some(needs.filter_map(|(name, range, scope)| Some((index.find(name, range)?, *scope))).collect());
    }
    let projects = projects(file.folder(), tree, &index);
    if !projects.is_empty() {
        list.extend(projects);
        locked::work_out_scopes(&mut list);
    }
    Ok(Parsed { packages: locked::packages(file.path, list), problems })
}

/// One resolved version, and every range that led to it.
#[derive(Default)]
struct Entry<'a> {
    line: u32,
    keys: Vec<&'a str>,
    version: Option<&'a str>,
    resolved: &'a str,
    integrity: &'a str,
    needs: Vec<(&'a str, &'a str, Scope)>,
}

fn entries<'a>(text: &'a str, problems: &mut Problems) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut section = None;
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let understood = match (indent, entries.last_mut()) {
            (0, _) => key(content).map(|keys| {
                section = None;
                entries.push(Entry { line: number, keys, ..Entry::default() });
            }),
            (2, Some(entry)) => {
                section = None;
                field(content, entry, &mut section)
            }
            (4, Some(entry)) => pair(content).map(|(name, range)| {
                entry.needs.extend(section.map(|scope| (name, range, scope)));
            }),
            _ => None,
        };
        if understood.is_none() {
            problems.push(Problem::new(number, "is no line of a yarn.lock"));
        }
    }
    entries
}

/// `a@^1, "b@>= 1, < 2":` with quotes where they are needed.
fn key(content: &str) -> Option<Vec<&str>> {
    let mut rest = content.strip_suffix(':')?;
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let (key, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(", ").unwrap_or(rest.len())),
        };
        node::split_name(key)?;
        keys.push(key);
        rest = after.strip_prefix(", ").unwrap_or(after);
        if !after.is_empty() && rest.len() == after.len() {
            return None;
        }
    }
    (!keys.is_empty()).then_some(keys)
}

fn field<'a>(content: &'a str, entry: &mut Entry<'a>, section: &mut Option<Scope>) -> Option<()> {
    match content {
        "dependencies:" => *section = Some(Scope::Required),
        "optionalDependencies:" => *section = Some(Scope::Optional),
        // Other maps, of which there are none so far, say nothing of dependencies.
        _ if content.ends_with(':') => {}
        _ => {
            let (name, value) = pair(content)?;
            match name {
                "version" => entry.version = Some(value).filter(|version| !version.is_empty()),
                "resolved" => entry.resolved = value,
                "integrity" => entry.integrity = value,
                _ => {}
            }
        }
    }
    Some(())
}

/// `name "value"`, either with or without quotes.
fn pair(content: &str) -> Option<(&str, &str)> {
    let (name, value) = match content.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => content.split_once(' ')?,
    };
    let value = value.trim();
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    Some((name, bare.unwrap_or(value)))
}

impl Entry<'_> {
    fn package(&self) -> Result<Locked, String> {
        let (name, range) = self.keys.first().and_then(|key| node::split_name(key)).unwrap_or_default();
        // `alias@npm:real@range` stands for the package `real`, and so does an archive of it under any key.
        let served = node::served_as(self.resolved);
        let real =
            range.strip_prefix("npm:").map(|real| node::split_name(real).map_or(real, |(name, _)| name));
        if self.resolved.is_empty() && (range.starts_with("file:") || range.starts_with("link:")) {
            return Ok(Locked::new(locked::own(name, self.version), self.line));
        }
        let name = served.as_deref().or(real).unwrap_or(name);
        if self.version.is_none() {
            return Err(format!("`{name}` has no version"));
        }
        let mut component = node::locked(name, self.version, self.resolved)?;
        component.hashes = integrity::hashes(self.integrity).into();
        if self.integrity.is_empty() {
            let sha1 = self.resolved.rsplit_once('#').map(|(_, sha1)| sha1);
            component.hashes.extend(sha1.and_then(|sha1| Hash::from_hex(HashAlgorithm::Sha1, sha1)));
        }
        Ok(Locked::new(component, self.line))
    }
}

/// Entries by what leads to them.
struct Index<'a> {
    by_key: HashMap<&'a str, usize>,
    /// `None` for names of several entries.
    by_name: HashMap<&'a str, Option<usize>>,
}

impl<'a> Index<'a> {
    fn of(entries: &[Entry<'a>]) -> Self {
        let mut index = Self { by_key: HashMap::new(), by_name: HashMap::new() };
        for (place, entry) in entries.iter().enumerate() {
            for key in &entry.keys {
                index.by_key.insert(key, place);
                if let Some((name, _)) = node::split_name(key) {
                    let known = index.by_name.entry(name).or_insert(Some(place));
                    *known = known.filter(|known| *known == place);
                }
            }
        }
        index
    }

    /// A range that `resolutions` of the project replaced is no key; the name may still be clear.
    fn find(&self, name: &str, range: &str) -> Option<usize> {
        let exact = self.by_key.get(format!("{name}@{range}").as_str()).copied();
        exact.or_else(|| *self.by_name.get(name)?)
    }
}

/// The project and its workspaces, by their manifests.
fn projects(folder: &str, tree: &Tree, index: &Index<'_>) -> Vec<Locked> {
    let Some(text) = node::manifest(tree, folder) else { return Vec::new() };
    let Ok(root) = json::parse(&text) else { return Vec::new() };
    let mut projects = vec![project(&root, index)];
    for (path, bytes) in workspaces(&root, folder, tree) {
        let text = File { path, bytes }.text();
        if let Ok(manifest) = json::parse(&text) {
            projects.push(project(&manifest, index));
        }
    }
    projects
}

fn project(manifest: &Value<'_>, index: &Index<'_>) -> Locked {
    let component = locked::own(manifest.field("name").unwrap_or_default(), manifest.field("version"));
    let dependencies = node::dependencies(manifest);
    let needs = dependencies.filter_map(|(name, range, scope)| Some((index.find(name, range)?, scope)));
    Locked { component, line: None, scope: None, needs: Some(needs.collect()) }
}

/// Manifests in the folders that the root's `workspaces` names by patterns.
fn workspaces<'a>(root: &Value<'_>, folder: &str, tree: &'a Tree) -> Vec<(&'a str, &'a [u8])> {
    let Some(member) = root.get("workspaces") else { return Vec::new() };
    let patterns = member.items().iter().filter_map(Value::as_str).chain(member.texts("packages"));
    let patterns: Vec<String> = patterns
        .map(|pattern| format!("{}/package.json", pattern.trim_start_matches("./").trim_end_matches('/')))
        .collect();
    let Ok(wanted) = Wanted::new(patterns.iter().map(String::as_str)) else { return Vec::new() };
    let is_wanted = |path: &str| {
        let inner = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
        path.ends_with("/package.json") && !node::is_in_package(parent(inner)) && wanted.wants(inner)
    };
    tree.below(folder).filter(|(path, _)| is_wanted(path)).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const HEADER: &str =
        "# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n# yarn lockfile v1\n\n\n";

    #[test]
    fn a_range_leads_to_its_version() {
        let lock = format!(
            "{HEADER}debug@2.x, debug@^2.6.0:\n  version \"2.6.9\"\n  \
             resolved \"https://registry.yarnpkg.com/debug/-/debug-2.6.9.tgz#5d128515df134ff327e90a4c93f4e077a536341f\"\n  \
             integrity sha512-bC7ElrdJaJnPbAP+1EotYvqZsb3ecl5wi6Bfi6BJTUcNowp6cvspg0jXznRTKDjm/E7AdgFBVeAPVMNcKGsHMA==\n  \
             dependencies:\n    ms \"2.0.0\"\n  optionalDependencies:\n    \"@s/fast\" \"1 - 2\"\n\n\
             ms@2.0.0:\n  version \"2.0.0\"\n  resolved \"https://registry.npmjs.org/ms/-/ms-2.0.0.tgz#5608aeadfc00be6c2901df5f9861788de0d597c8\"\n\n\
             ms@^2.1.0:\n  version \"2.1.3\"\n\n\"@s/fast@1 - 2\":\n  version \"1.5.0\"\n  dependencies:\n    ms \"^2.1.0\"\n"
        );
        let manifest = r#"{"name": "app", "version": "1.0.0", "workspaces": ["packages/*"],
                           "devDependencies": {"debug": "2.x"}}"#;
        let workspace = r#"{"name": "w", "dependencies": {"ms": "2.0.0"}}"#;
        check(
            &ECOSYSTEM,
            &[
                ("a/yarn.lock", &lock),
                ("a/package.json", manifest),
                ("a/packages/w/package.json", workspace),
                ("a/packages/w/deeper/package.json", workspace),
                ("b/yarn.lock", &lock),
            ],
            expect![[r#"
                application:app@1.0.0 application first-party needs [debug@2.6.9]
                application:w application first-party needs [ms@2.0.0]
                pkg:npm/%40s/fast@1.5.0 line 21+21 dev needs [ms@2.1.3]
                pkg:npm/debug@2.6.9 line 5+5 dev SHA-512:6c2ec496 needs [%40s/fast@1.5.0, ms@2.0.0]
                pkg:npm/ms@2.0.0 line 14+14 SHA-1:5608aead needs []
                pkg:npm/ms@2.1.3 line 18+18 dev needs []
            "#]],
        );
    }

    #[test]
    fn what_came_from_elsewhere_says_so() {
        let lock = format!(
            "{HEADER}\"lodash-old@npm:lodash@^3\", \"old@npm:lodash@^3\":\r\n  version \"3.10.1\"\r\n\r\n\
             \"git@git+https://github.com/x/git.git#main\":\n  version \"1.0.0\"\n  resolved \"git+https://github.com/x/git.git#c0ffee\"\n\n\
             \"tar@https://x.org/tar.tgz\":\n  version \"2.0.0\"\n  resolved \"https://me:secret@x.org/tar.tgz#5608aeadfc00be6c2901df5f9861788de0d597c8\"\n\n\
             replaced@^1:\n  version \"1.5.2\"\n  resolved \"https://registry.yarnpkg.com/@a/other/-/other-1.5.2.tgz\"\n\n\
             \"lib@file:./lib\":\n  version \"0.0.1\"\n\n\
             \"zip@file:vendor/zip.tgz\":\n  version \"0.0.2\"\n  resolved \"file:vendor/zip.tgz#5608aeadfc00be6c2901df5f9861788de0d597c8\"\n"
        );
        check(
            &ECOSYSTEM,
            &[("yarn.lock", &lock)],
            expect![[r#"
                application:lib@0.0.1 line 20 application first-party needs []
                pkg:npm/%40a/other@1.5.2 line 16 needs []
                pkg:npm/git@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fx%2Fgit.git%40c0ffee line 8 needs []
                pkg:npm/lodash@3.10.1 line 5 needs []
                pkg:npm/tar@2.0.0?download_url=https:%2F%2Fx.org%2Ftar.tgz line 12 SHA-1:5608aead needs []
                pkg:npm/zip@0.0.2 line 23 SHA-1:5608aead needs []
            "#]],
        );
    }

    #[test]
    fn a_broken_line_is_a_gap_and_the_rest_is_read() {
        let lock = "<<<<<<< HEAD\na@^1:\n  version \"1.0.0\"\n=======\n  \"b\n\"c d@1\":\n  version \"1\"\n   odd\ne@1, \"f\":\nd@1:\n  versi";
        check(
            &ECOSYSTEM,
            &[
                ("yarn.lock", lock),
                ("b/yarn.lock", "__metadata:\n  version: 8\n"),
                ("node_modules/x/yarn.lock", lock),
            ],
            expect![[r#"
                pkg:npm/a@1.0.0 line 2 needs []
                gap yarn.lock:1: is no line of a yarn.lock
                gap yarn.lock:4: is no line of a yarn.lock
                gap yarn.lock:5: is no line of a yarn.lock
                gap yarn.lock:6: `c d` is no name of a package
                gap yarn.lock:8: is no line of a yarn.lock
                gap yarn.lock:9: is no line of a yarn.lock
                gap yarn.lock:10: `d` has no version
                gap yarn.lock:11: is no line of a yarn.lock
            "#]],
        );
    }
}
