//! One layer of an image: read, unpacked and walked by threads side by side, its digests verified on the way.
//!
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/layer.md>

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Seek};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use super::blobs::{self, Blobs};
use super::decompress::{Compression, Within, decompressed, unpacked_by};
use super::digest::{Digest, Hasher, HashingReader, HashingSource};
use super::error::LayerError;
use super::forward::Forward;
use super::image::name_of;
use super::lazy;
use super::pipe::{AHEAD, Maker, pipe};
use super::progress::{Progress, Told};
use super::{Request, SourceError, Verify};
use crate::bom::{Gap, GapKind};
use crate::crew::{self, Hand};
use crate::inflate::{Team, WORTH_HELP};
use crate::layers::{Again, Extract, ExtractError, Limits, Wanted, extract, fill};

/// How many chunks of what is packed may wait to be unpacked, but for the one that is being handed over.
const PACKED_AHEAD: usize = 1;

/// A layer that is not packed is worth a thread that hashes from so many bytes on.
const HASHED_ASIDE: u64 = 8 << 20;

/// A layer as the manifest names it.
pub(super) struct LayerBlob {
    pub(super) name: String,
    /// Of the blob as it is packed. Absent in old saved images, which know only diff IDs.
    pub(super) digest: Option<Digest>,
    pub(super) media_type: Option<String>,
    /// What the manifest says of it besides.
    pub(super) annotations: Option<BTreeMap<String, String>>,
}

/// What is asked of a layer.
struct Ask<'a> {
    wanted: &'a Wanted,
    again: &'a Again,
    limits: &'a Limits,
}

impl Ask<'_> {
    fn walk(&self, layer: impl Read + Seek) -> Result<Extract, ExtractError> {
        extract(layer, self.wanted, self.again, self.limits)
    }
}

/// A blob of so many bytes.
pub(super) struct Packed<R> {
    pub(super) data: R,
    pub(super) size: u64,
    pub(super) compression: Compression,
}

/// Reads a blob to its end, and gives its digest if one is to be taken. `check` as for [`decompressed`].
///
/// Unpacking is what a layer waits for: it has a thread that does nothing else, and for a long one others help where
/// there are cores. The caller holds a [`Hand`] of its own.
pub(super) fn unpack(
    blob: Packed<impl Read>,
    expected: Option<&Digest>,
    check: bool,
    limit: u64,
    maker: Maker,
) -> io::Result<Option<Digest>> {
    let Packed { data, size, compression } = blob;
    if compression == Compression::None {
        let beside = if size >= HASHED_ASIDE { Hand::spare() } else { None };
        return match expected.filter(|_| beside.is_some()) {
            Some(expected) => pass_on_and_hash(data, expected, limit, maker),
            None => pass_on(data, expected, limit, maker),
        };
    }
    let threads = if compression == Compression::Gzip && size > WORTH_HELP { crew::threads() } else { 1 };
    let team = Arc::new(Team::new(threads));
    thread::scope(|scope| {
        // Who cuts sections takes several chunks at once.
        let (reader, packed) = pipe(if threads > 1 { 2 * PACKED_AHEAD } else { PACKED_AHEAD });
        for _ in 1..threads {
            // Where no thread can be had, the others do its part.
            let _ = thread::Builder::new().spawn_scoped(scope, || team.help(Hand::spare));
        }
        let team = &team;
        // Both ends go with the thread: nobody is to wait for what follows the compressed data.
        let unpacking = scope.spawn(move || -> io::Result<()> {
            let data = match threads {
                1 => decompressed(compression, packed, check)?,
                _ => unpacked_by(team, packed, check),
            };
            maker.send_all(&mut Within::new(data, limit));
            Ok(())
        });
        let digest = pass_on(data, expected, u64::MAX, reader);
        unpacking.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        digest
    })
}

/// Reads to the end, and hands over what comes as long as somebody takes it.
fn pass_on(
    data: impl Read,
    expected: Option<&Digest>,
    limit: u64,
    maker: Maker,
) -> io::Result<Option<Digest>> {
    let mut hashing = HashingSource::new(data, expected);
    maker.send_all(&mut Within::new(decompressed(Compression::None, &mut hashing, false)?, limit));
    drop(maker);
    hashing.finish()
}

/// The same of what is not packed. Then hashing is what a layer waits for: it has a thread that does nothing else.
fn pass_on_and_hash(
    mut data: impl Read,
    expected: &Digest,
    limit: u64,
    maker: Maker,
) -> io::Result<Option<Digest>> {
    thread::scope(|scope| {
        let (reader, read) = pipe(AHEAD);
        let mut hasher = Hasher::like(expected);
        let hashing =
            scope.spawn(move || read.relay(maker, |bytes| hasher.update(bytes)).then(|| hasher.finish()));
        reader.send_all(&mut Within::new(decompressed(Compression::None, &mut data, false)?, limit));
        drop(reader);
        // What was not read is too much, or cannot be: whoever walks the layer was told, and no digest is of any use.
        let digest = hashing.join().unwrap_or_else(|panic| resume_unwind(panic));
        io::copy(&mut data, &mut io::sink())?;
        Ok(digest)
    })
}

pub(super) struct LayerToRead<'a> {
    pub(super) index: usize,
    pub(super) verify: Verify,
    pub(super) blob: &'a LayerBlob,
    pub(super) diff_id: &'a Digest,
    pub(super) blobs: &'a dyn Blobs,
    pub(super) progress: Option<&'a dyn Progress>,
}

impl LayerToRead<'_> {
    /// All that is wanted of it.
    pub(super) fn read(&self, wanted: &Wanted, limits: &Limits) -> Result<Extract, SourceError> {
        if let Some(media_type) = self.blob.media_type.as_deref().filter(|text| text.contains("encrypted")) {
            return Err(self.error(LayerError::MediaType(media_type.to_owned())));
        }
        let extract = self.pass(&Ask { wanted, again: &Again::default(), limits })?;
        let again = extract.again(wanted);
        if again.is_empty() { Ok(extract) } else { self.pass(&Ask { wanted, again: &again, limits }) }
    }

    /// What only parts of the layer say, where they are enough; and what a reader of the bill should know about it.
    pub(super) fn parts(&self, request: &Request<'_>, told: &lazy::Notes) -> (Option<Extract>, Option<Gap>) {
        let layer = lazy::Layer {
            blobs: self.blobs,
            blob: self.blob,
            part: self.index,
            progress: self.progress,
            wanted: request.wanted,
            limits: request.limits,
        };
        let read = layer.read();
        let gap = told.of(self.index, self.blobs.size(&self.blob.name), &read).map(|reason| Gap {
            path: String::new(),
            line: None,
            kind: GapKind::LeftOut,
            reason: format!("layer {} ({}) {reason}", self.index, self.diff_id),
        });
        (read.ok().map(|parts| parts.extract), gap)
    }

    fn pass(&self, ask: &Ask<'_>) -> Result<Extract, SourceError> {
        let mut data = self.open()?;
        let mut head = [0; 8];
        let length = fill(&mut data, &mut head).map_err(|error| self.error(error.into()))?;
        let head = &head[..length];
        let compression = Compression::of(head);
        if compression == Compression::None && self.verify == Verify::Nothing {
            let part = self.blobs.part(&self.blob.name).map_err(|error| self.error(error.into()))?;
            if let Some(part) = part {
                return ask.walk(part).map_err(|error| self.error(error.into()));
            }
        }
        self.stream(compression, head.chain(data), ask)
    }

    /// One streaming pass. A thread reads and takes the digest of the blob, another unpacks it; this one walks the tar, and
    /// takes the diff ID of it where that is asked for.
    fn stream(
        &self,
        compression: Compression,
        data: impl Read + Send,
        ask: &Ask<'_>,
    ) -> Result<Extract, SourceError> {
        let [packed, plain] = self.digests_to_take(compression);
        let size = self.blobs.size(&self.blob.name);
        let limit = ask.limits.of_layer(Some(size).filter(|size| *size > 0));
        let data = Told { data, part: self.index, progress: self.progress };
        let (walked, packed) = thread::scope(|scope| {
            let (maker, piped) = pipe(AHEAD);
            let check = packed.is_none() && plain.is_none();
            let blob = Packed { data, size, compression };
            let unpacked = scope.spawn(move || unpack(blob, packed, check, limit, maker));
            let mut plain = HashingReader::new(piped, plain);
            let walked = ask.walk(Forward::new(&mut plain)).map_err(LayerError::from);
            let walked = walked.and_then(move |extract| Ok((extract, plain.finish()?)));
            (walked, unpacked.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let (extract, plain) = walked.map_err(|error| self.blame(error))?;
        let packed = packed.map_err(|error| self.blame(error.into()))?;
        if let (Some(expected), Some(found)) = (&self.blob.digest, &packed) {
            self.compare("", expected, found)?;
        }
        if let Some(found) = plain.or(packed.filter(|_| compression == Compression::None)) {
            self.compare(" (diff ID)", self.diff_id, &found)?;
        }
        Ok(extract)
    }

    /// Like which digests the blob and what is in it are to be digested. Once is enough where they are the same.
    fn digests_to_take(&self, compression: Compression) -> [Option<&Digest>; 2] {
        let blob = self.blob.digest.as_ref();
        match (self.verify, compression) {
            (Verify::Nothing, _) => [None, None],
            (_, Compression::None) if blob.is_none_or(|blob| blob.is_like(self.diff_id)) => {
                [Some(self.diff_id), None]
            }
            (Verify::Named, _) if blob.is_some() => [blob, None],
            _ => [blob, Some(self.diff_id)],
        }
    }

    fn open(&self) -> Result<Box<dyn Read + Send>, SourceError> {
        blobs::open(self.blobs, &self.blob.name, "the image's manifest")
    }

    fn compare(&self, which: &str, expected: &Digest, found: &Digest) -> Result<(), SourceError> {
        if expected == found {
            return Ok(());
        }
        let what = format!("layer {} of {}{which}", self.index, name_of(self.blobs.path()));
        Err(SourceError::DigestMismatch { what, expected: expected.clone(), found: found.clone() })
    }

    /// A layer that cannot be read is most often one that was damaged: then both digests tell more than the
    /// place where its tar stopped making sense.
    fn blame(&self, error: LayerError) -> SourceError {
        if let Some(failure) = self.blobs.failure(&self.blob.name) {
            return failure;
        }
        // One that unpacks to too much is not read again to find out more.
        let error = error.or_too_much();
        if self.verify == Verify::Nothing || matches!(error, LayerError::TooMuch(_)) {
            return self.error(error);
        }
        let expected = self.blob.digest.as_ref().unwrap_or(self.diff_id);
        let found = self.open().ok().and_then(|data| {
            HashingReader::new(BufReader::new(data), Some(expected)).finish().ok().flatten()
        });
        let compressed_with_diff_id_only = self.blob.digest.is_none() && self.is_compressed();
        match found {
            Some(found) if found != *expected && !compressed_with_diff_id_only => {
                self.compare("", expected, &found).err().unwrap_or_else(|| self.error(error))
            }
            _ => self.error(error),
        }
    }

    fn is_compressed(&self) -> bool {
        let mut head = [0; 8];
        let read = self.open().map(|mut data| fill(&mut data, &mut head));
        matches!(read, Ok(Ok(length)) if Compression::of(&head[..length]) != Compression::None)
    }

    fn error(&self, source: LayerError) -> SourceError {
        SourceError::layer(self.index, self.diff_id, source)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;

    use super::*;

    /// What comes out and its digest, of `bytes` that may be so many.
    fn passed_on(bytes: &[u8], limit: u64) -> (io::Result<Vec<u8>>, io::Result<Option<Digest>>) {
        thread::scope(|scope| {
            let (maker, mut piped) = pipe(AHEAD);
            let expected = Digest::sha256(b"");
            let reading = scope.spawn(move || pass_on_and_hash(bytes, &expected, limit, maker));
            let mut found = Vec::new();
            let read = piped.read_to_end(&mut found).map(|_| found);
            (read, reading.join().expect("no panic"))
        })
    }

    #[test]
    fn what_is_read_and_hashed_by_two_is_whole() {
        let bytes: Vec<u8> = (0..5_000_000_u32).map(|number| (number % 241) as u8).collect();
        let (found, digest) = passed_on(&bytes, u64::MAX);
        assert!(found.expect("no error") == bytes);
        assert_eq!(digest.expect("no error"), Some(Digest::sha256(&bytes)));
    }

    #[test]
    fn what_is_too_much_has_no_digest() {
        let (found, digest) = passed_on(&[7; 3_000_000], 1_000_000);
        assert!(found.expect_err("too much").to_string().contains("1000000 bytes"));
        assert_eq!(digest.expect("all was read"), None);
    }

    #[test]
    fn who_stops_early_does_not_keep_the_digest() {
        let bytes = vec![3; 4_000_000];
        let digest = thread::scope(|scope| {
            let (maker, mut piped) = pipe(AHEAD);
            let expected = Digest::sha256(b"");
            let bytes = &*bytes;
            let reading = scope.spawn(move || pass_on_and_hash(bytes, &expected, u64::MAX, maker));
            assert!(!piped.fill_buf().expect("some").is_empty());
            drop(piped);
            reading.join().expect("no panic")
        });
        assert_eq!(digest.expect("no error"), Some(Digest::sha256(&bytes)));
    }
}
