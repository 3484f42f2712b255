//! What a bill looks like from afar: how many components by ecosystem, layer, licence category and licence.

use std::collections::BTreeMap;

use crate::bom::{Bom, Component, Kind};
use crate::licenses::{Category, categories, categories_of};
use crate::report::licenses::expression;

/// The class of a component's licence: a category, or that nothing is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) enum Class {
    Of(Category),
    NotStated,
}

impl Class {
    /// Every class, from the fewest conditions to the least known.
    pub(in crate::report) const ALL: [Self; 11] = {
        let mut all = [Self::NotStated; 11];
        let mut index = 0;
        while index < Category::ALL.len() {
            all[index] = Self::Of(Category::ALL[index]);
            index += 1;
        }
        all
    };

    /// Of all that is said about a component, when the best choice is made. What may be of several is unknown.
    pub(in crate::report) fn of(component: &Component) -> Self {
        let Some(expression) = expression(component) else { return Self::NotStated };
        let range = categories_of(&expression);
        Self::Of(if range.start() == range.end() { *range.end() } else { Category::Unknown })
    }

    pub(in crate::report) fn index(self) -> usize {
        Self::ALL.iter().position(|class| *class == self).unwrap_or_default()
    }

    /// For people.
    pub(in crate::report) fn title(self) -> &'static str {
        match self {
            Self::Of(Category::PublicDomain) => "public domain",
            Self::Of(Category::Permissive) => "permissive",
            Self::Of(Category::WeakCopyleft) => "weak copyleft",
            Self::Of(Category::StrongCopyleft) => "strong copyleft",
            Self::Of(Category::NetworkCopyleft) => "network copyleft",
            Self::Of(Category::SourceAvailable) => "source available",
            Self::Of(Category::NonCommercial) => "non-commercial",
            Self::Of(Category::Restricted) => "restricted",
            Self::Of(Category::Proprietary) => "proprietary",
            Self::Of(Category::Unknown) => "unknown",
            Self::NotStated => "not stated",
        }
    }

    /// As style sheets name it.
    pub(in crate::report) fn style(self) -> &'static str {
        match self {
            Self::Of(category) => category.name(),
            Self::NotStated => "not-stated",
        }
    }
}

/// The ecosystem of a component for people: its purl's type, else what kind of thing it is.
pub(in crate::report) fn ecosystem(component: &Component) -> &str {
    component.purl.as_ref().map_or(component.kind.name(), |purl| purl.ty())
}

/// The licence of a component in a word: what holds for it, else what is written.
pub(in crate::report) fn license(component: &Component) -> String {
    match expression(component) {
        Some(expression) => expression.to_string(),
        None => component.statements().next().map(|claim| claim.text.clone()).unwrap_or_default(),
    }
}

/// How many components there are of each sort, those that lower layers hide counted apart.
#[derive(Default)]
pub(in crate::report) struct Shape {
    pub(in crate::report) seen: usize,
    pub(in crate::report) hidden: usize,
    /// Most first.
    pub(in crate::report) ecosystems: Vec<(String, usize)>,
    /// By [`Class::ALL`].
    pub(in crate::report) classes: [usize; Class::ALL.len()],
    /// By class, most first; a component counts under each licence that it names.
    pub(in crate::report) licenses: Vec<(Class, Vec<(String, usize)>)>,
    /// By index of the layer.
    pub(in crate::report) layers: Vec<usize>,
    /// Name and version of the operating system.
    pub(in crate::report) system: Option<String>,
}

impl Shape {
    pub(in crate::report) fn of(bom: &Bom) -> Self {
        let mut shape = Self { layers: vec![0; bom.layers.len()], ..Self::default() };
        let mut ecosystems: BTreeMap<&str, usize> = BTreeMap::new();
        let mut licenses: BTreeMap<Class, BTreeMap<String, usize>> = BTreeMap::new();
        for component in bom.components.values() {
            if component.hidden.is_some() {
                shape.hidden += 1;
                continue;
            }
            shape.seen += 1;
            *ecosystems.entry(ecosystem(component)).or_default() += 1;
            shape.classes[Class::of(component).index()] += 1;
            if let Some(count) = component.layer.and_then(|layer| shape.layers.get_mut(layer)) {
                *count += 1;
            }
            if component.kind == Kind::OperatingSystem && shape.system.is_none() {
                let version = component.version.as_deref().unwrap_or_default();
                shape.system = Some(format!("{} {version}", component.name).trim_end().to_owned());
            }
            let Some(expression) = expression(component) else { continue };
            let mut leaves: Vec<_> = expression.leaves().collect();
            leaves.sort();
            leaves.dedup();
            for leaf in leaves {
                let range = categories(leaf);
                let certain = range.start() == range.end();
                let class = Class::Of(if certain { *range.end() } else { Category::Unknown });
                *licenses.entry(class).or_default().entry(leaf.to_string()).or_default() += 1;
            }
        }
        shape.ecosystems = most_first(ecosystems.into_iter().map(|(name, count)| (name.to_owned(), count)));
        shape.licenses = licenses.into_iter().map(|(class, of)| (class, most_first(of))).collect();
        shape
    }

    /// The classes that there are, with how many components are of each.
    pub(in crate::report) fn present(&self) -> impl Iterator<Item = (Class, usize)> {
        Class::ALL.into_iter().zip(self.classes).filter(|(_, count)| *count > 0)
    }
}

fn most_first(counts: impl IntoIterator<Item = (String, usize)>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|(one, few), (other, many)| many.cmp(few).then_with(|| one.cmp(other)));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::bom;

    #[test]
    fn every_component_counts_once_in_each_way_of_sorting() {
        let shape = Shape::of(&bom());
        assert_eq!(shape.seen, 6);
        assert_eq!(shape.ecosystems, [("npm".to_owned(), 5), ("deb".to_owned(), 1)]);
        assert_eq!(shape.layers, [1, 5]);
        let present: Vec<_> = shape.present().map(|(class, count)| (class.title(), count)).collect();
        assert_eq!(present, [("permissive", 1), ("strong copyleft", 3), ("not stated", 2)]);
        assert_eq!(shape.classes.iter().sum::<usize>(), shape.seen);
    }

    #[test]
    fn classes_have_one_order() {
        assert!(Class::ALL.is_sorted());
        assert!(Class::ALL.iter().enumerate().all(|(index, class)| class.index() == index));
    }
}
