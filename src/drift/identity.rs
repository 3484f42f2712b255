//! Which components of two bills are the same package, however each bill spells it.
//!
//! A purl's version and qualifiers are no part of it, nor is a distribution's namespace: tools disagree on
//! `redhat` and `rhel`, and a change of distribution is told once, of the operating system. An architecture is a
//! variant. Names are compared whole; a likeness is never taken for an identity.

use std::collections::BTreeSet;

use crate::bom::{Bom, Component, Kind, Purl, Ref};

/// A component that takes part in the comparison.
pub(super) struct Item<'a> {
    /// What is the same on both sides, however it is spelt there.
    pub(super) identity: String,
    pub(super) reference: &'a Ref,
    pub(super) component: &'a Component,
    /// In one spelling for all tools. Absent when the bill does not say.
    pub(super) version: Option<String>,
    /// What tells two builds of one version apart: the architecture, Maven's classifier.
    pub(super) variant: String,
}

/// Name and version of the operating systems that either bill lists as such.
pub(super) fn systems(old: &Bom, new: &Bom) -> BTreeSet<(String, String)> {
    let components = old.components.values().chain(new.components.values());
    components.filter(|component| component.kind == Kind::OperatingSystem).map(title).collect()
}

fn title(component: &Component) -> (String, String) {
    (component.name.to_lowercase(), component.version.clone().unwrap_or_default())
}

/// Every component of the bill that is a package, in order of identity. Formats without kinds list an operating
/// system among the packages; it is none there either.
pub(super) fn items<'a>(bom: &'a Bom, systems: &BTreeSet<(String, String)>) -> Vec<Item<'a>> {
    let subject = bom.subject.reference();
    let packages = bom
        .components
        .iter()
        .filter(|(reference, component)| {
            component.hidden.is_none()
                && !matches!(component.kind, Kind::File | Kind::OperatingSystem)
                && **reference != subject
                && !(component.purl.is_none() && systems.contains(&title(component)))
        })
        .map(|(reference, component)| Item {
            identity: identity(component),
            reference,
            component,
            version: version(component),
            variant: variant(component.purl.as_ref()),
        });
    let mut items: Vec<Item<'_>> = packages.collect();
    items.sort_by(|one, other| one.identity.cmp(&other.identity));
    items
}

/// The purl type, or an empty text.
pub(super) fn ty(component: &Component) -> &str {
    component.purl.as_ref().map_or("", Purl::ty)
}

pub(super) fn identity(component: &Component) -> String {
    let Some(purl) = &component.purl else { return format!("/{}", component.name.to_lowercase()) };
    let whole = || match purl.namespace() {
        Some(namespace) => format!("{namespace}/{}", purl.name()),
        None => purl.name().to_owned(),
    };
    let name = match purl.ty() {
        "alpm" | "apk" | "deb" | "opkg" | "rpm" => purl.name().to_lowercase(),
        "pypi" => python_name(purl.name()),
        "golang" => without_major(&whole().to_lowercase()).to_owned(),
        "cargo" | "gem" | "maven" => whole(),
        _ => whole().to_lowercase(),
    };
    format!("{}/{name}", purl.ty())
}

/// PyPI holds `Foo.Bar_baz` and `foo-bar-baz` for one name.
fn python_name(name: &str) -> String {
    let parts: Vec<&str> = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join("-").to_lowercase()
}

/// A Go module's major version is part of its path: `example.org/x/v2`, `gopkg.in/yaml.v3`.
fn without_major(path: &str) -> &str {
    let is_major = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if let Some((module, _)) = path.rsplit_once("/v").filter(|(_, digits)| is_major(digits)) {
        return module;
    }
    match path.rsplit_once(".v").filter(|(_, digits)| path.starts_with("gopkg.in/") && is_major(digits)) {
        Some((module, _)) => module,
        None if path == "std" => "stdlib",
        None => path,
    }
}

/// The version with its epoch inside, and with the `v` that Go's have.
fn version(component: &Component) -> Option<String> {
    let purl = component.purl.as_ref();
    let written = component.version.as_deref().or_else(|| purl.and_then(Purl::version))?.trim();
    if written.is_empty() || written.eq_ignore_ascii_case("unknown") {
        return None;
    }
    Some(match purl.map(Purl::ty) {
        Some("alpm" | "deb" | "opkg" | "rpm") => with_epoch(written, purl.and_then(|p| p.qualifier("epoch"))),
        Some("golang") => {
            let bare = written.strip_prefix("go").unwrap_or(written);
            if bare.starts_with(|c: char| c.is_ascii_digit()) { format!("v{bare}") } else { bare.to_owned() }
        }
        _ => written.to_owned(),
    })
}

/// Tools write an epoch before the version, in a qualifier, or in both; a zero means none.
fn with_epoch(version: &str, qualifier: Option<&str>) -> String {
    let (epoch, rest) = version.split_once(':').map_or((None, version), |(epoch, rest)| (Some(epoch), rest));
    match epoch.or(qualifier).filter(|epoch| !epoch.is_empty() && *epoch != "0") {
        Some(epoch) => format!("{epoch}:{rest}"),
        None => rest.to_owned(),
    }
}

fn variant(purl: Option<&Purl>) -> String {
    let Some(purl) = purl else { return String::new() };
    let parts: Vec<&str> =
        ["arch", "classifier", "platform"].iter().filter_map(|key| purl.qualifier(key)).collect();
    parts.join(",")
}

/// The source package of a distribution's package, its own name where it says no other.
pub(super) fn source_package(component: &Component) -> Option<&str> {
    let purl = component.purl.as_ref()?;
    if !component.is_os() {
        return None;
    }
    let upstream = purl.qualifier("upstream").unwrap_or_else(|| purl.name());
    let upstream = upstream.split('@').next().unwrap_or(upstream);
    // For rpm, tools write the source's file: `openssl-1.1.1k-12.el8_9.src.rpm`.
    let file = upstream.strip_suffix(".src.rpm").and_then(|file| file.rsplitn(3, '-').nth(2));
    Some(file.unwrap_or(upstream))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(purl: &str) -> Component {
        let purl: Purl = purl.parse().expect("a purl");
        let mut component = Component::new(purl.name());
        component.version = purl.version().map(str::to_owned);
        component.purl = Some(purl);
        component
    }

    fn same(a: &str, b: &str) {
        assert_eq!(identity(&component(a)), identity(&component(b)), "{a} {b}");
    }

    fn other(a: &str, b: &str) {
        assert_ne!(identity(&component(a)), identity(&component(b)), "{a} {b}");
    }

    #[test]
    fn tools_spell_one_package_in_several_ways() {
        same("pkg:rpm/redhat/openssl@1?distro=rhel-8.10", "pkg:rpm/rhel/openssl@1?package-id=2");
        same("pkg:pypi/Foo.Bar_baz@1", "pkg:pypi/foo-bar-baz@1");
        same("pkg:golang/github.com/resty/resty/v2@v2.1", "pkg:golang/github.com/resty/resty@v1");
        same("pkg:golang/gopkg.in/yaml.v2@v2.4.0", "pkg:golang/gopkg.in/yaml.v3@v3.0.0");
        same("pkg:golang/std@1.22", "pkg:golang/stdlib@1.22");
        same("pkg:npm/%40types/react@1", "pkg:npm/@types/react@1");
    }

    #[test]
    fn a_likeness_is_no_identity() {
        other("pkg:npm/event-stream@3", "pkg:npm/event-streams@3");
        other("pkg:npm/%40types/react@1", "pkg:npm/react@1");
        other("pkg:gem/redis@1", "pkg:pypi/redis@1");
        other("pkg:cargo/foo-bar@1", "pkg:cargo/foo_bar@1");
        other("pkg:golang/example.org/v2ray@1", "pkg:golang/example.org@1");
    }

    #[test]
    fn a_source_package_is_named_without_its_version() {
        let source_of = |purl: &str| source_package(&component(purl)).map(str::to_owned);
        assert_eq!(
            source_of("pkg:rpm/redhat/openssl-libs@1?upstream=openssl-1.1.1k-12.el8_9.src.rpm").as_deref(),
            Some("openssl")
        );
        assert_eq!(source_of("pkg:deb/debian/libssl3@3?upstream=openssl@3.0").as_deref(), Some("openssl"));
        assert_eq!(source_of("pkg:deb/debian/bash@5").as_deref(), Some("bash"));
        assert_eq!(source_of("pkg:npm/a@5"), None);
    }

    #[test]
    fn an_epoch_may_stand_anywhere() {
        let version_of = |purl: &str| version(&component(purl)).expect("a version");
        assert_eq!(version_of("pkg:rpm/redhat/openssl@1.1.1k-12.el8_9?epoch=1"), "1:1.1.1k-12.el8_9");
        assert_eq!(version_of("pkg:rpm/redhat/openssl@1:1.1.1k-12.el8_9?epoch=1"), "1:1.1.1k-12.el8_9");
        assert_eq!(version_of("pkg:rpm/redhat/bash@0:4.4-1"), "4.4-1");
        assert_eq!(version_of("pkg:golang/stdlib@go1.22.1"), "v1.22.1");
        assert_eq!(version(&component("pkg:npm/x@UNKNOWN")), None);
    }
}
