//! Takes inventory: asks every ecosystem about its files, makes components of packages, credits each to the
//! layer that brought it, and joins them into a graph.

mod claims;
mod components;
mod credit;
mod distro;
mod ecosystem;
pub mod ecosystems;
mod graph;
mod installed;
mod lines;

use globset::{GlobBuilder, GlobMatcher};

pub use ecosystem::{Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, nothing_beside};

use crate::bom::{Bom, Gap, GapKind, Layer, Subject};
use crate::layers::{State, Tree, Wanted};

/// The files that the ecosystems read or look up.
pub fn wanted(ecosystems: &[Ecosystem]) -> Wanted {
    let patterns = ecosystems.iter().flat_map(|ecosystem| ecosystem.reads.iter().chain(ecosystem.beside));
    Wanted::new(patterns.copied()).expect("a test compiles every ecosystem's patterns")
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
    subject: Subject,
    layers: Vec<Layer>,
    tree: &Tree,
    gaps: Vec<Gap>,
    ecosystems: &[Ecosystem],
) -> Bom {
    let mut taking = Taking { tree, in_layers: !layers.is_empty(), found: Vec::new(), gaps };
    for ecosystem in ecosystems {
        taking.ask(ecosystem);
    }
    let Taking { mut found, mut gaps, .. } = taking;
    installed::leave_out_what_is_not(&mut found, &mut gaps, &subject);
    let dependencies = graph::edges(&found, &subject);
    let components = components::merge(found);
    gaps.sort();
    gaps.dedup();
    Bom { subject, layers, components, dependencies, gaps, ..Bom::default() }
}

struct Taking<'a> {
    tree: &'a Tree,
    in_layers: bool,
    found: Vec<Found>,
    gaps: Vec<Gap>,
}

impl Taking<'_> {
    fn ask(&mut self, ecosystem: &Ecosystem) {
        let matchers: Vec<GlobMatcher> = ecosystem.reads.iter().map(|pattern| matcher(pattern)).collect();
        for (path, states) in self.tree.histories() {
            if matchers.iter().any(|matcher| matcher.is_match(path)) {
                self.read(ecosystem, path, states);
            }
        }
    }

    fn read(&mut self, ecosystem: &Ecosystem, path: &str, states: &[State]) {
        let Some(bytes) = states.last().and_then(State::content) else { return };
        let file = File { path, bytes };
        let parsed = match (ecosystem.parse)(&file, self.tree) {
            Ok(parsed) => parsed,
            Err(error) => return self.gap(path, error.line, error.reason),
        };
        for problem in parsed.problems {
            self.gap(path, problem.line, problem.reason);
        }
        let origins = credit::origins(ecosystem, path, states, &parsed.packages, self.tree);
        for (mut package, origin) in parsed.packages.into_iter().zip(origins) {
            for problem in (ecosystem.enrich)(&mut package, &file, self.tree) {
                self.gap(path, problem.line, problem.reason);
            }
            let layer = self.in_layers.then_some(origin);
            self.found.push(Found { package, ecosystem: ecosystem.name, path: path.to_owned(), layer });
        }
    }

    fn gap(&mut self, path: &str, line: Option<u32>, reason: String) {
        self.gaps.push(Gap { path: path.to_owned(), line, kind: GapKind::Unread, reason });
    }
}

fn matcher(pattern: &str) -> GlobMatcher {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.expect("a test compiles every ecosystem's patterns").compile_matcher()
}
