//! SPDX 3.0.1, as JSON-LD in its canonical form: keys in order, no white space.
//!
//! Profiles core, software and simpleLicensing. Everything is an element of one flat graph; what it has no field
//! for is an annotation of the element, a property a line.
//! Spec: <https://spdx.github.io/spdx-spec/v3.0.1/>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::licenses::{Extracted, say};
use super::{NO_ASSERTION, NO_TIME, id_part, is_download_location, is_said, is_web_address, whole_seconds};
use crate::bom::{Bom, Component, GapKind, Hash, Kind, LicenseClaim, Ref, Scope, SubjectKind};
use crate::emitter::properties::{self, EvidenceFields, Properties};
use crate::emitter::{ContentUuid, Format, Stamp, TOOL, hex, party, purl_of};
use sha2::{Digest as _, Sha256};

pub(in crate::emitter) const JSON: Format =
    Format { name: "spdx-json@3.0.1", about: "SPDX 3.0.1, JSON-LD", emit: |bom, stamp| emit(bom, stamp) };

/// Whoever tells what something needs tells all of it.
const COMPLETE: Option<&str> = Some("complete");
const CREATION: &str = "_:creationinfo";
const NONE: &str = "https://spdx.org/rdf/3.0.1/terms/Core/NoneElement";

fn emit(bom: &Bom, stamp: &Stamp) -> String {
    let content = write(bom, stamp, "urn:packlist");
    let (name, uuid) = (id_part(&bom.subject.name), ContentUuid::of(content.as_bytes()));
    let mut text = write(bom, stamp, &format!("https://packlist.github.io/spdx/{name}-{uuid}"));
    text.push('\n');
    text
}

fn write(bom: &Bom, stamp: &Stamp, namespace: &str) -> String {
    let graph = Graph::new(bom, stamp, namespace).elements();
    let document = json!({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph});
    document.to_string()
}

struct Graph<'a> {
    bom: &'a Bom,
    namespace: &'a str,
    created: String,
    tool_version: &'a str,
    authors: Vec<&'a str>,
    earlier_tools: Vec<&'a String>,
    ids: BTreeMap<&'a Ref, String>,
    subject: Ref,
    /// By id: each agent and each expression is an element once.
    shared: BTreeMap<String, Value>,
    elements: Vec<Value>,
    relationships: usize,
    is_cut: bool,
    /// Whether the fields of the subject say all of its licence.
    is_subject_exact: bool,
    extracted: Extracted,
}

impl<'a> Graph<'a> {
    fn new(bom: &'a Bom, stamp: &'a Stamp, namespace: &'a str) -> Self {
        let id = |reference: &Ref| format!("{namespace}#Package-{}", digest(&reference.0));
        Self {
            bom,
            namespace,
            created: stamp.created.as_deref().and_then(whole_seconds).unwrap_or_else(|| NO_TIME.to_owned()),
            tool_version: &stamp.tool_version,
            authors: stamp.authors(bom).collect(),
            earlier_tools: stamp.earlier_tools(bom).collect(),
            ids: bom.components.keys().map(|reference| (reference, id(reference))).collect(),
            subject: bom.subject.reference(),
            shared: BTreeMap::new(),
            elements: Vec::new(),
            relationships: 0,
            is_cut: stamp.cut.is_some(),
            is_subject_exact: true,
            extracted: Extracted::with_additions(),
        }
    }

    fn id(&self, part: &str) -> String {
        format!("{}#{part}", self.namespace)
    }

    fn elements(mut self) -> Vec<Value> {
        self.subject_package();
        for (reference, component) in &self.bom.components {
            self.package(reference, component);
        }
        self.contents();
        self.dependencies();
        self.license_texts();
        self.document()
    }

    fn element(&self, kind: &str, id: &str) -> Map<String, Value> {
        let mut element = Map::new();
        element.insert("type".to_owned(), kind.into());
        element.insert("spdxId".to_owned(), id.into());
        element.insert("creationInfo".to_owned(), CREATION.into());
        element
    }

    fn annotate(&mut self, id: &str, properties: Properties) {
        let lines: Vec<String> =
            properties.0.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !lines.is_empty() {
            let mut note = self.element("Annotation", &format!("{id}-properties"));
            note.insert("annotationType".to_owned(), "other".into());
            note.insert("subject".to_owned(), id.into());
            note.insert("statement".to_owned(), lines.join("\n").into());
            self.elements.push(note.into());
        }
    }

    fn subject_package(&mut self) {
        let subject = &self.bom.subject;
        let id = self.id("Subject");
        let mut package = self.element("software_Package", &id);
        let name = if subject.name.is_empty() { "unnamed" } else { &subject.name };
        package.insert("name".to_owned(), name.into());
        if let Some(version) = &subject.version {
            package.insert("software_packageVersion".to_owned(), version.as_str().into());
        }
        if let Some(purl) = purl_of(subject) {
            package.insert("software_packageUrl".to_owned(), purl.as_str().into());
        }
        let purpose = match subject.kind {
            SubjectKind::Image => "container",
            SubjectKind::Directory | SubjectKind::File => "application",
        };
        package.insert("software_primaryPurpose".to_owned(), purpose.into());
        if let Some(supplier) = &subject.supplier {
            package.insert("suppliedBy".to_owned(), self.agent(supplier).into());
        }
        if let Some(copyright) = subject.copyright.as_ref().filter(|text| is_said(text)) {
            package.insert("software_copyrightText".to_owned(), copyright.as_str().into());
        }
        self.elements.push(package.into());
        self.is_subject_exact = self.licenses(&id, &subject.licenses);
    }

    /// What is declared and concluded of a package; whether that says all of the claims.
    fn licenses(&mut self, id: &str, claims: &[LicenseClaim]) -> bool {
        let said = say(claims, &self.bom.license_texts, &mut self.extracted);
        for (kind, expression) in
            [("hasDeclaredLicense", &said.declared), ("hasConcludedLicense", &said.concluded)]
        {
            if expression != NO_ASSERTION {
                let license = self.expression(expression);
                self.relate(id, kind, vec![license], None, None);
            }
        }
        said.exact
    }

    fn package(&mut self, reference: &'a Ref, component: &'a Component) {
        let id = self.ids[reference].clone();
        let mut package = self.element("software_Package", &id);
        let mut put = |key: &str, value: Value| {
            package.insert(key.to_owned(), value);
        };
        let fields = EvidenceFields { place: false, line: false, contents: true };
        let mut properties = properties::of_component(self.bom, component, fields);
        if *reference != component.reference() {
            properties.add("ref", reference);
        }
        if component.scope != Scope::Required {
            properties.add("scope", component.scope.name());
        }
        if let Some(owner) = component.owner.as_ref().filter(|owner| !self.ids.contains_key(&owner.component))
        {
            properties.add("owner:ref", &owner.component);
        }
        put("name", component.name.as_str().into());
        put("software_primaryPurpose", purpose(component.kind).into());
        let identifier = |kind: &str, text: &str| json!({"type": "ExternalIdentifier", "externalIdentifierType": kind, "identifier": text});
        let cpe_kind = |cpe: &str| if cpe.starts_with("cpe:/") { "cpe22" } else { "cpe23" };
        let mut identifiers: Vec<Value> = Vec::new();
        if let Some(purl) = &component.purl {
            put("software_packageUrl", purl.as_str().into());
            identifiers.push(identifier("packageUrl", purl.as_str()));
        }
        identifiers.extend(component.cpes.iter().map(|cpe| identifier(cpe_kind(cpe), cpe)));
        if !identifiers.is_empty() {
            put("externalIdentifier", identifiers.into());
        }
        if let Some(version) = &component.version {
            put("software_packageVersion", version.as_str().into());
        }
        if let Some(description) = &component.description {
            put("description", description.as_str().into());
        }
        match &component.copyright {
            Some(text) if is_said(text) => put("software_copyrightText", text.as_str().into()),
            Some(text) => properties.add("copyright", text),
            None => {}
        }
        let contents = component.contents.iter().map(|hash| integrity("PackageVerificationCode", hash));
        let verified: Vec<Value> =
            component.hashes.iter().map(|hash| integrity("Hash", hash)).chain(contents).collect();
        if !verified.is_empty() {
            put("verifiedUsing", verified.into());
        }
        match &component.download {
            Some(url) if is_download_location(url) => put("software_downloadLocation", url.as_str().into()),
            Some(url) => properties.add("download", url),
            None => {}
        }
        match &component.homepage {
            Some(url) if is_web_address(url) => put("software_homePage", url.as_str().into()),
            Some(url) => properties.add("homepage", url),
            None => {}
        }
        let kinds = [("vcs", &component.vcs), ("sourceArtifact", &component.source)];
        let reference = |kind: &str, url: &String| json!({"type": "ExternalRef", "externalRefType": kind, "locator": [url]});
        let references: Vec<Value> =
            kinds.into_iter().filter_map(|(kind, url)| Some(reference(kind, url.as_ref()?))).collect();
        if !references.is_empty() {
            put("externalRef", references.into());
        }
        if let Some(supplier) = &component.supplier {
            put("suppliedBy", self.agent(supplier).into());
        }
        if let Some(author) = &component.author {
            put("originatedBy", vec![self.agent(author)].into());
        }
        self.elements.push(package.into());
        if !self.licenses(&id, &component.licenses) {
            properties::add_claims(&mut properties, self.bom, &component.licenses, true);
        }
        self.annotate(&id, properties);
    }

    /// A person or organisation as an element of its own; its id.
    fn agent(&mut self, text: &str) -> String {
        let id = self.id(&format!("Agent-{}", digest(text)));
        let (name, address) = match party::split(text) {
            Some((name, address)) => (name, Some(address)),
            None => (text, None),
        };
        let kind = if party::is_organisation(name) { "Organization" } else { "Person" };
        let mut agent = self.element(kind, &id);
        agent.insert("name".to_owned(), name.into());
        if let Some(address) = address {
            let email = json!({"type": "ExternalIdentifier", "externalIdentifierType": "email", "identifier": address});
            agent.insert("externalIdentifier".to_owned(), vec![email].into());
        }
        self.shared.insert(id.clone(), agent.into());
        id
    }

    fn expression(&mut self, expression: &str) -> String {
        let id = self.id(&format!("License-{}", digest(expression)));
        let mut license = self.element("simplelicensing_LicenseExpression", &id);
        license.insert("simplelicensing_licenseExpression".to_owned(), expression.into());
        self.shared.insert(id.clone(), license.into());
        id
    }

    fn relate(
        &mut self,
        from: &str,
        kind: &str,
        to: Vec<String>,
        scope: Option<&str>,
        completeness: Option<&str>,
    ) {
        self.relationships += 1;
        let id = self.id(&format!("Relationship-{}", self.relationships));
        let sort = if scope.is_some() { "LifecycleScopedRelationship" } else { "Relationship" };
        let mut relationship = self.element(sort, &id);
        relationship.insert("from".to_owned(), from.into());
        relationship.insert("relationshipType".to_owned(), kind.into());
        relationship.insert("to".to_owned(), to.into());
        if let Some(scope) = scope {
            relationship.insert("scope".to_owned(), scope.into());
        }
        if let Some(completeness) = completeness {
            relationship.insert("completeness".to_owned(), completeness.into());
        }
        self.elements.push(relationship.into());
    }

    /// What lies in what. What only lower layers hold lies in nothing, and says so in its properties.
    fn contents(&mut self) {
        let subject = self.id("Subject");
        let is_short = self.is_cut || self.bom.gaps.iter().any(|gap| gap.kind == GapKind::Unread);
        let mut inside: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (reference, component) in &self.bom.components {
            let owner = component.owner.as_ref().and_then(|owner| self.ids.get(&owner.component)).cloned();
            let outer = owner.or_else(|| component.hidden.is_none().then(|| self.id("Subject")));
            if let Some(outer) = outer {
                inside.entry(outer).or_default().push(self.ids[reference].clone());
            }
        }
        for (outer, inner) in inside {
            let completeness = (outer == subject).then_some(if is_short { "incomplete" } else { "complete" });
            self.relate(&outer, "contains", inner, None, completeness);
        }
    }

    fn id_of(&self, reference: &Ref) -> Option<String> {
        let subject = (*reference == self.subject).then(|| self.id("Subject"));
        self.ids.get(reference).cloned().or(subject)
    }

    fn dependencies(&mut self) {
        for (of, needed) in &self.bom.dependencies {
            let Some(from) = self.id_of(of) else { continue };
            let scope =
                |reference: &Ref| self.bom.components.get(reference).map_or(Scope::Required, |c| c.scope);
            let own = scope(of);
            let mut by_scope: BTreeMap<Scope, Vec<String>> = BTreeMap::new();
            for needed in needed {
                let Some(id) = self.id_of(needed) else { continue };
                let scope = if scope(needed) == own { Scope::Required } else { scope(needed) };
                by_scope.entry(scope).or_default().push(id);
            }
            if needed.is_empty() {
                by_scope.insert(Scope::Required, vec![NONE.to_owned()]);
            }
            for (scope, to) in by_scope {
                match scope {
                    Scope::Required => self.relate(&from, "dependsOn", to, None, COMPLETE),
                    Scope::Optional => self.relate(&from, "hasOptionalDependency", to, None, COMPLETE),
                    Scope::Dev => self.relate(&from, "dependsOn", to, Some("development"), COMPLETE),
                }
            }
        }
    }

    /// The texts behind `LicenseRef-` and `AdditionRef-` ids, and those no expression names.
    fn license_texts(&mut self) {
        let additions = self.extracted.additions_written(&self.bom.license_texts);
        for addition in &additions {
            let id = self.id(&addition.license_id);
            let mut text = self.element("expandedlicensing_CustomLicenseAddition", &id);
            text.insert("expandedlicensing_additionText".to_owned(), addition.extracted_text.as_str().into());
            text.insert("name".to_owned(), addition.license_id.as_str().into());
            if let Some(comment) = addition.comment {
                text.insert("comment".to_owned(), comment.into());
            }
            self.elements.push(text.into());
        }
        for license in self.extracted.written(&self.bom.license_texts) {
            let id = self.id(&license.license_id);
            let mut text = self.element("simplelicensing_SimpleLicensingText", &id);
            text.insert("simplelicensing_licenseText".to_owned(), license.extracted_text.into());
            text.insert("name".to_owned(), license.license_id.into());
            if let Some(comment) = license.comment {
                text.insert("comment".to_owned(), comment.into());
            }
            self.elements.push(text.into());
        }
        // An expression must say where the ids it makes up are explained.
        let texts: BTreeSet<String> = self
            .extracted
            .written(&self.bom.license_texts)
            .into_iter()
            .chain(additions)
            .map(|license| license.license_id)
            .collect();
        let namespace = self.namespace;
        for element in self.shared.values_mut() {
            let Some(expression) = element["simplelicensing_licenseExpression"].as_str() else { continue };
            let words = expression.split([' ', '(', ')']).filter(|word| texts.contains(*word));
            let words: BTreeSet<&str> = words.collect();
            let entries: Vec<Value> = words
                .into_iter()
                .map(|word| json!({"type": "DictionaryEntry", "key": word, "value": format!("{namespace}#{word}")}))
                .collect();
            if !entries.is_empty() {
                element["simplelicensing_customIdToUri"] = entries.into();
            }
        }
    }

    fn document(mut self) -> Vec<Value> {
        let (agent, sbom, root) = (self.id("Agent"), self.id("Sbom"), self.id("Subject"));
        let mut properties = properties::of_bom(self.bom);
        if let Some(text) = self.bom.subject.copyright.as_ref().filter(|text| !is_said(text)) {
            properties.add("subject:copyright", text);
        }
        if !self.is_subject_exact {
            properties::add_claims_of_subject(&mut properties, self.bom, true);
        }
        let texts = self.bom.license_texts.iter();
        let unused = texts.filter(|(id, text)| text.is_empty() || !self.extracted.uses(id));
        properties::add_license_texts(&mut properties, unused);
        self.annotate(&sbom, properties);
        let mut tools = Vec::new();
        let earlier = std::mem::take(&mut self.earlier_tools);
        let ours = format!("{TOOL} {}", self.tool_version);
        for (index, name) in earlier.into_iter().chain([&ours]).enumerate() {
            let id = self.id(&format!("Tool-{index}"));
            let mut tool = self.element("Tool", &id);
            let name =
                name.rsplit_once(' ').map_or(name.clone(), |(name, version)| format!("{name}-{version}"));
            tool.insert("name".to_owned(), name.into());
            self.elements.push(tool.into());
            tools.push(id);
        }
        let mut makers = vec![agent.clone()];
        for author in std::mem::take(&mut self.authors) {
            makers.push(self.agent(author));
        }
        // What we write down are facts; nobody's permission is needed to pass them on.
        let data_license = self.expression("CC0-1.0");
        let mut maker = self.element("SoftwareAgent", &agent);
        maker.insert("name".to_owned(), TOOL.into());
        self.elements.push(maker.into());
        self.elements.extend(std::mem::take(&mut self.shared).into_values());
        let all: Vec<Value> = self.elements.iter().map(|element| element["spdxId"].clone()).collect();
        let mut profiles = json!(["core", "software", "simpleLicensing"]);
        let has_addition = |element: &Value| element["type"] == "expandedlicensing_CustomLicenseAddition";
        if self.elements.iter().any(has_addition)
            && let Some(profiles) = profiles.as_array_mut()
        {
            profiles.push("expandedLicensing".into());
        }
        let built =
            self.bom.subject.kind == SubjectKind::Image || self.bom.components.values().any(Component::is_os);
        let mut bill = self.element("software_Sbom", &sbom);
        bill.insert("rootElement".to_owned(), vec![root].into());
        bill.insert("element".to_owned(), all.clone().into());
        bill.insert("profileConformance".to_owned(), profiles.clone());
        bill.insert("software_sbomType".to_owned(), vec![if built { "analyzed" } else { "source" }].into());
        let mut document = self.element("SpdxDocument", &self.id("Document"));
        document.insert("rootElement".to_owned(), vec![sbom.clone()].into());
        document
            .insert("element".to_owned(), all.into_iter().chain([sbom.into()]).collect::<Vec<_>>().into());
        document.insert("profileConformance".to_owned(), profiles);
        document.insert("dataLicense".to_owned(), data_license.into());
        let name = if self.bom.subject.name.is_empty() { "unnamed" } else { &self.bom.subject.name };
        document.insert("name".to_owned(), name.into());
        let creation = json!({
            "type": "CreationInfo", "@id": CREATION, "specVersion": "3.0.1", "created": self.created,
            "createdBy": makers, "createdUsing": tools,
        });
        let mut graph = vec![creation, document.into(), bill.into()];
        graph.append(&mut self.elements);
        graph
    }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..8])
}

fn integrity(kind: &str, hash: &Hash) -> Value {
    let algorithm = hash.algorithm.name().replace('-', "").to_lowercase();
    json!({"type": kind, "algorithm": algorithm, "hashValue": hash.hex})
}

fn purpose(kind: Kind) -> &'static str {
    match kind {
        Kind::Application => "application",
        Kind::Container => "container",
        Kind::Data => "data",
        Kind::Device => "device",
        Kind::DeviceDriver => "deviceDriver",
        Kind::File => "file",
        Kind::Firmware => "firmware",
        Kind::Framework => "framework",
        Kind::Library => "library",
        Kind::MachineLearningModel => "model",
        Kind::OperatingSystem => "operatingSystem",
        Kind::Platform => "platform",
    }
}
