//! Digests, and readers that take them of whatever passes through.
//!
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests>

use std::fmt;
use std::io::{self, BufRead, Read};

use sha2::{Digest as _, Sha256, Sha512};

use super::SourceError;

/// `sha256:<64 hex digits>` or `sha512:<128 hex digits>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    hex: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Sha256,
    Sha512,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl Digest {
    /// # Errors
    /// When the text is no digest, or of an algorithm we cannot check.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let bad = || SourceError::BadDigest { text: text.to_owned() };
        let (name, hex) = text.split_once(':').ok_or_else(bad)?;
        let (algorithm, digits) = match name {
            "sha256" => (Algorithm::Sha256, 64),
            "sha512" => (Algorithm::Sha512, 128),
            _ => return Err(bad()),
        };
        let right = hex.len() == digits && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        right.then(|| Self { algorithm, hex: hex.to_owned() }).ok_or_else(bad)
    }

    /// The digest of some bytes, by the algorithm of this one.
    pub fn of_same_kind(&self, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::like(self);
        hasher.update(bytes);
        hasher.finish()
    }

    /// Whether both are taken by the same algorithm.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm
    }

    /// Where an OCI layout keeps the blob: `blobs/sha256/<hex>`.
    pub fn blob_name(&self) -> String {
        format!("blobs/{}/{}", self.algorithm.name(), self.hex)
    }

    /// The digest of the blob that an OCI layout keeps under this name.
    pub(super) fn of_blob_name(name: &str) -> Option<Self> {
        let (algorithm, hex) = name.strip_prefix("blobs/")?.split_once('/')?;
        Self::parse(&format!("{algorithm}:{hex}")).ok()
    }

    pub fn sha256(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::Sha256(Sha256::new());
        hasher.update(bytes);
        hasher.finish()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.hex)
    }
}

/// A digest that is being taken.
pub(super) enum Hasher {
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hasher {
    /// By the algorithm of that digest.
    pub(super) fn like(digest: &Digest) -> Self {
        match digest.algorithm {
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Digest {
        match self {
            Self::Sha256(hasher) => Digest { algorithm: Algorithm::Sha256, hex: hex(&hasher.finalize()) },
            Self::Sha512(hasher) => Digest { algorithm: Algorithm::Sha512, hex: hex(&hasher.finalize()) },
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Takes the digest of everything read through it, where one is asked for.
pub(super) struct HashingReader<R> {
    inner: R,
    hasher: Option<Hasher>,
    /// How much of what `inner` holds ready was taken already: a whole buffer at once is faster than the
    /// pieces it is read in.
    taken: usize,
}

/// The same of a source without a buffer, read into the caller's.
pub(super) struct HashingSource<R> {
    inner: R,
    hasher: Option<Hasher>,
}

impl<R: Read> HashingSource<R> {
    /// Hashes by the algorithm of the digest the bytes should have.
    pub(super) fn new(inner: R, expected: Option<&Digest>) -> Self {
        Self { inner, hasher: expected.map(Hasher::like) }
    }

    /// Reads what is left, and gives the digest of the whole.
    pub(super) fn finish(mut self) -> io::Result<Option<Digest>> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.hasher.map(Hasher::finish))
    }
}

impl<R: Read> Read for HashingSource<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..count]);
        }
        Ok(count)
    }
}

impl<R: BufRead> HashingReader<R> {
    /// Hashes by the algorithm of the digest the bytes should have.
    pub(super) fn new(inner: R, expected: Option<&Digest>) -> Self {
        Self { inner, hasher: expected.map(Hasher::like), taken: 0 }
    }

    /// Reads what is left, and gives the digest of the whole.
    pub(super) fn finish(mut self) -> io::Result<Option<Digest>> {
        drain(&mut self)?;
        Ok(self.hasher.map(Hasher::finish))
    }
}

impl<R: BufRead> BufRead for HashingReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let ready = self.inner.fill_buf()?;
        if let (Some(hasher), Some(new)) = (&mut self.hasher, ready.get(self.taken..)) {
            hasher.update(new);
            self.taken = ready.len();
        }
        Ok(ready)
    }

    /// `count` is at most what [`Self::fill_buf`] gave last, as for every such reader.
    fn consume(&mut self, count: usize) {
        self.taken = self.taken.saturating_sub(count);
        self.inner.consume(count);
    }
}

impl<R: BufRead> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// Reads to the end. What follows a tar's end is part of the layer, and of its digest.
fn drain(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let count = reader.fill_buf()?.len();
        if count == 0 {
            return Ok(());
        }
        reader.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_digest_is_of_all_that_was_read_and_of_what_was_not() {
        let expected = Digest::sha256(b"hello");
        let mut reader = HashingReader::new(&b"hello"[..], Some(&expected));
        reader.read_exact(&mut [0; 2]).expect("two bytes");
        assert_eq!(reader.finish().expect("in memory"), Some(expected));
        assert_eq!(HashingReader::new(&b"hello"[..], None).finish().expect("in memory"), None);
        assert_eq!(Digest::sha256(b"").to_string(), EMPTY);
    }

    #[test]
    fn a_source_is_digested_to_its_end() {
        let expected = Digest::sha256(b"hello");
        let mut source = HashingSource::new(&b"hello"[..], Some(&expected));
        source.read_exact(&mut [0; 2]).expect("two bytes");
        assert_eq!(source.finish().expect("in memory"), Some(expected));
        assert_eq!(HashingSource::new(&b"hello"[..], None).finish().expect("in memory"), None);
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        for text in ["", "sha256", "sha256:", "md5:00", "sha256:../../etc/passwd", &EMPTY.to_uppercase()] {
            assert!(Digest::parse(text).is_err(), "{text}");
        }
        assert_eq!(Digest::parse(EMPTY).map(|digest| digest.blob_name().len()).ok(), Some(77));
    }
}
