//! SPDX 2.3.
//!
//! What it has no field for goes into one annotation per package, a property a line. Files are not listed, so no
//! package carries a verification code. A made-up `LicenseRef-` stands for words that mean no known licence.
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/>

mod document;
mod licenses;
mod tag_value;
mod v3;

pub(super) use v3::JSON as JSON_3;

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::properties::{self, EvidenceFields, Properties};
use super::{ContentUuid, Format, Stamp, TOOL, hex, party, purl_of};
use crate::bom::{Bom, Component, Kind, Ref, Scope, SubjectKind};
use document as spdx;
use licenses::Extracted;

pub(super) const JSON: Format =
    Format { name: "spdx-json", about: "SPDX 2.3, JSON", emit: |bom, stamp| with_document(bom, stamp, json) };

pub(super) const TAG_VALUE: Format = Format {
    name: "spdx-tag-value",
    about: "SPDX 2.3, tags and values",
    emit: |bom, stamp| with_document(bom, stamp, tag_value::write),
};

/// SPDX must have a time. This one says that nobody told us.
const NO_TIME: &str = "1970-01-01T00:00:00Z";
const NO_ASSERTION: &str = "NOASSERTION";
const DOCUMENT_ID: &str = "SPDXRef-DOCUMENT";
const SUBJECT_ID: &str = "SPDXRef-Subject";

fn json(document: &spdx::Document) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("strings and numbers are always JSON");
    text.push('\n');
    text
}

/// Makes the document, its namespace from its content, and writes it.
fn with_document(bom: &Bom, stamp: &Stamp, write: fn(&spdx::Document) -> String) -> String {
    let mut document = Writer::new(bom, stamp).document(stamp);
    let (name, uuid) = (id_part(&bom.subject.name), ContentUuid::of_json(&document));
    document.document_namespace = format!("https://packlist.github.io/spdx/{name}-{uuid}");
    write(&document)
}

/// What remains to be done when the subject's licence is written.
struct SaidOfSubject {
    /// Whether its fields say it all.
    exact: bool,
    extracted: Extracted,
}

struct Writer<'a> {
    bom: &'a Bom,
    created: String,
    annotator: String,
    subject: Ref,
    /// The document's own id for each component.
    ids: BTreeMap<&'a Ref, String>,
    extracted: Extracted,
}

impl<'a> Writer<'a> {
    fn new(bom: &'a Bom, stamp: &Stamp) -> Self {
        Self {
            bom,
            created: stamp.created.as_deref().and_then(whole_seconds).unwrap_or_else(|| NO_TIME.to_owned()),
            annotator: format!("Tool: {TOOL}-{}", stamp.tool_version),
            subject: bom.subject.reference(),
            ids: bom
                .components
                .iter()
                .map(|(reference, component)| (reference, id(reference, component)))
                .collect(),
            extracted: Extracted::default(),
        }
    }

    fn document(mut self, stamp: &Stamp) -> spdx::Document<'a> {
        let (subject, said) = self.subject_package();
        let mut packages = vec![subject];
        self.extracted.merge(said.extracted);
        for (reference, component) in &self.bom.components {
            let (package, extracted) = self.package(reference, component);
            packages.push(package);
            self.extracted.merge(extracted);
        }
        let mut properties = properties::of_bom(self.bom);
        if let Some(supplier) = self.bom.subject.supplier.as_ref().filter(|text| !comes_back(text)) {
            properties.add("subject:supplier", supplier);
        }
        if let Some(text) = self.bom.subject.copyright.as_ref().filter(|text| !is_said(text)) {
            properties.add("subject:copyright", text);
        }
        if !said.exact {
            properties::add_claims_of_subject(&mut properties, self.bom, true);
        }
        let texts = self.bom.license_texts.iter();
        let unused = texts.filter(|(id, text)| text.is_empty() || !self.extracted.uses(id));
        properties::add_license_texts(&mut properties, unused);
        spdx::Document {
            spdx_version: "SPDX-2.3",
            data_license: "CC0-1.0",
            id: DOCUMENT_ID,
            name: if self.bom.subject.name.is_empty() { "unnamed" } else { &self.bom.subject.name },
            document_namespace: String::new(),
            creation_info: spdx::CreationInfo {
                comment: sbom_type(self.bom),
                created: self.created.clone(),
                creators: self.creators(stamp),
            },
            annotations: self.annotation(properties).into_iter().collect(),
            packages,
            relationships: self.relationships(stamp),
            has_extracted_licensing_infos: self.extracted.written(&self.bom.license_texts),
        }
    }

    /// Who answers for it, then those that made the document this bill was read from, then us.
    fn creators(&self, stamp: &Stamp) -> Vec<String> {
        let authors = stamp.authors(self.bom).map(party);
        let earlier = stamp.earlier_tools(self.bom);
        let named = |tool: &String| match tool.rsplit_once(' ') {
            Some((name, version)) => format!("Tool: {name}-{version}"),
            None => format!("Tool: {tool}"),
        };
        authors.chain(earlier.map(named)).chain([self.annotator.clone()]).collect()
    }

    /// All properties in one annotation, one a line.
    fn annotation(&self, properties: Properties) -> Option<spdx::Annotation> {
        let lines: Vec<String> =
            properties.0.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!lines.is_empty()).then(|| spdx::Annotation {
            annotation_date: self.created.clone(),
            annotation_type: "OTHER",
            annotator: self.annotator.clone(),
            comment: lines.join("\n"),
        })
    }

    fn subject_package(&self) -> (spdx::Package<'a>, SaidOfSubject) {
        let subject = &self.bom.subject;
        let mut extracted = Extracted::default();
        let said = licenses::say(&subject.licenses, &self.bom.license_texts, &mut extracted);
        let digest = subject.manifest_digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
        let package = spdx::Package {
            id: SUBJECT_ID.to_owned(),
            name: if subject.name.is_empty() { "unnamed" } else { &subject.name },
            version_info: subject.version.as_deref(),
            supplier: subject.supplier.as_deref().map(party),
            download_location: NO_ASSERTION,
            checksums: digest
                .filter(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .map(|checksum_value| spdx::Checksum { algorithm: "SHA256".to_owned(), checksum_value })
                .into_iter()
                .collect(),
            license_concluded: said.concluded,
            license_declared: said.declared,
            copyright_text: subject.copyright.as_deref().filter(|text| is_said(text)).unwrap_or(NO_ASSERTION),
            external_refs: purl_of(subject)
                .map(|purl| spdx::ExternalRef {
                    reference_category: "PACKAGE-MANAGER",
                    reference_type: "purl",
                    reference_locator: purl.to_string().into(),
                })
                .into_iter()
                .collect(),
            primary_package_purpose: match subject.kind {
                SubjectKind::Image => "CONTAINER",
                SubjectKind::Directory | SubjectKind::File => "APPLICATION",
            },
            ..spdx::Package::default()
        };
        (package, SaidOfSubject { exact: said.exact, extracted })
    }

    fn package(&self, reference: &'a Ref, component: &'a Component) -> (spdx::Package<'a>, Extracted) {
        let mut extracted = Extracted::default();
        let fields = EvidenceFields { place: false, line: false, contents: false };
        let mut properties = properties::of_component(self.bom, component, fields);
        if *reference != component.reference() {
            properties.add("ref", reference);
        }
        let purpose = purpose(component.kind);
        if purpose.is_none() {
            properties.add("kind", component.kind.name());
        }
        if component.scope != Scope::Required {
            properties.add("scope", component.scope.name());
        }
        if let Some(owner) = component.owner.as_ref().filter(|owner| !self.ids.contains_key(&owner.component))
        {
            properties.add("owner:ref", &owner.component);
        }
        if let Some(vcs) = &component.vcs {
            properties.add("vcs", vcs);
        }
        if let Some(source) = &component.source {
            properties.add("source", source);
        }
        let download = component.download.as_deref().filter(|url| is_download_location(url));
        if let Some(url) = component.download.as_ref().filter(|_| download.is_none()) {
            properties.add("download", url);
        }
        let homepage = component.homepage.as_deref().filter(|url| is_web_address(url));
        if let Some(url) = component.homepage.as_ref().filter(|_| homepage.is_none()) {
            properties.add("homepage", url);
        }
        for (name, text) in [("supplier", &component.supplier), ("author", &component.author)] {
            if let Some(text) = text.as_ref().filter(|text| !comes_back(text)) {
                properties.add(name, text);
            }
        }
        let copyright = component.copyright.as_deref().filter(|text| is_said(text));
        if let Some(text) = component.copyright.as_ref().filter(|_| copyright.is_none()) {
            properties.add("copyright", text);
        }
        let said = licenses::say(&component.licenses, &self.bom.license_texts, &mut extracted);
        if !said.exact {
            properties::add_claims(&mut properties, self.bom, &component.licenses, true);
        }
        let package = spdx::Package {
            id: self.ids[reference].clone(),
            name: &component.name,
            version_info: component.version.as_deref(),
            supplier: component.supplier.as_deref().map(party),
            originator: component.author.as_deref().map(party),
            download_location: download.unwrap_or(NO_ASSERTION),
            files_analyzed: false,
            checksums: properties::hashes(component).map(checksum).collect(),
            homepage,
            source_info: source_info(component),
            license_concluded: said.concluded,
            license_declared: said.declared,
            copyright_text: copyright.unwrap_or(NO_ASSERTION),
            description: component.description.as_deref(),
            external_refs: external_refs(component),
            annotations: self.annotation(properties).into_iter().collect(),
            primary_package_purpose: purpose.unwrap_or("OTHER"),
        };
        (package, extracted)
    }

    fn relationships(&self, stamp: &Stamp) -> Vec<spdx::Relationship> {
        let mut all = vec![relationship(DOCUMENT_ID, "DESCRIBES", SUBJECT_ID)];
        if stamp.cut.as_ref().is_some_and(|cut| !cut.edges.is_empty()) {
            let comment = Some("left out so that the document is short");
            all.push(spdx::Relationship { comment, ..relationship(SUBJECT_ID, "DEPENDS_ON", NO_ASSERTION) });
        }
        for (reference, component) in &self.bom.components {
            let id = &self.ids[reference];
            let owner = component.owner.as_ref().and_then(|owner| self.ids.get(&owner.component));
            if let Some(owner) = owner {
                all.push(relationship(owner, "CONTAINS", id));
            } else if component.hidden.is_none() {
                all.push(relationship(SUBJECT_ID, "CONTAINS", id));
            }
            if component.hidden.is_some() {
                let comment = Some("in a lower layer only, not to be seen at the top");
                all.push(spdx::Relationship { comment, ..relationship(SUBJECT_ID, "OTHER", id) });
            }
        }
        for (of, needed) in &self.bom.dependencies {
            let Some(of_id) = self.id_of(of) else { continue };
            let mut edges = needed.iter().filter_map(|needed| self.edge(of, of_id, needed)).peekable();
            if needed.is_empty() {
                all.push(relationship(of_id, "DEPENDS_ON", "NONE"));
            } else if edges.peek().is_none() {
                continue;
            }
            all.extend(edges);
        }
        all
    }

    fn id_of(&self, reference: &Ref) -> Option<&str> {
        match self.ids.get(reference) {
            Some(id) => Some(id),
            None => (*reference == self.subject).then_some(SUBJECT_ID),
        }
    }

    /// Where something needed by all needs something only needed at times, SPDX turns the arrow round.
    fn edge(&self, of: &Ref, of_id: &str, needed: &Ref) -> Option<spdx::Relationship> {
        let needed_id = self.id_of(needed)?;
        let scope = |reference: &Ref| self.bom.components.get(reference).map_or(Scope::Required, |c| c.scope);
        Some(match (scope(of), scope(needed)) {
            (from, to) if from == to => relationship(of_id, "DEPENDS_ON", needed_id),
            (_, Scope::Dev) => relationship(needed_id, "DEV_DEPENDENCY_OF", of_id),
            (_, Scope::Optional) => relationship(needed_id, "OPTIONAL_DEPENDENCY_OF", of_id),
            (_, Scope::Required) => relationship(of_id, "DEPENDS_ON", needed_id),
        })
    }
}

fn relationship(from: &str, kind: &'static str, to: &str) -> spdx::Relationship {
    spdx::Relationship {
        spdx_element_id: from.to_owned(),
        relationship_type: kind,
        related_spdx_element: to.to_owned(),
        comment: None,
    }
}

/// `SPDXRef-Package-<name>-<part of a digest>`: ids may hold only letters, digits, dots and hyphens.
fn id(reference: &Ref, component: &Component) -> String {
    let digest = Sha256::digest(reference.0.as_bytes());
    format!("SPDXRef-Package-{}-{}", id_part(&component.name), hex(&digest[..6]))
}

fn id_part(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let part: String = text.chars().map(plain).take(60).collect();
    let part = part.trim_matches('-').to_owned();
    if part.is_empty() { "unnamed".to_owned() } else { part }
}

/// RFC 3339 as SPDX wants it: UTC, no fractions.
fn whole_seconds(time: &str) -> Option<String> {
    let time = chrono::DateTime::parse_from_rfc3339(time).ok()?;
    Some(time.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// CISA's word for how a list came about.
fn sbom_type(bom: &Bom) -> &'static str {
    let built = bom.subject.kind == SubjectKind::Image || bom.components.values().any(Component::is_os);
    if built { "SBOM Type: Analyzed" } else { "SBOM Type: Source" }
}

/// SPDX's purpose for a kind; some kinds have none.
fn purpose(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Application => "APPLICATION",
        Kind::Container => "CONTAINER",
        Kind::Device => "DEVICE",
        Kind::File => "FILE",
        Kind::Firmware => "FIRMWARE",
        Kind::Framework => "FRAMEWORK",
        Kind::Library => "LIBRARY",
        Kind::OperatingSystem => "OPERATING_SYSTEM",
        Kind::Data | Kind::DeviceDriver | Kind::MachineLearningModel | Kind::Platform => return None,
    })
}

fn checksum(hash: &crate::bom::Hash) -> spdx::Checksum<'_> {
    spdx::Checksum { algorithm: hash.algorithm.name().replace('-', ""), checksum_value: &hash.hex }
}

fn external_refs(component: &Component) -> Vec<spdx::ExternalRef<'_>> {
    let purl = component.purl.iter().map(|purl| ("PACKAGE-MANAGER", "purl", purl.as_str()));
    let cpes = component.cpes.iter().map(|cpe| {
        let kind = if cpe.starts_with("cpe:/") { "cpe22Type" } else { "cpe23Type" };
        ("SECURITY", kind, cpe)
    });
    purl.chain(cpes)
        .map(|(reference_category, reference_type, locator)| spdx::ExternalRef {
            reference_category,
            reference_type,
            reference_locator: locator.into(),
        })
        .collect()
}

/// SPDX makes one say whether it is a person or an organisation.
fn party(text: &str) -> String {
    match party::split(text) {
        Some((name, address)) => format!("{}: {name} ({address})", sort_of_party(name)),
        None => {
            // Strict readers take parentheses for those around an address.
            let name = text.replace('(', "[").replace(')', "]");
            format!("{}: {}", sort_of_party(text), name.split_whitespace().collect::<Vec<_>>().join(" "))
        }
    }
}

fn sort_of_party(name: &str) -> &'static str {
    if party::is_organisation(name) { "Organization" } else { "Person" }
}

/// Whether a reader gets the very text back from what `party` makes of it.
fn comes_back(text: &str) -> bool {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ") == text;
    party::split(text).is_some() || (one_line && !text.is_empty() && !text.contains(['(', ')']))
}

/// Where it was seen, for people; the exact words are in the annotation.
fn source_info(component: &Component) -> Option<String> {
    let paths: Vec<&str> = component.evidence.iter().map(|place| place.path.as_str()).collect();
    (!paths.is_empty()).then(|| format!("acquired package info from {}", paths.join(", ")))
}

/// Whether a text is no word of the format's own, and comes back as it is.
fn is_said(text: &str) -> bool {
    !matches!(text, "" | "NONE" | NO_ASSERTION) && text.trim() == text && !text.contains("</text>")
}

fn is_download_location(url: &str) -> bool {
    let schemes = ["git+https://", "git+ssh://", "git://", "hg+https://", "svn+https://", "ftp://"];
    is_web_address(url) || (schemes.iter().any(|scheme| url.starts_with(scheme)) && is_plain(url))
}

fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric())) && is_plain(url)
}

fn is_plain(url: &str) -> bool {
    url.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c))
}
