//! Which licences' texts hold which pairs of words.
//!
//! Made of the texts once (see [`super::made`]), and stored: see [`super::stored`].

use std::sync::OnceLock;

use super::super::{data, expression::License, parse};
use super::stored;
use super::words::Words;

/// One text to be recognised: a licence's, or a shorter form of it that is common.
pub(super) struct Known {
    /// In the list's spelling.
    pub(super) id: &'static str,
    /// Distinct pairs of words.
    pub(super) pairs: usize,
    /// Words.
    pub(super) words: usize,
    /// The sum of what its pairs tell.
    pub(super) weight: f32,
}

impl Known {
    pub(super) fn license(&self) -> License {
        parse::spdx_license(self.id, false)
    }
}

/// Pairs of words by what they are, and the texts that hold them.
pub(super) struct Index {
    pub(super) known: Vec<Known>,
    /// Sorted.
    pub(super) pairs: Vec<u32>,
    /// For each pair, where its texts begin in `holders`; one more at the end.
    pub(super) starts: Vec<u32>,
    pub(super) holders: Vec<u16>,
    /// What a pair tells, by how many texts hold it.
    weights: Vec<f32>,
    /// The pairs of each exception to a licence, sorted, each as often as it stands there.
    pub(super) exceptions: Vec<(&'static str, Vec<u32>)>,
}

impl Index {
    /// The index of the list's texts.
    pub(super) fn get() -> &'static Self {
        static INDEX: OnceLock<Index> = OnceLock::new();
        INDEX.get_or_init(|| stored::read(data::INDEX).expect("a test reads it"))
    }

    pub(super) fn of(
        known: Vec<Known>,
        pairs: Vec<u32>,
        starts: Vec<u32>,
        holders: Vec<u16>,
        exceptions: Vec<(&'static str, Vec<u32>)>,
    ) -> Self {
        let weights = weights(known.len());
        Self { known, pairs, starts, holders, weights, exceptions }
    }

    /// The place of a pair in the index. Pairs are numbers as even as dice, so where one must be is nearly known.
    pub(super) fn place(&self, pair: u32) -> Option<usize> {
        const ABOUT: usize = 512;
        let guess = ((u64::from(pair) * self.pairs.len() as u64) >> 32) as usize;
        let (from, to) = (guess.saturating_sub(ABOUT), (guess + ABOUT).min(self.pairs.len()));
        let near = &self.pairs[from..to];
        let is_near =
            near.first().is_some_and(|first| *first <= pair) && near.last().is_some_and(|last| pair <= *last);
        match is_near {
            true => near.binary_search(&pair).ok().map(|at| from + at),
            false => self.pairs.binary_search(&pair).ok(),
        }
    }

    /// The texts that hold the pair at a place.
    pub(super) fn holders(&self, place: usize) -> &[u16] {
        &self.holders[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    /// What a pair tells: the fewer texts hold it, the more.
    pub(super) fn weight(&self, place: usize) -> f32 {
        self.weights[(self.starts[place + 1] - self.starts[place]) as usize]
    }
}

/// What a pair tells that so many of `known` texts hold.
fn weights(known: usize) -> Vec<f32> {
    (0..=known).map(|holders| (1.0 + known as f32 / holders.max(1) as f32).ln()).collect()
}

/// Every pair of neighbouring words, as a number.
pub(super) fn pairs(words: &Words) -> Vec<u32> {
    let hashes: Vec<u64> = (0..words.len()).map(|index| hash(words.word(index))).collect();
    hashes.windows(2).map(|pair| mix(pair[0], pair[1])).collect()
}

/// FNV-1a.
fn hash(word: &str) -> u64 {
    word.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn mix(one: u64, other: u64) -> u32 {
    let mixed = (one.rotate_left(21) ^ other).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}
