//! Packages become components: one thing is listed once, with every place that speaks of it.

use std::collections::HashMap;
use std::sync::Arc;

use super::Found;
use super::graph::Edges;
use crate::bom::{Component, Components, Evidence, LicenseClaim, Presence, Ref, Scope};

/// How many different statements of one component are remembered, so as to take in none of them twice.
const MOST_REMEMBERED: usize = 16;

/// Merges packages of one reference.
///
/// What a package manager recorded as installed is asked before what a lockfile declares: its words on
/// supplier and licence stand first.
pub(super) fn merge<'a>(found: impl Iterator<Item = &'a Found>) -> Components {
    let mut found: Vec<&Found> = found.collect();
    found.sort_by_key(|found| found.component.presence);
    let mut merging: HashMap<Ref, Merging<'_>> = HashMap::new();
    for found in found {
        let reference = found.component.reference();
        merging.entry(reference).or_default().add(found);
    }
    merging.into_iter().filter_map(|(reference, merging)| Some((reference, merging.finish()?))).collect()
}

#[derive(Default)]
struct Merging<'a> {
    component: Option<Component>,
    /// What it was made of. Thousands of files may say the same.
    said: Vec<&'a Arc<Component>>,
    scope: Option<Scope>,
    evidence: Vec<Evidence>,
}

impl<'a> Merging<'a> {
    fn add(&mut self, found: &'a Found) {
        self.scope = self.scope.into_iter().chain(found.scope).min();
        self.evidence.push(Evidence {
            path: found.place.as_deref().unwrap_or(&found.path).to_owned(),
            line: found.line,
            layer: found.layer,
            found_by: found.ecosystem.to_owned(),
            technique: found.technique,
            confidence: found.confidence,
        });
        if self.said.iter().any(|said| Arc::ptr_eq(said, &found.component)) {
            return;
        }
        if self.said.len() < MOST_REMEMBERED {
            self.said.push(&found.component);
        }
        match &mut self.component {
            None => self.component = Some(Component::clone(&found.component)),
            Some(component) => join(component, Component::clone(&found.component)),
        }
    }

    fn finish(mut self) -> Option<Component> {
        let mut component = self.component?;
        self.evidence.sort();
        self.evidence.dedup();
        component.layer = self.evidence.iter().filter_map(|evidence| evidence.layer).min();
        component.evidence = self.evidence;
        if component.hashes.len() > 1 {
            component.hashes.sort();
            component.hashes.dedup();
        }
        // One file that needs it at run time outweighs any number that need it for tests.
        component.scope = self.scope.unwrap_or(Scope::Required);
        Some(component)
    }
}

/// What the project's own components need, somebody wrote into its manifests.
pub(super) fn ask_for_what_the_project_needs(components: &mut Components, edges: &Edges) {
    let own = components.iter().filter(|(_, component)| component.first_party);
    let asked_for: Vec<&Ref> = own.filter_map(|(own, _)| edges.get(own)).flatten().collect();
    for reference in asked_for {
        if let Some(component) = components.get_mut(reference).filter(|component| !component.first_party) {
            component.asked_for = true;
        }
    }
}

fn join(component: &mut Component, other: Component) {
    component.first_party &= other.first_party;
    component.asked_for |= other.asked_for;
    component.presence = Presence::min(component.presence, other.presence);
    component.hashes.extend(other.hashes);
    if component.form.file_name.is_none() && other.form.file_name.is_some() {
        component.form.file_name.clone_from(&other.form.file_name);
    }
    component.supplier = component.supplier.take().or(other.supplier);
    component.author = component.author.take().or(other.author);
    component.copyright = component.copyright.take().or(other.copyright);
    component.description = component.description.take().or(other.description);
    component.homepage = component.homepage.take().or(other.homepage);
    component.vcs = component.vcs.take().or(other.vcs);
    component.source = component.source.take().or(other.source);
    component.download = component.download.take().or(other.download);
    component.standing = component.standing.take().or(other.standing);
    for claim in other.licenses {
        if !component.licenses.iter().any(|known| says_the_same(known, &claim)) {
            component.licenses.push(claim);
        }
    }
}

fn says_the_same(one: &LicenseClaim, other: &LicenseClaim) -> bool {
    one.basis == other.basis
        && (one.text == other.text || (one.expression.is_some() && one.expression == other.expression))
}
