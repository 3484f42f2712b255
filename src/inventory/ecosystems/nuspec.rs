//! A package of NuGet's by itself (`.nupkg`), by the `.nuspec` at its top.
//!
//! A `.nuspec` by itself is somebody's template, with `$version$` in it; beside `_rels/.rels` it is that of a package,
//! which is a zip archive of the Open Packaging Conventions. What the package needs is told by target framework; a
//! plain version is the lowest that will do, and the one that NuGet takes.
//! Spec: <https://learn.microsoft.com/nuget/reference/nuspec>

use roxmltree::{Document, Node};

use super::super::claims::{declared, detected};
use super::super::locked::unlocked;
use super::super::{
    Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside, nuget, origin,
};
use crate::bom::{Component, Presence};
use crate::layers::{Tree, clean};
use crate::licenses::Dialect;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "nuspec",
    about: "a package of NuGet's, by the .nuspec in it",
    reads: &["*.nuspec"],
    beside: &["_rels/.rels"],
    spec: "https://learn.microsoft.com/nuget/reference/nuspec",
    parse,
    enrich: nothing_beside,
};

/// Where the address of a licence led when there was none any more.
const NO_LICENSE: &str = "https://aka.ms/deprecateLicenseUrl";

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let mut parsed = Parsed::default();
    if tree.read("_rels/.rels").is_none() {
        return Ok(parsed);
    }
    let text = file.text();
    let document = Document::parse(&text).map_err(|error| {
        ParseError::new(error.pos().row, format!("is not the XML expected here: {error}"))
    })?;
    let line = |node: Node<'_, '_>| document.text_pos_at(node.range().start).row;
    let Some(metadata) = child(document.root_element(), "metadata") else {
        return Err(ParseError::new(1, "has no `metadata`"));
    };
    let (Some(id), Some(version)) = (said(metadata, "id"), said(metadata, "version")) else {
        return Err(ParseError::new(line(metadata), "has no `id` or no `version`"));
    };
    let component = nuget::named(id, version, "", Presence::Installed)
        .map_err(|reason| ParseError::new(line(metadata), reason))?;
    let mut package = Package::new(component);
    package.line = Some(line(metadata));
    describe(&mut package.component, metadata, tree);
    let mut needs = Vec::new();
    let (mut dependencies, mut free) = (0, 0_usize);
    let all = child(metadata, "dependencies").into_iter().flat_map(|node| node.descendants());
    for node in all.filter(|node| node.tag_name().name() == "dependency") {
        dependencies += 1;
        match pinned(node) {
            Some((id, version)) => match nuget::named(id, version, "", Presence::Declared) {
                Ok(component) => {
                    let address = format!("nuspec:{}@{version}", id.to_lowercase());
                    needs.push(Need::of(address.clone()));
                    let mut declared = Package::new(component);
                    declared.line = Some(line(node));
                    declared.addresses = vec![address];
                    parsed.packages.push(declared);
                }
                Err(reason) => parsed.problems.push(Problem::new(line(node), reason)),
            },
            None => free += 1,
        }
    }
    parsed.problems.extend((free > 0).then(|| Problem::new(None, unlocked(free))));
    package.needs = (dependencies == 0 || !needs.is_empty()).then_some(needs);
    parsed.packages.push(package);
    Ok(parsed)
}

fn child<'a, 'b>(node: Node<'a, 'b>, name: &str) -> Option<Node<'a, 'b>> {
    node.children().find(|child| child.tag_name().name().eq_ignore_ascii_case(name))
}

fn said<'a>(metadata: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(metadata, name)?.text().map(str::trim).filter(|text| !text.is_empty())
}

fn describe(component: &mut Component, metadata: Node<'_, '_>, tree: &Tree) {
    let own = |name: &str| said(metadata, name).map(str::to_owned);
    component.author = own("authors");
    component.copyright =
        own("copyright").map(|text| text.lines().map(str::trim).collect::<Vec<_>>().join(" "));
    component.description =
        said(metadata, "description").and_then(|text| text.lines().next()).map(|line| line.trim().to_owned());
    component.homepage = own("projectUrl");
    let repository = child(metadata, "repository");
    component.vcs = repository.and_then(|node| {
        let address = node.attribute("url")?.trim();
        let commit = node.attribute("commit").unwrap_or_default().trim();
        let is_address = address.starts_with("https://") || address.starts_with("http://");
        is_address.then(|| origin::vcs_url(address, commit))
    });
    let license = child(metadata, "license");
    let is_file = license.and_then(|node| node.attribute("type")).is_some_and(|kind| kind == "file");
    match said(metadata, "license") {
        Some(path) if is_file => {
            let path = clean(path.replace('\\', "/").as_bytes()).unwrap_or_default();
            let text = tree.read(&path).map(String::from_utf8_lossy);
            component.licenses.extend(text.map(|text| detected(&path, &text)).unwrap_or_default());
        }
        Some(expression) => component.licenses.extend(declared(expression, Dialect::Nuget)),
        None => {
            let address = said(metadata, "licenseUrl").filter(|address| *address != NO_LICENSE);
            component.licenses.extend(address.and_then(|address| declared(address, Dialect::Nuget)));
        }
    }
}

/// Name and version, where only one version will be taken.
fn pinned<'a>(node: Node<'a, '_>) -> Option<(&'a str, &'a str)> {
    let version = node.attribute("version")?.trim();
    let exact = version.strip_prefix('[').and_then(|version| version.strip_suffix(']')).unwrap_or(version);
    let is_exact =
        exact.starts_with(|first: char| first.is_ascii_digit()) && !exact.contains([',', '*', '$', ')']);
    Some((node.attribute("id")?.trim(), exact)).filter(|_| is_exact)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const RELS: (&str, &str) = ("_rels/.rels", "<Relationships/>");

    #[test]
    fn a_package_with_what_it_needs_for_each_framework() {
        let nuspec = r#"<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata minClientVersion="2.12">
    <id>Demo.Pack</id>
    <version>2.1.0-beta.1</version>
    <authors>Ann Example</authors>
    <license type="expression">MIT OR Apache-2.0</license>
    <licenseUrl>https://licenses.nuget.org/MIT%20OR%20Apache-2.0</licenseUrl>
    <projectUrl>https://example.org/demo</projectUrl>
    <description>A demo
of packing</description>
    <copyright>© Ann Example</copyright>
    <repository type="git" url="https://github.com/example/demo.git" commit="0123456789abcdef0123456789abcdef01234567" />
    <dependencies>
      <group targetFramework="net462"><dependency id="System.Memory" version="4.5.5" exclude="Build,Analyzers" /></group>
      <group targetFramework="net8.0">
        <dependency id="Other.Pack" version="[1.0.0]" />
        <dependency id="Ranged" version="[1.0,2.0)" />
      </group>
      <group targetFramework="net9.0" />
    </dependencies>
  </metadata>
</package>"#;
        check(
            &ECOSYSTEM,
            &[("Demo.Pack.nuspec", nuspec), RELS],
            expect![[r#"
            pkg:nuget/Demo.Pack@2.1.0-beta.1 line 3 declared `MIT OR Apache-2.0` needs [Other.Pack@1.0.0, System.Memory@4.5.5]
            pkg:nuget/Other.Pack@1.0.0 line 17
            pkg:nuget/System.Memory@4.5.5 line 15
            gap Demo.Pack.nuspec: needs one package, and no lockfile beside says which versions
        "#]],
        );
    }

    #[test]
    fn a_licence_may_be_a_file_or_an_address() {
        let with = |license: &str| {
            format!("<package><metadata><ID>a</ID><version>1</version>{license}</metadata></package>")
        };
        let text = include_str!("../../../LICENSE");
        let file = with(
            "<license type=\"file\">doc\\LICENSE.txt</license><licenseUrl>https://aka.ms/deprecateLicenseUrl</licenseUrl>",
        );
        check(
            &ECOSYSTEM,
            &[("a.nuspec", &file), ("doc/LICENSE.txt", text), RELS],
            expect![[r#"
            pkg:nuget/a@1 line 1 detected `Apache-2.0` needs []
        "#]],
        );
        let address = with("<licenseUrl>https://www.apache.org/licenses/LICENSE-2.0</licenseUrl>");
        check(
            &ECOSYSTEM,
            &[("a.nuspec", &address), RELS],
            expect![[r#"
            pkg:nuget/a@1 line 1 declared `https://www.apache.org/licenses/LICENSE-2.0` = Apache-2.0 needs []
        "#]],
        );
        let none = with("<license type=\"file\">../../etc/passwd</license>");
        check(
            &ECOSYSTEM,
            &[("a.nuspec", &none), RELS],
            expect![[r#"
            pkg:nuget/a@1 line 1 needs []
        "#]],
        );
    }

    #[test]
    fn templates_are_nobodys_package_and_broken_ones_are_gaps() {
        let template = "<package><metadata><id>$id$</id><version>$version$</version></metadata></package>";
        check(&ECOSYSTEM, &[("a.nuspec", template), ("sub/a.nuspec", template)], expect![[r#""#]]);
        check(
            &ECOSYSTEM,
            &[
                ("a.nuspec", "<package><metadata><id>a</id>"),
                ("b.nuspec", "<package/>"),
                ("c.nuspec", "<package><metadata><id>a</id></metadata></package>"),
                ("d.nuspec", template),
                RELS,
            ],
            expect![[r#"
                gap a.nuspec:1: is not the XML expected here: the root node was opened but never closed
                gap b.nuspec:1: has no `metadata`
                gap c.nuspec:1: has no `id` or no `version`
                gap d.nuspec:1: `$id$` is no name of a package
            "#]],
        );
    }
}
