//! A bill written down: one file per format.
//!
//! An emitter never fails. It says everything the bill knows: in the format's own field where there is one, else
//! in a property of ours (`docs/properties.md` lists them), so that what we write we can read back.

pub mod budget;
mod csv;
mod cyclonedx;
mod github;
mod party;
mod properties;
mod purls;
mod spdx;
mod table;
mod xml;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, BufWriter};

use serde::Serialize;
use sha1::{Digest as _, Sha1};
use uuid::Uuid;

use crate::bom::{Bom, Purl, Ref, Subject};

/// One way of writing a bill down.
#[derive(Debug)]
pub struct Format {
    /// What the user calls it: `cyclonedx-json`.
    pub name: &'static str,
    /// One line for `--help`.
    pub about: &'static str,
    pub emit: fn(&Bom, &Stamp) -> String,
}

/// In order of name.
pub const ALL: &[Format] = &[
    csv::FORMAT,
    cyclonedx::JSON,
    cyclonedx::JSON_1_4,
    cyclonedx::JSON_1_5,
    cyclonedx::JSON_1_6,
    cyclonedx::JSON_1_7,
    cyclonedx::XML,
    cyclonedx::XML_1_4,
    cyclonedx::XML_1_5,
    cyclonedx::XML_1_6,
    cyclonedx::XML_1_7,
    github::FORMAT,
    purls::FORMAT,
    spdx::JSON,
    spdx::JSON_3,
    spdx::TAG_VALUE,
    table::FORMAT,
];

/// The format a user names.
pub fn find(name: &str) -> Option<&'static Format> {
    ALL.iter().find(|format| format.name == name)
}

/// What of the world a document shows: the same bill and the same stamp give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Our own version, named in the document as its tool's.
    pub tool_version: String,
    /// When the document is said to be made, RFC 3339. Absent: CycloneDX leaves its timestamp out, SPDX, which
    /// must have one, says `1970-01-01T00:00:00Z`.
    pub created: Option<String>,
    /// Who answers for the document, `Name <address>`. Absent where nobody was named.
    pub author: Option<String>,
    /// How many columns a table may fill; 100 when absent. No other format looks at it.
    pub width: Option<usize>,
    /// What was left out to keep the document short. Absent where nothing was.
    pub cut: Option<Cut>,
}

/// What a document does not say although it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cut {
    /// Whose dependencies were left out.
    pub edges: BTreeSet<Ref>,
}

impl Stamp {
    /// Who answers for a document: whoever did for the one it was made from, and who does for this.
    fn authors<'a>(&'a self, bom: &'a Bom) -> impl Iterator<Item = &'a str> {
        let earlier = bom.origin.as_ref().map_or(&[][..], |origin| &origin.authors);
        let new = self.author.iter().filter(|author| !earlier.contains(author));
        earlier.iter().chain(new).map(String::as_str)
    }

    /// The tools that made the document this bill was read from, each once, without us: we come last.
    fn earlier_tools<'a>(&self, bom: &'a Bom) -> impl Iterator<Item = &'a String> {
        let ours = format!("{TOOL} {}", self.tool_version);
        let mut seen = BTreeSet::from([ours]);
        let earlier = bom.origin.iter().flat_map(|origin| &origin.tools);
        earlier.filter(move |tool| seen.insert((*tool).clone()))
    }
}

/// What we call ourselves in documents.
const TOOL: &str = "packlist";

/// A UUID that depends on nothing but the content: version 5, of the content's SHA-1 in a namespace of ours.
///
/// Spec: <https://www.rfc-editor.org/rfc/rfc9562#section-5.5>
#[derive(Debug)]
struct ContentUuid(Sha1);

impl ContentUuid {
    fn new() -> Self {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://github.com/packlist/packlist");
        Self(Sha1::new_with_prefix(namespace.as_bytes()))
    }

    /// Of a document as compact JSON, which is nowhere held as a whole.
    fn of_json(document: &impl Serialize) -> Uuid {
        let mut content = BufWriter::with_capacity(64 << 10, Self::new());
        serde_json::to_writer(&mut content, document).expect("strings and numbers are always JSON");
        let hash = content.into_inner().map_err(io::IntoInnerError::into_error);
        hash.expect("a hash takes every byte").finish()
    }

    fn of(content: &[u8]) -> Uuid {
        let Self(hash) = Self::new();
        Self(hash.chain_update(content)).finish()
    }

    fn finish(self) -> Uuid {
        let digest = self.0.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_sha1_bytes(bytes).into_uuid()
    }
}

impl io::Write for ContentUuid {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A text on one line, as XML's `normalizedString` wants it.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r', '\t']) { text.replace(['\n', '\r', '\t'], " ").into() } else { text.into() }
}

/// Lowercase hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What registries call a subject: a package by itself, or an image.
fn purl_of(subject: &Subject) -> Option<Purl> {
    subject.purl.clone().or_else(|| image_purl(subject))
}

/// `pkg:oci/…`, which needs the digest of a manifest. The repository is said only where the name has one.
fn image_purl(subject: &Subject) -> Option<Purl> {
    let digest = subject.manifest_digest.as_deref()?;
    let last_slash = subject.name.rfind('/').map_or(0, |slash| slash + 1);
    let untagged = match subject.name[last_slash..].find([':', '@']) {
        Some(end) => &subject.name[..last_slash + end],
        None => subject.name.as_str(),
    };
    let tag = subject.name[untagged.len()..].strip_prefix(':').unwrap_or_default();
    let repository = if last_slash > 0 { untagged } else { "" };
    let architecture =
        subject.platform.as_deref().and_then(|platform| platform.split('/').nth(1)).unwrap_or_default();
    let qualifiers = [("arch", architecture), ("repository_url", repository), ("tag", tag)];
    Purl::new("oci", None, &untagged[last_slash..], Some(digest), &qualifiers).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_in_order_of_name_and_each_is_found() {
        assert!(ALL.is_sorted_by_key(|format| format.name));
        assert!(ALL.iter().all(|format| find(format.name).is_some_and(|found| found.name == format.name)));
        assert!(find("cyclonedx").is_none());
    }

    #[test]
    fn a_uuid_of_content_is_one_of_version_5() {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://github.com/packlist/packlist");
        let long: Vec<u32> = (0..100_000).collect();
        let json = serde_json::to_vec(&long).expect("numbers");
        let expected = Uuid::new_v5(&namespace, &json);
        assert_eq!((ContentUuid::of_json(&long), ContentUuid::of(&json)), (expected, expected));
    }

    #[test]
    fn a_list_of_ours_written_again_names_us_once() {
        let stamp = Stamp { tool_version: "0.1.0".to_owned(), ..Stamp::default() };
        let tools = ["syft 1.18.1", "packlist 0.1.0", "syft 1.18.1", "packlist 0.0.9"].map(str::to_owned);
        let origin = crate::bom::Origin { tools: tools.into(), ..crate::bom::Origin::default() };
        let bom = Bom { origin: Some(origin), ..Bom::default() };
        let earlier: Vec<&str> = stamp.earlier_tools(&bom).map(String::as_str).collect();
        assert_eq!(earlier, ["syft 1.18.1", "packlist 0.0.9"]);
        let document = (find("cyclonedx-json").expect("it is in the list").emit)(&bom, &stamp);
        assert_eq!(document.matches("\"version\": \"0.1.0\"").count(), 1, "{document}");
    }
}
