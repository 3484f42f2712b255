//! The codes of a block, decoded: where unpacking spends its time.

use std::io;

use super::tables::{DISTANCE_BITS, DISTANCES, ELSE, END, LITERAL_BITS, LITERAL_COUNT, LITERALS, Tables};

/// How far back a match may reach.
pub(super) const HISTORY: usize = 32 << 10;

/// Of a window without its slack: a power of two, so that the compiler sees that no place is outside.
const SIZE: usize = 1 << 19;

/// What the longest run of literals, the longest match and the widest copy may write behind the place where a window is full.
const SLACK: usize = 640;

/// Bytes of a [`Window`].
pub(super) const WINDOW: usize = SIZE + SLACK;

/// A window is full here.
pub(super) const FULL: usize = SIZE - SLACK;

/// Where unpacked bytes are put: in front what came before, behind it what is new.
pub type Window = [u8; WINDOW];

pub(super) fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

const NO_CODE: &str = "the compressed data is damaged: a code that means nothing";
pub(super) const TOO_FAR: &str = "the compressed data is damaged: it repeats what was never there";

/// The input while codes are decoded. Only the lowest six bits of `count` are of any meaning, which saves
/// taking them out of entries: shifts look at no more.
pub(super) struct Bits<'a> {
    /// Of which nothing is in `bits`.
    pub(super) rest: &'a [u8],
    pub(super) bits: u64,
    pub(super) count: u32,
}

/// What is done with what codes say.
pub(super) trait Sink {
    /// Takes the literals of an entry.
    fn literals(&mut self, entry: u32);

    /// Whether nothing more is to be taken, now that there is room for `length` bytes more.
    fn has_room(&mut self, length: usize) -> bool;

    /// Whether there is anything so far back.
    fn reaches(&self, distance: usize) -> bool;

    /// Repeats bytes from so far back, for which room was made before.
    fn repeat(&mut self, distance: usize, length: usize);
}

/// A block of codes, as far as it is to be decoded now.
pub(super) struct Block<'a, 'b, S> {
    pub(super) tables: &'a Tables,
    pub(super) input: Bits<'b>,
    /// How much of the input to leave.
    pub(super) leave: usize,
    pub(super) sink: S,
}

/// How far that came.
pub(super) struct Decoded<'b, S> {
    /// Whether the block has ended.
    pub(super) ended: io::Result<bool>,
    pub(super) input: Bits<'b>,
    pub(super) sink: S,
}

impl Bits<'_> {
    /// At least 56 bits. Padding stands behind the input for it.
    #[inline(always)]
    fn refill(&mut self) {
        if let Some(next) = self.rest.first_chunk() {
            self.bits |= u64::from_le_bytes(*next).wrapping_shl(self.count);
            self.rest = &self.rest[((!self.count >> 3) & 7) as usize..];
            self.count |= 56;
        }
    }

    /// The entry of the next code, with at least 56 bits behind it.
    #[inline(always)]
    fn look(&mut self, tables: &Tables) -> u32 {
        self.refill();
        tables.literal(self.bits)
    }

    #[inline(always)]
    fn drop(&mut self, entry: u32) {
        self.bits = self.bits.wrapping_shr(entry);
        self.count = self.count.wrapping_sub(entry);
    }

    /// The length or distance of an entry, with the bits behind its code.
    #[inline(always)]
    fn value(&mut self, entry: u32) -> usize {
        let all = self.bits & (1_u64.wrapping_shl(entry) - 1);
        self.drop(entry);
        (entry >> 16) as usize + (all >> ((entry >> 9) & 15)) as usize
    }
}

/// The place of an entry in a further table.
#[inline(always)]
fn further(entry: u32, bits: u64, seen: u32) -> usize {
    (entry >> 16) as usize + ((bits >> seen) & ((1 << ((entry >> 9) & 15)) - 1)) as usize
}

/// Decodes until the sink is full, the block ends (and then it says so), or the input is read so far. Inlined,
/// so that it is compiled for what the function can do that it is called in: see [`super::machine`].
#[inline(always)]
pub(super) fn decode<'b, S: Sink>(block: Block<'_, 'b, S>) -> Decoded<'b, S> {
    // On their own, so that they are held in registers.
    let Block { tables, mut input, leave, mut sink } = block;
    let mut entry = input.look(tables);
    let ended = loop {
        // Here are at least 56 bits, and the entry is looked up but not used. Three looks use 33 of them.
        if entry & LITERAL_COUNT != 0 {
            sink.literals(entry);
            input.drop(entry);
            entry = tables.literal(input.bits);
            if entry & LITERAL_COUNT != 0 {
                sink.literals(entry);
                input.drop(entry);
                entry = tables.literal(input.bits);
                if entry & LITERAL_COUNT != 0 {
                    sink.literals(entry);
                    input.drop(entry);
                    if !sink.has_room(0) || input.rest.len() <= leave {
                        break Ok(false);
                    }
                    entry = input.look(tables);
                    continue;
                }
            }
            input.refill();
        }
        if entry & ELSE != 0 {
            if entry & (15 << 9) != 0 {
                entry = tables.literals[further(entry, input.bits, LITERAL_BITS) & (LITERALS - 1)];
            }
            if entry & LITERAL_COUNT != 0 {
                sink.literals(entry);
                input.drop(entry);
                if !sink.has_room(0) || input.rest.len() <= leave {
                    break Ok(false);
                }
                entry = input.look(tables);
                continue;
            }
            if entry & ELSE != 0 {
                if entry & END != END {
                    break Err(broken(NO_CODE));
                }
                input.drop(entry);
                break Ok(true);
            }
        }
        let length = input.value(entry);
        let mut entry_of_distance = tables.distance(input.bits);
        if entry_of_distance & ELSE != 0 {
            if entry_of_distance & (15 << 9) != 0 {
                let place = further(entry_of_distance, input.bits, DISTANCE_BITS);
                entry_of_distance = tables.distances[place & (DISTANCES - 1)];
            }
            if entry_of_distance & ELSE != 0 {
                break Err(broken(NO_CODE));
            }
        }
        let distance = input.value(entry_of_distance);
        if !sink.reaches(distance) {
            break Err(broken(TOO_FAR));
        }
        if !sink.has_room(length) || input.rest.len() <= leave {
            sink.repeat(distance, length);
            break Ok(false);
        }
        // The next look is on its way while the bytes are copied.
        entry = input.look(tables);
        sink.repeat(distance, length);
    };
    Decoded { ended, input, sink }
}

/// Codes are made bytes.
pub(super) struct Unpacking<'a> {
    pub(super) window: &'a mut Window,
    /// In the window, where the next byte goes.
    pub(super) to: usize,
    /// From where on the window holds what was unpacked.
    pub(super) known_from: usize,
}

impl Sink for Unpacking<'_> {
    /// Writes all an entry can hold, and goes on behind what it does hold.
    #[inline(always)]
    fn literals(&mut self, entry: u32) {
        if let Some(place) = self.window[self.to & (SIZE - 1)..].first_chunk_mut() {
            *place = (entry >> 8).to_le_bytes();
        }
        self.to += ((entry & LITERAL_COUNT) >> 6) as usize;
    }

    #[inline(always)]
    fn has_room(&mut self, length: usize) -> bool {
        self.to += length;
        self.to < FULL
    }

    #[inline(always)]
    fn reaches(&self, distance: usize) -> bool {
        self.to - self.known_from >= distance
    }

    #[inline(always)]
    fn repeat(&mut self, distance: usize, length: usize) {
        repeat(self.window, self.to - length, distance, length);
    }
}

/// Copies what lies `distance` back to `to`, and some bytes behind that nobody reads.
#[inline(always)]
pub(super) fn repeat(window: &mut Window, to: usize, distance: usize, length: usize) {
    let from = to - distance;
    if distance < 16 {
        repeat_close(window, from, to, distance, length);
        return;
    }
    // More are rare enough to be foreseen.
    copy_16(window, from, to);
    copy_16(window, from + 16, to + 16);
    let mut done = 32;
    while done < length {
        copy_16(window, from + done, to + done);
        done += 16;
    }
}

#[inline(always)]
fn copy_16(window: &mut Window, from: usize, to: usize) {
    let bytes: Option<[u8; 16]> = window[from & (SIZE - 1)..].first_chunk().copied();
    if let (Some(bytes), Some(place)) = (bytes, window[to & (SIZE - 1)..].first_chunk_mut()) {
        *place = bytes;
    }
}

/// Copies what stands elsewhere, and some bytes behind that nobody reads.
#[inline(always)]
pub(super) fn copy(window: &mut Window, to: usize, bytes: &[u8], length: usize) {
    // Nearly all are that short, and whether there is something at all cannot be foreseen.
    copy_16_of(window, to, bytes);
    let mut done = 16;
    while done < length {
        copy_16_of(window, to + done, &bytes[done..]);
        done += 16;
    }
}

#[inline(always)]
fn copy_16_of(window: &mut Window, to: usize, bytes: &[u8]) {
    let bytes: Option<[u8; 16]> = bytes.first_chunk().copied();
    if let (Some(bytes), Some(place)) = (bytes, window[to & (SIZE - 1)..].first_chunk_mut()) {
        *place = bytes;
    }
}

/// Fewer than 16 bytes, repeated.
fn repeat_close(window: &mut Window, from: usize, to: usize, distance: usize, length: usize) {
    if distance == 1 {
        let byte = window[from];
        window[to..to + length].fill(byte);
        return;
    }
    // So many whole repetitions as fit are right after the first bytes were written one by one.
    let step = 16 / distance * distance;
    for place in to..to + step.min(length) {
        window[place] = window[place - distance];
    }
    let mut done = step;
    while done < length {
        copy_16(window, to + done - step, to + done);
        done += step;
    }
}
