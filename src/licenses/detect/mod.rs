//! Which licences a text holds: their texts, notices that name them, and SPDX tags.
//!
//! A text is recognised by its pairs of neighbouring words: an index says which licences hold each pair; for
//! those whose pairs are mostly there, the run of words that is most like it is sought, so that one file may hold
//! several. Licences that differ in one sentence are told apart by that sentence (`phrases.csv`).
//!
//! A licence's text never says "only" or "or later": the text of the GPL 2 is the family GPL-2.0 until a notice
//! says which. The instructions at the end of the GNU texts hold such a notice, which is not one.

mod candidates;
mod index;
#[cfg(test)]
mod made;
mod notices;
mod pairs;
mod stored;
mod words;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::expression::{Expression, License};
use super::memory::Memory;
use super::{data, family, ids};
use index::{Index, Known};
use pairs::Pairs;
use words::Words;

/// Longest text looked at, in bytes; no licence stands so deep in a file.
const LONGEST: usize = 4 << 20;
/// How alike they must be where the text shall say what a name means that nobody knows.
pub(super) const SURE: f32 = 0.90;
/// How alike a run of words and a licence must be, of 1.
const ALIKE: f32 = 0.80;
/// The same for licences of a few words, which share them with much else.
const ALIKE_SHORT: f32 = 0.93;
/// Fewer pairs than this are a few.
const SHORT: usize = 45;
/// A notice right above a GNU text shares its words with the instructions at the text's end, and is taken for a
/// part of it; so this many bytes at the start of such a text may be one.
const LONGEST_NOTICE: usize = 500;
/// How many runs of one text are weighed against each other.
const MOST_REGIONS: usize = 2000;

/// A licence found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    pub expression: Expression,
    pub how: How,
    /// Where it stands, in bytes.
    pub bytes: Range<usize>,
    /// How alike the words are to the licence's, of 1; 1 for tags and notices.
    pub confidence: f32,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// `SPDX-License-Identifier:`.
    Tag,
    /// A sentence that names the licence.
    Notice,
    /// The licence itself.
    Text,
}

/// What was found in which text.
pub(super) static FOUND: Memory<Vec<Detection>> = Memory::new();

/// Finds licences in a text, in the order they stand in it. What was found in a text is remembered.
pub fn detect(text: &str) -> Vec<Detection> {
    FOUND.recall(text, || find(text))
}

fn find(text: &str) -> Vec<Detection> {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    if let Some(only) = notices::only_expression(text) {
        return vec![only];
    }
    let words = Words::of(text);
    let pairs = Pairs::of(&words);
    let regions = regions(&words, &pairs);
    let mut found: Vec<Detection> = regions.into_iter().map(|region| region.detection(&words)).collect();
    let texts: Vec<Range<usize>> = found.iter().map(beyond_notice).collect();
    let is_inside = |found: &Detection| texts.iter().any(|text| text.contains(&found.bytes.start));
    let named = notices::notices(&words).into_iter().chain(notices::tags(text));
    found.extend(named.filter(|found| !is_inside(found)));
    found.sort_by_key(|detection| (detection.bytes.start, detection.bytes.end));
    if words.text.contains("exception") || words.text.contains("exemption") {
        add_exception(&mut found, &pairs);
    }
    found
}

/// Exceptions that are not to a GNU licence, and what they are to.
const NOT_TO_GNU: &[(&str, &str)] = &[
    ("LLVM-exception", "Apache-2.0"),
    ("PCRE2-exception", "BSD-3-Clause"),
    ("Swift-exception", "Apache-2.0"),
    ("fmt-exception", "MIT"),
    ("mxml-exception", "Apache-2.0"),
];

/// An exception in a text is one to the licence that it is written for: LLVM's to Apache's, most to the GNU's.
fn add_exception(found: &mut [Detection], pairs: &Pairs) {
    let Some(exception) = exception_of(pairs, ids::all_exceptions()) else { return };
    let to = NOT_TO_GNU.iter().find(|(id, _)| *id == exception).map(|(_, license)| *license);
    let is_for = |license: &License| match to {
        Some(to) => license.id.as_str() == to,
        None => license.id.as_str().contains("GPL-"),
    };
    for detection in found {
        if let Expression::License(license) = &mut detection.expression
            && license.exception.is_none()
            && is_for(license)
        {
            license.exception = Some(exception.to_owned());
        }
    }
}

/// Where a licence's text stands, without the notice that may have been taken for a part of it.
fn beyond_notice(found: &Detection) -> Range<usize> {
    let is_gnu = found.expression.leaves().any(|license| family::family(license).is_some());
    found.bytes.start + if is_gnu { LONGEST_NOTICE } else { 0 }..found.bytes.end
}

/// What the finds mean together. A notice settles the version of a GNU text beside it; licences are a choice
/// where the text says so, and otherwise all hold. Absent when nothing was found.
pub fn concluded(found: &[Detection], text: &str) -> Option<Expression> {
    let noticed: Vec<&License> = found
        .iter()
        .filter(|found| found.how != How::Text)
        .flat_map(|found| found.expression.leaves())
        .collect();
    let settled = |found: &Detection| match &found.expression {
        Expression::License(license) if found.how == How::Text => {
            let said = family::family(license)
                .and_then(|family| noticed.iter().find(|noticed| family.candidates.contains(**noticed)));
            Expression::License((*said.unwrap_or(&license)).clone())
        }
        other => other.clone(),
    };
    let mut expressions: Vec<Expression> = found.iter().map(settled).collect();
    let exact: Vec<License> = expressions.iter().flat_map(|known| known.leaves().cloned()).collect();
    expressions.retain(|expression| match expression {
        Expression::License(license) => !family::is_vague_beside(license, &exact),
        _ => true,
    });
    match notices::offers_choice(found, text) {
        true => Expression::any_of(expressions),
        false => Expression::all_of(expressions),
    }
}

/// What a text means that was given as one licence's: its licences, where they are nearly all that it says, or
/// the notices in it. Absent where it says more, or other things.
pub(super) fn of_one(text: &str) -> Option<Expression> {
    let found = detect(text);
    let said: usize = found.iter().map(|found| Words::of(&text[found.bytes.clone()]).len()).sum();
    let is_sure = found.iter().all(|found| found.how != How::Text || found.confidence >= SURE);
    let has_notice = found.iter().any(|found| found.how == How::Notice);
    let is_all = has_notice || said * 4 >= Words::of(text).len() * 3;
    if is_sure && is_all { concluded(&found, text) } else { None }
}

/// A text's words, lower-case with one space between them, without what differs between copies of one licence; and
/// how many there are.
pub(super) fn plain_words(text: &str) -> (String, usize) {
    let words = Words::of(text);
    let count = words.len();
    (words.text, count)
}

/// The one licence whose text nearly all of a text is. Absent where there are more, or it is not sure.
pub(super) fn only_text(text: &str) -> Option<License> {
    let found = detect(text);
    let [only] = found.as_slice() else { return None };
    let Expression::License(license) = &only.expression else { return None };
    let said = Words::of(&text[only.bytes.clone()]).len();
    let is_sure = only.how == How::Text && only.confidence >= SURE && said * 4 >= Words::of(text).len() * 3;
    is_sure.then(|| license.clone())
}

/// Which of some exceptions stands in a text.
pub(super) fn exception_in<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    exception_of(&Pairs::of(&Words::of(text)), candidates)
}

fn exception_of<'a>(pairs: &Pairs, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let exceptions = &Index::get().exceptions;
    let share = |id: &str| {
        let place = exceptions.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        share_if_sure(&exceptions[place].1, pairs)
    };
    let (_, id) = candidates
        .filter_map(|id| Some((share(id)?, id)))
        .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(one.1)))?;
    Some(id)
}

/// How much of an exception's own pairs a text has. Absent as soon as that is too little.
fn share_if_sure(own: &[u32], pairs: &Pairs) -> Option<f32> {
    let share = |there: usize| there as f32 / own.len().max(1) as f32;
    let mut there = own.len();
    for pair in own {
        if !pairs.has(*pair) {
            there -= 1;
            if share(there) < SURE {
                return None;
            }
        }
    }
    Some(share(there)).filter(|share| *share >= SURE)
}

/// A run of words that is a licence.
#[derive(Debug, Clone)]
struct Region {
    license: License,
    words: Range<usize>,
    alike: f32,
    /// What decides where regions overlap.
    strength: f32,
}

impl Region {
    fn detection(&self, words: &Words) -> Detection {
        Detection {
            expression: Expression::License(family::of_text(self.license.clone())),
            how: How::Text,
            bytes: words.original(&self.words),
            confidence: self.alike,
        }
    }
}

fn regions(words: &Words, pairs: &Pairs) -> Vec<Region> {
    let index = Index::get();
    let mut seen = Seen::of(pairs.distinct.len());
    let mut regions: Vec<Region> = Vec::new();
    for candidate in candidates::candidates(index, pairs) {
        seek(&index.known[candidate.known], &candidate.hits, &pairs.at, words, &mut seen, &mut regions);
    }
    // The strongest first; where two are equally strong, the id decides, so that the same text gives the same.
    regions.sort_by(|one, other| {
        other.strength.total_cmp(&one.strength).then_with(|| one.license.cmp(&other.license))
    });
    regions.truncate(MOST_REGIONS);
    let mut kept: Vec<Region> = Vec::new();
    for region in regions {
        if !kept.iter().any(|other| overlap(&other.words, &region.words) * 5 > region.words.len()) {
            kept.push(region);
        }
    }
    kept
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> usize {
    one.end.min(other.end).saturating_sub(one.start.max(other.start))
}

/// Finds the runs of words that are most like one licence. Each hit is looked at a bounded number of times.
fn seek(
    known: &Known,
    hits: &[u32],
    pairs: &[u32],
    words: &Words,
    seen: &mut Seen,
    regions: &mut Vec<Region>,
) {
    let length = longest(known) as u32;
    let needed = known.pairs * 6 / 10;
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
        let (first, last) = densest(known, hits, left..right, pairs, seen);
        let (first, last) = trimmed(hits, first, last);
        regions.extend(region(known, &hits[first..last], pairs, words, seen));
        left = last.max(left + 1);
    }
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
    /// By the numbers of the pairs.
    counts: Vec<u32>,
    /// Those that are there, and others.
    added: Vec<u32>,
    distinct: usize,
}

impl Seen {
    fn of(pairs: usize) -> Self {
        Self { counts: vec![0; pairs], added: Vec::new(), distinct: 0 }
    }

    fn clear(&mut self) {
        for pair in self.added.drain(..) {
            self.counts[pair as usize] = 0;
        }
        self.distinct = 0;
    }

    fn distinct_of(&mut self, pairs: impl Iterator<Item = u32>) -> f32 {
        self.clear();
        pairs.for_each(|pair| self.add(pair));
        self.distinct as f32
    }

    fn add(&mut self, pair: u32) {
        let count = &mut self.counts[pair as usize];
        *count += 1;
        if *count == 1 {
            self.distinct += 1;
            self.added.push(pair);
        }
    }

    fn remove(&mut self, pair: u32) {
        let count = &mut self.counts[pair as usize];
        *count -= 1;
        self.distinct -= usize::from(*count == 0);
    }

    fn has(&self, pair: u32) -> bool {
        self.counts[pair as usize] > 0
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
    let shared = seen.distinct_of(hits.iter().map(|at| pairs[*at as usize]));
    let all = seen.distinct_of(pairs[first..=last].iter().copied());
    let alike = 2.0 * shared / (all + known.pairs as f32);
    let needed = if known.pairs < SHORT { ALIKE_SHORT } else { ALIKE };
    let range = first..last + 2;
    if alike < needed || !phrases_fit(known.id, words.run(range.clone())) {
        return None;
    }
    let strength = alike.powi(8) * known.pairs as f32;
    Some(Region { license: known.license(), words: range, alike, strength })
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
    use super::super::{parse, texts};
    use super::*;

    fn found_in(text: &str) -> String {
        let found = detect(text);
        concluded(&found, text).map_or("-".to_owned(), |expression| expression.to_string())
    }

    fn text(id: &str) -> &'static str {
        texts::license_text(id).expect("a text")
    }

    #[test]
    fn every_text_of_the_list_is_recognised_as_itself() {
        let all: Vec<(&str, &str)> = texts::all().collect();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let wrong = || {
            let take = || all.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            std::iter::from_fn(take)
                .filter_map(|(ids, text)| taken_for_another(ids, text))
                .collect::<Vec<_>>()
        };
        let wrong: Vec<String> = std::thread::scope(|scope| {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(wrong)).collect();
            all.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(wrong, [""; 0]);
    }

    fn taken_for_another(ids: &str, text: &str) -> Option<String> {
        let of_list: Vec<String> = ids
            .split(' ')
            .filter_map(ids::known_license)
            .map(|id| family::of_text(parse::spdx_license(id, false)).to_string())
            .collect();
        // Ids of a licence with an exception are deprecated, and their texts are notices.
        if of_list.is_empty() || ids.contains("-with-") || ids == "StandardML-NJ" {
            return None;
        }
        let found = found_in(text);
        let is_right = of_list.contains(&found) || found.contains(" WITH ");
        (!is_right).then(|| format!("{ids} found {found}"))
    }

    #[test]
    fn several_licences_in_one_file_are_told_apart() {
        let file = format!(
            "Name: a\n\n{}\n\n---\nName: b\n\n{}\n\n{}",
            text("MIT"),
            text("Apache-2.0"),
            text("ISC")
        );
        let found = detect(&file);
        let shown: Vec<String> = found.iter().map(|found| found.expression.to_string()).collect();
        assert_eq!(shown, ["MIT", "Apache-2.0", "ISC"]);
        assert!(file[found[0].bytes.clone()].starts_with("MIT License\n\nCopyright"));
        assert!(found.iter().all(|found| found.confidence > 0.95), "{found:?}");
    }

    #[test]
    fn copies_that_follow_one_another_are_each_found() {
        let one = text("MIT");
        let file = format!("{one}\n---\n\nPrompts are by\n\n{one}\n---\n\n{one}");
        let found = detect(&file);
        let shown: Vec<String> = found.iter().map(|found| found.expression.to_string()).collect();
        assert_eq!(shown, ["MIT", "MIT", "MIT"]);
        assert!(found.iter().all(|found| found.confidence > 0.95), "{found:?}");
    }

    /// HPND is filled in with many names; SMLNJ is one of these, and Lucent's.
    #[test]
    fn a_licence_with_a_name_in_it_is_not_anothers() {
        let of = |name: &str| {
            format!(
                "Permission to use, copy, modify, and distribute this software and its documentation for any purpose \
                 and without fee is hereby granted, provided that the above copyright notice appear in all copies and \
                 that both that copyright notice and this permission notice appear in supporting documentation, and \
                 that the name of {name} not be used in advertising or publicity pertaining to distribution of the \
                 software without specific, written prior permission. {name} disclaims all warranties with regard to \
                 this software, including all implied warranties of merchantability and fitness. In no event shall \
                 {name} be liable for any special, indirect or consequential damages or any damages whatsoever \
                 resulting from loss of use, data or profits, whether in an action of contract, negligence or other \
                 tortious action, arising out of or in connection with the use or performance of this software."
            )
        };
        assert_eq!(found_in(&of("Timothy O'Malley")), "HPND");
        assert_eq!(found_in(&of("Lance Ellinghouse")), "HPND");
    }

    #[test]
    fn a_text_without_a_notice_is_of_a_family() {
        assert_eq!(found_in(text("GPL-2.0-only")), "LicenseRef-packlist-family-GPL-2.0");
        let notice = "This is free software under the terms of the GNU General Public License, version 2 or any later version.";
        assert_eq!(found_in(&format!("{notice}\n\n{}", text("GPL-2.0-only"))), "GPL-2.0-or-later");
    }

    #[test]
    fn an_exception_is_attached_to_its_licence() {
        let file = format!("{}\n\n{}", text("Apache-2.0"), text("LLVM-exception"));
        assert_eq!(found_in(&file), "Apache-2.0 WITH LLVM-exception");
        let file = format!("{}\n\n{}", text("BSD-3-Clause"), text("PCRE2-exception"));
        assert_eq!(found_in(&file), "BSD-3-Clause WITH PCRE2-exception");
        let file = format!("{}\n\n{}", text("MIT"), text("LLVM-exception"));
        assert_eq!(found_in(&file), "MIT");
    }

    #[test]
    fn copies_without_the_instructions_are_recognised() {
        let (terms, _) = text("Apache-2.0").split_once("END OF TERMS").expect("has an end");
        assert_eq!(found_in(terms), "Apache-2.0");
        let (bare, _) = text("LGPL-3.0-only").split_once("\nGNU GENERAL").expect("goes on with the GPL");
        assert_eq!(found_in(bare), "LicenseRef-packlist-family-LGPL-3.0");
    }

    #[test]
    fn what_is_no_licence_is_none() {
        assert_eq!(found_in(""), "-");
        assert_eq!(found_in("You may not use this for anything at all without asking us first."), "-");
        assert_eq!(found_in(&"permission is hereby granted ".repeat(10_000)), "-");
        assert_eq!(found_in(&"\u{fffd}<".repeat(10_000)), "-");
    }
}
