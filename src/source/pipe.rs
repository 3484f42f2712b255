//! Bytes made by one thread and used by another, a few chunks ahead: what feeds a layer's walk while the next
//! part is still being unpacked.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// Of one chunk. Large enough that handing it over costs nothing, small enough to stay in a core's cache.
const CHUNK: usize = 256 << 10;

/// How many chunks the maker may be ahead of the user.
const AHEAD: usize = 4;

/// The end that is written to.
pub(super) struct Maker {
    full: SyncSender<io::Result<Vec<u8>>>,
    used: Receiver<Vec<u8>>,
}

/// The end that is read from.
pub(super) struct Piped {
    full: Receiver<io::Result<Vec<u8>>>,
    used: Sender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
}

/// Both ends of a pipe.
pub(super) fn pipe() -> (Maker, Piped) {
    let (full, received) = sync_channel(AHEAD);
    let (used, returned) = channel();
    (Maker { full, used: returned }, Piped { full: received, used, chunk: Vec::new(), at: 0 })
}

impl Maker {
    /// Sends everything `data` gives, and its error if there is one. Stops early when nobody reads any more.
    pub(super) fn send_all(&self, data: &mut impl Read) {
        loop {
            let mut chunk = self.used.try_recv().unwrap_or_else(|_| vec![0; CHUNK]);
            chunk.resize(CHUNK, 0);
            let (length, ended) = fill(data, &mut chunk);
            chunk.truncate(length);
            if length > 0 && self.full.send(Ok(chunk)).is_err() {
                return;
            }
            match ended {
                Ended::No => {}
                Ended::Well => return,
                Ended::With(error) => {
                    // Whether it arrives or not, there is no more.
                    let _ = self.full.send(Err(error));
                    return;
                }
            }
        }
    }
}

impl BufRead for Piped {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.chunk.len()
            && let Ok(next) = self.full.recv()
        {
            let used = std::mem::replace(&mut self.chunk, next?);
            self.at = 0;
            // The maker may be done, and then the chunk is of no use to it.
            let _ = self.used.send(used);
        }
        Ok(&self.chunk[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.chunk.len());
    }
}

impl Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

enum Ended {
    No,
    Well,
    With(io::Error),
}

/// Reads until the buffer is full or the data ends; what came before an error is not lost.
fn fill(data: &mut impl Read, buffer: &mut [u8]) -> (usize, Ended) {
    let mut length = 0;
    while length < buffer.len() {
        match data.read(&mut buffer[length..]) {
            Ok(0) => return (length, Ended::Well),
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (length, Ended::With(error)),
        }
    }
    (length, Ended::No)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn through(data: impl Read + Send) -> (Vec<u8>, io::Result<usize>) {
        thread::scope(|scope| {
            let (maker, mut piped) = pipe();
            let mut data = data;
            scope.spawn(move || maker.send_all(&mut data));
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
            let (maker, mut piped) = pipe();
            scope.spawn(move || maker.send_all(&mut io::repeat(7)));
            piped.read_exact(&mut [0; 10]).expect("ten bytes");
            drop(piped);
        });
    }
}
