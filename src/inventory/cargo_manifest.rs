//! `Cargo.toml`: what a crate says of itself, and which manifests a workspace is made of.
//!
//! Spec: <https://doc.rust-lang.org/cargo/reference/manifest.html>,
//! <https://doc.rust-lang.org/cargo/reference/workspaces.html>

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::{Spanned, Table, Value};

use super::claims::declared;
use super::lines::Lines;
use super::{ParseError, crates, origin};
use crate::bom::Component;
use crate::layers::{Tree, clean, parent};
use crate::licenses::Dialect;

pub(super) const NAME: &str = "Cargo.toml";

/// What lies beside the manifest of a crate that Cargo fetched, from a repository too: `cargo vendor` and Debian leave
/// the first, Cargo itself leaves the second.
pub(super) const MARKS: [&str; 2] = [".cargo-checksum.json", ".cargo-ok"];

/// More members than any workspace has.
const MOST_MEMBERS: usize = 10_000;

/// A manifest.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Manifest {
    /// Absent in a workspace's root that is no crate.
    #[serde(alias = "project")]
    pub(super) package: Option<Package>,
    workspace: Option<Workspace>,
    #[serde(default)]
    dependencies: Table,
    #[serde(default, alias = "dev_dependencies")]
    dev_dependencies: Table,
    #[serde(default, alias = "build_dependencies")]
    build_dependencies: Table,
    #[serde(default)]
    target: BTreeMap<String, Target>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Package {
    name: Spanned<String>,
    /// Texts, or `{ workspace = true }`.
    #[serde(flatten)]
    fields: Table,
}

#[derive(Debug, Default, Deserialize)]
struct Workspace {
    #[serde(default)]
    members: Vec<String>,
    #[serde(default)]
    package: Table,
    #[serde(default)]
    dependencies: Table,
}

/// Dependencies on one platform only.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Target {
    #[serde(default)]
    dependencies: Table,
    #[serde(default, alias = "dev_dependencies")]
    dev_dependencies: Table,
    #[serde(default, alias = "build_dependencies")]
    build_dependencies: Table,
}

impl Manifest {
    /// # Errors
    /// When the text is no manifest; with its line.
    pub(super) fn read(text: &str) -> Result<Self, ParseError> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| Lines::of(text).line(span.start));
            ParseError::new(line, format!("is not the TOML expected here: {}", error.message()))
        })
    }

    fn of_folder(tree: &Tree, folder: &str) -> Option<(String, Self)> {
        let path = within(folder, NAME);
        let text = String::from_utf8_lossy(tree.read(&path)?);
        let manifest = Self::read(text.trim_start_matches('\u{feff}')).ok()?;
        Some((path, manifest))
    }

    /// Folders that its dependencies lie in, relative to its own.
    fn paths(&self) -> impl Iterator<Item = &str> {
        let targets = self
            .target
            .values()
            .flat_map(|target| [&target.dependencies, &target.dev_dependencies, &target.build_dependencies]);
        let shared = self.workspace.iter().map(|workspace| &workspace.dependencies);
        let tables = [&self.dependencies, &self.dev_dependencies, &self.build_dependencies];
        tables
            .into_iter()
            .chain(targets)
            .chain(shared)
            .flat_map(Table::values)
            .filter_map(|dependency| dependency.get("path")?.as_str())
    }

    /// What it needs whatever features are asked for, by the crates' own names, with the requirement.
    pub(super) fn wanted(&self) -> Vec<(String, String)> {
        let of_targets = self.target.values().map(|target| &target.dependencies);
        let tables = [&self.dependencies, &self.build_dependencies].into_iter().chain(of_targets);
        let mut wanted: Vec<(String, String)> = tables.flatten().filter_map(requirement).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// How many crates it asks for.
    pub(super) fn wishes(&self) -> usize {
        let of_targets: usize = self
            .target
            .values()
            .map(|target| target.dependencies.len() + target.dev_dependencies.len())
            .sum();
        self.dependencies.len() + self.dev_dependencies.len() + self.build_dependencies.len() + of_targets
    }

    /// Names of crates that it asks for only to test itself.
    fn only_for_tests(&self, workspace: &Workspace) -> BTreeSet<String> {
        let names = |table: &Table| -> Vec<String> {
            table.iter().map(|(key, value)| real_name(key, value, workspace)).collect()
        };
        let mut tests: BTreeSet<String> = names(&self.dev_dependencies).into_iter().collect();
        tests.extend(self.target.values().flat_map(|target| names(&target.dev_dependencies)));
        let targets =
            self.target.values().flat_map(|target| [&target.dependencies, &target.build_dependencies]);
        for table in [&self.dependencies, &self.build_dependencies].into_iter().chain(targets) {
            for name in names(table) {
                tests.remove(&name);
            }
        }
        tests
    }
}

fn requirement((key, value): (&String, &Value)) -> Option<(String, String)> {
    if value.get("optional").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let name = value.get("package").and_then(Value::as_str).unwrap_or(key);
    let requirement = value.as_str().or_else(|| value.get("version")?.as_str()).unwrap_or("*");
    Some((name.to_owned(), requirement.to_owned()))
}

/// `a = { package = "b" }` asks for `b`, also where the workspace says so for all its members.
fn real_name(key: &str, value: &Value, workspace: &Workspace) -> String {
    let is_shared = value.get("workspace").and_then(Value::as_bool) == Some(true);
    let value = if is_shared { workspace.dependencies.get(key).unwrap_or(value) } else { value };
    value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned()
}

impl Package {
    pub(super) fn name(&self) -> &str {
        self.name.get_ref()
    }

    /// 1-based.
    pub(super) fn line(&self, text: &str) -> u32 {
        Lines::of(text).line(self.name.span().start)
    }

    /// Absent where the workspace says it, and where nobody does.
    pub(super) fn version(&self) -> Option<&str> {
        self.fields.get("version")?.as_str().filter(|version| !version.is_empty())
    }

    fn field<'a>(&'a self, key: &str, shared: &'a Table) -> Option<&'a str> {
        let value = self.value(key, shared)?.as_str()?.trim();
        (!value.is_empty()).then_some(value)
    }

    fn value<'a>(&'a self, key: &str, shared: &'a Table) -> Option<&'a Value> {
        let value = self.fields.get(key)?;
        let is_shared = value.get("workspace").and_then(Value::as_bool) == Some(true);
        if is_shared { shared.get(key) } else { Some(value) }
    }

    /// Adds what the crate says of itself.
    pub(super) fn describe(&self, component: &mut Component, shared: &Table) {
        component
            .licenses
            .extend(self.field("license", shared).and_then(|text| declared(text, Dialect::Cargo)));
        let description = self.field("description", shared).and_then(|text| text.lines().next());
        component.description = description.map(|line| line.trim().to_owned());
        component.homepage = self.field("homepage", shared).map(str::to_owned);
        component.vcs = self.repository(shared).map(|address| origin::vcs_url(address, ""));
        let authors = self.value("authors", shared).and_then(Value::as_array).into_iter().flatten();
        let authors: Vec<&str> = authors.filter_map(Value::as_str).collect();
        component.author = (!authors.is_empty()).then(|| authors.join(", "));
    }

    /// Where its source is kept. Some name the folder in the repository too.
    pub(super) fn repository<'a>(&'a self, shared: &'a Table) -> Option<&'a str> {
        let address = self.field("repository", shared)?;
        let is_web = address.starts_with("https://") || address.starts_with("http://");
        is_web.then(|| address.split("/tree/").next().unwrap_or(address).trim_end_matches('/'))
    }
}

/// The manifest of a crate of the project's own.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) path: String,
    /// 1-based, of its name.
    pub(super) line: u32,
    pub(super) package: Package,
    /// What it asks for only to test itself.
    pub(super) tests: BTreeSet<String>,
}

/// The crates of a workspace, by name, and what its root says for all of them.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) members: BTreeMap<String, Member>,
    pub(super) shared: Table,
}

/// The crates of the workspace whose lockfile lies in a folder: its root, the members that the root names, and the folders
/// that any of them depends on.
pub(super) fn project(tree: &Tree, folder: &str) -> Project {
    let Some((_, root)) = Manifest::of_folder(tree, folder) else { return Project::default() };
    let workspace = root.workspace.unwrap_or_default();
    let mut open = vec![folder.to_owned()];
    open.extend(workspace.members.iter().take(MOST_MEMBERS).flat_map(|member| folders(tree, folder, member)));
    let mut seen = BTreeSet::new();
    let mut members = BTreeMap::new();
    while let Some(folder) = open.pop() {
        if seen.len() >= MOST_MEMBERS || !seen.insert(folder.clone()) {
            continue;
        }
        let Some((path, manifest)) = Manifest::of_folder(tree, &folder) else { continue };
        open.extend(manifest.paths().filter_map(|path| clean(within(&folder, path).as_bytes())));
        let tests = manifest.only_for_tests(&workspace);
        let text = tree.read(&path).map(String::from_utf8_lossy).unwrap_or_default();
        if let Some(package) = manifest.package {
            let member = Member { line: package.line(&text), path, tests, package };
            members.entry(member.package.name().to_owned()).or_insert(member);
        }
    }
    Project { members, shared: workspace.package }
}

/// The folders that a member's pattern means: `crates/*` is every folder in `crates`. Other patterns are rare, and
/// what they mean is found only where somebody depends on it.
fn folders(tree: &Tree, root: &str, pattern: &str) -> Vec<String> {
    let Some(clean) = clean(within(root, pattern).as_bytes()) else { return Vec::new() };
    match clean.strip_suffix("/*").or_else(|| (clean == "*").then_some("")) {
        Some(folder) => tree.folders_in(folder).take(MOST_MEMBERS).map(|name| within(folder, name)).collect(),
        None => vec![clean],
    }
}

/// Whether a folder is, or lies in, a crate that Cargo fetched from somewhere: its lockfile and its examples are nobody's
/// any more.
pub(super) fn is_fetched(tree: &Tree, folder: &str) -> bool {
    let above = std::iter::successors(Some(folder), |folder| (!folder.is_empty()).then(|| parent(folder)));
    above.into_iter().any(|folder| is_fetched_crate(tree, folder))
}

/// Whether a folder is a crate that Cargo fetched.
pub(super) fn is_fetched_crate(tree: &Tree, folder: &str) -> bool {
    MARKS.iter().any(|mark| tree.read(&within(folder, mark)).is_some())
        || tree.read(&within(folder, NAME)).is_some_and(crates::is_published)
}

pub(super) fn within(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Entry, Extract, Node};

    fn tree(files: &[(&str, &str)]) -> Tree {
        let entry = |(path, text): &(&str, &str)| Entry {
            path: (*path).into(),
            node: Node::File(text.as_bytes().into()),
        };
        Tree::stack([&Extract { entries: files.iter().map(entry).collect(), ..Extract::default() }])
    }

    #[test]
    fn a_workspace_is_its_root_its_members_and_what_they_depend_on_by_folder() {
        let tree = tree(&[
            (
                "w/Cargo.toml",
                "[workspace]\nmembers = [\"crates/*\", \"./tool\"]\n[workspace.package]\nlicense = \"MIT\"\n\
                 [workspace.dependencies]\nt = { package = \"tester\", version = \"1\" }\n",
            ),
            (
                "w/crates/a/Cargo.toml",
                "[package]\nname = \"a\"\nlicense.workspace = true\nversion = \"1.0.0\"\n\
                 [dependencies]\nb = { path = \"../../b\" }\nboth = \"1\"\n\
                 [dev-dependencies]\nt.workspace = true\nboth = \"1\"\n\
                 [target.'cfg(unix)'.dev-dependencies]\nu = \"1\"\n",
            ),
            ("w/crates/a/src/x/Cargo.toml", "[package]\nname = \"not-a-member\"\n"),
            (
                "w/b/Cargo.toml",
                "[package]\n\n\nname = \"b\"\n[dependencies]\na = { path = \"../crates/a\" }\n",
            ),
            ("w/tool/Cargo.toml", "[project]\nname = \"tool\"\n"),
            ("w/out/Cargo.toml", "[package]\nname = \"out\"\n"),
        ]);
        let project = project(&tree, "w");
        let seen: Vec<_> =
            project.members.iter().map(|(name, member)| (name.as_str(), member.line)).collect();
        assert_eq!(seen, [("a", 2), ("b", 4), ("tool", 2)]);
        let a = &project.members["a"];
        assert_eq!(a.tests.iter().collect::<Vec<_>>(), ["tester", "u"]);
        let mut component = Component::new("a");
        a.package.describe(&mut component, &project.shared);
        assert_eq!(component.licenses[0].text, "MIT");
    }

    #[test]
    fn what_lies_in_a_fetched_crate_is_fetched() {
        let tree = tree(&[("v/x/.cargo-checksum.json", "{}"), ("r/y-1.0.0/.cargo-ok", "")]);
        let fetched = ["v/x", "v/x/examples/z", "r/y-1.0.0/a"].map(|folder| is_fetched(&tree, folder));
        assert_eq!(fetched, [true; 3]);
        assert_eq!(["", "v", "v/xy"].map(|folder| is_fetched(&tree, folder)), [false; 3]);
    }
}
