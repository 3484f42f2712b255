//! How good a list is: what the published minimum requirements ask for, element by element, and what is missing.
//!
//! What is judged is the list, not what is in it. An element is met where the list says something, whether or not
//! it is true; nobody can tell that from the list alone. What only lower layers hold is not judged.

mod bsi;
mod cisa;
mod elements;
mod ntia;
mod sbomqs;

use std::collections::BTreeSet;

use crate::bom::{Bom, Component, Ref};

/// A published set of requirements.
#[derive(Debug)]
pub struct Profile {
    /// What the user calls it: `ntia`.
    pub name: &'static str,
    /// One line for `--help`.
    pub about: &'static str,
    /// Where it is written down.
    pub spec: &'static str,
    pub elements: &'static [Element],
    /// How much each element counts for the mark. Empty where all count alike.
    pub weights: &'static [f64],
}

/// One thing a profile asks for.
#[derive(Debug)]
pub struct Element {
    /// `component-supplier`: the same in every profile that asks for the same.
    pub name: &'static str,
    /// What must be there, in words.
    pub about: &'static str,
    asks: Asks,
}

/// Whether something is asked of the list, of every component, or of those to which it applies.
#[derive(Debug)]
enum Asks {
    List(fn(&Facts) -> bool),
    Each(fn(&Facts, &Ref, &Component) -> bool),
    Where(fn(&Component) -> bool, fn(&Component) -> bool),
}

/// A bill, and what is asked of it more than once.
struct Facts<'a> {
    bom: &'a Bom,
    /// All that needs something, is known to need nothing, or is needed.
    related: BTreeSet<&'a Ref>,
}

/// Every profile, in order of name.
pub const ALL: &[Profile] = &[bsi::PROFILE, cisa::PROFILE, ntia::PROFILE, sbomqs::PROFILE];

/// The profile a user names.
pub fn find(name: &str) -> Option<&'static Profile> {
    ALL.iter().find(|profile| profile.name == name)
}

/// How a list does in one profile.
#[derive(Debug)]
pub struct Score {
    pub profile: &'static Profile,
    /// In the profile's order.
    pub grades: Vec<Grade>,
}

/// How a list does in one element.
#[derive(Debug)]
pub struct Grade {
    pub element: &'static Element,
    /// How many times it was asked for: once, or once for every component.
    pub asked: usize,
    /// How many times it was there.
    pub met: usize,
    /// The components that lack it, in order. Empty where it is asked of the list as a whole.
    pub missing: Vec<Ref>,
}

impl Grade {
    pub fn is_met(&self) -> bool {
        self.met == self.asked
    }
}

impl Score {
    pub fn is_met(&self) -> bool {
        self.grades.iter().all(Grade::is_met)
    }

    /// Out of ten: the mean of the shares in which the elements are met, by their weights.
    pub fn mark(&self) -> f64 {
        let share =
            |grade: &Grade| if grade.asked == 0 { 1.0 } else { grade.met as f64 / grade.asked as f64 };
        let weights = self.profile.weights.iter().copied().chain(std::iter::repeat(1.0));
        let (met, asked) =
            self.grades.iter().zip(weights).fold((0.0, 0.0), |(met, asked), (grade, weight)| {
                (met + weight * share(grade), asked + weight)
            });
        if asked > 0.0 { met * 10.0 / asked } else { 10.0 }
    }
}

/// Judges a list by a profile.
pub fn score(bom: &Bom, profile: &'static Profile) -> Score {
    let needed = bom.dependencies.iter().flat_map(|(of, needed)| needed.iter().chain([of]));
    let facts = Facts { bom, related: needed.collect() };
    Score { profile, grades: profile.elements.iter().map(|element| grade(&facts, element)).collect() }
}

fn grade(facts: &Facts, element: &'static Element) -> Grade {
    match element.asks {
        Asks::List(holds) => Grade { element, asked: 1, met: usize::from(holds(facts)), missing: Vec::new() },
        Asks::Each(holds) => each(facts, element, |_| true, holds),
        Asks::Where(applies, holds) => each(facts, element, applies, |_, _, component| holds(component)),
    }
}

fn each(
    facts: &Facts,
    element: &'static Element,
    applies: impl Fn(&Component) -> bool,
    holds: impl Fn(&Facts, &Ref, &Component) -> bool,
) -> Grade {
    let is_asked = |component: &Component| component.hidden.is_none() && applies(component);
    let asked = facts.bom.components.iter().filter(|(_, component)| is_asked(component));
    let (met, missing): (Vec<_>, Vec<_>) =
        asked.partition(|(reference, component)| holds(facts, reference, component));
    let missing: Vec<Ref> = missing.into_iter().map(|(reference, _)| reference.clone()).collect();
    Grade { element, asked: met.len() + missing.len(), met: met.len(), missing }
}

/// The elements of a profile that a list does not meet, for its tests.
#[cfg(test)]
fn check(profile: &'static Profile, change: fn(&mut Bom), expected: &[&str]) {
    let mut bom = elements::sound();
    change(&mut bom);
    let score = score(&bom, profile);
    let unmet: Vec<&str> =
        score.grades.iter().filter(|grade| !grade.is_met()).map(|grade| grade.element.name).collect();
    assert_eq!(unmet, expected);
    assert_eq!(score.is_met(), expected.is_empty());
    assert_eq!(score.mark() >= 10.0, expected.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_in_order_of_name_and_each_is_found() {
        assert!(ALL.is_sorted_by_key(|profile| profile.name));
        assert!(ALL.iter().all(|profile| find(profile.name).is_some()));
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut bom = elements::sound();
        let reference = bom.components.keys().next().cloned().expect("a sound list has components");
        bom.components.values_mut().next().expect("it has components").supplier = None;
        let score = score(&bom, &ntia::PROFILE);
        let grade = score.grades.iter().find(|grade| !grade.is_met()).expect("one element is missing");
        assert_eq!((grade.asked, grade.met, &grade.missing), (2, 1, &vec![reference]));
    }

    #[test]
    fn what_cannot_be_seen_is_not_judged() {
        check(
            &ntia::PROFILE,
            |bom| {
                let mut hidden = Component::new("old");
                hidden.hidden = Some(crate::bom::Hidden { layer: 0, replaced_by: None }.into());
                bom.components.insert(hidden.reference(), hidden);
            },
            &[],
        );
    }
}
