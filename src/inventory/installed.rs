//! What a lockfile names and an image does not have.
//!
//! A lockfile in an image says what was to be installed, for every platform and for development too; the
//! installed packages say what was. Where a lockfile was applied, what it names beyond that is not in the
//! image, and is left out, with a word about how many, and one word for each package that is installed in
//! another version than the lockfile names. A lockfile that was not applied (its packages are bundled, say) is
//! all there is, and is listed; but one that a distribution's package brought is what its makers built with, and
//! nobody ever applied it here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use super::owners::Folders;
use crate::bom::{Gap, GapKind, Presence, Ref, Scope, Subject, SubjectKind};
use crate::layers::{Tree, parent};

pub(super) fn leave_out_what_is_not(
    found: &mut Vec<Found>,
    gaps: &mut Vec<Gap>,
    subject: &Subject,
    tree: &Tree,
) {
    let is_root_file_system =
        subject.kind == SubjectKind::Image || found.iter().any(|found| found.component.is_os());
    if !is_root_file_system {
        return;
    }
    let distributed = distributed(found, tree);
    let applied = &applied_lockfiles(found) - &distributed;
    let installed = Installed::of(found);
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    let disagreements = disagreements(found, &applied, &installed);
    found.retain(|found| {
        let is_there = installed.has(found);
        let stays = match distributed.contains(&*found.path) {
            true => !may_be_distributed(found),
            false => !is_locked(found) || !applied.contains(&*found.path) || is_there,
        };
        if !stays && !is_there && is_locked(found) {
            *left_out.entry(found.path.to_string()).or_default() += 1;
        }
        stays
    });
    gaps.extend(left_out.into_iter().map(|(path, count)| {
        let packages =
            if count == 1 { "1 package it names is" } else { &format!("{count} packages it names are") };
        left_out_gap(path, None, format!("{packages} not installed here"))
    }));
    gaps.extend(disagreements);
}

fn left_out_gap(path: String, line: Option<u32>, reason: String) -> Gap {
    Gap { path, line, kind: GapKind::LeftOut, reason }
}

/// Lockfiles and manifests of projects among the files of the operating system's packages. Nobody applied
/// those lockfiles here, and their projects are nobody's own.
fn distributed(found: &[Found], tree: &Tree) -> BTreeSet<String> {
    let candidates = found.iter().filter(|found| may_be_distributed(found));
    let candidates: BTreeSet<&str> = candidates.map(|found| &*found.path).collect();
    if candidates.is_empty() {
        return BTreeSet::new();
    }
    let mut folders = Folders::of(tree);
    let os = found.iter().filter(|found| found.component.is_os());
    let files = os.flat_map(|found| &found.files).map(|file| folders.real(&file.path));
    files.filter(|path| candidates.contains(&**path)).map(Cow::into_owned).collect()
}

fn may_be_distributed(found: &Found) -> bool {
    found.component.first_party || is_locked(found)
}

/// Packages of applied lockfiles that are installed in another version than the lockfile names: in the
/// project's own folders if they are there, else anywhere.
fn disagreements(found: &[Found], applied: &BTreeSet<String>, installed: &Installed) -> Vec<Gap> {
    let mut locked: BTreeMap<(&str, &str), Vec<&Found>> = BTreeMap::new();
    for found in found.iter().filter(|found| is_locked(found) && applied.contains(&*found.path)) {
        if let Some(purl) = &found.component.purl {
            locked.entry((&found.path, purl.without_version())).or_default().push(found);
        }
    }
    let mut gaps = Vec::new();
    for ((path, name), locked) in locked {
        let version_of = |found: &&Found| found.component.version.clone();
        let named: BTreeSet<String> = locked.iter().filter_map(version_of).collect();
        let own = installed.in_project(path, name, &locked[0].component.name);
        let there = match own.is_empty() {
            true => installed.anywhere(name),
            false => &own - &named,
        };
        if named.is_empty() || there.is_empty() || !named.is_disjoint(&there) {
            continue;
        }
        let [named, there] = [&named, &there].map(|set| set.iter().cloned().collect::<Vec<_>>().join(", "));
        let name = &locked[0].component.name;
        let reason = format!("names {name} {named}, and {there} is installed");
        gaps.push(left_out_gap(path.to_owned(), locked[0].line, reason));
    }
    gaps
}

fn is_locked(found: &Found) -> bool {
    found.component.presence == Presence::Declared && !found.component.first_party
}

/// What is installed, by reference and by name.
struct Installed {
    references: BTreeSet<Ref>,
    /// Place and version of each.
    versions: BTreeMap<String, Vec<(String, String)>>,
}

impl Installed {
    fn of(found: &[Found]) -> Self {
        let mut installed = Self { references: BTreeSet::new(), versions: BTreeMap::new() };
        for found in found {
            let component = &found.component;
            if component.presence != Presence::Installed {
                continue;
            }
            installed.references.insert(component.reference());
            if let (Some(purl), Some(version)) = (&component.purl, &component.version) {
                installed
                    .versions
                    .entry(purl.without_version().to_owned())
                    .or_default()
                    .push((found.path.to_string(), version.clone()));
            }
        }
        installed
    }

    fn anywhere(&self, name: &str) -> BTreeSet<String> {
        self.versions.get(name).into_iter().flatten().map(|(_, version)| version.clone()).collect()
    }

    /// The versions of a package below the folder of a lockfile. Node's modules count where they are installed,
    /// not where another carries a copy.
    fn in_project(&self, lockfile: &str, purl: &str, name: &str) -> BTreeSet<String> {
        let folder = parent(lockfile);
        let slash = if folder.is_empty() { "" } else { "/" };
        let (start, end) = match purl.starts_with("pkg:npm/") {
            true => (format!("{folder}{slash}node_modules/"), format!("node_modules/{name}/package.json")),
            false if folder.is_empty() => return BTreeSet::new(),
            false => (format!("{folder}/"), String::new()),
        };
        let places = self.versions.get(purl).into_iter().flatten();
        let own = places.filter(|(path, _)| path.starts_with(&start) && path.ends_with(&end));
        own.map(|(_, version)| version.clone()).collect()
    }

    fn has(&self, found: &Found) -> bool {
        self.references.contains(&found.component.reference())
    }

    /// Whether what was asked for is met: exactly, or by any version where none was named.
    fn meets(&self, found: &Found) -> bool {
        let component = &found.component;
        let any =
            || component.purl.as_ref().is_some_and(|purl| self.versions.contains_key(purl.without_version()));
        self.has(found) || (component.version.is_none() && any())
    }
}

/// Lockfiles at least half of whose run-time packages are installed.
fn applied_lockfiles(found: &[Found]) -> BTreeSet<String> {
    let installed = Installed::of(found);
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for found in found.iter().filter(|found| is_locked(found) && found.scope != Some(Scope::Dev)) {
        let (there, all) = counts.entry(&found.path).or_default();
        *there += usize::from(installed.meets(found));
        *all += 1;
    }
    let applied = counts.into_iter().filter(|(_, (there, all))| there * 2 >= *all);
    applied.map(|(path, _)| path.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use crate::bom::Bom;
    use crate::inventory::ecosystems::testing::layered;

    const STATUS: &str = "Package: node-x\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n";
    const LOCK: &str = r#"{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": {
        "": {"name": "x", "version": "1.0.0"},
        "node_modules/a": {"version": "1.0.0"},
        "node_modules/b": {"version": "2.0.0"}
    }}"#;

    fn module(name: &str, version: &str) -> String {
        format!(r#"{{"name": "{name}", "version": "{version}"}}"#)
    }

    fn purls(bom: &Bom) -> Vec<&str> {
        let npm = bom.components.keys().map(|reference| reference.as_str());
        npm.filter(|reference| reference.starts_with("pkg:npm/")).collect()
    }

    fn reasons(bom: &Bom) -> Vec<&str> {
        bom.gaps.iter().map(|gap| gap.reason.as_str()).collect()
    }

    #[test]
    fn an_applied_lockfile_adds_nothing_and_is_compared() {
        let bom = layered(&[&[
            ("var/lib/dpkg/status", STATUS),
            ("srv/package-lock.json", LOCK),
            ("srv/node_modules/a/package.json", &module("a", "1.0.0")),
            ("srv/node_modules/b/package.json", &module("b", "2.3.0")),
        ]]);
        assert_eq!(purls(&bom), ["pkg:npm/a@1.0.0", "pkg:npm/b@2.3.0"]);
        let reasons = reasons(&bom);
        assert!(reasons.contains(&"names b 2.0.0, and 2.3.0 is installed"), "{reasons:?}");
        assert!(reasons.contains(&"1 package it names is not installed here"), "{reasons:?}");
    }

    #[test]
    fn a_project_is_compared_with_its_own_folders() {
        let bom = layered(&[&[
            ("var/lib/dpkg/status", STATUS),
            ("srv/package-lock.json", LOCK),
            ("srv/node_modules/a/package.json", &module("a", "1.0.0")),
            ("srv/node_modules/a/dist/b/package.json", &module("b", "1.5.0")),
            ("srv/node_modules/b/package.json", &module("b", "2.3.0")),
            ("opt/node_modules/b/package.json", &module("b", "2.0.0")),
        ]]);
        let reasons = reasons(&bom);
        assert_eq!(reasons, ["names b 2.0.0, and 2.3.0 is installed"]);
    }

    #[test]
    fn a_lockfile_that_was_not_applied_is_all_there_is() {
        let bom = layered(&[&[("var/lib/dpkg/status", STATUS), ("srv/package-lock.json", LOCK)]]);
        assert_eq!(purls(&bom), ["pkg:npm/a@1.0.0", "pkg:npm/b@2.0.0"]);
    }

    #[test]
    fn a_lockfile_of_a_distributions_package_was_never_applied_here() {
        let bom = layered(&[&[
            ("var/lib/dpkg/status", STATUS),
            ("var/lib/dpkg/info/node-x.list", "/.\n/usr/share/nodejs/x/package-lock.json\n"),
            ("usr/share/nodejs/x/package-lock.json", LOCK),
        ]]);
        assert_eq!(purls(&bom), [""; 0]);
        assert_eq!(reasons(&bom), ["2 packages it names are not installed here"]);
        assert!(!bom.components.values().any(|component| component.first_party));
    }
}
