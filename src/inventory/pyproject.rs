//! `pyproject.toml`: what a Python project calls itself and asks for, for reading the lock beside it.
//!
//! Standard tables (`[project]`, `[dependency-groups]`) and the older ones of Poetry and PDM.
//! Spec: <https://packaging.python.org/en/latest/specifications/pyproject-toml/>

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Value;

use super::pep508::normalized;
use super::wishes::Wish;
use super::{Need, Package};
use crate::bom::{Component, Kind, Presence, Scope};
use crate::layers::Tree;

/// The project of a folder.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) wishes: Vec<(Wish, Scope)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Manifest {
    #[serde(default)]
    project: Table,
    #[serde(default)]
    dependency_groups: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    tool: Tools,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
struct Table {
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize, Default)]
struct Tools {
    poetry: Option<Poetry>,
    pdm: Option<Pdm>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Poetry {
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    dependencies: BTreeMap<String, Value>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Value>,
    #[serde(default)]
    group: BTreeMap<String, Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    dependencies: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Pdm {
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Vec<String>>,
}

/// The project in a folder; `None` without a manifest, or with one that cannot be read.
pub(super) fn project(tree: &Tree, folder: &str) -> Option<Project> {
    let path =
        if folder.is_empty() { "pyproject.toml".to_owned() } else { format!("{folder}/pyproject.toml") };
    let text = String::from_utf8_lossy(tree.read(&path)?);
    let manifest: Manifest = toml::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let mut project =
        Project { name: manifest.project.name, version: manifest.project.version, wishes: Vec::new() };
    let mut wish = |texts: &[String], scope: Scope| {
        project.wishes.extend(texts.iter().filter_map(|text| Some((Wish::parse(text)?, scope))));
    };
    wish(&manifest.project.dependencies, Scope::Required);
    manifest.project.optional_dependencies.values().for_each(|texts| wish(texts, Scope::Optional));
    for entries in manifest.dependency_groups.values() {
        // What is no text includes another group, which is listed for itself.
        let texts: Vec<String> =
            entries.iter().filter_map(|entry| entry.as_str().map(str::to_owned)).collect();
        wish(&texts, Scope::Dev);
    }
    for texts in manifest.tool.pdm.iter().flat_map(|pdm| pdm.dev_dependencies.values()) {
        wish(texts, Scope::Dev);
    }
    if let Some(poetry) = manifest.tool.poetry {
        poetry.add_to(&mut project);
    }
    Some(project)
}

impl Project {
    /// The project as a package of its own; `None` when it has no name.
    pub(super) fn itself(self, needs: Vec<Need>) -> Option<Package> {
        let mut component = Component::new(self.name?);
        component.version = self.version;
        component.kind = Kind::Application;
        component.first_party = true;
        component.presence = Presence::Declared;
        let mut package = Package::new(component);
        package.needs = Some(needs);
        Some(package)
    }
}

impl Poetry {
    fn add_to(self, project: &mut Project) {
        project.name = project.name.take().or(self.name);
        project.version = project.version.take().or(self.version);
        for (name, value) in &self.dependencies {
            let scope = if is_optional(value) { Scope::Optional } else { Scope::Required };
            project.wishes.extend(poetry_wishes(name, value).map(|wish| (wish, scope)));
        }
        let groups = self.group.values().map(|group| &group.dependencies);
        for (name, value) in groups.chain([&self.dev_dependencies]).flatten() {
            project.wishes.extend(poetry_wishes(name, value).map(|wish| (wish, Scope::Dev)));
        }
    }
}

/// Poetry writes a dependency as a constraint, as a table, or as an array of tables of which each holds in
/// another place.
pub(super) fn poetry_wishes<'a>(name: &str, value: &'a Value) -> impl Iterator<Item = Wish> + use<'a> {
    let name = normalized(name);
    let choices = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    choices.iter().map(move |choice| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let extras = choice.get("extras").and_then(Value::as_array).into_iter().flatten();
        Wish {
            name: name.clone(),
            constraint: text(choice.get("version").unwrap_or(choice)),
            extras: extras.filter_map(Value::as_str).map(normalized).collect(),
        }
    })
}

/// Whether only an extra asks for it.
pub(super) fn is_optional(value: &Value) -> bool {
    let choices = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    choices.iter().any(|choice| choice.get("optional").and_then(Value::as_bool) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Entry, Extract, Node};

    fn read(text: &str) -> Option<Project> {
        let entry = Entry { path: "a/pyproject.toml".into(), node: Node::File(text.as_bytes().into()) };
        let tree = Tree::stack([&Extract { entries: vec![entry], ..Extract::default() }]);
        project(&tree, "a")
    }

    #[test]
    fn every_way_of_asking_has_its_scope() {
        let project = read(
            "[project]\nname = \"app\"\ndependencies = [\"A>1\"]\noptional-dependencies.x = [\"b\"]\n\
             [dependency-groups]\ntest = [\"c\", {include-group = \"x\"}]\n\
             [tool.poetry]\nversion = \"1\"\n[tool.poetry.dependencies]\nd = {version = \"^1\", extras = [\"s\"]}\n\
             e = [{version = \"<2\", optional = true}, {version = \">2\"}]\n[tool.poetry.group.g.dependencies]\nf = \"*\"\n\
             [tool.poetry.dev-dependencies]\ng = \"*\"\n[tool.pdm.dev-dependencies]\nh = [\"h\"]\n",
        );
        let project = project.expect("a manifest");
        let wishes: Vec<String> = project
            .wishes
            .iter()
            .map(|(wish, scope)| {
                format!("{}{}{} {}", wish.name, wish.extras.concat(), wish.constraint, scope.name())
            })
            .collect();
        assert_eq!(
            wishes,
            [
                "a>1 required",
                "b optional",
                "c dev",
                "h dev",
                "ds^1 required",
                "e<2 optional",
                "e>2 optional",
                "f* dev",
                "g* dev"
            ]
        );
        assert_eq!((project.name.as_deref(), project.version.as_deref()), (Some("app"), Some("1")));
    }

    #[test]
    fn a_manifest_may_be_absent_or_broken() {
        assert!(read("[project").is_none());
        assert!(read("[project]\nname = 1").is_none());
        assert!(project(&Tree::stack([]), "").is_none());
    }
}
