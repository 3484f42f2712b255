//! SPDX 3.0, in JSON-LD: a flat graph of elements that name each other.
//!
//! The context is not looked up: names are those of the specification's own context, as everybody writes them.
//! Files are stepped over, as everything but packages.
//! Spec: <https://spdx.github.io/spdx-spec/v3.0.1/>

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Read;

use super::NO_TEXT;
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
    "type" => kind: Text<'a>,
    "spdxId" => id: Text<'a>,
    "@id" => blank_id: Text<'a>,
    "name" => name: Text<'a>,
    "description" => description: Text<'a>,
    "summary" => summary: Text<'a>,
    "comment" => comment: Text<'a>,
    "software_packageVersion" => version: Text<'a>,
    "software_packageUrl" => purl: Text<'a>,
    "software_primaryPurpose" => purpose: Text<'a>,
    "software_copyrightText" => copyright: Text<'a>,
    "software_homePage" => homepage: Text<'a>,
    "software_downloadLocation" => download: Text<'a>,
    "software_sbomType" => sbom_type: OneOrMore<Text<'a>>,
    "suppliedBy" => supplied_by: OneOrMore<Text<'a>>,
    "originatedBy" => originated_by: OneOrMore<Text<'a>>,
    "verifiedUsing" => hashes: OneOrMore<HashElement<'a>>,
    "externalIdentifier" => identifiers: OneOrMore<Identifier<'a>>,
    "externalRef" => references: OneOrMore<Reference<'a>>,
    "from" => from: Text<'a>,
    "to" => to: OneOrMore<Text<'a>>,
    "relationshipType" => relationship: Text<'a>,
    "scope" => scope: Text<'a>,
    "completeness" => completeness: Text<'a>,
    "simplelicensing_licenseExpression" => expression: Text<'a>,
    "expandedlicensing_additionText" => addition_text: Text<'a>,
    "simplelicensing_licenseText" => license_text: Text<'a>,
    "subject" => subject: Text<'a>,
    "statement" => statement: Text<'a>,
    "rootElement" => roots: OneOrMore<Text<'a>>,
    "creationInfo" => creation: Text<'a>,
    "dataLicense" => data_license: Text<'a>,
    "specVersion" => spec_version: Text<'a>,
    "created" => created: Text<'a>,
    "createdBy" => created_by: OneOrMore<Text<'a>>,
    "createdUsing" => created_using: OneOrMore<Text<'a>>,
});

shape!(HashElement {
    "type" => kind: Text<'a>,
    "algorithm" => algorithm: Text<'a>,
    "hashValue" => value: Text<'a>,
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
    /// What relationships say the document is of.
    described: Vec<Name>,
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
        match element.kind.as_str() {
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
                self.expressions.extend(element.expression.take().map(|expression| (id, expression)));
            }
            "simplelicensing_SimpleLicensingText"
            | "expandedlicensing_CustomLicense"
            | "expandedlicensing_CustomLicenseAddition" => {
                let name = element.name.take().unwrap_or_else(|| last_part(draft.text(id)).to_owned());
                let text = element.license_text.value.take().or_else(|| element.addition_text.value.take());
                let text = text.filter(|_| !element.comment.as_str().starts_with(NO_TEXT));
                draft.license_texts.extend(text.map(|text| (name, text.into_owned())));
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
            other => draft.step_over(other),
        }
    }

    fn package(&mut self, draft: &mut Draft, id: Name, mut read: Element) {
        let label = format!("package `{}`", draft.text(id));
        // It may stand there as a whole, not only by its name.
        for key in read.wrong.iter().filter(|key| **key != "creationInfo") {
            draft.gap(format!("{label}: `{key}` is not of the shape it should be"));
        }
        for key in &read.other {
            draft.step_over(format!("package {}", key.as_str()));
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
        let kind = camel_case(relationship.relationship.as_str());
        let kind = kind.as_ref();
        draft.origin.tells_completeness |= !relationship.completeness.as_str().is_empty();
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
                ("describes", _) => self.described.push(draft.name(to)),
                ("contains", _) => {
                    let to = draft.name(to);
                    self.contained.push((to, from));
                }
                ("hasDeclaredLicense", _) => self.licenses.push((from, draft.name(to), Basis::Declared)),
                ("hasConcludedLicense", _) => self.licenses.push((from, draft.name(to), Basis::Concluded)),
                (other, _) => draft.step_over(format!("relationship {other}")),
            }
        }
    }

    fn finish(mut self, mut draft: Draft) -> Result<Bom, ReadError> {
        self.set_origin(&mut draft);
        self.complete(&mut draft);
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

    /// Gives the packages what other elements say of them.
    fn complete(&mut self, draft: &mut Draft) {
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
        for (id, component, apart) in draft.parts_mut() {
            let Some(id) = id else { continue };
            component.supplier = self.supplied.get(&id).and_then(|id| self.agents.get(id)).cloned();
            let authors = self.originated.get(&id).into_iter().flatten();
            let authors: Vec<&str> =
                authors.filter_map(|id| self.agents.get(id)).map(String::as_str).collect();
            component.author = (!authors.is_empty()).then(|| authors.join(", "));
            component.licenses = claims.remove(&id).unwrap_or_default().into();
            if let Some(said) = self.annotations.remove(&id) {
                let said = said.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                *apart = Some(Box::new(properties::apply_to_component(said, component)));
            }
        }
    }

    /// The one package the list is of.
    fn root(&self) -> Option<Name> {
        let roots =
            [&self.sbom, &self.document].into_iter().flatten().flat_map(|collection| &collection.roots);
        let roots = roots.chain(&self.described);
        let mut named: Vec<Name> = roots.copied().filter(|id| self.packages.contains(id)).collect();
        named.dedup();
        if named.len() == 1 { named.pop() } else { None }
    }
}

fn component(draft: &mut Draft, label: &str, mut read: Element) -> Component {
    let (purl, cpes) = identifiers(draft, label, &mut read);
    let name = read.name.take().or_else(|| purl.as_ref().map(|purl| purl.name().to_owned()));
    let mut component = Component::new(name.unwrap_or_else(|| "unnamed".to_owned()));
    component.kind = match (read.purpose.as_str(), read.kind.as_str()) {
        ("", "ai_AIPackage") => Kind::MachineLearningModel,
        ("", "dataset_DatasetPackage") => Kind::Data,
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
            "packageUrl" if purl.is_none() => purl = identifier.text.take(),
            _ => {}
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

/// Drafts of the format named relationships as SPDX 2 does: `depends_on`.
fn camel_case(name: &str) -> Cow<'_, str> {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default();
    let mut camel = first.to_ascii_lowercase();
    for word in words {
        camel.extend(word.chars().next().map(|first| first.to_ascii_uppercase()));
        camel.extend(word.chars().skip(1).map(|c| c.to_ascii_lowercase()));
    }
    if name.contains('_') { Cow::Owned(camel) } else { Cow::Borrowed(name) }
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
        assert_eq!(gaps, ["`urn:x#lib` needs `urn:x#gone`, and one of them is not in the document"]);
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
        assert_eq!((bom.gaps.len(), bom.components.len()), (0, 1));
        let origin = bom.origin.expect("it was read");
        assert_eq!(origin.created.as_deref(), Some("2024-01-01T00:00:00Z"));
        assert_eq!(origin.data_license.as_deref(), Some("CC0-1.0"));
        let stepped_over: Vec<&str> = origin.stepped_over.keys().map(String::as_str).collect();
        assert_eq!(stepped_over, ["Bom", "hash sha3_512", "package dataset_datasetSize"]);
    }
}
