//! `build.sbt.lock`: what the plugin sbt-dependency-lock resolved for a Scala project.
//!
//! Configurations say what a module is needed for. There are no edges.
//! Spec: <https://stringbean.github.io/sbt-dependency-lock/file-formats/version-1.html>

use super::super::json;
use super::super::lines::Lines;
use super::super::value::Value;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside, pypi};
use crate::bom::{Component, Presence, Purl, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "sbt",
    about: "Scala and Java modules locked in build.sbt.lock",
    reads: &["**/build.sbt.lock"],
    beside: &[],
    spec: "https://stringbean.github.io/sbt-dependency-lock/file-formats/version-1.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lock = json::parse(&text)?;
    let lines = Lines::of(&text);
    let modules = lock.get("dependencies").ok_or_else(|| ParseError::new(None, "has no `dependencies`"))?;
    let mut parsed = Parsed::default();
    for module in modules.items() {
        let line = lines.line(module.at);
        match package(module) {
            Ok(mut package) => {
                package.line = Some(line);
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    Ok(parsed)
}

fn package(module: &Value<'_>) -> Result<Package, String> {
    let (Some(group), Some(name)) = (module.field("org"), module.field("name")) else {
        return Err("a module without `org` or `name`".to_owned());
    };
    let version = module.field("version");
    let mut component = Component::new(format!("{group}:{name}"));
    component.version = version.map(str::to_owned);
    let purl = Purl::new("maven", Some(group), name, version, &[]);
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    component.presence = Presence::Declared;
    if let [artefact] = module.get("artifacts").map_or(&[][..], Value::items) {
        component.hashes.extend(artefact.field("hash").and_then(pypi::hash));
    }
    let mut package = Package::new(component);
    package.scope = scope(module);
    Ok(package)
}

fn scope(module: &Value<'_>) -> Option<Scope> {
    let of = |configuration: &str| match configuration {
        "compile" | "runtime" | "default" => Scope::Required,
        "provided" | "optional" => Scope::Optional,
        _ => Scope::Dev,
    };
    module.texts("configurations").map(of).min()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn configurations_say_what_is_for_testing() {
        let lock = r#"{
  "lockVersion": 1,
  "configurations": ["compile", "runtime", "test"],
  "dependencies": [
    {
      "org": "org.apache.commons",
      "name": "commons-lang3",
      "version": "3.9",
      "artifacts": [{"name": "commons-lang3.jar", "hash": "sha1:0122c7cee69b53ed4a7681c03d4ee4c0e2765da5"}],
      "configurations": ["test", "compile", "runtime"]
    },
    {
      "org": "org.scalatest",
      "name": "scalatest-core_2.13",
      "version": "3.2.0",
      "artifacts": [],
      "configurations": ["test"]
    }
  ]
}"#;
        check(
            &ECOSYSTEM,
            &[("build.sbt.lock", lock)],
            expect![[r#"
            pkg:maven/org.apache.commons/commons-lang3@3.9 line 5 SHA-1:0122c7ce
            pkg:maven/org.scalatest/scalatest-core_2.13@3.2.0 line 12 dev
        "#]],
        );
    }

    #[test]
    fn several_artefacts_and_odd_configurations_are_taken() {
        let lock = r#"{"dependencies": [{"org": "g", "name": "n", "version": "1", "configurations": ["scala-tool", "provided"],
            "artifacts": [{"hash": "sha1:0122c7cee69b53ed4a7681c03d4ee4c0e2765da5"}, {"hash": "sha1:x"}]},
            {"org": "g", "name": "bare"}]}"#;
        check(
            &ECOSYSTEM,
            &[("a/build.sbt.lock", lock)],
            expect![[r#"
            pkg:maven/g/bare line 3
            pkg:maven/g/n@1 line 1 optional
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("build.sbt.lock", "{\"dependencies\": [{"),
                ("b/build.sbt.lock", "[]"),
                ("c/build.sbt.lock", "{\"dependencies\": [1, {\"org\": \"\"}]}"),
            ],
            expect![[r#"
                gap b/build.sbt.lock: has no `dependencies`
                gap build.sbt.lock:1: is not the JSON expected here: expected a key in quotes
                gap c/build.sbt.lock:1: a module without `org` or `name`
            "#]],
        );
    }
}
