//! What of two bills can be compared at all.
//!
//! Two tools read a licence or name a supplier in two ways, and a bill that knows few licences against one that
//! knows many says nothing about the software. Then packages and versions are compared, and the rest is said to
//! be left out.

use std::collections::{BTreeMap, BTreeSet};

use super::depth::Direct;
use super::{Cause, Change, Kind as ChangeKind, Pair, base, identity, is_operating_system};
use crate::bom::{Bom, Component, Kind, Origin};

/// Below this many packages on both sides a share says nothing.
const FEW: usize = 10;

/// What is said of a component beside its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attribute {
    Bytes,
    Depth,
    License,
    Source,
    Supplier,
}

impl Attribute {
    const ALL: &[Self] = &[Self::Bytes, Self::Depth, Self::License, Self::Source, Self::Supplier];

    fn name(self) -> &'static str {
        match self {
            Self::Bytes => "hashes",
            Self::Depth => "direct dependencies",
            Self::License => "licences",
            Self::Source => "sources",
            Self::Supplier => "suppliers",
        }
    }
}

/// Both bills, and how far they can be compared.
pub(super) struct Bills<'a> {
    pub(super) old: &'a Bom,
    pub(super) new: &'a Bom,
    pub(super) distribution_changed: bool,
    old_direct: Direct<'a>,
    new_direct: Direct<'a>,
    /// How many layers from the bottom are the base image, where that can be told.
    old_base: Option<usize>,
    new_base: Option<usize>,
    two_tools: bool,
    left_out: BTreeSet<Attribute>,
    reasons: Vec<String>,
}

impl<'a> Bills<'a> {
    pub(super) fn of(old: &'a Bom, new: &'a Bom) -> Self {
        let (old_base, new_base) = base::base_layers(old, new);
        let mut bills = Self {
            old,
            new,
            distribution_changed: base::distribution_changed(old, new),
            old_direct: Direct::of(old),
            new_direct: Direct::of(new),
            old_base,
            new_base,
            two_tools: false,
            left_out: BTreeSet::new(),
            reasons: Vec::new(),
        };
        let (old_tools, new_tools) = (tools(old.origin.as_ref()), tools(new.origin.as_ref()));
        if old_tools.is_disjoint(&new_tools) {
            bills.two_tools = true;
            bills.left_out.extend(Attribute::ALL);
            let names = |tools: BTreeSet<String>| tools.into_iter().collect::<Vec<_>>().join(", ");
            bills.reasons.push(format!(
                "the bills are of two tools ({}; {}): only packages, versions and files are compared",
                names(old_tools),
                names(new_tools)
            ));
        }
        bills
    }

    /// Leaves out what one side hardly knows.
    pub(super) fn weigh(&mut self, pairs: &[Pair<'_, '_>]) {
        if pairs.len() < FEW {
            return;
        }
        for attribute in Attribute::ALL {
            let known = |bill: Side| {
                let count = pairs.iter().filter(|pair| self.is_known(*attribute, bill, pair)).count();
                count * 100 / pairs.len()
            };
            let (old, new) = (known(Side::Old), known(Side::New));
            if old.min(new) < 50 && old.abs_diff(new) > 20 && self.left_out.insert(*attribute) {
                self.reasons.push(format!(
                    "{} are not compared: {old} % of the packages have them in the older bill, {new} % in the newer",
                    attribute.name()
                ));
            }
        }
    }

    fn is_known(&self, attribute: Attribute, side: Side, pair: &Pair<'_, '_>) -> bool {
        let (component, direct, item) = match side {
            Side::Old => (pair.old.component, &self.old_direct, pair.old),
            Side::New => (pair.new.component, &self.new_direct, pair.new),
        };
        match attribute {
            Attribute::Bytes => !component.hashes.is_empty(),
            Attribute::Depth => direct.holds(item.reference),
            Attribute::License => !component.licenses.is_empty(),
            Attribute::Source => component.download.is_some() || component.vcs.is_some(),
            Attribute::Supplier => component.supplier.is_some(),
        }
    }

    pub(super) fn compares(&self, attribute: Attribute) -> bool {
        !self.left_out.contains(&attribute)
    }

    /// Whether two tools made the bills.
    pub(super) fn foreign(&self) -> bool {
        self.two_tools
    }

    pub(super) fn not_compared(self) -> Vec<String> {
        self.reasons
    }

    pub(super) fn old_cause(&self, component: &Component) -> Option<Cause> {
        cause(component, self.old_base)
    }

    pub(super) fn new_cause(&self, component: &Component) -> Option<Cause> {
        cause(component, self.new_base)
    }

    /// Whether somebody asked for the components themselves: in the older bill, in the newer. Absent where a
    /// bill does not say.
    pub(super) fn direct(&self, pair: &Pair<'_, '_>) -> Option<(bool, bool)> {
        let is_known =
            self.compares(Attribute::Depth) && self.old_direct.is_known() && self.new_direct.is_known();
        is_known
            .then(|| (self.old_direct.holds(pair.old.reference), self.new_direct.holds(pair.new.reference)))
    }
}

/// Which sorts of packages each of two tools lists at all.
pub(super) struct Covered {
    old: BTreeSet<String>,
    new: BTreeSet<String>,
}

impl Covered {
    pub(super) fn of(old: &Bom, new: &Bom) -> Self {
        let types = |bom: &Bom| {
            let listed = bom.components.values().filter(|component| component.hidden.is_none());
            let packages = listed.filter(|c| !matches!(c.kind, Kind::File | Kind::OperatingSystem));
            packages.map(|component| identity::ty(component).to_owned()).collect()
        };
        Self { old: types(old), new: types(new) }
    }

    /// Whether the other side's tool would have listed it. A name without a version is a trace of something, which
    /// each tool has its own way with.
    pub(super) fn covers(&self, change: &Change) -> bool {
        let (others, version) = match change.kind {
            ChangeKind::Added => (&self.old, &change.to),
            ChangeKind::Removed => (&self.new, &change.from),
            _ => return true,
        };
        version.is_some() && others.contains(type_of(change))
    }
}

/// The purl type of what changed, or an empty text.
fn type_of(change: &Change) -> &str {
    change.package.strip_prefix("pkg:").and_then(|rest| rest.split('/').next()).unwrap_or_default()
}

/// How many packages only one side lists, by their sort.
pub(super) fn coverage(uncovered: &[Change]) -> Vec<String> {
    let sides = [(ChangeKind::Removed, "older"), (ChangeKind::Added, "newer")];
    let text = |(kind, side): (ChangeKind, &str)| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for change in uncovered.iter().filter(|change| change.kind == kind) {
            let version = if kind == ChangeKind::Added { &change.to } else { &change.from };
            let sort = match (version, type_of(change)) {
                (None, _) => "without a version",
                (_, "") => "without a package URL",
                (_, ty) => ty,
            };
            *counts.entry(sort).or_default() += 1;
        }
        let counts: Vec<String> = counts.iter().map(|(sort, count)| format!("{count} {sort}")).collect();
        (!counts.is_empty()).then(|| {
            format!(
                "only the tool of the {side} bill lists such packages, so they are no drift: {}",
                counts.join(", ")
            )
        })
    };
    sides.into_iter().filter_map(text).collect()
}

#[derive(Clone, Copy)]
enum Side {
    Old,
    New,
}

fn cause(component: &Component, base: Option<usize>) -> Option<Cause> {
    let (layer, base) = (component.layer?, base?);
    Some(if layer < base { Cause::Base } else { Cause::Application })
}

/// Who made a bill, without versions. A bill that was just taken is ours.
fn tools(origin: Option<&Origin>) -> BTreeSet<String> {
    let own = env!("CARGO_PKG_NAME");
    let Some(origin) = origin else { return BTreeSet::from([own.to_owned()]) };
    let name = |tool: &String| {
        let first = tool.split([' ', '@']).next().unwrap_or_default();
        // SPDX writes `syft-1.18.1`.
        let end = first.find(|c: char| c.is_ascii_digit()).unwrap_or(first.len());
        let bare = &first[..end];
        let version = ["-v", "-dev", "-"].iter().find_map(|ending| bare.strip_suffix(ending));
        version.unwrap_or(bare).to_lowercase()
    };
    let names: BTreeSet<String> = origin.tools.iter().map(name).filter(|name| !name.is_empty()).collect();
    if names.is_empty() { BTreeSet::from(["unknown".to_owned()]) } else { names }
}

/// The bill's operating systems, in its order.
pub(super) fn operating_systems(bom: &Bom) -> impl Iterator<Item = &Component> {
    bom.components.values().filter(|component| is_operating_system(component))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{bill, check_bills};
    use super::*;

    #[test]
    fn bills_of_two_tools_are_compared_by_packages_only() {
        let by = |tool: &str, components: &[&str]| {
            let origin = Origin { tools: vec![tool.to_owned()], ..Origin::default() };
            Bom { origin: Some(origin), ..bill(components) }
        };
        let syft = by("syft 1.18.1", &["pkg:npm/a@1 license=MIT supplier=X", "pkg:npm/b@1"]);
        let spdx = by("syft-1.20.0", &["pkg:npm/a@1 license=ISC supplier=X", "pkg:npm/b@1"]);
        let other = by("trivy-dev", &["pkg:npm/a@1 license=ISC supplier=Y", "pkg:npm/b@2"]);
        check_bills(
            &syft,
            &spdx,
            expect![[r#"
            license-changed pkg:npm/a MIT → ISC other
        "#]],
        );
        check_bills(
            &syft,
            &other,
            expect![[r#"
            upgraded pkg:npm/b 1 → 2 major
            (the bills are of two tools (syft; trivy): only packages, versions and files are compared)
        "#]],
        );
    }

    #[test]
    fn what_one_tool_never_lists_is_no_drift() {
        let by = |tool: &str, components: &[&str]| {
            let origin = Origin { tools: vec![tool.to_owned()], ..Origin::default() };
            Bom { origin: Some(origin), ..bill(components) }
        };
        let ours = by("packlist", &["pkg:npm/a@1", "pkg:npm/gone@1", "pkg:cargo/x@1", "pkg:cargo/y@1"]);
        let theirs = by("syft 1.18.1", &["pkg:npm/a@1", "pkg:npm/a", "pkg:npm/new@1", "app@1"]);
        check_bills(
            &ours,
            &theirs,
            expect![[r#"
            added pkg:npm/new – → 1
            removed pkg:npm/gone 1 → –
            (the bills are of two tools (packlist; syft): only packages, versions and files are compared)
            (only the tool of the older bill lists such packages, so they are no drift: 2 cargo)
            (only the tool of the newer bill lists such packages, so they are no drift: 1 without a package URL, 1 without a version)
        "#]],
        );
        let whole = super::super::compare_whole(&ours, &theirs);
        assert_eq!((whole.changes.len(), whole.uncovered.len()), (6, 0));
        // The same tool lists the same sorts every time.
        let newer = by("packlist", &["pkg:npm/a@1"]);
        check_bills(
            &ours,
            &newer,
            expect![[r#"
            removed pkg:cargo/x 1 → –
            removed pkg:cargo/y 1 → –
            removed pkg:npm/gone 1 → –
        "#]],
        );
    }

    #[test]
    fn what_one_side_hardly_knows_is_not_compared() {
        let names: Vec<String> = (0..12).map(|index| format!("pkg:npm/p{index:02}@1")).collect();
        let known: Vec<String> = names.iter().map(|name| format!("{name} license=MIT")).collect();
        let refs = |names: &[String]| bill(&names.iter().map(String::as_str).collect::<Vec<_>>());
        check_bills(
            &refs(&names),
            &refs(&known),
            expect![[r#"
            (licences are not compared: 0 % of the packages have them in the older bill, 100 % in the newer)
        "#]],
        );
    }
}
