//! A file that is read here and there: near its start, near its end, and a name at a time. A stretch of it is held, so that
//! going back and forth within that costs nothing.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::layers::inside::Contents;

/// How much is held.
const PAGE: usize = 16 << 10;

pub(super) struct Pages<'a> {
    file: &'a File,
    /// Where the next byte is read.
    position: u64,
    /// Where what is held begins.
    start: u64,
    held: Vec<u8>,
}

impl<'a> Pages<'a> {
    pub(super) fn of(file: &'a File) -> Self {
        Self { file, position: 0, start: 0, held: Vec::new() }
    }

    /// The first bytes of the file: as many as there are, or as the buffer takes.
    pub(super) fn head(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        while length < buffer.len() {
            match read_at(file, &mut buffer[length..], length as u64) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(length)
    }

    /// What is held from the position on.
    fn rest(&self) -> &[u8] {
        let at = self.position.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.held.get(at..)).unwrap_or_default()
    }
}

/// A program is read whole only where it is searched for what it says of itself.
impl Contents for Pages<'_> {}

impl Read for Pages<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest().is_empty() {
            if buffer.len() >= PAGE {
                let count = read_at(self.file, buffer, self.position)?;
                self.position += count as u64;
                return Ok(count);
            }
            self.held.resize(PAGE, 0);
            let read = read_at(self.file, &mut self.held, self.position);
            self.held.truncate(*read.as_ref().unwrap_or(&0));
            self.start = self.position;
            read?;
        }
        let count = self.rest().read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Pages<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

/// The file is at its start again afterwards, where whoever reads all of it begins.
#[cfg(not(unix))]
pub(super) fn read_at(mut file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    file.seek(SeekFrom::Start(position))?;
    let read = file.read(buffer);
    file.rewind()?;
    read
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn every_place_reads_as_it_is() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|number| (number % 251) as u8).collect();
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(&bytes).expect("writable");
        let mut pages = Pages::of(&file);
        for (from, count) in
            [(0, 10), (99_990, 10), (99_000, 20), (99_010, 900), (5, PAGE * 3), (0, 1), (50_000, 3)]
        {
            pages.seek(SeekFrom::Start(from as u64)).expect("there");
            let mut read = vec![0; count];
            pages.read_exact(&mut read).expect("there");
            assert_eq!(read, bytes[from..from + count], "{from} {count}");
        }
        assert_eq!(pages.seek(SeekFrom::End(-10)).expect("there"), 99_990);
        let mut end = Vec::new();
        pages.read_to_end(&mut end).expect("there");
        assert_eq!(end, bytes[99_990..]);
        assert!(pages.seek(SeekFrom::End(-100_001)).is_err());
        pages.seek(SeekFrom::Start(1 << 40)).expect("a place beyond the end is one");
        assert_eq!(pages.read(&mut [0; 4]).expect("nothing"), 0);
        assert_eq!(pages.whole(100_000).as_deref(), Some(&*bytes));
        let mut head = [0; 64];
        assert_eq!(Pages::head(&file, &mut head).expect("readable"), 64);
        assert_eq!(head, bytes[..64]);
    }
}
