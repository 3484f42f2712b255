//! A JSON document as it comes: no more of it is held than a window, which grows only for a value that is longer.
//!
//! What lies in the window is parsed where it lies, which takes half the time of parsing byte by byte. A value that
//! the window's end cuts off is parsed again when more of it has come.

mod ahead;

pub(super) use ahead::Way;

use std::borrow::Cow;
use std::io::{self, Read};

use serde::de::IgnoredAny;

use super::ReadError;
use super::draft::Draft;
use super::lenient::{Key, Shape, Substance, Text};

/// How much of a document is held, unless one value of it is longer.
const WINDOW: usize = 256 << 10;

/// A JSON document, read from its beginning on.
pub(super) struct Json<R> {
    input: R,
    format: &'static str,
    way: Way,
    window: String,
    /// What came last of a character that is not whole yet.
    raw: Vec<u8>,
    /// How much of the window is read.
    at: usize,
    /// Nothing comes after the window.
    is_all: bool,
    /// How often the window was moved on.
    moved: usize,
    /// Why it cannot be moved on, which matters once all in it is read.
    trouble: Option<io::Error>,
    /// How many lines, and columns of the last of them, came before the window.
    lines: usize,
    columns: usize,
    /// The line of the first bytes that were no text.
    odd: Option<usize>,
}

/// Hands each member of a document, which must be an object, to `take`; that must read the value.
pub(super) fn read_object<R: Read>(
    draft: &mut Draft,
    input: R,
    format: &'static str,
    take: impl FnMut(&mut Draft, &str, &mut Json<R>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    read_object_so(Way::default(), draft, input, format, take)
}

/// The same in a way of one's own.
pub(super) fn read_object_so<R: Read>(
    way: Way,
    draft: &mut Draft,
    input: R,
    format: &'static str,
    mut take: impl FnMut(&mut Draft, &str, &mut Json<R>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut json = Json {
        input,
        format,
        way,
        window: String::with_capacity(way.window),
        raw: Vec::with_capacity(way.window),
        at: 0,
        is_all: false,
        moved: 0,
        trouble: None,
        lines: 0,
        columns: 0,
        odd: None,
    };
    json.members(|key, json| take(draft, key, json))?;
    if json.peek()?.is_some() {
        return Err(json.broken("trailing characters"));
    }
    if let Some(line) = json.odd {
        draft.gap(format!("line {line} is no UTF-8; what could not be read of it is `\u{fffd}`"));
    }
    Ok(())
}

impl<R: Read> Json<R> {
    /// Hands each member of the object that comes to `take`.
    pub(super) fn members(
        &mut self,
        mut take: impl FnMut(&str, &mut Self) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.open(b'{', "expected an object")?;
        let mut is_first = true;
        while self.goes_on(b'}', is_first, "expected `,` or `}`")? {
            if self.peek()? != Some(b'"') {
                return Err(self.broken("key must be a string"));
            }
            let key = self.value::<Key, Key>(|key| key)?;
            self.open(b':', "expected `:`")?;
            take(key.as_str(), self)?;
            is_first = false;
        }
        Ok(())
    }

    /// Hands each item of the list that comes to `take`. What is no list is noted, and nothing else is lost.
    pub(super) fn each<S: Shape>(
        &mut self,
        draft: &mut Draft,
        what: &str,
        mut take: impl for<'a> FnMut(&mut Draft, S::Of<'a>),
    ) -> Result<(), ReadError> {
        draft.place = 0;
        match self.peek()? {
            Some(b'[') => self.items::<S>(|item| {
                take(draft, item);
                draft.place += 1;
            }),
            Some(b'{') => {
                self.value::<S, ()>(|item| take(draft, item))?;
                draft.gap(format!("`{what}` is no list"));
                Ok(())
            }
            first => {
                self.value::<IgnoredAny, _>(|_| ())?;
                if first != Some(b'n') {
                    draft.gap(format!("`{what}` is no list"));
                }
                Ok(())
            }
        }
    }

    /// Steps over the value that comes, and tells whether it says anything at all.
    pub(super) fn step_over(&mut self) -> Result<bool, ReadError> {
        if self.peek()? != Some(b'[') {
            return self.value::<Substance, _>(|substance| substance.0);
        }
        let mut any = false;
        self.items::<IgnoredAny>(|_| any = true)?;
        Ok(any)
    }

    fn items<S: Shape>(&mut self, mut take: impl for<'a> FnMut(S::Of<'a>)) -> Result<(), ReadError> {
        self.open(b'[', "expected a list")?;
        let mut is_first = true;
        while self.goes_on(b']', is_first, "expected `,` or `]`")? {
            self.value::<S, ()>(&mut take)?;
            is_first = false;
        }
        Ok(())
    }

    pub(super) fn text(&mut self) -> Result<Text<'static>, ReadError> {
        self.value::<Text, _>(|text| text.into_owned())
    }

    /// The value that comes, all of which must fit into memory.
    pub(super) fn value<S: Shape, T>(
        &mut self,
        mut take: impl for<'a> FnMut(S::Of<'a>) -> T,
    ) -> Result<T, ReadError> {
        loop {
            if let Some((taken, end)) = self.value_in_window::<S, T>(&mut take)? {
                self.at += end;
                return Ok(taken);
            }
            self.more()?;
        }
    }

    /// What `take` made of the value, and how long that was; nothing where the window does not hold all of it.
    fn value_in_window<S: Shape, T>(
        &self,
        take: &mut impl for<'a> FnMut(S::Of<'a>) -> T,
    ) -> Result<Option<(T, usize)>, ReadError> {
        let rest = self.rest();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<S::Of<'_>>();
        let value = values.next();
        let end = values.byte_offset();
        match value {
            // A number may go on behind the window.
            Some(Ok(value)) if self.is_all || end < rest.len() => Ok(Some((take(value), end))),
            Some(Err(error)) if self.is_all || !error.is_eof() => Err(self.broken_value(&error)),
            None if self.is_all => Err(self.ended()),
            _ => Ok(None),
        }
    }

    /// Whether another member or item comes; steps over the comma before it, or the end.
    fn goes_on(&mut self, end: u8, is_first: bool, otherwise: &'static str) -> Result<bool, ReadError> {
        match self.peek()? {
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(false)
            }
            Some(_) if is_first => Ok(true),
            Some(b',') => {
                self.at += 1;
                match self.peek()? {
                    Some(byte) if byte == end => Err(self.broken("trailing comma")),
                    _ => Ok(true),
                }
            }
            Some(_) => Err(self.broken(otherwise)),
            None => Err(self.ended()),
        }
    }

    fn open(&mut self, expected: u8, otherwise: &'static str) -> Result<(), ReadError> {
        match self.peek()? {
            Some(byte) if byte == expected => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.broken(otherwise)),
            None => Err(self.ended()),
        }
    }

    /// The next byte that is no white space, which is not stepped over.
    fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            let rest = self.rest().as_bytes();
            let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            let space = rest.iter().position(|byte| !is_space(byte));
            self.at += space.unwrap_or(rest.len());
            match self.rest().bytes().next() {
                Some(byte) => return Ok(Some(byte)),
                None if self.is_all => return Ok(None),
                None => self.more()?,
            }
        }
    }

    /// Moves the window on; where nothing in it can go, it grows to twice its length.
    fn more(&mut self) -> io::Result<()> {
        if let Some(error) = self.trouble.take() {
            return Err(error);
        }
        self.moved += 1;
        (self.lines, self.columns) = self.place();
        self.window.drain(..self.at);
        self.at = 0;
        let held = self.window.len();
        let window = self.way.window;
        let wanted = if held > window / 2 { held } else { window - held };
        let carried = self.raw.len();
        let taken = self.input.by_ref().take(wanted as u64).read_to_end(&mut self.raw);
        // What came before it failed is read all the same, so that what is wrong there is told.
        self.trouble = taken.err();
        self.is_all = self.trouble.is_none() && self.raw.len() < carried + wanted;
        let whole = match std::str::from_utf8(&self.raw) {
            Ok(text) => {
                self.window.push_str(text);
                text.len()
            }
            // The last character goes on in what comes next.
            Err(error) if error.error_len().is_none() && !self.is_all => error.valid_up_to(),
            Err(_) => self.raw.len(),
        };
        if self.window.len() == held {
            let text = String::from_utf8_lossy(&self.raw[..whole]);
            if matches!(text, Cow::Owned(_)) && self.odd.is_none() {
                let before = text.find(char::REPLACEMENT_CHARACTER).unwrap_or_default();
                let ended = [self.window.as_bytes(), &text.as_bytes()[..before]];
                let ended = ended.map(|bytes| memchr::memchr_iter(b'\n', bytes).count());
                self.odd = Some(self.lines + ended[0] + ended[1] + 1);
            }
            self.window.push_str(&text);
        }
        self.raw.drain(..whole);
        Ok(())
    }

    /// What is held and not read.
    fn rest(&self) -> &str {
        self.window.get(self.at..).unwrap_or_default()
    }

    /// How many lines ended before the place we are at, and how many columns of its own.
    fn place(&self) -> (usize, usize) {
        let before = &self.window.as_bytes()[..self.at];
        match memchr::memrchr(b'\n', before) {
            None => (self.lines, self.columns + before.len()),
            Some(last) => (self.lines + memchr::memchr_iter(b'\n', before).count(), before.len() - last - 1),
        }
    }

    fn broken(&self, said: &str) -> ReadError {
        let (lines, columns) = self.place();
        let what = format!("line {}, column {} is no JSON: {said}", lines + 1, columns + 1);
        ReadError::Broken { format: self.format, what }
    }

    fn ended(&self) -> ReadError {
        let ended = memchr::memchr_iter(b'\n', self.window.as_bytes()).count();
        let what = format!("it ends in the middle, at line {}", self.lines + ended + 1);
        ReadError::Broken { format: self.format, what }
    }

    fn broken_value(&self, error: &serde_json::Error) -> ReadError {
        if error.is_eof() {
            return self.ended();
        }
        let (lines, columns) = self.place();
        let (line, said) = (error.line(), error.to_string());
        let said = said.split(" at line ").next().unwrap_or_default();
        let column = error.column() + if line == 1 { columns } else { 0 };
        let what = format!("line {}, column {column} is no JSON: {said}", lines + line);
        ReadError::Broken { format: self.format, what }
    }
}
