//! The licences whose pairs are mostly in a text, and where these stand.

use super::index::{Bits, Holders, Index, Known};
use super::pairs::Pairs;

/// How much of a licence's pairs must be somewhere in a text for it to be sought there, of 100.
const CANDIDATE: u64 = 65;
/// How many licences are sought in one text; each has a bit of a number.
const MOST_CANDIDATES: usize = 120;
/// So many common sets are looked through before those licences are dropped that cannot be candidates any more.
const AT_ONCE: usize = 32;

/// So many sets are remembered while pairs are looked up.
const LATELY: usize = 512;

/// A licence to be sought, and the places of its pairs in the text.
pub(super) struct Candidate<'a> {
    pub(super) known: &'a Known,
    pub(super) hits: Vec<u32>,
}

/// The licences whose pairs are mostly in the text, those first of which most is there.
pub(super) fn candidates<'a>(index: &'a Index, pairs: &Pairs) -> Vec<Candidate<'a>> {
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
    fn hits<'a>(&self, index: &'a Index, candidates: &[usize], pairs: &Pairs) -> Vec<Candidate<'a>> {
        let mut bits = vec![[0_u64; 2]; index.known.len()];
        for (place, candidate) in candidates.iter().enumerate() {
            bits[*candidate][place / 64] = 1 << (place % 64);
        }
        let join = |all: [u64; 2], text: usize| [all[0] | bits[text][0], all[1] | bits[text][1]];
        let candidates_of = |set: &Set| match set.holders {
            Holders::Few(few) => {
                few.iter().fold([0; 2], |all, holder| join(all, usize::from(u16::from_le_bytes(*holder))))
            }
            Holders::Many(many) => candidates
                .iter()
                .filter(|candidate| many.has(**candidate))
                .fold([0; 2], |all, one| join(all, *one)),
        };
        let of_sets: Vec<[u64; 2]> = self.sets.iter().map(candidates_of).collect();
        let of_pairs: Vec<[u64; 2]> =
            self.of.iter().map(|place| place.map_or([0; 2], |place| of_sets[place as usize])).collect();
        let sought = |known: &usize| {
            let known = &index.known[*known];
            Candidate { known, hits: Vec::with_capacity(known.pairs.min(pairs.at.len())) }
        };
        let mut sought: Vec<Candidate<'a>> = candidates.iter().map(sought).collect();
        for (number, at) in pairs.at.iter().zip(0..) {
            for (half, bits) in of_pairs[*number as usize].into_iter().enumerate() {
                let mut rest = bits;
                while rest != 0 {
                    sought[half * 64 + rest.trailing_zeros() as usize].hits.push(at);
                    rest &= rest - 1;
                }
            }
        }
        sought
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::texts;
    use super::super::words::Words;
    use super::*;

    /// As it would be without sets and bounds.
    fn expected(index: &Index, pairs: &Pairs) -> Vec<(&'static str, Vec<u32>)> {
        let of_pair = |pair: &u32| {
            let (holders, weight) = index.holders(index.set(*pair)?)?;
            let holds = |known: &usize| match holders {
                Holders::Few(few) => few.contains(&(*known as u16).to_le_bytes()),
                Holders::Many(bits) => bits.has(*known),
            };
            Some(((0..index.known.len()).filter(holds).collect::<Vec<_>>(), weight))
        };
        let of_pairs: Vec<(Vec<usize>, u64)> =
            pairs.distinct.iter().map(|pair| of_pair(pair).unwrap_or_default()).collect();
        let mut found = vec![0; index.known.len()];
        for (holders, weight) in &of_pairs {
            holders.iter().for_each(|holder| found[*holder] += weight);
        }
        let places = |known| {
            let holds = |number: &u32| of_pairs[*number as usize].0.contains(&known);
            (0..).zip(&pairs.at).filter(|(_, number)| holds(number)).map(|(at, _)| at).collect()
        };
        let is_there = |known: &usize| found[*known] * 100 >= index.known[*known].weight * CANDIDATE;
        (0..index.known.len()).filter(is_there).map(|known| (index.known[known].id, places(known))).collect()
    }

    #[test]
    fn candidates_are_those_of_which_most_is_there() {
        let index = Index::get();
        let texts: Vec<&str> =
            texts::all().map(|(_, text)| text).filter(|text| text.len() < 9000).step_by(60).collect();
        for two in texts.windows(2) {
            let pairs = Pairs::of(&Words::of(&two.join("\n\n")));
            let candidates = candidates(index, &pairs);
            let mut candidates: Vec<_> =
                candidates.into_iter().map(|candidate| (candidate.known.id, candidate.hits)).collect();
            let mut expected = expected(index, &pairs);
            assert!((1..MOST_CANDIDATES).contains(&expected.len()));
            candidates.sort();
            expected.sort();
            assert_eq!(candidates, expected);
        }
    }
}
