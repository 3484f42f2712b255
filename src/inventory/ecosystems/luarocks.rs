//! Rockspecs: what LuaRocks installed, and what a Lua project says of itself.
//!
//! A rockspec is a Lua program that does nothing but set variables; we read the assignments of texts, tables
//! and their joins, and nothing that would have to be run. The version ends in the revision of the rockspec
//! and is kept whole. In a tree of rocks the file is a record of what is installed; elsewhere it is the
//! project's own.
//! Spec: <https://github.com/luarocks/luarocks/blob/main/docs/rockspec_format.md>

use std::collections::HashMap;

use super::super::claims::declared;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problems, nothing_beside};
use crate::bom::{Component, Kind, Presence, Purl};
use crate::layers::Tree;
use crate::licenses::Dialect;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "luarocks",
    about: "Lua packages installed by LuaRocks",
    reads: &["**/*.rockspec"],
    beside: &[],
    spec: "https://github.com/luarocks/luarocks/blob/main/docs/rockspec_format.md",
    parse,
    enrich: nothing_beside,
};

/// Deeper than rockspecs nest.
const DEEPEST: usize = 32;

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let spec = Reader { text: &text, at: 0, known: HashMap::new() }.assignments();
    let Some(Lua::Text(name)) = spec.get("package") else {
        return Err(ParseError::new(None, "sets no `package`"));
    };
    let top = |key: &str| spec.get(key).and_then(Lua::text);
    let described = |key: &str| spec.get("description").and_then(|table| table.get(key)).and_then(Lua::text);
    let mut component = Component::new(name);
    component.version = top("version").map(str::to_owned);
    component.description = described("summary").and_then(|text| text.lines().next()).map(str::to_owned);
    component.homepage = described("homepage").map(str::to_owned);
    component.author = described("maintainer").map(str::to_owned);
    component.licenses.extend(described("license").and_then(|text| declared(text, Dialect::Generic)));
    // `TREE/lib/luarocks/rocks-5.1/NAME/VERSION/NAME-VERSION.rockspec`
    let rocks = file.path.find("/rocks-").or_else(|| file.path.find("/rocks/")).map(|at| &file.path[..at]);
    if rocks.is_some() {
        let purl = Purl::new("luarocks", None, &name.to_lowercase(), component.version.as_deref(), &[]);
        component.purl = Some(purl.map_err(|error| ParseError::new(None, error.to_string()))?);
    } else {
        component.kind = Kind::Application;
        component.first_party = true;
        component.presence = Presence::Declared;
    }
    let address = |name: &str| format!("luarocks:{}:{}", rocks.unwrap_or_default(), name.to_lowercase());
    let mut package = Package::new(component);
    let line = text.lines().position(|line| line.trim_start().starts_with("package"));
    package.line = line.and_then(|line| u32::try_from(line + 1).ok());
    package.addresses = vec![address(name)];
    let wishes = spec.get("dependencies").map_or(&[][..], Lua::items);
    let names = wishes.iter().filter_map(|wish| wish.text()?.split_whitespace().next());
    package.needs = Some(names.filter(|name| *name != "lua").map(|name| Need::of(address(name))).collect());
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

#[derive(Debug, Clone)]
enum Lua {
    Text(String),
    Table(Vec<(Option<String>, Self)>, Vec<Self>),
    /// Anything we do not need.
    Other,
}

impl Lua {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Table(fields, _) => {
                fields.iter().find(|(name, _)| name.as_deref() == Some(key)).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    fn items(&self) -> &[Self] {
        match self {
            Self::Table(_, items) => items,
            _ => &[],
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    known: HashMap<String, Lua>,
}

impl<'a> Reader<'a> {
    /// What is set at the top. Reading stops where something else than an assignment stands.
    fn assignments(mut self) -> HashMap<String, Lua> {
        while self.assignment().is_some() {}
        self.known
    }

    fn assignment(&mut self) -> Option<()> {
        self.space();
        self.takes(";");
        let mut name = self.word()?;
        if name == "local" {
            name = self.word()?;
        }
        if !self.takes("=") {
            return None;
        }
        let value = self.joined(0)?;
        self.known.insert(name.to_owned(), value);
        Some(())
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn takes(&mut self, mark: &str) -> bool {
        self.space();
        let takes = self.rest().starts_with(mark);
        self.at += if takes { mark.len() } else { 0 };
        takes
    }

    /// White space and comments, long ones too.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let blank =
                rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
            self.at += blank;
            let rest = self.rest();
            if let Some(comment) = rest.strip_prefix("--") {
                let end = match long_text(comment) {
                    Some((_, length)) => length,
                    None => comment.find('\n').unwrap_or(comment.len()),
                };
                self.at += 2 + end;
            } else if blank == 0 {
                return;
            }
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        self.space();
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    /// A value, or several texts joined with `..`.
    fn joined(&mut self, depth: usize) -> Option<Lua> {
        let mut value = self.value(depth)?;
        while self.takes("..") {
            let next = self.value(depth)?;
            value = match (value, next) {
                (Lua::Text(one), Lua::Text(other)) => Lua::Text(one + &other),
                _ => Lua::Other,
            };
        }
        Some(value)
    }

    fn value(&mut self, depth: usize) -> Option<Lua> {
        self.space();
        let rest = self.rest();
        match rest.chars().next()? {
            '{' if depth < DEEPEST => self.table(depth),
            quote @ ('"' | '\'') => self.quoted(quote),
            '[' => {
                let (text, length) = long_text(rest)?;
                self.at += length;
                Some(Lua::Text(text.to_owned()))
            }
            '(' if depth < DEEPEST => {
                self.at += 1;
                let value = self.joined(depth + 1)?;
                self.takes(")").then_some(value)
            }
            '-' if depth < DEEPEST => {
                self.at += 1;
                self.value(depth + 1).map(|_| Lua::Other)
            }
            _ => {
                let word = self.word()?;
                // The fraction of a number.
                if !self.rest().starts_with("..") && self.rest().starts_with('.') {
                    self.at += 1;
                    self.word();
                }
                Some(self.known.get(word).cloned().unwrap_or(Lua::Other))
            }
        }
    }

    fn table(&mut self, depth: usize) -> Option<Lua> {
        self.at += 1;
        let (mut fields, mut items) = (Vec::new(), Vec::new());
        loop {
            while self.takes(",") || self.takes(";") {}
            if self.takes("}") {
                return Some(Lua::Table(fields, items));
            }
            match self.key(depth) {
                Some(key) => fields.push((key, self.joined(depth + 1)?)),
                None => items.push(self.joined(depth + 1)?),
            }
        }
    }

    /// `name =` or `["name"] =`; an expression in brackets that is no text has no name.
    fn key(&mut self, depth: usize) -> Option<Option<String>> {
        let start = self.at;
        let key = if self.takes("[") && !self.rest().starts_with(['[', '=']) {
            let key = self.joined(depth + 1).filter(|_| self.takes("]"));
            key.map(|key| key.text().map(str::to_owned))
        } else {
            self.at = start;
            self.word().map(|word| Some(word.to_owned()))
        };
        if key.is_some() && self.takes("=") && !self.rest().starts_with('=') {
            return key;
        }
        self.at = start;
        None
    }

    fn quoted(&mut self, quote: char) -> Option<Lua> {
        let mut text = String::new();
        let mut escaped = false;
        for (at, next) in self.rest().char_indices().skip(1) {
            match next {
                'n' if escaped => text.push('\n'),
                _ if escaped => text.push(next),
                '\\' => {
                    escaped = true;
                    continue;
                }
                _ if next == quote => {
                    self.at += at + 1;
                    return Some(Lua::Text(text));
                }
                _ => text.push(next),
            }
            escaped = false;
        }
        None
    }
}

/// `[[text]]` or `[==[text]==]` at the beginning, and how long it is with its brackets.
fn long_text(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('[')?;
    let level = inner.len() - inner.trim_start_matches('=').len();
    let inner = inner[level..].strip_prefix('[')?;
    let end = format!("]{}]", "=".repeat(level));
    let length = inner.find(&end)?;
    Some((&inner[..length], level + 2 + length + end.len()))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn rocks_of_a_tree_need_each_other() {
        let kong = "package = \"kong\"\nversion = \"3.7.0-0\"\nrockspec_format = \"3.0\"\nsource = {\n  url = \"git+https://github.com/Kong/kong.git\",\n  tag = \"3.7.0\"\n}\n\
                    description = {\n  summary = \"Kong is a scalable API Gateway.\",\n  homepage = \"https://konghq.com\",\n  license = \"Apache 2.0\"\n}\n\
                    dependencies = {\n  \"lua >= 5.1\", -- any\n  \"LPeg == 1.0.2\",\n  \"gone\",\n}\nbuild = { type = \"builtin\", modules = { [\"kong.meta\"] = \"kong/meta.lua\" } }\n";
        let lpeg = "-- LPeg\nlocal v = '1.0.2'\npackage = 'LPeg'\nversion = v .. \"-1\"\ndescription = { license = [[MIT/X11]] }\n";
        check(
            &ECOSYSTEM,
            &[
                ("usr/local/lib/luarocks/rocks-5.1/kong/3.7.0-0/kong-3.7.0-0.rockspec", kong),
                ("usr/local/lib/luarocks/rocks-5.1/lpeg/1.0.2-1/lpeg-1.0.2-1.rockspec", lpeg),
            ],
            expect![[r#"
                pkg:luarocks/kong@3.7.0-0 line 1 declared `Apache 2.0` = Apache-2.0 needs [lpeg@1.0.2-1]
                pkg:luarocks/lpeg@1.0.2-1 line 3 declared `MIT/X11` = LicenseRef-packlist-family-MIT needs []
            "#]],
        );
    }

    #[test]
    fn a_project_is_its_own() {
        let spec = "build = {\n  --[[ a long\n  comment ]]\n  type = \"none\", n = -1.5, f = (\"a\" .. 'b'), t = {1, 2; 3},\n}\npackage = \"build-first\"\nversion = \"1.0-1\"\nif x then end\n";
        check(
            &ECOSYSTEM,
            &[("build-first-1.0-1.rockspec", spec)],
            expect![[r#"
                application:build-first@1.0-1 line 6 application first-party needs []
            "#]],
        );
    }

    #[test]
    fn what_sets_no_package_is_a_gap() {
        let deep = format!("package = {}", "{".repeat(100_000));
        check(
            &ECOSYSTEM,
            &[
                ("a.rockspec", ""),
                ("b.rockspec", "package = \"b"),
                ("c.rockspec", &deep),
                ("d.rockspec", "x = [==[ ]]\npackage = 'd'"),
            ],
            expect![[r#"
                gap a.rockspec: sets no `package`
                gap b.rockspec: sets no `package`
                gap c.rockspec: sets no `package`
                gap d.rockspec: sets no `package`
            "#]],
        );
    }
}
