//! The tar of `docker save`: a `manifest.json`, configs and layers.
//!
//! Three layouts are in use: `<id>/layer.tar` with uncompressed layers, `<digest>.tar`, and since Docker 25
//! an OCI layout in the same tar. The manifest may stand behind the layers.
//! Spec: <https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format>

use std::path::Path;

use serde::Deserialize;

use super::archive::{self, Archive};
use super::blobs::{self, Blobs};
use super::config::Config;
use super::digest::Digest;
use super::image::{Plan, own_name};
use super::layer::LayerBlob;
use super::{Names, Request, Scheme, Snapshot, SourceError};

pub(super) const MANIFEST: &str = "manifest.json";

pub(super) const SCHEME: Scheme = Scheme {
    name: "docker-archive",
    about: "the tar of `docker save` or `podman save`",
    names: Names::Path,
    read_all: None,
    recognises,
    read,
};

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "Config")]
    config: String,
    #[serde(rename = "RepoTags", default)]
    tags: Option<Vec<String>>,
    #[serde(rename = "Layers")]
    layers: Vec<String>,
}

fn recognises(path: &Path) -> Result<bool, SourceError> {
    Ok(archive::is_tar(path)? && Archive::open(path)?.has(MANIFEST))
}

fn read(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    if !archive::is_tar(request.path)? {
        return Err(not_this_kind(request.path));
    }
    let archive = Archive::open(request.path)?;
    if !archive.has(MANIFEST) {
        return Err(not_this_kind(request.path));
    }
    plan_of(&archive, request)?.read(&archive, request)
}

/// Whether these are the bytes of a saved image's manifest: other things are called `manifest.json` too.
pub(super) fn is_manifest(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Vec<Image>>(bytes).is_ok_and(|images| !images.is_empty())
}

/// The image that is asked for, from the small blobs of a saved image.
pub(super) fn plan_of(blobs: &dyn Blobs, request: &Request<'_>) -> Result<Plan, SourceError> {
    let images: Vec<Image> = blobs::json(blobs, MANIFEST, &blobs::bytes(blobs, MANIFEST, "a saved image")?)?;
    let image = choose(blobs.path(), images, request.image)?;
    plan(blobs, &image)
}

fn not_this_kind(path: &Path) -> SourceError {
    SourceError::NotThisKind { path: path.to_owned(), expected: "saved image", missing: MANIFEST }
}

fn choose(path: &Path, images: Vec<Image>, wanted: Option<&str>) -> Result<Image, SourceError> {
    let path = || path.to_owned();
    let names: Vec<String> =
        images.iter().map(|image| image.name().unwrap_or(&image.config).to_owned()).collect();
    if images.is_empty() {
        return Err(SourceError::NoImage { path: path() });
    }
    let Some(wanted) = wanted else {
        if images.len() > 1 {
            return Err(SourceError::SeveralImages { path: path(), names });
        }
        return images.into_iter().next().ok_or_else(|| SourceError::NoImage { path: path() });
    };
    let found = images.into_iter().find(|image| image.is_called(wanted));
    found.ok_or_else(|| SourceError::NoSuchImage { path: path(), image: wanted.to_owned(), names })
}

impl Image {
    fn name(&self) -> Option<&str> {
        self.tags.iter().flatten().next().map(String::as_str)
    }

    fn is_called(&self, wanted: &str) -> bool {
        let named = |tag: &String| tag == wanted || tag.strip_suffix(":latest") == Some(wanted);
        self.config == wanted || self.tags.iter().flatten().any(named)
    }
}

fn plan(blobs: &dyn Blobs, image: &Image) -> Result<Plan, SourceError> {
    let bytes = blobs::bytes(blobs, &image.config, MANIFEST)?;
    let config: Config = blobs::json(blobs, &image.config, &bytes)?;
    let config_digest = Digest::sha256(&bytes);
    if let Some(expected) = digest_in_name(&image.config)
        && expected != config_digest
    {
        let what = format!("config `{}` in `{}`", image.config, blobs.path().display());
        return Err(SourceError::DigestMismatch { what, expected, found: config_digest });
    }
    let layer =
        |name: &String| LayerBlob { name: name.clone(), digest: None, media_type: None, annotations: None };
    Ok(Plan {
        name: image.name().map_or_else(|| own_name(blobs.path()), str::to_owned),
        manifest_digest: None,
        config_digest,
        config,
        layers: image.layers.iter().map(layer).collect(),
        annotations: None,
        notes: Vec::new(),
    })
}

/// Docker names configs after their digest: `<hex>.json` or `blobs/sha256/<hex>`.
fn digest_in_name(name: &str) -> Option<Digest> {
    let base = name.rsplit('/').next()?;
    Digest::parse(&format!("sha256:{}", base.strip_suffix(".json").unwrap_or(base))).ok()
}
