//! Which layer brought a package, and what became of packages that only lower layers hold.
//!
//! A package database is rewritten whole by each installation, so the layer of the file says nothing of its
//! packages. Every state the file ever had is read: a package is credited to the start of the unbroken run
//! of states, up to the top, in which exactly this package stands. One whose run ends below the top is a
//! ghost: its bytes are shipped, and cannot be seen.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::bounded::Problems;
use super::ecosystem::{Ecosystem, File, Package, ParseError, Parsed, Problem};
use crate::bom::{Identity, Kind, Presence};
use crate::layers::{State, Tree};

/// What a file's states tell.
pub(super) struct Traced {
    /// Packages of the last state with their layers. Empty when the file is gone.
    pub(super) packages: Vec<(Package, usize)>,
    pub(super) ghosts: Vec<Ghost>,
    /// What the last state could not say.
    pub(super) problems: Problems,
}

/// A package that an upper layer removed or replaced.
pub(super) struct Ghost {
    pub(super) package: Package,
    /// The layer that brought it.
    pub(super) origin: usize,
    /// The last layer after which it was still there.
    pub(super) last: usize,
    /// The layer that hid it.
    pub(super) hidden_by: usize,
}

/// # Errors
/// When the last state cannot be read. An earlier one that cannot be read says nothing.
pub(super) fn trace(
    ecosystem: &Ecosystem,
    path: &str,
    states: &[State],
    tree: &Tree,
) -> Result<Traced, ParseError> {
    let mut traced = Traced { packages: Vec::new(), ghosts: Vec::new(), problems: Problems::new() };
    let mut runs: HashMap<Identity, (Package, usize)> = HashMap::new();
    let top = states.len().saturating_sub(1);
    let mut previous = None;
    for (index, state) in states.iter().enumerate() {
        let Some(bytes) = state.content() else {
            end_runs(&mut traced.ghosts, std::mem::take(&mut runs).into_values(), state.layer);
            previous = None;
            continue;
        };
        // A layer that only touched the file brought nothing; at the top its packages are still wanted.
        if index < top && previous == Some(bytes) {
            continue;
        }
        previous = Some(bytes);
        let mut parsed = match (ecosystem.parse)(&File { path, bytes }, &tree.after(state.layer)) {
            Ok(parsed) => parsed,
            Err(error) if index == top => return Err(error),
            Err(_) => continue,
        };
        parsed.packages.truncate(tree.most_records());
        let mut earlier = std::mem::take(&mut runs);
        let start = |earlier: &mut HashMap<Identity, (Package, usize)>, identity: &Identity| {
            earlier.remove(identity).map_or(state.layer, |(_, start)| start)
        };
        if index == top {
            let mut starts: HashMap<Identity, usize> = HashMap::new();
            told_short(&mut parsed);
            for package in parsed.packages {
                let identity = package.component.identity();
                let origin =
                    *starts.entry(identity).or_insert_with_key(|identity| start(&mut earlier, identity));
                traced.packages.push((package, origin));
            }
            traced.problems = parsed.problems;
        } else {
            for package in parsed.packages {
                let identity = package.component.identity();
                if let Entry::Vacant(run) = runs.entry(identity) {
                    let origin = start(&mut earlier, run.key());
                    run.insert((package, origin));
                }
            }
        }
        end_runs(&mut traced.ghosts, earlier.into_values(), state.layer);
    }
    traced.ghosts.truncate(tree.most_records());
    traced.ghosts.sort_by_cached_key(|ghost| (ghost.origin, ghost.package.component.identity()));
    Ok(traced)
}

/// Says what did not fit into the lists.
fn told_short(parsed: &mut Parsed) {
    let problems = match parsed.problems.left_out() {
        0 => None,
        count => Some(format!("{count} more parts of it could not be read")),
    };
    let packages = match parsed.packages.left_out() {
        0 => None,
        count => Some(format!("it names more packages than the limit of one file: {count} are not listed")),
    };
    let told: Vec<String> = packages.into_iter().chain(problems).collect();
    if !told.is_empty() {
        parsed.problems.truncate(Problems::MOST - told.len());
        parsed.problems.extend(told.into_iter().map(|reason| Problem::new(None, reason)));
    }
}

fn end_runs(ghosts: &mut Vec<Ghost>, runs: impl Iterator<Item = (Package, usize)>, hidden_by: usize) {
    let shipped = runs.filter(|(package, _)| is_shipped(package));
    ghosts.extend(shipped.map(|(package, origin)| Ghost {
        package,
        origin,
        last: hidden_by.saturating_sub(1),
        hidden_by,
    }));
}

/// A lockfile ships no code, and an operating system that was upgraded is still the same one.
fn is_shipped(package: &Package) -> bool {
    let component = &package.component;
    component.presence == Presence::Installed
        && component.kind != Kind::OperatingSystem
        && !component.first_party
}
