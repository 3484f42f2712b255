//! A deflate stream, unpacked a window at a time.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use super::ahead::{Ahead, Team};
use super::blocks::{Blocks, State};
use super::decode::{FULL, HISTORY, Unpacking, WINDOW, Window};
use super::input::Input;
use super::list::{Listed, Lister};

/// A window to begin with, made where it is to lie: it is large for a stack.
pub fn window() -> Box<Window> {
    let bytes = vec![0; WINDOW].into_boxed_slice();
    bytes.try_into().expect("it was made that long")
}

/// A stream that is being unpacked.
pub struct Inflate<R> {
    input: Input<R>,
    blocks: Blocks,
    history: Box<[u8; HISTORY]>,
    /// How much of `history` there is, at its end.
    known: usize,
    /// An error that is told once all before it was handed out.
    failed: Option<io::Error>,
    team: Option<Arc<Team>>,
    /// Bytes of the stream in front of a section, and what that says.
    listed: Option<(u64, Listed)>,
    /// Made when there is something to be waited for.
    lister: Option<Lister>,
}

impl<R: Read> Inflate<Ahead<R>> {
    /// A stream that a team unpacks, with this thread among them.
    pub fn with_team(source: R, team: &Arc<Team>) -> Self {
        let input = Input::new(Ahead::new(source, Arc::clone(team)));
        Self { team: Some(Arc::clone(team)), ..Self::new(input) }
    }
}

impl<R: Read> Inflate<R> {
    /// Begins at the next byte of the input.
    pub fn new(mut input: Input<R>) -> Self {
        input.cursor.align();
        Self {
            input,
            blocks: Blocks::new(),
            history: Box::new([0; HISTORY]),
            known: 0,
            failed: None,
            team: None,
            listed: None,
            lister: None,
        }
    }

    /// Begins another stream at the next byte.
    pub fn restart(&mut self) {
        self.input.cursor.align();
        self.blocks.restart();
        self.listed = None;
        self.known = 0;
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
            self.blocks.state = State::Ended;
            return Err(error);
        }
        window[..HISTORY].copy_from_slice(&self.history[..]);
        let mut to = HISTORY;
        while to < FULL && !matches!(self.blocks.state, State::Ended) && self.failed.is_none() {
            self.failed = self.step(window, &mut to).err();
        }
        self.history.copy_from_slice(&window[to - HISTORY..to]);
        self.known = HISTORY.min(self.known + (to - HISTORY));
        match self.failed.take_if(|_| to == HISTORY) {
            Some(error) => {
                self.blocks.state = State::Ended;
                Err(error)
            }
            None => Ok(HISTORY..to),
        }
    }

    fn step(&mut self, window: &mut Window, to: &mut usize) -> io::Result<()> {
        if self.listed.is_some() {
            return self.take_over(window, to);
        }
        self.input.ensure()?;
        if self.blocks.state == State::Header
            && let Some(team) = &self.team
        {
            self.listed = team.listed(&mut self.lister, self.input.position());
            if self.listed.is_some() {
                return Ok(());
            }
        }
        let Self { input, blocks, .. } = self;
        let cursor = &mut input.cursor;
        match blocks.state {
            State::Ended => {}
            State::Header => blocks.header(cursor)?,
            State::Stored(left) => {
                let ready = &cursor.bytes[cursor.at..cursor.end];
                let ready = &ready[..ready.len().min(left).min(FULL - *to)];
                if ready.is_empty() && left > 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                window[*to..*to + ready.len()].copy_from_slice(ready);
                *to += ready.len();
                cursor.at += ready.len();
                match left - ready.len() {
                    0 => blocks.end_block(),
                    left => blocks.state = State::Stored(left),
                }
            }
            State::Codes { own } => {
                let known_from = HISTORY - self.known;
                let (ended, sink) = blocks.codes(cursor, own, Unpacking { window, to: *to, known_from });
                let reached = sink.to;
                if ended.is_err() || !cursor.is_overdrawn() {
                    *to = reached;
                }
                let ended = ended?;
                if cursor.is_overdrawn() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                if ended {
                    blocks.end_block();
                }
            }
        }
        Ok(())
    }

    /// Makes bytes of what another wrote down, and goes on behind it.
    fn take_over(&mut self, window: &mut Window, to: &mut usize) -> io::Result<()> {
        let Some((start, mut listed)) = self.listed.take() else { return Ok(()) };
        if !listed.unpack(window, to, HISTORY - self.known)? {
            self.listed = Some((start, listed));
            return Ok(());
        }
        self.input.go_to(start * 8 + listed.end)?;
        (self.blocks.state, self.blocks.is_last) = (listed.state, listed.is_last);
        std::mem::swap(&mut self.blocks.own, &mut listed.own);
        if let Some(team) = &self.team {
            team.give_back(listed);
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::super::machine::Machine;
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
        let mut inflate = Inflate::new(Input::new(packed));
        inflate.blocks.machine = machine;
        let (found, error) = drained(&mut inflate);
        let rest = match error {
            None => inflate.input().peek(usize::MAX).expect("in memory").len(),
            Some(_) => 0,
        };
        (found, error, rest)
    }

    /// Everything that comes out, and the error behind it.
    pub(in super::super) fn drained<R: Read>(inflate: &mut Inflate<R>) -> (Vec<u8>, Option<io::Error>) {
        let (mut found, mut window) = (Vec::new(), window());
        loop {
            match inflate.next(&mut window) {
                Ok(range) if range.is_empty() => return (found, None),
                Ok(range) => found.extend(&window[range]),
                Err(error) => return (found, Some(error)),
            }
        }
    }

    pub(in super::super) fn pack(content: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    /// Bytes of every compressibility: runs, text, numbers, noise.
    pub(in super::super) fn content(length: usize, seed: u64) -> Vec<u8> {
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
