//! Container-Optimized OS: which packages its image was made of.
//!
//! They are ebuilds with versions of the release they were built for; the ebuild's own version stands beside.
//! What was only used to build the image is in the file too, and is not in the image.
//! Spec: <https://cos.googlesource.com/cos/tools/+/refs/heads/master/src/pkg/utils/>

use serde::Deserialize;

use super::super::distro::Distro;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Purl};
use crate::layers::Tree;

const INFO: &str = "etc/cos-package-info.json";

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "cos",
    about: "packages of a Container-Optimized OS image",
    reads: &["**/etc/cos-package-info.json"],
    beside: &["**/etc/os-release", "**/usr/lib/os-release"],
    spec: "https://cos.googlesource.com/cos/tools/+/refs/heads/master/src/pkg/utils/",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
struct Info {
    #[serde(default, rename = "installedPackages")]
    installed: Vec<Installed>,
}

#[derive(Deserialize)]
struct Installed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let info: Info = serde_json::from_str(&file.text())?;
    let distro = Distro::of(tree, file.root(INFO).unwrap_or_default());
    let distro = distro.filter(|distro| distro.id().as_deref() == Some("cos"));
    let distro = distro.as_ref().and_then(Distro::qualifier).unwrap_or_default();
    let mut parsed = Parsed::default();
    for Installed { name, version } in &info.installed {
        if version.is_empty() {
            parsed.problems.push(Problem::new(None, "a package without version"));
            continue;
        }
        match Purl::new("cos", None, name, Some(version), &[("distro", &distro)]) {
            Ok(purl) => {
                let mut component = Component::new(name);
                component.version = Some(version.clone());
                component.purl = Some(purl);
                parsed.packages.push(Package::new(component));
            }
            Err(error) => parsed.problems.push(Problem::new(None, error.to_string())),
        }
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn what_only_built_the_image_is_not_in_it() {
        let info = r#"{"installedPackages": [
            {"category": "sys-libs", "name": "zlib", "version": "17162.336.17", "ebuild_version": "1.2.11-r5"}],
            "buildTimePackages": [{"category": "app-arch", "name": "unzip", "version": "17162.336.16"}]}"#;
        check(
            &ECOSYSTEM,
            &[("etc/os-release", "ID=cos\nVERSION_ID=101\n"), ("etc/cos-package-info.json", info)],
            expect![[r#"
                pkg:cos/zlib@17162.336.17?distro=cos-101
            "#]],
        );
    }

    #[test]
    fn a_package_without_name_or_version_is_a_gap() {
        let info =
            r#"{"installedPackages": [{"name": "zlib"}, {"version": "1"}, {"name": "a", "version": "1"}]}"#;
        check(
            &ECOSYSTEM,
            &[("etc/cos-package-info.json", info)],
            expect![[r#"
            pkg:cos/a@1
            gap etc/cos-package-info.json: `pkg:cos/` is not a package URL: missing name
            gap etc/cos-package-info.json: a package without version
        "#]],
        );
    }

    #[test]
    fn a_cut_file_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("etc/cos-package-info.json", r#"{"installedPackages": [{"name""#)],
            expect![[r#"
            gap etc/cos-package-info.json:1: is not the JSON expected here: EOF while parsing an object at line 1 column 30
        "#]],
        );
    }
}
