//! The names that a document gives things, as numbers.
//!
//! A document may have hundreds of thousands, each told again and again by edges. All of them are one text here, which
//! is given back as a whole once nothing asks for it.

use std::hash::{BuildHasher as _, RandomState};

/// A document's own name for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(pub(super) u32);

impl Name {
    pub(super) fn place(self) -> usize {
        self.0 as usize
    }
}

/// Every name once, in the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Names {
    text: String,
    /// Where each ends in the text.
    ends: Vec<usize>,
    /// By what a name's text hashes to: that, and its number and one; nothing is 0. Its length is a power of two.
    slots: Vec<(u32, u32)>,
    /// Nobody outside knows which names would meet in one place.
    hasher: RandomState,
}

impl Names {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The number of a name that was met before.
    pub(super) fn get(&self, text: &str) -> Option<Name> {
        let slot = self.slot(self.hash(text), text)?;
        self.slots[slot].1.checked_sub(1).map(Name)
    }

    /// The number of a name, a new one if it was not met before.
    pub(super) fn number(&mut self, text: &str) -> Name {
        if self.ends.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let hash = self.hash(text);
        let slot = self.slot(hash, text).unwrap_or_default();
        if let Some(known) = self.slots[slot].1.checked_sub(1) {
            return Name(known);
        }
        // More names than that do not fit into memory.
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX - 1);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.slots[slot] = (hash, number + 1);
        Name(number)
    }

    pub(super) fn text(&self, name: Name) -> &str {
        let Some(end) = self.ends.get(name.place()) else { return "" };
        let begin = name.place().checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[begin..*end]
    }

    fn hash(&self, text: &str) -> u32 {
        self.hasher.hash_one(text) as u32
    }

    /// Where a name's number is, or is to be. `None` while there is no room at all.
    fn slot(&self, hash: u32, text: &str) -> Option<usize> {
        let last = self.slots.len().checked_sub(1)?;
        let mut slot = hash as usize & last;
        // There is always an empty one: a quarter of them are.
        while let (other, Some(number)) = (self.slots[slot].0, self.slots[slot].1.checked_sub(1)) {
            // The text lies far away.
            if other == hash && self.text(Name(number)) == text {
                break;
            }
            slot = (slot + 1) & last;
        }
        Some(slot)
    }

    fn grow(&mut self) {
        let room = (self.slots.len() * 2).max(64);
        let held = std::mem::replace(&mut self.slots, vec![(0, 0); room]);
        for (hash, number) in held.into_iter().filter(|(_, number)| *number != 0) {
            let mut slot = hash as usize & (room - 1);
            while self.slots[slot].1 != 0 {
                slot = (slot + 1) & (room - 1);
            }
            self.slots[slot] = (hash, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_and_keeps_it() {
        let mut names = Names::default();
        assert_eq!((names.get("a"), names.text(Name(0))), (None, ""));
        let text = |number: u32| format!("name {}", "x".repeat(number as usize % 7) + &number.to_string());
        let numbers: Vec<Name> = (0..5_000).map(|number| names.number(&text(number))).collect();
        for (at, name) in numbers.iter().enumerate() {
            let text = text(at as u32);
            assert_eq!(
                (names.get(&text), names.number(&text), names.text(*name)),
                (Some(*name), *name, &*text)
            );
        }
        assert_eq!((names.len(), names.get("name"), names.number("")), (5_000, None, Name(5_000)));
        assert_eq!(names.text(Name(5_000)), "");
    }
}
