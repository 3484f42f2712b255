//! Gradle's `verification-metadata.xml`: the digests of everything a build has fetched.
//!
//! That is more than the build's own libraries: its plugins are there, and what only one configuration needed.
//! Parents and bills of materials, of which only the project file was fetched, are no libraries and passed
//! over.
//! Spec: <https://docs.gradle.org/current/userguide/dependency_verification.html>

use roxmltree::{Document, Node, ParsingOptions};

use super::super::lines::Lines;
use super::super::maven::{Coordinates, is_plain};
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Hash, HashAlgorithm, Presence};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "gradle-verification",
    about: "artefacts whose digests Gradle verifies",
    reads: &["**/gradle/verification-metadata.xml"],
    beside: &[],
    spec: "https://docs.gradle.org/current/userguide/dependency_verification.html",
    parse,
    enrich: nothing_beside,
};

/// No honest file has more elements.
const MOST_NODES: u32 = 2_000_000;

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options).map_err(|error| {
        ParseError::new(error.pos().row, format!("is not the XML expected here: {error}"))
    })?;
    let lines = Lines::of(&text);
    let mut parsed = Parsed::default();
    let lists = children(document.root_element(), "components");
    for component in lists.flat_map(|list| children(list, "component")) {
        let line = lines.line(component.range().start);
        if !children(component, "artifact").any(|artifact| is_library(&artifact)) {
            continue;
        }
        match package(component) {
            Ok(mut package) => {
                package.line = Some(line);
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    Ok(parsed)
}

fn children<'a, 'input>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

fn is_library(artifact: &Node<'_, '_>) -> bool {
    artifact.attribute("name").is_some_and(|name| !name.ends_with(".pom") && !name.ends_with(".module"))
}

fn package(node: Node<'_, '_>) -> Result<Package, String> {
    let text = |key: &str| node.attribute(key).unwrap_or_default().to_owned();
    let (group, artifact, version) = (text("group"), text("name"), text("version"));
    if ![&group, &artifact, &version].into_iter().all(|part| is_plain(part)) {
        return Err("a component has no group, name or version".to_owned());
    }
    // Digests are those of single files: of the library itself, where it has one.
    let own = format!("{artifact}-{version}.jar");
    let coordinates = Coordinates { group, artifact, version: Some(version) };
    let mut component = coordinates.component("", "")?;
    component.presence = Presence::Declared;
    let library =
        children(node, "artifact").find(|artifact| artifact.attribute("name") == Some(own.as_str()));
    component.hashes.extend(library.into_iter().flat_map(|library| library.children()).filter_map(
        |digest| {
            let algorithm = HashAlgorithm::from_name(digest.tag_name().name())?;
            Hash::from_hex(algorithm, digest.attribute("value")?)
        },
    ));
    Ok(Package::new(component))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const HEAD: &str = "<verification-metadata xmlns=\"https://schema.gradle.org/dependency-verification\">\n\
                        <configuration><verify-metadata>true</verify-metadata></configuration>\n<components>\n";

    #[test]
    fn libraries_are_listed_with_their_digest() {
        let file = format!(
            "{HEAD}<component group=\"org.apache.pdfbox\" name=\"pdfbox\" version=\"2.0.17\">\
             <artifact name=\"pdfbox-2.0.17.jar\"><sha256 value=\"34af8d1a0e25924bc5b7c43c079c942339d8f0a8b57c39049bef581b46327404\" origin=\"x\"/></artifact>\
             <artifact name=\"pdfbox-2.0.17.pom\"><sha1 value=\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"/></artifact></component>\n\
             <component group=\"org.apache\" name=\"apache\" version=\"21\"><artifact name=\"apache-21.pom\"/></component>\n\
             </components></verification-metadata>"
        );
        check(
            &ECOSYSTEM,
            &[("gradle/verification-metadata.xml", &file)],
            expect![[r#"
            pkg:maven/org.apache.pdfbox/pdfbox@2.0.17 line 4 SHA-256:34af8d1a
        "#]],
        );
    }

    #[test]
    fn a_library_may_be_known_by_its_signature_only() {
        let file = format!(
            "{HEAD}<component group=\"g\" name=\"a\" version=\"1\"><artifact name=\"a-1.aar\"><pgp value=\"8756c4f7\"/></artifact>\
             </component></components></verification-metadata>"
        );
        check(
            &ECOSYSTEM,
            &[("app/gradle/verification-metadata.xml", &file)],
            expect![[r#"
            pkg:maven/g/a@1 line 4
        "#]],
        );
    }

    #[test]
    fn what_is_broken_is_a_gap() {
        let file = format!(
            "{HEAD}<component name=\"a\"><artifact name=\"a.jar\"/></component></components></verification-metadata>"
        );
        check(
            &ECOSYSTEM,
            &[
                ("gradle/verification-metadata.xml", &file),
                ("x/gradle/verification-metadata.xml", "<a><b></a>"),
            ],
            expect![[r#"
                gap gradle/verification-metadata.xml:4: a component has no group, name or version
                gap x/gradle/verification-metadata.xml:1: is not the XML expected here: expected 'b' tag, not 'a' at 1:7
            "#]],
        );
    }
}
