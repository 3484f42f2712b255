//! `packages.config`: the packages of an older .NET project, all of them with their exact versions.
//!
//! It says neither what needs what nor who asked; what is only for development it says.
//! Spec: <https://learn.microsoft.com/nuget/reference/packages-config>

use roxmltree::{Document, Node};

use super::super::nuget;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Presence, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "nuget-packages-config",
    about: "packages of .NET projects listed in packages.config",
    reads: &["**/packages.config", "**/packages.*.config"],
    beside: &[],
    spec: "https://learn.microsoft.com/nuget/reference/packages-config",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let document = Document::parse(&text).map_err(|error| {
        ParseError::new(error.pos().row, format!("is not the XML expected here: {error}"))
    })?;
    let root = document.root_element();
    let mut parsed = Parsed::default();
    if root.tag_name().name() != "packages" {
        return Err(ParseError::new(1, "has no `packages` at its root"));
    }
    for node in root.children().filter(|node| node.tag_name().name() == "package") {
        let line = document.text_pos_at(node.range().start).row;
        match package(node, line) {
            Ok(package) => parsed.packages.push(package),
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    Ok(parsed)
}

fn package(node: Node<'_, '_>, line: u32) -> Result<Package, String> {
    let attribute = |name| node.attribute(name).map(str::trim).filter(|text: &&str| !text.is_empty());
    let (Some(id), Some(version)) = (attribute("id"), attribute("version")) else {
        return Err("a package without id or version".to_owned());
    };
    let mut package = Package::new(nuget::named(id, version, "", Presence::Declared)?);
    package.line = Some(line);
    let is_dev = attribute("developmentDependency").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    package.scope = Some(if is_dev { Scope::Dev } else { Scope::Required });
    Ok(package)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn packages_and_what_is_for_development() {
        let config = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<packages>\r\n  \
            <package id=\"Newtonsoft.Json\" version=\"8.0.3\" allowedVersions=\"[8,10)\" targetFramework=\"net46\" />\r\n  \
            <!-- tools -->\r\n  <package id=\"Microsoft.Net.Compilers\" version=\"1.0.0\" developmentDependency=\"True\" />\r\n</packages>\r\n";
        check(
            &ECOSYSTEM,
            &[("packages.config", config)],
            expect![[r#"
            pkg:nuget/Microsoft.Net.Compilers@1.0.0 line 5 dev
            pkg:nuget/Newtonsoft.Json@8.0.3 line 3
        "#]],
        );
    }

    #[test]
    fn what_has_no_version_is_a_gap() {
        let config = "<packages>\n<package id=\"A\"/>\n<package id=\"$(B)\" version=\"1\"/><other/><package id=\"C\" version=\"2.0-beta\"></package></packages>";
        check(
            &ECOSYSTEM,
            &[("packages.config", config)],
            expect![[r#"
            pkg:nuget/C@2.0-beta line 3
            gap packages.config:2: a package without id or version
            gap packages.config:3: `$(B)` is no name of a package
        "#]],
        );
    }

    #[test]
    fn what_is_no_packages_config_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("a/packages.config", "<packages>\n<package id=\"A\" version=\"1\" />\n"),
                ("b/packages.config", "<configuration/>"),
                ("c/packages.config", "<!DOCTYPE x [<!ENTITY a \"b\">]><packages>&a;</packages>"),
            ],
            expect![[r#"
                gap a/packages.config:1: is not the XML expected here: the root node was opened but never closed
                gap b/packages.config:1: has no `packages` at its root
                gap c/packages.config:1: is not the XML expected here: XML with DTD detected
            "#]],
        );
    }
}
