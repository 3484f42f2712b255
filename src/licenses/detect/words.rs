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
        let mut taker = Taker {
            text: Vec::with_capacity(original.len()),
            at: Vec::with_capacity(original.len() / BYTES_OF_WORD),
            spans: Vec::with_capacity(original.len() / BYTES_OF_WORD),
        };
        let ends = memchr::memchr2_iter(b'\n', b'\r', original.as_bytes()).map(|end| end + 1);
        let mut start = 0;
        for end in ends.chain([original.len()]) {
            taker.line(&original[start..end], start);
            start = end;
        }
        let text = String::from_utf8(taker.text).expect("words of a text");
        Self { text, at: taker.at, spans: taker.spans }
    }

    pub(super) fn len(&self) -> usize {
        self.at.len()
    }

    /// All words.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.at.iter().skip(1).map(|next| next - 1).chain([self.text.len()]);
        self.at.iter().zip(ends).map(|(at, end)| &self.text.as_bytes()[*at..end])
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
}

/// Words while they are taken out of a text.
struct Taker {
    text: Vec<u8>,
    at: Vec<usize>,
    spans: Vec<Range<usize>>,
}

impl Taker {
    fn line(&mut self, line: &str, start: usize) {
        let (text_before, words_before) = (self.text.len(), self.at.len());
        let bytes = line.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match LETTERS[usize::from(*byte)] {
                OTHER => at += 1,
                TAG => at += tag(&line[at..]).unwrap_or(1),
                _ => at += self.word(&line[at..], start + at, self.at.len() == words_before),
            }
        }
        if self.is_copyright(text_before, self.at.len() - words_before, line) {
            self.text.truncate(text_before);
            self.at.truncate(words_before);
            self.spans.truncate(words_before);
        }
    }

    /// Takes the word at the start of what is left of a line; how long it is there.
    fn word(&mut self, rest: &str, start: usize, is_first: bool) -> usize {
        let before = self.text.len();
        if before > 0 {
            self.text.push(b' ');
        }
        let at = self.text.len();
        let letters = rest.bytes().map(|byte| LETTERS[usize::from(byte)]).take_while(|letter| *letter > LONG);
        letters.for_each(|letter| self.text.push(letter));
        let mut length = self.text.len() - at;
        if rest.as_bytes().get(length).is_some_and(|next| !next.is_ascii()) {
            length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            self.text.truncate(at);
            self.text.extend_from_slice(rest[..length].to_lowercase().as_bytes());
        }
        if length == 0 || is_first && is_list_mark(rest, length) {
            self.text.truncate(before);
            return if length > 0 { length } else { rest.chars().next().map_or(1, char::len_utf8) };
        }
        if let Some(usual) = usual(&self.text[at..]) {
            self.text.truncate(at);
            self.text.extend_from_slice(usual);
        }
        self.at.push(at);
        self.spans.push(start..start + length);
        length
    }

    /// Whether a line's words, so many behind a place, say whose copyright it is, and nothing else.
    fn is_copyright(&self, at: usize, count: usize, line: &str) -> bool {
        if count == 0 || count > LONGEST_COPYRIGHT {
            return false;
        }
        let words = self.text[at..].strip_prefix(b" ").unwrap_or(&self.text[at..]);
        // Most lines begin with another letter.
        if !matches!(words, [b'a' | b'c' | b'p', ..]) {
            return false;
        }
        let is_year = |word: &[u8]| word.len() == 4 && word.iter().all(u8::is_ascii_digit);
        let holds_year = || words.split(|byte| *byte == b' ').any(is_year);
        let begins = |start: &str| words.starts_with(start.as_bytes());
        words == b"all rights reserved"
            || begins("copyright c ")
            || begins("c copyright ")
            || begins("portions copyright ")
            || begins("copyright year")
            || line.contains('©') && begins("copyright")
            || (begins("copyright ") || begins("c ")) && holds_year()
            || begins("copyright by ")
    }
}

/// No letter; and `<`.
const OTHER: u8 = 0;
const TAG: u8 = 1;
/// A part of a character of several bytes.
const LONG: u8 = 2;
/// The letters and digits of ASCII, lower-case, and what else a byte may be.
const LETTERS: [u8; 256] = {
    let mut letters = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        letters[byte] = match byte as u8 {
            b'<' => TAG,
            0x80.. => LONG,
            letter if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase(),
            _ => OTHER,
        };
        byte += 1;
    }
    letters
};

/// The usual spelling of some words that copies spell differently.
fn usual(word: &[u8]) -> Option<&'static [u8]> {
    match word {
        b"licence" => Some(b"license"),
        b"licences" => Some(b"licenses"),
        b"licenced" => Some(b"licensed"),
        b"https" => Some(b"http"),
        _ => None,
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
    let length = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
    let name = &name[..length];
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
        assert_eq!(words.iter().nth(1), Some(&b"license"[..]));
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
