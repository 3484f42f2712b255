//! Layers and archives as they are packed: gzip, zstd, xz or not at all, told by content and not by media type.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::sync::Arc;

use flate2::Crc;
use lzma_rust2::XzReader;

use crate::inflate::{Inflate, Input, Team, Window, window};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Compression {
    /// By the first bytes of the data.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            // A zstd stream may open with a skippable frame.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// Whether we can unpack it.
    pub fn is_readable(self) -> bool {
        self != Self::Bzip2
    }

    /// What unpacks it on a command line.
    pub fn command(self) -> &'static str {
        match self {
            Self::None => "cat",
            Self::Gzip => "gunzip",
            Self::Zstd => "unzstd",
            Self::Bzip2 => "bunzip2",
            Self::Xz => "unxz",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        })
    }
}

/// Kibibytes that unpacking xz may need. The hardest level of the usual program needs 65 MiB.
const XZ_MEMORY: u32 = 128 << 10;

/// Data that comes a chunk at a time.
pub(super) trait Chunks {
    /// Puts as much as there is room for into the chunk; the bytes lie in the range, and an empty one is the end.
    /// What came before an error is given before it.
    fn next(&mut self, chunk: &mut Window) -> io::Result<Range<usize>>;
}

/// The uncompressed data. `check` asks for the sums that are in the data itself to be verified: not needed by
/// those who take a digest of what comes out.
///
/// # Errors
/// For bzip2, which nobody packs images in.
pub(super) fn decompressed<'a>(
    compression: Compression,
    data: impl Read + 'a,
    check: bool,
) -> io::Result<Box<dyn Chunks + 'a>> {
    Ok(match compression {
        Compression::None => Box::new(Plain::new(data)),
        Compression::Gzip => Box::new(Gunzip::of(Inflate::new(Input::new(data)), check)),
        Compression::Zstd => Box::new(Plain::new(zstd::stream::read::Decoder::new(data)?)),
        Compression::Xz => Box::new(Plain::new(XzReader::new_mem_limit(data, true, XZ_MEMORY))),
        other => {
            return Err(io::Error::new(io::ErrorKind::Unsupported, format!("{other} is not supported")));
        }
    })
}

/// The uncompressed data of a long gzip stream, unpacked by a team. `check` as for [`decompressed`].
pub(super) fn unpacked_by<'a>(team: &Arc<Team>, data: impl Read + 'a, check: bool) -> Box<dyn Chunks + 'a> {
    Box::new(Gunzip::of(Inflate::with_team(data, team), check))
}

/// Data that may come to so many bytes.
pub(super) struct Within<'a> {
    inner: Box<dyn Chunks + 'a>,
    limit: u64,
    left: u64,
}

impl<'a> Within<'a> {
    pub(super) fn new(inner: Box<dyn Chunks + 'a>, limit: u64) -> Self {
        Self { inner, limit, left: limit }
    }
}

impl Chunks for Within<'_> {
    fn next(&mut self, chunk: &mut Window) -> io::Result<Range<usize>> {
        let range = self.inner.next(chunk)?;
        match self.left.checked_sub(range.len() as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other(TooMuch(self.limit))),
        }
        Ok(range)
    }
}

/// What packed data comes to is more than it may be.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to more than the limit of {0} bytes")]
pub struct TooMuch(pub u64);

/// Whatever a reader gives.
struct Plain<R> {
    data: R,
    failed: Option<io::Error>,
}

impl<R: Read> Plain<R> {
    fn new(data: R) -> Self {
        Self { data, failed: None }
    }
}

impl<R: Read> Chunks for Plain<R> {
    fn next(&mut self, chunk: &mut Window) -> io::Result<Range<usize>> {
        let mut length = 0;
        while length < chunk.len() && self.failed.is_none() {
            match self.data.read(&mut chunk[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.failed = Some(error),
            }
        }
        match self.failed.take_if(|_| length == 0) {
            Some(error) => Err(error),
            None => Ok(0..length),
        }
    }
}

/// Unpacked data as any other, without a thread of its own.
pub(super) struct Unpacked<'a> {
    chunks: Box<Within<'a>>,
    chunk: Box<Window>,
    left: Range<usize>,
}

impl<'a> Unpacked<'a> {
    /// # Errors
    /// When there is no decoder for it. Reading fails behind `limit` bytes.
    pub(super) fn new(compression: Compression, data: impl Read + 'a, limit: u64) -> io::Result<Self> {
        let chunks = Box::new(Within::new(decompressed(compression, data, true)?, limit));
        Ok(Self { chunks, chunk: window(), left: 0..0 })
    }
}

impl BufRead for Unpacked<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left.is_empty() {
            self.left = self.chunks.next(&mut self.chunk)?;
        }
        Ok(&self.chunk[self.left.clone()])
    }

    fn consume(&mut self, count: usize) {
        self.left.start = (self.left.start + count).min(self.left.end);
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// gzip with any number of members, as parallel compressors and eStargz write it, and with the zero padding
/// that some tools leave at the end.
///
/// Spec: <https://www.rfc-editor.org/rfc/rfc1952>
struct Gunzip<R> {
    inflate: Inflate<R>,
    place: Place,
    check: bool,
    sum: Crc,
}

#[derive(PartialEq, Eq)]
enum Place {
    BeforeMember,
    InMember,
    AtEnd,
}

impl<R: Read> Chunks for Gunzip<R> {
    fn next(&mut self, chunk: &mut Window) -> io::Result<Range<usize>> {
        loop {
            match self.place {
                Place::AtEnd => return Ok(0..0),
                Place::BeforeMember => {
                    self.header()?;
                    self.inflate.restart();
                    self.place = Place::InMember;
                }
                Place::InMember => {
                    let range = self.inflate.next(chunk)?;
                    if !range.is_empty() {
                        if self.check {
                            self.sum.update(&chunk[range.clone()]);
                        }
                        return Ok(range);
                    }
                    self.trailer()?;
                    self.place = if self.another_member()? { Place::BeforeMember } else { Place::AtEnd };
                }
            }
        }
    }
}

impl<R: Read> Gunzip<R> {
    fn of(inflate: Inflate<R>, check: bool) -> Self {
        Self { inflate, place: Place::BeforeMember, check, sum: Crc::new() }
    }

    fn bytes<const COUNT: usize>(&mut self) -> io::Result<[u8; COUNT]> {
        let input = self.inflate.input();
        let bytes = input.peek(COUNT)?.first_chunk().copied().ok_or(io::ErrorKind::UnexpectedEof)?;
        input.skip(COUNT);
        Ok(bytes)
    }

    fn header(&mut self) -> io::Result<()> {
        const CHECKED: u8 = 1 << 1;
        const MORE: u8 = 1 << 2;
        const NAMED: u8 = 1 << 3;
        const COMMENTED: u8 = 1 << 4;
        let [0x1f, 0x8b, 8, flags, ..] = self.bytes::<10>()? else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the gzip header is damaged"));
        };
        if flags & MORE != 0 {
            let mut left = usize::from(u16::from_le_bytes(self.bytes()?));
            while left > 0 {
                left -= self.skip_some(left)?;
            }
        }
        for text in [NAMED, COMMENTED] {
            while flags & text != 0 && self.bytes::<1>()? != [0] {}
        }
        if flags & CHECKED != 0 {
            self.bytes::<2>()?;
        }
        Ok(())
    }

    /// Passes over at most so many bytes, and tells how many.
    fn skip_some(&mut self, most: usize) -> io::Result<usize> {
        let input = self.inflate.input();
        let count = input.peek(most)?.len();
        input.skip(count);
        if count == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(count) }
    }

    fn trailer(&mut self) -> io::Result<()> {
        let sum = u32::from_le_bytes(self.bytes()?);
        let length = u32::from_le_bytes(self.bytes()?);
        let found = std::mem::take(&mut self.sum);
        match self.check && (found.sum(), found.amount()) != (sum, length) {
            true => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the gzip data is damaged: its own sum is another",
            )),
            false => Ok(()),
        }
    }

    /// Whether a further member follows. Zeros are read away; anything else is an error.
    fn another_member(&mut self) -> io::Result<bool> {
        loop {
            let input = self.inflate.input();
            let ready = input.peek(usize::MAX)?;
            match ready.first() {
                None => return Ok(false),
                Some(0x1f) => return Ok(true),
                Some(0) => {
                    let zeros = ready.iter().take_while(|byte| **byte == 0).count();
                    input.skip(zeros);
                }
                Some(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "there is other data behind the gzip stream",
                    ));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression as Level;
    use flate2::GzBuilder;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn read(data: &[u8]) -> io::Result<Vec<u8>> {
        let mut chunks = decompressed(Compression::of(data), data, true)?;
        let mut chunk = window();
        let mut content = Vec::new();
        loop {
            match chunks.next(&mut chunk)? {
                range if range.is_empty() => return Ok(content),
                range => content.extend(&chunk[range]),
            }
        }
    }

    #[test]
    fn all_members_of_a_gzip_are_one_layer() {
        let data = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
        assert_eq!(read(&data).expect("whole"), b"one two");
    }

    #[test]
    fn zeros_behind_a_gzip_are_padding_and_other_bytes_are_not() {
        let padded = [gzip(b"one"), vec![0; 600_000]].concat();
        assert_eq!(read(&padded).expect("padded"), b"one");
        let littered = [gzip(b"one"), b"litter".to_vec()].concat();
        assert!(read(&littered).is_err());
    }

    #[test]
    fn everything_a_gzip_header_may_hold_is_passed_over() {
        let header = GzBuilder::new().filename("a".repeat(5_000)).comment("why").extra(vec![0; 60_000]);
        let mut encoder = header.write(Vec::new(), Level::best());
        encoder.write_all(b"content").expect("in memory");
        let mut data = encoder.finish().expect("in memory");
        assert_eq!(read(&data).expect("whole"), b"content");
        // With a sum over the header, which flate2 does not write.
        let plain = gzip(b"content");
        data = [&plain[..3], &[2], &plain[4..10], &[0, 0], &plain[10..]].concat();
        assert_eq!(read(&data).expect("whole"), b"content");
    }

    #[test]
    fn a_stream_whose_own_sum_is_another_is_damaged() {
        for from_the_end in [1, 5] {
            let mut data = gzip(b"hello");
            let place = data.len() - from_the_end;
            data[place] ^= 1;
            assert!(read(&data).expect_err("damaged").to_string().contains("sum"), "{from_the_end}");
        }
    }

    #[test]
    fn a_truncated_stream_is_an_error() {
        let whole = gzip(&[7; 100_000]);
        for length in [whole.len() - 4, whole.len() - 9, 11, 5] {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
        let whole = zstd::encode_all(&b"hello hello hello"[..], 1).expect("in memory");
        assert_eq!(read(&whole).expect("whole"), b"hello hello hello");
        assert!(read(&whole[..whole.len() - 2]).is_err());
    }

    #[test]
    fn what_is_not_compressed_comes_as_it_is() {
        assert_eq!(read(b"plain").expect("whole"), b"plain");
    }

    #[test]
    fn a_compression_no_runtime_reads_is_refused() {
        assert!(read(b"BZh91AY&SY").is_err());
    }
}
