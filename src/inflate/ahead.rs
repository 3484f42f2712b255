//! Several threads for one stream.
//!
//! The packed data is cut into sections of equal length. What these say is written down by whoever is free, in any order
//! ([`super::list`]); the thread that unpacks comes by and makes bytes of it. Where it finds nothing, or something that
//! begins where the stream has no block, it decodes as it always does: the bytes are the same either way.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::input::READ_AHEAD;
use super::list::{Listed, Lister};

/// A section's length. A block of the usual programs is a few hundredths of that, so that little is decoded twice.
const SECTION: usize = 1 << 19;

/// A stream is worth more than one thread behind its first so many bytes: shorter ones take a quarter of a second, of
/// which little could be won.
pub const WORTH_HELP: u64 = 64 << 20;

/// Who unpacks one stream together.
pub struct Team {
    board: Mutex<Board>,
    changed: Condvar,
    /// Bytes in front of the first section.
    from: u64,
    section: usize,
    /// How many sections are cut before they are needed.
    ahead: usize,
    /// Of so many sections in a row, the thread that unpacks decodes one by itself.
    share: u64,
}

#[derive(Default)]
struct Board {
    /// In the order of the stream.
    posts: VecDeque<Post>,
    /// Lists and bytes whose memory can be used again.
    lists: Vec<Listed>,
    bytes: Vec<Vec<u8>>,
    is_over: bool,
}

/// A section.
struct Post {
    /// Bytes of the stream in front of it.
    start: u64,
    bytes: Arc<Vec<u8>>,
    work: Work,
}

enum Work {
    /// For the thread that unpacks.
    Own,
    Open,
    InHand,
    /// None where no block was found, or where the list was used.
    Done(Option<Listed>),
}

/// What the thread that unpacks does at a place.
enum Turn {
    Decode,
    Use(u64, Listed),
    /// Another writes this one down: meanwhile it does so with a later one.
    Lend(Job),
    Wait,
}

/// A section to be written down.
struct Job {
    start: u64,
    bytes: Arc<Vec<u8>>,
    spare: Option<Listed>,
}

impl Team {
    /// Of so many threads at most.
    pub fn new(threads: usize) -> Self {
        Self::with_sections(threads, WORTH_HELP, SECTION)
    }

    /// The same with sections of another length, from another byte on.
    pub fn with_sections(threads: usize, from: u64, section: usize) -> Self {
        // To write a list takes as long as to decode, and to make bytes of it a fifth of that. So with this share nobody
        // waits for the other; measured with two threads, computed for more.
        let share = match threads {
            2 => 2,
            3 => 4,
            4 => 9,
            _ => u64::MAX,
        };
        Self { board: Mutex::default(), changed: Condvar::new(), from, section, ahead: threads + 2, share }
    }

    /// Writes down sections until the stream is unpacked. `may` is asked before each whether there is a core for it, and
    /// what it gives is dropped behind it.
    pub fn help<H>(&self, may: impl Fn() -> Option<H>) {
        let mut lister = None;
        let mut board = self.lock();
        while !board.is_over {
            let hand = if board.has_open() { may() } else { None };
            let job = if hand.is_some() { board.job() } else { None };
            board = match job {
                Some(job) => {
                    drop(board);
                    self.do_job(lister.get_or_insert_with(Lister::new), job);
                    self.lock()
                }
                None => self.changed.wait(board).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Whether nothing that was cut waits to be written down.
    pub fn is_done(&self) -> bool {
        !self.lock().posts.iter().any(|post| matches!(post.work, Work::Open | Work::InHand))
    }

    fn do_job(&self, lister: &mut Lister, job: Job) {
        let Job { start, bytes, spare } = job;
        let mut report = Report { team: self, start, found: None };
        report.found = lister.list(&bytes, spare);
        // First the bytes: whoever hears of the list may want their memory.
        drop(bytes);
        drop(report);
    }

    /// What stands from this bit on, where somebody wrote it down: bytes of the stream in front of the section, and what
    /// that says. The thread that unpacks asks in front of each block.
    pub(super) fn listed(&self, lister: &mut Option<Lister>, position: u64) -> Option<(u64, Listed)> {
        if position < self.from * 8 {
            return None;
        }
        let mut board = self.lock();
        loop {
            match board.turn(position) {
                Turn::Decode => return None,
                Turn::Use(start, listed) => return Some((start, listed)),
                Turn::Lend(job) => {
                    drop(board);
                    self.do_job(lister.get_or_insert_with(Lister::new), job);
                    board = self.lock();
                }
                Turn::Wait => board = self.changed.wait(board).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// What was used up.
    pub(super) fn give_back(&self, listed: Listed) {
        self.lock().lists.push(listed);
    }

    /// Nothing is done under the lock that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Board {
    fn has_open(&self) -> bool {
        self.posts.iter().any(|post| matches!(post.work, Work::Open))
    }

    /// The next section that nobody has in hand.
    fn job(&mut self) -> Option<Job> {
        let post = self.posts.iter_mut().find(|post| matches!(post.work, Work::Open))?;
        post.work = Work::InHand;
        Some(Job { start: post.start, bytes: Arc::clone(&post.bytes), spare: self.lists.pop() })
    }

    fn turn(&mut self, position: u64) -> Turn {
        self.forget(position / 8);
        let Some(post) = self.posts.front_mut().filter(|post| post.start * 8 <= position) else {
            return Turn::Decode;
        };
        match &mut post.work {
            Work::Open => {
                post.work = Work::Own;
                Turn::Decode
            }
            Work::InHand => self.job().map_or(Turn::Wait, Turn::Lend),
            Work::Own | Work::Done(None) => Turn::Decode,
            Work::Done(Some(listed)) if listed.start + post.start * 8 > position => Turn::Decode,
            Work::Done(found) => {
                let start = post.start;
                match found.take() {
                    Some(listed) if listed.start + start * 8 == position => Turn::Use(start, listed),
                    passed => {
                        self.lists.extend(passed);
                        Turn::Decode
                    }
                }
            }
        }
    }

    /// Takes away what lies in front of a byte of the stream.
    fn forget(&mut self, byte: u64) {
        let is_passed = |post: &Post| post.start + post.bytes.len() as u64 <= byte;
        while self.posts.front().is_some_and(is_passed)
            && let Some(post) = self.posts.pop_front()
        {
            if let Work::Done(Some(listed)) = post.work {
                self.lists.push(listed);
            }
            self.bytes.extend(Arc::into_inner(post.bytes));
        }
    }
}

/// Tells what came of a section, whatever comes: somebody may wait for it.
struct Report<'a> {
    team: &'a Team,
    start: u64,
    found: Option<Listed>,
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        let found = self.found.take();
        let mut board = self.team.lock();
        match board.posts.iter_mut().find(|post| post.start == self.start) {
            Some(post) => post.work = Work::Done(found),
            None => board.lists.extend(found),
        }
        drop(board);
        self.team.changed.notify_all();
    }
}

/// Packed data that is cut into sections on its way.
pub struct Ahead<R> {
    source: R,
    team: Arc<Team>,
    /// Bytes that were read of the source.
    read: u64,
    /// How many sections were cut.
    count: u64,
    /// Sections that were not handed on, or not whole.
    sections: VecDeque<Arc<Vec<u8>>>,
    /// What was handed on of the first of them.
    done: usize,
    ended: bool,
    /// What stopped the reading, told once all before it was handed on.
    failed: Option<io::Error>,
}

impl<R: Read> Ahead<R> {
    pub(super) fn new(source: R, team: Arc<Team>) -> Self {
        Self {
            source,
            team,
            read: 0,
            count: 0,
            sections: VecDeque::new(),
            done: 0,
            ended: false,
            failed: None,
        }
    }

    /// Reads and cuts as many sections as are to lie ready.
    fn cut(&mut self) {
        while !self.ended && self.sections.len() <= self.team.ahead {
            let spare = self.team.lock().bytes.pop();
            let mut bytes = spare.unwrap_or_else(|| Vec::with_capacity(self.team.section));
            bytes.clear();
            let read = self.source.by_ref().take(self.team.section as u64).read_to_end(&mut bytes);
            self.failed = read.err();
            self.ended = self.failed.is_some() || bytes.len() < self.team.section;
            let start = self.read;
            self.read += bytes.len() as u64;
            let bytes = Arc::new(bytes);
            self.sections.push_back(Arc::clone(&bytes));
            let handed_on = self.read - self.sections.iter().map(|section| section.len() as u64).sum::<u64>();
            let mut board = self.team.lock();
            // A block may be longer than many sections, and nobody comes by meanwhile.
            board.forget(handed_on.saturating_sub(2 * READ_AHEAD as u64));
            let is_own = self.count.is_multiple_of(self.team.share);
            self.count += 1;
            board.posts.push_back(Post { start, bytes, work: if is_own { Work::Own } else { Work::Open } });
            drop(board);
            self.team.changed.notify_all();
        }
    }
}

impl<R: Read> Read for Ahead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read < self.team.from && !self.ended {
            let most = usize::try_from(self.team.from - self.read).unwrap_or(usize::MAX).min(buffer.len());
            let count = self.source.read(&mut buffer[..most])?;
            self.read += count as u64;
            self.ended = count == 0 && most > 0;
            return Ok(count);
        }
        if self.sections.front().is_none_or(|section| self.done == section.len()) {
            self.sections.pop_front();
            self.done = 0;
            self.cut();
        }
        let Some(section) = self.sections.front() else {
            return self.failed.take().map_or(Ok(0), Err);
        };
        let count = (&section[self.done..]).read(buffer)?;
        self.done += count;
        match count {
            0 if !buffer.is_empty() => self.failed.take().map_or(Ok(0), Err),
            _ => Ok(count),
        }
    }
}

impl<R> Drop for Ahead<R> {
    fn drop(&mut self) {
        self.team.lock().is_over = true;
        self.team.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::super::stream::tests::{content, drained, pack};
    use super::super::{Inflate, Input};
    use super::*;

    /// Everything that comes out, and what the error behind it says.
    fn unpack<R: Read>(mut inflate: Inflate<R>) -> (Vec<u8>, Option<String>) {
        let (found, error) = drained(&mut inflate);
        (found, error.map(|error| error.to_string()))
    }

    fn alone(packed: &[u8]) -> (Vec<u8>, Option<String>) {
        unpack(Inflate::new(Input::new(packed)))
    }

    /// Hands on more only when all before it was written down.
    struct Patient<'a>(&'a [u8], &'a Team);

    impl Read for Patient<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            while !self.1.is_done() {
                thread::yield_now();
            }
            self.0.read(buffer)
        }
    }

    /// The same by a team, and whether anything was made of lists.
    fn together(
        packed: &[u8],
        threads: usize,
        from: u64,
        section: usize,
    ) -> ((Vec<u8>, Option<String>), bool) {
        let team = Arc::new(Team::with_sections(threads, from, section));
        let found = thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| team.help(|| Some(())));
            }
            match threads {
                1 => unpack(Inflate::with_team(packed, &team)),
                _ => unpack(Inflate::with_team(Patient(packed, &team), &team)),
            }
        });
        let used = !team.lock().lists.is_empty();
        (found, used)
    }

    #[test]
    fn a_team_unpacks_what_one_does() {
        for (round, level) in [0, 1, 4, 6, 9].into_iter().enumerate() {
            let content = content(3_000_000, round as u64 + 11);
            let packed = pack(&content, level);
            for (threads, from, section) in
                [(1, 0, 5_000), (2, 0, 400_000), (3, 70_000, 300_000), (4, 1, 200_001)]
            {
                let (found, is_used) = together(&packed, threads, from, section);
                assert!(
                    found == (content.clone(), None),
                    "level {level}, {threads} threads, {section} bytes"
                );
                // Blocks with codes of their own are what lists are made of.
                assert_eq!(is_used, threads > 1 && level > 1, "level {level}, {threads} threads");
            }
        }
    }

    #[test]
    fn damaged_streams_are_damaged_for_a_team_too() {
        let content = content(400_000, 5);
        let whole = pack(&content, 6);
        let mut damaged = 0;
        for seed in 0..150_usize {
            let mut packed = whole.clone();
            packed[seed * 7919 % whole.len()] ^= 1 << (seed % 8);
            if seed % 3 == 0 {
                packed.truncate(whole.len() - seed * 311);
            }
            let expected = alone(&packed);
            damaged += usize::from(expected.1.is_some());
            let (found, _) = together(&packed, 1 + seed % 3, 0, 20_000);
            assert!(found == expected, "seed {seed}: {:?} and {:?}", found.1, expected.1);
        }
        assert!(damaged > 40, "{damaged} of 150 were damaged");
    }

    /// Bits, the lowest of each byte first.
    #[derive(Default)]
    struct Bits(Vec<u8>, u32);

    impl Bits {
        fn number(&mut self, value: u32, count: u32) {
            for bit in 0..count {
                if self.1 == 0 {
                    self.0.push(0);
                }
                *self.0.last_mut().expect("just pushed") |= ((value >> bit & 1) as u8) << self.1;
                self.1 = (self.1 + 1) % 8;
            }
        }

        /// A code of two bits, the first of them first.
        fn code(&mut self, value: u32) {
            self.number(value >> 1 | (value & 1) << 1, 2);
        }

        /// A block of `a` and `b` in turn, each in two bits.
        fn block(&mut self, length: usize, is_last: bool) {
            self.number(u32::from(is_last), 1);
            self.number(2, 2);
            // 258 literals and lengths, one distance, and 18 lengths of the codes for all these.
            [(1, 5), (0, 5), (14, 4)].iter().for_each(|(value, count)| self.number(*value, *count));
            // In the order of the specification, 0, 1, 2 and 18 have two bits.
            [0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2]
                .iter()
                .for_each(|length| self.number(*length, 3));
            let zeros = |bits: &mut Self, count: u32| {
                bits.code(3);
                bits.number(count - 11, 7);
            };
            zeros(self, 97);
            [2, 2].iter().for_each(|length| self.code(*length));
            [138, 19].iter().for_each(|count| zeros(self, *count));
            [2, 2, 1].iter().for_each(|length| self.code(*length));
            (0..length).for_each(|at| self.code(at as u32 % 2));
            self.code(2);
        }
    }

    #[test]
    fn a_list_that_is_full_is_gone_on_with() {
        // The second section begins with the second block's header, and has more literals than a list takes.
        let mut bits = Bits::default();
        [(2_820_000, false), (5_600_000, false), (10, true)]
            .iter()
            .for_each(|(length, is_last)| bits.block(*length, *is_last));
        let expected: Vec<u8> = [2_820_000, 5_600_000, 10]
            .into_iter()
            .flat_map(|length| (0..length).map(|at| b"ab"[at % 2]))
            .collect();
        let listed = Lister::new().list(&bits.0[700_000..1_400_000], None).expect("the second block");
        assert!(listed.is_full());
        let (found, used) = together(&bits.0, 2, 0, 700_000);
        assert!(found.0 == expected, "{:?}", found.1);
        assert!(used && found.1.is_none());
    }

    #[test]
    fn where_there_is_no_core_one_thread_does_it() {
        let content = content(500_000, 3);
        let packed = pack(&content, 6);
        let team = Arc::new(Team::with_sections(2, 0, 20_000));
        let found = thread::scope(|scope| {
            scope.spawn(|| team.help(|| None::<()>));
            unpack(Inflate::with_team(&*packed, &team))
        });
        assert!(found == (content, None) && team.lock().lists.is_empty());
    }

    #[test]
    fn a_source_that_fails_is_told_behind_what_it_gave() {
        struct Fails<'a>(&'a [u8]);
        impl Read for Fails<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                match self.0.read(buffer)? {
                    0 => Err(io::Error::other("the disk is gone")),
                    count => Ok(count),
                }
            }
        }
        let content = content(3_000_000, 8);
        let packed = pack(&content, 6);
        let packed = &packed[..packed.len() / 2];
        let team = Arc::new(Team::with_sections(1, 0, 10_000));
        let (found, error) = unpack(Inflate::with_team(Fails(packed), &team));
        assert_eq!(error.as_deref(), Some("the disk is gone"));
        assert!(content.starts_with(&found));
        assert!(found.len() > 100_000, "{} bytes", found.len());
    }
}
