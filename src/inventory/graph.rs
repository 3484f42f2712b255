//! Who needs whom: needs are matched with addresses, and the subject reaches everything.
//!
//! What nobody needs and nobody asked for hangs on the subject, unless it lies in another package's files: then
//! that package brought it, and the edge is from there. Debian's `node-babel7` holds a hundred node modules,
//! and an image needs none of them but for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Found;
use super::owners::Carriers;
use crate::bom::{Component, Ref, Subject};

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

/// Leads to what hangs on the subject through the packages whose files it lies in.
pub(super) fn hand_to_owners(
    edges: &mut Edges,
    components: &BTreeMap<Ref, Component>,
    carried: &BTreeMap<Ref, Carriers>,
    subject: &Subject,
) {
    let subject = subject.reference();
    let roots: Vec<Ref> = edges.get(&subject).into_iter().flatten().cloned().collect();
    for root in &roots {
        let (Some(component), Some(carriers)) = (components.get(root), carried.get(root)) else { continue };
        let mut is_brought = false;
        for owner in carriers.owners.iter().filter(|owner| components.contains_key(owner)) {
            edges.entry(owner.clone()).or_default().insert(root.clone());
            is_brought = true;
        }
        if is_brought
            && !carriers.is_elsewhere
            && !component.asked_for
            && let Some(roots) = edges.get_mut(&subject)
        {
            roots.remove(root);
        }
    }
    // An owner may itself be reached only by what it owns.
    let mut reached = BTreeSet::new();
    reach(&subject, edges, &mut reached);
    let lost: Vec<Ref> = roots.iter().filter(|root| !reached.contains(root)).cloned().collect();
    edges.entry(subject).or_default().extend(lost);
}

fn reach<'a>(from: &'a Ref, edges: &'a Edges, reached: &mut BTreeSet<&'a Ref>) {
    let mut open = vec![from];
    while let Some(reference) = open.pop() {
        if reached.insert(reference) {
            open.extend(edges.get(reference).into_iter().flatten());
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::inventory::ecosystems::testing::{layered, render};

    const STATUS: &str = "Package: node-x\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n";
    const LIST: &str = "/.\n/usr/share/nodejs/x/package.json\n/usr/share/nodejs/y/package.json\n/usr/share/nodejs/z/package.json\n";

    #[test]
    fn what_nobody_asked_for_came_with_the_package_that_holds_it() {
        let bom = layered(&[&[
            ("var/lib/dpkg/status", STATUS),
            ("var/lib/dpkg/info/node-x.list", LIST),
            (
                "usr/share/nodejs/x/package.json",
                r#"{"name": "x", "version": "1.0.0", "dependencies": {"y": "1"}}"#,
            ),
            ("usr/share/nodejs/y/package.json", r#"{"name": "y", "version": "1.0.0"}"#),
            ("usr/share/nodejs/z/package.json", r#"{"name": "z", "version": "1.0.0"}"#),
            // Also installed by somebody: it hangs on both.
            ("srv/node_modules/z/package.json", r#"{"name": "z", "version": "1.0.0"}"#),
        ]]);
        expect![[r#"
            pkg:deb/debian/node-x@1?arch=all line 1 layer 0 needs [x@1.0.0, z@1.0.0]
            pkg:npm/x@1.0.0 line 1 layer 0 in debian/node-x@1 by usr/share/nodejs/x/package.json needs [y@1.0.0]
            pkg:npm/y@1.0.0 line 1 layer 0 in debian/node-x@1 by usr/share/nodejs/y/package.json needs []
            pkg:npm/z@1.0.0 line 1+1 layer 0 needs []
        "#]].assert_eq(&render(&bom));
        let roots: Vec<&str> =
            bom.dependencies[&bom.subject.reference()].iter().map(|root| root.as_str()).collect();
        expect![[r#"
            pkg:deb/debian/node-x@1?arch=all
            pkg:npm/z@1.0.0"#]]
        .assert_eq(&roots.join("\n"));
        assert_eq!(bom.unconnected().count(), 0);
    }
}
