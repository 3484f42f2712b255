//! Which ecosystems read a path: all their patterns in one automaton, asked once for each path.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::Ecosystem;

pub(super) struct Shelf<'a> {
    patterns: GlobSet,
    /// The ecosystem of each pattern, by the pattern's place in the set.
    ecosystems: Vec<&'a Ecosystem>,
}

impl<'a> Shelf<'a> {
    pub(super) fn of(ecosystems: &'a [Ecosystem]) -> Self {
        let patterns = compiled(ecosystems.iter().flat_map(|ecosystem| ecosystem.reads).copied());
        let owners = ecosystems.iter().flat_map(|ecosystem| ecosystem.reads.iter().map(move |_| ecosystem));
        Self { patterns, ecosystems: owners.collect() }
    }

    /// Each ecosystem once, in the order of their list.
    pub(super) fn readers(&self, path: &str) -> Vec<&'a Ecosystem> {
        let mut readers: Vec<&Ecosystem> =
            self.patterns.matches(path).into_iter().map(|index| self.ecosystems[index]).collect();
        readers.dedup_by(|one, other| std::ptr::eq(*one, *other));
        readers
    }
}

pub(super) fn compiled<'a>(patterns: impl Iterator<Item = &'a str>) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        set.add(glob.expect("a test compiles every pattern"));
    }
    set.build().expect("a test compiles every pattern")
}
