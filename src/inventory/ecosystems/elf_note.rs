//! The package note of an executable: the distribution's package that it was built in, as JSON.
//!
//! It stays with a program that was copied out of its package, into an image of another distribution even; so
//! it names its distribution itself. Where the package is installed too, both are one component.
//! Spec: <https://systemd.io/ELF_PACKAGE_METADATA/>

use serde::Deserialize;

use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Purl, Technique};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "elf-note",
    about: "packages named in the notes of executables",
    reads: &["**/*!/.note.package"],
    beside: &[],
    spec: "https://systemd.io/ELF_PACKAGE_METADATA/",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    /// `rpm`, `deb`; may be absent.
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    version: Option<String>,
    architecture: Option<String>,
    os: Option<String>,
    os_version: Option<String>,
    purl: Option<String>,
}

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let note: Note = serde_json::from_slice(file.bytes)?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let mut parsed = Parsed::default();
    let (Some(name), Some(version)) = (given(&note.name), given(&note.version)) else {
        parsed.problems.push(Problem::new(None, "the package note has no name or no version"));
        return Ok(parsed);
    };
    match purl(&note, &name, &version) {
        Ok(purl) => {
            let mut component = Component::new(&name);
            component.version = Some(version);
            component.purl = Some(purl);
            let mut package = Package::new(component);
            package.technique = Technique::BinaryAnalysis;
            parsed.packages.push(package);
        }
        Err(reason) => parsed.problems.push(Problem::new(None, reason)),
    }
    Ok(parsed)
}

/// The package URL that the note has, or one of what it says.
fn purl(note: &Note, name: &str, version: &str) -> Result<Purl, String> {
    if let Some(purl) = note.purl.as_deref().and_then(|text| text.parse().ok()) {
        return Ok(purl);
    }
    let text = |field: &Option<String>| field.as_deref().unwrap_or_default().to_owned();
    let (kind, os, os_version) = (text(&note.kind), text(&note.os).to_lowercase(), text(&note.os_version));
    let distro =
        if os.is_empty() || os_version.is_empty() { os.clone() } else { format!("{os}-{os_version}") };
    // Debian writes the architecture in its own words, rpm in the kernel's; the note has the package's.
    let qualifiers = [("arch", text(&note.architecture)), ("distro", distro)];
    let qualifiers = qualifiers.each_ref().map(|(key, value)| (*key, value.as_str()));
    let kind = if kind.is_empty() { "generic" } else { &kind };
    // An epoch is a qualifier of rpm's purls, and part of the version of others.
    match version.split_once(':').filter(|(epoch, _)| kind == "rpm" && epoch.parse::<u32>().is_ok()) {
        Some((epoch, version)) => {
            let epoch = if epoch == "0" { "" } else { epoch };
            let qualifiers = [qualifiers[0], qualifiers[1], ("epoch", epoch)];
            Purl::new(kind, Some(&os), name, Some(version), &qualifiers)
        }
        None => Purl::new(kind, Some(&os), name, Some(version), &qualifiers),
    }
    .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn the_package_of_a_program_is_listed() {
        let note = r#"{"type":"rpm","name":"coreutils","version":"9.3-5.fc39","architecture":"x86_64","os":"fedora","osVersion":"39","osCpe":"cpe:/o:fedoraproject:fedora:39"}"#;
        check(
            &ECOSYSTEM,
            &[("usr/bin/ls!/.note.package", note)],
            expect![[r#"
            pkg:rpm/fedora/coreutils@9.3-5.fc39?arch=x86_64&distro=fedora-39
        "#]],
        );
    }

    #[test]
    fn an_epoch_a_purl_and_no_type() {
        check(
            &ECOSYSTEM,
            &[
                ("a!/.note.package", r#"{"type":"rpm","name":"bind","version":"32:9.18.1-1","os":"fedora"}"#),
                (
                    "b!/.note.package",
                    r#"{"name":"tool","version":"1.0","purl":"pkg:github/example/tool@1.0"}"#,
                ),
                ("c!/.note.package", r#"{"name":"tool","version":"2.0"}"#),
                (
                    "d!/.note.package",
                    r#"{"type":"deb","name":"hello","version":"1:2.10-3","architecture":"amd64","os":"Debian","osVersion":"13"}"#,
                ),
            ],
            expect![[r#"
                pkg:deb/debian/hello@1:2.10-3?arch=amd64&distro=debian-13
                pkg:generic/tool@2.0
                pkg:github/example/tool@1.0
                pkg:rpm/fedora/bind@9.18.1-1?distro=fedora&epoch=32
            "#]],
        );
    }

    #[test]
    fn a_note_without_a_name_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("a!/.note.package", "{\"type\":\"rpm\"}"),
                ("b!/.note.package", "{"),
                ("c!/.note.package", "[]"),
            ],
            expect![[r#"
                gap a!/.note.package: the package note has no name or no version
                gap b!/.note.package:1: is not the JSON expected here: EOF while parsing an object at line 1 column 1
                gap c!/.note.package:1: is not the JSON expected here: invalid length 0, expected struct Note with 7 elements at line 1 column 2
            "#]],
        );
    }
}
