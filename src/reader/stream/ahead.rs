//! Long lists, read by several threads.
//!
//! Where an item ends is only known once all before it was read. So the window is cut where it looks as if one ended:
//! at the last place where the same stands as between two items before. A piece counts only if it is found to be whole
//! items, and all before it too, for then it does begin where an item begins. From the first that does not, the document
//! is read on as if nothing had been cut: what is odd, wrong or missing in it is found by one thread, in its order.

use std::io::Read;

use memchr::memmem;

use super::{Json, WINDOW};
use crate::crew::{Bench, in_turn};
use crate::reader::ReadError;
use crate::reader::draft::{Draft, Memory};
use crate::reader::lenient::Shape;

/// One thread looks for the pieces and puts them together, so many can be kept busy by it.
const MOST_THREADS: usize = 4;
/// How many times in a row it may be of little use to cut a list.
const TRIES: usize = 3;
/// From so many pieces on it was of use.
const WORTH: usize = 8;

/// How a document is read. What is read does not depend on it.
#[derive(Debug, Clone, Copy)]
pub(in crate::reader) struct Way {
    pub(in crate::reader) threads: usize,
    /// How much of the document is held, unless one value of it is longer.
    pub(in crate::reader) window: usize,
}

impl Default for Way {
    fn default() -> Self {
        Self { threads: crate::crew::threads().min(MOST_THREADS), window: WINDOW }
    }
}

/// What stands where one item ends and the next begins, as far as the next one's first key.
struct Joint {
    text: String,
    /// How much of it belongs before the next item.
    before: usize,
}

/// Some of a list's items, as it is hoped.
struct Piece {
    text: String,
    /// Where the items begin in the text.
    at: usize,
    /// How many lines, and columns of the last of them, came before the text.
    lines: usize,
    columns: usize,
}

/// Whether it is of use to cut the list.
struct Attempts {
    left: usize,
    /// How often the window had been moved on when it was tried last.
    moved: usize,
}

impl<R: Read> Json<R> {
    /// As [`Json::each`], where each item can be taken by itself, into any draft. Of a long list many are at once.
    pub(in crate::reader) fn each_apart<S: Shape>(
        &mut self,
        draft: &mut Draft,
        what: &str,
        take: impl for<'a> Fn(&mut Draft, S::Of<'a>) + Sync,
    ) -> Result<(), ReadError> {
        if self.way.threads < 2 || self.peek()? != Some(b'[') {
            return self.each::<S>(draft, what, take);
        }
        draft.place = 0;
        self.open(b'[', "expected a list")?;
        let mut is_first = true;
        let mut attempts = Attempts { left: TRIES, moved: usize::MAX };
        while self.goes_on(b']', is_first, "expected `,` or `]`")? {
            if !is_first && attempts.left > 0 && attempts.moved != self.moved {
                self.run_ahead::<S>(draft, &take, &mut attempts);
            }
            self.value::<S, ()>(|item| take(draft, item))?;
            draft.place += 1;
            is_first = false;
        }
        Ok(())
    }

    /// Reads as many of the items that come as can be cut into pieces. Where it ends another begins.
    fn run_ahead<S: Shape>(
        &mut self,
        draft: &mut Draft,
        take: &(impl for<'a> Fn(&mut Draft, S::Of<'a>) + Sync),
        attempts: &mut Attempts,
    ) {
        attempts.moved = self.moved;
        if self.rest().len() < self.way.window / 4 {
            return;
        }
        let Some(joint) = self.joint() else { return };
        let blank = draft.sheet(Memory::default());
        let threads = self.way.threads;
        let mut table = Table { json: self, draft, joint, spare: Vec::new(), failed: Vec::new(), put: 0 };
        in_turn(threads, &mut table, |memory: &mut Memory, piece: Piece| {
            let mut sheet = blank.sheet(std::mem::take(memory));
            let is_sound = read_piece::<S>(&piece.text[piece.at..], &mut sheet, take).is_some();
            *memory = sheet.take_memory();
            (piece, Some(sheet).filter(|sheet| is_sound && sheet.is_of_any_place()))
        });
        let (put, failed) = (table.put, table.failed);
        attempts.left = if put < WORTH { attempts.left - 1 } else { TRIES };
        self.put_back(failed);
        attempts.moved = self.moved;
    }

    /// What stands where the item that comes begins, if another ended there.
    fn joint(&self) -> Option<Joint> {
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
        let before = self.window.get(..self.at)?;
        let last = before.trim_end_matches(is_space).strip_suffix(',')?.trim_end_matches(is_space);
        let begin = last.strip_suffix('}')?.len();
        let key = self.rest().strip_prefix('{')?.trim_start_matches(is_space).strip_prefix('"')?;
        let end = self.window.len() - key.len() + key.find('"')? + 1;
        Some(Joint { text: self.window[begin..end].to_owned(), before: self.at - begin })
    }

    /// Puts pieces that are no whole items back into the window.
    fn put_back(&mut self, failed: Vec<Piece>) {
        let mut failed = failed.into_iter();
        let Some(first) = failed.next() else { return };
        let mut window = first.text;
        for piece in failed {
            window.push_str(&piece.text[piece.at..]);
        }
        window.push_str(self.rest());
        self.window = window;
        (self.at, self.lines, self.columns) = (first.at, first.lines, first.columns);
    }
}

/// Reads items, each of them with the comma behind it. Nothing where they are anything else.
fn read_piece<S: Shape>(
    text: &str,
    sheet: &mut Draft,
    take: &impl for<'a> Fn(&mut Draft, S::Of<'a>),
) -> Option<()> {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let mut rest = text;
    while !rest.is_empty() {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<S::Of<'_>>();
        let value = values.next()?.ok()?;
        let end = values.byte_offset();
        take(sheet, value);
        sheet.place += 1;
        rest = rest[end..].trim_start_matches(is_space).strip_prefix(',')?.trim_start_matches(is_space);
    }
    Some(())
}

/// Where a window is cut into pieces, and the sheets of what is in them are put into the draft.
struct Table<'a, R> {
    json: &'a mut Json<R>,
    draft: &'a mut Draft,
    joint: Joint,
    /// Windows to be used again.
    spare: Vec<String>,
    /// The first piece that is not what was hoped, and all that were cut after it.
    failed: Vec<Piece>,
    /// How many pieces were what was hoped.
    put: usize,
}

impl<R: Read> Bench<Piece, (Piece, Option<Draft>)> for Table<'_, R> {
    fn cut(&mut self) -> Option<Piece> {
        let json = &mut *self.json;
        if json.rest().len() < json.way.window / 4 {
            if json.is_all {
                return None;
            }
            // What comes of the pieces before may be what is told, so it is told where the window is moved on next.
            if let Err(error) = json.more() {
                json.trouble = Some(error);
                return None;
            }
        }
        let found = memmem::rfind(json.rest().as_bytes(), self.joint.text.as_bytes())?;
        let cut = json.at + found + self.joint.before;
        let mut window = self.spare.pop().unwrap_or_else(|| String::with_capacity(json.way.window));
        window.clear();
        window.push_str(&json.window[cut..]);
        let (lines, columns, at) = (json.lines, json.columns, json.at);
        json.at = cut;
        (json.lines, json.columns) = json.place();
        json.at = 0;
        let mut text = std::mem::replace(&mut json.window, window);
        text.truncate(cut);
        Some(Piece { text, at, lines, columns })
    }

    fn put(&mut self, (piece, sheet): (Piece, Option<Draft>)) -> bool {
        match sheet.filter(|_| self.failed.is_empty()) {
            Some(sheet) => {
                self.draft.put_in(sheet);
                self.spare.push(piece.text);
                self.put += 1;
                true
            }
            None => {
                self.failed.push(piece);
                false
            }
        }
    }
}
