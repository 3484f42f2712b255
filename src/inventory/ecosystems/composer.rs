//! `composer.lock`: what Composer resolved for a PHP project.
//!
//! Versions are tags as their authors wrote them, `v` included. What was asked for is in the `composer.json`
//! beside it. A package may stand for others that it replaces or provides.
//! Spec: <https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control>

use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::packagist::{self, Names};
use super::super::value::Value;
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Presence, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "composer",
    about: "PHP packages locked by Composer in composer.lock",
    reads: &["**/composer.lock"],
    beside: &["**/composer.json"],
    spec: "https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    // A lockfile inside an installed package served its own development.
    if file.path.split('/').any(|part| part == "vendor") {
        return Ok(Parsed::default());
    }
    let text = file.text();
    let document = json::parse(&text)?;
    if document.get("packages").is_none() && document.get("packages-dev").is_none() {
        return Err(ParseError::new(1, "has no `packages`, which a composer.lock has"));
    }
    let lines = Lines::of(&text);
    let mut problems = Problems::new();
    let mut list = Vec::new();
    let mut entries: Vec<&Value<'_>> = Vec::new();
    for (key, scope) in [("packages", Scope::Required), ("packages-dev", Scope::Dev)] {
        for value in document.get(key).map_or(&[][..], Value::items) {
            // Its name is the first thing written, on a line of its own.
            let line = lines.line(value.get("name").unwrap_or(value).at);
            match packagist::package(value, Presence::Declared) {
                Ok(component) => {
                    let mut locked = Locked::new(component, line);
                    locked.scope = Some(scope);
                    list.push(locked);
                    entries.push(value);
                }
                Err(reason) => problems.push(Problem::new(line, reason)),
            }
        }
    }
    let names = Names::of(&entries);
    for (locked, value) in list.iter_mut().zip(&entries) {
        locked.needs = Some(names.needs(value, "require", Scope::Required));
    }
    let folder = file.folder();
    let path = if folder.is_empty() { "composer.json".to_owned() } else { format!("{folder}/composer.json") };
    if let Some(bytes) = tree.read(&path) {
        let text = File { path: &path, bytes }.text();
        list.extend(json::parse(&text).ok().map(|manifest| packagist::project(&manifest, &names)));
    }
    Ok(Parsed { packages: locked::packages(file.path, list), problems })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn packages_for_running_and_for_development() {
        let lock = r#"{
  "content-hash": "x",
  "packages": [
    {
      "name": "Monolog/monolog", "version": "v2.9.1",
      "source": {"type": "git", "url": "https://github.com/Seldaek/monolog.git", "reference": "f259e2b15fb95494c83f52d3caad003bbf5ffaa1"},
      "dist": {"type": "zip", "url": "https://api.github.com/x", "shasum": "5608aeadfc00be6c2901df5f9861788de0d597c8"},
      "require": {"php": ">=7.2", "ext-json": "*", "psr/log": "^1.0", "psr/log-implementation": "1"},
      "license": ["MIT", "GPL-2.0-or-later"], "authors": [{"name": "Jordi", "email": "j@x.org"}], "abandoned": "new/monolog"
    },
    {"name": "psr/log", "version": "1.1.4", "license": "MIT", "dist": {"shasum": ""}},
    {"name": "impl/log", "version": "dev-main", "provide": {"psr/log-implementation": "1.0"}, "abandoned": true}
  ],
  "packages-dev": [
    {"name": "phpunit/phpunit", "version": "9.6.0", "require": {"PSR/Log": "*"}},
    {"name": "me/lib", "version": "1.0.0", "dist": {"type": "path", "url": "../lib", "reference": "x"}, "license": []}
  ]
}"#;
        let manifest = r#"{"name": "me/app", "require": {"php": "8", "monolog/monolog": "^2"}, "require-dev": {"phpunit/phpunit": "*"}}"#;
        check(
            &ECOSYSTEM,
            &[("composer.lock", lock), ("composer.json", manifest)],
            expect![[r#"
                application:me/app application first-party needs [monolog/monolog@v2.9.1, phpunit/phpunit@9.6.0]
                application:me/lib@1.0.0 line 16 application dev first-party needs []
                pkg:composer/impl/log@dev-main line 12 needs []
                pkg:composer/monolog/monolog@v2.9.1 line 5 declared `MIT OR GPL-2.0-or-later` SHA-1:5608aead needs [impl/log@dev-main, psr/log@1.1.4]
                pkg:composer/phpunit/phpunit@9.6.0 line 15 dev needs [psr/log@1.1.4]
                pkg:composer/psr/log@1.1.4 line 11 declared `MIT` needs []
            "#]],
        );
    }

    #[test]
    fn one_odd_package_does_not_cost_the_rest() {
        let lock = "{\"packages\": [\n{\"name\": \"a\", \"version\": \"1\"},\n{\"name\": \"a/b\"},\n{\"version\": 1},\n\
                    {\"name\": \"c/d\", \"version\": 1.10, \"license\": {\"x\": 1}, \"require\": [], \"source\": null},\n[],\n7]}";
        check(
            &ECOSYSTEM,
            &[("composer.lock", lock), ("vendor/x/y/composer.lock", lock)],
            expect![[r#"
            pkg:composer/c/d@1.10 line 5 needs []
            gap composer.lock:2: `a` has no vendor
            gap composer.lock:3: `a/b` has no version
            gap composer.lock:4: a package has no name
            gap composer.lock:6: a package has no name
            gap composer.lock:7: a package has no name
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[("a/composer.lock", "{\"packages\": [\n{\"name\": \"a/b\", \"vers"), ("b/composer.lock", "{}")],
            expect![[r#"
                gap a/composer.lock:2: is not the JSON expected here: a text is never closed
                gap b/composer.lock:1: has no `packages`, which a composer.lock has
            "#]],
        );
    }
}
