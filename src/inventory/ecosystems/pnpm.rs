//! `pnpm-lock.yaml`: what pnpm resolved, versions 5 to 9 of the format.
//!
//! A package is keyed by name, version and what its peers are: `/name/1.0.0_peers` (5), `/name@1.0.0(peers)`
//! (6) or `name@1.0.0(peers)` (9); one package may stand there once for each set of peers. From version 9 on,
//! `packages` has what the registry said of a package and `snapshots` what each copy needs. Nothing there says
//! what is only for development: that is worked out from the importers, which are the project's own folders.
//! pnpm 11 puts what it needs itself into a document before.
//! Spec: <https://github.com/pnpm/spec/tree/master/lockfile>

use std::collections::HashMap;

use super::super::integrity;
use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::node;
use super::super::value::{Member, Value};
use super::super::yaml;
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Component, Presence, Purl, Scope};
use crate::layers::{Tree, clean};

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "pnpm",
    about: "packages locked by pnpm in pnpm-lock.yaml",
    reads: &["**/pnpm-lock.yaml", "**/node_modules/.pnpm/lock.yaml"],
    beside: &["**/package.json"],
    spec: "https://github.com/pnpm/spec/tree/master/lockfile",
    parse,
    enrich: nothing_beside,
};

/// What an importer needs. The last two are tools of pnpm's own.
const DEPENDENCIES: &[(&str, Scope)] = &[
    ("dependencies", Scope::Required),
    ("optionalDependencies", Scope::Optional),
    ("devDependencies", Scope::Dev),
    ("configDependencies", Scope::Dev),
    ("packageManagerDependencies", Scope::Dev),
];

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    // What pnpm installed, it wrote down beside its store.
    let project = match file.path.strip_suffix("node_modules/.pnpm/lock.yaml") {
        Some(project) => project.trim_end_matches('/'),
        None if node::is_in_package(file.path) => return Ok(Parsed::default()),
        None => file.folder(),
    };
    let text = file.text();
    let mut reading =
        Reading { project, tree, lines: Lines::of(&text), list: Vec::new(), problems: Problems::new() };
    for document in &yaml::parse(&text)? {
        if document.get("lockfileVersion").is_none() {
            reading.problems.push(Problem::new(reading.lines.line(document.at), "has no `lockfileVersion`"));
        }
        reading.document(document);
    }
    locked::work_out_scopes(&mut reading.list);
    Ok(Parsed { packages: locked::packages(file.path, reading.list), problems: reading.problems })
}

/// One copy of a package.
struct Copy<'a> {
    /// With its peers.
    key: &'a str,
    at: usize,
    /// What the registry said of it.
    package: &'a Value<'a>,
    /// What this copy needs.
    snapshot: &'a Value<'a>,
}

fn copies<'a>(document: &'a Value<'a>) -> Vec<Copy<'a>> {
    let packages = document.get("packages").map_or(&[][..], Value::members);
    let Some(snapshots) = document.get("snapshots") else {
        let each = packages.iter();
        return each
            .map(|member| Copy {
                key: &member.key,
                at: member.at,
                package: &member.value,
                snapshot: &member.value,
            })
            .collect();
    };
    let mut by_key: HashMap<&str, _> = packages.iter().map(|member| (&*member.key, member)).collect();
    let mut copies = Vec::new();
    let mut known = Vec::new();
    for member in snapshots.members() {
        let bare = without_peers(&member.key);
        let package = by_key.get(bare).map_or(member, |package| *package);
        known.push(bare);
        copies.push(Copy {
            key: &member.key,
            at: package.at,
            package: &package.value,
            snapshot: &member.value,
        });
    }
    for bare in known {
        by_key.remove(bare);
    }
    let mut rest: Vec<_> = by_key.into_values().collect();
    rest.sort_by_key(|member| member.at);
    copies.extend(rest.into_iter().map(|member| Copy {
        key: &member.key,
        at: member.at,
        package: &member.value,
        snapshot: &member.value,
    }));
    copies
}

fn without_peers(key: &str) -> &str {
    key.split('(').next().unwrap_or(key)
}

struct Reading<'a> {
    /// The folder that importers are relative to.
    project: &'a str,
    tree: &'a Tree,
    lines: Lines,
    list: Vec<Locked>,
    problems: Problems,
}

impl Reading<'_> {
    fn document(&mut self, document: &Value<'_>) {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut listed = Vec::new();
        for copy in copies(document) {
            let line = self.lines.line(copy.at);
            match package(&copy) {
                Ok(component) => {
                    places.insert(copy.key.to_owned(), self.list.len());
                    listed.push((self.list.len(), copy.snapshot));
                    let mut locked = Locked::new(component, line);
                    locked.scope = scope(copy.snapshot);
                    self.list.push(locked);
                }
                Err(reason) => self.problems.push(Problem::new(line, reason)),
            }
        }
        let importers = importers(document);
        for (_, _, importer) in &importers {
            self.list_what_is_only_needed(importer, &mut places);
        }
        let folders: HashMap<&str, usize> = importers
            .iter()
            .enumerate()
            .map(|(index, (folder, _, _))| (*folder, self.list.len() + index))
            .collect();
        let names = Names { places, folders };
        for (place, snapshot) in listed {
            self.list[place].needs = Some(names.needs("", snapshot));
        }
        for (folder, at, importer) in importers {
            let mut locked = Locked::new(self.own(folder), self.lines.line(at));
            locked.needs = Some(names.needs(folder, importer));
            self.list.push(locked);
        }
    }

    /// Versions that an importer needs and `packages` lacks: somebody cut the file.
    fn list_what_is_only_needed(&mut self, importer: &Value<'_>, places: &mut HashMap<String, usize>) {
        for (member, scope) in dependencies(importer) {
            let Some(reference) = reference(member) else { continue };
            if find(places, &member.key, reference).is_some() {
                continue;
            }
            let version = reference.split(['(', '_']).next().unwrap_or(reference);
            if version.starts_with(|first: char| first.is_ascii_digit())
                && let Ok(component) = node::locked(&member.key, Some(version), "")
            {
                places.insert(format!("{}@{reference}", member.key), self.list.len());
                let mut locked = Locked::new(component, self.lines.line(member.at));
                (locked.scope, locked.needs) = (Some(scope), None);
                self.list.push(locked);
            }
        }
    }

    /// A folder of the project. Its name is only in its manifest; without one it is not listed.
    fn own(&self, folder: &str) -> Component {
        let folder = joined(self.project, folder);
        let text = folder.and_then(|folder| node::manifest(self.tree, &folder));
        let manifest = text.as_deref().and_then(|text| json::parse(text).ok());
        let field = |key| manifest.as_ref().and_then(|manifest| manifest.field(key));
        locked::own(field("name").unwrap_or_default(), field("version"))
    }
}

/// Folders of the project with what they need. Where there is only one, its needs stand at the top.
fn importers<'a>(document: &'a Value<'a>) -> Vec<(&'a str, usize, &'a Value<'a>)> {
    match document.get("importers") {
        Some(importers) => {
            importers.members().iter().map(|member| (&*member.key, member.at, &member.value)).collect()
        }
        None => vec![(".", document.at, document)],
    }
}

fn dependencies<'a>(value: &'a Value<'a>) -> impl Iterator<Item = (&'a Member<'a>, Scope)> {
    DEPENDENCIES.iter().flat_map(|(key, scope)| {
        value.get(key).map_or(&[][..], Value::members).iter().map(|member| (member, *scope))
    })
}

/// From version 6 on, importers give what was asked for beside what it got.
fn reference<'a>(member: &'a Member<'_>) -> Option<&'a str> {
    member.value.as_str().or_else(|| member.value.field("version"))
}

/// A reference is a version, or the whole key when the package has another name or is from elsewhere.
fn find(places: &HashMap<String, usize>, name: &str, reference: &str) -> Option<usize> {
    let keys = [
        format!("{name}@{reference}"),
        format!("/{name}@{reference}"),
        format!("/{name}/{reference}"),
        reference.to_owned(),
    ];
    keys.iter().find_map(|key| places.get(key).copied())
}

/// What references mean.
struct Names<'a> {
    places: HashMap<String, usize>,
    folders: HashMap<&'a str, usize>,
}

impl Names<'_> {
    fn needs(&self, folder: &str, value: &Value<'_>) -> Vec<(usize, Scope)> {
        let need = |(member, scope): (&Member<'_>, Scope)| {
            Some((self.find(folder, &member.key, reference(member)?)?, scope))
        };
        dependencies(value).filter_map(need).collect()
    }

    fn find(&self, folder: &str, name: &str, reference: &str) -> Option<usize> {
        let Some(target) = reference.strip_prefix("link:") else {
            return find(&self.places, name, reference);
        };
        let target = joined(folder, target)?;
        let target = if target.is_empty() { "." } else { &target };
        self.folders.get(target).copied()
    }
}

/// Relative to a folder; `.` is the folder itself.
fn joined(folder: &str, relative: &str) -> Option<String> {
    clean(format!("{folder}/{relative}").as_bytes())
}

fn scope(snapshot: &Value<'_>) -> Option<Scope> {
    let is_said = snapshot.get("dev").is_some() || snapshot.get("optional").is_some();
    is_said.then(|| match (snapshot.flag("dev"), snapshot.flag("optional")) {
        (true, _) => Scope::Dev,
        (false, true) => Scope::Optional,
        (false, false) => Scope::Required,
    })
}

fn package(copy: &Copy<'_>) -> Result<Component, String> {
    let key = without_peers(copy.key);
    let (name, version) = identity(key);
    let name = copy.package.field("name").unwrap_or(name);
    let version = copy.package.field("version").or(version);
    let resolution = copy.package.get("resolution");
    let field = |key| resolution.and_then(|resolution| resolution.field(key)).unwrap_or_default();
    if field("type") == "directory" {
        return Ok(locked::own(name, version));
    }
    if let Some(version) = key.split_once("@runtime:").map(|(_, version)| version) {
        return runtime(name, version);
    }
    let Some(version) = version else {
        return Err(format!("`{}` has no version", name.chars().take(80).collect::<String>()));
    };
    let resolved = match field("type") {
        "git" => format!("git+{}#{}", field("repo").trim_start_matches("git+"), field("commit")),
        _ => field("tarball").to_owned(),
    };
    let mut component = node::locked(name, Some(version), &resolved)?;
    component.hashes = integrity::hashes(field("integrity")).into();
    component.standing = node::deprecation(copy.package).map(Box::new);
    Ok(component)
}

/// Node and its like, which pnpm installs as well, are no packages of npm's.
fn runtime(name: &str, version: &str) -> Result<Component, String> {
    let mut component = Component::new(name);
    component.kind = crate::bom::Kind::Platform;
    component.version = Some(version.to_owned());
    component.presence = Presence::Declared;
    component.purl =
        Some(Purl::new("generic", None, name, Some(version), &[]).map_err(|error| error.to_string())?);
    Ok(component)
}

/// Name and version in a key without peers in parentheses. Whatever is from elsewhere has a path for a
/// version, and the version among its fields.
fn identity(key: &str) -> (&str, Option<&str>) {
    let bare = key.strip_prefix('/').unwrap_or(key);
    if let Some((name, version)) = node::split_name(bare).filter(|(name, _)| node::is_name(name)) {
        let is_version = version.starts_with(|first: char| first.is_ascii_digit());
        return (name, Some(version).filter(|_| is_version));
    }
    // Version 5: `/name/1.0.0_peers`, and of another registry `host/name/1.0.0`.
    let path = if key.starts_with('/') { bare } else { key.split_once('/').map_or(key, |(_, path)| path) };
    let slashes = if path.starts_with('@') { 2 } else { 1 };
    let Some((end, _)) = path.match_indices('/').nth(slashes - 1) else { return (path, None) };
    let version = path[end + 1..].split(['_', '/']).next();
    (&path[..end], version.filter(|version| version.starts_with(|first: char| first.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn version_9_has_copies_and_importers() {
        let lock = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      debug:\n        specifier: ^4\n        version: 4.3.4(supports-color@8.1.1)\n      lib:\n        specifier: workspace:*\n        version: link:packages/lib\n    devDependencies:\n      ms:\n        specifier: 2.0.0\n        version: 2.0.0\n      old:\n        specifier: npm:ms@0.7.1\n        version: ms@0.7.1\n\n  packages/lib:\n    optionalDependencies:\n      tar:\n        specifier: https://x.org/tar.tgz\n        version: https://x.org/tar.tgz\n\n\
            packages:\n\n  debug@4.3.4:\n    resolution: {integrity: sha512-PRWFHuSU3eDtQJPvnNY7Jcket1j0t5OuOsFzPPzsekD52Zl8qUfFIPEiswXqIvHWGVHOgX+7G/vCNNhehwxfkQ==}\n    deprecated: use 5\n\n  ms@0.7.1:\n    resolution: {integrity: sha1-qZrP2hFRGtVTKbVqSpWjS6Mw/+0=}\n\n  ms@2.0.0:\n    resolution: {integrity: sha512-x}\n\n  ms@2.1.2:\n    resolution: {integrity: sha512-y}\n\n  supports-color@8.1.1: {}\n\n  tar@https://x.org/tar.tgz:\n    resolution: {tarball: https://x.org/tar.tgz}\n    version: 1.0.0\n\n  unused@1.0.0: {}\n\n  node@runtime:22.0.0:\n    resolution: {type: variations}\n\n\
            snapshots:\n\n  debug@4.3.4(supports-color@8.1.1):\n    dependencies:\n      ms: 2.1.2\n    optionalDependencies:\n      supports-color: 8.1.1\n\n  debug@4.3.4:\n    dependencies:\n      ms: 2.1.2\n\n  ms@0.7.1: {}\n\n  ms@2.0.0: {}\n\n  ms@2.1.2: {}\n\n  supports-color@8.1.1: {}\n\n  tar@https://x.org/tar.tgz:\n    dependencies:\n      ms: 2.0.0\n";
        check(
            &ECOSYSTEM,
            &[
                ("pnpm-lock.yaml", lock),
                ("package.json", r#"{"name": "root", "version": "1.0.0"}"#),
                ("packages/lib/package.json", r#"{"name": "lib"}"#),
            ],
            expect![[r#"
                application:lib line 21 application first-party needs [tar@1.0.0]
                application:root@1.0.0 line 5 application first-party needs [application:lib, debug@4.3.4, ms@0.7.1, ms@2.0.0]
                pkg:generic/node@22.0.0 line 50 platform needs []
                pkg:npm/debug@4.3.4 line 29 SHA-512:3d15851e needs [ms@2.1.2, supports-color@8.1.1]
                pkg:npm/ms@0.7.1 line 33 dev SHA-1:a99acfda needs []
                pkg:npm/ms@2.0.0 line 36 optional needs []
                pkg:npm/ms@2.1.2 line 39 needs []
                pkg:npm/supports-color@8.1.1 line 42 optional needs []
                pkg:npm/tar@1.0.0?download_url=https:%2F%2Fx.org%2Ftar.tgz line 44 optional needs [ms@2.0.0]
                pkg:npm/unused@1.0.0 line 48 needs []
            "#]],
        );
    }

    #[test]
    fn keys_of_versions_5_and_6() {
        let five = "lockfileVersion: 5.4\ndependencies:\n  '@s/n': 1.0.0_acorn@8.8.0\n  alias: /real/2.0.0\n  git: github.com/x/git/c0ffee\ndevDependencies:\n  acorn: 8.8.0\n  cut: 7.0.0_acorn@8.8.0\npackages:\n  /@s/n/1.0.0_acorn@8.8.0:\n    dependencies: {acorn: 8.8.0}\n  /acorn/8.8.0:\n    resolution: {integrity: sha512-x}\n    dev: true\n  /real/2.0.0/acorn@8.8.0:\n    dev: false\n  /real/2.0.0:\n    dev: false\n  registry.npmjs.org/hosted/1.0.0: {}\n  github.com/x/git/c0ffee:\n    resolution: {tarball: https://codeload.github.com/x/git/tar.gz/c0ffee}\n    name: git\n    version: 3.0.0\n";
        let six = "lockfileVersion: '6.0'\ndependencies:\n  a:\n    specifier: ^1\n    version: 1.0.0(@s/b@2.0.0)(c@3.0.0)\n  repo:\n    specifier: x\n    version: '@git.x.org/repo/c0ffee'\n  own:\n    specifier: file:own\n    version: file:own\npackages:\n  /a@1.0.0(@s/b@2.0.0)(c@3.0.0):\n    dependencies:\n      '@s/b': 2.0.0\n  /@s/b@2.0.0:\n    optional: true\n  '@git.x.org/repo/c0ffee':\n    resolution: {commit: c0ffee, repo: https://git.x.org/repo.git, type: git}\n    name: repo\n    version: 4.0.0\n  file:own:\n    resolution: {directory: own, type: directory}\n    name: own\n    version: 0.1.0\n    dependencies:\n      '@s/b': 2.0.0\n";
        check(
            &ECOSYSTEM,
            &[("five/pnpm-lock.yaml", five), ("srv/node_modules/.pnpm/lock.yaml", six)],
            expect![[r#"
                application:own@0.1.0 line 22 application first-party needs [%40s/b@2.0.0]
                pkg:npm/%40s/b@2.0.0 line 16 needs []
                pkg:npm/%40s/n@1.0.0 line 10 needs [acorn@8.8.0]
                pkg:npm/a@1.0.0 line 13 needs [%40s/b@2.0.0]
                pkg:npm/acorn@8.8.0 line 12 needs []
                pkg:npm/cut@7.0.0 line 8 dev
                pkg:npm/git@3.0.0?download_url=https:%2F%2Fcodeload.github.com%2Fx%2Fgit%2Ftar.gz%2Fc0ffee line 20 needs []
                pkg:npm/hosted@1.0.0 line 19 needs []
                pkg:npm/real@2.0.0 line 15+17 needs []
                pkg:npm/repo@4.0.0?vcs_url=git%2Bhttps:%2F%2Fgit.x.org%2Frepo.git%40c0ffee line 18 needs []
            "#]],
        );
    }

    #[test]
    fn documents_before_the_lockfile_are_tools() {
        let lock = "---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    packageManagerDependencies:\n      pnpm:\n        specifier: ^11\n        version: 11.9.0\npackages:\n  pnpm@11.9.0:\n    resolution: {integrity: sha512-x}\nsnapshots:\n  pnpm@11.9.0: {}\n---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      minimist: {specifier: 1, version: 1.2.0}\npackages:\n  minimist@1.2.0: {}\nsnapshots:\n  minimist@1.2.0: {}\n";
        check(
            &ECOSYSTEM,
            &[("pnpm-lock.yaml", lock)],
            expect![[r#"
            pkg:npm/minimist@1.2.0 line 21 needs []
            pkg:npm/pnpm@11.9.0 line 10 dev needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[
                ("a/pnpm-lock.yaml", "lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {resolution: {integ"),
                ("b/pnpm-lock.yaml", "packages:\n  /a/b/c: {}\n  x: {}\n  ä@1.0.0: {}\n  /ok@1.0.0: [odd]\n"),
                ("c/pnpm-lock.yaml", "lockfileVersion: 5.4\npackages: &a\n  b: *a\n"),
                ("node_modules/x/pnpm-lock.yaml", "nonsense"),
            ],
            expect![[r#"
                pkg:npm/ok@1.0.0 line 5 needs []
                gap a/pnpm-lock.yaml:3: is not the YAML expected here: a `{` or `[` is never closed
                gap b/pnpm-lock.yaml:1: has no `lockfileVersion`
                gap b/pnpm-lock.yaml:2: `a` has no version
                gap b/pnpm-lock.yaml:3: `x` has no version
                gap b/pnpm-lock.yaml:4: `ä@1.0.0` has no version
                gap c/pnpm-lock.yaml:2: is not the YAML expected here: anchors, aliases and tags are not read
            "#]],
        );
    }
}
