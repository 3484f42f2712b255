//! Drift: what became different from one bill to the next.
//!
//! The bills may come from different tools and formats; what only the tools see differently is not drift.
//! Versions are ordered by their ecosystem's own rules, licences are compared by meaning.

mod across;
mod attributes;
mod base;
mod comparable;
mod depth;
mod identity;
mod licenses;
mod pairing;
mod skew;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::thread;

use crate::bom::{Bom, Component, Kind as ComponentKind, Ref};
use crate::versions::{self, Step};
use comparable::Covered;
use identity::Item;

pub use licenses::{Direction, category};
pub use skew::{Skew, Skewed, skew};

/// Everything that differs, in order of kind and package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drift {
    pub changes: Vec<Change>,
    /// Packages that only one of two tools lists, of a sort that the other lists none of: nobody can say whether
    /// they came or went. Empty where every package counts.
    pub uncovered: Vec<Change>,
    /// What was not compared because the bills do not say it alike, a sentence fragment each.
    pub not_compared: Vec<String>,
    /// How many packages stand on both sides, changed or not.
    pub kept: usize,
    /// Two tools made the bills.
    foreign: bool,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    pub kind: Kind,
    /// The purl without version and qualifiers, or the bare name where there is no purl.
    pub package: String,
    /// The component's name as the newer bill writes it.
    pub name: String,
    /// What it was. Absent for what is new.
    pub from: Option<String>,
    /// What it is. Absent for what is gone.
    pub to: Option<String>,
    /// The component in the older bill.
    pub old: Option<Side>,
    pub new: Option<Side>,
    /// How far apart the versions are, where the kind is about versions.
    pub step: Option<Step>,
    /// Which way a licence went.
    pub direction: Option<Direction>,
    /// Where in the image it happened. Absent where the layers do not tell.
    pub cause: Option<Cause>,
    /// The source package a distribution's package was built from.
    pub source: Option<String>,
    /// The project's own part, not a dependency of it.
    pub first_party: bool,
    /// It lies inside another component, whose change may explain this one.
    pub inside: Option<Ref>,
    /// Another version of the package was there before and is there still.
    pub stays: bool,
}

/// The component on one side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    pub reference: Ref,
    pub version: Option<String>,
}

/// Where in an image a change was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    Base,
    Application,
}

impl Cause {
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Application => "application",
        }
    }
}

/// What sort of difference it is, what matters most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What was inventoried is of another sort or for another platform.
    Subject,
    /// Another distribution, or another release of it.
    Distribution,
    /// The same version with other bytes.
    Replaced,
    /// Fetched from elsewhere.
    Source,
    /// Added under a name that is one letter away from one that was removed.
    LookAlike,
    Downgraded,
    License,
    /// Its support has ended, or its publisher has spoken against it.
    EndOfLife,
    Supplier,
    /// Files that no longer hold what the package put there.
    Files,
    Added,
    Removed,
    /// The same package under another name.
    Renamed,
    /// The same package under another namespace.
    Moved,
    Upgraded,
    /// The same upstream version, another revision or build.
    Rebuilt,
    /// Another version, and nobody can say which is newer.
    Changed,
    /// From the base image to the application's layers, or back.
    Layer,
    /// From a direct dependency to an indirect one, or back.
    Depth,
}

impl Kind {
    pub const ALL: &[Self] = &[
        Self::Subject,
        Self::Distribution,
        Self::Replaced,
        Self::Source,
        Self::LookAlike,
        Self::Downgraded,
        Self::License,
        Self::EndOfLife,
        Self::Supplier,
        Self::Files,
        Self::Added,
        Self::Removed,
        Self::Renamed,
        Self::Moved,
        Self::Upgraded,
        Self::Rebuilt,
        Self::Changed,
        Self::Layer,
        Self::Depth,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject-changed",
            Self::Distribution => "distribution-changed",
            Self::Replaced => "replaced",
            Self::Source => "source-changed",
            Self::LookAlike => "look-alike",
            Self::Downgraded => "downgraded",
            Self::License => "license-changed",
            Self::EndOfLife => "support-ended",
            Self::Supplier => "supplier-changed",
            Self::Files => "files-modified",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Moved => "moved",
            Self::Upgraded => "upgraded",
            Self::Rebuilt => "rebuilt",
            Self::Changed => "version-changed",
            Self::Layer => "layer-moved",
            Self::Depth => "depth-changed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// A component that the newer bill's calendar says is out of support, and the older bill's does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub reference: Ref,
    /// What it was and what it is: `supported`, `ended on 2026-08-31`.
    pub from: Option<String>,
    pub to: String,
}

/// One package on both sides.
struct Pair<'a, 'i> {
    old: &'i Item<'a>,
    new: &'i Item<'a>,
    /// The other side spells the package otherwise; the versions are not compared.
    renamed: bool,
}

/// What became different from `old` to `new`. Where two tools made them, what one of the tools never lists is no
/// difference.
pub fn compare(old: &Bom, new: &Bom) -> Drift {
    let mut drift = compare_whole(old, new);
    if drift.foreign {
        let covered = Covered::of(old, new);
        let (uncovered, changes) = drift.changes.into_iter().partition(|change| !covered.covers(change));
        (drift.uncovered, drift.changes) = (uncovered, changes);
        drift.not_compared.extend(comparable::coverage(&drift.uncovered));
    }
    drift
}

/// What became different from `old` to `new`, whoever made them, every package counted.
pub fn compare_whole(old: &Bom, new: &Bom) -> Drift {
    let systems = identity::systems(old, new);
    let (old_items, new_items) = thread::scope(|scope| {
        let old = scope.spawn(|| identity::items(old, &systems));
        let new = identity::items(new, &systems);
        (old.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), new)
    });
    let mut leftovers = across::Leftovers::default();
    let mut pairs = Vec::new();
    let mut come = versions_of(&new_items).peekable();
    for gone in versions_of(&old_items) {
        let identity = &gone[0].identity;
        while let Some(new_only) = come.next_if(|versions| versions[0].identity < *identity) {
            leftovers.add(new_only);
        }
        let stay = come.next_if(|versions| versions[0].identity == *identity).unwrap_or_default();
        let paired = pairing::pair(gone, stay);
        let stays = !paired.pairs.is_empty();
        pairs.extend(paired.pairs.into_iter().map(|(old, new)| Pair { old, new, renamed: false }));
        leftovers.removed.extend(paired.removed.into_iter().map(|item| (item, stays)));
        leftovers.added.extend(paired.added.into_iter().map(|item| (item, stays)));
    }
    come.for_each(|new_only| leftovers.add(new_only));
    let mut bills = comparable::Bills::of(old, new);
    let mut changes = base::subject_changes(old, new);
    changes.extend(leftovers.resolve(&bills, &mut pairs));
    bills.weigh(&pairs);
    for pair in &pairs {
        changes.extend(version_change(&bills, pair));
        attributes::differences(&bills, pair, &mut changes);
    }
    changes.sort();
    let foreign = bills.foreign();
    Drift { changes, uncovered: Vec::new(), not_compared: bills.not_compared(), kept: pairs.len(), foreign }
}

impl Drift {
    /// Whether the two bills say the same.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many changes there are of each kind, those inside another component not counted.
    pub fn summary(&self) -> BTreeMap<Kind, usize> {
        let mut summary = BTreeMap::new();
        for change in self.changes.iter().filter(|change| change.inside.is_none()) {
            *summary.entry(change.kind).or_default() += 1;
        }
        summary
    }

    /// Adds what a calendar says of components of the newer bill.
    pub fn add_ended(&mut self, new: &Bom, ended: impl IntoIterator<Item = Ended>) {
        for row in ended {
            let Some(component) = new.components.get(&row.reference) else { continue };
            let mut change = Change::of(Kind::EndOfLife, component);
            change.new = Some(Side { reference: row.reference, version: component.version.clone() });
            (change.from, change.to) = (row.from, Some(row.to));
            self.changes.push(change);
        }
        self.changes.sort();
    }
}

impl Change {
    /// A change of this component with nothing said yet.
    fn of(kind: Kind, component: &Component) -> Self {
        let package = component.purl.as_ref().map(|purl| purl.without_version().to_owned());
        Self {
            kind,
            package: package.unwrap_or_else(|| component.name.clone()),
            name: component.name.clone(),
            from: None,
            to: None,
            old: None,
            new: None,
            step: None,
            direction: None,
            cause: None,
            source: identity::source_package(component).map(str::to_owned),
            first_party: component.first_party,
            inside: component.owner.as_ref().map(|owner| owner.component.clone()),
            stays: false,
        }
    }
}

impl Pair<'_, '_> {
    fn change(&self, kind: Kind, bills: &comparable::Bills<'_>) -> Change {
        let mut change = Change::of(kind, self.new.component);
        change.old = Some(self.old.side());
        change.new = Some(self.new.side());
        change.cause = bills.new_cause(self.new.component);
        change
    }

    fn same_version(&self) -> bool {
        relation(self.old, self.new) == Relation::Same
    }
}

impl Item<'_> {
    fn side(&self) -> Side {
        Side { reference: self.reference.clone(), version: self.component.version.clone() }
    }
}

/// The versions of each package together.
fn versions_of<'a, 'i>(items: &'i [Item<'a>]) -> impl Iterator<Item = &'i [Item<'a>]> {
    items.chunk_by(|one, other| one.identity == other.identity)
}

fn version_change(bills: &comparable::Bills<'_>, pair: &Pair<'_, '_>) -> Option<Change> {
    let (kind, step) = match relation(pair.old, pair.new) {
        Relation::Same => return None,
        Relation::Newer(step @ (Step::Rebuild | Step::Revision)) => (Kind::Rebuilt, Some(step)),
        Relation::Newer(step) => (Kind::Upgraded, Some(step)),
        // Numbers of two distributions are not of one series.
        Relation::Older(_) if bills.distribution_changed && pair.new.component.is_os() => {
            (Kind::Changed, None)
        }
        Relation::Older(step) => (Kind::Downgraded, Some(step)),
        Relation::Unordered => (Kind::Changed, None),
    };
    if pair.renamed && kind != Kind::Downgraded {
        return None;
    }
    let mut change = pair.change(kind, bills);
    change.step = step;
    (change.from, change.to) = (pair.old.version.clone(), pair.new.version.clone());
    Some(change)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Same,
    Newer(Step),
    Older(Step),
    Unordered,
}

/// How the newer bill's version stands to the older one's. A version that one side does not know is no change.
fn relation(old: &Item<'_>, new: &Item<'_>) -> Relation {
    let (Some(old_version), Some(new_version)) = (old.version.as_deref(), new.version.as_deref()) else {
        return Relation::Same;
    };
    if old_version == new_version {
        return Relation::Same;
    }
    let ty = identity::ty(new.component);
    let step = versions::step(ty, old_version, new_version);
    match versions::compare(ty, old_version, new_version) {
        None => Relation::Unordered,
        _ if lacks_release(ty, old_version, new_version) => Relation::Same,
        Some(std::cmp::Ordering::Equal) if other_build(ty, old_version, new_version) => {
            Relation::Newer(Step::Rebuild)
        }
        Some(std::cmp::Ordering::Equal) => Relation::Same,
        Some(std::cmp::Ordering::Less) => Relation::Newer(step),
        Some(std::cmp::Ordering::Greater) if new_scheme(ty, old_version, new_version) => Relation::Unordered,
        Some(std::cmp::Ordering::Greater) => Relation::Older(step),
    }
}

/// Some tools write an rpm's version without its release.
fn lacks_release(ty: &str, old: &str, new: &str) -> bool {
    ty == "rpm"
        && old.contains('-') != new.contains('-')
        && versions::upstream(ty, old) == versions::upstream(ty, new)
}

/// Build metadata does not order semantic versions, but it tells builds apart.
fn other_build(ty: &str, old: &str, new: &str) -> bool {
    matches!(ty, "cargo" | "hex" | "npm" | "nuget" | "swift")
        && old.split_once('+').map(|(_, build)| build) != new.split_once('+').map(|(_, build)| build)
}

/// From dates to small numbers (`20230101` to `1.0`): not a step back, where no epoch could say so.
fn new_scheme(ty: &str, old: &str, new: &str) -> bool {
    let first = |version: &str| versions::numbers(version).first().copied().unwrap_or_default();
    !matches!(ty, "alpm" | "deb" | "opkg" | "rpm") && first(old) > first(new).saturating_add(1000)
}

fn is_operating_system(component: &Component) -> bool {
    component.kind == ComponentKind::OperatingSystem && component.hidden.is_none()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use expect_test::expect;

    use super::testing::{bill, check, check_bills, component, lines};
    use super::*;

    #[test]
    fn versions_go_up_and_down_by_their_own_rules() {
        check(
            &[
                "pkg:deb/debian/nginx@1:2.0-1",
                "pkg:deb/debian/zlib1g@1:1.2.13",
                "pkg:npm/a@1.9.0",
                "pkg:npm/gone@1.0.0",
                "pkg:pypi/b@1.0rc1",
            ],
            &[
                "pkg:deb/debian/nginx@2.1-1",
                "pkg:deb/debian/zlib1g@1:1.3",
                "pkg:npm/a@1.10.0",
                "pkg:npm/came@2.0.0",
                "pkg:pypi/b@1.0",
            ],
            expect![[r#"
                downgraded pkg:deb/debian/nginx 1:2.0-1 → 2.1-1 minor
                added pkg:npm/came – → 2.0.0
                removed pkg:npm/gone 1.0.0 → –
                upgraded pkg:deb/debian/zlib1g 1:1.2.13 → 1:1.3 minor
                upgraded pkg:npm/a 1.9.0 → 1.10.0 minor
                upgraded pkg:pypi/b 1.0rc1 → 1.0 patch
            "#]],
        );
    }

    #[test]
    fn the_same_upstream_version_built_again_or_patched() {
        check(
            &[
                "pkg:apk/alpine/zlib@1.3.1-r0",
                "pkg:deb/debian/bash@5.2.15-2+b2",
                "pkg:deb/debian/libssl3@3.0.11-1~deb12u1?upstream=openssl",
                "pkg:npm/built@1.0.0+a",
                "pkg:npm/tagged@v1.0.0",
            ],
            &[
                "pkg:apk/alpine/zlib@1.3.1-r1",
                "pkg:deb/debian/bash@5.2.15-2+b7",
                "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?upstream=openssl",
                "pkg:npm/built@1.0.0+b",
                "pkg:npm/tagged@1.0.0",
            ],
            expect![[r#"
                rebuilt pkg:apk/alpine/zlib 1.3.1-r0 → 1.3.1-r1 rebuild
                rebuilt pkg:deb/debian/bash 5.2.15-2+b2 → 5.2.15-2+b7 rebuild
                rebuilt pkg:deb/debian/libssl3 3.0.11-1~deb12u1 → 3.0.11-1~deb12u2 revision
                rebuilt pkg:npm/built 1.0.0+a → 1.0.0+b rebuild
            "#]],
        );
    }

    #[test]
    fn what_tools_spell_differently_is_no_drift() {
        check(
            &[
                "pkg:rpm/redhat/openssl@1.1.1k-12.el8_9?epoch=1&distro=rhel-8.10&package-id=1",
                "pkg:rpm/redhat/bash@4.4.20-5.el8",
                "pkg:deb/debian/base-files@12.4?distro=debian-12",
                "pkg:pypi/PyYAML@6.0",
                "pkg:golang/stdlib@1.22.1",
                "pkg:maven/guava/guava@33.0.0-jre",
                "plain@1.0",
                "centos@7.6.1810 os=",
            ],
            &[
                "centos@7.6.1810",
                "pkg:rpm/rhel/openssl@1:1.1.1k-12.el8_9?distro=rhel-8&upstream=openssl-1.1.1k-12.el8_9.src.rpm",
                "pkg:rpm/rhel/bash@4.4.20",
                "pkg:deb/debian/base-files@12.4?distro=debian-12.8",
                "pkg:pypi/pyyaml@6.0",
                "pkg:golang/stdlib@go1.22.1",
                "pkg:maven/com.google.guava/guava@33.0.0-jre",
                "pkg:generic/plain@1.0",
            ],
            expect![[""]],
        );
    }

    #[test]
    fn what_is_hidden_or_a_file_is_no_package() {
        let mut old = bill(&["pkg:npm/a@1", "pkg:npm/b@1"]);
        for component in old.components.values_mut() {
            component.hidden = Some(crate::bom::Hidden { layer: 1, replaced_by: None }.into());
        }
        let mut new = bill(&["pkg:npm/c@1"]);
        new.components.values_mut().for_each(|component| component.kind = ComponentKind::File);
        check_bills(&old, &new, expect![[""]]);
    }

    #[test]
    fn a_calendar_adds_what_has_ended() {
        let new = bill(&["pkg:npm/vue@2.7.16"]);
        let mut drift = compare(&new, &new);
        drift.add_ended(
            &new,
            [Ended {
                reference: Ref("pkg:npm/vue@2.7.16".into()),
                from: Some("supported".to_owned()),
                to: "ended on 2023-12-31".to_owned(),
            }],
        );
        expect![[r#"
            support-ended pkg:npm/vue supported → ended on 2023-12-31
        "#]]
        .assert_eq(&lines(&drift));
    }

    #[test]
    fn large_bills_take_no_quadratic_time() {
        let side = |version: usize| {
            let mut bom = Bom::default();
            for index in 0..40_000 {
                let step = if index % 10 == 0 { version } else { 0 };
                let mut component =
                    component(&format!("pkg:npm/name-{}-{version}@1.{step}.0 license=MIT", index));
                if index % 20 != 0 {
                    component = self::component(&format!("pkg:npm/name-{index}@1.{step}.0 license=MIT"));
                }
                bom.components.insert(component.reference(), component);
            }
            bom
        };
        let (old, new) = (side(1), side(2));
        let start = Instant::now();
        let drift = compare(&old, &new);
        assert_eq!((drift.summary()[&Kind::Added], drift.summary()[&Kind::Upgraded]), (2_000, 2_000));
        // Far from the real time even without optimisation, but a quadratic loop would not end.
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    }

    #[test]
    fn kinds_have_names_that_come_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(*kind));
        }
        assert!(Kind::ALL.is_sorted());
    }
}
