//! Which component is written inside which.

use std::collections::BTreeMap;

use crate::bom::{Bom, Ref};

/// How many owners deep components are written inside each other. Deeper ones stand beside, and name their
/// owner.
const DEEPEST: usize = 16;

/// Components by the one they are written in. What is hidden is never inside what is not.
#[derive(Debug, Default)]
pub(super) struct Nesting<'a> {
    visible: Vec<&'a Ref>,
    hidden: Vec<&'a Ref>,
    inside: BTreeMap<&'a Ref, Vec<&'a Ref>>,
    outer: BTreeMap<&'a Ref, &'a Ref>,
}

impl<'a> Nesting<'a> {
    pub(super) fn of(bom: &'a Bom) -> Self {
        let mut nesting = Self::default();
        for (reference, component) in &bom.components {
            match outer(bom, reference).filter(|_| ends_soon(bom, reference)) {
                Some(owner) => {
                    nesting.inside.entry(owner).or_default().push(reference);
                    nesting.outer.insert(reference, owner);
                }
                None if component.hidden.is_some() => nesting.hidden.push(reference),
                None => nesting.visible.push(reference),
            }
        }
        nesting
    }

    /// What can be seen and lies in nothing else.
    pub(super) fn visible(&self) -> impl Iterator<Item = &'a Ref> {
        self.visible.iter().copied()
    }

    /// What only lower layers hold and lies in nothing else.
    pub(super) fn hidden(&self) -> impl Iterator<Item = &'a Ref> {
        self.hidden.iter().copied()
    }

    pub(super) fn inside(&self, owner: &Ref) -> impl Iterator<Item = &'a Ref> {
        self.inside.get(owner).into_iter().flatten().copied()
    }

    pub(super) fn is_nested(&self, reference: &Ref) -> bool {
        self.outer.contains_key(reference)
    }
}

/// The owner a component can be written in.
fn outer<'a>(bom: &'a Bom, reference: &Ref) -> Option<&'a Ref> {
    let component = bom.components.get(reference)?;
    let owner = component.owner.as_ref()?;
    let (owner_ref, owning) = bom.components.get_key_value(&owner.component)?;
    (owning.hidden.is_some() == component.hidden.is_some()).then_some(owner_ref)
}

/// Whether the owners of owners come to an end before they are too many, which owners in a circle never do.
fn ends_soon(bom: &Bom, reference: &Ref) -> bool {
    let owners = std::iter::successors(outer(bom, reference), |owner| outer(bom, owner));
    owners.take(DEEPEST + 1).count() <= DEEPEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::{Component, Owner};

    fn bom(owners: &[(&str, &str)]) -> Bom {
        let component = |(name, owner): &(&str, &str)| {
            let mut component = Component::new(*name);
            component.owner = (!owner.is_empty())
                .then(|| Owner { component: Ref((*owner).into()), path: String::new() }.into());
            (Ref((*name).into()), component)
        };
        Bom { components: owners.iter().map(component).collect(), ..Bom::default() }
    }

    fn visible(bom: &Bom) -> String {
        Nesting::of(bom).visible().map(|reference| reference.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_owned_lies_in_its_owner() {
        let bom = bom(&[("a", ""), ("b", "a"), ("c", "b"), ("d", "missing")]);
        assert_eq!(visible(&bom), "a d");
        let nesting = Nesting::of(&bom);
        assert_eq!(nesting.inside(&Ref("b".into())).next().map(|inner| inner.as_str()), Some("c"));
    }

    #[test]
    fn owners_in_a_circle_stand_beside_each_other() {
        assert_eq!(visible(&bom(&[("a", "b"), ("b", "a"), ("c", "c"), ("d", "a")])), "a b c d");
    }

    #[test]
    fn what_lies_too_deep_stands_beside() {
        let names: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
        let owners: Vec<(&str, &str)> = std::iter::once(("00", ""))
            .chain(names.windows(2).map(|pair| (pair[1].as_str(), pair[0].as_str())))
            .collect();
        let bom = bom(&owners);
        assert_eq!(Nesting::of(&bom).visible().count(), 1 + 40 - DEEPEST - 1);
    }
}
