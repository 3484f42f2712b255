//! Packages that stand on one side only: added, removed, or the same package under another name.
//!
//! Only evidence makes two names one package: the same bytes, the same source package, a move its publisher
//! announced. Two names that merely look alike are told as removed and added, and as looking alike.

use std::collections::{BTreeMap, HashMap};

use super::comparable::Bills;
use super::identity::{Item, source_package, ty};
use super::{Change, Kind, Pair, pairing};
use crate::bom::{Component, HashAlgorithm, Purl};

/// Shorter names look like one another by chance.
const SHORTEST_LOOK_ALIKE: usize = 4;

/// Moves that Maven's projects announced, old to new; a `*` stands for any artifact.
/// From the relocations in their own POMs on Maven Central, read 2026-11-21.
const MOVED: &[(&str, &str)] = &[
    ("mysql/mysql-connector-java", "com.mysql/mysql-connector-j"),
    ("org.codehaus.groovy/*", "org.apache.groovy/*"),
    ("org.hibernate/*", "org.hibernate.orm/*"),
    ("postgresql/postgresql", "org.postgresql/postgresql"),
];

/// What pairing by identity left over, each with whether another version of it stays.
#[derive(Default)]
pub(super) struct Leftovers<'a, 'i> {
    pub(super) removed: Vec<(&'i Item<'a>, bool)>,
    pub(super) added: Vec<(&'i Item<'a>, bool)>,
}

type Key = fn(&Item<'_>) -> Option<String>;

/// A way of knowing that two names are one package: the keys of what was removed and of what was added, and what
/// to call it. Called nothing when only the tools spell it differently.
struct Evidence {
    old: Key,
    new: Key,
    kind: fn(&Item<'_>, &Item<'_>) -> Option<Kind>,
}

const EVIDENCE: &[Evidence] = &[
    Evidence { old: bytes, new: bytes, kind: |old, new| Some(renamed_or_moved(old, new)) },
    Evidence { old: stem, new: stem, kind: |_, _| Some(Kind::Renamed) },
    Evidence { old: artifact, new: artifact, kind: group_spelt_otherwise },
    Evidence { old: announced, new: whole_name, kind: |_, _| Some(Kind::Moved) },
    Evidence { old: last_name, new: last_name, kind: |_, _| Some(Kind::Moved) },
    Evidence { old: nameless, new: bare_name, kind: |_, _| None },
    Evidence { old: bare_name, new: nameless, kind: |_, _| None },
];

impl<'a, 'i> Leftovers<'a, 'i> {
    /// Adds a package that only the newer bill has, each of its versions once.
    pub(super) fn add(&mut self, versions: &'i [Item<'a>]) {
        let once = pairing::pair(&[], versions).added;
        self.added.extend(once.into_iter().map(|item| (item, false)));
    }

    /// Pairs what is one package under two names; the rest was added or removed.
    pub(super) fn resolve(mut self, bills: &Bills<'_>, pairs: &mut Vec<Pair<'a, 'i>>) -> Vec<Change> {
        let mut changes = Vec::new();
        for evidence in EVIDENCE {
            for (old, new) in self.matches(evidence) {
                let kind = (evidence.kind)(old, new);
                let pair = Pair { old, new, renamed: kind.is_some() };
                changes.extend(kind.map(|kind| renaming(kind, &pair, bills)));
                pairs.push(pair);
            }
        }
        changes.extend(look_alikes(&self.removed, &self.added));
        changes.extend(self.removed.iter().map(|(item, stays)| {
            let mut change = Change::of(Kind::Removed, item.component);
            (change.from, change.old) = (item.version.clone(), Some(item.side()));
            (change.cause, change.stays) = (bills.old_cause(item.component), *stays);
            change
        }));
        changes.extend(self.added.iter().map(|(item, stays)| {
            let mut change = Change::of(Kind::Added, item.component);
            (change.to, change.new) = (item.version.clone(), Some(item.side()));
            (change.cause, change.stays) = (bills.new_cause(item.component), *stays);
            change
        }));
        changes
    }

    /// Takes out the pairs whose key is the same, and no other's on either side.
    fn matches(&mut self, evidence: &Evidence) -> Vec<(&'i Item<'a>, &'i Item<'a>)> {
        let old_keys = unique(&self.removed, evidence.old);
        let new_keys = unique(&self.added, evidence.new);
        let mut matched: BTreeMap<usize, usize> = BTreeMap::new();
        for (key, old) in &old_keys {
            if let Some(new) = new_keys.get(key) {
                matched.insert(*old, *new);
            }
        }
        let pairs = matched.iter().map(|(old, new)| (self.removed[*old].0, self.added[*new].0)).collect();
        let news: std::collections::BTreeSet<usize> = matched.values().copied().collect();
        retain_others(&mut self.removed, |index| matched.contains_key(&index));
        retain_others(&mut self.added, |index| news.contains(&index));
        pairs
    }
}

fn retain_others<T>(items: &mut Vec<T>, is_matched: impl Fn(usize) -> bool) {
    let mut index = 0;
    items.retain(|_| {
        index += 1;
        !is_matched(index - 1)
    });
}

/// The place of each item whose key no other has. Packages of which a version stays do not take part.
fn unique(items: &[(&Item<'_>, bool)], key: Key) -> HashMap<String, usize> {
    let mut places: HashMap<String, Option<usize>> = HashMap::new();
    for (index, (item, stays)) in items.iter().enumerate() {
        if let (false, Some(key)) = (stays, key(item)) {
            places.entry(key).and_modify(|place| *place = None).or_insert(Some(index));
        }
    }
    places.into_iter().filter_map(|(key, place)| Some((key, place?))).collect()
}

fn renaming(kind: Kind, pair: &Pair<'_, '_>, bills: &Bills<'_>) -> Change {
    let title = |item: &Item<'_>| {
        let purl = item.component.purl.as_ref();
        let name = match purl.filter(|_| kind == Kind::Moved).and_then(|purl| purl.namespace()) {
            Some(namespace) => format!("{namespace}/{}", purl.map_or("", Purl::name)),
            None => item.component.name.clone(),
        };
        Some(item.version.as_ref().map_or_else(|| name.clone(), |version| format!("{name} {version}")))
    };
    let mut change = pair.change(kind, bills);
    (change.from, change.to) = (title(pair.old), title(pair.new));
    change
}

fn renamed_or_moved(old: &Item<'_>, new: &Item<'_>) -> Kind {
    let name = |item: &Item<'_>| item.component.purl.as_ref().map(|purl| purl.name().to_owned());
    if name(old) == name(new) { Kind::Moved } else { Kind::Renamed }
}

/// The digest of the artefact, strong enough to mean that it is the same.
fn bytes(item: &Item<'_>) -> Option<String> {
    let strong = item.component.hashes.iter().filter(|hash| hash.algorithm >= HashAlgorithm::Sha256);
    let strongest = strong.max()?;
    Some(format!("{} {} {}", ty(item.component), strongest.algorithm.name(), strongest.hex))
}

/// Name and source of a distribution's package without the numbers in them, and without the `t64` that 32-bit
/// time added: `libssl3` and `libssl3t64`, `libicu72` and `libicu76`, `python3.11` and `python3.13`.
fn stem(item: &Item<'_>) -> Option<String> {
    let purl = item.component.purl.as_ref()?;
    let source = source_package(item.component)?;
    let plain = |name: &str| name.replace("t64", "").replace(|c: char| c.is_ascii_digit() || c == '.', "");
    Some(format!("{} {} {} {}", purl.ty(), purl.namespace()?, plain(source), plain(purl.name())))
}

/// An artifact and its version, of whatever group.
fn artifact(item: &Item<'_>) -> Option<String> {
    let purl = item.component.purl.as_ref().filter(|purl| purl.ty() == "maven")?;
    Some(format!("{} {}", purl.name(), item.version.as_ref()?))
}

/// Tools that find a jar without a POM write its artifact for the group. Two real groups are a move.
fn group_spelt_otherwise(old: &Item<'_>, new: &Item<'_>) -> Option<Kind> {
    let is_guess = |item: &Item<'_>| {
        item.component
            .purl
            .as_ref()
            .is_some_and(|purl| purl.namespace().is_none_or(|group| group == purl.name()))
    };
    if is_guess(old) || is_guess(new) { None } else { Some(Kind::Moved) }
}

fn whole_name(item: &Item<'_>) -> Option<String> {
    let purl = item.component.purl.as_ref().filter(|purl| purl.ty() == "maven")?;
    Some(format!("{}/{}", purl.namespace()?, purl.name()))
}

/// Where the package has moved, by what its publisher announced.
fn announced(item: &Item<'_>) -> Option<String> {
    let name = whole_name(item)?;
    if name.starts_with("javax.") {
        return Some(name.replace("javax.", "jakarta."));
    }
    MOVED.iter().find_map(|(old, new)| match (old.strip_suffix('*'), new.strip_suffix('*')) {
        (Some(old), Some(new)) => name.strip_prefix(old).map(|artifact| format!("{new}{artifact}")),
        _ => (name == *old).then(|| (*new).to_owned()),
    })
}

/// The last part of a Go module's path, and its version: a module that moved to another host or owner.
fn last_name(item: &Item<'_>) -> Option<String> {
    let purl = item.component.purl.as_ref().filter(|purl| purl.ty() == "golang")?;
    purl.namespace()?;
    Some(format!("{} {} {}", purl.ty(), purl.name(), item.version.as_ref()?))
}

/// Name and version of what lacks a purl, to be found by the bare name of what has one.
fn nameless(item: &Item<'_>) -> Option<String> {
    if item.component.purl.is_some() { None } else { bare_name(item) }
}

fn bare_name(item: &Item<'_>) -> Option<String> {
    Some(format!("{} {}", item.component.name.to_lowercase(), item.version.as_ref()?))
}

/// Added names that are one letter away from a removed one.
fn look_alikes(removed: &[(&Item<'_>, bool)], added: &[(&Item<'_>, bool)]) -> Vec<Change> {
    let candidates = |items: &[(&Item<'_>, bool)]| -> Vec<usize> {
        let is_candidate = |component: &Component| {
            !component.is_os()
                && !component.first_party
                && component.name.chars().count() >= SHORTEST_LOOK_ALIKE
        };
        (0..items.len()).filter(|index| !items[*index].1 && is_candidate(items[*index].0.component)).collect()
    };
    let mut by_shape: HashMap<String, usize> = HashMap::new();
    for index in candidates(removed) {
        for shape in shapes(removed[index].0.component) {
            by_shape.entry(shape).or_insert(index);
        }
    }
    let mut changes = Vec::new();
    for index in candidates(added) {
        let new = added[index].0;
        let like = shapes(new.component).find_map(|shape| by_shape.get(&shape));
        let Some((old, _)) = like.and_then(|index| removed.get(*index)) else { continue };
        let mut change = Change::of(Kind::LookAlike, new.component);
        (change.from, change.to) = (Some(old.component.name.clone()), Some(new.component.name.clone()));
        (change.old, change.new) = (Some(old.side()), Some(new.side()));
        changes.push(change);
    }
    changes
}

/// The name, and the name without any one of its letters: names one letter apart have a shape in common.
fn shapes(component: &Component) -> impl Iterator<Item = String> {
    let (ty, name) = (ty(component), component.name.as_str());
    let without = name
        .char_indices()
        .take(64)
        .map(move |(at, letter)| format!("{ty} {}{}", &name[..at], &name[at + letter.len_utf8()..]));
    std::iter::once(format!("{ty} {name}")).chain(without)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, check_one_way};

    #[test]
    fn a_distribution_renames_its_packages() {
        check_one_way(
            &[
                "debian@12 os=",
                "pkg:deb/debian/libicu72@72.1-3?upstream=icu",
                "pkg:deb/debian/libssl3@3.0.11-1?upstream=openssl",
                "pkg:deb/debian/openssl@3.0.11-1",
                "pkg:deb/debian/python3.11@3.11.2-6",
            ],
            &[
                "debian@13 os=",
                "pkg:deb/debian/libicu76@76.1-4?upstream=icu",
                "pkg:deb/debian/libssl3t64@3.5.1-1?upstream=openssl",
                "pkg:deb/debian/openssl@3.5.1-1",
                "pkg:deb/debian/python3.13@3.13.5-2",
            ],
            expect![[r#"
                distribution-changed debian debian 12 → debian 13
                renamed pkg:deb/debian/libicu76 libicu72 72.1-3 → libicu76 76.1-4
                renamed pkg:deb/debian/libssl3t64 libssl3 3.0.11-1 → libssl3t64 3.5.1-1
                renamed pkg:deb/debian/python3.13 python3.11 3.11.2-6 → python3.13 3.13.5-2
                upgraded pkg:deb/debian/openssl 3.0.11-1 → 3.5.1-1 minor
            "#]],
        );
    }

    #[test]
    fn a_new_name_does_not_hide_an_older_version() {
        check_one_way(
            &["pkg:deb/debian/libssl3t64@3.5.1-1?upstream=openssl"],
            &["pkg:deb/debian/libssl3@3.0.11-1?upstream=openssl"],
            expect![[r#"
                downgraded pkg:deb/debian/libssl3 3.5.1-1 → 3.0.11-1 minor
                renamed pkg:deb/debian/libssl3 libssl3t64 3.5.1-1 → libssl3 3.0.11-1
            "#]],
        );
    }

    #[test]
    fn projects_move() {
        check_one_way(
            &[
                "pkg:maven/javax.servlet/javax.servlet-api@4.0.1",
                "pkg:maven/mysql/mysql-connector-java@8.0.30",
                "pkg:golang/github.com/golang/mock@v1.6.0",
                "pkg:golang/github.com/go-redis/redis/v8@v8.11.5",
            ],
            &[
                "pkg:maven/jakarta.servlet/jakarta.servlet-api@5.0.0",
                "pkg:maven/com.mysql/mysql-connector-j@8.3.0",
                "pkg:golang/go.uber.org/mock@v1.6.0",
                "pkg:golang/github.com/go-redis/redis/v9@v9.0.0",
            ],
            expect![[r#"
                moved pkg:golang/go.uber.org/mock github.com/golang/mock v1.6.0 → go.uber.org/mock v1.6.0
                moved pkg:maven/com.mysql/mysql-connector-j mysql/mysql-connector-java 8.0.30 → com.mysql/mysql-connector-j 8.3.0
                moved pkg:maven/jakarta.servlet/jakarta.servlet-api javax.servlet/javax.servlet-api 4.0.1 → jakarta.servlet/jakarta.servlet-api 5.0.0
                upgraded pkg:golang/github.com/go-redis/redis/v9 v8.11.5 → v9.0.0 major
            "#]],
        );
    }

    #[test]
    fn names_that_look_alike_are_never_one_package() {
        check(
            &[
                "pkg:npm/event-stream@3.3.4",
                "pkg:npm/lodash@4.17.20",
                "pkg:pypi/requests@2.31.0",
                "pkg:gem/redis@4.0",
            ],
            &[
                "pkg:npm/event-streams@3.3.4",
                "pkg:npm/lodash-es@4.17.21",
                "pkg:pypi/request@2.31.0",
                "pkg:pypi/redis@4.0",
            ],
            expect![[r#"
                look-alike pkg:npm/event-streams event-stream → event-streams
                look-alike pkg:pypi/request requests → request
                added pkg:npm/event-streams – → 3.3.4
                added pkg:npm/lodash-es – → 4.17.21
                added pkg:pypi/redis – → 4.0
                added pkg:pypi/request – → 2.31.0
                removed pkg:gem/redis 4.0 → –
                removed pkg:npm/event-stream 3.3.4 → –
                removed pkg:npm/lodash 4.17.20 → –
                removed pkg:pypi/requests 2.31.0 → –
            "#]],
        );
    }
}
