//! `manifest.wall`: which parts of which packages Chisel cut out of Ubuntu into an image without dpkg.
//!
//! zstd, in it one JSON object a line. A package is in slices (`openssl_bins` is one of `openssl`), and every
//! path says to which slices it belongs. What a package needs is not said.
//! Spec: <https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/>

use std::collections::HashMap;
use std::io::Read;

use serde::Deserialize;

use super::super::distro::{Distro, Family};
use super::super::{Ecosystem, File, OwnedFile, Package, ParseError, Parsed, Problem, deb_copyright};
use crate::bom::{Component, Hash, HashAlgorithm, Purl};
use crate::layers::Tree;

const MANIFEST: &str = "var/lib/chisel/manifest.wall";

/// Chisel knows no other distribution.
const UNKNOWN_DISTRO: &str = "ubuntu";

/// A manifest of every slice there is has a few megabytes.
const MAX_MANIFEST: u64 = 256 << 20;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "chisel",
    about: "slices of Ubuntu's packages (chiselled images)",
    reads: &["**/var/lib/chisel/manifest.wall"],
    beside: &["**/etc/os-release", "**/usr/lib/os-release", "**/usr/share/doc/*/copyright"],
    spec: "https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/",
    parse,
    enrich,
};

/// A line. Which fields it has depends on its kind.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    arch: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    slices: Vec<String>,
    #[serde(default)]
    sha256: String,
    /// Where Chisel changed the file after it was cut out.
    #[serde(default)]
    final_sha256: String,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let root = file.root(MANIFEST).unwrap_or_default();
    let mut text = Vec::new();
    let read = zstd::stream::read::Decoder::new(file.bytes)
        .and_then(|decoder| decoder.take(MAX_MANIFEST).read_to_end(&mut text));
    let mut parsed = Parsed::default();
    if let Err(error) = read {
        if text.is_empty() {
            return Err(ParseError::new(None, format!("is no zstd: {error}")));
        }
        parsed.problems.push(Problem::new(None, "is cut"));
    }
    let mut owned: HashMap<String, Vec<OwnedFile>> = HashMap::new();
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice::<Line>(line) {
            Ok(line) if line.kind == "package" => match package(&line, number, root, tree) {
                Ok(package) => parsed.packages.push(package),
                Err(reason) => parsed.problems.push(Problem::new(number, reason)),
            },
            Ok(line) if line.kind == "path" => own(&line, root, &mut owned),
            Ok(_) => {}
            Err(_) => parsed.problems.push(Problem::new(number, "is not a JSON object")),
        }
    }
    for package in &mut parsed.packages {
        package.files = owned.remove(&package.component.name).unwrap_or_default();
    }
    Ok(parsed)
}

fn package(line: &Line, number: u32, root: &str, tree: &Tree) -> Result<Package, String> {
    let distro = Distro::of(tree, root).filter(|distro| distro.may_be(Family::Deb));
    let vendor = distro.as_ref().and_then(Distro::id).unwrap_or_else(|| UNKNOWN_DISTRO.to_owned());
    let distro = distro.as_ref().and_then(Distro::qualifier).unwrap_or_default();
    if line.version.is_empty() {
        return Err("a package without version".to_owned());
    }
    let qualifiers = [("arch", line.arch.as_str()), ("distro", distro.as_str())];
    let purl = Purl::new("deb", Some(&vendor), &line.name, Some(&line.version), &qualifiers)
        .map_err(|error| error.to_string())?;
    let mut component = Component::new(&line.name);
    component.version = Some(line.version.clone());
    component.purl = Some(purl);
    component.hashes.extend(Hash::from_hex(HashAlgorithm::Sha256, &line.sha256));
    let mut package = Package::new(component);
    package.line = Some(number);
    package.addresses = vec![format!("deb:{root}:{}", line.name)];
    Ok(package)
}

fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    let root = file.root(MANIFEST).unwrap_or_default();
    deb_copyright::claim(package, tree, root);
    Vec::new()
}

fn own(line: &Line, root: &str, owned: &mut HashMap<String, Vec<OwnedFile>>) {
    let path = line.path.trim_start_matches('/');
    if path.is_empty() || path.ends_with('/') {
        return;
    }
    let digest = if line.final_sha256.is_empty() { &line.sha256 } else { &line.final_sha256 };
    let file = OwnedFile {
        path: format!("{root}{path}").into(),
        digest: Hash::from_hex(HashAlgorithm::Sha256, digest),
    };
    let mut packages: Vec<&str> = line.slices.iter().filter_map(|slice| slice.split('_').next()).collect();
    packages.sort_unstable();
    packages.dedup();
    for package in packages {
        owned.entry(package.to_owned()).or_default().push(file.clone());
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check_bytes, owned};
    use super::*;

    const OS: (&str, &[u8]) = ("etc/os-release", b"ID=ubuntu\nID_LIKE=debian\nVERSION_ID=24.04\n");

    const SHA: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn wall(lines: &[&str]) -> Vec<u8> {
        let text = lines.join("\n").replace("SHA", SHA);
        zstd::encode_all(text.as_bytes(), 1).expect("memory")
    }

    #[test]
    fn packages_are_listed_and_own_what_their_slices_hold() {
        let wall = wall(&[
            r#"{"jsonwall":"1.0","schema":"1.0","count":5}"#,
            r#"{"kind":"content","slice":"openssl_bins","path":"/usr/bin/openssl"}"#,
            r#"{"kind":"package","name":"libc6","version":"2.39-0ubuntu8.4","sha256":"SHA","arch":"amd64"}"#,
            r#"{"kind":"package","name":"openssl","version":"3.0.13-0ubuntu3.5","sha256":"SHA","arch":"amd64"}"#,
            r#"{"kind":"path","path":"/usr/","mode":"0755","slices":["libc6_libs","openssl_bins"]}"#,
            r#"{"kind":"path","path":"/usr/bin/openssl","mode":"0755","slices":["openssl_bins","openssl_all"],"sha256":"ff","final_sha256":"SHA","size":1}"#,
            r#"{"kind":"path","path":"/lib","mode":"0777","slices":["libc6_libs"],"link":"usr/lib"}"#,
        ]);
        check_bytes(
            &ECOSYSTEM,
            &[OS, ("var/lib/chisel/manifest.wall", &wall)],
            expect![[r#"
            pkg:deb/ubuntu/libc6@2.39-0ubuntu8.4?arch=amd64&distro=ubuntu-24.04 line 3 SHA-256:01234567
            pkg:deb/ubuntu/openssl@3.0.13-0ubuntu3.5?arch=amd64&distro=ubuntu-24.04 line 4 SHA-256:01234567
        "#]],
        );
        expect![[r#"
            libc6
              x/lib
            openssl
              x/usr/bin/openssl SHA-256:01234567
        "#]]
        .assert_eq(&owned(&ECOSYSTEM, &[("x/var/lib/chisel/manifest.wall", &wall)]));
    }

    #[test]
    fn a_broken_line_is_a_gap_and_the_rest_is_read() {
        let wall = wall(&[
            r#"{"kind":"package","name":"a"}"#,
            "",
            "nonsense",
            r#"{"kind":"package","name":"libc6","version":"1","arch":"amd64"}"#,
        ]);
        check_bytes(
            &ECOSYSTEM,
            &[("var/lib/chisel/manifest.wall", &wall)],
            expect![[r#"
            pkg:deb/ubuntu/libc6@1?arch=amd64 line 4
            gap var/lib/chisel/manifest.wall:1: a package without version
            gap var/lib/chisel/manifest.wall:3: is not a JSON object
        "#]],
        );
    }

    #[test]
    fn what_is_no_manifest_is_a_gap() {
        check_bytes(
            &ECOSYSTEM,
            &[("var/lib/chisel/manifest.wall", b"rubbish")],
            expect![[r#"
            gap var/lib/chisel/manifest.wall: is no zstd: Unknown frame descriptor
        "#]],
        );
        let wall = wall(&[r#"{"kind":"package","name":"libc6","version":"1","arch":"amd64"}"#]);
        check_bytes(
            &ECOSYSTEM,
            &[("var/lib/chisel/manifest.wall", &wall[..wall.len() - 6])],
            expect![[r#"
            gap var/lib/chisel/manifest.wall: is cut
            gap var/lib/chisel/manifest.wall:1: is not a JSON object
        "#]],
        );
    }
}
