//! The licences whose pairs are mostly in a text, and where these stand.

use super::index::{Bits, Holders, Index};
use super::pairs::Pairs;

/// How much of a licence's pairs must be somewhere in a text for it to be sought there, of 100.
const CANDIDATE: u64 = 65;
/// How many licences are sought in one text; each has a bit of a number.
const MOST_CANDIDATES: usize = 120;
/// So many common sets are looked through before those licences are dropped that cannot be candidates any more.
const AT_ONCE: usize = 32;

/// So many sets are remembered while pairs are looked up.
const LATELY: usize = 512;

/// A licence to be sought, by its number in the index, and the places of its pairs in the text.
pub(super) struct Candidate {
    pub(super) known: usize,
    pub(super) hits: Vec<u32>,
}

/// The licences whose pairs are mostly in the text, those first of which most is there.
pub(super) fn candidates(index: &Index, pairs: &Pairs) -> Vec<Candidate> {
    let touched = Touched::of(index, pairs);
    let candidates = touched.mostly_there(index);
    if candidates.is_empty() { Vec::new() } else { touched.hits(index, &candidates, pairs) }
}

/// The sets of licences that pairs of a text are of.
struct Touched {
    /// One may stand there several times, each with some of its pairs.
    sets: Vec<Set>,
    /// For each pair's number, the set's place in `sets`.
    of: Vec<Option<u32>>,
}

struct Set {
    number: usize,
    holders: Holders,
    /// What one of its pairs tells.
    of_pair: u64,
    /// What its pairs that are there tell together.
    weight: u64,
}

impl Touched {
    fn of(index: &Index, pairs: &Pairs) -> Self {
        let mut lately = [u32::MAX; LATELY];
        let mut sets: Vec<Set> = Vec::new();
        let mut look_up = |pair: &u32| {
            let number = index.set(*pair)?;
            let place = &mut lately[number % LATELY];
            match sets.get_mut(*place as usize) {
                Some(set) if set.number == number => set.weight += set.of_pair,
                _ => {
                    let (holders, weight) = index.holders(number)?;
                    *place = sets.len() as u32;
                    sets.push(Set { number, holders, of_pair: weight, weight });
                }
            }
            Some(*place)
        };
        let of = pairs.distinct.iter().map(&mut look_up).collect();
        Self { sets, of }
    }

    fn mostly_there(&self, index: &Index) -> Vec<usize> {
        let mut found = vec![0_u64; index.known.len()];
        let mut common: Vec<(usize, Bits, u64)> = Vec::new();
        for set in &self.sets {
            match set.holders {
                Holders::Few(few) => {
                    for holder in few {
                        found[usize::from(u16::from_le_bytes(*holder))] += set.weight;
                    }
                }
                Holders::Many(bits) => common.push((set.number, bits, set.weight)),
            }
        }
        // The rarest of the common ones first: they tell more.
        common.sort_unstable_by_key(|(number, ..)| *number);
        let mut left: u64 = common.iter().map(|(.., weight)| weight).sum();
        let can_be = |known: usize, found: u64, left: u64| {
            let known = &index.known[known];
            (found + left.min(known.common)) * 100 >= known.weight * CANDIDATE
        };
        let mut likely: Vec<(usize, u64)> =
            found.into_iter().enumerate().filter(|(known, found)| can_be(*known, *found, left)).collect();
        for sets in common.chunks(AT_ONCE) {
            left -= sets.iter().map(|(.., weight)| weight).sum::<u64>();
            likely.retain_mut(|(known, found)| {
                let there = sets.iter().filter(|(_, bits, _)| bits.has(*known));
                *found += there.map(|(.., weight)| weight).sum::<u64>();
                can_be(*known, *found, left)
            });
        }
        let share = |(known, found): &(usize, u64)| *found as f64 / index.known[*known].weight as f64;
        likely.sort_by(|one, other| share(other).total_cmp(&share(one)).then(one.0.cmp(&other.0)));
        likely.truncate(MOST_CANDIDATES);
        likely.into_iter().map(|(known, _)| known).collect()
    }

    /// For each candidate, where its pairs stand.
    fn hits(&self, index: &Index, candidates: &[usize], pairs: &Pairs) -> Vec<Candidate> {
        let mut bits = vec![0_u128; index.known.len()];
        for (place, candidate) in candidates.iter().enumerate() {
            bits[*candidate] = 1 << place;
        }
        let candidates_of = |set: &Set| match set.holders {
            Holders::Few(few) => {
                few.iter().fold(0, |all, holder| all | bits[usize::from(u16::from_le_bytes(*holder))])
            }
            Holders::Many(many) => candidates
                .iter()
                .filter(|candidate| many.has(**candidate))
                .fold(0, |all, candidate| all | bits[*candidate]),
        };
        let of_sets: Vec<u128> = self.sets.iter().map(candidates_of).collect();
        let of_pairs: Vec<u128> =
            self.of.iter().map(|place| place.map_or(0, |place| of_sets[place as usize])).collect();
        let mut hits = vec![Vec::new(); candidates.len()];
        for (number, at) in pairs.at.iter().zip(0..) {
            let mut rest = of_pairs[*number as usize];
            while rest != 0 {
                hits[rest.trailing_zeros() as usize].push(at);
                rest &= rest - 1;
            }
        }
        candidates.iter().zip(hits).map(|(known, hits)| Candidate { known: *known, hits }).collect()
    }
}
