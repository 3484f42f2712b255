//! `pdm.lock`: what PDM resolved for a Python project.
//!
//! A package that is needed with extras has an entry of its own for each set of them, beside the plain one;
//! they are one package. Groups stand in the lock only where metadata is inherited; else `pyproject.toml`
//! beside it says what is for development.
//! Spec: <https://pdm-project.org/en/latest/usage/lockfile/>

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::super::lines::Lines;
use super::super::pep508::normalized;
use super::super::pyproject;
use super::super::wishes::{Locked, Wish, resolve};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside, pypi};
use crate::bom::{Component, Kind, Presence, PurlError, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "pdm",
    about: "Python packages locked in pdm.lock",
    reads: &["**/pdm.lock"],
    beside: &["**/pyproject.toml"],
    spec: "https://pdm-project.org/en/latest/usage/lockfile/",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
struct Lockfile {
    #[serde(default)]
    package: Vec<Entry>,
    #[serde(default)]
    metadata: Metadata,
}

/// Where digests stood in earlier versions of the format, under name and version.
#[derive(Deserialize, Default)]
struct Metadata {
    #[serde(default)]
    files: BTreeMap<String, Vec<Artefact>>,
}

#[derive(Deserialize)]
struct Entry {
    name: Spanned<String>,
    #[serde(default)]
    version: String,
    summary: Option<String>,
    groups: Option<Vec<String>>,
    #[serde(default)]
    extras: Vec<String>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    files: Vec<Artefact>,
    git: Option<String>,
    revision: Option<String>,
    url: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
struct Artefact {
    file: Option<String>,
    url: Option<String>,
    #[serde(default)]
    hash: String,
}

/// All entries of one package.
struct Merged<'a> {
    /// The plain entry, or the first.
    entry: &'a Entry,
    groups: Option<Vec<&'a str>>,
    locked: Locked,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let lockfile: Lockfile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| lines.line(span.start));
        ParseError::new(line, format!("is not the TOML expected here: {}", error.message()))
    })?;
    let merged = merge(&lockfile.package);
    let locked: Vec<Locked> = merged.iter().map(|merged| merged.locked.clone()).collect();
    let project = pyproject::project(tree, file.folder());
    let roots = project.as_ref().map(|project| project.wishes.as_slice()).unwrap_or_default();
    let resolution = resolve(&locked, roots);
    let address = |index: usize| format!("pdm:{}#{index}", file.path);
    let mut parsed = Parsed::default();
    for (index, merged) in merged.iter().enumerate() {
        let line = lines.line(merged.entry.name.span().start);
        match component(merged.entry, &lockfile.metadata) {
            Ok(mut component) => {
                component.asked_for = resolution.direct.contains(&index);
                let mut package = Package::new(component);
                package.line = Some(line);
                package.scope = scope(merged).or(resolution.scopes[index]);
                package.addresses = vec![address(index)];
                package.needs =
                    Some(resolution.edges[index].iter().map(|index| Need::of(address(*index))).collect());
                parsed.packages.push(package);
            }
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
    }
    let needs = resolution.direct.iter().map(|index| Need::of(address(*index))).collect();
    parsed.packages.extend(project.and_then(|project| project.itself(needs)));
    Ok(parsed)
}

fn merge(entries: &[Entry]) -> Vec<Merged<'_>> {
    let mut places: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut merged: Vec<Merged<'_>> = Vec::new();
    for entry in entries {
        let name = normalized(entry.name.get_ref());
        let place = *places.entry((name.clone(), &entry.version)).or_insert_with(|| {
            let locked = Locked { name, version: entry.version.clone(), ..Locked::default() };
            merged.push(Merged { entry, groups: None, locked });
            merged.len() - 1
        });
        let known = &mut merged[place];
        if !known.entry.extras.is_empty() && entry.extras.is_empty() {
            known.entry = entry;
        }
        if let Some(groups) = &entry.groups {
            known.groups.get_or_insert_default().extend(groups.iter().map(String::as_str));
        }
        let wishes: Vec<Wish> = entry.dependencies.iter().filter_map(|text| Wish::parse(text)).collect();
        if entry.extras.is_empty() {
            known.locked.wishes.extend(wishes);
        } else {
            // The entry is there because somebody asks for all of its extras together.
            for extra in &entry.extras {
                known.locked.extras.entry(normalized(extra)).or_default().extend(wishes.iter().cloned());
            }
        }
    }
    merged
}

fn scope(merged: &Merged<'_>) -> Option<Scope> {
    let groups = merged.groups.as_ref()?;
    Some(if groups.contains(&"default") { Scope::Required } else { Scope::Dev })
}

fn component(entry: &Entry, metadata: &Metadata) -> Result<Component, PurlError> {
    let name = entry.name.get_ref();
    let version = Some(entry.version.as_str()).filter(|version| !version.is_empty());
    let mut component = Component::new(name);
    component.version = version.map(str::to_owned);
    component.presence = Presence::Declared;
    component.description = entry.summary.clone().filter(|text| !text.is_empty());
    if entry.path.is_some() {
        component.kind = Kind::Application;
        component.first_party = true;
        return Ok(component);
    }
    let older = metadata.files.get(&format!("{name} {}", entry.version));
    let files = entry.files.iter().chain(older.into_iter().flatten());
    component.hashes.extend(pypi::hash_of(files.filter_map(|artefact| {
        let place = artefact.file.as_deref().or(artefact.url.as_deref())?;
        Some((place, pypi::hash(&artefact.hash)?))
    })));
    let mut qualifier = None;
    if let Some(git) = &entry.git {
        let at = entry.revision.as_ref().map(|commit| format!("@{commit}")).unwrap_or_default();
        let url = format!("git+{git}{at}");
        component.vcs = Some(url.clone());
        qualifier = Some(("vcs_url", url));
    } else if let Some(url) = &entry.url {
        component.download = Some(url.clone());
        qualifier = Some(("download_url", url.clone()));
    }
    let qualifier = qualifier.as_ref().map(|(key, value)| (*key, value.as_str()));
    component.purl = Some(pypi::purl(name, version, qualifier.as_slice())?);
    Ok(component)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn entries_for_extras_are_one_package() {
        let lock = r#"
[metadata]
groups = ["default", "dev"]
strategy = ["inherit_metadata"]
lock_version = "4.4.1"

[[package]]
name = "coverage"
version = "7.4.1"
extras = ["toml"]
groups = ["dev"]
dependencies = ["coverage==7.4.1", "tomli; python_full_version <= \"3.11.0a6\""]

[[package]]
name = "coverage"
version = "7.4.1"
summary = "Code coverage measurement for Python"
groups = ["default"]
files = [{file = "coverage-7.4.1.tar.gz", hash = "sha256:1ed4b95480952b1a26d863e546fa5094564aa0065e1e5f0d4d0041f293251d04"}]

[[package]]
name = "pytest-cov"
version = "4.1.0"
groups = ["dev"]
dependencies = ["coverage[toml]>=5.2.1"]

[[package]]
name = "tomli"
version = "2.0.1"
groups = ["dev"]
"#;
        check(
            &ECOSYSTEM,
            &[("pdm.lock", lock)],
            expect![[r#"
            pkg:pypi/coverage@7.4.1 line 15 SHA-256:1ed4b954 needs [tomli@2.0.1]
            pkg:pypi/pytest-cov@4.1.0 line 22 dev needs [coverage@7.4.1]
            pkg:pypi/tomli@2.0.1 line 28 dev needs []
        "#]],
        );
    }

    #[test]
    fn without_groups_the_manifest_beside_it_says() {
        let lock = r#"
[[package]]
name = "black"
version = "22.6.0"
dependencies = ["click>=8.0.0"]
[[package]]
name = "click"
version = "8.1.3"
[[package]]
name = "mine"
version = "1.0"
git = "https://github.com/o/mine.git"
ref = "main"
revision = "abc123"
[[package]]
name = "beside"
version = "1.0"
path = "./beside"

[metadata.files]
"click 8.1.3" = [
    {url = "https://example.org/click-8.1.3-py3-none-any.whl", hash = "sha256:bb4d8133cb15a609f44e8213d9b391b0809795062913b383c62be0ee95b1db48"},
]
"#;
        let manifest = "[project]\nname = \"app\"\ndependencies = [\"mine\"]\n[tool.pdm.dev-dependencies]\nlint = [\"black\"]\n";
        check(
            &ECOSYSTEM,
            &[("pdm.lock", lock), ("pyproject.toml", manifest)],
            expect![[r#"
            application:app application first-party needs [black@22.6.0, mine@1.0]
            application:beside@1.0 line 16 application first-party needs []
            pkg:pypi/black@22.6.0 line 3 dev needs [click@8.1.3]
            pkg:pypi/click@8.1.3 line 7 dev SHA-256:bb4d8133 needs []
            pkg:pypi/mine@1.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fmine.git%40abc123 line 10 needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("pdm.lock", "[[package]]\nname = \"a\n"), ("b/pdm.lock", "[[package]]\nname = \"-\"\n")],
            expect![[r#"
                gap b/pdm.lock:2: `pkg:pypi/` is not a package URL: missing name
                gap pdm.lock:2: is not the TOML expected here: invalid basic string, expected `"`
            "#]],
        );
    }
}
