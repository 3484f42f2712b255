//! `uv.lock`, and the locks uv puts beside scripts: `script.py.lock`.
//!
//! The lock lists the project and its workspace's members like any package, with a source that says so;
//! they are its own. What they ask for in groups is for development, what in extras may be missing. Where a
//! name is locked in several versions, whoever needs it says which.
//! Spec: <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::super::lines::Lines;
use super::super::pep508::normalized;
use super::super::wishes::{Locked, Wish, resolve};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside, pypi};
use crate::bom::{Component, Kind, Presence, PurlError, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "uv",
    about: "Python packages locked in uv.lock",
    reads: &["**/uv.lock", "**/*.py.lock"],
    beside: &[],
    spec: "https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
struct Lockfile {
    /// Required: what has none is no lock of uv.
    #[serde(rename = "version")]
    _version: u32,
    #[serde(default)]
    package: Vec<Entry>,
    #[serde(default)]
    manifest: Manifest,
}

/// What a script asks for, or a workspace without a project.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
struct Manifest {
    #[serde(default)]
    requirements: Vec<Asked>,
    #[serde(default)]
    dependency_groups: BTreeMap<String, Vec<Asked>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    name: Spanned<String>,
    /// Absent for projects whose version is made when they are built.
    version: Option<String>,
    #[serde(default)]
    source: Source,
    #[serde(default)]
    dependencies: Vec<Asked>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Asked>>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Vec<Asked>>,
    sdist: Option<Artefact>,
    #[serde(default)]
    wheels: Vec<Artefact>,
}

#[derive(Deserialize, Default)]
struct Source {
    git: Option<String>,
    url: Option<String>,
    directory: Option<String>,
    editable: Option<String>,
    r#virtual: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    name: String,
    /// Only where several are locked.
    version: Option<String>,
    #[serde(default)]
    extra: Vec<String>,
    /// In a manifest's requirements.
    #[serde(default)]
    extras: Vec<String>,
    #[serde(default)]
    specifier: String,
}

#[derive(Deserialize)]
struct Artefact {
    url: Option<String>,
    path: Option<String>,
    hash: Option<String>,
}

impl Entry {
    fn is_own(&self) -> bool {
        let source = &self.source;
        source.directory.is_some() || source.editable.is_some() || source.r#virtual.is_some()
    }
}

impl Asked {
    fn wish(&self) -> Wish {
        let constraint = match &self.version {
            Some(version) => format!("=={version}"),
            None => self.specifier.clone(),
        };
        let extras = self.extra.iter().chain(&self.extras).map(|extra| normalized(extra)).collect();
        Wish { name: normalized(&self.name), constraint, extras }
    }
}

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let lockfile: Lockfile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| lines.line(span.start));
        ParseError::new(line, format!("is not the TOML expected here: {}", error.message()))
    })?;
    let locked: Vec<Locked> = lockfile.package.iter().map(locked).collect();
    let resolution = resolve(&locked, &roots(&lockfile));
    let address = |index: usize| format!("uv:{}#{index}", file.path);
    let mut parsed = Parsed::default();
    for (index, entry) in lockfile.package.iter().enumerate() {
        let line = lines.line(entry.name.span().start);
        match component(entry) {
            Ok(mut component) => {
                component.asked_for = resolution.direct.contains(&index) && !component.first_party;
                let mut package = Package::new(component);
                package.line = Some(line);
                package.scope = if entry.is_own() { None } else { resolution.scopes[index] };
                package.addresses = vec![address(index)];
                package.needs =
                    Some(resolution.edges[index].iter().map(|index| Need::of(address(*index))).collect());
                parsed.packages.push(package);
            }
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
    }
    Ok(parsed)
}

fn locked(entry: &Entry) -> Locked {
    let wishes = |asked: &[Asked]| asked.iter().map(Asked::wish).collect::<Vec<_>>();
    let mut locked = Locked {
        name: normalized(entry.name.get_ref()),
        version: entry.version.clone().unwrap_or_default(),
        wishes: wishes(&entry.dependencies),
        extras: entry
            .optional_dependencies
            .iter()
            .map(|(extra, asked)| (normalized(extra), wishes(asked)))
            .collect(),
    };
    // A project installs what it asks for in its groups and extras, whoever asks.
    if entry.is_own() {
        for asked in entry.optional_dependencies.values().chain(entry.dev_dependencies.values()) {
            locked.wishes.extend(wishes(asked));
        }
    }
    locked
}

/// What the project's own packages ask for, and when they need it.
fn roots(lockfile: &Lockfile) -> Vec<(Wish, Scope)> {
    let mut roots = Vec::new();
    let mut ask = |asked: &[Asked], scope: Scope| {
        roots.extend(asked.iter().map(|asked| (asked.wish(), scope)));
    };
    for entry in lockfile.package.iter().filter(|entry| entry.is_own()) {
        ask(&entry.dependencies, Scope::Required);
        entry.optional_dependencies.values().for_each(|asked| ask(asked, Scope::Optional));
        entry.dev_dependencies.values().for_each(|asked| ask(asked, Scope::Dev));
    }
    ask(&lockfile.manifest.requirements, Scope::Required);
    lockfile.manifest.dependency_groups.values().for_each(|asked| ask(asked, Scope::Dev));
    let own: HashSet<String> = lockfile
        .package
        .iter()
        .filter(|entry| entry.is_own())
        .map(|entry| normalized(entry.name.get_ref()))
        .collect();
    // One member asking for another says nothing of when the other's packages are needed.
    roots.retain(|(wish, _)| !own.contains(&wish.name));
    roots
}

fn component(entry: &Entry) -> Result<Component, PurlError> {
    let name = entry.name.get_ref();
    let mut component = Component::new(name);
    component.version = entry.version.clone();
    component.presence = Presence::Declared;
    if entry.is_own() {
        component.kind = Kind::Application;
        component.first_party = true;
        return Ok(component);
    }
    let artefacts = entry.sdist.iter().chain(&entry.wheels).filter_map(|artefact| {
        let place = artefact.url.as_deref().or(artefact.path.as_deref())?;
        Some((place, pypi::hash(artefact.hash.as_deref()?)?))
    });
    component.hashes.extend(pypi::hash_of(artefacts));
    let mut qualifier = None;
    if let Some(git) = &entry.source.git {
        // `URL?rev=main#COMMIT`
        let (place, commit) = git.split_once('#').unwrap_or((git, ""));
        let url = place.split('?').next().unwrap_or(place);
        let url = format!("git+{url}{}{commit}", if commit.is_empty() { "" } else { "@" });
        component.vcs = Some(url.clone());
        qualifier = Some(("vcs_url", url));
    } else if let Some(url) = &entry.source.url {
        component.download = Some(url.clone());
        qualifier = Some(("download_url", url.clone()));
    }
    let qualifier = qualifier.as_ref().map(|(key, value)| (*key, value.as_str()));
    component.purl = Some(pypi::purl(name, entry.version.as_deref(), qualifier.as_slice())?);
    Ok(component)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn groups_are_for_development_and_extras_may_be_missing() {
        let lock = r#"
version = 1
requires-python = ">=3.11"

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "httpx", extra = ["socks"] },
    { name = "numpy", version = "1.26.4", source = { registry = "https://pypi.org/simple" }, marker = "python_full_version < '3.12'" },
]

[package.optional-dependencies]
fast = [{ name = "orjson" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "httpx"
version = "0.28.1"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.pythonhosted.org/packages/httpx-0.28.1.tar.gz", hash = "sha256:75e98c5f16b0f35b567856f597f06ff2270a374470a5c2392242528e3e3e42fc", size = 141406 }
wheels = [
    { url = "https://files.pythonhosted.org/packages/httpx-0.28.1-py3-none-any.whl", hash = "sha256:d909fcccc110f8c7faf814ca82a9a4d816bc5a6dbfea25d6591d6985b8ba59ad", size = 73517 },
]

[package.optional-dependencies]
socks = [{ name = "socksio" }]
brotli = [{ name = "numpy", version = "2.0.0" }]

[[package]]
name = "numpy"
version = "1.26.4"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "numpy"
version = "2.0.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "orjson"
version = "3.10.12"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "pytest"
version = "8.3.4"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "numpy", version = "2.0.0" }]

[[package]]
name = "socksio"
version = "1.0.0"
source = { registry = "https://pypi.org/simple" }
"#;
        check(
            &ECOSYSTEM,
            &[("uv.lock", lock)],
            expect![[r#"
            application:app@0.1.0 line 6 application first-party needs [httpx@0.28.1, numpy@1.26.4, orjson@3.10.12, pytest@8.3.4]
            pkg:pypi/httpx@0.28.1 line 21 SHA-256:75e98c5f needs [socksio@1.0.0]
            pkg:pypi/numpy@1.26.4 line 34 needs []
            pkg:pypi/numpy@2.0.0 line 39 dev needs []
            pkg:pypi/orjson@3.10.12 line 44 optional needs []
            pkg:pypi/pytest@8.3.4 line 49 dev needs [numpy@2.0.0]
            pkg:pypi/socksio@1.0.0 line 55 needs []
        "#]],
        );
    }

    #[test]
    fn a_workspace_a_script_and_other_sources_are_read() {
        let workspace = r#"
version = 1
[manifest]
members = ["one", "two"]
[[package]]
name = "one"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "two" }, { name = "mine" }]
[[package]]
name = "two"
source = { editable = "packages/two" }
dependencies = [{ name = "zipped" }]
[[package]]
name = "mine"
version = "2.0"
source = { git = "https://github.com/o/mine?rev=main#0123abcd" }
[[package]]
name = "zipped"
version = "3.0"
source = { url = "https://example.org/zipped-3.0.zip" }
sdist = { hash = "sha256:75e98c5f16b0f35b567856f597f06ff2270a374470a5c2392242528e3e3e42fc" }
"#;
        let script = "version = 1\n[manifest]\nrequirements = [{ name = \"Rich\", extras = [\"jupyter\"], specifier = \">=13\" }]\n\
                      [[package]]\nname = \"rich\"\nversion = \"13.0\"\n";
        check(
            &ECOSYSTEM,
            &[("uv.lock", workspace), ("tools/report.py.lock", script)],
            expect![[r#"
            application:one@1.0 line 6 application first-party needs [application:two, mine@2.0]
            application:two line 11 application first-party needs [zipped@3.0]
            pkg:pypi/mine@2.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fmine%400123abcd line 15 needs []
            pkg:pypi/rich@13.0 line 5 needs []
            pkg:pypi/zipped@3.0?download_url=https:%2F%2Fexample.org%2Fzipped-3.0.zip line 19 needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("uv.lock", "version = 1\n[[package]]\nname = \"a\"\nsource = { registry = \"x\" "),
                ("b/uv.lock", ""),
                (
                    "c/uv.lock",
                    "version = 1\n[[package]]\nname = \"\"\n[[package]]\nname = \"c\"\ndependencies = [{ name = \"gone\" }]\n",
                ),
            ],
            expect![[r#"
                pkg:pypi/c line 5 needs []
                gap b/uv.lock:1: is not the TOML expected here: missing field `version`
                gap c/uv.lock:3: `pkg:pypi/` is not a package URL: missing name
                gap uv.lock:4: is not the TOML expected here: unclosed inline table, expected `}`
            "#]],
        );
    }
}
