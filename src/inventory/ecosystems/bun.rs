//! `bun.lock`: what Bun resolved for a project.
//!
//! JSON with comments and trailing commas. Packages are keyed as Bun lays them out, `parent/child` where the
//! child is not the one at the top, so a dependency is looked for below its own key and then upwards. What an
//! entry holds depends on where the package came from: always its identity first, its facts in the only map,
//! its digest as the last text.
//! Spec: <https://bun.com/docs/install/lockfile>

use std::collections::HashMap;

use super::super::integrity;
use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::node;
use super::super::value::{Member, Value};
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::layers::{Tree, clean};

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "bun",
    about: "packages locked by Bun in bun.lock",
    reads: &["**/bun.lock"],
    beside: &["**/package.json"],
    spec: "https://bun.com/docs/install/lockfile",
    parse,
    enrich: nothing_beside,
};

/// Identities that begin so are folders of the project.
const FOLDERS: &[&str] = &["workspace:", "link:", "file:", "root:"];

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    if node::is_in_package(file.path) {
        return Ok(Parsed::default());
    }
    let text = file.text();
    let document = json::parse(&text)?;
    let version = document.get("lockfileVersion").and_then(Value::as_str).map(str::parse::<u32>);
    if !matches!(version, Some(Ok(_))) {
        return Err(ParseError::new(1, "has no `lockfileVersion` that is a number"));
    }
    let reading = Reading { folder: file.folder(), tree, lines: Lines::of(&text) };
    let mut problems = Problems::new();
    let mut list = Vec::new();
    let mut places = HashMap::new();
    let mut entries = Vec::new();
    let workspaces = document.get("workspaces").map_or(&[][..], Value::members);
    let mut folders = HashMap::new();
    for member in workspaces {
        folders.insert(&*member.key, list.len());
        list.push(reading.workspace(member));
        entries.push((String::new(), &member.value));
    }
    for member in document.get("packages").map_or(&[][..], Value::members) {
        let line = reading.lines.line(member.at);
        let identity = member.value.items().first().and_then(Value::as_str).unwrap_or_default();
        let folder = node::split_name(identity).and_then(|(_, place)| place.strip_prefix("workspace:"));
        if let Some(place) = folder.and_then(|folder| folders.get(folder)) {
            places.insert(&*member.key, *place);
            entries[*place].0 = member.key.to_string();
            continue;
        }
        match package(member, identity, line) {
            Ok(locked) => {
                places.insert(&*member.key, list.len());
                list.push(locked);
                entries.push((member.key.to_string(), facts(&member.value)));
            }
            Err(reason) => problems.push(Problem::new(line, reason)),
        }
    }
    for (locked, (key, facts)) in list.iter_mut().zip(&entries) {
        let dependencies = node::dependencies(facts);
        let needs = dependencies.filter_map(|(name, _, scope)| Some((find(key, name, &places)?, scope)));
        locked.needs = Some(needs.collect());
    }
    locked::work_out_scopes(&mut list);
    Ok(Parsed { packages: locked::packages(file.path, list), problems })
}

struct Reading<'a> {
    folder: &'a str,
    tree: &'a Tree,
    lines: Lines,
}

impl Reading<'_> {
    /// A folder of the project. Its version is often only in its manifest.
    fn workspace(&self, member: &Member<'_>) -> Locked {
        let folder = clean(format!("{}/{}", self.folder, member.key).as_bytes());
        let text = folder.and_then(|folder| node::manifest(self.tree, &folder));
        let manifest = text.as_deref().and_then(|text| json::parse(text).ok());
        let field = |key| {
            member.value.field(key).or_else(|| manifest.as_ref().and_then(|manifest| manifest.field(key)))
        };
        let component = locked::own(field("name").unwrap_or_default(), field("version"));
        Locked::new(component, self.lines.line(member.at))
    }
}

/// The map of an entry.
fn facts<'a>(entry: &'a Value<'a>) -> &'a Value<'a> {
    entry.items().iter().find(|item| item.is_map()).unwrap_or(entry)
}

fn package(member: &Member<'_>, identity: &str, line: u32) -> Result<Locked, String> {
    let shown: String = member.key.chars().take(80).collect();
    let (name, place) = node::split_name(identity).ok_or_else(|| format!("`{shown}` has no version"))?;
    let is_archive = place.ends_with(".tgz") || place.ends_with(".tar.gz");
    if FOLDERS.iter().any(|folder| place.starts_with(folder)) && !is_archive {
        return Ok(Locked::new(locked::own(name, None), line));
    }
    let is_version = place.starts_with(|first: char| first.is_ascii_digit());
    let mut component =
        if is_version { node::locked(name, Some(place), "")? } else { node::locked(name, None, place)? };
    let digest = member.value.items().iter().skip(1).filter_map(Value::as_str).next_back();
    component.hashes = integrity::hashes(digest.unwrap_or_default()).into();
    Ok(Locked::new(component, line))
}

/// The package that `name` means from `key`: below it, beside it, and so on up.
fn find(key: &str, name: &str, places: &HashMap<&str, usize>) -> Option<usize> {
    let mut key = if key.len() > node::LONGEST_PATH { "" } else { key };
    while !key.is_empty() {
        if let Some(place) = places.get(format!("{key}/{name}").as_str()) {
            return Some(*place);
        }
        key = outer(key);
    }
    places.get(name).copied()
}

/// A key without its last name: `a/@b/c` is in `a`.
fn outer(key: &str) -> &str {
    let Some(slash) = key.rfind('/') else { return "" };
    let rest = &key[..slash];
    let start = rest.rfind('/').map_or(0, |slash| slash + 1);
    if rest[start..].starts_with('@') { rest[..start].trim_end_matches('/') } else { rest }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_dependency_is_the_nearest_one() {
        let lock = r#"{
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "root", "dependencies": {"debug": "^2"}, "devDependencies": {"@s/x": "1", "app": "workspace:*"}},
    "packages/app": {"name": "app", "version": "1.0.0", "dependencies": {"ms": "0.7.1"}},
  },
  "packages": {
    "debug": ["debug@2.6.9", "", { "dependencies": { "ms": "2.0.0" } }, "sha512-bC7ElrdJaJnPbAP+1EotYvqZsb3ecl5wi6Bfi6BJTUcNowp6cvspg0jXznRTKDjm/E7AdgFBVeAPVMNcKGsHMA=="],

    "@s/x": ["@s/x@1.0.0", "https://npm.example.org/", { "dependencies": { "ms": "2" }, "optionalDependencies": { "gone": "1" } }, "sha1-qZrP2hFRGtVTKbVqSpWjS6Mw/+0="],

    "@s/x/ms": ["ms@2.1.3", "", {}, ""],

    "ms": ["ms@2.0.0", "", {}, ""],

    "app": ["app@workspace:packages/app"],

    "app/ms": ["ms@0.7.1", "", {}, ""],
  }
}"#;
        let manifest = r#"{"name": "root", "version": "3.0.0"}"#;
        check(
            &ECOSYSTEM,
            &[("bun.lock", lock), ("package.json", manifest)],
            expect![[r#"
            application:app@1.0.0 line 5 application first-party needs [ms@0.7.1]
            application:root@3.0.0 line 4 application first-party needs [application:app@1.0.0, %40s/x@1.0.0, debug@2.6.9]
            pkg:npm/%40s/x@1.0.0 line 10 dev SHA-1:a99acfda needs [ms@2.1.3]
            pkg:npm/debug@2.6.9 line 8 SHA-512:6c2ec496 needs [ms@2.0.0]
            pkg:npm/ms@0.7.1 line 18 needs []
            pkg:npm/ms@2.0.0 line 14 needs []
            pkg:npm/ms@2.1.3 line 12 dev needs []
        "#]],
        );
    }

    #[test]
    fn what_came_from_elsewhere_says_so() {
        let lock = r#"{"lockfileVersion": 1, "workspaces": {"": {"dependencies": {"git": "github:x/git"}}}, "packages": {
          "old": ["lodash@3.10.1", "", {}, ""],
          "git": ["git@github:x/git#c0ffee", {"dependencies": {"old": "npm:lodash@3"}}, "x-git-c0ffee"],
          "ssh": ["ssh@git+ssh://git@x.org/ssh.git#c0ffee", {}, "c0ffee"],
          "tar": ["tar@https://x.org/tar.tgz", {}],
          "zip": ["zip@vendor/zip.tgz", {}],
          "lib": ["lib@link:lib", {}], "here": ["here@file:here", {"dependencies": {"tar": "*"}}], "app": ["app@root:", {"bin": {}}]
        }}"#;
        check(
            &ECOSYSTEM,
            &[("srv/bun.lock", lock)],
            expect![[r#"
            application:app line 7 application first-party needs []
            application:here line 7 application first-party needs [tar]
            application:lib line 7 application first-party needs []
            pkg:npm/git?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fx%2Fgit.git%40c0ffee line 3 needs [lodash@3.10.1]
            pkg:npm/lodash@3.10.1 line 2 needs []
            pkg:npm/ssh?vcs_url=git%2Bssh:%2F%2Fgit%40x.org%2Fssh.git%40c0ffee line 4 needs []
            pkg:npm/tar?download_url=https:%2F%2Fx.org%2Ftar.tgz line 5 needs []
            pkg:npm/zip line 6 needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[
                ("a/bun.lock", "{\"lockfileVersion\": 1,\n\"packages\": {\"a\": [\"a@1"),
                ("b/bun.lock", "{\"lockfileVersion\": \"not-a-number\",}"),
                (
                    "c/bun.lock",
                    "{\"lockfileVersion\": 1, \"packages\": {\n\"a\": [],\n\"b\": {\"x\": 1}, \"c/\": [\"c@1.0.0\"]}}",
                ),
            ],
            expect![[r#"
                pkg:npm/c@1.0.0 line 3 needs []
                gap a/bun.lock:2: is not the JSON expected here: a text is never closed
                gap b/bun.lock:1: has no `lockfileVersion` that is a number
                gap c/bun.lock:2: `a` has no version
                gap c/bun.lock:3: `b` has no version
            "#]],
        );
    }
}
