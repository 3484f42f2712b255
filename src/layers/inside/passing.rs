//! A large zip archive as it passes: only its directory is kept, and of its members those that somebody asks for.
//!
//! The directory is the truth and stands at the end, so what the members' own headers say is only believed until then. A
//! member that nobody asks for by its name is let go; an archive or a program inside is looked into at once, and what was
//! found is taken when the directory says that it has just that member in just that place. Members whose length stands
//! behind them (Java's own tool writes them so) end where the descriptor says that so many bytes have passed.
//!
//! An archive of which anything else is asked is held whole when the layer is read once more. So is one that unpacks to
//! too much: which members are too much depends on their order in the directory.
//!
//! Spec: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::ops::Range;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use memchr::memmem;
use sha1::{Digest, Sha1};

use super::archive::{ARCHIVE, Asked};
use super::sieve::{Piece, Sparse};
use super::zip::{LOCAL, LONG, LONGEST_END, Member, Sizes, u16_at, u32_at};
use super::{HEAD, Inside, Kind, Look, Passed, SIEVED, Sieve, WINDOW, below, look};
use crate::inflate::{Inflate, Input, Window, window};
use crate::layers::{Limits, Wanted, fill};

/// A smaller archive is held. What a fuzzer makes is small.
pub(in crate::layers) const PASSED: u64 = if cfg!(fuzzing) { 200 } else { 1 << 20 };

/// What may be kept of an archive, or of one member whose length stands behind it.
const MOST_KEPT: usize = 32 << 20;
/// A header of a member without its name and extra field, which are no longer together than a window.
const HEADER: usize = 30;

const DESCRIPTOR: &[u8] = b"PK\x07\x08";
/// The longer one of archives that are too large for the old one.
const DESCRIPTORS: [usize; 2] = [16, 24];

/// What was found in a member while it passed.
#[derive(Debug)]
pub(super) struct Seen {
    /// As its own header has it.
    name: Vec<u8>,
    method: u16,
    packed: u64,
    size: u64,
    crc: u32,
    /// Bytes that were unpacked from archives inside it.
    pub(super) spent: u64,
    pub(super) inside: Inside,
}

impl Seen {
    /// Whether it is the member that the directory tells of.
    pub(super) fn is(&self, member: &Member) -> bool {
        !member.encrypted
            && member.name == self.name
            && (member.method, member.packed, member.size, member.crc)
                == (self.method, self.packed, self.size, self.crc)
    }
}

/// What was seen of an archive's members, by the places of their headers.
pub(super) type Members = BTreeMap<u64, Seen>;

/// Looks into an archive of so many bytes as it passes. `None` where it is to be held.
pub(in crate::layers) fn pass(
    path: &str,
    size: u64,
    data: &mut dyn Read,
    wanted: &Wanted,
    limits: &Limits,
) -> Option<Inside> {
    let mut passing = Passing { wanted, limits, left: limits.of_archive(size), body: Vec::new() };
    let mut look = Look::new(wanted, limits, limits.of_archive(size));
    passing.archive(path, size, data, 1, &mut look)?;
    Some(look.inside)
}

struct Passing<'a> {
    wanted: &'a Wanted,
    limits: &'a Limits,
    /// Bytes that may still be unpacked.
    left: u64,
    /// Of a member whose length stands behind it; kept from one to the next for its memory.
    body: Vec<u8>,
}

impl<'a> Passing<'a> {
    fn archive(
        &mut self,
        path: &str,
        size: u64,
        data: &mut dyn Read,
        depth: usize,
        look: &mut Look<'a>,
    ) -> Option<()> {
        let is_digested = size <= self.limits.archive_bytes && self.wanted.wants(&below(path, ARCHIVE));
        let hash = is_digested.then(Sha1::new);
        let mut tape = Tape::new(data, size, hash);
        let mut members = Members::new();
        let is_directory = loop {
            match self.member(path, &mut tape, depth, &mut members) {
                Some(true) => {}
                end => break end.is_some(),
            }
        };
        // Where the headers cannot be followed the directory may still ask for nothing.
        tape.pass(u64::MAX, is_directory, None)?;
        if tape.at != size {
            return None;
        }
        let sha1 = tape.hash.map(super::archive::hexadecimal);
        let passed = Passed { sha1, ..Passed::default() };
        let is_torn = Cell::new(false);
        let data = Sparse { size, kept: &tape.kept, at: 0, passed: &passed, is_torn: &is_torn };
        look.archive(path, data, depth, members);
        (!is_torn.get()).then_some(())
    }

    /// Takes a member. `false` where there is none any more, `None` where it is not to be followed.
    fn member(
        &mut self,
        path: &str,
        tape: &mut Tape<'_>,
        depth: usize,
        members: &mut Members,
    ) -> Option<bool> {
        const STREAMED: u16 = 1 << 3;
        let place = tape.at;
        let header = tape.peek(HEADER)?;
        if !header.starts_with(LOCAL) {
            return Some(false);
        }
        let lengths = [26, 28].map(|at| u16_at(header, at).map(usize::from));
        let [Some(name), Some(extra)] = lengths else { return None };
        let (flags, method) = (u16_at(header, 6)?, u16_at(header, 8)?);
        let (crc, packed, size) = (u32_at(header, 14)?, u32_at(header, 18)?, u32_at(header, 22)?);
        let length = HEADER + name + extra;
        let header = tape.peek(length)?.get(HEADER..length)?;
        let (name, extra) = header.split_at(name);
        let sizes = Sizes { size: size.into(), packed: packed.into(), header: 0 }.with_extra(extra);
        let name = name.to_vec();
        let asked = Asked::of(path, &name, depth, self.wanted, self.limits);
        let is_kept = matches!(asked, Asked::Content(_));
        tape.pass(length as u64, is_kept, None)?;
        let inner = match asked {
            Asked::Library(path) => Some((Kind::Executable, path)),
            Asked::Archive(path) => Some((Kind::Archive, path)),
            _ => None,
        };
        if flags & STREAMED != 0 {
            let mut body = std::mem::take(&mut self.body);
            body.clear();
            let about = tape.pass_streamed(is_kept, inner.is_some().then_some(&mut body))?;
            if let Some((kind, path)) = inner {
                let about = About { method, ..about };
                let seen = self.inner(kind, &path, about, &mut &*body, depth);
                members.extend(seen.map(|seen| (place, Seen { name, ..seen })));
            }
            self.body = body;
            return Some(true);
        }
        let about = About { method, crc, packed: sizes.packed, size: sizes.size };
        let Some((kind, path)) = inner else {
            tape.pass(about.packed, is_kept, None)?;
            return Some(true);
        };
        let end = tape.at.checked_add(about.packed)?;
        let seen = self.inner(kind, &path, about, &mut Body { tape, left: about.packed }, depth);
        members.extend(seen.map(|seen| (place, Seen { name, ..seen })));
        tape.pass(end.saturating_sub(tape.at), false, None)?;
        Some(true)
    }

    /// Looks into an archive or a program inside.
    fn inner(
        &mut self,
        kind: Kind,
        path: &str,
        about: About,
        packed: &mut dyn Read,
        depth: usize,
    ) -> Option<Seen> {
        if about.size > kind.limit(self.limits).min(self.left) {
            return None;
        }
        self.left -= about.size;
        let (mut long, mut short);
        let content: &mut dyn Read = match about.method {
            0 => packed,
            8 if about.packed >= LONG => {
                long = Inflating::new(packed);
                &mut long
            }
            8 => {
                short = DeflateDecoder::new(packed);
                &mut short
            }
            _ => return None,
        };
        let mut content = Summed { data: content, crc: Crc::new(), left: about.size };
        let (inside, spent) = match kind {
            Kind::Archive => self.nested(path, about.size, &mut content, depth + 1)?,
            Kind::Executable => (self.library(path, about.size, &mut content)?, 0),
        };
        io::copy(&mut content, &mut io::sink()).ok()?;
        let is_whole = content.left == 0 && content.crc.sum() == about.crc;
        let About { method, packed, size, crc } = about;
        is_whole.then_some(Seen { name: Vec::new(), method, packed, size, crc, spent, inside })
    }

    fn nested(&mut self, path: &str, size: u64, data: &mut dyn Read, depth: usize) -> Option<(Inside, u64)> {
        let begun = self.left;
        let mut look = Look::new(self.wanted, self.limits, begun);
        if size <= PASSED {
            let mut content = Vec::new();
            data.read_to_end(&mut content).ok()?;
            look.archive(path, Cursor::new(&content), depth, Members::new());
        } else {
            self.archive(path, size, data, depth, &mut look)?;
        }
        let spent = begun - look.left;
        self.left = self.left.min(look.left);
        (!look.is_spent).then_some((look.inside, spent))
    }

    fn library(&self, path: &str, size: u64, data: &mut dyn Read) -> Option<Inside> {
        let mut content = vec![0; size.min(WINDOW as u64) as usize];
        let length = fill(data, &mut content).ok()?;
        if Kind::of(path, &content[..length.min(HEAD)]) != Some(Kind::Executable) {
            return Some(Inside::default());
        }
        if size > SIEVED
            && let Some(sieve) = Sieve::of(path, size, &content[..length], self.wanted)
        {
            return sieve.pass(path, &mut content, length, data, self.wanted, self.limits).ok()?;
        }
        content.truncate(length);
        data.read_to_end(&mut content).ok()?;
        Some(look(Kind::Executable, path, Cursor::new(&content), self.wanted, self.limits))
    }
}

/// What a header, or a descriptor, says of its member.
#[derive(Debug, Clone, Copy)]
struct About {
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
}

/// The archive, a window of it at a time.
struct Tape<'a> {
    data: &'a mut dyn Read,
    window: Vec<u8>,
    /// What of the window has not passed yet.
    ahead: Range<usize>,
    /// Where that begins in the archive.
    at: u64,
    /// From here on everything is kept: the end record is looked for there.
    tail: u64,
    kept: Vec<Piece>,
    kept_bytes: usize,
    hash: Option<Sha1>,
}

impl<'a> Tape<'a> {
    fn new(data: &'a mut dyn Read, size: u64, hash: Option<Sha1>) -> Self {
        let tail = size.saturating_sub(LONGEST_END);
        Self {
            data,
            window: vec![0; WINDOW],
            ahead: 0..0,
            at: 0,
            tail,
            kept: Vec::new(),
            kept_bytes: 0,
            hash,
        }
    }

    /// What comes next: so many bytes, or more. Fewer only at the end.
    fn peek(&mut self, least: usize) -> Option<&[u8]> {
        if self.ahead.len() < least {
            self.window.copy_within(self.ahead.clone(), 0);
            let begun = self.ahead.len();
            let count = fill(self.data, &mut self.window[begun..]).ok()?;
            if let Some(hash) = &mut self.hash {
                hash.update(&self.window[begun..begun + count]);
            }
            self.ahead = 0..begun + count;
        }
        Some(&self.window[self.ahead.clone()])
    }

    /// Lets as many bytes of the window pass.
    fn advance(&mut self, count: usize, is_kept: bool, copy: Option<&mut Vec<u8>>) -> Option<()> {
        let bytes = &self.window[self.ahead.start..self.ahead.start + count];
        if let Some(copy) = copy {
            copy.extend_from_slice(bytes);
            if copy.len() > MOST_KEPT {
                return None;
            }
        }
        let unkept = if is_kept { 0 } else { self.tail.saturating_sub(self.at).min(count as u64) };
        let (start, bytes) = (self.at + unkept, &bytes[unkept as usize..]);
        if !bytes.is_empty() {
            self.kept_bytes += bytes.len();
            match self.kept.last_mut().filter(|last| last.end() == start) {
                Some(last) => last.bytes.extend_from_slice(bytes),
                None => self.kept.push(Piece { start, bytes: bytes.to_vec() }),
            }
        }
        self.ahead.start += count;
        self.at += count as u64;
        (self.kept_bytes <= MOST_KEPT).then_some(())
    }

    /// Lets so many bytes pass, or all that are left.
    fn pass(&mut self, mut count: u64, is_kept: bool, mut copy: Option<&mut Vec<u8>>) -> Option<()> {
        while count > 0 {
            let there = self.peek(1)?.len().min(usize::try_from(count).unwrap_or(usize::MAX));
            if there == 0 {
                break;
            }
            self.advance(there, is_kept, copy.as_deref_mut())?;
            count -= there as u64;
        }
        Some(())
    }

    /// Lets a member pass whose length stands behind it.
    fn pass_streamed(&mut self, is_kept: bool, mut copy: Option<&mut Vec<u8>>) -> Option<About> {
        let start = self.at;
        let [_, longest] = DESCRIPTORS;
        loop {
            let passed = self.at - start;
            let bytes = self.peek(2 * longest)?;
            let mut places = memmem::find_iter(bytes, DESCRIPTOR);
            let found = places.find_map(|at| {
                let (about, length) = descriptor(&bytes[at..], passed + at as u64)?;
                Some((at, about, length))
            });
            if let Some((at, about, length)) = found {
                self.advance(at, is_kept, copy)?;
                self.pass(length as u64, is_kept, None)?;
                return Some(about);
            }
            // Its own beginning, and that of what follows it, may be cut off.
            let count = bytes.len().checked_sub(longest + 3).filter(|count| *count > 0)?;
            self.advance(count, is_kept, copy.as_deref_mut())?;
        }
    }
}

/// A descriptor of a member that is `packed` bytes long, and the descriptor's length. Another header follows.
fn descriptor(bytes: &[u8], packed: u64) -> Option<(About, usize)> {
    let crc = u32_at(bytes, 4)?;
    DESCRIPTORS.into_iter().find_map(|length| {
        let number = |index: usize| match length {
            16 => u32_at(bytes, 8 + 4 * index).map(u64::from),
            _ => super::zip::u64_at(bytes, 8 + 8 * index),
        };
        let about = About { method: 0, crc, packed: number(0)?, size: number(1)? };
        let is_followed = bytes.get(length..length + 2) == Some(b"PK");
        (about.packed == packed && is_followed).then_some((about, length))
    })
}

/// A member's packed bytes.
struct Body<'t, 'a> {
    tape: &'t mut Tape<'a>,
    left: u64,
}

impl Read for Body<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let gone = || io::Error::other("it cannot be kept");
        let mut bytes = self.tape.peek(1).ok_or_else(gone)?;
        let count = bytes.read(&mut buffer[..most])?;
        self.tape.advance(count, false, None).ok_or_else(gone)?;
        self.left -= count as u64;
        Ok(count)
    }
}

/// The content of a long member.
struct Inflating<R> {
    inflate: Inflate<R>,
    window: Box<Window>,
    ahead: Range<usize>,
}

impl<R: Read> Inflating<R> {
    fn new(packed: R) -> Self {
        Self { inflate: Inflate::new(Input::new(packed)), window: window(), ahead: 0..0 }
    }
}

impl<R: Read> Read for Inflating<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ahead.is_empty() {
            self.ahead = self.inflate.next(&mut self.window)?;
        }
        let count = (&self.window[self.ahead.clone()]).read(buffer)?;
        self.ahead.start += count;
        Ok(count)
    }
}

/// Content of which the sum is taken, and which must not be longer than it says.
struct Summed<'a> {
    data: &'a mut dyn Read,
    crc: Crc,
    left: u64,
}

impl Read for Summed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.data.read(buffer)?;
        self.crc.update(&buffer[..count]);
        self.left = self.left.checked_sub(count as u64).ok_or(io::ErrorKind::InvalidData)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::executable::testing::{elf, go_inline};
    use super::super::zip::testing::zip;
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Form {
        /// The header says how long the member is.
        Sized,
        /// What stands behind it says so.
        Streamed,
        /// As numpy and others write it who do not know how much will come.
        Large,
    }

    fn deflated(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    /// An archive, every second member of which is deflated.
    fn archive(members: &[(&str, &[u8])], form: Form) -> Vec<u8> {
        let (mut archive, mut directory) = (Vec::new(), Vec::new());
        for (index, (name, content)) in members.iter().enumerate() {
            let method = (index % 2) as u16 * 8;
            let data = if method == 8 { deflated(content) } else { content.to_vec() };
            let mut crc = Crc::new();
            crc.update(content);
            let sums = [crc.sum(), data.len() as u32, content.len() as u32].map(u32::to_le_bytes).concat();
            let flags = if form == Form::Streamed { 8 } else { 0_u16 };
            let shared = [[20, 0], flags.to_le_bytes(), method.to_le_bytes(), [0; 2], [0; 2]].concat();
            let extra: Vec<u8> = match form {
                Form::Large => [
                    &[1, 0, 16, 0][..],
                    &(content.len() as u64).to_le_bytes(),
                    &(data.len() as u64).to_le_bytes(),
                ]
                .concat(),
                _ => Vec::new(),
            };
            directory.extend([b"PK\x01\x02\x14\0", &shared[..], &sums].concat());
            directory.extend((name.len() as u16).to_le_bytes());
            directory.extend([0; 12]);
            directory.extend((archive.len() as u32).to_le_bytes());
            directory.extend(name.as_bytes());
            archive.extend([LOCAL, &shared].concat());
            match form {
                Form::Sized => archive.extend(&sums),
                Form::Streamed => archive.extend([0; 12]),
                Form::Large => archive.extend([&sums[..4], &[0xff; 8]].concat()),
            }
            archive.extend([name.len() as u16, extra.len() as u16].map(u16::to_le_bytes).concat());
            archive.extend([name.as_bytes(), &extra, &data].concat());
            if form == Form::Streamed {
                archive.extend([DESCRIPTOR, &sums].concat());
            }
        }
        let count = members.len() as u16;
        let (length, start) = (directory.len() as u32, archive.len() as u32);
        archive.extend(directory);
        archive.extend(b"PK\x05\x06\0\0\0\0");
        archive.extend([count, count].map(u16::to_le_bytes).concat());
        archive.extend([length, start].map(u32::to_le_bytes).concat());
        archive.extend([0; 2]);
        archive
    }

    /// Bytes nobody can pack.
    fn noise(length: usize) -> Vec<u8> {
        let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        std::iter::successors(Some(7), next).map(|state| (state >> 33) as u8).take(length).collect()
    }

    fn wanted() -> Wanted {
        let patterns =
            ["**/META-INF/MANIFEST.MF", "**/*!/.archive", "**/*!/.go.buildinfo", "**/*!/.executable"];
        Wanted::new(patterns).expect("globs")
    }

    fn held(file: &[u8], limits: &Limits) -> Inside {
        look(Kind::Archive, "x.jar", Cursor::new(file), &wanted(), limits)
    }

    fn passed(file: &[u8], limits: &Limits) -> Option<Inside> {
        pass("x.jar", file.len() as u64, &mut &*file, &wanted(), limits)
    }

    fn check(file: &[u8], entries: usize, gaps: usize) {
        let held = held(file, &Limits::default());
        assert_eq!((held.entries.len(), held.gaps.len()), (entries, gaps), "{held:?}");
        assert_eq!(passed(file, &Limits::default()), Some(held));
    }

    /// A program of half a megabyte of code.
    fn library() -> Vec<u8> {
        elf(&[(".text", &noise(600_000)), (".go.buildinfo", &go_inline("go1.22.3", "path\tx\n"))])
    }

    fn nested(form: Form) -> Vec<u8> {
        let (library, code) = (library(), noise(1_200_000));
        let small = archive(&[("META-INF/MANIFEST.MF", b"A: small")], form);
        let large = archive(
            &[
                ("org/x/A.class", &code),
                ("META-INF/MANIFEST.MF", b"A: large"),
                ("linux/libx.so", &library),
                ("linux/none.so", b"none"),
                ("lib/small.jar", &small),
            ],
            form,
        );
        archive(
            &[
                ("lib/large.jar", &large),
                ("lib/packed.jar", &large),
                ("org/y/A.class", &code),
                ("libx.so", &library),
                ("META-INF/MANIFEST.MF", b"A: outer"),
                ("lib/small.jar", &small),
                ("docs/", b""),
                ("../../etc/x", b"x"),
            ],
            form,
        )
    }

    #[test]
    fn what_passes_says_what_is_held() {
        for form in [Form::Sized, Form::Streamed, Form::Large] {
            // Six in each of the large ones, two in the small one, two of the library, two of its own.
            check(&nested(form), 18, 1);
        }
        check(&archive(&[], Form::Sized), 1, 0);
        check(&archive(&[("a", &noise(100_000)), ("b", b"PK\x07\x08 PK\x03\x04")], Form::Streamed), 1, 0);
    }

    #[test]
    fn an_archive_whose_members_cannot_be_followed_is_held_if_anything_is_asked_of_it() {
        // Without descriptors.
        let noise = noise(200_000);
        let file = zip(&[("b", b""), ("META-INF/MANIFEST.MF", b"A: b"), ("a", &noise)]);
        assert_eq!(passed(&file, &Limits::default()), None);
        check(&zip(&[("b", b"c"), ("b", b""), ("a", &noise)]), 1, 0);
        // With something between the directory and its end.
        let file = archive(&[("META-INF/MANIFEST.MF", b"A: b"), ("b", b""), ("a", &noise)], Form::Sized);
        let end = file.len() - 22;
        check(&[&file[..end], &noise[..1000], &file[end..]].concat(), 2, 0);
    }

    #[test]
    fn what_is_too_much_is_told_as_of_one_that_is_held() {
        let file = nested(Form::Sized);
        let all = Limits::default();
        for limits in [
            Limits { archive_depth: 1, ..all },
            Limits { archive_depth: 2, ..all },
            Limits { archive_bytes: 1_000_000, ..all },
            Limits { executable_bytes: 1000, ..all },
            Limits { file_bytes: 7, ..all },
        ] {
            assert_eq!(passed(&file, &limits), Some(held(&file, &limits)), "{limits:?}");
        }
        for inside_bytes in [0, 1, 600_000, 1_000_000, 2_000_000, 3_000_000, 4_500_000, 6_000_000] {
            let limits = Limits { inside_bytes, ..all };
            if let Some(inside) = passed(&file, &limits) {
                assert_eq!(inside, held(&file, &limits), "{inside_bytes}");
            }
        }
    }

    #[test]
    fn headers_that_lie_lead_to_no_other_answer() {
        let noise = noise(70_000);
        let members: &[(&str, &[u8])] = &[
            ("a.jar", &archive(&[("META-INF/MANIFEST.MF", b"A")], Form::Sized)),
            ("META-INF/MANIFEST.MF", b"A"),
            ("n", &noise),
        ];
        for form in [Form::Sized, Form::Streamed, Form::Large] {
            let file = archive(members, form);
            for place in (0..350).chain(file.len() - 200..file.len()) {
                for byte in [0, 8, 0xff] {
                    let mut file = file.clone();
                    file[place] = byte;
                    if let Some(inside) = passed(&file, &Limits::default()) {
                        assert_eq!(inside, held(&file, &Limits::default()), "{form:?} {place} {byte}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_archive_that_breaks_off_is_not_looked_into() {
        let file = nested(Form::Sized);
        for length in [0, 10, 100, 1_000_000, file.len() - 1] {
            let mut data = &file[..length];
            assert_eq!(pass("x.jar", file.len() as u64, &mut data, &wanted(), &Limits::default()), None);
        }
    }
}
