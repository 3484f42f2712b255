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
        let mut set = GlobSetBuilder::new();
        let mut owners = Vec::new();
        for ecosystem in ecosystems {
            for pattern in ecosystem.reads {
                let glob = GlobBuilder::new(pattern).literal_separator(true).build();
                set.add(glob.expect("a test compiles every ecosystem's patterns"));
                owners.push(ecosystem);
            }
        }
        let patterns = set.build().expect("a test compiles every ecosystem's patterns");
        Self { patterns, ecosystems: owners }
    }

    /// Each ecosystem once, in the order of their list.
    pub(super) fn readers(&self, path: &str) -> Vec<&'a Ecosystem> {
        let mut readers: Vec<&Ecosystem> =
            self.patterns.matches(path).into_iter().map(|index| self.ecosystems[index]).collect();
        readers.dedup_by(|one, other| std::ptr::eq(*one, *other));
        readers
    }
}
