//! The CPE names of a component.

use serde::{Deserialize, Serialize};

/// CPE names in the order in which they were said.
///
/// Tools guess several for each component, so all of one are one text, a name a line. White space is no part of a
/// CPE.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cpes(String);

impl Cpes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.iter().count()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.lines()
    }

    pub fn first(&self) -> Option<&str> {
        self.iter().next()
    }

    pub fn push(&mut self, cpe: &str) {
        if !cpe.is_empty() {
            if !self.0.is_empty() {
                self.0.push('\n');
            }
            self.0.push_str(cpe);
        }
    }

    /// Gives back the room that is kept for more.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }
}

impl<T: AsRef<str>> Extend<T> for Cpes {
    fn extend<I: IntoIterator<Item = T>>(&mut self, cpes: I) {
        for cpe in cpes {
            self.push(cpe.as_ref());
        }
    }
}

impl<T: AsRef<str>> FromIterator<T> for Cpes {
    fn from_iter<I: IntoIterator<Item = T>>(cpes: I) -> Self {
        let mut all = Self::default();
        all.extend(cpes);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_back_in_the_order_in_which_they_came() {
        let names = ["cpe:2.3:a:b:c:1:*:*:*:*:*:*:*", "cpe:/a:b:c:1"];
        let cpes: Cpes = names.into_iter().collect();
        assert_eq!(
            (cpes.iter().collect::<Vec<_>>(), cpes.len(), cpes.first()),
            (names.to_vec(), 2, Some(names[0]))
        );
        assert!(Cpes::default().is_empty() && Cpes::default().first().is_none());
    }
}
