//! What lies beside an image and is about it: SBOMs, attestations and their signatures.
//!
//! An artifact is a manifest whose `subject` is the image's; whoever has the image can ask what refers to it. Older
//! ways are found too: BuildKit's manifests inside the image's index, and cosign's tags. Nothing of the image itself
//! is changed by any of this.
//!
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage>,
//! <https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md>,
//! <https://github.com/sigstore/cosign/blob/main/specs/SBOM_SPEC.md>

mod find;
mod kind;
mod layout;
mod manifest;
mod remote;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use find::{Attached, Way, attached};
pub use kind::{Content, Kind};
pub use layout::Layout;
pub use manifest::{Artifact, Attachment, attach};
pub use remote::Remote;

use super::{Digest, Platform, SourceError};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// No SBOM of a real image comes near this.
pub const MAX_DOCUMENT: u64 = 1 << 30;

/// What leads to a manifest or a blob, and says what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    #[serde(default)]
    pub media_type: String,
    #[serde(default)]
    pub digest: String,
    #[serde(default)]
    pub size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    #[serde(default, deserialize_with = "or_nothing", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    #[serde(default, skip_serializing)]
    platform: Option<Runs>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct Runs {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

/// Some write `null` for what they do not have.
fn or_nothing<'de, D: serde::Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl Descriptor {
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(String::as_str).filter(|text| !text.is_empty())
    }

    fn platform(&self) -> Option<Platform> {
        let runs = self.platform.as_ref().filter(|runs| !runs.os.is_empty() && runs.os != "unknown")?;
        let variant = runs.variant.clone().filter(|variant| !variant.is_empty());
        Some(Platform { os: runs.os.clone(), architecture: runs.architecture.clone(), variant })
    }
}

/// An index, or a manifest: what of either matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    #[serde(default)]
    pub(super) artifact_type: Option<String>,
    #[serde(default)]
    pub(super) config: Option<Descriptor>,
    #[serde(default)]
    pub(super) layers: Option<Vec<Descriptor>>,
    #[serde(default)]
    pub(super) manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    pub(super) subject: Option<Descriptor>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) annotations: BTreeMap<String, String>,
}

/// A manifest as it lies there.
#[derive(Debug, Clone)]
pub struct Held {
    pub descriptor: Descriptor,
    pub bytes: Vec<u8>,
}

/// Where an image lies with what is about it.
pub trait Home {
    /// As people know the image.
    fn name(&self) -> String;
    /// The manifest or index that the name leads to, verified.
    ///
    /// # Errors
    /// When there is none, or it is not what its digest says.
    fn top(&self) -> Result<Held, SourceError>;
    /// Another manifest there, verified.
    ///
    /// # Errors
    /// As [`Home::top`].
    fn manifest(&self, digest: &Digest) -> Result<Vec<u8>, SourceError>;
    /// A blob of so many bytes, verified.
    ///
    /// # Errors
    /// As [`Home::top`], and when it is larger than [`MAX_DOCUMENT`].
    fn blob(&self, digest: &Digest, size: u64) -> Result<Vec<u8>, SourceError>;
    /// The manifests whose subject is the one with this digest.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn referrers(&self, digest: &Digest) -> Result<Vec<Descriptor>, SourceError>;
    /// The manifest with a tag, where there is one.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn tagged(&self, tag: &str) -> Result<Option<Vec<u8>>, SourceError>;
    /// Keeps a blob.
    ///
    /// # Errors
    /// When it cannot be written.
    fn keep(&self, bytes: &[u8]) -> Result<(), SourceError>;
    /// Keeps a manifest about another one, and makes it findable. Its blobs are there already.
    ///
    /// # Errors
    /// When it cannot be written.
    fn refer(&self, descriptor: &Descriptor, bytes: &[u8], subject: &Digest) -> Result<(), SourceError>;
    /// What a person should know about whom was asked.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The manifests an image may be known by: what its name leads to and, where that is an index, what is in it.
pub struct Members {
    pub top: Held,
    pub members: Vec<Descriptor>,
}

impl Members {
    /// # Errors
    /// When the image is not there, or not whole.
    pub fn of(home: &dyn Home) -> Result<Self, SourceError> {
        let top = home.top()?;
        let manifest: Manifest = parsed(home, &top.descriptor.digest, &top.bytes)?;
        Ok(Self { top, members: manifest.manifests.unwrap_or_default() })
    }

    /// Images for one platform each, without what is about them.
    pub fn images(&self) -> impl Iterator<Item = &Descriptor> {
        self.members.iter().filter(|member| member.platform().is_some())
    }

    /// The manifest with this digest, if it is one of them.
    pub fn with(&self, digest: &str) -> Option<&Descriptor> {
        [&self.top.descriptor].into_iter().chain(self.images()).find(|known| known.digest == digest)
    }

    /// The manifest that a document is about, by the digests it names: of a manifest, or of an image's config,
    /// which is the same however the image is packed.
    ///
    /// # Errors
    /// When a manifest cannot be read.
    pub fn named_by(&self, home: &dyn Home, digests: &[&str]) -> Result<Option<&Descriptor>, SourceError> {
        if let Some(found) = digests.iter().find_map(|digest| self.with(digest)) {
            return Ok(Some(found));
        }
        for known in [&self.top.descriptor].into_iter().chain(self.images()) {
            let bytes = home.manifest(&Digest::parse(&known.digest)?)?;
            let config = parsed(home, &known.digest, &bytes)?.config;
            if config.is_some_and(|config| digests.contains(&config.digest.as_str())) {
                return Ok(Some(known));
            }
        }
        Ok(None)
    }

    /// The image for a platform. An image that does not come in several is what it is.
    ///
    /// # Errors
    /// When there is none for it.
    pub fn for_platform(&self, platform: &Platform) -> Result<&Descriptor, SourceError> {
        let mut images = self.images().peekable();
        if images.peek().is_none() {
            return Ok(&self.top.descriptor);
        }
        let accepted = |member: &&Descriptor| member.platform().is_some_and(|its| platform.accepts(&its));
        images.find(accepted).ok_or_else(|| SourceError::NoSuchPlatform {
            platform: Some(platform.to_string()),
            platforms: self.images().filter_map(Descriptor::platform).map(|its| its.to_string()).collect(),
        })
    }

    /// The digests of the image: as it is named, and for the platform.
    ///
    /// # Errors
    /// As [`Members::for_platform`], where a platform is named.
    pub fn digests(&self, platform: Option<&Platform>) -> Result<Vec<Digest>, SourceError> {
        let usual = super::oci::default_platform();
        let one = match platform {
            Some(platform) => Some(self.for_platform(platform)?),
            None => self.for_platform(&usual).ok().or_else(|| self.images().next()),
        };
        let mut digests = vec![Digest::parse(&self.top.descriptor.digest)?];
        if let Some(one) = one.filter(|one| one.digest != self.top.descriptor.digest) {
            digests.insert(0, Digest::parse(&one.digest)?);
        }
        Ok(digests)
    }
}

/// Bytes that are what their digest says.
pub(super) fn verified(what: &str, digest: &Digest, bytes: Vec<u8>) -> Result<Vec<u8>, SourceError> {
    let found = digest.of_same_kind(&bytes);
    if found == *digest {
        return Ok(bytes);
    }
    Err(SourceError::DigestMismatch { what: format!("`{what}`"), expected: digest.clone(), found })
}

/// JSON as manifests should be.
fn parsed(home: &dyn Home, name: &str, bytes: &[u8]) -> Result<Manifest, SourceError> {
    serde_json::from_slice(bytes).map_err(|source| SourceError::BadJson {
        path: home.name().into(),
        name: name.to_owned(),
        source,
    })
}
