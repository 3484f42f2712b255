//! What the conditions of a policy can know of one component.

use std::collections::{BTreeMap, HashMap};

use super::meanings;
use super::own::Own;
use super::policy::{Distribution, KindOfPackage, Origin, Pattern, Range, ScopeOfUse, When, decoded};
use crate::bom::{Bom, Component, Needs, Purl, Ref, SubjectKind};
use crate::licenses::{Expression, License, later_versions};

/// What holds for every component of a bill.
pub(super) struct Surroundings<'a> {
    bom: &'a Bom,
    own: Option<&'a Own>,
    distribution: Distribution,
    /// What the project asks for itself. Absent when the bill has no such edges.
    direct: Option<&'a Needs>,
    /// What references of the document mean.
    meanings: BTreeMap<&'a str, Expression>,
    later: LaterVersions,
}

/// What "or any later version" offers, for each licence of a bill that says so. To look one up goes through the
/// whole SPDX list, so each is looked up once.
pub(super) type LaterVersions = HashMap<License, Vec<License>>;

fn later_of_all(bom: &Bom) -> LaterVersions {
    let claims = bom.components.values().flat_map(|component| &component.licenses);
    let claims = claims.chain(bom.own_licenses());
    let mut later = LaterVersions::new();
    for license in claims.filter_map(|claim| claim.expression.as_ref()).flat_map(Expression::leaves) {
        if !later.contains_key(license) {
            later.insert(license.clone(), later_versions(license));
        }
    }
    later
}

/// One component, as conditions see it.
pub(super) struct Facts<'a> {
    pub(super) reference: &'a Ref,
    pub(super) component: &'a Component,
    pub(super) kind: KindOfPackage,
    /// Absent where nobody can say.
    pub(super) origin: Option<Origin>,
    /// Absent where the bill has no graph.
    direct: Option<bool>,
    /// Decoded, lower case, without version: `pkg:npm/@acme/ui`. Of a thing without purl its reference.
    name: String,
    distribution: Distribution,
}

impl<'a> Surroundings<'a> {
    pub(super) fn new(bom: &'a Bom, own: Option<&'a Own>, distribution: Distribution) -> Self {
        Self {
            bom,
            own,
            distribution,
            direct: bom.dependencies.get(&bom.subject.reference()),
            meanings: meanings::of(bom),
            later: later_of_all(bom),
        }
    }

    /// The subject as conditions see it, where its own licence is to be judged.
    pub(super) fn own(&self) -> Option<Facts<'a>> {
        self.own.map(|own| self.facts(&own.reference, &own.component))
    }

    pub(super) fn knows_layers(&self) -> bool {
        self.is_source_tree() || (!self.bom.layers.is_empty() && self.bom.base_layers.is_some())
    }

    pub(super) fn meanings(&self) -> &BTreeMap<&'a str, Expression> {
        &self.meanings
    }

    pub(super) fn later(&self) -> &LaterVersions {
        &self.later
    }

    pub(super) fn knows_direct(&self) -> bool {
        self.direct.is_some()
    }

    /// A directory we looked into has no base image, and that is certain; of a foreign document it is not.
    fn is_source_tree(&self) -> bool {
        self.bom.subject.kind != SubjectKind::Image && self.bom.origin.is_none() && self.bom.layers.is_empty()
    }

    pub(super) fn facts(&self, reference: &'a Ref, component: &'a Component) -> Facts<'a> {
        let name = match &component.purl {
            Some(purl) => decoded(purl.without_version()).to_lowercase(),
            None => reference.0.to_lowercase(),
        };
        let asked = |direct: &Needs| direct.contains(reference) || component.asked_for;
        Facts {
            reference,
            component,
            kind: kind(self.bom, component),
            origin: self.origin(component),
            direct: self.direct.map(asked),
            name,
            distribution: self.distribution,
        }
    }

    fn origin(&self, component: &Component) -> Option<Origin> {
        if self.is_source_tree() {
            return Some(Origin::AppLayer);
        }
        let in_base = component.layer? < self.bom.base_layers?;
        Some(if in_base { Origin::BaseImage } else { Origin::AppLayer })
    }
}

/// What lies in a distribution's package is of the distribution, whatever ecosystem wrote it.
fn kind(bom: &Bom, component: &Component) -> KindOfPackage {
    let owner = component.owner.as_ref();
    let owned = owner.is_some_and(|owner| match bom.components.get(&owner.component) {
        Some(owner) => owner.is_os(),
        None => is_os_reference(&owner.component),
    });
    // Trivy writes `pkg:none/` for packages of a distribution it does not know.
    let is_unplaced = component.purl.as_ref().is_some_and(|purl| purl.ty() == "none");
    if component.is_os() || is_unplaced || owned { KindOfPackage::Os } else { KindOfPackage::Application }
}

fn is_os_reference(reference: &Ref) -> bool {
    reference.0.parse::<Purl>().is_ok_and(|purl| purl.is_os())
}

fn any<T>(list: &[T], holds: impl FnMut(&T) -> bool) -> bool {
    list.is_empty() || list.iter().any(holds)
}

impl Facts<'_> {
    /// Whether a package of this name and version is meant.
    pub(super) fn is(&self, purl: &Pattern, versions: Option<&Range>) -> bool {
        purl.matches(&self.name) && versions.is_none_or(|range| self.is_in(range))
    }

    /// Whether the conditions about the component hold; those about its licence are asked of each licence.
    pub(super) fn hold(&self, when: &When) -> bool {
        let component = self.component;
        let ty = component.purl.as_ref().map(|purl| purl.ty());
        let flag = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        any(&when.types, |kind| *kind == self.kind)
            && any(&when.ecosystems, |wanted| ty == Some(wanted))
            && any(&when.scopes, |scope| *scope == ScopeOfUse::from(component.scope))
            && any(&when.origins, |origin| Some(*origin) == self.origin)
            && flag(when.hidden, component.hidden.is_some())
            && flag(when.first_party, component.first_party)
            && when.direct.is_none_or(|wanted| self.direct == Some(wanted))
            && any(&when.distributions, |distribution| *distribution == self.distribution)
            && any(&when.purls, |purl| purl.matches(&self.name))
            && when.versions.as_ref().is_none_or(|range| self.is_in(range))
            && any(&when.owned_by, |purl| self.is_owned_by(purl))
    }

    fn is_in(&self, range: &Range) -> bool {
        let ty = self.component.purl.as_ref().map_or("generic", |purl| purl.ty());
        range.contains(ty, self.component.version.as_deref())
    }

    fn is_owned_by(&self, purl: &Pattern) -> bool {
        self.component.owner.as_ref().is_some_and(|owner| {
            let name = owner.component.0.split(['?', '#']).next().unwrap_or_default();
            // A scope's `@` begins a part, a version's does not.
            let end = name.rfind('@').filter(|at| *at > 0 && name.as_bytes()[at - 1] != b'/');
            purl.matches(&decoded(&name[..end.unwrap_or(name.len())]).to_lowercase())
        })
    }
}
