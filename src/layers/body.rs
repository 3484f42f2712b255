//! The content of one entry: held whole, or watched while it passes.

use std::io::{self, Read};

/// Reads until the buffer is full or the data end.
pub(crate) fn fill(data: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match data.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Reads the rest of an entry behind what is in `bytes` already.
pub(super) fn read_whole(data: &mut impl Read, size: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    data.read_to_end(bytes)?;
    match bytes.len() as u64 >= size {
        true => Ok(()),
        false => Err(cut_off()),
    }
}

/// Reads the rest of an entry behind what is in front of a buffer, and tells how much that is. The buffer grows with
/// what comes and never shrinks: what it held from the file before is not cleared.
pub(super) fn fill_all(
    data: &mut impl Read,
    begun: usize,
    size: u64,
    buffer: &mut Vec<u8>,
) -> io::Result<usize> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut length = begun;
    while length < size {
        if length == buffer.len() {
            // The size is the archive's word, so memory follows what was read.
            buffer.resize(size.min(length.saturating_mul(2)), 0);
        }
        let end = size.min(buffer.len());
        let count = fill(data, &mut buffer[length..end])?;
        if count < end - length {
            return Err(cut_off());
        }
        length = end;
    }
    Ok(length)
}

/// A file of a layer that passes. Who reads it may make of an error what he likes; it is told at the end.
pub(super) struct Source<R> {
    pub(super) data: R,
    pub(super) left: u64,
    pub(super) failed: Option<io::Error>,
}

impl<R: Read> Source<R> {
    /// Reads what is left.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let rest = if self.failed.is_none() { io::copy(&mut self, &mut io::sink()) } else { Ok(0) };
        match self.failed {
            Some(error) => Err(error),
            None => rest.map(|_| ()),
        }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let failed = match self.data.read(&mut buffer[..most]) {
            Ok(0) if most > 0 => cut_off(),
            Ok(count) => {
                self.left -= count as u64;
                return Ok(count);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => error,
        };
        let kind = failed.kind();
        self.failed = Some(failed);
        Err(kind.into())
    }
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside a file")
}
