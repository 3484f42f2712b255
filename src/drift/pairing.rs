//! Which version of a package became which, where a bill holds several of them.
//!
//! Equal versions first, then what lies in the same place, then neighbours in the same line of versions; what is
//! left is paired in order only if both sides have equally many.

use std::collections::BTreeMap;

use super::identity::{Item, ty};
use crate::versions;

/// Old and new that belong together, then what only the old side has, then what only the new side has.
pub(super) struct Pairs<'a, 'i> {
    pub(super) pairs: Vec<(&'i Item<'a>, &'i Item<'a>)>,
    pub(super) removed: Vec<&'i Item<'a>>,
    pub(super) added: Vec<&'i Item<'a>>,
}

/// Pairs the versions of one package.
pub(super) fn pair<'a, 'i>(old: &'i [Item<'a>], new: &'i [Item<'a>]) -> Pairs<'a, 'i> {
    if let ([old], [new]) = (old, new) {
        return Pairs { pairs: vec![(old, new)], removed: Vec::new(), added: Vec::new() };
    }
    let mut result = Pairs { pairs: Vec::new(), removed: in_order(old), added: in_order(new) };
    result.join(|item| Some((item.version.clone(), item.variant.clone())));
    result.join(|item| item.version.clone());
    result.join_unique(place);
    for with_variant in [true, false] {
        result.join(|item| Some((numbers(item).get(..2)?.to_vec(), variant_if(with_variant, item))));
        result.join(|item| Some((line(item)?, variant_if(with_variant, item))));
    }
    if result.removed.len() == result.added.len() {
        result.join(|_| Some(()));
    }
    result
}

fn variant_if(wanted: bool, item: &Item<'_>) -> String {
    if wanted { item.variant.clone() } else { String::new() }
}

/// In the order of their numbers, each version and variant once. Not the ecosystem's own order: that has gaps,
/// and here it only matters who is whose neighbour.
fn in_order<'a, 'i>(items: &'i [Item<'a>]) -> Vec<&'i Item<'a>> {
    let mut items: Vec<&Item<'_>> = items.iter().collect();
    sort(&mut items);
    items.dedup_by(|a, b| a.version == b.version && a.variant == b.variant);
    items
}

fn sort(items: &mut [&Item<'_>]) {
    items.sort_by_cached_key(|item| (numbers(item), item.version.clone(), item.variant.clone()));
}

fn numbers(item: &Item<'_>) -> Vec<u64> {
    item.version
        .as_deref()
        .map_or_else(Vec::new, |version| versions::numbers(versions::upstream(ty(item.component), version)))
}

/// The line of releases a version belongs to: its first number, and the second too before 1.0.
fn line(item: &Item<'_>) -> Option<(u64, u64)> {
    let numbers = numbers(item);
    match numbers.first()? {
        0 => Some((0, numbers.get(1).copied().unwrap_or_default())),
        major => Some((*major, 0)),
    }
}

/// The path it was seen at, without the digits of a version.
fn place(item: &Item<'_>) -> Option<String> {
    let path = &item.component.evidence.first()?.path;
    Some(path.chars().filter(|c| !c.is_ascii_digit()).collect())
}

impl<'a, 'i> Pairs<'a, 'i> {
    /// Pairs the remaining items of each key, in order of version.
    fn join<K: Ord>(&mut self, key: impl Fn(&Item<'a>) -> Option<K>) {
        self.join_where(key, |_, _| true);
    }

    /// Pairs the remaining items whose key no other item of their side has.
    fn join_unique<K: Ord>(&mut self, key: impl Fn(&Item<'a>) -> Option<K>) {
        self.join_where(key, |old, new| old == 1 && new == 1);
    }

    fn join_where<K: Ord>(
        &mut self,
        key: impl Fn(&Item<'a>) -> Option<K>,
        accepted: impl Fn(usize, usize) -> bool,
    ) {
        if self.removed.is_empty() || self.added.is_empty() {
            return;
        }
        let (old, old_rest) = by_key(std::mem::take(&mut self.removed), &key);
        let (mut new, new_rest) = by_key(std::mem::take(&mut self.added), &key);
        (self.removed, self.added) = (old_rest, new_rest);
        for (key, old) in old {
            let new = new.remove(&key).unwrap_or_default();
            let common = if accepted(old.len(), new.len()) { old.len().min(new.len()) } else { 0 };
            self.pairs.extend(old.iter().copied().zip(new.iter().copied()).take(common));
            self.removed.extend(&old[common..]);
            self.added.extend(&new[common..]);
        }
        self.added.extend(new.into_values().flatten());
        sort(&mut self.removed);
        sort(&mut self.added);
    }
}

type ByKey<'a, 'i, K> = (BTreeMap<K, Vec<&'i Item<'a>>>, Vec<&'i Item<'a>>);

fn by_key<'a, 'i, K: Ord>(
    items: Vec<&'i Item<'a>>,
    key: impl Fn(&Item<'a>) -> Option<K>,
) -> ByKey<'a, 'i, K> {
    let (mut keyed, mut rest) = (BTreeMap::<K, Vec<&Item<'_>>>::new(), Vec::new());
    for item in items {
        match key(item) {
            Some(key) => keyed.entry(key).or_default().push(item),
            None => rest.push(item),
        }
    }
    (keyed, rest)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;

    #[test]
    fn several_versions_of_a_package_are_paired() {
        check(
            &["pkg:npm/debug@2.6.9", "pkg:npm/debug@4.3.4", "pkg:npm/ms@2.0.0", "pkg:npm/ms@2.1.2"],
            &["pkg:npm/debug@4.3.4", "pkg:npm/debug@4.3.7", "pkg:npm/ms@2.1.3"],
            expect![[r#"
                removed pkg:npm/ms 2.0.0 → – stays
                upgraded pkg:npm/debug 2.6.9 → 4.3.7 major
                upgraded pkg:npm/ms 2.1.2 → 2.1.3 patch
            "#]],
        );
        check(
            &["pkg:deb/debian/libc6@2.36-9?arch=amd64", "pkg:deb/debian/libc6@2.36-9?arch=i386"],
            &["pkg:deb/debian/libc6@2.37-1?arch=amd64", "pkg:deb/debian/libc6@2.36-9?arch=i386"],
            expect![[r#"
                upgraded pkg:deb/debian/libc6 2.36-9 → 2.37-1 minor
            "#]],
        );
    }

    #[test]
    fn what_lies_in_the_same_place_belongs_together() {
        check(
            &[
                "pkg:npm/a@1.0.0 path=app/node_modules/a",
                "pkg:npm/a@2.0.0 path=app/node_modules/b/node_modules/a",
            ],
            &["pkg:npm/a@3.0.0 path=app/node_modules/a", "pkg:npm/a@4.0.0 path=srv/node_modules/a"],
            expect![[r#"
                upgraded pkg:npm/a 1.0.0 → 3.0.0 major
                upgraded pkg:npm/a 2.0.0 → 4.0.0 major
            "#]],
        );
    }
}
