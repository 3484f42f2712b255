//! Parts of a component that take no room where there are none.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Form, Hash, LicenseClaim};

/// Something that most components have not, or have in common with many: a pointer.
///
/// It is used as what it holds. To write to it makes it one's own; a copy shares it until then.
#[derive(Clone, Serialize, Deserialize)]
pub struct Sparse<T>(Option<Arc<T>>);

/// What there is when there is nothing.
pub trait Empty: Clone + PartialEq + 'static {
    const EMPTY: &'static Self;
}

impl Empty for Form {
    const EMPTY: &'static Self = &Self { file_name: None, executable: None, archive: None, structured: None };
}

impl Empty for Vec<Hash> {
    const EMPTY: &'static Self = &Self::new();
}

impl Empty for Vec<LicenseClaim> {
    const EMPTY: &'static Self = &Self::new();
}

impl Empty for Vec<String> {
    const EMPTY: &'static Self = &Self::new();
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Empty> Deref for Sparse<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::EMPTY)
    }
}

impl<T: Empty> DerefMut for Sparse<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(self.0.get_or_insert_with(|| Arc::new(T::EMPTY.clone())))
    }
}

impl<T: Empty> From<T> for Sparse<T> {
    fn from(held: T) -> Self {
        Self((held != *T::EMPTY).then(|| Arc::new(held)))
    }
}

impl<T: Empty> PartialEq for Sparse<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Empty + Eq> Eq for Sparse<T> {}

impl<T: Empty + std::hash::Hash> std::hash::Hash for Sparse<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: Empty + fmt::Debug> fmt::Debug for Sparse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> FromIterator<T> for Sparse<Vec<T>>
where
    Vec<T>: Empty,
{
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        items.into_iter().collect::<Vec<T>>().into()
    }
}

/// Adds nothing without making room for it.
impl<T> Extend<T> for Sparse<Vec<T>>
where
    Vec<T>: Empty,
{
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            (**self).extend(items);
        }
    }
}

impl<T> IntoIterator for Sparse<Vec<T>>
where
    Vec<T>: Empty,
{
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.map(Arc::unwrap_or_clone).unwrap_or_default().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Sparse<Vec<T>>
where
    Vec<T>: Empty,
{
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Sparse<Vec<T>>
where
    Vec<T>: Empty,
{
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        (**self).iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_shared_until_it_is_written_to() {
        let one: Sparse<Vec<String>> = vec!["a".to_owned()].into();
        let mut other = one.clone();
        assert!(std::ptr::eq(&raw const *one, &raw const *other));
        other.push("b".to_owned());
        assert_eq!((one.len(), other.len()), (1, 2));
    }

    #[test]
    fn nothing_takes_no_room() {
        let mut none: Sparse<Vec<String>> = Vec::new().into();
        none.extend(Vec::new());
        assert!(none.0.is_none() && none.is_empty() && size_of_val(&none) == size_of::<usize>());
        none.push("a".to_owned());
        none.clear();
        assert_eq!(none, Sparse::default());
    }
}
