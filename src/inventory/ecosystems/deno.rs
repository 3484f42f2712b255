//! `deno.lock`: what Deno resolved, versions 2 to 5 of the format.
//!
//! Packages come from npm, from JSR, and as modules from plain URLs. JSR has no purl type of its own; its
//! packages are npm packages of another registry, which is also how JSR offers them. Of modules, those with a
//! version in their URL (`https://deno.land/std@0.140.0/…`) are listed once for all their files.
//! Spec: <https://docs.deno.com/runtime/fundamentals/modules/#integrity-checking-and-lock-files>

use std::collections::{BTreeMap, HashMap};

use super::super::integrity;
use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::node;
use super::super::value::{Member, Value};
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Component, Presence, Purl, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "deno",
    about: "packages and modules locked by Deno in deno.lock",
    reads: &["**/deno.lock"],
    beside: &["**/deno.json", "**/deno.jsonc"],
    spec: "https://docs.deno.com/runtime/fundamentals/modules/#integrity-checking-and-lock-files",
    parse,
    enrich: nothing_beside,
};

const JSR: &str = "https://jsr.io";

/// Hosts that serve npm's packages as modules, and what stands before the name.
const NPM_MIRRORS: &[&str] =
    &["esm.sh/", "unpkg.com/", "cdn.jsdelivr.net/npm/", "cdn.skypack.dev/", "ga.jspm.io/npm:"];

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let document = json::parse(&text)?;
    if document.field("version").is_none() {
        return Err(ParseError::new(1, "has no `version`, which a deno.lock has"));
    }
    let mut reading = Reading::new(&document, Lines::of(&text));
    reading.packages();
    reading.modules();
    reading.needs();
    reading.project(file, tree);
    locked::work_out_scopes(&mut reading.list);
    Ok(Parsed { packages: locked::packages(file.path, reading.list), problems: reading.problems })
}

struct Reading<'a> {
    document: &'a Value<'a>,
    /// Where versions 2 and 3 keep packages.
    inner: &'a Value<'a>,
    lines: Lines,
    list: Vec<Locked>,
    problems: Problems,
    /// Entries in the order of `list`, with the registry each is of.
    entries: Vec<(&'static str, &'a Value<'a>)>,
    /// By `npm:name@version` as keyed, by `npm:name` where there is one version, and by what asked for it.
    places: HashMap<String, usize>,
}

impl<'a> Reading<'a> {
    fn new(document: &'a Value<'a>, lines: Lines) -> Self {
        let inner = document.get("packages").unwrap_or(document);
        let (list, problems, entries) = (Vec::new(), Problems::new(), Vec::new());
        Self { document, inner, lines, list, problems, entries, places: HashMap::new() }
    }

    fn packages(&mut self) {
        for (registry, key) in [("npm:", "npm"), ("jsr:", "jsr")] {
            let Some(members) = self.inner.get(key) else { continue };
            // Version 2 has specifiers and packages of npm apart.
            let members = members.get("packages").filter(|packages| packages.is_map()).unwrap_or(members);
            for member in members.members() {
                self.package(registry, member);
            }
        }
        let npm = self.document.get("npm").and_then(|npm| npm.get("specifiers"));
        for member in npm.map_or(&[][..], Value::members) {
            self.specifier(&format!("npm:{}", member.key), "npm:", &member.value);
        }
        for member in self.inner.get("specifiers").map_or(&[][..], Value::members) {
            let registry = if member.key.starts_with("jsr:") { "jsr:" } else { "npm:" };
            self.specifier(&member.key, registry, &member.value);
        }
    }

    fn package(&mut self, registry: &'static str, member: &'a Member<'a>) {
        let line = self.lines.line(member.at);
        let Some((name, version)) = node::split_name(&member.key) else {
            let shown: String = member.key.chars().take(80).collect();
            return self.problems.push(Problem::new(line, format!("`{shown}` has no version")));
        };
        // Peers follow: `1.0.0_peer@2.0.0`. No version has a `_` of its own.
        let version = version.split('_').next().unwrap_or(version);
        match component(registry, name, version, &member.value) {
            Ok(component) => {
                let place = self.list.len();
                self.places.insert(format!("{registry}{}", member.key), place);
                self.places.insert(format!("{registry}{name}"), place);
                self.list.push(Locked::new(component, line));
                self.entries.push((registry, &member.value));
            }
            Err(reason) => self.problems.push(Problem::new(line, reason)),
        }
    }

    /// `npm:chalk@5` leads to `5.3.0`, and in older versions to `npm:chalk@5.3.0` or `chalk@5.3.0`.
    fn specifier(&mut self, specifier: &str, registry: &str, target: &Value<'_>) {
        let Some(target) = target.as_str() else { return };
        let bare = target.strip_prefix(registry).unwrap_or(target);
        let asked = specifier.strip_prefix(registry).unwrap_or(specifier);
        let name = node::split_name(asked).map_or(asked, |(name, _)| name);
        let keys = [format!("{registry}{bare}"), format!("{registry}{name}@{bare}")];
        if let Some(place) = keys.iter().find_map(|key| self.places.get(key).copied()) {
            self.places.insert(specifier.to_owned(), place);
        }
    }

    fn needs(&mut self) {
        for (place, (registry, entry)) in self.entries.iter().enumerate() {
            let mut needs = Vec::new();
            for (key, scope) in [("dependencies", Scope::Required), ("optionalDependencies", Scope::Optional)]
            {
                let Some(dependencies) = entry.get(key) else { continue };
                // A list of names or keys; before version 4, npm's have a map from alias to key.
                let targets = dependencies.items().iter().filter_map(Value::as_str);
                let mapped = dependencies.members().iter().filter_map(|member| member.value.as_str());
                let find = |target: &str| {
                    let key =
                        if target.contains(':') { target.to_owned() } else { format!("{registry}{target}") };
                    self.places.get(&key).copied()
                };
                needs.extend(targets.chain(mapped).filter_map(find).map(|target| (target, scope)));
            }
            self.list[place].needs = Some(needs);
        }
    }

    /// Modules from plain URLs, those of one version together.
    fn modules(&mut self) {
        let mut named: BTreeMap<String, (u32, Component)> = BTreeMap::new();
        let mut nameless = None;
        for member in self.document.get("remote").map_or(&[][..], Value::members) {
            let line = self.lines.line(member.at);
            match module(&member.key) {
                Some(component) => {
                    named.entry(component.reference().to_string()).or_insert((line, component));
                }
                None => {
                    let (_, count) = nameless.get_or_insert((line, 0usize));
                    *count += 1;
                }
            }
        }
        for (line, component) in named.into_values() {
            self.list.push(Locked::new(component, line));
        }
        if let Some((line, count)) = nameless {
            let reason = format!("modules without a version in their URL, from here on: {count}");
            self.problems.push(Problem::new(line, reason));
        }
    }

    /// The project, and what it asked for. A lockfile of scripts has no project: then every specifier was
    /// asked for by somebody.
    fn project(&mut self, file: &File<'_>, tree: &Tree) {
        let manifest = ["deno.json", "deno.jsonc"].into_iter().find_map(|name| {
            let folder = file.folder();
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            Some(File { path: name, bytes: tree.read(&path)? }.text())
        });
        let manifest = manifest.as_deref().and_then(|text| json::parse(text).ok());
        let field = |key| manifest.as_ref().and_then(|manifest| manifest.field(key));
        let mut project =
            Locked::new(locked::own(field("name").unwrap_or_default(), field("version")), self.lines.line(0));
        project.line = None;
        let asked = self.asked();
        project.needs =
            Some(asked.iter().filter_map(|key| Some((*self.places.get(*key)?, Scope::Required))).collect());
        self.list.push(project);
    }

    fn asked(&self) -> Vec<&'a str> {
        let Some(workspace) = self.document.get("workspace") else {
            let npm = self.document.get("npm").and_then(|npm| npm.get("specifiers"));
            let specifiers = self.inner.get("specifiers").or(npm);
            return specifiers.map_or(&[][..], Value::members).iter().map(|member| &*member.key).collect();
        };
        let members = workspace.get("members").map_or(&[][..], Value::members);
        let folders = members.iter().map(|member| &member.value).chain([workspace]);
        let lists = folders.flat_map(|folder| {
            [Some(folder), folder.get("packageJson")]
                .into_iter()
                .flatten()
                .filter_map(|part| part.get("dependencies"))
        });
        lists.flat_map(|list| list.items().iter().filter_map(Value::as_str)).collect()
    }
}

fn component(registry: &str, name: &str, version: &str, entry: &Value<'_>) -> Result<Component, String> {
    let integrity = entry.field("integrity").unwrap_or_default();
    let mut component = node::locked(name, Some(version), entry.field("tarball").unwrap_or_default())?;
    component.hashes = integrity::hashes(integrity).into();
    component.standing = node::deprecation(entry).map(Box::new);
    if registry == "jsr:" {
        component.purl = Some(jsr(name, version)?);
        // JSR's digest is of the list of a package's files, not of an archive.
        component.hashes.clear();
    }
    Ok(component)
}

fn jsr(name: &str, version: &str) -> Result<Purl, String> {
    let (scope, short) = name.split_once('/').unwrap_or(("", name));
    Purl::new("npm", Some(scope), short, Some(version), &[("repository_url", JSR)])
        .map_err(|error| error.to_string())
}

/// The package that a module's URL names with its version.
fn module(url: &str) -> Option<Component> {
    let (_, path) = url.split_once("://")?;
    let path = path.split(['?', '#']).next()?;
    for mirror in NPM_MIRRORS {
        let Some(rest) = path.strip_prefix(mirror) else { continue };
        // esm.sh puts its own version first: `v135/react@18.2.0/…`.
        let is_build = |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.parse::<u32>().is_ok());
        let rest = match rest.split_once('/') {
            Some((first, rest)) if is_build(first) || first == "stable" => rest,
            _ => rest,
        };
        let (name, version) = node::split_name(rest.trim_start_matches('*'))?;
        let version = version.split(['/', '&']).next().filter(|version| is_version(version))?;
        return node::locked(name, Some(version), "").ok();
    }
    let at = path.match_indices('@').map(|(at, _)| at).find(|at| is_version(version_after(path, *at)))?;
    let (place, version) = (&path[..at], version_after(path, at));
    let (namespace, name) = place.rsplit_once('/')?;
    let download = format!("https://{place}@{version}");
    let purl =
        Purl::new("generic", Some(namespace), name, Some(version), &[("download_url", &download)]).ok()?;
    let mut component = Component::new(place);
    component.version = Some(version.to_owned());
    component.presence = Presence::Declared;
    component.purl = Some(purl);
    Some(component)
}

fn version_after(path: &str, at: usize) -> &str {
    path[at + 1..].split('/').next().unwrap_or_default()
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').unwrap_or(text).starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn packages_of_npm_and_jsr_and_modules() {
        let lock = r#"{
  "version": "4",
  "specifiers": {
    "jsr:@std/bytes@^1.0.0": "1.0.2",
    "jsr:@std/encoding@1": "1.0.5",
    "npm:typedoc@*": "0.28.19_typescript@6.0.3"
  },
  "jsr": {
    "@std/bytes@1.0.2": {"integrity": "fbdee322bbd8c599a6af186a1603b3355e59a5fb1baa139f8f4c3c9a1b3e3d57"},
    "@std/encoding@1.0.5": {"integrity": "ecf3", "dependencies": ["jsr:@std/bytes@^1.0.0", "npm:typescript"]}
  },
  "npm": {
    "@a/b@1.17.9_@c+d@5.50.0": {"integrity": "sha1-qZrP2hFRGtVTKbVqSpWjS6Mw/+0="},
    "typedoc@0.28.19_typescript@6.0.3": {"integrity": "sha512-x", "dependencies": ["typescript", "ms@2.0.0"], "deprecated": true},
    "typescript@6.0.3": {},
    "ms@2.0.0": {}, "ms@3.0.0": {}
  },
  "remote": {
    "https://deno.land/std@0.140.0/path/mod.ts": "d3e6",
    "https://deno.land/std@0.140.0/path/posix.ts": "d3e7",
    "https://deno.land/x/oak@v10.6.0/mod.ts": "d3e8",
    "https://esm.sh/v135/@s/react@18.2.0/index.js": "d3e9",
    "https://x.org/mod.ts": "d3ea"
  },
  "workspace": {"dependencies": ["jsr:@std/encoding@1"], "members": {"a": {"packageJson": {"dependencies": ["npm:typedoc@*"]}}}}
}"#;
        let manifest = "{ // the project\n \"name\": \"@me/app\", \"version\": \"0.1.0\", }";
        check(
            &ECOSYSTEM,
            &[("deno.lock", lock), ("deno.jsonc", manifest)],
            expect![[r#"
                application:@me/app@0.1.0 application first-party needs [%40std/encoding@1.0.5, typedoc@0.28.19]
                pkg:generic/deno.land/std@0.140.0?download_url=https:%2F%2Fdeno.land%2Fstd%400.140.0 line 19
                pkg:generic/deno.land/x/oak@v10.6.0?download_url=https:%2F%2Fdeno.land%2Fx%2Foak%40v10.6.0 line 21
                pkg:npm/%40a/b@1.17.9 line 13 SHA-1:a99acfda needs []
                pkg:npm/%40s/react@18.2.0 line 22
                pkg:npm/%40std/bytes@1.0.2?repository_url=https:%2F%2Fjsr.io line 9 needs []
                pkg:npm/%40std/encoding@1.0.5?repository_url=https:%2F%2Fjsr.io line 10 needs [%40std/bytes@1.0.2, typescript@6.0.3]
                pkg:npm/ms@2.0.0 line 16 needs []
                pkg:npm/ms@3.0.0 line 16 needs []
                pkg:npm/typedoc@0.28.19 line 14 needs [ms@2.0.0, typescript@6.0.3]
                pkg:npm/typescript@6.0.3 line 15 needs []
                gap deno.lock:23: modules without a version in their URL, from here on: 1
            "#]],
        );
    }

    #[test]
    fn versions_2_and_3_keep_specifiers_elsewhere() {
        let two = r#"{"version": "2", "remote": {}, "npm": {"specifiers": {"chalk@5": "chalk@5.3.0"}, "packages": {
            "chalk@5.3.0": {"integrity": "sha1-qZrP2hFRGtVTKbVqSpWjS6Mw/+0=", "dependencies": {"style": "ansi@6.0.0"}},
            "ansi@6.0.0": {"dependencies": {}}}}}"#;
        let three = r#"{"version": "3", "packages": {"specifiers": {"npm:b@1": "npm:b@1.2.0", "jsr:@s/a@1": "jsr:@s/a@1.0.0"},
            "jsr": {"@s/a@1.0.0": {"dependencies": ["npm:b@1"]}}, "npm": {"b@1.2.0": {}}}}"#;
        check(
            &ECOSYSTEM,
            &[("two/deno.lock", two), ("three/deno.lock", three)],
            expect![[r#"
            pkg:npm/%40s/a@1.0.0?repository_url=https:%2F%2Fjsr.io line 2 needs [b@1.2.0]
            pkg:npm/ansi@6.0.0 line 3 needs []
            pkg:npm/b@1.2.0 line 2 needs []
            pkg:npm/chalk@5.3.0 line 2 SHA-1:a99acfda needs [ansi@6.0.0]
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[
                ("a/deno.lock", "{\"version\": \"4\",\n\"npm\": {\"a@1.0.0\": {"),
                ("b/deno.lock", "{}"),
                (
                    "c/deno.lock",
                    "{\"version\": \"4\", \"npm\": {\n\"a\": {}, \"b c@1\": [], \"d@1\": 3}, \"remote\": {\"@\": 1, \"https://@1\": \"\"}}",
                ),
            ],
            expect![[r#"
                pkg:npm/d@1 line 2 needs []
                gap a/deno.lock:2: is not the JSON expected here: expected a key in quotes
                gap b/deno.lock:1: has no `version`, which a deno.lock has
                gap c/deno.lock:2: `a` has no version
                gap c/deno.lock:2: `b c` is no name of a package
                gap c/deno.lock:2: modules without a version in their URL, from here on: 2
            "#]],
        );
    }
}
