//! What pip and setuptools carry inside themselves: `pip/_vendor/vendor.txt`.
//!
//! It is a list of pins that their makers copied from, with comments and indents that show what needs what. The
//! copies have no metadata of their own, but their licence files lie in the folders of their modules.
//! Spec: <https://pip.pypa.io/en/stable/development/vendoring-policy/>

use super::super::claims::detected;
use super::super::pep508::Requirement;
use super::super::pypi;
use super::super::{Ecosystem, Extent, File, Need, Package, ParseError, Parsed, Problem};
use crate::bom::Component;
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "pip-vendored",
    about: "packages that pip and setuptools carry copies of",
    reads: &["**/_vendor/vendor.txt", "**/_vendor/vendored.txt"],
    beside: &[],
    spec: "https://pip.pypa.io/en/stable/development/vendoring-policy/",
    parse,
    enrich,
};

/// How the licence files of copies begin.
const LICENSE_FILES: &[&str] = &["COPYING", "LICENCE", "LICENSE"];

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let mut parsed = Parsed::default();
    let mut outer: Option<usize> = None;
    for (line, number) in text.lines().zip(1..) {
        let pin = line.split(" #").next().unwrap_or(line).trim_end();
        if pin.trim().is_empty() || pin.trim_start().starts_with('#') {
            continue;
        }
        let package = match package(pin.trim(), file.path, number) {
            Ok(package) => package,
            Err(reason) => {
                parsed.problems.push(Problem::new(number, reason));
                continue;
            }
        };
        let is_inner = pin.starts_with([' ', '\t']);
        if let Some(outer) = outer.filter(|_| is_inner).and_then(|outer| parsed.packages.get_mut(outer)) {
            let need = package.addresses.first().map(Need::of);
            outer.needs.get_or_insert_default().extend(need);
        }
        if !is_inner {
            outer = Some(parsed.packages.len());
        }
        parsed.packages.push(package);
    }
    Ok(parsed)
}

fn package(pin: &str, path: &str, line: u32) -> Result<Package, String> {
    let requirement = Requirement::parse(pin);
    let (name, version) = requirement
        .as_ref()
        .and_then(|requirement| Some((requirement.name, requirement.pin()?)))
        .ok_or_else(|| format!("`{}` is no pinned requirement", pin.chars().take(80).collect::<String>()))?;
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(pypi::purl(name, Some(version), &[]).map_err(|error| error.to_string())?);
    let mut package = Package::new(component);
    package.line = Some(line);
    package.addresses = vec![format!("pip-vendored:{path}:{line}")];
    Ok(package)
}

fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    let module = package.component.name.to_lowercase().replace(['-', '.'], "_");
    let place = format!("{}/{module}", file.folder());
    let is_folder = tree.beginning_with(&format!("{place}/")).next().is_some();
    let extent =
        if is_folder { Extent::Folder(place.into()) } else { Extent::File(format!("{place}.py").into()) };
    package.extent = Some(extent);
    for begin in LICENSE_FILES {
        let start = format!("{}/{module}/{begin}", file.folder());
        for path in tree.beginning_with(&start).filter(|path| !path.ends_with(".py")) {
            let text = String::from_utf8_lossy(tree.read(path).unwrap_or_default());
            package.component.licenses.extend(detected(path, &text));
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;
    use crate::inventory::ecosystems::testing::{layered, render};

    const FILE: &str = "usr/lib/python3.11/site-packages/pip/_vendor/vendor.txt";

    #[test]
    fn each_pin_is_a_copy_and_indents_show_what_needs_what() {
        let text = "CacheControl==0.13.1  # Make sure to update the license in pyproject.toml for this.\n\
                    distlib==0.3.8\n\n# a word\nrequests==2.31.0\n    certifi==2024.2.2\n    idna==3.7\nrich==13.7.1\n    pygments==2.17.2\n    typing_extensions==4.11.0\n";
        check(
            &ECOSYSTEM,
            &[(FILE, text)],
            expect![[r#"
            pkg:pypi/cachecontrol@0.13.1 line 1
            pkg:pypi/certifi@2024.2.2 line 6
            pkg:pypi/distlib@0.3.8 line 2
            pkg:pypi/idna@3.7 line 7
            pkg:pypi/pygments@2.17.2 line 9
            pkg:pypi/requests@2.31.0 line 5 needs [certifi@2024.2.2, idna@3.7]
            pkg:pypi/rich@13.7.1 line 8 needs [pygments@2.17.2, typing-extensions@4.11.0]
            pkg:pypi/typing-extensions@4.11.0 line 10
        "#]],
        );
    }

    #[test]
    fn copies_lie_in_the_package_that_carries_them() {
        let folder = "usr/lib/python3.11/site-packages/pip-24.0.dist-info";
        let bom = layered(&[&[
            (&format!("{folder}/METADATA"), "Metadata-Version: 2.1\nName: pip\nVersion: 24.0\n"),
            (&format!("{folder}/RECORD"), "pip/_vendor/vendor.txt,,\npip-24.0.dist-info/METADATA,,\n"),
            (FILE, "requests==2.31.0\n"),
            (
                "usr/lib/python3.11/site-packages/pip/_vendor/requests/LICENSE",
                "SPDX-License-Identifier: Apache-2.0\n",
            ),
        ]]);
        expect![[r#"
            pkg:pypi/pip@24.0 line 2 layer 0 needs [requests@2.31.0]
            pkg:pypi/requests@2.31.0 line 1 layer 0 in pip@24.0 by usr/lib/python3.11/site-packages/pip/_vendor/vendor.txt detected `Apache-2.0`
        "#]].assert_eq(&render(&bom));
    }

    #[test]
    fn what_is_no_pin_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[(FILE, "    idna==3.7\nrequests>=2\n==\nx==")],
            expect![[r#"
            pkg:pypi/idna@3.7 line 1
            gap usr/lib/python3.11/site-packages/pip/_vendor/vendor.txt:2: `requests>=2` is no pinned requirement
            gap usr/lib/python3.11/site-packages/pip/_vendor/vendor.txt:3: `==` is no pinned requirement
            gap usr/lib/python3.11/site-packages/pip/_vendor/vendor.txt:4: `x==` is no pinned requirement
        "#]],
        );
    }
}
