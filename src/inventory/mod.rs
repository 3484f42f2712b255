//! Takes inventory: asks every ecosystem about its files, makes components of packages, credits each to the
//! layer that brought it, and joins them into a graph.

mod altered;
mod base64;
mod bounded;
mod cargo_manifest;
mod claims;
mod components;
mod contents;
mod core_metadata;
mod coverage;
mod crates;
mod credentials;
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
mod foresight;
mod forms;
mod found;
mod ghosts;
mod git;
mod golang;
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
mod own;
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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use bounded::{Bounded, Packages, Problems};
pub use ecosystem::{
    Ecosystem, Extent, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, nothing_beside,
};
pub use embedded::{Document, documents, embed, unreadable};
pub use foresight::Foresight;
pub use license_files::{READMES, license_files, readme_notice};
pub use suppliers::name_suppliers;

use crate::bom::{Bom, Gap, GapKind, Layer, Subject};
use crate::crew::{self, Step};
use crate::layers::{DIGESTS, State, Tree, Wanted};
use credit::Ghost;
use found::{Desk, Found};
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

/// Takes inventory of a tree. Never fails: what cannot be read becomes a gap.
///
/// `layers` is empty for a directory; then nothing is credited to a layer.
pub fn take(
    mut subject: Subject,
    layers: Vec<Layer>,
    tree: &Tree,
    mut gaps: Vec<Gap>,
    ecosystems: &[Ecosystem],
) -> Bom {
    if let Some(open) = subject.secrets.as_mut().filter(|_| !layers.is_empty()) {
        open.extend(secrets::find(tree));
    }
    let taking =
        Taking { tree, in_layers: !layers.is_empty(), shelf: Shelf::of(ecosystems), desk: Mutex::default() };
    let Taken { mut found, ghosts, gaps: unread } = taking.all();
    gaps.extend(unread);
    notes::believe_databases(&mut found);
    fetched::tell(&mut found);
    installed::leave_out_what_is_not(&mut found, &mut gaps, &subject, tree);
    let mut edges = graph::edges(&found, &subject);
    let mut components = components::merge(found.iter());
    components::ask_for_what_the_project_needs(&mut components, &edges);
    let carried = owners::settle(&mut components, &found, tree);
    graph::hand_to_owners(&mut edges, &components, &carried, &subject);
    if tree.present().any(|path| path.ends_with(DIGESTS)) {
        altered::note(&mut components, &found, tree);
        contents::note(&mut components, &found, tree);
    }
    forms::note(&mut components, &found);
    own::describe(&mut subject, &components);
    let coverage = Some(coverage::measure(&components, &found, tree));
    ghosts::add(&mut components, ghosts);
    gaps.sort();
    gaps.dedup();
    let license_texts = found.into_iter().flat_map(|found| found.license_texts).collect();
    let dependencies = graph::needs(edges);
    Bom { subject, layers, components, dependencies, gaps, coverage, license_texts, ..Bom::default() }
}

/// What the ecosystems find.
#[derive(Default)]
struct Taken {
    found: Vec<Found>,
    ghosts: Vec<ghosts::Seen>,
    gaps: Vec<Gap>,
}

impl Taken {
    fn gap(&mut self, path: &str, line: Option<u32>, reason: String) {
        let reason = credentials::keep_out_of(reason);
        self.gaps.push(Gap { path: path.to_owned(), line, kind: GapKind::Unread, reason });
    }
}

/// How many files are asked about as one task: most are asked about in vain.
const FILES_TOGETHER: usize = 64;

/// How many packages of one file are one task: a distribution's database names thousands, each with licence files.
const PACKAGES_TOGETHER: usize = 32;

enum Task<'a> {
    Files(Vec<(&'a str, &'a [State])>),
    Packages(Named<'a>),
}

/// Packages that a file names, with their layers.
struct Named<'a> {
    ecosystem: &'a Ecosystem,
    path: Arc<str>,
    bytes: &'a [u8],
    packages: Vec<(Package, usize)>,
}

type Steps<'a> = Vec<Step<Task<'a>, Taken>>;

struct Taking<'a> {
    tree: &'a Tree,
    in_layers: bool,
    shelf: Shelf<'a>,
    desk: Mutex<Desk>,
}

impl<'a> Taking<'a> {
    fn all(&self) -> Taken {
        let files: Vec<_> = self.tree.histories().collect();
        let tasks = files.chunks(FILES_TOGETHER).map(|files| Task::Files(files.to_vec())).collect();
        let parts = crew::work_off(tasks, crew::threads(), |task| match task {
            Task::Files(files) => self.files(&files),
            Task::Packages(named) => vec![Step::Done(self.packages(named))],
        });
        let mut all = Taken::default();
        for part in parts {
            all.found.extend(part.found);
            all.ghosts.extend(part.ghosts);
            all.gaps.extend(part.gaps);
        }
        all
    }

    fn files(&self, files: &[(&'a str, &'a [State])]) -> Steps<'a> {
        let mut steps = Vec::new();
        for (path, states) in files {
            for ecosystem in self.shelf.readers(path) {
                steps.extend(self.file(ecosystem, path, states));
            }
        }
        steps
    }

    fn file(&self, ecosystem: &'a Ecosystem, path: &str, states: &'a [State]) -> Steps<'a> {
        let mut taken = Taken::default();
        let traced = match credit::trace(ecosystem, path, states, self.tree) {
            Ok(traced) => traced,
            Err(error) => {
                taken.gap(path, error.line, error.reason);
                return vec![Step::Done(taken)];
            }
        };
        for problem in traced.problems {
            taken.gap(path, problem.line, problem.reason);
        }
        let whole_path: Arc<str> = path.into();
        for ghost in traced.ghosts {
            taken.ghosts.push(self.ghost(ecosystem, &whole_path, states, ghost));
        }
        let mut steps = vec![Step::Done(taken)];
        if let Some(bytes) = states.last().and_then(State::content) {
            let is_one_task = traced.packages.len() <= PACKAGES_TOGETHER;
            let mut packages = traced.packages.into_iter();
            while packages.len() > 0 {
                let packages = packages.by_ref().take(PACKAGES_TOGETHER).collect();
                let named = Named { ecosystem, path: Arc::clone(&whole_path), bytes, packages };
                steps.push(match is_one_task {
                    true => Step::Done(self.packages(named)),
                    false => Step::Next(Task::Packages(named)),
                });
            }
        }
        steps
    }

    /// Adds to packages what lies beside their file.
    fn packages(&self, named: Named<'_>) -> Taken {
        let Named { ecosystem, path, bytes, mut packages } = named;
        let mut taken = Taken::default();
        let file = File { path: &path, bytes };
        for (package, _) in &mut packages {
            for problem in (ecosystem.enrich)(package, &file, self.tree) {
                taken.gap(&path, problem.line, problem.reason);
            }
            license_files::claim(package, &path, self.tree);
        }
        let mut desk = self.desk();
        let found = packages.into_iter().map(|(package, origin)| {
            desk.take_in(package, ecosystem.name, &path, self.in_layers.then_some(origin))
        });
        taken.found.extend(found);
        taken
    }

    /// A ghost's licence lies beside its file as it was then.
    fn ghost(
        &self,
        ecosystem: &Ecosystem,
        path: &Arc<str>,
        states: &[State],
        mut ghost: Ghost,
    ) -> ghosts::Seen {
        let state = states.iter().rev().find(|state| state.layer <= ghost.last);
        if let Some(bytes) = state.and_then(State::content) {
            let then = self.tree.after(ghost.last);
            // What could not be read of something that cannot be seen is no gap of the list.
            (ecosystem.enrich)(&mut ghost.package, &File { path, bytes }, &then);
        }
        let found = self.desk().take_in(ghost.package, ecosystem.name, path, Some(ghost.origin));
        ghosts::Seen { found, hidden_by: ghost.hidden_by }
    }

    /// Whoever panics at it has put nothing into disorder.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
