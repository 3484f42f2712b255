//! A deflate stream, unpacked a window at a time.

use std::io::{self, Read};
use std::ops::Range;

use super::input::Input;
use super::tables::{
    Code, DISTANCE_BITS, DISTANCES, ELSE, END, LENGTH_BITS, LITERAL_BITS, LITERAL_COUNT, LITERALS, fill,
    join_literals,
};

/// How far back a match may reach.
const HISTORY: usize = 32 << 10;

/// Of a window without its slack: a power of two, so that the compiler sees that no place is outside.
const SIZE: usize = 1 << 19;

/// What the longest match and the widest copy may write behind the place where a window is full.
const SLACK: usize = 320;

/// Bytes of a [`Window`].
pub(super) const WINDOW: usize = SIZE + SLACK;

/// Where unpacked bytes are put: in front what came before, behind it what is new.
pub type Window = [u8; WINDOW];

/// A window to begin with, made where it is to lie: it is large for a stack.
pub fn window() -> Box<Window> {
    let bytes = vec![0; WINDOW].into_boxed_slice();
    bytes.try_into().expect("it was made that long")
}

/// A window is full here.
const FULL: usize = SIZE - SLACK;

/// The fast path reads this far ahead.
const AHEAD: usize = 32;

enum State {
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

struct Tables {
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
}

/// A stream that is being unpacked.
pub struct Inflate<R> {
    input: Input<R>,
    state: State,
    is_last: bool,
    own: Box<Tables>,
    /// Made when the first block asks for them.
    standard: Option<Box<Tables>>,
    history: Box<[u8; HISTORY]>,
    /// How much of `history` there is, at its end.
    known: usize,
    /// An error that is told once all before it was handed out.
    failed: Option<io::Error>,
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

const NO_CODE: &str = "the compressed data is damaged: a code that means nothing";

impl<R: Read> Inflate<R> {
    /// Begins at the next byte of the input.
    pub fn new(mut input: Input<R>) -> Self {
        input.align();
        Self {
            input,
            state: State::Header,
            is_last: false,
            own: Tables::empty(),
            standard: None,
            history: Box::new([0; HISTORY]),
            known: 0,
            failed: None,
        }
    }

    /// Begins another stream at the next byte.
    pub fn restart(&mut self) {
        self.input.align();
        (self.state, self.is_last, self.known) = (State::Header, false, 0);
    }

    /// What the stream is read from; behind the stream once that has ended.
    pub fn input(&mut self) -> &mut Input<R> {
        &mut self.input
    }

    /// Unpacks as much as there is room for. The new bytes lie in the range; none are left when it is empty.
    ///
    /// # Errors
    /// When the data is damaged or cut off, or cannot be read. All bytes before that place were given before.
    pub fn next(&mut self, window: &mut Window) -> io::Result<Range<usize>> {
        if let Some(error) = self.failed.take() {
            self.state = State::Ended;
            return Err(error);
        }
        window[..HISTORY].copy_from_slice(&self.history[..]);
        let mut to = HISTORY;
        while to < FULL && !matches!(self.state, State::Ended) && self.failed.is_none() {
            self.failed = self.step(window, &mut to).err();
        }
        self.history.copy_from_slice(&window[to - HISTORY..to]);
        self.known = HISTORY.min(self.known + (to - HISTORY));
        match self.failed.take_if(|_| to == HISTORY) {
            Some(error) => {
                self.state = State::Ended;
                Err(error)
            }
            None => Ok(HISTORY..to),
        }
    }

    fn step(&mut self, window: &mut Window, to: &mut usize) -> io::Result<()> {
        self.input.ensure()?;
        match self.state {
            State::Ended => {}
            State::Header => self.header()?,
            State::Stored(left) => {
                let ready = &self.input.bytes[self.input.at..self.input.end];
                let ready = &ready[..ready.len().min(left).min(FULL - *to)];
                if ready.is_empty() && left > 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                window[*to..*to + ready.len()].copy_from_slice(ready);
                *to += ready.len();
                self.input.at += ready.len();
                match left - ready.len() {
                    0 => self.end_block(),
                    left => self.state = State::Stored(left),
                }
            }
            State::Codes { own } => {
                let before = *to;
                let ended = self.codes(own, window, to)?;
                if self.input.is_overdrawn() {
                    *to = before;
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                if ended {
                    self.end_block();
                }
            }
        }
        Ok(())
    }

    fn end_block(&mut self) {
        self.state = if self.is_last { State::Ended } else { State::Header };
    }

    fn header(&mut self) -> io::Result<()> {
        self.is_last = self.input.take(1) == 1;
        self.state = match self.input.take(2) {
            0 => State::Stored(self.stored()?),
            1 => {
                self.standard.get_or_insert_with(Tables::standard);
                State::Codes { own: false }
            }
            2 => {
                self.codes_of_block()?;
                State::Codes { own: true }
            }
            _ => return Err(broken("the compressed data is damaged: a block of no known kind")),
        };
        match self.input.is_overdrawn() {
            true => Err(io::ErrorKind::UnexpectedEof.into()),
            false => Ok(()),
        }
    }

    fn stored(&mut self) -> io::Result<usize> {
        self.input.align();
        let (length, inverse) = (self.input.take(16), self.input.take(16));
        self.input.align();
        match length ^ inverse {
            0xffff => Ok(length as usize),
            _ if self.input.is_overdrawn() => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Err(broken("the compressed data is damaged: a stored block contradicts its own length")),
        }
    }

    fn codes_of_block(&mut self) -> io::Result<()> {
        let literals = self.input.take(5) as usize + 257;
        let distances = self.input.take(5) as usize + 1;
        if literals > 286 || distances > 30 {
            return Err(broken("the compressed data is damaged: a block with more symbols than there are"));
        }
        let no_code = || broken("the compressed data is damaged: lengths of codes that make no code");
        let lengths = self.lengths(literals + distances)?.ok_or_else(no_code)?;
        let (literals, distances) = lengths[..literals + distances].split_at(literals);
        if literals[256] == 0 {
            return Err(broken("the compressed data is damaged: a block without an end"));
        }
        self.own.fill(literals, distances).ok_or_else(no_code)
    }

    /// How long the codes of the block are, which is itself written in a code. `None` where it makes no sense.
    fn lengths(&mut self, count: usize) -> io::Result<Option<[u8; 320]>> {
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let written = self.input.take(4) as usize + 4;
        let mut first = [0; 19];
        for place in &ORDER[..written] {
            first[*place] = self.input.take(3) as u8;
        }
        let mut table = [0; 1 << LENGTH_BITS];
        if fill(&mut table, LENGTH_BITS, Code::Lengths, &first).is_none() {
            return Ok(None);
        }
        let mut lengths = [0; 320];
        let mut at = 0;
        while at < count {
            self.input.refill();
            let entry = table[(self.input.bits & ((1 << LENGTH_BITS) - 1)) as usize];
            self.input.drop(entry & 63);
            let (value, times) = match entry >> 16 {
                _ if entry & ELSE != 0 => return Ok(None),
                length @ 0..16 => (length as u8, 1),
                16 if at == 0 => return Ok(None),
                16 => (lengths[at - 1], 3 + self.input.drop(2)),
                17 => (0, 3 + self.input.drop(3)),
                _ => (0, 11 + self.input.drop(7)),
            };
            let times = times as usize;
            if at + times > count {
                return Ok(None);
            }
            lengths[at..at + times].fill(value);
            at += times;
        }
        Ok(Some(lengths))
    }

    /// Decodes until the window is full, the block ends (and then it says so), or more input is to be read.
    ///
    /// Close to the end of the input it decodes a little and returns, so that no more than that is lost when the
    /// input turns out to be cut off.
    fn codes(&mut self, own: bool, window: &mut Window, to: &mut usize) -> io::Result<bool> {
        let tables = if own { &*self.own } else { self.standard.get_or_insert_with(Tables::standard) };
        let stop = self.input.end.saturating_sub(AHEAD);
        let known_from = HISTORY - self.known;
        let mut bits = Bits {
            bytes: &self.input.bytes,
            at: self.input.at,
            bits: self.input.bits,
            count: self.input.count,
        };
        let result = decode(tables, &mut bits, stop, window, to, known_from);
        let Bits { at, bits, count, .. } = bits;
        (self.input.at, self.input.bits, self.input.count) = (at, bits, count & 63);
        result
    }
}

impl Tables {
    fn empty() -> Box<Self> {
        Box::new(Self { literals: [0; LITERALS], distances: [0; DISTANCES] })
    }

    fn standard() -> Box<Self> {
        let mut lengths = [8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let mut tables = Self::empty();
        tables.fill(&lengths, &[5; 32]).expect("the standard's codes are codes");
        tables
    }

    fn fill(&mut self, literals: &[u8], distances: &[u8]) -> Option<()> {
        fill(&mut self.literals, LITERAL_BITS, Code::Literals, literals)?;
        // Where no two fit into one look, there is nothing to join: data that was packed before.
        let shortest = literals[..256].iter().filter(|length| **length > 0).min();
        if shortest.is_some_and(|length| u32::from(*length) * 2 <= LITERAL_BITS) {
            join_literals(&mut self.literals);
        }
        fill(&mut self.distances, DISTANCE_BITS, Code::Distances, distances)
    }

    fn literal(&self, bits: u64) -> u32 {
        self.literals[(bits & ((1 << LITERAL_BITS) - 1)) as usize]
    }

    fn distance(&self, bits: u64) -> u32 {
        self.distances[(bits & ((1 << DISTANCE_BITS) - 1)) as usize]
    }
}

/// The input while codes are decoded. Only the lowest six bits of `count` are of any meaning, which saves
/// taking them out of entries: shifts look at no more.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    bits: u64,
    count: u32,
}

impl Bits<'_> {
    /// At least 56 bits. Padding stands behind the input for it.
    #[inline(always)]
    fn refill(&mut self) {
        if let Some(next) = self.bytes.get(self.at..self.at + 8).and_then(<[u8]>::first_chunk) {
            self.bits |= u64::from_le_bytes(*next).wrapping_shl(self.count);
            self.at += ((!self.count >> 3) & 7) as usize;
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

/// See [`Inflate::codes`].
#[inline(never)]
fn decode(
    tables: &Tables,
    input: &mut Bits<'_>,
    stop: usize,
    window: &mut Window,
    position: &mut usize,
    known_from: usize,
) -> io::Result<bool> {
    let mut to = *position;
    let mut entry = input.look(tables);
    let ended = loop {
        // Here are at least 56 bits, and the entry is looked up but not used. Three looks use 33 of them.
        if entry & LITERAL_COUNT != 0 {
            to = literals(window, to, entry);
            input.drop(entry);
            entry = tables.literal(input.bits);
            if entry & LITERAL_COUNT != 0 {
                to = literals(window, to, entry);
                input.drop(entry);
                entry = tables.literal(input.bits);
                if entry & LITERAL_COUNT != 0 {
                    to = literals(window, to, entry);
                    input.drop(entry);
                    if to >= FULL || input.at >= stop {
                        break false;
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
                to = literals(window, to, entry);
                input.drop(entry);
                if to >= FULL || input.at >= stop {
                    break false;
                }
                entry = input.look(tables);
                continue;
            }
            if entry & ELSE != 0 {
                if entry & END != END {
                    *position = to;
                    return Err(broken(NO_CODE));
                }
                input.drop(entry);
                break true;
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
                *position = to;
                return Err(broken(NO_CODE));
            }
        }
        let distance = input.value(entry_of_distance);
        if to - known_from < distance {
            *position = to;
            return Err(broken("the compressed data is damaged: it repeats what was never there"));
        }
        let from = to;
        to += length;
        if to >= FULL || input.at >= stop {
            repeat(window, from, distance, length);
            break false;
        }
        // The next look is on its way while the bytes are copied.
        entry = input.look(tables);
        repeat(window, from, distance, length);
    };
    *position = to;
    Ok(ended)
}

/// Writes all an entry can hold, and tells where what it does hold ends.
#[inline(always)]
fn literals(window: &mut Window, to: usize, entry: u32) -> usize {
    if let Some(place) = window[to & (SIZE - 1)..].first_chunk_mut() {
        *place = (entry >> 8).to_le_bytes();
    }
    to + ((entry & LITERAL_COUNT) >> 6) as usize
}

/// Copies what lies `distance` back to `to`, and some bytes behind that nobody reads.
#[inline(always)]
fn repeat(window: &mut Window, to: usize, distance: usize, length: usize) {
    let from = to - distance;
    if distance < 16 {
        repeat_close(window, from, to, distance, length);
        return;
    }
    copy_16(window, from, to);
    let mut done = 16;
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    /// Everything that comes out, and the error behind it.
    fn unpack(packed: impl Read) -> (Vec<u8>, Option<io::Error>, usize) {
        let mut inflate = Inflate::new(Input::new(packed));
        let mut window = window();
        let mut found = Vec::new();
        loop {
            match inflate.next(&mut window) {
                Ok(range) if range.is_empty() => {
                    let rest = inflate.input().peek(usize::MAX).expect("in memory").len();
                    return (found, None, rest);
                }
                Ok(range) => found.extend(&window[range]),
                Err(error) => return (found, Some(error), 0),
            }
        }
    }

    fn pack(content: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    /// Bytes of every compressibility: runs, text, numbers, noise.
    fn content(length: usize, seed: u64) -> Vec<u8> {
        let mut state = seed | 1;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        };
        let mut content = Vec::with_capacity(length + 600);
        while content.len() < length {
            let count = random() % 600;
            match random() % 5 {
                0 => content.extend(std::iter::repeat_n(random() as u8, count as usize)),
                1 => content.extend((0..count).map(|_| random() as u8)),
                2 => content.extend((0..count).map(|at| b"the quick brown fox "[at as usize % 20])),
                3 => content.extend((0..count / 9).flat_map(|_| (random() % 99_999).to_le_bytes())),
                _ => {
                    let back = (random() as usize % 40_000).min(content.len());
                    let from = content.len() - back;
                    let copied = content[from..from + back.min(count as usize)].to_vec();
                    content.extend(copied);
                }
            }
        }
        content.truncate(length);
        content
    }

    #[test]
    fn what_was_packed_comes_out_at_every_level() {
        for (round, length) in [0, 1, 2, 300, 5_000, 65_536, 300_000, 1_500_000].into_iter().enumerate() {
            let content = content(length, round as u64 + 7);
            for level in [0, 1, 6, 9] {
                let (found, error, rest) = unpack(&*pack(&content, level));
                assert!(error.is_none(), "{length} bytes at level {level}: {error:?}");
                assert!(found == content && rest == 0, "{length} bytes at level {level}");
            }
        }
    }

    #[test]
    fn what_follows_a_stream_is_left_for_others() {
        let packed = [pack(b"hello hello hello", 6), b"trailer".to_vec()].concat();
        assert_eq!(unpack(&*packed).2, 7);
    }

    #[test]
    fn however_the_source_hands_it_over_the_bytes_are_the_same() {
        struct OneByOne<'a>(&'a [u8]);
        impl Read for OneByOne<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let count = buffer.len().min(1);
                self.0.read(&mut buffer[..count])
            }
        }
        let content = content(20_000, 3);
        assert!(unpack(OneByOne(&pack(&content, 6))).0 == content);
    }

    #[test]
    fn a_stream_cut_off_anywhere_gives_what_it_has_and_an_error() {
        let content = content(30_000, 5);
        let packed = pack(&content, 6);
        for length in (0..packed.len()).step_by(97).chain(packed.len() - 5..packed.len()) {
            let (found, error, _) = unpack(&packed[..length]);
            let error = error.unwrap_or_else(|| panic!("cut at {length}"));
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "cut at {length}: {error}");
            assert!(content.starts_with(&found), "cut at {length}");
        }
    }

    /// flate2 is right about what is damaged and what comes out of it.
    #[test]
    fn damaged_streams_are_judged_as_others_judge_them() {
        let mut damaged = 0;
        for seed in 0..2_000_u64 {
            let length = 200 + seed as usize * 7;
            let mut packed = pack(&content(length, seed), [1, 6, 9][seed as usize % 3]);
            let place = (seed as usize * 7919) % packed.len().min(400);
            packed[place] ^= 1 << (seed % 8);
            let mut theirs = Vec::new();
            let verdict = flate2::bufread::DeflateDecoder::new(&*packed).read_to_end(&mut theirs);
            let (found, error, _) = unpack(&*packed);
            assert_eq!(error.is_some(), verdict.is_err(), "seed {seed}: {error:?}, {verdict:?}");
            if error.is_none() {
                assert!(found == theirs, "seed {seed}");
            }
            damaged += usize::from(error.is_some());
        }
        assert!((200..1_990).contains(&damaged), "{damaged} of 2,000 were damaged");
    }

    #[test]
    fn noise_ends_in_an_error_or_in_bytes() {
        for seed in 0..3_000 {
            let noise: Vec<u8> = content(400, seed).into_iter().skip(seed as usize % 200).collect();
            let mut theirs = Vec::new();
            let verdict = flate2::bufread::DeflateDecoder::new(&*noise).read_to_end(&mut theirs);
            let (found, error, _) = unpack(&*noise);
            assert_eq!(error.is_some(), verdict.is_err(), "seed {seed}: {error:?}, {verdict:?}");
            assert!(error.is_some() || found == theirs, "seed {seed}");
        }
    }

    #[test]
    fn the_standards_own_codes_and_the_longest_matches_are_read() {
        // Level 9 of short input uses the standard's codes; a run of zeros uses length 258 again and again.
        assert_eq!(unpack(&*pack(b"aaaaaaaaaab", 9)).0, b"aaaaaaaaaab");
        let zeros = vec![0; 5_000_000];
        assert!(unpack(&*pack(&zeros, 9)).0 == zeros);
        // Every distance below 16, several lengths.
        for distance in 1..40 {
            let content: Vec<u8> = (0..700).map(|at| (at % distance) as u8).collect();
            assert!(unpack(&*pack(&content, 9)).0 == content, "{distance}");
        }
    }
}
