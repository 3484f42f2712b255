//! apk's database of installed packages: Alpine, Wolfi, Chainguard.
//!
//! One stanza a package, one letter a field. The letters' case matters: `P` is the name, `p` what it
//! provides. Since the merge of `/lib` into `/usr/lib` the file has two places.
//! Spec: <https://wiki.alpinelinux.org/wiki/Apk_spec#Install_DB>

use super::super::claims::declared;
use super::super::distro::Distro;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Purl};
use crate::layers::Tree;
use crate::licenses::Dialect;

const DATABASES: &[&str] = &["usr/lib/apk/db/installed", "lib/apk/db/installed", "var/lib/apk/db/installed"];

/// apk's own default where nothing says which distribution it is.
const UNKNOWN_DISTRO: &str = "alpine";

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "apk",
    about: "packages installed by apk (Alpine, Wolfi)",
    reads: &["**/lib/apk/db/installed"],
    beside: &["**/etc/os-release", "**/usr/lib/os-release", "**/etc/apk/world"],
    spec: "https://wiki.alpinelinux.org/wiki/Apk_spec#Install_DB",
    parse,
    enrich: nothing_beside,
};

/// The fields of one stanza.
#[derive(Default)]
struct Stanza<'a> {
    line: u32,
    name: Option<(&'a str, u32)>,
    version: Option<&'a str>,
    architecture: Option<&'a str>,
    license: Option<&'a str>,
    origin: Option<&'a str>,
    maintainer: Option<&'a str>,
    url: Option<&'a str>,
    depends: &'a str,
    provides: &'a str,
}

/// Where the database lies, for all its packages alike.
struct Place<'a> {
    root: &'a str,
    /// The purl's namespace.
    vendor: String,
    distro: Option<String>,
    /// Names and constraints somebody asked for.
    world: Vec<String>,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let root = DATABASES.iter().find_map(|database| file.root(database)).unwrap_or_default();
    let distro = Distro::of(tree, root);
    let world = tree.read(&format!("{root}etc/apk/world")).map(String::from_utf8_lossy).unwrap_or_default();
    let place = Place {
        root,
        vendor: distro.as_ref().and_then(Distro::id).unwrap_or_else(|| UNKNOWN_DISTRO.to_owned()),
        distro: distro.as_ref().and_then(Distro::qualifier),
        world: world.split_whitespace().map(|wish| bare(wish).to_owned()).collect(),
    };
    let text = file.text();
    let mut parsed = Parsed::default();
    let mut stanza = Stanza::default();
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if line.is_empty() {
            finish(&mut parsed, &place, std::mem::take(&mut stanza));
        } else if let Some(reason) = take_line(&mut stanza, line, number) {
            parsed.problems.push(Problem::new(number, reason));
        }
    }
    finish(&mut parsed, &place, stanza);
    Ok(parsed)
}

fn take_line<'a>(stanza: &mut Stanza<'a>, line: &'a str, number: u32) -> Option<&'static str> {
    if stanza.line == 0 {
        stanza.line = number;
    }
    let Some((key, value)) = line.split_once(':').filter(|(key, _)| key.len() == 1) else {
        return Some("is not `K:value`");
    };
    let value = value.trim_end_matches('\r');
    match key {
        "P" => stanza.name = Some((value, number)),
        "V" => stanza.version = Some(value),
        "A" => stanza.architecture = Some(value),
        "L" => stanza.license = Some(value),
        "o" => stanza.origin = Some(value),
        "m" => stanza.maintainer = Some(value),
        "U" => stanza.url = Some(value),
        "D" => stanza.depends = value,
        "p" => stanza.provides = value,
        _ => {}
    }
    None
}

fn finish(parsed: &mut Parsed, place: &Place<'_>, stanza: Stanza<'_>) {
    if stanza.line == 0 {
        return;
    }
    let (Some((name, line)), Some(version)) =
        (stanza.name.filter(|(name, _)| !name.is_empty()), stanza.version)
    else {
        parsed.problems.push(Problem::new(stanza.line, "a package without name or version"));
        return;
    };
    let qualifiers = [
        ("arch", stanza.architecture.unwrap_or_default()),
        ("distro", place.distro.as_deref().unwrap_or_default()),
        ("upstream", stanza.origin.filter(|origin| *origin != name).unwrap_or_default()),
    ];
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    match Purl::new("apk", Some(&place.vendor), name, Some(version), &qualifiers) {
        Ok(purl) => component.purl = Some(purl),
        Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
    }
    component.licenses.extend(stanza.license.and_then(|text| declared(text, Dialect::Alpine)));
    component.supplier = stanza.maintainer.filter(|text| !text.is_empty()).map(str::to_owned);
    component.homepage = stanza.url.filter(|text| !text.is_empty()).map(str::to_owned);
    let mut package = Package::new(component);
    package.line = Some(line);
    let provided = stanza.provides.split_whitespace().map(bare);
    package.addresses = std::iter::once(name).chain(provided).map(|name| address(place, name)).collect();
    // `!x` is a conflict.
    let needed = stanza.depends.split_whitespace().filter(|need| !need.starts_with('!')).map(bare);
    package.needs = Some(needed.map(|name| Need::of(address(place, name))).collect());
    package.component.asked_for =
        package.addresses.iter().any(|known| place.world.iter().any(|wish| *known == address(place, wish)));
    parsed.packages.push(package);
}

fn address(place: &Place<'_>, name: &str) -> String {
    format!("apk:{}:{name}", place.root)
}

/// A name without its version constraint and repository pin: `so:libfoo.so.1~1.2` becomes `so:libfoo.so.1`.
fn bare(constraint: &str) -> &str {
    constraint.split(['<', '>', '=', '~', '@']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const OS: (&str, &str) = ("etc/os-release", "ID=alpine\nVERSION_ID=3.20.1\n");

    #[test]
    fn packages_find_each_other_by_what_they_provide() {
        let installed = "C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\np:so:libc.musl-x86_64.so.1=1\n\n\
                         P:busybox-binsh\nV:1.36.1-r29\nA:x86_64\nL:GPL-2.0-only\no:busybox\nD:busybox~1.36 so:libc.musl-x86_64.so.1 !dash\nF:bin\nR:sh\n\n\
                         P:busybox\nV:1.36.1-r29\nA:x86_64\nL:GPL-2.0-only\nD:so:libc.musl-x86_64.so.1\n\n";
        check(
            &ECOSYSTEM,
            &[OS, ("lib/apk/db/installed", installed)],
            expect![[r#"
                pkg:apk/alpine/busybox-binsh@1.36.1-r29?arch=x86_64&distro=alpine-3.20.1&upstream=busybox line 9 declared `GPL-2.0-only` needs [alpine/busybox@1.36.1-r29, alpine/musl@1.2.5-r0]
                pkg:apk/alpine/busybox@1.36.1-r29?arch=x86_64&distro=alpine-3.20.1 line 18 declared `GPL-2.0-only` needs [alpine/musl@1.2.5-r0]
                pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1 line 2 declared `MIT` needs []
            "#]],
        );
    }

    #[test]
    fn a_root_inside_a_root_is_its_own_distribution() {
        check(
            &ECOSYSTEM,
            &[
                ("etc/os-release", "ID=debian\nVERSION_ID=12\n"),
                ("srv/wolfi/etc/os-release", "ID=wolfi\nVERSION_ID=20230201\n"),
                ("srv/wolfi/usr/lib/apk/db/installed", "P:glibc\nV:2.39-r4\nL:\n"),
            ],
            expect![[r#"
                pkg:apk/wolfi/glibc@2.39-r4?distro=wolfi-20230201 line 1 needs []
            "#]],
        );
    }

    #[test]
    fn a_broken_stanza_is_a_gap_and_the_rest_is_read() {
        check(
            &ECOSYSTEM,
            &[("lib/apk/db/installed", "P:good\nV:1\nnonsense\n\nV:2\nA:x\n\nP:cut")],
            expect![[r#"
                pkg:apk/alpine/good@1 line 1 needs []
                gap lib/apk/db/installed:3: is not `K:value`
                gap lib/apk/db/installed:5: a package without name or version
                gap lib/apk/db/installed:8: a package without name or version
            "#]],
        );
    }
}
