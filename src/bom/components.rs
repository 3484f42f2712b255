//! The components of a bill, by reference.

use std::collections::{BTreeMap, btree_map};
use std::ops::Index;

use serde::{Deserialize, Serialize};

use super::{Component, Ref};

/// A map, in order of reference.
///
/// Each component has a place of its own in memory: a list of a hundred thousand is never moved, and a tree whose
/// nodes are not full costs little.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Components(BTreeMap<Ref, Box<Component>>);

impl Components {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, reference: &Ref) -> Option<&Component> {
        self.0.get(reference).map(Box::as_ref)
    }

    pub fn get_mut(&mut self, reference: &Ref) -> Option<&mut Component> {
        self.0.get_mut(reference).map(Box::as_mut)
    }

    /// With the reference as the bill holds it.
    pub fn get_key_value(&self, reference: &Ref) -> Option<(&Ref, &Component)> {
        self.0.get_key_value(reference).map(|(reference, component)| (reference, component.as_ref()))
    }

    pub fn contains_key(&self, reference: &Ref) -> bool {
        self.0.contains_key(reference)
    }

    /// Puts a component in the place of the one that has the reference, which is given back.
    pub fn insert(&mut self, reference: Ref, component: impl Into<Box<Component>>) -> Option<Box<Component>> {
        self.0.insert(reference, component.into())
    }

    /// The place of a reference, looked for once.
    pub fn entry(&mut self, reference: Ref) -> btree_map::Entry<'_, Ref, Box<Component>> {
        self.0.entry(reference)
    }

    pub fn remove(&mut self, reference: &Ref) -> Option<Box<Component>> {
        self.0.remove(reference)
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&Ref, &mut Component) -> bool) {
        self.0.retain(|reference, component| keep(reference, component));
    }

    pub fn keys(&self) -> btree_map::Keys<'_, Ref, Box<Component>> {
        self.0.keys()
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Component> + ExactSizeIterator + Clone {
        self.0.values().map(Box::as_ref)
    }

    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Component> + ExactSizeIterator {
        self.0.values_mut().map(Box::as_mut)
    }

    pub fn into_values(self) -> impl DoubleEndedIterator<Item = Component> {
        self.0.into_values().map(|component| *component)
    }

    /// From the first that is not before this reference.
    pub fn starting_at(&self, first: Ref) -> impl Iterator<Item = (&Ref, &Component)> {
        self.0.range(first..).map(|(reference, component)| (reference, component.as_ref()))
    }

    pub fn iter(&self) -> Iter<'_> {
        Iter(self.0.iter())
    }

    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&Ref, &mut Component)> {
        self.0.iter_mut().map(|(reference, component)| (reference, component.as_mut()))
    }
}

impl Index<&Ref> for Components {
    type Output = Component;

    fn index(&self, reference: &Ref) -> &Component {
        &self.0[reference]
    }
}

impl<C: Into<Box<Component>>> Extend<(Ref, C)> for Components {
    fn extend<I: IntoIterator<Item = (Ref, C)>>(&mut self, items: I) {
        self.0.extend(items.into_iter().map(|(reference, component)| (reference, component.into())));
    }
}

impl<C: Into<Box<Component>>> FromIterator<(Ref, C)> for Components {
    fn from_iter<I: IntoIterator<Item = (Ref, C)>>(items: I) -> Self {
        Self(items.into_iter().map(|(reference, component)| (reference, component.into())).collect())
    }
}

impl<const N: usize> From<[(Ref, Component); N]> for Components {
    fn from(items: [(Ref, Component); N]) -> Self {
        items.into_iter().collect()
    }
}

impl IntoIterator for Components {
    type Item = (Ref, Box<Component>);
    type IntoIter = btree_map::IntoIter<Ref, Box<Component>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Components {
    type Item = (&'a Ref, &'a Component);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Components with their references, in order.
#[derive(Debug, Clone)]
pub struct Iter<'a>(btree_map::Iter<'a, Ref, Box<Component>>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Ref, &'a Component);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(reference, component)| (reference, component.as_ref()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}
