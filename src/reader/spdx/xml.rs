//! An SPDX 2 document in XML: what JSON has, a list by its element standing several times.
//!
//! No specification says so; it is what the SPDX tools write.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde_json::{Map, Value};

use super::json::read_as_json;
use crate::bom::Bom;
use crate::reader::ReadError;
use crate::reader::xml::{Broken, Element, Elements, Next};

const FORMAT: &str = "SPDX XML";

/// Elements of which there may be several. What stands once is a list too.
const LISTS: &[&str] = &[
    "annotations",
    "attributionTexts",
    "checksums",
    "creators",
    "documentDescribes",
    "externalDocumentRefs",
    "externalRefs",
    "fileContributors",
    "fileTypes",
    "files",
    "hasExtractedLicensingInfos",
    "hasFiles",
    "licenseInfoFromFiles",
    "licenseInfoInFiles",
    "licenseInfoInSnippets",
    "packages",
    "ranges",
    "relationships",
    "revieweds",
    "seeAlsos",
    "snippets",
];

pub(in crate::reader) fn xml(input: impl BufRead) -> Result<Bom, ReadError> {
    let json = json(input).map_err(|Broken { line, what }| ReadError::Broken {
        format: FORMAT,
        what: format!("line {line} is no XML: {what}"),
    })?;
    read_as_json(json.as_slice(), FORMAT)
}

/// Element by element, so that no tree of the whole is ever there.
fn json(input: impl BufRead) -> Result<Vec<u8>, Broken> {
    let (_, mut elements) = Elements::of(input)?;
    let mut lists: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut json = b"{".to_vec();
    while let Next::Start(start) = elements.next()? {
        let element = elements.fill(start)?;
        let said = value(&element).to_string();
        if LISTS.contains(&element.name.as_str()) {
            let list = lists.entry(element.name).or_default();
            list.push(if list.is_empty() { b'[' } else { b',' });
            list.extend(said.as_bytes());
        } else {
            member(&mut json, &element.name, said.as_bytes());
        }
    }
    for (name, mut list) in lists {
        list.push(b']');
        member(&mut json, &name, &list);
    }
    json.push(b'}');
    Ok(json)
}

fn member(json: &mut Vec<u8>, name: &str, said: &[u8]) {
    if json.len() > 1 {
        json.push(b',');
    }
    json.extend(Value::from(name).to_string().as_bytes());
    json.push(b':');
    json.extend(said);
}

/// What an element says. How deep elements lie in each other is bounded where they are read.
fn value(element: &Element) -> Value {
    if element.children.is_empty() {
        return Value::from(element.text.as_str());
    }
    let mut members = Map::new();
    for child in &element.children {
        let said = value(child);
        if !LISTS.contains(&child.name.as_str()) {
            members.insert(child.name.clone(), said);
        } else if let Value::Array(list) =
            members.entry(child.name.as_str()).or_insert_with(|| Value::Array(Vec::new()))
        {
            list.push(said);
        }
    }
    Value::Object(members)
}
