//! A deflate stream, unpacked a window at a time.

use std::io::{self, Read};
use std::ops::Range;

use super::decode::{Bits, Block, FULL, HISTORY, WINDOW, Window, broken};
use super::input::Input;
use super::machine::Machine;
use super::tables::{Code, ELSE, LENGTH_BITS, Tables, fill};

/// A window to begin with, made where it is to lie: it is large for a stack.
pub fn window() -> Box<Window> {
    let bytes = vec![0; WINDOW].into_boxed_slice();
    bytes.try_into().expect("it was made that long")
}

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

/// A stream that is being unpacked.
pub struct Inflate<R> {
    machine: Machine,
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

impl<R: Read> Inflate<R> {
    /// Begins at the next byte of the input.
    pub fn new(mut input: Input<R>) -> Self {
        input.align();
        Self {
            machine: Machine::this(),
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
        let result =
            self.machine.decode(Block { tables, input: &mut bits, stop, window, position: to, known_from });
        let Bits { at, bits, count, .. } = bits;
        (self.input.at, self.input.bits, self.input.count) = (at, bits, count & 63);
        result
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    /// Everything that comes out, and the error behind it.
    fn unpack(packed: impl Read + Clone) -> (Vec<u8>, Option<io::Error>, usize) {
        let here = unpack_on(Machine::this(), packed.clone());
        let elsewhere = unpack_on(Machine::Any, packed);
        let told = |error: &Option<io::Error>| error.as_ref().map(ToString::to_string);
        assert!(here.0 == elsewhere.0 && here.2 == elsewhere.2, "processors differ");
        assert_eq!(told(&here.1), told(&elsewhere.1));
        here
    }

    fn unpack_on(machine: Machine, packed: impl Read) -> (Vec<u8>, Option<io::Error>, usize) {
        let mut inflate = Inflate { machine, ..Inflate::new(Input::new(packed)) };
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
        #[derive(Clone)]
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
