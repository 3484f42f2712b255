//! An image in a registry, with what is about it in the same repository.
//!
//! Where the registry keeps no list of who refers to whom, an index under a tag made of the digest does (`sha256-<hex>`);
//! it is read, completed and written back, and looked at again, as somebody else may have done the same meanwhile.
//! Spec: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject>

use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use super::{Descriptor, Held, Home, INDEX, MAX_DOCUMENT, verified};
use crate::source::registry::{Reference, Referrers, Registry, RegistryOptions};
use crate::source::{Digest, SourceError};

/// How often a list is written that others write at the same time.
const MOST_TRIES: usize = 5;

/// An image in a registry.
pub struct Remote {
    registry: Registry,
    reference: Reference,
}

impl Remote {
    /// # Errors
    /// When the text is no name of an image, or the file of certificates cannot be used.
    pub fn open(name: &str, options: &RegistryOptions) -> Result<Self, SourceError> {
        Ok(Self { reference: Reference::parse(name)?, registry: Registry::new(options.clone())? })
    }

    fn inconsistent(&self, name: String, reason: &str) -> SourceError {
        SourceError::Inconsistent { path: self.name().into(), name, reason: reason.to_owned() }
    }

    /// Puts a descriptor into the index that stands for the list.
    fn list_under_tag(&self, descriptor: &Descriptor, subject: &Digest) -> Result<(), SourceError> {
        let tag = Referrers::tag(subject);
        for _ in 0..MOST_TRIES {
            let mut index: Value = match self.tagged(&tag)? {
                None => json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}),
                Some(bytes) => serde_json::from_slice(&bytes)
                    .map_err(|_| self.inconsistent(tag.clone(), "it is no JSON"))?,
            };
            let Some(manifests) = index.get_mut("manifests").and_then(Value::as_array_mut) else {
                return Err(self.inconsistent(tag, "it has no list of manifests"));
            };
            if manifests.iter().any(|one| one.get("digest") == Some(&json!(descriptor.digest))) {
                return Ok(());
            }
            manifests.push(json!(descriptor));
            let text = index.to_string();
            self.registry.put_manifest(&self.reference.with_tag(&tag), INDEX, text.as_bytes())?;
        }
        let reason = "others write it at the same time, and what was written was lost each time";
        Err(self.inconsistent(tag, reason))
    }
}

impl Home for Remote {
    fn notes(&self) -> Vec<String> {
        self.registry.notes()
    }

    fn name(&self) -> String {
        let repository = self.reference.familiar_repository();
        self.reference.tag().map_or_else(|| repository.clone(), |tag| format!("{repository}:{tag}"))
    }

    fn top(&self) -> Result<Held, SourceError> {
        let found = self.registry.manifest(&self.reference)?;
        let descriptor = Descriptor {
            media_type: found.media_type,
            digest: found.digest.to_string(),
            size: found.bytes.len() as u64,
            ..Descriptor::default()
        };
        Ok(Held { descriptor, bytes: found.bytes })
    }

    fn manifest(&self, digest: &Digest) -> Result<Vec<u8>, SourceError> {
        Ok(self.registry.manifest(&self.reference.with_digest(digest))?.bytes)
    }

    fn blob(&self, digest: &Digest, size: u64) -> Result<Vec<u8>, SourceError> {
        // With its size it can be told from a part of it, and a part can be completed.
        let size = Some(size).filter(|size| *size > 0);
        let mut bytes = Vec::new();
        let reader = self.registry.blob(&self.reference, digest, size)?;
        let read = reader.take(MAX_DOCUMENT).read_to_end(&mut bytes);
        let name = format!("{}@{digest}", self.name());
        read.map_err(|error| SourceError::io(Path::new(&name), error))?;
        verified(&name, digest, bytes)
    }

    fn referrers(&self, digest: &Digest) -> Result<Vec<Descriptor>, SourceError> {
        let listed = self.registry.referrers(&self.reference, digest)?.manifests;
        let descriptor = |one: crate::source::registry::Descriptor| Descriptor {
            media_type: one.media_type,
            digest: one.digest,
            size: one.size,
            artifact_type: one.artifact_type,
            annotations: one.annotations,
            ..Descriptor::default()
        };
        Ok(listed.into_iter().map(descriptor).collect())
    }

    fn tagged(&self, tag: &str) -> Result<Option<Vec<u8>>, SourceError> {
        match self.registry.manifest(&self.reference.with_tag(tag)) {
            Ok(found) => Ok(Some(found.bytes)),
            Err(error) if error.is_absence() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn keep(&self, bytes: &[u8]) -> Result<(), SourceError> {
        self.registry.put_blob(&self.reference, bytes)?;
        Ok(())
    }

    fn refer(&self, descriptor: &Descriptor, bytes: &[u8], subject: &Digest) -> Result<(), SourceError> {
        let place = self.reference.with_digest(&Digest::parse(&descriptor.digest)?);
        let written = self.registry.put_manifest(&place, &descriptor.media_type, bytes)?;
        if written.knows_subject || self.registry.referrers(&self.reference, subject)?.by_registry {
            return Ok(());
        }
        self.list_under_tag(descriptor, subject)
    }
}
