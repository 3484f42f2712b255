//! Paragraphs of `Field: value`, as dpkg, apt and opkg keep them.
//!
//! Real files break their own rules: distroless images hold descriptions whose continuation lines lost
//! their indentation, and blank lines inside them.
//! Spec: <https://www.debian.org/doc/debian-policy/ch-controlfields.html>

use super::{Problem, Problems};

/// One paragraph, continuation lines joined with newlines.
pub(super) struct Stanza<'a> {
    /// 1-based.
    pub(super) line: u32,
    fields: Vec<(&'a str, String)>,
}

impl Stanza<'_> {
    /// Field names know no case. dpkg writes no field twice; what stands again further down is text that
    /// lost its indentation, so the first is right.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// What to make of a line that is neither a field nor indented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stray {
    /// It belongs to the field above, or below a blank line to the paragraph above.
    Continues,
    /// It is an error; the first of each paragraph is told.
    Told,
}

pub(super) fn stanzas<'a>(text: &'a str, stray: Stray, problems: &mut Problems) -> Vec<Stanza<'a>> {
    let mut stanzas: Vec<Stanza<'a>> = Vec::new();
    let mut open = false;
    let mut told = false;
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        if !open {
            stanzas.push(Stanza { line: number, fields: Vec::new() });
            (open, told) = (true, false);
        }
        let after_a_blank_line = stanzas.len() > 1;
        let Some(stanza) = stanzas.last_mut() else { continue };
        if let Some((name, value)) = field(line) {
            stanza.fields.push((name, value.trim().to_owned()));
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        match stanza.fields.last_mut() {
            Some((_, value)) if indented || stray == Stray::Continues => {
                value.push('\n');
                value.push_str(line.trim());
            }
            _ if told || (stray == Stray::Continues && after_a_blank_line) => {}
            _ => {
                told = true;
                let reason = if indented { "continues no field" } else { "is not `Field: value`" };
                problems.push(Problem::new(number, reason));
            }
        }
    }
    stanzas
}

/// A field's name has no spaces; a sentence with a colon in it has.
fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    is_name.then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_continues_and_case_does_not_count() {
        let stanzas = stanzas(
            "Package: a\r\nDESCRIPTION: x\n\tmore: y\n\nPackage: b\n",
            Stray::Told,
            &mut Problems::new(),
        );
        assert_eq!(stanzas[0].get("description"), Some("x\nmore: y"));
        assert_eq!((stanzas[1].line, stanzas[1].get("Package")), (5, Some("b")));
    }

    #[test]
    fn text_that_lost_its_indentation_is_no_field_and_no_error() {
        let text = "Package: a\nVersion: 1\nDescription: x\nThis package holds: much\nVersion: 9\n* one\n";
        let mut problems = Problems::new();
        let stanzas = stanzas(text, Stray::Continues, &mut problems);
        assert_eq!(stanzas[0].get("Version"), Some("1"));
        assert_eq!(stanzas[0].get("Description"), Some("x\nThis package holds: much"));
        assert!(problems.is_empty());
    }

    #[test]
    fn a_paragraph_of_rubbish_is_told_once() {
        let mut problems = Problems::new();
        stanzas("Package: a\nx\ny\nz\n\n w\nv\n", Stray::Told, &mut problems);
        let lines: Vec<_> = problems.iter().filter_map(|problem| problem.line).collect();
        assert_eq!(lines, [2, 6]);
    }
}
