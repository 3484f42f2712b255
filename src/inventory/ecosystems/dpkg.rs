//! dpkg's database: what is installed on Debian, Ubuntu and their descendants.
//!
//! One status file, or (distroless images) one file a package under `status.d`, where the packages have no
//! `Status:` at all. Licences are not in it; they are read from the `copyright` file beside the
//! documentation, whose folder is often a link to a sibling's.
//!
//! Where apt keeps `extended_states`, every package that it does not call automatic was asked for: that
//! includes what the installer chose, for apt makes no difference there. Without that file nobody knows, and
//! no package is marked. `Built-Using` and `Static-Built-Using` name the source packages whose code was
//! linked in; they are listed as what they are, with `arch=source`.
//! Spec: <https://www.debian.org/doc/debian-policy/ch-controlfields.html>,
//! <https://manpages.debian.org/stable/dpkg-dev/deb-control.5.en.html>

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::deb_relation::{Relation, relations};
use super::super::deb822::{Stanza, Stray, stanzas};
use super::super::distro::{Distro, Family};
use super::super::{
    Ecosystem, File, Need, Package, ParseError, Parsed, Problem, Problems, deb_copyright, deb_files,
};
use crate::bom::{Component, Purl};
use crate::layers::Tree;

/// dpkg's own name where nothing says which distribution it is.
const UNKNOWN_DISTRO: &str = "debian";

/// The architecture by which purls tell a source package.
const SOURCE: &str = "source";

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "dpkg",
    about: "packages installed by dpkg (Debian, Ubuntu, distroless)",
    reads: &["**/var/lib/dpkg/status", "**/usr/lib/dpkg/status", "**/var/lib/dpkg/status.d/*"],
    beside: &[
        "**/etc/os-release",
        "**/usr/lib/os-release",
        "**/usr/share/doc/*/copyright",
        "**/var/lib/apt/extended_states",
        "**/{var,usr}/lib/dpkg/info/*.list",
        "**/{var,usr}/lib/dpkg/info/*.md5sums",
        "**/{var,usr}/lib/dpkg/info/*.conffiles",
        "**/{var,usr}/lib/dpkg/diversions",
    ],
    spec: "https://www.debian.org/doc/debian-policy/ch-controlfields.html",
    parse,
    enrich,
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
    let root = root(file);
    let distro = Distro::of(tree, root).filter(|distro| distro.may_be(Family::Deb));
    Place {
        root,
        is_status_d,
        vendor: distro.as_ref().and_then(Distro::id).unwrap_or_else(|| UNKNOWN_DISTRO.to_owned()),
        distro: distro.as_ref().and_then(Distro::qualifier),
    }
}

fn root<'a>(file: &File<'a>) -> &'a str {
    let end = file.path.rfind("var/lib/dpkg/").or(file.path.rfind("usr/lib/dpkg/"));
    end.map_or("", |end| &file.path[..end])
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let place = place(file, tree);
    if place.is_status_d && is_control_member(file.path) {
        return Ok(Parsed::default());
    }
    let text = file.text();
    let mut parsed = Parsed::default();
    let stray = if place.is_status_d { Stray::Continues } else { Stray::Told };
    let stanzas = stanzas(&text, stray, &mut parsed.problems);
    let mut installed = Vec::new();
    for (index, stanza) in stanzas.iter().enumerate() {
        // A blank line inside a description that lost its indentation.
        let is_text = place.is_status_d && index > 0 && stanza.get("Package").is_none();
        if !is_text && is_installed(stanza, &place) {
            match Named::of(stanza) {
                Some(named) => installed.push(named),
                None => parsed
                    .problems
                    .push(Problem::new(stanza.line, "an installed package without name or version")),
            }
        }
    }
    let there = There::of(&installed, &place);
    let automatic = automatic(tree, place.root);
    for named in &installed {
        match package(named, &there) {
            Ok(mut package) => {
                package.component.asked_for =
                    automatic.as_ref().is_some_and(|automatic| !automatic.contains(&named.key()));
                parsed.packages.push(package);
            }
            Err(problem) => parsed.problems.push(problem),
        }
    }
    let sources = built_using(&installed, &place, tree);
    parsed.problems.extend(unknown_licenses(&sources));
    parsed.packages.extend(sources);
    Ok(parsed)
}

/// A source has one copyright file for all its binaries, so a few are asked.
const MOST_BINARIES: usize = 8;

/// The copyright file of a source package is that of its binary packages, and lies here only if one of them is
/// installed.
fn unknown_licenses(sources: &[Package]) -> Option<Problem> {
    let mut silent = sources.iter().filter(|source| source.component.licenses.is_empty());
    let first = silent.next()?;
    let more = match silent.count() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let Component { name, .. } = &first.component;
    let reason =
        format!("no copyright file here tells the licence of {name}{more}, built into other packages");
    Some(Problem::new(first.line, reason))
}

/// Distroless images keep other members of the package's control archive beside its paragraph, under the
/// same name.
fn is_control_member(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
    matches!(
        extension,
        "md5sums"
            | "conffiles"
            | "list"
            | "preinst"
            | "postinst"
            | "prerm"
            | "postrm"
            | "triggers"
            | "shlibs"
            | "symbols"
            | "templates"
            | "config"
    )
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

/// A paragraph that names a package.
struct Named<'a> {
    stanza: &'a Stanza<'a>,
    name: &'a str,
    version: &'a str,
    architecture: &'a str,
}

impl<'a> Named<'a> {
    fn of(stanza: &'a Stanza<'a>) -> Option<Self> {
        Some(Self {
            stanza,
            name: stanza.get("Package")?,
            version: stanza.get("Version")?,
            architecture: stanza.get("Architecture").unwrap_or_default(),
        })
    }

    fn key(&self) -> (String, String) {
        (self.name.to_owned(), self.architecture.to_owned())
    }
}

/// What apt installed only because something needed it, by name and architecture. `None` where apt keeps no
/// record.
fn automatic(tree: &Tree, root: &str) -> Option<HashSet<(String, String)>> {
    let bytes = tree.read(&format!("{root}var/lib/apt/extended_states"))?;
    let text = String::from_utf8_lossy(bytes);
    let stanzas = stanzas(&text, Stray::Continues, &mut Problems::new());
    let automatic = stanzas.iter().filter(|stanza| stanza.get("Auto-Installed") == Some("1"));
    let key = |stanza: &Stanza<'_>| {
        let architecture = stanza.get("Architecture").unwrap_or_default();
        Some((stanza.get("Package")?.to_owned(), architecture.to_owned()))
    };
    let mut keys: HashSet<_> = automatic.filter_map(key).collect();
    // apt writes the machine's architecture for packages that have none.
    let names: Vec<String> = keys.iter().map(|(name, _)| name.clone()).collect();
    keys.extend(names.into_iter().map(|name| (name, "all".to_owned())));
    Some(keys)
}

/// Who is there to meet a relation.
struct There<'a> {
    place: &'a Place<'a>,
    /// The machine's own architecture: dpkg's.
    native: &'a str,
    /// Versions by name, of packages and of what they provide.
    versions: HashMap<&'a str, Vec<Option<&'a str>>>,
}

impl<'a> There<'a> {
    fn of(installed: &[Named<'a>], place: &'a Place<'a>) -> Self {
        let mut versions: HashMap<&str, Vec<Option<&str>>> = HashMap::new();
        for named in installed {
            versions.entry(named.name).or_default().push(Some(named.version));
            for provided in relations(named.stanza.get("Provides").unwrap_or_default()).flatten() {
                let version = provided.version.map(|(_, version)| version);
                versions.entry(provided.name).or_default().push(version);
            }
        }
        let dpkg = installed.iter().find(|named| named.name == "dpkg");
        Self { place, native: dpkg.map_or("", |dpkg| dpkg.architecture), versions }
    }

    fn meets(&self, relation: &Relation<'_>) -> bool {
        let versions = self.versions.get(relation.name);
        versions.into_iter().flatten().any(|version| relation.accepts(*version))
    }

    /// Alternatives that are met come first, in the order written.
    fn needs(&self, named: &Named<'_>) -> Vec<Need> {
        let fields = ["Pre-Depends", "Depends"].into_iter().filter_map(|field| named.stanza.get(field));
        let needs = fields.flat_map(relations).map(|mut alternatives| {
            alternatives.sort_by_key(|alternative| !self.meets(alternative));
            Need { any_of: alternatives.iter().flat_map(|one| self.answers(one, named)).collect() }
        });
        needs.filter(|need| !need.any_of.is_empty()).collect()
    }

    /// The addresses that meet one alternative, the likeliest first: the package of the asking one's own
    /// architecture, that of any, what provides it.
    fn answers(&self, relation: &Relation<'_>, asking: &Named<'_>) -> Vec<String> {
        let own = if asking.architecture == "all" { self.native } else { asking.architecture };
        let (root, name) = (self.place.root, relation.name);
        let provided = format!("deb-provided:{root}:{name}");
        match relation.architecture {
            Some(architecture) if architecture != "any" && architecture != "native" => {
                vec![format!("deb:{root}:{name}:{architecture}"), provided]
            }
            _ => vec![format!("deb:{root}:{name}:{own}"), format!("deb:{root}:{name}"), provided],
        }
    }
}

fn package(named: &Named<'_>, there: &There<'_>) -> Result<Package, Problem> {
    let Named { stanza, name, version, architecture } = named;
    let place = there.place;
    let upstream = upstream(stanza, name, version);
    let qualifiers = [
        ("arch", *architecture),
        ("distro", place.distro.as_deref().unwrap_or_default()),
        ("upstream", upstream.as_str()),
    ];
    let purl = Purl::new("deb", Some(&place.vendor), name, Some(version), &qualifiers)
        .map_err(|error| Problem::new(stanza.line, error.to_string()))?;
    let mut component = Component::new(*name);
    component.version = Some((*version).to_owned());
    component.purl = Some(purl);
    component.supplier = stanza.get("Maintainer").map(str::to_owned);
    component.homepage = stanza.get("Homepage").map(str::to_owned);
    let description = stanza.get("Description").and_then(|text| text.lines().next());
    component.description = description.filter(|text| !text.is_empty()).map(str::to_owned);
    let mut package = Package::new(component);
    package.line = Some(stanza.line);
    package.addresses = addresses(named, place.root);
    let mut needs = there.needs(named);
    needs.extend(sources(stanza).map(|(name, version)| Need::of(source_address(place.root, name, version))));
    package.needs = Some(needs);
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

/// A package answers to its own name, with its architecture and without, and to what it provides.
fn addresses(named: &Named<'_>, root: &str) -> Vec<String> {
    let Named { stanza, name, architecture, .. } = named;
    let provided = relations(stanza.get("Provides").unwrap_or_default()).flatten();
    let provided = provided.map(|relation| format!("deb-provided:{root}:{}", relation.name));
    [format!("deb:{root}:{name}"), format!("deb:{root}:{name}:{architecture}")]
        .into_iter()
        .chain(provided)
        .collect()
}

/// The source packages whose code was linked in, each with its exact version.
fn sources<'a>(stanza: &'a Stanza<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let fields = ["Built-Using", "Static-Built-Using"].into_iter().filter_map(|field| stanza.get(field));
    let relations = fields.flat_map(relations).flatten();
    relations.filter_map(|relation| Some((relation.name, relation.version?.1)))
}

fn source_name<'a>(named: &Named<'a>) -> &'a str {
    let source = named.stanza.get("Source").unwrap_or(named.name);
    source.split_once('(').map_or(source, |(name, _)| name).trim()
}

fn source_address(root: &str, name: &str, version: &str) -> String {
    format!("deb-source:{root}:{name}:{version}")
}

fn built_using(installed: &[Named<'_>], place: &Place<'_>, tree: &Tree) -> Vec<Package> {
    let mut lines: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for named in installed {
        for source in sources(named.stanza) {
            lines.entry(source).or_insert(named.stanza.line);
        }
    }
    let mut binaries: HashMap<&str, Vec<&str>> = HashMap::new();
    for named in installed.iter().filter(|_| !lines.is_empty()) {
        binaries.entry(source_name(named)).or_default().push(named.name);
    }
    let distro = place.distro.as_deref().unwrap_or_default();
    let package = |((name, version), line): ((&str, &str), u32)| {
        let qualifiers = [("arch", SOURCE), ("distro", distro)];
        let purl = Purl::new("deb", Some(&place.vendor), name, Some(version), &qualifiers).ok()?;
        let mut component = Component::new(name);
        component.version = Some(version.to_owned());
        component.purl = Some(purl);
        let mut package = Package::new(component);
        let binaries = binaries.get(name).into_iter().flatten().take(MOST_BINARIES).copied();
        for name in binaries.chain([name]) {
            if package.component.licenses.is_empty() {
                deb_copyright::claim_of(&mut package, name, tree, place.root);
            }
        }
        package.line = Some(line);
        package.addresses = vec![source_address(place.root, name, version)];
        Some(package)
    };
    lines.into_iter().filter_map(package).collect()
}

fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    let architecture = package.component.purl.as_ref().and_then(|purl| purl.qualifier("arch"));
    let architecture = architecture.unwrap_or_default().to_owned();
    if architecture != SOURCE {
        deb_copyright::claim(package, tree, root(file));
        package.files = deb_files::of(&package.component.name, &architecture, file, root(file), tree);
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, owned};
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
    fn descriptions_of_distroless_lost_their_indentation() {
        let paragraph = "Package: libssl3\nVersion: 3.0\nDescription: TLS\nThis package holds: libraries\n.\n* one\n\nand more\nHomepage: x\n";
        check(
            &ECOSYSTEM,
            &[
                ("var/lib/dpkg/status.d/libssl3", paragraph),
                ("var/lib/dpkg/status.d/libssl3.postinst", "#!/bin/sh\n"),
            ],
            expect![[r#"
                pkg:deb/debian/libssl3@3.0 line 1 needs []
            "#]],
        );
    }

    #[test]
    fn another_architecture_is_another_package() {
        let package = |name: &str, architecture: &str, more: &str| {
            format!(
                "Package: {name}\nStatus: install ok installed\nArchitecture: {architecture}\nVersion: 1\n{more}\n"
            )
        };
        let status = [
            package("dpkg", "amd64", ""),
            package("libc6", "amd64", ""),
            package("libc6", "i386", ""),
            package("wine", "amd64", "Depends: libc6, wine32:i386\n"),
            package("wine32", "i386", "Depends: libc6\n"),
            package("script", "all", "Depends: libc6\n"),
        ];
        check(
            &ECOSYSTEM,
            &[("var/lib/dpkg/status", &status.concat())],
            expect![[r#"
            pkg:deb/debian/dpkg@1?arch=amd64 line 1 needs []
            pkg:deb/debian/libc6@1?arch=amd64 line 6 needs []
            pkg:deb/debian/libc6@1?arch=i386 line 11 needs []
            pkg:deb/debian/script@1?arch=all line 28 needs [debian/libc6@1]
            pkg:deb/debian/wine32@1?arch=i386 line 22 needs [debian/libc6@1]
            pkg:deb/debian/wine@1?arch=amd64 line 16 needs [debian/libc6@1, debian/wine32@1]
        "#]],
        );
    }

    #[test]
    fn the_first_alternative_that_is_met_is_needed() {
        let package = |name: &str, version: &str, more: &str| {
            format!("Package: {name}\nStatus: install ok installed\nVersion: {version}\n{more}\n")
        };
        let status = [
            package("a", "1", "Depends: old (>= 2) | mta (>= 3) | new (>= 2~)\n"),
            package("b", "1", "Depends: mta (>= 2)\n"),
            package("exim", "4", "Provides: mta (= 2.1), mail\n"),
            package("new", "2", ""),
            package("old", "1.9", "Depends: mail (>= 1)\n"),
        ];
        check(
            &ECOSYSTEM,
            &[("var/lib/dpkg/status", &status.concat())],
            expect![[r#"
            pkg:deb/debian/a@1 line 1 needs [debian/new@2]
            pkg:deb/debian/b@1 line 6 needs [debian/exim@4]
            pkg:deb/debian/exim@4 line 11 needs []
            pkg:deb/debian/new@2 line 16 needs []
            pkg:deb/debian/old@1.9 line 20 needs [debian/exim@4]
        "#]],
        );
    }

    #[test]
    fn sources_that_were_linked_in_are_listed() {
        let status = "Package: gh\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2\nBuilt-Using: golang-1.19 (= 1.19.8-2)\nStatic-Built-Using: golang-1.19 (= 1.19.8-2), golang-go.crypto (= 1:0.4.0-1),\n broken\n\n\
                      Package: golang-1.19-src\nSource: golang-1.19 (1.19.8-2)\nStatus: install ok installed\nArchitecture: all\nVersion: 1.19.8-2\n";
        let copyright = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: BSD-3-clause\n";
        check(
            &ECOSYSTEM,
            &[OS, ("var/lib/dpkg/status", status), ("usr/share/doc/golang-1.19-src/copyright", copyright)],
            expect![[r#"
                pkg:deb/debian/gh@2?arch=amd64&distro=debian-12 line 1 needs [debian/golang-1.19@1.19.8-2, debian/golang-go.crypto@1:0.4.0-1]
                pkg:deb/debian/golang-1.19-src@1.19.8-2?arch=all&distro=debian-12&upstream=golang-1.19 line 9 declared `BSD-3-clause` = BSD-3-Clause needs []
                pkg:deb/debian/golang-1.19@1.19.8-2?arch=source&distro=debian-12 line 1 declared `BSD-3-clause` = BSD-3-Clause
                pkg:deb/debian/golang-go.crypto@1:0.4.0-1?arch=source&distro=debian-12 line 1
                gap var/lib/dpkg/status:1: no copyright file here tells the licence of golang-go.crypto, built into other packages
            "#]],
        );
    }

    #[test]
    fn a_package_owns_what_its_list_names() {
        let status = "Package: base\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\nPackage: sums\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n";
        let files: &[(&str, &[u8])] = &[
            ("srv/x/var/lib/dpkg/status", status.as_bytes()),
            ("srv/x/var/lib/apt/extended_states", b"Package: sums\nArchitecture: amd64\nAuto-Installed: 1\n\n"),
            ("srv/x/var/lib/dpkg/info/base:amd64.list", b"/.\n/etc\n/etc/base.conf\n/usr\n/usr/bin\n/usr/bin/base\n"),
            ("srv/x/var/lib/dpkg/info/base.list", b"/wrong\n"),
            ("srv/x/var/lib/dpkg/info/base:amd64.md5sums", b"0123456789abcdef0123456789abcdef  usr/bin/base\n0123456789abcdef0123456789abcdef  etc/base.conf\nshort  x\n"),
            ("srv/x/var/lib/dpkg/info/base:amd64.conffiles", b"/etc/base.conf\n"),
            ("srv/x/var/lib/dpkg/info/sums.md5sums", b"0123456789abcdef0123456789abcdef  usr/share/with a space\n"),
        ];
        expect![[r#"
            base asked-for
              srv/x/etc/base.conf
              srv/x/usr/bin/base MD5:01234567
            sums
              srv/x/usr/share/with a space MD5:01234567
        "#]]
        .assert_eq(&owned(&ECOSYSTEM, files));
    }

    #[test]
    fn a_diverted_file_lies_elsewhere_for_all_but_one() {
        let status = "Package: coreutils\nStatus: install ok installed\nVersion: 1\n\nPackage: mine\nStatus: install ok installed\nVersion: 1\n";
        let files: &[(&str, &[u8])] = &[
            ("var/lib/dpkg/status", status.as_bytes()),
            ("var/lib/dpkg/info/coreutils.list", b"/usr/bin/ls\n"),
            ("var/lib/dpkg/info/mine.list", b"/usr/bin/ls\n"),
            ("var/lib/dpkg/diversions", b"/usr/bin/ls\n/usr/bin/ls.distrib\nmine\ncut\n"),
        ];
        expect![[r#"
            coreutils
              usr/bin/ls.distrib
            mine
              usr/bin/ls
        "#]]
        .assert_eq(&owned(&ECOSYSTEM, files));
    }

    #[test]
    fn a_distribution_lends_its_name_only_to_its_own_packages() {
        let status = "Package: a\nStatus: install ok installed\nVersion: 1\n";
        check(
            &ECOSYSTEM,
            &[
                ("etc/os-release", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=21.3\n"),
                ("var/lib/dpkg/status", status),
                ("srv/etc/os-release", "ID=\"rhel\"\nID_LIKE=\"fedora\"\nVERSION_ID=9\n"),
                ("srv/var/lib/dpkg/status", status),
            ],
            expect![[r#"
                pkg:deb/debian/a@1 line 1 needs []
                pkg:deb/linuxmint/a@1?distro=linuxmint-21.3 line 1 needs []
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
                pkg:deb/debian/perl-base@5.36 line 1 declared `GPL-2+ or Artistic` = GPL-2.0-or-later OR Artistic-1.0-Perl needs []
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
                gap var/lib/dpkg/status:7: an installed package without name or version
                gap var/lib/dpkg/status:10: an installed package without name or version
                gap var/lib/dpkg/status:12: is not `Field: value`
            "#]],
        );
    }
}
