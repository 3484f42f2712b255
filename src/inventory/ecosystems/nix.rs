//! Nix's store: every package is a folder `<hash>-<name>-<version>`, with its output behind unless that is the
//! main one. Images are mostly made of store folders alone; where Nix itself is there too, its database says
//! who refers to whom. Store entries without a version are settings and scripts, not packages.
//! Spec: <https://nix.dev/manual/nix/latest/store/store-path>,
//! <https://github.com/NixOS/nix/blob/master/src/libstore/schema.sql>

use std::collections::HashMap;

use super::super::{
    Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, Problems, sqlite,
};
use crate::bom::{Component, Purl};
use crate::layers::Tree;

const DATABASE: &str = "nix/var/nix/db/db.sqlite";
const STORE: &str = "nix/store/";
/// What marks a folder of the store.
const MARK: &str = "!/.folder";
/// Digits of the hash, in Nix's own base 32.
const HASH: usize = 32;

const OUTPUTS: &[&str] =
    &["bin", "data", "debug", "dev", "devdoc", "dist", "doc", "info", "lib", "man", "out", "static"];

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "nix",
    about: "packages in a Nix store",
    reads: &["**/nix/store/*!/.folder", "**/nix/var/nix/db/db.sqlite"],
    beside: &["**/nix/var/nix/db/db.sqlite-wal"],
    spec: "https://nix.dev/manual/nix/latest/store/store-path",
    parse,
    enrich,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    match file.root(DATABASE) {
        Some(root) => database(file, root, tree),
        None => {
            let package = folder(file.path).and_then(|(root, entry)| package(entry, root));
            Ok(Parsed { packages: package.into_iter().collect(), problems: Problems::new() })
        }
    }
}

/// The root and the name of a store folder, from its mark.
fn folder(path: &str) -> Option<(&str, &str)> {
    let folder = path.strip_suffix(MARK)?;
    let start = folder.rfind(STORE)?;
    Some((&folder[..start], &folder[start + STORE.len()..]))
}

/// What the name of a store entry says.
#[derive(Debug, PartialEq)]
struct Named<'a> {
    hash: &'a str,
    name: &'a str,
    version: &'a str,
    output: &'a str,
}

impl<'a> Named<'a> {
    /// The version begins at the first dash that no letter follows.
    fn of(entry: &'a str) -> Option<Self> {
        let (hash, rest) = entry.split_at_checked(HASH)?;
        let rest = rest.strip_prefix('-').filter(|rest| !rest.ends_with(".drv"))?;
        let is_hash = hash.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
        let begins = |(at, _): &(usize, &str)| rest[at + 1..].starts_with(|next: char| next.is_ascii_digit());
        let (at, _) = rest.match_indices('-').find(begins)?;
        let (name, version) = (&rest[..at], &rest[at + 1..]);
        let (version, output) = match version.rsplit_once('-') {
            Some((version, output)) if OUTPUTS.contains(&output) => (version, output),
            _ => (version, ""),
        };
        (is_hash && !name.is_empty()).then_some(Self { hash, name, version, output })
    }
}

fn package(entry: &str, root: &str) -> Option<Package> {
    let named = Named::of(entry)?;
    let qualifiers = [("output", named.output), ("outputhash", named.hash)];
    let mut component = Component::new(named.name);
    component.version = Some(named.version.to_owned());
    component.purl = Purl::new("nix", None, named.name, Some(named.version), &qualifiers).ok();
    let mut package = Package::new(component);
    package.addresses = vec![address(root, entry)];
    Some(package)
}

fn address(root: &str, entry: &str) -> String {
    format!("nix:{root}:{entry}")
}

fn database(file: &File<'_>, root: &str, tree: &Tree) -> Result<Parsed, ParseError> {
    let wal = tree.read(&format!("{}-wal", file.path));
    let rows = |table| sqlite::rows(file.bytes, wal, table);
    let paths = rows("ValidPaths").map_err(|reason| ParseError::new(None, reason))?;
    let references = rows("Refs").unwrap_or_default();
    let mut parsed = Parsed::default();
    let problems = paths.problems.into_iter().chain(references.problems);
    parsed.problems.extend(problems.map(|reason| Problem::new(None, reason)));
    let entries: HashMap<i64, String> = paths
        .rows
        .iter()
        .filter_map(|row| Some((row.id, row.text(1)?.rsplit('/').next()?.to_owned())))
        .collect();
    let mut needs: HashMap<i64, Vec<Need>> = HashMap::new();
    for row in &references.rows {
        if let (Some(from), Some(to)) = (row.integer(0), row.integer(1).and_then(|to| entries.get(&to))) {
            needs.entry(from).or_default().push(Need::of(address(root, to)));
        }
    }
    for row in &paths.rows {
        let Some(mut package) = entries.get(&row.id).and_then(|entry| package(entry, root)) else { continue };
        package.needs = Some(needs.remove(&row.id).unwrap_or_default());
        parsed.packages.push(package);
    }
    Ok(parsed)
}

/// Everything in its folder is a package's own.
fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    if let Some(folder) = file.path.strip_suffix(MARK) {
        let owned = tree.below(folder).map(|(path, _)| OwnedFile { path: path.into(), digest: None });
        package.files = owned.collect();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::super::sqlite::testing::{record, tables};
    use super::super::testing::{check, check_bytes};
    use super::*;

    const GLIBC: &str = "h0cnbmfcn93xm5dg2x27ixhag1cwndga-glibc-2.34-210-bin";
    const BASH: &str = "5av396z8xa13jg89g9jws145c0k26k2x-bash-interactive-5.2p26";

    #[test]
    fn a_folder_names_package_version_and_output() {
        check(
            &ECOSYSTEM,
            &[
                (&format!("nix/store/{GLIBC}!/.folder"), ""),
                (&format!("srv/nix/store/{BASH}!/.folder"), ""),
                ("nix/store/jq8i4896sgmgbkk7nbjrnidxpxmgcid5-etc-hosts!/.folder", ""),
                ("nix/store/.links!/.folder", ""),
            ],
            expect![[r#"
                pkg:nix/bash-interactive@5.2p26?outputhash=5av396z8xa13jg89g9jws145c0k26k2x
                pkg:nix/glibc@2.34-210?output=bin&outputhash=h0cnbmfcn93xm5dg2x27ixhag1cwndga
            "#]],
        );
        let named = |entry| Named::of(entry).map(|named| (named.name, named.version, named.output));
        assert_eq!(
            named("jq8i4896sgmgbkk7nbjrnidxpxmgcid5-python3.11-requests-2.31.0"),
            Some(("python3.11-requests", "2.31.0", ""))
        );
        assert_eq!(named("jq8i4896sgmgbkk7nbjrnidxpxmgcid5-glibc-2.34-210.drv"), None);
    }

    #[test]
    fn the_database_says_who_refers_to_whom() {
        let text = |text: &str| (13 + 2 * text.len(), text.as_bytes().to_vec());
        let row = |columns: &[(usize, Vec<u8>)]| {
            let columns: Vec<(usize, &[u8])> =
                columns.iter().map(|(kind, bytes)| (*kind, bytes.as_slice())).collect();
            record(&columns)
        };
        let path = |entry: &str| row(&[(0, Vec::new()), text(&format!("/nix/store/{entry}"))]);
        let reference = |from: u8, to: u8| row(&[(1, vec![from]), (1, vec![to])]);
        let database = tables(&[
            ("ValidPaths", &[path(GLIBC), path(BASH), path("jq8i4896sgmgbkk7nbjrnidxpxmgcid5-source")]),
            ("Refs", &[reference(2, 1), reference(2, 2), reference(2, 3), reference(9, 1)]),
        ]);
        check_bytes(
            &ECOSYSTEM,
            &[("nix/var/nix/db/db.sqlite", &database), (&format!("nix/store/{BASH}!/.folder"), b"")],
            expect![[r#"
                pkg:nix/bash-interactive@5.2p26?outputhash=5av396z8xa13jg89g9jws145c0k26k2x needs [glibc@2.34-210]
                pkg:nix/glibc@2.34-210?output=bin&outputhash=h0cnbmfcn93xm5dg2x27ixhag1cwndga needs []
            "#]],
        );
    }

    #[test]
    fn what_is_no_database_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("nix/var/nix/db/db.sqlite", "SQLite format 3\0")],
            expect![[r#"
            gap nix/var/nix/db/db.sqlite: is cut before its first page, or has pages of no sound size
        "#]],
        );
        assert_eq!(Named::of("é".repeat(40).as_str()), None);
        assert_eq!(Named::of("h0cnbmfcn93xm5dg2x27ixhag1cwndga-"), None);
    }
}
