//! What was found so far. Hundreds of lockfiles name the same packages in the same words: these are kept once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Extent, OwnedFile, Package, credentials};
use crate::bom::{Component, Ref, Scope, Technique};

/// One package in one file, credited: see [`Package`].
#[derive(Clone)]
pub(super) struct Found {
    pub(super) component: Arc<Component>,
    pub(super) place: Option<Box<str>>,
    pub(super) line: Option<u32>,
    pub(super) scope: Option<Scope>,
    pub(super) technique: Technique,
    pub(super) confidence: u8,
    pub(super) addresses: Box<[Address]>,
    pub(super) needs: Option<Box<[Wish]>>,
    pub(super) files: Vec<OwnedFile>,
    pub(super) extent: Option<Extent>,
    pub(super) license_texts: BTreeMap<String, String>,
    pub(super) ecosystem: &'static str,
    pub(super) path: Arc<str>,
    /// `None` outside images.
    pub(super) layer: Option<usize>,
}

/// Stands for the text of an address; nothing but whether two are the same can be known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address(u32);

/// A need, as addresses that meet it: the first choice first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// What nearly all are, and takes no room of its own.
    One(Address),
    AnyOf(Box<[Address]>),
}

impl Wish {
    pub(super) fn choices(&self) -> &[Address] {
        match self {
            Self::One(address) => std::slice::from_ref(address),
            Self::AnyOf(addresses) => addresses,
        }
    }
}

/// How many components of one reference are compared with the next before it is kept for itself.
const MOST_ALIKE: usize = 8;

/// Takes in what is found.
#[derive(Default)]
pub(super) struct Desk {
    components: HashMap<Ref, Vec<Arc<Component>>>,
    addresses: HashMap<Box<str>, Address>,
}

impl Desk {
    pub(super) fn take_in(
        &mut self,
        mut package: Package,
        ecosystem: &'static str,
        path: &Arc<str>,
        layer: Option<usize>,
    ) -> Found {
        credentials::keep_out(&mut package.component);
        let needs = package.needs.map(|needs| {
            let wishes = needs.into_iter().map(|need| match <[String; 1]>::try_from(need.any_of) {
                Ok([only]) => Wish::One(self.address(only)),
                Err(several) => Wish::AnyOf(self.addresses(several)),
            });
            wishes.collect()
        });
        Found {
            component: self.component(package.component),
            place: package.place,
            line: package.line,
            scope: package.scope,
            technique: package.technique,
            confidence: package.confidence,
            addresses: self.addresses(package.addresses),
            needs,
            files: package.files,
            extent: package.extent,
            license_texts: package.license_texts,
            ecosystem,
            path: Arc::clone(path),
            layer,
        }
    }

    fn component(&mut self, component: Component) -> Arc<Component> {
        let alike = self.components.entry(component.reference()).or_default();
        if let Some(same) = alike.iter().find(|known| ***known == component) {
            return Arc::clone(same);
        }
        let component = Arc::new(component);
        if alike.len() < MOST_ALIKE {
            alike.push(Arc::clone(&component));
        }
        component
    }

    fn addresses(&mut self, texts: Vec<String>) -> Box<[Address]> {
        texts.into_iter().map(|text| self.address(text)).collect()
    }

    fn address(&mut self, text: String) -> Address {
        if let Some(known) = self.addresses.get(text.as_str()) {
            return *known;
        }
        // So many texts would not fit into the memory of any machine.
        let address = Address(u32::try_from(self.addresses.len()).unwrap_or(u32::MAX));
        self.addresses.insert(text.into(), address);
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Need;

    #[test]
    fn what_two_files_say_in_the_same_words_is_kept_once() {
        let mut desk = Desk::default();
        let mut take = |name: &str, path: &str, needs: &[&str]| {
            let mut package = Package::new(Component::new(name));
            package.addresses = vec![format!("x:{name}")];
            package.needs = Some(needs.iter().map(|need| Need::of(*need)).collect());
            desk.take_in(package, "test", &path.into(), None)
        };
        let (one, other) = (take("a", "one", &["x:b"]), take("a", "other", &[]));
        let needed = take("b", "one", &[]);
        assert!(Arc::ptr_eq(&one.component, &other.component));
        assert!(!Arc::ptr_eq(&one.component, &needed.component));
        assert_eq!(one.addresses, other.addresses);
        assert_eq!(one.needs.as_deref(), Some(&[Wish::One(needed.addresses[0])][..]));
    }
}
