//! SPDX 2.2 and 2.3, whoever wrote it.
//!
//! Files and snippets are stepped over: a bill lists packages. The one package a document describes is its
//! subject. What contains a package owns it only where the outer one is a package too, not an operating system or
//! a lockfile.
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/>

mod json;
mod shapes;
mod tag_value;
mod v3;

pub(super) use json::{json, wrapped_json};
pub(super) use tag_value::tag_value;
pub(super) use v3::json as json_3;

use std::collections::{BTreeSet, HashMap, HashSet};

use shapes::{Annotation, CreationInfo, ExtractedLicense, Package, Relationship};

use super::draft::{Draft, Part};
use super::lenient::List;
use super::parties;
use super::properties::{self, Apart};
use crate::bom::{
    Basis, Bom, Component, Evidence, Hash, HashAlgorithm, Kind, LicenseClaim, Purl, Scope, SubjectKind,
    Technique,
};
use crate::licenses::{self, Dialect};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
/// The comment by which our own documents say that a licence's text is not known.
const NO_TEXT: &str = "packlist: the text was not seen";

/// What can be said only when all of a document is read.
#[derive(Debug, Default)]
struct Links {
    /// The document's own name.
    name: Option<String>,
    described: BTreeSet<String>,
    /// Inner and outer.
    contained: Vec<(String, String)>,
    /// Packages that can own others.
    owning: HashSet<String>,
    /// Anything that something is said to need or contain.
    outer: HashSet<String>,
    purposes: HashMap<String, bool>,
}

fn add_creation(draft: &mut Draft, mut creation: CreationInfo) {
    draft.origin.created = creation.created.take();
    draft.origin.phase = creation.comment.take().and_then(|comment| {
        let (_, phase) = comment.split_once("SBOM Type:")?;
        Some(phase.trim().lines().next().unwrap_or_default().trim().to_owned())
    });
    for creator in &creation.creators.items {
        let text = creator.as_str().trim();
        if !text.starts_with("Tool:") {
            draft.origin.authors.extend(parties::from_spdx(text));
        }
        if let Some(tool) = creator.as_str().trim().strip_prefix("Tool:").map(str::trim) {
            draft.origin.tools.push(tool_of(tool));
        }
    }
}

/// `packlist-0.1.0`, name and version parted.
fn tool_of(tool: &str) -> String {
    // At the first hyphen before a digit: `buildkit-v0.11.0-rc1`.
    let part = tool
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| tool[at + 1..].trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()));
    match part {
        Some(at) => format!("{} {}", &tool[..at], &tool[at + 1..]),
        None => tool.to_owned(),
    }
}

fn add_license(draft: &mut Draft, mut license: ExtractedLicense) {
    if license.comment.as_str() == NO_TEXT {
        return;
    }
    if let (Some(id), Some(text)) = (license.id.take(), license.text.value.take()) {
        draft.license_texts.insert(id, text);
    }
}

/// Our own annotations: a property a line.
fn add_annotations(annotations: &List<Annotation>, properties: &mut Vec<(String, String)>) {
    let ours = annotations.items.iter().filter(|note| note.comment.as_str().starts_with("packlist:"));
    for line in ours.flat_map(|note| note.comment.as_str().lines()) {
        if let Some((name, value)) = line.split_once('=') {
            properties.push((name.to_owned(), value.to_owned()));
        }
    }
}

fn add_package(draft: &mut Draft, links: &mut Links, mut package: Package) {
    let label = match (package.id.as_str(), package.name.as_str()) {
        ("", "") => format!("package {}", draft.len() + 1),
        ("", name) => format!("package `{name}`"),
        (id, _) => format!("package `{id}`"),
    };
    for key in &package.wrong {
        match *key {
            "" => draft.gap(format!("{label} is no object")),
            key => draft.gap(format!("{label}: `{key}` is not of the shape it should be")),
        }
    }
    for key in package.other.iter().filter(|key| !matches!(key.as_str(), "filesAnalyzed" | "hasFiles")) {
        draft.step_over(format!("package {}", key.as_str()));
    }
    let purl = purl(draft, &label, &package);
    let name = package.name.take().or_else(|| purl.as_ref().map(|purl| purl.name().to_owned()));
    if name.is_none() {
        draft.gap(format!("{label} has no name"));
    }
    let mut component = Component::new(name.unwrap_or_else(|| "unnamed".to_owned()));
    component.kind = kind(package.purpose.as_str(), purl.as_ref());
    component.purl = purl;
    component.version = package.version.take();
    component.supplier = parties::from_spdx(package.supplier.as_str());
    component.author = parties::from_spdx(package.originator.as_str());
    let description = package.description.take().or_else(|| package.summary.take());
    component.description = description.map(|text| text.trim().lines().next().unwrap_or_default().to_owned());
    component.homepage = package.homepage.take().filter(|url| asserted(url));
    component.download = package.download.take().filter(|url| asserted(url));
    for reference in &mut package.references.items {
        if reference.kind.as_str().starts_with("cpe2") || reference.kind.as_str().ends_with("/cpe23Type") {
            component.cpes.extend(reference.locator.take());
        }
    }
    add_checksums(draft, &label, &mut component, &package);
    add_claims(&mut component, &package);
    add_evidence(&mut component, package.source_info.as_str());
    let mut said = Vec::new();
    add_annotations(&package.annotations, &mut said);
    if !said.is_empty() {
        // What ours saw is told exactly there; the other is for people.
        component.evidence.clear();
    }
    let said = said.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let apart = properties::apply_to_component(said, &mut component);
    let id = package.id.take();
    if let Some(id) = &id {
        if component.purl.is_some() && component.kind != Kind::OperatingSystem {
            links.owning.insert(id.clone());
        }
        links.purposes.insert(id.clone(), component.kind == Kind::Container);
    }
    draft.add(Part { id, inside: None, component, apart });
}

fn asserted(text: &str) -> bool {
    !matches!(text.trim(), "" | "NOASSERTION" | "NONE")
}

fn purl(draft: &mut Draft, label: &str, package: &Package) -> Option<Purl> {
    let mut first = None;
    for reference in &package.references.items {
        let is_purl = reference.kind.as_str() == "purl" || reference.kind.as_str().ends_with("/purl");
        if is_purl && first.is_none() {
            match reference.locator.as_str().trim().parse::<Purl>() {
                Ok(purl) => first = Some(purl),
                Err(error) => draft.gap(format!("{label}: {error}")),
            }
        }
    }
    first
}

fn kind(purpose: &str, purl: Option<&Purl>) -> Kind {
    match purpose {
        "APPLICATION" | "INSTALL" => Kind::Application,
        "FRAMEWORK" => Kind::Framework,
        "CONTAINER" => Kind::Container,
        "OPERATING-SYSTEM" | "OPERATING_SYSTEM" => Kind::OperatingSystem,
        "DEVICE" => Kind::Device,
        "FIRMWARE" => Kind::Firmware,
        "FILE" => Kind::File,
        _ if purl.is_some_and(|purl| purl.ty() == "oci") => Kind::Container,
        _ => Kind::Library,
    }
}

fn add_checksums(draft: &mut Draft, label: &str, component: &mut Component, package: &Package) {
    for checksum in &package.checksums.items {
        let (name, value) = (checksum.algorithm.as_str(), checksum.value.as_str());
        let name = name.strip_prefix("checksumAlgorithm_").unwrap_or(name);
        if let Some(algorithm) = HashAlgorithm::from_name(name) {
            match Hash::from_hex(algorithm, value) {
                Some(hash) => component.hashes.push(hash),
                None => draft.gap(format!("{label}: `{value}` is no {}", algorithm.name())),
            }
        }
    }
}

fn add_claims(component: &mut Component, package: &Package) {
    let from_files = package.from_files.items.iter().map(|text| (text, Basis::Detected));
    let fields = [(&package.declared, Basis::Declared)].into_iter().chain(from_files);
    for (text, basis) in fields.chain([(&package.concluded, Basis::Concluded)]) {
        let text = text.as_str().trim();
        if !matches!(text, "" | "NOASSERTION") {
            let expression = licenses::read(text, Dialect::Spdx);
            let text = text.to_owned();
            component.licenses.push(LicenseClaim { text, expression, basis, path: None, line: None });
        }
    }
}

/// Syft and we say in words where a package was seen.
fn add_evidence(component: &mut Component, source_info: &str) {
    let Some((_, paths)) =
        source_info.strip_prefix("acquired package info from ").and_then(|rest| rest.split_once(": "))
    else {
        return;
    };
    for path in
        paths.split(", ").map(|path| path.trim().trim_start_matches('/')).filter(|path| !path.is_empty())
    {
        component.evidence.push(Evidence {
            path: path.to_owned(),
            line: None,
            layer: None,
            found_by: String::new(),
            technique: Technique::ManifestAnalysis,
            confidence: 100,
        });
    }
}

fn add_relationship(draft: &mut Draft, links: &mut Links, relationship: Relationship) {
    let (from, to) = (relationship.from.as_str().trim(), relationship.to.as_str().trim());
    if from.is_empty() || to.is_empty() {
        draft.gap("a relationship does not say between what");
        return;
    }
    let kind = relationship.kind.as_str().trim();
    if !matches!(kind, "DESCRIBES" | "DESCRIBED_BY") {
        links.outer.extend([from, to].map(str::to_owned));
    }
    // Which of the two needs the other, and when.
    let needs = match kind {
        "DEPENDS_ON" | "HAS_PREREQUISITE" | "DYNAMIC_LINK" | "STATIC_LINK" => {
            Some((from, to, Scope::Required))
        }
        "DEPENDENCY_OF" | "PREREQUISITE_FOR" | "RUNTIME_DEPENDENCY_OF" | "PROVIDED_DEPENDENCY_OF" => {
            Some((to, from, Scope::Required))
        }
        "OPTIONAL_DEPENDENCY_OF" => Some((to, from, Scope::Optional)),
        "BUILD_DEPENDENCY_OF"
        | "DEV_DEPENDENCY_OF"
        | "TEST_DEPENDENCY_OF"
        | "BUILD_TOOL_OF"
        | "DEV_TOOL_OF"
        | "TEST_TOOL_OF" => Some((to, from, Scope::Dev)),
        _ => None,
    };
    match (kind, needs) {
        (_, Some((of, "NONE", _))) => {
            draft.origin.tells_completeness = true;
            draft.tells(of);
        }
        (_, Some((_, "NOASSERTION", _))) => draft.origin.tells_completeness = true,
        (_, Some((of, needed, scope))) => draft.depends(of, needed, scope),
        ("DESCRIBES", _) => {
            links.described.insert(to.to_owned());
        }
        ("DESCRIBED_BY", _) => {
            links.described.insert(from.to_owned());
        }
        ("CONTAINS", _) => links.contained.push((to.to_owned(), from.to_owned())),
        ("OTHER", _) => {}
        ("CONTAINED_BY", _) => links.contained.push((from.to_owned(), to.to_owned())),
        (other, _) => draft.step_over(format!("relationship {other}")),
    }
}

fn finish(mut draft: Draft, mut links: Links) -> Bom {
    links.described.remove(DOCUMENT);
    set_subject(&mut draft, &links);
    let subject = draft.subject_id.clone();
    let contained = links.contained.into_iter().filter(|(_, outer)| subject.as_ref() != Some(outer));
    draft.contains(&contained.collect(), &links.owning);
    draft.finish()
}

/// The one package described is the subject, unless it is all there is.
fn set_subject(draft: &mut Draft, links: &Links) {
    draft.subject.name = links.name.clone().unwrap_or_default();
    let mut described = links.described.iter();
    let (Some(id), None) = (described.next(), described.next()) else { return };
    let is_image = links.purposes.get(id).copied().unwrap_or_default();
    if !is_image && !draft.is_ours() && (draft.len() < 2 || !links.outer.contains(id)) {
        return;
    }
    let Some(part) = draft.take_out(id) else { return };
    if part.component.kind == Kind::OperatingSystem {
        draft.add(part);
        return;
    }
    // A product's own licence is a claim like any other, and a subject has no place for it.
    if !is_image && !part.component.licenses.is_empty() {
        let component = Component { first_party: true, ..part.component.clone() };
        draft.add(Part { id: None, inside: None, component, apart: Apart::default() });
    }
    let subject = &mut draft.subject;
    subject.kind = if is_image { SubjectKind::Image } else { SubjectKind::Directory };
    subject.name = part.component.name;
    subject.version = part.component.version;
    if let Some(purl) = part.component.purl.filter(|purl| purl.ty() == "oci") {
        subject.manifest_digest =
            purl.version().filter(|version| version.starts_with("sha256:")).map(str::to_owned);
    }
    draft.subject_id = Some(id.clone());
}
