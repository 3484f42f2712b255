//! A digest over what is installed of a package, where somebody asked for it.
//!
//! Ecosystems rarely record a digest of the package itself, and never one of what lies on the disk. The digest is
//! that of SPDX's package verification code with better algorithms: the digests of all files of the package, in
//! lowercase hexadecimal, sorted, joined without anything between them, and digested. Names do not count, nor
//! links. A package that is one file has that file's own digest.
//! Spec: <https://spdx.github.io/spdx-spec/v3.0.1/model/Core/Classes/PackageVerificationCode/>
//!
//! What Python compiled for itself (`__pycache__`) is left out: its bytes hold the time at which that happened. A
//! package of which copies differ has no digest, because none would be the package's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256, Sha512};

use super::owners::Folders;
use super::{Extent, Found};
use crate::bom::{Components, Hash, HashAlgorithm, Ref};
use crate::layers::{DIGESTS, Tree};

/// The digests of one file, in hexadecimal.
struct Digests<'a> {
    sha256: &'a str,
    sha512: &'a str,
}

/// Notes the digests of each component's contents, of its copies if they agree.
pub(super) fn note(components: &mut Components, found: &[Found], tree: &Tree) {
    let mut folders = Folders::of(tree);
    let mut copies: BTreeMap<Ref, Vec<(Vec<Hash>, bool)>> = BTreeMap::new();
    for found in found {
        let digested = match &found.extent {
            Some(Extent::File(path)) => digests(path, tree).map(|digests| (of_file(&digests), true)),
            Some(Extent::Folder(folder)) => of_all(in_folder(folder, tree)),
            None => {
                let files = found.files.iter().filter(|file| !is_compiled(&file.path));
                let paths: Vec<Cow<'_, str>> = files.map(|file| folders.real(&file.path)).collect();
                of_all(paths.iter().filter_map(|path| digests(path, tree)))
            }
        };
        if let Some(digested) = digested {
            copies.entry(found.component.reference()).or_default().push(digested);
        }
    }
    for (reference, mut copies) in copies {
        let Some(component) = components.get_mut(&reference) else { continue };
        copies.sort();
        copies.dedup();
        if let [(hashes, is_file)] = copies.as_mut_slice() {
            match is_file {
                true => component.hashes.append(hashes),
                false => component.contents = std::mem::take(hashes).into(),
            }
            if component.hashes.len() > 1 {
                component.hashes.sort();
                component.hashes.dedup();
            }
        }
    }
}

fn digests<'a>(path: &str, tree: &'a Tree) -> Option<Digests<'a>> {
    read(tree.read(&format!("{path}!/{DIGESTS}"))?)
}

/// `None` where the contents were digested to be compared only.
fn read(lines: &[u8]) -> Option<Digests<'_>> {
    let lines = std::str::from_utf8(lines).ok()?;
    let of = |name: &str| {
        let found = lines.lines().filter_map(|line| line.split_once(' ')).find(|(known, _)| *known == name);
        found.map(|(_, hex)| hex)
    };
    Some(Digests { sha256: of("sha256")?, sha512: of("sha512")? })
}

/// Files below a folder, but what is installed for it.
fn in_folder<'a>(folder: &str, tree: &'a Tree) -> impl Iterator<Item = Digests<'a>> {
    let start = folder.len();
    let is_own = move |path: &str| {
        let file = path.strip_suffix(DIGESTS).and_then(|path| path.strip_suffix("!/"));
        file.and_then(|file| file.get(start..)).is_some_and(|file| {
            !file.contains("!/") && !is_compiled(file) && !file.contains("/node_modules/")
        })
    };
    tree.below(folder).filter(move |(path, _)| is_own(path)).filter_map(|(_, lines)| read(lines))
}

fn is_compiled(path: &str) -> bool {
    path.contains("/__pycache__/")
}

fn of_file(digests: &Digests) -> Vec<Hash> {
    [(HashAlgorithm::Sha256, digests.sha256), (HashAlgorithm::Sha512, digests.sha512)]
        .into_iter()
        .filter_map(|(algorithm, hex)| Hash::from_hex(algorithm, hex))
        .collect()
}

/// `None` where there are no files.
fn of_all<'a>(files: impl Iterator<Item = Digests<'a>>) -> Option<(Vec<Hash>, bool)> {
    let (mut sha256, mut sha512): (Vec<&str>, Vec<&str>) =
        files.map(|digests| (digests.sha256, digests.sha512)).unzip();
    if sha256.is_empty() {
        return None;
    }
    sha256.sort_unstable();
    sha512.sort_unstable();
    let hashes = [
        (HashAlgorithm::Sha256, hex(&Sha256::digest(sha256.concat()))),
        (HashAlgorithm::Sha512, hex(&Sha512::digest(sha512.concat()))),
    ];
    let hashes = hashes.into_iter().filter_map(|(algorithm, hex)| Hash::from_hex(algorithm, &hex));
    Some((hashes.collect(), false))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use crate::bom::Bom;
    use crate::inventory::ecosystems::testing::layered;

    /// A file's entry: every digit of its digests is this one.
    fn digests(digit: char) -> String {
        let of = |length: usize| digit.to_string().repeat(length);
        format!("sha256 {}\nsha512 {}\n", of(64), of(128))
    }

    fn of(bom: &Bom, name: &str) -> (Vec<String>, Vec<String>) {
        let component = bom.components.values().find(|component| component.name == name).expect(name);
        let short = |hashes: &[super::Hash]| {
            hashes.iter().map(|hash| format!("{}:{}", hash.algorithm.name(), &hash.hex[..8])).collect()
        };
        (short(&component.hashes), short(&component.contents))
    }

    #[test]
    fn contents_are_those_of_the_files_whatever_their_order_and_names() {
        let status = "Package: ls\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n";
        let (a, b) = (digests('a'), digests('b'));
        let with = |first: &str, second: &str| {
            let bom = layered(&[&[
                ("bin", "->usr/bin"),
                ("var/lib/dpkg/status", status),
                (
                    "var/lib/dpkg/info/ls.list",
                    "/.\n/bin/ls\n/bin/dir\n/usr/lib/__pycache__/x.pyc\n/usr/gone\n",
                ),
                ("usr/bin/ls!/.digests", first),
                ("usr/bin/dir!/.digests", second),
                ("usr/lib/__pycache__/x.pyc!/.digests", &digests('c')),
            ]]);
            of(&bom, "ls")
        };
        // printf '%s%s' aa…a bb…b | sha256sum
        let expected = (vec![], vec!["SHA-256:fa0dafbf".to_owned(), "SHA-512:3e2eb47a".to_owned()]);
        assert_eq!(with(&a, &b), expected);
        assert_eq!(with(&b, &a), expected);
        assert_ne!(with(&a, &a), expected);
        assert_eq!(with("sha256 aa\n", "md5 aa\n"), (vec![], vec![]), "they were taken to be compared only");
    }

    #[test]
    fn a_folder_is_a_package_but_for_what_is_installed_for_it() {
        let (a, b) = (digests('a'), digests('b'));
        let with = |inner: &str, copy: &str| {
            let manifest = r#"{"name": "x", "version": "1.0.0"}"#;
            layered(&[&[
                ("srv/node_modules/x/package.json", manifest),
                ("srv/node_modules/x/package.json!/.digests", &a),
                ("srv/node_modules/x/lib/index.js!/.digests", &b),
                ("srv/node_modules/x/node_modules/y/package.json", r#"{"name": "y", "version": "1.0.0"}"#),
                ("srv/node_modules/x/node_modules/y/package.json!/.digests", inner),
                ("opt/node_modules/x/package.json", manifest),
                ("opt/node_modules/x/package.json!/.digests", &a),
                ("opt/node_modules/x/lib/index.js!/.digests", copy),
            ]])
        };
        let one = with(&a, &b);
        assert_eq!(of(&one, "x").1, ["SHA-256:fa0dafbf", "SHA-512:3e2eb47a"]);
        let other = with(&b, &b);
        assert_eq!(of(&one, "x"), of(&other, "x"));
        assert_ne!(of(&one, "y"), of(&other, "y"));
        assert_eq!(of(&with(&a, &a), "x"), (vec![], vec![]), "copies differ");
    }

    #[test]
    fn what_is_one_file_has_its_digests() {
        let bom = layered(&[&[
            ("opt/node!/.fingerprint", "node 18.0.0\n"),
            ("opt/node!/.digests", &digests('a')),
            ("opt/both!/.fingerprint", "openssl 3.0.0\nnginx 1.25.0\n"),
            ("opt/both!/.digests", &digests('a')),
        ]]);
        assert_eq!(
            of(&bom, "node"),
            (vec!["SHA-256:aaaaaaaa".to_owned(), "SHA-512:aaaaaaaa".to_owned()], vec![])
        );
        assert_eq!(of(&bom, "nginx"), (vec![], vec![]));
    }
}
