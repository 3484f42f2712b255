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
mod regions;
mod stored;
mod words;

use std::ops::Range;

use super::expression::{Expression, License};
use super::memory::Memory;
use super::{family, ids};
use index::Index;
use pairs::Pairs;
use words::Words;

/// Longest text looked at, in bytes; no licence stands so deep in a file.
const LONGEST: usize = 4 << 20;
/// How alike they must be where the text shall say what a name means that nobody knows.
pub(super) const SURE: f32 = 0.90;
/// A notice right above a GNU text shares its words with the instructions at the text's end, and is taken for a
/// part of it; so this many bytes at the start of such a text may be one.
const LONGEST_NOTICE: usize = 500;
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
    let mut found: Vec<Detection> =
        regions::regions(&words, &pairs).into_iter().map(|region| region.detection(&words)).collect();
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
