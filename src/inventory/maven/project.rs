//! A project with what it inherits: parents, properties and managed versions, as far as they lie in the tree.
//!
//! Nothing is fetched. A parent is looked for where the project says, and in a local repository of the same
//! tree. Profiles are left alone: which of them was active is not written down.
//! Spec: <https://maven.apache.org/ref/current/maven-model-builder/>

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::pom::{Dependency, License, Parent, Pom};
use super::{Coordinates, is_plain};
use crate::layers::{Tree, parent};

/// More parents than this are a ring.
const MOST_PARENTS: usize = 16;
/// More placeholders inside placeholders than this are a ring.
const MOST_FILLINGS: usize = 32;
/// No honest value is longer.
const LONGEST_VALUE: usize = 4096;
/// More bills of materials than this are imported by nobody.
const MOST_IMPORTS: usize = 64;

/// Where local repositories lie, seen from the root of the tree.
const REPOSITORIES: &[&str] = &["", ".m2/repository/", "root/.m2/repository/", "usr/share/maven-repo/"];

/// A project and its parents, itself first.
pub(in super::super) struct Project {
    line_of_descent: Vec<(String, Pom)>,
    /// The parent that is not in the tree.
    pub(in super::super) missing_parent: Option<String>,
    managed: BTreeMap<(String, String, String, String), Dependency>,
    /// Bills of materials that are imported and not in the tree.
    pub(in super::super) missing_imports: Vec<String>,
}

impl Project {
    pub(in super::super) fn of(path: &str, pom: Pom, tree: &Tree) -> Self {
        let (line_of_descent, missing_parent) = descent(path, pom, tree);
        let mut project =
            Self { line_of_descent, missing_parent, managed: BTreeMap::new(), missing_imports: Vec::new() };
        project.manage(tree);
        project
    }

    pub(in super::super) fn pom(&self) -> &Pom {
        &self.line_of_descent[0].1
    }

    /// Folders of the project and its parents.
    pub(in super::super) fn folders(&self) -> impl Iterator<Item = &str> {
        self.line_of_descent.iter().map(|(path, _)| parent(path))
    }

    /// The project's own coordinates. `None` when its name is not in the tree.
    pub(in super::super) fn coordinates(&self) -> Option<Coordinates> {
        let pom = self.pom();
        let parent = pom.parent.as_ref();
        let group = pom.group.as_deref().or(parent.map(|parent| parent.group.as_str()))?;
        let version = pom.version.as_deref().or(parent.map(|parent| parent.version.as_str()));
        Some(Coordinates {
            group: self.filled(group).filter(|text| is_plain(text))?,
            artifact: self.filled(pom.artifact.as_deref()?).filter(|text| is_plain(text))?,
            version: version.and_then(|version| self.filled(version)).filter(|text| is_plain(text)),
        })
    }

    /// The licences of the nearest of the line that names any, and its path.
    pub(in super::super) fn licenses(&self) -> (&str, &[License]) {
        let named = self.line_of_descent.iter().find(|(_, pom)| !pom.licenses.is_empty());
        named.map_or(("", &[]), |(path, pom)| (path, &pom.licenses))
    }

    /// Every dependency, those of the parents too, with what is managed filled in. Where two speak of one
    /// artefact, the nearest is right.
    pub(in super::super) fn dependencies(&self) -> Vec<Dependency> {
        let mut dependencies: BTreeMap<_, Dependency> = BTreeMap::new();
        for (index, (_, pom)) in self.line_of_descent.iter().enumerate() {
            for dependency in &pom.dependencies {
                let mut dependency = self.dependency(dependency);
                // The line is one of another file.
                if index > 0 {
                    dependency.line = 0;
                }
                dependencies.entry(key(&dependency)).or_insert(dependency);
            }
        }
        dependencies.into_values().collect()
    }

    fn dependency(&self, written: &Dependency) -> Dependency {
        let filled = |text: &str| self.filled(text).unwrap_or_else(|| text.to_owned());
        let mut dependency = Dependency {
            group: filled(&written.group),
            artifact: filled(&written.artifact),
            version: written.version.as_deref().map(filled),
            scope: written.scope.as_deref().map(filled),
            kind: filled(&written.kind),
            classifier: filled(&written.classifier),
            ..written.clone()
        };
        if let Some(managed) = self.managed.get(&key(&dependency)) {
            dependency.version = dependency.version.or_else(|| managed.version.clone());
            dependency.scope = dependency.scope.or_else(|| managed.scope.clone());
            dependency.optional |= managed.optional;
        }
        dependency.version = dependency.version.and_then(|version| exact(&version));
        dependency
    }

    /// Collects managed versions: the project's own, its parents', and those of imported bills of materials.
    fn manage(&mut self, tree: &Tree) {
        let mut imports = VecDeque::new();
        let managed = self.line_of_descent.iter().flat_map(|(_, pom)| &pom.managed);
        let managed: Vec<Dependency> = managed.map(|dependency| self.dependency(dependency)).collect();
        self.add_managed(managed, &mut imports);
        let mut seen = BTreeSet::new();
        while let Some(import) = imports.pop_front().filter(|_| seen.len() < MOST_IMPORTS) {
            if seen.insert((import.group.clone(), import.artifact.clone(), import.version.clone())) {
                self.import(&import, &mut imports, tree);
            }
        }
    }

    /// What is managed already stays: the nearest is right. Bills of materials wait for their turn.
    fn add_managed(&mut self, managed: Vec<Dependency>, imports: &mut VecDeque<Dependency>) {
        for dependency in managed {
            if dependency.scope.as_deref() == Some("import") {
                imports.push_back(dependency);
            } else {
                self.managed.entry(key(&dependency)).or_insert(dependency);
            }
        }
    }

    fn import(&mut self, import: &Dependency, imports: &mut VecDeque<Dependency>, tree: &Tree) {
        let version = import.version.as_deref().unwrap_or_default();
        let found = in_repository(&import.group, &import.artifact, version, tree);
        let Some((path, pom)) = found else {
            self.missing_imports.push(format!("{}:{}:{version}", import.group, import.artifact));
            return;
        };
        let (line_of_descent, _) = descent(&path, pom, tree);
        let bill = Self {
            line_of_descent,
            missing_parent: None,
            managed: BTreeMap::new(),
            missing_imports: Vec::new(),
        };
        let managed = bill.line_of_descent.iter().flat_map(|(_, pom)| &pom.managed);
        let managed = managed.map(|dependency| bill.dependency(dependency)).collect();
        self.add_managed(managed, imports);
    }

    /// A value with every placeholder filled. `None` where one cannot be.
    fn filled(&self, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        for _ in 0..MOST_FILLINGS {
            let Some(start) = text.find("${") else { return Some(text) };
            let length = text[start..].find('}')?;
            let value = self.property(&text[start + 2..start + length])?;
            text.replace_range(start..=start + length, &value);
            if text.len() > LONGEST_VALUE {
                return None;
            }
        }
        None
    }

    fn property(&self, name: &str) -> Option<String> {
        let pom = self.pom();
        let parent = pom.parent.as_ref();
        let bare = name.strip_prefix("project.").or(name.strip_prefix("pom."));
        let own = match bare.unwrap_or(name) {
            "groupId" => pom.group.as_ref().or(parent.map(|parent| &parent.group)),
            "artifactId" => pom.artifact.as_ref(),
            "version" => pom.version.as_ref().or(parent.map(|parent| &parent.version)),
            "parent.groupId" => parent.map(|parent| &parent.group),
            "parent.artifactId" => parent.map(|parent| &parent.artifact),
            "parent.version" => parent.map(|parent| &parent.version),
            _ => None,
        };
        let written = || self.line_of_descent.iter().find_map(|(_, pom)| pom.properties.get(name));
        match bare {
            Some(_) => own.or_else(written),
            None => written().or(own),
        }
        .cloned()
    }
}

/// A project and its parents, and the first parent that is not there.
fn descent(path: &str, pom: Pom, tree: &Tree) -> (Vec<(String, Pom)>, Option<String>) {
    let mut line = vec![(path.to_owned(), pom)];
    while line.len() < MOST_PARENTS {
        let Some((path, Some(parent))) = line.last().map(|(path, pom)| (path, &pom.parent)) else { break };
        match find_parent(path, parent, tree) {
            Some(found) => line.push(found),
            None => {
                let missing = format!("{}:{}:{}", parent.group, parent.artifact, parent.version);
                return (line, Some(missing));
            }
        }
    }
    (line, None)
}

fn find_parent(path: &str, wanted: &Parent, tree: &Tree) -> Option<(String, Pom)> {
    let beside = (!wanted.path.is_empty()).then(|| beside(path, wanted, tree)).flatten();
    beside.or_else(|| in_repository(&wanted.group, &wanted.artifact, &wanted.version, tree))
}

/// The parent at the path that its child names, which may be that of a folder.
fn beside(path: &str, wanted: &Parent, tree: &Tree) -> Option<(String, Pom)> {
    // Inside an archive nothing lies beside.
    if path.contains("!/") {
        return None;
    }
    let target = format!("{}/{}", parent(path), wanted.path);
    let places = [target.clone(), format!("{target}/pom.xml")];
    places.into_iter().find_map(|place| {
        let place = crate::layers::clean(place.as_bytes())?;
        let pom = Pom::parse(&String::from_utf8_lossy(tree.read(&place)?)).ok()?;
        (place != path && pom.artifact.as_deref() == Some(&wanted.artifact)).then_some((place, pom))
    })
}

fn in_repository(group: &str, artifact: &str, version: &str, tree: &Tree) -> Option<(String, Pom)> {
    if ![group, artifact, version].into_iter().all(is_plain) {
        return None;
    }
    let folder = format!("{}/{artifact}/{version}", group.replace('.', "/"));
    REPOSITORIES.iter().find_map(|repository| {
        let place = format!("{repository}{folder}/{artifact}-{version}.pom");
        let pom = Pom::parse(&String::from_utf8_lossy(tree.read(&place)?)).ok()?;
        Some((place, pom))
    })
}

fn key(dependency: &Dependency) -> (String, String, String, String) {
    let Dependency { group, artifact, kind, classifier, .. } = dependency;
    (group.clone(), artifact.clone(), kind.clone(), classifier.clone())
}

/// The version that is meant: `1.2` or `[1.2]`. `None` for a range, and for what is not filled.
fn exact(version: &str) -> Option<String> {
    let bare = version.strip_prefix('[').and_then(|version| version.strip_suffix(']')).unwrap_or(version);
    is_plain(bare).then(|| bare.to_owned())
}
