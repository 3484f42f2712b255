//! opam files: what is installed in a switch, and what an OCaml project says of itself.
//!
//! A switch keeps the file of each package under `packages/NAME.VERSION/opam`; what somebody asked for stands
//! in its `switch-state`. A `NAME.opam` is a project's own; a `NAME.opam.locked` pins everything it needs.
//! Licences are a text, or a list of which all count.
//! Spec: <https://opam.ocaml.org/doc/Manual.html#opam>

use super::super::claims::declared;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, nothing_beside};
use crate::bom::{Component, Kind, Presence, Purl};
use crate::layers::Tree;
use crate::licenses::Dialect;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "opam",
    about: "OCaml packages installed by opam or pinned in *.opam.locked",
    reads: &["**/.opam-switch/packages/*/opam", "**/*.opam", "**/*.opam.locked"],
    beside: &["**/.opam-switch/switch-state"],
    spec: "https://opam.ocaml.org/doc/Manual.html#opam",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let fields = fields(&text);
    let field = |name: &str| fields.iter().find(|field| field.name == name);
    if field("opam-version").is_none() {
        return Err(ParseError::new(None, "has no `opam-version`"));
    }
    let base = file.path.rsplit('/').next().unwrap_or_default();
    let installed = base == "opam";
    let (name, version) = if installed {
        let folder = file.folder().rsplit('/').next().unwrap_or_default();
        folder.split_once('.').map_or((folder, None), |(name, version)| (name, Some(version)))
    } else {
        (base.trim_end_matches(".locked").trim_end_matches(".opam"), None)
    };
    let text_of =
        |name: &str| field(name).and_then(|field| field.values.first()).map(|value| value.text.as_str());
    let name = text_of("name").unwrap_or(name);
    let mut component = Component::new(name);
    component.version = version.or_else(|| text_of("version")).map(str::to_owned);
    component.description = text_of("synopsis").map(str::to_owned);
    component.homepage = text_of("homepage").map(str::to_owned);
    component.author = text_of("authors").map(str::to_owned);
    component.vcs = text_of("dev-repo").map(str::to_owned);
    let licenses: Vec<&str> = field("license")
        .into_iter()
        .flat_map(|field| &field.values)
        .map(|value| value.text.as_str())
        .collect();
    component.licenses.extend(declared(&licenses.join(" AND "), Dialect::Spdx));
    let mut parsed = Parsed::default();
    let switch = file.path.find(".opam-switch/").map_or("", |at| &file.path[..at]);
    let address = |name: &str| format!("opam:{switch}#{}#{name}", if installed { "" } else { file.path });
    if installed {
        let version = component.version.as_deref();
        let purl = Purl::new("opam", None, name, version, &[]);
        component.purl = Some(purl.map_err(|error| ParseError::new(None, error.to_string()))?);
        let state = tree.read(&format!("{switch}.opam-switch/switch-state"));
        component.asked_for = state.is_some_and(|state| {
            let whole = format!("\"{name}.{}\"", version.unwrap_or_default());
            let state = String::from_utf8_lossy(state);
            // `roots: ["fmt.0.9.0" …]`
            let roots = state.split("\nroots: [").nth(1).and_then(|roots| roots.split(']').next());
            roots.is_some_and(|roots| roots.contains(&whole))
        });
    } else {
        component.kind = Kind::Application;
        component.first_party = true;
        component.presence = Presence::Declared;
    }
    let depends = field("depends").map_or(&[][..], |field| &field.values);
    let mut package = Package::new(component);
    package.line = field("name").or_else(|| field("opam-version")).map(|field| field.line);
    package.addresses = vec![address(name)];
    package.needs = Some(depends.iter().map(|value| Need::of(address(&value.text))).collect());
    parsed.packages.push(package);
    if base.ends_with(".locked") {
        parsed.packages.extend(depends.iter().filter_map(|value| pinned(value, &address(&value.text))));
    }
    Ok(parsed)
}

/// `"fmt" {= "0.9.0"}`
fn pinned(value: &Value, address: &str) -> Option<Package> {
    let version = value.filter.trim().strip_prefix('=')?.trim().split('"').nth(1)?;
    let mut component = Component::new(&value.text);
    component.version = Some(version.to_owned());
    component.purl = Some(Purl::new("opam", None, &value.text, Some(version), &[]).ok()?);
    component.presence = Presence::Declared;
    let mut package = Package::new(component);
    package.line = Some(value.line);
    package.addresses = vec![address.to_owned()];
    Some(package)
}

struct Field<'a> {
    name: &'a str,
    line: u32,
    values: Vec<Value>,
}

/// A text, with the condition in braces that stands behind it.
struct Value {
    text: String,
    filter: String,
    line: u32,
}

/// Fields at the top, with every text in their value. What else a value holds does not matter to us.
fn fields(text: &str) -> Vec<Field<'_>> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    let mut reader = Reader { text, at: 0, line: 1 };
    let mut braces = 0u32;
    while let Some(token) = reader.token() {
        match token {
            Token::Field(name) if braces == 0 => {
                fields.push(Field { name, line: reader.line, values: Vec::new() });
            }
            Token::Text(text) if braces == 0 => {
                let value = Value { text, filter: String::new(), line: reader.line };
                if let Some(field) = fields.last_mut() {
                    field.values.push(value);
                }
            }
            Token::Open => braces += 1,
            Token::Close => braces = braces.saturating_sub(1),
            token if braces > 0 => {
                let value = fields.last_mut().and_then(|field| field.values.last_mut());
                if let Some(value) = value.filter(|value| value.filter.len() < 200) {
                    match token {
                        Token::Text(text) => value.filter.push_str(&format!("\"{text}\"")),
                        Token::Other(text) | Token::Field(text) => value.filter.push_str(text),
                        Token::Open | Token::Close => {}
                    }
                }
            }
            _ => {}
        }
    }
    fields
}

enum Token<'a> {
    /// A word with a colon behind it.
    Field(&'a str),
    Text(String),
    Open,
    Close,
    Other(&'a str),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let taken = &self.text[self.at..self.at + length];
        self.at += length;
        self.line += u32::try_from(taken.matches('\n').count()).unwrap_or(0);
        taken
    }

    fn token(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = &self.text[self.at..];
            let first = rest.chars().next()?;
            if first.is_whitespace() {
                self.take(first.len_utf8());
            } else if first == '#' {
                self.take(rest.find('\n').unwrap_or(rest.len()));
            } else {
                return Some(self.token_at(first));
            }
        }
    }

    fn token_at(&mut self, first: char) -> Token<'a> {
        let rest = &self.text[self.at..];
        if let Some(text) = rest.strip_prefix("\"\"\"") {
            let length = text.find("\"\"\"").unwrap_or(text.len());
            let text = text[..length].trim().to_owned();
            self.take((length + 6).min(rest.len()));
            return Token::Text(text);
        }
        match first {
            '"' => self.quoted(),
            '{' | '}' => {
                self.take(1);
                if first == '{' { Token::Open } else { Token::Close }
            }
            _ => {
                let is_word = |c: char| c.is_alphanumeric() || "-_+".contains(c);
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                if length == 0 {
                    return Token::Other(self.take(first.len_utf8()));
                }
                let word = self.take(length);
                // `name:variable` is a variable of a package, `name: value` a field.
                if self.text[self.at..].starts_with(": ") || self.text[self.at..].starts_with(":\n") {
                    self.take(1);
                    return Token::Field(word);
                }
                Token::Other(word)
            }
        }
    }

    fn quoted(&mut self) -> Token<'a> {
        let rest = &self.text[self.at..];
        let mut text = String::new();
        let mut escaped = false;
        for (at, next) in rest.char_indices().skip(1) {
            match next {
                _ if escaped => {
                    text.push(next);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.take(at + 1);
                    return Token::Text(text);
                }
                _ => text.push(next),
            }
        }
        self.take(rest.len());
        Token::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn packages_of_a_switch_need_each_other() {
        let fmt = "opam-version: \"2.0\"\nname: \"fmt\"\nversion: \"0.9.0\"\nsynopsis: \"OCaml Format pretty-printer\"\nlicense: \"ISC\"\n\
                   depends: [\n  \"ocaml\" {>= \"4.08.0\"}\n  \"topkg\" {build & >= \"0.9.0\"}\n  \"base-unix\"\n]\nbuild: [[\n  \"ocaml\" \"pkg/pkg.ml\" \"build\" ]]\n";
        let ocaml = "opam-version: \"2.0\"\nlicense: [\"LGPL-2.1-or-later WITH OCaml-LGPL-linking-exception\" \"MIT\"]\ndescription: \"\"\"\ndepends: [ \"fmt\" ]\n\"\"\"\n";
        check(
            &ECOSYSTEM,
            &[
                ("root/.opam/4.14/.opam-switch/packages/fmt.0.9.0/opam", fmt),
                ("root/.opam/4.14/.opam-switch/packages/ocaml.4.14.0/opam", ocaml),
                (
                    "root/.opam/4.14/.opam-switch/switch-state",
                    "opam-version: \"2.0\"\nroots: [\"fmt.0.9.0\"]\ninstalled: [\"fmt.0.9.0\" \"ocaml.4.14.0\"]\n",
                ),
            ],
            expect![[r#"
                pkg:opam/fmt@0.9.0 line 2 declared `ISC` needs [ocaml@4.14.0]
                pkg:opam/ocaml@4.14.0 line 1 declared `LGPL-2.1-or-later WITH OCaml-LGPL-linking-exception AND MIT` needs []
            "#]],
        );
    }

    #[test]
    fn a_locked_file_pins_what_a_project_needs() {
        let locked = "opam-version: \"2.0\"\nname: \"mine\"\nversion: \"dev\"\ndepends: [\n  \"fmt\" {= \"0.9.0\"}\n  \"odoc\" {= \"2.0\" & with-doc}\n  \"free\"\n]\n";
        check(
            &ECOSYSTEM,
            &[("mine.opam.locked", locked), ("other.opam", "opam-version: \"2.0\"\nlicense: \"MIT\"")],
            expect![[r#"
                application:mine@dev line 2 application first-party needs [fmt@0.9.0, odoc@2.0]
                application:other line 1 application first-party declared `MIT` needs []
                pkg:opam/fmt@0.9.0 line 5
                pkg:opam/odoc@2.0 line 6
            "#]],
        );
    }

    #[test]
    fn what_is_no_opam_file_is_a_gap() {
        let deep = format!("opam-version: \"2.0\"\ndepends: {}", "[{(\"".repeat(10_000));
        check(
            &ECOSYSTEM,
            &[("a.opam", "{}"), ("b.opam", "opam-version: \"2.0\"\nlicense: \"M"), ("c.opam", &deep)],
            expect![[r#"
                application:b line 1 application first-party declared `M` = LicenseRef-spdx-M needs []
                application:c line 1 application first-party needs []
                gap a.opam: has no `opam-version`
            "#]],
        );
    }
}
