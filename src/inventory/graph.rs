//! Who needs whom: needs are matched with addresses, and the subject reaches everything.
//!
//! What nobody needs and nobody asked for hangs on the subject, unless it lies in another package's files: then
//! that package brought it, and the edge is from there. Debian's `node-babel7` holds a hundred node modules,
//! and an image needs none of them but for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Found;
use super::found::Address;
use super::owners::Carriers;
use crate::bom::{Components, Needs, Ref, Subject};

/// While they are put together; see [`needs`].
pub(super) type Edges = BTreeMap<Ref, BTreeSet<Ref>>;

/// All edges, the subject's among them.
pub(super) fn edges(found: &[Found], subject: &Subject) -> Edges {
    let nodes = Nodes::of(found);
    let needs = nodes.needs(found);
    let roots = nodes.roots(found, &needs);
    let mut edges: Edges = BTreeMap::new();
    for (node, targets) in needs.iter().enumerate() {
        if let Some(targets) = targets {
            edges.insert(nodes.references[node].clone(), nodes.named(targets));
        }
    }
    edges.insert(subject.reference(), nodes.named(&roots));
    edges
}

/// What is found, each reference once. A node is the place of its reference in their order.
struct Nodes {
    references: Vec<Ref>,
    /// The node of everything that was found.
    of: Vec<usize>,
}

/// To whom each node has edges, in order. `None` where nobody says what it needs.
type Targets = [Option<Vec<usize>>];

impl Nodes {
    fn of(found: &[Found]) -> Self {
        let mut met: HashMap<Ref, usize> = HashMap::new();
        let mut references = Vec::new();
        let of: Vec<usize> = found
            .iter()
            .map(|found| {
                *met.entry(found.component.reference()).or_insert_with_key(|reference| {
                    references.push(reference.clone());
                    references.len() - 1
                })
            })
            .collect();
        let mut order: Vec<usize> = (0..references.len()).collect();
        order.sort_unstable_by(|one, other| references[*one].cmp(&references[*other]));
        let mut places = vec![0; order.len()];
        for (place, node) in order.iter().enumerate() {
            places[*node] = place;
        }
        references.sort_unstable();
        Self { references, of: of.into_iter().map(|node| places[node]).collect() }
    }

    fn needs(&self, found: &[Found]) -> Vec<Option<Vec<usize>>> {
        let mut providers: Vec<(Address, usize)> = Vec::new();
        for (found, node) in found.iter().zip(&self.of) {
            providers.extend(found.addresses.iter().map(|address| (*address, *node)));
        }
        providers.sort_unstable();
        providers.dedup();
        let of = |address: &Address| {
            let begin = providers.partition_point(|(known, _)| known < address);
            let count = providers[begin..].partition_point(|(known, _)| known == address);
            &providers[begin..begin + count]
        };
        let mut needs: Vec<Option<Vec<usize>>> = vec![None; self.references.len()];
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (found, node) in found.iter().zip(&self.of) {
            let Some(wishes) = &found.needs else { continue };
            needs[*node].get_or_insert_default();
            for wish in wishes {
                let chosen = wish.choices().iter().map(of).find(|providers| !providers.is_empty());
                let others = chosen.into_iter().flatten().filter(|(_, provider)| provider != node);
                pairs.extend(others.map(|(_, provider)| (*node, *provider)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        for (node, target) in pairs {
            needs[node].get_or_insert_default().push(target);
        }
        needs
    }

    /// What the subject itself needs: what somebody asked for, what nobody else needs, and one way into every
    /// ring of packages that only need each other.
    fn roots(&self, found: &[Found], needs: &Targets) -> Vec<usize> {
        let mut is_root = vec![true; self.references.len()];
        for target in needs.iter().flatten().flatten() {
            is_root[*target] = false;
        }
        for (found, node) in found.iter().zip(&self.of) {
            is_root[*node] |= found.component.asked_for || found.component.first_party;
        }
        let mut reached = vec![false; self.references.len()];
        let roots: Vec<usize> = (0..is_root.len()).filter(|node| is_root[*node]).collect();
        for root in roots {
            walk(root, needs, &mut reached);
        }
        for node in 0..is_root.len() {
            if !reached[node] {
                walk(node, needs, &mut reached);
                is_root[node] = true;
            }
        }
        (0..is_root.len()).filter(|node| is_root[*node]).collect()
    }

    fn named(&self, nodes: &[usize]) -> BTreeSet<Ref> {
        nodes.iter().map(|node| self.references[*node].clone()).collect()
    }
}

/// As a bill holds them.
pub(super) fn needs(edges: Edges) -> BTreeMap<Ref, Needs> {
    edges.into_iter().map(|(of, needed)| (of, needed.into_iter().collect())).collect()
}

fn walk(from: usize, needs: &Targets, reached: &mut [bool]) {
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut reached[node], true) {
            open.extend(needs[node].iter().flatten());
        }
    }
}

/// Leads to what hangs on the subject through the packages whose files it lies in.
pub(super) fn hand_to_owners(
    edges: &mut Edges,
    components: &Components,
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
