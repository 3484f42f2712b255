//! Which format a text is in, from its first telling word.

use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    CycloneDx,
    CycloneDxXml,
    Spdx,
    Spdx3,
    SpdxRdf,
    SpdxTagValue,
    SpdxXml,
    SpdxYaml,
    Syft,
    /// A DSSE envelope around anything here.
    Envelope,
    /// A Sigstore bundle around an envelope.
    Bundle,
    /// An in-toto statement around anything here.
    Statement,
    /// `{"sbom": {…}}`, as GitHub exports it.
    GithubSpdx,
}

/// UTF-8 without a byte order mark, whatever it was.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    let from_utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: String =
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Cow::Owned(text.into_bytes())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        [0xff, 0xfe, rest @ ..] => from_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => from_utf16(rest, u16::from_be_bytes),
        _ => Cow::Borrowed(bytes),
    }
}

/// Whether the word that tells the format may come after what was seen.
pub(super) fn may_tell_later(head: &[u8]) -> bool {
    head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

pub(super) fn detect(bytes: &[u8]) -> Option<Found> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    match bytes[start] {
        b'{' => json(&bytes[start..]),
        b'<' => xml(&bytes[start..]),
        _ => lines(&bytes[start..]),
    }
}

/// By the line that says its version. Comments may come before it.
fn lines(bytes: &[u8]) -> Option<Found> {
    let begin = &bytes[..bytes.len().min(64 << 10)];
    begin.split(|byte| *byte == b'\n').find_map(|line| {
        if line.trim_ascii_start().starts_with(b"SPDXVersion:") {
            return Some(Found::SpdxTagValue);
        }
        // The keys of YAML's outermost map stand at the beginning of their lines.
        let colon = line.iter().position(|byte| *byte == b':').filter(|_| !line.starts_with(b" "))?;
        let (key, value) = (&line[..colon], &line[colon + 1..]);
        let [key, value] = [key, value].map(unquoted);
        let is_spdx = match key {
            b"spdxVersion" => value.starts_with(b"SPDX-2"),
            b"SPDXID" => value.starts_with(b"SPDXRef-"),
            _ => false,
        };
        is_spdx.then_some(Found::SpdxYaml)
    })
}

/// What is in quotes; all of the text where it is cut off in them.
fn unquoted(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    match text {
        [quote @ (b'"' | b'\''), rest @ ..] => rest.strip_suffix(&[*quote]).unwrap_or(rest),
        _ => text,
    }
}

/// By the root's namespace, or where that has none, what stands in it.
fn xml(bytes: &[u8]) -> Option<Found> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64 << 10)]);
    let mut rest = text.as_ref();
    // Declarations, comments and document types come before the root.
    loop {
        rest = rest.trim_start();
        let end = match rest {
            _ if rest.starts_with("<!--") => rest.find("-->")? + 3,
            _ if rest.starts_with("<?") || rest.starts_with("<!") => rest.find('>')? + 1,
            _ => break,
        };
        rest = &rest[end..];
    }
    let root = &rest[..rest.find('>').unwrap_or(rest.len())];
    let name = root.trim_start_matches('<').split(|c: char| c.is_whitespace() || c == '/').next();
    match name {
        _ if root.contains("cyclonedx.org/schema/bom") => Some(Found::CycloneDxXml),
        Some("rdf:RDF") if text.contains("spdx.org/rdf/terms") => Some(Found::SpdxRdf),
        Some("Document") if rest.contains("<spdxVersion>SPDX-2") || rest.contains("<SPDXID>SPDXRef-") => {
            Some(Found::SpdxXml)
        }
        _ => None,
    }
}

/// What an envelope may be around: mostly a statement, seldom a document itself.
const PAYLOADS: &[&[u8]] = &[b"application/vnd.in-toto", b"application/vnd.cyclonedx", b"application/spdx"];

/// What the contexts of SPDX 3 are called, those of its drafts last.
const CONTEXTS: &[&[u8]] = &[b"spdx.org/rdf/3", b"spdx-context", b"spdx-3.0-context"];

fn json(bytes: &[u8]) -> Option<Found> {
    let mut outer: &[u8] = b"";
    for key in Keys::of(bytes) {
        match (key.depth, key.name) {
            (1, b"bomFormat" | b"specFormat") if key.value.starts_with(b"CycloneDX") => {
                return Some(Found::CycloneDx);
            }
            (1, b"$schema") if key.value.starts_with(b"http://cyclonedx.org/schema/bom-") => {
                return Some(Found::CycloneDx);
            }
            (1, b"spdxVersion") if key.value.starts_with(b"SPDX-2") => return Some(Found::Spdx),
            (1, b"SPDXID") if key.value.starts_with(b"SPDXRef-") => return Some(Found::Spdx),
            (1, b"@context") if CONTEXTS.iter().any(|name| contains(key.value, name)) => {
                return Some(Found::Spdx3);
            }
            (1, b"_type") if key.value.starts_with(b"https://in-toto.io/Statement") => {
                return Some(Found::Statement);
            }
            (1, b"payloadType") if PAYLOADS.iter().any(|start| key.value.starts_with(start)) => {
                return Some(Found::Envelope);
            }
            (1, b"mediaType") if key.value.starts_with(b"application/vnd.dev.sigstore.bundle") => {
                return Some(Found::Bundle);
            }
            (1, name) => outer = name,
            (2, b"url") if outer == b"schema" && contains(key.value, b"anchore/syft") => {
                return Some(Found::Syft);
            }
            (2, b"spdxVersion" | b"SPDXID") if outer == b"sbom" && key.value.starts_with(b"SPDX") => {
                return Some(Found::GithubSpdx);
            }
            _ => {}
        }
    }
    None
}

/// What a long document is that begins with its list, whose telling word may come only after that: known by what
/// the list's items have, so that not all of it must be held to find out.
pub(super) fn detect_by_items(head: &[u8]) -> Option<Found> {
    let first = Keys::of(head).next().filter(|key| key.depth == 1)?;
    let (word, found): (&[u8], Found) = match first.name {
        b"@graph" => (b"\"spdxId\"", Found::Spdx3),
        b"artifacts" => (b"\"foundBy\"", Found::Syft),
        b"components" => (b"\"bom-ref\"", Found::CycloneDx),
        b"files" | b"packages" => (b"\"SPDXID\"", Found::Spdx),
        _ => return None,
    };
    contains(head, word).then_some(found)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// A key of an object, and the beginning of its value when that is a text or a list.
struct Key<'a> {
    name: &'a [u8],
    value: &'a [u8],
    /// 1 for the outermost object.
    depth: usize,
}

/// The keys of the outer two objects of a JSON text, in their order. The text may end anywhere.
struct Keys<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Keys<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// The text that begins at a quotation mark, without the marks; the place after it.
    fn string(&self, mut at: usize) -> Option<(&'a [u8], usize)> {
        let start = at + 1;
        at = start;
        loop {
            match self.bytes.get(at)? {
                b'\\' => at += 2,
                b'"' => return Some((&self.bytes[start..at], at + 1)),
                _ => at += 1,
            }
        }
    }

    fn after_space(&self, at: usize) -> usize {
        let space = self.bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        at + space
    }
}

impl<'a> Iterator for Keys<'a> {
    type Item = Key<'a>;

    fn next(&mut self) -> Option<Key<'a>> {
        loop {
            match self.bytes.get(self.at)? {
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.checked_sub(1)?,
                b'"' => {
                    let (name, after) = self.string(self.at)?;
                    self.at = after;
                    let colon = self.after_space(after);
                    if self.depth <= 2 && self.bytes.get(colon) == Some(&b':') {
                        let value_at = self.after_space(colon + 1);
                        let is_text = self.bytes.get(value_at) == Some(&b'"');
                        let value = is_text.then(|| self.string(value_at)).flatten();
                        self.at = value.map_or(value_at, |(_, after)| after);
                        let value = value.map_or_else(|| self.list(value_at), |(value, _)| value);
                        return Some(Key { name, value, depth: self.depth });
                    }
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }
}

impl<'a> Keys<'a> {
    /// The list that begins here, no more of it than a context takes. Empty where none does.
    fn list(&self, at: usize) -> &'a [u8] {
        const LONGEST: usize = 1 << 10;
        let rest = self.bytes.get(at..).filter(|rest| rest.starts_with(b"[")).unwrap_or_default();
        let rest = &rest[..rest.len().min(LONGEST)];
        &rest[..rest.iter().position(|byte| *byte == b']').unwrap_or(rest.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<Found> {
        detect(&decoded(text.as_bytes()))
    }

    #[test]
    fn the_telling_key_may_come_late() {
        assert_eq!(
            found(r#"{"components": [{"name": "a\"}"}], "bomFormat": "CycloneDX"}"#),
            Some(Found::CycloneDx)
        );
        assert_eq!(found("\n {\"spdxVersion\" : \"SPDX-2.3\""), Some(Found::Spdx));
        assert_eq!(
            found(r#"{"sbom": {"name": "x", "SPDXID": "SPDXRef-DOCUMENT"}}"#),
            Some(Found::GithubSpdx)
        );
    }

    #[test]
    fn spdx_3_is_known_by_its_context_or_that_of_a_draft() {
        for context in [
            r#""https://spdx.org/rdf/3.0.1/spdx-context.jsonld""#,
            r#"[ "https://spdx.org/rdf/3.0.0/spdx-context.jsonld" ]"#,
            r#"["https://example.org/own.jsonld", "https://spdx.org/rdf/3.1/spdx-context.jsonld"]"#,
            r#""https://spdx.github.io/spdx-spec/v3.0/model/spdx-context.jsonld""#,
            r#""https://example.org/jsonld/spdx-3.0-context.json-ld""#,
        ] {
            assert_eq!(found(&format!(r#"{{"@context": {context}, "@graph": []}}"#)), Some(Found::Spdx3));
        }
        assert_eq!(found(r#"{"@context": ["https://schema.org"], "@graph": ["spdx-context"]}"#), None);
        assert_eq!(found(r#"{"@context": ["https://spdx.org/rdf/3"#), Some(Found::Spdx3));
    }

    #[test]
    fn a_long_list_is_known_by_its_items() {
        let by_items = |text: &str| detect_by_items(text.as_bytes());
        assert_eq!(by_items(r#"{"artifacts":[{"id":"x","foundBy":"apk-db"#), Some(Found::Syft));
        assert_eq!(by_items(r#"{"files": [{"fileName": "a", "SPDXID": "SPDXRef-1""#), Some(Found::Spdx));
        assert_eq!(by_items(r#"{"components": [{"bom-ref": "a""#), Some(Found::CycloneDx));
        assert_eq!(by_items(r#"{"@graph": [{"type": "Person", "spdxId": "a""#), Some(Found::Spdx3));
        assert_eq!(by_items(r#"{"packages": {"": {"name": "a"}}"#), None);
        assert_eq!(by_items(r#"{"name": "a", "artifacts": [{"foundBy": "x"}]"#), None);
    }

    #[test]
    fn other_json_is_not_mistaken_for_one() {
        assert_eq!(found(r#"{"dependencies": {"bomFormat": "CycloneDX"}}"#), None);
        assert_eq!(found(r#"{"name": "spdxVersion", "x": ["SPDXID", "SPDXRef-"]}"#), None);
        assert_eq!(found(r#"{"bomFormat": "CycloneD"#), None);
        assert_eq!(found("}}}{"), None);
        assert_eq!(found(r#"["bomFormat"]"#), None);
    }

    #[test]
    fn attestations_and_lines_of_tags_are_known() {
        assert_eq!(
            found(r#"{"payload": "e30=", "payloadType": "application/vnd.in-toto+json"}"#),
            Some(Found::Envelope)
        );
        assert_eq!(found(r#"{"_type":"https://in-toto.io/Statement/v0.1"}"#), Some(Found::Statement));
        assert_eq!(found("# x\nSPDXVersion: SPDX-2.3\n"), Some(Found::SpdxTagValue));
        assert_eq!(found("text about SPDXVersion: SPDX-2.3\n"), None);
    }

    #[test]
    fn the_other_forms_of_spdx_are_known() {
        assert_eq!(found("---\nSPDXID: \"SPDXRef-DOCUMENT\"\n"), Some(Found::SpdxYaml));
        assert_eq!(found("name: x\n'spdxVersion': SPDX-2.3\n"), Some(Found::SpdxYaml));
        assert_eq!(found("a:\n  spdxVersion: SPDX-2.3\n"), None);
        assert_eq!(found("spdxVersion: the version\n"), None);
        assert_eq!(found("<Document><SPDXID>SPDXRef-DOCUMENT</SPDXID>"), Some(Found::SpdxXml));
        assert_eq!(found("<Document xmlns='urn:iso:std:iso:20022'><SPDXID/></Document>"), None);
        let rdf = "<rdf:RDF\n xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'\n xmlns='http://spdx.org/rdf/terms#'>";
        assert_eq!(found(rdf), Some(Found::SpdxRdf));
        assert_eq!(found("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"), None);
    }

    #[test]
    fn xml_is_known_by_the_namespace_of_its_root() {
        let bom =
            "<?xml version='1.0'?>\n<!-- <a> -->\n<b:bom xmlns:b='http://cyclonedx.org/schema/bom/1.4'>";
        assert_eq!(found(bom), Some(Found::CycloneDxXml));
        assert_eq!(found("<project xmlns='http://maven.apache.org/POM/4.0.0'>"), None);
        assert_eq!(found("<!-- http://cyclonedx.org/schema/bom/1.4"), None);
    }

    #[test]
    fn utf16_and_byte_order_marks_are_no_hindrance() {
        let text = r#"{"bomFormat": "CycloneDX"}"#;
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(detect(&decoded(&wide)), Some(Found::CycloneDx));
        assert_eq!(found(&format!("\u{feff}{text}")), Some(Found::CycloneDx));
    }
}
