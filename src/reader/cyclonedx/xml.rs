//! A CycloneDX document in XML: the same things, in elements and attributes.

use std::io::BufRead;

use super::shapes::{
    Attachment, Component, Contact, Dependency, Evidence, Hash, Identity, License, LicenseChoice, Lifecycle,
    Metadata, Method, Occurrence, Party, Patch, Pedigree, Properties, Property, Reference, Swid, Tool, Tools,
};
use super::{add_component, add_dependency, add_metadata, deviations, pairs};
use crate::bom::Bom;
use crate::reader::ReadError;
use crate::reader::draft::Draft;
use crate::reader::lenient::{Key, List, Number, Substance, Text};
use crate::reader::xml::{Broken, Element, Elements, Next};

const FORMAT: &str = "CycloneDX XML";

pub(in crate::reader) fn xml(input: impl BufRead) -> Result<Bom, ReadError> {
    let mut draft = Draft::with_references("components");
    read(input, &mut draft).map_err(|Broken { line, what }| ReadError::Broken {
        format: FORMAT,
        what: format!("line {line} is no XML: {what}"),
    })?;
    draft.finish(FORMAT)
}

fn read(input: impl BufRead, draft: &mut Draft) -> Result<(), Broken> {
    let (root, mut elements) = Elements::of(input)?;
    let namespace =
        root.attributes.iter().find_map(|(_, value)| value.split_once("cyclonedx.org/schema/bom/"));
    draft.origin.format = match namespace {
        Some((_, version)) => format!("CycloneDX {version} XML"),
        None => FORMAT.to_owned(),
    };
    if let Some((_, version)) = namespace {
        deviations::of_version(draft, version);
    }
    draft.origin.serial = root.attribute("serialNumber").map(str::to_owned);
    if let Some(serial) = root.attribute("serialNumber") {
        deviations::of_serial(draft, serial);
    }
    while let Next::Start(start) = elements.next()? {
        match start.name.as_str() {
            "metadata" => {
                let element = elements.fill(start)?;
                add_metadata(draft, metadata(&element));
            }
            "components" => {
                draft.place = 0;
                while let Next::Start(start) = elements.next()? {
                    let element = elements.fill(start)?;
                    if element.name == "component" {
                        add_component(draft, component(&element), None);
                        draft.place += 1;
                    }
                }
            }
            "dependencies" => {
                while let Next::Start(start) = elements.next()? {
                    let element = elements.fill(start)?;
                    add_dependency(draft, dependency(&element));
                }
            }
            "properties" => {
                let element = elements.fill(start)?;
                let properties = properties(&element);
                draft.properties.extend(pairs(&properties).map(|(n, v)| (n.to_owned(), v.to_owned())));
            }
            other => {
                if other == "compositions" {
                    draft.origin.tells_completeness = true;
                } else {
                    draft.step_over(other);
                }
                elements.skip()?;
            }
        }
    }
    Ok(())
}

fn text<'a>(element: &'a Element, name: &str) -> Text<'a> {
    element.child(name).map(|child| Text::of(child.trimmed())).unwrap_or_default()
}

fn attribute<'a>(element: &'a Element, name: &str) -> Text<'a> {
    element.attribute(name).map(Text::of).unwrap_or_default()
}

fn number(element: &Element, name: &str) -> Number {
    element.child(name).map(|child| Number::of_text(child.trimmed())).unwrap_or_default()
}

/// What stands in the list element `outer`, one by one.
fn list<'a, T>(element: &'a Element, outer: &str, inner: &'a str, read: fn(&'a Element) -> T) -> List<T> {
    element.child(outer).into_iter().flat_map(|outer| outer.each(inner)).map(read).collect()
}

fn metadata<'a>(element: &'a Element) -> Metadata<'a> {
    let tools = element.child("tools");
    let tool = |tool: &'a Element| Tool {
        name: text(tool, "name"),
        version: text(tool, "version"),
        ..Tool::default()
    };
    let plain = tools.iter().flat_map(|tools| tools.each("tool"));
    let components =
        tools.iter().flat_map(|tools| tools.each("components")).flat_map(|list| list.each("component"));
    Metadata {
        timestamp: text(element, "timestamp"),
        tools: Tools::of(plain.chain(components).map(tool).collect()),
        component: element.child("component").map(|inner| Box::new(component(inner))),
        authors: list(element, "authors", "author", contact),
        manufacturer: party(element, "manufacturer"),
        manufacture: party(element, "manufacture"),
        supplier: party(element, "supplier"),
        lifecycles: list(element, "lifecycles", "lifecycle", |lifecycle| Lifecycle {
            phase: text(lifecycle, "phase"),
            name: text(lifecycle, "name"),
            ..Lifecycle::default()
        }),
        licenses: licenses(element),
        properties: properties(element),
        ..Metadata::default()
    }
}

fn properties<'a>(element: &'a Element) -> Properties<'a> {
    let list = if element.name == "properties" { Some(element) } else { element.child("properties") };
    let property = |property: &'a Element| Property::of(property.attribute("name"), property.text.as_str());
    list.into_iter().flat_map(|list| list.each("property")).map(property).collect()
}

fn component<'a>(element: &'a Element) -> Component<'a> {
    Component {
        bom_ref: attribute(element, "bom-ref"),
        kind: attribute(element, "type"),
        group: text(element, "group"),
        name: text(element, "name"),
        version: text(element, "version"),
        description: text(element, "description"),
        supplier: party(element, "supplier"),
        manufacturer: party(element, "manufacturer"),
        publisher: text(element, "publisher"),
        author: text(element, "author"),
        authors: list(element, "authors", "author", contact),
        scope: text(element, "scope"),
        hashes: list(element, "hashes", "hash", |hash| Hash {
            algorithm: attribute(hash, "alg"),
            content: Text::of(hash.trimmed()),
            ..Hash::default()
        }),
        licenses: licenses(element),
        copyright: text(element, "copyright"),
        cpe: text(element, "cpe"),
        purl: text(element, "purl"),
        references: list(element, "externalReferences", "reference", |reference| Reference {
            kind: attribute(reference, "type"),
            url: text(reference, "url"),
            ..Reference::default()
        }),
        properties: properties(element),
        components: list(element, "components", "component", component),
        evidence: element.child("evidence").map(evidence).unwrap_or_default(),
        is_external: Substance(
            element.attribute("isExternal").is_some_and(|said| matches!(said.trim(), "true" | "1")),
        ),
        version_range: text(element, "versionRange"),
        swid: element.child("swid").map(|swid| Swid {
            id: attribute(swid, "tagId"),
            name: attribute(swid, "name"),
            ..Swid::default()
        }),
        pedigree: element.child("pedigree").map(|pedigree| Pedigree {
            patches: list(pedigree, "patches", "patch", |patch| Patch {
                kind: attribute(patch, "type"),
                ..Patch::default()
            }),
            ..Pedigree::default()
        }),
        other: element
            .children
            .iter()
            .filter(|child| !READ.contains(&child.name.as_str()))
            .map(key)
            .collect(),
        ..Component::default()
    }
}

/// The elements of a component that are read.
const READ: &[&str] = &[
    "group",
    "name",
    "version",
    "description",
    "supplier",
    "manufacturer",
    "publisher",
    "author",
    "authors",
    "scope",
    "hashes",
    "licenses",
    "copyright",
    "cpe",
    "purl",
    "externalReferences",
    "properties",
    "components",
    "evidence",
    "swid",
    "pedigree",
    "versionRange",
];

fn key(element: &Element) -> Key {
    Key::of(&element.name)
}

fn party<'a>(element: &'a Element, name: &str) -> Party<'a> {
    let Some(element) = element.child(name) else { return Party::default() };
    Party {
        name: text(element, "name"),
        contact: element.each("contact").map(contact).collect(),
        ..Party::default()
    }
}

fn contact<'a>(element: &'a Element) -> Contact<'a> {
    Contact { name: text(element, "name"), email: text(element, "email"), ..Contact::default() }
}

fn licenses<'a>(element: &'a Element) -> List<LicenseChoice<'a>> {
    let choices = element.each("licenses").flat_map(|licenses| &licenses.children);
    let choice = |choice: &'a Element| match choice.name.as_str() {
        "expression" => LicenseChoice {
            expression: Text::of(choice.trimmed()),
            acknowledgement: attribute(choice, "acknowledgement"),
            ..LicenseChoice::default()
        },
        // Since 1.7, with the texts of its licences beside it.
        "expression-detailed" => LicenseChoice {
            expression: attribute(choice, "expression"),
            acknowledgement: attribute(choice, "acknowledgement"),
            ..LicenseChoice::default()
        },
        _ => LicenseChoice { license: license(choice), ..LicenseChoice::default() },
    };
    choices.map(choice).collect()
}

fn license<'a>(element: &'a Element) -> License<'a> {
    let attachment = |attachment: &'a Element| Attachment {
        content: Text::of(attachment.text.as_str()),
        encoding: attribute(attachment, "encoding"),
        ..Attachment::default()
    };
    License {
        id: text(element, "id"),
        name: text(element, "name"),
        url: text(element, "url"),
        text: element.child("text").map(attachment).unwrap_or_default(),
        acknowledgement: attribute(element, "acknowledgement"),
        // The schema of 1.0 let a licence have several ids.
        other: element.each("id").skip(1).chain(element.each("name").skip(1)).map(key).collect(),
        ..License::default()
    }
}

fn evidence<'a>(element: &'a Element) -> Evidence<'a> {
    let method = |method: &'a Element| Method {
        technique: text(method, "technique"),
        confidence: number(method, "confidence"),
        value: text(method, "value"),
        ..Method::default()
    };
    let identity = |identity: &'a Element| Identity {
        confidence: number(identity, "confidence"),
        methods: list(identity, "methods", "method", method),
        ..Identity::default()
    };
    Evidence {
        identity: element.each("identity").map(identity).collect(),
        occurrences: list(element, "occurrences", "occurrence", |occurrence| Occurrence {
            location: text(occurrence, "location"),
            line: number(occurrence, "line"),
            ..Occurrence::default()
        }),
        licenses: licenses(element),
        ..Evidence::default()
    }
}

fn dependency<'a>(element: &'a Element) -> Dependency<'a> {
    Dependency {
        of: attribute(element, "ref"),
        depends_on: element.each("dependency").map(|needed| attribute(needed, "ref")).collect(),
        ..Dependency::default()
    }
}
