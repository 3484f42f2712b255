//! SPDX 2.2 and 2.3 in its five forms, whoever wrote it.
//!
//! Files and snippets are stepped over: a bill lists packages. The one package a document describes is its
//! subject. What contains a package owns it only where the outer one is a package too, not an operating system or
//! a lockfile.
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/>

mod json;
mod rdf;
mod shapes;
mod tag_value;
mod v3;
mod v3_names;
mod xml;
mod yaml;

pub(super) use json::{json, wrapped_json};
pub(super) use rdf::rdf;
pub(super) use tag_value::tag_value;
pub(super) use v3::json as json_3;
pub(super) use xml::xml;
pub(super) use yaml::yaml;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use shapes::{Annotation, CreationInfo, ExtractedLicense, Package, Relationship};

use super::draft::{Draft, Part};
use super::lenient::List;
use super::names::Name;
use super::properties;
use super::{ReadError, first_line, parties, subject};
use crate::bom::{
    Basis, Bom, Component, Evidence, Hash, HashAlgorithm, Kind, LicenseClaim, Purl, Scope, SubjectKind,
    Technique,
};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
/// Begins the comment by which our own documents say that a licence's text is not known.
const NO_TEXT: &str = "packlist: the text was not seen";

/// What can be said only when all of a document is read.
#[derive(Debug, Default)]
struct Links {
    /// Of SPDX.
    version: Option<String>,
    /// The document's own name.
    name: Option<String>,
    described: BTreeSet<Name>,
    /// What lies in what.
    contained: Vec<(Name, Name)>,
    /// Packages that can own others.
    owning: HashSet<Name>,
    /// Anything of which more is said than that it is described.
    related: HashSet<Name>,
    images: HashSet<Name>,
    /// What has no name by now is no package: there may be many more files than packages.
    are_packages_read: bool,
}

impl Links {
    /// What an element's id means. Absent when it cannot be a package.
    fn name(&self, draft: &mut Draft, id: &str) -> Option<Name> {
        if self.are_packages_read { draft.known(id) } else { Some(draft.name(id)) }
    }
}

/// What a package is called where something is wrong with it.
enum Label<'a> {
    Named(Cow<'a, str>),
    Numbered(usize),
}

impl<'a> Label<'a> {
    fn of(package: &Package<'a>, place: usize) -> Self {
        let named = [&package.id, &package.name].into_iter().filter_map(|text| text.value.as_ref());
        match named.into_iter().find(|text| !text.is_empty()) {
            Some(name) => Self::Named(name.clone()),
            None => Self::Numbered(place),
        }
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(out, "package `{name}`"),
            Self::Numbered(place) => write!(out, "package {place}"),
        }
    }
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
    if license.comment.as_str().starts_with(NO_TEXT) {
        return;
    }
    if let (Some(id), Some(text)) = (license.id.take(), license.text.value.take()) {
        draft.license_texts.insert(id, text.into_owned());
    }
}

/// Our own annotations: a property a line.
fn add_annotations(annotations: &List<Annotation>, properties: &mut Vec<(String, String)>) {
    let ours = annotations.items.iter().filter(|note| properties::is_read(note.comment.as_str()));
    for line in ours.flat_map(|note| note.comment.as_str().lines()) {
        if let Some((name, value)) = line.split_once('=') {
            properties.push((name.to_owned(), value.to_owned()));
        }
    }
}

fn add_package(draft: &mut Draft, links: &mut Links, mut package: Package) {
    let label = Label::of(&package, draft.len() + 1);
    for key in &package.wrong {
        match *key {
            "" => draft.gap(format!("{label} is no object")),
            key => match Package::own_name(key) {
                Some(name) => draft.deviation(format!("{label}: `{key}` is `{name}`")),
                None => draft.gap(format!("{label}: `{key}` is not of the shape it should be")),
            },
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
    component.description = description.map(first_line);
    component.copyright = package.copyright.take().filter(|text| asserted(text));
    component.homepage = package.homepage.take().filter(|url| asserted(url));
    component.download = package.download.take().filter(|url| asserted(url));
    for reference in &package.references.items {
        match reference.kind.as_str().rsplit('/').next().unwrap_or_default() {
            kind if kind.starts_with("cpe2") => component.cpes.extend(reference.locator.said()),
            "purl" => {}
            other => draft.step_over(format!("reference {other}")),
        }
    }
    add_checksums(draft, &label, &mut component, &package);
    add_claims(draft, &mut component, &package);
    add_evidence(&mut component, package.source_info.as_str());
    let mut said = Vec::new();
    add_annotations(&package.annotations, &mut said);
    if !said.is_empty() {
        // What ours saw is told exactly there; the other is for people.
        component.evidence.clear();
    }
    let said = said.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let apart = properties::apply_to_component(said, &mut component);
    let id = package.id.said().map(|id| draft.name(id));
    if let Some(id) = id {
        if component.purl.is_some() && component.kind != Kind::OperatingSystem {
            links.owning.insert(id);
        }
        if component.kind == Kind::Container {
            links.images.insert(id);
        }
    }
    draft.add(Part { id, inside: None, component, apart });
}

fn asserted(text: &str) -> bool {
    !matches!(text.trim(), "" | "NOASSERTION" | "NONE")
}

fn purl(draft: &mut Draft, label: &Label, package: &Package) -> Option<Purl> {
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

fn add_checksums(draft: &mut Draft, label: &Label, component: &mut Component, package: &Package) {
    for checksum in &package.checksums.items {
        let (name, value) = (checksum.algorithm.as_str(), checksum.value.as_str());
        let name = name.strip_prefix("checksumAlgorithm_").unwrap_or(name);
        if let Some(algorithm) = HashAlgorithm::from_name(name) {
            match Hash::from_hex(algorithm, value) {
                Some(hash) => component.hashes.push(hash),
                None => draft.gap(format!("{label}: `{value}` is no {}", algorithm.name())),
            }
        } else {
            draft.step_over(format!("hash {name}"));
        }
    }
}

fn add_claims(draft: &mut Draft, component: &mut Component, package: &Package) {
    let from_files = package.from_files.items.iter().map(|text| (text, Basis::Detected));
    let fields = [(&package.declared, Basis::Declared)].into_iter().chain(from_files);
    for (text, basis) in fields.chain([(&package.concluded, Basis::Concluded)]) {
        let text = text.as_str().trim();
        if !matches!(text, "" | "NOASSERTION") {
            let expression = draft.license(text);
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

fn add_relationship(draft: &mut Draft, links: &mut Links, relationship: &Relationship) {
    let (from, to) = (relationship.from.as_str().trim(), relationship.to.as_str().trim());
    if from.is_empty() || to.is_empty() {
        draft.gap("a relationship does not say between what");
        return;
    }
    let kind = relationship.kind.as_str().trim();
    if matches!(kind, "DESCRIBES" | "DESCRIBED_BY") {
        let described = if kind == "DESCRIBES" { to } else { from };
        links.described.insert(draft.name(described));
        return;
    }
    let (from_name, to_name) = (links.name(draft, from), links.name(draft, to));
    links.related.extend(from_name.into_iter().chain(to_name));
    if let Some((of, needed, scope)) = need(kind, from, to) {
        match needed {
            "NONE" => {
                draft.origin.tells_completeness = true;
                let of = draft.name(of);
                draft.tells(of);
            }
            "NOASSERTION" => draft.origin.tells_completeness = true,
            needed => {
                let (of, needed) = (draft.name(of), draft.name(needed));
                draft.depends(of, needed, scope);
            }
        }
        return;
    }
    let (inner, outer) = match kind {
        "CONTAINS" => (to_name, from_name),
        "CONTAINED_BY" => (from_name, to_name),
        "OTHER" => return,
        other => return draft.step_over(format!("relationship {other}")),
    };
    links.contained.extend(inner.zip(outer));
}

/// Which of the two needs the other, and when.
fn need<'a>(kind: &str, from: &'a str, to: &'a str) -> Option<(&'a str, &'a str, Scope)> {
    Some(match kind {
        "DEPENDS_ON" | "HAS_PREREQUISITE" | "DYNAMIC_LINK" | "STATIC_LINK" => (from, to, Scope::Required),
        "DEPENDENCY_OF" | "PREREQUISITE_FOR" | "RUNTIME_DEPENDENCY_OF" | "PROVIDED_DEPENDENCY_OF" => {
            (to, from, Scope::Required)
        }
        "OPTIONAL_DEPENDENCY_OF" => (to, from, Scope::Optional),
        "BUILD_DEPENDENCY_OF"
        | "DEV_DEPENDENCY_OF"
        | "TEST_DEPENDENCY_OF"
        | "BUILD_TOOL_OF"
        | "DEV_TOOL_OF"
        | "TEST_TOOL_OF" => (to, from, Scope::Dev),
        _ => return None,
    })
}

fn finish(mut draft: Draft, mut links: Links, format: &'static str) -> Result<Bom, ReadError> {
    match draft.origin.created.clone() {
        None => draft.deviation("the document does not say when it was made"),
        Some(time) if chrono::DateTime::parse_from_rfc3339(time.trim()).is_err() => {
            draft.deviation(format!("the time `{time}` is no date and time"));
        }
        Some(_) => {}
    }
    if let Some(document) = draft.known(DOCUMENT) {
        links.described.remove(&document);
    }
    set_subject(&mut draft, &links);
    let subject = draft.subject_id;
    let contained = links.contained.into_iter().filter(|(_, outer)| subject != Some(*outer));
    let contained: HashMap<Name, Name> = contained.collect();
    draft.contains(&contained, |outer| links.owning.contains(&outer));
    draft.finish(format)
}

/// The one package described is the subject, unless it is all there is.
fn set_subject(draft: &mut Draft, links: &Links) {
    draft.subject.name = links.name.clone().unwrap_or_default();
    let mut described = links.described.iter().copied();
    let (Some(id), None) = (described.next(), described.next()) else { return };
    let is_image = links.images.contains(&id);
    if !is_image && !draft.is_ours() && (draft.len() < 2 || !links.related.contains(&id)) {
        return;
    }
    let Some(part) = draft.take_out(id) else { return };
    if part.component.kind == Kind::OperatingSystem {
        draft.put(part);
        return;
    }
    let kind = if is_image { SubjectKind::Image } else { SubjectKind::Directory };
    subject::describe(draft, kind, *part.component);
    draft.subject_id = Some(id);
}
