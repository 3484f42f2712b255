//! Lists that stop growing: a file of a few hundred megabytes may name a hundred million packages, or be wrong in as many
//! places, and each takes far more memory than it takes bytes.

use std::ops::{Deref, DerefMut};

use super::{Package, Problem};
use crate::layers::MOST_RECORDS;

/// The packages of one file.
pub type Packages = Bounded<Package, MOST_RECORDS>;

/// What could not be read of one file.
pub type Problems = Bounded<Problem, 1000>;

/// A list of at most so many items. What is more is counted and dropped.
#[derive(Debug, Clone)]
pub struct Bounded<T, const MOST: usize> {
    items: Vec<T>,
    left_out: usize,
}

impl<T, const MOST: usize> Bounded<T, MOST> {
    pub const MOST: usize = MOST;

    pub fn new() -> Self {
        Self { items: Vec::new(), left_out: 0 }
    }

    pub fn push(&mut self, item: T) {
        if self.items.len() < MOST {
            self.items.push(item);
        } else {
            self.left_out += 1;
        }
    }

    pub fn truncate(&mut self, most: usize) {
        self.left_out += self.items.len().saturating_sub(most);
        self.items.truncate(most);
    }

    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.items.retain(keep);
    }

    pub fn dedup(&mut self)
    where
        T: PartialEq,
    {
        self.items.dedup();
    }

    /// How many did not fit.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

impl<T, const MOST: usize> Default for Bounded<T, MOST> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const MOST: usize> Deref for Bounded<T, MOST> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T, const MOST: usize> DerefMut for Bounded<T, MOST> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

impl<T, const MOST: usize> Extend<T> for Bounded<T, MOST> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T, const MOST: usize> FromIterator<T> for Bounded<T, MOST> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::new();
        list.extend(items);
        list
    }
}

impl<T, const MOST: usize> From<Vec<T>> for Bounded<T, MOST> {
    fn from(items: Vec<T>) -> Self {
        let mut list = Self { items, left_out: 0 };
        list.truncate(MOST);
        list
    }
}

impl<T, const MOST: usize> IntoIterator for Bounded<T, MOST> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T, const MOST: usize> IntoIterator for &'a Bounded<T, MOST> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<'a, T, const MOST: usize> IntoIterator for &'a mut Bounded<T, MOST> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut list: Bounded<u8, 3> = (0..3).collect();
        assert_eq!((&*list, list.left_out()), (&[0, 1, 2][..], 0));
        list.extend([3, 4]);
        assert_eq!((list.len(), list.left_out()), (3, 2));
        list.truncate(1);
        assert_eq!((list.len(), list.left_out()), (1, 4));
        assert_eq!(Bounded::<u8, 2>::from(vec![1, 2, 3]).left_out(), 1);
    }
}
