//! `vendor/composer/installed.json`: what Composer installed.
//!
//! Composer 1 wrote a list of packages, Composer 2 an object that also says which of them are only for
//! development. Entries are those of the lockfile.
//! Spec: <https://getcomposer.org/doc/07-runtime.md>

use std::collections::HashSet;

use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::packagist::{self, Names};
use super::super::value::{Kind, Value};
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Presence, Scope};
use crate::layers::{Tree, parent};

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "composer-installed",
    about: "PHP packages installed by Composer, by its installed.json",
    reads: &["**/composer/installed.json"],
    beside: &["**/composer.json"],
    spec: "https://getcomposer.org/doc/07-runtime.md",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let document = json::parse(&text)?;
    let values = match (&document.kind, document.get("packages")) {
        (Kind::List(values), _) => values.as_slice(),
        (_, Some(packages)) => packages.items(),
        _ => return Err(ParseError::new(1, "is no list of packages, and has none")),
    };
    let says_dev = document.get("dev-package-names").is_some();
    let dev: HashSet<&str> = document.texts("dev-package-names").collect();
    let lines = Lines::of(&text);
    let mut problems = Problems::new();
    let mut list = Vec::new();
    let mut entries: Vec<&Value<'_>> = Vec::new();
    for value in values {
        let line = lines.line(value.get("name").unwrap_or(value).at);
        match packagist::package(value, Presence::Installed) {
            Ok(component) => {
                let scope = if dev.contains(&*component.name) { Scope::Dev } else { Scope::Required };
                let mut locked = Locked::new(component, line);
                locked.scope = says_dev.then_some(scope);
                list.push(locked);
                entries.push(value);
            }
            Err(reason) => problems.push(Problem::new(line, reason)),
        }
    }
    let names = Names::of(&entries);
    for (locked, value) in list.iter_mut().zip(&entries) {
        locked.needs = Some(names.needs(value, "require", Scope::Required));
    }
    list.extend(project(file, tree, &names));
    Ok(Parsed { packages: locked::packages(file.path, list), problems })
}

/// The project in whose `vendor` this lies.
fn project(file: &File<'_>, tree: &Tree, names: &Names) -> Option<Locked> {
    let vendor = parent(file.folder());
    let path = match parent(vendor) {
        "" => "composer.json".to_owned(),
        folder => format!("{folder}/composer.json"),
    };
    let text = File { path: &path, bytes: tree.read(&path).filter(|_| !vendor.is_empty())? }.text();
    let mut project = packagist::project(&json::parse(&text).ok()?, names);
    project.component.presence = Presence::Installed;
    Some(project)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn composer_2_says_what_is_for_development() {
        let installed = r#"{"packages": [
            {"name": "psr/log", "version": "1.1.4", "version_normalized": "1.1.4.0", "license": ["MIT"], "install-path": "../psr/log"},
            {"name": "phpunit/phpunit", "version": "9.6.0", "require": {"psr/log": "*"}}
        ], "dev": true, "dev-package-names": ["phpunit/phpunit"]}"#;
        let manifest = r#"{"name": "me/app", "version": "1.0.0", "require": {"psr/log": "1"}}"#;
        check(
            &ECOSYSTEM,
            &[("srv/vendor/composer/installed.json", installed), ("srv/composer.json", manifest)],
            expect![[r#"
                application:me/app@1.0.0 application first-party needs [psr/log@1.1.4]
                pkg:composer/phpunit/phpunit@9.6.0 line 3 dev needs [psr/log@1.1.4]
                pkg:composer/psr/log@1.1.4 line 2 declared `MIT` needs []
            "#]],
        );
    }

    #[test]
    fn composer_1_wrote_a_list() {
        let installed = "[\n{\"name\": \"a/b\", \"version\": \"v1.0\", \"license\": [\"GPL-2.0-only\", \"MIT\"]},\n{\"name\": \"a/c\"}]";
        check(
            &ECOSYSTEM,
            &[("vendor/composer/installed.json", installed)],
            expect![[r#"
            pkg:composer/a/b@v1.0 line 2 declared `GPL-2.0-only OR MIT` needs []
            gap vendor/composer/installed.json:3: `a/c` has no version
        "#]],
        );
    }

    #[test]
    fn what_is_no_list_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("a/vendor/composer/installed.json", "[{\"name\": \"a/b\","),
                ("b/vendor/composer/installed.json", "{}"),
            ],
            expect![[r#"
                gap a/vendor/composer/installed.json:1: is not the JSON expected here: expected a key in quotes
                gap b/vendor/composer/installed.json:1: is no list of packages, and has none
            "#]],
        );
    }
}
