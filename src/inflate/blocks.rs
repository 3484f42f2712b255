//! The blocks of a deflate stream: their headers, and the codes these describe.
//!
//! Spec: <https://www.rfc-editor.org/rfc/rfc1951#section-3.2.3>

use std::io;
use std::ops::Deref;

use super::decode::{Bits, Block, Decoded, Sink, broken};
use super::input::Cursor;
use super::machine::Machine;
use super::tables::{Code, ELSE, LENGTH_BITS, Tables, fill};

/// The fast path reads this far ahead.
const AHEAD: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Before the header of a block.
    Header,
    /// In a block of bytes as they are, of which so many are left.
    Stored(usize),
    /// In a block of codes: the standard's own, or those of the block's header.
    Codes {
        own: bool,
    },
    Ended,
}

/// Where in its blocks a stream is.
pub(super) struct Blocks {
    pub(super) machine: Machine,
    pub(super) state: State,
    pub(super) is_last: bool,
    pub(super) own: Box<Tables>,
    /// Made when the first block asks for them.
    standard: Option<Box<Tables>>,
}

impl Blocks {
    pub(super) fn new() -> Self {
        Self {
            machine: Machine::this(),
            state: State::Header,
            is_last: false,
            own: Tables::empty(),
            standard: None,
        }
    }

    /// Before the first block of a stream.
    pub(super) fn restart(&mut self) {
        (self.state, self.is_last) = (State::Header, false);
    }

    pub(super) fn end_block(&mut self) {
        self.state = if self.is_last { State::Ended } else { State::Header };
    }

    pub(super) fn header<B: Deref<Target = [u8]>>(&mut self, cursor: &mut Cursor<B>) -> io::Result<()> {
        self.is_last = cursor.take(1) == 1;
        self.state = match cursor.take(2) {
            0 => State::Stored(stored(cursor)?),
            1 => {
                self.standard.get_or_insert_with(Tables::standard);
                State::Codes { own: false }
            }
            2 => {
                self.codes_of_block(cursor)?;
                State::Codes { own: true }
            }
            _ => return Err(broken("the compressed data is damaged: a block of no known kind")),
        };
        match cursor.is_overdrawn() {
            true => Err(io::ErrorKind::UnexpectedEof.into()),
            false => Ok(()),
        }
    }

    fn codes_of_block<B: Deref<Target = [u8]>>(&mut self, cursor: &mut Cursor<B>) -> io::Result<()> {
        let literals = cursor.take(5) as usize + 257;
        let distances = cursor.take(5) as usize + 1;
        if literals > 286 || distances > 30 {
            return Err(broken("the compressed data is damaged: a block with more symbols than there are"));
        }
        let no_code = || broken("the compressed data is damaged: lengths of codes that make no code");
        let lengths = lengths(cursor, literals + distances).ok_or_else(no_code)?;
        let (literals, distances) = lengths[..literals + distances].split_at(literals);
        if literals[256] == 0 {
            return Err(broken("the compressed data is damaged: a block without an end"));
        }
        self.own.fill(literals, distances).ok_or_else(no_code)
    }

    /// Decodes until the sink is full, the block ends (and then it says so), or more input is to be read.
    ///
    /// Close to the end of the input it decodes a little and returns, so that no more than that is lost when the
    /// input turns out to be cut off.
    pub(super) fn codes<B: Deref<Target = [u8]>, S: Sink>(
        &mut self,
        cursor: &mut Cursor<B>,
        own: bool,
        sink: S,
    ) -> (io::Result<bool>, S) {
        let tables = if own { &*self.own } else { self.standard.get_or_insert_with(Tables::standard) };
        let rest = cursor.bytes.get(cursor.at..).unwrap_or_default();
        let leave = cursor.bytes.len() - cursor.end.saturating_sub(AHEAD);
        let input = Bits { rest, bits: cursor.bits, count: cursor.count };
        let Decoded { ended, input, sink } = self.machine.decode(Block { tables, input, leave, sink });
        let at = cursor.bytes.len() - input.rest.len();
        (cursor.at, cursor.bits, cursor.count) = (at, input.bits, input.count & 63);
        (ended, sink)
    }
}

fn stored<B: Deref<Target = [u8]>>(cursor: &mut Cursor<B>) -> io::Result<usize> {
    cursor.align();
    let (length, inverse) = (cursor.take(16), cursor.take(16));
    cursor.align();
    match length ^ inverse {
        0xffff => Ok(length as usize),
        _ if cursor.is_overdrawn() => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Err(broken("the compressed data is damaged: a stored block contradicts its own length")),
    }
}

/// How long the codes of the block are, which is itself written in a code. `None` where it makes no sense.
fn lengths<B: Deref<Target = [u8]>>(cursor: &mut Cursor<B>, count: usize) -> Option<[u8; 320]> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let written = cursor.take(4) as usize + 4;
    let mut first = [0; 19];
    for place in &ORDER[..written] {
        first[*place] = cursor.take(3) as u8;
    }
    let mut table = [0; 1 << LENGTH_BITS];
    fill(&mut table, LENGTH_BITS, Code::Lengths, &first)?;
    let mut lengths = [0; 320];
    let mut at = 0;
    while at < count {
        cursor.refill();
        let entry = table[(cursor.bits & ((1 << LENGTH_BITS) - 1)) as usize];
        cursor.drop(entry & 63);
        let (value, times) = match entry >> 16 {
            _ if entry & ELSE != 0 => return None,
            length @ 0..16 => (length as u8, 1),
            16 if at == 0 => return None,
            16 => (lengths[at - 1], 3 + cursor.drop(2)),
            17 => (0, 3 + cursor.drop(3)),
            _ => (0, 11 + cursor.drop(7)),
        };
        let times = times as usize;
        if at + times > count {
            return None;
        }
        lengths[at..at + times].fill(value);
        at += times;
    }
    Some(lengths)
}
