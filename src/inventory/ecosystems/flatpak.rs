//! Flatpak's installations: an application is known by the metainfo it exports.
//!
//! The newest release comes first in it and is the one installed. `metadata` beside the exports names the
//! runtime the application runs on.
//! Spec: <https://www.freedesktop.org/software/appstream/docs/chap-Metadata.html>,
//! <https://docs.flatpak.org/en/latest/flatpak-command-reference.html#flatpak-metadata>

use roxmltree::{Document, Node};

use super::super::claims::declared;
use super::super::distro::Distro;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problems, nothing_beside};
use crate::bom::{Component, Kind, Purl};
use crate::layers::{Tree, parent};
use crate::licenses::Dialect;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "flatpak",
    about: "applications and runtimes installed by Flatpak",
    reads: &[
        "**/flatpak/{app,runtime}/*/*/*/export/share/metainfo/*.metainfo.xml",
        "**/flatpak/{app,runtime}/*/*/*/*/export/share/metainfo/*.metainfo.xml",
        "**/flatpak/{app,runtime}/*/*/*/*/files/share/metainfo/*.metainfo.xml",
    ],
    beside: &["**/etc/os-release", "**/usr/lib/os-release", "**/flatpak/{app,runtime}/*/*/*/*/metadata"],
    spec: "https://www.freedesktop.org/software/appstream/docs/chap-Metadata.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let document = Document::parse(&text).map_err(|error| {
        ParseError::new(error.pos().row, format!("is not the XML expected here: {error}"))
    })?;
    let root = document.root_element();
    let child = |name: &str| {
        let mut children = root.children();
        children.find(|node| {
            node.has_tag_name(name) && !node.has_attribute(("http://www.w3.org/XML/1998/namespace", "lang"))
        })
    };
    let words =
        |name: &str| child(name).and_then(|node| node.text()).map(str::trim).filter(|text| !text.is_empty());
    let Some(id) = words("id") else {
        return Err(ParseError::new(None, "has no `id`"));
    };
    // What an application bundles has metainfo of its own.
    let installed = installed_id(file.path);
    let name = id.strip_suffix(".desktop").filter(|_| installed != Some(id)).unwrap_or(id);
    if installed.is_some_and(|installed| !name.starts_with(installed) && file.path.contains("/files/")) {
        return Ok(Parsed::default());
    }
    let version = child("releases").and_then(newest);
    let system = file.path.find("var/lib/flatpak/").map_or("", |end| &file.path[..end]);
    let distro = Distro::of(tree, system).as_ref().and_then(Distro::qualifier).unwrap_or_default();
    let purl = Purl::new("flatpak", None, name, version, &[("distro", &distro)])
        .map_err(|error| ParseError::new(None, error.to_string()))?;
    let mut component = Component::new(name);
    component.kind = Kind::Application;
    component.version = version.map(str::to_owned);
    component.purl = Some(purl);
    component.licenses.extend(words("project_license").and_then(|text| declared(text, Dialect::Spdx)));
    component.author = words("developer_name").map(str::to_owned);
    component.description = words("summary").map(str::to_owned);
    let homepage =
        root.children().find(|node| node.has_tag_name("url") && node.attribute("type") == Some("homepage"));
    component.homepage = homepage.and_then(|node| node.text()).map(|text| text.trim().to_owned());
    let mut package = Package::new(component);
    package.line = child("id").map(|node| document.text_pos_at(node.range().start).row);
    package.addresses = vec![format!("flatpak:{name}")];
    package.needs = runtime(file, tree).map(|runtime| vec![Need::of(format!("flatpak:{runtime}"))]);
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

fn newest<'a>(releases: Node<'a, '_>) -> Option<&'a str> {
    releases.children().find(|node| node.has_tag_name("release"))?.attribute("version")
}

/// The id of the installed thing, from the folder it lies in.
fn installed_id(path: &str) -> Option<&str> {
    let start =
        ["flatpak/app/", "flatpak/runtime/"].iter().find_map(|kind| Some(path.find(kind)? + kind.len()))?;
    path[start..].split('/').next()
}

/// `runtime=org.gnome.Platform/x86_64/46` of the deployment's `metadata`.
fn runtime(file: &File<'_>, tree: &Tree) -> Option<String> {
    let deployment = parent(parent(parent(file.folder())));
    let metadata = String::from_utf8_lossy(tree.read(&format!("{deployment}/metadata"))?);
    let runtime = metadata.lines().find_map(|line| line.strip_prefix("runtime="))?;
    runtime.split('/').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const GIMP: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<component type=\"desktop\">\n  <name>GIMP</name>\n  <id>org.gimp.GIMP</id>\n\
                        <name xml:lang=\"ar\">x</name><project_license>GPL-3.0-or-later</project_license>\n\
                        <releases><release version=\"2.10.38\" date=\"2024-05-02\"/><release version=\"2.10.36\"/></releases></component>";

    #[test]
    fn the_newest_release_is_installed() {
        check(
            &ECOSYSTEM,
            &[
                ("etc/os-release", "ID=debian\nVERSION_ID=12\n"),
                (
                    "var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/abc/export/share/metainfo/org.gimp.GIMP.metainfo.xml",
                    GIMP,
                ),
                (
                    "var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/abc/metadata",
                    "[Application]\nname=org.gimp.GIMP\nruntime=org.gnome.Platform/x86_64/46\n",
                ),
                (
                    "var/lib/flatpak/runtime/org.gnome.Platform/x86_64/46/def/files/share/metainfo/org.gnome.Platform.metainfo.xml",
                    "<component><id>org.gnome.Platform</id><releases><release version=\"46\"/></releases></component>",
                ),
                (
                    "var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/abc/files/share/metainfo/other.metainfo.xml",
                    "<component><id>org.bundled.Other</id></component>",
                ),
            ],
            expect![[r#"
                pkg:flatpak/org.gimp.GIMP@2.10.38?distro=debian-12 line 4 application declared `GPL-3.0-or-later` needs [org.gnome.Platform@46]
                pkg:flatpak/org.gnome.Platform@46?distro=debian-12 line 1 application
            "#]],
        );
    }

    #[test]
    fn an_application_may_have_no_release() {
        check(
            &ECOSYSTEM,
            &[(
                "home/me/.local/share/flatpak/app/a.b.C/current/active/export/share/metainfo/a.b.C.metainfo.xml",
                "<component><id>a.b.C</id></component>",
            )],
            expect![[r#"
                pkg:flatpak/a.b.C line 1 application
            "#]],
        );
    }

    #[test]
    fn what_is_no_metainfo_is_a_gap() {
        let path = |name: &str| {
            format!("var/lib/flatpak/app/{name}/x86_64/stable/abc/export/share/metainfo/x.metainfo.xml")
        };
        check(
            &ECOSYSTEM,
            &[(&path("a"), "<component><id>a"), (&path("b"), "<component/>"), (&path("c"), "")],
            expect![[r#"
                gap var/lib/flatpak/app/a/x86_64/stable/abc/export/share/metainfo/x.metainfo.xml:1: is not the XML expected here: the root node was opened but never closed
                gap var/lib/flatpak/app/b/x86_64/stable/abc/export/share/metainfo/x.metainfo.xml: has no `id`
                gap var/lib/flatpak/app/c/x86_64/stable/abc/export/share/metainfo/x.metainfo.xml:1: is not the XML expected here: the document does not have a root node
            "#]],
        );
    }
}
