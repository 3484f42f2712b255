//! Snaps: what one is, and which of Ubuntu's packages were put into it.
//!
//! `meta/snap.yaml` names the snap and its base. Packages are in no dpkg database there: `snap/manifest.yaml`
//! lists them where the snap was built with its manifest kept, and base snaps list theirs in
//! `usr/share/snappy/dpkg.yaml`, both as `name=version` or `name:architecture=version`.
//! Spec: <https://snapcraft.io/docs/snap-format>

use super::super::claims::declared;
use super::super::distro::{Distro, Family};
use super::super::lines::Lines;
use super::super::value::Value;
use super::super::{
    Ecosystem, File, Need, Package, ParseError, Parsed, Problem, Problems, nothing_beside, yaml,
};
use crate::bom::{Component, Kind, Purl};
use crate::layers::Tree;
use crate::licenses::Dialect;

const SNAP: &str = "meta/snap.yaml";
const MANIFEST: &str = "snap/manifest.yaml";
const BASE: &str = "usr/share/snappy/dpkg.yaml";

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "snap",
    about: "snaps, and the packages put into them",
    reads: &["**/meta/snap.yaml", "**/snap/manifest.yaml", "**/usr/share/snappy/dpkg.yaml"],
    beside: &["**/etc/os-release", "**/usr/lib/os-release"],
    spec: "https://snapcraft.io/docs/snap-format",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let documents = yaml::parse(&text)?;
    let Some(document) = documents.first().filter(|document| document.is_map()) else {
        return Err(ParseError::new(None, "is not the YAML expected here"));
    };
    let lines = Lines::of(&text);
    if file.root(SNAP).is_some() {
        return snap(document, &lines);
    }
    let distro = match file.root(BASE) {
        Some(root) => Distro::of(tree, root).filter(|distro| distro.may_be(Family::Deb)),
        None => built_on(document),
    };
    let architecture = document.texts("architectures").next().filter(|_| file.root(MANIFEST).is_some());
    let mut parsed = Parsed::default();
    for item in staged(document) {
        let line = lines.line(item.at);
        match item.as_str().and_then(|item| package(item, architecture, distro.as_ref())) {
            Some(mut package) => {
                package.line = Some(line);
                parsed.packages.push(package);
            }
            None => parsed.problems.push(Problem::new(line, "is not `name=version`")),
        }
    }
    Ok(parsed)
}

fn snap(document: &Value<'_>, lines: &Lines) -> Result<Parsed, ParseError> {
    let Some(name) = document.field("name") else {
        return Err(ParseError::new(None, "has no `name`"));
    };
    let version = document.field("version");
    let architecture = document.texts("architectures").next().unwrap_or_default();
    let purl = Purl::new("snap", None, name, version, &[("arch", architecture)])
        .map_err(|error| ParseError::new(None, error.to_string()))?;
    let mut component = Component::new(name);
    component.kind = Kind::Application;
    component.version = version.map(str::to_owned);
    component.purl = Some(purl);
    component.description = document.field("summary").map(str::to_owned);
    component.licenses.extend(document.field("license").and_then(|text| declared(text, Dialect::Spdx)));
    let mut package = Package::new(component);
    package.line = document.get("name").map(|name| lines.line(name.at));
    package.addresses = vec![format!("snap:{name}")];
    let base = document.field("base").filter(|base| *base != "none");
    package.needs = Some(base.map(|base| Need::of(format!("snap:{base}"))).into_iter().collect());
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

/// The distribution a manifest says the snap was built on.
fn built_on(document: &Value<'_>) -> Option<Distro> {
    let id = document.field("snapcraft-os-release-id")?;
    let version = document.field("snapcraft-os-release-version-id").unwrap_or_default();
    Some(Distro::parse(&format!("ID={id}\nVERSION_ID={version}\n")))
}

/// What is in the snap: of a manifest what was primed, or (older ones) what its parts staged.
fn staged<'a, 'v>(document: &'a Value<'v>) -> Vec<&'a Value<'v>> {
    let list = |value: &'a Value<'v>, key: &str| value.get(key).map(Value::items).unwrap_or_default();
    for key in ["packages", "primed-stage-packages"] {
        if document.get(key).is_some() {
            return list(document, key).iter().collect();
        }
    }
    let parts = document.get("parts").map(Value::members).unwrap_or_default();
    parts.iter().flat_map(|part| list(&part.value, "stage-packages")).collect()
}

fn package(item: &str, architecture: Option<&str>, distro: Option<&Distro>) -> Option<Package> {
    let (name, version) = item.split_once('=')?;
    let (name, architecture) = match name.split_once(':') {
        Some((name, architecture)) => (name, Some(architecture)),
        None => (name, architecture),
    };
    let vendor = distro.and_then(Distro::id).unwrap_or_else(|| "ubuntu".to_owned());
    let distro = distro.and_then(Distro::qualifier).unwrap_or_default();
    let qualifiers = [("arch", architecture.unwrap_or_default()), ("distro", distro.as_str())];
    let purl = Purl::new("deb", Some(&vendor), name, Some(version.trim()), &qualifiers).ok()?;
    let mut component = Component::new(name);
    component.version = Some(version.trim().to_owned());
    component.purl = Some(purl);
    Some(Package::new(component))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_snap_needs_its_base_and_has_its_packages() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "snap/pc/1/meta/snap.yaml",
                    "name: pc\nversion: 24-0.1\nsummary: PC gadget\nlicense: GPL-3.0-only\nbase: core24\narchitectures:\n- amd64\n",
                ),
                ("snap/core24/9/meta/snap.yaml", "name: core24\nversion: '20240920'\ntype: base\n"),
                (
                    "snap/pc/1/snap/manifest.yaml",
                    "snapcraft-os-release-id: ubuntu\nsnapcraft-os-release-version-id: '24.04'\nname: pc\narchitectures:\n- amd64\nprimed-stage-packages:\n- shim-signed=1.56+15.7-0ubuntu1\n- libc6:i386=2.39-0ubuntu8\n",
                ),
            ],
            expect![[r#"
                pkg:deb/ubuntu/libc6@2.39-0ubuntu8?arch=i386&distro=ubuntu-24.04 line 8
                pkg:deb/ubuntu/shim-signed@1.56%2B15.7-0ubuntu1?arch=amd64&distro=ubuntu-24.04 line 7
                pkg:snap/core24@20240920 line 1 application needs []
                pkg:snap/pc@24-0.1?arch=amd64 line 1 application declared `GPL-3.0-only` needs [core24@20240920]
            "#]],
        );
    }

    #[test]
    fn a_base_lists_its_packages_and_an_old_manifest_by_part() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "usr/share/snappy/dpkg.yaml",
                    "package-repositories:\n- type: apt\n  ppa: x\npackages:\n- adduser=3.118ubuntu2\n- gcc-10-base:amd64=10.5.0-1ubuntu1~20.04",
                ),
                ("usr/lib/os-release", "ID=ubuntu\nVERSION_ID=\"20.04\"\n"),
                ("old/snap/manifest.yaml", "name: old\nparts:\n  one:\n    stage-packages:\n    - jq=1.5\n"),
            ],
            expect![[r#"
                pkg:deb/ubuntu/adduser@3.118ubuntu2?distro=ubuntu-20.04 line 5
                pkg:deb/ubuntu/gcc-10-base@10.5.0-1ubuntu1~20.04?arch=amd64&distro=ubuntu-20.04 line 6
                pkg:deb/ubuntu/jq@1.5 line 5
            "#]],
        );
    }

    #[test]
    fn what_is_no_snap_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("a/meta/snap.yaml", "version: 1\n"),
                ("b/meta/snap.yaml", "just text\n"),
                ("c/snap/manifest.yaml", "primed-stage-packages:\n- nonsense\n- [x]\n- a=1\n"),
            ],
            expect![[r#"
                pkg:deb/ubuntu/a@1 line 4
                gap a/meta/snap.yaml: has no `name`
                gap b/meta/snap.yaml: is not the YAML expected here
                gap c/snap/manifest.yaml:2: is not `name=version`
                gap c/snap/manifest.yaml:3: is not `name=version`
            "#]],
        );
    }
}
