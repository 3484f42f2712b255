//! `yarn.lock` of Yarn 2 and later.
//!
//! YAML, an entry for each resolution, keyed by the descriptors that led to it. Workspaces are entries too;
//! what they need for development is not told apart here, but in their manifests. A patched package is the
//! package it patches. Checksums are of the archives into which Yarn packs things anew, and say nothing of
//! what a registry serves: they are left out.
//! Spec: <https://yarnpkg.com/features/protocols>

use std::collections::HashMap;

use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::node;
use super::super::value::{Member, Value};
use super::super::yaml;
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::Scope;
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "yarn-berry",
    about: "packages locked by Yarn 2 and later in yarn.lock",
    reads: &["**/yarn.lock"],
    beside: &["**/package.json"],
    spec: "https://yarnpkg.com/features/protocols",
    parse,
    enrich: nothing_beside,
};

/// What Yarn writes for the version of a workspace.
const LOCAL_VERSION: &str = "0.0.0-use.local";

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    if node::is_in_package(file.path) || !node::is_berry(&text) {
        return Ok(Parsed::default());
    }
    let lines = Lines::of(&text);
    let documents = yaml::parse(&text)?;
    let members = documents.first().map_or(&[][..], Value::members);
    let mut problems = Problems::new();
    let mut list = Vec::new();
    let mut entries = Vec::new();
    for member in members.iter().filter(|member| member.key != "__metadata") {
        let line = lines.line(member.at);
        match package(member, file, tree, line) {
            Ok((locked, manifest)) => {
                list.push(locked);
                entries.push((member, manifest));
            }
            Err(reason) => problems.push(Problem::new(line, reason)),
        }
    }
    let index = index(&entries);
    for (locked, (member, manifest)) in list.iter_mut().zip(&entries) {
        locked.needs = Some(needs(&member.value, manifest.as_ref(), &index));
    }
    // Without the manifests, what a workspace needs to run and what to develop is not known.
    if entries.iter().any(|(_, manifest)| manifest.is_some()) {
        locked::work_out_scopes(&mut list);
    }
    Ok(Parsed { packages: locked::packages(file.path, list), problems })
}

/// How much a workspace needs what it names, by its manifest.
type Manifest = HashMap<String, Scope>;

fn package(
    member: &Member<'_>,
    file: &File<'_>,
    tree: &Tree,
    line: u32,
) -> Result<(Locked, Option<Manifest>), String> {
    let first = member.key.split(", ").next().unwrap_or_default();
    let resolution = member.value.field("resolution").unwrap_or(first);
    let (name, reference) =
        node::split_name(resolution).ok_or_else(|| format!("`{first}` names no resolution"))?;
    let version = member.value.field("version").filter(|version| *version != LOCAL_VERSION);
    if let Some(folder) = reference.strip_prefix("workspace:") {
        return Ok(workspace(name, version, &joined(file.folder(), folder), tree, line));
    }
    let is_folder = reference.starts_with("link:")
        || reference.starts_with("portal:")
        || reference.starts_with("file:") && !is_archive(reference);
    let component =
        if is_folder { locked::own(name, version) } else { node::locked(name, version, &place(reference))? };
    Ok((Locked::new(component, line), None))
}

fn is_archive(reference: &str) -> bool {
    let path = reference.split(['#', ':']).nth(1).unwrap_or_default();
    path.ends_with(".tgz") || path.ends_with(".tar.gz")
}

/// Where it was fetched from; empty for the registry.
fn place(reference: &str) -> String {
    // `npm:1.0.0::__archiveUrl=https%3A%2F%2F…` is a registry's archive under another address.
    let from_registry = reference.starts_with("npm:") || reference.starts_with("patch:");
    if from_registry { String::new() } else { reference.replace("#commit=", "#") }
}

/// A folder of the project: its name and version are in its manifest.
fn workspace(
    name: &str,
    version: Option<&str>,
    folder: &str,
    tree: &Tree,
    line: u32,
) -> (Locked, Option<Manifest>) {
    let text = node::manifest(tree, folder);
    let manifest = text.as_deref().and_then(|text| json::parse(text).ok());
    // Yarn names a root without a name itself.
    let name = if name.starts_with("root-workspace-") { "" } else { name };
    let written = manifest.as_ref().and_then(|manifest| manifest.field("name")).unwrap_or(name);
    let version = manifest.as_ref().and_then(|manifest| manifest.field("version")).or(version);
    let locked = Locked::new(locked::own(written, version), line);
    let scopes = manifest.as_ref().map(|manifest| {
        let mut scopes = Manifest::new();
        for (name, _, scope) in node::dependencies(manifest) {
            scopes.entry(name.to_owned()).or_insert(scope);
        }
        scopes
    });
    (locked, scopes)
}

/// `folder` of a lockfile's folder; `.` is that itself.
fn joined(base: &str, folder: &str) -> String {
    let whole = format!("{base}/{folder}");
    crate::layers::clean(whole.as_bytes()).unwrap_or_default()
}

fn index<'a>(entries: &'a [(&Member<'_>, Option<Manifest>)]) -> HashMap<&'a str, usize> {
    let keys = entries.iter().enumerate();
    keys.flat_map(|(place, (member, _))| member.key.split(", ").map(move |key| (key, place))).collect()
}

fn needs(
    entry: &Value<'_>,
    manifest: Option<&Manifest>,
    index: &HashMap<&str, usize>,
) -> Vec<(usize, Scope)> {
    let meta = entry.get("dependenciesMeta");
    let is_optional =
        |name: &str| meta.and_then(|meta| meta.get(name)).is_some_and(|meta| meta.flag("optional"));
    let dependencies = entry.get("dependencies").map_or(&[][..], Value::members).iter();
    let need = |member: &Member<'_>| {
        let scope = match manifest.and_then(|manifest| manifest.get(&*member.key)) {
            Some(scope) => *scope,
            None if is_optional(&member.key) => Scope::Optional,
            None => Scope::Required,
        };
        Some((find(&member.key, member.value.as_str()?, index)?, scope))
    };
    dependencies.filter_map(need).collect()
}

/// Ranges of the registry have a protocol in keys, and (before version 8 of the format) none where needed. A
/// workspace may be named by its range, too.
fn find(name: &str, range: &str, index: &HashMap<&str, usize>) -> Option<usize> {
    let keys =
        [format!("{name}@{range}"), format!("{name}@npm:{range}"), format!("{name}@workspace:{range}")];
    keys.iter().find_map(|key| index.get(key.as_str()).copied())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_descriptor_leads_to_its_resolution() {
        let lock = r#"# This file is generated by running "yarn install" inside your project.

__metadata:
  version: 8
  cacheKey: 10c0

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    debug: "npm:^4.3.4"
    lib: "workspace:*"
    mocha: "npm:^10.0.0"
  languageName: unknown
  linkType: soft

"debug@npm:4.3.4, debug@npm:^4.3.4":
  version: 4.3.4
  resolution: "debug@npm:4.3.4"
  dependencies:
    ms: "npm:2.1.2"
    fsevents: "npm:^2.3.2"
  dependenciesMeta:
    fsevents:
      optional: true
  checksum: 10c0/cedbec45298dd5c501d01b92b119cd3faebe5438c3917ff11ae1bff86a6c722930ac9c8659792824013168ba6db7c4668225d845c633fbdafbbf902a6389f736
  languageName: node
  linkType: hard

"fsevents@npm:^2.3.2":
  version: 2.3.3
  resolution: "fsevents@npm:2.3.3"
  conditions: os=darwin
  languageName: node
  linkType: hard

"fsevents@patch:fsevents@npm%3A^2.3.2#optional!builtin<compat/fsevents>":
  version: 2.3.3
  resolution: "fsevents@patch:fsevents@npm%3A2.3.3#optional!builtin<compat/fsevents>::version=2.3.3&hash=df0bf1"
  conditions: os=darwin
  languageName: node
  linkType: hard

"lib@workspace:*, lib@workspace:packages/lib":
  version: 0.0.0-use.local
  resolution: "lib@workspace:packages/lib"
  languageName: unknown
  linkType: soft

"mocha@npm:^10.0.0":
  version: 10.1.0
  resolution: "mocha@npm:10.1.0::__archiveUrl=https%3A%2F%2Fnpm.example.org%2Fmocha.tgz"
  languageName: node
  linkType: hard

"ms@npm:2.1.2":
  version: 2.1.2
  resolution: "ms@npm:2.1.2"
  languageName: node
  linkType: hard
"#;
        let root = r#"{"name": "app", "version": "1.2.3", "dependencies": {"debug": "^4.3.4"}, "devDependencies": {"mocha": "^10.0.0"}}"#;
        check(
            &ECOSYSTEM,
            &[
                ("yarn.lock", lock),
                ("package.json", root),
                ("packages/lib/package.json", r#"{"name": "lib"}"#),
            ],
            expect![[r#"
                application:app@1.2.3 line 7 application first-party needs [application:lib, debug@4.3.4, mocha@10.1.0]
                application:lib line 44 application first-party needs []
                pkg:npm/debug@4.3.4 line 17 needs [fsevents@2.3.3, ms@2.1.2]
                pkg:npm/fsevents@2.3.3 line 30+37 optional needs []
                pkg:npm/mocha@10.1.0 line 50 dev needs []
                pkg:npm/ms@2.1.2 line 56 needs []
            "#]],
        );
    }

    #[test]
    fn what_came_from_elsewhere_says_so() {
        let lock = r#"
__metadata:
  version: 6

"alias@npm:lodash@^3":
  version: 3.10.1
  resolution: "lodash@npm:3.10.1"
  dependencies:
    ms: ^2

"ms@^2":
  version: 2.0.0
  resolution: "ms@npm:2.0.0"

"git@https://github.com/x/git.git#main":
  version: 1.0.0
  resolution: "git@https://github.com/x/git.git#commit=c0ffee"

"tar@https://x.org/tar.tgz":
  version: 2.0.0
  resolution: "tar@https://x.org/tar.tgz"

"link@link:../link::locator=root-workspace-0b6124%40workspace%3A.":
  version: 0.0.0-use.local
  resolution: "link@link:../link::locator=root-workspace-0b6124%40workspace%3A."

"zip@file:./zip.tgz":
  version: 0.0.2
  resolution: "zip@file:./zip.tgz#./zip.tgz::hash=f00&locator=x"

? "long@npm:^1"
:
  version: 1.0.0
  resolution: "long@npm:1.0.0"

"root-workspace-0b6124@workspace:.":
  version: 0.0.0-use.local
  resolution: "root-workspace-0b6124@workspace:."
  dependencies:
    tar: https://x.org/tar.tgz
"#;
        check(
            &ECOSYSTEM,
            &[("yarn.lock", lock)],
            expect![[r#"
            application:link line 23 application first-party needs []
            pkg:npm/git@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fx%2Fgit.git%40c0ffee line 15 needs []
            pkg:npm/lodash@3.10.1 line 5 needs [ms@2.0.0]
            pkg:npm/long@1.0.0 line 31 needs []
            pkg:npm/ms@2.0.0 line 11 needs []
            pkg:npm/tar@2.0.0?download_url=https:%2F%2Fx.org%2Ftar.tgz line 19 needs []
            pkg:npm/zip@0.0.2 line 27 needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[
                ("a/yarn.lock", "__metadata:\n  version: 8\n\n\"a@npm:1\":\n  version: 1.0"),
                (
                    "b/yarn.lock",
                    "__metadata:\n  version: 8\n\n\"a\":\n  version: 1.0.0\n\n\"ä@npm:1\":\n  version: 1\n",
                ),
                (
                    "c/yarn.lock",
                    "__metadata:\n  version: 8\n\n<<<<<<< HEAD\n\"a@npm:1\":\n  version: 1.0.0\n",
                ),
                ("d/yarn.lock", "# yarn lockfile v1\n\n\na@1:\n  version \"1\"\n"),
            ],
            expect![[r#"
                pkg:npm/a@1.0 line 4 needs []
                gap b/yarn.lock:4: `a` names no resolution
                gap b/yarn.lock:7: `ä@npm:1` names no resolution
                gap c/yarn.lock:4: is not the YAML expected here: expected `key: value`
            "#]],
        );
    }
}
