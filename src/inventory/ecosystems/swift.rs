//! `Package.resolved`: what the Swift package manager resolved.
//!
//! A package is known by where its repository is; the version is a tag, and a package that follows a branch
//! has none. There are no edges.
//! Spec: <https://developer.apple.com/documentation/swift_packages/package>

use super::super::json;
use super::super::lines::Lines;
use super::super::value::Value;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, git, nothing_beside};
use crate::bom::{Component, Kind, Presence, Purl};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "swift",
    about: "Swift packages locked in Package.resolved",
    reads: &["**/Package.resolved", "**/.package.resolved"],
    beside: &[],
    spec: "https://developer.apple.com/documentation/swift_packages/package",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let document = json::parse(&text)?;
    let lines = Lines::of(&text);
    // The first version of the format wraps the pins in an object.
    let pins = document.get("object").unwrap_or(&document).get("pins");
    let pins = pins.ok_or_else(|| ParseError::new(None, "has no `pins`"))?;
    let mut parsed = Parsed::default();
    for pin in pins.items() {
        let line = lines.line(pin.at);
        match package(pin) {
            Ok(mut package) => {
                package.line = Some(line);
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    Ok(parsed)
}

fn package(pin: &Value<'_>) -> Result<Package, String> {
    let name = pin.field("package").or_else(|| pin.field("identity")).ok_or("a pin without a name")?;
    let location = pin.field("repositoryURL").or_else(|| pin.field("location")).unwrap_or_default();
    let state = |key: &str| pin.get("state").and_then(|state| state.field(key));
    let mut component = Component::new(name);
    component.version = state("version").map(str::to_owned);
    component.presence = Presence::Declared;
    if pin.field("kind") == Some("localSourceControl") {
        component.kind = Kind::Application;
        component.first_party = true;
        return Ok(Package::new(component));
    }
    let commit = state("revision").unwrap_or_default();
    let purl = match repository(location) {
        Some((namespace, name)) => {
            let url = git::url(location, commit);
            component.vcs = Some(url.clone());
            let branch = [("vcs_url", url.as_str())];
            let qualifiers = if component.version.is_some() { &[][..] } else { &branch[..] };
            Some(Purl::new("swift", Some(&namespace), name, component.version.as_deref(), qualifiers))
        }
        // In a registry a package is `scope.name`; what is from neither place has no purl, which asks for a scope.
        None => name
            .split_once('.')
            .map(|(scope, name)| Purl::new("swift", Some(scope), name, component.version.as_deref(), &[])),
    };
    component.purl = purl.transpose().map_err(|error| error.to_string())?;
    Ok(Package::new(component))
}

/// Host and owner, and the name: `github.com/apple` and `swift-nio` of
/// `https://github.com/apple/swift-nio.git`.
fn repository(location: &str) -> Option<(String, &str)> {
    let path = match location.split_once("://") {
        Some((_, path)) => path.split_once('@').map_or(path, |(_, path)| path).to_owned(),
        // `git@github.com:apple/swift-nio.git`
        None => location.split_once('@')?.1.replacen(':', "/", 1),
    };
    let path = path.trim_end_matches('/').trim_end_matches(".git");
    let (namespace, name) = path.rsplit_once('/').filter(|(namespace, _)| !namespace.is_empty())?;
    let start = location.rfind(name)?;
    Some((namespace.to_owned(), &location[start..start + name.len()]))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_branch_has_no_version() {
        let lock = r#"{
  "originHash" : "ea83017c944c7850b8f60207e6143eb17cb6b5e6b734b3fa08787a5d920dba7b",
  "pins" : [
    {
      "identity" : "swift-mmio",
      "kind" : "remoteSourceControl",
      "location" : "https://github.com/apple/swift-mmio",
      "state" : { "branch" : "main", "revision" : "80c109b87511041338a4d8d88064088c8dfc079b" }
    },
    {
      "identity" : "swift-syntax",
      "kind" : "remoteSourceControl",
      "location" : "git@github.com:apple/swift-syntax.git",
      "state" : { "revision" : "64889f0c732f210a935a0ad7cda38f77f876262d", "version" : "509.1.1" }
    }
  ],
  "version" : 3
}
"#;
        check(
            &ECOSYSTEM,
            &[("Package.resolved", lock)],
            expect![[r#"
            pkg:swift/github.com/apple/swift-mmio?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fapple%2Fswift-mmio%4080c109b87511041338a4d8d88064088c8dfc079b line 4
            pkg:swift/github.com/apple/swift-syntax@509.1.1 line 10
        "#]],
        );
    }

    #[test]
    fn the_first_version_and_registries_are_read() {
        let first = r#"{"object": {"pins": [{"package": "Nimble", "repositoryURL": "https://user@github.com/Quick/Nimble.git/",
            "state": {"branch": null, "revision": "c93f16c", "version": "9.2.1"}}]}, "version": 1}"#;
        let registry = r#"{"pins": [
            {"identity": "mona.LinkedList", "kind": "registry", "location": "", "state": {"version": "1.2.0"}},
            {"identity": "beside", "kind": "localSourceControl", "location": "/home/me/beside", "state": {"revision": "abc"}}],
            "version": 2}"#;
        check(
            &ECOSYSTEM,
            &[("Package.resolved", first), ("b/Package.resolved", registry)],
            expect![[r#"
            application:beside line 3 application first-party
            pkg:swift/github.com/Quick/Nimble@9.2.1 line 1
            pkg:swift/mona/LinkedList@1.2.0 line 2
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("Package.resolved", "{\"pins\": [{\n\"identity\": "),
                ("b/Package.resolved", "{}"),
                (
                    "c/Package.resolved",
                    "{\"pins\": [{}, 1, {\"identity\": \"a\", \"location\": \"https://x\"}, {\"package\": \"b\", \"repositoryURL\": \"https://x/.git\"}]}",
                ),
            ],
            expect![[r#"
                library:a line 1
                gap Package.resolved:2: is not the JSON expected here: expected a value, found the end
                gap b/Package.resolved: has no `pins`
                gap c/Package.resolved:1: `pkg:swift/` is not a package URL: missing name
                gap c/Package.resolved:1: a pin without a name
            "#]],
        );
    }
}
