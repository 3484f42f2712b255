//! apk's database of installed packages: Alpine, Wolfi, Chainguard.
//!
//! One stanza a package, one letter a field. The letters' case matters: `P` is the name, `p` what it
//! provides. Since the merge of `/lib` into `/usr/lib` the file has two places, and apk 3 knows a third.
//!
//! A package with `install_if` is there because those it names are all there, and goes when one of them does:
//! it counts as needing them. What `etc/apk/world` names was asked for.
//! Spec: <https://wiki.alpinelinux.org/wiki/Apk_spec#Install_DB>

use std::collections::HashSet;

use super::super::claims::declared;
use super::super::distro::{Distro, Family};
use super::super::{
    Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, base64, nothing_beside,
};
use crate::bom::{Component, Hash, HashAlgorithm, Purl};
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
    description: Option<&'a str>,
    depends: &'a str,
    install_if: &'a str,
    provides: &'a str,
    /// The folder of the files that follow.
    folder: &'a str,
    files: Vec<OwnedFile>,
    /// The last file is a link: its digest is that of the name it points to.
    is_link: bool,
    /// A line was told to be no `K:value`; the rest of a broken stanza is not told again.
    told: bool,
}

/// Where the database lies, for all its packages alike.
struct Place<'a> {
    root: &'a str,
    /// The purl's namespace.
    vendor: String,
    distro: Option<String>,
    /// Names somebody asked for.
    world: HashSet<String>,
}

fn place<'a>(file: &File<'a>, tree: &Tree) -> Place<'a> {
    let root = DATABASES.iter().find_map(|database| file.root(database)).unwrap_or_default();
    let distro = Distro::of(tree, root).filter(|distro| distro.may_be(Family::Apk));
    let world = tree.read(&format!("{root}etc/apk/world")).map(String::from_utf8_lossy).unwrap_or_default();
    let wishes = world.split_whitespace().filter(|wish| !wish.starts_with('!'));
    Place {
        root,
        vendor: distro.as_ref().and_then(Distro::id).unwrap_or_else(|| UNKNOWN_DISTRO.to_owned()),
        distro: distro.as_ref().and_then(Distro::qualifier),
        world: wishes.map(|wish| bare(wish).to_owned()).collect(),
    }
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let place = place(file, tree);
    let text = file.text();
    let mut parsed = Parsed::default();
    let mut stanza = Stanza::default();
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if line.is_empty() {
            finish(&mut parsed, &place, std::mem::take(&mut stanza));
        } else if let Some(reason) = take_line(&mut stanza, line, number, place.root) {
            parsed.problems.push(Problem::new(number, reason));
        }
    }
    finish(&mut parsed, &place, stanza);
    Ok(parsed)
}

fn take_line<'a>(stanza: &mut Stanza<'a>, line: &'a str, number: u32, root: &str) -> Option<&'static str> {
    if stanza.line == 0 {
        stanza.line = number;
    }
    let Some((key, value)) = line.split_once(':').filter(|(key, _)| key.len() == 1) else {
        let told = std::mem::replace(&mut stanza.told, true);
        return (!told).then_some("is not `K:value`");
    };
    match key {
        "P" => stanza.name = Some((value, number)),
        "V" => stanza.version = Some(value),
        "A" => stanza.architecture = Some(value),
        "L" => stanza.license = Some(value),
        "T" => stanza.description = Some(value),
        "o" => stanza.origin = Some(value),
        "m" => stanza.maintainer = Some(value),
        "U" => stanza.url = Some(value),
        "D" => stanza.depends = value,
        "i" => stanza.install_if = value,
        "p" => stanza.provides = value,
        "F" => stanza.folder = value.trim_matches('/'),
        "R" => {
            let slash = if stanza.folder.is_empty() { "" } else { "/" };
            let path = format!("{root}{}{slash}{value}", stanza.folder).into();
            stanza.files.push(OwnedFile { path, digest: None });
            stanza.is_link = false;
        }
        "a" => stanza.is_link = value.split(':').nth(2) == Some("777"),
        "Z" => {
            let is_fixed = !stanza.is_link && !is_setting(stanza.folder);
            if let Some(file) = stanza.files.last_mut().filter(|_| is_fixed) {
                file.digest = digest(value);
            }
        }
        _ => {}
    }
    None
}

/// What apk protects from being overwritten, since it is meant to be changed.
fn is_setting(folder: &str) -> bool {
    let below_etc = folder.strip_prefix("etc").filter(|rest| rest.is_empty() || rest.starts_with('/'));
    below_etc.is_some_and(|rest| rest != "/init.d")
}

/// `Q1` and base64, or `X1` and hexadecimal digits; 1 is SHA-1, 2 is SHA-256.
fn digest(text: &str) -> Option<Hash> {
    let (head, rest) = text.split_at_checked(2)?;
    let algorithm = match &head[1..] {
        "1" => HashAlgorithm::Sha1,
        "2" => HashAlgorithm::Sha256,
        _ => return None,
    };
    match &head[..1] {
        "Q" => Hash::from_bytes(algorithm, &base64::decode(rest)?),
        "X" => Hash::from_hex(algorithm, rest),
        _ => None,
    }
}

fn finish(parsed: &mut Parsed, place: &Place<'_>, stanza: Stanza<'_>) {
    if stanza.line == 0 {
        return;
    }
    let (Some((name, line)), Some(version)) = (
        stanza.name.filter(|(name, _)| !name.is_empty()),
        stanza.version.filter(|version| !version.is_empty()),
    ) else {
        parsed.problems.push(Problem::new(stanza.line, "a package without name or version"));
        return;
    };
    let qualifiers = [
        ("arch", stanza.architecture.unwrap_or_default()),
        ("distro", place.distro.as_deref().unwrap_or_default()),
        ("upstream", stanza.origin.filter(|origin| *origin != name).unwrap_or_default()),
    ];
    let written = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    match Purl::new("apk", Some(&place.vendor), name, Some(version), &qualifiers) {
        Ok(purl) => component.purl = Some(purl),
        Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
    }
    component.licenses.extend(stanza.license.and_then(|text| declared(text, Dialect::Alpine)));
    component.supplier = written(stanza.maintainer);
    component.homepage = written(stanza.url);
    component.description = written(stanza.description);
    let names = || std::iter::once(name).chain(stanza.provides.split_whitespace().map(bare));
    component.asked_for = names().any(|name| place.world.contains(name));
    let mut package = Package::new(component);
    package.line = Some(line);
    package.addresses = names().map(|name| address(place, name)).collect();
    // `!x` is a conflict.
    let needed = [stanza.depends, stanza.install_if].into_iter().flat_map(str::split_whitespace);
    let needed = needed.filter(|need| !need.starts_with('!')).map(bare);
    package.needs = Some(needed.map(|name| Need::of(address(place, name))).collect());
    package.files = stanza.files;
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

    use super::super::testing::{check, owned};
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
    fn files_have_digests_and_links_have_none() {
        let installed = "P:busybox\nV:1\np:/bin/sh cmd:sh=1\nF:\nR:init\nF:bin\nM:0:0:1777\nR:busybox\na:0:0:755\nZ:Q1xOlCsdvx4O0gnKWoFCNKjz2quRE=\n\
                         R:sh\na:0:0:777\nZ:Q1pcfTfDNEbNKQc2s1tia7da05M8Q=\nR:cut\nZ:Q1broken\n\
                         F:etc\nR:securetty\nZ:Q1xOlCsdvx4O0gnKWoFCNKjz2quRE=\nF:etc/init.d\nR:a\nZ:Q1xOlCsdvx4O0gnKWoFCNKjz2quRE=\n\n\
                         P:ssl_client\nV:1\ni:busybox=1 libssl3\nF:usr\n";
        let files: &[(&str, &[u8])] = &[
            ("srv/x/usr/lib/apk/db/installed", installed.as_bytes()),
            ("srv/x/etc/apk/world", b"!libressl\nbusybox>1.30\n"),
        ];
        expect![[r#"
            busybox asked-for
              srv/x/init
              srv/x/bin/busybox SHA-1:c4e942b1
              srv/x/bin/sh
              srv/x/bin/cut
              srv/x/etc/securetty
              srv/x/etc/init.d/a SHA-1:c4e942b1
            ssl_client
        "#]]
        .assert_eq(&owned(&ECOSYSTEM, files));
        check(
            &ECOSYSTEM,
            &[("lib/apk/db/installed", installed)],
            expect![[r#"
                pkg:apk/alpine/busybox@1 line 1 needs []
                pkg:apk/alpine/ssl_client@1 line 23 needs [alpine/busybox@1]
            "#]],
        );
    }

    #[test]
    fn one_database_in_two_places_is_one() {
        let installed = format!("P:a\nV:1\nT:{}\n", "long ".repeat(100_000));
        check(
            &ECOSYSTEM,
            &[("lib/apk/db/installed", &installed), ("usr/lib/apk/db/installed", &installed)],
            expect![[r#"
                pkg:apk/alpine/a@1 line 1+1 needs []
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
