//! Which system, and which release of it, a component belongs to.
//!
//! The release is never guessed: it is what the package's purl says, else what the bill says of its operating
//! system, else not known.

use std::collections::BTreeSet;

use super::calendar::{Calendar, Product};
use super::cycles::{self, Found};
use crate::bom::{Bom, Component, Kind, Purl};

/// A system by the name it gives itself, `ID` of os-release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct System {
    pub(super) id: String,
    pub(super) version: Option<String>,
}

/// What the calendar has for a system.
#[derive(Debug, Clone, Copy)]
pub(super) enum Release<'a> {
    Of(&'a Product, Found<'a>),
    Rolling,
    /// No such system, or it does not say which release it is.
    Unknown,
}

/// The operating systems of a bill: those it lists, else those that its packages name.
pub(super) fn all(calendar: &Calendar, bom: &Bom) -> Vec<System> {
    let there = || bom.components.values().filter(|component| component.hidden.is_none());
    let listed: Vec<System> =
        there().filter(|component| component.kind == Kind::OperatingSystem).map(of_component).collect();
    if !listed.is_empty() {
        return listed;
    }
    let purls = there().filter(|component| component.is_os()).filter_map(|component| component.purl.as_ref());
    let names: BTreeSet<(&str, Option<&str>)> =
        purls.filter_map(|purl| Some((purl.qualifier("distro")?, purl.namespace()))).collect();
    let named = names.into_iter().map(|(distro, namespace)| of_qualifier(calendar, distro, namespace));
    named.filter(|system| system.version.is_some()).collect()
}

pub(super) fn of_component(component: &Component) -> System {
    System { id: component.name.to_lowercase(), version: component.version.clone() }
}

/// The system of a package manager's package: of its purl, else the bill's own where the names agree.
pub(super) fn of_package(calendar: &Calendar, purl: &Purl, systems: &[System]) -> System {
    let named = match purl.qualifier("distro") {
        Some(distro) => of_qualifier(calendar, distro, purl.namespace()),
        None => System { id: purl.namespace().unwrap_or_default().to_owned(), version: None },
    };
    if named.version.is_some() {
        return named;
    }
    let products = |id: &str| calendar.ours.distribution.get(id);
    let is_same = |system: &&System| {
        system.id == named.id || products(&system.id).is_some_and(|ids| products(&named.id) == Some(ids))
    };
    let own = systems.iter().find(is_same).cloned();
    own.unwrap_or(named)
}

/// Reads `debian-12.8`, `bookworm`, `alpine-3.16.9`, `opensuse-leap-15.6`, `el8`.
fn of_qualifier(calendar: &Calendar, distro: &str, namespace: Option<&str>) -> System {
    let distro = distro.to_lowercase();
    let namespace = namespace.unwrap_or_default();
    let known = calendar.ours.distribution.keys().chain(&calendar.ours.rolling.ids).map(String::as_str);
    let named = known
        .chain([namespace])
        .filter(|id| distro.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
        .max_by_key(|id| id.len())
        .filter(|id| !id.is_empty());
    if let Some(id) = named {
        let version = distro[id.len()..].trim_start_matches('-');
        return System { id: id.to_owned(), version: (!version.is_empty()).then(|| version.to_owned()) };
    }
    let of_namespace = |version: Option<String>| System { id: namespace.to_owned(), version };
    if let Some(release) = distro.strip_prefix("el").or_else(|| distro.strip_prefix("fc")) {
        return of_namespace(Some(release.replace('_', ".")));
    }
    match distro.starts_with(|c: char| c.is_ascii_digit()) {
        true => of_namespace(Some(distro)),
        false => of_namespace(by_codename(calendar, namespace, &distro).or(Some(distro))),
    }
}

/// The release with that codename: `bookworm` is 12, `jammy` is 22.04.
fn by_codename(calendar: &Calendar, id: &str, codename: &str) -> Option<String> {
    let products = calendar.ours.distribution.get(id)?.iter().filter_map(|id| calendar.products.get(id));
    let is_named = |name: &String| name.to_lowercase().split(' ').next() == Some(codename);
    products
        .flat_map(|product| product.cycles.iter())
        .find(|cycle| cycle.codename.as_ref().is_some_and(is_named))
        .map(|cycle| cycle.name.clone())
}

pub(super) fn release<'a>(calendar: &'a Calendar, system: &System) -> Release<'a> {
    let rolling = &calendar.ours.rolling;
    let is_rolling_release = |version: &String| rolling.releases.contains(version);
    if rolling.ids.contains(&system.id) || system.version.as_ref().is_some_and(is_rolling_release) {
        return Release::Rolling;
    }
    let ids = calendar.ours.distribution.get(&system.id).or_else(|| {
        let first_word = system.id.split(' ').next()?;
        calendar.ours.distribution.get(first_word)
    });
    let (Some(ids), Some(version)) = (ids, &system.version) else { return Release::Unknown };
    let found: Vec<(&Product, Found<'_>)> = ids
        .iter()
        .filter_map(|id| calendar.products.get(id))
        .map(|product| (product, cycles::find(product, version)))
        .collect();
    let known = found.iter().find(|(_, found)| matches!(found, Found::Cycle(_)));
    known.or(found.first()).map_or(Release::Unknown, |(product, found)| Release::Of(product, *found))
}

#[cfg(test)]
mod tests {
    use super::super::shipped;
    use super::*;

    fn system_of(purl: &str) -> String {
        let purl: Purl = purl.parse().expect("a purl");
        let system =
            of_package(&shipped(), &purl, &[System { id: "rhel".into(), version: Some("9.4".into()) }]);
        format!("{} {}", system.id, system.version.unwrap_or_default())
    }

    #[test]
    fn tools_write_a_release_in_several_ways() {
        assert_eq!(system_of("pkg:deb/debian/a@1?distro=debian-12.8"), "debian 12.8");
        assert_eq!(system_of("pkg:deb/debian/a@1?distro=bookworm"), "debian 12");
        assert_eq!(system_of("pkg:deb/ubuntu/a@1?distro=jammy"), "ubuntu 22.04");
        assert_eq!(system_of("pkg:deb/debian/a@1?distro=sid"), "debian sid");
        assert_eq!(system_of("pkg:apk/alpine/a@1?distro=alpine-edge"), "alpine edge");
        assert_eq!(system_of("pkg:apk/alpine/a@1?distro=3.19.1"), "alpine 3.19.1");
        assert_eq!(system_of("pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.6"), "opensuse-leap 15.6");
        assert_eq!(system_of("pkg:rpm/redhat/a@1?distro=el8"), "redhat 8");
        assert_eq!(system_of("pkg:rpm/acme/a@1?distro=acme-3"), "acme 3");
    }

    #[test]
    fn a_purl_without_a_release_has_the_bills_own_if_it_is_of_that_system() {
        assert_eq!(system_of("pkg:rpm/redhat/a@1"), "rhel 9.4");
        assert_eq!(system_of("pkg:rpm/redhat/a@1?distro=RHEL"), "rhel 9.4");
        assert_eq!(system_of("pkg:deb/debian/a@1"), "debian ");
    }
}
