//! `.bitnami_components.json`: what Bitnami's images up to 2023 were made of.
//!
//! Later ones hold a document of SPDX for each component instead, which is read as an SBOM. The digest is of the
//! archive that was unpacked into the image.
//! Spec: <https://github.com/bitnami/containers>, whose Dockerfiles wrote it.

use serde_json::{Map, Value};

use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Hash, HashAlgorithm, Kind, Purl};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "bitnami",
    about: "components of a Bitnami image, by its .bitnami_components.json",
    reads: &["**/.bitnami_components.json"],
    beside: &[],
    spec: "https://github.com/bitnami/containers",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let components: Map<String, Value> = serde_json::from_str(&file.text())?;
    let mut parsed = Parsed::default();
    for (name, entry) in &components {
        match component(name, entry) {
            Ok(component) => parsed.packages.push(Package::new(component)),
            Err(reason) => parsed.problems.push(Problem::new(None, reason)),
        }
    }
    Ok(parsed)
}

fn component(name: &str, entry: &Value) -> Result<Component, String> {
    let field = |key: &str| entry[key].as_str().unwrap_or_default();
    let version = field("version");
    if version.is_empty() {
        return Err(format!("`{name}` has no version"));
    }
    let qualifiers = [("arch", field("arch")), ("distro", field("distro"))];
    let purl = Purl::new("bitnami", None, name, Some(version), &qualifiers);
    let mut component = Component::new(name);
    component.kind = Kind::Application;
    component.version = Some(version.to_owned());
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    component.hashes.extend(Hash::from_hex(HashAlgorithm::Sha256, field("digest")));
    Ok(component)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn each_component_is_listed_with_its_revision() {
        let components = r#"{
            "mongodb": {"arch": "amd64", "digest": "d21fc890385eae0aaa394ce6491ef304d28a5cc43f860def6badee401fe55bc5",
                        "distro": "debian-10", "type": "NAMI", "version": "4.4.11-2"},
            "yq": {"arch": "amd64", "distro": "debian-10", "type": "NAMI", "version": "4.16.2-2"}}"#;
        check(
            &ECOSYSTEM,
            &[("opt/bitnami/.bitnami_components.json", components)],
            expect![[r#"
            pkg:bitnami/mongodb@4.4.11-2?arch=amd64&distro=debian-10 application SHA-256:d21fc890
            pkg:bitnami/yq@4.16.2-2?arch=amd64&distro=debian-10 application
        "#]],
        );
    }

    #[test]
    fn one_odd_component_does_not_cost_the_rest() {
        let components = r#"{"a": {"version": "1-0", "arch": 1, "digest": "short"}, "b": [], "c": {"version": ""},
            "": {"version": "1"}, "a": {"version": "2-0"}}"#;
        check(
            &ECOSYSTEM,
            &[(".bitnami_components.json", components)],
            expect![[r#"
            pkg:bitnami/a@2-0 application
            gap .bitnami_components.json: `b` has no version
            gap .bitnami_components.json: `c` has no version
            gap .bitnami_components.json: `pkg:bitnami/` is not a package URL: missing name
        "#]],
        );
    }

    #[test]
    fn what_is_no_list_is_a_gap() {
        let deep = "[".repeat(100_000);
        check(
            &ECOSYSTEM,
            &[
                ("a/.bitnami_components.json", "{\"a\": {\"version\":"),
                ("b/.bitnami_components.json", "[]"),
                ("c/.bitnami_components.json", &format!("{{\"a\": {deep}")),
            ],
            expect![[r#"
                gap a/.bitnami_components.json:1: is not the JSON expected here: EOF while parsing a value at line 1 column 17
                gap b/.bitnami_components.json:1: is not the JSON expected here: invalid type: sequence, expected a map at line 1 column 0
                gap c/.bitnami_components.json:1: is not the JSON expected here: recursion limit exceeded at line 1 column 133
            "#]],
        );
    }
}
