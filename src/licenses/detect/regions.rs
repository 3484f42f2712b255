//! The runs of words in a text that are licences.
//!
//! Many licences share most of their words. Where one is found, others that were made of it are sought only if they
//! can outdo it, or stand elsewhere as well.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

use super::super::expression::{Expression, License};
use super::super::{data, family};
use super::candidates::{self, Candidate};
use super::index::{Index, Known};
use super::pairs::Pairs;
use super::words::Words;
use super::{Detection, How};

/// How alike a run of words and a licence must be, of 1.
const ALIKE: f32 = 0.80;
/// The same for licences of a few words, which share them with much else.
const ALIKE_SHORT: f32 = 0.93;
/// Fewer pairs than this are a few.
const SHORT: usize = 45;
/// How many runs of one text are weighed against each other.
const MOST_REGIONS: usize = 2000;

/// How many runs are kept in mind that others must outdo.
const MOST_TOPS: usize = 200;

/// A run of words that is a licence.
#[derive(Debug, Clone)]
pub(super) struct Region {
    license: License,
    words: Range<usize>,
    alike: f32,
    /// What decides where regions overlap.
    strength: f32,
}

impl Region {
    pub(super) fn detection(&self, words: &Words) -> Detection {
        Detection {
            expression: Expression::License(family::of_text(self.license.clone())),
            how: How::Text,
            bytes: words.original(&self.words),
            confidence: self.alike,
        }
    }
    /// Whether a weaker run is so much a part of this one that it is none.
    fn leaves_no(&self, weaker: &Range<usize>) -> bool {
        overlap(&self.words, weaker) * 5 > weaker.len()
    }
}

/// The runs that are most like a licence, the strongest first.
pub(super) fn regions(words: &Words, pairs: &Pairs) -> Vec<Region> {
    let mut candidates = candidates::candidates(Index::get(), pairs);
    candidates.sort_by(|one, other| strongest(other).total_cmp(&strongest(one)));
    let mut search = Search::of(words, pairs);
    let mut outdoing = BTreeSet::new();
    for candidate in &candidates {
        match search.outdoing(candidate) {
            Some(tops) => outdoing.extend(tops),
            None => search.seek(candidate),
        }
    }
    let mut kept = search.kept();
    if !outdoing.iter().all(|found| kept.contains(found)) {
        kept = search.all(&candidates);
    }
    kept.into_iter().map(|found| search.found[found].clone()).collect()
}

/// No run of a candidate can be stronger.
fn strongest(candidate: &Candidate) -> f32 {
    strength(most_alike(candidate.hits.len(), candidate.known), candidate.known)
}

/// No run can be more like a licence in which so many of its pairs stand.
fn most_alike(there: usize, known: &Known) -> f32 {
    let there = there.min(known.pairs) as f32;
    2.0 * there / (there + known.pairs as f32)
}

/// A search for licences in one text.
struct Search<'a> {
    words: &'a Words,
    /// The numbers of its pairs.
    pairs: &'a [u32],
    seen: Seen,
    found: Vec<Region>,
    /// The strongest of those found, which do not overlap.
    tops: Vec<usize>,
}

impl<'a> Search<'a> {
    fn of(words: &'a Words, pairs: &'a Pairs) -> Self {
        let seen = Seen::of(pairs.distinct.len());
        Self { words, pairs: &pairs.at, seen, found: Vec::new(), tops: Vec::new() }
    }

    /// Begins anew and seeks all candidates.
    fn all(&mut self, candidates: &[Candidate]) -> Vec<usize> {
        (self.found, self.tops) = (Vec::new(), Vec::new());
        candidates.iter().for_each(|candidate| self.seek(candidate));
        self.kept()
    }

    /// The places of those found that are not a part of stronger ones, the strongest first; where two are equally
    /// strong, the id decides, so that the same text gives the same.
    fn kept(&self) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.found.len()).collect();
        all.sort_by(|one, other| {
            let (one, other) = (&self.found[*one], &self.found[*other]);
            other.strength.total_cmp(&one.strength).then_with(|| one.license.cmp(&other.license))
        });
        all.truncate(MOST_REGIONS);
        let mut kept: Vec<usize> = Vec::new();
        for place in all {
            if !kept.iter().any(|other| self.found[*other].leaves_no(&self.found[place].words)) {
                kept.push(place);
            }
        }
        kept
    }

    /// Those found that are stronger than whatever is found of a candidate, where they leave no room for it. Of a run
    /// that is alike enough, more pairs are the licence's than this and stand in so many words; and what is no part of
    /// others reaches into them by no more than a fifth.
    fn outdoing(&self, candidate: &Candidate) -> Option<Vec<usize>> {
        let (known, hits, strongest) = (candidate.known, &candidate.hits, strongest(candidate));
        let (count, longest) = ((known.pairs * 66 / 100).max(1), longest(known));
        let fifth = (longest + 1) / 5;
        let outdoes = |found: &&usize| {
            self.found[**found].strength > strongest && self.found[**found].words.len() > fifth
        };
        let tops: Vec<usize> = self.tops.iter().filter(outdoes).copied().collect();
        let ends = tops.iter().map(|top| self.found[*top].words.end.saturating_sub(fifth));
        let starts = tops.iter().map(|top| self.found[*top].words.start + fifth);
        let mut gaps = [0].into_iter().chain(ends).zip(starts.chain([usize::MAX]));
        let has_room = |(start, end): (usize, usize)| {
            let from = hits.partition_point(|hit| (*hit as usize) < start);
            let hits = &hits[from..];
            let hits = &hits[..hits.partition_point(|hit| (*hit as usize) < end)];
            hits.windows(count).any(|hits| ((hits[count - 1] - hits[0]) as usize) < longest)
        };
        (!gaps.any(has_room)).then_some(tops)
    }

    /// Keeps in mind what is found from a place on.
    fn top(&mut self, from: usize) {
        for place in from..self.found.len() {
            let new = &self.found[place];
            let is_outdone = |top: &usize| {
                self.found[*top].strength >= new.strength && self.found[*top].leaves_no(&new.words)
            };
            if self.tops.iter().any(is_outdone) {
                continue;
            }
            self.tops.retain(|top| !new.leaves_no(&self.found[*top].words));
            if self.tops.len() < MOST_TOPS {
                let at = self.tops.partition_point(|top| self.found[*top].words.start < new.words.start);
                self.tops.insert(at, place);
            }
        }
    }

    /// Finds the runs of words that are most like one licence. Each hit is looked at a bounded number of times.
    fn seek(&mut self, candidate: &Candidate) {
        let Candidate { known, hits } = candidate;
        let length = longest(known) as u32;
        let needed = known.pairs * 6 / 10;
        let from = self.found.len();
        let mut left = 0;
        let mut right = 0;
        while left < hits.len() {
            right = right.max(left);
            while right < hits.len() && hits[right] < hits[left] + length {
                right += 1;
            }
            if right - left < needed {
                left += 1;
                continue;
            }
            let (first, last) = densest(known, hits, left..right, self.pairs, &mut self.seen);
            let can_be = most_alike(self.seen.distinct, known) >= needed_of(known);
            let (first, last) = trimmed(hits, first, last);
            if can_be {
                self.found.extend(region(known, &hits[first..last], self.pairs, self.words, &mut self.seen));
            }
            left = last.max(left + 1);
        }
        self.top(from);
    }
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> usize {
    one.end.min(other.end).saturating_sub(one.start.max(other.start))
}

/// So many words of a text can be a licence, into which others may be put.
fn longest(known: &Known) -> usize {
    known.words + known.words / 8 + 4
}

/// Of the windows as long as the licence that begin within the one found, the one in which most of it stands, each
/// pair counted once: where copies follow one another, half of one and half of the next are no more than one is.
/// What words were put into it push out of that window is added, up to where the next copy begins.
fn densest(
    known: &Known,
    hits: &[u32],
    window: Range<usize>,
    pairs: &[u32],
    seen: &mut Seen,
) -> (usize, usize) {
    let (length, longest) = (known.words as u32, longest(known) as u32);
    let pair = |hit: usize| pairs[hits[hit] as usize];
    seen.clear();
    let (mut best, mut most, mut end) = (window.start, 0, window.start);
    for start in window.clone() {
        while end < hits.len() && hits[end] < hits[start] + length {
            seen.add(pair(end));
            end += 1;
        }
        if seen.distinct > most {
            (best, most) = (start, seen.distinct);
        }
        seen.remove(pair(start));
    }
    seen.clear();
    let mut last = best;
    while last < hits.len() && hits[last] < hits[best] + longest {
        let is_beyond = hits[last] >= hits[best] + length;
        if is_beyond && seen.has(pair(last)) {
            break;
        }
        seen.add(pair(last));
        last += 1;
    }
    (best, last)
}

/// How often each pair stands in a window.
struct Seen {
    /// By the numbers of the pairs; from before the window, what is not more than `none`.
    counts: Vec<u64>,
    none: u64,
    distinct: usize,
}

impl Seen {
    fn of(pairs: usize) -> Self {
        Self { counts: vec![0; pairs], none: 0, distinct: 0 }
    }

    /// A window has fewer pairs than 32 bits count.
    fn clear(&mut self) {
        self.none += 1 << 32;
        self.distinct = 0;
    }

    fn add(&mut self, pair: u32) -> bool {
        let count = &mut self.counts[pair as usize];
        *count = self.none.max(*count) + 1;
        let is_new = *count == self.none + 1;
        self.distinct += usize::from(is_new);
        is_new
    }

    fn remove(&mut self, pair: u32) {
        let count = &mut self.counts[pair as usize];
        *count -= 1;
        self.distinct -= usize::from(*count == self.none);
    }

    fn has(&self, pair: u32) -> bool {
        self.counts[pair as usize] > self.none
    }
}

/// The part of a window where hits outweigh misses most: what stands beside a licence shares some pairs with
/// it, but fewer than half.
fn trimmed(hits: &[u32], first: usize, last: usize) -> (usize, usize) {
    let mut best = (first, first, 0);
    let (mut start, mut sum) = (first, 0);
    for at in first..last {
        let misses = if at == start { 0 } else { hits[at] - hits[at - 1] - 1 };
        if misses > sum {
            (start, sum) = (at, 0);
        } else {
            sum -= misses;
        }
        sum += 1;
        if sum > best.2 {
            best = (start, at + 1, sum);
        }
    }
    (best.0, best.1)
}

fn region(known: &Known, hits: &[u32], pairs: &[u32], words: &Words, seen: &mut Seen) -> Option<Region> {
    let (first, last) = (*hits.first()? as usize, *hits.last()? as usize);
    seen.clear();
    let mut rest = hits;
    let mut shared = 0;
    for (pair, at) in pairs[first..=last].iter().zip(hits[0]..) {
        let is_hit = rest.first() == Some(&at);
        rest = &rest[usize::from(is_hit)..];
        shared += usize::from(seen.add(*pair) && is_hit);
    }
    let (shared, all) = (shared as f32, seen.distinct as f32);
    let alike = 2.0 * shared / (all + known.pairs as f32);
    let range = first..last + 2;
    if alike < needed_of(known) || !phrases_fit(known.id, words.run(range.clone())) {
        return None;
    }
    let strength = strength(alike, known);
    Some(Region { license: known.license(), words: range, alike, strength })
}

/// How alike a run of words and the licence must be.
fn needed_of(known: &Known) -> f32 {
    if known.pairs < SHORT { ALIKE_SHORT } else { ALIKE }
}

/// What decides between licences of the same words.
fn strength(alike: f32, known: &Known) -> f32 {
    alike.powi(8) * known.pairs as f32
}

/// Whether the phrases that tell a licence from its likes are there, and theirs are not.
fn phrases_fit(id: &str, run: &str) -> bool {
    static PHRASES: OnceLock<BTreeMap<&'static str, Vec<(&'static str, bool)>>> = OnceLock::new();
    let phrases = PHRASES.get_or_init(|| {
        let mut phrases: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in data::rows(data::PHRASES) {
            phrases.entry(row[0]).or_default().push((row[2], row[1] == "yes"));
        }
        phrases
    });
    phrases.get(id).is_none_or(|phrases| phrases.iter().all(|(phrase, has)| run.contains(phrase) == *has))
}

#[cfg(test)]
mod tests {
    use super::super::super::texts;
    use super::*;

    #[test]
    fn what_is_not_sought_would_not_have_been_kept() {
        let texts: Vec<&str> =
            texts::all().map(|(_, text)| text).filter(|text| text.len() < 6000).step_by(5).collect();
        let mut runs = 0;
        for (number, few) in texts.chunks(4).enumerate() {
            // Copies that others follow, whole and cut off.
            let last = few[few.len() - 1];
            let part: String = last.chars().skip(number * 7 % 300).collect();
            let text = [few.join("\n\n"), few[0].to_owned(), part].join("\nand under the terms of the\n");
            let words = Words::of(&text);
            let pairs = Pairs::of(&words);
            let candidates = candidates::candidates(Index::get(), &pairs);
            let mut search = Search::of(&words, &pairs);
            let all = search.all(&candidates);
            let shown = |region: &Region| (region.license.to_string(), region.words.clone(), region.alike);
            let all: Vec<_> = all.into_iter().map(|found| shown(&search.found[found])).collect();
            let few: Vec<_> = regions(&words, &pairs).iter().map(shown).collect();
            assert_eq!(few, all);
            runs += few.len();
        }
        assert!(runs > texts.len(), "{runs} of {}", texts.len());
    }
}
