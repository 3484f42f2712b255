//! `packlist tree`: what needs what, from the roots down; or, for one component, who pulled it in.
//!
//! The graph of real software has cycles and much that is shared, so a component is opened out once: where it comes
//! again it is marked. What is written grows with the edges, never with the ways through them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;

use serde::Serialize;

use super::text::{grouped, one_line};
use crate::bom::{Bom, Ref};

/// The form of the JSON.
const SCHEMA: &str = "packlist-tree/1";
/// More ways to a component than this are not listed.
const MOST_WAYS: usize = 100;
/// Branches deeper than this cannot be read, and their lines grow with the depth.
const DEEPEST: usize = 200;

/// How the tree is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct TreeOptions {
    /// How many steps from the roots, or from the component asked for. All when absent.
    pub depth: Option<usize>,
}

/// A bill's edges in both directions, of what is not hidden.
struct Graph<'a> {
    bom: &'a Bom,
    subject: Ref,
    needs: BTreeMap<&'a Ref, Vec<&'a Ref>>,
    needed_by: BTreeMap<&'a Ref, Vec<&'a Ref>>,
    /// Steps from the subject; absent for what is not reached from it.
    distance: BTreeMap<&'a Ref, usize>,
    roots: Vec<&'a Ref>,
}

impl<'a> Graph<'a> {
    fn of(bom: &'a Bom) -> Self {
        let subject = bom.subject.reference();
        let is_seen = |reference: &Ref| {
            bom.components.get(reference).is_some_and(|component| component.hidden.is_none())
        };
        let mut needs: BTreeMap<&Ref, Vec<&Ref>> = BTreeMap::new();
        let mut needed_by: BTreeMap<&Ref, Vec<&Ref>> = BTreeMap::new();
        for (from, to) in bom.dependencies.iter().filter(|(from, _)| **from == subject || is_seen(from)) {
            let to: Vec<&Ref> = to.iter().filter(|to| is_seen(to)).collect();
            for one in &to {
                needed_by.entry(one).or_default().push(from);
            }
            needs.insert(from, to);
        }
        let mut graph = Self { bom, subject, needs, needed_by, distance: BTreeMap::new(), roots: Vec::new() };
        graph.find_roots();
        graph.measure();
        for dependants in graph.needed_by.values_mut() {
            dependants.sort_by_key(|reference| {
                (graph.distance.get(reference).copied().unwrap_or(usize::MAX), *reference)
            });
        }
        graph
    }

    /// What the subject asks for, then what nobody needs, then one of each ring that nothing leads into.
    fn find_roots(&mut self) {
        let mut reached: BTreeSet<&Ref> = BTreeSet::new();
        let asked: Vec<&'a Ref> = self.needs.get(&self.subject).cloned().unwrap_or_default();
        let asked_for: BTreeSet<&Ref> = asked.iter().copied().collect();
        let is_seen = |(reference, component): (&'a Ref, &'a crate::bom::Component)| {
            component.hidden.is_none().then_some(reference)
        };
        let all: Vec<&'a Ref> = self.bom.components.iter().filter_map(is_seen).collect();
        let free = all.iter().copied().filter(|reference| !self.needed_by.contains_key(reference));
        for root in asked.into_iter().chain(free).chain(all.iter().copied()).collect::<Vec<_>>() {
            if reached.contains(root) && !asked_for.contains(root) {
                continue;
            }
            self.roots.push(root);
            let mut open = vec![root];
            while let Some(at) = open.pop() {
                if reached.insert(at) {
                    open.extend(self.needs.get(at).into_iter().flatten());
                }
            }
        }
        let mut met = BTreeSet::new();
        self.roots.retain(|root| met.insert(*root));
    }

    fn is_asked(&self, reference: &Ref) -> bool {
        self.needed_by.get(reference).is_some_and(|from| from.contains(&&self.subject))
    }

    fn measure(&mut self) {
        let mut open: VecDeque<(&Ref, usize)> = self.roots.iter().map(|root| (*root, 1)).collect();
        while let Some((at, distance)) = open.pop_front() {
            if self.distance.contains_key(at) {
                continue;
            }
            self.distance.insert(at, distance);
            open.extend(self.needs.get(at).into_iter().flatten().map(|next| (*next, distance + 1)));
        }
    }

    fn needs(&self, reference: &Ref) -> &[&'a Ref] {
        self.needs.get(reference).map_or(&[], Vec::as_slice)
    }

    fn needed_by(&self, reference: &Ref) -> &[&'a Ref] {
        self.needed_by.get(reference).map_or(&[], Vec::as_slice)
    }

    fn is_alone(&self, reference: &Ref) -> bool {
        self.needs(reference).is_empty() && self.needed_by(reference).is_empty()
    }

    fn label(&self, reference: &Ref) -> String {
        if *reference == self.subject {
            return format!("{} (the whole)", self.subject_name());
        }
        let name = reference.0.split(['?', '#']).next().unwrap_or_default();
        one_line(name)
    }

    fn subject_name(&self) -> String {
        let subject = &self.bom.subject;
        one_line(if subject.name.is_empty() { subject.kind.name() } else { &subject.name })
    }

    /// The shortest way from a root or the subject to this component.
    fn way(&self, target: &'a Ref) -> Vec<&'a Ref> {
        let mut way = vec![target];
        let mut at = target;
        // Distances shrink with every step, so this ends.
        while let Some(next) = self
            .needed_by(at)
            .iter()
            .copied()
            .find(|next| **next != self.subject && self.distance.get(next) < self.distance.get(at))
        {
            way.push(next);
            at = next;
        }
        way.reverse();
        way
    }

    /// The shortest way through each of those that need it, shortest first.
    fn ways(&self, target: &'a Ref) -> Vec<Vec<&'a Ref>> {
        let through = self.needed_by(target).iter().copied().filter(|from| **from != self.subject);
        let through = through.take(MOST_WAYS);
        let mut ways: Vec<Vec<&Ref>> = through
            .map(|from| {
                let mut way = self.way(from);
                way.push(target);
                way
            })
            .collect();
        if self.is_asked(target) || ways.is_empty() {
            ways.push(vec![target]);
        }
        ways.sort_by_key(|way| (way.len(), way.clone()));
        ways
    }
}

/// The whole tree, from the roots down, for a person.
pub fn text(bom: &Bom, options: &TreeOptions) -> String {
    let graph = Graph::of(bom);
    let mut text = format!("{}\n", graph.subject_name());
    let (alone, roots): (Vec<&Ref>, Vec<&Ref>) = graph.roots.iter().partition(|root| graph.is_alone(root));
    let marks =
        Branches { graph: &graph, next: Graph::needs, depth: options.depth }.write(&roots, None, &mut text);
    marks.explain(&mut text);
    if !alone.is_empty() {
        let _ = writeln!(
            text,
            "{} more without an edge: nothing is known to need them, and they are not known to need anything",
            grouped(alone.len())
        );
    }
    text
}

/// Who pulled the components in, for a person.
pub fn inverted(bom: &Bom, targets: &[&Ref], options: &TreeOptions) -> String {
    let graph = Graph::of(bom);
    let mut text = String::new();
    for target in targets {
        let Some((target, component)) = bom.components.get_key_value(target) else { continue };
        let _ = writeln!(text, "{}", graph.label(target));
        let from = graph.needed_by(target).to_vec();
        if component.hidden.is_some() {
            text.push_str("└── is in lower layers only, where it has no edges\n");
        } else if from.is_empty() {
            text.push_str("└── nothing is known to need it\n");
        }
        let marks = Branches { graph: &graph, next: Graph::needed_by, depth: options.depth }.write(
            &from,
            Some(target),
            &mut text,
        );
        marks.explain(&mut text);
        let ways = graph.ways(target);
        if ways.first().is_some_and(|way| way.len() > 1) || ways.len() > 1 {
            let _ = writeln!(text, "ways to it, the shortest first:");
            for way in &ways {
                let words: Vec<String> = way.iter().map(|step| graph.label(step)).collect();
                let _ = writeln!(text, "  {}", words.join(" > "));
            }
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// How branches are drawn.
struct Branches<'g, 'a> {
    graph: &'g Graph<'a>,
    next: for<'x> fn(&'x Graph<'a>, &Ref) -> &'x [&'a Ref],
    depth: Option<usize>,
}

/// Which marks were used, to be explained.
#[derive(Default)]
struct Marks {
    repeated: bool,
    cut: bool,
}

impl Marks {
    fn explain(&self, text: &mut String) {
        if self.repeated {
            text.push_str("(*) was opened out above\n");
        }
        if self.cut {
            text.push_str("(…) goes on deeper\n");
        }
    }
}

impl Branches<'_, '_> {
    fn write(&self, roots: &[&Ref], above: Option<&Ref>, text: &mut String) -> Marks {
        let mut marks = Marks::default();
        let mut opened: BTreeSet<&Ref> = above.into_iter().collect();
        // What is still to be written: the lines before it, the component, and whether it is the last of its parent.
        let mut open: Vec<(String, &Ref, bool, usize)> = Vec::new();
        let last = roots.len().saturating_sub(1);
        for (at, root) in roots.iter().enumerate().rev() {
            open.push((String::new(), root, at == last, 1));
        }
        while let Some((before, at, is_last, depth)) = open.pop() {
            let next = (self.next)(self.graph, at);
            let is_cut = !next.is_empty() && depth >= self.depth.unwrap_or(DEEPEST).min(DEEPEST);
            let is_repeated = !next.is_empty() && !is_cut && !opened.insert(at);
            let mark = match (is_cut, is_repeated) {
                (true, _) => " (…)",
                (_, true) => " (*)",
                _ => "",
            };
            marks.cut |= is_cut;
            marks.repeated |= is_repeated;
            let branch = if is_last { "└── " } else { "├── " };
            let _ = writeln!(text, "{before}{branch}{}{mark}", self.graph.label(at));
            if is_cut || is_repeated {
                continue;
            }
            let before = format!("{before}{}", if is_last { "    " } else { "│   " });
            for (index, child) in next.iter().enumerate().rev() {
                open.push((before.clone(), child, index + 1 == next.len(), depth + 1));
            }
        }
        marks
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema: &'static str,
    subject: Subject<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<Vec<&'a str>>,
    roots: Vec<&'a str>,
    components: Vec<Node<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ways: Option<Vec<Vec<&'a str>>>,
}

#[derive(Serialize)]
struct Subject<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Node<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// Steps from the roots, which have 1; with components asked for, from these, which have 0.
    depth: usize,
    /// Null where the files do not say.
    needs: Option<Vec<&'a str>>,
    needed_by: Vec<&'a str>,
}

/// The same for a program: a list of components with their edges, which cannot be endless.
pub fn json(bom: &Bom, targets: Option<&[&Ref]>, options: &TreeOptions) -> String {
    let graph = Graph::of(bom);
    let targets: Option<Vec<&Ref>> = targets.map(|targets| {
        targets.iter().filter_map(|target| bom.components.get_key_value(target).map(|(key, _)| key)).collect()
    });
    let depths = match &targets {
        None => graph.distance.clone(),
        Some(targets) => steps(targets, |at| graph.needed_by(at)),
    };
    let within = |depth: usize| options.depth.is_none_or(|most| depth <= most);
    let components = depths.iter().filter(|(_, depth)| within(**depth)).filter_map(|(reference, depth)| {
        let component = bom.components.get(reference)?;
        Some(Node {
            reference: reference.as_str(),
            name: &component.name,
            version: component.version.as_deref(),
            depth: *depth,
            needs: graph.needs.get(*reference).map(|needs| words(needs)),
            needed_by: words(graph.needed_by(reference)),
        })
    });
    let document = Document {
        schema: SCHEMA,
        subject: Subject {
            reference: graph.subject.as_str(),
            name: &bom.subject.name,
            version: bom.subject.version.as_deref(),
        },
        roots: words(&graph.roots),
        components: components.collect(),
        ways: targets.as_ref().map(|targets| {
            let ways = targets.iter().flat_map(|target| graph.ways(target));
            ways.map(|way| words(&way)).collect()
        }),
        of: targets.as_deref().map(words),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("no key of it can be refused");
    text.push('\n');
    text
}

fn words<'a>(references: &[&'a Ref]) -> Vec<&'a str> {
    references.iter().map(|reference| reference.as_str()).collect()
}

fn steps<'a, 'g>(from: &[&'a Ref], next: impl Fn(&Ref) -> &'g [&'a Ref]) -> BTreeMap<&'a Ref, usize>
where
    'a: 'g,
{
    let mut steps = BTreeMap::new();
    let mut open: VecDeque<(&Ref, usize)> = from.iter().map(|at| (*at, 0)).collect();
    while let Some((at, depth)) = open.pop_front() {
        if !steps.contains_key(at) {
            steps.insert(at, depth);
            open.extend(next(at).iter().map(|next| (*next, depth + 1)));
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::{Component, Purl};
    use expect_test::expect;

    fn bom(edges: &[(&str, &[&str])]) -> Bom {
        let mut bom = Bom::default();
        bom.subject.name = "app".into();
        let reference = |name: &str| match name {
            "" => Bom { subject: bom.subject.clone(), ..Bom::default() }.subject.reference(),
            name => Ref(format!("pkg:npm/{name}@1").into()),
        };
        let mut made = Bom { subject: bom.subject.clone(), ..Bom::default() };
        for (from, to) in edges {
            for name in to.iter().chain([from]).filter(|name| !name.is_empty()) {
                let purl: Purl = reference(name).as_str().parse().expect("a purl");
                let mut component = Component::new(*name);
                component.version = Some("1".into());
                component.purl = Some(purl);
                made.components.insert(reference(name), component);
            }
            made.dependencies.insert(reference(from), to.iter().map(|name| reference(name)).collect());
        }
        made
    }

    fn tangled() -> Bom {
        bom(&[
            ("", &["a", "b"]),
            ("a", &["c"]),
            ("b", &["c", "d"]),
            ("c", &["d"]),
            ("d", &["c"]),
            ("ring1", &["ring2"]),
            ("ring2", &["ring1"]),
            ("alone", &[]),
        ])
    }

    #[test]
    fn what_is_shared_is_opened_once_and_rings_end() {
        expect![[r#"
            app
            ├── pkg:npm/a@1
            │   └── pkg:npm/c@1
            │       └── pkg:npm/d@1
            │           └── pkg:npm/c@1 (*)
            ├── pkg:npm/b@1
            │   ├── pkg:npm/c@1 (*)
            │   └── pkg:npm/d@1 (*)
            └── pkg:npm/ring1@1
                └── pkg:npm/ring2@1
                    └── pkg:npm/ring1@1 (*)
            (*) was opened out above
            1 more without an edge: nothing is known to need them, and they are not known to need anything
        "#]]
        .assert_eq(&text(&tangled(), &TreeOptions::default()));
    }

    #[test]
    fn depth_cuts() {
        expect![[r#"
            app
            ├── pkg:npm/a@1 (…)
            ├── pkg:npm/b@1 (…)
            └── pkg:npm/ring1@1 (…)
            (…) goes on deeper
            1 more without an edge: nothing is known to need them, and they are not known to need anything
        "#]]
        .assert_eq(&text(&tangled(), &TreeOptions { depth: Some(1) }));
    }

    #[test]
    fn who_pulled_it_in_shortest_first() {
        let bom = tangled();
        let target = Ref("pkg:npm/d@1".into());
        expect![[r#"
            pkg:npm/d@1
            ├── pkg:npm/b@1
            │   └── app (the whole)
            └── pkg:npm/c@1
                ├── pkg:npm/a@1
                │   └── app (the whole)
                ├── pkg:npm/b@1 (*)
                └── pkg:npm/d@1 (*)
            (*) was opened out above
            ways to it, the shortest first:
              pkg:npm/b@1 > pkg:npm/d@1
              pkg:npm/a@1 > pkg:npm/c@1 > pkg:npm/d@1
        "#]]
        .assert_eq(&inverted(&bom, &[&target], &TreeOptions::default()));
    }

    #[test]
    fn programs_get_a_list() {
        let bom = bom(&[("", &["a"]), ("a", &["b"])]);
        let target = Ref("pkg:npm/b@1".into());
        expect![[r#"
            {
              "schema": "packlist-tree/1",
              "subject": {
                "ref": "directory:app",
                "name": "app"
              },
              "of": [
                "pkg:npm/b@1"
              ],
              "roots": [
                "pkg:npm/a@1"
              ],
              "components": [
                {
                  "ref": "pkg:npm/a@1",
                  "name": "a",
                  "version": "1",
                  "depth": 1,
                  "needs": [
                    "pkg:npm/b@1"
                  ],
                  "neededBy": [
                    "directory:app"
                  ]
                },
                {
                  "ref": "pkg:npm/b@1",
                  "name": "b",
                  "version": "1",
                  "depth": 0,
                  "needs": null,
                  "neededBy": [
                    "pkg:npm/a@1"
                  ]
                }
              ],
              "ways": [
                [
                  "pkg:npm/a@1",
                  "pkg:npm/b@1"
                ]
              ]
            }
        "#]]
        .assert_eq(&json(&bom, Some(&[&target]), &TreeOptions::default()));
    }

    #[test]
    fn a_chain_of_any_length_is_written() {
        let names: Vec<String> = (0..3000).map(|index| format!("n{index}")).collect();
        let tails: Vec<[&str; 1]> = names[1..].iter().map(|name| [name.as_str()]).collect();
        let edges: Vec<(&str, &[&str])> =
            names.iter().zip(&tails).map(|(from, to)| (from.as_str(), to.as_slice())).collect();
        let bom = bom(&edges);
        assert_eq!(text(&bom, &TreeOptions::default()).lines().count(), 202);
        let last = Ref("pkg:npm/n2999@1".into());
        assert!(inverted(&bom, &[&last], &TreeOptions::default()).contains("ways to it"));
    }
}
