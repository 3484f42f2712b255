//! The documents about an image, by every way in which programs leave them.

use std::collections::BTreeSet;

use super::kind::Kind;
use super::manifest::{is_attestation, predicate_type};
use super::{Descriptor, Home, Manifest, Members, parsed};
use crate::attestation;
use crate::source::{Digest, Platform, SourceError};

/// What BuildKit's manifests say they are, and whose.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";

/// More than anybody attaches; a bound for hostile lists.
const MOST: usize = 1000;

/// How a document was left with its image, the one that is asked first standing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A manifest whose subject is the image.
    Referrer,
    /// In the index of the image, as BuildKit does.
    Index,
    /// Under a tag made of the digest of the image, as cosign does.
    Tag,
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::Referrer => "referrer",
            Self::Index => "index",
            Self::Tag => "tag",
        }
    }
}

/// A document about an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    pub way: Way,
    pub kind: Kind,
    pub media_type: String,
    /// Of an attestation: what it attests, where the list says so.
    pub predicate_type: Option<String>,
    /// Whether it lies in a statement, signed or not.
    pub is_attestation: bool,
    /// Of the document itself.
    pub digest: Digest,
    pub size: u64,
    /// The manifest it is about.
    pub about: Digest,
    /// The place of the manifest it is about: that of a platform before that of the index.
    about_order: usize,
    /// Its place in its manifest. BuildKit puts what the image is made of first, and behind it what the stages were
    /// made of that it was built in.
    place: usize,
}

/// Every document about an image. What is about one platform's stands before what is about the index.
///
/// # Errors
/// When the image or a list of what is about it cannot be read.
pub fn attached(home: &dyn Home, platform: Option<&Platform>) -> Result<Vec<Attached>, SourceError> {
    let members = Members::of(home)?;
    let mut found = Vec::new();
    for (order, digest) in members.digests(platform)?.iter().enumerate() {
        let mut finder = Finder { home, about: digest, order, found: &mut found };
        for referrer in home.referrers(digest)?.iter().take(MOST) {
            finder.manifest(
                Way::Referrer,
                &home.manifest(&Digest::parse(&referrer.digest)?)?,
                &referrer.digest,
            )?;
        }
        let whose = digest.to_string();
        for member in members.members.iter().take(MOST) {
            let is_about = member.annotation(REFERENCE_TYPE) == Some("attestation-manifest")
                && member.annotation(REFERENCE_DIGEST) == Some(&whose);
            if is_about {
                let bytes = home.manifest(&Digest::parse(&member.digest)?)?;
                finder.manifest(Way::Index, &bytes, &member.digest)?;
            }
        }
        for ending in ["att", "sbom"] {
            let tag = format!("{}.{ending}", whose.replacen(':', "-", 1));
            if let Some(bytes) = home.tagged(&tag)? {
                finder.manifest(Way::Tag, &bytes, &tag)?;
            }
        }
    }
    found.sort_by(|one, other| {
        let key = |it: &Attached| (it.about_order, it.way, it.kind, it.place, it.digest.clone());
        key(one).cmp(&key(other))
    });
    // Newer manifests of BuildKit name their subject as well.
    let mut seen = BTreeSet::new();
    found.retain(|one| seen.insert((one.digest.clone(), one.about.clone())));
    Ok(found)
}

struct Finder<'a> {
    home: &'a dyn Home,
    about: &'a Digest,
    order: usize,
    found: &'a mut Vec<Attached>,
}

impl Finder<'_> {
    /// The documents of one manifest: its layers of a type that may be one.
    fn manifest(&mut self, way: Way, bytes: &[u8], name: &str) -> Result<(), SourceError> {
        let manifest: Manifest = parsed(self.home, name, bytes)?;
        // A list may say what the manifests in it do not.
        let is_about =
            manifest.subject.as_ref().is_some_and(|subject| subject.digest == self.about.to_string());
        if way == Way::Referrer && !is_about {
            return Ok(());
        }
        let layers = manifest.layers.as_deref().unwrap_or_default();
        for (place, layer) in layers.iter().take(MOST).enumerate() {
            let Some(mut found) = self.document(way, &manifest, layer, layers.len())? else { continue };
            found.place = place;
            self.found.push(found);
        }
        Ok(())
    }

    fn document(
        &self,
        way: Way,
        manifest: &Manifest,
        layer: &Descriptor,
        layers: usize,
    ) -> Result<Option<Attached>, SourceError> {
        // Some leave the layer without a type of its own, and say it of the artifact.
        let of_artifact = manifest.artifact_type.as_deref().filter(|_| layers == 1).unwrap_or_default();
        let types = [layer.media_type.as_str(), of_artifact];
        let is_attestation = types.iter().any(|text| is_attestation(text));
        let said = predicate_type(&layer.annotations)
            .or_else(|| predicate_type(&manifest.annotations).filter(|_| layers == 1));
        let digest = Digest::parse(&layer.digest)?;
        let said = match said {
            None if is_attestation => attestation::attested(&self.home.blob(&digest, layer.size)?),
            said => said.map(str::to_owned),
        };
        let kind = match &said {
            Some(address) if is_attestation => Some(Kind::of_predicate(address)),
            _ if is_attestation => Some(Kind::Other),
            _ => types.iter().find_map(|text| Kind::of_media_type(text)),
        };
        let Some(kind) = kind else { return Ok(None) };
        Ok(Some(Attached {
            way,
            kind,
            media_type: layer.media_type.clone(),
            predicate_type: said,
            is_attestation,
            digest,
            size: layer.size,
            about: self.about.clone(),
            about_order: self.order,
            place: 0,
        }))
    }
}
