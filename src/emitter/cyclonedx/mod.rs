//! CycloneDX.
//!
//! Components lie inside their owner; what only lower layers hold lies inside the subject, apart from the list.
//! One licence expression stands alone in `licenses`, and an id the version's own list lacks is written as a
//! name: strict consumers refuse the whole document otherwise.
//! Spec: <https://cyclonedx.org/docs/1.6/json/>

mod document;
mod ids;
mod licenses;
mod nesting;
mod xml;

use document as cdx;

use super::properties::{self, EvidenceFields};
use super::{ContentUuid, Cut, Format, Stamp, TOOL, one_line, party, purl_of};
use crate::bom::{Bom, Component, Evidence, GapKind, Kind, Purl, Ref, Scope, SubjectKind};
use nesting::Nesting;

/// The version for everyone: the newest that all consumers in use take.
pub(super) const JSON: Format = Format {
    name: "cyclonedx-json",
    about: "CycloneDX 1.6, JSON",
    emit: |bom, stamp| json(bom, stamp, Version::V1_6),
};

pub(super) const JSON_1_4: Format = Format {
    name: "cyclonedx-json@1.4",
    about: "CycloneDX 1.4, JSON",
    emit: |bom, stamp| json(bom, stamp, Version::V1_4),
};

pub(super) const JSON_1_5: Format = Format {
    name: "cyclonedx-json@1.5",
    about: "CycloneDX 1.5, JSON",
    emit: |bom, stamp| json(bom, stamp, Version::V1_5),
};

pub(super) const JSON_1_6: Format = Format {
    name: "cyclonedx-json@1.6",
    about: "CycloneDX 1.6, JSON",
    emit: |bom, stamp| json(bom, stamp, Version::V1_6),
};

pub(super) const JSON_1_7: Format = Format {
    name: "cyclonedx-json@1.7",
    about: "CycloneDX 1.7, JSON",
    emit: |bom, stamp| json(bom, stamp, Version::V1_7),
};

/// The same in XML.
pub(super) const XML: Format = Format {
    name: "cyclonedx-xml",
    about: "CycloneDX 1.6, XML",
    emit: |bom, stamp| xml(bom, stamp, Version::V1_6),
};

pub(super) const XML_1_4: Format = Format {
    name: "cyclonedx-xml@1.4",
    about: "CycloneDX 1.4, XML",
    emit: |bom, stamp| xml(bom, stamp, Version::V1_4),
};

pub(super) const XML_1_5: Format = Format {
    name: "cyclonedx-xml@1.5",
    about: "CycloneDX 1.5, XML",
    emit: |bom, stamp| xml(bom, stamp, Version::V1_5),
};

pub(super) const XML_1_6: Format = Format {
    name: "cyclonedx-xml@1.6",
    about: "CycloneDX 1.6, XML",
    emit: |bom, stamp| xml(bom, stamp, Version::V1_6),
};

pub(super) const XML_1_7: Format = Format {
    name: "cyclonedx-xml@1.7",
    about: "CycloneDX 1.7, XML",
    emit: |bom, stamp| xml(bom, stamp, Version::V1_7),
};

/// The versions we write, each with what the one before it had no field for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    V1_4,
    /// Lifecycles, tools as components, where and how a component was recognised, more kinds.
    V1_5,
    /// Who says a licence, several authors, the line of an occurrence.
    V1_6,
    /// Several identities.
    V1_7,
}

impl Version {
    fn name(self) -> &'static str {
        match self {
            Self::V1_4 => "1.4",
            Self::V1_5 => "1.5",
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }

    fn evidence_fields(self) -> EvidenceFields {
        EvidenceFields { place: self >= Self::V1_5, line: self >= Self::V1_6, contents: false }
    }

    fn has_reference(self, kind: &str) -> bool {
        self >= Self::V1_6 || kind != "source-distribution"
    }

    fn has_kind(self, kind: Kind) -> bool {
        let newer = [Kind::Data, Kind::DeviceDriver, Kind::MachineLearningModel, Kind::Platform];
        self >= Self::V1_5 || !newer.contains(&kind)
    }
}

fn json(bom: &Bom, stamp: &Stamp, version: Version) -> String {
    with_document(bom, stamp, version, |document| {
        let mut text = serde_json::to_string_pretty(document).expect("strings and numbers are always JSON");
        text.push('\n');
        text
    })
}

fn xml(bom: &Bom, stamp: &Stamp, version: Version) -> String {
    with_document(bom, stamp, version, xml::write)
}

/// Makes the document, its serial number from its content, and writes it.
fn with_document(bom: &Bom, stamp: &Stamp, version: Version, write: fn(&cdx::Document) -> String) -> String {
    let nesting = Nesting::of(bom);
    let writer =
        Writer { bom, version, nesting: &nesting, subject: bom.subject.reference(), cut: stamp.cut.as_ref() };
    let mut document = writer.document(stamp);
    document.serial_number = Some(format!("urn:uuid:{}", ContentUuid::of_json(&document)));
    write(&document)
}

struct Writer<'a> {
    bom: &'a Bom,
    version: Version,
    nesting: &'a Nesting<'a>,
    subject: Ref,
    cut: Option<&'a Cut>,
}

impl<'a> Writer<'a> {
    fn document(&'a self, stamp: &'a Stamp) -> cdx::Document<'a> {
        cdx::Document {
            schema: format!("http://cyclonedx.org/schema/bom-{}.schema.json", self.version.name()),
            bom_format: "CycloneDX",
            spec_version: self.version.name(),
            serial_number: None,
            version: 1,
            metadata: self.metadata(stamp),
            components: self.nesting.visible().map(|reference| self.component(reference)).collect(),
            dependencies: self.dependencies(),
            compositions: self.compositions(),
        }
    }

    fn metadata(&'a self, stamp: &'a Stamp) -> cdx::Metadata<'a> {
        let mut properties = properties::of_bom(self.bom);
        if let Some(supplier) =
            self.bom.subject.supplier.as_ref().filter(|text| one_line(text) != text.as_str())
        {
            properties.add("subject:supplier", supplier);
        }
        let copyright = self.bom.subject.copyright.as_ref();
        if let Some(text) = copyright.filter(|text| one_line(text) != text.as_str()) {
            properties.add("subject:copyright", text);
        }
        if !self.licenses_of_subject().exact {
            properties::add_claims_of_subject(&mut properties, self.bom, self.version >= Version::V1_6);
        }
        let written = licenses::texts_written(self.bom, self.version);
        let others = self.bom.license_texts.iter().filter(|(id, _)| !written.contains(id.as_str()));
        properties::add_license_texts(&mut properties, others);
        cdx::Metadata {
            timestamp: stamp.created.as_deref(),
            lifecycles: match self.version {
                Version::V1_4 => Vec::new(),
                _ => vec![cdx::Lifecycle { phase: phase(self.bom) }],
            },
            tools: self.tools(stamp),
            authors: stamp.authors(self.bom).map(author).collect(),
            component: self.subject(),
            supplier: self.bom.subject.supplier.as_deref().map(organisation),
            // What we write down are facts; nobody's permission is needed to pass them on.
            licenses: vec![licenses::by_id("CC0-1.0")],
            properties: written_properties(properties),
        }
    }

    /// Those that made the document this bill was read from, then us.
    fn tools(&self, stamp: &'a Stamp) -> cdx::Tools<'a> {
        let earlier = stamp.earlier_tools(self.bom);
        let earlier =
            earlier.map(|tool| tool.rsplit_once(' ').map_or((tool.as_str(), None), |(n, v)| (n, Some(v))));
        let tools = earlier.chain([(TOOL, Some(stamp.tool_version.as_str()))]);
        if self.version == Version::V1_4 {
            return cdx::Tools::Plain(tools.map(|(name, version)| cdx::Tool { name, version }).collect());
        }
        let component =
            |(name, version)| cdx::Component { kind: "application", name, version, ..Default::default() };
        cdx::Tools::Components { components: tools.map(component).collect() }
    }

    fn licenses_of_subject(&self) -> licenses::Chosen {
        licenses::choose(&self.bom.subject.licenses, &self.bom.license_texts, self.version)
    }

    fn subject(&'a self) -> cdx::Component<'a> {
        let subject = &self.bom.subject;
        let choice = self.licenses_of_subject();
        let digest = subject.manifest_digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
        cdx::Component {
            kind: match subject.kind {
                SubjectKind::Image => "container",
                SubjectKind::Directory | SubjectKind::File => "application",
            },
            bom_ref: Some(self.subject.to_string()),
            supplier: subject.supplier.as_deref().map(organisation),
            name: &subject.name,
            version: subject.version.as_deref(),
            hashes: digest
                .filter(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .map(|content| cdx::Hash { alg: "SHA-256", content })
                .into_iter()
                .collect(),
            licenses: choice.licenses,
            copyright: subject.copyright.as_deref().map(one_line),
            purl: purl_of(subject).map(|purl| purl.to_string()),
            evidence: (!choice.observed.is_empty())
                .then(|| cdx::Evidence { licenses: choice.observed, ..Default::default() }),
            components: self.nesting.hidden().map(|reference| self.component(reference)).collect(),
            ..Default::default()
        }
    }

    fn component(&'a self, reference: &'a Ref) -> cdx::Component<'a> {
        let component = &self.bom.components[reference];
        let fields = self.version.evidence_fields();
        let mut properties = properties::of_component(self.bom, component, fields);
        if let Some(owner) = &component.owner
            && !self.nesting.is_nested(reference)
        {
            properties.add("owner:ref", &owner.component);
        }
        let choice = licenses::choose(&component.licenses, &self.bom.license_texts, self.version);
        if !choice.exact {
            let tells_concluded = self.version >= Version::V1_6;
            properties::add_claims(&mut properties, self.bom, &component.licenses, tells_concluded);
        }
        let mut references = Vec::new();
        let links = [
            ("distribution", "download", &component.download),
            ("vcs", "vcs", &component.vcs),
            ("website", "homepage", &component.homepage),
            ("source-distribution", "source", &component.source),
        ];
        for (kind, name, url) in links {
            match url {
                Some(url) if is_reference(url) && self.version.has_reference(kind) => {
                    references.push(cdx::ExternalReference { kind, url })
                }
                Some(url) => properties.add(name, url),
                None => {}
            }
        }
        for cpe in component.cpes.iter().skip(1) {
            properties.add("cpe", cpe);
        }
        if !self.version.has_kind(component.kind) {
            properties.add("kind", component.kind.name());
        }
        let lines = [
            ("supplier", &component.supplier),
            ("author", &component.author),
            ("copyright", &component.copyright),
            ("description", &component.description),
        ];
        for (name, text) in lines {
            if let Some(text) = text.as_ref().filter(|text| one_line(text) != text.as_str()) {
                properties.add(name, text);
            }
        }
        let (group, name) = group_and_name(component);
        let has_authors = self.version >= Version::V1_6;
        cdx::Component {
            kind: if self.version.has_kind(component.kind) { component.kind.name() } else { "library" },
            bom_ref: Some(reference.to_string()),
            supplier: component.supplier.as_deref().map(organisation),
            authors: component.author.as_deref().filter(|_| has_authors).map(author).into_iter().collect(),
            author: component.author.as_deref().filter(|_| !has_authors).map(one_line),
            group,
            name,
            version: component.version.as_deref(),
            description: component.description.as_deref().map(one_line),
            scope: match component.scope {
                Scope::Required => None,
                Scope::Optional => Some("optional"),
                Scope::Dev => Some("excluded"),
            },
            hashes: properties::hashes(component)
                .map(|hash| cdx::Hash { alg: hash.algorithm.name(), content: &hash.hex })
                .collect(),
            licenses: choice.licenses,
            copyright: component.copyright.as_deref().map(one_line),
            cpe: component.cpes.first(),
            purl: component.purl.as_ref().map(ToString::to_string),
            external_references: references,
            properties: written_properties(properties),
            components: self.nesting.inside(reference).map(|inner| self.component(inner)).collect(),
            evidence: evidence(component, choice.observed, self.version),
        }
    }

    fn dependencies(&'a self) -> Vec<cdx::Dependency<'a>> {
        let known =
            |reference: &&Ref| **reference == self.subject || self.bom.components.contains_key(reference);
        self.bom
            .dependencies
            .iter()
            .filter(|(of, _)| known(of))
            .map(|(of, needed)| cdx::Dependency {
                of: &of.0,
                depends_on: needed.iter().filter(known).map(|reference| reference.as_str()).collect(),
            })
            .collect()
    }

    /// How much of it all is said: whether something could not be read or was left out, whose dependencies were left
    /// out, and whose nobody told.
    fn compositions(&'a self) -> Vec<cdx::Composition<'a>> {
        let unread = self.cut.is_some() || self.bom.gaps.iter().any(|gap| gap.kind == GapKind::Unread);
        let mut compositions = vec![cdx::Composition {
            aggregate: if unread { "incomplete" } else { "complete" },
            assemblies: vec![&self.subject.0],
            dependencies: Vec::new(),
        }];
        let everyone = std::iter::once(&self.subject).chain(self.bom.components.keys());
        let (told, untold): (Vec<&Ref>, Vec<&Ref>) =
            everyone.partition(|reference| self.bom.dependencies.contains_key(*reference));
        let is_cut = |reference: &&Ref| self.cut.is_some_and(|cut| cut.edges.contains(*reference));
        let (cut, untold): (Vec<&Ref>, Vec<&Ref>) = untold.into_iter().partition(is_cut);
        for (aggregate, references) in [("complete", told), ("incomplete", cut), ("unknown", untold)] {
            if !references.is_empty() {
                let dependencies = references.into_iter().map(|reference| reference.as_str()).collect();
                compositions.push(cdx::Composition { aggregate, assemblies: Vec::new(), dependencies });
            }
        }
        compositions
    }
}

fn written_properties(properties: properties::Properties) -> Vec<cdx::Property> {
    properties.0.into_iter().map(|(name, value)| cdx::Property { name, value }).collect()
}

/// When in its life the subject was looked at: after it was built, or before.
fn phase(bom: &Bom) -> &'static str {
    let built = bom.subject.kind == SubjectKind::Image || bom.components.values().any(Component::is_os);
    if built { "post-build" } else { "pre-build" }
}

/// Maven's names have a part that CycloneDX keeps apart. npm's scopes and Composer's vendors could stand there too,
/// but consumers in use take two packages for one whose names differ only in the group.
fn group_and_name(component: &Component) -> (Option<&str>, &str) {
    let name = component.name.as_str();
    let split = match component.purl.as_ref().map(Purl::ty) {
        Some("maven") => name.split_once(':'),
        _ => None,
    };
    match split {
        Some((group, rest)) if !group.is_empty() && !rest.is_empty() => (Some(group), rest),
        _ => (None, name),
    }
}

fn organisation(text: &str) -> cdx::Organisation<'_> {
    match party::split(text) {
        Some((name, email)) => cdx::Organisation {
            name: name.into(),
            contact: vec![cdx::Contact { name: None, email: Some(email) }],
        },
        None => cdx::Organisation { name: one_line(text), contact: Vec::new() },
    }
}

fn author(text: &str) -> cdx::Contact<'_> {
    match party::split(text) {
        Some((name, email)) => cdx::Contact { name: Some(name.into()), email: Some(email) },
        None => cdx::Contact { name: Some(one_line(text)), email: None },
    }
}

fn evidence(
    component: &Component,
    observed: Vec<cdx::LicenseChoice>,
    version: Version,
) -> Option<cdx::Evidence<'_>> {
    let fields = version.evidence_fields();
    let places: &[Evidence] = if fields.place { &component.evidence } else { &[] };
    if places.is_empty() && observed.is_empty() {
        return None;
    }
    let occurrence = |place: &'_ Evidence| place.line.filter(|_| fields.line);
    Some(cdx::Evidence {
        identity: places.first().map(|first| {
            let identity = identity(component, first, version);
            match version {
                Version::V1_7 => cdx::IdentityChoice::List([identity]),
                _ => cdx::IdentityChoice::One(identity),
            }
        }),
        occurrences: places
            .iter()
            .map(|place| cdx::Occurrence { location: &place.path, line: occurrence(place) })
            .collect(),
        licenses: observed,
    })
}

/// How it was recognised: one method for all places where they agree, else one for each in their order.
fn identity(component: &Component, first: &Evidence, version: Version) -> cdx::Identity {
    let method = |place: &Evidence, value| cdx::Method {
        technique: place.technique.name(),
        confidence: fraction(place.confidence),
        value,
    };
    let alike = |place: &Evidence| (place.technique, place.confidence) == (first.technique, first.confidence);
    let methods = if component.evidence.iter().all(alike) {
        vec![method(first, None)]
    } else {
        component.evidence.iter().map(|place| method(place, Some(place.path.clone()))).collect()
    };
    let surest = component.evidence.iter().map(|place| place.confidence).max().unwrap_or_default();
    let value = component.purl.as_ref().map_or(component.name.clone(), ToString::to_string);
    cdx::Identity {
        field: if component.purl.is_some() { "purl" } else { "name" },
        confidence: fraction(surest),
        concluded_value: (version >= Version::V1_6).then_some(value),
        methods,
    }
}

fn fraction(percent: u8) -> f64 {
    f64::from(percent.min(100)) / 100.0
}

/// Whether it is an address a strict schema takes: RFC 3987's `iri-reference`. `git@github.com:a/b` is none.
fn is_reference(text: &str) -> bool {
    let plain = |c: char| {
        c.is_ascii_alphanumeric()
            || "-._~:/?#@!$&'()*+,;=%".contains(c)
            || (c as u32 >= 0xa1 && c.is_alphanumeric())
    };
    let escapes = text
        .split('%')
        .skip(1)
        .all(|rest| rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)));
    let scheme_end = text.find([':', '/', '?', '#']).filter(|&end| text.as_bytes()[end] == b':');
    let scheme_is_sound = scheme_end.is_none_or(|end| {
        text[..end].starts_with(|c: char| c.is_ascii_alphabetic())
            && text[..end].chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let authority =
        text.split_once("//").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port_is_sound =
        host.split_once(':').is_none_or(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    !text.is_empty()
        && text.chars().all(plain)
        && escapes
        && scheme_is_sound
        && port_is_sound
        && authority.matches('@').count() < 2
        && text.matches('#').count() < 2
}
