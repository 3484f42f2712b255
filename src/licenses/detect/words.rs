//! A text reduced to what its licence is recognised by: its words, each with its place.
//!
//! Case, punctuation and decoration (comment signs, list marks, tags) differ between copies of one licence, so
//! they are dropped; and so are the lines that say whose copyright it is.

use std::ops::Range;

/// Longest line that may be a statement of copyright and nothing else, in words.
const LONGEST_COPYRIGHT: usize = 25;
/// So many bytes a text has for each of its words, or more.
const BYTES_OF_WORD: usize = 6;

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
        words.text.reserve(original.len());
        words.at.reserve(original.len() / BYTES_OF_WORD);
        words.spans.reserve(original.len() / BYTES_OF_WORD);
        let mut start = 0;
        for end in
            memchr::memchr2_iter(b'\n', b'\r', original.as_bytes()).map(|end| end + 1).chain([original.len()])
        {
            words.line(&original[start..end], start);
            start = end;
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
        let bytes = line.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let length = match KINDS[usize::from(*byte)] {
                Kind::Other => 0,
                Kind::Tag => {
                    at += tag(&line[at..]).unwrap_or(1);
                    continue;
                }
                Kind::Letter | Kind::Long => word_length(&line[at..]),
            };
            if length == 0 {
                at += if byte.is_ascii() { 1 } else { line[at..].chars().next().map_or(1, char::len_utf8) };
                continue;
            }
            let is_first = self.at.len() == words_before;
            if !(is_first && is_list_mark(&line[at..], length)) {
                self.push(&line[at..at + length], start + at);
            }
            at += length;
        }
        self.text[text_before..].make_ascii_lowercase();
        if self.is_copyright(words_before, line) {
            self.text.truncate(text_before);
            self.at.truncate(words_before);
            self.spans.truncate(words_before);
        }
    }

    /// Adds a word; that its letters of ASCII are lower-case, its line sees to.
    fn push(&mut self, word: &str, start: usize) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        let at = self.text.len();
        self.at.push(at);
        self.spans.push(start..start + word.len());
        if word.is_ascii() {
            self.text.push_str(usual(word));
        } else {
            let word = word.to_lowercase();
            self.text.push_str(usual(&word));
        }
    }

    /// Whether the words from `first` on say whose copyright it is, and nothing else.
    fn is_copyright(&self, first: usize, line: &str) -> bool {
        let count = self.at.len() - first;
        if count == 0 || count > LONGEST_COPYRIGHT {
            return false;
        }
        let words = self.run(first..self.at.len());
        // Most lines begin with another letter.
        if !words.starts_with(['a', 'c', 'p']) {
            return false;
        }
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

/// What a byte may begin.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Other,
    /// A letter or digit of ASCII.
    Letter,
    /// A character of several bytes.
    Long,
    Tag,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'<' => Kind::Tag,
            0x80.. => Kind::Long,
            letter if letter.is_ascii_alphanumeric() => Kind::Letter,
            _ => Kind::Other,
        };
        byte += 1;
    }
    kinds
};

fn word_length(rest: &str) -> usize {
    let is_letter = |byte: &&u8| KINDS[usize::from(**byte)] == Kind::Letter;
    let ascii = rest.as_bytes().iter().take_while(is_letter).count();
    match rest.as_bytes().get(ascii) {
        Some(next) if !next.is_ascii() => rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()),
        _ => ascii,
    }
}

/// The usual spelling of some words that copies spell differently.
fn usual(word: &str) -> &str {
    const USUAL: [(&str, &str); 4] =
        [("licence", "license"), ("licences", "licenses"), ("licenced", "licensed"), ("https", "http")];
    match word.as_bytes() {
        [b'l' | b'L' | b'h' | b'H', ..] if (5..=8).contains(&word.len()) => {
            USUAL.iter().find(|(other, _)| word.eq_ignore_ascii_case(other)).map_or(word, |(_, usual)| usual)
        }
        _ => word,
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
