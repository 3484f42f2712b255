//! The document in XML, its elements in the order the schema demands, which is not that of JSON.
//!
//! Spec: <https://cyclonedx.org/docs/1.6/xml/>

use super::document::{
    Attachment, Component, Composition, Contact, Dependency, Document, Evidence, ExternalReference, Identity,
    IdentityChoice, License, LicenseChoice, Metadata, Organisation, Property, Tools,
};
use crate::emitter::xml::Xml;

pub(super) fn write(document: &Document) -> String {
    let mut xml = Xml::new();
    let namespace = format!("http://cyclonedx.org/schema/bom/{}", document.spec_version);
    let serial = document.serial_number.as_deref().unwrap_or_default();
    let version = document.version.to_string();
    xml.open("bom", &[("xmlns", &namespace), ("serialNumber", serial), ("version", &version)]);
    metadata(&mut xml, &document.metadata);
    list(&mut xml, "components", &document.components, component);
    list(&mut xml, "dependencies", &document.dependencies, dependency);
    list(&mut xml, "compositions", &document.compositions, composition);
    xml.finish()
}

/// A list in its element; none when it is empty.
fn list<T>(xml: &mut Xml, name: &'static str, items: &[T], write: fn(&mut Xml, &T)) {
    if !items.is_empty() {
        xml.open(name, &[]);
        for item in items {
            write(xml, item);
        }
        xml.close();
    }
}

fn metadata(xml: &mut Xml, metadata: &Metadata) {
    xml.open("metadata", &[]);
    xml.leaf_if("timestamp", metadata.timestamp);
    list(xml, "lifecycles", &metadata.lifecycles, |xml, lifecycle| {
        xml.open("lifecycle", &[]);
        xml.leaf("phase", &[], lifecycle.phase);
        xml.close();
    });
    xml.open("tools", &[]);
    match &metadata.tools {
        Tools::Components { components } => list(xml, "components", components, component),
        Tools::Plain(tools) => {
            for tool in tools {
                xml.open("tool", &[]);
                xml.leaf("name", &[], tool.name);
                xml.leaf_if("version", tool.version);
                xml.close();
            }
        }
    }
    xml.close();
    list(xml, "authors", &metadata.authors, |xml, author| contact(xml, "author", author));
    component(xml, &metadata.component);
    if let Some(supplier) = &metadata.supplier {
        organisation(xml, supplier);
    }
    list(xml, "licenses", &metadata.licenses, license);
    list(xml, "properties", &metadata.properties, property);
    xml.close();
}

fn organisation(xml: &mut Xml, supplier: &Organisation) {
    xml.open("supplier", &[]);
    xml.leaf("name", &[], &supplier.name);
    for entry in &supplier.contact {
        contact(xml, "contact", entry);
    }
    xml.close();
}

fn component(xml: &mut Xml, of: &Component) {
    xml.open("component", &[("type", of.kind), ("bom-ref", of.bom_ref.as_deref().unwrap_or_default())]);
    if let Some(supplier) = &of.supplier {
        organisation(xml, supplier);
    }
    list(xml, "authors", &of.authors, |xml, author| contact(xml, "author", author));
    xml.leaf_if("author", of.author.as_deref());
    xml.leaf_if("group", of.group);
    xml.leaf("name", &[], of.name);
    xml.leaf_if("version", of.version);
    xml.leaf_if("description", of.description.as_deref());
    xml.leaf_if("scope", of.scope);
    list(xml, "hashes", &of.hashes, |xml, hash| xml.leaf("hash", &[("alg", hash.alg)], hash.content));
    list(xml, "licenses", &of.licenses, license);
    xml.leaf_if("copyright", of.copyright.as_deref());
    xml.leaf_if("cpe", of.cpe);
    xml.leaf_if("purl", of.purl.as_deref());
    list(xml, "externalReferences", &of.external_references, reference);
    list(xml, "properties", &of.properties, property);
    list(xml, "components", &of.components, component);
    if let Some(seen) = &of.evidence {
        evidence(xml, seen);
    }
    xml.close();
}

fn contact(xml: &mut Xml, name: &'static str, contact: &Contact) {
    xml.open(name, &[]);
    xml.leaf_if("name", contact.name.as_deref());
    xml.leaf_if("email", contact.email);
    xml.close();
}

fn license(xml: &mut Xml, choice: &LicenseChoice) {
    match choice {
        LicenseChoice::Expression { expression, acknowledgement } => {
            xml.leaf("expression", &[("acknowledgement", acknowledgement.unwrap_or_default())], expression);
        }
        LicenseChoice::License { license: License { id, name, acknowledgement, text } } => {
            xml.open("license", &[("acknowledgement", acknowledgement.unwrap_or_default())]);
            xml.leaf_if("id", id.as_deref());
            xml.leaf_if("name", name.as_deref());
            if let Some(Attachment { content_type, content }) = text {
                xml.leaf("text", &[("content-type", content_type)], content);
            }
            xml.close();
        }
    }
}

fn reference(xml: &mut Xml, reference: &ExternalReference) {
    xml.open("reference", &[("type", reference.kind)]);
    xml.leaf("url", &[], reference.url);
    xml.close();
}

fn property(xml: &mut Xml, property: &Property) {
    xml.leaf("property", &[("name", &property.name)], &property.value);
}

fn evidence(xml: &mut Xml, evidence: &Evidence) {
    xml.open("evidence", &[]);
    match &evidence.identity {
        Some(IdentityChoice::One(found) | IdentityChoice::List([found])) => identity(xml, found),
        None => {}
    }
    list(xml, "occurrences", &evidence.occurrences, |xml, occurrence| {
        xml.open("occurrence", &[]);
        xml.leaf("location", &[], occurrence.location);
        xml.leaf_if("line", occurrence.line.map(|line| line.to_string()).as_deref());
        xml.close();
    });
    list(xml, "licenses", &evidence.licenses, license);
    xml.close();
}

fn identity(xml: &mut Xml, identity: &Identity) {
    xml.open("identity", &[]);
    xml.leaf("field", &[], identity.field);
    xml.leaf("confidence", &[], &identity.confidence.to_string());
    xml.leaf_if("concludedValue", identity.concluded_value.as_deref());
    list(xml, "methods", &identity.methods, |xml, method| {
        xml.open("method", &[]);
        xml.leaf("technique", &[], method.technique);
        xml.leaf("confidence", &[], &method.confidence.to_string());
        xml.leaf_if("value", method.value.as_deref());
        xml.close();
    });
    xml.close();
}

fn dependency(xml: &mut Xml, dependency: &Dependency) {
    if dependency.depends_on.is_empty() {
        xml.empty("dependency", &[("ref", dependency.of)]);
        return;
    }
    xml.open("dependency", &[("ref", dependency.of)]);
    for needed in &dependency.depends_on {
        xml.empty("dependency", &[("ref", needed)]);
    }
    xml.close();
}

fn composition(xml: &mut Xml, composition: &Composition) {
    xml.open("composition", &[]);
    xml.leaf("aggregate", &[], composition.aggregate);
    for (name, inner, references) in [
        ("assemblies", "assembly", &composition.assemblies),
        ("dependencies", "dependency", &composition.dependencies),
    ] {
        if !references.is_empty() {
            xml.open(name, &[]);
            for reference in references {
                xml.empty(inner, &[("ref", reference)]);
            }
            xml.close();
        }
    }
    xml.close();
}
