//! Programs without a package: known by the version that they print of themselves.
//!
//! What was found in a program is what it says, not what anybody recorded: the technique is binary analysis,
//! and the confidence less than full. A program may hold several products, as node holds OpenSSL. Programs of
//! Go carry better records, which another ecosystem reads.
//! Spec: <https://github.com/package-url/purl-spec/blob/main/types-doc/generic-definition.md>

use super::super::rubygems;
use super::super::{Ecosystem, Extent, File, Need, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Kind, Purl, Technique};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "fingerprint",
    about: "runtimes and servers without a package, by what their programs say of themselves",
    reads: &["**/*!/.fingerprint"],
    beside: &[],
    spec: "https://github.com/package-url/purl-spec/blob/main/types-doc/generic-definition.md",
    parse,
    enrich: nothing_beside,
};

/// How sure a version is that a program says of itself, in percent.
const USUAL: u8 = 90;
/// Where the texts around it are known from reports only.
const REPORTED: u8 = 60;

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let mut parsed = Parsed::default();
    for line in text.lines() {
        let Some((product, version)) = line.split_once(' ') else {
            parsed.problems.push(Problem::new(None, format!("`{line}` is not a product and a version")));
            continue;
        };
        // Its module is listed, with this version.
        if product == "consul" {
            continue;
        }
        match package(product, version) {
            Ok(mut package) => {
                // Ruby comes with gems of its own, which no gem need ask for.
                if product == "ruby" {
                    package.needs = rubygems::brought_by(file.path).map(|gems| vec![Need::of(gems)]);
                }
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(None, reason)),
        }
    }
    // A program of several products is none of them.
    if let [package] = &mut *parsed.packages {
        package.extent = Some(Extent::File(file.holder().into()));
    }
    Ok(parsed)
}

fn package(product: &str, version: &str) -> Result<Package, String> {
    let purl = Purl::new("generic", None, product, Some(version), &[]).map_err(|error| error.to_string())?;
    let mut component = Component::new(product);
    component.version = Some(version.to_owned());
    component.purl = Some(purl);
    component.kind = match product {
        "openssl" => Kind::Library,
        "openjdk" | "oracle-jdk" => Kind::Platform,
        _ => Kind::Application,
    };
    let mut package = Package::new(component);
    package.technique = Technique::BinaryAnalysis;
    package.confidence = if matches!(product, "envoy" | "mysql") { REPORTED } else { USUAL };
    Ok(package)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn each_product_of_a_program_is_listed() {
        check(
            &ECOSYSTEM,
            &[("usr/local/bin/node!/.fingerprint", "node 20.11.0\nopenssl 3.0.12\n")],
            expect![[r#"
                pkg:generic/node@20.11.0 application
                pkg:generic/openssl@3.0.12
            "#]],
        );
    }

    #[test]
    fn what_is_listed_by_its_module_is_not_listed_again() {
        check(&ECOSYSTEM, &[("bin/consul!/.fingerprint", "consul 1.20.1\n")], expect![[r#""#]]);
    }

    #[test]
    fn a_line_that_is_none_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("x!/.fingerprint", "node\n 1.0\n\n")],
            expect![[r#"
            gap x!/.fingerprint: `` is not a product and a version
            gap x!/.fingerprint: `node` is not a product and a version
            gap x!/.fingerprint: `pkg:generic/` is not a package URL: missing name
        "#]],
        );
    }
}
