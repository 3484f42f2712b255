//! The manifest of an artifact: one document, and whose it is.
//!
//! It hangs on nothing but these, so that what is attached twice is there once.
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/manifest.md>

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Content, Descriptor, Home, MANIFEST};
use crate::attestation::{BUNDLE, IN_TOTO};
use crate::source::{Digest, SourceError};

/// What stands for no config, and its two bytes.
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const NOTHING: &[u8] = b"{}";

const TITLE: &str = "org.opencontainers.image.title";
const CREATED: &str = "org.opencontainers.image.created";
/// Under which BuildKit and in-toto's own programs say what an attestation attests.
pub(super) const PREDICATE_TYPE: &str = "in-toto.io/predicate-type";
/// Under which cosign 3 does, for bundles.
pub(super) const BUNDLE_PREDICATE_TYPE: &str = "dev.sigstore.bundle.predicateType";
const BUNDLE_CONTENT: &str = "dev.sigstore.bundle.content";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    schema_version: u8,
    media_type: &'static str,
    artifact_type: &'a str,
    config: Embedded,
    layers: [Descriptor; 1],
    subject: Descriptor,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

/// The empty config, with its bytes in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Embedded {
    media_type: &'static str,
    digest: String,
    size: usize,
    data: &'static str,
}

/// An artifact about an image, ready to be kept.
#[derive(Debug, Clone)]
pub struct Artifact {
    pub descriptor: Descriptor,
    pub bytes: Vec<u8>,
    subject: Digest,
}

/// What came of attaching.
#[derive(Debug, Clone)]
pub struct Attachment {
    pub digest: String,
    /// Whether the very same was there.
    pub was_there: bool,
}

impl Artifact {
    /// Of a document about the manifest `subject`. The time is said only where the caller has one.
    ///
    /// # Errors
    /// When the subject has no digest we know.
    pub fn of(
        content: &Content,
        document: &[u8],
        subject: &Descriptor,
        created: Option<&str>,
    ) -> Result<Self, SourceError> {
        let mut said = BTreeMap::new();
        if let Some(created) = created {
            said.insert(CREATED.to_owned(), created.to_owned());
        }
        let mut of_layer = BTreeMap::from([(TITLE.to_owned(), content.title.to_owned())]);
        if let Some(kind) = &content.predicate_type {
            of_layer.insert(PREDICATE_TYPE.to_owned(), kind.clone());
            said.insert(PREDICATE_TYPE.to_owned(), kind.clone());
            if content.media_type == BUNDLE {
                said.insert(BUNDLE_PREDICATE_TYPE.to_owned(), kind.clone());
                said.insert(BUNDLE_CONTENT.to_owned(), "dsse-envelope".to_owned());
            }
        }
        let layer = Descriptor {
            media_type: content.media_type.to_owned(),
            digest: Digest::sha256(document).to_string(),
            size: document.len() as u64,
            annotations: of_layer,
            ..Descriptor::default()
        };
        let about = Descriptor {
            media_type: subject.media_type.clone(),
            digest: subject.digest.clone(),
            size: subject.size,
            ..Descriptor::default()
        };
        let config = Embedded {
            media_type: EMPTY,
            digest: Digest::sha256(NOTHING).to_string(),
            size: 2,
            data: "e30=",
        };
        let manifest = Written {
            schema_version: 2,
            media_type: MANIFEST,
            artifact_type: content.media_type,
            config,
            layers: [layer],
            subject: about,
            annotations: said.clone(),
        };
        let bytes = serde_json::to_vec(&manifest).expect("texts and numbers are always JSON");
        let descriptor = Descriptor {
            media_type: MANIFEST.to_owned(),
            digest: Digest::sha256(&bytes).to_string(),
            size: bytes.len() as u64,
            artifact_type: Some(content.media_type.to_owned()),
            annotations: said,
            ..Descriptor::default()
        };
        Ok(Self { descriptor, bytes, subject: Digest::parse(&subject.digest)? })
    }
}

/// Puts a document beside the image it is about, unless the very same is there.
///
/// # Errors
/// When the home cannot be read or written.
pub fn attach(home: &dyn Home, artifact: &Artifact, document: &[u8]) -> Result<Attachment, SourceError> {
    let digest = artifact.descriptor.digest.clone();
    let there = home.referrers(&artifact.subject)?;
    if there.iter().any(|other| other.digest == digest) {
        return Ok(Attachment { digest, was_there: true });
    }
    home.keep(NOTHING)?;
    home.keep(document)?;
    home.refer(&artifact.descriptor, &artifact.bytes, &artifact.subject)?;
    Ok(Attachment { digest, was_there: false })
}

/// What an attestation attests, where a descriptor or manifest says so.
pub(super) fn predicate_type(said: &BTreeMap<String, String>) -> Option<&str> {
    const KEYS: &[&str] = &[PREDICATE_TYPE, BUNDLE_PREDICATE_TYPE, "predicateType"];
    KEYS.iter().find_map(|key| said.get(*key)).map(String::as_str)
}

/// Whether a media type is that of an attestation.
pub(super) fn is_attestation(media_type: &str) -> bool {
    matches!(media_type, crate::attestation::ENVELOPE | IN_TOTO | BUNDLE)
        || media_type.starts_with("application/vnd.dev.sigstore.bundle")
        || media_type.starts_with("application/vnd.in-toto.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_artifact_hangs_on_its_document_and_its_subject_only() {
        let subject = Descriptor {
            media_type: MANIFEST.to_owned(),
            digest: Digest::sha256(b"image").to_string(),
            size: 5,
            annotations: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            ..Descriptor::default()
        };
        let content = Content::of_format("CycloneDX 1.6 JSON").expect("a format");
        let artifact = Artifact::of(&content, b"{}\n", &subject, None).expect("a digest");
        expect_test::expect![[r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cyclonedx+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"e30="},"layers":[{"mediaType":"application/vnd.cyclonedx+json","digest":"sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356","size":3,"annotations":{"org.opencontainers.image.title":"sbom.cdx.json"}}],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d","size":5}}"#]].assert_eq(&String::from_utf8_lossy(&artifact.bytes));
        let attested = Content::of_attestation(BUNDLE, "https://cyclonedx.org/bom".to_owned());
        let bundle =
            Artifact::of(&attested, b"{}", &subject, Some("2026-01-02T03:04:05Z")).expect("a digest");
        let said: Vec<String> =
            bundle.descriptor.annotations.iter().map(|(key, value)| format!("{key}={value}")).collect();
        expect_test::expect![[r#"
            dev.sigstore.bundle.content=dsse-envelope
            dev.sigstore.bundle.predicateType=https://cyclonedx.org/bom
            in-toto.io/predicate-type=https://cyclonedx.org/bom
            org.opencontainers.image.created=2026-01-02T03:04:05Z"#]]
        .assert_eq(&said.join("\n"));
        assert_eq!(predicate_type(&bundle.descriptor.annotations), Some("https://cyclonedx.org/bom"));
    }
}
