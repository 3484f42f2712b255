//! The list of crates that cargo-auditable leaves in a Rust program.
//!
//! It says of each crate whether it came from crates.io; of others it does not say from where, so they have no
//! purl: one without a word on the source would say that crates.io has them. What was needed only to build
//! (macros, build scripts) is in the list, and marked.
//! Spec: <https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>

use serde::Deserialize;

use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Kind, Purl, Scope, Technique};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "cargo-auditable",
    about: "crates linked into Rust programs built with cargo-auditable",
    reads: &["**/*!/.dep-v0"],
    beside: &[],
    spec: "https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
struct List {
    packages: Vec<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    #[serde(default)]
    source: String,
    /// `runtime` where absent.
    #[serde(default)]
    kind: String,
    /// Places in the list.
    #[serde(default)]
    dependencies: Vec<usize>,
    #[serde(default)]
    root: bool,
}

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let list: List = serde_json::from_slice(file.bytes)?;
    let mut parsed = Parsed::default();
    let count = list.packages.len();
    for (index, krate) in list.packages.iter().enumerate() {
        match package(file.path, index, krate, count) {
            Ok(package) => parsed.packages.push(package),
            Err(reason) => parsed.problems.push(Problem::new(None, reason)),
        }
        if krate.dependencies.iter().any(|place| *place >= count) {
            let reason = format!("`{}` needs a crate that is not in the list", krate.name);
            parsed.problems.push(Problem::new(None, reason));
        }
    }
    Ok(parsed)
}

fn package(path: &str, index: usize, krate: &Crate, count: usize) -> Result<Package, String> {
    if krate.name.is_empty() || krate.version.is_empty() {
        return Err(format!("crate {index} has no name or no version"));
    }
    let mut component = Component::new(&krate.name);
    component.version = Some(krate.version.clone());
    if krate.root {
        component.kind = Kind::Application;
    }
    if krate.source == "crates.io" {
        let purl = Purl::new("cargo", None, &krate.name, Some(&krate.version), &[]);
        component.purl = Some(purl.map_err(|error| error.to_string())?);
    }
    let address = |place: usize| format!("cargo-auditable:{path}#{place}");
    let mut package = Package::new(component);
    package.technique = Technique::BinaryAnalysis;
    package.scope = Some(if krate.kind == "build" { Scope::Dev } else { Scope::Required });
    package.addresses = vec![address(index)];
    let there = krate.dependencies.iter().filter(|place| **place < count);
    package.needs = Some(there.map(|place| Need::of(address(*place))).collect());
    Ok(package)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn crates_are_listed_with_their_edges_and_what_only_builds_is_marked() {
        let list = r#"{"packages":[
            {"name":"proc-macro2","version":"1.0.86","source":"crates.io","kind":"build","dependencies":[3]},
            {"name":"serde","version":"1.0.203","source":"crates.io","dependencies":[0]},
            {"name":"tool","version":"0.1.0","source":"local","dependencies":[1,4],"root":true},
            {"name":"unicode-ident","version":"1.0.12","source":"crates.io","kind":"build"},
            {"name":"mine","version":"0.2.0","source":"git","kind":"runtime"}
        ],"format":1}"#;
        check(
            &ECOSYSTEM,
            &[("usr/bin/tool!/.dep-v0", list)],
            expect![[r#"
            application:tool@0.1.0 application needs [library:mine@0.2.0, serde@1.0.203]
            library:mine@0.2.0 needs []
            pkg:cargo/proc-macro2@1.0.86 dev needs [unicode-ident@1.0.12]
            pkg:cargo/serde@1.0.203 needs [proc-macro2@1.0.86]
            pkg:cargo/unicode-ident@1.0.12 dev needs []
        "#]],
        );
    }

    #[test]
    fn two_versions_of_a_crate_are_two_crates_and_a_ring_ends() {
        let list = r#"{"packages":[
            {"name":"rand","version":"0.8.5","source":"crates.io","dependencies":[1]},
            {"name":"rand","version":"0.9.0","source":"crates.io","dependencies":[0,0]},
            {"name":"private","version":"1.0.0","source":"registry"}
        ]}"#;
        check(
            &ECOSYSTEM,
            &[("a!/.dep-v0", list)],
            expect![[r#"
            library:private@1.0.0 needs []
            pkg:cargo/rand@0.8.5 needs [rand@0.9.0]
            pkg:cargo/rand@0.9.0 needs [rand@0.8.5]
        "#]],
        );
    }

    #[test]
    fn a_hostile_list_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "a!/.dep-v0",
                    r#"{"packages":[{"name":"a","version":"1.0.0","dependencies":[9]},{"name":"","version":"1"}]}"#,
                ),
                ("b!/.dep-v0", r#"{"packages":[{"name":"a"#),
                ("c!/.dep-v0", r#"{"packages":[{"name":"a","version":"1","dependencies":[-1]}]}"#),
            ],
            expect![[r#"
                library:a@1.0.0 needs []
                gap a!/.dep-v0: `a` needs a crate that is not in the list
                gap a!/.dep-v0: crate 1 has no name or no version
                gap b!/.dep-v0:1: is not the JSON expected here: EOF while parsing a string at line 1 column 23
                gap c!/.dep-v0:1: is not the JSON expected here: invalid value: integer `-1`, expected usize at line 1 column 57
            "#]],
        );
    }
}
