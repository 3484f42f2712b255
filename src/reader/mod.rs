//! Any list of components → bill: the way back, whoever wrote it.
//!
//! A document is recognised by its content, never by its name. A defect loses only itself and is told as a gap;
//! only a text that cannot be parsed at all is an error.

mod cyclonedx;
mod detect;
mod draft;
mod lenient;
mod names;
mod parties;
mod properties;
mod spdx;
mod stream;
mod subject;
mod syft;
mod wrappers;
mod xml;

use std::io::{self, BufReader, Cursor, Read};

use crate::bom::{Bom, Gap, GapKind};
use detect::Found;

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("it is empty")]
    Empty,
    #[error("it is no SBOM we know: neither CycloneDX nor SPDX")]
    Unknown,
    #[error("it is an attestation of {0}, and of no SBOM")]
    Attests(String),
    #[error("it is {format}, and {what}")]
    Broken { format: &'static str, what: String },
    #[error("it cannot be read to its end: {0}")]
    Unreadable(#[from] io::Error),
}

/// How many attestations may be wrapped in each other.
const DEEPEST: usize = 4;

/// How much of a document is looked at to tell what it is.
const HEAD: usize = 64 << 10;
/// How much of it is read at once.
const BUFFER: usize = 256 << 10;

/// Whether the bytes are, or begin like, a document that [`read`] reads.
pub fn recognises(bytes: &[u8]) -> bool {
    // A compressed document tells itself by its beginning.
    let mut head = Vec::new();
    let Ok(unpacked) = wrappers::unpacked(Box::new(bytes)) else { return false };
    // What is cut short still has a beginning.
    let _ = unpacked.take(1 << 20).read_to_end(&mut head);
    let head = detect::decoded(&head);
    detect::detect(&head).is_some() || (head.len() >= HEAD && detect::detect_by_items(&head).is_some())
}

/// Reads a document of any format we know, also compressed or in an attestation.
///
/// # Errors
/// When it is of none, or cut short or otherwise not even text of its format, or names its components so that
/// nobody can say what it means.
///
/// ```
/// let text = "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: x\n\
///             PackageName: zlib\nSPDXID: SPDXRef-1\nPackageVersion: 1.3\n";
/// let bom = packlist::reader::read(text.as_bytes())?;
/// assert_eq!(bom.components.values().next().map(|zlib| zlib.name.as_str()), Some("zlib"));
/// # Ok::<(), packlist::reader::ReadError>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Bom, ReadError> {
    read_from(bytes)
}

/// The same from wherever it lies. A large one is never in memory as a whole.
///
/// # Errors
/// As [`read`], and when the input fails.
pub fn read_from(input: impl Read) -> Result<Bom, ReadError> {
    read_inside(Box::new(input), 0)
}

fn read_inside(input: Box<dyn Read + '_>, depth: usize) -> Result<Bom, ReadError> {
    let mut input = wrappers::unpacked(input)?;
    let mut head = Vec::new();
    input.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        input.read_to_end(&mut head)?;
        head = detect::decoded(&head).into_owned();
    } else if head.starts_with("\u{feff}".as_bytes()) {
        head.drain(..3);
    }
    let mut found = detect::detect(&head);
    if found.is_none() && head.len() >= HEAD {
        found = detect::detect_by_items(&head);
    }
    if found.is_none() && detect::may_tell_later(&head) {
        input.read_to_end(&mut head)?;
        found = detect::detect(&head);
    }
    let Some(found) = found else {
        let is_empty = head.iter().all(u8::is_ascii_whitespace);
        return Err(if is_empty { ReadError::Empty } else { ReadError::Unknown });
    };
    let whole: Box<dyn Read + '_> = Box::new(Cursor::new(head).chain(input));
    read_as(found, whole, depth)
}

fn read_as(found: Found, mut input: Box<dyn Read + '_>, depth: usize) -> Result<Bom, ReadError> {
    let buffered = |input| BufReader::with_capacity(BUFFER, input);
    match found {
        Found::CycloneDx => cyclonedx::json(input),
        Found::CycloneDxXml => cyclonedx::xml(buffered(input)),
        Found::Spdx => spdx::json(input),
        Found::Spdx3 => spdx::json_3(input),
        Found::SpdxRdf => spdx::rdf(buffered(input)),
        Found::SpdxTagValue => spdx::tag_value(buffered(input)),
        Found::SpdxXml => spdx::xml(buffered(input)),
        Found::SpdxYaml => spdx::yaml(input),
        Found::GithubSpdx => spdx::wrapped_json(input),
        Found::Syft => syft::json(input),
        Found::Envelope | Found::Bundle | Found::Statement => {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes)?;
            attested(&bytes, depth)
        }
    }
}

/// The first SBOM among the attestations of a file; that there are more is told.
fn attested(bytes: &[u8], depth: usize) -> Result<Bom, ReadError> {
    if depth == DEEPEST {
        let what = format!("it is wrapped more than {DEEPEST} times");
        return Err(ReadError::Broken { format: "an attestation", what });
    }
    let mut refusal = None;
    let mut values = wrappers::values(bytes);
    while let Some(value) = values.next() {
        let value = value?;
        match read_inside(Box::new(opened(value)?.as_slice()), depth + 1) {
            Ok(mut bom) => {
                if let Some(origin) = bom.origin.as_mut().filter(|it| !it.format.ends_with("attestation")) {
                    origin.format.push_str(" in an attestation");
                }
                let more = values.filter(|value| value.as_ref().is_ok_and(|value| holds_one(value, depth)));
                let more = more.count();
                if more > 0 {
                    let reason = format!("SBOMs of {more} more attestations in the file are not read");
                    bom.gaps.push(Gap { path: String::new(), line: None, kind: GapKind::LeftOut, reason });
                }
                return Ok(bom);
            }
            Err(ReadError::Unknown) if detect::detect(value) == Some(Found::Statement) => {
                refusal.get_or_insert(ReadError::Attests(wrappers::predicate_type(value)));
            }
            Err(error @ (ReadError::Attests(_) | ReadError::Unknown)) => {
                refusal.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(refusal.unwrap_or(ReadError::Unknown))
}

/// What an attestation is wrapped around; anything else as it is.
fn opened(value: &[u8]) -> Result<Vec<u8>, ReadError> {
    match detect::detect(value) {
        Some(Found::Envelope) => wrappers::envelope(value),
        Some(Found::Bundle) => wrappers::bundle(value),
        Some(Found::Statement) => wrappers::predicate(value),
        _ => Ok(value.to_vec()),
    }
}

/// Whether there is an SBOM in an attestation.
fn holds_one(value: &[u8], depth: usize) -> bool {
    match detect::detect(value) {
        Some(Found::Envelope | Found::Bundle | Found::Statement) => {
            depth < DEEPEST && opened(value).is_ok_and(|inner| holds_one(&inner, depth + 1))
        }
        found => found.is_some(),
    }
}

/// Of a description, which may be a whole page elsewhere.
fn first_line(text: String) -> String {
    match text.trim().split_once(['\n', '\r']) {
        Some((first, _)) => first.trim_end().to_owned(),
        None => text,
    }
}

/// All of a text that can only be read as a whole.
fn text_of(mut input: impl Read) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()))
}

/// What serde_json says, in our words.
fn broken_json(format: &'static str, error: serde_json::Error) -> ReadError {
    let what = match error.classify() {
        serde_json::error::Category::Io => return ReadError::Unreadable(error.into()),
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
    fn neither_a_mark_nor_an_encoding_nor_a_late_word_hides_a_document() {
        let text = r#"{"components": [{"name": "a", "type": "library"}], "bomFormat": "CycloneDX"}"#;
        let wide: Vec<u8> =
            [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        let late =
            text.replace("{\"name\"", &format!("{{\"description\": \"{}\", \"name\"", "x".repeat(HEAD)));
        for bytes in [wide, format!("\u{feff}{text}").into_bytes(), late.into_bytes()] {
            let bom = read(&bytes).expect("it is sound");
            assert_eq!(bom.components.len(), 1);
        }
    }

    #[test]
    fn bytes_that_are_no_text_lose_only_themselves() {
        let text = b"{\"bomFormat\": \"CycloneDX\",\n \"components\": [{\"name\": \"caf\xe9\", \"type\": \"library\"}]}";
        let bom = read(text).expect("all else is text");
        assert_eq!(bom.components.values().next().map(|c| c.name.as_str()), Some("caf\u{fffd}"));
        assert_eq!(bom.gaps[0].reason, "line 2 is no UTF-8; what could not be read of it is `\u{fffd}`");
    }

    /// Counts what is asked for.
    struct Counted<'a>(&'a [u8], &'a std::cell::Cell<usize>);

    impl Read for Counted<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(into)?;
            self.1.set(self.1.get() + count);
            Ok(count)
        }
    }

    #[test]
    fn a_long_document_is_not_read_to_its_end_to_know_what_it_is() {
        let package = |n: usize| format!(r#"{{"SPDXID": "SPDXRef-{n}", "name": "package {n}"}}"#);
        let packages: Vec<String> = (0..50_000).map(package).collect();
        let text = format!(
            r#"{{"packages": [{}], "creationInfo": {{"created": "2026-01-01T00:00:00Z"}}, "spdxVersion": "SPDX-2.3"}}"#,
            packages.join(",")
        );
        assert!(recognises(&text.as_bytes()[..HEAD]));
        let bom = read(text.as_bytes()).expect("it is sound");
        assert_eq!((bom.components.len(), bom.gaps.len()), (50_000, 0));
        assert_eq!(bom.origin.expect("it was read").format, "SPDX 2.3 JSON");
        let taken = std::cell::Cell::new(0);
        let broken = text.replace("\"SPDXRef-9999\"", "oops");
        assert!(read_from(Counted(broken.as_bytes(), &taken)).is_err());
        assert!(taken.get() < text.len() / 2, "{} of {} were read", taken.get(), text.len());
    }

    #[test]
    fn a_window_ends_anywhere() {
        let component = |n: usize| format!("{{\"name\": \"é{n}\", \"type\": \"library\", \"x\": [{n}]}}");
        let components: Vec<String> = (0..20_000).map(component).collect();
        let long = format!(
            "{{\"name\": \"long\", \"type\": \"library\", \"description\": \"{}\"}}",
            "é".repeat(400_000)
        );
        let text = format!(
            "{{\"bomFormat\": \"CycloneDX\", \"components\": [\n{},\n{long}\n]}}",
            components.join(",\n")
        );
        assert_eq!(read(text.as_bytes()).expect("it is sound").components.len(), 20_001);
        let cut = &text[..text.len() - 4];
        assert_eq!(error(cut), "it is CycloneDX JSON, and it ends in the middle, at line 20002");
        let broken = text.replace("[19999]", "[oops]");
        assert_eq!(
            error(&broken),
            "it is CycloneDX JSON, and line 20001, column 46 is no JSON: expected value"
        );
    }

    /// Gives what it has a little at a time, and then fails.
    struct Failing<'a>(&'a [u8]);

    impl Read for Failing<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let (now, later) = self.0.split_at(self.0.len().min(into.len()).min(7));
            self.0 = later;
            into[..now.len()].copy_from_slice(now);
            if now.is_empty() { Err(io::Error::other("the disk is gone")) } else { Ok(now.len()) }
        }
    }

    #[test]
    fn an_input_that_fails_is_no_broken_document() {
        let text = br#"{"bomFormat": "CycloneDX", "components": ["#;
        let error = read_from(Failing(text)).expect_err("the disk is gone").to_string();
        assert_eq!(error, "it cannot be read to its end: the disk is gone");
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
