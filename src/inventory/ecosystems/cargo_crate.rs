//! Crates as they were published, by the manifest that Cargo writes into each: vendored, unpacked in Cargo's own
//! folder, or a `.crate` by itself.
//!
//! Cargo rewrites the manifest of what it packs, fills in what that inherits from a workspace, and says so in its first
//! line; what people wrote lies beside it as `Cargo.toml.orig`. A manifest without that line is a project's, which its
//! lockfile tells of, but for crates fetched from a repository, which have a mark of Cargo's beside them. At the top and
//! without a lockfile it is a project whose crates nobody can know. What a crate needs is said in ranges, and told only of a crate that is alone: elsewhere a lockfile
//! says what it gets.
//! Spec: <https://doc.rust-lang.org/cargo/reference/manifest.html>

use serde::Deserialize;
use toml::Table;

use super::super::cargo_manifest::{self, MARKS, Manifest, Package as Described, within};
use super::super::locked::{self, unlocked};
use super::super::{
    Ecosystem, Extent, File, Need, Package, ParseError, Parsed, Problem, crates, nothing_beside, origin,
};
use crate::bom::{Component, Hash, HashAlgorithm, Presence};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "cargo-crate",
    about: "crates as published: vendored, in Cargo's registry folder, or a .crate",
    reads: &["**/Cargo.toml"],
    beside: &["**/.cargo-checksum.json", "**/.cargo-ok", "**/.cargo_vcs_info.json", "**/Cargo.lock"],
    spec: "https://doc.rust-lang.org/cargo/reference/manifest.html",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
struct Checksums {
    /// SHA-256 of the `.crate`, in hexadecimal; absent for crates from a repository.
    package: Option<String>,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    if !cargo_manifest::is_fetched_crate(tree, file.folder()) {
        return project(file, tree);
    }
    let mut parsed = Parsed::default();
    let text = file.text();
    let manifest = Manifest::read(&text)?;
    let wanted = manifest.wanted();
    let described = manifest.package.ok_or_else(|| ParseError::new(None, "describes no crate"))?;
    let line = described.line(&text);
    let name = described.name();
    let version =
        described.version().ok_or_else(|| ParseError::new(line, format!("`{name}` has no version")))?;
    let mut package = Package::new(component(&described, version, file, tree));
    package.component.purl =
        Some(crates::purl(name, version).map_err(|error| ParseError::new(line, error.to_string()))?);
    package.line = Some(line);
    package.addresses = vec![address(file.path, name)];
    package.extent = (!file.folder().is_empty()).then(|| Extent::Folder(file.folder().into()));
    let is_alone = crates::is_top(file.folder(), name, version)
        && tree.read(&format!("{}/Cargo.lock", file.folder())).is_none();
    if wanted.is_empty() {
        package.needs = Some(Vec::new());
    } else if is_alone {
        let (pinned, free): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|(_, requirement)| exact(requirement).is_some());
        let pinned: Vec<Package> = pinned
            .iter()
            .filter_map(|(name, requirement)| pin(file.path, name, exact(requirement)?))
            .collect();
        let needs =
            pinned.iter().flat_map(|pinned| pinned.addresses.first().cloned().map(Need::of)).collect();
        package.needs = (!pinned.is_empty()).then_some(needs);
        parsed.problems.extend((!free.is_empty()).then(|| Problem::new(None, unlocked(free.len()))));
        parsed.packages.extend(pinned);
    }
    parsed.packages.push(package);
    Ok(parsed)
}

/// A project of which nothing says what it gets. Others are their lockfile's to tell of.
fn project(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let mut parsed = Parsed::default();
    if !file.folder().is_empty() || tree.read("Cargo.lock").is_some() {
        return Ok(parsed);
    }
    let text = file.text();
    let manifest = Manifest::read(&text)?;
    let wishes = manifest.wishes();
    let Some(described) = manifest.package else { return Ok(parsed) };
    let line = described.line(&text);
    let mut component = locked::own(described.name(), described.version());
    described.describe(&mut component, &Table::new());
    let mut package = Package::new(component);
    package.line = Some(line);
    parsed.packages.push(package);
    parsed.problems.extend((wishes > 0).then(|| Problem::new(line, unlocked(wishes))));
    Ok(parsed)
}

/// Of the archive, which `cargo vendor` notes beside what it took out of one.
fn checksum(file: &File<'_>, tree: &Tree) -> Option<Hash> {
    let sums: Checksums = serde_json::from_slice(tree.read(&within(file.folder(), MARKS[0]))?).ok()?;
    Hash::from_hex(HashAlgorithm::Sha256, &sums.package?)
}

fn component(described: &Described, version: &str, file: &File<'_>, tree: &Tree) -> Component {
    let mut component = Component::new(described.name());
    component.version = Some(version.to_owned());
    component.hashes.extend(checksum(file, tree));
    described.describe(&mut component, &Table::new());
    let commit = commit(file, tree).unwrap_or_default();
    component.vcs = described.repository(&Table::new()).map(|address| origin::vcs_url(address, &commit));
    component
}

/// The commit it was packed from, which Cargo notes beside.
fn commit(file: &File<'_>, tree: &Tree) -> Option<String> {
    let note = tree.read(&format!("{}/.cargo_vcs_info.json", file.folder()))?;
    let note: serde_json::Value = serde_json::from_slice(note).ok()?;
    let commit = note.get("git")?.get("sha1")?.as_str()?;
    commit.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| commit.to_owned())
}

fn address(path: &str, name: &str) -> String {
    format!("crate:{path}#{name}")
}

/// `=1.2.3`, the one requirement that leaves no choice.
fn exact(requirement: &str) -> Option<&str> {
    let version = requirement.trim().strip_prefix('=')?.trim();
    let is_whole = version.split(['-', '+']).next()?.split('.').filter(|part| !part.is_empty()).count() == 3;
    (is_whole && !version.contains([',', '*', ' '])).then_some(version)
}

fn pin(path: &str, name: &str, version: &str) -> Option<Package> {
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(crates::purl(name, version).ok()?);
    component.presence = Presence::Declared;
    let mut package = Package::new(component);
    package.addresses = vec![address(path, &format!("{name} {version}"))];
    Some(package)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, layered, render};
    use super::*;

    const MARK: &str = "# THIS FILE IS AUTOMATICALLY GENERATED BY CARGO\n#\n# When uploading crates to the registry Cargo will\n\n";

    fn manifest(rest: &str) -> String {
        format!("{MARK}{rest}")
    }

    #[test]
    fn a_crate_that_is_alone_says_what_it_needs() {
        let alone = manifest(
            "[package]\nedition = \"2021\"\nname = \"demo\"\nversion = \"1.2.0\"\nauthors = [\"Ann <a@example.org>\", \"Bob\"]\n\
             description = \"\"\"\nA demo\nof it\"\"\"\nlicense = \"MIT/Apache-2.0\"\nrepository = \"https://github.com/example/demo/tree/main/demo\"\n\
             [dependencies.serde]\nversion = \"1.0\"\n[dependencies.demo-derive]\nversion = \"=1.2.0\"\n\
             [dependencies.other]\nversion = \"0.3\"\noptional = true\n[build-dependencies]\ncc = \"1\"\n\
             [target.'cfg(unix)'.dependencies.sys]\nversion = \"=0.1\"\npackage = \"demo-sys\"\n\
             [dev-dependencies]\ntrybuild = \"1\"\n",
        );
        let vcs = r#"{"git": {"sha1": "0123456789abcdef0123456789abcdef01234567"}, "path_in_vcs": "demo"}"#;
        check(
            &ECOSYSTEM,
            &[("demo-1.2.0/Cargo.toml", &alone), ("demo-1.2.0/.cargo_vcs_info.json", vcs)],
            expect![[r#"
                pkg:cargo/demo-derive@1.2.0
                pkg:cargo/demo@1.2.0 line 7 declared `MIT/Apache-2.0` = MIT OR Apache-2.0 needs [demo-derive@1.2.0]
                gap demo-1.2.0/Cargo.toml: needs 3 packages, and no lockfile beside says which versions
            "#]],
        );
    }

    #[test]
    fn a_vendored_crate_is_the_registrys_and_a_project_is_its_own() {
        let vendored = manifest(
            "[package]\nname = \"demo\"\nversion = \"1.2.0+build.7\"\nlicense-file = \"LICENSE\"\n[dependencies]\nx = \"1\"\n",
        );
        let project = "[package]\nname = \"mine\"\nversion = \"0.1.0\"\nlicense.workspace = true\n";
        let text = include_str!("../../../LICENSE");
        check(
            &ECOSYSTEM,
            &[
                ("Cargo.toml", project),
                ("mine-0.1.0/Cargo.toml", project),
                ("vendor/demo/Cargo.toml", &vendored),
                ("vendor/demo/Cargo.toml.orig", project),
                ("vendor/demo/LICENSE", text),
            ],
            expect![[r#"
                application:mine@0.1.0 line 2 application first-party
                pkg:cargo/demo@1.2.0%2Bbuild.7 line 6 detected `Apache-2.0`
            "#]],
        );
    }

    const SERDE: &str = "[package]\nname = \"serde\"\nversion = \"1.0.200\"\nauthors = [\"D <d@x.org>\", \"E\"]\n\
        license = \"MIT/Apache-2.0\"\ndescription = \"Framework\"\nrepository = \"https://github.com/serde-rs/serde\"\n";
    const SUM: &str =
        r#"{"files": {}, "package": "34af8d1a0e25924bc5b7c43c079c942339d8f0a8b57c39049bef581b46327404"}"#;

    #[test]
    fn a_vendored_crate_is_listed_once_with_the_lockfile_and_its_own_lockfile_is_nobodys() {
        let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"g\", \"serde\"]\n\
            [[package]]\nname = \"g\"\nversion = \"1.0.0\"\nsource = \"git+https://example.org/g#abc\"\n\
            [[package]]\nname = \"serde\"\nversion = \"1.0.200\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        let bom = layered(&[&[
            ("srv/Cargo.lock", lock),
            ("srv/vendor/serde/Cargo.toml", SERDE),
            ("srv/vendor/serde/.cargo-checksum.json", SUM),
            ("srv/vendor/serde/LICENSE-MIT", "Permission is granted to everybody."),
            (
                "srv/vendor/serde/Cargo.lock",
                "[[package]]\nname = \"stray\"\nversion = \"0.1.0\"\nsource = \"registry+x\"\n",
            ),
            (
                "srv/vendor/g/Cargo.toml",
                "[package]\nname = \"g\"\nversion = \"1.0.0\"\nlicense = \"GPL-3.0-only\"\n",
            ),
            ("srv/vendor/g/.cargo-checksum.json", r#"{"files": {}, "package": null}"#),
        ]]);
        expect![[r#"
            application:app@0.1.0 line 3 application first-party layer 0 needs [g@1.0.0, serde@1.0.200]
            pkg:cargo/g@1.0.0?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fg%40abc line 7+2 layer 0 declared `GPL-3.0-only` needs []
            pkg:cargo/serde@1.0.200 line 11+2 layer 0 declared `MIT/Apache-2.0` = MIT OR Apache-2.0 SHA-256:34af8d1a needs []
        "#]].assert_eq(&render(&bom));
    }

    #[test]
    fn a_project_without_a_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[(
                "Cargo.toml",
                "[package]\nname = \"lib\"\nversion = \"0.1.0\"\nlicense = \"MIT\"\n[dependencies]\na = \"1\"\n",
            )],
            expect![[r#"
                application:lib@0.1.0 line 2 application first-party declared `MIT`
                gap Cargo.toml:2: needs one package, and no lockfile beside says which versions
            "#]],
        );
        check(
            &ECOSYSTEM,
            &[("Cargo.toml", "[workspace]\nmembers = []\n"), ("b/Cargo.toml", "[package")],
            expect![[""]],
        );
    }

    #[test]
    fn broken_manifests_are_gaps() {
        check(
            &ECOSYSTEM,
            &[
                ("a/Cargo.toml", &manifest("[package]\nname = \"a\"\n")),
                ("b/Cargo.toml", &manifest("[package]\nname = \"b\nversion")),
                ("c/Cargo.toml", &manifest("[package]\nname = \"\"\nversion = \"1.0.0\"\n")),
                (
                    "d/Cargo.toml",
                    &manifest("[package]\nname = \"d\"\nversion = \"1.0.0\"\nlicense = 7\nauthors = \"x\"\n"),
                ),
                ("e/Cargo.toml", MARK),
                ("e/.cargo_vcs_info.json", "{"),
            ],
            expect![[r#"
                pkg:cargo/d@1.0.0 line 6 needs []
                gap a/Cargo.toml:6: `a` has no version
                gap b/Cargo.toml:7: is not the TOML expected here: key with no value, expected `=`
                gap c/Cargo.toml:6: `pkg:cargo/` is not a package URL: missing name
                gap e/Cargo.toml: describes no crate
            "#]],
        );
    }
}
