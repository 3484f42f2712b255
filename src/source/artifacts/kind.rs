//! Which kinds of document are attached, and what registries call them.
//!
//! Spec: <https://www.iana.org/assignments/media-types/>, <https://github.com/CycloneDX/specification>,
//! <https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md>

use crate::attestation;

/// What a document is about an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    CycloneDx,
    Spdx,
    /// Syft's own format.
    Syft,
    /// An attestation of something else, or of what nobody says.
    Other,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::CycloneDx => "cyclonedx",
            Self::Spdx => "spdx",
            Self::Syft => "syft",
            Self::Other => "other",
        }
    }

    /// By the type of a predicate.
    pub fn of_predicate(address: &str) -> Self {
        let is = |name: &str| attestation::named(address, name);
        match address {
            _ if is("cyclonedx") || address == "https://cyclonedx.org/schema" => Self::CycloneDx,
            _ if is("spdx") || is("spdx3") => Self::Spdx,
            "https://syft.dev/bom" => Self::Syft,
            _ => Self::Other,
        }
    }

    /// By a media type. `None` for what is no document itself.
    pub(super) fn of_media_type(text: &str) -> Option<Self> {
        let bare = text.split(';').next().unwrap_or_default().trim();
        Some(match bare {
            "application/vnd.cyclonedx+json"
            | "application/vnd.cyclonedx+xml"
            | "application/vnd.cyclonedx" => Self::CycloneDx,
            "application/spdx+json"
            | "application/spdx+xml"
            | "application/spdx+yaml"
            | "text/spdx"
            | "text/spdx+json"
            | "text/spdx+xml"
            | "application/spdx"
            | "application/vnd.spdx+json" => Self::Spdx,
            "application/vnd.syft+json" => Self::Syft,
            _ => return None,
        })
    }
}

/// A document as it is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Of the artifact and of its one layer.
    pub media_type: &'static str,
    /// The file it is unpacked to by programs that know nothing more.
    pub title: &'static str,
    /// Of an attestation: what it attests.
    pub predicate_type: Option<String>,
}

impl Content {
    /// An SBOM, by the format that the reader found. `None` for formats that no registry has a name for.
    pub fn of_format(format: &str) -> Option<Self> {
        let words: Vec<&str> = format.split(' ').collect();
        let (media_type, title) = match (words.first()?, words.last()?) {
            (&"CycloneDX", &"XML") => ("application/vnd.cyclonedx+xml", "sbom.cdx.xml"),
            (&"CycloneDX", &"JSON") => ("application/vnd.cyclonedx+json", "sbom.cdx.json"),
            (&"SPDX", &"JSON") => ("application/spdx+json", "sbom.spdx.json"),
            (&"SPDX", &"tag-value") => ("text/spdx", "sbom.spdx"),
            (&"SPDX", &"XML") => ("application/spdx+xml", "sbom.spdx.xml"),
            (&"SPDX", &"YAML") => ("application/spdx+yaml", "sbom.spdx.yaml"),
            (&"Syft", _) => ("application/vnd.syft+json", "sbom.syft.json"),
            _ => return None,
        };
        Some(Self { media_type, title, predicate_type: None })
    }

    /// An attestation: a bundle, an envelope, or a statement that nobody signed.
    pub fn of_attestation(media_type: &'static str, predicate_type: String) -> Self {
        let title = match media_type {
            attestation::BUNDLE => "attestation.sigstore.json",
            _ => "attestation.intoto.jsonl",
        };
        Self { media_type, title, predicate_type: Some(predicate_type) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_name() {
        let of = |format: &str| Content::of_format(format).map(|content| content.media_type);
        assert_eq!(of("CycloneDX 1.6 JSON"), Some("application/vnd.cyclonedx+json"));
        assert_eq!(of("CycloneDX 1.4 XML"), Some("application/vnd.cyclonedx+xml"));
        assert_eq!(of("SPDX 2.3 JSON"), Some("application/spdx+json"));
        assert_eq!(of("SPDX 3.0.1 JSON"), Some("application/spdx+json"));
        assert_eq!(of("SPDX 2.3 tag-value"), Some("text/spdx"));
        assert_eq!(of("SPDX 2.2 RDF"), None);
        assert_eq!(of(""), None);
        for format in
            ["CycloneDX 1.6 JSON", "SPDX 2.3 JSON", "SPDX 2.3 tag-value", "SPDX 2.3 YAML", "SPDX 2.3 XML"]
        {
            let kind = of(format).and_then(Kind::of_media_type).expect("what is written is known when read");
            assert!(format.to_lowercase().starts_with(kind.name()), "{format}");
        }
    }

    #[test]
    fn predicates_tell_their_kind() {
        assert_eq!(Kind::of_predicate("https://cyclonedx.org/bom/v1.6"), Kind::CycloneDx);
        assert_eq!(Kind::of_predicate("https://spdx.dev/Document"), Kind::Spdx);
        assert_eq!(Kind::of_predicate("https://spdx.dev/Document/v3"), Kind::Spdx);
        assert_eq!(Kind::of_predicate("https://slsa.dev/provenance/v1"), Kind::Other);
        assert_eq!(Kind::of_media_type("application/vnd.cyclonedx+json; version=1.6"), Some(Kind::CycloneDx));
    }
}
