//! What a section of a stream says, written down without knowing what stands before it.
//!
//! Codes depend on nothing but the header of their block; what they repeat does. So a section from the middle of a stream
//! can be decoded into literals and matches beforehand. To make bytes of these, once all before them is known, is quick:
//! nothing is left to be looked up.

use std::io;

use super::blocks::{Blocks, State};
use super::decode::{FULL, Sink, TOO_FAR, Window, broken, copy, repeat};
use super::input::{Cursor, LONGEST_HEADER};
use super::search;
use super::tables::{LITERAL_COUNT, Tables};

/// No more lines and literals of one section are written down. Powers of two, so that the compiler sees that no place
/// is outside.
const MOST_LINES: usize = 1 << 19;
const MOST_LITERALS: usize = 1 << 21;

/// The most literals in front of one match. Longer runs are written as several, with no match behind all but the last.
const LONGEST_RUN: usize = 255;

/// Lines that a list full of literals may need for its runs.
const RUNS: usize = MOST_LITERALS / LONGEST_RUN + 8;

/// Behind the last literal, for those who read or write many at once.
const SPARE: usize = 64;

/// Closer to the end of a section no codes are decoded.
const LEFT: usize = 40;

/// Literals and matches in turn. A line is, from the lowest bit on: 8 bits of how many literals come first, 9 bits of the
/// length of the match behind them, and 15 bits of its distance less one.
struct Lines {
    literals: Box<[u8; MOST_LITERALS]>,
    lines: Box<[u32; MOST_LINES]>,
    filled: Filled,
}

#[derive(Clone, Copy, Default)]
struct Filled {
    literals: usize,
    lines: usize,
    /// Literals that no line has yet are from here on.
    open: usize,
}

fn zeros<T: Copy + Default, const COUNT: usize>() -> Box<[T; COUNT]> {
    let zeros = vec![T::default(); COUNT].into_boxed_slice().try_into();
    zeros.unwrap_or_else(|_| unreachable!("it was made that long"))
}

impl Lines {
    fn new() -> Self {
        Self { literals: zeros(), lines: zeros(), filled: Filled::default() }
    }

    fn pen(&mut self) -> Pen<'_> {
        Pen { literals: &mut self.literals, lines: &mut self.lines, filled: self.filled }
    }

    fn is_full(&self) -> bool {
        self.filled.is_full()
    }

    /// Takes bytes that are no codes, and tells how many there was room for.
    fn stored(&mut self, bytes: &[u8]) -> usize {
        let room = (MOST_LITERALS - SPARE).saturating_sub(self.filled.literals);
        let count = bytes.len().min(room);
        self.literals[self.filled.literals..][..count].copy_from_slice(&bytes[..count]);
        self.filled.literals += count;
        count
    }
}

impl Filled {
    #[inline(always)]
    fn is_full(self) -> bool {
        self.literals >= MOST_LITERALS - SPARE || self.lines >= MOST_LINES - RUNS
    }
}

/// What writes lines. It is on its own so that its places are held in registers.
struct Pen<'a> {
    literals: &'a mut [u8; MOST_LITERALS],
    lines: &'a mut [u32; MOST_LINES],
    filled: Filled,
}

impl Pen<'_> {
    #[inline(always)]
    fn line(&mut self, line: u32) {
        self.lines[self.filled.lines & (MOST_LINES - 1)] = line;
        self.filled.lines += 1;
    }

    /// Gives all literals but for one run their lines, and tells how long that is.
    #[inline(always)]
    fn run(&mut self) -> usize {
        while self.filled.literals - self.filled.open > LONGEST_RUN {
            self.line(LONGEST_RUN as u32);
            self.filled.open += LONGEST_RUN;
        }
        let run = self.filled.literals - self.filled.open;
        self.filled.open = self.filled.literals;
        run
    }

    fn finish(mut self) -> Filled {
        let run = self.run();
        self.line(run as u32);
        self.filled
    }
}

impl Sink for Pen<'_> {
    #[inline(always)]
    fn literals(&mut self, entry: u32) {
        if let Some(place) = self.literals[self.filled.literals & (MOST_LITERALS - 1)..].first_chunk_mut() {
            *place = (entry >> 8).to_le_bytes();
        }
        self.filled.literals += ((entry & LITERAL_COUNT) >> 6) as usize;
    }

    #[inline(always)]
    fn has_room(&mut self, _: usize) -> bool {
        !self.filled.is_full()
    }

    /// That is seen when what stands before is known.
    #[inline(always)]
    fn reaches(&self, _: usize) -> bool {
        true
    }

    #[inline(always)]
    fn repeat(&mut self, distance: usize, length: usize) {
        let run = self.run();
        self.line((run | length << 8 | (distance - 1) << 17) as u32);
    }
}

/// A section from the first block on that begins in it, as far as it was decoded.
pub(super) struct Listed {
    lines: Lines,
    /// Bits in front of it, and up to its end.
    pub(super) start: u64,
    pub(super) end: u64,
    /// Where in which block the end is.
    pub(super) state: State,
    pub(super) is_last: bool,
    pub(super) own: Box<Tables>,
    /// What was made bytes already.
    literals_done: usize,
    lines_done: usize,
}

impl Listed {
    fn empty() -> Self {
        Self {
            lines: Lines::new(),
            start: 0,
            end: 0,
            state: State::Header,
            is_last: false,
            own: Tables::empty(),
            literals_done: 0,
            lines_done: 0,
        }
    }

    /// Whether it ends where there was no more room.
    #[cfg(test)]
    pub(super) fn is_full(&self) -> bool {
        self.lines.is_full()
    }

    /// Makes bytes of it until the window is full, or all is done: then it says so.
    ///
    /// # Errors
    /// When something is repeated that was never there. All before that is in the window.
    pub(super) fn unpack(
        &mut self,
        window: &mut Window,
        to: &mut usize,
        known_from: usize,
    ) -> io::Result<bool> {
        let Lines { literals, lines, filled } = &self.lines;
        while *to < FULL && self.lines_done < filled.lines {
            let line = lines[self.lines_done & (MOST_LINES - 1)] as usize;
            self.lines_done += 1;
            let (run, length, distance) = (line & 0xff, line >> 8 & 0x1ff, (line >> 17) + 1);
            copy(window, *to, &literals[self.literals_done & (MOST_LITERALS - 1)..], run);
            self.literals_done += run;
            *to += run;
            if length > 0 {
                if *to - known_from < distance {
                    return Err(broken(TOO_FAR));
                }
                repeat(window, *to, distance, length);
                *to += length;
            }
        }
        Ok(self.lines_done == filled.lines)
    }
}

/// Who writes sections down, one after the other.
pub(super) struct Lister {
    blocks: Blocks,
}

/// How many places are looked at that may be the beginning of a block. In data that is all noise a section has two
/// thousand; one that has more was written for that.
const MOST_PLACES: usize = 3000;

/// How many of them may have a whole header in front of what are no codes: each can be as long as the section.
const MOST_MISTAKES: usize = 3;

impl Lister {
    pub(super) fn new() -> Self {
        Self { blocks: Blocks::new() }
    }

    /// What a section says. `None` where no block begins in it, or none with codes of its own.
    ///
    /// What looks like a block and is one may still be no block of the stream: whoever uses the list has to come to the
    /// same place.
    pub(super) fn list(&mut self, section: &[u8], spare: Option<Listed>) -> Option<Listed> {
        let mut listed = spare.unwrap_or_else(Listed::empty);
        let mut cursor = Cursor { bytes: section, at: 0, end: section.len(), bits: 0, count: 0 };
        let mut mistakes = 0;
        // A header that may go on behind the section is left to others.
        let most = section.len().saturating_sub(LONGEST_HEADER);
        for start in search::beginnings(&section[..most]).take(MOST_PLACES) {
            cursor.go_to(start);
            self.blocks.restart();
            listed.lines.filled = Filled::default();
            if self.blocks.header(&mut cursor).is_err() {
                continue;
            }
            if self.write_down(&mut cursor, &mut listed.lines).is_ok() {
                listed.lines.filled = listed.lines.pen().finish();
                (listed.start, listed.end) = (start, cursor.position());
                (listed.state, listed.is_last) = (self.blocks.state, self.blocks.is_last);
                (listed.literals_done, listed.lines_done) = (0, 0);
                std::mem::swap(&mut listed.own, &mut self.blocks.own);
                return Some(listed);
            }
            mistakes += 1;
            if mistakes > MOST_MISTAKES {
                break;
            }
        }
        None
    }

    fn write_down(&mut self, cursor: &mut Cursor<&[u8]>, lines: &mut Lines) -> io::Result<()> {
        let blocks = &mut self.blocks;
        loop {
            let left = cursor.end.saturating_sub(cursor.at);
            match blocks.state {
                State::Ended => return Ok(()),
                State::Header if left < LONGEST_HEADER => return Ok(()),
                State::Header => blocks.header(cursor)?,
                State::Stored(length) => {
                    let count = lines.stored(&cursor.bytes[cursor.at..][..left.min(length)]);
                    cursor.at += count;
                    match length - count {
                        0 => blocks.end_block(),
                        rest => blocks.state = State::Stored(rest),
                    }
                    if count == 0 && length > 0 {
                        return Ok(());
                    }
                }
                State::Codes { .. } if left < LEFT || lines.is_full() => return Ok(()),
                State::Codes { own } => {
                    let (ended, pen) = blocks.codes(cursor, own, lines.pen());
                    lines.filled = pen.filled;
                    if ended? {
                        blocks.end_block();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::stream::tests::{content, pack};
    use super::*;

    /// What begins a block with codes of its own, up to the lengths of these, which are more than there are codes.
    const NEARLY: [u8; 12] = [0x0c, 0xc0, 0x01, 0x09, 0x00, 0x00, 0x00, 0x80, 0xa0, 0xff, 0xff, 0xff];

    #[test]
    fn a_beginning_is_not_sought_among_ever_so_many() {
        let packed = pack(&content(1_000_000, 4), 6);
        let listed = |times: usize| {
            let section = [NEARLY.repeat(times), packed.clone()].concat();
            Lister::new().list(&section, None).map(|listed| listed.start)
        };
        assert_eq!(listed(0), Some(0));
        assert_eq!(listed(100), Some(100 * 12 * 8));
        assert_eq!(listed(MOST_PLACES), None);
    }

    #[test]
    fn noise_has_fewer_places_than_are_looked_at() {
        let mut state = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .take(1 << 19)
        .collect();
        let places = search::beginnings(&noise).count();
        assert!((500..MOST_PLACES * 9 / 10).contains(&places), "{places} places");
    }
}
