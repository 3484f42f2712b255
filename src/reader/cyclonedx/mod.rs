//! CycloneDX 1.2 to 1.7, and what there is of 2.0, whoever wrote it.
//!
//! What lies inside a component is taken to be part of it only where the outer one is a package: Trivy puts
//! packages inside lockfiles and operating systems, which own nothing. Services and vulnerabilities are stepped
//! over.
//! Spec: <https://cyclonedx.org/specification/overview/>

mod deviations;
mod json;
mod shapes;
mod xml;

pub(super) use json::json;
pub(super) use xml::xml;

use std::borrow::Cow;
use std::fmt;

use shapes::{Component, Dependency, Evidence, LicenseChoice, Metadata, Properties};

use super::draft::{Draft, Part};
use super::lenient::{List, Text};
use super::names::Name;
use super::{first_line, parties, properties, subject};
use crate::bom;
use crate::bom::{Basis, Hash, HashAlgorithm, Kind, LicenseClaim, Purl, Scope, SubjectKind, Technique};

fn pairs<'a>(properties: &'a Properties) -> impl Iterator<Item = (&'a str, &'a str)> {
    properties.items.iter().map(|property| (property.name.as_str(), property.value.as_str()))
}

fn add_metadata(draft: &mut Draft, mut metadata: Metadata) {
    note_wrong(draft, "metadata", &metadata.wrong);
    draft.origin.created = metadata.timestamp.take();
    if let Some(timestamp) = draft.origin.created.clone() {
        deviations::of_timestamp(draft, &timestamp);
    }
    if metadata.properties.items.iter().any(|property| property.is_nameless) {
        draft.deviation("metadata has a property without a name");
    }
    for tool in &mut metadata.tools.list {
        let name = tool.name.take();
        let version = tool.version.take();
        draft.origin.tools.extend(name.map(|name| match version {
            Some(version) => format!("{name} {version}"),
            None => name,
        }));
    }
    let contacts =
        metadata.authors.items.iter_mut().filter_map(|c| parties::join(c.name.take(), c.email.take()));
    draft.origin.authors = contacts.collect();
    let makers = [&mut metadata.manufacturer, &mut metadata.manufacture, &mut metadata.supplier];
    let makers: Vec<String> = makers.into_iter().filter_map(party).collect();
    draft.subject.supplier = makers.last().cloned();
    if draft.origin.authors.is_empty() {
        draft.origin.authors = makers;
        draft.origin.authors.dedup();
    }
    let phases = metadata.lifecycles.items.iter_mut();
    let phases: Vec<String> = phases.filter_map(|c| c.phase.take().or_else(|| c.name.take())).collect();
    draft.origin.phase = (!phases.is_empty()).then(|| phases.join(", "));
    deviations::of_licenses(draft, &"metadata", &metadata.licenses);
    let licenses = metadata.licenses.items.iter_mut();
    draft.origin.data_license =
        licenses.filter_map(|choice| choice.license.id.take().or_else(|| choice.expression.take())).next();
    for key in &metadata.other {
        draft.step_over(format!("metadata {}", key.as_str()));
    }
    draft
        .properties
        .extend(pairs(&metadata.properties).map(|(name, value)| (name.to_owned(), value.to_owned())));
    if let Some(component) = metadata.component {
        set_subject(draft, *component);
    }
}

fn set_subject(draft: &mut Draft, mut read: Component) {
    let kind = match read.kind.as_str() {
        "container" => SubjectKind::Image,
        _ => SubjectKind::Directory,
    };
    let mut image_id = None;
    for (name, value) in pairs(&read.properties) {
        match name {
            "aquasecurity:trivy:ImageID" => image_id = Some(value.to_owned()),
            "aquasecurity:trivy:DiffID" => draft.properties.push((name.to_owned(), value.to_owned())),
            _ => {}
        }
    }
    draft.subject_id = read.bom_ref.take().map(|id| draft.name(&id));
    for inner in std::mem::take(&mut read.components.items) {
        add_component(draft, inner, None);
    }
    let label = Label::Subject(read.name.as_str().to_owned());
    note_wrong(draft, &label, &read.wrong);
    let is_nameless = read.name.as_str().is_empty();
    let (mut said, _) = component(draft, &label, &mut read);
    if is_nameless {
        said.name = String::new();
    }
    said.version = image_id.or(said.version);
    subject::describe(draft, kind, said);
}

/// Name and group together, as the ecosystem writes them.
fn whole_name(component: &mut Component, purl: Option<&Purl>) -> String {
    let name = component.name.value.take().map(Cow::into_owned).unwrap_or_default();
    let Some(group) = component.group.said() else { return name };
    match purl.map(Purl::ty) {
        // A distribution is where a package comes from, no part of its name.
        Some("deb" | "rpm" | "apk" | "alpm" | "opkg") => name,
        Some("maven" | "gradle") => format!("{group}:{name}"),
        _ => format!("{group}/{name}"),
    }
}

/// What a component is called where something is wrong with it.
enum Label<'a> {
    Subject(String),
    Named(Cow<'a, str>),
    Numbered(usize),
}

impl<'a> Label<'a> {
    fn of(component: &Component<'a>, draft: &mut Draft) -> Self {
        let named = [&component.bom_ref, &component.name].into_iter().filter_map(|text| text.value.as_ref());
        match named.into_iter().find(|text| !text.is_empty()) {
            Some(name) => Self::Named(name.clone()),
            None => Self::Numbered(draft.number()),
        }
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject(name) => write!(out, "the subject `{name}`"),
            Self::Named(name) => write!(out, "component `{name}`"),
            Self::Numbered(place) => write!(out, "component {place}"),
        }
    }
}

/// Adds a component and all that lies inside it. What nests too deep never comes this far.
fn add_component(draft: &mut Draft, mut read: Component, inside: Option<Name>) {
    let label = Label::of(&read, draft);
    if read.name.as_str().is_empty() && read.purl.as_str().is_empty() {
        draft.gap(format!("{label} has no name"));
    }
    note_wrong(draft, &label, &read.wrong);
    if read.bom_ref.value.as_deref() == Some("") {
        draft.deviation(format!("{label} has an empty `bom-ref`"));
    }
    let inner = std::mem::take(&mut read.components.items);
    let id = read.bom_ref.value.take().map(|id| draft.name(&id));
    let (component, apart) = component(draft, &label, &mut read);
    let owns = component.purl.is_some() || apart.owner_path.is_some();
    draft.add(Part { id, inside, component, apart });
    for component in inner {
        let inside = id.filter(|_| owns || names_an_owner(&component));
        add_component(draft, component, inside);
    }
}

/// Whether our own property says that it is part of what it lies in.
fn names_an_owner(component: &Component) -> bool {
    pairs(&component.properties).any(|(name, _)| name == "packlist:owner:path")
}

fn component(draft: &mut Draft, label: &Label, read: &mut Component) -> (bom::Component, properties::Apart) {
    let purl = match read.purl.said().map(|text| text.trim().parse::<Purl>()) {
        None => None,
        Some(Ok(purl)) => Some(purl),
        Some(Err(error)) => {
            draft.gap(format!("{label}: {error}"));
            None
        }
    };
    deviations::of_component(draft, label, read);
    deviations::of_licenses(draft, label, &read.licenses);
    for key in &read.other {
        draft.step_over(format!("component {}", key.as_str()));
    }
    for (key, is_there) in [
        ("swid", read.swid.is_some()),
        ("pedigree", read.pedigree.is_some()),
        ("versionRange", read.version_range.said().is_some()),
    ] {
        if is_there {
            draft.step_over(format!("component {key}"));
        }
    }
    let mut component = bom::Component::new(whole_name(read, purl.as_ref()));
    if component.name.is_empty() {
        component.name = purl.as_ref().map_or_else(|| "unnamed".to_owned(), |purl| purl.name().to_owned());
    }
    component.purl = purl;
    component.kind = match (read.kind.as_str(), Kind::from_name(read.kind.as_str())) {
        (_, Some(kind)) => kind,
        ("cryptographic-asset", None) => Kind::Data,
        ("", None) => Kind::Library,
        (other, None) => {
            draft.gap(format!("{label} is of the unknown type `{other}`"));
            Kind::Library
        }
    };
    component.version = read.version.take();
    component.description = read.description.take().map(first_line);
    component.supplier = party(&mut read.supplier).or_else(|| party(&mut read.manufacturer));
    component.supplier = component.supplier.or_else(|| read.publisher.take());
    let authors = read.authors.items.iter_mut().filter_map(|c| parties::join(c.name.take(), c.email.take()));
    let authors: Vec<String> = authors.collect();
    component.author = (!authors.is_empty()).then(|| authors.join(", ")).or_else(|| read.author.take());
    component.scope = match read.scope.as_str() {
        "optional" => Scope::Optional,
        "excluded" => Scope::Dev,
        _ => Scope::Required,
    };
    for hash in &read.hashes.items {
        if let Some(algorithm) = HashAlgorithm::from_name(hash.algorithm.as_str()) {
            match Hash::from_hex(algorithm, hash.content.as_str()) {
                Some(hash) => component.hashes.push(hash),
                None => draft.gap(format!("{label}: `{}` is no {}", hash.content.as_str(), algorithm.name())),
            }
        } else {
            draft.step_over(format!("hash {}", hash.algorithm.as_str()));
        }
    }
    component.copyright = read.copyright.take();
    component.cpes = read.cpe.said().into_iter().collect();
    for reference in &mut read.references.items {
        let field = match reference.kind.as_str() {
            "website" => &mut component.homepage,
            "vcs" => &mut component.vcs,
            "source-distribution" => &mut component.source,
            "distribution" => &mut component.download,
            _ => continue,
        };
        if field.is_none() {
            *field = reference.url.take();
        }
    }
    add_claims(draft, label, &mut component, &mut read.licenses, None);
    add_claims(draft, label, &mut component, &mut read.evidence.licenses, Some(Basis::Detected));
    add_evidence(&mut component, &mut read.evidence);
    let apart = properties::apply_to_component(pairs(&read.properties), &mut component);
    (component, apart)
}

fn party(party: &mut shapes::Party) -> Option<String> {
    let address = party.contact.items.iter_mut().find_map(|contact| contact.email.take());
    parties::join(party.name.take(), address)
}

fn add_claims(
    draft: &mut Draft,
    label: &Label,
    component: &mut bom::Component,
    choices: &mut List<LicenseChoice>,
    basis: Option<Basis>,
) {
    for choice in &mut choices.items {
        let license = &mut choice.license;
        let said = [&choice.acknowledgement, &license.acknowledgement];
        let said = said.into_iter().find_map(|word| Basis::from_name(word.as_str()));
        let basis = basis.or(said).unwrap_or(Basis::Declared);
        let words = [&mut choice.expression, &mut license.id, &mut license.name, &mut license.url];
        let Some(text) = words.into_iter().find_map(|word| word.take()) else {
            draft.gap(format!("{label}: a licence has neither id nor name"));
            continue;
        };
        if let Some(content) = license.text.content.value.take()
            && text.starts_with("LicenseRef-")
            && license.text.encoding.as_str().is_empty()
        {
            draft.license_texts.insert(text.clone(), content.into_owned());
        }
        let expression = draft.license(&text);
        component.licenses.push(LicenseClaim { text, expression, basis, path: None, line: None });
    }
}

/// One method for each place where there are as many, else the first for all.
fn add_evidence(component: &mut bom::Component, read: &mut Evidence) {
    let occurrences = &mut read.occurrences.items;
    let methods =
        read.identity.items.first().map(|identity| identity.methods.items.as_slice()).unwrap_or_default();
    let by_place = methods.len() == occurrences.len();
    component.evidence.reserve_exact(occurrences.len());
    for (index, occurrence) in occurrences.iter_mut().enumerate() {
        let Some(location) = occurrence.location.take() else { continue };
        let method = if by_place { methods.get(index) } else { methods.first() };
        let technique = method.map(|method| method.technique.as_str()).filter(|name| !name.is_empty());
        component.evidence.push(bom::Evidence {
            path: location.trim_start_matches('/').to_owned(),
            line: occurrence.line.value.map(|line| line as u32).filter(|line| *line > 0),
            layer: None,
            found_by: String::new(),
            technique: technique.map_or(Technique::ManifestAnalysis, |name| {
                Technique::from_name(name).unwrap_or(Technique::Other)
            }),
            confidence: method.and_then(|method| method.confidence.value).map_or(100, percent),
        });
    }
}

fn percent(fraction: f64) -> u8 {
    (fraction.clamp(0.0, 1.0) * 100.0).round() as u8
}

fn add_dependency(draft: &mut Draft, dependency: Dependency<'_>) {
    let Some(of) = dependency.of.said() else {
        draft.gap("a dependency has no `ref`");
        return;
    };
    note_wrong(draft, format_args!("the dependencies of `{of}`"), &dependency.wrong);
    let of = draft.name(of);
    draft.tells(of);
    for needed in dependency.depends_on.items.iter().map(Text::as_str).filter(|text| !text.trim().is_empty())
    {
        let needed = draft.name(needed);
        draft.depends(of, needed, Scope::Required);
    }
}

/// Notes the keys whose values were not of the shape the format gives them.
fn note_wrong(draft: &mut Draft, what: impl fmt::Display, keys: &[&'static str]) {
    for key in keys {
        match *key {
            "" => draft.gap(format!("{what} is no object")),
            key => draft.gap(format!("{what}: `{key}` is not of the shape it should be")),
        }
    }
}
