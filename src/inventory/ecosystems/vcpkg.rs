//! vcpkg: libraries of C and C++, by the database of what it built and by the manifest that asked for them.
//!
//! The database looks like dpkg's and is not: a port has one paragraph for itself and one more for each of its
//! features, a dependency may be followed by its triplet, and the port's revision stands in a field of its own.
//! A port's licence is in the SPDX document that vcpkg wrote for it. The manifest names no versions but those
//! it overrides; where nothing beside it was installed, that is told.
//! Spec: <https://learn.microsoft.com/vcpkg/reference/vcpkg-json>,
//! <https://learn.microsoft.com/vcpkg/reference/installation-tree-layout>

use std::collections::{BTreeMap, BTreeSet};

use super::super::claims::declared;
use super::super::deb822::{Stanza, Stray, stanzas};
use super::super::json;
use super::super::lines::Lines;
use super::super::locked;
use super::super::value::Value;
use super::super::{Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem};
use crate::bom::{Component, Presence, Purl};
use crate::layers::{Tree, parent};
use crate::licenses::Dialect;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "vcpkg",
    about: "ports built by vcpkg, and the manifests that ask for them",
    reads: &["**/vcpkg.json", "**/{installed,vcpkg_installed}/vcpkg/status"],
    beside: &[
        "**/{installed,vcpkg_installed}/*/share/*/vcpkg.spdx.json",
        "**/{installed,vcpkg_installed}/vcpkg/info/*.list",
    ],
    spec: "https://learn.microsoft.com/vcpkg/reference/vcpkg-json",
    parse,
    enrich,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    if file.path.ends_with("vcpkg.json") { manifest(file, tree) } else { Ok(database(file)) }
}

/// The folder above `vcpkg/status`.
fn place<'a>(file: &File<'a>) -> &'a str {
    parent(file.folder())
}

/// A port as it is installed: its name and the triplet it was built for.
type Key = (String, String);

#[derive(Default)]
struct Port {
    version: Option<String>,
    /// Of the port's recipe; empty for the first.
    revision: String,
    line: u32,
    description: Option<String>,
    needs: BTreeSet<Key>,
}

fn database(file: &File<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    let mut ports: BTreeMap<Key, Port> = BTreeMap::new();
    let text = file.text();
    for stanza in stanzas(&text, Stray::Told, &mut parsed.problems) {
        // A port that was removed keeps its paragraph: `purge ok not-installed`.
        if !stanza.get("Status").is_some_and(|status| status.ends_with(" installed")) {
            continue;
        }
        let (Some(name), Some(triplet)) = (stanza.get("Package"), stanza.get("Architecture")) else {
            parsed.problems.push(Problem::new(stanza.line, "an installed port without name or triplet"));
            continue;
        };
        let port = ports.entry((name.to_owned(), triplet.to_owned())).or_default();
        port.needs.extend(needs(&stanza, triplet));
        if stanza.get("Feature").is_none() {
            port.line = stanza.line;
            (port.version, port.revision) = version(&stanza);
            port.description =
                stanza.get("Description").and_then(|text| text.lines().next()).map(str::to_owned);
        }
    }
    for (key, port) in ports {
        let line = port.line;
        match package(place(file), key, port) {
            Ok(package) => parsed.packages.push(package),
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    parsed
}

/// The version, and the revision of its recipe where it is not the first: `1.3.1#2`, or a field of its own.
fn version(stanza: &Stanza<'_>) -> (Option<String>, String) {
    let Some(version) = stanza.get("Version") else { return (None, String::new()) };
    let (version, revision) = version.split_once('#').unwrap_or((version, ""));
    let revision = stanza.get("Port-Version").unwrap_or(revision);
    (Some(version.to_owned()), if revision == "0" { String::new() } else { revision.to_owned() })
}

/// `fmt, vcpkg-cmake:x64-linux, curl[ssl]`
fn needs(stanza: &Stanza<'_>, triplet: &str) -> Vec<Key> {
    let names = stanza.get("Depends").unwrap_or_default().split(',').map(str::trim);
    let key = |name: &str| {
        let (name, triplet) = name.split_once(':').unwrap_or((name, triplet));
        let name = name.split(['[', ' ']).next().unwrap_or(name);
        (name.to_owned(), triplet.trim().to_owned())
    };
    names.filter(|name| !name.is_empty()).map(key).collect()
}

fn address(place: &str, (name, triplet): &Key) -> String {
    format!("vcpkg:{place}:{name}:{triplet}")
}

/// Whatever triplet it was built for.
fn any_address(place: &str, name: &str) -> String {
    format!("vcpkg:{place}:{name}")
}

fn package(place: &str, key: Key, port: Port) -> Result<Package, String> {
    let (name, triplet) = &key;
    let version = port.version.ok_or_else(|| format!("the installed port `{name}` has no version"))?;
    let mut package = Package::new(component(name, Some(&version), &port.revision, triplet)?);
    package.component.description = port.description;
    package.line = Some(port.line);
    package.addresses = vec![address(place, &key), any_address(place, name)];
    package.needs = Some(
        port.needs.iter().filter(|need| **need != key).map(|need| Need::of(address(place, need))).collect(),
    );
    Ok(package)
}

fn component(name: &str, version: Option<&str>, revision: &str, triplet: &str) -> Result<Component, String> {
    let purl = Purl::new("vcpkg", None, name, version, &[("port_version", revision), ("triplet", triplet)]);
    let mut component = Component::new(name);
    component.version = version.map(str::to_owned);
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    Ok(component)
}

fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    let Some(purl) = package.component.purl.clone().filter(|_| !file.path.ends_with(".json")) else {
        return Vec::new();
    };
    let (place, name) = (place(file), purl.name());
    let triplet = purl.qualifier("triplet").unwrap_or_default();
    let document = format!("{place}/{triplet}/share/{name}/vcpkg.spdx.json");
    if let Some(bytes) = tree.read(&document) {
        let text = File { path: &document, bytes }.text();
        let license = json::parse(&text).ok().and_then(|document| license_of_port(&document));
        package.component.licenses.extend(license.and_then(|license| declared(&license, Dialect::Spdx)));
    }
    let version = purl.version().unwrap_or_default();
    let list = tree.read(&format!("{place}/vcpkg/info/{name}_{version}_{triplet}.list")).unwrap_or_default();
    let list = String::from_utf8_lossy(list);
    let files = list.lines().map(str::trim_end).filter(|path| !path.is_empty() && !path.ends_with('/'));
    let owned = |path: &str| OwnedFile { path: format!("{place}/{path}").into(), digest: None };
    package.files = files.map(owned).collect();
    Vec::new()
}

/// The document describes the port, what was built of it, and where its source came from.
fn license_of_port(document: &Value<'_>) -> Option<String> {
    let packages = document.get("packages")?.items();
    let port = packages.iter().find(|package| package.field("SPDXID") == Some("SPDXRef-port"))?;
    let license = port.field("licenseConcluded").or_else(|| port.field("licenseDeclared"))?;
    (!matches!(license, "NOASSERTION" | "NONE")).then(|| license.to_owned())
}

/// What a project asks for.
fn manifest(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    // Each port in vcpkg's own collection has such a manifest too, with the recipe beside it.
    if file.path.contains("/ports/") || file.path.contains("/buildtrees/") {
        return Ok(Parsed::default());
    }
    let text = file.text();
    let document = json::parse(&text)?;
    let lines = Lines::of(&text);
    let names: BTreeSet<&str> =
        document.get("dependencies").map_or(&[][..], Value::items).iter().filter_map(dependency).collect();
    let place = if file.folder().is_empty() {
        "vcpkg_installed".to_owned()
    } else {
        format!("{}/vcpkg_installed", file.folder())
    };
    let mut parsed = Parsed::default();
    let overridden: BTreeMap<&str, &Value<'_>> = document
        .get("overrides")
        .map_or(&[][..], Value::items)
        .iter()
        .filter_map(|entry| Some((entry.field("name")?, entry)))
        .collect();
    let is_installed = tree.read(&format!("{}/vcpkg/status", place)).is_some();
    let mut unknown = Vec::new();
    for name in names.iter().filter(|_| !is_installed) {
        let stated =
            overridden.get(name).and_then(|entry| Some((stated_version(entry)?, lines.line(entry.at))));
        let Some((version, line)) = stated else {
            unknown.push(*name);
            continue;
        };
        match component(name, Some(version), "", "") {
            Ok(mut component) => {
                component.presence = Presence::Declared;
                component.asked_for = true;
                let mut package = Package::new(component);
                package.line = Some(line);
                package.addresses = vec![any_address(&place, name)];
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    if let Some(first) = unknown.first() {
        let more = unknown.len() - 1;
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let reason = format!("asks for {first}{more} without a version, and nothing is installed beside");
        parsed.problems.push(Problem::new(
            document
                .members()
                .iter()
                .find(|member| member.key == "dependencies")
                .map(|member| lines.line(member.at)),
            reason,
        ));
    }
    if let Some(name) = document.field("name") {
        let mut own = locked::own(name, stated_version(&document));
        own.licenses.extend(document.field("license").and_then(|license| declared(license, Dialect::Spdx)));
        own.homepage = document.field("homepage").map(str::to_owned);
        let mut own = Package::new(own);
        own.line = Some(lines.line(document.at));
        own.needs = Some(names.iter().map(|name| Need::of(any_address(&place, name))).collect());
        parsed.packages.push(own);
    }
    Ok(parsed)
}

/// A name, or an object that has one.
fn dependency<'a>(value: &'a Value<'_>) -> Option<&'a str> {
    value.as_str().or_else(|| value.field("name"))
}

/// The four ways of ordering versions have a key each.
fn stated_version<'a>(value: &'a Value<'_>) -> Option<&'a str> {
    ["version", "version-semver", "version-string", "version-date"]
        .into_iter()
        .find_map(|key| value.field(key))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, owned};
    use super::*;

    const STATUS: &str = "Package: fmt\nVersion: 10.2.1\nPort-Version: 2\nDepends: vcpkg-cmake:x64-linux\nArchitecture: arm64-linux\nMulti-Arch: same\nAbi: 00\nDescription: {fmt} is an open-source formatting library.\nType: Port\nStatus: install ok installed\n\n\
        Package: vcpkg-cmake\nVersion: 2024-04-23\nArchitecture: x64-linux\nMulti-Arch: same\nType: Port\nStatus: install ok installed\n\n\
        Package: curl\nVersion: 8.8.0\nDepends: zlib\nArchitecture: arm64-linux\nMulti-Arch: same\nStatus: install ok installed\n\n\
        Package: curl\nFeature: ssl\nDepends: fmt, curl[core]\nArchitecture: arm64-linux\nMulti-Arch: same\nStatus: install ok installed\n\n\
        Package: zlib\nVersion: 1.3.1\nArchitecture: arm64-linux\nStatus: purge ok not-installed\n";

    #[test]
    fn what_was_built_for_a_project_is_what_its_manifest_asks_for() {
        let spdx = r#"{"packages": [{"SPDXID": "SPDXRef-port", "licenseConcluded": "MIT"}, {"SPDXID": "SPDXRef-binary", "licenseConcluded": "GPL-2.0-only"}]}"#;
        check(
            &ECOSYSTEM,
            &[
                (
                    "vcpkg.json",
                    r#"{"name": "app", "version-semver": "1.0.0", "license": "Apache-2.0",
                        "dependencies": ["fmt", {"name": "curl", "features": ["ssl"]}]}"#,
                ),
                ("vcpkg_installed/vcpkg/status", STATUS),
                ("vcpkg_installed/arm64-linux/share/fmt/vcpkg.spdx.json", spdx),
            ],
            expect![[r#"
                application:app@1.0.0 line 1 application first-party declared `Apache-2.0` needs [curl@8.8.0, fmt@10.2.1]
                pkg:vcpkg/curl@8.8.0?triplet=arm64-linux line 19 needs [fmt@10.2.1]
                pkg:vcpkg/fmt@10.2.1?port_version=2&triplet=arm64-linux line 1 declared `MIT` needs [vcpkg-cmake@2024-04-23]
                pkg:vcpkg/vcpkg-cmake@2024-04-23?triplet=x64-linux line 12 needs []
            "#]],
        );
    }

    #[test]
    fn a_port_owns_what_its_list_names() {
        let list = "arm64-linux/\narm64-linux/include/\narm64-linux/include/fmt.h\n";
        let files: &[(&str, &[u8])] = &[
            ("opt/vcpkg/installed/vcpkg/status", STATUS.as_bytes()),
            ("opt/vcpkg/installed/vcpkg/info/fmt_10.2.1_arm64-linux.list", list.as_bytes()),
        ];
        expect![[r#"
            curl
            fmt
              opt/vcpkg/installed/arm64-linux/include/fmt.h
            vcpkg-cmake
        "#]]
        .assert_eq(&owned(&ECOSYSTEM, files));
    }

    #[test]
    fn a_manifest_alone_knows_the_versions_it_overrides() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "x/vcpkg.json",
                    "{\"dependencies\": [\"fmt\",\n\"zlib\", {\"name\": \"curl\", \"version>=\": \"8.0.0\"}],\n\"overrides\": [{\"name\": \"zlib\", \"version\": \"1.3\"}]}",
                ),
                ("vcpkg/ports/fmt/vcpkg.json", r#"{"name": "fmt", "version": "10.2.1"}"#),
            ],
            expect![[r#"
                pkg:vcpkg/zlib@1.3 line 3
                gap x/vcpkg.json:1: asks for curl and 1 more without a version, and nothing is installed beside
            "#]],
        );
    }

    #[test]
    fn what_is_cut_short_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("a/vcpkg.json", r#"{"dependencies": ["#),
                (
                    "installed/vcpkg/status",
                    "Package: x\nStatus: install ok installed\n\nPackage: y\nArchitecture: z\nStatus: install ok installed\n\nnonsense",
                ),
            ],
            expect![[r#"
                gap a/vcpkg.json:1: is not the JSON expected here: expected a value, found the end
                gap installed/vcpkg/status:1: an installed port without name or triplet
                gap installed/vcpkg/status:4: the installed port `y` has no version
                gap installed/vcpkg/status:8: is not `Field: value`
            "#]],
        );
    }
}
