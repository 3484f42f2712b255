//! What an executable carries about itself: Go's build information, cargo-auditable's list of crates, and
//! the package note of a distribution.
//!
//! Only the headers and the sections concerned are read, whatever the size of the file. Go kept its build
//! information behind pointers until 1.17, and inline since.
//!
//! Specs: <https://pkg.go.dev/debug/buildinfo>,
//! <https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>,
//! <https://systemd.io/ELF_PACKAGE_METADATA/>

use std::io::Read;
use std::ops::Range;
use std::sync::LazyLock;

use flate2::read::ZlibDecoder;
use memchr::memmem;
use object::elf::{FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::read::macho::{FatArch, MachOFatFile32};
use object::{Endianness, File, FileKind, Object, ObjectSection, ObjectSegment};
use object::{ReadCache, ReadRef, SectionFlags};

use super::{Contents, Magics};

/// The name of the entry that says a file is an executable at all. Its content is empty.
pub(super) const EXECUTABLE: &str = ".executable";
/// Go's build information as `go version -m` prints it: a line `go`, tab, version, then the lines that the
/// linker wrote.
pub(super) const GO: &str = ".go.buildinfo";
/// The JSON of cargo-auditable, inflated.
pub(super) const CARGO: &str = ".dep-v0";
/// The JSON of the package note.
pub(super) const NOTE: &str = ".note.package";

pub(super) const GO_MAGIC: &[u8] = b"\xff Go buildinf:";
pub(super) static GO_MAGIC_FINDER: LazyLock<memmem::Finder<'_>> =
    LazyLock::new(|| memmem::Finder::new(GO_MAGIC));
/// Go aligns its build information to this.
const GO_ALIGNMENT: usize = 16;
/// How far into writable data Go's build information is looked for where no section names it.
const GO_SEARCH: u64 = 1 << 20;
/// No honest text of Go's is longer.
const GO_TEXT: u64 = 16 << 20;
/// No honest list of crates is longer.
const CARGO_TEXT: u64 = 16 << 20;
/// The largest section that is read whole.
const SECTION: u64 = 16 << 20;
/// Longer tables of the names of sections are not read whole.
const SECTION_NAMES: u64 = 4 << 10;

/// What was found: name and content of each, and what could not be read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) found: Vec<(&'static str, Vec<u8>)>,
    pub(super) problems: Vec<(&'static str, String)>,
}

/// Whether the beginning of a file is that of a program or shared library. Object files and kernel modules
/// are none.
pub(super) fn is_executable(head: &[u8]) -> bool {
    match head {
        [0x7f, b'E', b'L', b'F', _, order, ..] => {
            let Some(kind) = head.get(16..18) else { return false };
            matches!((order, kind), (1, [2 | 3, 0]) | (2, [0, 2 | 3]))
        }
        [b'M', b'Z', ..] => head.len() >= 64,
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => true,
        // A class file of Java begins the same, and its version is larger than any count of architectures.
        [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, count, ..] => *count < 40,
        _ => false,
    }
}

/// Reads what the executable carries. What is broken in the file as a whole says nothing: there are many
/// files with an executable's first bytes. `magics` are the places of Go's magic, where they are known already.
pub(super) fn examine(data: &mut impl Contents, magics: Option<&Magics>) -> Facts {
    let mut facts = Facts::default();
    if let Some(held) = data.held().map(Held) {
        match FileKind::parse(held) {
            Ok(FileKind::Elf32) => {
                read(Program::of_elf::<FileHeader32<Endianness>>(held, magics), &mut facts);
                return facts;
            }
            Ok(FileKind::Elf64) => {
                read(Program::of_elf::<FileHeader64<Endianness>>(held, magics), &mut facts);
                return facts;
            }
            _ => {}
        }
    }
    let cache = ReadCache::new(data);
    match FileKind::parse(&cache) {
        Ok(FileKind::MachOFat32) => {
            // Every architecture is built from the same source.
            let first = MachOFatFile32::parse(&cache).ok().and_then(|fat| fat.arches().first().copied());
            if let Some((offset, size)) = first.map(|arch| arch.file_range()) {
                let part = cache.range(offset, size);
                read(Program::of_file(part), &mut facts);
            }
        }
        Ok(FileKind::Elf32) => {
            read(Program::of_elf::<FileHeader32<Endianness>>(&cache, magics), &mut facts);
        }
        Ok(FileKind::Elf64) => {
            read(Program::of_elf::<FileHeader64<Endianness>>(&cache, magics), &mut facts);
        }
        Ok(_) => read(Program::of_file(&cache), &mut facts),
        Err(_) => {}
    }
    facts
}

/// A file that lies in memory, read as [`ReadCache`] reads others: there is nothing anywhere, even beyond its end.
#[derive(Debug, Clone, Copy)]
struct Held<'a>(&'a [u8]);

impl<'a> ReadRef<'a> for Held<'a> {
    fn len(self) -> Result<u64, ()> {
        Ok(self.0.len() as u64)
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'a [u8], ()> {
        if size == 0 { Ok(&[]) } else { self.0.read_bytes_at(offset, size) }
    }

    fn read_bytes_at_until(self, range: Range<u64>, delimiter: u8) -> Result<&'a [u8], ()> {
        self.0.read_bytes_at_until(range, delimiter)
    }
}

/// Where the parts of a program lie that are of use here.
struct Program<'a, R> {
    data: R,
    sections: Vec<Section>,
    segments: Vec<Segment>,
    is_little: bool,
    /// Where Go's magic stands, if that is known.
    magics: Option<&'a Magics>,
}

/// A section that has one of [`NAMES`], or is writable.
struct Section {
    name: Option<&'static str>,
    is_writable: bool,
    size: u64,
    /// Offset and length. Absent for what the file has no data of.
    place: Option<(u64, u64)>,
}

struct Segment {
    address: u64,
    offset: u64,
    length: u64,
}

/// No honest program has more writable sections.
const MOST_WRITABLE: usize = 10_000;

const NAMES: &[&str] = &[".dep-v0", ".go.buildinfo", ".note.package", "__go_buildinfo"];

fn known(name: &[u8]) -> Option<&'static str> {
    NAMES.iter().find(|known| known.as_bytes() == name).copied()
}

/// The same of one that a zero byte ends. No known one is longer than sixteen.
fn known_at(names: &[u8]) -> Option<&'static str> {
    let end = names.iter().take(17).position(|byte| *byte == 0)?;
    known(&names[..end])
}

impl<'data, 'a, R: ReadRef<'data>> Program<'a, R> {
    /// `None` for what is none.
    fn of_file(data: R) -> Option<Self> {
        let file = File::parse(data).ok()?;
        let sections = file.sections().map(|section| Section {
            name: section.name().ok().and_then(|name| known(name.as_bytes())),
            is_writable: match section.flags() {
                SectionFlags::Coff { characteristics } => {
                    characteristics.contains(object::pe::IMAGE_SCN_MEM_WRITE)
                }
                _ => section.segment_name().is_ok_and(|name| name == Some("__DATA")),
            },
            size: section.size(),
            place: section.file_range(),
        });
        let segments = file.segments().map(|segment| {
            let (offset, length) = segment.file_range();
            Segment { address: segment.address(), offset, length }
        });
        let (sections, segments) = (of_use(sections), segments.collect());
        Some(Self { data, sections, segments, is_little: file.is_little_endian(), magics: None })
    }

    /// The tables of symbols are often most of what is no code, and say nothing here: they are not read.
    fn of_elf<Elf: FileHeader<Endian = Endianness>>(data: R, magics: Option<&'a Magics>) -> Option<Self> {
        let header = Elf::parse(data).ok()?;
        let endian = header.endian().ok()?;
        let segments = header.program_headers(endian, data).ok()?;
        let sections = header.section_headers(endian, data).ok()?;
        let strings = header.section_strings(endian, data, sections).ok()?;
        let place = header.section_strings_index(endian, data).ok().and_then(|at| sections.get(at.0));
        let place = place.and_then(|section| section.file_range(endian));
        let names = place.filter(|(_, length)| *length <= SECTION_NAMES);
        let names = names.and_then(|(offset, length)| data.read_bytes_at(offset, length).ok());
        let sections = sections.iter().map(|section| Section {
            name: match names {
                Some(names) => names.get(section.sh_name(endian) as usize..).and_then(known_at),
                None => section.name(endian, strings).ok().and_then(known),
            },
            is_writable: section.sh_flags(endian).contains(object::elf::SHF_WRITE),
            size: section.sh_size(endian).into(),
            place: section.file_range(endian),
        });
        let segments = segments.iter().filter(|segment| segment.p_type(endian) == object::elf::PT_LOAD);
        let segments = segments.map(|segment| {
            let (offset, length) = segment.file_range(endian);
            Segment { address: segment.p_vaddr(endian).into(), offset, length }
        });
        let (sections, segments) = (of_use(sections), segments.collect());
        Some(Self { data, sections, segments, is_little: header.is_little_endian(), magics })
    }

    /// The content of the first section of such a name that is not too large.
    fn section(&self, names: &[&str]) -> Option<&'data [u8]> {
        let (offset, length) = self.place_of(names)?;
        self.data.read_bytes_at(offset, length).ok()
    }

    fn place_of(&self, names: &[&str]) -> Option<(u64, u64)> {
        let is_named = |section: &&Section| section.name.is_some_and(|name| names.contains(&name));
        let section = self.sections.iter().filter(|section| section.size <= SECTION).find(is_named)?;
        section.place.filter(|(_, length)| *length <= SECTION)
    }

    /// The bytes that begin with Go's magic.
    fn go_blob(&self) -> Option<&'data [u8]> {
        let named = self.place_of(&[".go.buildinfo", "__go_buildinfo"]);
        if let Some(blob) = named.and_then(|(offset, length)| self.behind_magic(offset, length)) {
            return Some(blob);
        }
        let writable = self.sections.iter().filter(|section| section.is_writable);
        writable.filter_map(|section| Some((section.place?, section.size))).find_map(
            |((offset, length), size)| {
                // In memory a section may be longer than in the file.
                self.behind_magic(offset, length.min(size).min(GO_SEARCH))
            },
        )
    }

    /// What a part of the file holds from the first magic on that stands as Go aligns it.
    fn behind_magic(&self, offset: u64, length: u64) -> Option<&'data [u8]> {
        let end = offset.checked_add(length)?;
        let Some(magics) = self.magics.filter(|magics| magics.are_known(offset..end)) else {
            return from_magic(self.data.read_bytes_at(offset, length).ok()?);
        };
        let within = magics.places.iter().filter(|at| **at >= offset && **at + GO_MAGIC.len() as u64 <= end);
        let at = within.copied().find(|at| (at - offset).is_multiple_of(GO_ALIGNMENT as u64))?;
        self.data.read_bytes_at(at, end - at).ok()
    }

    /// Bytes of the program's memory as it would be loaded.
    fn memory(&self, address: u64, length: u64) -> Option<&'data [u8]> {
        if length > GO_TEXT {
            return None;
        }
        self.segments.iter().find_map(|segment| {
            let within = address.checked_sub(segment.address)?;
            let is_there = within.checked_add(length)? <= segment.length;
            let offset = segment.offset.checked_add(within).filter(|_| is_there)?;
            self.data.read_bytes_at(offset, length).ok()
        })
    }
}

fn of_use(sections: impl Iterator<Item = Section>) -> Vec<Section> {
    let mut writable = 0;
    let of_use = sections.filter(|section| {
        writable += usize::from(section.is_writable);
        section.name.is_some() || (section.is_writable && writable <= MOST_WRITABLE)
    });
    of_use.collect()
}

fn read<'data, R: ReadRef<'data>>(program: Option<Program<'_, R>>, facts: &mut Facts) {
    let Some(program) = program else { return };
    if let Some(text) = go(&program) {
        facts.found.push((GO, text));
    }
    if let Some(packed) = program.section(&[".dep-v0"]) {
        match inflated(packed) {
            Ok(json) => facts.found.push((CARGO, json)),
            Err(problem) => facts.problems.push((CARGO, problem)),
        }
    }
    if let Some(notes) = program.section(&[".note.package"]) {
        match package_note(notes, program.is_little) {
            Some(json) => facts.found.push((NOTE, json)),
            None => facts.problems.push((NOTE, "the ELF note is broken".to_owned())),
        }
    }
}

fn inflated(packed: &[u8]) -> Result<Vec<u8>, String> {
    let mut json = Vec::new();
    let read = ZlibDecoder::new(packed).take(CARGO_TEXT + 1).read_to_end(&mut json);
    match read {
        Err(error) => Err(format!("cannot be inflated: {error}")),
        Ok(_) if json.len() as u64 > CARGO_TEXT => {
            Err(format!("inflates to more than the limit of {CARGO_TEXT} bytes"))
        }
        Ok(_) => Ok(json),
    }
}

/// The JSON of the first note of the packaging type by the owner `FDO`.
fn package_note(mut notes: &[u8], little: bool) -> Option<Vec<u8>> {
    const PACKAGING: u32 = 0xcafe_1a7e;
    let number = |bytes: &[u8], at: usize| -> Option<u32> {
        let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let padded = |length: u32| (length as usize).checked_next_multiple_of(4);
    loop {
        let (name, content, kind) = (number(notes, 0)?, number(notes, 4)?, number(notes, 8)?);
        let start = 12_usize.checked_add(padded(name)?)?;
        if kind == PACKAGING && notes.get(12..16) == Some(b"FDO\0") {
            let json = notes.get(start..start.checked_add(content as usize)?)?;
            let end = json.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            return Some(json[..end].to_vec());
        }
        notes = notes.get(start.checked_add(padded(content)?)?..)?;
    }
}

/// Go's build information as text; `None` where there is none.
fn go<'data, R: ReadRef<'data>>(program: &Program<'_, R>) -> Option<Vec<u8>> {
    let blob = program.go_blob()?;
    let width = usize::from(*blob.get(14)?);
    let flags = *blob.get(15)?;
    if flags & 2 != 0 {
        return go_inline(blob);
    }
    if !matches!(width, 4 | 8) {
        return None;
    }
    let pointers = Pointers { program, width, big: flags & 1 != 0 };
    let version = pointers.string(pointers.number(blob, 16)?)?;
    let modules = pointers.string(pointers.number(blob, 16 + width)?).unwrap_or_default();
    go_text(version, modules)
}

/// Build information whose texts stand behind its header: each after its length.
pub(super) fn go_inline(blob: &[u8]) -> Option<Vec<u8>> {
    if !blob.starts_with(GO_MAGIC) || blob.get(15)? & 2 == 0 {
        return None;
    }
    let (version, rest) = counted(blob.get(32..)?)?;
    let modules = counted(rest).map(|(modules, _)| modules).unwrap_or_default();
    go_text(version, modules)
}

/// A text after its length, and what follows.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return bytes.get(index + 1..)?.split_at_checked(length);
        }
    }
    None
}

/// The linker puts the lines between two sentinels of sixteen bytes.
fn go_text(version: &[u8], modules: &[u8]) -> Option<Vec<u8>> {
    if version.is_empty() || !version.iter().all(|byte| (b' '..0x7f).contains(byte)) {
        return None;
    }
    let lines = match modules.len() {
        length if length >= 33 && modules[length - 17] == b'\n' => &modules[16..length - 16],
        _ => b"",
    };
    Some([b"go\t", version, b"\n", lines].concat())
}

fn from_magic(data: &[u8]) -> Option<&[u8]> {
    let at = GO_MAGIC_FINDER.find_iter(data).find(|at| at % GO_ALIGNMENT == 0)?;
    Some(&data[at..])
}

impl Magics {
    /// Whether all of a part of the file was searched.
    fn are_known(&self, part: Range<u64>) -> bool {
        let after = self.searched.partition_point(|range| range.start <= part.start);
        part.is_empty() || self.searched[..after].last().is_some_and(|range| range.end >= part.end)
    }
}

/// Pointers as a program has them in its memory.
struct Pointers<'p, 'a, R> {
    program: &'p Program<'a, R>,
    width: usize,
    big: bool,
}

impl<'data, R: ReadRef<'data>> Pointers<'_, '_, R> {
    fn number(&self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = bytes.get(at..at + self.width)?;
        let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) })
    }

    /// A string of Go: the address of its text, then its length.
    fn string(&self, address: u64) -> Option<&'data [u8]> {
        let header = self.program.memory(address, 2 * self.width as u64)?;
        self.program.memory(self.number(header, 0)?, self.number(header, self.width)?)
    }
}

/// Executables for tests: headers and sections by hand, and nothing that would run.
#[cfg(test)]
pub(super) mod testing {
    /// Where the file is loaded.
    pub(in super::super) const BASE: u64 = 0x40_0000;
    /// Where the first section's content begins.
    pub(in super::super) const FIRST: u64 = 128;

    /// An ELF program, 64 bits and little-endian, of writable sections, each aligned to sixteen.
    pub(in super::super) fn elf(sections: &[(&str, &[u8])]) -> Vec<u8> {
        let mut names = vec![0];
        let mut content = Vec::new();
        let mut headers = vec![0; 64];
        let strings = [sections, &[(".shstrtab", &[][..])]].concat();
        for (name, data) in &strings {
            let name_at = names.len() as u32;
            names.extend(name.as_bytes());
            names.push(0);
            content.resize(content.len().next_multiple_of(16), 0);
            let data = if *name == ".shstrtab" { names.clone() } else { data.to_vec() };
            let offset = FIRST + content.len() as u64;
            let kind = if *name == ".shstrtab" { 3_u32 } else { 1 };
            headers.extend([name_at, kind].map(u32::to_le_bytes).concat());
            headers.extend([3, BASE + offset, offset, data.len() as u64].map(u64::to_le_bytes).concat());
            headers.extend([0; 8]);
            headers.extend([16_u64, 0].map(u64::to_le_bytes).concat());
            content.extend(data);
        }
        content.resize(content.len().next_multiple_of(16), 0);
        let table = FIRST + content.len() as u64;
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(16, 0);
        file.extend([2, 0, 62, 0, 1, 0, 0, 0]);
        file.extend([0, 64, table].map(u64::to_le_bytes).concat());
        file.extend([0; 4]);
        let count = strings.len() as u16 + 1;
        file.extend([64, 56, 1, 64, count, count - 1].map(u16::to_le_bytes).concat());
        file.extend([1_u32, 7].map(u32::to_le_bytes).concat());
        file.extend([0, BASE, BASE, table, table, 16].map(u64::to_le_bytes).concat());
        file.resize(FIRST as usize, 0);
        [file, content, headers].concat()
    }

    /// Go's build information as it lies in a program since 1.18.
    pub(in super::super) fn go_inline(version: &str, lines: &str) -> Vec<u8> {
        let mut blob = [super::GO_MAGIC, &[8, 2], &[0; 16]].concat();
        let lines = format!("sentinel-of-16-.{lines}sentinel-of-16-.");
        for text in [version, &lines] {
            assert!(text.len() < 1 << 14, "two bytes hold the length");
            blob.extend([text.len() as u8 | 0x80, (text.len() >> 7) as u8]);
            blob.extend(text.as_bytes());
        }
        blob
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::testing::{BASE, FIRST, elf, go_inline};
    use super::*;

    const LINES: &str = "path\tcmd/x\nmod\texample.org/x\t(devel)\t\n";

    fn found(file: &[u8]) -> Vec<(&'static str, String)> {
        assert!(is_executable(file));
        let facts = examine(&mut Cursor::new(file), None);
        let found = facts.found.into_iter();
        let found = found.map(|(name, content)| (name, String::from_utf8_lossy(&content).into_owned()));
        found
            .chain(facts.problems.into_iter().map(|(name, problem)| (name, format!("problem: {problem}"))))
            .collect()
    }

    fn deflated(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    #[test]
    fn build_information_behind_its_header_is_read() {
        let blob = go_inline("go1.22.3", LINES);
        let expected = [(GO, format!("go\tgo1.22.3\n{LINES}"))];
        assert_eq!(found(&elf(&[(".text", b"code"), (".go.buildinfo", &blob)])), expected);
        // Where no section is named so, it is looked for in writable data.
        let data = [&[1; 32][..], &blob].concat();
        assert_eq!(found(&elf(&[(".data", &data)])), expected);
    }

    #[test]
    fn build_information_of_old_go_is_behind_pointers() {
        let lines = format!("sentinel-of-16-.{LINES}sentinel-of-16-.");
        let text = [b"go1.15.2", lines.as_bytes()].concat();
        let strings = BASE + FIRST + text.len().next_multiple_of(16) as u64;
        let header = |at: usize, length: usize| {
            [BASE + FIRST + at as u64, length as u64].map(u64::to_le_bytes).concat()
        };
        let headers = [header(0, 8), header(8, lines.len())].concat();
        let blob = [GO_MAGIC, &[8, 0], &strings.to_le_bytes(), &(strings + 16).to_le_bytes()].concat();
        let file = elf(&[(".rodata", &text), (".strings", &headers), (".go.buildinfo", &blob)]);
        assert_eq!(found(&file), [(GO, format!("go\tgo1.15.2\n{LINES}"))]);
        let astray = [GO_MAGIC, &[8, 0], &u64::MAX.to_le_bytes(), &[0xff; 8]].concat();
        assert_eq!(found(&elf(&[(".go.buildinfo", &astray)])), []);
    }

    #[test]
    fn crates_are_inflated_and_bombs_are_not() {
        let file = |content: &[u8]| elf(&[(".dep-v0", content)]);
        assert_eq!(found(&file(&deflated(b"{}"))), [(CARGO, "{}".to_owned())]);
        let bomb = deflated(&vec![b' '; CARGO_TEXT as usize + 1]);
        let problem = format!("problem: inflates to more than the limit of {CARGO_TEXT} bytes");
        assert_eq!(found(&file(&bomb)), [(CARGO, problem)]);
        assert!(found(&file(b"text"))[0].1.starts_with("problem: cannot be inflated"));
    }

    #[test]
    fn the_package_note_is_the_one_of_its_type() {
        let note = |kind: u32, name: &[u8; 4], json: &[u8]| {
            let mut note = [4, json.len() as u32, kind].map(u32::to_le_bytes).concat();
            note.extend(name);
            note.extend(json);
            note.resize(note.len().next_multiple_of(4), 0);
            note
        };
        let notes = [note(1, b"GNU\0", b"abc"), note(0xcafe_1a7e, b"FDO\0", b"{\"name\":1}\0\0")].concat();
        assert_eq!(found(&elf(&[(".note.package", &notes)])), [(NOTE, "{\"name\":1}".to_owned())]);
        let broken = "problem: the ELF note is broken".to_owned();
        assert_eq!(found(&elf(&[(".note.package", &notes[..notes.len() - 4])])), [(NOTE, broken)]);
    }

    #[test]
    fn class_files_object_files_and_texts_are_no_executables() {
        assert!(!is_executable(b"\xca\xfe\xba\xbe\x00\x00\x00\x34more"));
        assert!(!is_executable(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x01\0"));
        assert!(!is_executable(b"MZ is also how a text may begin"));
        assert!(!is_executable(b""));
    }

    #[test]
    fn no_prefix_of_an_executable_panics() {
        let file = elf(&[(".go.buildinfo", &go_inline("go1.22.3", LINES)), (".dep-v0", &deflated(b"{}"))]);
        assert_eq!(found(&file).len(), 2);
        for length in 0..file.len() {
            examine(&mut Cursor::new(&file[..length]), None);
        }
    }
}
