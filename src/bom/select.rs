//! What a user wants to see of a bill: base told from application, what is owned, what is only for building.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bom, Layer, Needs, Ref, Scope};

/// What becomes of components that lie in another's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Owned {
    /// Components like any other.
    Keep,
    /// Inside their owner.
    #[default]
    Nest,
    /// Left out; who needs one of them needs its owner.
    Drop,
}

/// Why an image cannot stand on a base.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    #[error("the base has no layers")]
    NoLayers,
    #[error("this is not built on that base: it has {has} layers, and the base has {needs}")]
    TooFewLayers { has: usize, needs: usize },
    #[error("this is not built on that base: layer {index} is {found}, and the base has {expected}")]
    OtherLayer { index: usize, expected: String, found: String },
}

impl Bom {
    /// Notes that the bottom layers are `base`'s.
    ///
    /// # Errors
    /// When the layers are not those the bill begins with.
    pub fn set_base(&mut self, base: &[Layer]) -> Result<(), BaseError> {
        if base.is_empty() {
            return Err(BaseError::NoLayers);
        }
        if base.len() > self.layers.len() {
            return Err(BaseError::TooFewLayers { has: self.layers.len(), needs: base.len() });
        }
        for (index, (layer, base)) in self.layers.iter().zip(base).enumerate() {
            if layer.diff_id != base.diff_id {
                let (expected, found) = (base.diff_id.clone(), layer.diff_id.clone());
                return Err(BaseError::OtherLayer { index, expected, found });
            }
        }
        self.base_layers = Some(base.len());
        Ok(())
    }

    /// Places what lies in other components' files.
    pub fn place_owned(&mut self, way: Owned) {
        match way {
            Owned::Nest => {}
            Owned::Keep => self.components.values_mut().for_each(|component| component.owner = None),
            Owned::Drop => {
                let owners = self.outermost_owners();
                self.components.retain(|reference, _| !owners.contains_key(reference));
                self.redirect(|reference| match owners.get(reference) {
                    Some(owner) => Some(owner.clone()),
                    None => Some(reference.clone()),
                });
            }
        }
    }

    /// Leaves out what is needed only to develop, build or test.
    pub fn drop_dev(&mut self) {
        self.components.retain(|_, component| component.scope != Scope::Dev || component.first_party);
        let there: BTreeSet<Ref> = self.components.keys().cloned().collect();
        let subject = self.subject.reference();
        self.redirect(|reference| {
            (there.contains(reference) || *reference == subject).then(|| reference.clone())
        });
        for component in self.components.values_mut() {
            component.owner.take_if(|owner| !there.contains(&owner.component));
        }
    }

    /// How many components' edges are unknown, and how many components there are, by the type of their purl.
    /// Hidden ones are not counted, nor what is part of another.
    pub fn without_edges(&self) -> BTreeMap<&str, (usize, usize)> {
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (reference, component) in &self.components {
            let Some(purl) = &component.purl else { continue };
            if component.hidden.is_none() {
                let (unknown, all) = counts.entry(purl.ty()).or_default();
                *unknown += usize::from(!self.dependencies.contains_key(reference));
                *all += 1;
            }
        }
        counts
    }

    fn outermost_owners(&self) -> BTreeMap<Ref, Ref> {
        let owner_of = |reference: &Ref| {
            let owner = self.components.get(reference)?.owner.as_ref()?;
            self.components.contains_key(&owner.component).then(|| owner.component.clone())
        };
        let mut owners = BTreeMap::new();
        for reference in self.components.keys() {
            let Some(mut owner) = owner_of(reference) else { continue };
            // Owners of owners are few; a ring of them must not hold us.
            for _ in 0..8 {
                match owner_of(&owner) {
                    Some(outer) => owner = outer,
                    None => break,
                }
            }
            if owner != *reference {
                owners.insert(reference.clone(), owner);
            }
        }
        owners
    }

    /// Renames both ends of every edge; an end that becomes nothing takes the edge along.
    fn redirect(&mut self, target: impl Fn(&Ref) -> Option<Ref>) {
        let mut edges: BTreeMap<Ref, Needs> = BTreeMap::new();
        for (from, to) in std::mem::take(&mut self.dependencies) {
            let Some(from) = target(&from) else { continue };
            let to: Vec<Ref> = to.iter().filter_map(&target).filter(|to| *to != from).collect();
            edges.entry(from).or_default().extend(to);
        }
        self.dependencies = edges;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::{Component, Owner};

    fn bom(edges: &[(&str, &str)]) -> Bom {
        let mut bom = Bom::default();
        for (from, to) in edges {
            for name in [from, to] {
                bom.components.insert(Ref((*name).into()), Component::new(*name));
            }
            bom.dependencies.entry(Ref((*from).into())).or_default().insert(Ref((*to).into()));
        }
        bom
    }

    fn edges(bom: &Bom) -> Vec<String> {
        let pairs = bom.dependencies.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
        pairs.map(|(from, to)| format!("{from} > {to}")).collect()
    }

    #[test]
    fn who_needs_a_dropped_component_needs_its_owner() {
        let mut bom = bom(&[("app", "module"), ("module", "other"), ("deb", "libc")]);
        let owner = Owner { component: Ref("deb".into()), path: "usr/lib/module".into() };
        bom.components.get_mut(&Ref("module".into())).expect("there").owner = Some(owner.into());
        bom.place_owned(Owned::Drop);
        assert_eq!(edges(&bom), ["app > deb", "deb > libc", "deb > other"]);
        assert!(!bom.components.contains_key(&Ref("module".into())));
    }

    #[test]
    fn rings_of_owners_do_not_hold_us() {
        let mut bom = bom(&[("a", "b")]);
        for (one, other) in [("a", "b"), ("b", "a")] {
            let owner = Owner { component: Ref(other.into()), path: "x".into() };
            bom.components.get_mut(&Ref(one.into())).expect("there").owner = Some(owner.into());
        }
        bom.place_owned(Owned::Drop);
    }

    #[test]
    fn what_is_only_for_development_takes_its_edges_along() {
        let mut bom = bom(&[("app", "jest"), ("app", "react"), ("jest", "chalk")]);
        bom.components.get_mut(&Ref("jest".into())).expect("there").scope = Scope::Dev;
        bom.drop_dev();
        assert_eq!(edges(&bom), ["app > react"]);
    }

    #[test]
    fn a_base_is_what_an_image_begins_with() {
        let layer = |id: &str| Layer { diff_id: id.to_owned(), created_by: None };
        let mut bom = Bom { layers: vec![layer("a"), layer("b")], ..Bom::default() };
        assert_eq!(bom.set_base(&[layer("a")]), Ok(()));
        assert_eq!(bom.base_layers, Some(1));
        assert_eq!(bom.set_base(&[]), Err(BaseError::NoLayers));
        assert!(matches!(bom.set_base(&[layer("b")]), Err(BaseError::OtherLayer { index: 0, .. })));
        let three = [layer("a"), layer("b"), layer("c")];
        assert_eq!(bom.set_base(&three), Err(BaseError::TooFewLayers { has: 2, needs: 3 }));
    }
}
