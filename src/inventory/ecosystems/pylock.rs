//! `pylock.toml`, the lock that all of Python's installers share (PEP 751).
//!
//! A package's dependencies may be left out, and pip does leave them out; no list is not an empty list. A
//! marker on a package says under which group or extra it is installed.
//! Spec: <https://packaging.python.org/en/latest/specifications/pylock-toml/>

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::super::lines::Lines;
use super::super::pep508::normalized;
use super::super::pyproject;
use super::super::wishes::{Locked, Wish, resolve};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside, pypi};
use crate::bom::{Component, Hash, Kind, Presence, PurlError, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "pylock",
    about: "Python packages locked in pylock.toml",
    reads: &["**/pylock.toml", "**/pylock.*.toml"],
    beside: &["**/pyproject.toml"],
    spec: "https://packaging.python.org/en/latest/specifications/pylock-toml/",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Lockfile {
    /// Required: what has none is no lock.
    #[serde(rename = "lock-version")]
    _lock_version: String,
    packages: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    name: Spanned<String>,
    version: Option<String>,
    #[serde(default)]
    marker: String,
    dependencies: Option<Vec<Reference>>,
    vcs: Option<Vcs>,
    directory: Option<toml::Value>,
    archive: Option<Artefact>,
    sdist: Option<Artefact>,
    #[serde(default)]
    wheels: Vec<Artefact>,
}

/// Enough of another entry's keys to tell it from the rest.
#[derive(Deserialize)]
struct Reference {
    name: String,
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Vcs {
    r#type: String,
    url: Option<String>,
    path: Option<String>,
    commit_id: Option<String>,
}

#[derive(Deserialize)]
struct Artefact {
    name: Option<String>,
    url: Option<String>,
    path: Option<String>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let lockfile: Lockfile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| lines.line(span.start));
        ParseError::new(line, format!("is not the TOML expected here: {}", error.message()))
    })?;
    let locked: Vec<Locked> = lockfile.packages.iter().map(locked).collect();
    let project = pyproject::project(tree, file.folder());
    let roots = project.as_ref().map(|project| project.wishes.as_slice()).unwrap_or_default();
    let resolution = resolve(&locked, roots);
    let says_edges = lockfile.packages.iter().any(|entry| entry.dependencies.is_some());
    let address = |index: usize| format!("pylock:{}#{index}", file.path);
    let mut parsed = Parsed::default();
    for (index, entry) in lockfile.packages.iter().enumerate() {
        let line = lines.line(entry.name.span().start);
        match component(entry) {
            Ok(mut component) => {
                component.asked_for = resolution.direct.contains(&index);
                // The project in its own lock.
                if let Some(project) = &project
                    && component.first_party
                    && project.name.as_ref().is_some_and(|name| normalized(name) == locked[index].name)
                {
                    component.version = component.version.or(project.version.clone());
                }
                let mut package = Package::new(component);
                package.line = Some(line);
                package.scope = scope(entry).or(resolution.scopes[index]);
                package.addresses = vec![address(index)];
                package.needs = says_edges
                    .then(|| resolution.edges[index].iter().map(|index| Need::of(address(*index))).collect());
                parsed.packages.push(package);
            }
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
    }
    let needs = resolution.direct.iter().map(|index| Need::of(address(*index))).collect();
    parsed.packages.extend(project.and_then(|project| project.itself(needs)));
    Ok(parsed)
}

fn locked(entry: &Entry) -> Locked {
    let wishes = entry.dependencies.iter().flatten().map(|reference| Wish {
        name: normalized(&reference.name),
        constraint: reference.version.as_ref().map(|version| format!("=={version}")).unwrap_or_default(),
        extras: Vec::new(),
    });
    Locked {
        name: normalized(entry.name.get_ref()),
        version: entry.version.clone().unwrap_or_default(),
        wishes: wishes.collect(),
        extras: BTreeMap::new(),
    }
}

/// `'dev' in dependency_groups`, `'fast' in extras`. The group `default` is the project's own.
fn scope(entry: &Entry) -> Option<Scope> {
    let says = |word: &str| entry.marker.contains(word);
    if says("dependency_groups") && !says("\"default\"") && !says("'default'") {
        Some(Scope::Dev)
    } else if says("in extras") {
        Some(Scope::Optional)
    } else {
        None
    }
}

fn component(entry: &Entry) -> Result<Component, PurlError> {
    let name = entry.name.get_ref();
    let mut component = Component::new(name);
    component.version = entry.version.clone();
    component.presence = Presence::Declared;
    if entry.directory.is_some() {
        component.kind = Kind::Application;
        component.first_party = true;
        return Ok(component);
    }
    let mut qualifier = None;
    if let Some(vcs) = &entry.vcs {
        let place = vcs.url.as_deref().or(vcs.path.as_deref()).unwrap_or_default();
        let at = vcs.commit_id.as_ref().map(|commit| format!("@{commit}")).unwrap_or_default();
        let url = format!("{}+{place}{at}", vcs.r#type);
        component.vcs = Some(url.clone());
        qualifier = Some(("vcs_url", url));
    } else if let Some(archive) = &entry.archive {
        component.hashes.extend(hash(archive));
        component.download = archive.url.clone();
        qualifier = archive.url.clone().map(|url| ("download_url", url));
    }
    let artefacts = entry.sdist.iter().chain(&entry.wheels);
    component.hashes.extend(pypi::hash_of(artefacts.filter_map(|artefact| {
        let place = artefact.name.as_deref().or(artefact.url.as_deref()).or(artefact.path.as_deref())?;
        Some((place, hash(artefact)?))
    })));
    let qualifier = qualifier.as_ref().map(|(key, value)| (*key, value.as_str()));
    component.purl = Some(pypi::purl(name, entry.version.as_deref(), qualifier.as_slice())?);
    Ok(component)
}

fn hash(artefact: &Artefact) -> Option<Hash> {
    artefact.hashes.iter().find_map(|(algorithm, hex)| pypi::hash(&format!("{algorithm}:{hex}")))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn no_list_of_dependencies_is_not_an_empty_one() {
        let lock = r#"
lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "App"
directory = {path = ".", editable = true}

[[packages]]
name = "attrs"
version = "25.4.0"

[[packages.wheels]]
name = "attrs-25.4.0-py3-none-any.whl"
url = "https://files.pythonhosted.org/packages/attrs-25.4.0-py3-none-any.whl"

[packages.wheels.hashes]
sha256 = "adcf7e2a1fb3b36ac48d97835bb6d8ade15b8dcce26aba8bf1d14847b57a3373"
"#;
        let manifest =
            "[project]\nname = \"App\"\nversion = \"1\"\n[dependency-groups]\ntest = [\"Attrs>1\"]\n";
        check(
            &ECOSYSTEM,
            &[("pylock.toml", lock), ("pyproject.toml", manifest)],
            expect![[r#"
                application:App@1 line 6 application first-party needs [attrs@25.4.0]
                pkg:pypi/attrs@25.4.0 line 10 dev SHA-256:adcf7e2a
            "#]],
        );
    }

    #[test]
    fn versions_for_other_places_stand_side_by_side() {
        let lock = r#"
lock-version = "1.0"
environments = ["sys_platform == 'win32'", "sys_platform == 'linux'"]
created-by = "mousebender"

[[packages]]
name = "cattrs"
version = "24.1.2"
dependencies = [{name = "numpy", version = "2.0.2"}, {name = "mine"}]

[[packages]]
name = "numpy"
version = "2.0.2"
marker = "python_version < '3.10'"

[[packages]]
name = "numpy"
version = "2.2.2"
marker = "'dev' in dependency_groups and python_version >= '3.10'"

[[packages]]
name = "mine"
marker = "'fast' in extras"
vcs = {type = "git", url = "https://github.com/o/mine", requested-revision = "main", commit-id = "abc123"}

[[packages]]
name = "beside"
directory = {path = "beside", editable = true}

[[packages]]
name = "zipped"
version = "1"
archive = {url = "https://example.org/zipped.zip", hashes = {md5 = "00000000000000000000000000000000"}}
"#;
        check(
            &ECOSYSTEM,
            &[("sub/pylock.dev.toml", lock)],
            expect![[r#"
            application:beside line 27 application first-party needs []
            pkg:pypi/cattrs@24.1.2 line 7 needs [mine, numpy@2.0.2]
            pkg:pypi/mine?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fmine%40abc123 line 22 optional needs []
            pkg:pypi/numpy@2.0.2 line 12 needs []
            pkg:pypi/numpy@2.2.2 line 17 dev needs []
            pkg:pypi/zipped@1?download_url=https:%2F%2Fexample.org%2Fzipped.zip line 31 MD5:00000000 needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("pylock.toml", ""),
                ("b/pylock.toml", "lock-version = \"1.0\"\n[[packages]]\nversion = \"1\"\n"),
                ("c/pylock.toml", "lock-version = \"1.0\"\n[[packages]]\nname = \"\"\n[[packages]\n"),
            ],
            expect![[r#"
                gap b/pylock.toml:2: is not the TOML expected here: missing field `name`
                gap c/pylock.toml:4: is not the TOML expected here: unclosed array table, expected `]`
                gap pylock.toml:1: is not the TOML expected here: missing field `lock-version`
            "#]],
        );
    }
}
