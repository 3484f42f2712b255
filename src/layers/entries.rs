//! The entries of a tar, one after another.
//!
//! Layers have entries by the ten thousand, most of them with little in them, so that what it costs to come to the next
//! one counts. Headers are read by the `tar` crate, whose own iterator says the same of every archive, and takes six
//! times as long: it copies each header, and an entry is several allocations.
//!
//! A long name or target stands before the entry it is of, in an entry of GNU's (`L`, `K`) or in records of PAX (`x`), where
//! the size may stand too. A sparse file of GNU's (`S`) has a map of where its data belong; between them it is zeros.
//!
//! Specs: <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html>,
//! <https://www.gnu.org/software/tar/manual/html_node/Standard.html>

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};

use tar::{EntryType, GnuExtSparseHeader, GnuSparseHeader, Header, PaxExtensions};

/// Headers are as long, and everything begins at a multiple of it.
const BLOCK: u64 = 512;

/// A tar, at one of its entries.
pub(super) struct Entries<R> {
    pub(super) head: Head,
    pub(super) body: Body<R>,
    /// Where the next header stands.
    next: u64,
}

/// What stands before an entry's content.
pub(super) struct Head {
    block: [u8; BLOCK as usize],
    /// Bytes of the content, with the zeros of a sparse file.
    pub(super) size: u64,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    pax: Option<Vec<u8>>,
}

/// The content of an entry, as far as it was not read yet.
pub(super) struct Body<R> {
    data: R,
    /// Where `data` is.
    position: u64,
    /// Parts of the content, the next one last.
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Data(u64),
    Zeros(u64),
}

impl<R: Read + Seek> Entries<R> {
    pub(super) fn new(data: R) -> Self {
        let block = [0; BLOCK as usize];
        let head = Head { block, size: 0, long_name: None, long_link: None, pax: None };
        Self { head, body: Body { data, position: 0, parts: Vec::new() }, next: 0 }
    }

    /// Goes to the next entry, and tells whether there is one.
    ///
    /// # Errors
    /// When what stands there is no entry, or an entry's size or map cannot be.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        (self.head.long_name, self.head.long_link, self.head.pax) = (None, None, None);
        let mut is_announced = false;
        while self.header()? {
            let header = self.head.header();
            let is_recognised = header.as_gnu().is_some() || header.as_ustar().is_some();
            let (place, what) = match header.entry_type() {
                EntryType::GNULongName if is_recognised => (&mut self.head.long_name, "long name"),
                EntryType::GNULongLink if is_recognised => (&mut self.head.long_link, "long name"),
                EntryType::XHeader if is_recognised => (&mut self.head.pax, "pax extensions"),
                EntryType::GNUSparse => return self.sparse().map(|()| true),
                _ => return Ok(true),
            };
            if place.is_some() {
                return Err(io::Error::other(format!("two {what} entries describing the same member")));
            }
            *place = Some(self.body.rest()?);
            is_announced = true;
        }
        match is_announced {
            true => {
                Err(io::Error::other("members found describing a future member but no future member found"))
            }
            false => Ok(false),
        }
    }

    /// Goes to the next header, and tells whether there is one.
    fn header(&mut self) -> io::Result<bool> {
        self.body.seek(self.next)?;
        let block = &mut self.head.block;
        if !self.body.block(block)? || block.iter().all(|byte| *byte == 0) {
            return Ok(false);
        }
        self.next += BLOCK;
        let header = Header::from_byte_slice(block);
        let kept = &header.as_old().cksum;
        let kept_sum = match octal(kept) {
            Some(sum) => sum as u32,
            None => header.cksum()?,
        };
        if sum(block) - sum(kept) + 8 * u32::from(b' ') != kept_sum {
            return Err(io::Error::other("archive header checksum mismatch"));
        }
        let mut size = match octal(&header.as_old().size) {
            Some(size) => size,
            None => header.entry_size()?,
        };
        let kind = header.entry_type();
        let describes_another = matches!(
            kind,
            EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader
        );
        if let Some(pax) = self.head.pax.as_ref().filter(|_| !describes_another) {
            size = pax_size(pax).unwrap_or(size);
        }
        let padded = size.checked_next_multiple_of(BLOCK);
        let next = padded.and_then(|padded| self.next.checked_add(padded));
        self.next = next.ok_or_else(|| io::Error::other("size overflow"))?;
        self.head.size = size;
        self.body.parts.clear();
        self.body.parts.push(Part::Data(size));
        Ok(true)
    }

    /// Reads the map of a sparse file.
    fn sparse(&mut self) -> io::Result<()> {
        let error = |what: &str| Err(io::Error::other(what.to_owned()));
        let Some(gnu) = Header::from_byte_slice(&self.head.block).as_gnu() else {
            return error("sparse entry type listed but not GNU header");
        };
        let mut map = Map { parts: Vec::new(), size: self.head.size, left: self.head.size, end: 0 };
        for block in &gnu.sparse {
            map.add(block)?;
        }
        let mut is_extended = gnu.is_extended();
        while is_extended {
            let mut more = GnuExtSparseHeader::new();
            if !self.body.block(more.as_mut_bytes())? {
                return error("failed to read extension");
            }
            self.next += BLOCK;
            for block in more.sparse() {
                map.add(block)?;
            }
            is_extended = more.is_extended();
        }
        if map.end != gnu.real_size()? {
            return error("mismatch in sparse file chunks and size in header");
        }
        if map.left > 0 {
            return error("mismatch in sparse file chunks and entry size in header");
        }
        self.head.size = map.end;
        map.parts.reverse();
        self.body.parts = map.parts;
        Ok(())
    }
}

/// The map of a sparse file, while it is read.
struct Map {
    parts: Vec<Part>,
    /// Bytes of the archive that are its data, and those of them that have no place yet.
    size: u64,
    left: u64,
    /// Where the last part ends.
    end: u64,
}

impl Map {
    fn add(&mut self, block: &GnuSparseHeader) -> io::Result<()> {
        if block.is_empty() {
            return Ok(());
        }
        let error = |what: &str| io::Error::other(what.to_owned());
        let (start, length) = (block.offset()?, block.length()?);
        if length != 0 && !(self.size - self.left).is_multiple_of(BLOCK) {
            return Err(error("previous block in sparse file was not aligned to 512-byte boundary"));
        }
        let gap =
            start.checked_sub(self.end).ok_or_else(|| error("out of order or overlapping sparse blocks"))?;
        if gap > 0 {
            self.parts.push(Part::Zeros(gap));
        }
        let end = start.checked_add(length);
        self.end = end.ok_or_else(|| error("more bytes listed in sparse file than u64 can hold"))?;
        let left = self.left.checked_sub(length);
        self.left = left.ok_or_else(|| error("sparse file consumed more data than the header listed"))?;
        self.parts.push(Part::Data(length));
        Ok(())
    }
}

impl Head {
    pub(super) fn header(&self) -> &Header {
        Header::from_byte_slice(&self.block)
    }

    /// The name as written.
    pub(super) fn name(&self) -> Cow<'_, [u8]> {
        match &self.long_name {
            Some(name) => Cow::Borrowed(name.strip_suffix(b"\0").unwrap_or(name)),
            None => match self.pax_value(b"path") {
                Some(name) => Cow::Borrowed(name),
                None => self.header().path_bytes(),
            },
        }
    }

    /// The target of a link as written.
    pub(super) fn target(&self) -> Option<Cow<'_, [u8]>> {
        match &self.long_link {
            Some(name) => Some(Cow::Borrowed(name.strip_suffix(b"\0").unwrap_or(name))),
            None => match self.pax_value(b"linkpath") {
                Some(name) => Some(Cow::Borrowed(name)),
                None => self.header().link_name_bytes(),
            },
        }
    }

    /// Whether it is a sparse file whose map is a part of its content.
    pub(super) fn is_pax_sparse(&self) -> bool {
        self.pax.as_ref().is_some_and(|pax| is_pax_sparse(PaxExtensions::new(pax)))
    }

    fn pax_value(&self, key: &[u8]) -> Option<&[u8]> {
        let records = PaxExtensions::new(self.pax.as_ref()?);
        records.flatten().find(|record| record.key_bytes() == key).map(|record| record.value_bytes())
    }
}

/// Whether records of PAX are those of a sparse file.
pub(super) fn is_pax_sparse(records: PaxExtensions<'_>) -> bool {
    records.flatten().any(|record| record.key_bytes().starts_with(b"GNU.sparse."))
}

/// The size that records of PAX tell; none where a record before it is broken.
fn pax_size(pax: &[u8]) -> Option<u64> {
    for record in PaxExtensions::new(pax) {
        let record = record.ok()?;
        if record.key() == Ok("size") {
            return record.value().ok()?.parse().ok();
        }
    }
    None
}

/// The sum of the bytes of a block, or a part of it: four times two at once.
fn sum(bytes: &[u8]) -> u32 {
    const EACH_SECOND: u64 = 0x00ff_00ff_00ff_00ff;
    let (eights, rest) = bytes.as_chunks::<8>();
    let sums = eights
        .iter()
        .map(|eight| u64::from_le_bytes(*eight))
        .fold(0, |sums, eight| sums + (eight & EACH_SECOND) + (eight >> 8 & EACH_SECOND));
    let sums: u32 = [0, 16, 32, 48].iter().map(|by| (sums >> by) as u32 & 0xffff).sum();
    sums + rest.iter().map(|byte| u32::from(*byte)).sum::<u32>()
}

/// A number as nearly all are written: digits, and then a zero byte or the end.
fn octal(field: &[u8]) -> Option<u64> {
    let mut number = 0;
    // More would not fit.
    for (place, byte) in field.iter().take(21).enumerate() {
        match byte {
            b'0'..=b'7' => number = number << 3 | u64::from(byte - b'0'),
            0 if place > 0 => return Some(number),
            _ => return None,
        }
    }
    (1..=21).contains(&field.len()).then_some(number)
}

impl<R: Read + Seek> Body<R> {
    fn seek(&mut self, to: u64) -> io::Result<()> {
        let ahead = to.checked_sub(self.position).and_then(|ahead| i64::try_from(ahead).ok());
        match ahead {
            Some(0) => {}
            Some(ahead) => self.position = self.data.seek(SeekFrom::Current(ahead))?,
            None => return Err(io::Error::other("seek position out of bounds")),
        }
        Ok(())
    }
}

impl<R: Read> Body<R> {
    /// Reads a block; whether there is one.
    fn block(&mut self, block: &mut [u8]) -> io::Result<bool> {
        let length = super::fill(&mut self.data, block)?;
        self.position += length as u64;
        match length {
            0 => Ok(false),
            length if length == block.len() => Ok(true),
            _ => Err(io::Error::other("failed to read entire block")),
        }
    }

    /// All that is left: its length is the archive's word, so memory follows what is read.
    fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.read_to_end(&mut rest)?;
        Ok(rest)
    }
}

impl<R: Read> Read for Body<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty()
            && let Some(Part::Data(left) | Part::Zeros(left)) = self.parts.last().copied()
        {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let count = match self.parts.last_mut() {
                Some(Part::Data(left)) if most > 0 => {
                    let count = self.data.read(&mut buffer[..most])?;
                    self.position += count as u64;
                    *left -= count as u64;
                    count
                }
                Some(Part::Zeros(left)) => {
                    buffer[..most].fill(0);
                    *left -= most as u64;
                    most
                }
                _ => 0,
            };
            if count > 0 {
                return Ok(count);
            }
            self.parts.pop();
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// Numbers that look like chance, the same each time.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 11) as usize % most
        }

        fn one_in(&mut self, chance: usize) -> bool {
            self.below(chance) == 0
        }

        fn of<T: Copy>(&mut self, all: &[T]) -> T {
            all[self.below(all.len())]
        }
    }

    fn content(dice: &mut Dice, kind: u8) -> Vec<u8> {
        match kind {
            b'L' | b'K' => {
                let mut name = b"long/".repeat(dice.below(60));
                name.extend(dice.of(&[&b""[..], b"\0", b"\0\0", b"x", b"\0y"]));
                name
            }
            b'x' | b'g' => {
                let records: &[&[u8]] = &[
                    b"path=pax/a",
                    b"path=pax/b",
                    b"linkpath=to",
                    b"size=3",
                    b"size=700",
                    b"size=x",
                    b"size=99999999999999999999",
                    b"GNU.sparse.major=1",
                    b"mtime=1.5",
                    b"uid=7",
                    b"none",
                    b"\xff=\xff",
                ];
                let mut pax = Vec::new();
                for _ in 0..dice.below(4) {
                    let record = dice.of(records);
                    let length = record.len() + if record.len() < 7 { 3 } else { 4 };
                    let length = if dice.one_in(12) { length + 1 } else { length };
                    pax.extend([format!("{length} ").as_bytes(), record, b"\n"].concat());
                    pax.extend(if dice.one_in(20) { &b"\n"[..] } else { b"" });
                }
                pax
            }
            _ => (0..dice.of(&[0, 0, 1, 511, 512, 513, 1500])).map(|at| (at * 31 % 251) as u8 + 1).collect(),
        }
    }

    /// The map of a sparse file, and how much data it has.
    fn sparse(dice: &mut Dice, header: &mut Header) -> (Vec<u8>, u64) {
        let mut more = Vec::new();
        let (mut end, mut data) = (0, 0);
        let mut fill = |dice: &mut Dice, block: &mut GnuSparseHeader| {
            let start = end + dice.of(&[0, 0, 512, 1000]);
            let length = dice.of(&[0, 512, 512, 1024, 100]);
            if dice.one_in(6) {
                return;
            }
            block.offset = *b"00000000000\0";
            block.numbytes = *b"00000000000\0";
            block.offset[3..11].copy_from_slice(format!("{start:08o}").as_bytes());
            block.numbytes[3..11].copy_from_slice(format!("{length:08o}").as_bytes());
            (end, data) = if dice.one_in(30) { (end + 1, data) } else { (start + length, data + length) };
        };
        let Some(gnu) = header.as_gnu_mut() else { return (more, 0) };
        for block in gnu.sparse.iter_mut().take(dice.below(5)) {
            fill(dice, block);
        }
        let mut has_more = dice.one_in(3);
        gnu.set_is_extended(has_more);
        while has_more {
            let mut extension = GnuExtSparseHeader::new();
            let count = dice.below(22);
            for block in extension.sparse_mut().iter_mut().take(count) {
                fill(dice, block);
            }
            has_more = dice.one_in(3);
            extension.set_is_extended(has_more);
            more.extend(extension.as_bytes());
        }
        gnu.set_real_size(if dice.one_in(20) { end + 1 } else { end });
        (more, data)
    }

    fn entry(dice: &mut Dice, archive: &mut Vec<u8>) {
        let kind = dice.of(b"00000000112225557LLKKxxxxgSSSVZ\0");
        let mut header = match dice.below(8) {
            0 => Header::new_old(),
            1 | 2 => Header::new_ustar(),
            _ => Header::new_gnu(),
        };
        header.as_old_mut().linkflag = [kind];
        let name = dice.of(&[&b"a/b"[..], b"./c/", b"d\\e", b"", b"caf\xe9", &[b'n'; 100]]);
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.as_old_mut().linkname[..5].copy_from_slice(dice.of(&[b"\0\0\0\0\0", b"x/y\0\0", b"\0abc\0"]));
        if let Some(ustar) = header.as_ustar_mut().filter(|_| dice.one_in(3)) {
            ustar.prefix[..6].copy_from_slice(b"prefix");
        }
        let (mut more, mut content) = (Vec::new(), content(dice, kind));
        if kind == b'S' {
            let data;
            (more, data) = sparse(dice, &mut header);
            content = content.iter().copied().cycle().take(data as usize).collect();
            content.resize(data as usize, 7);
        }
        header.set_size(content.len() as u64);
        match dice.below(90) {
            0 => header.as_old_mut().size = *b"\x80\0\0\0\0\0\0\0\0\0\x02\0",
            1 => header.as_old_mut().size = [0xff; 12],
            2 => header.as_old_mut().size = *b"       1000 ",
            3 => header.as_old_mut().size = *b"777777777777",
            4 => header.as_old_mut().size = *b"what is this",
            5 => header.as_old_mut().size = [0; 12],
            _ => {}
        }
        header.set_cksum();
        let sum = header.cksum().expect("just set");
        match dice.below(90) {
            0 => header.as_old_mut().cksum = *b"0000001\0",
            1 => header.as_old_mut().cksum = [0; 8],
            2 => header.as_old_mut().cksum = [0xff; 8],
            3..30 => header.as_old_mut().cksum.copy_from_slice(format!("{sum:06o}\0 ").as_bytes()),
            30..40 => header.as_old_mut().cksum.copy_from_slice(format!(" {sum:6o}\0").as_bytes()),
            40..50 => header.as_old_mut().cksum.copy_from_slice(format!("{sum:08o}").as_bytes()),
            _ => {}
        }
        archive.extend(header.as_bytes());
        archive.extend(more);
        archive.extend(content);
        if !dice.one_in(40) {
            archive.resize(archive.len().next_multiple_of(512), 0);
        }
    }

    fn archive(dice: &mut Dice) -> Vec<u8> {
        let mut archive = Vec::new();
        for _ in 0..dice.below(7) {
            entry(dice, &mut archive);
            if dice.one_in(30) {
                archive.extend([0; 512]);
            }
        }
        archive.resize(archive.len() + dice.of(&[0, 512, 1024, 1024, 1024, 700]), 0);
        if dice.one_in(4) {
            archive.truncate(dice.below(archive.len() + 1));
        }
        archive
    }

    type Told = (Vec<u8>, Option<Vec<u8>>, u8, u64, bool, Result<Vec<u8>, String>);

    /// Of each third entry nothing, some or all is read.
    fn some_of(number: usize, data: &mut dyn Read) -> Result<Vec<u8>, String> {
        let most = [0, 600, u64::MAX][number % 3];
        let mut content = Vec::new();
        // A made-up size may be that of a disk full of zeros.
        let read = data.take(most.min(1 << 16)).read_to_end(&mut content);
        read.map(|_| content).map_err(|error| error.to_string())
    }

    fn told_by_the_crate(archive: &[u8]) -> (Vec<Told>, Option<String>) {
        let mut all = Vec::new();
        let mut archive = tar::Archive::new(Cursor::new(archive));
        for entry in archive.entries_with_seek().expect("at its beginning") {
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(error) => return (all, Some(error.to_string())),
            };
            let kind = entry.header().entry_type();
            let reads_itself = matches!(kind, EntryType::XHeader | EntryType::XGlobalHeader);
            let sparse = if reads_itself { None } else { entry.pax_extensions().expect("it is there") };
            let is_sparse = sparse.is_some_and(is_pax_sparse);
            let target = entry.link_name_bytes().map(Cow::into_owned);
            let content = some_of(all.len(), &mut entry);
            let name = entry.path_bytes().into_owned();
            all.push((name, target, kind.as_byte(), entry.size(), is_sparse, content));
        }
        (all, None)
    }

    fn told(archive: &[u8]) -> (Vec<Told>, Option<String>) {
        let mut all = Vec::new();
        let mut entries = Entries::new(Cursor::new(archive));
        loop {
            match entries.advance() {
                Ok(true) => {}
                Ok(false) => return (all, None),
                Err(error) => return (all, Some(error.to_string())),
            }
            let content = some_of(all.len(), &mut entries.body);
            let head = &entries.head;
            let kind = head.header().entry_type();
            let is_sparse =
                head.is_pax_sparse() && !matches!(kind, EntryType::XHeader | EntryType::XGlobalHeader);
            let target = head.target().map(Cow::into_owned);
            all.push((head.name().into_owned(), target, kind.as_byte(), head.size, is_sparse, content));
        }
    }

    #[test]
    fn every_archive_has_the_entries_that_the_crate_finds() {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let (mut entries, mut sparse, mut whole) = (0, 0, 0);
        let mut errors = std::collections::BTreeMap::<String, usize>::new();
        for number in 0..20_000 {
            let archive = archive(&mut dice);
            let (expected, error) = told_by_the_crate(&archive);
            assert_eq!(told(&archive), (expected.clone(), error.clone()), "archive {number}");
            entries += expected.len();
            sparse += expected.iter().filter(|entry| entry.2 == b'S').count();
            whole += usize::from(error.is_none());
            if let Some(error) = error {
                *errors.entry(error.chars().take(20).collect()).or_default() += 1;
            }
        }
        // It would prove nothing of archives that all break off at their first entry.
        assert!(entries > 20_000 && sparse > 1000 && whole > 4000, "{entries} {sparse} {whole} {errors:?}");
        assert!(errors.len() > 10, "{errors:?}");
    }

    #[test]
    fn sums_are_those_of_single_bytes() {
        for length in [0, 1, 8, 13, 512] {
            for bytes in [vec![0xff; length], (0..length).map(|at| (at * 7) as u8).collect()] {
                assert_eq!(sum(&bytes), bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>());
            }
        }
    }

    #[test]
    fn numbers_are_read_at_once_where_they_are_plain() {
        assert_eq!(octal(b"00000001750\0"), Some(1000));
        assert_eq!(octal(b"001750\0 "), Some(1000));
        assert_eq!(octal(b"777777777777"), Some((1 << 36) - 1));
        assert_eq!([octal(b"\0\0"), octal(b" 17\0"), octal(b"17 \0"), octal(b"\x80\0\0\x01")], [None; 4]);
    }
}
