//! dpkg's database: what is installed on Debian, Ubuntu and their descendants.
//!
//! One status file, or (distroless images) one file a package under `status.d`, where the packages have no
//! `Status:` at all. Licences are not in it; they are read from the `copyright` file beside the
//! documentation, whose folder is often a link to a sibling's.
//! Spec: <https://www.debian.org/doc/debian-policy/ch-controlfields.html>

use super::super::distro::Distro;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem};
use crate::bom::{Basis, Component, LicenseClaim, Purl};
use crate::layers::Tree;

/// dpkg's own name where nothing says which distribution it is.
const UNKNOWN_DISTRO: &str = "debian";

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "dpkg",
    about: "packages installed by dpkg (Debian, Ubuntu, distroless)",
    reads: &["**/var/lib/dpkg/status", "**/usr/lib/dpkg/status", "**/var/lib/dpkg/status.d/*"],
    beside: &[
        "**/etc/os-release",
        "**/usr/lib/os-release",
        "**/usr/share/doc/*/copyright",
        "**/var/lib/apt/extended_states",
    ],
    spec: "https://www.debian.org/doc/debian-policy/ch-controlfields.html",
    parse,
    enrich: licence,
};

/// Where the database lies, for all its packages alike.
struct Place<'a> {
    root: &'a str,
    /// One file a package, without states.
    is_status_d: bool,
    vendor: String,
    distro: Option<String>,
}

fn place<'a>(file: &File<'a>, tree: &Tree) -> Place<'a> {
    let is_status_d = file.folder().ends_with("var/lib/dpkg/status.d");
    let root = match file.path.rfind("var/lib/dpkg/").or(file.path.rfind("usr/lib/dpkg/")) {
        Some(end) => &file.path[..end],
        None => "",
    };
    let distro = Distro::of(tree, root);
    Place {
        root,
        is_status_d,
        vendor: distro.as_ref().and_then(Distro::id).unwrap_or_else(|| UNKNOWN_DISTRO.to_owned()),
        distro: distro.as_ref().and_then(Distro::qualifier),
    }
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let place = place(file, tree);
    // The checksums of the package lie beside it under the same name.
    if place.is_status_d && file.path.ends_with(".md5sums") {
        return Ok(Parsed::default());
    }
    let text = file.text();
    let mut parsed = Parsed::default();
    for stanza in stanzas(&text, &mut parsed.problems) {
        if is_installed(&stanza, &place) {
            match package(&stanza, &place) {
                Ok(package) => parsed.packages.push(package),
                Err(problem) => parsed.problems.push(problem),
            }
        }
    }
    Ok(parsed)
}

/// One paragraph of `Field: value`, continuation lines joined with newlines.
struct Stanza<'a> {
    line: u32,
    fields: Vec<(&'a str, String)>,
}

impl Stanza<'_> {
    /// Field names know no case. Where a field stands twice, the last is right, as dpkg reads it.
    fn get(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().rev().find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

fn stanzas<'a>(text: &'a str, problems: &mut Vec<Problem>) -> Vec<Stanza<'a>> {
    let mut stanzas: Vec<Stanza<'a>> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        if !open {
            stanzas.push(Stanza { line: number, fields: Vec::new() });
            open = true;
        }
        let Some(stanza) = stanzas.last_mut() else { continue };
        if line.starts_with([' ', '\t']) {
            match stanza.fields.last_mut() {
                Some((_, value)) => {
                    value.push('\n');
                    value.push_str(line.trim());
                }
                None => problems.push(Problem::new(number, "continues no field")),
            }
        } else if let Some((name, value)) = line.split_once(':') {
            stanza.fields.push((name, value.trim().to_owned()));
        } else {
            problems.push(Problem::new(number, "is not `Field: value`"));
        }
    }
    stanzas
}

/// States in which the package's files are in place.
const FILES_IN_PLACE: &[&str] =
    &["installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending"];

/// The third word of the status is the state: a removed package keeps its stanza, as
/// `deinstall ok config-files`.
fn is_installed(stanza: &Stanza<'_>, place: &Place<'_>) -> bool {
    match stanza.get("Status").map(|status| status.split_whitespace().nth(2).unwrap_or_default()) {
        None => place.is_status_d,
        Some(state) => FILES_IN_PLACE.contains(&state),
    }
}

fn package(stanza: &Stanza<'_>, place: &Place<'_>) -> Result<Package, Problem> {
    let (Some(name), Some(version)) = (stanza.get("Package"), stanza.get("Version")) else {
        return Err(Problem::new(stanza.line, "an installed package without name or version"));
    };
    let architecture = stanza.get("Architecture").unwrap_or_default();
    let upstream = upstream(stanza, name, version);
    let qualifiers = [
        ("arch", architecture),
        ("distro", place.distro.as_deref().unwrap_or_default()),
        ("upstream", upstream.as_str()),
    ];
    let purl = Purl::new("deb", Some(&place.vendor), name, Some(version), &qualifiers)
        .map_err(|error| Problem::new(stanza.line, error.to_string()))?;
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(purl);
    component.supplier = stanza.get("Maintainer").map(str::to_owned);
    component.homepage = stanza.get("Homepage").map(str::to_owned);
    let mut package = Package::new(component);
    package.line = Some(stanza.line);
    package.addresses = addresses(stanza, place, name);
    package.needs = Some(needs(stanza, place));
    Ok(package)
}

/// The source package, where it is another than the binary one: `name` or `name@version`.
fn upstream(stanza: &Stanza<'_>, name: &str, version: &str) -> String {
    let Some(source) = stanza.get("Source") else { return String::new() };
    match source.split_once('(') {
        Some((source, source_version)) => {
            let source_version = source_version.trim_end().trim_end_matches(')').trim();
            match source_version == version {
                true if source.trim() == name => String::new(),
                true => source.trim().to_owned(),
                false => format!("{}@{source_version}", source.trim()),
            }
        }
        None if source == name => String::new(),
        None => source.to_owned(),
    }
}

/// A package answers to its own name, and to what it provides; a need prefers the real package.
fn addresses(stanza: &Stanza<'_>, place: &Place<'_>, name: &str) -> Vec<String> {
    let provided = stanza.get("Provides").unwrap_or_default().split(',').filter_map(bare);
    let provided = provided.map(|name| format!("deb-provided:{}:{name}", place.root));
    std::iter::once(format!("deb:{}:{name}", place.root)).chain(provided).collect()
}

fn needs(stanza: &Stanza<'_>, place: &Place<'_>) -> Vec<Need> {
    let fields = ["Pre-Depends", "Depends"].into_iter().filter_map(|field| stanza.get(field));
    let relations = fields.flat_map(|field| field.split(','));
    let alternatives = |relation: &str| {
        let names = relation.split('|').filter_map(bare);
        names
            .flat_map(|name| {
                [format!("deb:{}:{name}", place.root), format!("deb-provided:{}:{name}", place.root)]
            })
            .collect()
    };
    relations
        .map(|relation| Need { any_of: alternatives(relation) })
        .filter(|need| !need.any_of.is_empty())
        .collect()
}

/// `libc6:any (>= 2.36) [amd64] <!nocheck>` becomes `libc6`.
fn bare(relation: &str) -> Option<&str> {
    let name = relation.trim().split([' ', '\t', '\n', '(', '[', '<', ':']).next()?;
    (!name.is_empty()).then_some(name)
}

fn licence(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    let place = place(file, tree);
    let path = format!("{}usr/share/doc/{}/copyright", place.root, package.component.name);
    let Some(bytes) = tree.read(&path) else { return Vec::new() };
    let copyright = crate::licenses::read_copyright(&String::from_utf8_lossy(bytes));
    if let Some((text, expression, line, detected)) = copyright.claim() {
        package.component.licenses.push(LicenseClaim {
            text,
            expression,
            basis: if detected { Basis::Detected } else { Basis::Declared },
            path: Some(path),
            line: Some(line),
        });
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const OS: (&str, &str) = ("etc/os-release", "ID=debian\nVERSION_ID=12\n");

    #[test]
    fn installed_packages_are_listed_with_their_edges() {
        let status = "Package: nginx\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.22.1-9+deb12u1\n\
                      Depends: nginx-common (<< 1.22.1-9+deb12u1.1~), libc6 (>= 2.34), mail-agent | libgone, python3:any\n\n\
                      Package: nginx-common\nSource: nginx\nStatus: install ok installed\nArchitecture: all\nVersion: 1.22.1-9+deb12u1\n\n\
                      Package: libc6\nSource: glibc (2.36-9)\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\nVersion: 1:2.36-9+b1\nDescription: x\n more\n\tand more\n\n\
                      Package: exim\nStatus: install ok installed\nArchitecture: amd64\nVersion: 4\nProvides: mail-agent (= 1), other\n\n\
                      Package: python3\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 3.11.2-1+b1\n";
        check(
            &ECOSYSTEM,
            &[OS, ("var/lib/dpkg/status", status)],
            expect![[r#"
                pkg:deb/debian/exim@4?arch=amd64&distro=debian-12 line 23 needs []
                pkg:deb/debian/libc6@1:2.36-9%2Bb1?arch=amd64&distro=debian-12&upstream=glibc%402.36-9 line 13 needs []
                pkg:deb/debian/nginx-common@1.22.1-9%2Bdeb12u1?arch=all&distro=debian-12&upstream=nginx line 7 needs []
                pkg:deb/debian/nginx@1.22.1-9%2Bdeb12u1?arch=amd64&distro=debian-12 line 1 needs [debian/exim@4, debian/libc6@1:2.36-9%2Bb1, debian/nginx-common@1.22.1-9%2Bdeb12u1, debian/python3@3.11.2-1%2Bb1]
                pkg:deb/debian/python3@3.11.2-1%2Bb1?arch=amd64&distro=debian-12 line 29 needs []
            "#]],
        );
    }

    #[test]
    fn what_was_removed_or_never_installed_is_not_there() {
        let status = "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\n\
                      Package: b\nStatus: purge ok not-installed\nVersion: 1\n\n\
                      Package: c\nStatus: install ok half-installed\nVersion: 1\n\n\
                      Package: d\nVersion: 1\n";
        check(&ECOSYSTEM, &[("var/lib/dpkg/status", status)], expect![""]);
    }

    #[test]
    fn distroless_has_a_file_for_each_package() {
        check(
            &ECOSYSTEM,
            &[
                OS,
                ("var/lib/dpkg/status.d/bGliYzY", "Package: libc6\nArchitecture: amd64\nVersion: 2.36-9\n"),
                ("var/lib/dpkg/status.d/base", "Package: base-files\r\nVersion: 12.4\r\nDepends: libc6\r\n"),
                ("var/lib/dpkg/status.d/base.md5sums", "00  etc/x\n"),
            ],
            expect![[r#"
                pkg:deb/debian/base-files@12.4?distro=debian-12 line 1 needs [debian/libc6@2.36-9]
                pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12 line 1 needs []
            "#]],
        );
    }

    #[test]
    fn the_licence_is_read_through_a_linked_documentation_folder() {
        let copyright = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
                         Files: *\nLicense: GPL-2+ or Artistic\n\nFiles: debian/*\nLicense: Expat\n";
        check(
            &ECOSYSTEM,
            &[
                ("var/lib/dpkg/status", "Package: perl-base\nStatus: install ok installed\nVersion: 5.36\n"),
                ("usr/share/doc/perl/copyright", copyright),
                ("usr/share/doc/perl-base", "->perl"),
            ],
            expect![[r#"
                pkg:deb/debian/perl-base@5.36 line 1 needs []
            "#]],
        );
    }

    #[test]
    fn a_broken_stanza_is_a_gap_and_the_rest_is_read() {
        let status = " orphan\nPackage: a\nStatus: install ok installed\nnonsense\nVersion: 1\n\n\
                      Package: b\nStatus: install ok installed\n\nPackage: c\nStatus: install ok installed\nVer";
        check(
            &ECOSYSTEM,
            &[("var/lib/dpkg/status", status)],
            expect![[r#"
                pkg:deb/debian/a@1 line 1 needs []
                gap var/lib/dpkg/status:1: continues no field
                gap var/lib/dpkg/status:4: is not `Field: value`
                gap var/lib/dpkg/status:7: an installed package without name or version
                gap var/lib/dpkg/status:10: an installed package without name or version
                gap var/lib/dpkg/status:12: is not `Field: value`
            "#]],
        );
    }
}
