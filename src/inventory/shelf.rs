//! Which ecosystems read a path: all their patterns in one set, asked once for each path.

use super::Ecosystem;
use crate::layers::Globs;

pub(super) struct Shelf<'a> {
    patterns: Globs,
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

pub(super) fn compiled<'a>(patterns: impl Iterator<Item = &'a str>) -> Globs {
    Globs::new(patterns).expect("a test compiles every pattern")
}
