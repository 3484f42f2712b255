//! A large program of which only the places are kept that will be looked at.
//!
//! A layer passes once, and what tells where things lie in a program stands at its end, where the linkers write the table
//! of sections and its names. What is looked at is known by other signs before: notes are named in the program headers,
//! Go's build information begins with a magic, the names of sections hold the name of their own section, and the list of
//! crates is the one zlib stream in front of which JSON stands, in a part of the file that is not loaded. These are kept with
//! what surrounds them, and all else is let go. What programs say of themselves is searched for in what passes.
//!
//! Most of a program is loaded and never written to: neither the names of sections nor Go's build information stands there,
//! unless Go's own linker made it.
//!
//! None of that has to be right. A program of which anything is asked that was let go (Go before 1.18 pointed at its build
//! information) is held whole when the layer is read once more.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::LazyLock;

use flate2::{Decompress, FlushDecompress};
use memchr::memmem;
use object::Endianness;
use object::elf::{FileHeader32, FileHeader64, PF_W, PT_LOAD, PT_NOTE};
use object::read::elf::{FileHeader, ProgramHeader};

use super::executable::{GO_MAGIC, GO_MAGIC_FINDER};
use super::fingerprint::{self, AROUND, FINGERPRINT};
use super::{Contents, Inside, Kind, Magics, Passed, below, look};
use crate::layers::{Limits, Wanted, fill};

/// A larger program is not held whole. What a fuzzer makes is small.
pub(in crate::layers) const SIEVED: u64 = if cfg!(fuzzing) { 500 } else { 512 << 10 };
/// How much of it is at hand while it passes.
pub(in crate::layers) const WINDOW: usize = 256 << 10;

/// In the names of sections.
const NAMES: &[u8] = b".shstrtab\0";
static NAMES_FINDER: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new(NAMES));
/// Headers, and the notes that follow them.
const HEAD: u64 = 16 << 10;
/// No honest note is longer.
const NOTE: u64 = 64 << 10;
/// No honest table of sections is longer.
const SECTIONS: u64 = 1 << 20;
/// What is kept from a sign on.
const FOLLOWING: u64 = 256 << 10;
/// What may be kept of a program, and how many signs there may be.
const MOST_KEPT: u64 = 8 << 20;
const MOST_SIGNS: usize = 1000;

pub(in crate::layers) struct Sieve {
    size: u64,
    /// What is not loaded: there a list of crates may begin.
    unloaded: Vec<Range<u64>>,
    /// Where signs are looked for: in order, none beside another.
    promising: Vec<Range<u64>>,
    /// What is to be kept, of what has not passed yet.
    planned: Vec<Range<u64>>,
    kept: Vec<Piece>,
    kept_bytes: u64,
    /// Before this place signs were looked for.
    searched: u64,
    /// Before this place everything is kept or gone.
    settled: u64,
    signs: usize,
    /// The places of Go's magic.
    magics: Vec<u64>,
    print: Option<fingerprint::Search>,
    zlib: Decompress,
    /// It is too much.
    is_torn: bool,
}

/// A part of a file that was kept.
pub(super) struct Piece {
    pub(super) start: u64,
    pub(super) bytes: Vec<u8>,
}

impl Piece {
    pub(super) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Sieve {
    /// For a program of so many bytes that begins so. `None` for one that is better held whole.
    pub(in crate::layers) fn of(path: &str, size: u64, beginning: &[u8], wanted: &Wanted) -> Option<Self> {
        let is_printed = fingerprint::is_searched(path) && wanted.wants(&below(path, FINGERPRINT));
        if !beginning.starts_with(b"\x7fELF") || (is_printed && fingerprint::is_read_whole(path)) {
            return None;
        }
        let headers = match beginning.get(4) {
            Some(1) => Headers::of::<FileHeader32<Endianness>>(beginning, size),
            _ => Headers::of::<FileHeader64<Endianness>>(beginning, size),
        }?;
        Some(Self {
            size,
            unloaded: headers.unloaded,
            promising: headers.promising,
            planned: headers.planned,
            kept: Vec::new(),
            kept_bytes: 0,
            searched: 0,
            settled: 0,
            signs: 0,
            magics: Vec::new(),
            // Programs of Go are known by their build information, and seldom have none.
            print: (is_printed && !headers.is_go).then(|| fingerprint::Search::new(path)),
            zlib: Decompress::new(true),
            is_torn: false,
        })
    }

    /// Lets the program pass, of which `length` bytes are in the window, and looks into it. `None` where something was asked
    /// for that is gone.
    ///
    /// # Errors
    /// When the data break off.
    pub(in crate::layers) fn pass(
        mut self,
        path: &str,
        window: &mut [u8],
        mut length: usize,
        data: &mut (impl Read + ?Sized),
        wanted: &Wanted,
        limits: &Limits,
    ) -> io::Result<Option<Inside>> {
        let mut left = self.size.saturating_sub(length as u64);
        loop {
            let settled = self.take(&window[..length]);
            if left == 0 {
                return Ok(self.look(path, wanted, limits));
            }
            window.copy_within(settled..length, 0);
            length -= settled;
            let most = left.min((window.len() - length) as u64) as usize;
            if fill(data, &mut window[length..length + most])? < most {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            length += most;
            left -= most as u64;
        }
    }

    /// Takes a window, which goes on where the last one was settled. Gives how much of its beginning is settled.
    fn take(&mut self, window: &[u8]) -> usize {
        let base = self.settled;
        let end = base + window.len() as u64;
        let (limit, settled) = match end >= self.size {
            true => (end, end),
            false => {
                let limit = end.saturating_sub(AROUND as u64).max(self.searched);
                (limit, limit.saturating_sub(AROUND as u64).max(base))
            }
        };
        if !self.is_torn {
            self.search(window, base, limit);
            self.settle(window, base, settled);
        }
        self.searched = limit;
        self.settled = settled;
        (settled - base) as usize
    }

    fn search(&mut self, window: &[u8], base: u64, limit: u64) {
        let passed = self.promising.partition_point(|range| range.end <= self.searched);
        for index in passed..self.promising.len() {
            let range = &self.promising[index];
            let (start, end) = (range.start.max(self.searched), range.end.min(limit));
            if start >= end {
                break;
            }
            self.signs_in(window, base, (start - base) as usize..(end - base) as usize);
        }
        for range in std::mem::take(&mut self.unloaded) {
            let (start, end) = (range.start.max(self.searched), range.end.min(limit));
            if start < end {
                self.lists(window, base, (start - base) as usize..(end - base) as usize);
            }
            if range.end > limit {
                self.unloaded.push(range);
            }
        }
        if let Some(print) = &mut self.print {
            print.pass(window, base, (limit - base) as usize);
        }
    }

    /// Looks for signs that begin in a part of the window.
    fn signs_in(&mut self, window: &[u8], base: u64, range: Range<usize>) {
        let behind = |sign: &[u8]| window.len().min(range.end + sign.len() - 1);
        for at in GO_MAGIC_FINDER.find_iter(&window[range.start..behind(GO_MAGIC)]) {
            let at = base + (range.start + at) as u64;
            self.magics.push(at);
            self.sign(at, at + FOLLOWING);
        }
        for at in NAMES_FINDER.find_iter(&window[range.start..behind(NAMES)]) {
            let at = base + (range.start + at) as u64;
            self.sign(at.saturating_sub(AROUND as u64), at + AROUND as u64);
        }
    }

    /// Looks for beginnings of lists of crates.
    fn lists(&mut self, window: &[u8], base: u64, range: Range<usize>) {
        for at in memchr::memchr_iter(0x78, &window[range.clone()]) {
            let bytes = &window[range.start + at..];
            if matches!(bytes, [_, 0x01 | 0x5e | 0x9c | 0xda, third, ..] if third & 6 != 6)
                && self.is_list(bytes)
            {
                let at = base + (range.start + at) as u64;
                self.sign(at, at + FOLLOWING);
            }
        }
    }

    fn is_list(&mut self, bytes: &[u8]) -> bool {
        let mut text = [0; 2];
        self.zlib.reset(true);
        let packed = &bytes[..bytes.len().min(1 << 10)];
        self.zlib.decompress(packed, &mut text, FlushDecompress::None).is_ok() && text == *b"{\""
    }

    fn sign(&mut self, start: u64, end: u64) {
        self.signs += 1;
        self.is_torn |= self.signs > MOST_SIGNS;
        self.planned.push(start.max(self.settled)..end.min(self.size));
    }

    /// Keeps of what comes before `settled` what was planned.
    fn settle(&mut self, window: &[u8], base: u64, settled: u64) {
        self.planned.sort_by_key(|range| range.start);
        let mut next = base;
        for range in &self.planned {
            let (start, end) = (range.start.max(next), range.end.min(settled));
            if start >= end {
                continue;
            }
            next = end;
            self.kept_bytes += end - start;
            let bytes = &window[(start - base) as usize..(end - base) as usize];
            match self.kept.last_mut().filter(|last| last.end() == start) {
                Some(last) => last.bytes.extend_from_slice(bytes),
                None => self.kept.push(Piece { start, bytes: bytes.to_vec() }),
            }
        }
        self.planned.retain(|range| range.end > settled);
        self.is_torn |= self.kept_bytes > MOST_KEPT;
        if self.is_torn {
            self.kept = Vec::new();
        }
    }

    /// What is inside the program, all of which has passed. `None` where something was asked for that is gone.
    fn look(self, path: &str, wanted: &Wanted, limits: &Limits) -> Option<Inside> {
        let is_torn = Cell::new(self.is_torn);
        let print = self.print.and_then(fingerprint::Search::finish);
        let magics = Magics { places: self.magics, searched: self.promising };
        let passed = Passed { magics, print, sha1: None };
        let data = Sparse { size: self.size, kept: &self.kept, at: 0, passed: &passed, is_torn: &is_torn };
        let inside =
            if self.is_torn { Inside::default() } else { look(Kind::Executable, path, data, wanted, limits) };
        (!is_torn.get()).then_some(inside)
    }
}

/// What the headers tell of a program.
struct Headers {
    planned: Vec<Range<u64>>,
    unloaded: Vec<Range<u64>>,
    promising: Vec<Range<u64>>,
    /// Go's linker writes a note of its own.
    is_go: bool,
}

impl Headers {
    fn of<Elf: FileHeader<Endian = Endianness>>(beginning: &[u8], size: u64) -> Option<Self> {
        let header = Elf::parse(beginning).ok()?;
        let endian = header.endian().ok()?;
        let segments = header.program_headers(endian, beginning).ok()?;
        let (planned, unloaded, promising) = (Vec::new(), Vec::new(), Vec::new());
        let mut headers = Self { planned, unloaded, promising, is_go: false };
        headers.plan(0, HEAD, size);
        let sections = u64::from(header.e_shnum(endian)) * u64::from(header.e_shentsize(endian));
        let sections = if sections == 0 { NOTE } else { sections };
        let table: u64 = header.e_shoff(endian).into();
        headers.plan(table, sections.min(SECTIONS), size);
        let (mut loaded, mut written) = (Vec::new(), Vec::new());
        for segment in segments {
            let (offset, length) = segment.file_range(endian);
            match segment.p_type(endian) {
                PT_LOAD => {
                    let range = offset.min(size)..offset.saturating_add(length).min(size);
                    if segment.p_flags(endian).contains(PF_W) {
                        written.push(range.clone());
                    }
                    loaded.push(range);
                }
                PT_NOTE => {
                    headers.plan(offset, length.min(NOTE), size);
                    let end = offset.saturating_add(length).min(beginning.len() as u64) as usize;
                    let note = beginning.get(offset.min(end as u64) as usize..end).unwrap_or_default();
                    headers.is_go |= memmem::find(note, b"Go\0\0").is_some();
                }
                _ => {}
            }
        }
        loaded.sort_by_key(|range| range.start);
        let mut next = 0;
        for range in loaded.into_iter().chain(std::iter::once(size..size)) {
            if next < range.start {
                headers.unloaded.push(next..range.start);
            }
            next = next.max(range.end);
        }
        // Go's linker puts the table of sections first, and their names into what is loaded.
        headers.promising = match headers.is_go || table < HEAD {
            true => joined(std::iter::once(0..size).collect()),
            false => joined(headers.unloaded.iter().cloned().chain(written).collect()),
        };
        let is_small = headers.planned.len().max(headers.unloaded.len()) <= MOST_SIGNS;
        is_small.then_some(headers)
    }

    fn plan(&mut self, start: u64, length: u64, size: u64) {
        let range = start.min(size)..start.saturating_add(length).min(size);
        if !range.is_empty() {
            self.planned.push(range);
        }
    }
}

/// Ranges in order, those that touch each other as one.
fn joined(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges.into_iter().filter(|range| !range.is_empty()) {
        match joined.last_mut().filter(|last| last.end >= range.start) {
            Some(last) => last.end = last.end.max(range.end),
            None => joined.push(range),
        }
    }
    joined
}

/// A file with holes.
pub(super) struct Sparse<'a> {
    pub(super) size: u64,
    pub(super) kept: &'a [Piece],
    pub(super) at: u64,
    pub(super) passed: &'a Passed,
    /// Something in a hole was asked for.
    pub(super) is_torn: &'a Cell<bool>,
}

impl Read for Sparse<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let index = self.kept.partition_point(|piece| piece.end() <= self.at);
        let piece = self.kept.get(index).filter(|piece| piece.start <= self.at);
        let Some(piece) = piece else {
            self.is_torn.set(true);
            return Err(io::Error::other("it was let go"));
        };
        let count = (&piece.bytes[(self.at - piece.start) as usize..]).read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Sparse<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Contents for Sparse<'_> {
    fn whole(&mut self, _: u64) -> Option<std::borrow::Cow<'_, [u8]>> {
        self.is_torn.set(true);
        None
    }

    fn passed(&self) -> Option<&Passed> {
        Some(self.passed)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::super::executable::testing::{BASE, FIRST, elf, go_inline};
    use super::*;

    const PATTERNS: &[&str] =
        &["**/*!/.executable", "**/*!/.fingerprint", "**/*!/.go.buildinfo", "**/*!/.dep-v0"];
    const LARGE: usize = 2 << 20;

    fn held(path: &str, file: &[u8]) -> Inside {
        let wanted = Wanted::new(PATTERNS.iter().copied()).expect("globs");
        look(Kind::Executable, path, Cursor::new(file), &wanted, &Limits::default())
    }

    /// What comes of it in windows of this size, and how much was kept.
    fn sieved(path: &str, file: &[u8], window: usize) -> (Option<Inside>, u64) {
        let wanted = Wanted::new(PATTERNS.iter().copied()).expect("globs");
        let begun = file.len().min(window);
        let mut sieve = Sieve::of(path, file.len() as u64, &file[..begun], &wanted).expect("not held whole");
        let mut end = begun;
        while sieve.settled < file.len() as u64 {
            let settled = sieve.settled as usize;
            assert_eq!(sieve.take(&file[settled..end]), sieve.settled as usize - settled);
            end = (sieve.settled as usize + window).min(file.len());
        }
        let kept = sieve.kept_bytes;
        (sieve.look(path, &wanted, &Limits::default()), kept)
    }

    /// The same as of a file that is held, with little of it.
    fn check(path: &str, file: &[u8], entries: usize) {
        let held = held(path, file);
        assert_eq!(held.entries.len(), entries, "{held:?}");
        for window in [WINDOW, 3 * AROUND + 1, 100_003] {
            let (inside, kept) = sieved(path, file, window);
            assert_eq!(inside.as_ref(), Some(&held), "{window}");
            assert!(kept < file.len() as u64 / 2, "{kept}");
        }
    }

    fn torn(path: &str, file: &[u8]) {
        assert_eq!(sieved(path, file, WINDOW).0, None);
    }

    fn deflated(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    /// So that only so much of the file is loaded.
    fn loaded(mut file: Vec<u8>, length: usize) -> Vec<u8> {
        file[96..104].copy_from_slice(&(length as u64).to_le_bytes());
        file
    }

    const CRATES: &[u8] = br#"{"packages":[{"name":"x","version":"1.0.0","source":"crates.io"}]}"#;

    #[test]
    fn large_programs_tell_of_themselves_with_little_of_them_at_hand() {
        let code = vec![0xcc; LARGE];
        let blob = go_inline("go1.22.3", "path\tcmd/x\n");
        check("bin/x", &elf(&[(".text", &code), (".go.buildinfo", &blob), (".symtab", &code)]), 2);
        let list = deflated(CRATES);
        let rust =
            elf(&[(".text", &code), (".debug", b"x\x9cx\xda"), (".dep-v0", &list), (".symtab", &code)]);
        check("bin/x", &loaded(rust, LARGE), 2);
        check("lib/x.so", &elf(&[(".text", &code)]), 1);
    }

    #[test]
    fn what_a_program_says_is_found_wherever_it_stands() {
        for at in [0, 100, LARGE - 100, WINDOW - AROUND - 140, WINDOW - 140, WINDOW + 3] {
            let mut code = vec![b'.'; LARGE];
            let text = b"\0nginx version: nginx/1.25.1\n\0node.js/v20.11.0\0";
            code[at..at + text.len()].copy_from_slice(text);
            check("bin/x", &elf(&[(".text", &code)]), 2);
        }
    }

    #[test]
    fn what_was_let_go_and_is_needed_after_all_is_told() {
        let code = vec![0xcc; LARGE];
        // Loaded, so that no list is looked for there.
        torn("bin/x", &elf(&[(".text", &code), (".dep-v0", &deflated(CRATES)), (".symtab", &code)]));
        // Before Go 1.18 the texts stand elsewhere.
        let text = elf(&[(".text", b"go1.15.2")]);
        let header = [BASE + FIRST, 8].map(u64::to_le_bytes).concat();
        assert_eq!(text[FIRST as usize..][..8], *b"go1.15.2");
        let at = BASE + FIRST + LARGE as u64;
        let blob = [GO_MAGIC, &[8, 0], &at.to_le_bytes(), &[0; 8]].concat();
        let file = elf(&[(".text", &code), (".data", &header), (".more", &code), (".go.buildinfo", &blob)]);
        torn("bin/x", &file);
        // A rule that reads all of the file.
        torn("bin/x", &elf(&[(".text", &code), (".data", b"\0redis_version:%s\0")]));
        // A program of Go that says nothing may be another.
        let mut file = elf(&[(".text", &code)]);
        file[64..68].copy_from_slice(&4_u32.to_le_bytes());
        file[FIRST as usize..][..16].copy_from_slice(b"\x04\0\0\0\x04\0\0\0\x04\0\0\0Go\0\0");
        torn("bin/x", &file);
    }

    /// With all that is loaded never written to.
    fn read_only(mut file: Vec<u8>) -> Vec<u8> {
        assert_eq!(file[68..72], [7, 0, 0, 0]);
        file[68] = 5;
        file
    }

    #[test]
    fn no_signs_are_looked_for_in_what_is_loaded_and_never_written() {
        let code = vec![0xcc; LARGE];
        let blob = go_inline("go1.22.3", "path\tcmd/x\n");
        let sections = [(".text", &code[..]), (".go.buildinfo", &blob), (".symtab", &code)];
        check("bin/x", &read_only(loaded(elf(&sections), LARGE)), 2);
        // The build information, and then the names of the sections too.
        torn("bin/x", &read_only(loaded(elf(&sections), LARGE + 1000)));
        torn("lib/x.so", &read_only(elf(&[(".text", &code), (".symtab", &code)])));
        // The linker that puts them there puts the table of sections first.
        let mut file = elf(&sections);
        let table = file.split_off(file.len() - 5 * 64);
        let names = FIRST as usize + table.len();
        file.splice(FIRST as usize..names, table);
        file[40..48].copy_from_slice(&FIRST.to_le_bytes());
        check("bin/x", &read_only(file), 2);
    }

    #[test]
    fn signs_without_end_are_not_kept() {
        let magics = [GO_MAGIC, &[0; 2]].concat().repeat(LARGE / 16);
        torn("bin/x", &elf(&[(".text", &magics)]));
        let lists = [&deflated(CRATES)[..], &[0; 300_000]].concat().repeat(40);
        torn("lib/x.so", &loaded(elf(&[(".text", &lists)]), 0));
    }

    #[test]
    fn headers_that_lie_lead_into_no_panic_and_to_no_other_answer() {
        let code = vec![0xcc; LARGE];
        let blob = go_inline("go1.22.3", "path\tcmd/x\n");
        let file = elf(&[(".text", &code), (".go.buildinfo", &blob), (".dep-v0", b"text")]);
        let table = file.len() - 5 * 64;
        // The header, the program header, and the sections' places and lengths.
        let headers = (32..64).chain(64..120).chain(table + 64..file.len());
        for place in headers.step_by(3) {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut file = file.clone();
                file[place] = byte;
                let wanted = Wanted::new(PATTERNS.iter().copied()).expect("globs");
                if Sieve::of("bin/x", file.len() as u64, &file[..WINDOW], &wanted).is_none() {
                    continue;
                }
                if let Some(inside) = sieved("bin/x", &file, WINDOW).0 {
                    assert_eq!(inside, held("bin/x", &file), "{place} {byte}");
                }
            }
        }
    }

    #[test]
    fn what_is_searched_all_over_is_held_whole() {
        let wanted = Wanted::new(PATTERNS.iter().copied()).expect("globs");
        let file = elf(&[(".text", b"x")]);
        let of = |path, file: &[u8]| Sieve::of(path, 1 << 30, file, &wanted).is_some();
        assert!(of("bin/x", &file));
        assert!(!of("bin/redis-server", &file));
        assert!(!of("bin/x", b"MZ"));
        assert!(!of("bin/x", &file[..80]));
    }
}
