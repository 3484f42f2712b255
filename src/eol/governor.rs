//! Who promises to mend a component: the one question before any date is looked up.
//!
//! A distribution's package lives and dies with the release, whatever upstream says of its version; so does what
//! such a package brought along. Upstream answers for what the application brought, for packages from a project's
//! own repository, and on distributions that have no releases.

use super::calendar::{Calendar, Dropped};
use super::systems::{self, Release, System};
use crate::bom::{Bom, Component, Kind, Purl};
use crate::versions;

/// Who answers for a component.
pub(super) enum Governor<'a> {
    Distribution(System),
    /// The distribution stopped supporting this package before its release ended.
    Dropped(System, &'a Dropped),
    Upstream(Upstream<'a>),
    /// Nobody the calendar knows.
    Nobody,
}

/// A product or a family of them, and the version as upstream counts it.
pub(super) struct Upstream<'a> {
    /// The calendar's product, or `~` and a family.
    pub(super) product: &'a str,
    pub(super) version: Option<String>,
    /// Told by the name of a system's package.
    pub(super) inferred: bool,
}

/// Folders that distributions' packages of languages own; installers of the languages keep out of them.
const SYSTEM_FOLDERS: &[&str] = &[
    "usr/lib/python3/dist-packages/",
    "usr/lib/ruby/vendor_ruby/",
    "usr/share/java/",
    "usr/share/maven-repo/",
    "usr/share/nodejs/",
    "usr/share/perl5/",
    "usr/share/php/",
];

pub(super) fn of<'a>(
    calendar: &'a Calendar,
    bom: &Bom,
    systems: &[System],
    component: &Component,
) -> Governor<'a> {
    if component.kind == Kind::OperatingSystem {
        return Governor::Distribution(systems::of_component(component));
    }
    let Some(purl) = &component.purl else { return by_cpe(calendar, component) };
    if component.is_os() {
        return of_package(calendar, systems, component, purl);
    }
    if let Some(system) = owner(bom, systems, calendar, component) {
        return Governor::Distribution(system);
    }
    let name = full_name(purl);
    let version = component.version.as_deref().or_else(|| purl.version());
    let is_rebuild = |mark: &String| version.is_some_and(|version| version.contains(mark.as_str()));
    if calendar.ours.vendor_rebuild.version.iter().any(is_rebuild) {
        return Governor::Nobody;
    }
    let without_major = || name.rsplit_once("/v").map(|(path, _)| path).filter(|_| purl.ty() == "golang");
    let product = calendar
        .product_of_purl(&name)
        .or_else(|| without_major().and_then(|path| calendar.product_of_purl(path)));
    match product {
        Some(product) => {
            Governor::Upstream(Upstream { product, version: version.map(str::to_owned), inferred: false })
        }
        // A program without a package manager: what was told of it by hand stands in its CPE.
        None if purl.ty() == "generic" => by_cpe(calendar, component),
        None => Governor::Nobody,
    }
}

/// `npm/@scope/name`, in lower case.
fn full_name(purl: &Purl) -> String {
    match purl.namespace() {
        Some(namespace) => format!("{}/{namespace}/{}", purl.ty(), purl.name()).to_lowercase(),
        None => format!("{}/{}", purl.ty(), purl.name()).to_lowercase(),
    }
}

fn by_cpe<'a>(calendar: &'a Calendar, component: &Component) -> Governor<'a> {
    let product = component.cpes.iter().find_map(|cpe| calendar.product_of_cpe(cpe));
    product.map_or(Governor::Nobody, |product| {
        Governor::Upstream(Upstream { product, version: component.version.clone(), inferred: true })
    })
}

fn of_package<'a>(
    calendar: &'a Calendar,
    systems: &[System],
    component: &Component,
    purl: &Purl,
) -> Governor<'a> {
    let system = systems::of_package(calendar, purl, systems);
    let release = systems::release(calendar, &system);
    if is_third_party(calendar, component, purl) {
        return of_upstream_package(calendar, component, purl).map_or(Governor::Nobody, Governor::Upstream);
    }
    if matches!(release, Release::Rolling) {
        let upstream = of_upstream_package(calendar, component, purl);
        return upstream.map_or(Governor::Distribution(system), Governor::Upstream);
    }
    match dropped(calendar, component, purl, &release) {
        Some(dropped) => Governor::Dropped(system, dropped),
        None => Governor::Distribution(system),
    }
}

/// The product behind a system's package, by the package's name.
fn of_upstream_package<'a>(
    calendar: &'a Calendar,
    component: &Component,
    purl: &Purl,
) -> Option<Upstream<'a>> {
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => purl.name().starts_with(prefix),
        None => purl.name() == pattern,
    };
    let product =
        calendar.ours.package.iter().find(|(pattern, _)| fits(pattern)).map(|(_, product)| product)?;
    let version = component.version.as_deref().or_else(|| purl.version());
    Some(Upstream { product, version: version.map(str::to_owned), inferred: true })
}

/// Whether a package comes from a project's own repository.
fn is_third_party(calendar: &Calendar, component: &Component, purl: &Purl) -> bool {
    let marks = &calendar.ours.third_party;
    let version = component.version.as_deref().unwrap_or_default();
    let supplier = component.supplier.as_deref().unwrap_or_default();
    purl.qualifier("repository_url").is_some()
        || marks.supplier.iter().any(|mark| supplier.contains(mark.as_str()))
        || marks.version.iter().any(|mark| version.contains(mark.as_str()))
        || version.rsplit_once('~').is_some_and(|(_, end)| marks.codenames.iter().any(|name| name == end))
}

fn dropped<'a>(
    calendar: &'a Calendar,
    component: &Component,
    purl: &Purl,
    release: &Release<'_>,
) -> Option<&'a Dropped> {
    let Release::Of(product, super::cycles::Found::Cycle(cycle)) = release else { return None };
    let source = purl.qualifier("upstream").unwrap_or_else(|| purl.name());
    let source = source.split('@').next().unwrap_or(source);
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => source.starts_with(prefix),
        None => source == pattern,
    };
    let is_as_old = |row: &Dropped| {
        let version = component.version.as_deref().unwrap_or_default();
        row.version == "0" || versions::compare(purl.ty(), version, &row.version).is_some_and(|o| o.is_le())
    };
    calendar.dropped.iter().find(|row| {
        row.product == product.id && row.cycle == cycle.name && fits(&row.package) && is_as_old(row)
    })
}

/// The system of the package that brought this component, by its record or by where it lies.
fn owner(bom: &Bom, systems: &[System], calendar: &Calendar, component: &Component) -> Option<System> {
    let owner = component.owner.as_ref().and_then(|owner| bom.components.get(&owner.component));
    if let Some(purl) = owner.filter(|owner| owner.is_os()).and_then(|owner| owner.purl.as_ref()) {
        return Some(systems::of_package(calendar, purl, systems));
    }
    let lies_in_one =
        |path: &str| SYSTEM_FOLDERS.iter().any(|folder| path.trim_start_matches('/').starts_with(folder));
    let is_the_systems = component.evidence.iter().any(|evidence| lies_in_one(&evidence.path));
    systems.first().filter(|_| is_the_systems).cloned()
}
