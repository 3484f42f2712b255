//! SPDX 3.0, in JSON-LD: a flat graph of elements that name each other.
//!
//! The context is not looked up: names are those of the specification's own context, as everybody writes them.
//! Files are stepped over, as everything but packages.
//! Spec: <https://spdx.github.io/spdx-spec/v3.0.1/>

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Read;

use super::NO_TEXT;
use super::v3_names::{whole_relationship, whole_type};
use crate::bom::{
    Basis, Bom, Component, Cpes, Hash, HashAlgorithm, Kind, LicenseClaim, Purl, Scope, SubjectKind,
};
use crate::reader::draft::{Draft, Part};
use crate::reader::lenient::{OneOrMore, Text, shape};
use crate::reader::names::Name;
use crate::reader::properties::{self, Apart};
use crate::reader::stream::read_object;
use crate::reader::{ReadError, parties, subject};

// One shape for all elements: which of its fields are there tells the type.
shape!(Element {
    "type" | "@type" => kind: Text<'a>,
    "spdxId" => id: Text<'a>,
    "@id" => blank_id: Text<'a>,
    "name" => name: Text<'a>,
    "description" => description: Text<'a>,
    "summary" => summary: Text<'a>,
    "comment" => comment: Text<'a>,
    "software_packageVersion" | "packageVersion" => version: Text<'a>,
    "software_packageUrl" | "packageUrl" => purl: Text<'a>,
    "software_primaryPurpose" | "primaryPurpose" => purpose: Text<'a>,
    "software_copyrightText" | "copyrightText" => copyright: Text<'a>,
    "software_homePage" | "software_homepage" | "homePage" | "homepage" => homepage: Text<'a>,
    "software_downloadLocation" | "downloadLocation" => download: Text<'a>,
    "software_sbomType" | "sbomType" => sbom_type: OneOrMore<Text<'a>>,
    "suppliedBy" => supplied_by: OneOrMore<Text<'a>>,
    "originatedBy" => originated_by: OneOrMore<Text<'a>>,
    "verifiedUsing" => hashes: OneOrMore<HashElement<'a>>,
    "externalIdentifier" | "externalIdentifiers" => identifiers: OneOrMore<Identifier<'a>>,
    "externalRef" => references: OneOrMore<Reference<'a>>,
    "from" => from: Text<'a>,
    "to" => to: OneOrMore<Text<'a>>,
    "relationshipType" => relationship: Text<'a>,
    "scope" => scope: Text<'a>,
    "completeness" => completeness: Text<'a>,
    "simplelicensing_licenseExpression" | "simpleLicensing_licenseExpression" | "licenseExpression" => expression: Text<'a>,
    "simplelicensing_customIdToUri" => custom_ids: OneOrMore<Entry<'a>>,
    "expandedlicensing_additionText" => addition_text: Text<'a>,
    "simplelicensing_licenseText" => license_text: Text<'a>,
    "subject" => subject: Text<'a>,
    "statement" => statement: Text<'a>,
    "rootElement" => roots: OneOrMore<Text<'a>>,
    "creationInfo" | "creationinfo" => creation: Text<'a>,
    "dataLicense" => data_license: Text<'a>,
    "specVersion" | "specversion" => spec_version: Text<'a>,
    "created" => created: Text<'a>,
    "createdBy" => created_by: OneOrMore<Text<'a>>,
    "createdUsing" => created_using: OneOrMore<Text<'a>>,
});

shape!(HashElement {
    "type" => kind: Text<'a>,
    "algorithm" => algorithm: Text<'a>,
    "hashValue" => value: Text<'a>,
});

shape!(Entry {
    "key" => reference: Text<'a>,
    "value" => element: Text<'a>,
});

shape!(Identifier {
    "externalIdentifierType" => kind: Text<'a>,
    "identifier" => text: Text<'a>,
});

shape!(Reference {
    "externalRefType" => kind: Text<'a>,
    "locator" => locator: OneOrMore<Text<'a>>,
});

const FORMAT: &str = "SPDX 3 JSON";

pub(in crate::reader) fn json(input: impl Read) -> Result<Bom, ReadError> {
    let mut draft = Draft::new("@graph");
    let mut graph = Graph::default();
    read_object(&mut draft, input, FORMAT, |draft, key, json| match key {
        "@graph" => json.each::<Element>(draft, key, |draft, element| graph.take(draft, element)),
        _ => json.step_over().map(|_| ()),
    })?;
    graph.finish(draft)
}

/// What can be said only when all elements are read: they come in any order.
#[derive(Default)]
struct Graph {
    /// By id: the name, with the address if there is one.
    agents: HashMap<Name, String>,
    tools: HashMap<Name, String>,
    expressions: HashMap<Name, String>,
    /// By id: the text with its name.
    texts: HashMap<Name, (String, String)>,
    /// The element that a reference in an expression means, and the reference.
    custom_ids: Vec<(Name, String)>,
    /// By the element they are of.
    annotations: HashMap<Name, Vec<(String, String)>>,
    /// Package, licence and who says so.
    licenses: Vec<(Name, Name, Basis)>,
    /// Package and its supplier.
    supplied: HashMap<Name, Name>,
    /// Package and its originators.
    originated: HashMap<Name, Vec<Name>>,
    /// Inner and outer.
    contained: Vec<(Name, Name)>,
    packages: HashSet<Name>,
    creations: HashMap<Name, Creation>,
    first_creation: Option<Name>,
    /// Who describes, and what: the document tells so what it is of, a file may describe another.
    described: Vec<(Name, Name)>,
    sbom: Option<Collection>,
    document: Option<Collection>,
}

/// Who made the document, and when.
struct Creation {
    version: Option<String>,
    created: Option<String>,
    by: Vec<Name>,
    using: Vec<Name>,
}

impl Creation {
    fn of(draft: &mut Draft, mut element: Element<'_>) -> Self {
        Self {
            version: element.spec_version.take(),
            created: element.created.take(),
            by: names(draft, &element.created_by),
            using: names(draft, &element.created_using),
        }
    }
}

/// The list, or the document around it.
struct Collection {
    id: Name,
    name: Option<String>,
    /// What kind of list it is, by its first word for that.
    phase: Option<String>,
    roots: Vec<Name>,
    creation: Option<Name>,
    /// An expression's id, or the licence's.
    data_license: Option<Name>,
}

impl Collection {
    fn of(draft: &mut Draft, id: Name, mut element: Element<'_>) -> Self {
        let phase = element.sbom_type.items.first_mut().and_then(Text::take);
        Self {
            id,
            name: element.name.take(),
            phase,
            roots: names(draft, &element.roots),
            creation: element.creation.said().map(|id| draft.name(id)),
            data_license: element.data_license.said().map(|id| draft.name(id)),
        }
    }
}

fn names(draft: &mut Draft, ids: &OneOrMore<Text<'_>>) -> Vec<Name> {
    ids.items.iter().map(|id| draft.name(id.as_str())).collect()
}

impl Graph {
    fn take(&mut self, draft: &mut Draft, mut element: Element) {
        if element.wrong.contains(&"") {
            draft.gap(format!("@graph[{}] is no object", draft.place));
            return;
        }
        let id = if element.id.as_str().is_empty() { &element.blank_id } else { &element.id };
        let id = draft.name(id.as_str());
        let Some(kind) = whole_type(element.kind.as_str()) else {
            return draft.step_over(element.kind.as_str());
        };
        if element.kind.as_str() != kind {
            let place = draft.place;
            let said = element.kind.as_str();
            draft.deviation(format!("@graph[{place}] is of the type `{said}`, which is `{kind}`"));
        }
        match kind {
            "software_Package" | "ai_AIPackage" | "dataset_DatasetPackage" => {
                self.package(draft, id, element);
            }
            "Relationship" | "LifecycleScopedRelationship" => self.relate(draft, &element),
            "Person" | "Organization" | "Agent" | "SoftwareAgent" => {
                let mut identifiers = element.identifiers.items.iter_mut();
                let address = identifiers.find(|identifier| identifier.kind.as_str() == "email");
                let address = address.and_then(|identifier| identifier.text.take());
                let name = element.name.value.take().map(Cow::into_owned);
                self.agents.extend(parties::join(name, address).map(|agent| (id, agent)));
            }
            "Tool" => self.tools.extend(element.name.take().map(|name| (id, name))),
            "simplelicensing_LicenseExpression" => {
                for entry in &element.custom_ids.items {
                    self.custom_ids
                        .push((draft.name(entry.element.as_str()), entry.reference.as_str().to_owned()));
                }
                self.expressions.extend(element.expression.take().map(|expression| (id, expression)));
            }
            "simplelicensing_SimpleLicensingText"
            | "expandedlicensing_CustomLicense"
            | "expandedlicensing_CustomLicenseAddition" => {
                let name = element.name.take().unwrap_or_else(|| last_part(draft.text(id)).to_owned());
                let text = element.license_text.value.take().or_else(|| element.addition_text.value.take());
                let text = text.filter(|_| !element.comment.as_str().starts_with(NO_TEXT));
                self.texts.extend(text.map(|text| (id, (name, text.into_owned()))));
            }
            "Annotation" if properties::is_read(element.statement.as_str()) => {
                let lines = element.statement.as_str().lines().filter_map(|line| line.split_once('='));
                let said = lines.map(|(name, value)| (name.to_owned(), value.to_owned()));
                let subject = draft.name(element.subject.as_str());
                self.annotations.entry(subject).or_default().extend(said);
            }
            "CreationInfo" => {
                self.first_creation.get_or_insert(id);
                self.creations.insert(id, Creation::of(draft, element));
            }
            // A list of anything; one of software counts more.
            "Bom" if self.sbom.is_none() => self.sbom = Some(Collection::of(draft, id, element)),
            "software_Sbom" => self.sbom = Some(Collection::of(draft, id, element)),
            "SpdxDocument" => self.document = Some(Collection::of(draft, id, element)),
            _ => draft.step_over(element.kind.as_str()),
        }
    }

    fn package(&mut self, draft: &mut Draft, id: Name, mut read: Element) {
        let label = format!("package `{}`", draft.text(id));
        // It may stand there as a whole, not only by its name.
        for key in read.wrong.iter().filter(|key| !matches!(**key, "creationInfo" | "@type")) {
            match Element::own_name(key) {
                Some(name) => draft.deviation(format!("{label}: `{key}` is `{name}`")),
                None => draft.gap(format!("{label}: `{key}` is not of the shape it should be")),
            }
        }
        for key in &read.other {
            draft.step_over(format!("package {}", key.as_str()));
        }
        if read.comment.said().is_some() {
            draft.step_over("package comment");
        }
        if let Some(supplier) = read.supplied_by.items.first_mut().and_then(Text::take) {
            self.supplied.insert(id, draft.name(&supplier));
        }
        let authors = names(draft, &read.originated_by);
        if !authors.is_empty() {
            self.originated.insert(id, authors);
        }
        self.packages.insert(id);
        let component = component(draft, &label, read);
        draft.add(Part { id: Some(id), inside: None, component, apart: Apart::default() });
    }

    fn relate(&mut self, draft: &mut Draft, relationship: &Element) {
        let from = draft.name(relationship.from.as_str());
        let said = relationship.relationship.as_str();
        let kind = whole_relationship(said);
        let kind = kind.as_ref();
        if kind != said {
            let place = draft.place;
            draft.deviation(format!("@graph[{place}] is the relationship `{said}`, which is `{kind}`"));
        }
        draft.origin.tells_completeness |=
            matches!(relationship.completeness.as_str(), "complete" | "incomplete");
        let scope = match (kind, relationship.scope.as_str()) {
            ("hasOptionalDependency", _) => Scope::Optional,
            (_, "development" | "test" | "build") => Scope::Dev,
            _ => Scope::Required,
        };
        for to in relationship.to.items.iter().map(Text::as_str) {
            match (kind, last_part(to)) {
                ("dependsOn" | "hasOptionalDependency" | "hasPrerequisite", "NoneElement") => {
                    draft.origin.tells_completeness = true;
                    draft.tells(from);
                }
                (_, "NoAssertionElement") => {}
                (
                    "dependsOn"
                    | "hasOptionalDependency"
                    | "hasPrerequisite"
                    | "hasDynamicLink"
                    | "hasStaticLink",
                    _,
                ) => {
                    let to = draft.name(to);
                    draft.depends(from, to, scope);
                }
                ("describes", _) => self.described.push((from, draft.name(to))),
                ("contains", _) => {
                    let to = draft.name(to);
                    self.contained.push((to, from));
                }
                ("hasDeclaredLicense", _) => self.licenses.push((from, draft.name(to), Basis::Declared)),
                ("hasConcludedLicense", _) => {
                    self.licenses.push((from, draft.name(to), Basis::Concluded));
                }
                (other, _) => draft.step_over(format!("relationship {other}")),
            }
        }
    }

    fn finish(mut self, mut draft: Draft) -> Result<Bom, ReadError> {
        self.set_origin(&mut draft);
        self.complete(&mut draft);
        self.keep_told_roots(&mut draft);
        if let Some(root) = self.root() {
            set_subject(&mut draft, root);
        }
        let subject = draft.subject_id;
        let contained = self.contained.into_iter().filter(|(_, outer)| subject != Some(*outer)).collect();
        draft.contains(&contained, |_| false);
        draft.finish(FORMAT)
    }

    fn set_origin(&mut self, draft: &mut Draft) {
        draft.origin.format = "SPDX 3.0 JSON".to_owned();
        let serial = self.document.as_ref().map(|document| draft.text(document.id).to_owned());
        draft.origin.serial = serial.filter(|serial| !serial.trim().is_empty());
        let data_license = self.document.as_ref().and_then(|document| document.data_license);
        draft.origin.data_license = data_license.map(|id| match self.expressions.get(&id) {
            Some(expression) => expression.clone(),
            None => last_part(draft.text(id)).to_owned(),
        });
        let creation = self.document.as_ref().and_then(|document| document.creation);
        let creation = creation.filter(|id| self.creations.contains_key(id)).or(self.first_creation);
        if let Some(creation) = creation.and_then(|id| self.creations.get_mut(&id)) {
            if let Some(version) = creation.version.take() {
                draft.origin.format = format!("SPDX {version} JSON");
            }
            draft.origin.created = creation.created.take();
            let tools = creation.using.iter().filter_map(|id| self.tools.get(id));
            let authors = creation.by.iter().filter_map(|id| self.agents.get(id));
            draft.origin.tools = tools.map(|tool| super::tool_of(tool)).collect();
            draft.origin.authors = authors.filter(|author| *author != "packlist").cloned().collect();
        }
        if let Some(sbom) = &mut self.sbom {
            draft.origin.phase = sbom.phase.take();
            draft.properties.extend(self.annotations.remove(&sbom.id).into_iter().flatten());
        }
        draft.subject.name =
            self.document.as_mut().and_then(|document| document.name.take()).unwrap_or_default();
    }

    /// Puts texts under the references that expressions mean them by, others under their own names.
    fn name_texts(&mut self, draft: &mut Draft) {
        let mut named = HashSet::new();
        for (id, reference) in std::mem::take(&mut self.custom_ids) {
            if let Some((_, text)) = self.texts.get(&id) {
                named.insert(id);
                draft.license_texts.insert(reference, text.clone());
            }
        }
        let others = std::mem::take(&mut self.texts).into_iter().filter(|(id, _)| !named.contains(id));
        for (_, (name, text)) in others {
            draft.license_texts.entry(name).or_insert(text);
        }
    }

    /// Gives the packages what other elements say of them.
    fn complete(&mut self, draft: &mut Draft) {
        self.name_texts(draft);
        // By package: declared ones first, as they are read elsewhere.
        let mut claims: HashMap<Name, Vec<LicenseClaim>> = HashMap::new();
        self.licenses.sort_by_key(|(_, _, basis)| *basis != Basis::Declared);
        for (package, license, basis) in std::mem::take(&mut self.licenses) {
            let text = self.expressions.get(&license).map_or(last_part(draft.text(license)), String::as_str);
            if matches!(text, "NoAssertionLicense" | "NOASSERTION") {
                continue;
            }
            let text = text.to_owned();
            let expression = draft.license(&text);
            let claim = LicenseClaim { text, expression, basis, path: None, line: None };
            claims.entry(package).or_default().push(claim);
        }
        let mut missing = 0;
        for (id, component, apart) in draft.parts_mut() {
            let Some(id) = id else { continue };
            let supplier = self.supplied.get(&id);
            component.supplier = supplier.and_then(|id| self.agents.get(id)).cloned();
            let authors = self.originated.get(&id).into_iter().flatten();
            let unknown = authors.clone().chain(supplier).filter(|id| !self.agents.contains_key(id));
            missing += unknown.count();
            let authors: Vec<&str> =
                authors.filter_map(|id| self.agents.get(id)).map(String::as_str).collect();
            component.author = (!authors.is_empty()).then(|| authors.join(", "));
            component.licenses = claims.remove(&id).unwrap_or_default().into();
            if let Some(said) = self.annotations.remove(&id) {
                let said = said.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                *apart = Some(Box::new(properties::apply_to_component(said, component)));
            }
        }
        (0..missing).for_each(|_| draft.step_over("supplier or author outside the document"));
        let others = claims.values().map(Vec::len).sum();
        (0..others).for_each(|_: usize| draft.step_over("licence of what is no package"));
    }

    /// Leaves of what is described only what the document or its list describes, if there is one.
    fn keep_told_roots(&mut self, draft: &mut Draft) {
        let collections: Vec<Name> =
            [&self.sbom, &self.document].into_iter().flatten().map(|collection| collection.id).collect();
        if collections.is_empty() {
            return;
        }
        let all = self.described.len();
        self.described.retain(|(from, _)| collections.contains(from));
        (self.described.len()..all).for_each(|_| draft.step_over("relationship describes"));
    }

    /// The one package the list is of.
    fn root(&self) -> Option<Name> {
        let roots =
            [&self.sbom, &self.document].into_iter().flatten().flat_map(|collection| &collection.roots);
        let roots = roots.chain(self.described.iter().map(|(_, described)| described));
        let mut named: Vec<Name> = roots.copied().filter(|id| self.packages.contains(id)).collect();
        named.dedup();
        if named.len() == 1 { named.pop() } else { None }
    }
}

fn component(draft: &mut Draft, label: &str, mut read: Element) -> Component {
    let (purl, cpes) = identifiers(draft, label, &mut read);
    let name = read.name.take().or_else(|| purl.as_ref().map(|purl| purl.name().to_owned()));
    if name.is_none() {
        draft.gap(format!("{label} has no name"));
    }
    let mut component = Component::new(name.unwrap_or_else(|| "unnamed".to_owned()));
    component.kind = match (read.purpose.as_str(), whole_type(read.kind.as_str())) {
        ("", Some("ai_AIPackage")) => Kind::MachineLearningModel,
        ("", Some("dataset_DatasetPackage")) => Kind::Data,
        (purpose, _) => kind(purpose),
    };
    component.purl = purl;
    component.cpes = cpes;
    component.version = read.version.take();
    let said = |text: &String| super::asserted(text);
    component.copyright = read.copyright.take().filter(said);
    component.homepage = read.homepage.take().filter(said);
    component.download = read.download.take().filter(said);
    component.description = read.description.take().or_else(|| read.summary.take());
    for (kind, field) in [("vcs", &mut component.vcs), ("sourceArtifact", &mut component.source)] {
        let mut references = read.references.items.iter_mut().filter(|known| known.kind.as_str() == kind);
        *field = references.find_map(|reference| reference.locator.items.first_mut().and_then(Text::take));
    }
    for hash in &read.hashes.items {
        let of_contents = hash.kind.as_str() == "PackageVerificationCode";
        if let Some(algorithm) = HashAlgorithm::from_name(hash.algorithm.as_str()) {
            match Hash::from_hex(algorithm, hash.value.as_str()) {
                Some(hash) if of_contents => component.contents.push(hash),
                Some(hash) => component.hashes.push(hash),
                None => draft.gap(format!("{label}: `{}` is no {}", hash.value.as_str(), algorithm.name())),
            }
        } else {
            draft.step_over(format!("hash {}", hash.algorithm.as_str()));
        }
    }
    component
}

/// Takes the one package the list is of out of the list, unless it is all there is.
fn set_subject(draft: &mut Draft, root: Name) {
    let alone = draft.len() < 2;
    let Some(package) = draft.take_out(root) else { return };
    let component = &package.component;
    let is_image = component.kind == Kind::Container;
    if alone && !is_image && !draft.is_ours() {
        draft.put(package);
        return;
    }
    let kind = if is_image { SubjectKind::Image } else { SubjectKind::Directory };
    // An operating system is a component all the same.
    let system = (component.kind == Kind::OperatingSystem).then(|| package.component.clone());
    subject::describe(draft, kind, *package.component);
    draft.subject_id = Some(root);
    if let Some(component) = system {
        draft.add(Part { id: None, inside: None, component: *component, apart: Apart::default() });
    }
}

fn identifiers(draft: &mut Draft, label: &str, read: &mut Element) -> (Option<Purl>, Cpes) {
    let mut cpes = Cpes::default();
    let mut purl = read.purl.take();
    for identifier in &mut read.identifiers.items {
        match identifier.kind.as_str() {
            "cpe22" | "cpe23" => cpes.extend(identifier.text.said()),
            "packageUrl" => purl = purl.or_else(|| identifier.text.take()),
            other => draft.step_over(format!("identifier {other}")),
        }
    }
    let purl = purl.and_then(|text| match text.parse::<Purl>() {
        Ok(purl) => Some(purl),
        Err(error) => {
            draft.gap(format!("{label}: {error}"));
            None
        }
    });
    (purl, cpes)
}

fn kind(purpose: &str) -> Kind {
    match purpose {
        "application" | "executable" | "install" => Kind::Application,
        "container" => Kind::Container,
        "data" => Kind::Data,
        "device" => Kind::Device,
        "deviceDriver" => Kind::DeviceDriver,
        "file" => Kind::File,
        "firmware" => Kind::Firmware,
        "framework" => Kind::Framework,
        "model" => Kind::MachineLearningModel,
        "operatingSystem" => Kind::OperatingSystem,
        "platform" => Kind::Platform,
        _ => Kind::Library,
    }
}

/// What stands after the last `/` or `#`: `https://spdx.org/licenses/MIT` names `MIT`.
fn last_part(id: &str) -> &str {
    id.rsplit(['/', '#']).next().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_their_licences_and_edges_are_read() {
        let text = r##"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
            {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2024-01-01T00:00:00Z",
             "createdBy": ["urn:x#jane"], "createdUsing": ["urn:x#tool"]},
            {"type": "Person", "spdxId": "urn:x#jane", "name": "Jane", "externalIdentifier":
             [{"type": "ExternalIdentifier", "externalIdentifierType": "email", "identifier": "j@example.org"}]},
            {"type": "Tool", "spdxId": "urn:x#tool", "name": "maker-1.0"},
            {"type": "SpdxDocument", "spdxId": "urn:x#doc", "name": "list", "rootElement": ["urn:x#app"]},
            {"type": "software_Package", "spdxId": "urn:x#app", "name": "app", "software_packageVersion": "2"},
            {"type": "software_Package", "spdxId": "urn:x#lib", "name": "lib", "suppliedBy": "urn:x#jane",
             "software_packageUrl": "pkg:npm/lib@1", "software_primaryPurpose": "library", "builtTime": "x"},
            {"type": "software_File", "spdxId": "urn:x#f", "name": "a.c"},
            {"type": "Relationship", "from": "urn:x#lib", "relationshipType": "hasDeclaredLicense",
             "to": ["https://spdx.org/licenses/MIT"]},
            {"type": "LifecycleScopedRelationship", "from": "urn:x#app", "relationshipType": "dependsOn",
             "scope": "test", "to": "urn:x#lib"},
            {"type": "Relationship", "from": "urn:x#lib", "relationshipType": "dependsOn", "to": ["urn:x#gone"]}
        ]}"##;
        let bom = json(text.as_bytes()).expect("the test's text is sound");
        assert_eq!((bom.subject.name.as_str(), bom.subject.version.as_deref()), ("app", Some("2")));
        let lib = bom.components.values().next().expect("it has one component");
        assert_eq!(lib.reference().to_string(), "pkg:npm/lib@1");
        assert_eq!(lib.supplier.as_deref(), Some("Jane <j@example.org>"));
        assert_eq!((lib.licenses[0].text.as_str(), lib.scope), ("MIT", Scope::Dev));
        let gaps: Vec<&str> = bom.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(gaps, ["`urn:x#lib` needs `urn:x#gone`, and one of them is no component of the document"]);
        let origin = bom.origin.expect("it was read");
        assert_eq!((origin.format.as_str(), origin.tools[0].as_str()), ("SPDX 3.0.1 JSON", "maker 1.0"));
        let stepped_over: Vec<&str> = origin.stepped_over.keys().map(String::as_str).collect();
        assert_eq!(stepped_over, ["package builtTime", "software_File"]);
    }

    #[test]
    fn models_and_datasets_are_packages_and_the_document_says_who_made_it() {
        let text = r##"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
            {"type": "CreationInfo", "@id": "_:a", "specVersion": "3.0.1", "created": "2001-01-01T00:00:00Z"},
            {"type": "CreationInfo", "@id": "_:b", "specVersion": "3.0.1", "created": "2024-01-01T00:00:00Z"},
            {"type": "SpdxDocument", "spdxId": "urn:x#doc", "creationInfo": "_:b", "dataLicense": "urn:x#free",
             "rootElement": ["urn:x#bom"]},
            {"type": "simplelicensing_LicenseExpression", "spdxId": "urn:x#free",
             "simplelicensing_licenseExpression": "CC0-1.0"},
            {"type": "Bom", "spdxId": "urn:x#bom", "rootElement": ["urn:x#model"]},
            {"type": "Bom", "spdxId": "urn:x#other", "rootElement": ["urn:x#cve"]},
            {"type": "ai_AIPackage", "spdxId": "urn:x#model", "name": "net", "creationInfo": {"created": "x"}},
            {"type": "dataset_DatasetPackage", "@id": "urn:x#data", "name": "images", "dataset_datasetSize": 7,
             "software_copyrightText": "NOASSERTION", "software_downloadLocation": "NONE",
             "suppliedBy": ["urn:x#jane"], "verifiedUsing": {"algorithm": "sha3_512", "hashValue": "00"}},
            {"type": "Person", "spdxId": "urn:x#jane", "name": "Jane"},
            {"type": "Relationship", "from": "urn:x#doc", "relationshipType": "describes", "to": ["urn:x#model"]},
            {"type": "Relationship", "from": "urn:x#model", "relationshipType": "depends_on", "to": "urn:x#data"}
        ]}"##;
        let bom = json(text.as_bytes()).expect("the test's text is sound");
        let data = bom.components.values().next().expect("it has one component");
        assert_eq!((bom.subject.name.as_str(), data.name.as_str(), data.kind), ("net", "images", Kind::Data));
        assert_eq!((&data.copyright, &data.download, data.supplier.as_deref()), (&None, &None, Some("Jane")));
        assert_eq!(bom.dependencies[&bom.subject.reference()].len(), 1);
        let gaps: Vec<&str> = bom.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(gaps, ["@graph[10] is the relationship `depends_on`, which is `dependsOn`"]);
        assert_eq!(bom.components.len(), 1);
        let origin = bom.origin.expect("it was read");
        assert_eq!(origin.created.as_deref(), Some("2024-01-01T00:00:00Z"));
        assert_eq!(origin.data_license.as_deref(), Some("CC0-1.0"));
        let stepped_over: Vec<&str> = origin.stepped_over.keys().map(String::as_str).collect();
        assert_eq!(stepped_over, ["Bom", "hash sha3_512", "package dataset_datasetSize"]);
    }

    #[test]
    fn names_of_drafts_are_read_and_told() {
        let text = r##"{"@context": "https://spdx.org/rdf/3.0.0/spdx-context.jsonld", "@graph": [
            {"type": "creationInfo", "@id": "_:c", "specversion": "3.0.0", "created": "2024-05-06T00:00:00Z",
             "createdBy": "urn:x#jane"},
            {"type": "Sbom", "spdxId": "urn:x#sbom", "creationInfo": "_:c", "rootElement": "urn:x#app"},
            {"@type": "dataset_DatasetPackage", "@id": "urn:x#data", "name": "data", "originatedBy": "Our World"},
            {"type": "Package", "spdxId": "urn:x#app", "name": "app", "packageVersion": "v1.0",
             "packageUrl": "pkg:generic/app@1", "copyrightText": "2024 Jane", "homepage": "https://example.org"},
            {"type": "LicenseExpression", "spdxId": "urn:x#l", "licenseExpression": "MIT"},
            {"type": "Relationship", "from": "urn:x#app", "to": "urn:x#l", "relationshipType": "declaredLicense"},
            {"type": "Relationship", "from": "urn:x#app", "to": "urn:x#data", "relationshipType": "depends_on"}
        ]}"##;
        let bom = json(text.as_bytes()).expect("the test's text is sound");
        assert_eq!((bom.subject.name.as_str(), bom.subject.version.as_deref()), ("app", Some("v1.0")));
        assert_eq!(bom.subject.licenses[0].text, "MIT");
        let names: Vec<&str> = bom.components.keys().map(|reference| reference.as_str()).collect();
        assert_eq!(names, ["data:data"]);
        let gaps: Vec<String> =
            bom.gaps.iter().map(|gap| format!("{}: {}", gap.kind.name(), gap.reason)).collect();
        expect_test::expect![[r#"
            [
                "left-out: @graph[0] is of the type `creationInfo`, which is `CreationInfo`",
                "left-out: @graph[1] is of the type `Sbom`, which is `software_Sbom`",
                "left-out: @graph[3] is of the type `Package`, which is `software_Package`",
                "left-out: package `urn:x#app`: `packageVersion` is `software_packageVersion`",
                "left-out: package `urn:x#app`: `packageUrl` is `software_packageUrl`",
                "left-out: package `urn:x#app`: `copyrightText` is `software_copyrightText`",
                "left-out: package `urn:x#app`: `homepage` is `software_homePage`",
                "left-out: @graph[4] is of the type `LicenseExpression`, which is `simplelicensing_LicenseExpression`",
                "left-out: @graph[5] is the relationship `declaredLicense`, which is `hasDeclaredLicense`",
                "left-out: @graph[6] is the relationship `depends_on`, which is `dependsOn`",
            ]
        "#]]
        .assert_debug_eq(&gaps);
    }

    #[test]
    fn only_the_document_tells_by_describing_what_it_is_of() {
        let text = r##"{"@graph": [
            {"type": "Relationship", "from": "urn:x#codebook", "relationshipType": "describes", "to": ["urn:x#data"]},
            {"type": "SpdxDocument", "spdxId": "urn:x#doc", "rootElement": ["urn:x#sbom"]},
            {"type": "software_Sbom", "spdxId": "urn:x#sbom", "rootElement": ["urn:x#model"]},
            {"type": "ai_AIPackage", "spdxId": "urn:x#model", "name": "net", "comment": "It was retrained.",
             "software_packageUrl": "pkg:huggingface/x/net@1", "externalIdentifier": [
             {"externalIdentifierType": "packageUrl", "identifier": "pkg:huggingface/x/net@1"},
             {"externalIdentifierType": "doi", "identifier": "10.1/net"}]},
            {"type": "dataset_DatasetPackage", "spdxId": "urn:x#data", "name": ""},
            {"type": "software_File", "spdxId": "urn:x#codebook", "name": "codebook.csv"}
        ]}"##;
        let bom = json(text.as_bytes()).expect("the test's text is sound");
        assert_eq!(bom.subject.name, "net");
        assert_eq!(
            bom.subject.purl.as_ref().map(ToString::to_string).as_deref(),
            Some("pkg:huggingface/x/net@1")
        );
        let names: Vec<&str> = bom.components.keys().map(|reference| reference.as_str()).collect();
        assert_eq!(names, ["data:unnamed"]);
        let gaps: Vec<&str> = bom.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(gaps, ["package `urn:x#data` has no name"]);
        let origin = bom.origin.expect("it was read");
        let stepped_over: Vec<&str> = origin.stepped_over.keys().map(String::as_str).collect();
        assert_eq!(
            stepped_over,
            ["identifier doi", "package comment", "relationship describes", "software_File"]
        );
    }

    #[test]
    fn texts_stand_under_the_references_that_mean_them() {
        let text = r##"{"@graph": [
            {"type": "software_Package", "spdxId": "urn:x#go", "name": "go"},
            {"type": "Relationship", "from": "urn:x#go", "to": ["urn:x#e"], "relationshipType": "hasDeclaredLicense"},
            {"type": "simplelicensing_LicenseExpression", "spdxId": "urn:x#e",
             "simplelicensing_licenseExpression": "MIT AND LicenseRef-Go", "simplelicensing_customIdToUri":
             [{"type": "DictionaryEntry", "key": "LicenseRef-Go", "value": "urn:x#c"}]},
            {"type": "expandedlicensing_CustomLicense", "spdxId": "urn:x#c", "name": "Go's own",
             "simplelicensing_licenseText": "You may."},
            {"type": "expandedlicensing_CustomLicense", "spdxId": "urn:x#d", "name": "Another",
             "simplelicensing_licenseText": "You may not."}
        ]}"##;
        let bom = json(text.as_bytes()).expect("the test's text is sound");
        let texts: Vec<(&str, &str)> =
            bom.license_texts.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
        assert_eq!(texts, [("Another", "You may not."), ("LicenseRef-Go", "You may.")]);
    }
}
