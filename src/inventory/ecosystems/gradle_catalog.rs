//! Gradle's version catalogue: the libraries that a build may use, with their versions in one place.
//!
//! A version is written out, named, or rich; of a rich one the strictest part is what a build gets unless
//! others ask for more. Whether a library of the catalogue is used is written in build scripts, which are
//! programs and not read. Plugins are no libraries.
//! Spec: <https://docs.gradle.org/current/userguide/version_catalogs.html>

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use super::super::lines::Lines;
use super::super::maven::{Coordinates, is_plain};
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::Presence;
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "gradle-catalog",
    about: "libraries in Gradle's version catalogues",
    reads: &["**/gradle/*.versions.toml"],
    beside: &[],
    spec: "https://docs.gradle.org/current/userguide/version_catalogs.html",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
struct Catalogue {
    #[serde(default)]
    versions: BTreeMap<String, Value>,
    #[serde(default)]
    libraries: BTreeMap<String, Spanned<Value>>,
}

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let catalogue: Catalogue = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| lines.line(span.start));
        ParseError::new(line, format!("is not the TOML expected here: {}", error.message()))
    })?;
    let mut parsed = Parsed::default();
    for (alias, library) in &catalogue.libraries {
        let line = lines.line(library.span().start);
        let package = coordinates(library.get_ref(), &catalogue.versions)
            .ok_or_else(|| format!("the library `{alias}` names no group and artefact"))
            .and_then(|coordinates| coordinates.component("", ""));
        match package {
            Ok(mut component) => {
                component.presence = Presence::Declared;
                let mut package = Package::new(component);
                package.line = Some(line);
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    Ok(parsed)
}

/// `group:artifact:version`, or a table of `module` (or `group` and `name`) and `version`.
fn coordinates(library: &Value, versions: &BTreeMap<String, Value>) -> Option<Coordinates> {
    let text = |key: &str| library.get(key)?.as_str();
    let (module, version) = match library.as_str() {
        Some(short) => {
            let (module, version) = short.rsplit_once(':')?;
            (module.to_owned(), Some(version.to_owned()))
        }
        None => {
            let module = text("module").map(str::to_owned);
            let module = module.or_else(|| Some(format!("{}:{}", text("group")?, text("name")?)))?;
            (module, library.get("version").and_then(|version| exact(version, versions)))
        }
    };
    let (group, artifact) = module.split_once(':')?;
    (is_plain(group) && is_plain(artifact)).then(|| Coordinates {
        group: group.to_owned(),
        artifact: artifact.to_owned(),
        version: version.filter(|version| is_plain(version)),
    })
}

/// The version that is meant. A name is looked up once: names of names do not exist.
fn exact(version: &Value, versions: &BTreeMap<String, Value>) -> Option<String> {
    let named = version.get("ref").and_then(Value::as_str);
    let version = match named {
        Some(name) => versions.get(name)?,
        None => version,
    };
    let rich = || ["strictly", "require", "prefer"].into_iter().find_map(|key| version.get(key)?.as_str());
    version.as_str().or_else(rich).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn libraries_are_listed_however_their_version_is_written() {
        let catalogue = "[versions]\ngroovy = \"3.0.5\"\nrich = { strictly = \"[1,2[\", prefer = \"1.5\" }\n\n[libraries]\n\
                         guava = \"com.google.guava:guava:30.1.1-jre\"\n\
                         groovy = { module = \"org.codehaus.groovy:groovy\", version.ref = \"groovy\" }\n\
                         lang3 = { group = \"org.apache.commons\", name = \"commons-lang3\", version = \"3.12.0\" }\n\
                         strict = { module = \"g:strict\", version = { strictly = \"2.0\", prefer = \"1\" } }\n\
                         ranged = { module = \"g:ranged\", version.ref = \"rich\" }\n\
                         bare = { module = \"g:bare\" }\n\n\
                         [plugins]\nx = { id = \"a.b\", version = \"1\" }\n";
        check(
            &ECOSYSTEM,
            &[("gradle/libs.versions.toml", catalogue)],
            expect![[r#"
            pkg:maven/com.google.guava/guava@30.1.1-jre line 6
            pkg:maven/g/bare line 11
            pkg:maven/g/ranged line 10
            pkg:maven/g/strict@2.0 line 9
            pkg:maven/org.apache.commons/commons-lang3@3.12.0 line 8
            pkg:maven/org.codehaus.groovy/groovy@3.0.5 line 7
        "#]],
        );
    }

    #[test]
    fn a_catalogue_may_have_nothing_but_versions() {
        check(&ECOSYSTEM, &[("gradle/tools.versions.toml", "[versions]\na = \"1\"\n")], expect![[r#""#]]);
    }

    #[test]
    fn what_names_nothing_is_a_gap() {
        let broken = "[libraries]\na = \"b\"\nc = { version = \"1\" }\nd = { module = \"g:d\", version.ref = \"gone\" }\ne = 1\n";
        check(
            &ECOSYSTEM,
            &[("gradle/libs.versions.toml", broken), ("x/gradle/libs.versions.toml", "[libraries\n")],
            expect![[r#"
                pkg:maven/g/d line 4
                gap gradle/libs.versions.toml:2: the library `a` names no group and artefact
                gap gradle/libs.versions.toml:3: the library `c` names no group and artefact
                gap gradle/libs.versions.toml:5: the library `e` names no group and artefact
                gap x/gradle/libs.versions.toml:1: is not the TOML expected here: unclosed table, expected `]`
            "#]],
        );
    }
}
