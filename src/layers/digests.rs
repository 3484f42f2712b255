//! Digests of files' contents, taken as they pass, where somebody asked for them.
//!
//! Package databases record MD5 (dpkg), SHA-1 (apk) or SHA-256 (rpm, Python); which one a file will be compared
//! with is not known while it passes, so all three are taken. Who is to be told what is there wants SHA-512 too.

use std::io::{self, Read};

use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::{Digests, Entry, Node, inside};

/// Below every regular file: `usr/bin/ls!/.digests`, lines of algorithm and lowercase hexadecimal.
pub const DIGESTS: &str = ".digests";

/// A reader that digests what it reads, if it is asked to.
pub(super) struct Digesting<R> {
    data: R,
    hashes: Option<Box<Hashes>>,
}

struct Hashes {
    compared: Option<(Md5, Sha1)>,
    sha256: Sha256,
    told: Option<Sha512>,
}

impl Hashes {
    fn update(&mut self, bytes: &[u8]) {
        if let Some((md5, sha1)) = &mut self.compared {
            md5.update(bytes);
            sha1.update(bytes);
        }
        self.sha256.update(bytes);
        if let Some(sha512) = &mut self.told {
            sha512.update(bytes);
        }
    }

    fn lines(self) -> String {
        let mut lines = String::new();
        let mut add = |name: &str, digest: &[u8]| lines.push_str(&format!("{name} {}\n", hex(digest)));
        if let Some((md5, sha1)) = self.compared {
            add("md5", &md5.finalize());
            add("sha1", &sha1.finalize());
        }
        add("sha256", &self.sha256.finalize());
        if let Some(sha512) = self.told {
            add("sha512", &sha512.finalize());
        }
        lines
    }
}

impl<R: Read> Digesting<R> {
    pub(super) fn new(data: R, asked: Digests) -> Self {
        let hashes = || Hashes {
            compared: asked.compared.then(Default::default),
            sha256: Sha256::new(),
            told: asked.told.then(Sha512::new),
        };
        Self { data, hashes: asked.any().then(|| Box::new(hashes())) }
    }

    /// Reads what is left, and gives the entry that holds the digests. `None` when nobody asked.
    pub(super) fn finish(mut self, path: &str) -> io::Result<Option<Entry>> {
        if self.hashes.is_none() {
            return Ok(None);
        }
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.hashes.map(|hashes| {
            let lines = hashes.lines().into_bytes();
            Entry { path: inside::below(path, DIGESTS).into(), node: Node::File(lines.into()) }
        }))
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.data.read(buffer)?;
        if let Some(hashes) = &mut self.hashes {
            hashes.update(&buffer[..count]);
        }
        Ok(count)
    }
}

/// The digests of a file on disk.
pub fn digests_of(path: &str, data: impl Read, asked: Digests) -> io::Result<Option<Entry>> {
    Digesting::new(data, asked).finish(path)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_taken() {
        let told = Digests { compared: false, told: true };
        let entry = digests_of("a", &b""[..], told).expect("in memory").expect("asked for");
        let Node::File(lines) = entry.node else { panic!("a file") };
        let lines = String::from_utf8_lossy(&lines).into_owned();
        let names: Vec<&str> = lines.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names, ["sha256", "sha512"]);
        assert!(lines.contains("\nsha512 cf83e1357eefb8bd"));
    }

    #[test]
    fn all_of_a_file_is_digested_whoever_read_how_much_of_it() {
        let compared = Digests { compared: true, told: false };
        let mut reader = Digesting::new(&b"hello world"[..], compared);
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
        assert_eq!(Digesting::new(&b"x"[..], Digests::default()).finish("a").expect("in memory"), None);
    }
}
