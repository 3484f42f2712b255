//! Packed bytes on their way in, bit by bit, with the lowest bit of a byte first.

use std::io::{self, Read};
use std::ops::Deref;

/// Bytes read at once.
pub(super) const READ_AHEAD: usize = 256 << 10;

/// No header of a block is longer, in bytes: 17 bits, 19 lengths of 3 bits, and 316 of at most 14.
pub(super) const LONGEST_HEADER: usize = 1 << 10;

/// Zeros behind the last byte, so that the fast path may look ahead of it.
pub(super) const PADDING: usize = LONGEST_HEADER + 64;

/// Packed bytes, and the bits taken from them but not used yet.
pub(super) struct Cursor<B> {
    pub(super) bytes: B,
    /// Of the first byte whose bits are not in `bits`.
    pub(super) at: usize,
    /// Behind the last byte there is. Padding follows where no more are to come.
    pub(super) end: usize,
    /// More may be set than `count` says: those are the same as in the bytes to come.
    pub(super) bits: u64,
    /// Fewer than 64.
    pub(super) count: u32,
}

impl<B: Deref<Target = [u8]>> Cursor<B> {
    /// Whole bytes that were taken but not used are to be read again.
    fn give_back(&mut self) {
        self.at -= (self.count >> 3) as usize;
        self.count &= 7;
        self.bits &= (1 << self.count) - 1;
    }

    /// Leaves the bits up to the next whole byte unused.
    pub(super) fn align(&mut self) {
        self.give_back();
        self.bits = 0;
        self.count = 0;
    }

    /// At least 56 bits, if there are as many.
    pub(super) fn refill(&mut self) {
        if let Some(next) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            self.bits |= u64::from_le_bytes(*next) << self.count;
            self.at += ((63 - self.count) >> 3) as usize;
            self.count |= 56;
        }
    }

    /// The next bits, of which there are enough.
    pub(super) fn drop(&mut self, count: u32) -> u32 {
        let bits = (self.bits & ((1 << count) - 1)) as u32;
        self.bits >>= count;
        self.count -= count;
        bits
    }

    /// Up to 32 bits; zeros behind the end, which [`Self::is_overdrawn`] tells.
    pub(super) fn take(&mut self, count: u32) -> u32 {
        self.refill();
        self.drop(count)
    }

    /// Whether more was used than there is.
    pub(super) fn is_overdrawn(&self) -> bool {
        self.at - (self.count >> 3) as usize > self.end
    }

    /// How many bits were used.
    pub(super) fn position(&self) -> u64 {
        self.at as u64 * 8 - u64::from(self.count)
    }

    /// Goes to a place that [`Self::position`] told.
    pub(super) fn go_to(&mut self, position: u64) {
        (self.at, self.bits, self.count) = ((position >> 3) as usize, 0, 0);
        let within = (position & 7) as u32;
        if within > 0 {
            self.take(within);
        }
    }
}

/// A source of packed bytes.
pub struct Input<R> {
    source: R,
    pub(super) cursor: Cursor<Vec<u8>>,
    /// Bytes in front of those that the cursor has.
    passed: u64,
    pub(super) ended: bool,
}

impl<R: Read> Input<R> {
    pub fn new(source: R) -> Self {
        let cursor = Cursor { bytes: vec![0; READ_AHEAD + PADDING], at: 0, end: 0, bits: 0, count: 0 };
        Self { source, cursor, passed: 0, ended: false }
    }

    /// Reads on until what a header may need is there, or the source has ended.
    pub(super) fn ensure(&mut self) -> io::Result<()> {
        let Self { source, cursor, passed, ended } = self;
        if *ended || cursor.end - cursor.at >= LONGEST_HEADER {
            return Ok(());
        }
        cursor.give_back();
        cursor.bytes.copy_within(cursor.at..cursor.end, 0);
        cursor.end -= cursor.at;
        *passed += cursor.at as u64;
        cursor.at = 0;
        while cursor.end < READ_AHEAD && !*ended {
            match source.read(&mut cursor.bytes[cursor.end..READ_AHEAD]) {
                Ok(count) => {
                    cursor.end += count;
                    *ended = count == 0;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if *ended {
            cursor.bytes[cursor.end..cursor.end + PADDING].fill(0);
        }
        Ok(())
    }

    /// How many bits were used.
    pub(super) fn position(&self) -> u64 {
        self.passed * 8 + self.cursor.position()
    }

    /// Goes forward to a bit.
    pub(super) fn go_to(&mut self, position: u64) -> io::Result<()> {
        while position / 8 > self.passed + self.cursor.end as u64 {
            if self.ended {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.cursor.go_to(self.cursor.end as u64 * 8);
            self.ensure()?;
        }
        self.cursor.go_to(position - self.passed * 8);
        Ok(())
    }

    /// The next bytes, at most `most`, as they are; empty at the end. Only between streams.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn peek(&mut self, most: usize) -> io::Result<&[u8]> {
        self.cursor.align();
        self.ensure()?;
        let Cursor { bytes, at, end, .. } = &self.cursor;
        Ok(&bytes[*at..(*end).min(at.saturating_add(most))])
    }

    /// Passes over bytes that [`Self::peek`] gave.
    pub fn skip(&mut self, count: usize) {
        let Cursor { at, end, .. } = &mut self.cursor;
        *at = (*end).min(at.saturating_add(count));
    }
}
