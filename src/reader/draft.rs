//! A bill in the making: what a document says, under the names the document gives things, until all is read.
//!
//! A document may have a hundred thousand components, and its edges may come before them. So its names become
//! numbers as they are read, and components wait in small blocks that are given back one by one.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

mod sheet;

pub(super) use sheet::Memory;

use super::ReadError;
use super::names::{Name, Names};
use super::properties::{self, Apart, Claims};
use crate::bom::{Bom, Component, Components, Gap, GapKind, Layer, Origin, Owner, Ref, Scope, Subject};
use crate::licenses::Expression;

/// How many gaps of one document are told one by one.
const MOST_GAPS: usize = 200;
/// How many components wait together.
const BLOCK: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) origin: Origin,
    pub(super) subject: Subject,
    /// Whether the format takes any text as a thing's name, so that we write our references there.
    ids_are_references: bool,
    /// What the list of components is called in the document.
    list: &'static str,
    /// The document's own name for the subject.
    pub(super) subject_id: Option<Name>,
    pub(super) license_texts: BTreeMap<String, String>,
    /// Where the document has a field for them.
    pub(super) layers: Vec<Layer>,
    /// Properties of the whole document.
    pub(super) properties: Vec<(String, String)>,
    /// Where in its list the document is being read.
    pub(super) place: usize,
    /// The layers in evidence are names still.
    pub(super) layers_are_names: bool,
    waiting: Vec<Vec<Waiting>>,
    names: Names,
    edges: Vec<(Name, Name, Scope)>,
    /// Whose dependencies the document tells, even if they are none.
    told: Vec<Name>,
    memory: Memory,
    /// Something was told by its number in the list.
    is_numbered: bool,
    gaps: Vec<Gap>,
    untold_gaps: usize,
}

/// A component as a document has it.
#[derive(Debug)]
pub(super) struct Part {
    /// The document's own name for it.
    pub(super) id: Option<Name>,
    /// The document's own name for what it is written in.
    pub(super) inside: Option<Name>,
    pub(super) component: Component,
    /// What properties say that has no place in a component yet.
    pub(super) apart: Apart,
}

/// The same, made small.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: Option<Name>,
    inside: Option<Name>,
    /// Its place in the document's list, or that of what it is written in.
    place: u32,
    /// The layer that brought it, by digest.
    layer: Option<Name>,
    pub(super) component: Box<Component>,
    apart: Option<Box<Apart>>,
}

impl Draft {
    pub(super) fn new(list: &'static str) -> Self {
        Self { list, ..Self::default() }
    }

    /// For a format that takes any text as a thing's name.
    pub(super) fn with_references(list: &'static str) -> Self {
        Self { ids_are_references: true, ..Self::new(list) }
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

    /// Notes what the document does otherwise than its format says, where nothing is lost by it.
    pub(super) fn deviation(&mut self, reason: impl Into<String>) {
        self.gap(reason);
        if let Some(gap) = self.gaps.last_mut().filter(|_| self.untold_gaps == 0) {
            gap.kind = GapKind::LeftOut;
        }
    }

    /// Notes that the document says something a bill has no place for.
    pub(super) fn step_over(&mut self, what: impl Into<String>) {
        *self.origin.stepped_over.entry(what.into()).or_default() += 1;
    }

    /// The number of one of the document's names.
    pub(super) fn name(&mut self, text: &str) -> Name {
        self.names.number(text)
    }

    /// The same where the document has used the name before.
    pub(super) fn known(&self, text: &str) -> Option<Name> {
        self.names.get(text)
    }

    pub(super) fn text(&self, name: Name) -> &str {
        self.names.text(name)
    }

    /// What a licence's words mean.
    pub(super) fn license(&mut self, text: &str) -> Option<Expression> {
        self.memory.license(text)
    }

    pub(super) fn add(&mut self, part: Part) {
        let Part { id, inside, mut component, mut apart } = part;
        component.cpes.shrink_to_fit();
        if !component.hashes.is_empty() {
            component.hashes.shrink_to_fit();
        }
        self.memory.share(&mut component);
        component.evidence.shrink_to_fit();
        let layer = apart.layer_digest.take().map(|digest| self.name(&digest));
        let apart = (!apart.is_empty()).then(|| Box::new(apart));
        let place = u32::try_from(self.place).unwrap_or(u32::MAX);
        self.put(Waiting { id, inside, place, layer, component: Box::new(component), apart });
    }

    /// Puts something back that was taken out.
    pub(super) fn put(&mut self, waiting: Waiting) {
        match self.waiting.last_mut().filter(|block| block.len() < BLOCK) {
            Some(block) => block.push(waiting),
            None => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(waiting);
                self.waiting.push(block);
            }
        }
    }

    pub(super) fn depends(&mut self, from: Name, to: Name, scope: Scope) {
        self.tells(from);
        self.edges.push((from, to, scope));
    }

    /// Its dependencies are told, even if nothing follows.
    pub(super) fn tells(&mut self, from: Name) {
        if self.told.last() != Some(&from) {
            self.told.push(from);
        }
    }

    /// Whether we wrote it ourselves.
    pub(super) fn is_ours(&self) -> bool {
        self.origin.tools.iter().any(|tool| tool == "packlist" || tool.starts_with("packlist "))
    }

    /// The number of the component that comes next, to tell it by.
    pub(super) fn number(&mut self) -> usize {
        self.is_numbered = true;
        self.len() + 1
    }

    /// How many components there are so far.
    pub(super) fn len(&self) -> usize {
        self.waiting.last().map_or(0, |block| (self.waiting.len() - 1) * BLOCK + block.len())
    }

    /// What is known so far of each component, and what properties said apart.
    pub(super) fn parts_mut(
        &mut self,
    ) -> impl Iterator<Item = (Option<Name>, &mut Component, &mut Option<Box<Apart>>)> {
        let waiting = self.waiting.iter_mut().flatten();
        waiting.map(|waiting| (waiting.id, waiting.component.as_mut(), &mut waiting.apart))
    }

    /// Takes the component of this name out of the list, to be the subject.
    pub(super) fn take_out(&mut self, id: Name) -> Option<Waiting> {
        self.waiting.iter_mut().find_map(|block| {
            let place = block.iter().position(|part| part.id == Some(id))?;
            Some(block.remove(place))
        })
    }

    /// Says what lies in what, inner first, where that makes it part of it: where the outer one is `owning`.
    pub(super) fn contains(&mut self, pairs: &HashMap<Name, Name>, owning: impl Fn(Name) -> bool) {
        for part in self.waiting.iter_mut().flatten() {
            let owner = part.id.and_then(|id| pairs.get(&id)).copied();
            let is_ours = part.apart.as_ref().is_some_and(|apart| apart.owner_path.is_some());
            part.inside = owner.filter(|owner| is_ours || owning(*owner)).or(part.inside);
        }
    }

    /// Makes the bill.
    ///
    /// # Errors
    /// When the names of the document mean more than one thing where it matters.
    pub(super) fn finish(mut self, format: &'static str) -> Result<Bom, ReadError> {
        let mut bom = Bom { license_texts: std::mem::take(&mut self.license_texts), ..Bom::default() };
        bom.subject = std::mem::take(&mut self.subject);
        bom.layers = std::mem::take(&mut self.layers);
        let said = properties::apply_to_bom(&self.properties, &mut bom);
        said.settle(&mut bom.subject.licenses, self.is_ours(), &bom.license_texts);
        let broken = |what| ReadError::Broken { format, what };
        let meanings = self.settle(&mut bom);
        self.refuse_doubles(&meanings).map_err(broken)?;
        self.link(&mut bom, &meanings).map_err(broken)?;
        self.depend(&mut bom, meanings);
        if self.untold_gaps > 0 {
            let more = self.untold_gaps;
            let reason = format!("{more} more deviations of the document are not told one by one");
            self.gaps.push(Gap { path: String::new(), line: None, kind: GapKind::Unread, reason });
        }
        bom.gaps.append(&mut self.gaps);
        bom.origin = Some(self.origin);
        Ok(bom)
    }

    /// Gives every component its reference, and tells which of the document's names means which.
    ///
    /// Our own references stay. Those of others become what ours would be, so that two documents of the same
    /// thing compare; what has the same purl twice becomes one.
    fn settle(&mut self, bom: &mut Bom) -> Meanings {
        let ours = self.is_ours();
        let mut meanings = Meanings::of(bom.subject.reference(), self.names.len());
        if let Some(subject) = self.subject_id {
            meanings.set(subject, meanings.subject.clone(), None);
        }
        let mut times: HashMap<Ref, usize> = HashMap::new();
        let mut merged: BTreeSet<Ref> = BTreeSet::new();
        let layers = self.named_layers(bom);
        for mut part in std::mem::take(&mut self.waiting).into_iter().flatten() {
            self.lay(&mut part, &layers);
            let mut claims = Claims::default();
            if let Some(apart) = &mut part.apart {
                apart.settle(&mut part.component);
                claims = apart.take_claims();
            }
            // To look at them as one's own would copy what is shared.
            if !claims.is_empty() || (ours && !part.component.licenses.is_empty()) {
                claims.settle(&mut part.component.licenses, ours, &bom.license_texts);
            }
            if ours {
                self.memory.share(&mut part.component);
            }
            let said = part.apart.as_mut().and_then(|apart| apart.reference.take());
            let wanted = match (said, part.id) {
                (Some(reference), _) => reference,
                (None, Some(id)) if ours && self.ids_are_references => Ref(self.text(id).into()),
                _ => part.component.reference(),
            };
            let reference = match bom.components.entry(wanted) {
                Entry::Vacant(free) => {
                    let wanted = free.key().clone();
                    free.insert(part.component);
                    wanted
                }
                Entry::Occupied(mut same)
                    if part.component.purl.is_some() && same.get().purl == part.component.purl =>
                {
                    same.get_mut().absorb(*part.component);
                    merged.insert(same.key().clone());
                    same.key().clone()
                }
                Entry::Occupied(other) => {
                    let wanted = other.key().clone();
                    let reference = another(&wanted, &mut times, &bom.components);
                    bom.components.insert(reference.clone(), part.component);
                    reference
                }
            };
            let (owner, path) = match part.apart {
                Some(apart) => (apart.owner.map(Inside::Reference), apart.owner_path),
                None => (None, None),
            };
            if let Some(inside) = part.inside.map(Inside::Name).or(owner) {
                meanings.inside.push((reference.clone(), inside, path));
            }
            if let Some(id) = part.id {
                meanings.set(id, reference, Some(part.place as usize));
            }
        }
        for reference in merged {
            if let Some(component) = bom.components.get_mut(&reference) {
                component.say_once();
            }
        }
        meanings
    }

    /// The layers by the names that the document may use.
    fn named_layers(&self, bom: &Bom) -> HashMap<Name, usize> {
        let layers = bom.layers.iter().enumerate();
        layers.filter_map(|(index, layer)| Some((self.known(&layer.diff_id)?, index))).collect()
    }

    /// Puts the layers' places where their names stand, and where evidence does not say, the component's.
    fn lay(&self, part: &mut Waiting, layers: &HashMap<Name, usize>) {
        let component = &mut part.component;
        if let Some(layer) = part.layer.filter(|_| component.layer.is_none()) {
            component.layer = layers.get(&layer).copied();
        }
        if self.layers_are_names {
            for place in &mut component.evidence {
                let name = place.layer.and_then(|name| u32::try_from(name).ok()).map(Name);
                place.layer = name.and_then(|name| layers.get(&name).copied());
                component.layer = component.layer.or(place.layer);
            }
        }
        for place in &mut component.evidence {
            place.layer = place.layer.or(component.layer);
        }
    }

    /// A name of two things is an error where something is said of it, for then the answer would be a guess.
    fn refuse_doubles(&mut self, meanings: &Meanings) -> Result<(), String> {
        if meanings.doubles.is_empty() {
            return Ok(());
        }
        let list = self.list;
        let needed = self.edges.iter().map(|(_, to, _)| *to);
        let around = meanings.inside.iter().filter_map(|(_, inside, _)| match inside {
            Inside::Name(name) => Some(*name),
            Inside::Reference(_) => None,
        });
        let meant: HashSet<Name> = self.told.iter().copied().chain(needed).chain(around).collect();
        for (name, first, second) in &meanings.doubles {
            let places = match first {
                Some(first) => format!("{list}[{first}] and {list}[{second}]"),
                None => format!("the subject and {list}[{second}]"),
            };
            let text = self.text(*name).to_owned();
            if meant.contains(name) {
                return Err(format!("`{text}` names two components, {places}, and more is said of it"));
            }
            self.gap(format!("`{text}` names two components, {places}"));
        }
        Ok(())
    }

    /// Puts references where the document's names stand: owners, and what replaced what is hidden.
    fn link(&mut self, bom: &mut Bom, meanings: &Meanings) -> Result<(), String> {
        for (reference, inside, path) in &meanings.inside {
            let (owner, text) = match inside {
                Inside::Name(name) => (self.find(*name, meanings, bom), self.text(*name)),
                Inside::Reference(text) => (self.find_text(text, meanings, bom), text.as_str()),
            };
            let Some(owner) = owner else {
                self.gap(format!("`{reference}` lies in `{text}`, which is no component of the document"));
                continue;
            };
            let real = owner != *reference && bom.components.contains_key(&owner);
            if let Some(component) = bom.components.get_mut(reference).filter(|_| real) {
                component.owner =
                    Some(Owner { component: owner, path: path.clone().unwrap_or_default() }.into());
            }
        }
        if !meanings.inside.is_empty() {
            refuse_circles(bom)?;
        }
        let replaced: Vec<(Ref, Ref)> = bom
            .components
            .iter()
            .filter_map(|(reference, c)| Some((reference.clone(), c.hidden.as_ref()?.replaced_by.clone()?)))
            .collect();
        for (reference, by) in replaced {
            let by = self.find_text(by.as_str(), meanings, bom).filter(|by| bom.components.contains_key(by));
            if let Some(hidden) = bom.components.get_mut(&reference).and_then(|c| c.hidden.as_mut()) {
                hidden.replaced_by = by;
            }
        }
        Ok(())
    }

    fn depend(&mut self, bom: &mut Bom, meanings: Meanings) {
        let mut told = std::mem::take(&mut self.told);
        told.sort_unstable();
        told.dedup();
        let mut edges = std::mem::take(&mut self.edges);
        edges.sort_unstable();
        let names = (0..self.names.len()).map(|number| self.find(Name(number as u32), &meanings, bom));
        let meant: Vec<Option<Ref>> = names.collect();
        let meant = |name: Name| meant.get(name.place()).and_then(Option::as_ref);
        drop(meanings);
        self.tell_lost_edges(&told, &edges, meant);
        // The names themselves are not asked for any more, and take as much room as all edges.
        let count = std::mem::take(&mut self.names).len();
        // By name: needed to run by someone, or the weakest scope of the others.
        let mut scopes: Vec<Option<Scope>> = vec![None; count];
        let mut edges = edges.into_iter().peekable();
        for name in told {
            let mut needs = Vec::new();
            while let Some((_, needed, scope)) = edges.next_if(|(from, _, _)| *from == name) {
                if let (Some(from), Some(to)) = (meant(name), meant(needed))
                    && from != to
                {
                    let least = &mut scopes[needed.place()];
                    *least = Some(least.map_or(scope, |least| least.min(scope)));
                    needs.push(to.clone());
                }
            }
            if let Some(from) = meant(name) {
                bom.dependencies.entry(from.clone()).or_default().extend(needs);
            }
        }
        weaken(bom, &scopes, meant);
    }

    /// Notes what is said of things that are not there.
    fn tell_lost_edges<'a>(
        &mut self,
        told: &[Name],
        edges: &[(Name, Name, Scope)],
        meant: impl Fn(Name) -> Option<&'a Ref>,
    ) {
        let mut edges = edges.iter().peekable();
        for name in told {
            if meant(*name).is_none() {
                let text = self.text(*name).to_owned();
                self.gap(format!("dependencies are told of `{text}`, which is no component of the document"));
            }
            while let Some((_, needed, _)) = edges.next_if(|(from, _, _)| from == name) {
                if meant(*name).is_none() || meant(*needed).is_none() {
                    let (of, needed) = (self.text(*name), self.text(*needed));
                    self.gap(format!(
                        "`{of}` needs `{needed}`, and one of them is no component of the document"
                    ));
                }
            }
        }
    }

    /// By the document's name, else by reference.
    fn find(&self, name: Name, meanings: &Meanings, bom: &Bom) -> Option<Ref> {
        match meanings.of_name.get(name.place()) {
            Some(Some((reference, _))) => Some(reference.clone()),
            _ => by_reference(self.text(name), meanings, bom),
        }
    }

    /// The same for a name that stood in a property. There are few.
    fn find_text(&self, text: &str, meanings: &Meanings, bom: &Bom) -> Option<Ref> {
        by_reference(text, meanings, bom).or_else(|| self.find(self.known(text)?, meanings, bom))
    }
}

fn by_reference(text: &str, meanings: &Meanings, bom: &Bom) -> Option<Ref> {
    let reference = Ref(text.into());
    (bom.components.contains_key(&reference) || reference == meanings.subject).then_some(reference)
}

/// What the document's names mean.
#[derive(Debug)]
struct Meanings {
    subject: Ref,
    /// With the place in the document's list; the subject has none.
    of_name: Vec<Option<(Ref, Option<usize>)>>,
    /// Names of two things, and the places of both.
    doubles: Vec<(Name, Option<usize>, usize)>,
    /// Component, what it lies in, and the file by which it does.
    inside: Vec<(Ref, Inside, Option<String>)>,
}

#[derive(Debug)]
enum Inside {
    Name(Name),
    /// As our own property has it.
    Reference(String),
}

impl Meanings {
    fn of(subject: Ref, names: usize) -> Self {
        Self { subject, of_name: vec![None; names], doubles: Vec::new(), inside: Vec::new() }
    }

    fn set(&mut self, name: Name, reference: Ref, place: Option<usize>) {
        let Some(meaning) = self.of_name.get_mut(name.place()) else { return };
        match meaning {
            None => *meaning = Some((reference, place)),
            Some((other, first)) if *other != reference => {
                self.doubles.extend(place.map(|second| (name, *first, second)));
            }
            Some(_) => {}
        }
    }
}

/// What is only ever needed in part, or to develop, is so itself.
fn weaken<'a>(bom: &mut Bom, scopes: &[Option<Scope>], meant: impl Fn(Name) -> Option<&'a Ref>) {
    let is_weak = |scope: &&Scope| **scope != Scope::Required;
    if scopes.iter().flatten().find(is_weak).is_none() {
        return;
    }
    let mut least: BTreeMap<&Ref, Scope> = BTreeMap::new();
    for (number, scope) in scopes.iter().enumerate() {
        let Some(scope) = *scope else { continue };
        let Some(reference) = meant(Name(number as u32)) else { continue };
        let known = least.entry(reference).or_insert(scope);
        *known = (*known).min(scope);
    }
    for (reference, scope) in least {
        if let Some(component) = bom.components.get_mut(reference)
            && component.scope == Scope::Required
        {
            component.scope = scope;
        }
    }
}

/// A reference for something that would have the same one as another: `…#2`.
fn another(wanted: &Ref, times: &mut HashMap<Ref, usize>, taken: &Components) -> Ref {
    let count = times.entry(wanted.clone()).or_insert(1);
    loop {
        *count += 1;
        let reference = Ref(format!("{wanted}#{count}").into());
        if !taken.contains_key(&reference) {
            return reference;
        }
    }
}

/// Nothing lies in itself, not even by way of others: nobody could say what such a list holds.
fn refuse_circles(bom: &Bom) -> Result<(), String> {
    let owner = |reference: &Ref| Some(&bom.components.get(reference)?.owner.as_ref()?.component);
    let mut sound: BTreeSet<&Ref> = BTreeSet::new();
    for start in bom.components.keys() {
        let mut chain = BTreeSet::new();
        let mut here = Some(start);
        while let Some(reference) = here.filter(|reference| !sound.contains(*reference)) {
            if !chain.insert(reference) {
                let inside = owner(reference).map_or("itself", Ref::as_str);
                return Err(format!("`{reference}` lies in itself, by way of `{inside}`"));
            }
            here = owner(reference);
        }
        sound.extend(chain);
    }
    Ok(())
}
