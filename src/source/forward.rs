//! Going forward in a layer without copying what nobody asked for.
//!
//! A tar names the length of each body in front of it. Bodies that are not wanted are passed over: in a stream
//! by dropping what is buffered, in a file by not reading it at all.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// A stream in which one can go forward, and only that.
pub(super) struct Forward<R> {
    inner: R,
    position: u64,
}

impl<R> Forward<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, position: 0 }
    }
}

impl<R: BufRead> Read for Forward<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> Seek for Forward<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut left = distance(to, self.position)?;
        while left > 0 {
            let buffered = self.inner.fill_buf()?.len();
            if buffered == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let count = left.min(buffered as u64);
            self.inner.consume(count as usize);
            self.position += count;
            left -= count;
        }
        Ok(self.position)
    }
}

fn distance(to: SeekFrom, position: u64) -> io::Result<u64> {
    let distance = match to {
        SeekFrom::Current(distance) => u64::try_from(distance).ok(),
        SeekFrom::Start(place) => place.checked_sub(position),
        SeekFrom::End(_) => None,
    };
    distance.ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, "a stream does not go back"))
}

/// Bytes read ahead in a [`Part`]. Most files are smaller than a page or much larger than this; a larger value
/// reads bodies that are passed over.
const READ_AHEAD: usize = 16 << 10;

/// A part of a file: all of it, or one member of an archive.
pub(super) struct Part {
    file: BufReader<File>,
    position: u64,
    size: u64,
}

impl Part {
    /// # Errors
    /// When the file cannot be positioned.
    pub(super) fn new(mut file: File, start: u64, size: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(start))?;
        Ok(Self { file: BufReader::with_capacity(READ_AHEAD, file), position: 0, size })
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size - self.position).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let count = self.file.read(&mut buffer[..length])?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Part {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let distance = distance(to, self.position)?;
        if distance > self.size - self.position {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.seek_relative(i64::try_from(distance).map_err(io::Error::other)?)?;
        self.position += distance;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Three bytes, some passed over, three more, and then further than there is.
    fn walk(mut data: impl Read + Seek) -> (Vec<u8>, io::ErrorKind) {
        let mut found = vec![0; 6];
        data.read_exact(&mut found[..3]).expect("three bytes");
        assert_eq!(data.seek(SeekFrom::Current(50_000)).expect("inside"), 50_003);
        data.read_exact(&mut found[3..]).expect("three bytes");
        assert!(data.seek(SeekFrom::Current(-1)).is_err());
        (found, data.seek(SeekFrom::Current(50_000)).expect_err("behind the end").kind())
    }

    #[test]
    fn a_stream_and_a_part_of_a_file_go_forward_alike() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|number| (number % 241) as u8).collect();
        let expected = [&bytes[..3], &bytes[50_003..50_006]].concat();
        let stream = Forward::new(BufReader::with_capacity(1000, &*bytes));
        assert_eq!(walk(stream), (expected.clone(), io::ErrorKind::UnexpectedEof));
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(&[&[9; 777], &*bytes, &[9; 77_777]].concat()).expect("written");
        let part = Part::new(file, 777, 100_000).expect("positioned");
        assert_eq!(walk(part), (expected, io::ErrorKind::UnexpectedEof));
    }
}
