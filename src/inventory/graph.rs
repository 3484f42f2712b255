//! Who needs whom: needs are matched with addresses, and the subject reaches everything.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Found;
use crate::bom::{Ref, Subject};

type Edges = BTreeMap<Ref, BTreeSet<Ref>>;

/// All edges, the subject's among them.
pub(super) fn edges(found: &[Found], subject: &Subject) -> Edges {
    let references: Vec<Ref> = found.iter().map(|found| found.package.component.reference()).collect();
    let mut edges = needs(found, &references);
    let roots = roots(found, &references, &edges);
    edges.insert(subject.reference(), roots);
    edges
}

fn needs(found: &[Found], references: &[Ref]) -> Edges {
    let mut addresses: HashMap<&str, BTreeSet<&Ref>> = HashMap::new();
    for (found, reference) in found.iter().zip(references) {
        for address in &found.package.addresses {
            addresses.entry(address).or_default().insert(reference);
        }
    }
    let mut edges = Edges::new();
    for (found, reference) in found.iter().zip(references) {
        let Some(needs) = &found.package.needs else { continue };
        let targets = edges.entry(reference.clone()).or_default();
        for need in needs {
            let providers = need.any_of.iter().find_map(|address| addresses.get(address.as_str()));
            let others = providers.into_iter().flatten().filter(|provider| **provider != reference);
            targets.extend(others.map(|provider| (*provider).clone()));
        }
    }
    edges
}

/// What the subject itself needs: what somebody asked for, what nobody else needs, and one way into every
/// ring of packages that only need each other.
fn roots(found: &[Found], references: &[Ref], edges: &Edges) -> BTreeSet<Ref> {
    let needed: BTreeSet<&Ref> = edges.values().flatten().collect();
    let mut roots = BTreeSet::new();
    for (found, reference) in found.iter().zip(references) {
        if found.package.component.asked_for
            || found.package.component.first_party
            || !needed.contains(reference)
        {
            roots.insert(reference.clone());
        }
    }
    let mut reached = BTreeSet::new();
    for root in &roots {
        reach(root, edges, &mut reached);
    }
    let mut ways_in = Vec::new();
    for reference in references.iter().collect::<BTreeSet<_>>() {
        if !reached.contains(reference) {
            reach(reference, edges, &mut reached);
            ways_in.push(reference.clone());
        }
    }
    roots.extend(ways_in);
    roots
}

fn reach<'a>(from: &'a Ref, edges: &'a Edges, reached: &mut BTreeSet<&'a Ref>) {
    let mut open = vec![from];
    while let Some(reference) = open.pop() {
        if reached.insert(reference) {
            open.extend(edges.get(reference).into_iter().flatten());
        }
    }
}
