//! `Cargo.lock`: what Cargo resolved for a Rust workspace.
//!
//! A package without a source is the workspace's own (or lies beside it by path). The file has no licences,
//! and does not say what is needed only to test; the manifests of the project's own crates say both of them. What is
//! needed to build is not told apart: its code may be part of what is built. The lockfile of a crate which came from a
//! registry counts only where that crate is what is looked at: whoever builds with it has a lockfile of their own.
//! Spec: <https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use toml::Spanned;

use super::super::cargo_manifest::{self, Member};
use super::super::lines::Lines;
use super::super::locked;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, crates, nothing_beside};
use crate::bom::{Component, Hash, HashAlgorithm, Kind, Presence, Purl, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "cargo",
    about: "crates locked in Cargo.lock",
    reads: &["**/Cargo.lock"],
    beside: &["**/.cargo-checksum.json", "**/.cargo-ok", "**/Cargo.toml"],
    spec: "https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html",
    parse,
    enrich: nothing_beside,
};

/// crates.io as it is written in lockfiles, by git index and by HTTP.
const CRATES_IO: &[&str] =
    &["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

#[derive(Deserialize)]
struct Lockfile {
    #[serde(default)]
    package: Vec<Locked>,
    /// The workspace's package in the first version of the format.
    root: Option<Locked>,
    /// Checksums in the first version of the format: `checksum NAME VERSION (SOURCE)`.
    #[serde(default)]
    metadata: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct Locked {
    name: Spanned<String>,
    version: Option<String>,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let is_fetched = cargo_manifest::is_fetched(tree, file.folder());
    let text = file.text();
    let lines = Lines::of(&text);
    let lockfile: Lockfile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| lines.line(span.start));
        ParseError::new(line, format!("is not the TOML expected here: {}", error.message()))
    })?;
    let entries: Vec<&Locked> = lockfile.root.iter().chain(&lockfile.package).collect();
    let is_top = |entry: &Locked| {
        let version = entry.version.as_deref().unwrap_or_default();
        entry.source.is_none() && crates::is_top(file.folder(), entry.name.get_ref(), version)
    };
    if is_fetched && !entries.iter().any(|entry| is_top(entry)) {
        return Ok(Parsed::default());
    }
    let project = cargo_manifest::project(tree, file.folder());
    let indexes = indexes(&entries);
    let mut parsed = Parsed::default();
    let mut packages = Vec::new();
    let mut manifests = Vec::new();
    for entry in &entries {
        let line = lines.line(entry.name.span().start);
        let member = project.members.get(entry.name.get_ref()).filter(|_| entry.source.is_none());
        let mut component = match component(entry, &lockfile.metadata) {
            Ok(component) => component,
            Err(reason) => {
                parsed.problems.push(Problem::new(line, reason));
                // Keeps its place, which others' needs count by; what has no name is not listed.
                Component::new("")
            }
        };
        if is_fetched && is_top(entry) {
            be_published(&mut component);
        } else if let Some(member) = member {
            member.package.describe(&mut component, &project.shared);
            manifests.push((component.clone(), member));
        }
        let mut package = locked::Locked::new(component, line);
        package.needs = Some(needs(entry, &indexes, member));
        packages.push(package);
    }
    // Without the manifest nobody knows what only tests need.
    if entries
        .iter()
        .any(|entry| entry.source.is_none() && project.members.contains_key(entry.name.get_ref()))
    {
        locked::work_out_scopes(&mut packages);
    }
    parsed.packages = locked::packages(file.path, packages);
    // The project's crates ask, and they are listed.
    parsed.packages.iter_mut().for_each(|package| package.component.asked_for = false);
    for (component, member) in manifests {
        let mut package = Package::new(component);
        package.place = Some(member.path.as_str().into());
        package.line = Some(member.line);
        parsed.packages.push(package);
    }
    Ok(parsed)
}

/// What is a project in its own lockfile is a crate to whoever has it from a registry.
fn be_published(component: &mut Component) {
    component.kind = Kind::Library;
    component.first_party = false;
    component.presence = Presence::Installed;
    let version = component.version.as_deref().unwrap_or_default();
    component.purl = crates::purl(&component.name, version).ok();
}

fn component(entry: &Locked, metadata: &BTreeMap<String, toml::Value>) -> Result<Component, String> {
    let name = entry.name.get_ref();
    let version = entry.version.as_deref().filter(|version| !version.is_empty());
    let mut component = Component::new(name);
    component.version = version.map(str::to_owned);
    component.presence = Presence::Declared;
    match (&entry.source, version) {
        (None, _) => {
            component.kind = Kind::Application;
            component.first_party = true;
        }
        (Some(_), None) => return Err(format!("`{name}` has no version")),
        (Some(source), Some(version)) => component.purl = Some(purl(name, version, source)?),
    }
    component.hashes.extend(checksum(entry, metadata));
    Ok(component)
}

/// What a crate needs, by place in the lockfile. A member's manifest says what of it only its tests need.
fn needs(entry: &Locked, indexes: &HashMap<String, usize>, member: Option<&Member>) -> Vec<(usize, Scope)> {
    let scope = |dependency: &str| {
        let name = dependency.split(' ').next().unwrap_or_default();
        let is_for_tests = member.is_some_and(|member| member.tests.contains(name));
        if is_for_tests { Scope::Dev } else { Scope::Required }
    };
    let need = |dependency: &String| Some((*indexes.get(dependency.as_str())?, scope(dependency)));
    entry.dependencies.iter().filter_map(need).collect()
}

fn purl(name: &str, version: &str, source: &str) -> Result<Purl, String> {
    let (kind, location) = source.split_once('+').unwrap_or(("", source));
    let qualifier = match kind {
        _ if CRATES_IO.contains(&source) => Vec::new(),
        // `git+URL?branch=b#COMMIT` becomes `git+URL@COMMIT`.
        "git" => {
            let (location, commit) = location.split_once('#').unwrap_or((location, ""));
            let url = location.split('?').next().unwrap_or(location);
            let at = if commit.is_empty() { "" } else { "@" };
            vec![("vcs_url", format!("git+{url}{at}{commit}"))]
        }
        _ => vec![("repository_url", location.to_owned())],
    };
    let qualifiers: Vec<(&str, &str)> = qualifier.iter().map(|(key, value)| (*key, value.as_str())).collect();
    Purl::new("cargo", None, name, Some(version), &qualifiers).map_err(|error| error.to_string())
}

fn checksum(locked: &Locked, metadata: &BTreeMap<String, toml::Value>) -> Option<Hash> {
    let hex = locked.checksum.as_deref().or_else(|| {
        let (version, source) = (locked.version.as_deref()?, locked.source.as_deref()?);
        metadata.get(&format!("checksum {} {version} ({source})", locked.name.get_ref()))?.as_str()
    })?;
    Hash::from_hex(HashAlgorithm::Sha256, hex)
}

/// A dependency is written as shortly as it is clear: name, version where several are locked, source where
/// several have that version too.
fn indexes(entries: &[&Locked]) -> HashMap<String, usize> {
    let mut indexes = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let name = entry.name.get_ref();
        let mut put = |text: String| {
            indexes.entry(text).or_insert(index);
        };
        put(name.clone());
        if let Some(version) = &entry.version {
            put(format!("{name} {version}"));
            if let Some(source) = &entry.source {
                // Dependencies leave out the commit that sources of packages end in.
                let bare = source.split('#').next().unwrap_or(source);
                put(format!("{name} {version} ({bare})"));
                put(format!("{name} {version} ({source})"));
            }
        }
    }
    indexes
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_dependency_is_the_version_that_was_locked() {
        let lock = r#"
version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["rand 0.8.5", "serde", "mine"]

[[package]]
name = "mine"
version = "0.2.0"
source = "git+https://example.org/mine?branch=main#abc123"
dependencies = ["rand 0.9.0"]

[[package]]
name = "rand"
version = "0.8.5"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "34af8d1a0e25924bc5b7c43c079c942339d8f0a8b57c39049bef581b46327404"

[[package]]
name = "rand"
version = "0.9.0"
source = "sparse+https://crates.example.org/index/"

[[package]]
name = "serde"
version = "1.0.200"
source = "registry+https://github.com/rust-lang/crates.io-index"
"#;
        check(
            &ECOSYSTEM,
            &[("Cargo.lock", lock)],
            expect![[r#"
                application:app@0.1.0 line 5 application first-party needs [mine@0.2.0, rand@0.8.5, serde@1.0.200]
                pkg:cargo/mine@0.2.0?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fmine%40abc123 line 10 needs [rand@0.9.0]
                pkg:cargo/rand@0.8.5 line 16 SHA-256:34af8d1a needs []
                pkg:cargo/rand@0.9.0?repository_url=https:%2F%2Fcrates.example.org%2Findex%2F line 22 needs []
                pkg:cargo/serde@1.0.200 line 27 needs []
            "#]],
        );
    }

    #[test]
    fn the_first_version_of_the_format_is_read() {
        let lock = r#"
[root]
name = "old"
version = "0.1.0"
dependencies = ["libc 0.2.10 (registry+https://github.com/rust-lang/crates.io-index)"]

[[package]]
name = "libc"
version = "0.2.10"
source = "registry+https://github.com/rust-lang/crates.io-index"

[metadata]
"checksum libc 0.2.10 (registry+https://github.com/rust-lang/crates.io-index)" = "34af8d1a0e25924bc5b7c43c079c942339d8f0a8b57c39049bef581b46327404"
"#;
        check(
            &ECOSYSTEM,
            &[("a/Cargo.lock", lock)],
            expect![[r#"
                application:old@0.1.0 line 3 application first-party needs [libc@0.2.10]
                pkg:cargo/libc@0.2.10 line 8 SHA-256:34af8d1a needs []
            "#]],
        );
    }

    /// The crate's own lockfile counts where the crate is what was asked about, and nowhere else.
    #[test]
    fn a_crate_by_itself_is_no_project_and_one_of_others_has_no_lockfile() {
        let lock = "version = 4\n[[package]]\nname = \"demo\"\nversion = \"1.2.0\"\ndependencies = [\"itoa\"]\n\
            [[package]]\nname = \"itoa\"\nversion = \"1.0.1\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        let manifest = "# THIS FILE IS AUTOMATICALLY GENERATED BY CARGO\n[package]\nname = \"demo\"\nversion = \"1.2.0\"\n";
        check(
            &ECOSYSTEM,
            &[("demo-1.2.0/Cargo.lock", lock), ("demo-1.2.0/Cargo.toml", manifest)],
            expect![[r#"
                pkg:cargo/demo@1.2.0 line 3 needs [itoa@1.0.1]
                pkg:cargo/itoa@1.0.1 line 7 needs []
            "#]],
        );
        check(
            &ECOSYSTEM,
            &[("vendor/demo/Cargo.lock", lock), ("vendor/demo/Cargo.toml", manifest)],
            expect![[r#""#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[
                ("Cargo.lock", "version = 4\n[[package]\nname = \"x\"\n"),
                ("b/Cargo.lock", "[[package]]\nname = \"x\"\nsource = \"registry+x\"\n"),
            ],
            expect![[r#"
                gap Cargo.lock:2: is not the TOML expected here: unclosed array table, expected `]`
                gap b/Cargo.lock:2: `x` has no version
            "#]],
        );
    }
}
