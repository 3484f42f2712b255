//! Which layer brought a package.
//!
//! A package database is rewritten whole by each installation, so the layer of the file says nothing of its
//! packages. A package is credited to the start of the unbroken run of states of its file, up to the top, in
//! which exactly this package stands.

use std::collections::BTreeSet;

use super::ecosystem::{Ecosystem, File, Package};
use crate::layers::{State, Tree};

/// The layer of each package of the file's last state, in the same order.
pub(super) fn origins(
    ecosystem: &Ecosystem,
    path: &str,
    states: &[State],
    packages: &[Package],
    tree: &Tree,
) -> Vec<usize> {
    let Some((last, earlier)) = states.split_last() else { return Vec::new() };
    let mut origins = vec![last.layer; packages.len()];
    let mut open: Vec<usize> = (0..packages.len()).collect();
    let mut newer = last.content();
    for state in earlier.iter().rev() {
        let Some(bytes) = state.content().filter(|_| !open.is_empty()) else { break };
        // A layer that only touched the file brought nothing.
        if newer != Some(bytes) {
            let Ok(parsed) = (ecosystem.parse)(&File { path, bytes }, &tree.after(state.layer)) else {
                break;
            };
            let there: BTreeSet<_> = parsed.packages.iter().map(Package::identity).collect();
            open.retain(|index| there.contains(&packages[*index].identity()));
        }
        for index in &open {
            origins[*index] = state.layer;
        }
        newer = Some(bytes);
    }
    origins
}
