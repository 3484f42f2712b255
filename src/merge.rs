//! Several bills made one.
//!
//! Each bill's subject becomes a component that needs what the subject needed, so that no edge hangs in the air.
//! Every component keeps as evidence which bill it came from.

use std::collections::{BTreeMap, BTreeSet};

use crate::bom::{
    Bom, Component, Components, Evidence, Gap, GapKind, Layer, Needs, Origin, Owner, Ref, Subject, Technique,
};

/// How several become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What is the same in two bills is one component.
    Flat,
    /// Each bill's components lie inside its subject, also what two bills have in common.
    Hierarchical,
}

/// Makes one bill of several, each with the name it is known by: its file's.
pub fn merge(subject: Subject, bills: Vec<(String, Bom)>, way: Way) -> Bom {
    let mut whole = Bom { subject, ..Bom::default() };
    let mut times = Times::new();
    let mut origin = Origin { format: format!("a merge of {} bills", bills.len()), ..Origin::default() };
    for (name, bill) in bills {
        for tool in bill.origin.iter().flat_map(|origin| &origin.tools) {
            if !origin.tools.contains(tool) {
                origin.tools.push(tool.clone());
            }
        }
        add(&mut whole, &name, bill, way, &mut times);
    }
    for component in whole.components.values_mut() {
        component.say_once();
    }
    whole.origin = Some(origin);
    whole
}

fn add(whole: &mut Bom, name: &str, bill: Bom, way: Way, times: &mut Times) {
    let offset = add_layers(whole, bill.layers);
    let root = add_subject(whole, name, &bill.subject, times);
    let mut new_names: BTreeMap<Ref, Ref> = [(bill.subject.reference(), root.clone())].into();
    let mut fresh: BTreeSet<Ref> = BTreeSet::new();
    for (reference, component) in &bill.components {
        let same = whole.components.get(reference);
        let one =
            way == Way::Flat && same.is_some_and(|same| same.purl.is_some() && same.purl == component.purl);
        let new = if same.is_none() || one {
            reference.clone()
        } else {
            another(reference, times, &whole.components)
        };
        if !whole.components.contains_key(&new) {
            // Its place is kept, so that the next of the same name finds it taken.
            whole.components.insert(new.clone(), Component::new(""));
            fresh.insert(new.clone());
        }
        new_names.insert(reference.clone(), new);
    }
    for (reference, mut component) in bill.components {
        let new = new_names.get(&reference).cloned().unwrap_or(reference);
        place(&mut component, &new_names, offset);
        if way == Way::Hierarchical && component.owner.is_none() && component.hidden.is_none() {
            component.owner = Some(Owner { component: root.clone(), path: String::new() }.into());
        }
        component.evidence.push(provenance(name));
        match whole.components.get_mut(&new) {
            Some(same) if !fresh.contains(&new) => same.absorb(*component),
            _ => {
                whole.components.insert(new, component);
            }
        }
    }
    add_edges(whole, bill.dependencies, &new_names, &root);
    for gap in bill.gaps {
        whole.gaps.push(Gap { reason: format!("{name}: {}", gap.reason), ..gap });
    }
    for (id, text) in bill.license_texts {
        if whole.license_texts.get(&id).is_some_and(|other| *other != text) {
            let reason = format!("{name}: `{id}` is another text than in an earlier bill, which is kept");
            whole.gaps.push(Gap { path: String::new(), line: None, kind: GapKind::Unread, reason });
        } else {
            whole.license_texts.insert(id, text);
        }
    }
}

/// Puts layers after those there are, unless they are the same; tells where they begin.
fn add_layers(whole: &mut Bom, layers: Vec<Layer>) -> usize {
    let same = (0..whole.layers.len()).find(|&start| whole.layers[start..].starts_with(&layers));
    same.unwrap_or_else(|| {
        let offset = whole.layers.len();
        whole.layers.extend(layers);
        offset
    })
}

/// The subject of one bill, as a component of the whole.
fn add_subject(whole: &mut Bom, name: &str, subject: &Subject, times: &mut Times) -> Ref {
    let mut component = subject.as_component();
    if component.name.is_empty() {
        name.clone_into(&mut component.name);
    }
    component.evidence.push(provenance(name));
    let wanted = component.reference();
    let reference = if whole.components.contains_key(&wanted) {
        another(&wanted, times, &whole.components)
    } else {
        wanted
    };
    whole.components.insert(reference.clone(), component);
    whole.dependencies.entry(whole.subject.reference()).or_default().insert(reference.clone());
    reference
}

fn provenance(name: &str) -> Evidence {
    Evidence {
        path: name.to_owned(),
        line: None,
        layer: None,
        found_by: "merge".to_owned(),
        technique: Technique::Attestation,
        confidence: 100,
    }
}

/// How often each reference was wanted by another already.
type Times = BTreeMap<Ref, usize>;

/// A reference of its own for something of which there is another: `…#2`.
fn another(wanted: &Ref, times: &mut Times, taken: &Components) -> Ref {
    let count = times.entry(wanted.clone()).or_insert(1);
    loop {
        *count += 1;
        let reference = Ref(format!("{wanted}#{count}").into());
        if !taken.contains_key(&reference) {
            return reference;
        }
    }
}

/// Brings a component's layers and references into the whole.
fn place(component: &mut Component, new_names: &BTreeMap<Ref, Ref>, offset: usize) {
    let moved = |layer: &mut Option<usize>| *layer = layer.map(|layer| layer + offset);
    let renamed = |reference: &mut Ref| {
        if let Some(new) = new_names.get(reference) {
            reference.clone_from(new);
        }
    };
    moved(&mut component.layer);
    for evidence in &mut component.evidence {
        moved(&mut evidence.layer);
    }
    if let Some(owner) = &mut component.owner {
        renamed(&mut owner.component);
    }
    if let Some(hidden) = &mut component.hidden {
        hidden.layer += offset;
        if let Some(by) = &mut hidden.replaced_by {
            renamed(by);
        }
    }
}

fn add_edges(whole: &mut Bom, edges: BTreeMap<Ref, Needs>, new_names: &BTreeMap<Ref, Ref>, root: &Ref) {
    for (of, needed) in edges {
        let Some(of) = new_names.get(&of) else { continue };
        let needed =
            needed.iter().filter_map(|needed| new_names.get(needed)).filter(|needed| *needed != root);
        whole.dependencies.entry(of.clone()).or_default().extend(needed.cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(name: &str, layer: &str) -> Bom {
        let mut lodash = Component::new("lodash");
        lodash.purl = "pkg:npm/lodash@4.17.21".parse().ok();
        lodash.layer = Some(0);
        let own = Component::new(format!("{name}-own"));
        let mut bom = Bom {
            subject: Subject { name: name.to_owned(), ..Subject::default() },
            layers: vec![Layer { diff_id: layer.to_owned(), created_by: None }],
            ..Bom::default()
        };
        bom.dependencies.insert(bom.subject.reference(), [own.reference()].into());
        bom.dependencies.insert(own.reference(), [lodash.reference()].into());
        for component in [lodash, own] {
            bom.components.insert(component.reference(), component);
        }
        bom
    }

    fn merged(way: Way) -> Bom {
        let subject = Subject { name: "all".to_owned(), ..Subject::default() };
        merge(
            subject,
            vec![("a.json".to_owned(), bill("a", "x")), ("b.json".to_owned(), bill("b", "y"))],
            way,
        )
    }

    fn names(bom: &Bom) -> Vec<&str> {
        bom.components.keys().map(|reference| reference.as_str()).collect()
    }

    #[test]
    fn flat_makes_one_of_what_is_the_same() {
        let bom = merged(Way::Flat);
        assert_eq!(
            names(&bom),
            ["application:a", "application:b", "library:a-own", "library:b-own", "pkg:npm/lodash@4.17.21"]
        );
        let lodash = &bom.components[&Ref("pkg:npm/lodash@4.17.21".into())];
        let seen: Vec<&str> = lodash.evidence.iter().map(|place| place.path.as_str()).collect();
        assert_eq!(seen, ["a.json", "b.json"]);
        assert_eq!(bom.dependencies[&bom.subject.reference()].len(), 2);
    }

    #[test]
    fn hierarchical_keeps_each_bill_inside_its_subject() {
        let bom = merged(Way::Hierarchical);
        let twin = &bom.components[&Ref("pkg:npm/lodash@4.17.21#2".into())];
        assert_eq!(twin.owner.as_ref().map(|owner| owner.component.as_str()), Some("application:b"));
        assert_eq!(twin.layer, Some(1));
        let needed = &bom.dependencies[&Ref("library:b-own".into())];
        assert!(needed.contains(&Ref("pkg:npm/lodash@4.17.21#2".into())));
    }
}
