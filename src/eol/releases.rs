//! A product's cycles. Those that came with packlist are read when somebody asks for them: a list holds a few of the
//! hundreds of products that the calendar knows.

use std::ops::Deref;
use std::sync::OnceLock;

use super::calendar::{Cycle, cycle};

#[derive(Debug, Clone, Default)]
pub(super) struct Cycles {
    /// Lines of the shipped calendar.
    unread: &'static str,
    read: OnceLock<Vec<Cycle>>,
}

impl Cycles {
    /// Those of a text that a test has read.
    pub(super) fn unread(text: &'static str) -> Self {
        Self { unread: text, read: OnceLock::new() }
    }

    fn all(&self) -> &Vec<Cycle> {
        self.read.get_or_init(|| {
            let fields = |line: &'static str| line.split('\t').collect::<Vec<_>>();
            self.unread.lines().filter_map(|line| cycle(&fields(line)).ok()).collect()
        })
    }

    pub(super) fn all_mut(&mut self) -> &mut Vec<Cycle> {
        self.all();
        self.read.get_mut().expect("it was read on the line above")
    }
}

impl Deref for Cycles {
    type Target = [Cycle];

    fn deref(&self) -> &[Cycle] {
        self.all()
    }
}

impl<'a> IntoIterator for &'a Cycles {
    type Item = &'a Cycle;
    type IntoIter = std::slice::Iter<'a, Cycle>;

    fn into_iter(self) -> Self::IntoIter {
        self.all().iter()
    }
}

impl PartialEq for Cycles {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl Eq for Cycles {}
