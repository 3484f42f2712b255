//! `Manifest.toml`: what Julia's package manager resolved for an environment.
//!
//! A package is known by its UUID, and two may share a name; then who needs one says which. What comes with
//! Julia has no version of its own but Julia's. `Project.toml` beside it says what was asked for, and under
//! `[targets]` what only tests need.
//! Spec: <https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml>

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use toml::Value;

use super::super::lines::Lines;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, git, nothing_beside};
use crate::bom::{Component, Kind, Presence, Purl, PurlError, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "julia",
    about: "Julia packages locked in Manifest.toml",
    reads: &["**/Manifest.toml", "**/JuliaManifest.toml", "**/Manifest-v*.toml"],
    beside: &["**/Project.toml", "**/JuliaProject.toml"],
    spec: "https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize, Clone)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    /// What makes it a package of Julia, and not of another tool that calls its file so.
    uuid: String,
    version: Option<String>,
    git_tree_sha1: Option<String>,
    path: Option<String>,
    repo_url: Option<String>,
    deps: Option<Value>,
}

#[derive(Deserialize, Default)]
struct Project {
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    deps: BTreeMap<String, String>,
    #[serde(default)]
    extras: BTreeMap<String, String>,
    #[serde(default)]
    targets: BTreeMap<String, Vec<String>>,
}

/// One package, under its name.
struct Named {
    name: String,
    entry: Entry,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let mut manifest: toml::Table = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| lines.line(span.start));
        ParseError::new(line, format!("is not the TOML expected here: {}", error.message()))
    })?;
    let julia = manifest.get("julia_version").and_then(Value::as_str).map(str::to_owned);
    // The second version of the format has the packages in a table of their own.
    let packages = match manifest.remove("deps") {
        Some(Value::Table(packages)) => packages,
        _ => manifest,
    };
    let named = named(packages);
    let project = project(file, tree);
    Ok(listed(file, &text, &named, &project, julia.as_deref()))
}

fn named(packages: toml::Table) -> Vec<Named> {
    let entries = packages.into_iter().filter_map(|(name, value)| match value {
        Value::Array(entries) => Some((name, entries)),
        _ => None,
    });
    entries
        .flat_map(|(name, entries)| entries.into_iter().map(move |entry| (name.clone(), entry)))
        .filter_map(|(name, entry)| Some(Named { name, entry: entry.try_into().ok()? }))
        .collect()
}

fn project(file: &File<'_>, tree: &Tree) -> Project {
    let folder = file.folder();
    let text = ["Project.toml", "JuliaProject.toml"].iter().find_map(|name| {
        tree.read(&if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") })
    });
    text.and_then(|text| toml::from_str(&String::from_utf8_lossy(text)).ok()).unwrap_or_default()
}

fn listed(file: &File<'_>, text: &str, named: &[Named], project: &Project, julia: Option<&str>) -> Parsed {
    let address = |uuid: &str| format!("julia:{}#{uuid}", file.path);
    let lines = lines_of(text);
    let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
    for one in named {
        by_name.entry(&one.name).or_default().push(&one.entry.uuid);
    }
    let scopes = scopes(named, project, &by_name);
    let asked: HashSet<&String> = project.deps.values().collect();
    let mut parsed = Parsed::default();
    for one in named {
        let line = lines.get(one.entry.uuid.as_str()).copied();
        match component(one, julia) {
            Ok(mut component) => {
                component.asked_for = asked.contains(&one.entry.uuid) && !component.first_party;
                let mut package = Package::new(component);
                package.line = line;
                package.scope = scopes.get(one.entry.uuid.as_str()).copied();
                package.addresses = vec![address(&one.entry.uuid)];
                parsed.problems.extend(unmet(one, &by_name).map(|reason| Problem::new(line, reason)));
                let needs = needs(&one.entry, &by_name);
                package.needs = Some(needs.into_iter().map(|uuid| Need::of(address(uuid))).collect());
                parsed.packages.push(package);
            }
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
    }
    if let Some(name) = &project.name {
        let mut component = Component::new(name);
        component.version.clone_from(&project.version);
        component.kind = Kind::Application;
        component.first_party = true;
        component.presence = Presence::Declared;
        let mut package = Package::new(component);
        package.needs = Some(project.deps.values().map(|uuid| Need::of(address(uuid))).collect());
        parsed.packages.push(package);
    }
    parsed
}

/// Where each UUID is given, and not only referred to: the lines that begin so.
fn lines_of(text: &str) -> HashMap<&str, u32> {
    let mut lines = HashMap::new();
    for (index, line) in text.lines().enumerate() {
        let uuid = line.trim().strip_prefix("uuid").and_then(|rest| rest.trim_start().strip_prefix('='));
        if let Some(uuid) = uuid {
            lines.insert(uuid.trim().trim_matches('"'), u32::try_from(index + 1).unwrap_or(u32::MAX));
        }
    }
    lines
}

/// The UUIDs of what a package needs. A list names them; where names are shared a table gives their UUIDs, and
/// a list means nothing.
fn needs<'a>(entry: &'a Entry, by_name: &HashMap<&str, Vec<&'a str>>) -> Vec<&'a str> {
    match &entry.deps {
        Some(Value::Table(deps)) => deps.values().filter_map(Value::as_str).collect(),
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            names
                .filter_map(|name| by_name.get(name).filter(|uuids| uuids.len() == 1)?.first().copied())
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Names that a list of needs cannot mean.
fn unmet<'a>(one: &'a Named, by_name: &HashMap<&str, Vec<&'a str>>) -> impl Iterator<Item = String> {
    let names = one.entry.deps.as_ref().and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).filter_map(|name| match by_name.get(name).map(Vec::len) {
        None => Some(format!("`{}` needs `{name}`, which is not listed", one.name)),
        Some(1) => None,
        Some(_) => Some(format!("`{}` needs `{name}`, and several are called so", one.name)),
    })
}

/// What the project reaches it needs; what only its targets reach is for development.
fn scopes<'a>(
    named: &'a [Named],
    project: &'a Project,
    by_name: &HashMap<&str, Vec<&'a str>>,
) -> HashMap<&'a str, Scope> {
    let entries: HashMap<&str, &Entry> =
        named.iter().map(|one| (one.entry.uuid.as_str(), &one.entry)).collect();
    let targets = project.targets.values().flatten().filter_map(|name| project.extras.get(name));
    let mut scopes = HashMap::new();
    for (roots, scope) in
        [(project.deps.values().collect::<Vec<_>>(), Scope::Required), (targets.collect(), Scope::Dev)]
    {
        let mut open: Vec<&str> = roots.into_iter().map(String::as_str).collect();
        while let Some(uuid) = open.pop() {
            if let Some(entry) = entries.get(uuid)
                && !scopes.contains_key(uuid)
            {
                scopes.insert(entry.uuid.as_str(), scope);
                open.extend(needs(entry, by_name));
            }
        }
    }
    scopes
}

fn component(one: &Named, julia: Option<&str>) -> Result<Component, PurlError> {
    let entry = &one.entry;
    let comes_with_julia = entry.git_tree_sha1.is_none() && entry.path.is_none();
    let version = entry.version.as_deref().or(julia.filter(|_| comes_with_julia));
    let mut component = Component::new(&one.name);
    component.version = version.map(str::to_owned);
    component.presence = Presence::Declared;
    if entry.path.is_some() {
        component.kind = Kind::Application;
        component.first_party = true;
        return Ok(component);
    }
    component.vcs = entry.repo_url.as_deref().map(|url| git::url(url, ""));
    component.purl = Some(Purl::new("julia", None, &one.name, version, &[("uuid", &entry.uuid)])?);
    Ok(component)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn targets_are_for_development() {
        let manifest = r#"
julia_version = "1.9.0"
manifest_format = "2.0"

[[deps.Dates]]
deps = ["Printf"]
uuid = "ade2ca70-3891-5945-98fb-dc099432e06a"

[[deps.JSON]]
deps = ["Dates"]
git-tree-sha1 = "31e996f0a15c7b280ba9f76636b3ff9e2ae58c9a"
uuid = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"
version = "0.21.4"

[[deps.Printf]]
uuid = "de0858da-6303-5e67-8744-51eddeeeb8d7"

[[deps.DevDep]]
deps = ["IndirectDevDep", "Printf"]
uuid = "d9a60922-03b4-4a1b-81be-b8d05b827236"
version = "1.0.0"

[[deps.IndirectDevDep]]
uuid = "b637660b-5035-4894-8335-b3805a4b50d8"
version = "2.0.0"
"#;
        let project = r#"
name = "packageName"
version = "0.1.0"
[deps]
JSON = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"
[extras]
DevDep = "d9a60922-03b4-4a1b-81be-b8d05b827236"
[targets]
test = ["DevDep"]
"#;
        check(
            &ECOSYSTEM,
            &[("Manifest.toml", manifest), ("Project.toml", project)],
            expect![[r#"
            application:packageName@0.1.0 application first-party needs [JSON@0.21.4]
            pkg:julia/Dates@1.9.0?uuid=ade2ca70-3891-5945-98fb-dc099432e06a line 7 needs [Printf@1.9.0]
            pkg:julia/DevDep@1.0.0?uuid=d9a60922-03b4-4a1b-81be-b8d05b827236 line 20 dev needs [IndirectDevDep@2.0.0, Printf@1.9.0]
            pkg:julia/IndirectDevDep@2.0.0?uuid=b637660b-5035-4894-8335-b3805a4b50d8 line 24 dev needs []
            pkg:julia/JSON@0.21.4?uuid=682c06a0-de6a-54ab-a142-c8b1cf79cde6 line 12 needs [Dates@1.9.0]
            pkg:julia/Printf@1.9.0?uuid=de0858da-6303-5e67-8744-51eddeeeb8d7 line 16 needs []
        "#]],
        );
    }

    #[test]
    fn two_packages_may_share_a_name() {
        let manifest = r#"
[[Foo]]
deps = ["Qux"]
uuid = "767738be-2f1f-45a9-b806-0234f3164144"
git-tree-sha1 = "7c626031568a5e432112a74009c3763f9b851e3e"

[[Foo]]
uuid = "6f418443-bd2e-4783-b551-cdbac608adf2"
repo-url = "https://github.com/o/Foo.jl"
git-tree-sha1 = "efc7e24c53d6a328011975294a2c75fed2f9800a"

[[Bar]]
uuid = "2a550a13-6bab-4a91-a4ee-dff34d6b99d0"
path = "deps/Bar"
[Bar.deps]
Foo = "6f418443-bd2e-4783-b551-cdbac608adf2"

[[Qux]]
uuid = "b5ec9b9c-e354-47fd-b367-a348bdc8f909"
"#;
        check(
            &ECOSYSTEM,
            &[("Manifest.toml", manifest)],
            expect![[r#"
            application:Bar line 13 application first-party needs [Foo]
            pkg:julia/Foo?uuid=6f418443-bd2e-4783-b551-cdbac608adf2 line 8 needs []
            pkg:julia/Foo?uuid=767738be-2f1f-45a9-b806-0234f3164144 line 4 needs [Qux]
            pkg:julia/Qux?uuid=b5ec9b9c-e354-47fd-b367-a348bdc8f909 line 19 needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_manifest_is_a_gap_or_nothing() {
        check(
            &ECOSYSTEM,
            &[
                ("Manifest.toml", "[[deps.A]\n"),
                ("b/Manifest.toml", "[package]\nname = \"other\"\n[[bin]]\nname = \"x\"\n"),
                (
                    "c/Manifest.toml",
                    "deps = 1\n[[A]]\nuuid = 1\n[[B]]\nuuid = \"1\"\ndeps = [1, \"gone\", \"B\"]\n",
                ),
                ("c/Project.toml", "<<<<"),
            ],
            expect![[r#"
                pkg:julia/B?uuid=1 line 5 needs []
                gap Manifest.toml:1: is not the TOML expected here: unclosed array table, expected `]`
                gap c/Manifest.toml:5: `B` needs `gone`, which is not listed
            "#]],
        );
    }
}
