//! An image in containerd's own store, as nerdctl, Kubernetes and new dockers keep theirs: read from the disk, without the
//! daemon. Names lead to manifests in `meta.db`; the blobs lie as in an OCI layout.
//!
//! Spec: <https://github.com/containerd/containerd/blob/main/docs/content-flow.md>

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Read};
use std::path::Path;

use serde_json::json;

use super::blobs::{Blobs, Folder};
use super::bolt::{Bolt, Bucket};
use super::forward::Part;
use super::names::{self, Place};
use super::oci::{self, INDEX};
use super::{Names, Request, Scheme, Snapshot, SourceError};

pub(super) const SCHEME: Scheme = Scheme {
    name: "containerd",
    about: "an image in containerd's store: containerd:IMAGE or containerd:ROOT@IMAGE",
    names: Names::Other(|path| Some(vec![named(path).root])),
    read_all: None,
    recognises: |_| Ok(false),
    read,
};

const ROOT: &str = "/var/lib/containerd";
const META: &str = "io.containerd.metadata.v1.bolt/meta.db";
const CONTENT: &str = "io.containerd.content.v1.content";

/// Names of images are a few bytes each: a larger file is something else.
const MOST_META: u64 = 1 << 30;

/// What else keeps names apart; nerdctl's own is `default`, Kubernetes' `k8s.io`, docker's `moby`.
const NAMESPACE: &str = "CONTAINERD_NAMESPACE";

/// What an image's name leads to.
struct Target {
    namespace: String,
    name: String,
    media_type: String,
    digest: String,
}

fn named(path: &Path) -> Place<'_> {
    names::place(path.to_str().unwrap_or_default(), Path::new(ROOT))
}

fn read(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let Place { root, image } = named(request.path);
    let failed = |reason: String| SourceError::Store {
        store: "containerd",
        reason,
        help: "name its folder: containerd:ROOT@IMAGE; or ask whoever runs it: `ctr images export - IMAGE | packlist scan -`",
    };
    let meta = root.join(META);
    let size = fs::metadata(&meta).map_err(|error| failed(format!("`{}`: {error}", meta.display())))?.len();
    if size > MOST_META {
        return Err(failed(format!("`{}` has {size} bytes", meta.display())));
    }
    let bytes = fs::read(&meta).map_err(|error| SourceError::io(&meta, error))?;
    let targets =
        targets(&bytes).ok_or_else(|| failed(format!("`{}` is no database of it", meta.display())))?;
    let namespace = std::env::var(NAMESPACE).ok().filter(|name| !name.is_empty());
    let is_asked = |target: &&Target| namespace.as_ref().is_none_or(|name| *name == target.namespace);
    let candidates: Vec<&Target> = targets.iter().filter(is_asked).collect();
    let found = names::candidates(image).into_iter().find_map(|name| {
        let found: Vec<&Target> = candidates.iter().filter(|target| target.name == name).copied().collect();
        (!found.is_empty()).then_some(found)
    });
    let Some(found) = found else {
        let names = candidates.iter().map(|target| target.name.clone()).collect();
        return Err(SourceError::NoSuchImage { path: root, image: image.to_owned(), names });
    };
    let target = found[0];
    if found.iter().any(|other| other.digest != target.digest) {
        let names: Vec<&str> = found.iter().map(|target| target.namespace.as_str()).collect();
        return Err(failed(format!(
            "`{image}` is another image in each of {}: set {NAMESPACE} to one of them",
            names.join(", ")
        )));
    }
    oci::read(&Content::of(&root, target), request)
}

/// Every name of every namespace. `None` when it is no such database.
fn targets(bytes: &[u8]) -> Option<Vec<Target>> {
    let bolt = Bolt::open(bytes)?;
    let all = bolt.root()?.bucket(b"v1")?;
    let mut found = BTreeMap::new();
    for (namespace, bucket) in all.buckets() {
        for (name, image) in bucket.bucket(b"images").map(|images| images.buckets()).unwrap_or_default() {
            let Some(target) = target(namespace, name, &image) else { continue };
            found.insert((target.namespace.clone(), target.name.clone()), target);
        }
    }
    Some(found.into_values().collect())
}

fn target(namespace: &[u8], name: &[u8], image: &Bucket<'_>) -> Option<Target> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let target = image.bucket(b"target")?;
    Some(Target {
        namespace: text(namespace),
        name: text(name),
        media_type: target.value(b"mediatype").map(text).unwrap_or_default(),
        digest: target.value(b"digest").map(text)?,
    })
}

/// The store's blobs, and an index that leads to the one image.
struct Content {
    blobs: Folder,
    index: Vec<u8>,
}

impl Content {
    fn of(root: &Path, target: &Target) -> Self {
        let index = json!({"schemaVersion": 2, "manifests": [{
            "mediaType": target.media_type,
            "digest": target.digest,
            "annotations": {"org.opencontainers.image.ref.name": target.name},
        }]});
        Self { blobs: Folder(root.join(CONTENT)), index: index.to_string().into_bytes() }
    }
}

impl Blobs for Content {
    fn path(&self) -> &Path {
        self.blobs.path()
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>> {
        match name {
            INDEX => Ok(Some(Box::new(Cursor::new(self.index.clone())))),
            name => self.blobs.open(name),
        }
    }

    fn part(&self, name: &str) -> io::Result<Option<Part>> {
        self.blobs.part(name)
    }

    fn size(&self, name: &str) -> u64 {
        self.blobs.size(name)
    }
}
