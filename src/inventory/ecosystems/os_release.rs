//! `os-release`: which distribution a root file system is.
//!
//! A root has it in one or two places, one most often a link to the other; only real files are read here, so
//! it is listed once. It is a component of its own and not a package: it has no purl.
//! Spec: <https://www.freedesktop.org/software/systemd/man/latest/os-release.html>

use super::super::distro::Distro;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, nothing_beside};
use crate::bom::{Component, Kind};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "os-release",
    about: "the distribution of a root file system",
    reads: &["**/etc/os-release", "**/usr/lib/os-release"],
    beside: &[],
    spec: "https://www.freedesktop.org/software/systemd/man/latest/os-release.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let distro = Distro::parse(&file.text());
    let Some(id) = distro.id() else {
        return Err(ParseError::new(None, "has no `ID=`"));
    };
    let mut component = Component::new(id);
    component.kind = Kind::OperatingSystem;
    component.version = distro.get("VERSION_ID").or(distro.get("BUILD_ID")).map(str::to_owned);
    component.homepage = distro.get("HOME_URL").map(str::to_owned);
    component.asked_for = true;
    Ok(Parsed { packages: vec![Package::new(component)], problems: Vec::new() })
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
}
