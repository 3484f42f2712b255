//! A licence's name reduced to the words that tell it from others.
//!
//! `GNU General Public License v2.0 or later`, `GPLv2+` and `gpl-2.0-or-later` all have the key `gpl 2 +`.
//! Keys are only compared, never shown. Which words stand for which is the table `words.csv`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::data;

/// Whether a word tells no licence from another.
fn says_nothing(word: &str) -> bool {
    matches!(
        word,
        "agreement"
            | "and"
            | "dual"
            | "gnu"
            | "license"
            | "licensed"
            | "licenses"
            | "of"
            | "only"
            | "or"
            | "terms"
            | "text"
            | "the"
            | "under"
            | "ver"
            | "version"
            | "with"
    )
}

/// The key of a name. Empty when the name says nothing (`The License`).
pub(super) fn key(name: &str) -> String {
    let lower = name.to_lowercase();
    let lower = if lower.contains("licence") { lower.replace("licence", "license") } else { lower };
    let words = words(&lower);
    let mut key = String::with_capacity(lower.len());
    let mut at = 0;
    while at < words.len() {
        let (length, instead) = replacement(&words[at..]).unwrap_or((1, words[at]));
        at += length;
        let is_version_mark = instead == "v" && words.get(at).is_some_and(|word| starts_with_digit(word));
        if !instead.is_empty() && !is_version_mark && !says_nothing(instead) {
            if !key.is_empty() {
                key.push(' ');
            }
            key.push_str(instead);
        }
    }
    key
}

/// Words, versions without their trailing `.0`, and each `+` as a word of its own.
fn words(lower: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::with_capacity(8);
    let mut rest = lower;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '0'..='9' => rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len()),
            '+' => 1,
            c if c.is_alphabetic() => rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len()),
            c => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        let word = &rest[..length];
        rest = &rest[length..];
        match first {
            '0'..='9' => words.push(short_version(word)),
            // `gplv2`: the letter belongs to the number.
            _ if starts_with_digit(rest) && word.len() > 1 && word.ends_with('v') => {
                words.push(&word[..word.len() - 1]);
            }
            _ => words.push(word),
        }
    }
    words
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// `2.0.0` and `2.` are `2`.
fn short_version(version: &str) -> &str {
    let mut version = version.trim_end_matches('.');
    while let Some(shorter) = version.strip_suffix(".0") {
        version = shorter;
    }
    version
}

/// The longest phrase of the table that `words` begin with: how many words it has, and what stands for it.
fn replacement(words: &[&str]) -> Option<(usize, &'static str)> {
    static PHRASES: OnceLock<BTreeMap<&'static str, Vec<Phrase>>> = OnceLock::new();
    let phrases = PHRASES.get_or_init(|| {
        let mut phrases: BTreeMap<&str, Vec<Phrase>> = BTreeMap::new();
        for row in data::rows(data::WORDS) {
            let written: Vec<&str> = row[0].split(' ').collect();
            let first = written[0];
            phrases.entry(first).or_default().push(Phrase { written, instead: row[1] });
        }
        for alike in phrases.values_mut() {
            alike.sort_by_key(|phrase| std::cmp::Reverse(phrase.written.len()));
        }
        phrases
    });
    let alike = phrases.get(words.first()?)?;
    let fits = |phrase: &&Phrase| {
        phrase.written.len() <= words.len()
            && phrase.written.iter().zip(words).all(|(one, other)| one == other)
    };
    alike.iter().find(fits).map(|phrase| (phrase.written.len(), phrase.instead))
}

struct Phrase {
    written: Vec<&'static str>,
    instead: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        let same = |key_of_all: &str, names: &[&str]| {
            for name in names {
                assert_eq!(key(name), key_of_all, "{name}");
            }
        };
        same(
            "gpl 2 +",
            &[
                "GPL-2+",
                "GPLv2+",
                "gpl-2.0-or-later",
                "GNU General Public License v2.0 or later",
                "GNU General Public Licence, version 2 or (at your option) any later version",
                "GPL v2 or newer",
            ],
        );
        same(
            "gpl 2",
            &["GPL-2", "GPLv2", "GPL-2.0-only", "GNU GPL 2", "GNU General Public License v2.0 only"],
        );
        same("lgpl 2.1", &["LGPLv2.1", "GNU Lesser General Public License, Version 2.1"]);
        same(
            "apache 2",
            &["Apache License, Version 2.0", "Apache-2.0", "ASL 2.0", "The Apache Software License V2"],
        );
        same("bsd 3 clause", &["BSD-3-Clause", "BSD 3-Clause License", "New BSD", "BSD License (3-clause)"]);
    }

    #[test]
    fn names_that_differ_have_different_keys() {
        for (one, other) in [
            ("GPL-2+", "GPL-2"),
            ("GPL-2", "LGPL-2"),
            ("AGPL-3", "GPL-3"),
            ("MIT", "MIT-0"),
            ("Python-2.0", "Python-2.0.1"),
        ] {
            assert_ne!(key(one), key(other));
        }
    }

    #[test]
    fn a_name_of_nothing_has_no_key() {
        assert_eq!(key("The License"), "");
        assert_eq!(key(" -- ()\u{00a0}"), "");
    }
}
