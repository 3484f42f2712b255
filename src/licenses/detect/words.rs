//! A text reduced to what its licence is recognised by: its words, each with its place.
//!
//! Case, punctuation and decoration (comment signs, list marks, tags) differ between copies of one licence, so
//! they are dropped; and so are the lines that say whose copyright it is.

use std::ops::Range;

/// Longest line that may be a statement of copyright and nothing else, in words.
const LONGEST_COPYRIGHT: usize = 25;

/// The words of a text, in order.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Lower-case words with one space between them.
    pub(super) text: String,
    /// Where each word begins in `text`.
    pub(super) at: Vec<usize>,
    /// Where each word stands in the original.
    pub(super) spans: Vec<Range<usize>>,
}

impl Words {
    pub(super) fn of(original: &str) -> Self {
        let mut words = Self::default();
        let mut start = 0;
        for line in original.split_inclusive(['\n', '\r']) {
            words.line(line, start);
            start += line.len();
        }
        words
    }

    pub(super) fn len(&self) -> usize {
        self.at.len()
    }

    /// One word.
    pub(super) fn word(&self, index: usize) -> &str {
        let end = self.at.get(index + 1).map_or(self.text.len(), |next| next - 1);
        &self.text[self.at[index]..end]
    }

    /// Some words, a space between them.
    pub(super) fn run(&self, range: Range<usize>) -> &str {
        let Some(start) = self.at.get(range.start) else { return "" };
        // Nothing stands before the first word, not even a space.
        let end = self.at.get(range.end).map_or(self.text.len(), |next| next.saturating_sub(1));
        &self.text[*start..end.max(*start)]
    }

    /// The index of the word that holds or follows a place in `text`.
    pub(super) fn index_at(&self, at: usize) -> usize {
        self.at.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// Where some words stand in the original.
    pub(super) fn original(&self, range: &Range<usize>) -> Range<usize> {
        match (self.spans.get(range.start), range.end.checked_sub(1).and_then(|last| self.spans.get(last))) {
            (Some(first), Some(last)) => first.start..last.end.max(first.start),
            _ => 0..0,
        }
    }

    fn line(&mut self, line: &str, start: usize) {
        let (text_before, words_before) = (self.text.len(), self.at.len());
        let mut at = 0;
        while at < line.len() {
            let rest = &line[at..];
            if let Some(length) = tag(rest) {
                at += length;
                continue;
            }
            let length = word_length(rest);
            if length == 0 {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
            let is_first = self.at.len() == words_before;
            if !(is_first && is_list_mark(rest, length)) {
                self.push(&rest[..length], start + at);
            }
            at += length;
        }
        if self.is_copyright(words_before, line) {
            self.text.truncate(text_before);
            self.at.truncate(words_before);
            self.spans.truncate(words_before);
        }
    }

    fn push(&mut self, word: &str, start: usize) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.at.push(self.text.len());
        self.spans.push(start..start + word.len());
        let at = self.text.len();
        if word.is_ascii() {
            self.text.push_str(word);
            self.text[at..].make_ascii_lowercase();
        } else {
            self.text.push_str(&word.to_lowercase());
        }
        let usual = match &self.text[at..] {
            "licence" => "license",
            "licences" => "licenses",
            "licenced" => "licensed",
            "https" => "http",
            _ => return,
        };
        self.text.truncate(at);
        self.text.push_str(usual);
    }

    /// Whether the words from `first` on say whose copyright it is, and nothing else.
    fn is_copyright(&self, first: usize, line: &str) -> bool {
        let count = self.at.len() - first;
        if count == 0 || count > LONGEST_COPYRIGHT {
            return false;
        }
        let words = self.run(first..self.at.len());
        let holds_year =
            || words.split(' ').any(|word| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()));
        let begins = |start: &str| words.starts_with(start);
        words == "all rights reserved"
            || begins("copyright c ")
            || begins("c copyright ")
            || begins("portions copyright ")
            || begins("copyright year")
            || line.contains('©') && begins("copyright")
            || (begins("copyright ") || begins("c ")) && holds_year()
            || begins("copyright by ")
    }
}

fn word_length(rest: &str) -> usize {
    let ascii = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    match rest.as_bytes().get(ascii) {
        Some(next) if !next.is_ascii() => rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()),
        _ => ascii,
    }
}

/// `1.`, `(a)`, `iv)`: numbers of paragraphs, which copies of one licence write differently.
fn is_list_mark(rest: &str, length: usize) -> bool {
    length <= 3
        && rest[length..].starts_with(['.', ')'])
        && (rest[..length].bytes().all(|b| b.is_ascii_digit())
            || length == 1
            || rest[..length].bytes().all(|b| matches!(b, b'i' | b'v' | b'x')))
}

/// The length of an HTML tag at the start of a text. Placeholders in angle brackets are none.
fn tag(rest: &str) -> Option<usize> {
    const TAGS: &[&str] = &[
        "a", "b", "body", "br", "center", "div", "em", "h1", "h2", "h3", "head", "html", "i", "li", "meta",
        "ol", "p", "pre", "span", "strong", "title", "tt", "ul",
    ];
    let inner = rest.strip_prefix('<')?;
    let name = inner.trim_start_matches('/');
    let name = &name[..word_length(name)];
    let end = inner.bytes().take(200).position(|byte| byte == b'>')?;
    TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name)).then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_between_copies_is_dropped() {
        let words = Words::of(
            " * Copyright (c) 2020 Jane Doe. All rights reserved.\n * 1. The <b>Licence</b>, \"as-is\".\n *\n * b) see https://x",
        );
        assert_eq!(words.text, "the license as is see http x");
        assert_eq!(words.word(1), "license");
        assert_eq!(words.run(1..3), "license as");
        assert_eq!(words.index_at(5), 1);
    }

    #[test]
    fn words_know_their_place() {
        let original = "# Hëllo, (World)";
        let words = Words::of(original);
        assert_eq!(&original[words.original(&(0..2))], "Hëllo, (World");
        assert_eq!(Words::of("").original(&(0..1)), 0..0);
        assert_eq!(Words::of("<").text, "");
    }

    #[test]
    fn no_words_are_an_empty_run() {
        let words = Words::of("the license");
        assert_eq!([words.run(0..0), words.run(1..1), words.run(2..2), words.run(7..9)], [""; 4]);
    }

    #[test]
    fn conditions_that_begin_with_copyright_stay() {
        assert_eq!(Words::of("copyright notice, this list of conditions").len(), 6);
    }
}
