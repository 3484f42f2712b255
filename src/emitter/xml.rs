//! XML, written out element by element.

use std::fmt::Write as _;

/// A document in the making, indented by two.
#[derive(Debug)]
pub(super) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    pub(super) fn new() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), open: Vec::new() }
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let indent = self.open.len() * 2;
        let _ = write!(self.text, "{:indent$}<{name}", "");
        for (name, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = write!(self.text, " {name}=\"");
            self.escape(value, true);
            self.text.push('"');
        }
    }

    /// Begins an element. Attributes without a value are left out.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// Ends the element begun last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            let indent = self.open.len() * 2;
            let _ = writeln!(self.text, "{:indent$}</{name}>", "");
        }
    }

    /// An element that holds a text.
    pub(super) fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        self.text.push('>');
        self.escape(text, false);
        let _ = writeln!(self.text, "</{name}>");
    }

    /// An element that holds a text, if there is one.
    pub(super) fn leaf_if(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, &[], text);
        }
    }

    /// An element that holds nothing.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str("/>\n");
    }

    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    /// Line breaks in attributes, and carriage returns anywhere, would not survive a reader. XML has no control
    /// characters at all; a replacement character stands for them.
    fn escape(&mut self, text: &str, in_attribute: bool) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' if in_attribute => self.text.push_str("&quot;"),
                '\n' | '\t' if in_attribute => {
                    let _ = write!(self.text, "&#{};", c as u32);
                }
                '\r' => self.text.push_str("&#13;"),
                '\n' | '\t' => self.text.push(c),
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.text.push('\u{fffd}'),
                c => self.text.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_reserves_is_escaped() {
        let mut xml = Xml::new();
        xml.open("a", &[("x", "1\n\"<"), ("y", "")]);
        xml.leaf("b", &[], "<&>\r\u{1b}\"");
        xml.empty("c", &[("z", "ü")]);
        assert_eq!(
            xml.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a x=\"1&#10;&quot;&lt;\">\n  \
             <b>&lt;&amp;&gt;&#13;\u{fffd}\"</b>\n  <c z=\"ü\"/>\n</a>\n"
        );
    }
}
