//! An image or a tree in a tar that passes once: from standard input, from a daemon, or compressed on disk.
//!
//! In a saved image the manifest may stand before or behind the layers, so a member is known by what it is: what
//! looks like a layer is walked as it passes, what is JSON is kept, and everything else is an entry of a tree. Which of
//! these it all was is decided when the tar has ended. Nothing is written to disk, and of a layer only the
//! extract stays.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufRead, Cursor, Read};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use super::archive::{self, MAX_LINKS, MAX_MEMBERS};
use super::blobs::{Blobs, MAX_JSON};
use super::decompress::{Compression, Within, decompressed};
use super::digest::{Digest, HashingReader, HashingSource};
use super::error::LayerError;
use super::forward::{Forward, Part};
use super::image::{Plan, Spent, holds_secrets, name_of, own_name};
use super::layer::{LayerBlob, Packed, unpack};
use super::pipe::{AHEAD, Piped, pipe};
use super::progress::{Ended, Event, Told};
use super::{Request, Snapshot, SourceError, Verify, docker_archive, file, oci, packages};
use crate::bom::{Subject, SubjectKind};
use crate::crew::Hand;
use crate::layers::{Bounded, Extract, ExtractError, Item, MOST_HEADS, Walk, clean, fill, parent};

/// Enough to tell a tar, and every other kind.
const HEAD: usize = 512;

/// All JSON of a stream together.
const ALL_JSON: usize = 256 << 20;

/// Members of images lie no deeper than `blobs/sha256/<hex>`.
const DEPTH: usize = 3;

/// Reads whatever comes.
///
/// # Errors
/// When it is of no known kind, or not whole.
pub(super) fn read(data: impl Read + Send, request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let (head, data) = headed(data).map_err(|error| SourceError::io(request.path, error))?;
    if head.is_empty() {
        return Err(SourceError::Empty { path: request.path.to_owned() });
    }
    let compression = Compression::of(&head);
    let tell = |event: Event<'_>| {
        if let Some(progress) = request.progress {
            progress.tell(event);
        }
    };
    let name = request.path.to_string_lossy();
    tell(Event::Planned {
        part: 0,
        name: &name,
        bytes: fs::metadata(request.path).ok().map(|about| about.len()),
    });
    let data = Told { data, part: 0, progress: request.progress };
    let snapshot = unpacked(data, compression, request, |piped| {
        let (head, data) = headed(piped).map_err(|source| broken(request.path, source))?;
        if archive::is_tar_head(&head) {
            return pass(data, request);
        }
        file::read_stream(&head, data, compression, request)
    })?;
    tell(Event::Ended { part: 0, how: Ended::Read });
    Ok(snapshot)
}

/// Data whose first bytes were looked at.
type Whole<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first bytes of some data, and all of it.
fn headed<R: Read>(mut data: R) -> io::Result<(Vec<u8>, Whole<R>)> {
    let mut head = vec![0; HEAD];
    let length = fill(&mut data, &mut head)?;
    head.truncate(length);
    Ok((head.clone(), Cursor::new(head).chain(data)))
}

/// Unpacks on a thread of its own.
pub(super) fn unpacked<T>(
    data: impl Read + Send,
    compression: Compression,
    request: &Request<'_>,
    read: impl FnOnce(Piped) -> Result<T, SourceError>,
) -> Result<T, SourceError> {
    if !compression.is_readable() {
        return Err(SourceError::CompressedArchive { path: request.path.to_owned(), compression });
    }
    let limit = request.limits.of_layer(None);
    thread::scope(|scope| {
        let (maker, piped) = pipe(AHEAD);
        let unpacking = scope.spawn(move || -> io::Result<()> {
            maker.send_all(&mut Within::new(decompressed(compression, data, true)?, limit));
            Ok(())
        });
        let read = read(piped);
        let unpacking = unpacking.join().unwrap_or_else(|panic| resume_unwind(panic));
        unpacking.map_err(|source| broken(request.path, source))?;
        read
    })
}

fn broken(path: &Path, source: io::Error) -> SourceError {
    SourceError::BrokenArchive { path: path.to_owned(), source }
}

/// What an extract's errors are called where there is no layer.
pub(super) fn of_tree(path: &Path, error: ExtractError) -> SourceError {
    broken(
        path,
        match error {
            ExtractError::Broken { source, after } if source.kind() == io::ErrorKind::UnexpectedEof => {
                io::Error::new(source.kind(), format!("it ends behind `{after}`"))
            }
            ExtractError::Broken { source, .. } => source,
            many @ ExtractError::TooManyEntries(_) => io::Error::other(many),
        },
    )
}

/// Goes through a tar once.
fn pass(data: impl BufRead, request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let none = BTreeSet::new();
    let mut pass = Pass {
        request,
        tree: Walk::new(request.wanted, &none, request.limits).once(),
        kept: Kept { path: request.path.to_owned(), ..Kept::default() },
        layers: BTreeMap::new(),
        spent: Spent::default(),
    };
    let mut data = Forward::new(data);
    let heads = Cell::new(MOST_HEADS);
    let mut archive = tar::Archive::new(Bounded { data: &mut data, heads: &heads });
    let broken = |source| broken(request.path, source);
    for entry in archive.entries_with_seek().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        heads.set(u64::MAX);
        pass.member(&mut entry)?;
        heads.set(MOST_HEADS);
    }
    // Whoever writes is to be heard to the end, and a sum may stand there.
    io::copy(&mut data, &mut io::sink()).map_err(broken)?;
    pass.finish()
}

struct Pass<'a> {
    request: &'a Request<'a>,
    tree: Walk<'a>,
    kept: Kept,
    layers: BTreeMap<String, Passed>,
    spent: Spent,
}

/// A layer that has passed, or something that looked like one.
struct Passed {
    /// Of the member as it was.
    packed: Option<Digest>,
    /// Of what came out. Absent where that is the same.
    plain: Option<Digest>,
    /// Taken by whoever asks first, as an error cannot be told twice.
    extract: Option<Result<Extract, LayerError>>,
}

impl Pass<'_> {
    fn member<R: Read>(&mut self, entry: &mut tar::Entry<'_, R>) -> Result<(), SourceError> {
        use tar::EntryType;
        let path = self.request.path;
        let Some(name) = clean(&entry.path_bytes()) else { return self.entry(entry) };
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous if self.may_be_of_an_image(&name) => {
                if self.layers.len() + self.kept.small.len() > MAX_MEMBERS {
                    let reason = format!("it has more than {MAX_MEMBERS} members");
                    return Err(broken(path, io::Error::other(reason)));
                }
                self.file(&name, entry)
            }
            kind @ (EntryType::Symlink | EntryType::Link) if name.matches('/').count() < DEPTH => {
                let folder = if kind == EntryType::Symlink { parent(&name) } else { "" };
                if let Some(target) = archive::link_of(entry, folder) {
                    self.kept.links.insert(name, target);
                }
                self.entry(entry)
            }
            _ => self.entry(entry),
        }
    }

    fn entry<R: Read>(&mut self, entry: &mut tar::Entry<'_, R>) -> Result<(), SourceError> {
        self.tree.entry(entry).map_err(|error| of_tree(self.request.path, error))
    }

    fn may_be_of_an_image(&self, name: &str) -> bool {
        is_part_of_an_image(name)
            || leads_to_an_image(name)
            || (name.matches('/').count() < DEPTH && !self.request.wanted.wants(name))
    }

    fn file<R: Read>(&mut self, name: &str, entry: &mut tar::Entry<'_, R>) -> Result<(), SourceError> {
        let path = self.request.path;
        let size = entry.size();
        let mut head = [0; HEAD];
        let length = fill(entry, &mut head).map_err(|source| broken(path, source))?;
        let head = &head[..length];
        let is_gem = name == packages::gem::METADATA && size <= MAX_JSON;
        if is_layer(head) && !is_gem {
            let mut body = Counted { data: head.chain(entry), count: 0 };
            let passed = layer(self.request, name, head, size, &mut body);
            if let Some(Ok(extract)) = &passed.extract {
                self.spent.on(extract, self.request.limits)?;
            }
            if body.count < size {
                let reason = format!("it ends inside `{name}`");
                return Err(broken(path, io::Error::new(io::ErrorKind::UnexpectedEof, reason)));
            }
            self.layers.insert(name.to_owned(), passed);
            return self.put(name, Item::Other);
        }
        let is_kept = is_gem || (is_json(head) || packages::is_word(name)) && size <= MAX_JSON;
        if !is_kept || self.kept.bytes.saturating_add(size as usize) > ALL_JSON {
            return self.put(name, Item::File { size, data: &mut head.chain(entry) });
        }
        let mut bytes = Vec::new();
        head.chain(entry).read_to_end(&mut bytes).map_err(|source| broken(path, source))?;
        if (bytes.len() as u64) < size {
            let reason = format!("it ends inside `{name}`");
            return Err(broken(path, io::Error::new(io::ErrorKind::UnexpectedEof, reason)));
        }
        self.put(name, Item::File { size, data: &mut bytes.as_slice() })?;
        self.kept.bytes += bytes.len();
        self.kept.small.insert(name.to_owned(), bytes.into());
        Ok(())
    }

    fn put(&mut self, name: &str, item: Item<'_>) -> Result<(), SourceError> {
        self.tree.put(name, item).map_err(|error| of_tree(self.request.path, error))
    }

    fn finish(self) -> Result<Snapshot, SourceError> {
        let has_layout = self.kept.has("oci-layout") || self.kept.small.keys().any(|name| is_blob(name));
        if has_layout && self.kept.has(oci::INDEX) {
            let plan = oci::plan_of(&self.kept, self.request)?;
            return self.image(plan);
        }
        let manifest = self.kept.find(docker_archive::MANIFEST);
        if manifest.is_some_and(|bytes| docker_archive::is_manifest(bytes)) {
            let plan = docker_archive::plan_of(&self.kept, self.request)?;
            return self.image(plan);
        }
        if self.layers.keys().chain(self.kept.small.keys()).any(|name| is_part_of_an_image(name)) {
            return Err(SourceError::TarWithoutImage { path: self.request.path.to_owned() });
        }
        self.tree()
    }

    fn image(mut self, plan: Plan) -> Result<Snapshot, SourceError> {
        let diff_ids = plan.diff_ids(self.request.path)?;
        let mut extracts = Vec::new();
        for (index, (blob, diff_id)) in plan.layers.iter().zip(&diff_ids).enumerate() {
            extracts.push(self.layer(index, blob, diff_id)?);
        }
        if let Some(cache) = self.request.cache.filter(|_| self.request.verify != Verify::Nothing) {
            let shelf = cache.shelf(self.request.wanted, self.request.limits, self.request.verify);
            for ((diff_id, layer), extract) in diff_ids.iter().zip(&plan.layers).zip(&extracts) {
                if !holds_secrets(extract) {
                    shelf.put(diff_id, layer.digest.as_ref(), extract);
                }
            }
        }
        Ok(plan.snapshot(diff_ids, extracts))
    }

    fn layer(&mut self, index: usize, blob: &LayerBlob, diff_id: &Digest) -> Result<Extract, SourceError> {
        let failed = |source| SourceError::layer(index, diff_id, source);
        if let Some(media_type) = blob.media_type.as_deref().filter(|text| text.contains("encrypted")) {
            return Err(failed(LayerError::MediaType(media_type.to_owned())));
        }
        let name = self.kept.resolved(&blob.name, |name| self.layers.contains_key(name));
        let passed =
            name.and_then(|name| self.layers.get_mut(&name)).ok_or_else(|| SourceError::MissingBlob {
                path: self.request.path.to_owned(),
                name: blob.name.clone(),
                wanted_by: "the image's manifest".to_owned(),
            })?;
        let compare = |which: &str, expected: Option<&Digest>, found: Option<&Digest>| {
            let (Some(expected), Some(found)) = (expected, found) else { return Ok(()) };
            let what = format!("layer {index} of {}{which}", name_of(self.request.path));
            match expected == found {
                true => Ok(()),
                false => Err(SourceError::DigestMismatch {
                    what,
                    expected: expected.clone(),
                    found: found.clone(),
                }),
            }
        };
        compare("", blob.digest.as_ref(), passed.packed.as_ref())?;
        let plain = passed.plain.as_ref().or(passed.packed.as_ref());
        let is_walked = passed.extract.as_ref().is_some_and(Result::is_ok);
        if is_walked || passed.plain.is_some() {
            compare(" (diff ID)", Some(diff_id), plain)?;
        }
        // The same layer may stand in an image twice.
        match &mut passed.extract {
            Some(Ok(extract)) => Ok(extract.clone()),
            failure => match failure.take() {
                Some(Err(error)) => Err(failed(error)),
                _ => Err(failed(LayerError::Io(io::ErrorKind::InvalidData.into()))),
            },
        }
    }

    /// The files of a gem, as if it had been installed. `None` where the tar is none.
    fn gem(&mut self) -> Option<Result<Extract, LayerError>> {
        let metadata = self.kept.small.get(packages::gem::METADATA)?;
        let files = self.layers.get_mut(packages::gem::FILES)?.extract.take()?;
        match files {
            Ok(files) => packages::gem::installed(metadata, files).map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// There was no image in it: the tar is a tree of files.
    fn tree(mut self) -> Result<Snapshot, SourceError> {
        if let Some(gem) = self.gem() {
            let path = self.request.path;
            let broken = |error: LayerError| broken(path, io::Error::other(error));
            return Ok(file::snapshot(own_name(path), gem.map_err(broken)?));
        }
        let mut extract = self.tree.finish();
        let mut snapshot = Snapshot {
            subject: Subject {
                kind: SubjectKind::Directory,
                name: own_name(self.request.path),
                ..Subject::default()
            },
            ..Snapshot::default()
        };
        packages::of_tar(&self.kept.small, &mut extract, &mut snapshot.subject);
        snapshot.gaps = extract.gaps.clone();
        snapshot.extracts = vec![extract];
        Ok(snapshot)
    }
}

/// Walks what may be a layer, on a thread of its own.
fn layer(request: &Request<'_>, name: &str, head: &[u8], size: u64, body: &mut impl Read) -> Passed {
    let limit = request.limits.of_layer(Some(size));
    let compression = Compression::of(head);
    let is_verified = request.verify != Verify::Nothing;
    // Which algorithm the digests are to be of is told by the name at most; a diff ID is of SHA-256 everywhere.
    let sha256 = Digest::sha256(b"");
    let like = name.rsplit_once('/').and_then(|(folder, hex)| {
        Digest::parse(&format!("{}:{hex}", folder.rsplit('/').next().unwrap_or_default())).ok()
    });
    let like = like.unwrap_or_else(|| sha256.clone());
    // What a layer that is not packed says by its name is its diff ID too, and that it says the truth is seen below.
    let shelf = request.cache.map(|cache| cache.shelf(request.wanted, request.limits, request.verify));
    let known = shelf.filter(|_| compression == Compression::None && like != sha256);
    if let Some(extract) = known.and_then(|shelf| shelf.get(&like, None)) {
        let packed = HashingSource::new(body, is_verified.then_some(&like)).finish();
        return match packed {
            Ok(packed) => Passed { packed, plain: None, extract: Some(Ok(extract)) },
            Err(error) => Passed { packed: None, plain: None, extract: Some(Err(error.into())) },
        };
    }
    let takes_both = compression != Compression::None || !like.is_like(&sha256);
    let plain = (is_verified && takes_both).then_some(&sha256);
    let packed = is_verified.then_some(&like);
    let _hand = Hand::always();
    thread::scope(|scope| {
        let (maker, piped) = pipe(AHEAD);
        let walking = scope.spawn(move || walked(piped, plain, request));
        let packed = unpack(Packed { data: body, size, compression }, packed, !is_verified, limit, maker);
        let walked = walking.join().unwrap_or_else(|panic| resume_unwind(panic));
        let (extract, plain) = match walked {
            Ok((extract, plain)) => (Ok(extract), plain),
            Err(error) => (Err(error.or_too_much()), None),
        };
        match packed {
            Ok(packed) => Passed { packed, plain, extract: Some(extract) },
            Err(error) => Passed { packed: None, plain: None, extract: Some(Err(error.into())) },
        }
    })
}

fn walked(
    piped: Piped,
    digest: Option<&Digest>,
    request: &Request<'_>,
) -> Result<(Extract, Option<Digest>), LayerError> {
    let mut plain = HashingReader::new(piped, digest);
    let none = BTreeSet::new();
    let mut walk = Walk::new(request.wanted, &none, request.limits).once();
    walk.tar(Forward::new(&mut plain))?;
    Ok((walk.finish(), plain.finish()?))
}

/// The small things of a stream, as the blobs of an image.
#[derive(Default)]
struct Kept {
    path: PathBuf,
    small: BTreeMap<String, Arc<[u8]>>,
    links: BTreeMap<String, String>,
    bytes: usize,
}

impl Kept {
    fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<&Arc<[u8]>> {
        self.small.get(&self.resolved(name, |name| self.small.contains_key(name))?)
    }

    /// The name of what is there, links followed.
    fn resolved(&self, name: &str, is_there: impl Fn(&str) -> bool) -> Option<String> {
        let mut name = clean(name.as_bytes())?;
        for _ in 0..MAX_LINKS {
            if is_there(&name) {
                return Some(name);
            }
            name.clone_from(self.links.get(&name)?);
        }
        None
    }
}

impl Blobs for Kept {
    fn path(&self) -> &Path {
        &self.path
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>> {
        let bytes = self.find(name).map(Arc::clone);
        Ok(bytes.map(|bytes| Box::new(Cursor::new(bytes)) as Box<dyn Read + Send>))
    }

    fn part(&self, _: &str) -> io::Result<Option<Part>> {
        Ok(None)
    }

    fn size(&self, name: &str) -> u64 {
        self.find(name).map_or(0, |bytes| bytes.len() as u64)
    }
}

/// A reader that counts.
struct Counted<R> {
    data: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.data.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

/// Names that only parts of images have.
pub(super) fn is_part_of_an_image(name: &str) -> bool {
    let stem = name.strip_suffix(".tar").or_else(|| name.strip_suffix(".json"));
    is_blob(name) || name.ends_with("/layer.tar") || stem.is_some_and(is_hex)
}

/// Names that lead to the parts, and that other things have too.
fn leads_to_an_image(name: &str) -> bool {
    matches!(name, oci::INDEX | docker_archive::MANIFEST | "oci-layout" | "repositories")
}

fn is_blob(name: &str) -> bool {
    let hex = name.strip_prefix("blobs/sha256/").or_else(|| name.strip_prefix("blobs/sha512/"));
    hex.is_some_and(is_hex)
}

fn is_hex(text: &str) -> bool {
    text.len() >= 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What may be a layer: a tar, one without entries, and anything compressed.
fn is_layer(head: &[u8]) -> bool {
    archive::is_tar_head(head)
        || Compression::of(head) != Compression::None
        || (head.len() == HEAD && head.iter().all(|byte| *byte == 0))
}

fn is_json(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    matches!(head.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'['))
}
