//! What a component needs.

use serde::{Deserialize, Serialize};

use super::Ref;

/// References, each once and in order.
///
/// Most components need few others, and a list may have very many that do: this is a list where a set would keep
/// room for eleven.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Needs(Vec<Ref>);

impl Needs {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn contains(&self, reference: &Ref) -> bool {
        self.0.binary_search(reference).is_ok()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Ref> {
        self.0.iter()
    }

    /// Adds one. Many are added at once, by `extend`.
    pub fn insert(&mut self, reference: Ref) {
        if let Err(place) = self.0.binary_search(&reference) {
            self.0.insert(place, reference);
        }
    }
}

impl Extend<Ref> for Needs {
    fn extend<I: IntoIterator<Item = Ref>>(&mut self, references: I) {
        self.0.extend(references);
        self.0.sort();
        self.0.dedup();
        self.0.shrink_to_fit();
    }
}

impl FromIterator<Ref> for Needs {
    fn from_iter<I: IntoIterator<Item = Ref>>(references: I) -> Self {
        let mut needs = Self::default();
        needs.extend(references);
        needs
    }
}

impl<const N: usize> From<[Ref; N]> for Needs {
    fn from(references: [Ref; N]) -> Self {
        references.into_iter().collect()
    }
}

impl IntoIterator for Needs {
    type Item = Ref;
    type IntoIter = std::vec::IntoIter<Ref>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Needs {
    type Item = &'a Ref;
    type IntoIter = std::slice::Iter<'a, Ref>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_there_once_and_in_order_however_it_came() {
        let of = |names: &[&str]| names.iter().map(|name| Ref((*name).into())).collect::<Needs>();
        let mut needs = of(&["c", "a", "c"]);
        needs.insert(Ref("b".into()));
        needs.insert(Ref("a".into()));
        needs.extend(of(&["d", "b"]));
        assert_eq!(needs, of(&["a", "b", "c", "d"]));
        assert!(needs.contains(&Ref("b".into())) && !needs.contains(&Ref("e".into())));
    }
}
