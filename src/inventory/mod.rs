//! Takes inventory: asks every ecosystem about its files, makes components of packages, credits each to the
//! layer that brought it, and joins them into a graph.

mod altered;
mod base64;
mod claims;
mod components;
mod coverage;
mod credit;
mod deb822;
mod deb_copyright;
mod deb_files;
mod deb_relation;
mod distro;
mod ecosystem;
pub mod ecosystems;
mod embedded;
mod fetched;
mod ghosts;
mod git;
mod graph;
mod installed;
mod integrity;
mod interpreter;
mod json;
mod license_files;
mod lines;
mod locked;
mod maven;
mod node;
mod notes;
mod nuget;
mod origin;
mod owners;
mod packagist;
mod pep440;
mod pep508;
mod pypi;
mod pyproject;
mod rpm_reasons;
mod rpm_rich;
mod rpmdb;
mod rubygems;
mod secrets;
mod shelf;
mod sqlite;
mod suppliers;
mod terms;
mod value;
mod wishes;
mod yaml;

use std::collections::BTreeSet;

pub use ecosystem::{Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, nothing_beside};
pub use embedded::{Document, documents, embed, unreadable};
pub use license_files::{READMES, license_files, readme_notice};
pub use suppliers::name_suppliers;

use crate::bom::{Bom, Gap, GapKind, Layer, Subject};
use crate::layers::{State, Tree, Wanted};
use credit::Ghost;
use shelf::Shelf;

/// What tells of files that somebody should answer for, whether an ecosystem reads it or not.
const COUNTED: &[&str] = &["**/*!/.archive", "**/*!/.executable"];

/// The files that the ecosystems read or look up, and what tells of every archive and executable.
pub fn wanted(ecosystems: &[Ecosystem]) -> Wanted {
    wanted_with(ecosystems, &[])
}

/// The same, and what else somebody wants to read.
pub fn wanted_with(ecosystems: &[Ecosystem], others: &[&str]) -> Wanted {
    let patterns = ecosystems.iter().flat_map(|ecosystem| ecosystem.reads.iter().chain(ecosystem.beside));
    let patterns = patterns
        .chain(embedded::PATTERNS)
        .chain(COUNTED)
        .chain(license_files::PATTERNS)
        .chain(crate::secrets::FILES);
    let patterns: BTreeSet<&str> = patterns.chain(others).copied().collect();
    Wanted::new(patterns).expect("a test compiles every ecosystem's patterns")
}

/// One package in one file, credited.
struct Found {
    package: Package,
    ecosystem: &'static str,
    path: String,
    /// `None` outside images.
    layer: Option<usize>,
}

/// Takes inventory of a tree. Never fails: what cannot be read becomes a gap.
///
/// `layers` is empty for a directory; then nothing is credited to a layer.
pub fn take(
    mut subject: Subject,
    layers: Vec<Layer>,
    tree: &Tree,
    gaps: Vec<Gap>,
    ecosystems: &[Ecosystem],
) -> Bom {
    if let Some(open) = subject.secrets.as_mut().filter(|_| !layers.is_empty()) {
        open.extend(secrets::find(tree));
    }
    let mut taking =
        Taking { tree, in_layers: !layers.is_empty(), found: Vec::new(), ghosts: Vec::new(), gaps };
    let shelf = Shelf::of(ecosystems);
    for (path, states) in tree.histories() {
        for ecosystem in shelf.readers(path) {
            taking.read(ecosystem, path, states);
        }
    }
    let Taking { mut found, ghosts, mut gaps, .. } = taking;
    notes::believe_databases(&mut found);
    fetched::tell(&mut found);
    installed::leave_out_what_is_not(&mut found, &mut gaps, &subject, tree);
    let mut dependencies = graph::edges(&found, &subject);
    let mut components = components::merge(found.iter());
    components::ask_for_what_the_project_needs(&mut components, &dependencies);
    let carried = owners::settle(&mut components, &found, tree);
    graph::hand_to_owners(&mut dependencies, &components, &carried, &subject);
    altered::note(&mut components, &found, tree);
    let coverage = Some(coverage::measure(&components, &found, tree));
    ghosts::add(&mut components, ghosts);
    gaps.sort();
    gaps.dedup();
    let license_texts = found.into_iter().flat_map(|found| found.package.license_texts).collect();
    Bom { subject, layers, components, dependencies, gaps, coverage, license_texts, ..Bom::default() }
}

struct Taking<'a> {
    tree: &'a Tree,
    in_layers: bool,
    found: Vec<Found>,
    ghosts: Vec<ghosts::Seen>,
    gaps: Vec<Gap>,
}

impl Taking<'_> {
    fn read(&mut self, ecosystem: &Ecosystem, path: &str, states: &[State]) {
        let traced = match credit::trace(ecosystem, path, states, self.tree) {
            Ok(traced) => traced,
            Err(error) => return self.gap(path, error.line, error.reason),
        };
        for problem in traced.problems {
            self.gap(path, problem.line, problem.reason);
        }
        if let Some(bytes) = states.last().and_then(State::content) {
            let file = File { path, bytes };
            for (mut package, origin) in traced.packages {
                for problem in (ecosystem.enrich)(&mut package, &file, self.tree) {
                    self.gap(path, problem.line, problem.reason);
                }
                license_files::claim(&mut package, path, self.tree);
                let layer = self.in_layers.then_some(origin);
                self.found.push(Found { package, ecosystem: ecosystem.name, path: path.to_owned(), layer });
            }
        }
        for ghost in traced.ghosts {
            self.ghost(ecosystem, path, states, ghost);
        }
    }

    /// A ghost's licence lies beside its file as it was then.
    fn ghost(&mut self, ecosystem: &Ecosystem, path: &str, states: &[State], mut ghost: Ghost) {
        let state = states.iter().rev().find(|state| state.layer <= ghost.last);
        if let Some(bytes) = state.and_then(State::content) {
            let then = self.tree.after(ghost.last);
            // What could not be read of something that cannot be seen is no gap of the list.
            (ecosystem.enrich)(&mut ghost.package, &File { path, bytes }, &then);
        }
        let layer = Some(ghost.origin);
        let found = Found { package: ghost.package, ecosystem: ecosystem.name, path: path.to_owned(), layer };
        self.ghosts.push(ghosts::Seen { found, hidden_by: ghost.hidden_by });
    }

    fn gap(&mut self, path: &str, line: Option<u32>, reason: String) {
        self.gaps.push(Gap { path: path.to_owned(), line, kind: GapKind::Unread, reason });
    }
}
