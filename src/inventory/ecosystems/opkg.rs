//! opkg's database: what is installed on OpenWrt, on images made with Yocto, and under Entware's `/opt`.
//!
//! It looks like dpkg's and is not: the second word of the status says whether somebody asked for the package
//! (`user`), licences stand in the paragraph or in the `control` file beside it, and versions have no epochs.
//! Spec: <https://git.yoctoproject.org/opkg/tree/libopkg/pkg_parse.c>

use std::collections::HashSet;

use super::super::claims::declared;
use super::super::deb_relation::{Relation, relations};
use super::super::deb822::{Stanza, Stray, stanzas};
use super::super::distro::{Distro, Family};
use super::super::{Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, Problems};
use crate::bom::{Component, Purl};
use crate::layers::Tree;
use crate::licenses::Dialect;

const DATABASES: &[&str] =
    &["usr/lib/opkg/status", "var/lib/opkg/status", "opt/lib/opkg/status", "lib/opkg/status"];

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "opkg",
    about: "packages installed by opkg (OpenWrt, Yocto, Entware)",
    reads: &["**/lib/opkg/status"],
    beside: &[
        "**/etc/os-release",
        "**/usr/lib/os-release",
        "**/lib/opkg/info/*.control",
        "**/lib/opkg/info/*.list",
    ],
    spec: "https://git.yoctoproject.org/opkg/tree/libopkg/pkg_parse.c",
    parse,
    enrich,
};

fn root<'a>(file: &File<'a>) -> &'a str {
    DATABASES.iter().find_map(|database| file.root(database)).unwrap_or_default()
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let root = root(file);
    let distro = Distro::of(tree, root).filter(|distro| distro.may_be(Family::Opkg));
    let text = file.text();
    let mut parsed = Parsed::default();
    for stanza in stanzas(&text, Stray::Told, &mut parsed.problems) {
        let status: Vec<&str> = stanza.get("Status").unwrap_or_default().split_whitespace().collect();
        if !matches!(status.get(2), Some(&("installed" | "unpacked"))) {
            continue;
        }
        match package(&stanza, root, distro.as_ref()) {
            Ok(mut package) => {
                package.component.asked_for =
                    status.get(1).is_some_and(|flags| flags.split(',').any(|flag| flag == "user"));
                parsed.packages.push(package);
            }
            Err(problem) => parsed.problems.push(problem),
        }
    }
    Ok(parsed)
}

fn package(stanza: &Stanza<'_>, root: &str, distro: Option<&Distro>) -> Result<Package, Problem> {
    let (Some(name), Some(version)) = (stanza.get("Package"), stanza.get("Version")) else {
        return Err(Problem::new(stanza.line, "an installed package without name or version"));
    };
    let vendor = distro.and_then(Distro::id);
    let distro = distro.and_then(Distro::qualifier).unwrap_or_default();
    let qualifiers = [("arch", stanza.get("Architecture").unwrap_or_default()), ("distro", distro.as_str())];
    let purl = Purl::new("opkg", vendor.as_deref(), name, Some(version), &qualifiers)
        .map_err(|error| Problem::new(stanza.line, error.to_string()))?;
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(purl);
    describe(&mut component, stanza);
    let mut package = Package::new(component);
    package.line = Some(stanza.line);
    let provided = relations(stanza.get("Provides").unwrap_or_default()).flatten();
    let names = std::iter::once(name).chain(provided.map(|relation| relation.name));
    package.addresses = names.map(|name| format!("opkg:{root}:{name}")).collect();
    let needs = relations(stanza.get("Depends").unwrap_or_default());
    let needs = needs.filter(|alternatives| !alternatives.is_empty());
    let need = |relation: &Relation<'_>| format!("opkg:{root}:{}", relation.name);
    package.needs =
        Some(needs.map(|alternatives| Need { any_of: alternatives.iter().map(need).collect() }).collect());
    Ok(package)
}

/// What the paragraph says, where nothing was said before.
fn describe(component: &mut Component, stanza: &Stanza<'_>) {
    let text = |field: &str| stanza.get(field).and_then(|text| text.lines().next()).map(str::to_owned);
    component.supplier = component.supplier.take().or_else(|| text("Maintainer"));
    component.homepage = component.homepage.take().or_else(|| text("Homepage")).or_else(|| text("URL"));
    component.description = component.description.take().or_else(|| text("Description"));
    if component.licenses.is_empty() {
        component.licenses.extend(text("License").and_then(|text| declared(&text, Dialect::Alpine)));
    }
}

fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    let (root, name) = (root(file), package.component.name.clone());
    let member = |member: &str| {
        let bytes = tree.read(&format!("{}/info/{name}.{member}", file.folder())).unwrap_or_default();
        String::from_utf8_lossy(bytes)
    };
    for stanza in stanzas(&member("control"), Stray::Continues, &mut Problems::new()).iter().take(1) {
        describe(&mut package.component, stanza);
    }
    let list = member("list");
    // Newer versions write the mode behind a tab.
    let paths = list.lines().filter_map(|line| line.split('\t').next());
    let paths: Vec<&str> = paths.map(|path| path.trim().trim_start_matches('/')).collect();
    let folders: HashSet<&str> = paths.iter().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    let files = paths.iter().filter(|path| !path.is_empty() && !folders.contains(**path));
    let owned = |path: &&str| OwnedFile { path: format!("{root}{path}").into(), digest: None };
    package.files = files.map(owned).collect();
    Vec::new()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, owned};
    use super::*;

    const STATUS: &str = "Package: dropbear\nVersion: 2024.85-r0\nDepends: libc, zlib\nStatus: install user installed\nArchitecture: x86_64\nInstalled-Time: 1\nLicense: MIT\n\n\
                          Package: libuci20130104\nABIVersion: 20130104\nVersion: 2023.08.10~5781664d-r1\nProvides: libuci\nStatus: install ok installed\nArchitecture: x86_64\nAuto-Installed: yes\n\n\
                          Package: uci\nVersion: 1\nDepends: libuci\nStatus: install hold,user installed\n\n\
                          Package: gone\nVersion: 1\nStatus: deinstall ok not-installed\n";

    #[test]
    fn installed_packages_are_listed_with_their_edges() {
        check(
            &ECOSYSTEM,
            &[
                ("etc/os-release", "ID=\"openwrt\"\nVERSION_ID=\"23.05.3\"\n"),
                ("usr/lib/opkg/status", STATUS),
            ],
            expect![[r#"
                pkg:opkg/openwrt/dropbear@2024.85-r0?arch=x86_64&distro=openwrt-23.05.3 line 1 declared `MIT` needs []
                pkg:opkg/openwrt/libuci20130104@2023.08.10~5781664d-r1?arch=x86_64&distro=openwrt-23.05.3 line 9 needs []
                pkg:opkg/openwrt/uci@1?distro=openwrt-23.05.3 line 17 needs [openwrt/libuci20130104@2023.08.10~5781664d-r1]
            "#]],
        );
    }

    #[test]
    fn the_licence_may_stand_in_the_control_file() {
        let files: &[(&str, &[u8])] = &[
            ("opt/lib/opkg/status", STATUS.as_bytes()),
            ("opt/lib/opkg/info/uci.list", b"/opt/sbin/uci\n/opt/etc\t0755\n/opt/etc/uci.conf\n"),
        ];
        expect![[r#"
            dropbear asked-for
            libuci20130104
            uci asked-for
              opt/sbin/uci
              opt/etc/uci.conf
        "#]]
        .assert_eq(&owned(&ECOSYSTEM, files));
        check(
            &ECOSYSTEM,
            &[
                ("var/lib/opkg/status", "Package: uci\nVersion: 1\nStatus: install ok installed\n"),
                ("var/lib/opkg/info/uci.control", "Package: uci\nLicense: LGPL-2.1-only\nMaintainer: X\n"),
            ],
            expect![[r#"
                pkg:opkg/uci@1 line 1 declared `LGPL-2.1-only` needs []
            "#]],
        );
    }

    #[test]
    fn a_broken_stanza_is_a_gap_and_the_rest_is_read() {
        let status = "Package: a\nStatus: install ok installed\n\nnonsense\n\nPackage: b\nVersion: 1\nStatus: install ok installed\nDep";
        check(
            &ECOSYSTEM,
            &[("usr/lib/opkg/status", status)],
            expect![[r#"
            pkg:opkg/b@1 line 6 needs []
            gap usr/lib/opkg/status:1: an installed package without name or version
            gap usr/lib/opkg/status:4: is not `Field: value`
            gap usr/lib/opkg/status:9: is not `Field: value`
        "#]],
        );
    }
}
