//! The statement: of which artefacts something is said, what kind of thing, and the thing itself.
//!
//! The thing (the predicate) is put into the statement as it was written, byte for byte, and comes out of it so.
//! Spec: <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const TYPE: &str = "https://in-toto.io/Statement/v1";
/// What statements of every version begin with; v0.1 has the same fields, and cosign still writes it.
const TYPES: &str = "https://in-toto.io/Statement/";

/// An artefact by its digests: only these say which it is, the name is for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Hexadecimal, by the name of the algorithm: `sha256`.
    #[serde(default)]
    pub digest: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

impl Subject {
    /// From a digest as OCI writes it, `sha256:<hex>`.
    pub fn of(name: impl Into<String>, digest: &str) -> Self {
        let (algorithm, hex) = digest.split_once(':').unwrap_or(("sha256", digest));
        Self { digest: BTreeMap::from([(algorithm.to_owned(), hex.to_owned())]), name: name.into() }
    }

    /// Whether both are one artefact: they agree in a digest, and differ in none that both have.
    pub fn is(&self, other: &Self) -> bool {
        let mut shared = false;
        for (algorithm, hex) in &self.digest {
            match other.digest.get(algorithm) {
                Some(same) if same.eq_ignore_ascii_case(hex) => shared = true,
                Some(_) => return false,
                None => {}
            }
        }
        shared
    }

    /// `name@sha256:…`, or the digest alone.
    pub fn shown(&self) -> String {
        let digests: Vec<String> =
            self.digest.iter().map(|(algorithm, hex)| format!("{algorithm}:{hex}")).collect();
        let digests = digests.join(",");
        if self.name.is_empty() { digests } else { format!("{}@{digests}", self.name) }
    }
}

/// Why a document cannot be what is said of an artefact.
#[derive(Debug, thiserror::Error)]
#[error("it is no JSON, and only JSON can be a predicate")]
pub struct PredicateError(#[source] serde_json::Error);

/// Why bytes are no statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    #[error("what was signed is no in-toto statement")]
    Json(#[from] serde_json::Error),
    #[error("what was signed is a `{0}`, and no in-toto statement")]
    Type(String),
}

/// A statement as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub subjects: Vec<Subject>,
    pub predicate_type: String,
    /// As it was written.
    pub predicate: String,
}

#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "_type")]
    kind: &'static str,
    #[serde(rename = "predicateType")]
    predicate_type: &'a str,
    subject: &'a [Subject],
    predicate: &'a RawValue,
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(rename = "_type")]
    kind: String,
    #[serde(rename = "predicateType", default)]
    predicate_type: String,
    #[serde(default)]
    subject: Vec<Subject>,
    #[serde(borrow, default)]
    predicate: Option<&'a RawValue>,
}

/// The text of a statement about `subjects`.
///
/// # Errors
/// When the predicate is no JSON.
pub fn statement(
    subjects: &[Subject],
    predicate_type: &str,
    predicate: &str,
) -> Result<String, PredicateError> {
    let predicate: &RawValue = serde_json::from_str(predicate.trim()).map_err(PredicateError)?;
    let written = Written { kind: TYPE, predicate_type, subject: subjects, predicate };
    serde_json::to_string(&written).map_err(PredicateError)
}

impl Statement {
    /// # Errors
    /// When the bytes are no in-toto statement.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        let read: Read<'_> = serde_json::from_slice(bytes)?;
        if !read.kind.starts_with(TYPES) {
            return Err(StatementError::Type(read.kind));
        }
        let predicate = read.predicate.map(|raw| raw.get().to_owned());
        Ok(Self {
            subjects: read.subject,
            predicate_type: read.predicate_type,
            predicate: predicate.unwrap_or_else(|| "null".to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    #[test]
    fn what_is_said_stays_as_it_was_written() {
        let document = "{\"b\": 1.50,\n \"a\": [ ],\t\"z\": \"\\u00e9\"}\n";
        let subjects = [Subject::of("example.org/app", DIGEST)];
        let text = statement(&subjects, "https://cyclonedx.org/bom", document).expect("it is JSON");
        expect_test::expect![[r#"
            {"_type":"https://in-toto.io/Statement/v1","predicateType":"https://cyclonedx.org/bom","subject":[{"digest":{"sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"name":"example.org/app"}],"predicate":{"b": 1.50,
             "a": [ ],	"z": "\u00e9"}}"#]]
        .assert_eq(&text);
        let read = Statement::parse(text.as_bytes()).expect("it is a statement");
        assert_eq!(read.predicate, document.trim_end());
        assert_eq!(read.subjects, subjects);
        assert!(statement(&subjects, "x", "SPDXVersion: SPDX-2.3").is_err());
    }

    #[test]
    fn only_digests_say_which_artefact_it_is() {
        let one = Subject::of("a", DIGEST);
        assert!(one.is(&Subject::of("another name", &DIGEST.to_uppercase().replace("SHA256", "sha256"))));
        assert!(!one.is(&Subject::of("a", "sha256:00")));
        assert!(!one.is(&Subject::of("a", "sha512:00")));
        let mut both = one.clone();
        both.digest.insert("sha512".to_owned(), "00".to_owned());
        assert!(both.is(&one) && !both.is(&Subject { name: "a".to_owned(), digest: BTreeMap::new() }));
    }

    #[test]
    fn other_things_are_no_statements() {
        let error = |text: &str| Statement::parse(text.as_bytes()).expect_err("it is none").to_string();
        assert_eq!(error("{}"), "what was signed is no in-toto statement");
        assert_eq!(error(r#"{"_type": "link"}"#), "what was signed is a `link`, and no in-toto statement");
        assert!(Statement::parse(br#"{"_type": "https://in-toto.io/Statement/v0.1"}"#).is_ok());
    }
}
