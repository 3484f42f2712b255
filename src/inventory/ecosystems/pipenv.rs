//! `Pipfile.lock`: what Pipenv resolved for a Python project.
//!
//! It has no edges. What somebody asked for stands in the `Pipfile` beside it.
//! Spec: <https://pipenv.pypa.io/en/latest/pipfile.html>

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use super::super::pep508::normalized;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside, pypi};
use crate::bom::{Component, Kind, Presence, PurlError, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "pipenv",
    about: "Python packages locked in Pipfile.lock",
    reads: &["**/Pipfile.lock"],
    beside: &["**/Pipfile"],
    spec: "https://pipenv.pypa.io/en/latest/pipfile.html",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
struct Lockfile {
    #[serde(default)]
    default: BTreeMap<String, Entry>,
    #[serde(default)]
    develop: BTreeMap<String, Entry>,
    /// Groups of one's own.
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Entry {
    version: Option<String>,
    #[serde(default)]
    hashes: Vec<String>,
    git: Option<String>,
    #[serde(rename = "ref")]
    commit: Option<String>,
    file: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize, Default)]
struct Pipfile {
    #[serde(default)]
    packages: toml::Table,
    #[serde(default, rename = "dev-packages")]
    dev_packages: toml::Table,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lockfile: Lockfile = serde_json::from_str(&text)?;
    let lines = lines_of_keys(&text);
    let asked = asked_for(file, tree);
    let mut parsed = Parsed::default();
    let groups = lockfile.others.into_iter().filter(|(group, _)| group != "_meta");
    let groups: Vec<(String, BTreeMap<String, Entry>)> = groups
        .filter_map(|(group, value)| Some((group, serde_json::from_value(value).ok()?)))
        .chain([("default".to_owned(), lockfile.default), ("develop".to_owned(), lockfile.develop)])
        .collect();
    for (group, entries) in groups {
        for (name, entry) in entries {
            let line = lines.get(&(group.as_str(), name.as_str())).copied();
            match component(&name, &entry) {
                Ok(mut component) => {
                    component.asked_for = asked.contains(&normalized(&name)) && !component.first_party;
                    let mut package = Package::new(component);
                    package.line = line;
                    package.scope = Some(if group == "default" { Scope::Required } else { Scope::Dev });
                    parsed.packages.push(package);
                }
                Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
            }
        }
    }
    Ok(parsed)
}

/// The lines of packages, by group and name; Pipenv writes each key on a line of its own.
fn lines_of_keys(text: &str) -> HashMap<(&str, &str), u32> {
    let mut lines = HashMap::new();
    let mut group = "";
    for (index, line) in text.lines().enumerate() {
        let Some(key) =
            line.trim().strip_suffix(": {").and_then(|key| key.strip_prefix('"')?.strip_suffix('"'))
        else {
            continue;
        };
        match line.len() - line.trim_start().len() {
            ..=4 => group = key,
            _ => {
                lines.entry((group, key)).or_insert(u32::try_from(index + 1).unwrap_or(u32::MAX));
            }
        }
    }
    lines
}

fn asked_for(file: &File<'_>, tree: &Tree) -> HashSet<String> {
    let path = file.path.strip_suffix(".lock").unwrap_or_default();
    let text = tree.read(path).map(String::from_utf8_lossy).unwrap_or_default();
    let pipfile: Pipfile = toml::from_str(&text).unwrap_or_default();
    pipfile.packages.keys().chain(pipfile.dev_packages.keys()).map(|name| normalized(name)).collect()
}

fn component(name: &str, entry: &Entry) -> Result<Component, PurlError> {
    let version = entry.version.as_deref().map(|version| version.trim_start_matches('='));
    let version = version.filter(|version| !version.is_empty() && *version != "*");
    let mut component = Component::new(name);
    component.version = version.map(str::to_owned);
    component.presence = Presence::Declared;
    if entry.path.is_some() {
        component.kind = Kind::Application;
        component.first_party = true;
        return Ok(component);
    }
    if let [hash] = entry.hashes.as_slice() {
        component.hashes.extend(pypi::hash(hash));
    }
    let mut qualifier = None;
    if let Some(git) = &entry.git {
        let at = entry.commit.as_ref().map(|commit| format!("@{commit}")).unwrap_or_default();
        let url = format!("git+{}{at}", git.trim_start_matches("git+"));
        component.vcs = Some(url.clone());
        qualifier = Some(("vcs_url", url));
    } else if let Some(url) = entry.file.as_ref().filter(|place| place.contains("://")) {
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
    fn what_is_for_development_is_listed_apart() {
        let lock = r#"{
    "_meta": {
        "pipfile-spec": 6,
        "sources": [{"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": true}]
    },
    "default": {
        "Django": {
            "hashes": ["sha256:7c3543e4fb070d14e10926189a7fcf42ba919263b7473dceaefce34d54e8a119"],
            "index": "pypi",
            "version": "==2.2"
        },
        "pytz": {
            "version": "==2019.1"
        }
    },
    "develop": {
        "pytest": {
            "version": "==8.0"
        },
        "pytz": {
            "version": "==2019.1"
        }
    }
}
"#;
        check(
            &ECOSYSTEM,
            &[("Pipfile.lock", lock), ("Pipfile", "[packages]\ndjango = \"*\"\n")],
            expect![[r#"
                pkg:pypi/django@2.2 line 7 SHA-256:7c3543e4
                pkg:pypi/pytest@8.0 line 17 dev
                pkg:pypi/pytz@2019.1 line 12+20
            "#]],
        );
    }

    #[test]
    fn places_to_install_from_and_other_groups_are_kept() {
        let lock = r#"{"_meta": {}, "default": {
            "mine": {"git": "https://github.com/o/mine.git", "ref": "abc123", "editable": true},
            "beside": {"path": ".", "editable": true},
            "zipped": {"file": "https://example.org/z.zip"}},
            "develop": {}, "docs": {"sphinx": {"version": "==7.0"}}}"#;
        check(
            &ECOSYSTEM,
            &[("a/Pipfile.lock", lock)],
            expect![[r#"
            application:beside application first-party
            pkg:pypi/mine?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fmine.git%40abc123
            pkg:pypi/sphinx@7.0 dev
            pkg:pypi/zipped?download_url=https:%2F%2Fexample.org%2Fz.zip
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("Pipfile.lock", "{\n\"default\": {\"a\": {\"version\""),
                ("b/Pipfile.lock", "[]"),
                ("c/Pipfile.lock", r#"{"default": {"": {}, "a": {"version": "*"}}}"#),
            ],
            expect![[r#"
                pkg:pypi/a
                gap Pipfile.lock:2: is not the JSON expected here: EOF while parsing an object at line 2 column 27
                gap b/Pipfile.lock:1: is not the JSON expected here: invalid type: sequence, expected struct Lockfile at line 1 column 0
                gap c/Pipfile.lock: `pkg:pypi/` is not a package URL: missing name
            "#]],
        );
    }
}
