//! Any list of components → bill: the way back, whoever wrote it.
//!
//! A document is recognised by its content, never by its name. A defect loses only itself and is told as a gap;
//! only a text that cannot be parsed at all is an error.

mod cyclonedx;
mod detect;
mod draft;
mod lenient;
mod parties;
mod properties;
mod spdx;
mod stream;
mod syft;
mod wrappers;
mod xml;

use crate::bom::Bom;
use detect::Found;

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("it is empty")]
    Empty,
    #[error("it is no SBOM we know: neither CycloneDX nor SPDX")]
    Unknown,
    #[error("it is {format}, and {what}")]
    Broken { format: &'static str, what: String },
}

/// How many attestations may be wrapped in each other.
const DEEPEST: usize = 4;

/// Whether the bytes are, or begin like, a document that [`read`] reads.
pub fn recognises(bytes: &[u8]) -> bool {
    // A compressed document tells itself by its beginning.
    let Ok(bytes) = wrappers::unpacked(bytes, Some(1 << 20)) else { return false };
    detect::detect(&detect::decoded(&bytes)).is_some()
}

/// Reads a document of any format we know, also compressed or in an attestation.
///
/// # Errors
/// When it is of none, or cut short or otherwise not even text of its format.
pub fn read(bytes: &[u8]) -> Result<Bom, ReadError> {
    read_inside(bytes, 0)
}

fn read_inside(bytes: &[u8], depth: usize) -> Result<Bom, ReadError> {
    let unpacked = wrappers::unpacked(bytes, None)?;
    let bytes = detect::decoded(&unpacked);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    let found = detect::detect(&bytes).ok_or(ReadError::Unknown)?;
    let inner = match found {
        Found::CycloneDx => return cyclonedx::json(&bytes),
        Found::CycloneDxXml => return cyclonedx::xml(&bytes),
        Found::Spdx => return spdx::json(&bytes),
        Found::Spdx3 => return spdx::json_3(&bytes),
        Found::SpdxTagValue => return spdx::tag_value(&bytes),
        Found::GithubSpdx => return spdx::wrapped_json(&bytes),
        Found::Syft => return syft::json(&bytes),
        Found::Envelope => wrappers::envelope(&bytes)?,
        Found::Bundle => wrappers::bundle(&bytes)?,
        Found::Statement => wrappers::predicate(&bytes)?,
    };
    if depth == DEEPEST {
        let what = format!("it is wrapped more than {DEEPEST} times");
        return Err(ReadError::Broken { format: "an attestation", what });
    }
    let mut bom = read_inside(&inner, depth + 1)?;
    if let Some(origin) = bom.origin.as_mut().filter(|origin| !origin.format.ends_with("attestation")) {
        origin.format.push_str(" in an attestation");
    }
    Ok(bom)
}

/// What serde_json says, in our words.
fn broken_json(format: &'static str, error: &serde_json::Error) -> ReadError {
    let what = match error.classify() {
        serde_json::error::Category::Eof => format!("it ends in the middle, at line {}", error.line()),
        _ => {
            let (line, column, said) = (error.line(), error.column(), error.to_string());
            let said = said.split(" at line ").next().unwrap_or_default();
            format!("line {line}, column {column} is no JSON: {said}")
        }
    };
    ReadError::Broken { format, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read(text.as_bytes()).expect_err("the test's text is no sound document").to_string()
    }

    #[test]
    fn an_attestation_is_opened() {
        let statement = r#"{"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://cyclonedx.org/bom",
            "predicate": {"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [{"name": "a", "type": "library"}]}}"#;
        let bom = read(statement.as_bytes()).expect("it is sound");
        assert_eq!(bom.components.len(), 1);
        assert_eq!(bom.origin.expect("it was read").format, "CycloneDX 1.4 JSON in an attestation");
        let envelope = r#"{"payloadType": "application/vnd.in-toto+json", "payload": "eyJib21Gb3JtYXQiOiAiQ3ljbG9uZURYIn0="}
            {"another": "line"}"#;
        assert!(read(envelope.as_bytes()).is_ok());
        assert_eq!(
            error(&envelope.replace("eyJ", "***")),
            "it is an attestation, and its payload is no base64"
        );
    }

    #[test]
    fn a_compressed_document_is_unpacked() {
        let text = br#"{"bomFormat": "CycloneDX", "components": []}"#;
        let packed = zstd::encode_all(&text[..], 1).expect("memory does not fail");
        assert!(recognises(&packed) && read(&packed).is_ok());
        assert!(read(&packed[..packed.len() - 3]).is_err());
        assert!(!recognises(&[0x1f, 0x8b, 0, 0]));
    }

    #[test]
    fn what_cannot_be_read_says_why_and_where() {
        assert_eq!(error(" \n"), "it is empty");
        assert_eq!(error("hello"), "it is no SBOM we know: neither CycloneDX nor SPDX");
        assert_eq!(
            error("{\"bomFormat\": \"CycloneDX\",\n\"components\": [{\"name\":"),
            "it is CycloneDX JSON, and it ends in the middle, at line 2"
        );
        assert_eq!(
            error("{\"spdxVersion\": \"SPDX-2.3\",\n oops}"),
            "it is SPDX JSON, and line 2, column 2 is no JSON: key must be a string"
        );
        let deep =
            format!("{{\"bomFormat\": \"CycloneDX\", \"components\": {}", "[{\"components\":".repeat(500));
        assert!(error(&deep).contains("recursion limit exceeded"), "{}", error(&deep));
    }
}
