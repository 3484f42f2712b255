//! An image in a registry, read as it comes: what a layout on disk has in files, a registry has behind digests.
//!
//! Spec: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull>

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::json;

use super::manifest::RawManifest;
use super::{Reference, Registry, RegistryError};
use crate::source::blobs::Blobs;
use crate::source::forward::Part;
use crate::source::oci::{self, INDEX};
use crate::source::{Digest, Names, Request, Scheme, Snapshot, SourceError};

pub(in crate::source) const SCHEME: Scheme = Scheme {
    name: "registry",
    about: "an image in a registry",
    names: Names::Other(|_| None),
    recognises: |_| Ok(false),
    read,
    read_all: Some(read_all),
};

fn read(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let remote = remote(request)?;
    let mut snapshot = oci::read(&remote, request)?;
    snapshot.notes.extend(remote.registry.notes());
    Ok(snapshot)
}

fn read_all(request: &Request<'_>) -> Result<Vec<Snapshot>, SourceError> {
    let remote = remote(request)?;
    let mut snapshots = oci::read_all(&remote, request)?;
    if let Some(first) = snapshots.first_mut() {
        first.notes.extend(remote.registry.notes());
    }
    Ok(snapshots)
}

fn remote(request: &Request<'_>) -> Result<Remote, SourceError> {
    let reference = Reference::parse(&request.path.to_string_lossy())?;
    let registry = Registry::new(request.registry.cloned().unwrap_or_default())?;
    let top = registry.manifest(&reference)?;
    Ok(Remote::new(registry, reference, top))
}

/// The blobs of one image, as a layout has them.
pub(in crate::source) struct Remote {
    registry: Registry,
    reference: Reference,
    name: PathBuf,
    /// Leads to the manifest that the name leads to, as in a layout.
    index: Vec<u8>,
    found: Arc<Mutex<Found>>,
}

/// What was found on the way.
#[derive(Default)]
struct Found {
    /// By the names that they have in a layout; those that were not fetched are `None`.
    manifests: BTreeMap<String, Option<Vec<u8>>>,
    sizes: BTreeMap<String, u64>,
    failed: BTreeMap<String, RegistryError>,
}

/// All that a manifest or an index may lead to.
#[derive(Deserialize)]
struct Leading {
    #[serde(default)]
    manifests: Vec<Sized>,
    #[serde(default)]
    layers: Vec<Sized>,
    #[serde(default)]
    config: Option<Sized>,
}

#[derive(Deserialize)]
struct Sized {
    digest: String,
    #[serde(default)]
    size: Option<u64>,
}

impl Remote {
    fn new(registry: Registry, reference: Reference, top: RawManifest) -> Self {
        let index = json!({"schemaVersion": 2, "manifests": [{
            "mediaType": top.media_type,
            "digest": top.digest.to_string(),
            "size": top.bytes.len(),
            "annotations": {"org.opencontainers.image.ref.name": reference.familiar()},
        }]});
        let found = Arc::new(Mutex::new(Found::default()));
        lock(&found).keep(&top.digest.blob_name(), top.bytes);
        let name = PathBuf::from(reference.familiar());
        Self { registry, reference, name, index: index.to_string().into_bytes(), found }
    }

    fn fetch(&self, name: &str) -> Result<Box<dyn Read + Send>, RegistryError> {
        let Some(digest) = Digest::of_blob_name(name) else {
            return Err(RegistryError::NotFound {
                registry: self.reference.registry().to_owned(),
                what: name.to_owned(),
                detail: None,
            });
        };
        let kept = lock(&self.found).manifests.get(name).cloned();
        if let Some(kept) = kept {
            let bytes = match kept {
                Some(bytes) => bytes,
                None => self.registry.manifest(&self.reference.with_digest(&digest))?.bytes,
            };
            lock(&self.found).keep(name, bytes.clone());
            return Ok(Box::new(Cursor::new(bytes)));
        }
        let size = lock(&self.found).sizes.get(name).copied();
        let mut blob = self.registry.blob(&self.reference, &digest, size)?;
        let (found, name) = (Arc::clone(&self.found), name.to_owned());
        blob.tell(Box::new(move |error| {
            lock(&found).failed.insert(name, error);
        }));
        Ok(Box::new(blob))
    }
}

impl Found {
    /// Keeps a manifest, and what it says of others.
    fn keep(&mut self, name: &str, bytes: Vec<u8>) {
        if let Ok(leading) = serde_json::from_slice::<Leading>(&bytes) {
            for manifest in &leading.manifests {
                if let Ok(digest) = Digest::parse(&manifest.digest) {
                    self.manifests.entry(digest.blob_name()).or_default();
                }
            }
            for blob in leading.layers.iter().chain(&leading.config) {
                if let (Ok(digest), Some(size)) = (Digest::parse(&blob.digest), blob.size) {
                    self.sizes.insert(digest.blob_name(), size);
                }
            }
        }
        self.manifests.insert(name.to_owned(), Some(bytes));
    }
}

impl Blobs for Remote {
    fn path(&self) -> &Path {
        &self.name
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>> {
        if name == INDEX {
            return Ok(Some(Box::new(Cursor::new(self.index.clone()))));
        }
        self.fetch(name).map(Some).map_err(|error| {
            let words = error.to_string();
            lock(&self.found).failed.insert(name.to_owned(), error);
            io::Error::other(words)
        })
    }

    fn part(&self, _: &str) -> io::Result<Option<Part>> {
        Ok(None)
    }

    fn range(&self, name: &str, range: Range<u64>) -> io::Result<Option<Box<dyn Read + Send>>> {
        let Some(digest) = Digest::of_blob_name(name) else { return Ok(None) };
        let part = self.registry.blob_part(&self.reference, &digest, range).map_err(io::Error::other)?;
        Ok(part.map(|part| Box::new(part) as Box<dyn Read + Send>))
    }

    fn size(&self, name: &str) -> u64 {
        lock(&self.found).sizes.get(name).copied().unwrap_or_default()
    }

    fn failure(&self, name: &str) -> Option<SourceError> {
        lock(&self.found).failed.remove(name).map(SourceError::Registry)
    }

    fn is_remote(&self) -> bool {
        true
    }
}

/// Nothing is done under the lock that could leave it half changed.
fn lock(found: &Mutex<Found>) -> MutexGuard<'_, Found> {
    found.lock().unwrap_or_else(PoisonError::into_inner)
}
