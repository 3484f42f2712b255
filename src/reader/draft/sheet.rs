//! Parts of a draft that are made apart, and put into it in the order of the document.

use std::collections::{HashMap, HashSet};

use super::{Draft, MOST_GAPS, Waiting};
use crate::bom::{Component, LicenseClaim, Origin, Sparse};
use crate::licenses::{self, Dialect, Expression};
use crate::reader::names::Name;

/// How many licences are remembered with what they mean, and how many statements.
const MOST_READINGS: usize = 10_000;

/// What was worked out of licences already. A list has few, very often.
#[derive(Debug, Default)]
pub(in crate::reader) struct Memory {
    readings: HashMap<String, Option<Expression>>,
    /// What is said of the licences of one component, often of many.
    claims: HashSet<Sparse<Vec<LicenseClaim>>>,
}

impl Memory {
    pub(super) fn license(&mut self, text: &str) -> Option<Expression> {
        if let Some(known) = self.readings.get(text) {
            return known.clone();
        }
        let expression = licenses::read(text, Dialect::Spdx);
        if self.readings.len() < MOST_READINGS {
            self.readings.insert(text.to_owned(), expression.clone());
        }
        expression
    }

    /// Keeps statements that are the same as another component's once.
    pub(super) fn share(&mut self, component: &mut Component) {
        if component.licenses.is_empty() {
            return;
        }
        match self.claims.get(&component.licenses) {
            Some(known) => component.licenses = known.clone(),
            None if self.claims.len() < MOST_READINGS => {
                component.licenses.shrink_to_fit();
                self.claims.insert(component.licenses.clone());
            }
            None => {}
        }
    }
}

impl Draft {
    /// An empty one for some of the list's items, in which all is done as it would be in this one. Names that stand
    /// inside components, as layers of evidence may, are not among what it can hold.
    pub(in crate::reader) fn sheet(&self, memory: Memory) -> Self {
        Self {
            list: self.list,
            ids_are_references: self.ids_are_references,
            origin: Origin { format: self.origin.format.clone(), ..Origin::default() },
            memory,
            ..Self::default()
        }
    }

    /// Takes the memory out, for the next sheet.
    pub(in crate::reader) fn take_memory(&mut self) -> Memory {
        std::mem::take(&mut self.memory)
    }

    /// Whether a sheet says all that would be said here, wherever in the list it begins.
    pub(in crate::reader) fn is_of_any_place(&self) -> bool {
        !self.is_numbered
    }

    /// Puts in what the list's next items say. It is all as if they had been read here.
    pub(in crate::reader) fn put_in(&mut self, sheet: Self) {
        // In the order in which they were met, they get the numbers that they would have got.
        let names =
            (0..sheet.names.len()).map(|number| self.names.number(sheet.names.text(Name(number as u32))));
        let names: Vec<Name> = names.collect();
        let here = |name: Name| names[name.place()];
        for part in sheet.waiting.into_iter().flatten() {
            let place = u32::try_from(self.place + part.place as usize).unwrap_or(u32::MAX);
            let (id, inside) = (part.id.map(here), part.inside.map(here));
            self.put(Waiting { id, inside, place, layer: part.layer.map(here), ..part });
        }
        self.place += sheet.place;
        for name in sheet.told {
            self.tells(here(name));
        }
        self.edges.extend(sheet.edges.into_iter().map(|(from, to, scope)| (here(from), here(to), scope)));
        self.license_texts.extend(sheet.license_texts);
        for (what, count) in sheet.origin.stepped_over {
            *self.origin.stepped_over.entry(what).or_default() += count;
        }
        let room = MOST_GAPS.saturating_sub(self.gaps.len());
        self.untold_gaps += sheet.untold_gaps + sheet.gaps.len().saturating_sub(room);
        self.gaps.extend(sheet.gaps.into_iter().take(room));
    }
}
