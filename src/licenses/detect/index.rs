//! Which licences' texts hold which pairs of words.
//!
//! Made of the texts once (see [`super::made`]), and stored so that nothing has to be unpacked: see [`super::stored`].
//! Many pairs are held by the same texts; such a set of texts stands there once. The sets are sorted by how many
//! texts they have, and so is what their pairs tell.

use std::sync::OnceLock;

use super::super::{data, expression::License, parse};
use super::stored;
use super::words::Words;

/// The first bits of a pair name its bucket, and so many buckets are a shelf.
pub(super) const BUCKETS: usize = 1 << 16;
pub(super) const SHELF: usize = 16;

/// One text to be recognised: a licence's, or a shorter form of it that is common.
pub(super) struct Known {
    /// In the list's spelling.
    pub(super) id: &'static str,
    /// Distinct pairs of words.
    pub(super) pairs: usize,
    /// Words.
    pub(super) words: usize,
    /// The sum of what its pairs tell.
    pub(super) weight: u64,
    /// The part of that which its common pairs tell.
    pub(super) common: u64,
}

impl Known {
    pub(super) fn license(&self) -> License {
        parse::spdx_license(self.id, false)
    }
}

/// Pairs of words by what they are, and the texts that hold them. All numbers are stored with the lowest byte first.
pub(super) struct Index {
    pub(super) known: Vec<Known>,
    /// How many pairs come before each shelf; and all.
    pub(super) shelves: &'static [[u8; 4]],
    /// How many pairs of its shelf come before each bucket; one more at the end.
    pub(super) buckets: &'static [u8],
    /// The last bits of all pairs, which are sorted.
    pub(super) pairs: &'static [[u8; 2]],
    /// The set of each pair.
    pub(super) sets: &'static [[u8; 2]],
    /// Where each set of few begins in `holders`; one more at the end.
    pub(super) starts: &'static [[u8; 4]],
    pub(super) holders: &'static [[u8; 2]],
    /// How many texts each common set has.
    pub(super) sizes: &'static [[u8; 2]],
    /// Their bits, the lowest first; whole bytes for each set.
    pub(super) bits: &'static [u8],
    /// What a pair tells, by how many texts hold it; whole numbers, so that sums do not hang on their order.
    pub(super) weights: &'static [[u8; 4]],
    /// The pairs of each exception to a licence, sorted, each as often as it stands there.
    pub(super) exceptions: Vec<(&'static str, Vec<u32>)>,
}

/// The texts of a set.
#[derive(Clone, Copy)]
pub(super) enum Holders {
    Few(&'static [[u8; 2]]),
    Many(Bits),
}

/// A bit for each text.
#[derive(Clone, Copy)]
pub(super) struct Bits(&'static [u8]);

impl Bits {
    #[inline]
    pub(super) fn has(self, text: usize) -> bool {
        self.0.get(text / 8).is_some_and(|bits| bits >> (text % 8) & 1 == 1)
    }
}

impl Index {
    /// The index of the list's texts.
    pub(super) fn get() -> &'static Self {
        static INDEX: OnceLock<Index> = OnceLock::new();
        INDEX.get_or_init(|| stored::read(data::INDEX).expect("a test reads it"))
    }

    /// The set of the texts that hold a pair.
    #[inline]
    pub(super) fn set(&self, pair: u32) -> Option<usize> {
        let bucket = (pair >> 16) as usize;
        let start = self.start(bucket)?;
        let last = (pair as u16).to_le_bytes();
        let at = self.pairs.get(start..self.start(bucket + 1)?)?.iter().position(|pair| *pair == last)?;
        self.sets.get(start + at).map(|set| usize::from(u16::from_le_bytes(*set)))
    }

    #[inline]
    fn start(&self, bucket: usize) -> Option<usize> {
        let shelf = u32::from_le_bytes(*self.shelves.get(bucket / SHELF)?);
        Some(shelf as usize + usize::from(*self.buckets.get(bucket)?))
    }

    /// How many sets of few there are, which come first.
    pub(super) fn few(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The texts of a set, and what a pair tells that they hold: the fewer they are, the more.
    pub(super) fn holders(&self, set: usize) -> Option<(Holders, u64)> {
        let (holders, size) = match set.checked_sub(self.few()) {
            None => {
                let bound = |at: usize| Some(u32::from_le_bytes(*self.starts.get(at)?) as usize);
                let holders = self.holders.get(bound(set)?..bound(set + 1)?)?;
                (Holders::Few(holders), holders.len())
            }
            Some(common) => {
                let width = self.known.len().div_ceil(8);
                let bits = self.bits.get(common * width..(common + 1) * width)?;
                (Holders::Many(Bits(bits)), usize::from(u16::from_le_bytes(*self.sizes.get(common)?)))
            }
        };
        Some((holders, u64::from(u32::from_le_bytes(*self.weights.get(size)?))))
    }
}

/// Every pair of neighbouring words, as a number.
pub(super) fn pairs(words: &Words) -> Vec<u32> {
    let mut pairs = Vec::with_capacity(words.len());
    let mut before = None;
    for word in words.iter() {
        let hash = hash(word);
        pairs.extend(before.map(|before| mix(before, hash)));
        before = Some(hash);
    }
    pairs
}

/// FNV-1a.
fn hash(word: &[u8]) -> u64 {
    word.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn mix(one: u64, other: u64) -> u32 {
    let mixed = (one.rotate_left(21) ^ other).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}
