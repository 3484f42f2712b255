//! `os-release`: which distribution a root file system is.
//!
//! A root has it in one or two places, one most often a link to the other; only real files are read here, so
//! it is listed once. Older and stripped roots are known by their distribution's own files, where no
//! `os-release` is. It is a component of its own and not a package: it has no purl.
//! Spec: <https://www.freedesktop.org/software/systemd/man/latest/os-release.html>

use super::super::distro::{Distro, OLDER_PLACES, PLACES};
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problems, nothing_beside};
use crate::bom::{Component, Kind};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "os-release",
    about: "the distribution of a root file system",
    reads: &[
        "**/etc/os-release",
        "**/usr/lib/os-release",
        "**/etc/{alpine,centos,fedora,lsb,oracle,redhat,system,SuSE}-release",
        "**/etc/debian_version",
    ],
    beside: &[],
    spec: "https://www.freedesktop.org/software/systemd/man/latest/os-release.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let distro = match PLACES.iter().find_map(|place| file.root(place)) {
        Some(root) => {
            let right = PLACES.iter().find_map(|place| tree.read(&format!("{root}{place}")));
            (right == Some(file.bytes)).then(|| Distro::parse(&file.text()))
        }
        None => older(file, tree),
    };
    let Some(distro) = distro else { return Ok(Parsed::default()) };
    let Some(id) = distro.id() else {
        return Err(ParseError::new(None, "has no `ID=`"));
    };
    let mut component = Component::new(id);
    component.kind = Kind::OperatingSystem;
    component.version = distro.get("VERSION_ID").or(distro.get("BUILD_ID")).map(str::to_owned);
    component.description = distro.get("PRETTY_NAME").map(str::to_owned);
    component.homepage = distro.get("HOME_URL").map(str::to_owned);
    component.cpes = distro.get("CPE_NAME").and_then(cpe).into_iter().collect();
    component.asked_for = true;
    Ok(Parsed { packages: vec![Package::new(component)].into(), problems: Problems::new() })
}

/// A CPE 2.2 or 2.3 name. Some systems leave out of the latter what may be anything.
fn cpe(text: &str) -> Option<String> {
    const PARTS: usize = 13;
    if text.len() > 500 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let is_short = |names: &str, most: usize| {
        let kind = names.split(':').next().unwrap_or_default();
        matches!(kind, "a" | "h" | "o") && (3..=most).contains(&names.split(':').count())
    };
    if let Some(names) = text.strip_prefix("cpe:2.3:").filter(|names| is_short(names, PARTS - 2)) {
        let missing = PARTS - 2 - names.split(':').count();
        return Some(format!("{text}{}", ":*".repeat(missing)));
    }
    text.strip_prefix("cpe:/").filter(|names| is_short(names, 7)).map(|_| text.to_owned())
}

/// Speaks only where no file that says more does.
fn older(file: &File<'_>, tree: &Tree) -> Option<Distro> {
    let (at, root) =
        OLDER_PLACES.iter().enumerate().find_map(|(at, (place, _))| Some((at, file.root(place)?)))?;
    let text = |place: &str| tree.read(&format!("{root}{place}")).map(String::from_utf8_lossy);
    let has_release = PLACES.iter().any(|place| text(place).is_some());
    let says_more = OLDER_PLACES[..at]
        .iter()
        .any(|(place, read)| text(place).is_some_and(|text| Distro::of_older(*read, &text).is_some()));
    let (_, read) = OLDER_PLACES[at];
    Distro::of_older(read, &file.text()).filter(|_| !has_release && !says_more)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_root_is_listed_once_though_it_has_two_names_for_the_file() {
        check(
            &ECOSYSTEM,
            &[
                ("usr/lib/os-release", "NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=\"12\"\n"),
                ("etc/os-release", "->../usr/lib/os-release"),
            ],
            expect![[r#"
                operating-system:debian@12 operating-system
            "#]],
        );
    }

    #[test]
    fn a_root_without_the_file_is_known_by_older_ones() {
        check(
            &ECOSYSTEM,
            &[
                ("etc/centos-release", "CentOS release 6.10 (Final)\n"),
                ("etc/redhat-release", "->centos-release"),
                ("etc/system-release", "CentOS release 6.10 (Final)\n"),
                ("srv/a/etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\n"),
                ("srv/a/etc/debian_version", "wheezy/sid\n"),
                ("srv/b/etc/debian_version", "12.5\n"),
                ("srv/b/etc/os-release", "ID=debian\nVERSION_ID=12\n"),
            ],
            expect![[r#"
                operating-system:centos@6.10 operating-system
                operating-system:debian@12 operating-system
                operating-system:ubuntu@12.04 operating-system
            "#]],
        );
    }

    #[test]
    fn where_two_real_files_differ_the_first_is_right() {
        check(
            &ECOSYSTEM,
            &[
                ("etc/os-release", "ID=mine\nVERSION_ID=1\n"),
                ("usr/lib/os-release", "ID=debian\nVERSION_ID=12\n"),
            ],
            expect![[r#"
                operating-system:mine@1 operating-system
            "#]],
        );
    }

    #[test]
    fn a_root_inside_a_root_is_its_own() {
        check(
            &ECOSYSTEM,
            &[
                ("etc/os-release", "ID=arch\nBUILD_ID=rolling\n"),
                ("srv/alpine/etc/os-release", "ID=alpine\nVERSION_ID=3.20.1"),
            ],
            expect![[r#"
                operating-system:alpine@3.20.1 operating-system
                operating-system:arch@rolling operating-system
            "#]],
        );
    }

    #[test]
    fn a_file_without_an_id_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("etc/os-release", "\u{0}\u{1}garbage")],
            expect![[r#"
                gap etc/os-release: has no `ID=`
            "#]],
        );
    }

    #[test]
    fn a_system_may_say_its_cpe() {
        let full = "cpe:2.3:o:amazon:amazon_linux:2023:*:*:*:*:*:*:*";
        assert_eq!(cpe("cpe:2.3:o:amazon:amazon_linux:2023").as_deref(), Some(full));
        assert_eq!(cpe(full).as_deref(), Some(full));
        let older = "cpe:/o:redhat:enterprise_linux:9::baseos";
        assert_eq!(cpe(older).as_deref(), Some(older));
        for wrong in ["", "cpe:/", "cpe:/x:a:b:1", "cpe:2.3:o", "cpe:2.3:o:a b:c", "cpe:/o:a:b:1:2:3:4:5:6"] {
            assert_eq!(cpe(wrong), None, "{wrong}");
        }
    }
}
