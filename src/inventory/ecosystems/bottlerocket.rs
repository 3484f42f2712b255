//! Bottlerocket's inventory: which packages its image was made of.
//!
//! They are rpms, built by Bottlerocket itself; the image has no rpm database.
//! Spec: <https://github.com/bottlerocket-os/twoliter/blob/develop/twoliter/embedded/rpm2img>

use serde::Deserialize;

use super::super::distro::Distro;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Purl};
use crate::layers::Tree;

const INVENTORY: &str = "usr/share/bottlerocket/application-inventory.json";

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "bottlerocket",
    about: "packages of a Bottlerocket image",
    reads: &["**/usr/share/bottlerocket/application-inventory.json"],
    beside: &["**/etc/os-release", "**/usr/lib/os-release"],
    spec: "https://github.com/bottlerocket-os/twoliter/blob/develop/twoliter/embedded/rpm2img",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inventory {
    #[serde(default)]
    content: Vec<Application>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Application {
    name: String,
    publisher: String,
    version: String,
    release: String,
    epoch: String,
    architecture: String,
    url: String,
    summary: String,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let inventory: Inventory = serde_json::from_str(&file.text())?;
    let distro = Distro::of(tree, file.root(INVENTORY).unwrap_or_default());
    let distro = distro.filter(|distro| distro.id().as_deref() == Some("bottlerocket"));
    let distro = distro.as_ref().and_then(Distro::qualifier).unwrap_or_default();
    let mut parsed = Parsed::default();
    for application in &inventory.content {
        match package(application, &distro) {
            Ok(package) => parsed.packages.push(package),
            Err(reason) => parsed.problems.push(Problem::new(None, reason)),
        }
    }
    Ok(parsed)
}

fn package(application: &Application, distro: &str) -> Result<Package, String> {
    let Application { name, version, release, epoch, .. } = application;
    if name.is_empty() || version.is_empty() {
        return Err("a package without name or version".to_owned());
    }
    let full = if release.is_empty() { version.clone() } else { format!("{version}-{release}") };
    // Every package has one, and 0 is none.
    let epoch = Some(epoch.as_str()).filter(|epoch| !epoch.is_empty() && *epoch != "0");
    let qualifiers = [
        ("arch", application.architecture.as_str()),
        ("distro", distro),
        ("epoch", epoch.unwrap_or_default()),
    ];
    let purl = Purl::new("rpm", Some("bottlerocket"), name, Some(&full), &qualifiers)
        .map_err(|error| error.to_string())?;
    let written = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut component = Component::new(name);
    component.version = Some(epoch.map_or_else(|| full.clone(), |epoch| format!("{epoch}:{full}")));
    component.purl = Some(purl);
    component.supplier = written(&application.publisher);
    component.homepage = written(&application.url);
    component.description = written(&application.summary);
    Ok(Package::new(component))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const PATH: &str = "usr/share/bottlerocket/application-inventory.json";

    #[test]
    fn packages_are_rpms_of_bottlerockets_own() {
        let inventory = r#"{"Content": [
            {"Name": "glibc", "Publisher": "bottlerocket-core-kit", "Version": "2.43", "Release": "1.17.br1",
             "Epoch": "1", "ApplicationType": "Unspecified", "Architecture": "x86_64", "Url": "http://x", "Summary": "s"},
            {"Name": "kernel-6.1", "Version": "6.1.172", "Release": "1.br1", "Epoch": "0", "Architecture": "x86_64"}]}"#;
        check(
            &ECOSYSTEM,
            &[("etc/os-release", "ID=bottlerocket\nVERSION_ID=1.20.0\n"), (PATH, inventory)],
            expect![[r#"
                pkg:rpm/bottlerocket/glibc@2.43-1.17.br1?arch=x86_64&distro=bottlerocket-1.20.0&epoch=1
                pkg:rpm/bottlerocket/kernel-6.1@6.1.172-1.br1?arch=x86_64&distro=bottlerocket-1.20.0
            "#]],
        );
    }

    #[test]
    fn older_inventories_have_no_epoch() {
        check(
            &ECOSYSTEM,
            &[(
                PATH,
                r#"{"Content": [{"Name": "acpid", "Version": "1.19.2", "Release": "29cc92cc"}, {"Name": "x"}]}"#,
            )],
            expect![[r#"
                pkg:rpm/bottlerocket/acpid@1.19.2-29cc92cc
                gap usr/share/bottlerocket/application-inventory.json: a package without name or version
            "#]],
        );
    }

    #[test]
    fn a_cut_inventory_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[(PATH, r#"{"Content": [{"Name": "#)],
            expect![[r#"
            gap usr/share/bottlerocket/application-inventory.json:1: is not the JSON expected here: EOF while parsing a value at line 1 column 22
        "#]],
        );
    }
}
