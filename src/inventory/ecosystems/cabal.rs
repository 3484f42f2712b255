//! `cabal.project.freeze`: the versions Cabal chose for a Haskell project.
//!
//! A list of constraints. `==` is a choice, `installed` means the compiler's own package, of which the file
//! knows no version, and the rest are flags. There are no edges.
//! Spec: <https://cabal.readthedocs.io/en/stable/cabal-commands.html#cabal-freeze>

use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Presence, Purl};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "cabal",
    about: "Haskell packages frozen in cabal.project.freeze",
    reads: &["**/cabal.project.freeze", "**/*.project.freeze"],
    beside: &[],
    spec: "https://cabal.readthedocs.io/en/stable/cabal-commands.html#cabal-freeze",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let mut parsed = Parsed::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.split("--").next().unwrap_or_default();
        let line = line.trim().trim_start_matches("constraints:");
        for constraint in line.split(',').map(str::trim) {
            let Some((name, version)) = constraint.split_once("==") else { continue };
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let name = name.trim().trim_start_matches("any.");
            match package(name, version.trim()) {
                Ok(mut package) => {
                    package.line = Some(number);
                    parsed.packages.push(package);
                }
                Err(reason) => parsed.problems.push(Problem::new(number, reason)),
            }
        }
    }
    Ok(parsed)
}

fn package(name: &str, version: &str) -> Result<Package, String> {
    if version.is_empty() || !version.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Err(format!("`{name} =={version}` names no version"));
    }
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    let purl = Purl::new("hackage", None, name, Some(version), &[]);
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    component.presence = Presence::Declared;
    Ok(Package::new(component))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn choices_are_listed_and_flags_are_not() {
        let freeze = "active-repositories: hackage.haskell.org:merge\nconstraints: any.Cabal ==3.2.1.0,\n             any.array installed,\n\
                      \x20            tls +compat -hans +network,\n             any.Diff ==0.4.1,\n             void -safe\nindex-state: hackage.haskell.org 2022-07-07T01:01:53Z\n";
        check(
            &ECOSYSTEM,
            &[("cabal.project.freeze", freeze)],
            expect![[r#"
            pkg:hackage/Cabal@3.2.1.0 line 2
            pkg:hackage/Diff@0.4.1 line 5
        "#]],
        );
    }

    #[test]
    fn many_constraints_may_stand_in_one_line() {
        check(
            &ECOSYSTEM,
            &[("a/ci.project.freeze", "constraints: any.a ==1, b == 2.0, -- c ==3\n")],
            expect![[r#"
                pkg:hackage/a@1 line 1
                pkg:hackage/b@2.0 line 1
            "#]],
        );
    }

    #[test]
    fn what_names_no_version_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("cabal.project.freeze", "constraints: any.a ==1.*,\n any. ==1,\n any.b ==\n\u{0}")],
            expect![[r#"
                gap cabal.project.freeze:1: `a ==1.*` names no version
                gap cabal.project.freeze:2: `pkg:hackage/` is not a package URL: missing name
                gap cabal.project.freeze:3: `b ==` names no version
            "#]],
        );
    }
}
