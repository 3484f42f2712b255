//! Conan's lockfiles and requirement lists for C and C++: `conan.lock`, `conanfile.txt`, `conaninfo.txt`.
//!
//! The first kind of lock is a graph, the second two lists without edges. What is needed to build only is for
//! development. A reference is `name/version@user/channel#revision:package%time`; revisions and packages are
//! of the recipe, not of the library, and are left out of the purl. A range (`[>=1.0]`) is no version. A lock may
//! have any name (`--lockfile-out=release.lock`): other tools' are told apart by what they hold.
//! Spec: <https://docs.conan.io/2/reference/conanfile_txt.html>

use std::collections::HashMap;

use super::super::json;
use super::super::lines::Lines;
use super::super::value::Value;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Presence, Purl, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "conan",
    about: "Conan packages in conan.lock (or under another name), conanfile.txt or conaninfo.txt",
    reads: &["**/*.lock", "**/conanfile.txt", "**/conaninfo.txt"],
    beside: &[],
    spec: "https://docs.conan.io/2/reference/conanfile_txt.html",
    parse,
    enrich: nothing_beside,
};

/// What only locks of Conan's hold, its first and second.
const MARKS: &[&str] = &["\"graph_lock\"", "\"python_requires\""];

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    if file.path.ends_with(".txt") {
        return Ok(sections(&text));
    }
    let is_named = file.path.rsplit('/').next() == Some("conan.lock");
    let is_marked = || text.starts_with('{') && MARKS.iter().any(|mark| text.contains(mark));
    if !is_named && !is_marked() {
        return Ok(Parsed::default());
    }
    let lock = json::parse(&text)?;
    let lines = Lines::of(&text);
    match lock.get("graph_lock").and_then(|graph| graph.get("nodes")) {
        Some(nodes) => Ok(graph(file, nodes, &lines)),
        None if lock.get("requires").is_some() => Ok(lists(&lock, &lines)),
        None => Err(ParseError::new(None, "has neither `graph_lock` nor `requires`")),
    }
}

fn graph(file: &File<'_>, nodes: &Value<'_>, lines: &Lines) -> Parsed {
    let address = |id: &str| format!("conan:{}#{id}", file.path);
    let mut parsed = Parsed::default();
    let mut asked: HashMap<String, bool> = HashMap::new();
    for node in nodes.members() {
        let needed = || ["requires", "build_requires"].into_iter().flat_map(|key| node.value.texts(key));
        // The project itself has no reference, only the path of its file.
        let Some(reference) = node.value.field("ref") else {
            asked.extend(needed().map(|id| (address(id), true)));
            continue;
        };
        let line = lines.line(node.at);
        match package(reference) {
            Ok(mut package) => {
                package.line = Some(line);
                package.addresses = vec![address(&node.key)];
                package.needs = Some(needed().map(|id| Need::of(address(id))).collect());
                package.scope = (node.value.field("context") == Some("build")).then_some(Scope::Dev);
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    for package in &mut parsed.packages {
        package.component.asked_for = package.addresses.iter().any(|address| asked.contains_key(address));
    }
    parsed
}

fn lists(lock: &Value<'_>, lines: &Lines) -> Parsed {
    let mut parsed = Parsed::default();
    for (list, scope) in [
        ("requires", Scope::Required),
        ("build_requires", Scope::Dev),
        ("python_requires", Scope::Dev),
        ("config_requires", Scope::Dev),
    ] {
        for item in lock.get(list).map_or(&[][..], Value::items) {
            add(&mut parsed, item.as_str().unwrap_or_default(), lines.line(item.at), scope);
        }
    }
    parsed
}

/// `conanfile.txt` lists wishes, `conaninfo.txt` what they became.
fn sections(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let became = text.lines().any(|line| line.trim() == "[full_requires]");
    let mut scope = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.starts_with('[') && line.ends_with(']') {
            scope = match line {
                "[full_requires]" => Some(Scope::Required),
                "[requires]" if !became => Some(Scope::Required),
                "[build_requires]" | "[tool_requires]" | "[test_requires]" => Some(Scope::Dev),
                _ => None,
            };
        } else if let Some(scope) = scope.filter(|_| !line.is_empty() && !line.starts_with('#')) {
            add(&mut parsed, line, u32::try_from(index + 1).unwrap_or(u32::MAX), scope);
        }
    }
    parsed
}

fn add(parsed: &mut Parsed, reference: &str, line: u32, scope: Scope) {
    match package(reference) {
        Ok(mut package) => {
            package.line = Some(line);
            package.scope = Some(scope);
            parsed.packages.push(package);
        }
        Err(reason) => parsed.problems.push(Problem::new(line, reason)),
    }
}

fn package(reference: &str) -> Result<Package, String> {
    let bare = reference.split(['#', '%', ':']).next().unwrap_or_default();
    let (package, place) = bare.split_once('@').unwrap_or((bare, ""));
    let (name, version) =
        package.split_once('/').ok_or_else(|| format!("`{reference}` is not `name/version`"))?;
    if version.starts_with('[') {
        return Err(format!("asks for `{package}`, which names no version"));
    }
    let (user, channel) = place.split_once('/').unwrap_or(("", ""));
    // `_` stands for none.
    let known = |text: &'static str, value| if value == "_" { (text, "") } else { (text, value) };
    let qualifiers = [known("user", user), known("channel", channel)];
    let mut component = Component::new(name);
    component.version = Some(version.to_owned()).filter(|version| !version.is_empty());
    let purl = Purl::new("conan", None, name, Some(version), &qualifiers);
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    component.presence = Presence::Declared;
    Ok(Package::new(component))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn the_first_kind_of_lock_is_a_graph() {
        let lock = r#"{
 "graph_lock": {
  "nodes": {
   "0": {"path": "conanfile.txt", "requires": ["1", "3"], "context": "host"},
   "1": {"ref": "pkga/0.0.1#c6f6387c9b99780f0ee05e25f99d0f39", "requires": ["2"], "build_requires": ["4"], "context": "host"},
   "2": {"ref": "pkgb/system", "context": "host"},
   "3": {"ref": "pkgc/0.1.1@user/testing", "context": "host"},
   "4": {"ref": "cmake/3.22.0@_/_", "context": "build"}
  },
  "revisions_enabled": false
 },
 "version": "0.4"
}"#;
        check(
            &ECOSYSTEM,
            &[("conan.lock", lock)],
            expect![[r#"
            pkg:conan/cmake@3.22.0 line 8 dev needs []
            pkg:conan/pkga@0.0.1 line 5 needs [cmake@3.22.0, pkgb@system]
            pkg:conan/pkgb@system line 6 needs []
            pkg:conan/pkgc@0.1.1?channel=testing&user=user line 7 needs []
        "#]],
        );
    }

    #[test]
    fn lists_say_what_is_for_building() {
        let lock = r#"{
    "version": "0.5",
    "requires": ["sound32/1.0#83d4b7bf607b3b60a6546f8b58b5cdd7%1675278904.0791488"],
    "build_requires": ["automake/1.16.5#058bda3e21c36c9aa8425daf3c1faf50%1701120593.68"],
    "python_requires": []
}"#;
        let file = "[requires]\n# a comment\ncatch2/2.13.8 # another\nspdlog/1.9.2@my_user/my_channel#1234567%%987654\nfmt/[>=8]\n\n[tool_requires]\ncmake/3.22\n[generators]\ncmake/1\n";
        let info = "[requires]\n    boost/1.Y.Z\n\n[full_requires]\n    boost/1.75.0:dc8aedd23a0f0a773a5fcdcfe1ae3e89c4205978\n\n[full_options]\n    fPIC=True\n";
        check(
            &ECOSYSTEM,
            &[("conan.lock", lock), ("a/conanfile.txt", file), ("b/conaninfo.txt", info)],
            expect![[r#"
                pkg:conan/automake@1.16.5 line 4 dev
                pkg:conan/boost@1.75.0 line 5
                pkg:conan/catch2@2.13.8 line 3
                pkg:conan/cmake@3.22 line 8 dev
                pkg:conan/sound32@1.0 line 3
                pkg:conan/spdlog@1.9.2?channel=my_channel&user=my_user line 4
                gap a/conanfile.txt:5: asks for `fmt/[>=8]`, which names no version
            "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("conan.lock", "{\"graph_lock\": {\"nodes\": "),
                ("b/conan.lock", "{}"),
                ("c/conan.lock", "{\"requires\": [1, \"a\", \"/1\", \"b/\"]}"),
                ("conanfile.txt", "[requires]\nnothing\n"),
                ("composer.lock", "{\"packages\": ["),
                ("my-conan.lock", "{\"requires\": [\"no/1\"]}"),
                ("release.lock", "{\"requires\": [\"yes/1\"], \"python_requires\": []}"),
            ],
            expect![[r#"
                pkg:conan/b line 1
                pkg:conan/yes@1 line 1
                gap b/conan.lock: has neither `graph_lock` nor `requires`
                gap c/conan.lock:1: `1` is not `name/version`
                gap c/conan.lock:1: `a` is not `name/version`
                gap c/conan.lock:1: `pkg:conan/` is not a package URL: missing name
                gap conan.lock:1: is not the JSON expected here: expected a value, found the end
                gap conanfile.txt:2: `nothing` is not `name/version`
            "#]],
        );
    }
}
