//! The index, made of the list's texts: what [`super::stored`] holds must be this.

use super::super::expression::{License, LicenseId};
use super::super::{ids, parse, texts};
use super::index::{Index, Known, pairs};
use super::words::Words;

/// Where the terms of the GNU and Apache licences end and instructions for use begin, which many copies lack.
const END_OF_TERMS: &str = "END OF TERMS AND CONDITIONS";
/// Where the list's text of the LGPL 3 goes on with the GPL, which most copies have in a file of its own.
const GPL_BEGINS: &str = "\nGNU GENERAL PUBLIC LICENSE";

/// Made of the list's texts.
pub(super) fn index() -> Index {
    let mut known: Vec<Known> = Vec::new();
    let mut entries: Vec<(u32, u16)> = Vec::new();
    for (license, text) in texts::all().filter_map(|(ids, text)| Some((license_of(ids)?, text))) {
        for form in forms(&license, text) {
            add(&license, form, &mut known, &mut entries);
        }
    }
    entries.sort_unstable();
    let (mut pairs, mut starts) = (Vec::new(), Vec::new());
    for (at, (pair, _)) in entries.iter().enumerate() {
        if pairs.last() != Some(pair) {
            pairs.push(*pair);
            starts.push(at as u32);
        }
    }
    starts.push(entries.len() as u32);
    let holders = entries.into_iter().map(|(_, holder)| holder).collect();
    let mut index = Index::of(known, pairs, starts, holders, exceptions());
    weigh(&mut index);
    index
}

fn weigh(index: &mut Index) {
    for place in 0..index.pairs.len() {
        let weight = index.weight(place);
        let (start, end) = (index.starts[place] as usize, index.starts[place + 1] as usize);
        for holder in &index.holders[start..end] {
            index.known[usize::from(*holder)].weight += weight;
        }
    }
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

fn add(license: &License, form: &str, known: &mut Vec<Known>, entries: &mut Vec<(u32, u16)>) {
    let number = u16::try_from(known.len()).expect("few texts");
    let words = Words::of(form);
    let mut pairs = pairs(&words);
    pairs.sort_unstable();
    pairs.dedup();
    if pairs.is_empty() {
        return;
    }
    entries.extend(pairs.iter().map(|pair| (*pair, number)));
    let id = ids::known_license(license.id.as_str()).expect("an id of the list");
    known.push(Known { id, pairs: pairs.len(), words: words.len(), weight: 0.0 });
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
