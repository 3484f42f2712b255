//! An SPDX 2 document in RDF/XML: nodes that name each other, written inside each other in any order.
//!
//! All nodes are gathered first, and then said as JSON says them. Licences are nodes too, and their sets have no
//! order.
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/rdf-object-model-and-identifier-syntax/>,
//! <https://www.w3.org/TR/rdf-syntax-grammar/>

use std::collections::HashMap;
use std::io::BufRead;

use serde_json::{Map, Value, json};

use super::json::read_as_json;
use crate::bom::Bom;
use crate::reader::ReadError;
use crate::reader::xml::{Broken, Element, Elements, Next};

const FORMAT: &str = "SPDX RDF";

/// How deep the sets of an expression may lie in each other.
const DEEPEST: usize = 50;
/// How many licences one expression may name. Sets may share their members, and so stand for far more than
/// was written.
const MOST_LICENSES: usize = 2_000;

pub(in crate::reader) fn rdf(input: impl BufRead) -> Result<Bom, ReadError> {
    let graph = Graph::of(input).map_err(|Broken { line, what }| ReadError::Broken {
        format: FORMAT,
        what: format!("line {line} is no XML: {what}"),
    })?;
    let json = graph.said().to_string();
    drop(graph);
    read_as_json(json.as_bytes(), FORMAT)
}

/// What stands behind a property.
enum Object {
    Text(String),
    /// The name of a node, which need not be in the document.
    Node(String),
}

#[derive(Default)]
struct Node {
    class: String,
    properties: Vec<(String, Object)>,
}

impl Node {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Object> {
        self.properties.iter().filter(move |(key, _)| key == name).map(|(_, object)| object)
    }

    fn first(&self, name: &str) -> Option<&Object> {
        self.properties.iter().find(|(key, _)| key == name).map(|(_, object)| object)
    }
}

/// The nodes in the order in which they were first named.
#[derive(Default)]
struct Graph {
    names: Vec<String>,
    nodes: HashMap<String, Node>,
    /// How many nodes had no name.
    nameless: usize,
}

impl Graph {
    fn of(input: impl BufRead) -> Result<Self, Broken> {
        let (_, mut elements) = Elements::of(input)?;
        let mut graph = Self::default();
        while let Next::Start(start) = elements.next()? {
            let element = elements.fill(start)?;
            graph.add(&element);
        }
        Ok(graph)
    }

    /// Takes in a node with all that is written inside it, and gives its name. How deep that goes is bounded
    /// where elements are read.
    fn add(&mut self, element: &Element) -> String {
        let name = name_of(element).unwrap_or_else(|| {
            self.nameless += 1;
            // No document can write such a name.
            format!("_: {}", self.nameless)
        });
        let mut properties = Vec::new();
        let mut class = Some(element.name.clone()).filter(|class| class != "Description");
        for (key, value) in &element.attributes {
            match key.split_once(':') {
                Some(("rdf" | "xml" | "xmlns", _)) | None => {}
                Some((_, key)) => properties.push((key.to_owned(), Object::Text(value.clone()))),
            }
        }
        for property in &element.children {
            if property.name == "type" {
                class = attribute(property, "resource").map(|class| last_part(class).to_owned()).or(class);
                continue;
            }
            if let Some(object) = name_of(property) {
                properties.push((property.name.clone(), Object::Node(object)));
            } else if property.children.is_empty() {
                properties.push((property.name.clone(), Object::Text(property.text.clone())));
            }
            for inner in &property.children {
                let object = Object::Node(self.add(inner));
                properties.push((property.name.clone(), object));
            }
        }
        let node = self.nodes.entry(name.clone()).or_insert_with(|| {
            self.names.push(name.clone());
            Node::default()
        });
        node.class = class.unwrap_or_else(|| std::mem::take(&mut node.class));
        node.properties.append(&mut properties);
        name
    }

    fn nodes(&self, class: &str) -> impl Iterator<Item = (&str, &Node)> {
        let named = self.names.iter().filter_map(|name| Some((name.as_str(), self.nodes.get(name)?)));
        named.filter(move |(_, node)| node.class == class)
    }

    /// The whole document as JSON says it.
    fn said(&self) -> Value {
        let mut document = Map::new();
        let Some((name, node)) = self.nodes("SpdxDocument").next() else { return Value::Object(document) };
        let namespace = name.split_once('#').map_or(name, |(namespace, _)| namespace);
        let others = self.nodes("ExternalDocumentRef").filter_map(|(_, node)| {
            Some((whole(node.first("spdxDocument")?), word(node.first("externalDocumentId")?)))
        });
        let ids = Ids { namespace, others: others.collect() };
        for (key, object) in &node.properties {
            let key = match key.as_str() {
                "specVersion" => "spdxVersion",
                "relationship" | "annotation" | "creationInfo" | "hasExtractedLicensingInfo" => continue,
                "describesPackage" | "externalDocumentRef" | "referencesFile" => continue,
                key => key,
            };
            document.insert(key.to_owned(), Value::from(word(object)));
        }
        document.insert("documentNamespace".into(), namespace.into());
        document.extend(self.creation().map(|creation| ("creationInfo".into(), creation)));
        document.insert("annotations".into(), self.annotations(node));
        let described = node.all("describesPackage").map(|object| ids.short(object));
        document.insert("documentDescribes".into(), described.collect());
        let packages = self.nodes("Package").map(|(name, node)| self.package(&ids, name, node));
        document.insert("packages".into(), packages.collect());
        let extracted =
            self.nodes("ExtractedLicensingInfo").map(|(name, node)| plain(node, name, "licenseId"));
        document.insert("hasExtractedLicensingInfos".into(), extracted.collect());
        let related =
            ["SpdxDocument", "Package", "File", "Snippet"].into_iter().flat_map(|class| self.nodes(class));
        let relationships = related.flat_map(|(name, node)| self.relationships(&ids, name, node));
        document.insert("relationships".into(), relationships.collect());
        for (class, key) in [("File", "files"), ("Snippet", "snippets")] {
            // A bill has no place for them; that there are any is told.
            if self.nodes(class).next().is_some() {
                document.insert(key.into(), json!([class]));
            }
        }
        Value::Object(document)
    }

    fn creation(&self) -> Option<Value> {
        let (_, node) = self.nodes("CreationInfo").next()?;
        let creators: Vec<&str> = node.all("creator").map(word).collect();
        let text = |key: &str| node.first(key).map(word);
        Some(json!({"created": text("created"), "creators": creators, "comment": text("comment")}))
    }

    fn annotations(&self, node: &Node) -> Value {
        let annotations = node.all("annotation").filter_map(|object| self.node(object));
        annotations.map(|node| plain(node, "", "")).collect()
    }

    fn node(&self, object: &Object) -> Option<&Node> {
        match object {
            Object::Node(name) => self.nodes.get(name),
            Object::Text(_) => None,
        }
    }

    fn package(&self, ids: &Ids<'_>, name: &str, node: &Node) -> Value {
        let mut package = Map::new();
        package.insert("SPDXID".into(), ids.shortened(name).into());
        for (key, object) in &node.properties {
            let said = match key.as_str() {
                "relationship" | "hasFile" | "annotation" | "checksum" | "externalRef" => continue,
                "licenseInfoFromFiles" | "attributionText" => continue,
                "licenseDeclared" | "licenseConcluded" => self.license(object),
                "packageVerificationCode" => json!({"is": "there"}),
                "primaryPackagePurpose" => upper(word(object)).into(),
                _ => whole(object).into(),
            };
            package.insert(key.clone(), said);
        }
        let each = |key: &str, say: &dyn Fn(&Node) -> Value| -> Value {
            node.all(key).filter_map(|object| self.node(object)).map(say).collect()
        };
        let checksum = |node: &Node| plain(node, "", "");
        let reference = |node: &Node| plain(node, "", "");
        package.insert("checksums".into(), each("checksum", &checksum));
        package.insert("externalRefs".into(), each("externalRef", &reference));
        package.insert("annotations".into(), self.annotations(node));
        let from_files = node.all("licenseInfoFromFiles").map(|object| self.license(object));
        package.insert("licenseInfoFromFiles".into(), from_files.collect());
        if node.first("attributionText").is_some() {
            package.insert("attributionTexts".into(), node.all("attributionText").map(word).collect());
        }
        Value::Object(package)
    }

    fn relationships<'a>(
        &'a self,
        ids: &'a Ids<'a>,
        name: &'a str,
        node: &'a Node,
    ) -> impl Iterator<Item = Value> + 'a {
        let related = node.all("relationship").filter_map(|object| self.node(object));
        related.map(move |relationship| {
            let kind = relationship.first("relationshipType").map(|kind| upper(word(kind)));
            let to = relationship.first("relatedSpdxElement").map(|to| ids.short(to));
            json!({"spdxElementId": ids.shortened(name), "relationshipType": kind, "relatedSpdxElement": to})
        })
    }

    /// A licence as an expression; where nobody can say it, something that is no text.
    fn license(&self, object: &Object) -> Value {
        let mut left = MOST_LICENSES;
        self.expression(object, 0, &mut left).map_or_else(|| json!({}), Value::from)
    }

    /// Every step takes one of what is `left`, so that this ends also where licences are made of themselves.
    fn expression(&self, object: &Object, depth: usize, left: &mut usize) -> Option<String> {
        *left = left.checked_sub(1).filter(|_| depth < DEEPEST)?;
        let node = self.node(object);
        let class = node.map_or("", |node| node.class.as_str());
        let Some(node) = node else { return Some(word(object).to_owned()) };
        let operator = match class {
            "ConjunctiveLicenseSet" => " AND ",
            "DisjunctiveLicenseSet" => " OR ",
            "WithExceptionOperator" => {
                let licence = self.expression(node.first("member")?, depth + 1, left)?;
                let exception = node.first("licenseException")?;
                let id = self.node(exception).and_then(|node| node.first("licenseExceptionId"));
                return Some(format!("{licence} WITH {}", word(id.unwrap_or(exception))));
            }
            "OrLaterOperator" => return Some(self.expression(node.first("member")?, depth + 1, left)? + "+"),
            _ => return Some(word(node.first("licenseId").unwrap_or(object)).to_owned()),
        };
        let members = node.all("member").map(|member| self.expression(member, depth + 1, left));
        let members = members.collect::<Option<Vec<String>>>()?.join(operator);
        Some(if depth == 0 { members } else { format!("({members})") })
    }
}

/// Names of nodes as the other formats have them.
struct Ids<'a> {
    namespace: &'a str,
    /// What the document calls the namespaces of others.
    others: HashMap<&'a str, &'a str>,
}

impl Ids<'_> {
    fn short(&self, object: &Object) -> String {
        match object {
            Object::Text(text) => text.clone(),
            Object::Node(name) => self.shortened(name),
        }
    }

    fn shortened(&self, name: &str) -> String {
        let Some((namespace, id)) = name.split_once('#') else { return name.to_owned() };
        if namespace == self.namespace || namespace.is_empty() {
            return id.to_owned();
        }
        match self.others.get(namespace) {
            Some(document) => format!("{document}:{id}"),
            None if matches!(id, "noassertion" | "none") => id.to_ascii_uppercase(),
            None => name.to_owned(),
        }
    }
}

/// A small node as JSON says it: every property a member.
fn plain(node: &Node, name: &str, id: &str) -> Value {
    let mut members: Map<String, Value> = Map::new();
    if !id.is_empty() {
        members.insert(id.into(), last_part(name).into());
    }
    members.extend(node.properties.iter().map(|(key, object)| (key.clone(), word(object).into())));
    Value::Object(members)
}

/// A text, or the last word of a name: `http://spdx.org/rdf/terms#purpose_source` is `source`.
fn word(object: &Object) -> &str {
    match object {
        Object::Text(text) => text,
        Object::Node(name) => match last_part(name) {
            "noassertion" => "NOASSERTION",
            "none" => "NONE",
            last if name.contains("/rdf/terms#") => last.split_once('_').map_or(last, |(_, word)| word),
            last => last,
        },
    }
}

/// A text, or a whole name: a homepage is one.
fn whole(object: &Object) -> &str {
    match object {
        Object::Node(name) if !name.contains("/rdf/terms#") => name,
        object => word(object),
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit(['/', '#']).next().unwrap_or(name)
}

/// `dynamicLink` as the other formats have it: `DYNAMIC_LINK`.
fn upper(word: &str) -> String {
    if !word.contains(|c: char| c.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut upper = String::with_capacity(word.len() + 4);
    for c in word.chars() {
        if c.is_ascii_uppercase() && !upper.is_empty() && !upper.ends_with('_') {
            upper.push('_');
        }
        upper.push(c.to_ascii_uppercase());
    }
    upper
}

fn attribute<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    let named = |key: &str| key.rsplit(':').next() == Some(name);
    element.attributes.iter().find(|(key, _)| named(key)).map(|(_, value)| value.as_str())
}

/// What a node calls itself, or a property the node behind it.
fn name_of(element: &Element) -> Option<String> {
    let uri = ["about", "resource"].into_iter().find_map(|name| attribute(element, name)).map(str::to_owned);
    let id = || attribute(element, "ID").map(|id| format!("#{id}"));
    let blank = || attribute(element, "nodeID").map(|id| format!("_:{id}"));
    uri.or_else(id).or_else(blank)
}
