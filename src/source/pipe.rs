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

impl Piped {
    /// Hands everything on, after `see` saw it; it sees what nobody takes any more, too. Tells whether it came to the end:
    /// an error is handed on instead.
    pub(super) fn relay(self, maker: Maker, mut see: impl FnMut(&[u8])) -> bool {
        for full in self.full {
            let (chunk, range) = match full {
                Ok(full) => full,
                Err(error) => {
                    // Who does not take it has an error of its own.
                    let _ = maker.full.send(Err(error));
                    return false;
                }
            };
            see(&chunk[range.clone()]);
            let used = match maker.full.send(Ok((chunk, range))) {
                Ok(()) => maker.used.try_recv().ok(),
                Err(unsent) => unsent.0.ok().map(|(chunk, _)| chunk),
            };
            // The maker before may be done.
            let _ = used.map(|used| self.used.send(used));
        }
        true
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
    fn who_is_in_between_sees_everything() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
        // Somebody who takes all, and somebody who stops early.
        for taken in [3_000_000, 10] {
            let (mut seen, mut found) = (Vec::new(), vec![0; taken]);
            let is_whole = thread::scope(|scope| {
                let ((first, between), (second, mut last)) = (pipe(AHEAD), pipe(AHEAD));
                let (bytes, seen) = (&*bytes, &mut seen);
                scope.spawn(move || first.send_all(&mut *chunks(bytes)));
                let relay = scope.spawn(move || between.relay(second, |bytes| seen.extend_from_slice(bytes)));
                last.read_exact(&mut found).expect("there is as much");
                drop(last);
                relay.join().expect("no panic")
            });
            assert!(is_whole && seen == bytes && found == bytes[..taken], "{taken}");
        }
    }

    #[test]
    fn what_fails_is_not_whole() {
        struct Fails(u8);
        impl Read for Fails {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                if self.0 > 9 {
                    Err(io::Error::other("the disk is gone"))
                } else {
                    Ok(buffer.len().min(100_000))
                }
            }
        }
        thread::scope(|scope| {
            let ((first, between), (second, mut last)) = (pipe(AHEAD), pipe(AHEAD));
            scope.spawn(move || first.send_all(&mut *chunks(Fails(0))));
            let relay = scope.spawn(move || between.relay(second, |_| {}));
            let error = last.read_to_end(&mut Vec::new()).expect_err("the disk is gone");
            assert_eq!(
                (error.to_string().as_str(), relay.join().expect("no panic")),
                ("the disk is gone", false)
            );
        });
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
