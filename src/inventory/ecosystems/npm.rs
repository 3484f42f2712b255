//! Packages installed for Node, told by the manifests they carry: `package.json`.
//!
//! Not every manifest is a package. One is when it lies where packages are installed
//! (`node_modules/NAME/package.json`, or Debian's `nodejs` folders). Deeper inside an installed package it is
//! a vendored copy when it has a name of its own and a version, and is neither private nor among tests and
//! templates; all others there say how modules are to be loaded. Outside, the manifest beside or below a
//! lockfile, or with its dependencies installed, is the project's own.
//!
//! Edges are what Node would load: it looks for `node_modules/NAME` in every folder upwards, through links,
//! which is also how pnpm's store of links is read.
//! Spec: <https://docs.npmjs.com/cli/configuring-npm/package-json>

use super::super::integrity;
use super::super::json;
use super::super::lines::Lines;
use super::super::locked;
use super::super::node;
use super::super::origin::{self, Origin};
use super::super::value::Value;
use super::super::{Ecosystem, Extent, File, Need, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Presence};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "npm",
    about: "packages installed for Node, by the package.json of each",
    reads: &["**/package.json"],
    beside: &[
        "**/bun.lock",
        "**/bun.lockb",
        "**/npm-shrinkwrap.json",
        "**/package-lock.json",
        "**/pnpm-lock.yaml",
        "**/yarn.lock",
    ],
    spec: "https://docs.npmjs.com/cli/configuring-npm/package-json",
    parse,
    enrich: nothing_beside,
};

const LOCKFILES: &[&str] =
    &["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "npm-shrinkwrap.json", "bun.lock", "bun.lockb"];

/// The manifest of a package that npm packed, at the top of its archive.
const PACKED: &str = "package/package.json";

/// Folders whose children are installed packages.
const INSTALLED_IN: &[&str] = &["node_modules/", "share/nodejs/", "lib/nodejs/"];

/// Where Debian's node looks when nothing is found upwards.
const DEBIAN_FOLDERS: &[&str] = &["usr/share/nodejs", "usr/lib/nodejs"];

/// Folders of manifests that nobody loads packages by.
const NOT_SHIPPED_AS_PACKAGES: &[&str] = &[
    "__fixtures__",
    "__mocks__",
    "__tests__",
    "bench",
    "benchmark",
    "benchmarks",
    "demo",
    "demos",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "mock",
    "mocks",
    "spec",
    "specs",
    "template",
    "templates",
    "test",
    "test-data",
    "testdata",
    "tests",
];

/// Folders in which projects keep copies of others' packages.
const VENDORED_IN: &[&str] = &["bower_components", "third-party", "third_party", "vendor", "vendored"];

/// Where systems keep programs and not projects.
const SYSTEM_FOLDERS: &[&str] =
    &["usr/lib/", "usr/share/", "usr/local/lib/", "usr/local/share/", "site-packages/", "dist-packages/"];

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    if file.path.len() > node::LONGEST_PATH {
        return Err(ParseError::new(None, "lies deeper than any file that can be opened"));
    }
    let place = Place::of(file.folder());
    if matches!(place, Place::NotShipped) {
        return Ok(Parsed::default());
    }
    let text = file.text();
    let manifest = json::parse(&text)?;
    let reading = Reading { folder: file.folder(), tree, manifest: &manifest, lines: Lines::of(&text) };
    let mut parsed = Parsed::default();
    match reading.component(&place) {
        Ok(Some(component)) => {
            let is_alone = component.first_party || file.path == PACKED;
            parsed.problems.extend(if is_alone { reading.unlocked() } else { None });
            parsed.packages.push(reading.package(component, &place));
        }
        Ok(None) => {}
        Err(reason) => parsed.problems.push(Problem::new(reading.line("name"), reason)),
    }
    Ok(parsed)
}

/// What the folder of a manifest says of it.
enum Place<'a> {
    /// Packages are installed here; this one under this name.
    Installed(&'a str),
    /// Deeper inside the package installed under this name in this folder.
    Inside(&'a str, &'a str),
    Vendored,
    Outside,
    NotShipped,
}

impl<'a> Place<'a> {
    fn of(folder: &'a str) -> Self {
        let mut place = Self::Outside;
        let mut rest = folder;
        while let Some(start) = next_install(rest) {
            rest = &rest[start..];
            let end = name_length(rest);
            let outer = &folder[..folder.len() - rest.len() + end];
            let (name, inner) = (&rest[..end], rest[end..].trim_start_matches('/'));
            // Up to the next folder of installed packages, which lies in this one.
            let here = &inner[..next_install(inner).unwrap_or(inner.len())];
            if has_any(here, NOT_SHIPPED_AS_PACKAGES) {
                return Self::NotShipped;
            }
            place = match inner {
                _ if name.is_empty() => Self::NotShipped,
                // `.cache` and the like hold no packages, but `.pnpm/x@1/node_modules/x` goes on.
                _ if name.starts_with('.') => Self::NotShipped,
                "" => Self::Installed(name),
                _ => Self::Inside(name, outer),
            };
            rest = inner;
        }
        match place {
            Self::Outside if has_any(folder, NOT_SHIPPED_AS_PACKAGES) => Self::NotShipped,
            Self::Outside if has_any(folder, VENDORED_IN) => Self::Vendored,
            place => place,
        }
    }
}

/// Behind the next folder of installed packages.
fn next_install(folder: &str) -> Option<usize> {
    let find = |marker: &&str| {
        let found = folder
            .match_indices(*marker)
            .find(|(start, _)| *start == 0 || folder.as_bytes().get(start - 1) == Some(&b'/'));
        found.map(|(start, _)| start + marker.len())
    };
    INSTALLED_IN.iter().filter_map(find).min()
}

/// Of `name` or `@scope/name` at the start of a path.
fn name_length(path: &str) -> usize {
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let end = if path.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    end.unwrap_or(path.len())
}

fn has_any(folder: &str, names: &[&str]) -> bool {
    folder.split('/').any(|part| names.binary_search(&part).is_ok())
}

struct Reading<'a> {
    folder: &'a str,
    tree: &'a Tree,
    manifest: &'a Value<'a>,
    lines: Lines,
}

impl Reading<'_> {
    fn line(&self, key: &str) -> u32 {
        let member = self.manifest.members().iter().find(|member| member.key == key);
        self.lines.line(member.map_or(self.manifest.at, |member| member.at))
    }

    /// `None` for a manifest that is no package.
    fn component(&self, place: &Place<'_>) -> Result<Option<Component>, String> {
        let name = self.manifest.field("name");
        let version = self.manifest.field("version");
        match place {
            Place::Installed(installed) => match version {
                Some(version) => self.installed(name.unwrap_or(installed), version).map(Some),
                None => Err(format!("`{installed}` has no version")),
            },
            Place::Inside(outer, _) => Ok(self.vendored(Some(outer))),
            Place::Vendored => Ok(self.vendored(None)),
            Place::Outside => self.outside(),
            Place::NotShipped => Ok(None),
        }
    }

    fn installed(&self, name: &str, version: &str) -> Result<Component, String> {
        // npm up to version 6 wrote into the manifest where it had fetched the package, and for whom.
        let resolved = self.manifest.field("_resolved").unwrap_or_default();
        let mut component = node::named(name, Some(version), &Origin::of(resolved))?;
        component.hashes = integrity::hashes(self.manifest.field("_integrity").unwrap_or_default()).into();
        if resolved.starts_with("http") {
            component.download = Some(origin::without_credentials(resolved).into());
        }
        // Global packages are asked for one by one; what they need lies in them.
        let is_global =
            self.folder.strip_suffix(name).is_some_and(|folder| folder.ends_with("lib/node_modules/"));
        component.asked_for = is_global || self.manifest.texts("_requiredBy").any(|by| by == "#USER");
        Ok(component)
    }

    /// A copy of another package, if it is one.
    fn vendored(&self, outer: Option<&str>) -> Option<Component> {
        let name = self.manifest.field("name").filter(|name| Some(*name) != outer)?;
        let version = self.manifest.field("version")?;
        let is_published =
            !self.manifest.flag("private") && version.starts_with(|first: char| first.is_ascii_digit());
        if is_published { node::named(name, Some(version), &Origin::Registry).ok() } else { None }
    }

    fn outside(&self) -> Result<Option<Component>, String> {
        let Some(name) = self.manifest.field("name") else { return Ok(None) };
        if !node::is_name(name) {
            return Err(format!("`{}` is no name of a package", name.chars().take(80).collect::<String>()));
        }
        let version = self.manifest.field("version");
        let is_project = self.folder.is_empty() || self.is_in_project() || self.has_dependencies_installed();
        let is_private = self.manifest.flag("private");
        if is_project || is_private && !in_system_folder(self.folder) {
            let mut component = locked::own(name, version);
            component.presence = Presence::Installed;
            return Ok(Some(component));
        }
        if is_private { Ok(None) } else { Ok(self.vendored(None)) }
    }

    /// Whether a lockfile lies beside or above, or another manifest above.
    fn is_in_project(&self) -> bool {
        if self.folder.is_empty() {
            return self.has_lockfile("");
        }
        let above = std::iter::successors(Some(self.folder), |folder| {
            (!folder.is_empty()).then(|| crate::layers::parent(folder))
        });
        let is_project = |folder: &str| {
            let is_above = folder.len() < self.folder.len();
            self.has_lockfile(folder) || is_above && self.tree.read(&within(folder, "package.json")).is_some()
        };
        above.into_iter().any(is_project)
    }

    fn has_lockfile(&self, folder: &str) -> bool {
        LOCKFILES.iter().any(|name| self.tree.read(&within(folder, name)).is_some())
    }

    /// Looks for a few of them: one is enough.
    fn has_dependencies_installed(&self) -> bool {
        let is_there = |name: &str| {
            node::module_folders(self.folder)
                .any(|folder| self.tree.read(&format!("{folder}/{name}/package.json")).is_some())
        };
        self.manifest.keys("dependencies").take(8).any(is_there)
    }

    /// A project that says what it needs, while nothing says what it gets.
    fn unlocked(&self) -> Option<Problem> {
        let count = self.manifest.keys("dependencies").count();
        let is_known = count == 0 || self.is_in_project() || self.has_dependencies_installed();
        let line = self.line("dependencies");
        (!is_known).then(|| Problem::new(line, locked::unlocked(count)))
    }

    fn package(&self, mut component: Component, place: &Place<'_>) -> Package {
        let manifest = self.manifest;
        component.licenses.extend(node::license_claim(manifest));
        component.author = manifest.get("author").and_then(node::person);
        component.description =
            manifest.field("description").and_then(|text| text.lines().next()).map(str::to_owned);
        component.homepage = manifest.field("homepage").map(str::to_owned);
        component.vcs = component.vcs.or_else(|| node::vcs(manifest));
        let is_own = component.first_party;
        let mut package = Package::new(component);
        package.extent = (!self.folder.is_empty()).then(|| Extent::Folder(self.folder.into()));
        package.line = Some(self.line("name"));
        package.addresses = vec![format!("npm:{}", self.folder)];
        package.needs = Some(self.needs(is_own));
        // A package needs the copies of others that it carries.
        match place {
            Place::Inside(_, outer) => package.addresses.push(format!("npm:{outer}#inside")),
            Place::Installed(_) => {
                let inside = Need::of(format!("npm:{}#inside", self.folder));
                package.needs.get_or_insert_default().push(inside);
            }
            _ => {}
        }
        package
    }

    fn needs(&self, is_own: bool) -> Vec<Need> {
        let keys = ["dependencies", "optionalDependencies", "peerDependencies"];
        let own = is_own.then_some("devDependencies");
        let names: Vec<&str> = keys.into_iter().chain(own).flat_map(|key| self.manifest.keys(key)).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let folders = self.module_folders();
        let need = |name: &str| {
            let addresses = folders.iter().map(|folder| self.address(&format!("{folder}/{name}")));
            Need { any_of: addresses.collect() }
        };
        names.into_iter().map(need).collect()
    }

    /// Where Node looks, links followed.
    fn module_folders(&self) -> Vec<String> {
        let mut folders: Vec<String> = node::module_folders(self.folder).collect();
        for folder in DEBIAN_FOLDERS {
            if let Some(start) = self.folder.find(folder) {
                folders
                    .extend(DEBIAN_FOLDERS.iter().map(|place| format!("{}{place}", &self.folder[..start])));
            }
        }
        for folder in &mut folders {
            if let Some(real) = self.tree.real_folder(folder) {
                *folder = real;
            }
        }
        folders
    }

    fn address(&self, folder: &str) -> String {
        let real = if self.tree.is_link(folder) { self.tree.real_folder(folder) } else { None };
        format!("npm:{}", real.as_deref().unwrap_or(folder))
    }
}

fn within(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn in_system_folder(folder: &str) -> bool {
    SYSTEM_FOLDERS.iter().any(|system| folder.starts_with(system) || folder.contains(&format!("/{system}")))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn an_edge_leads_to_what_node_would_load() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "srv/package.json",
                    r#"{"name": "app", "version": "1.0.0", "private": true, "license": "UNLICENSED",
                        "dependencies": {"debug": "2"}, "devDependencies": {"tap": "1"}}"#,
                ),
                (
                    "srv/node_modules/debug/package.json",
                    "\u{feff}{\n\"name\": \"debug\", \"version\": \"2.5.2\", \"license\": \"MIT\",
                      \"author\": {\"name\": \"TJ\", \"email\": \"tj@x.org\"}, \"repository\": \"a/debug\",
                      \"dependencies\": {\"ms\": \"0.7.2\", \"@s/x\": \"1\"}, \"peerDependencies\": {\"gone\": \"*\"}}",
                ),
                (
                    "srv/node_modules/debug/node_modules/ms/package.json",
                    r#"{"name": "ms", "version": "0.7.2", "licenses": [{"type": "MIT", "url": "u"}, {"type": "ISC"}]}"#,
                ),
                ("srv/node_modules/ms/package.json", r#"{"name": "ms", "version": "2.0.0", "license": {"type": "MIT"}}"#),
                ("srv/node_modules/@s/x/package.json", r#"{"name": "@s/x", "version": "1.0.0", "dependencies": {"ms": "2"}}"#),
                (
                    "usr/lib/node_modules/npm/package.json",
                    r#"{"name": "npm", "version": "10.0.0", "license": "Artistic-2.0", "dependencies": {"ms": "2"}}"#,
                ),
                ("usr/lib/node_modules/npm/node_modules/ms/package.json", r#"{"name": "ms", "version": "2.1.3"}"#),
            ],
            expect![[r#"
                application:app@1.0.0 line 1 application first-party declared `UNLICENSED` = LicenseRef-packlist-proprietary needs [debug@2.5.2]
                pkg:npm/%40s/x@1.0.0 line 1 needs [ms@2.0.0]
                pkg:npm/debug@2.5.2 line 2 declared `MIT` needs [%40s/x@1.0.0, ms@0.7.2]
                pkg:npm/ms@0.7.2 line 1 declared `MIT OR ISC` needs []
                pkg:npm/ms@2.0.0 line 1 declared `MIT` needs []
                pkg:npm/ms@2.1.3 line 1 needs []
                pkg:npm/npm@10.0.0 line 1 declared `Artistic-2.0` needs [ms@2.1.3]
            "#]],
        );
    }

    #[test]
    fn links_are_followed_to_the_store_and_to_workspaces() {
        check(
            &ECOSYSTEM,
            &[
                ("pnpm-lock.yaml", ""),
                ("package.json", r#"{"name": "root", "dependencies": {"a": "1", "lib": "workspace:*"}}"#),
                (
                    "packages/lib/package.json",
                    r#"{"name": "lib", "version": "0.1.0", "dependencies": {"b": "1"}}"#,
                ),
                ("packages/lib/node_modules/b", "->../../../node_modules/.pnpm/b@2.0.0/node_modules/b"),
                ("node_modules/a", "->.pnpm/a@1.0.0/node_modules/a"),
                ("node_modules/lib", "->../packages/lib"),
                (
                    "node_modules/.pnpm/a@1.0.0/node_modules/a/package.json",
                    r#"{"name": "a", "version": "1.0.0", "dependencies": {"b": "1"}}"#,
                ),
                ("node_modules/.pnpm/a@1.0.0/node_modules/b", "->../../b@1.0.0/node_modules/b"),
                (
                    "node_modules/.pnpm/b@1.0.0/node_modules/b/package.json",
                    r#"{"name": "b", "version": "1.0.0"}"#,
                ),
                (
                    "node_modules/.pnpm/b@2.0.0/node_modules/b/package.json",
                    r#"{"name": "b", "version": "2.0.0"}"#,
                ),
            ],
            expect![[r#"
                application:lib@0.1.0 line 1 application first-party needs [b@2.0.0]
                application:root line 1 application first-party needs [application:lib@0.1.0, a@1.0.0]
                pkg:npm/a@1.0.0 line 1 needs [b@1.0.0]
                pkg:npm/b@1.0.0 line 1 needs []
                pkg:npm/b@2.0.0 line 1 needs []
            "#]],
        );
    }

    #[test]
    fn not_every_manifest_is_a_package() {
        check(
            &ECOSYSTEM,
            &[
                ("node_modules/next/package.json", r#"{"name": "next", "version": "14.0.0"}"#),
                (
                    "node_modules/next/dist/compiled/@babel/runtime/package.json",
                    r#"{"name": "@babel/runtime", "version": "7.22.5", "license": "MIT"}"#,
                ),
                ("node_modules/next/dist/compiled/ws/package.json", r#"{"name": "ws", "main": "index.js"}"#),
                ("node_modules/next/dist/esm/package.json", r#"{"type": "module"}"#),
                ("node_modules/next/dist/cjs/package.json", r#"{"name": "next", "version": "14.0.0"}"#),
                ("node_modules/next/hooks/package.json", r#"{"name": "next/hooks", "version": "14.0.0"}"#),
                (
                    "node_modules/next/private/package.json",
                    r#"{"name": "next-hooks", "version": "0.1.0", "private": true}"#,
                ),
                ("node_modules/next/test/fixtures/x/package.json", "{ broken"),
                (
                    "node_modules/next/test/node_modules/x/package.json",
                    r#"{"name": "x", "version": "1.0.0"}"#,
                ),
                ("node_modules/.cache/x/package.json", r#"{"name": "x", "version": "1.0.0"}"#),
                (
                    "opt/yarn-v1.22.22/package.json",
                    r#"{"name": "yarn", "version": "1.22.22", "license": "BSD-2-Clause"}"#,
                ),
                (
                    "usr/lib/python3/dist-packages/lab/static/package.json",
                    r#"{"name": "lab", "version": "1.0.0", "private": true}"#,
                ),
                (
                    "usr/share/nodejs/semver/package.json",
                    r#"{"name": "semver", "version": "7.3.5", "dependencies": {"lru-cache": "6"}}"#,
                ),
                (
                    "usr/share/nodejs/lru-cache/package.json",
                    r#"{"name": "lru-cache", "version": "6.0.0", "_requiredBy": ["/semver"]}"#,
                ),
            ],
            expect![[r#"
                pkg:npm/%40babel/runtime@7.22.5 line 1 declared `MIT` needs []
                pkg:npm/lru-cache@6.0.0 line 1 needs []
                pkg:npm/next@14.0.0 line 1 needs [%40babel/runtime@7.22.5]
                pkg:npm/semver@7.3.5 line 1 needs [lru-cache@6.0.0]
                pkg:npm/yarn@1.22.22 line 1 declared `BSD-2-Clause` needs []
            "#]],
        );
    }

    #[test]
    fn a_packed_package_says_that_it_needs_more() {
        let manifest = r#"{"name": "express", "version": "4.18.2", "dependencies": {"accepts": "~1.3.8"}}"#;
        check(
            &ECOSYSTEM,
            &[("package/package.json", manifest)],
            expect![[r#"
            pkg:npm/express@4.18.2 line 1 needs []
            gap package/package.json:1: needs one package, and no lockfile beside says which versions
        "#]],
        );
    }

    #[test]
    fn what_cannot_be_told_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("a/node_modules/x/package.json", "{\n\"name\" \"bootstrap\"\n}"),
                ("b/node_modules/x/package.json", r#"{"name": "x"}"#),
                ("b/node_modules/y/package.json", r#"{"name": "y z", "version": "1.0.0"}"#),
                ("b/node_modules/z/package.json", r#"[{"version": {}}]"#),
                (
                    "c/package.json",
                    "{\"name\": \"app\",\n\"dependencies\": {\"a\": \"^1\", \"b\": \"^2\"}, \"private\": true}",
                ),
                ("d/package.json", r#"{"name": "@invalid/packageName/", "version": "1.0.0"}"#),
            ],
            expect![[r#"
                application:app line 1 application first-party needs []
                gap a/node_modules/x/package.json:2: is not the JSON expected here: expected `:` after a key
                gap b/node_modules/x/package.json:1: `x` has no version
                gap b/node_modules/y/package.json:1: `y z` is no name of a package
                gap b/node_modules/z/package.json:1: `z` has no version
                gap c/package.json:2: needs 2 packages, and no lockfile beside says which versions
                gap d/package.json:1: `@invalid/packageName/` is no name of a package
            "#]],
        );
    }

    #[test]
    fn a_licence_file_beside_a_package_is_a_detected_claim() {
        check(
            &ECOSYSTEM,
            &[
                ("srv/node_modules/a/package.json", r#"{"name": "a", "version": "1.0.0", "license": "MIT"}"#),
                ("srv/node_modules/a/LICENSE", "SPDX-License-Identifier: AGPL-3.0-only\n"),
                ("srv/node_modules/a/license.js", "SPDX-License-Identifier: ISC\n"),
                ("srv/node_modules/a/test/LICENSE", "SPDX-License-Identifier: Zlib\n"),
                ("srv/LICENSE", "SPDX-License-Identifier: 0BSD\n"),
            ],
            expect![[r#"
                pkg:npm/a@1.0.0 line 1 declared `MIT` detected `AGPL-3.0-only` needs []
            "#]],
        );
    }
}
