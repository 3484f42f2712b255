//! What changed about the subjects themselves: platform, distribution, base image.

use std::collections::BTreeSet;

use super::comparable::operating_systems;
use super::{Change, Kind, Side, licenses};
use crate::bom::{Bom, Component};

/// How many layers from the bottom are each side's base image: as the bills say, else the layers they have in
/// common. Absent where neither tells.
pub(super) fn base_layers(old: &Bom, new: &Bom) -> (Option<usize>, Option<usize>) {
    let common = old.layers.iter().zip(&new.layers).take_while(|(a, b)| a.diff_id == b.diff_id).count();
    let tells = common > 0 && common < old.layers.len().max(new.layers.len());
    let common = tells.then_some(common);
    (old.base_layers.or(common), new.base_layers.or(common))
}

/// Whether it is another distribution, not only another release of the same.
pub(super) fn distribution_changed(old: &Bom, new: &Bom) -> bool {
    let names = |bom| operating_systems(bom).filter_map(|system| first_word(&system.name)).collect();
    let (old, new): (BTreeSet<String>, BTreeSet<String>) = (names(old), names(new));
    !old.is_empty() && !new.is_empty() && old.is_disjoint(&new)
}

fn first_word(name: &str) -> Option<String> {
    name.to_lowercase().split_whitespace().next().map(str::to_owned)
}

/// The changes of what was inventoried.
pub(super) fn subject_changes(old: &Bom, new: &Bom) -> Vec<Change> {
    let mut changes = distribution_changes(old, new);
    let (from, to) = (&old.subject.platform, &new.subject.platform);
    if from.is_some() && to.is_some() && from != to {
        changes.push(subject_change(new, from.clone(), to.clone()));
    }
    // Not every format says what it is of.
    if old.subject.kind != new.subject.kind && old.origin.is_none() && new.origin.is_none() {
        let kind = |bom: &Bom| Some(bom.subject.kind.name().to_owned());
        changes.push(subject_change(new, kind(old), kind(new)));
    }
    changes.extend(license_change(old, new));
    changes
}

/// Of a subject that its document alone says the licence of; where a component stands for it, that one tells.
fn license_change(old: &Bom, new: &Bom) -> Option<Change> {
    if old.own_licenses().is_empty() && new.own_licenses().is_empty() {
        return None;
    }
    let (old_own, new_own) = (old.subject.as_component(), new.subject.as_component());
    // Only one of two tools says it.
    if old_own.licenses.is_empty() || new_own.licenses.is_empty() {
        return None;
    }
    let found = licenses::difference(old, &old_own, new, &new_own)?;
    let mut change = Change::of(Kind::License, &new_own);
    (change.from, change.to, change.direction) = (found.from, found.to, Some(found.direction));
    Some(change)
}

fn subject_change(new: &Bom, from: Option<String>, to: Option<String>) -> Change {
    let mut change = Change::of(Kind::Subject, &Component::new(new.subject.name.clone()));
    (change.from, change.to) = (from, to);
    change
}

fn distribution_changes(old: &Bom, new: &Bom) -> Vec<Change> {
    let old_systems: Vec<&Component> = operating_systems(old).collect();
    let new_systems: Vec<&Component> = operating_systems(new).collect();
    let is_in = |system: &Component, others: &[&Component]| others.iter().any(|other| is_same(system, other));
    let gone: Vec<&Component> = old_systems.iter().copied().filter(|s| !is_in(s, &new_systems)).collect();
    let come: Vec<&Component> = new_systems.iter().copied().filter(|s| !is_in(s, &old_systems)).collect();
    if gone.is_empty() || come.is_empty() {
        // One tool lists the operating system and the other does not.
        return Vec::new();
    }
    let names = |systems: &[&Component]| systems.iter().map(|s| title(s)).collect::<Vec<_>>().join(", ");
    let mut change = Change::of(Kind::Distribution, come[0]);
    (change.from, change.to) = (Some(names(&gone)), Some(names(&come)));
    change.old = Some(Side { reference: gone[0].reference(), version: gone[0].version.clone() });
    change.new = Some(Side { reference: come[0].reference(), version: come[0].version.clone() });
    vec![change]
}

fn title(system: &Component) -> String {
    match &system.version {
        Some(version) => format!("{} {version}", system.name),
        None => system.name.clone(),
    }
}

/// Tools write `12` and `12.8` for one release.
fn is_same(a: &Component, b: &Component) -> bool {
    let version = |system: &Component| system.version.clone().unwrap_or_default();
    let (a_version, b_version) = (version(a), version(b));
    let within = |short: &str, long: &str| {
        short.is_empty()
            || long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    first_word(&a.name) == first_word(&b.name)
        && (within(&a_version, &b_version) || within(&b_version, &a_version))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{bill, check, check_bills};
    use crate::bom::Layer;

    #[test]
    fn another_distribution_has_other_numbers() {
        check(
            &["debian@13 os=", "pkg:deb/debian/bash@5.2.37-2"],
            &["ubuntu@22.04 os=", "pkg:deb/ubuntu/bash@5.1-6ubuntu1"],
            expect![[r#"
                distribution-changed ubuntu debian 13 → ubuntu 22.04
                version-changed pkg:deb/ubuntu/bash 5.2.37-2 → 5.1-6ubuntu1
            "#]],
        );
    }

    #[test]
    fn the_subjects_own_licence_is_compared_where_both_documents_say_it() {
        let stated = |license: &str| {
            let mut bom = bill(&[&format!("pkg:npm/shop@1 license={license}")]);
            let component = bom.components.values().next().expect("there is one").clone();
            bom.components = bill(&["pkg:npm/a@1"]).components;
            bom.subject.name = "shop".to_owned();
            bom.subject.licenses = component.licenses.to_vec();
            bom
        };
        check_bills(
            &stated("MIT"),
            &stated("GPL-3.0-only"),
            expect![[r#"
                license-changed shop MIT → GPL-3.0-only stricter
            "#]],
        );
        check_bills(&stated("MIT"), &bill(&["pkg:npm/a@1"]), expect![[""]]);
    }

    #[test]
    fn layers_tell_the_base_image_from_the_application() {
        let layer = |name: &str| Layer { diff_id: name.to_owned(), created_by: None };
        let mut old = bill(&["pkg:deb/debian/a@1 layer=0", "pkg:npm/b@1 layer=1"]);
        let mut new = bill(&["pkg:deb/debian/a@1 layer=1", "pkg:npm/b@2 layer=1", "pkg:npm/c@1 layer=1"]);
        old.layers = vec![layer("x"), layer("y")];
        new.layers = vec![layer("x"), layer("z")];
        check_bills(
            &old,
            &new,
            expect![[r#"
            added pkg:npm/c – → 1 application
            upgraded pkg:npm/b 1 → 2 major application
            layer-moved pkg:deb/debian/a base → application application
        "#]],
        );
    }
}
