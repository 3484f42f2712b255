//! SBOMs that lie inside the subject: Bitnami, Wolfi and Chainguard, Spring Boot, PEP 770.
//!
//! They are somebody's word about what is there. Where a database speaks of the same package, the database is
//! believed and the document is one more place; what only the document knows is added as attested. Nothing
//! that was found is ever removed for a document's sake.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::shelf::compiled;
use crate::bom::{Bom, Component, Evidence, Gap, GapKind, Kind, Needs, Ref, Technique};
use crate::layers::{State, Tree, parent};

/// Where such documents lie.
pub(super) const PATTERNS: &[&str] = &[
    "**/.spdx-*.spdx",
    "**/var/lib/db/sbom/*.spdx.json",
    "**/*.dist-info/sboms/*.{json,rdf,spdx,xml,yaml,yml}",
    "**/META-INF/sbom/*.{cdx,json,spdx,xml}",
];

/// A document found inside the subject.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    pub path: &'a str,
    pub bytes: &'a [u8],
    /// The layer that brought it, counted from the base.
    pub layer: usize,
}

/// The documents there are at the top, in order of path.
pub fn documents(tree: &Tree) -> Vec<Document<'_>> {
    let patterns = compiled(PATTERNS.iter().copied());
    let there = tree.histories().filter_map(|(path, states)| {
        let state = states.last()?;
        Some(Document { path, bytes: State::content(state)?, layer: state.layer })
    });
    there.filter(|document| patterns.is_match(document.path)).collect()
}

/// Merges what a document says into the bill of the subject it lies in.
pub fn embed(bom: &mut Bom, document: &Document<'_>, said: Bom) {
    let known = Known::of(bom);
    let home = home(bom, document.path);
    let mut names: HashMap<Ref, Ref> = HashMap::new();
    for (reference, component) in said.components {
        // A document's own files and the operating system it was made on are no packages.
        if component.purl.is_none() || matches!(component.kind, Kind::OperatingSystem | Kind::File) {
            continue;
        }
        let place = Evidence {
            path: document.path.to_owned(),
            line: component.evidence.first().and_then(|evidence| evidence.line),
            layer: (!bom.layers.is_empty()).then_some(document.layer),
            found_by: "sbom".to_owned(),
            technique: Technique::Attestation,
            confidence: 100,
        };
        let target = match known.find(&component) {
            Some(known) => add_place(bom, known, &component, place),
            None => add(bom, *component, place),
        };
        names.insert(reference, target);
    }
    add_edges(bom, &names, &said.dependencies, home);
    bom.license_texts.extend(said.license_texts.into_iter().filter(|(_, text)| !text.is_empty()));
}

/// The package that carries the document: the one whose metadata lies in the folder above the document's, or
/// the only one of the archive that the document lies in.
fn home(bom: &Bom, path: &str) -> Option<Ref> {
    let folder = parent(parent(path));
    let archive = path.rfind("!/").map(|end| &path[..end + 2]);
    let is_in_archive = |place: &str| {
        archive.and_then(|archive| place.strip_prefix(archive)).is_some_and(|rest| !rest.contains("!/"))
    };
    let mut of_archive = BTreeSet::new();
    for (reference, component) in &bom.components {
        if component.hidden.is_some() || component.is_os() {
            continue;
        }
        let places = || component.evidence.iter().map(|evidence| evidence.path.as_str());
        if !folder.is_empty() && places().any(|place| parent(place) == folder) {
            return Some(reference.clone());
        }
        if places().any(is_in_archive) {
            of_archive.insert(reference);
        }
    }
    of_archive.first().filter(|_| of_archive.len() == 1).map(|only| (*only).clone())
}

/// A document that could not be read.
pub fn unreadable(bom: &mut Bom, document: &Document<'_>, reason: String) {
    let path = document.path.to_owned();
    bom.gaps.push(Gap { path, line: None, kind: GapKind::Unread, reason });
    bom.gaps.sort();
}

/// What is listed, by name and version; a document that does not say the architecture means any.
struct Known {
    references: HashMap<(String, Option<String>), Vec<WithArchitecture>>,
}

type WithArchitecture = (Option<String>, Ref);

impl Known {
    fn of(bom: &Bom) -> Self {
        let mut references: HashMap<_, Vec<_>> = HashMap::new();
        for (reference, component) in &bom.components {
            let (name, version, arch) = component.identity();
            references.entry((name, version)).or_default().push((arch, reference.clone()));
        }
        Self { references }
    }

    fn find(&self, component: &Component) -> Option<Ref> {
        let (name, version, arch) = component.identity();
        let known = self.references.get(&(name, version))?;
        let fits = |known: &Option<String>| arch.is_none() || known.is_none() || *known == arch;
        known.iter().find(|(arch, _)| fits(arch)).map(|(_, reference)| reference.clone())
    }
}

fn add_place(bom: &mut Bom, known: Ref, said: &Component, place: Evidence) -> Ref {
    if let Some(component) = bom.components.get_mut(&known) {
        if component.licenses.is_empty() {
            component.licenses.clone_from(&said.licenses);
        }
        component.supplier = component.supplier.take().or_else(|| said.supplier.clone());
        component.evidence.push(place);
        component.evidence.sort();
        component.evidence.dedup();
    }
    known
}

fn add(bom: &mut Bom, mut component: Component, place: Evidence) -> Ref {
    component.layer = place.layer;
    component.evidence = vec![place];
    component.owner = None;
    component.hidden = None;
    component.first_party = false;
    let reference = component.reference();
    if !bom.components.contains_key(&reference) {
        bom.components.insert(reference.clone(), component);
    }
    reference
}

/// Edges between what the document names. A component whose edges a database knows keeps those. What nothing
/// else leads to came with the package that carries the document, or is the subject's own.
fn add_edges(bom: &mut Bom, names: &HashMap<Ref, Ref>, said: &BTreeMap<Ref, Needs>, home: Option<Ref>) {
    let known: BTreeSet<Ref> = bom.dependencies.keys().cloned().collect();
    for (from, to) in said {
        let Some(from) = names.get(from).filter(|from| !known.contains(*from)) else { continue };
        let to = to.iter().filter_map(|to| names.get(to)).filter(|to| *to != from).cloned();
        bom.dependencies.entry(from.clone()).or_default().extend(to);
    }
    let needed: BTreeSet<&Ref> = bom.dependencies.values().flatten().collect();
    let unreached: Vec<Ref> = names
        .values()
        .filter(|name| !needed.contains(*name) && bom.components[*name].hidden.is_none())
        .cloned()
        .collect();
    let from = home.unwrap_or_else(|| bom.subject.reference());
    let unreached = unreached.into_iter().filter(|name| *name != from);
    bom.dependencies.entry(from.clone()).or_default().extend(unreached);
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::inventory::ecosystems::testing::{layered, render};

    fn said(purls: &[&str]) -> Bom {
        let mut bom = Bom::default();
        for purl in purls {
            let purl: crate::bom::Purl = purl.parse().expect("a purl");
            let mut component = Component::new(purl.name());
            component.version = purl.version().map(str::to_owned);
            component.purl = Some(purl);
            bom.components.insert(component.reference(), component);
        }
        bom
    }

    #[test]
    fn a_document_adds_what_it_alone_knows_and_lists_nothing_twice() {
        let mut bom = layered(&[&[
            ("etc/os-release", "ID=wolfi\nVERSION_ID=20230201\n"),
            ("usr/lib/apk/db/installed", "P:glibc\nV:2.39-r4\nA:x86_64\nL:LGPL-2.1-or-later\n"),
        ]]);
        let mut said = said(&["pkg:apk/wolfi/glibc@2.39-r4", "pkg:github/glibc/glibc@2.39", "pkg:npm/x@1"]);
        let mut refs = said.components.keys().cloned();
        let (first, second) = (refs.next().expect("three"), refs.next().expect("three"));
        said.dependencies.insert(first, [second].into());
        let document = Document { path: "var/lib/db/sbom/glibc.spdx.json", bytes: b"", layer: 0 };
        embed(&mut bom, &document, said);
        let places: usize = bom.components.values().map(|component| component.evidence.len()).sum();
        assert_eq!(places, 5);
        expect![[r#"
            operating-system:wolfi@20230201 operating-system layer 0
            pkg:apk/wolfi/glibc@2.39-r4?arch=x86_64&distro=wolfi-20230201 line 1 layer 0 declared `LGPL-2.1-or-later` needs []
            pkg:github/glibc/glibc@2.39 layer 0
            pkg:npm/x@1 layer 0
        "#]].assert_eq(&render(&bom));
    }

    #[test]
    fn what_a_document_adds_came_with_the_package_that_carries_it() {
        let metadata = "opt/site-packages/rusty-1.0.dist-info/METADATA";
        let mut bom = layered(&[&[(metadata, "Metadata-Version: 2.4\nName: rusty\nVersion: 1.0\n")]]);
        let document =
            Document { path: "opt/site-packages/rusty-1.0.dist-info/sboms/x.cdx.json", bytes: b"", layer: 0 };
        embed(&mut bom, &document, said(&["pkg:cargo/serde@1.0.0"]));
        expect![[r#"
            pkg:cargo/serde@1.0.0 layer 0
            pkg:pypi/rusty@1.0 line 2 layer 0 needs [serde@1.0.0]
        "#]]
        .assert_eq(&render(&bom));
    }

    #[test]
    fn documents_are_found_where_they_are_known_to_lie() {
        let tree_of = |path: &str| {
            let node = crate::layers::Node::File((*b"{}").into());
            let extract = crate::layers::Extract {
                entries: vec![crate::layers::Entry { path: path.into(), node }],
                ..Default::default()
            };
            Tree::stack([&extract])
        };
        for path in [
            "opt/bitnami/redis/.spdx-redis.spdx",
            "x-1.dist-info/sboms/a.cdx.json",
            "app.jar!/META-INF/sbom/application.cdx.json",
        ] {
            assert_eq!(documents(&tree_of(path)).len(), 1, "{path}");
        }
        assert!(documents(&tree_of("srv/sbom.json")).is_empty());
    }
}
