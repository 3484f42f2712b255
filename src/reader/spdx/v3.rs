//! SPDX 3.0, in JSON-LD: a flat graph of elements that name each other.
//!
//! The context is not looked up: names are those of the specification's own context, as everybody writes them.
//! Files are stepped over, as everything but packages.
//! Spec: <https://spdx.github.io/spdx-spec/v3.0.1/>

use std::collections::{BTreeMap, HashMap, HashSet};

use super::NO_TEXT;
use crate::bom::{Basis, Bom, Component, Hash, HashAlgorithm, Kind, LicenseClaim, Purl, Scope, SubjectKind};
use crate::licenses::{self, Dialect};
use crate::reader::draft::{Draft, Part};
use crate::reader::lenient::{Lenient as _, OneOrMore, Text, shape};
use crate::reader::properties::{self, Apart};
use crate::reader::{ReadError, broken_json, parties};

shape!(Document {
    "@graph" => graph: OneOrMore<Element>,
});

// One shape for all elements: which of its fields are there tells the type.
shape!(Element {
    "type" => kind: Text,
    "spdxId" => id: Text,
    "@id" => blank_id: Text,
    "name" => name: Text,
    "description" => description: Text,
    "summary" => summary: Text,
    "comment" => comment: Text,
    "software_packageVersion" => version: Text,
    "software_packageUrl" => purl: Text,
    "software_primaryPurpose" => purpose: Text,
    "software_homePage" => homepage: Text,
    "software_downloadLocation" => download: Text,
    "software_sbomType" => sbom_type: OneOrMore<Text>,
    "suppliedBy" => supplied_by: Text,
    "originatedBy" => originated_by: OneOrMore<Text>,
    "verifiedUsing" => hashes: OneOrMore<HashElement>,
    "externalIdentifier" => identifiers: OneOrMore<Identifier>,
    "externalRef" => references: OneOrMore<Reference>,
    "from" => from: Text,
    "to" => to: OneOrMore<Text>,
    "relationshipType" => relationship: Text,
    "scope" => scope: Text,
    "completeness" => completeness: Text,
    "simplelicensing_licenseExpression" => expression: Text,
    "simplelicensing_licenseText" => license_text: Text,
    "subject" => subject: Text,
    "statement" => statement: Text,
    "rootElement" => roots: OneOrMore<Text>,
    "specVersion" => spec_version: Text,
    "created" => created: Text,
    "createdBy" => created_by: OneOrMore<Text>,
    "createdUsing" => created_using: OneOrMore<Text>,
});

shape!(HashElement {
    "algorithm" => algorithm: Text,
    "hashValue" => value: Text,
});

shape!(Identifier {
    "externalIdentifierType" => kind: Text,
    "identifier" => text: Text,
});

shape!(Reference {
    "externalRefType" => kind: Text,
    "locator" => locator: OneOrMore<Text>,
});

pub(in crate::reader) fn json(bytes: &[u8]) -> Result<Bom, ReadError> {
    let document: Document =
        serde_json::from_slice(bytes).map_err(|error| broken_json("SPDX 3 JSON", &error))?;
    let mut draft = Draft::default();
    if document.graph.is_wrong() {
        draft.gap("some elements of `@graph` are not of the shape they should be");
    }
    Ok(Graph::of(document.graph.items).read(draft))
}

/// The elements, by what they are.
#[derive(Default)]
struct Graph {
    packages: Vec<Element>,
    relationships: Vec<Element>,
    /// By id: the name, with the address if there is one.
    agents: HashMap<String, String>,
    tools: HashMap<String, String>,
    expressions: HashMap<String, String>,
    /// By the element they are of.
    annotations: HashMap<String, Vec<(String, String)>>,
    texts: BTreeMap<String, String>,
    creation: Option<Element>,
    sbom: Option<Element>,
    document: Option<Element>,
    others: Vec<String>,
}

impl Graph {
    fn of(elements: Vec<Element>) -> Self {
        let mut graph = Self::default();
        for mut element in elements {
            let id = element.id.value.clone().or(element.blank_id.value.clone()).unwrap_or_default();
            match element.kind.as_str() {
                "software_Package" => graph.packages.push(element),
                "Relationship" | "LifecycleScopedRelationship" => graph.relationships.push(element),
                "Person" | "Organization" | "Agent" | "SoftwareAgent" => {
                    let mut identifiers = element.identifiers.items.iter_mut();
                    let address = identifiers.find(|identifier| identifier.kind.as_str() == "email");
                    let address = address.and_then(|identifier| identifier.text.take());
                    let name = element.name.value.take();
                    graph.agents.extend(parties::join(name, address).map(|agent| (id, agent)));
                }
                "Tool" => graph.tools.extend(element.name.take().map(|name| (id, name))),
                "simplelicensing_LicenseExpression" => {
                    graph.expressions.extend(element.expression.take().map(|expression| (id, expression)));
                }
                "simplelicensing_SimpleLicensingText" | "expandedlicensing_CustomLicense" => {
                    let name = element.name.take().unwrap_or_else(|| last_part(&id).to_owned());
                    let text = element.license_text.value.take();
                    let text = text.filter(|_| element.comment.as_str() != NO_TEXT);
                    graph.texts.extend(text.map(|text| (name, text)));
                }
                "Annotation" if element.statement.as_str().starts_with("packlist:") => {
                    let lines = element.statement.as_str().lines().filter_map(|line| line.split_once('='));
                    let said: Vec<_> =
                        lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                    graph.annotations.entry(element.subject.as_str().to_owned()).or_default().extend(said);
                }
                "CreationInfo" if graph.creation.is_none() => graph.creation = Some(element),
                "software_Sbom" => graph.sbom = Some(element),
                "SpdxDocument" => graph.document = Some(element),
                "CreationInfo" => {}
                other => graph.others.push(other.to_owned()),
            }
        }
        graph
    }

    fn read(mut self, mut draft: Draft) -> Bom {
        self.set_origin(&mut draft);
        draft.license_texts = std::mem::take(&mut self.texts);
        for other in std::mem::take(&mut self.others) {
            draft.step_over(other);
        }
        let licenses = self.licenses();
        let root = self.root();
        let packages = std::mem::take(&mut self.packages);
        let alone = packages.len() < 2;
        for package in packages {
            let id = package.id.as_str().to_owned();
            let is_root = root.as_ref() == Some(&id) && (draft.is_ours() || !alone || is_image(&package));
            if is_root {
                set_subject(&mut draft, &package);
                draft.subject_id = Some(id.clone());
            }
            let claims = licenses.get(&id).map(Vec::as_slice).unwrap_or_default();
            let is_claiming = !claims.is_empty() && !is_image(&package);
            if !is_root || is_claiming || kind(package.purpose.as_str()) == Kind::OperatingSystem {
                self.add_package(&mut draft, package, claims, is_root);
            }
        }
        self.relate(&mut draft);
        draft.finish()
    }

    fn set_origin(&mut self, draft: &mut Draft) {
        let origin = &mut draft.origin;
        "SPDX 3.0 JSON".clone_into(&mut origin.format);
        origin.serial = self.document.as_mut().and_then(|document| document.id.take());
        if let Some(creation) = &mut self.creation {
            if let Some(version) = creation.spec_version.take() {
                origin.format = format!("SPDX {version} JSON");
            }
            origin.created = creation.created.take();
            let tools = creation.created_using.items.iter().filter_map(|id| self.tools.get(id.as_str()));
            origin.tools = tools.map(|tool| super::tool_of(tool)).collect();
            let authors = creation.created_by.items.iter().filter_map(|id| self.agents.get(id.as_str()));
            origin.authors = authors.filter(|author| *author != "packlist").cloned().collect();
        }
        if let Some(sbom) = &mut self.sbom {
            origin.phase = sbom.sbom_type.items.first_mut().and_then(Text::take);
            let said = self.annotations.remove(sbom.id.as_str());
            draft.properties.extend(said.into_iter().flatten());
        }
        draft.subject.name =
            self.document.as_mut().and_then(|document| document.name.take()).unwrap_or_default();
    }

    /// The one package the list is of.
    fn root(&self) -> Option<String> {
        let roots = |element: &Option<Element>| -> Vec<String> {
            let roots = element.iter().flat_map(|element| &element.roots.items);
            roots.map(|id| id.as_str().to_owned()).collect()
        };
        let packages: HashSet<&str> = self.packages.iter().map(|package| package.id.as_str()).collect();
        let candidates = roots(&self.sbom).into_iter().chain(roots(&self.document));
        let mut named: Vec<String> = candidates.filter(|id| packages.contains(id.as_str())).collect();
        named.dedup();
        if named.len() == 1 { named.pop() } else { None }
    }

    /// What is said of the licences of each package.
    fn licenses(&self) -> HashMap<String, Vec<(String, Basis)>> {
        let mut licenses: HashMap<String, Vec<(String, Basis)>> = HashMap::new();
        for (kind, basis) in
            [("hasDeclaredLicense", Basis::Declared), ("hasConcludedLicense", Basis::Concluded)]
        {
            for relationship in self.relationships.iter().filter(|r| r.relationship.as_str() == kind) {
                for to in &relationship.to.items {
                    let text =
                        self.expressions.get(to.as_str()).map_or(last_part(to.as_str()), String::as_str);
                    if !matches!(text, "NoAssertionLicense" | "NOASSERTION") {
                        let claims = licenses.entry(relationship.from.as_str().to_owned()).or_default();
                        claims.push((text.to_owned(), basis));
                    }
                }
            }
        }
        licenses
    }

    fn add_package(
        &mut self,
        draft: &mut Draft,
        mut read: Element,
        claims: &[(String, Basis)],
        is_root: bool,
    ) {
        let id = read.id.take();
        let label = format!("package `{}`", id.as_deref().unwrap_or_else(|| read.name.as_str()));
        for key in &read.wrong {
            draft.gap(format!("{label}: `{key}` is not of the shape it should be"));
        }
        for key in read.other.iter().filter(|key| !matches!(key.as_str(), "creationInfo")) {
            draft.step_over(format!("package {}", key.as_str()));
        }
        let (purl, cpes) = identifiers(draft, &label, &mut read);
        let name = read.name.take().or_else(|| purl.as_ref().map(|purl| purl.name().to_owned()));
        let mut component = Component::new(name.unwrap_or_else(|| "unnamed".to_owned()));
        component.kind = kind(read.purpose.as_str());
        component.purl = purl;
        component.cpes = cpes;
        component.first_party = is_root && component.kind != Kind::OperatingSystem;
        component.version = read.version.take();
        component.homepage = read.homepage.take();
        component.download = read.download.take();
        component.description = read.description.take().or_else(|| read.summary.take());
        component.supplier = self.agents.get(read.supplied_by.as_str()).cloned();
        let authors = read.originated_by.items.iter().filter_map(|id| self.agents.get(id.as_str()));
        let authors: Vec<&str> = authors.map(String::as_str).collect();
        component.author = (!authors.is_empty()).then(|| authors.join(", "));
        let mut references =
            read.references.items.iter_mut().filter(|reference| reference.kind.as_str() == "vcs");
        component.vcs =
            references.find_map(|reference| reference.locator.items.first_mut().and_then(Text::take));
        for hash in &read.hashes.items {
            if let Some(algorithm) = HashAlgorithm::from_name(hash.algorithm.as_str()) {
                match Hash::from_hex(algorithm, hash.value.as_str()) {
                    Some(hash) => component.hashes.push(hash),
                    None => {
                        draft.gap(format!("{label}: `{}` is no {}", hash.value.as_str(), algorithm.name()))
                    }
                }
            }
        }
        for (text, basis) in claims {
            let expression = licenses::read(text, Dialect::Spdx);
            let (text, basis) = (text.clone(), *basis);
            component.licenses.push(LicenseClaim { text, expression, basis, path: None, line: None });
        }
        let said = id.as_ref().and_then(|id| self.annotations.remove(id)).unwrap_or_default();
        let said = said.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let apart: Apart = properties::apply_to_component(said, &mut component);
        draft.add(Part { id: id.filter(|_| !is_root), inside: None, component, apart });
    }

    fn relate(&self, draft: &mut Draft) {
        let mut contained: HashMap<String, String> = HashMap::new();
        for relationship in &self.relationships {
            let from = relationship.from.as_str();
            let kind = relationship.relationship.as_str();
            draft.origin.tells_completeness |= !relationship.completeness.as_str().is_empty();
            let scope = match (kind, relationship.scope.as_str()) {
                ("hasOptionalDependency", _) => Scope::Optional,
                (_, "development" | "test" | "build") => Scope::Dev,
                _ => Scope::Required,
            };
            for to in &relationship.to.items {
                match (kind, to.as_str()) {
                    ("dependsOn" | "hasOptionalDependency" | "hasPrerequisite", to)
                        if last_part(to) == "NoneElement" =>
                    {
                        draft.origin.tells_completeness = true;
                        draft.tells(from);
                    }
                    (_, to) if last_part(to) == "NoAssertionElement" => {}
                    (
                        "dependsOn"
                        | "hasOptionalDependency"
                        | "hasPrerequisite"
                        | "hasDynamicLink"
                        | "hasStaticLink",
                        to,
                    ) => {
                        draft.depends(from, to, scope);
                    }
                    ("contains", to) if draft.subject_id.as_deref() != Some(from) => {
                        contained.insert(to.to_owned(), from.to_owned());
                    }
                    ("contains" | "hasDeclaredLicense" | "hasConcludedLicense", _) => {}
                    (other, _) => draft.step_over(format!("relationship {other}")),
                }
            }
        }
        draft.contains(&contained, &HashSet::new());
    }
}

fn is_image(package: &Element) -> bool {
    package.purpose.as_str() == "container"
}

fn set_subject(draft: &mut Draft, package: &Element) {
    let subject = &mut draft.subject;
    subject.kind = if is_image(package) { SubjectKind::Image } else { SubjectKind::Directory };
    package.name.as_str().clone_into(&mut subject.name);
    subject.version = package.version.value.clone();
    if let Ok(purl) = package.purl.as_str().parse::<Purl>() {
        subject.manifest_digest =
            purl.version().filter(|version| version.starts_with("sha256:")).map(str::to_owned);
    }
}

fn identifiers(draft: &mut Draft, label: &str, read: &mut Element) -> (Option<Purl>, Vec<String>) {
    let mut cpes = Vec::new();
    let mut purl = read.purl.take();
    for identifier in &mut read.identifiers.items {
        match identifier.kind.as_str() {
            "cpe22" | "cpe23" => cpes.extend(identifier.text.take()),
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
}
