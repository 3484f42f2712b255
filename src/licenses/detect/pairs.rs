//! The pairs of words of one text, numbered.

use super::index;
use super::words::Words;

/// A pair that hashes like others is put beside them; where so many steps beside are made for each pair of a text, it
/// was written for that.
const MOST_STEPS: usize = 8;

/// The pairs of one text.
pub(super) struct Pairs {
    /// Their numbers, in the order of the text: from 0, the same for the same.
    pub(super) at: Vec<u32>,
    /// What they are, by number.
    pub(super) distinct: Vec<u32>,
    /// For each, at the place that its first bits name or behind that, its number and 1; at others 0. Empty where the
    /// distinct ones are sorted.
    slots: Vec<u32>,
}

impl Pairs {
    pub(super) fn of(words: &Words) -> Self {
        let pairs = index::pairs(words);
        Self::hashed(&pairs).unwrap_or_else(|| Self::sorted(&pairs))
    }

    /// Pairs are numbers as even as dice.
    fn hashed(pairs: &[u32]) -> Option<Self> {
        let mut all = Self {
            at: Vec::with_capacity(pairs.len()),
            distinct: Vec::with_capacity(pairs.len()),
            slots: vec![0; (pairs.len() * 2).next_power_of_two().max(2)],
        };
        let mut steps = pairs.len() * MOST_STEPS;
        for pair in pairs {
            let mut slot = all.slot(*pair);
            let number = loop {
                match all.slots[slot] {
                    0 => {
                        all.distinct.push(*pair);
                        all.slots[slot] = all.distinct.len() as u32;
                        break all.distinct.len() as u32 - 1;
                    }
                    number if all.distinct[number as usize - 1] == *pair => break number - 1,
                    _ => slot = (slot + 1) & (all.slots.len() - 1),
                }
                steps = steps.checked_sub(1)?;
            };
            all.at.push(number);
        }
        Some(all)
    }

    fn sorted(pairs: &[u32]) -> Self {
        let mut distinct = pairs.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let number = |pair| distinct.partition_point(|other| other < pair) as u32;
        Self { at: pairs.iter().map(number).collect(), distinct, slots: Vec::new() }
    }

    #[inline]
    fn slot(&self, pair: u32) -> usize {
        // There are as many as a power of two.
        ((u64::from(pair) * self.slots.len() as u64) >> 32) as usize
    }

    pub(super) fn has(&self, pair: u32) -> bool {
        if self.slots.is_empty() {
            return self.distinct.binary_search(&pair).is_ok();
        }
        let mut slot = self.slot(pair);
        loop {
            match self.slots[slot] {
                0 => return false,
                number if self.distinct[number as usize - 1] == pair => return true,
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_numbered_and_known() {
        let all = [7, 1 << 31, 7, 9, u32::MAX, 1 << 31];
        let hashed = Pairs::hashed(&all).expect("few steps");
        assert_eq!((&hashed.at, hashed.distinct.len()), (&vec![0, 1, 0, 2, 3, 1], 4));
        let sorted = Pairs::sorted(&all);
        assert_eq!(sorted.at, [0, 2, 0, 1, 3, 2]);
        for pairs in [hashed, sorted] {
            assert!(all.iter().all(|pair| pairs.has(*pair)));
            assert!([0, 8, 10, 1 << 30, u32::MAX - 1].iter().all(|pair| !pairs.has(*pair)));
        }
        let none = Pairs::of(&Words::of("one"));
        assert!(none.at.is_empty() && !none.has(0));
    }

    #[test]
    fn pairs_that_are_all_alike_are_sorted() {
        let alike: Vec<u32> = (0..10_000).collect();
        assert!(Pairs::hashed(&alike).is_none());
        assert_eq!(Pairs::sorted(&alike).at, alike);
    }
}
