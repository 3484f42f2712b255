//! `poetry.lock`: what Poetry resolved for a Python project.
//!
//! Which packages are for development the lock says itself before 1.5 (`category`) and since 2.1
//! (`groups`); between the two only `pyproject.toml` beside it knows, and without that nobody does. The
//! project itself is not in the lock; it is listed from `pyproject.toml`.
//! Spec: <https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock>

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use super::super::lines::Lines;
use super::super::pep508::normalized;
use super::super::pyproject;
use super::super::wishes::{Locked, Wish, resolve};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside, pypi};
use crate::bom::{Component, Hash, HashAlgorithm, Kind, Presence, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "poetry",
    about: "Python packages locked in poetry.lock",
    reads: &["**/poetry.lock"],
    beside: &["**/pyproject.toml"],
    spec: "https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock",
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

/// Where digests stood in earlier versions of the format.
#[derive(Deserialize, Default)]
struct Metadata {
    #[serde(default)]
    files: BTreeMap<String, Vec<Artefact>>,
    #[serde(default)]
    hashes: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Entry {
    name: Spanned<String>,
    version: String,
    description: Option<String>,
    category: Option<String>,
    groups: Option<Vec<String>>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    dependencies: BTreeMap<String, Value>,
    #[serde(default)]
    extras: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    files: Vec<Artefact>,
    source: Option<Source>,
}

#[derive(Deserialize)]
struct Artefact {
    file: String,
    #[serde(default)]
    hash: String,
}

#[derive(Deserialize)]
struct Source {
    r#type: String,
    #[serde(default)]
    url: String,
    resolved_reference: Option<String>,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let lockfile: Lockfile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| lines.line(span.start));
        ParseError::new(line, format!("is not the TOML expected here: {}", error.message()))
    })?;
    let locked: Vec<Locked> = lockfile.package.iter().map(locked).collect();
    let project = pyproject::project(tree, file.folder());
    let roots = project.as_ref().map(|project| project.wishes.as_slice()).unwrap_or_default();
    let resolution = resolve(&locked, roots);
    let mut parsed = Parsed::default();
    for (index, entry) in lockfile.package.iter().enumerate() {
        let line = lines.line(entry.name.span().start);
        match component(entry, &lockfile.metadata) {
            Ok(mut component) => {
                component.asked_for = resolution.direct.contains(&index);
                let mut package = Package::new(component);
                package.line = Some(line);
                package.scope = scope(entry).or(resolution.scopes[index]);
                package.addresses = vec![address(file, index)];
                package.needs = Some(
                    resolution.edges[index].iter().map(|index| Need::of(address(file, *index))).collect(),
                );
                parsed.packages.push(package);
            }
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
    }
    let needs = resolution.direct.iter().map(|index| Need::of(address(file, *index))).collect();
    parsed.packages.extend(project.and_then(|project| project.itself(needs)));
    Ok(parsed)
}

fn address(file: &File<'_>, index: usize) -> String {
    format!("poetry:{}#{index}", file.path)
}

fn locked(entry: &Entry) -> Locked {
    let asked = entry.dependencies.iter().filter(|(_, value)| !pyproject::is_optional(value));
    let extras = entry.extras.iter().map(|(extra, wishes)| {
        (normalized(extra), wishes.iter().filter_map(|wish| Wish::parse(wish)).collect())
    });
    Locked {
        name: normalized(entry.name.get_ref()),
        version: entry.version.clone(),
        wishes: asked.flat_map(|(name, value)| pyproject::poetry_wishes(name, value)).collect(),
        extras: extras.collect(),
    }
}

/// What the lock itself says.
fn scope(entry: &Entry) -> Option<Scope> {
    let is_main = match (&entry.groups, &entry.category) {
        (Some(groups), _) => groups.iter().any(|group| group == "main"),
        (None, Some(category)) => category == "main",
        (None, None) => return entry.optional.then_some(Scope::Optional),
    };
    Some(match (is_main, entry.optional) {
        (false, _) => Scope::Dev,
        (true, true) => Scope::Optional,
        (true, false) => Scope::Required,
    })
}

fn component(entry: &Entry, metadata: &Metadata) -> Result<Component, crate::bom::PurlError> {
    let name = entry.name.get_ref();
    let mut component = Component::new(name);
    component.version = Some(entry.version.clone());
    component.presence = Presence::Declared;
    component.description = entry.description.clone().filter(|text| !text.is_empty());
    component.hashes.extend(hash(entry, metadata));
    let mut qualifier = None;
    match entry.source.as_ref().map(|source| (source, source.r#type.as_str())) {
        Some((source, "git")) => {
            let at =
                source.resolved_reference.as_ref().map(|commit| format!("@{commit}")).unwrap_or_default();
            let url = format!("git+{}{at}", source.url);
            component.vcs = Some(url.clone());
            qualifier = Some(("vcs_url", url));
        }
        Some((source, "url")) => {
            component.download = Some(source.url.clone());
            qualifier = Some(("download_url", source.url.clone()));
        }
        // A folder beside the project.
        Some((_, "directory")) => {
            component.kind = Kind::Application;
            component.first_party = true;
            return Ok(component);
        }
        _ => {}
    }
    let qualifier = qualifier.as_ref().map(|(key, value)| (*key, value.as_str()));
    component.purl = Some(pypi::purl(name, Some(&entry.version), qualifier.as_slice())?);
    Ok(component)
}

fn hash(entry: &Entry, metadata: &Metadata) -> Option<Hash> {
    let name = entry.name.get_ref();
    if let Some([hex]) = metadata.hashes.get(name).map(Vec::as_slice) {
        return Hash::from_hex(HashAlgorithm::Sha256, hex);
    }
    let files = metadata.files.get(name).filter(|_| entry.files.is_empty()).unwrap_or(&entry.files);
    pypi::hash_of(files.iter().filter_map(|file| Some((file.file.as_str(), pypi::hash(&file.hash)?))))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn the_manifest_beside_it_says_what_is_for_development() {
        let lock = r#"
[[package]]
name = "Flask"
version = "3.0.0"
description = "A simple framework for building complex web applications."
optional = false
python-versions = ">=3.8"
files = [
    {file = "flask-3.0.0-py3-none-any.whl", hash = "sha256:21128f47e4e3b9d597a3e8521a329bf56909b690fcc3fa3e477725aa81367638"},
    {file = "flask-3.0.0.tar.gz", hash = "sha256:cfadcdb638b609361d29ec22360d6070a77d7463dcb3ab08d2c2f2f168845f58"},
]

[package.dependencies]
click = ">=8.1.3"
importlib-metadata = {version = ">=3.6.0", markers = "python_version < \"3.10\""}
asgiref = {version = ">=3.2", optional = true, markers = "extra == \"async\""}

[package.extras]
async = ["asgiref (>=3.2)"]

[[package]]
name = "asgiref"
version = "3.7.2"
optional = false

[[package]]
name = "click"
version = "8.1.7"
optional = false

[[package]]
name = "pytest"
version = "7.4.0"
optional = false

[package.dependencies]
click = "*"
iniconfig = [
    {version = "<2", markers = "python_version < \"3.8\""},
    {version = ">=2", markers = "python_version >= \"3.8\""},
]

[[package]]
name = "iniconfig"
version = "1.1.1"
optional = false

[[package]]
name = "iniconfig"
version = "2.0.0"
optional = false

[metadata]
lock-version = "2.0"
"#;
        let manifest = "[tool.poetry]\nname = \"app\"\nversion = \"0.1.0\"\n[tool.poetry.dependencies]\npython = \"^3.11\"\n\
                        flask = {version = \"^3.0\", extras = [\"async\"]}\n[tool.poetry.group.test.dependencies]\npytest = \"*\"\n";
        check(
            &ECOSYSTEM,
            &[("poetry.lock", lock), ("pyproject.toml", manifest)],
            expect![[r#"
            application:app@0.1.0 application first-party needs [flask@3.0.0, pytest@7.4.0]
            pkg:pypi/asgiref@3.7.2 line 22 needs []
            pkg:pypi/click@8.1.7 line 27 needs []
            pkg:pypi/flask@3.0.0 line 3 SHA-256:cfadcdb6 needs [asgiref@3.7.2, click@8.1.7]
            pkg:pypi/iniconfig@1.1.1 line 44 dev needs []
            pkg:pypi/iniconfig@2.0.0 line 49 dev needs []
            pkg:pypi/pytest@7.4.0 line 32 dev needs [click@8.1.7, iniconfig@1.1.1, iniconfig@2.0.0]
        "#]],
        );
    }

    #[test]
    fn groups_sources_and_old_digests_are_read() {
        let lock = r#"
[[package]]
name = "mine"
version = "0.2.0"
groups = ["main", "dev"]
[package.source]
type = "git"
url = "https://github.com/o/mine.git"
reference = "main"
resolved_reference = "abc123"

[[package]]
name = "sibling"
version = "0.1.0"
groups = ["main"]
[package.dependencies]
zipped = "*"
[package.source]
type = "directory"
url = "../sibling"

[[package]]
name = "zipped"
version = "1.0"
groups = ["main"]
optional = true
[package.source]
type = "url"
url = "https://example.org/zipped.zip"

[[package]]
name = "old"
version = "1.0"
category = "dev"

[metadata.files]
old = [{file = "old-1.0.tar.gz", hash = "sha256:cfadcdb638b609361d29ec22360d6070a77d7463dcb3ab08d2c2f2f168845f58"}]
"#;
        check(
            &ECOSYSTEM,
            &[("a/poetry.lock", lock)],
            expect![[r#"
            application:sibling@0.1.0 line 13 application first-party needs [zipped@1.0]
            pkg:pypi/mine@0.2.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fmine.git%40abc123 line 3 needs []
            pkg:pypi/old@1.0 line 32 dev SHA-256:cfadcdb6 needs []
            pkg:pypi/zipped@1.0?download_url=https:%2F%2Fexample.org%2Fzipped.zip line 23 optional needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("poetry.lock", "[[package]]\nname = \"a\"\n"),
                ("b/poetry.lock", "[[package]]\nname = \"\"\nversion = \"\"\n"),
                (
                    "c/poetry.lock",
                    "[[package]]\nname = \"c\"\nversion = \"1\"\ndependencies = {d = 1, e = []}\n",
                ),
                ("c/pyproject.toml", "<<<<<<<"),
            ],
            expect![[r#"
                pkg:pypi/c@1 line 2 needs []
                gap b/poetry.lock:2: `pkg:pypi/` is not a package URL: missing name
                gap poetry.lock:1: is not the TOML expected here: missing field `version`
            "#]],
        );
    }
}
