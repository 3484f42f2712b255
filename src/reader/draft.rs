//! A bill in the making: what a document says, under the names the document gives things, until all is read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::properties::{self, Apart};
use crate::bom::{Bom, Component, Gap, GapKind, Layer, Origin, Owner, Ref, Scope, Subject};

/// How many gaps of one document are told one by one.
const MOST_GAPS: usize = 200;

#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) origin: Origin,
    pub(super) subject: Subject,
    /// Whether the format takes any text as a thing's name, so that we write our references there.
    ids_are_references: bool,
    /// The document's own name for the subject.
    pub(super) subject_id: Option<String>,
    pub(super) license_texts: BTreeMap<String, String>,
    /// Where the document has a field for them.
    pub(super) layers: Vec<Layer>,
    /// Properties of the whole document.
    pub(super) properties: Vec<(String, String)>,
    parts: Vec<Part>,
    edges: Vec<Edge>,
    /// Whose dependencies the document tells, even if they are none.
    told: BTreeSet<String>,
    gaps: Vec<Gap>,
    untold_gaps: usize,
}

/// A component as a document has it.
#[derive(Debug)]
pub(super) struct Part {
    /// The document's own name for it.
    pub(super) id: Option<String>,
    /// The document's own name for what it is written in.
    pub(super) inside: Option<String>,
    pub(super) component: Component,
    /// What properties say that has no place in a component yet.
    pub(super) apart: Apart,
}

#[derive(Debug)]
struct Edge {
    from: String,
    to: String,
    /// When the edge holds, where the document says so of the edge.
    scope: Scope,
}

impl Draft {
    /// For a format that takes any text as a thing's name.
    pub(super) fn with_references() -> Self {
        Self { ids_are_references: true, ..Self::default() }
    }

    /// Notes what could not be read of the document.
    pub(super) fn gap(&mut self, reason: impl Into<String>) {
        if self.gaps.len() < MOST_GAPS {
            let reason = reason.into();
            self.gaps.push(Gap { path: String::new(), line: None, kind: GapKind::Unread, reason });
        } else {
            self.untold_gaps += 1;
        }
    }

    /// Notes that the document says something a bill has no place for.
    pub(super) fn step_over(&mut self, what: impl Into<String>) {
        *self.origin.stepped_over.entry(what.into()).or_default() += 1;
    }

    pub(super) fn add(&mut self, part: Part) {
        self.parts.push(part);
    }

    pub(super) fn depends(&mut self, from: &str, to: &str, scope: Scope) {
        self.tells(from);
        self.edges.push(Edge { from: from.to_owned(), to: to.to_owned(), scope });
    }

    /// Its dependencies are told, even if nothing follows.
    pub(super) fn tells(&mut self, from: &str) {
        if !self.told.contains(from) {
            self.told.insert(from.to_owned());
        }
    }

    /// Whether we wrote it ourselves.
    pub(super) fn is_ours(&self) -> bool {
        self.origin.tools.iter().any(|tool| tool == "packlist" || tool.starts_with("packlist "))
    }

    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Takes the component of this name out of the list, to be the subject.
    pub(super) fn take_out(&mut self, id: &str) -> Option<Part> {
        let place = self.parts.iter().position(|part| part.id.as_deref() == Some(id))?;
        Some(self.parts.remove(place))
    }

    /// Says what lies in what, by the document's names, where that makes it part of it.
    pub(super) fn contains(&mut self, pairs: &HashMap<String, String>, owning: &HashSet<String>) {
        for part in &mut self.parts {
            let owner = part.id.as_ref().and_then(|id| pairs.get(id));
            if let Some(owner) =
                owner.filter(|owner| part.apart.owner_path.is_some() || owning.contains(*owner))
            {
                part.inside = Some(owner.clone());
            }
        }
    }

    pub(super) fn finish(mut self) -> Bom {
        let ours = self.is_ours();
        let mut bom = Bom { license_texts: std::mem::take(&mut self.license_texts), ..Bom::default() };
        bom.subject = std::mem::take(&mut self.subject);
        bom.layers = std::mem::take(&mut self.layers);
        properties::apply_to_bom(&self.properties, &mut bom);
        let names = self.settle(&mut bom, ours);
        self.link(&mut bom, &names);
        self.depend(&mut bom, &names);
        if self.untold_gaps > 0 {
            let more = self.untold_gaps;
            let reason = format!("{more} more deviations of the document are not told one by one");
            self.gaps.push(Gap { path: String::new(), line: None, kind: GapKind::Unread, reason });
        }
        bom.gaps.append(&mut self.gaps);
        bom.origin = Some(self.origin);
        bom
    }

    /// Gives every component its reference, and tells which of the document's names means which.
    ///
    /// Our own references stay. Those of others become what ours would be, so that two documents of the same
    /// thing compare; what has the same purl twice becomes one.
    fn settle(&mut self, bom: &mut Bom, ours: bool) -> Names {
        let subject = bom.subject.reference();
        let of_id = self.subject_id.iter().map(|id| (id.clone(), subject.clone())).collect();
        let mut names = Names { subject, of_id, inside: Vec::new() };
        let mut times: HashMap<Ref, usize> = HashMap::new();
        let mut merged: BTreeSet<Ref> = BTreeSet::new();
        for mut part in std::mem::take(&mut self.parts) {
            part.apart.settle(&mut part.component, &bom.layers);
            let wanted = match (&part.apart.reference, &part.id) {
                (Some(reference), _) => reference.clone(),
                (None, Some(id)) if ours && self.ids_are_references => Ref(id.clone()),
                _ => part.component.reference(),
            };
            let reference = match bom.components.get_mut(&wanted) {
                None => {
                    bom.components.insert(wanted.clone(), part.component);
                    wanted
                }
                Some(same) if part.component.purl.is_some() && same.purl == part.component.purl => {
                    same.absorb(part.component);
                    merged.insert(wanted.clone());
                    wanted
                }
                Some(_) => {
                    let reference = another(&wanted, &mut times, &bom.components);
                    bom.components.insert(reference.clone(), part.component);
                    reference
                }
            };
            if let Some(inside) = part.inside.or(part.apart.owner) {
                names.inside.push((reference.clone(), inside, part.apart.owner_path));
            }
            if let Some(id) = part.id
                && let Some(other) = names.of_id.insert(id.clone(), reference.clone())
                && other != reference
            {
                self.gap(format!("two components are named `{id}`; what depends on it means the first"));
                names.of_id.insert(id, other);
            }
        }
        for reference in merged {
            if let Some(component) = bom.components.get_mut(&reference) {
                component.say_once();
            }
        }
        names
    }

    /// Puts references where the document's names stand: owners, and what replaced what is hidden.
    fn link(&mut self, bom: &mut Bom, names: &Names) {
        for (reference, inside, path) in &names.inside {
            let Some(owner) = names.find(inside, bom) else {
                self.gap(format!("`{reference}` lies in `{inside}`, which is not in the document"));
                continue;
            };
            let real = owner != *reference && bom.components.contains_key(&owner);
            if let Some(component) = bom.components.get_mut(reference).filter(|_| real) {
                component.owner = Some(Owner { component: owner, path: path.clone().unwrap_or_default() });
            }
        }
        for reference in circular_owners(bom) {
            self.gap(format!("`{reference}` lies in itself, by way of others"));
            if let Some(component) = bom.components.get_mut(&reference) {
                component.owner = None;
            }
        }
        let replaced: Vec<(Ref, Ref)> = bom
            .components
            .iter()
            .filter_map(|(reference, c)| Some((reference.clone(), c.hidden.as_ref()?.replaced_by.clone()?)))
            .collect();
        for (reference, by) in replaced {
            let by = names.find(&by.0, bom).filter(|by| bom.components.contains_key(by));
            if let Some(hidden) = bom.components.get_mut(&reference).and_then(|c| c.hidden.as_mut()) {
                hidden.replaced_by = by;
            }
        }
    }

    fn depend(&mut self, bom: &mut Bom, names: &Names) {
        for id in std::mem::take(&mut self.told) {
            match names.find(&id, bom) {
                Some(reference) => {
                    bom.dependencies.entry(reference).or_default();
                }
                None => self.gap(format!("dependencies are told of `{id}`, which is not in the document")),
            }
        }
        // By component: needed to run by someone, and the weakest scope of the others.
        let mut scopes: BTreeMap<Ref, Scope> = BTreeMap::new();
        for edge in std::mem::take(&mut self.edges) {
            let (from, to) = (names.find(&edge.from, bom), names.find(&edge.to, bom));
            let (Some(from), Some(to)) = (from, to) else {
                self.gap(format!(
                    "`{}` needs `{}`, and one of them is not in the document",
                    edge.from, edge.to
                ));
                continue;
            };
            if from == to {
                continue;
            }
            let scope = scopes.entry(to.clone()).or_insert(edge.scope);
            *scope = (*scope).min(edge.scope);
            bom.dependencies.entry(from).or_default().insert(to);
        }
        for (reference, scope) in scopes {
            if let Some(component) = bom.components.get_mut(&reference)
                && component.scope == Scope::Required
            {
                component.scope = scope;
            }
        }
    }
}

/// What the document's names mean.
#[derive(Debug)]
struct Names {
    subject: Ref,
    of_id: HashMap<String, Ref>,
    /// Component, the document's name of what it lies in, and the file by which it does.
    inside: Vec<(Ref, String, Option<String>)>,
}

impl Names {
    /// By the document's name, else by reference.
    fn find(&self, id: &str, bom: &Bom) -> Option<Ref> {
        if let Some(reference) = self.of_id.get(id) {
            return Some(reference.clone());
        }
        let reference = Ref(id.to_owned());
        (bom.components.contains_key(&reference) || reference == self.subject).then_some(reference)
    }
}

/// A reference for something that would have the same one as another: `…#2`.
fn another(wanted: &Ref, times: &mut HashMap<Ref, usize>, taken: &BTreeMap<Ref, Component>) -> Ref {
    let count = times.entry(wanted.clone()).or_insert(1);
    loop {
        *count += 1;
        let reference = Ref(format!("{wanted}#{count}"));
        if !taken.contains_key(&reference) {
            return reference;
        }
    }
}

/// Components whose chain of owners comes back to them.
fn circular_owners(bom: &Bom) -> Vec<Ref> {
    let owner = |reference: &Ref| Some(&bom.components.get(reference)?.owner.as_ref()?.component);
    let mut circular = Vec::new();
    let mut sound: BTreeSet<&Ref> = BTreeSet::new();
    for start in bom.components.keys() {
        let mut chain = BTreeSet::new();
        let mut here = Some(start);
        while let Some(reference) = here.filter(|reference| !sound.contains(*reference)) {
            if !chain.insert(reference) {
                circular.push(reference.clone());
                break;
            }
            here = owner(reference);
        }
        sound.extend(chain);
    }
    circular
}
