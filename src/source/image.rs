//! An image once its parts are known: config and layers, read side by side, every blob's digest verified.
//!
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/manifest.md>

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::blobs::Blobs;
use super::cache::Shelf;
use super::config::Config;
use super::digest::Digest;
use super::layer::{LayerBlob, LayerToRead};
use super::lazy;
use super::progress::{Ended, Event};
use super::{Request, Snapshot, SourceError, Verify};
use crate::bom::{Layer, LicenseClaim, Subject, SubjectKind};
use crate::crew::{self, Hand};
use crate::layers::{Extract, Limits, Node};
use crate::secrets;

/// How many layers come over a network at once, however few cores there are.
const REMOTE: usize = 3;

/// What an image says of itself in annotations of its manifest or labels of its config: what it was built on, under
/// which licences it is, and who distributes it.
///
/// Spec: <https://github.com/opencontainers/image-spec/blob/main/annotations.md>
const BASE_NAME: &str = "org.opencontainers.image.base.name";
const LICENSES: &str = "org.opencontainers.image.licenses";
const VENDOR: &str = "org.opencontainers.image.vendor";

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
        // Who begins is to know that the others will: there is nobody to help.
        let _own = Hand::always();
        let others: Vec<Hand> = (1..threads).map(|_| Hand::always()).collect();
        for hand in others {
            scope.spawn(|| {
                work();
                drop(hand);
            });
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

pub(super) fn name_of(path: &Path) -> String {
    format!("`{}`", path.display())
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
