//! A file of which only some pieces are there. Who reads another gets an error, and the piece is noted.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read, Seek, SeekFrom};

use super::table::Chunk;
use crate::layers::inside::Contents;

pub(super) struct Places<'a> {
    chunks: &'a [Chunk],
    /// Where in the file each chunk has ended.
    ends: Vec<u64>,
    /// The number of the first chunk among all.
    first: usize,
    held: &'a HashMap<usize, Vec<u8>>,
    missing: &'a RefCell<BTreeSet<usize>>,
    at: u64,
}

impl<'a> Places<'a> {
    pub(super) fn of(
        chunks: &'a [Chunk],
        first: usize,
        held: &'a HashMap<usize, Vec<u8>>,
        missing: &'a RefCell<BTreeSet<usize>>,
    ) -> Self {
        let mut end = 0;
        let ends = chunks.iter().map(|chunk| {
            end += chunk.size;
            end
        });
        Self { chunks, ends: ends.collect(), first, held, missing, at: 0 }
    }

    fn size(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }
}

impl Contents for Places<'_> {}

impl Read for Places<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let index = self.ends.partition_point(|end| *end <= self.at);
        let Some(chunk) = self.chunks.get(index).filter(|_| !buffer.is_empty()) else { return Ok(0) };
        let Some(content) = self.held.get(&(self.first + index)) else {
            // Whoever reads on would have met the next as well.
            let last = self.at.saturating_add(buffer.len() as u64).min(self.size());
            let behind = self.ends.partition_point(|end| *end < last);
            let missing = (index..=behind).map(|index| self.first + index);
            self.missing.borrow_mut().extend(missing.filter(|index| !self.held.contains_key(index)));
            return Err(io::Error::other("a piece that is not there yet"));
        };
        let begin = self.ends[index] - chunk.size;
        let rest = content.get((self.at - begin) as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Places<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_noted_and_what_is_there_is_read() {
        let chunk = |size| Chunk { offset: 0, end: 0, inner: 0, size, sum: [0; 32] };
        let chunks = [chunk(3), chunk(4), chunk(2), chunk(1)];
        let mut held = HashMap::from([(10, b"abc".to_vec()), (12, b"hi".to_vec())]);
        let missing = RefCell::default();
        let mut places = Places::of(&chunks, 10, &held, &missing);
        let mut two = [0; 2];
        places.read_exact(&mut two).expect("it is there");
        assert_eq!((&two, places.seek(SeekFrom::End(0)).expect("a place")), (b"ab", 10));
        assert_eq!(places.read(&mut two).expect("the end"), 0);
        places.seek(SeekFrom::Start(2)).expect("a place");
        assert!(places.read_exact(&mut [0; 8]).is_err());
        assert_eq!(*missing.borrow(), BTreeSet::from([11, 13]));
        assert!(places.seek(SeekFrom::Current(-9)).is_err());

        held.extend([(11, b"defg".to_vec()), (13, b"j".to_vec())]);
        let mut places = Places::of(&chunks, 10, &held, &missing);
        let mut all = String::new();
        places.read_to_string(&mut all).expect("all is there");
        assert_eq!(all, "abcdefghij");
    }
}
