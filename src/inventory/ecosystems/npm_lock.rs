//! `package-lock.json` and `npm-shrinkwrap.json`: what npm resolved for a project.
//!
//! Versions 2 and 3 of the format list folders (`node_modules/a/node_modules/b`), version 1 nests them; both
//! are read as folders. A dependency is the package that Node would find from the folder that asks, so edges
//! are exact also where two versions of one package stand side by side. Folders outside `node_modules` are
//! the project's own, and links lead to them. The hidden lockfile that npm 7 leaves in `node_modules` says
//! the same of what was installed, and adds digests and scope to it.
//! Spec: <https://docs.npmjs.com/cli/configuring-npm/package-lock-json>

use std::collections::HashMap;

use super::super::integrity;
use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::node;
use super::super::value::Value;
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Component, Presence, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "npm-lock",
    about: "packages locked by npm in package-lock.json or npm-shrinkwrap.json",
    reads: &["**/package-lock.json", "**/npm-shrinkwrap.json", "**/node_modules/.package-lock.json"],
    beside: &["**/package.json"],
    spec: "https://docs.npmjs.com/cli/configuring-npm/package-lock-json",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let is_hidden = file.path.ends_with("/.package-lock.json");
    if !is_hidden && node::is_in_package(file.path) {
        return Ok(Parsed::default());
    }
    let text = file.text();
    let document = json::parse(&text)?;
    if !document.is_map() {
        return Err(ParseError::new(1, "is no object, which a lockfile is"));
    }
    let reading = Reading { file, tree, is_hidden, lines: Lines::of(&text) };
    Ok(match document.get("packages").filter(|packages| packages.is_map()) {
        Some(packages) => reading.folders(folders(packages)),
        None => reading.nested(&document),
    })
}

/// One entry: the folder it is installed in, and what stands there.
struct Entry<'a> {
    folder: String,
    value: &'a Value<'a>,
    at: usize,
    /// That of the packages it is nested in, which alone can load it.
    within: Scope,
}

fn folders<'a>(packages: &'a Value<'a>) -> Vec<Entry<'a>> {
    let members = packages.members().iter();
    members
        .map(|member| Entry {
            folder: member.key.to_string(),
            value: &member.value,
            at: member.at,
            within: Scope::Required,
        })
        .collect()
}

/// The name of the package that is installed in a folder: `a/node_modules/@b/c` is for `@b/c`.
fn installed_name(folder: &str) -> Option<&str> {
    let start =
        folder.rfind("node_modules/").filter(|start| *start == 0 || folder[..*start].ends_with('/'))?;
    Some(&folder[start + "node_modules/".len()..])
}

struct Reading<'a> {
    file: &'a File<'a>,
    tree: &'a Tree,
    is_hidden: bool,
    lines: Lines,
}

impl Reading<'_> {
    /// Versions 2 and 3.
    fn folders(&self, entries: Vec<Entry<'_>>) -> Parsed {
        let links: HashMap<&str, &str> = entries
            .iter()
            .filter(|entry| entry.value.flag("link"))
            .filter_map(|entry| Some((entry.value.field("resolved")?, entry.folder.as_str())))
            .collect();
        let mut problems = Problems::new();
        let mut list = Vec::new();
        let mut places = HashMap::new();
        let mut listed = Vec::new();
        for entry in entries.iter().filter(|entry| !entry.value.flag("link")) {
            match self.package(entry, links.get(entry.folder.as_str()).copied()) {
                Ok(Some(locked)) => {
                    places.insert(entry.folder.as_str(), list.len());
                    list.push(locked);
                    listed.push(entry);
                }
                Ok(None) => {}
                Err(reason) => problems.push(Problem::new(self.lines.line(entry.at), reason)),
            }
        }
        for (target, link) in links {
            if let Some(place) = places.get(target).copied() {
                places.insert(link, place);
            }
        }
        if !self.is_hidden {
            for (locked, entry) in list.iter_mut().zip(&listed) {
                locked.needs = Some(needs(&entry.folder, node::dependencies(entry.value), &places));
            }
        }
        Parsed { packages: locked::packages(self.file.path, list), problems }
    }

    /// One folder. `None` for what has neither version nor origin: npm leaves such stubs of optional packages.
    fn package(&self, entry: &Entry<'_>, link: Option<&str>) -> Result<Option<Locked>, String> {
        let Entry { folder, value, at, .. } = entry;
        let version = value.field("version");
        let written = value.field("name");
        let Some(place) = installed_name(folder) else {
            // Linked folders are named as they are linked, unless they say otherwise.
            let linked = link.and_then(installed_name);
            let name = written.or(linked).or(folder.rsplit('/').next()).unwrap_or_default();
            let mut component = locked::own(name, version);
            component.licenses.extend(node::license_claim(value));
            return Ok(Some(Locked::new(component, self.lines.line(*at))));
        };
        let resolved = value.field("resolved").unwrap_or_default();
        if version.is_none() && resolved.is_empty() || self.is_hidden && !self.is_there(folder) {
            return Ok(None);
        }
        let mut component = self.component(written.unwrap_or(place), version, resolved)?;
        component.licenses.extend(node::license_claim(value));
        component.hashes = integrity::hashes(value.field("integrity").unwrap_or_default()).into();
        component.standing = node::deprecation(value).map(Box::new);
        let mut locked = Locked::new(component, self.lines.line(*at));
        locked.scope = Some(scope(value));
        Ok(Some(locked))
    }

    fn component(&self, name: &str, version: Option<&str>, resolved: &str) -> Result<Component, String> {
        let mut component = node::locked(name, version, resolved)?;
        if self.is_hidden {
            component.presence = Presence::Installed;
        }
        Ok(component)
    }

    /// Whether a package of the hidden lockfile is still in its folder.
    fn is_there(&self, folder: &str) -> bool {
        let root = self.file.path.strip_suffix("node_modules/.package-lock.json").unwrap_or_default();
        self.tree.read(&format!("{root}{folder}/package.json")).is_some()
    }

    /// Version 1, where packages stand inside the package whose `node_modules` they are in. What the project
    /// itself needs is only in its manifest.
    fn nested(&self, document: &Value<'_>) -> Parsed {
        let mut problems = Problems::new();
        let mut list = Vec::new();
        let mut places = HashMap::new();
        let entries = unfolded(document);
        let mut listed = Vec::new();
        for entry in &entries {
            match self.nested_package(entry) {
                Ok(Some(locked)) => {
                    places.insert(entry.folder.as_str(), list.len());
                    list.push(locked);
                    listed.push(entry);
                }
                Ok(None) => {}
                Err(reason) => problems.push(Problem::new(self.lines.line(entry.at), reason)),
            }
        }
        for (locked, entry) in list.iter_mut().zip(&listed) {
            let required = entry.value.keys("requires").map(|name| (name, "", Scope::Required));
            locked.needs = Some(needs(&entry.folder, required, &places));
        }
        list.push(self.project(document, &places));
        Parsed { packages: locked::packages(self.file.path, list), problems }
    }

    fn nested_package(&self, entry: &Entry<'_>) -> Result<Option<Locked>, String> {
        let Entry { folder, value, at, within } = entry;
        let place = installed_name(folder).unwrap_or(folder);
        let Some(version) = value.field("version") else {
            return Ok(None);
        };
        let line = self.lines.line(*at);
        let is_number = version.starts_with(|first: char| first.is_ascii_digit() || first == 'v');
        let mut component =
            if let Some((name, version)) = version.strip_prefix("npm:").and_then(node::split_name) {
                node::locked(name, Some(version), value.field("resolved").unwrap_or_default())?
            } else if is_number && !version.contains(['/', ':']) {
                node::locked(place, Some(version), value.field("resolved").unwrap_or_default())?
            } else if version.starts_with("file:") && value.get("integrity").is_none() {
                return Ok(Some(Locked::new(locked::own(place, None), line)));
            } else {
                // A place to fetch from stands where the version should be.
                node::locked(place, None, version)?
            };
        component.hashes = integrity::hashes(value.field("integrity").unwrap_or_default()).into();
        let mut locked = Locked::new(component, line);
        locked.scope = Some(scope(value).max(*within));
        Ok(Some(locked))
    }

    /// The project, when its name is known. Its needs are, when its manifest lies beside.
    fn project(&self, document: &Value<'_>, places: &HashMap<&str, usize>) -> Locked {
        let mut project = Locked::new(
            locked::own(document.field("name").unwrap_or_default(), document.field("version")),
            self.lines.line(document.at),
        );
        if let Some(text) = node::manifest(self.tree, self.file.folder()) {
            let manifest = json::parse(&text).ok();
            project.needs = manifest.map(|manifest| needs("", node::dependencies(&manifest), places));
        }
        project
    }
}

/// The folders that version 1 means. Nesting is as deep as the document, which the reader of JSON bounds.
fn unfolded<'a>(document: &'a Value<'a>) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    let mut open = vec![(String::new(), document, Scope::Required)];
    while let Some((folder, value, within)) = open.pop() {
        for member in value.get("dependencies").map_or(&[][..], Value::members) {
            let slash = if folder.is_empty() { "" } else { "/" };
            let folder = format!("{folder}{slash}node_modules/{}", member.key);
            if member.key.len() <= node::LONGEST_NAME {
                open.push((folder.clone(), &member.value, within.max(scope(&member.value))));
            }
            entries.push(Entry { folder, value: &member.value, at: member.at, within });
        }
    }
    entries
}

/// The packages that Node would find from a folder. What is not there (another platform's, say) is no edge.
fn needs<'a>(
    folder: &str,
    names: impl Iterator<Item = (&'a str, &'a str, Scope)>,
    places: &HashMap<&str, usize>,
) -> Vec<(usize, Scope)> {
    let folders: Vec<String> = node::module_folders(folder).collect();
    let find = |name: &str| {
        folders.iter().find_map(|folder| places.get(format!("{folder}/{name}").as_str()).copied())
    };
    names.filter_map(|(name, _, scope)| Some((find(name)?, scope))).collect()
}

/// `devOptional` is what both development and an optional package need: without development it may still be
/// there.
fn scope(value: &Value<'_>) -> Scope {
    if value.flag("dev") {
        Scope::Dev
    } else if value.flag("optional") || value.flag("devOptional") {
        Scope::Optional
    } else {
        Scope::Required
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_dependency_is_what_node_would_find() {
        let lock = r#"{
  "name": "app", "version": "1.0.0", "lockfileVersion": 3,
  "packages": {
    "": {"name": "app", "version": "1.0.0", "license": "ISC",
         "dependencies": {"debug": "2", "lib": "1", "old": "npm:ms@0.7"}, "devDependencies": {"tap": "1"}},
    "node_modules/debug": {
      "version": "2.5.2", "resolved": "https://registry.npmjs.org/debug/-/debug-2.5.2.tgz",
      "integrity": "sha512-iHrIBaTK1JzBz5WvitFmZGaTCO/mHiU3NKi8UKjh7rU2JboIbVMZU7pFSCpvc2NxfkrvyaQ5zfdNRJnft/TcoQ==",
      "license": "MIT", "deprecated": "use 4", "dependencies": {"ms": "0.7.2"}},
    "node_modules/debug/node_modules/ms": {"version": "0.7.2", "license": ["MIT", "ISC"]},
    "node_modules/ms": {"version": "2.0.0", "dev": true},
    "node_modules/old": {"name": "ms", "version": "0.7.1"},
    "node_modules/tap": {"version": "1.0.0", "dev": true, "dependencies": {"ms": "2"}, "optionalDependencies": {"gone": "1"}},
    "node_modules/fsevents": {"version": "2.3.3", "optional": true, "os": ["darwin"]},
    "node_modules/@m/lib": {"resolved": "packages/lib", "link": true},
    "packages/lib": {"version": "3.0.0", "dependencies": {"debug": "2"}, "devDependencies": {"@m/git": "*"}},
    "node_modules/@m/git": {"version": "1.0.0", "resolved": "git+ssh://git@github.com/m/git.git#c0ffee", "devOptional": true},
    "node_modules/stub": {"optional": true}
  }
}"#;
        check(
            &ECOSYSTEM,
            &[("package-lock.json", lock)],
            expect![[r#"
            application:@m/lib@3.0.0 line 16 application first-party needs [%40m/git@1.0.0, debug@2.5.2]
            application:app@1.0.0 line 4 application first-party declared `ISC` needs [debug@2.5.2, ms@0.7.1, tap@1.0.0]
            pkg:npm/%40m/git@1.0.0?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2Fm%2Fgit.git%40c0ffee line 17 optional needs []
            pkg:npm/debug@2.5.2 line 6 declared `MIT` SHA-512:887ac805 needs [ms@0.7.2]
            pkg:npm/fsevents@2.3.3 line 14 optional needs []
            pkg:npm/ms@0.7.1 line 12 needs []
            pkg:npm/ms@0.7.2 line 10 declared `MIT OR ISC` needs []
            pkg:npm/ms@2.0.0 line 11 dev needs []
            pkg:npm/tap@1.0.0 line 13 dev needs [ms@2.0.0]
        "#]],
        );
    }

    #[test]
    fn the_first_version_nests() {
        let lock = r#"{"name": "app", "version": "1.0.0", "lockfileVersion": 1, "requires": true,
  "dependencies": {
    "a": {"version": "1.0.0", "requires": {"b": "^1"}, "dependencies": {
      "b": {"version": "1.5.0", "requires": {"c": "*"}}}},
    "b": {"version": "2.0.0", "dev": true, "requires": {"a": "*"}, "dependencies": {"nested": {"version": "0.1.0"}}},
    "c": {"version": "npm:@x/real@3.0.0", "integrity": "sha1-qZrP2hFRGtVTKbVqSpWjS6Mw/+0="},
    "d": {"version": "github:x/d#c0ffee", "from": "github:x/d"},
    "e": {"version": "file:../e"},
    "f": {"version": "https://x.org/f.tgz", "integrity": "x"},
    "g": {"bundled": true}
  }
}"#;
        let manifest = r#"{"dependencies": {"a": "1"}, "devDependencies": {"b": "2"}}"#;
        check(
            &ECOSYSTEM,
            &[("x/package-lock.json", lock), ("x/package.json", manifest)],
            expect![[r#"
                application:app@1.0.0 line 1 application first-party needs [a@1.0.0, b@2.0.0]
                application:e line 8 application first-party needs []
                pkg:npm/%40x/real@3.0.0 line 6 SHA-1:a99acfda needs []
                pkg:npm/a@1.0.0 line 3 needs [b@1.5.0]
                pkg:npm/b@1.5.0 line 4 needs [%40x/real@3.0.0]
                pkg:npm/b@2.0.0 line 5 dev needs [a@1.0.0]
                pkg:npm/d?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fx%2Fd.git%40c0ffee line 7 needs []
                pkg:npm/f?download_url=https:%2F%2Fx.org%2Ff.tgz line 9 needs []
                pkg:npm/nested@0.1.0 line 5 dev needs []
            "#]],
        );
    }

    #[test]
    fn the_hidden_lockfile_adds_to_what_is_installed() {
        let lock = r#"{"lockfileVersion": 3, "packages": {
          "node_modules/a": {"version": "1.0.0", "dev": true, "integrity": "sha1-qZrP2hFRGtVTKbVqSpWjS6Mw/+0="},
          "node_modules/gone": {"version": "1.0.0"}}}"#;
        check(
            &ECOSYSTEM,
            &[("srv/node_modules/.package-lock.json", lock), ("srv/node_modules/a/package.json", "{}")],
            expect![[r#"
                pkg:npm/a@1.0.0 line 2 dev SHA-1:a99acfda
            "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[
                ("a/package-lock.json", "{\"packages\": {\n\"node_modules/a\": {\"version\""),
                ("b/package-lock.json", "[]"),
                ("c/package-lock.json", "{\"packages\": {\n\"node_modules/a b\": {\"version\": \"1\"}}}"),
                ("d/npm-shrinkwrap.json", "{\"dependencies\": {\"a\": [], \"b\": {\"version\": 1}}}"),
                ("node_modules/e/package-lock.json", "{\"dependencies\": {\"a\": {\"version\": \"1\"}}}"),
            ],
            expect![[r#"
                pkg:npm/b@1 line 1 needs []
                gap a/package-lock.json:2: is not the JSON expected here: expected `:` after a key
                gap b/package-lock.json:1: is no object, which a lockfile is
                gap c/package-lock.json:2: `a b` is no name of a package
            "#]],
        );
    }
}
