//! A JSON document as it comes: no more of it is held than a window, which grows only for a value that is longer.
//!
//! What lies in the window is parsed where it lies, which takes half the time of parsing byte by byte. A value that
//! the window's end cuts off is parsed again when more of it has come.

use std::io::Read;

use serde::de::IgnoredAny;

use super::ReadError;
use super::draft::Draft;
use super::lenient::{Key, Shape, Substance, Text};

/// How much of a document is held, unless one value of it is longer.
const WINDOW: usize = 512 << 10;

/// A JSON document, read from its beginning on.
pub(super) struct Json<R> {
    input: R,
    format: &'static str,
    window: Vec<u8>,
    /// How much of the window is read.
    at: usize,
    /// Nothing comes after the window.
    is_all: bool,
    /// How many lines, and columns of the last of them, came before the window.
    lines: usize,
    columns: usize,
}

/// Hands each member of a document, which must be an object, to `take`; that must read the value.
pub(super) fn read_object<R: Read>(
    input: R,
    format: &'static str,
    take: impl FnMut(&str, &mut Json<R>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let window = Vec::with_capacity(WINDOW);
    let mut json = Json { input, format, window, at: 0, is_all: false, lines: 0, columns: 0 };
    json.members(take)?;
    match json.peek()? {
        None => Ok(()),
        Some(_) => Err(json.broken("trailing characters")),
    }
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
        let rest = &self.window[self.at..];
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<S::Of<'_>>();
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
            let rest = &self.window[self.at..];
            let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
            self.at += space;
            match self.window.get(self.at) {
                Some(byte) => return Ok(Some(*byte)),
                None if self.is_all => return Ok(None),
                None => self.more()?,
            }
        }
    }

    /// Moves the window on; where nothing in it can go, it grows to twice its length.
    fn more(&mut self) -> Result<(), ReadError> {
        (self.lines, self.columns) = self.place();
        self.window.drain(..self.at);
        self.at = 0;
        let held = self.window.len();
        let wanted = if held > WINDOW / 2 { held } else { WINDOW - held };
        let came = self.input.by_ref().take(wanted as u64).read_to_end(&mut self.window)?;
        self.is_all = came < wanted;
        Ok(())
    }

    /// How many lines ended before the place we are at, and how many columns of its own.
    fn place(&self) -> (usize, usize) {
        let before = &self.window[..self.at];
        match memchr::memrchr(b'\n', before) {
            None => (self.lines, self.columns + before.len()),
            Some(last) => {
                (self.lines + memchr::memchr_iter(b'\n', before).count(), before.len() - last - 1)
            }
        }
    }

    fn broken(&self, said: &str) -> ReadError {
        let (lines, columns) = self.place();
        let what = format!("line {}, column {} is no JSON: {said}", lines + 1, columns + 1);
        ReadError::Broken { format: self.format, what }
    }

    fn ended(&self) -> ReadError {
        let ended = memchr::memchr_iter(b'\n', &self.window).count();
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
