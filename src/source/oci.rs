//! An OCI image layout, as a folder or as a tar: `index.json` leads to manifests, those to blobs.
//!
//! An index may lead to further indexes, to the same image for several platforms, and to things that are no
//! images at all (attestations, SBOMs), which are passed over.
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::archive::{self, Archive};
use super::blobs::{self, Blobs, Folder};
use super::config::Config;
use super::digest::Digest;
use super::image::{Plan, Shared, own_name};
use super::layer::LayerBlob;
use super::platform::Platform;
use super::{Names, Request, Scheme, Snapshot, SourceError};

pub(super) const INDEX: &str = "index.json";

/// Real indexes are nested once.
const MAX_DEPTH: usize = 4;

/// What stands for the platform nobody named where an image comes in several: the same on every machine, so
/// that the same command gives the same list.
const DEFAULT_PLATFORM: (&str, &str) = ("linux", "amd64");

/// What is meant where nobody names a platform.
pub(super) fn default_platform() -> Platform {
    let (os, architecture) = DEFAULT_PLATFORM;
    Platform { os: os.to_owned(), architecture: architecture.to_owned(), variant: None }
}

pub(super) const FOLDER: Scheme = Scheme {
    name: "oci",
    about: "a folder in OCI image layout",
    names: Names::Path,
    recognises: is_folder,
    read: read_folder,
    read_all: Some(all_of_folder),
};

pub(super) const ARCHIVE: Scheme = Scheme {
    name: "oci-archive",
    about: "a tar of an OCI image layout",
    names: Names::Path,
    recognises: is_archive,
    read: read_archive,
    read_all: Some(all_of_archive),
};

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize, Clone)]
struct Descriptor {
    #[serde(rename = "mediaType", default)]
    media_type: Option<String>,
    digest: String,
    #[serde(default)]
    platform: Option<DescriptorPlatform>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Clone)]
struct DescriptorPlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

/// An image the index leads to.
struct Candidate {
    name: Option<String>,
    platform: Option<Platform>,
    manifest_digest: Digest,
    /// Not read yet where the index says what it is for.
    manifest: Option<Manifest>,
}

fn is_folder(path: &Path) -> Result<bool, SourceError> {
    Ok(path.is_dir() && path.join("oci-layout").is_file() && path.join(INDEX).is_file())
}

fn is_archive(path: &Path) -> Result<bool, SourceError> {
    Ok(archive::is_tar(path)? && Archive::open(path)?.has(INDEX))
}

fn read_folder(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    read(&folder(request)?, request)
}

fn read_archive(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    read(&archive(request)?, request)
}

fn all_of_folder(request: &Request<'_>) -> Result<Vec<Snapshot>, SourceError> {
    read_all(&folder(request)?, request)
}

fn all_of_archive(request: &Request<'_>) -> Result<Vec<Snapshot>, SourceError> {
    read_all(&archive(request)?, request)
}

fn folder(request: &Request<'_>) -> Result<Folder, SourceError> {
    if !request.path.join(INDEX).is_file() {
        return Err(not_this_kind(request.path));
    }
    Ok(Folder(request.path.to_owned()))
}

fn archive(request: &Request<'_>) -> Result<Archive, SourceError> {
    if !archive::is_tar(request.path)? {
        return Err(not_this_kind(request.path));
    }
    let archive = Archive::open(request.path)?;
    if !archive.has(INDEX) {
        return Err(not_this_kind(request.path));
    }
    Ok(archive)
}

fn not_this_kind(path: &Path) -> SourceError {
    SourceError::NotThisKind { path: path.to_owned(), expected: "OCI image layout", missing: INDEX }
}

pub(super) fn read(blobs: &dyn Blobs, request: &Request<'_>) -> Result<Snapshot, SourceError> {
    plan_of(blobs, request)?.read(blobs, request)
}

/// The image that is asked for, from the small blobs of a layout.
pub(super) fn plan_of(blobs: &dyn Blobs, request: &Request<'_>) -> Result<Plan, SourceError> {
    let mut notes = Vec::new();
    let candidate = for_platform(blobs.path(), candidates(blobs, request)?, request.platform, &mut notes)?;
    plan(blobs, candidate, notes)
}

/// Every image of that name, whatever its platform. What they share is read once.
pub(super) fn read_all(blobs: &dyn Blobs, request: &Request<'_>) -> Result<Vec<Snapshot>, SourceError> {
    let mut plans = Vec::new();
    let mut seen = BTreeSet::new();
    for candidate in candidates(blobs, request)? {
        if seen.insert(candidate.manifest_digest.clone()) {
            plans.push(plan(blobs, candidate, Vec::new())?);
        }
    }
    let shared = Shared::of(&plans);
    let request = Request { shared: Some(&shared), ..*request };
    plans.into_iter().map(|plan| plan.read(blobs, &request)).collect()
}

fn candidates(blobs: &dyn Blobs, request: &Request<'_>) -> Result<Vec<Candidate>, SourceError> {
    let index: Index = blobs::json(blobs, INDEX, &blobs::bytes(blobs, INDEX, "an OCI layout")?)?;
    let mut found = Finder { blobs, seen: BTreeSet::new(), candidates: Vec::new() };
    found.follow(&index, None, 0)?;
    named(blobs.path(), found.candidates, request.image)
}

struct Finder<'a> {
    blobs: &'a dyn Blobs,
    /// Manifests by name and digest: an index may name one twice.
    seen: BTreeSet<(Option<String>, String)>,
    candidates: Vec<Candidate>,
}

impl Finder<'_> {
    fn follow(&mut self, index: &Index, name: Option<&str>, depth: usize) -> Result<(), SourceError> {
        if depth > MAX_DEPTH {
            return Err(SourceError::Inconsistent {
                path: self.blobs.path().to_owned(),
                name: INDEX.to_owned(),
                reason: format!("indexes are nested more than {MAX_DEPTH} deep"),
            });
        }
        for descriptor in &index.manifests {
            let name = descriptor.name().or(name);
            if descriptor.is_attestation()
                || !self.seen.insert((name.map(str::to_owned), descriptor.digest.clone()))
            {
                continue;
            }
            let digest = Digest::parse(&descriptor.digest)?;
            if descriptor.is_manifest()
                && let Some(platform) = descriptor.platform()
            {
                self.candidates.push(Candidate {
                    name: name.map(str::to_owned),
                    platform: Some(platform),
                    manifest_digest: digest,
                    manifest: None,
                });
                continue;
            }
            let bytes = blobs::verified(self.blobs, &digest, INDEX)?;
            let blob = digest.blob_name();
            if descriptor.is_index(&bytes) {
                let nested: Index = blobs::json(self.blobs, &blob, &bytes)?;
                self.follow(&nested, name, depth + 1)?;
                continue;
            }
            let manifest: Manifest = blobs::json(self.blobs, &blob, &bytes)?;
            if manifest.is_image() {
                self.candidates.push(Candidate {
                    name: name.map(str::to_owned),
                    platform: descriptor.platform(),
                    manifest_digest: digest,
                    manifest: Some(manifest),
                });
            }
        }
        Ok(())
    }
}

impl Descriptor {
    fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key).map(String::as_str).filter(|text| !text.is_empty())
    }

    fn name(&self) -> Option<&str> {
        self.annotation("io.containerd.image.name").or(self.annotation("org.opencontainers.image.ref.name"))
    }

    fn platform(&self) -> Option<Platform> {
        let platform = self.platform.as_ref()?;
        let known = !platform.os.is_empty() && !platform.architecture.is_empty();
        known.then(|| Platform {
            os: platform.os.clone(),
            architecture: platform.architecture.clone(),
            variant: platform.variant.clone().filter(|variant| !variant.is_empty()),
        })
    }

    /// BuildKit puts its attestations into the index, as manifests for a platform called `unknown`.
    fn is_attestation(&self) -> bool {
        self.annotation("vnd.docker.reference.type").is_some()
            || self.platform.as_ref().is_some_and(|platform| platform.os == "unknown")
    }

    fn is_manifest(&self) -> bool {
        matches!(
            self.media_type.as_deref(),
            Some(
                "application/vnd.oci.image.manifest.v1+json"
                    | "application/vnd.docker.distribution.manifest.v2+json"
            )
        )
    }

    fn is_index(&self, bytes: &[u8]) -> bool {
        match self.media_type.as_deref() {
            Some(
                "application/vnd.oci.image.index.v1+json"
                | "application/vnd.docker.distribution.manifest.list.v2+json",
            ) => true,
            Some(text) if !text.is_empty() => false,
            _ => serde_json::from_slice::<Index>(bytes).is_ok_and(|index| !index.manifests.is_empty()),
        }
    }
}

impl Manifest {
    /// Artefacts (SBOMs, signatures, charts) have a config of another type, or an empty one.
    fn is_image(&self) -> bool {
        match self.config.media_type.as_deref() {
            None | Some("") => true,
            Some(text) => matches!(
                text,
                "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
            ),
        }
    }
}

fn named(
    path: &Path,
    candidates: Vec<Candidate>,
    wanted: Option<&str>,
) -> Result<Vec<Candidate>, SourceError> {
    if candidates.is_empty() {
        return Err(SourceError::NoImage { path: path.to_owned() });
    }
    let shown = |candidate: &Candidate| {
        candidate.name.clone().unwrap_or_else(|| candidate.manifest_digest.to_string())
    };
    // One image may have several names, and one name several platforms.
    let mut by_name: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for candidate in &candidates {
        let manifests = by_name.entry(shown(candidate)).or_default();
        manifests.insert(candidate.manifest_digest.to_string());
    }
    let names: Vec<String> = by_name.keys().cloned().collect();
    let Some(wanted) = wanted else {
        let images: BTreeSet<&BTreeSet<String>> = by_name.values().collect();
        if images.len() > 1
            && by_name.len() > 1
            && candidates.iter().any(|candidate| candidate.name.is_some())
        {
            return Err(SourceError::SeveralImages { path: path.to_owned(), names });
        }
        let first = shown(&candidates[0]);
        let unnamed = candidates.iter().all(|candidate| candidate.name.is_none());
        return Ok(candidates.into_iter().filter(|candidate| unnamed || shown(candidate) == first).collect());
    };
    let is_wanted = |candidate: &Candidate| {
        let name = shown(candidate);
        name == wanted
            || name.ends_with(&format!(":{wanted}"))
            || candidate.manifest_digest.to_string() == wanted
    };
    let found: Vec<Candidate> = candidates.into_iter().filter(is_wanted).collect();
    if found.is_empty() {
        return Err(SourceError::NoSuchImage { path: path.to_owned(), image: wanted.to_owned(), names });
    }
    Ok(found)
}

fn for_platform(
    path: &Path,
    candidates: Vec<Candidate>,
    wanted: Option<&Platform>,
    notes: &mut Vec<String>,
) -> Result<Candidate, SourceError> {
    let offered = |candidate: &Candidate| candidate.platform.as_ref().map(Platform::to_string);
    let platforms: Vec<String> = candidates.iter().filter_map(offered).collect();
    let several = candidates.len() > 1;
    let default = default_platform();
    let asked = wanted.unwrap_or(&default);
    let accepted = |candidate: &Candidate| match &candidate.platform {
        Some(platform) => asked.accepts(platform),
        None => !several,
    };
    if several && wanted.is_none() {
        let all = platforms.join(", ");
        notes.push(format!("the image is there for {all}; read for {default} (choose with --platform)"));
    }
    let only_one_and_not_asked = !several && wanted.is_none();
    let found = candidates.into_iter().find(|candidate| only_one_and_not_asked || accepted(candidate));
    found.ok_or_else(|| match platforms.is_empty() {
        true => SourceError::NoImage { path: path.to_owned() },
        false => SourceError::NoSuchPlatform { platform: wanted.map(Platform::to_string), platforms },
    })
}

fn plan(blobs: &dyn Blobs, candidate: Candidate, notes: Vec<String>) -> Result<Plan, SourceError> {
    let manifest = match candidate.manifest {
        Some(manifest) => manifest,
        None => {
            let bytes = blobs::verified(blobs, &candidate.manifest_digest, INDEX)?;
            blobs::json(blobs, &candidate.manifest_digest.blob_name(), &bytes)?
        }
    };
    if !manifest.is_image() {
        return Err(SourceError::NoImage { path: blobs.path().to_owned() });
    }
    let config_digest = Digest::parse(&manifest.config.digest)?;
    let bytes = blobs::verified(blobs, &config_digest, "the image's manifest")?;
    let config: Config = blobs::json(blobs, &config_digest.blob_name(), &bytes)?;
    let layers = manifest.layers.into_iter().map(|layer| {
        let digest = Digest::parse(&layer.digest)?;
        let (media_type, annotations) = (layer.media_type, layer.annotations);
        Ok(LayerBlob { name: digest.blob_name(), digest: Some(digest), media_type, annotations })
    });
    let layers = layers.collect::<Result<Vec<_>, SourceError>>()?;
    let name = match candidate.name {
        // A bare tag says little without what it is a tag of.
        Some(tag) if !tag.contains([':', '/']) => format!("{}:{tag}", own_name(blobs.path())),
        Some(name) => name,
        None => own_name(blobs.path()),
    };
    let annotations = manifest.annotations;
    let manifest_digest = Some(candidate.manifest_digest);
    Ok(Plan { name, manifest_digest, config_digest, config, layers, annotations, notes })
}
