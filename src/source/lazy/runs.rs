//! Pieces of a blob, fetched in as few requests as is sensible: what lies between two neighbours is fetched with them where
//! that costs less than asking again.

use std::collections::VecDeque;
use std::io::{self, BufReader, Read};
use std::ops::Range;

use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use zstd::stream::read::Decoder;

use super::Whole;
use super::table::{Chunk, Table};
use crate::source::blobs::Blobs;
use crate::source::progress::{Progress, advanced};

/// Bytes that are fetched and not needed, rather than asking once more.
const GAP: u64 = 128 << 10;

/// How many requests one pass over a blob may take. Where more would be needed, wider gaps are fetched.
const MOST_RUNS: usize = 128;

/// How the members of a layer are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
}

/// A blob far away.
#[derive(Clone, Copy)]
pub(super) struct Remote<'a> {
    pub(super) blobs: &'a dyn Blobs,
    pub(super) name: &'a str,
    pub(super) part: usize,
    pub(super) progress: Option<&'a dyn Progress>,
}

impl Remote<'_> {
    pub(super) fn open(&self, range: Range<u64>) -> Result<Stream, Whole> {
        let length = range.end.saturating_sub(range.start);
        let body = self.blobs.range(self.name, range.clone()).map_err(|error| Whole::unreachable(&error))?;
        let Some(body) = body else {
            return Err(Whole::Plain("the registry does not give parts of it".into()));
        };
        Ok(Stream { body, at: range.start, end: range.start.saturating_add(length), failed: None })
    }

    /// A few bytes, all at once.
    pub(super) fn bytes(&self, range: Range<u64>) -> Result<Vec<u8>, Whole> {
        let length = range.end.saturating_sub(range.start);
        let mut stream = self.open(range)?;
        let mut bytes = Vec::new();
        let read = (&mut stream).take(length).read_to_end(&mut bytes);
        self.tell(length);
        match (read, bytes.len() as u64 == length) {
            (Err(error), _) => Err(Whole::unreachable(&error)),
            (_, false) => Err(Whole::unreachable(&io::ErrorKind::UnexpectedEof.into())),
            _ => Ok(bytes),
        }
    }

    fn tell(&self, bytes: u64) {
        advanced(self.progress, self.part, bytes);
    }
}

/// What comes of one request.
pub(super) struct Stream {
    body: Box<dyn Read + Send>,
    /// Where in the blob it is.
    at: u64,
    end: u64,
    /// Why it broke off: not the fault of what is in it.
    failed: Option<io::Error>,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        match self.body.read(&mut buffer[..most]) {
            Ok(0) if most > 0 => {
                self.failed = Some(io::ErrorKind::UnexpectedEof.into());
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(count) => {
                self.at += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.failed = Some(io::Error::new(error.kind(), error.to_string()));
                Err(error)
            }
        }
    }
}

/// A member as it is unpacked.
struct Member {
    offset: u64,
    /// How much of it was unpacked.
    done: u64,
    data: Unpacking,
}

enum Unpacking {
    Gzip(Box<GzDecoder<io::Take<Stream>>>),
    Zstd(Box<Decoder<'static, BufReader<io::Take<Stream>>>>),
}

impl Unpacking {
    fn into_stream(self) -> Stream {
        match self {
            Self::Gzip(decoder) => decoder.into_inner().into_inner(),
            Self::Zstd(decoder) => decoder.finish().into_inner().into_inner(),
        }
    }
}

impl Read for Unpacking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// Chunks of a blob that are read one after the other, in the order of the blob.
pub(super) struct Runs<'a> {
    remote: Remote<'a>,
    packing: Packing,
    table: &'a Table,
    /// What is yet to be asked for.
    left: VecDeque<Range<u64>>,
    member: Option<Member>,
    stream: Option<Stream>,
}

/// What to ask for to get these chunks, which are in the order of the blob.
pub(super) fn planned(table: &Table, chunks: impl Iterator<Item = usize> + Clone) -> VecDeque<Range<u64>> {
    let mut gap = GAP;
    loop {
        let mut runs: VecDeque<Range<u64>> = VecDeque::new();
        for chunk in chunks.clone().map(|index| &table.chunks[index]) {
            match runs.back_mut() {
                Some(last) if chunk.offset.saturating_sub(last.end) <= gap => {
                    last.end = last.end.max(chunk.end)
                }
                _ => runs.push_back(chunk.offset..chunk.end),
            }
        }
        if runs.len() <= MOST_RUNS {
            return runs;
        }
        gap = gap.saturating_mul(2);
    }
}

pub(super) fn bytes_of(runs: &VecDeque<Range<u64>>) -> u64 {
    runs.iter().map(|run| run.end - run.start).sum()
}

impl<'a> Runs<'a> {
    pub(super) fn new(
        remote: Remote<'a>,
        packing: Packing,
        table: &'a Table,
        left: VecDeque<Range<u64>>,
    ) -> Self {
        Self { remote, packing, table, left, member: None, stream: None }
    }

    /// Puts a chunk behind what is in `content`, verified. Chunks that were planned may be left out, and none may be read
    /// before one that stands before it.
    pub(super) fn read(&mut self, index: usize, content: &mut Vec<u8>) -> Result<(), Whole> {
        let chunk = &self.table.chunks[index];
        let begin = content.len();
        let read = match self.member(chunk) {
            Ok(member) => member.read(chunk, content),
            Err(whole) => return Err(whole),
        };
        let is_right = read.is_ok() && Sha256::digest(&content[begin..]).as_slice() == chunk.sum.as_slice();
        if is_right {
            return Ok(());
        }
        let failed = self.member.take().and_then(|member| member.data.into_stream().failed);
        Err(match (failed, read) {
            (Some(error), _) => Whole::unreachable(&error),
            (None, Err(error)) => {
                Whole::Lies(format!("what it says lies at byte {} cannot be unpacked: {error}", chunk.offset))
            }
            (None, Ok(())) => Whole::Lies(format!("what lies at byte {} is not what it says", chunk.offset)),
        })
    }

    /// The member that a chunk lies in, begun where it was not.
    fn member(&mut self, chunk: &Chunk) -> Result<&mut Member, Whole> {
        let is_open = self
            .member
            .as_ref()
            .is_some_and(|member| member.offset == chunk.offset && member.done <= chunk.inner);
        if !is_open {
            let stream = self.stream_at(chunk.offset)?;
            let length = chunk.end - chunk.offset;
            let data = stream.take(length);
            let data = match self.packing {
                Packing::Gzip => Unpacking::Gzip(Box::new(GzDecoder::new(data))),
                Packing::Zstd => {
                    let decoder = Decoder::with_buffer(BufReader::new(data));
                    let decoder = decoder.map_err(|error| Whole::Plain(error.to_string().into()))?;
                    Unpacking::Zstd(Box::new(decoder.single_frame()))
                }
            };
            self.member = Some(Member { offset: chunk.offset, done: 0, data });
        }
        Ok(self.member.as_mut().expect("it was just made"))
    }

    /// The stream at a place of the blob.
    fn stream_at(&mut self, offset: u64) -> Result<Stream, Whole> {
        let open = self.member.take().map(|member| member.data.into_stream()).or_else(|| self.stream.take());
        if let Some(mut stream) = open.filter(|stream| stream.at <= offset && offset < stream.end) {
            let between = offset - stream.at;
            let skipped = io::copy(&mut (&mut stream).take(between), &mut io::sink());
            return match skipped {
                Ok(count) if count == between => Ok(stream),
                Ok(_) => Err(Whole::unreachable(&io::ErrorKind::UnexpectedEof.into())),
                Err(error) => Err(Whole::unreachable(&error)),
            };
        }
        while let Some(mut run) = self.left.pop_front() {
            if offset < run.end {
                run.start = run.start.max(offset);
                self.remote.tell(run.end - run.start);
                return self.remote.open(run);
            }
        }
        Err(Whole::Plain("it was not planned to be read".into()))
    }
}

impl Member {
    fn read(&mut self, chunk: &Chunk, content: &mut Vec<u8>) -> io::Result<()> {
        let between = chunk.inner - self.done;
        self.done += io::copy(&mut (&mut self.data).take(between), &mut io::sink())?;
        let count = (&mut self.data).take(chunk.size).read_to_end(content)?;
        self.done += count as u64;
        if self.done < chunk.inner + chunk.size {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is shorter"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(places: &[(u64, u64)]) -> Table {
        let chunk = |(offset, end): &(u64, u64)| Chunk {
            offset: *offset,
            end: *end,
            inner: 0,
            size: 1,
            sum: [0; 32],
        };
        Table { rows: Vec::new(), chunks: places.iter().map(chunk).collect() }
    }

    #[test]
    fn near_neighbours_are_asked_for_at_once() {
        let far = 200 + GAP + 1;
        let table = table(&[(100, 200), (200 + GAP, 200 + GAP + 1), (far + 1 + GAP + 1, far + GAP + 10)]);
        let runs = planned(&table, 0..3);
        assert_eq!(runs, [100..far, far + GAP + 2..far + GAP + 10]);
        assert_eq!(bytes_of(&runs), GAP + 101 + 8);
        assert_eq!(planned(&table, [0, 2].into_iter()).len(), 2);
        assert_eq!(planned(&table, 0..0).len(), 0);
    }

    #[test]
    fn requests_are_bounded() {
        let places: Vec<(u64, u64)> = (1..2000).map(|number| (number << 20, (number << 20) + 1)).collect();
        let runs = planned(&table(&places), 0..places.len());
        assert!(runs.len() <= MOST_RUNS, "{}", runs.len());
    }
}
