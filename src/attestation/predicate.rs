//! Which kind of thing a document is, by the names that other programs know it by.
//!
//! SPDX 2 has two names, with and without its version; cosign and BuildKit know the one without.
//! Spec: <https://github.com/in-toto/attestation/tree/main/spec/predicates>

use serde::Deserialize;
use serde::de::IgnoredAny;

pub const CYCLONEDX: &str = "https://cyclonedx.org/bom";
pub const SPDX_2: &str = "https://spdx.dev/Document";
pub const SPDX_3: &str = "https://spdx.dev/Document/v3";
/// SLSA's verification summary, which any verifier may write of any policy.
pub const VERDICT: &str = "https://slsa.dev/verification_summary/v1";

/// What users may call them, and the beginnings that name them; SPDX 3 stands before what is its beginning.
const NAMES: &[(&str, &str)] =
    &[("cyclonedx", CYCLONEDX), ("spdx3", SPDX_3), ("spdx", SPDX_2), ("verdict", VERDICT)];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(default)]
    bom_format: Option<String>,
    #[serde(default)]
    spdx_version: Option<IgnoredAny>,
    #[serde(rename = "@context", default)]
    context: Option<IgnoredAny>,
}

/// The kind of an SBOM in JSON. `None` for what is no SBOM that has a name.
pub fn kind_of(document: &str) -> Option<&'static str> {
    let head: Head = serde_json::from_str(document).ok()?;
    match head {
        Head { bom_format: Some(name), .. } if name == "CycloneDX" => Some(CYCLONEDX),
        Head { spdx_version: Some(_), .. } => Some(SPDX_2),
        Head { context: Some(_), .. } => Some(SPDX_3),
        _ => None,
    }
}

/// Whether a kind is the one that the user means: by our short names, with any version, or by its whole address.
pub fn named(kind: &str, wish: &str) -> bool {
    let rest_of =
        |address: &str| kind.strip_prefix(address).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match NAMES.iter().find(|(name, _)| *name == wish) {
        Some((_, SPDX_2)) => rest_of(SPDX_2).is_some() && rest_of(SPDX_3).is_none(),
        Some((_, address)) => rest_of(address).is_some(),
        None => kind == wish,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_tell_their_kind() {
        assert_eq!(kind_of(r#"{"bomFormat": "CycloneDX"}"#), Some(CYCLONEDX));
        assert_eq!(kind_of(r#"{"spdxVersion": "SPDX-2.3"}"#), Some(SPDX_2));
        assert_eq!(
            kind_of(r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}"#),
            Some(SPDX_3)
        );
        assert_eq!(kind_of("{}"), None);
        assert_eq!(kind_of("SPDXVersion: SPDX-2.3"), None);
    }

    #[test]
    fn kinds_are_known_by_any_version() {
        assert!(named("https://cyclonedx.org/bom/v1.6", "cyclonedx"));
        assert!(named("https://spdx.dev/Document/v2.3", "spdx"));
        assert!(!named("https://spdx.dev/Document/v3", "spdx"));
        assert!(named(SPDX_3, "spdx3") && !named(SPDX_2, "spdx3"));
        assert!(!named("https://cyclonedx.org/bomb", "cyclonedx"));
        assert!(named("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v1"));
    }
}
