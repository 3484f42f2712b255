//! What may stand before the entries of a tar: no more than so much.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes of everything that may stand before an entry's body: its header, its long names, the extensions of PAX, the map
/// of a sparse file. The reader of tars holds them in memory, whatever their headers say of their length.
pub const MOST_HEADS: u64 = 1 << 20;

/// A layer of which only so much is read before the body of an entry.
pub struct Bounded<'a, R> {
    pub data: R,
    /// What may still be read; the bodies have no bound.
    pub heads: &'a Cell<u64>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.heads.get();
        if left == 0 {
            let what = format!("what stands before one entry is more than {MOST_HEADS} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.data.read(&mut buffer[..most])?;
        if left != u64::MAX {
            self.heads.set(left - count as u64);
        }
        Ok(count)
    }
}

impl<R: Seek> Seek for Bounded<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.data.seek(to)
    }
}
