//! Zip archives, read from their central directory: jars, wheels, eggs.
//!
//! The directory at the end is the truth; a local header is asked only where its data begins. Bytes may stand
//! before the archive (a start script makes a jar executable), and then all places count from behind them.
//! Nothing is unpacked but the members that are asked for, none beyond the size it declares.
//!
//! Spec: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

use std::io::{self, Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;

use crate::inflate::{Inflate, Input, window};

/// The end record and the longest comment behind it.
pub(super) const LONGEST_END: u64 = 22 + 0xffff;
/// No honest directory is larger: that is half a million members.
const LONGEST_DIRECTORY: u64 = 64 << 20;

/// From so many packed bytes on it is worth to begin with the faster decoder, which needs more memory.
pub(super) const LONG: u64 = 128 << 10;

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const END_64_LOCATOR: &[u8] = b"PK\x06\x07";
const MEMBER: &[u8] = b"PK\x01\x02";
pub(super) const LOCAL: &[u8] = b"PK\x03\x04";

/// Why an archive or a member of it cannot be read.
#[derive(Debug, thiserror::Error)]
pub(in crate::layers) enum ZipError {
    #[error("it is no zip archive: it has no central directory")]
    NoDirectory,
    #[error("the zip archive's central directory is broken")]
    BrokenDirectory,
    #[error("it is encrypted")]
    Encrypted,
    #[error("it is compressed by method {0}, which is not read")]
    Method(u16),
    #[error("{size} bytes is more than the limit of {limit}")]
    TooLarge { size: u64, limit: u64 },
    #[error("its content is not what the archive's directory says")]
    Broken,
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// An open archive.
pub(in crate::layers) struct Zip<R> {
    data: R,
    /// How many bytes stand before the archive.
    base: u64,
    directory: Vec<u8>,
}

/// A member as the directory tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::layers) struct Member {
    /// As written.
    pub(in crate::layers) name: Vec<u8>,
    /// Bytes when unpacked, as the directory says.
    pub(in crate::layers) size: u64,
    pub(super) packed: u64,
    header: u64,
    pub(super) method: u16,
    pub(super) encrypted: bool,
    pub(super) crc: u32,
}

impl<R: Read + Seek> Zip<R> {
    pub(in crate::layers) fn open(mut data: R) -> Result<Self, ZipError> {
        let size = data.seek(SeekFrom::End(0))?;
        let place = directory(&mut data, size)?;
        let directory = bytes(&mut data, place.start, place.length)?;
        if !directory.is_empty() && !directory.starts_with(MEMBER) {
            return Err(ZipError::BrokenDirectory);
        }
        Ok(Self { data, base: place.base, directory })
    }

    /// Every member in the order of the directory. An error is the last item.
    pub(in crate::layers) fn members(&self) -> Vec<Result<Member, ZipError>> {
        let mut members = Vec::new();
        let mut rest = self.directory.as_slice();
        while rest.starts_with(MEMBER) {
            match member(rest) {
                Some((member, length)) => {
                    members.push(Ok(member));
                    rest = &rest[length..];
                }
                None => {
                    members.push(Err(ZipError::BrokenDirectory));
                    break;
                }
            }
        }
        members
    }

    /// Where a member's header stands.
    pub(super) fn place(&self, member: &Member) -> u64 {
        self.base.saturating_add(member.header)
    }

    /// The content of a member, at most `limit` bytes.
    pub(in crate::layers) fn read(&mut self, member: &Member, limit: u64) -> Result<Vec<u8>, ZipError> {
        if member.encrypted {
            return Err(ZipError::Encrypted);
        }
        if member.size > limit {
            return Err(ZipError::TooLarge { size: member.size, limit });
        }
        let place = self.place(member);
        let header = bytes(&mut self.data, place, 30)?;
        let (Some(name), Some(extra)) = (u16_at(&header, 26), u16_at(&header, 28)) else {
            return Err(ZipError::Broken);
        };
        if !header.starts_with(LOCAL) {
            return Err(ZipError::Broken);
        }
        self.data.seek_relative(i64::from(name) + i64::from(extra))?;
        let packed = (&mut self.data).take(member.packed);
        let content = match member.method {
            0 => at_most(packed, member.size)?,
            8 if member.packed >= LONG => inflated(packed, member.size)?,
            8 => at_most(DeflateDecoder::new(packed), member.size)?,
            method => return Err(ZipError::Method(method)),
        };
        let mut crc = flate2::Crc::new();
        crc.update(&content);
        match content.len() as u64 == member.size && crc.sum() == member.crc {
            true => Ok(content),
            false => Err(ZipError::Broken),
        }
    }
}

/// Up to `size` bytes, and one more where there are more. The size is the archive's word, and not allocated
/// on it.
fn at_most(data: impl Read, size: u64) -> Result<Vec<u8>, ZipError> {
    let mut content = Vec::with_capacity(size.min(1 << 20) as usize);
    data.take(size.saturating_add(1)).read_to_end(&mut content).map_err(|_| ZipError::Broken)?;
    Ok(content)
}

/// The same of a long stream.
fn inflated(packed: impl Read, size: u64) -> Result<Vec<u8>, ZipError> {
    let mut content = Vec::with_capacity(size.min(1 << 20) as usize);
    let mut window = window();
    let mut inflate = Inflate::new(Input::new(packed));
    while content.len() as u64 <= size {
        match inflate.next(&mut window).map_err(|_| ZipError::Broken)? {
            part if part.is_empty() => break,
            part => content.extend_from_slice(&window[part]),
        }
    }
    Ok(content)
}

struct Place {
    start: u64,
    length: u64,
    base: u64,
}

/// Where the central directory lies.
fn directory<R: Read + Seek>(data: &mut R, size: u64) -> Result<Place, ZipError> {
    let tail_start = size.saturating_sub(LONGEST_END);
    let tail = bytes(data, tail_start, size - tail_start)?;
    let at = last_end(&tail).ok_or(ZipError::NoDirectory)?;
    let end = tail_start + at as u64;
    let record = &tail[at..];
    let (length, offset) = (u32_at(record, 12), u32_at(record, 16));
    let (Some(length), Some(offset)) = (length, offset) else { return Err(ZipError::NoDirectory) };
    let large = length == u32::MAX || offset == u32::MAX || u16_at(record, 10) == Some(u16::MAX);
    let (end, length, offset) = match large.then(|| end_64(data, end)).flatten() {
        Some(end_64) => end_64,
        None => (end, u64::from(length), u64::from(offset)),
    };
    if length > LONGEST_DIRECTORY {
        return Err(ZipError::TooLarge { size: length, limit: LONGEST_DIRECTORY });
    }
    let start = end.checked_sub(length).ok_or(ZipError::BrokenDirectory)?;
    // Where something stands between directory and end, places count from the start of the file.
    match start.checked_sub(offset) {
        Some(base) if length == 0 || bytes(data, start, 4)? == MEMBER => Ok(Place { start, length, base }),
        _ => Ok(Place { start: offset, length, base: 0 }),
    }
}

/// The last end record whose comment fills the rest of the file, or else the last one.
fn last_end(tail: &[u8]) -> Option<usize> {
    let mut last = None;
    for at in memchr::memmem::rfind_iter(tail, END) {
        let comment = u16_at(&tail[at..], 20).map(usize::from);
        if comment.is_some_and(|comment| at + 22 + comment == tail.len()) {
            return Some(at);
        }
        if comment.is_some() {
            last = last.or(Some(at));
        }
    }
    last
}

/// The end record of an archive that is too large for the old one: where it lies, the directory's length and
/// offset.
fn end_64<R: Read + Seek>(data: &mut R, end: u64) -> Option<(u64, u64, u64)> {
    let locator = bytes(data, end.checked_sub(20)?, 20).ok()?;
    if !locator.starts_with(END_64_LOCATOR) {
        return None;
    }
    // With bytes before the archive the locator's offset is too low; the record most often stands right
    // before the locator.
    let places = [u64_at(&locator, 8)?, end.checked_sub(20 + 56)?];
    places.into_iter().find_map(|place| {
        let record = bytes(data, place, 56).ok().filter(|record| record.starts_with(END_64))?;
        Some((place, u64_at(&record, 40)?, u64_at(&record, 48)?))
    })
}

/// One entry of the directory, and its length there.
fn member(entry: &[u8]) -> Option<(Member, usize)> {
    let lengths = [28, 30, 32].map(|at| u16_at(entry, at).map(usize::from));
    let [Some(name), Some(extra), Some(comment)] = lengths else { return None };
    let sizes = Sizes {
        size: u64::from(u32_at(entry, 24)?),
        packed: u64::from(u32_at(entry, 20)?),
        header: u64::from(u32_at(entry, 42)?),
    };
    let sizes = sizes.with_extra(entry.get(46 + name..46 + name + extra)?);
    let member = Member {
        name: entry.get(46..46 + name)?.to_vec(),
        size: sizes.size,
        packed: sizes.packed,
        header: sizes.header,
        method: u16_at(entry, 10)?,
        encrypted: u16_at(entry, 8)? & 1 != 0,
        crc: u32_at(entry, 16)?,
    };
    let length = 46 + name + extra + comment;
    (length <= entry.len()).then_some((member, length))
}

/// Numbers that may stand in an extra field.
pub(super) struct Sizes {
    pub(super) size: u64,
    pub(super) packed: u64,
    pub(super) header: u64,
}

impl Sizes {
    /// Numbers that did not fit stand in the extra field of id 1, in this order, only those that did not fit.
    pub(super) fn with_extra(mut self, extra: &[u8]) -> Self {
        let Some(mut large) = extra_field(extra, 1) else { return self };
        for number in [&mut self.size, &mut self.packed, &mut self.header] {
            if *number == u64::from(u32::MAX)
                && let Some(value) = u64_at(large, 0)
            {
                *number = value;
                large = &large[8..];
            }
        }
        self
    }
}

fn extra_field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let (id, length) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let field = extra.get(4..4 + length)?;
        if id == wanted {
            return Some(field);
        }
        extra = &extra[4 + length..];
    }
}

/// `length` bytes at `place`; fewer are an error.
fn bytes<R: Read + Seek>(data: &mut R, place: u64, length: u64) -> io::Result<Vec<u8>> {
    data.seek(SeekFrom::Start(place))?;
    let mut content = Vec::with_capacity(length.min(1 << 20) as usize);
    data.take(length).read_to_end(&mut content)?;
    match content.len() as u64 == length {
        true => Ok(content),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// Archives for tests, written by hand so that every field can be wrong.
#[cfg(test)]
pub(in crate::layers) mod testing {
    use std::io::Write;

    fn crc(content: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        crc.sum()
    }

    fn deflated(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    /// An archive of these members, every second one deflated.
    pub(in crate::layers) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = Vec::new();
        let mut directory = Vec::new();
        for (index, (name, content)) in members.iter().enumerate() {
            let method = (index % 2) as u16 * 8;
            let data = if method == 8 { deflated(content) } else { content.to_vec() };
            let header = archive.len() as u32;
            let mut shared = Vec::new();
            shared.extend([20, 0, 8, 0]);
            shared.extend(method.to_le_bytes());
            shared.extend([0; 4]);
            // Sizes behind the data, as streaming writers leave them: only the directory has them here.
            archive.extend(b"PK\x03\x04");
            archive.extend(&shared);
            archive.extend([0; 12]);
            archive.extend((name.len() as u16).to_le_bytes());
            archive.extend([0; 2]);
            archive.extend(name.as_bytes());
            archive.extend(&data);
            directory.extend(b"PK\x01\x02\x14\x00");
            directory.extend(&shared);
            directory.extend(crc(content).to_le_bytes());
            directory.extend((data.len() as u32).to_le_bytes());
            directory.extend((content.len() as u32).to_le_bytes());
            directory.extend((name.len() as u16).to_le_bytes());
            directory.extend([0; 12]);
            directory.extend(header.to_le_bytes());
            directory.extend(name.as_bytes());
        }
        let start = archive.len() as u32;
        archive.extend(&directory);
        archive.extend(b"PK\x05\x06\0\0\0\0");
        archive.extend([members.len() as u8, 0, members.len() as u8, 0]);
        archive.extend((directory.len() as u32).to_le_bytes());
        archive.extend(start.to_le_bytes());
        archive.extend([0; 2]);
        archive
    }

    /// The place of the directory entry of the member at `index`, to be spoiled.
    pub(in crate::layers) fn entry(archive: &[u8], index: usize) -> usize {
        memchr::memmem::find_iter(archive, b"PK\x01\x02").nth(index).expect("a member")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::testing::{entry, zip};
    use super::*;

    fn contents(archive: &[u8], limit: u64) -> Vec<String> {
        let mut zip = match Zip::open(Cursor::new(archive)) {
            Ok(zip) => zip,
            Err(error) => return vec![error.to_string()],
        };
        let members = zip.members();
        let mut contents = Vec::new();
        for member in members {
            let content = member.and_then(|member| zip.read(&member, limit));
            contents.push(match content {
                Ok(content) => String::from_utf8_lossy(&content).into_owned(),
                Err(error) => error.to_string(),
            });
        }
        contents
    }

    #[test]
    fn members_stored_and_deflated_are_read() {
        let archive = zip(&[("a", b"stored"), ("b", b"deflated"), ("c", b"")]);
        assert_eq!(contents(&archive, 100), ["stored", "deflated", ""]);
        assert_eq!(contents(&zip(&[]), 100), [""; 0]);
    }

    #[test]
    fn a_long_member_is_the_same_as_a_short_one() {
        // Numbers nobody can deflate to less than half.
        let random =
            std::iter::successors(Some(7_u64), |state| Some(state.wrapping_mul(48_271) % 2_147_483_647));
        let content: String = random.take(60_000).map(|number| format!("{number} ")).collect();
        let archive = zip(&[("a", b""), ("b", content.as_bytes())]);
        assert!(archive.len() as u64 > LONG * 2, "{}", archive.len());
        assert!(contents(&archive, 1 << 20)[1] == content);
        // Its first packed byte, behind both headers: a block of no known kind.
        let mut spoiled = archive.clone();
        spoiled[2 * (30 + 1)] |= 7;
        assert_eq!(contents(&spoiled, 1 << 20)[1], "its content is not what the archive's directory says");
    }

    #[test]
    fn a_start_script_may_stand_before_and_a_comment_behind() {
        let mut archive = b"#!/bin/sh\nexec java -jar $0\n".to_vec();
        archive.extend(zip(&[("a", b"1"), ("b", b"2")]));
        let end = archive.len();
        archive[end - 2] = 5;
        archive.extend(b"hello");
        assert_eq!(contents(&archive, 100), ["1", "2"]);
    }

    #[test]
    fn sizes_of_large_archives_stand_in_the_extra_field() {
        let mut archive = zip(&[("a", b"content")]);
        let at = entry(&archive, 0);
        archive[at + 24..at + 28].fill(0xff);
        archive[at + 30] = 12;
        let extra = [&[1, 0, 8, 0][..], &7_u64.to_le_bytes()].concat();
        archive.splice(at + 47..at + 47, extra);
        let end = archive.len() - 22;
        archive[end + 12] += 12;
        let (length, offset) = (u32_at(&archive, end + 12), u32_at(&archive, end + 16));
        let record = end as u64;
        let mut large = [END_64, &[0; 36]].concat();
        large.extend(u64::from(length.unwrap_or_default()).to_le_bytes());
        large.extend(u64::from(offset.unwrap_or_default()).to_le_bytes());
        large.extend(END_64_LOCATOR);
        large.extend([0; 4]);
        large.extend(record.to_le_bytes());
        large.extend([0; 4]);
        archive[end + 10..end + 20].fill(0xff);
        archive.splice(end..end, large);
        assert_eq!(contents(&archive, 100), ["content"]);
    }

    #[test]
    fn what_is_hostile_is_said_and_not_unpacked() {
        let whole = zip(&[("a", b"stored"), ("b", &[b'x'; 5000])]);
        assert_eq!(contents(&whole, 4999)[1], "5000 bytes is more than the limit of 4999");
        let spoiled = |at: usize, value: u8| {
            let mut archive = whole.clone();
            let entry = entry(&archive, 1);
            archive[entry + at] = value;
            contents(&archive, 10_000)[1].clone()
        };
        assert_eq!(spoiled(8, 1), "it is encrypted");
        assert_eq!(spoiled(10, 12), "it is compressed by method 12, which is not read");
        assert_eq!(spoiled(25, 1), "its content is not what the archive's directory says");
        assert_eq!(spoiled(16, 0), "its content is not what the archive's directory says");
        assert!(spoiled(45, 0x7f).starts_with("it cannot be read"), "{}", spoiled(45, 0x7f));
        assert_eq!(spoiled(28, 0xff), "the zip archive's central directory is broken");
    }

    #[test]
    fn no_prefix_of_an_archive_is_one_and_none_panics() {
        let whole = zip(&[("a", b"stored"), ("b", &[b'x'; 50])]);
        for length in 0..whole.len() {
            let said = contents(&whole[..length], 1000);
            assert!(said.iter().all(|text| text != "stored"), "{length}: {said:?}");
        }
        assert_eq!(
            contents(b"PK\x03\x04 and no more", 9),
            ["it is no zip archive: it has no central directory"]
        );
    }
}
