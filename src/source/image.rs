//! An image once its parts are known: config and layers, read side by side, every blob's digest verified.
//!
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/config.md>

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read, Seek};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use serde::Deserialize;

use super::blobs::{self, Blobs};
use super::cache::Shelf;
use super::decompress::{Compression, Within, decompressed};
use super::digest::{Digest, HashingReader, HashingSource};
use super::error::LayerError;
use super::forward::Forward;
use super::lazy;
use super::pipe::{AHEAD, Maker, pipe};
use super::progress::{Ended, Event, Progress, Told};
use super::{Request, Snapshot, SourceError, Verify};
use crate::bom::{Gap, GapKind, Layer, LicenseClaim, Secret, SecretPlace, Subject, SubjectKind};
use crate::crew;
use crate::layers::{Again, Extract, ExtractError, Limits, Node, Wanted, extract};
use crate::secrets;

/// How many layers come over a network at once, however few cores there are.
const REMOTE: usize = 3;

/// How many chunks of what is packed may wait to be unpacked, but for the one that is being handed over.
const PACKED_AHEAD: usize = 0;

/// The config of an image, as far as we need it. Builders leave things out; only the diff IDs are needed.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    created: Option<String>,
    architecture: Option<String>,
    os: Option<String>,
    variant: Option<String>,
    rootfs: RootFs,
    #[serde(default)]
    history: Option<Vec<History>>,
    /// How its processes are started.
    #[serde(default)]
    config: Option<Process>,
}

#[derive(Debug, Deserialize, Default)]
struct Process {
    #[serde(rename = "User", default)]
    user: Option<String>,
    #[serde(rename = "Env", default)]
    environment: Option<Vec<String>>,
    #[serde(rename = "Labels", default)]
    labels: Option<BTreeMap<String, String>>,
}

/// What an image says of itself in annotations of its manifest or labels of its config: what it was built on, under
/// which licences it is, and who distributes it.
///
/// Spec: <https://github.com/opencontainers/image-spec/blob/main/annotations.md>
const BASE_NAME: &str = "org.opencontainers.image.base.name";
const LICENSES: &str = "org.opencontainers.image.licenses";
const VENDOR: &str = "org.opencontainers.image.vendor";

#[derive(Debug, Deserialize)]
struct RootFs {
    diff_ids: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct History {
    created_by: Option<String>,
    #[serde(default)]
    empty_layer: bool,
}

/// A layer as the manifest names it.
pub(super) struct LayerBlob {
    pub(super) name: String,
    /// Of the blob as it is packed. Absent in old saved images, which know only diff IDs.
    pub(super) digest: Option<Digest>,
    pub(super) media_type: Option<String>,
    /// What the manifest says of it besides.
    pub(super) annotations: Option<BTreeMap<String, String>>,
}

/// Everything that was found out before the first layer is read.
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) manifest_digest: Option<Digest>,
    pub(super) config_digest: Digest,
    pub(super) config: Config,
    pub(super) layers: Vec<LayerBlob>,
    /// What the manifest says of the image.
    pub(super) annotations: Option<BTreeMap<String, String>>,
    pub(super) notes: Vec<String>,
}

/// Layers that several images have: read for the first of them, and kept for the others.
#[derive(Default)]
pub(super) struct Shared {
    /// With how many images still ask.
    layers: Mutex<BTreeMap<SharedLayer, (usize, Option<Extract>)>>,
}

/// A diff ID, and the digest of the blob: the first alone is only what an image says.
type SharedLayer = (Digest, Option<Digest>);

impl Shared {
    /// Of images that are to be read.
    pub(super) fn of(plans: &[Plan]) -> Self {
        let mut asking: BTreeMap<SharedLayer, (usize, Option<Extract>)> = BTreeMap::new();
        for plan in plans {
            for (id, layer) in plan.config.diff_ids().unwrap_or_default().into_iter().zip(&plan.layers) {
                asking.entry((id, layer.digest.clone())).or_default().0 += 1;
            }
        }
        asking.retain(|_, (count, _)| *count > 1);
        Self { layers: Mutex::new(asking) }
    }

    fn take(&self, id: &SharedLayer) -> Option<Extract> {
        let mut layers = self.lock();
        let (left, extract) = layers.get_mut(id)?;
        *left = left.saturating_sub(1);
        if *left == 0 { extract.take() } else { extract.clone() }
    }

    fn put(&self, id: &SharedLayer, extract: &Extract) {
        if let Some((left, kept)) = self.lock().get_mut(id)
            && *left > 0
        {
            *kept = Some(extract.clone());
        }
    }

    /// Nothing is done under the lock that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<SharedLayer, (usize, Option<Extract>)>> {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Config {
    pub(super) fn platform(&self) -> Option<super::Platform> {
        let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        Some(super::Platform {
            os: text(&self.os)?,
            architecture: text(&self.architecture)?,
            variant: text(&self.variant),
        })
    }

    fn diff_ids(&self) -> Result<Vec<Digest>, SourceError> {
        self.rootfs.diff_ids.iter().map(|text| Digest::parse(text)).collect()
    }

    /// The build step of each layer. History also has steps without a layer; where the counts do not fit,
    /// nothing is known.
    fn build_steps(&self, layers: usize) -> Vec<Option<String>> {
        let history = self.history.as_deref().unwrap_or_default();
        let steps: Vec<_> = history.iter().filter(|step| !step.empty_layer).collect();
        if steps.len() != layers {
            return vec![None; layers];
        }
        let written = |step: &History| {
            step.created_by.as_deref().filter(|text| !text.is_empty()).map(secrets::redacted)
        };
        steps.into_iter().map(written).collect()
    }

    fn user(&self) -> String {
        let named = self.config.as_ref().and_then(|process| process.user.as_deref());
        named.filter(|user| !user.is_empty()).unwrap_or("root").to_owned()
    }

    fn label(&self, key: &str) -> Option<&String> {
        self.config.as_ref()?.labels.as_ref()?.get(key)
    }

    /// The credentials in variables and build steps. A step that only sets a variable tells nothing more.
    fn secrets(&self) -> Vec<Secret> {
        let mut found = Vec::new();
        let environment = self.config.as_ref().and_then(|process| process.environment.as_deref());
        for (name, value) in environment.unwrap_or_default().iter().filter_map(|text| text.split_once('=')) {
            found.extend(secrets::in_variable(name, value).map(|kind| Secret {
                place: SecretPlace::Environment,
                name: name.to_owned(),
                line: None,
                kind,
                layer: None,
                hidden: false,
            }));
        }
        let variables: BTreeSet<String> = found.iter().map(|secret| secret.name.clone()).collect();
        let mut layer = 0;
        for step in self.history.as_deref().unwrap_or_default() {
            for hit in secrets::in_text(step.created_by.as_deref().unwrap_or_default()) {
                let secret = Secret {
                    place: SecretPlace::BuildStep,
                    name: hit.name,
                    line: None,
                    kind: hit.kind,
                    layer: (!step.empty_layer).then_some(layer),
                    hidden: false,
                };
                if !variables.contains(&secret.name) {
                    found.push(secret);
                }
            }
            layer += usize::from(!step.empty_layer);
        }
        found.sort();
        found.dedup();
        found
    }
}

impl Plan {
    /// What the image says of itself, its manifest first: labels may come from the image it was built on.
    fn said(&self, key: &str) -> Option<String> {
        let annotation = self.annotations.as_ref().and_then(|annotations| annotations.get(key));
        let said = [annotation, self.config.label(key)].into_iter().flatten().map(|text| text.trim());
        said.into_iter().find(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Reads the layers.
    pub(super) fn read(self, blobs: &dyn Blobs, request: &Request<'_>) -> Result<Snapshot, SourceError> {
        let diff_ids = self.diff_ids(blobs.path())?;
        let shelf = request.cache.map(|cache| cache.shelf(request.wanted, request.limits, request.verify));
        let bill_name = shelf.as_ref().map(|shelf| self.bill_name(shelf));
        if let Some(bill) = bill_name.as_deref().and_then(|name| request.bill(name)) {
            return Ok(Snapshot {
                subject: bill.subject.clone(),
                layers: bill.layers.clone(),
                bill: Some(bill),
                notes: self.notes,
                ..Snapshot::default()
            });
        }
        let is_lazy = request.lazy && blobs.is_remote();
        // A bill of what was not verified is not kept.
        let all_kept = AtomicBool::new(!is_lazy);
        let tell = |event: Event<'_>| {
            if let Some(progress) = request.progress {
                progress.tell(event);
            }
        };
        for (part, (layer, diff_id)) in self.layers.iter().zip(&diff_ids).enumerate() {
            let bytes = Some(blobs.size(&layer.name)).filter(|bytes| *bytes > 0);
            tell(Event::Planned { part, name: &diff_id.to_string(), bytes });
        }
        let told = lazy::Notes::default();
        let job = |index: usize| -> Result<Extract, SourceError> {
            let (id, blob) = (&diff_ids[index], self.layers[index].digest.as_ref());
            let shared_as = (id.clone(), blob.cloned());
            let shared = request.shared.and_then(|shared| shared.take(&shared_as));
            let kept = || shelf.as_ref().and_then(|shelf| shelf.get(id, blob));
            if let Some(kept) = shared.or_else(kept) {
                tell(Event::Ended { part: index, how: Ended::Kept });
                return Ok(kept);
            }
            let layer = LayerToRead {
                index,
                verify: request.verify,
                blob: &self.layers[index],
                diff_id: id,
                blobs,
                progress: request.progress,
            };
            let (parts, gap) = if is_lazy { layer.parts(request, &told) } else { (None, None) };
            let is_whole = parts.is_none();
            let mut extract = match parts {
                Some(parts) => parts,
                None => layer.read(request.wanted, request.limits)?,
            };
            let is_verified = layer.verify != Verify::Nothing && is_whole;
            if let Some(shelf) = shelf.as_ref().filter(|_| is_verified && !holds_secrets(&extract)) {
                shelf.put(id, blob, &extract);
            } else {
                all_kept.store(false, Ordering::Relaxed);
            }
            extract.gaps.extend(gap);
            if let Some(shared) = request.shared {
                shared.put(&shared_as, &extract);
            }
            tell(Event::Ended { part: index, how: Ended::Read });
            Ok(extract)
        };
        let spent = Spent::default();
        let job = |index: usize| {
            let extract = job(index)?;
            spent.on(&extract, request.limits).map(|()| extract)
        };
        let threads = crew::threads();
        let threads = if blobs.is_remote() { threads.max(REMOTE) } else { threads };
        let extracts = side_by_side(&largest_first(&self.layers, blobs), threads, job)?;
        let bill_name = bill_name.filter(|_| all_kept.into_inner());
        let mut snapshot = self.snapshot(diff_ids, extracts);
        snapshot.notes.extend(told.lines());
        Ok(Snapshot { bill_name, ..snapshot })
    }

    /// What the layers uncompressed are to be: as many as there are layers.
    pub(super) fn diff_ids(&self, path: &Path) -> Result<Vec<Digest>, SourceError> {
        let diff_ids = self.config.diff_ids()?;
        if diff_ids.len() != self.layers.len() {
            return Err(SourceError::Inconsistent {
                path: path.to_owned(),
                name: "the image's config".to_owned(),
                reason: format!(
                    "it has diff IDs for {} layers, and the manifest has {}",
                    diff_ids.len(),
                    self.layers.len()
                ),
            });
        }
        Ok(diff_ids)
    }

    /// The image once its layers were read.
    pub(super) fn snapshot(self, diff_ids: Vec<Digest>, extracts: Vec<Extract>) -> Snapshot {
        let steps = self.config.build_steps(diff_ids.len());
        let layers = diff_ids.iter().zip(steps);
        let (base, license, supplier) =
            (self.said(BASE_NAME), self.said(LICENSES).map(LicenseClaim::declared), self.said(VENDOR));
        Snapshot {
            subject: Subject {
                kind: SubjectKind::Image,
                name: self.name,
                version: Some(self.config_digest.to_string()),
                purl: None,
                manifest_digest: self.manifest_digest.map(|digest| digest.to_string()),
                platform: self.config.platform().map(|platform| platform.to_string()),
                user: Some(self.config.user()),
                base,
                secrets: Some(self.config.secrets()),
                created: self.config.created.filter(|text| !text.is_empty()),
                supplier,
                licenses: license.into_iter().collect(),
                copyright: None,
            },
            layers: layers.map(|(id, created_by)| Layer { diff_id: id.to_string(), created_by }).collect(),
            gaps: extracts.iter().flat_map(|extract| extract.gaps.iter().cloned()).collect(),
            extracts,
            notes: self.notes,
            ..Snapshot::default()
        }
    }

    /// All that a bill depends on and the layers do not tell. The config, and with it the layers, is known by its
    /// digest.
    fn bill_name(&self, shelf: &Shelf<'_>) -> String {
        let manifest = self.manifest_digest.as_ref().map(ToString::to_string).unwrap_or_default();
        let said = [BASE_NAME, LICENSES, VENDOR].map(|key| self.said(key).unwrap_or_default());
        let [base, licenses, vendor] = said.each_ref().map(String::as_str);
        shelf.bill_name(&[&self.name, &manifest, &self.config_digest.to_string(), base, licenses, vendor])
    }
}

/// What the layers of an image keep together. Whether it is too much does not depend on which was read first.
#[derive(Default)]
pub(super) struct Spent {
    bytes: AtomicU64,
    entries: AtomicUsize,
}

impl Spent {
    pub(super) fn on(&self, extract: &Extract, limits: &Limits) -> Result<(), SourceError> {
        let kept: u64 = extract.entries.iter().map(|entry| entry.node.size()).sum();
        let bytes = self.bytes.fetch_add(kept, Ordering::Relaxed).saturating_add(kept);
        let count = extract.entries.len();
        let entries = self.entries.fetch_add(count, Ordering::Relaxed).saturating_add(count);
        if entries > limits.entries {
            return Err(SourceError::TooMuch {
                what: "entries",
                limit: limits.entries as u64,
                name: "entries",
            });
        }
        if bytes > limits.total_bytes {
            let (limit, name) = (limits.total_bytes, "total-bytes");
            return Err(SourceError::TooMuch { what: "bytes of files to read", limit, name });
        }
        Ok(())
    }
}

/// The order in which layers are begun. The largest decides when all are done, so it is not begun last.
fn largest_first(layers: &[LayerBlob], blobs: &dyn Blobs) -> Vec<usize> {
    let mut order: Vec<usize> = (0..layers.len()).collect();
    order.sort_by_cached_key(|index| Reverse(blobs.size(&layers[*index].name)));
    order
}

/// Runs `job` for every index of `order` on a few threads; results in order of index, or the error of the
/// lowest index, whichever was met first.
fn side_by_side<T: Send>(
    order: &[usize],
    threads: usize,
    job: impl Fn(usize) -> Result<T, SourceError> + Sync,
) -> Result<Vec<T>, SourceError> {
    let count = order.len();
    let threads = threads.min(count);
    let next = AtomicUsize::new(0);
    let lowest_failed = AtomicUsize::new(usize::MAX);
    let results: Mutex<Vec<Option<Result<T, SourceError>>>> = Mutex::new((0..count).map(|_| None).collect());
    let work = || {
        while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            if *index > lowest_failed.load(Ordering::Relaxed) {
                continue;
            }
            let result = job(*index);
            if result.is_err() {
                lowest_failed.fetch_min(*index, Ordering::Relaxed);
            }
            results.lock().expect("no thread panics while it holds the lock")[*index] = Some(result);
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let results = results.into_inner().expect("no thread panics while it holds the lock");
    results.into_iter().flatten().collect()
}

/// Whether a file of it holds credentials: these are kept nowhere.
pub(super) fn holds_secrets(extract: &Extract) -> bool {
    let files = secrets::Files::default();
    extract.entries.iter().any(|entry| match &entry.node {
        Node::File(bytes) => files.are_asked(&entry.path) && !secrets::Files::lie_in(bytes).is_empty(),
        _ => false,
    })
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

/// Reads a blob to its end, and gives its digest if one is to be taken. `check` as for [`decompressed`].
///
/// Unpacking is what a layer waits for: it has a thread that does nothing else.
pub(super) fn unpack(
    compression: Compression,
    data: impl Read,
    expected: Option<&Digest>,
    check: bool,
    limit: u64,
    maker: Maker,
) -> io::Result<Option<Digest>> {
    if compression == Compression::None {
        return pass_on(data, expected, limit, maker);
    }
    thread::scope(|scope| {
        let (reader, packed) = pipe(PACKED_AHEAD);
        // Both ends go with the thread: nobody is to wait for what follows the compressed data.
        let unpacking = scope.spawn(move || -> io::Result<()> {
            maker.send_all(&mut Within::new(decompressed(compression, packed, check)?, limit));
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

struct LayerToRead<'a> {
    index: usize,
    verify: Verify,
    blob: &'a LayerBlob,
    diff_id: &'a Digest,
    blobs: &'a dyn Blobs,
    progress: Option<&'a dyn Progress>,
}

impl LayerToRead<'_> {
    fn read(&self, wanted: &Wanted, limits: &Limits) -> Result<Extract, SourceError> {
        if let Some(media_type) = self.blob.media_type.as_deref().filter(|text| text.contains("encrypted")) {
            return Err(self.error(LayerError::MediaType(media_type.to_owned())));
        }
        let extract = self.pass(&Ask { wanted, again: &Again::default(), limits })?;
        let again = extract.again(wanted);
        if again.is_empty() { Ok(extract) } else { self.pass(&Ask { wanted, again: &again, limits }) }
    }

    /// What only parts of the layer say, where they are enough; and what a reader of the bill should know about it.
    fn parts(&self, request: &Request<'_>, told: &lazy::Notes) -> (Option<Extract>, Option<Gap>) {
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
        let limit = ask.limits.of_layer(Some(self.blobs.size(&self.blob.name)).filter(|size| *size > 0));
        let data = Told { data, part: self.index, progress: self.progress };
        let (walked, packed) = thread::scope(|scope| {
            let (maker, piped) = pipe(AHEAD);
            let check = packed.is_none() && plain.is_none();
            let unpacked = scope.spawn(move || unpack(compression, data, packed, check, limit, maker));
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

pub(super) fn name_of(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// Reads until the buffer is full or the data ends.
pub(super) fn fill(data: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match data.read(&mut buffer[length..])? {
            0 => break,
            count => length += count,
        }
    }
    Ok(length)
}

/// The name of a file or folder without its ending, for subjects that have no name of their own.
pub(super) fn own_name(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if path.is_dir() {
        return name;
    }
    let packed = [".gz", ".zst", ".xz", ".bz2"].iter().find_map(|ending| name.strip_suffix(ending));
    let name = packed.filter(|name| name.ends_with(".tar")).unwrap_or(&name);
    let endings = [".tar", ".tgz", ".tzst", ".txz", ".zip"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name).to_owned()
}
