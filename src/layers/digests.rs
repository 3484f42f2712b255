//! Digests of files' contents, taken as they pass, where somebody asked for them.
//!
//! Package databases record MD5 (dpkg), SHA-1 (apk) or SHA-256 (rpm, Python); which one a file will be compared
//! with is not known while it passes, so all three are taken.

use std::io::{self, Read};

use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::{Entry, Node, inside};

/// Below every regular file: `usr/bin/ls!/.digests`, lines of algorithm and lowercase hexadecimal.
pub const DIGESTS: &str = ".digests";

/// A reader that digests what it reads, if it is asked to.
pub(super) struct Digesting<R> {
    data: R,
    hashes: Option<Box<(Md5, Sha1, Sha256)>>,
}

impl<R: Read> Digesting<R> {
    pub(super) fn new(data: R, asked: bool) -> Self {
        Self { data, hashes: asked.then(Box::default) }
    }

    /// Reads what is left, and gives the entry that holds the digests. `None` when nobody asked.
    pub(super) fn finish(mut self, path: &str) -> io::Result<Option<Entry>> {
        if self.hashes.is_none() {
            return Ok(None);
        }
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.hashes.map(|hashes| {
            let (md5, sha1, sha256) = *hashes;
            let lines = format!(
                "md5 {}\nsha1 {}\nsha256 {}\n",
                hex(&md5.finalize()),
                hex(&sha1.finalize()),
                hex(&sha256.finalize())
            );
            Entry { path: inside::below(path, DIGESTS).into(), node: Node::File(lines.into_bytes().into()) }
        }))
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.data.read(buffer)?;
        if let Some(hashes) = &mut self.hashes {
            hashes.0.update(&buffer[..count]);
            hashes.1.update(&buffer[..count]);
            hashes.2.update(&buffer[..count]);
        }
        Ok(count)
    }
}

/// The digests of a file on disk.
pub fn digests_of(path: &str, data: impl Read) -> io::Result<Option<Entry>> {
    Digesting::new(data, true).finish(path)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_file_is_digested_whoever_read_how_much_of_it() {
        let mut reader = Digesting::new(&b"hello world"[..], true);
        let mut some = [0; 4];
        reader.read_exact(&mut some).expect("in memory");
        let entry = reader.finish("a/b").expect("in memory").expect("asked for");
        assert_eq!(&*entry.path, "a/b!/.digests");
        let Node::File(lines) = entry.node else { panic!("a file") };
        assert_eq!(
            String::from_utf8_lossy(&lines),
            "md5 5eb63bbbe01eeed093cb22bb8f5acdc3\nsha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed\n\
             sha256 b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9\n"
        );
        assert_eq!(Digesting::new(&b"x"[..], false).finish("a").expect("in memory"), None);
    }
}
