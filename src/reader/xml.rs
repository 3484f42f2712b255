//! XML as small trees: the elements of a document one after the other, each with all that is in it.
//!
//! No document type is obeyed and no entity is expanded but the five of XML and characters by number.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// How deep elements may lie inside each other.
const DEEPEST: usize = 200;

/// An element. Names are without their prefix.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// All text directly in it, put together.
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Its children of that name.
    pub(super) fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Its text; the white space around it goes where it was only there to indent.
    pub(super) fn trimmed(&self) -> &str {
        if self.text.contains('\n') { self.text.trim() } else { &self.text }
    }
}

/// Why it is no XML, and in which line.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) line: usize,
    pub(super) what: String,
}

/// The elements of a document.
pub(super) struct Elements<R> {
    reader: Reader<Lines<R>>,
    buffer: Vec<u8>,
}

/// Counts the lines that are read.
struct Lines<R> {
    inner: R,
    ended: usize,
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.ended += memchr::memchr_iter(b'\n', &into[..count]).count();
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        // What is consumed lies in the buffer, so this reads nothing.
        if let Ok(buffer) = self.inner.fill_buf() {
            self.ended += memchr::memchr_iter(b'\n', &buffer[..count.min(buffer.len())]).count();
        }
        self.inner.consume(count);
    }
}

/// What comes next inside an element.
pub(super) enum Next {
    Start(Element),
    End,
}

impl<R: BufRead> Elements<R> {
    /// Goes to the root, and gives it without what is in it.
    pub(super) fn of(input: R) -> Result<(Element, Self), Broken> {
        let reader = Reader::from_reader(Lines { inner: input, ended: 0 });
        let mut elements = Self { reader, buffer: Vec::new() };
        elements.reader.config_mut().expand_empty_elements = true;
        match elements.next()? {
            Next::Start(root) => Ok((root, elements)),
            Next::End => Err(elements.broken("it has no root")),
        }
    }

    /// The next element at this height, without what is in it, or the end of the one we are in.
    pub(super) fn next(&mut self) -> Result<Next, Broken> {
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Start(start)) => return Ok(Next::Start(element(&start))),
                Ok(Event::End(_)) => return Ok(Next::End),
                Ok(Event::Eof) => return Err(self.broken("it ends in the middle")),
                Ok(_) => {}
                Err(error) => return Err(self.broken(error)),
            }
        }
    }

    /// Reads all that is in an element just begun.
    pub(super) fn fill(&mut self, start: Element) -> Result<Element, Broken> {
        let mut open = vec![start];
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            let depth = open.len();
            let Some(here) = open.last_mut() else { return Err(self.broken("an end has no beginning")) };
            let event = match event {
                Ok(event) => event,
                Err(error) => return Err(self.broken(error)),
            };
            match event {
                Event::Start(start) if depth < DEEPEST => open.push(element(&start)),
                Event::Start(_) => return Err(self.broken("elements lie too deep in each other")),
                Event::Text(text) => here.text.push_str(&decoded(&text)),
                Event::CData(text) => here.text.push_str(&decoded(&text)),
                Event::GeneralRef(entity) => {
                    let character = entity.resolve_char_ref().ok().flatten();
                    let name = decoded(&entity).into_owned();
                    match character.or_else(|| named(&name)) {
                        Some(character) => here.text.push(character),
                        None => here.text.push_str(&format!("&{name};")),
                    }
                }
                Event::End(_) => {
                    let done = open.pop().unwrap_or_default();
                    match open.last_mut() {
                        Some(outer) => outer.children.push(done),
                        None => return Ok(done),
                    }
                }
                Event::Eof => return Err(self.broken("it ends in the middle")),
                _ => {}
            }
        }
    }

    /// Steps over all that is in an element just begun.
    pub(super) fn skip(&mut self) -> Result<(), Broken> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next()? {
                Next::Start(_) => depth += 1,
                Next::End => depth -= 1,
            }
        }
        Ok(())
    }

    fn broken(&self, what: impl ToString) -> Broken {
        Broken { line: 1 + self.reader.get_ref().ended, what: what.to_string() }
    }
}

fn element(start: &BytesStart) -> Element {
    let local = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().map(|attribute| {
        let raw = String::from_utf8_lossy(&attribute.value).into_owned();
        let value = quick_xml::escape::unescape(&raw).map_or_else(|_| raw.clone(), Cow::into_owned);
        (String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value)
    });
    Element {
        name: local(start.local_name().as_ref()),
        attributes: attributes.collect(),
        ..Element::default()
    }
}

fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn named(entity: &str) -> Option<char> {
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Element, Broken> {
        let (root, mut elements) = Elements::of(text.as_bytes())?;
        elements.fill(root)
    }

    #[test]
    fn text_is_put_together_from_its_parts() {
        let root =
            read("<?xml version='1.0'?><!-- a --><p:a x='1&amp;2'>b&lt;&#99;<![CDATA[<d>]]><e/>&apos;</p:a>")
                .expect("it is XML");
        assert_eq!((root.name.as_str(), root.text.as_str()), ("a", "b<c<d>'"));
        assert_eq!(root.attribute("x"), Some("1&2"));
        assert_eq!(root.children.len(), 1);
    }

    #[test]
    fn no_entity_is_expanded() {
        let root = read("<!DOCTYPE a [<!ENTITY e 'boom'>]><a>&e;</a>").expect("it is XML");
        assert_eq!(root.text, "&e;");
    }

    #[test]
    fn what_is_cut_short_or_too_deep_is_no_document() {
        assert_eq!(read("<a><b>").expect_err("it is cut short").what, "it ends in the middle");
        assert!(read("").is_err());
        assert!(read(&"<a>".repeat(1000)).expect_err("it is deep").what.contains("too deep"));
        assert!(read("<a></b>").is_err());
    }
}
