//! Comma-separated values: a component a line, for spreadsheets.
//!
//! What only lower layers hold is listed too, and says so. Several values of one field are parted by `; `.
//! Spec: <https://www.rfc-editor.org/rfc/rfc4180>

use super::{Format, Stamp};
use crate::bom::{Bom, Component, is_unseen};

pub(super) const FORMAT: Format = Format {
    name: "csv",
    about: "comma-separated values, a component a line",
    emit: |bom, stamp| csv(bom, stamp),
};

const HEADING: [&str; 12] = [
    "name", "version", "type", "purl", "licence", "supplier", "author", "scope", "presence", "layer",
    "hidden", "seen at",
];

fn csv(bom: &Bom, _: &Stamp) -> String {
    let mut text = line(&HEADING.map(str::to_owned));
    for component in bom.components.values() {
        text.push_str(&line(&row(component)));
    }
    text
}

fn row(component: &Component) -> [String; HEADING.len()] {
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let licenses = component
        .statements()
        .map(|claim| claim.expression.as_ref().map_or(claim.text.clone(), ToString::to_string));
    let places = component.evidence.iter().map(|place| match place.line {
        Some(line) => format!("{}:{line}", place.path),
        None => place.path.clone(),
    });
    [
        component.name.clone(),
        given(&component.version),
        component.kind.name().to_owned(),
        component.purl.as_ref().map(ToString::to_string).unwrap_or_default(),
        licenses.collect::<Vec<_>>().join("; "),
        given(&component.supplier),
        given(&component.author),
        component.scope.name().to_owned(),
        component.presence.name().to_owned(),
        component.layer.map(|layer| layer.to_string()).unwrap_or_default(),
        component.hidden.as_ref().map(|hidden| hidden.layer.to_string()).unwrap_or_default(),
        places.collect::<Vec<_>>().join("; "),
    ]
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    let seen: String =
        cell.replace("\r\n", "\n").chars().map(|c| if is_steering(c) { '\u{FFFD}' } else { c }).collect();
    let seen = if is_formula(&seen) { format!("'{seen}") } else { seen };
    let cell = seen.as_str();
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// What a terminal would obey, or nobody would see. Line breaks are text: a quoted cell may have them.
fn is_steering(c: char) -> bool {
    !matches!(c, '\n' | '\t') && is_unseen(c)
}

/// Whether a spreadsheet would take a cell for a formula that does something. `@scope/name` and `-` are none; an
/// apostrophe before the others makes them the text they are.
fn is_formula(cell: &str) -> bool {
    let does_something = |c: char| matches!(c, '(' | '|' | '!' | '"' | '\'' | '=' | '&' | ';');
    match cell.trim_start_matches(|c: char| c.is_whitespace() || c.is_control()).chars().next() {
        Some('=') => true,
        Some('+' | '-' | '@') => cell.contains(does_something),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commas_and_quotes_would_break_is_quoted() {
        let mut component = Component::new("a,b");
        component.author = Some("the \"one\"\nand only".to_owned());
        let bom = Bom { components: [(component.reference(), component)].into(), ..Bom::default() };
        assert_eq!(
            csv(&bom, &Stamp::default()),
            "name,version,type,purl,licence,supplier,author,scope,presence,layer,hidden,seen at\r\n\
             \"a,b\",,library,,,,\"the \"\"one\"\"\nand only\",required,installed,,,\r\n"
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "+HYPERLINK(1)", "-2+3+cmd|x", "\t=1", " =1"]
        {
            assert_eq!(quoted(formula).trim_start_matches('"').chars().next(), Some('\''), "{formula}");
        }
        for text in ["@scope/name", "-", "+build.1", "-1", "a=b", "1.0"] {
            assert_eq!(quoted(text), text);
        }
    }
}
