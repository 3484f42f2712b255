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

/// Whether the text is, or begins like, a document that [`read`] reads.
pub fn recognises(bytes: &[u8]) -> bool {
    detect::detect(&detect::decoded(bytes)).is_some()
}

/// Reads a document of any format we know.
///
/// # Errors
/// When it is of none, or cut short or otherwise not even text of its format.
pub fn read(bytes: &[u8]) -> Result<Bom, ReadError> {
    let bytes = detect::decoded(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    match detect::detect(&bytes).ok_or(ReadError::Unknown)? {
        Found::CycloneDx => cyclonedx::json(&bytes),
        Found::CycloneDxXml => cyclonedx::xml(&bytes),
        Found::Spdx => spdx::json(&bytes),
        Found::GithubSpdx => spdx::wrapped_json(&bytes),
    }
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
