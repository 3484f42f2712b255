//! Bytes made by one thread and used by another, a few chunks ahead: what feeds a layer's walk while the next
//! part is still being unpacked.

use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::decompress::Chunks;
use crate::inflate::{Window, window};

/// How many chunks the maker of a layer may be ahead of its user.
pub(super) const AHEAD: usize = 2;

/// Large enough that handing it over costs nothing, small enough to stay in a core's cache.
type Chunk = Box<Window>;

/// The end that is written to.
pub(super) struct Maker {
    full: SyncSender<io::Result<(Chunk, Range<usize>)>>,
    used: Receiver<Chunk>,
}

/// The end that is read from.
pub(super) struct Piped {
    full: Receiver<io::Result<(Chunk, Range<usize>)>>,
    used: Sender<Chunk>,
    /// None before the first.
    chunk: Option<Chunk>,
    /// What of it is left.
    left: Range<usize>,
}

/// Both ends of a pipe, in which so many chunks may wait.
pub(super) fn pipe(ahead: usize) -> (Maker, Piped) {
    let (full, received) = sync_channel(ahead);
    let (used, returned) = channel();
    (Maker { full, used: returned }, Piped { full: received, used, chunk: None, left: 0..0 })
}

impl Maker {
    /// Sends everything `data` gives, and its error if there is one. Stops early when nobody reads any more.
    pub(super) fn send_all(&self, data: &mut dyn Chunks) {
        loop {
            let mut chunk = self.used.try_recv().unwrap_or_else(|_| window());
            let (message, is_last) = match data.next(&mut chunk) {
                Ok(range) if range.is_empty() => return,
                Ok(range) => (Ok((chunk, range)), false),
                Err(error) => (Err(error), true),
            };
            if self.full.send(message).is_err() || is_last {
                return;
            }
        }
    }
}

impl BufRead for Piped {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left.is_empty()
            && let Ok(next) = self.full.recv()
        {
            let (chunk, range) = next?;
            self.left = range;
            if let Some(used) = self.chunk.replace(chunk) {
                // The maker may be done, and then the chunk is of no use to it.
                let _ = self.used.send(used);
            }
        }
        Ok(self.chunk.as_ref().map_or(&[], |chunk| &chunk[self.left.clone()]))
    }

    fn consume(&mut self, count: usize) {
        self.left.start = (self.left.start + count).min(self.left.end);
    }
}

impl Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::super::decompress::{Compression, decompressed};
    use super::*;

    fn chunks<'a>(data: impl Read + 'a) -> Box<dyn Chunks + 'a> {
        decompressed(Compression::None, data, true).expect("plain data")
    }

    fn through(data: impl Read + Send) -> (Vec<u8>, io::Result<usize>) {
        thread::scope(|scope| {
            let (maker, mut piped) = pipe(AHEAD);
            scope.spawn(move || maker.send_all(&mut *chunks(data)));
            let mut found = Vec::new();
            let read = piped.read_to_end(&mut found);
            (found, read)
        })
    }

    #[test]
    fn everything_arrives_in_order() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
        let (found, read) = through(&*bytes);
        assert_eq!((found == bytes, read.expect("no error")), (true, bytes.len()));
        assert_eq!(through(&b""[..]).1.expect("no error"), 0);
    }

    #[test]
    fn an_error_arrives_as_what_it_was() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::new(io::ErrorKind::InvalidData, "corrupt"))
            }
        }
        let (_, read) = through(Broken);
        assert_eq!(read.expect_err("broken").to_string(), "corrupt");
    }

    #[test]
    fn a_user_who_stops_early_does_not_keep_the_maker() {
        thread::scope(|scope| {
            let (maker, mut piped) = pipe(AHEAD);
            scope.spawn(move || maker.send_all(&mut *chunks(io::repeat(7))));
            piped.read_exact(&mut [0; 10]).expect("ten bytes");
            drop(piped);
        });
    }
}
