//! Which licences' texts hold which pairs of words.
//!
//! Made of the texts once, and stored beside them: see [`super::stored`].

use std::sync::OnceLock;

use super::super::{data, expression::License, expression::LicenseId, ids, parse, texts};
use super::stored;
use super::words::Words;

/// Far more than the index has; the stream is ours, so this only bounds a mistake.
const LONGEST: usize = 64 << 20;

/// One text to be recognised: a licence's, or a shorter form of it that is common.
pub(super) struct Known {
    pub(super) license: License,
    /// Distinct pairs of words.
    pub(super) pairs: usize,
    /// Words.
    pub(super) words: usize,
    /// The sum of what its pairs tell.
    pub(super) weight: f32,
}

/// Pairs of words by what they are, and the texts that hold them.
pub(super) struct Index {
    pub(super) known: Vec<Known>,
    /// Sorted.
    pub(super) pairs: Vec<u32>,
    /// For each pair, where its texts begin in `holders`; one more at the end.
    starts: Vec<u32>,
    holders: Vec<u16>,
    /// What a pair tells, by how many texts hold it.
    weights: Vec<f32>,
}

impl Index {
    /// The index that was made of the list's texts, or where that cannot be read, one made now: the same.
    pub(super) fn get() -> &'static Self {
        static INDEX: OnceLock<Index> = OnceLock::new();
        INDEX.get_or_init(|| {
            let bytes = zstd::bulk::decompress(data::INDEX, LONGEST).unwrap_or_default();
            stored::read(&bytes).unwrap_or_else(Self::build)
        })
    }

    /// Made of the list's texts.
    pub(super) fn build() -> Self {
        let mut known: Vec<Known> = Vec::new();
        let mut entries: Vec<(u32, u16)> = Vec::new();
        for (license, text) in texts::all().filter_map(|(ids, text)| Some((license_of(ids)?, text))) {
            for form in forms(&license, text) {
                add(&license, form, &mut known, &mut entries);
            }
        }
        entries.sort_unstable();
        Self::of(known, &entries)
    }

    /// The index of sorted pairs and the texts that hold them.
    pub(super) fn of(known: Vec<Known>, entries: &[(u32, u16)]) -> Self {
        let weights = weights(known.len());
        let mut index = Self { known, pairs: Vec::new(), starts: Vec::new(), holders: Vec::new(), weights };
        index.holders.reserve(entries.len());
        for (pair, holder) in entries {
            if index.pairs.last() != Some(pair) {
                index.pairs.push(*pair);
                index.starts.push(to_u32(index.holders.len()));
            }
            index.holders.push(*holder);
        }
        index.starts.push(to_u32(index.holders.len()));
        index.weigh();
        index
    }

    fn weigh(&mut self) {
        for place in 0..self.pairs.len() {
            let weight = self.weight(place);
            let (start, end) = (self.starts[place] as usize, self.starts[place + 1] as usize);
            for holder in &self.holders[start..end] {
                self.known[usize::from(*holder)].weight += weight;
            }
        }
    }

    /// The place of a pair in the index.
    pub(super) fn place(&self, pair: u32) -> Option<usize> {
        self.pairs.binary_search(&pair).ok()
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

/// Where the terms of the GNU and Apache licences end and instructions for use begin, which many copies lack.
const END_OF_TERMS: &str = "END OF TERMS AND CONDITIONS";
/// Where the list's text of the LGPL 3 goes on with the GPL, which most copies have in a file of its own.
const GPL_BEGINS: &str = "\nGNU GENERAL PUBLIC LICENSE";

/// What a pair tells that so many of `known` texts hold.
fn weights(known: usize) -> Vec<f32> {
    (0..=known).map(|holders| (1.0 + known as f32 / holders.max(1) as f32).ln()).collect()
}

fn add(license: &License, form: &str, known: &mut Vec<Known>, entries: &mut Vec<(u32, u16)>) {
    let Ok(number) = u16::try_from(known.len()) else { return };
    let words = Words::of(form);
    let mut pairs = pairs(&words);
    pairs.sort_unstable();
    pairs.dedup();
    if pairs.is_empty() {
        return;
    }
    entries.extend(pairs.iter().map(|pair| (*pair, number)));
    known.push(Known { license: license.clone(), pairs: pairs.len(), words: words.len(), weight: 0.0 });
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The licence that a text of the list proves; of ids that share it, the first is taken. Exceptions are none.
fn license_of(ids: &str) -> Option<License> {
    let modern = |id: &str| {
        let license = parse::spdx_license(ids::known_license(id)?, false);
        license.exception.is_none().then_some(license)
    };
    let found = ids.split(' ').find_map(modern)?;
    Some(License { id: LicenseId::Spdx(found.id.as_str().to_owned()), ..found })
}

/// The text as the list has it, and the shorter forms in use.
fn forms<'a>(license: &License, text: &'a str) -> Vec<&'a str> {
    let id = license.id.as_str();
    let mut forms = vec![text];
    if id.starts_with("LGPL-3.0")
        && let Some((bare, _)) = text.split_once(GPL_BEGINS)
    {
        forms.push(bare);
    } else if (id.contains("GPL-") || id == "Apache-2.0")
        && let Some((terms, _)) = text.split_once(END_OF_TERMS)
    {
        forms.push(terms);
    }
    forms
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
