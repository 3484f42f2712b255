//! The `release` file at the root of a Java runtime.
//!
//! Lines of `KEY="value"`. The same name is used by many other things; a Java runtime's has `JAVA_VERSION`.
//! Who built it is in the file, and whether it is Oracle's commercial build; `bin/javac` beside it makes it a
//! development kit, which is the same product.
//! Spec: <https://openjdk.org/jeps/223>

use super::super::{Ecosystem, Extent, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Kind, Purl};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "jvm",
    about: "Java runtimes",
    reads: &["**/release"],
    beside: &[],
    spec: "https://openjdk.org/jeps/223",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let value = |key: &str| {
        let mut lines = text.lines().enumerate();
        let (index, value) =
            lines.find_map(|(index, line)| Some((index, line.strip_prefix(key)?.strip_prefix('=')?)))?;
        let value = value.trim().trim_matches('"').trim();
        (!value.is_empty()).then(|| (value.to_owned(), u32::try_from(index + 1).unwrap_or(u32::MAX)))
    };
    let mut parsed = Parsed::default();
    let Some((version, line)) = value("JAVA_VERSION") else { return Ok(parsed) };
    let text_of = |key: &str| value(key).map(|(value, _)| value);
    let name = if value("GRAALVM_VERSION").is_some() {
        "graalvm"
    } else if text_of("BUILD_TYPE").as_deref() == Some("commercial") {
        "oracle-jdk"
    } else {
        "openjdk"
    };
    match Purl::new("generic", None, name, Some(&version), &[]) {
        Ok(purl) => {
            let mut component = Component::new(name);
            component.kind = Kind::Platform;
            component.version = Some(version);
            component.purl = Some(purl);
            component.supplier = text_of("IMPLEMENTOR");
            component.vcs = text_of("SOURCE_REPO").filter(|url| url.starts_with("http"));
            let mut package = Package::new(component);
            package.line = Some(line);
            package.needs = Some(Vec::new());
            package.extent = (!file.folder().is_empty()).then(|| Extent::Folder(file.folder().into()));
            parsed.packages.push(package);
        }
        Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_runtime_is_listed_with_its_version() {
        let temurin = "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_RUNTIME_VERSION=\"17.0.9+9\"\nJAVA_VERSION=\"17.0.9\"\nMODULES=\"java.base\"\n";
        check(
            &ECOSYSTEM,
            &[("opt/java/openjdk/release", temurin)],
            expect![[r#"
            pkg:generic/openjdk@17.0.9 line 3 platform needs []
        "#]],
        );
    }

    #[test]
    fn other_products_have_other_names_and_old_versions_an_underscore() {
        check(
            &ECOSYSTEM,
            &[
                ("a/release", "JAVA_VERSION=\"1.8.0_402\"\r\nOS_NAME=\"Linux\"\r\n"),
                ("b/release", "JAVA_VERSION=\"21.0.1\"\nBUILD_TYPE=\"commercial\"\n"),
                ("c/release", "GRAALVM_VERSION=23.0.1\nJAVA_VERSION=17.0.8\n"),
            ],
            expect![[r#"
                pkg:generic/graalvm@17.0.8 line 2 platform needs []
                pkg:generic/openjdk@1.8.0_402 line 1 platform needs []
                pkg:generic/oracle-jdk@21.0.1 line 1 platform needs []
            "#]],
        );
    }

    #[test]
    fn what_is_another_release_file_is_passed_over() {
        check(
            &ECOSYSTEM,
            &[
                ("etc/release", "NAME=\"Linux\"\n"),
                ("x/release", "JAVA_VERSION=\"\"\nJAVA_VERSION"),
                ("y/release", "\u{0}\u{1}"),
            ],
            expect![[r#""#]],
        );
    }
}
