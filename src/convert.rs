//! What a conversion loses: said by the document that was read, or by the bill, and not by the document written.
//!
//! Nothing here converts. Reading gives a bill and emitting writes one; this compares the two ends.

use std::collections::BTreeMap;

use crate::bom::{Bom, Component};

/// One thing that was lost, and how often.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// `vulnerabilities`, `component pedigree`, `supplier of a component`.
    pub what: String,
    pub count: usize,
}

/// What the document said that the bill read from it has no place for, in order of name.
pub fn not_read(bom: &Bom) -> Vec<Loss> {
    let stepped_over = bom.origin.iter().flat_map(|origin| &origin.stepped_over);
    stepped_over.map(|(what, count)| Loss { what: what.clone(), count: *count }).collect()
}

/// What of a bill is no more in what its document reads as, in order of name.
pub fn not_written(before: &Bom, after: &Bom) -> Vec<Loss> {
    let mut lost = BTreeMap::new();
    let mut note = |what: &str, is_lost: bool| {
        if is_lost {
            *lost.entry(what.to_owned()).or_insert(0) += 1;
        }
    };
    note("subject", before.subject != after.subject);
    note("layers", before.layers != after.layers || before.base_layers != after.base_layers);
    note("gaps", before.gaps != after.gaps);
    note("texts of licences", before.license_texts != after.license_texts);
    for (reference, component) in &before.components {
        let Some(other) = after.components.get(reference) else {
            note("components", true);
            continue;
        };
        for (what, same) in FIELDS {
            note(what, !same(component, other));
        }
    }
    for (of, needed) in &before.dependencies {
        let kept = after.dependencies.get(of);
        let missing = needed.iter().filter(|needed| !kept.is_some_and(|kept| kept.contains(needed))).count();
        note("that a component needs nothing", kept.is_none() && needed.is_empty());
        for _ in 0..missing {
            note("dependencies", true);
        }
    }
    lost.into_iter().map(|(what, count)| Loss { what, count }).collect()
}

type Same = fn(&Component, &Component) -> bool;

const FIELDS: &[(&str, Same)] = &[
    ("kind of a component", |a, b| a.kind == b.kind),
    ("name of a component", |a, b| a.name == b.name),
    ("version of a component", |a, b| a.version == b.version),
    ("purl of a component", |a, b| a.purl == b.purl),
    ("licences of a component", |a, b| a.licenses == b.licenses),
    ("hashes of a component", |a, b| a.hashes == b.hashes),
    ("digests of a component's contents", |a, b| a.contents == b.contents),
    ("form of a component's file", |a, b| a.form == b.form),
    ("supplier of a component", |a, b| a.supplier == b.supplier),
    ("author of a component", |a, b| a.author == b.author),
    ("copyright of a component", |a, b| a.copyright == b.copyright),
    ("description of a component", |a, b| a.description == b.description),
    ("homepage of a component", |a, b| a.homepage == b.homepage),
    ("source repository of a component", |a, b| a.vcs == b.vcs),
    ("source address of a component", |a, b| a.source == b.source),
    ("download address of a component", |a, b| a.download == b.download),
    ("CPEs of a component", |a, b| a.cpes == b.cpes),
    ("scope of a component", |a, b| a.scope == b.scope),
    ("presence of a component", |a, b| a.presence == b.presence),
    ("whose a component is", |a, b| (a.first_party, a.asked_for) == (b.first_party, b.asked_for)),
    ("owner of a component", |a, b| a.owner == b.owner),
    ("what hides a component", |a, b| a.hidden == b.hidden),
    ("standing of a component", |a, b| a.standing == b.standing),
    ("altered files of a component", |a, b| a.altered == b.altered),
    ("layer of a component", |a, b| a.layer == b.layer),
    ("evidence of a component", |a, b| a.evidence == b.evidence),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::{Origin, Ref};

    #[test]
    fn what_is_missing_is_counted_by_its_name() {
        let mut component = Component::new("a");
        component.supplier = Some("Acme".to_owned());
        let reference = component.reference();
        let mut bom = Bom::default();
        bom.components.insert(reference.clone(), component);
        bom.components.insert(Ref("b".into()), Component::new("b"));
        bom.dependencies.insert(reference.clone(), [Ref("b".into())].into());
        let mut after = bom.clone();
        after.components.remove(&Ref("b".into()));
        after.dependencies.clear();
        after.components.insert(reference, Component::new("a"));
        let lost: Vec<String> =
            not_written(&bom, &after).iter().map(|loss| format!("{} {}", loss.count, loss.what)).collect();
        assert_eq!(lost, ["1 components", "1 dependencies", "1 supplier of a component"]);
        assert_eq!(not_written(&bom, &bom), []);
    }

    #[test]
    fn what_the_reader_stepped_over_is_told() {
        let stepped_over = [("vulnerabilities".to_owned(), 3)].into();
        let bom = Bom { origin: Some(Origin { stepped_over, ..Origin::default() }), ..Bom::default() };
        assert_eq!(not_read(&bom), [Loss { what: "vulnerabilities".to_owned(), count: 3 }]);
    }
}
