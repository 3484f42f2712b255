//! `mix.lock`: what Mix resolved for an Elixir project.
//!
//! An Elixir map, a tuple for each package. Of the two digests the last is of the archive that was
//! downloaded; the first, of what lay in it, is older and no digest of a file. A git dependency has no
//! version but its commit. What somebody asked for is in `mix.exs`, which is a program and is not run.
//! Spec: <https://hexdocs.pm/mix/Mix.Tasks.Deps.html>

use std::collections::HashSet;

use super::super::terms::{self, Term};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, git, nothing_beside};
use crate::bom::{Component, Hash, HashAlgorithm, Kind, Presence, Purl};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "mix",
    about: "Elixir packages locked in mix.lock",
    reads: &["**/mix.lock"],
    beside: &[],
    spec: "https://hexdocs.pm/mix/Mix.Tasks.Deps.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let terms = terms::parse(&text).map_err(|line| ParseError::new(line, "is not a map of Elixir terms"))?;
    let locked: Vec<(&str, &Term<'_>)> = terms
        .iter()
        .flat_map(Term::items)
        .filter_map(|pair| match pair.items() {
            [name, entry] => Some((name.text()?, entry)),
            _ => None,
        })
        .collect();
    let names: HashSet<&str> = locked.iter().map(|(name, _)| *name).collect();
    let address = |name: &str| format!("mix:{}#{name}", file.path);
    let mut parsed = Parsed::default();
    for (name, entry) in locked {
        match package(name, entry) {
            Ok(mut package) => {
                package.line = Some(entry.line);
                package.addresses = vec![address(name)];
                // Optional ones are locked only where somebody else asks.
                package.needs = needs(entry).map(|needs| {
                    needs
                        .into_iter()
                        .filter(|need| names.contains(need))
                        .map(|need| Need::of(address(need)))
                        .collect()
                });
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(entry.line, reason)),
        }
    }
    Ok(parsed)
}

fn package(key: &str, entry: &Term<'_>) -> Result<Package, String> {
    let fields: Vec<&str> = entry.items().iter().map(|item| item.text().unwrap_or_default()).collect();
    let mut component = Component::new(key);
    component.presence = Presence::Declared;
    match fields.as_slice() {
        ["hex", name, version, ..] => {
            let repository = fields.get(6).copied().unwrap_or("hexpm");
            // `hexpm:acme` is an organisation's corner of Hex; any other name is another repository.
            let organisation = repository.strip_prefix("hexpm:");
            component.name = (*name).to_owned();
            component.version = Some((*version).to_owned());
            let purl = Purl::new("hex", organisation, name, Some(version), &[]);
            component.purl = Some(purl.map_err(|error| error.to_string())?);
            let digest = fields.get(7).and_then(|hex| Hash::from_hex(HashAlgorithm::Sha256, hex));
            component.hashes.extend(digest);
        }
        ["git", url, commit, ..] => {
            let url = git::url(url, commit);
            component.version = Some((*commit).to_owned());
            let purl = Purl::new("hex", None, key, Some(commit), &[("vcs_url", &url)]);
            component.purl = Some(purl.map_err(|error| error.to_string())?);
            component.vcs = Some(url);
        }
        ["path", ..] => {
            component.kind = Kind::Application;
            component.first_party = true;
        }
        _ => return Err(format!("`{key}` is locked in a way that is not known")),
    }
    Ok(Package::new(component))
}

/// The names of dependencies. Only packages from Hex are locked with theirs.
fn needs<'a>(entry: &'a Term<'_>) -> Option<Vec<&'a str>> {
    let items = entry.items();
    if items.first()?.text() != Some("hex") {
        return None;
    }
    Some(items.get(5)?.items().iter().filter_map(|need| need.items().first()?.text()).collect())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn packages_from_hex_say_what_they_need() {
        let lock = r#"%{
  "jason": {:hex, :jason, "1.3.0", "fa6b82a934feb176263ad2df0dbd91bf633d4a46ebfdffea0c8ae82953714946", [:mix], [{:decimal, "~> 1.0 or ~> 2.0", [hex: :decimal, repo: "hexpm", optional: true]}, {:gone, "~> 1.0", [hex: :gone, repo: "hexpm", optional: true]}], "hexpm", "53fc1f51255390e0ec7e50f9cb41e751c260d065dcba2bf0d08dc51a4002c2ac"},
  "decimal": {:hex, :decimal, "2.0.0", "a78296e617b0f5dd4c6caf57c714431347912ffb1d0842e998e9792b5642d697", [:mix], [], "hexpm", "34666e9c55dea81013e77d9d87370fe6cb6291d1ef32f46a1600230b1d44f577"},
}
"#;
        check(
            &ECOSYSTEM,
            &[("mix.lock", lock)],
            expect![[r#"
            pkg:hex/decimal@2.0.0 line 3 SHA-256:34666e9c needs []
            pkg:hex/jason@1.3.0 line 2 SHA-256:53fc1f51 needs [decimal@2.0.0]
        "#]],
        );
    }

    #[test]
    fn other_places_and_older_shapes_are_read() {
        let lock = r#"%{"enacl": {:git, "https://github.com/aeternity/enacl.git", "2f50ba6289f2f2d9fef05d22a396c0bab4f64149", [ref: "2f50ba6"]},
  "local_dep": {:path, "../local_dep", []},
  "renamed": {:hex, :real_name, "0.2.0", "951c6e801e8b1d2cbe58ebbd3e616a869061ddadcc4863d0a2182541acae9a38", [:mix], [], "hexpm:acme"},
  "odd": {:svn, "x"},
  "old": {:hex, :old, "1.0.0"}}"#;
        check(
            &ECOSYSTEM,
            &[("a/mix.lock", lock)],
            expect![[r#"
            application:local_dep line 2 application first-party
            pkg:hex/acme/real_name@0.2.0 line 3 needs []
            pkg:hex/enacl@2f50ba6289f2f2d9fef05d22a396c0bab4f64149?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Faeternity%2Fenacl.git%402f50ba6289f2f2d9fef05d22a396c0bab4f64149 line 1
            pkg:hex/old@1.0.0 line 5
            gap a/mix.lock:4: `odd` is locked in a way that is not known
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("mix.lock", "%{\n  \"a\": {:hex, :a, \"1.0"), ("b/mix.lock", "%{\"\": {:hex, :\"\", \"1\"}}")],
            expect![[r#"
                gap b/mix.lock:1: `pkg:hex/` is not a package URL: missing name
                gap mix.lock:2: is not a map of Elixir terms
            "#]],
        );
    }
}
