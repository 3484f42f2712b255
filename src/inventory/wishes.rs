//! From what locked Python packages ask for to what they get.
//!
//! A lock lists packages by name and version; what a package asks for is a name, a constraint where several
//! versions of that name are locked, and extras: `uvicorn[standard]` makes uvicorn need what its extra
//! `standard` needs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::pep440;
use super::pep508::{Requirement, normalized};
use crate::bom::Scope;

/// No lock has more versions of one name; beyond these a wish means none.
const MOST_VERSIONS: usize = 64;

/// What somebody asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// In its normal form.
    pub(super) name: String,
    /// Only asked where several versions of the name are locked; may be empty.
    pub(super) constraint: String,
    /// In their normal form.
    pub(super) extras: Vec<String>,
}

impl Wish {
    /// From a requirement; its marker is not looked at.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let requirement = Requirement::parse(text)?;
        Some(Self {
            name: normalized(requirement.name),
            constraint: requirement.constraint.to_owned(),
            extras: requirement.extras.iter().map(|extra| normalized(extra)).collect(),
        })
    }
}

/// One package of a lock.
#[derive(Debug, Clone, Default)]
pub(super) struct Locked {
    /// In its normal form.
    pub(super) name: String,
    pub(super) version: String,
    pub(super) wishes: Vec<Wish>,
    /// What each extra, by its normal name, asks for beyond that.
    pub(super) extras: BTreeMap<String, Vec<Wish>>,
}

/// What became of the wishes, by index of package.
#[derive(Debug, Default)]
pub(super) struct Resolution {
    pub(super) edges: Vec<BTreeSet<usize>>,
    /// The strongest scope in which a root reaches the package; absent when none does.
    pub(super) scopes: Vec<Option<Scope>>,
    /// What the roots ask for by name.
    pub(super) direct: BTreeSet<usize>,
}

pub(super) fn resolve(packages: &[Locked], roots: &[(Wish, Scope)]) -> Resolution {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, package) in packages.iter().enumerate() {
        let versions = by_name.entry(&package.name).or_default();
        if versions.len() < MOST_VERSIONS {
            versions.push(index);
        }
    }
    let lock = Lock { packages, by_name };
    let edges = lock.edges(roots);
    let mut scopes = vec![None; packages.len()];
    for scope in [Scope::Required, Scope::Optional, Scope::Dev] {
        let wishes = roots.iter().filter(|(_, of)| *of == scope);
        reach(wishes.flat_map(|(wish, _)| lock.targets(wish)).collect(), scope, &edges, &mut scopes);
    }
    let direct = roots.iter().flat_map(|(wish, _)| lock.targets(wish)).collect();
    Resolution { edges, scopes, direct }
}

fn reach(mut open: Vec<usize>, scope: Scope, edges: &[BTreeSet<usize>], scopes: &mut [Option<Scope>]) {
    while let Some(index) = open.pop() {
        if scopes[index].is_none() {
            scopes[index] = Some(scope);
            open.extend(&edges[index]);
        }
    }
}

struct Lock<'a> {
    packages: &'a [Locked],
    by_name: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Lock<'a> {
    /// The locked versions a wish may mean: those that meet it, or all where that cannot be told.
    fn targets(&self, wish: &Wish) -> Vec<usize> {
        let Some(all) = self.by_name.get(wish.name.as_str()) else { return Vec::new() };
        if all.len() == 1 {
            return all.clone();
        }
        let meets =
            |index: &usize| pep440::meets(&self.packages[*index].version, &wish.constraint) == Some(true);
        let met: Vec<usize> = all.iter().copied().filter(meets).collect();
        if met.is_empty() { all.clone() } else { met }
    }

    fn edges(&self, roots: &[(Wish, Scope)]) -> Vec<BTreeSet<usize>> {
        let mut edges: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.packages.len()];
        let mut asked: BTreeSet<(usize, &str)> = BTreeSet::new();
        let mut open: Vec<(Option<usize>, &'a Wish)> = Vec::new();
        for (index, package) in self.packages.iter().enumerate() {
            open.extend(package.wishes.iter().map(|wish| (Some(index), wish)));
        }
        for (wish, _) in roots {
            self.ask(wish, &mut asked, &mut open);
        }
        while let Some((from, wish)) = open.pop() {
            if let Some(from) = from {
                edges[from].extend(self.targets(wish).into_iter().filter(|target| *target != from));
            }
            self.ask(wish, &mut asked, &mut open);
        }
        edges
    }

    /// Whoever is asked for with an extra needs what the extra needs; each extra is asked for once.
    fn ask(
        &self,
        wish: &Wish,
        asked: &mut BTreeSet<(usize, &'a str)>,
        open: &mut Vec<(Option<usize>, &'a Wish)>,
    ) {
        for target in self.targets(wish) {
            for extra in &wish.extras {
                let Some((extra, wishes)) = self.packages[target].extras.get_key_value(extra) else {
                    continue;
                };
                if asked.insert((target, extra)) {
                    open.extend(wishes.iter().map(|wish| (Some(target), wish)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(name: &str, version: &str, wishes: &[&str], extras: &[(&str, &[&str])]) -> Locked {
        let parse = |wishes: &[&str]| wishes.iter().filter_map(|wish| Wish::parse(wish)).collect();
        Locked {
            name: name.into(),
            version: version.into(),
            wishes: parse(wishes),
            extras: extras.iter().map(|(extra, wishes)| ((*extra).to_owned(), parse(wishes))).collect(),
        }
    }

    fn root(wish: &str, scope: Scope) -> (Wish, Scope) {
        (Wish::parse(wish).expect("a requirement"), scope)
    }

    #[test]
    fn an_extra_counts_where_it_is_asked_for() {
        let packages = [
            locked("a", "1", &["b[x]"], &[]),
            locked("b", "1", &["c<2"], &[("x", &["b[y]"]), ("y", &["d"]), ("z", &["e"])]),
            locked("c", "1", &[], &[]),
            locked("c", "2", &[], &[]),
            locked("d", "1", &["a"], &[]),
            locked("e", "1", &["c"], &[]),
        ];
        let resolution = resolve(&packages, &[root("e", Scope::Dev), root("A", Scope::Required)]);
        let edges: Vec<Vec<usize>> =
            resolution.edges.iter().map(|edges| edges.iter().copied().collect()).collect();
        assert_eq!(edges, [vec![1], vec![2, 4], vec![], vec![], vec![0], vec![2, 3]]);
        let (required, dev) = (Some(Scope::Required), Some(Scope::Dev));
        assert_eq!(resolution.scopes, [required, required, required, dev, required, dev]);
        assert_eq!(resolution.direct, BTreeSet::from([0, 5]));
    }

    #[test]
    fn what_no_root_reaches_has_no_scope() {
        let resolution = resolve(&[locked("a", "x", &["gone", "a"], &[])], &[root("b", Scope::Required)]);
        assert_eq!(resolution.scopes, [None]);
        assert!(resolution.edges[0].is_empty());
    }
}
