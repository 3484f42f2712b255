//! Manifests and blobs, read and written.
//!
//! Spec: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>

use std::io::Read;
use std::ops::Range;

use serde::Deserialize;

use super::blob::BlobReader;
use super::client::{Action, Call, Place, Registry};
use super::{Reference, RegistryError};
use crate::source::Digest;
use crate::source::http::{Answer, Method};

/// Registries take no manifests of more than 4 MiB.
const MAX_MANIFEST: u64 = 16 << 20;

const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// A manifest as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawManifest {
    pub bytes: Vec<u8>,
    pub media_type: String,
    /// Of these very bytes.
    pub digest: Digest,
}

/// What a registry says of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestHead {
    pub media_type: String,
    /// As the registry says; nobody has looked.
    pub digest: Option<Digest>,
    pub size: Option<u64>,
}

/// What came of writing a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub digest: Digest,
    /// Whether the registry has seen that the manifest is about another one: if not, who wrote it keeps the list
    /// of such manifests.
    pub knows_subject: bool,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "mediaType", default)]
    media_type: String,
}

impl Registry {
    /// The manifest that a name leads to, verified.
    ///
    /// # Errors
    /// When there is none, it may not be read, or its bytes are not what a digest says.
    pub fn manifest(&self, reference: &Reference) -> Result<RawManifest, RegistryError> {
        self.at_best(reference, |place| self.manifest_at(place, reference))
    }

    fn manifest_at(&self, place: &Place, reference: &Reference) -> Result<RawManifest, RegistryError> {
        let answer = self.manifest_call(place, reference, Method::Get)?;
        let what = reference.to_string();
        let said = answer.header("docker-content-digest").map(str::to_owned);
        let media_type = media_type(&answer);
        let bytes = answer.body(MAX_MANIFEST)?;
        let expected =
            reference.digest().cloned().or_else(|| said.and_then(|text| Digest::parse(&text).ok()));
        let digest =
            expected.as_ref().map_or_else(|| Digest::sha256(&bytes), |digest| digest.of_same_kind(&bytes));
        if let Some(expected) = expected.filter(|expected| *expected != digest) {
            return Err(RegistryError::DigestMismatch { what: format!("`{what}`"), expected, found: digest });
        }
        let media_type = match media_type {
            Some(media_type) => media_type,
            None => {
                serde_json::from_slice(&bytes).map_or_else(|_| String::new(), |typed: Typed| typed.media_type)
            }
        };
        if media_type.starts_with("application/vnd.docker.distribution.manifest.v1+") {
            return Err(RegistryError::OldManifest { what, media_type });
        }
        Ok(RawManifest { bytes, media_type, digest })
    }

    /// What the registry says of a manifest; `None` where there is none.
    ///
    /// # Errors
    /// When it may not be read.
    pub fn manifest_head(&self, reference: &Reference) -> Result<Option<ManifestHead>, RegistryError> {
        let place = self.place(reference);
        let answer = match self.manifest_call(&place, reference, Method::Head) {
            Err(error) if error.is_absence() => return Ok(None),
            other => other?,
        };
        Ok(Some(ManifestHead {
            media_type: media_type(&answer).unwrap_or_default(),
            digest: answer.header("docker-content-digest").and_then(|text| Digest::parse(text).ok()),
            size: answer.header("content-length").and_then(|text| text.parse().ok()),
        }))
    }

    fn manifest_call(
        &self,
        place: &Place,
        reference: &Reference,
        method: Method,
    ) -> Result<Answer, RegistryError> {
        let path = format!("manifests/{}", reference.pointer());
        let call = Call { headers: &[("accept", ACCEPTED)], ..Call::new(method, &path) };
        let answer = self.call(place, Action::Pull, &call)?;
        match answer.status {
            200 => Ok(answer),
            _ => Err(place.refusal(answer, &reference.familiar())),
        }
    }

    /// A blob as it comes. Its digest is for the caller to verify.
    ///
    /// # Errors
    /// When there is none, or it may not be read.
    pub fn blob(
        &self,
        reference: &Reference,
        digest: &Digest,
        size: Option<u64>,
    ) -> Result<BlobReader, RegistryError> {
        BlobReader::open(self.clone(), reference, digest, size)
    }

    /// A part of a blob. `None` where the registry does not give parts. Nothing about it is verified.
    ///
    /// # Errors
    /// When there is none, or it may not be read.
    pub fn blob_part(
        &self,
        reference: &Reference,
        digest: &Digest,
        part: Range<u64>,
    ) -> Result<Option<BlobReader>, RegistryError> {
        BlobReader::open_part(self.clone(), reference, digest, part)
    }

    /// A whole small blob, verified.
    ///
    /// # Errors
    /// When there is none, it may not be read, is larger than the limit or not what its digest says.
    pub fn blob_bytes(
        &self,
        reference: &Reference,
        digest: &Digest,
        limit: u64,
    ) -> Result<Vec<u8>, RegistryError> {
        let what = || format!("blob {digest}");
        let mut bytes = Vec::new();
        let read = self.blob(reference, digest, None)?.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|source| RegistryError::Cut { what: what(), times: 1, at: bytes.len() as u64, source })?;
        if bytes.len() as u64 > limit {
            return Err(RegistryError::WrongSize {
                what: what(),
                expected: limit,
                found: bytes.len() as u64,
            });
        }
        let found = digest.of_same_kind(&bytes);
        match found == *digest {
            true => Ok(bytes),
            false => Err(RegistryError::DigestMismatch { what: what(), expected: digest.clone(), found }),
        }
    }

    /// Whether a repository has a blob. Asked by those who will write it if not.
    ///
    /// # Errors
    /// When the repository may not be written to.
    pub fn has_blob(&self, reference: &Reference, digest: &Digest) -> Result<bool, RegistryError> {
        let place = self.place(reference);
        let answer = self.call(&place, Action::Push, &Call::new(Method::Head, &format!("blobs/{digest}")))?;
        Ok(answer.status == 200)
    }

    /// Writes a blob, unless it is there.
    ///
    /// # Errors
    /// When it may not be written, or the registry does not take it.
    pub fn put_blob(&self, reference: &Reference, bytes: &[u8]) -> Result<Digest, RegistryError> {
        let digest = Digest::sha256(bytes);
        if self.has_blob(reference, &digest)? {
            return Ok(digest);
        }
        let place = self.place(reference);
        let begun = self.call(&place, Action::Push, &Call::new(Method::Post, "blobs/uploads/"))?;
        if begun.status != 202 {
            return Err(place.refusal(begun, place.repository.as_str()));
        }
        let Some(location) = begun.header("location").map(|location| begun.joined(location)) else {
            let reason = "it does not say where the blob is to go".to_owned();
            return Err(RegistryError::BadAnswer { url: begun.url, reason });
        };
        let mark = if location.contains('?') { '&' } else { '?' };
        let address = format!("{location}{mark}digest={}", super::tokens::encoded(&digest.to_string()));
        let headers = [("content-type", "application/octet-stream")];
        let call = Call { headers: &headers, body: bytes, ..Call::new(Method::Put, &address) };
        let written = self.call(&place, Action::Push, &call)?;
        match written.status {
            201 | 204 => Ok(digest),
            _ => Err(place.refusal(written, place.repository.as_str())),
        }
    }

    /// Writes a manifest under the tag of the name; under its own digest where the name has none.
    ///
    /// # Errors
    /// When it may not be written, or the registry does not take it.
    pub fn put_manifest(
        &self,
        reference: &Reference,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<Written, RegistryError> {
        let digest = Digest::sha256(bytes);
        let place = self.place(reference);
        let pointer = reference.tag().map_or_else(|| digest.to_string(), str::to_owned);
        let path = format!("manifests/{pointer}");
        let call =
            Call { headers: &[("content-type", media_type)], body: bytes, ..Call::new(Method::Put, &path) };
        let answer = self.call(&place, Action::Push, &call)?;
        match answer.status {
            200..=204 => Ok(Written { digest, knows_subject: answer.header("oci-subject").is_some() }),
            _ => Err(place.refusal(answer, &reference.familiar())),
        }
    }
}

fn media_type(answer: &Answer) -> Option<String> {
    let written = answer.header("content-type")?.split(';').next()?.trim();
    let says_something =
        !matches!(written, "" | "application/json" | "application/octet-stream" | "text/plain");
    says_something.then(|| written.to_owned())
}
