//! The index, made of the list's texts: what [`super::stored`] holds must be this.

use std::collections::{BTreeMap, BTreeSet};

use super::super::expression::{License, LicenseId};
use super::super::{ids, parse, texts};
use super::index::{Known, pairs};
use super::words::Words;

/// What a pair tells is counted in parts, of which so many are 1.
const ONE: f64 = (1 << 24) as f64;
/// A set of more texts than these is common, and stored as a bit for each text.
pub(super) const FEW: usize = 44;
/// Where the terms of the GNU and Apache licences end and instructions for use begin, which many copies lack.
const END_OF_TERMS: &str = "END OF TERMS AND CONDITIONS";
/// Where the list's text of the LGPL 3 goes on with the GPL, which most copies have in a file of its own.
const GPL_BEGINS: &str = "\nGNU GENERAL PUBLIC LICENSE";

/// What is stored.
pub(super) struct Made {
    pub(super) known: Vec<Known>,
    /// The texts that hold each pair, sorted.
    pub(super) pairs: BTreeMap<u32, Vec<u16>>,
    /// What a pair tells, by how many texts hold it.
    pub(super) weights: Vec<u32>,
    pub(super) exceptions: Vec<(&'static str, Vec<u32>)>,
}

impl Made {
    /// The sets of texts that hold one pair, the smallest first.
    pub(super) fn sets(&self) -> Vec<&Vec<u16>> {
        let sets: BTreeSet<_> = self.pairs.values().map(|set| (set.len(), set)).collect();
        sets.into_iter().map(|(_, set)| set).collect()
    }
}

/// Made of the list's texts.
pub(super) fn made() -> Made {
    let (mut known, mut pairs) = (Vec::new(), BTreeMap::new());
    for (license, text) in texts::all().filter_map(|(ids, text)| Some((license_of(ids)?, text))) {
        for form in forms(&license, text) {
            add(&license, form, &mut known, &mut pairs);
        }
    }
    let weights = weights(known.len());
    for holders in pairs.values() {
        let weight = u64::from(weights[holders.len()]);
        for holder in holders {
            let known = &mut known[usize::from(*holder)];
            known.weight += weight;
            known.common += if holders.len() > FEW { weight } else { 0 };
        }
    }
    Made { known, pairs, weights, exceptions: exceptions() }
}

/// What a pair tells that so many of `known` texts hold.
fn weights(known: usize) -> Vec<u32> {
    let weight = |holders: usize| (1.0 + known as f32 / holders.max(1) as f32).ln();
    (0..=known).map(|holders| (f64::from(weight(holders)) * ONE).round() as u32).collect()
}

fn exceptions() -> Vec<(&'static str, Vec<u32>)> {
    let of_one = |id| {
        let mut pairs = pairs(&Words::of(texts::license_text(id)?));
        pairs.sort_unstable();
        Some((id, pairs))
    };
    let mut all: Vec<_> = ids::all_exceptions().filter_map(of_one).collect();
    all.sort_unstable();
    all
}

fn add(license: &License, form: &str, known: &mut Vec<Known>, holders: &mut BTreeMap<u32, Vec<u16>>) {
    let number = u16::try_from(known.len()).expect("few texts");
    let words = Words::of(form);
    let mut pairs = pairs(&words);
    pairs.sort_unstable();
    pairs.dedup();
    if pairs.is_empty() {
        return;
    }
    pairs.iter().for_each(|pair| holders.entry(*pair).or_default().push(number));
    let id = ids::known_license(license.id.as_str()).expect("an id of the list");
    known.push(Known { id, pairs: pairs.len(), words: words.len(), weight: 0, common: 0 });
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
