//! `pom.xml` as it is written: nothing inherited, nothing filled in.
//!
//! Elements come in any order, most may be absent, and old files have no namespace.
//! Spec: <https://maven.apache.org/pom.html>

use std::collections::BTreeMap;

use roxmltree::{Document, Node, ParsingOptions};

use super::super::ParseError;
use super::super::lines::Lines;
use super::{Coordinates, is_plain};

/// No honest project file has more elements.
const MOST_NODES: u32 = 500_000;

/// A project as its file tells of it.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Pom {
    pub(in super::super) group: Option<String>,
    pub(in super::super) artifact: Option<String>,
    pub(in super::super) version: Option<String>,
    pub(in super::super) parent: Option<Parent>,
    pub(in super::super) description: Option<String>,
    pub(in super::super) url: Option<String>,
    pub(in super::super) organization: Option<String>,
    pub(in super::super) scm: Option<String>,
    pub(in super::super) properties: BTreeMap<String, String>,
    pub(in super::super) licenses: Vec<License>,
    pub(in super::super) managed: Vec<Dependency>,
    pub(in super::super) dependencies: Vec<Dependency>,
    /// 1-based line of the project's own artifact id.
    pub(in super::super) line: Option<u32>,
}

#[derive(Debug, Clone, Default)]
pub(in super::super) struct Parent {
    pub(in super::super) group: String,
    pub(in super::super) artifact: String,
    pub(in super::super) version: String,
    /// `../pom.xml` where nothing is written; empty where it is said that the parent lies elsewhere.
    pub(in super::super) path: String,
}

#[derive(Debug, Clone)]
pub(in super::super) struct License {
    pub(in super::super) name: String,
    pub(in super::super) url: String,
    pub(in super::super) line: u32,
}

#[derive(Debug, Clone, Default)]
pub(in super::super) struct Dependency {
    pub(in super::super) group: String,
    pub(in super::super) artifact: String,
    pub(in super::super) version: Option<String>,
    /// `compile`, `test`, …; absent where it is inherited or usual.
    pub(in super::super) scope: Option<String>,
    /// `jar` where nothing is written.
    pub(in super::super) kind: String,
    pub(in super::super) classifier: String,
    pub(in super::super) optional: bool,
    pub(in super::super) line: u32,
}

impl Pom {
    /// # Errors
    /// When the text is not XML, or not a project.
    pub(in super::super) fn parse(text: &str) -> Result<Self, ParseError> {
        let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options).map_err(|error| {
            ParseError::new(error.pos().row, format!("is not the XML expected here: {error}"))
        })?;
        let root = document.root_element();
        if root.tag_name().name() != "project" {
            return Err(ParseError::new(1, "is no Maven project"));
        }
        let lines = Lines::of(text);
        Ok(Reader { lines }.project(root))
    }
}

impl Dependency {
    /// Without a version where there is none that is exact.
    pub(in super::super) fn coordinates(&self) -> Coordinates {
        Coordinates {
            group: self.group.clone(),
            artifact: self.artifact.clone(),
            version: self.version.clone().filter(|version| is_plain(version)),
        }
    }
}

struct Reader {
    lines: Lines,
}

impl Reader {
    fn project(&self, root: Node<'_, '_>) -> Pom {
        let inner = |outer: &str, name: &str| text(element(root, outer)?, name);
        let properties = element(root, "properties").into_iter().flat_map(|node| node.children());
        let properties = properties.filter(Node::is_element).map(|node| {
            (node.tag_name().name().to_owned(), node.text().unwrap_or_default().trim().to_owned())
        });
        Pom {
            group: text(root, "groupId"),
            artifact: text(root, "artifactId"),
            version: text(root, "version"),
            parent: element(root, "parent").map(parent),
            description: text(root, "description"),
            url: text(root, "url"),
            organization: inner("organization", "name"),
            scm: inner("scm", "url").or_else(|| inner("scm", "connection")),
            properties: properties.collect(),
            licenses: elements(root, "licenses", "license").map(|node| self.license(node)).collect(),
            managed: element(root, "dependencyManagement")
                .into_iter()
                .flat_map(|node| elements(node, "dependencies", "dependency"))
                .map(|node| self.dependency(node))
                .collect(),
            dependencies: elements(root, "dependencies", "dependency")
                .map(|node| self.dependency(node))
                .collect(),
            line: element(root, "artifactId").map(|node| self.line(node)),
        }
    }

    fn line(&self, node: Node<'_, '_>) -> u32 {
        self.lines.line(node.range().start)
    }

    fn license(&self, node: Node<'_, '_>) -> License {
        License {
            name: text(node, "name").unwrap_or_default(),
            url: text(node, "url").unwrap_or_default(),
            line: self.line(node),
        }
    }

    fn dependency(&self, node: Node<'_, '_>) -> Dependency {
        Dependency {
            group: text(node, "groupId").unwrap_or_default(),
            artifact: text(node, "artifactId").unwrap_or_default(),
            version: text(node, "version"),
            scope: text(node, "scope"),
            kind: text(node, "type").unwrap_or_else(|| "jar".to_owned()),
            classifier: text(node, "classifier").unwrap_or_default(),
            optional: text(node, "optional").is_some_and(|optional| optional == "true"),
            line: self.line(node),
        }
    }
}

fn parent(node: Node<'_, '_>) -> Parent {
    let path = match element(node, "relativePath") {
        Some(path) => path.text().unwrap_or_default().trim().to_owned(),
        None => "../pom.xml".to_owned(),
    };
    Parent {
        group: text(node, "groupId").unwrap_or_default(),
        artifact: text(node, "artifactId").unwrap_or_default(),
        version: text(node, "version").unwrap_or_default(),
        path,
    }
}

fn element<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

fn elements<'a, 'input>(
    node: Node<'a, 'input>,
    list: &str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> + use<'a, 'input> {
    let children = element(node, list).into_iter().flat_map(|list| list.children());
    children.filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The text of an element; `None` where it is absent or empty.
fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = element(node, name)?.text()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_read_whatever_the_order_and_the_namespace() {
        let pom = Pom::parse(
            "<project xmlns='http://maven.apache.org/POM/4.0.0'>\n<dependencies><dependency>\
             <artifactId>a</artifactId><groupId> g </groupId></dependency></dependencies>\n\
             <parent><groupId>p</groupId><artifactId>q</artifactId><version>1</version><relativePath/></parent>\n\
             <artifactId>self</artifactId><properties><a.b>1</a.b><empty/></properties></project>",
        )
        .expect("a project");
        assert_eq!((pom.artifact.as_deref(), pom.group, pom.line), (Some("self"), None, Some(4)));
        assert_eq!((pom.dependencies[0].group.as_str(), pom.dependencies[0].line), ("g", 2));
        assert_eq!(pom.parent.map(|parent| parent.path).as_deref(), Some(""));
        assert_eq!(pom.properties["a.b"], "1");
    }

    #[test]
    fn what_is_no_project_is_an_error_with_its_line() {
        let error = |text: &str| Pom::parse(text).map(|_| ()).expect_err("broken");
        assert_eq!(error("<project>\n<a></project>").line, Some(2));
        assert_eq!(error("<html/>").reason, "is no Maven project");
        assert!(error("<!DOCTYPE project [<!ENTITY a 'b'>]><project>&a;</project>").reason.contains("DTD"));
    }

    #[test]
    fn depth_does_not_overflow() {
        let deep = format!("<project>{}", "<a>".repeat(400_000));
        assert!(Pom::parse(&deep).is_err());
        let deep = format!("<project>{}{}</project>", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert!(Pom::parse(&deep).is_ok());
    }
}
