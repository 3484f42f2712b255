//! `META-INF/MANIFEST.MF`: what an archive of Java says of itself.
//!
//! Lines are cut at 72 bytes, wherever that falls, and go on behind one blank. Only the main section counts;
//! it ends at the first empty line.
//! Spec: <https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest>

use std::collections::BTreeMap;

/// The main section, by lower-case name.
#[derive(Debug, Default, Clone)]
pub(in super::super) struct Manifest {
    values: BTreeMap<String, String>,
}

impl Manifest {
    pub(in super::super) fn parse(bytes: &[u8]) -> Self {
        let mut joined: Vec<Vec<u8>> = Vec::new();
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match (line.strip_prefix(b" "), joined.last_mut()) {
                (Some(rest), Some(last)) => last.extend_from_slice(rest),
                _ if line.is_empty() => break,
                _ => joined.push(line.to_vec()),
            }
        }
        let values = joined.iter().filter_map(|line| {
            let line = String::from_utf8_lossy(line);
            let (name, value) = line.split_once(':')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        });
        Self { values: values.collect() }
    }

    /// A value; `None` where it is absent, empty, or was never filled in.
    pub(in super::super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name)?.as_str();
        (!value.is_empty() && !value.contains("${") && value != "unspecified").then_some(value)
    }

    /// The first of several that has a value.
    pub(in super::super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The name of the OSGi bundle, without its directives: `org.example.x;singleton:=true`.
    pub(in super::super) fn symbolic_name(&self) -> Option<&str> {
        let name = self.get("bundle-symbolicname")?.split(';').next()?.trim();
        (!name.is_empty()).then_some(name)
    }

    /// Licences as they are named. A bundle's are separated by commas; each is a name or a URL, perhaps with
    /// attributes behind semicolons. Jenkins plugins number theirs.
    pub(in super::super) fn licenses(&self) -> Vec<String> {
        let bundle = self.get("bundle-license").into_iter().flat_map(clauses);
        let mut licenses: Vec<String> = bundle.map(|clause| license_of(&clause)).collect();
        let plugin = |number: usize| match number {
            1 => self.get("plugin-license-name"),
            number => self.get(&format!("plugin-license-name-{number}")),
        };
        licenses.extend((1..=16).map_while(plugin).map(str::to_owned));
        licenses.retain(|license| !license.is_empty());
        licenses
    }
}

/// Parts between commas that do not stand in quotes.
fn clauses(value: &str) -> Vec<String> {
    // Many write the name of one licence here, comma and all: `Apache License, Version 2.0`.
    if !value.contains(';') && !value.contains("://") {
        return vec![value.to_owned()];
    }
    let mut clauses = vec![String::new()];
    let mut quoted = false;
    for letter in value.chars() {
        quoted ^= letter == '"';
        match (letter, clauses.last_mut()) {
            (',', _) if !quoted => clauses.push(String::new()),
            (letter, Some(clause)) => clause.push(letter),
            (_, None) => {}
        }
    }
    clauses
}

/// The licence of `name;link="url";description="text"`.
fn license_of(clause: &str) -> String {
    let name = clause.split(';').next().unwrap_or_default().trim().trim_matches('"');
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_line_goes_on_behind_one_blank() {
        let manifest = Manifest::parse(
            b"Manifest-Version: 1.0\r\nBundle-SymbolicName: org.exam\r\n ple.x;singleton:=true\r\nImplementation-Title: A\r\n  b\r\n\r\nName: other\r\nImplementation-Version: 9\r\n",
        );
        assert_eq!(manifest.symbolic_name(), Some("org.example.x"));
        assert_eq!(manifest.get("implementation-title"), Some("A b"));
        assert_eq!(manifest.get("implementation-version"), None);
    }

    #[test]
    fn licences_of_bundles_and_plugins() {
        let licenses = |text: &str| Manifest::parse(text.as_bytes()).licenses();
        assert_eq!(licenses("Bundle-License: Apache License, Version 2.0"), ["Apache License, Version 2.0"]);
        assert_eq!(
            licenses("Bundle-License: \"EPL-2.0\";link=\"https://e.org/a,b\",https://gnu.org/x.html"),
            ["EPL-2.0", "https://gnu.org/x.html"]
        );
        assert_eq!(licenses("Plugin-License-Name: A\nPlugin-License-Name-2: B\n"), ["A", "B"]);
        assert_eq!(licenses("Bundle-License: ${license}\n"), [""; 0]);
    }

    #[test]
    fn what_is_no_manifest_says_nothing() {
        assert_eq!(Manifest::parse(b"\x00\xff\xfe: x\n  \n:::\n").symbolic_name(), None);
        assert_eq!(Manifest::parse(b"").first(&["a", "b"]), None);
    }
}
