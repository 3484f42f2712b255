//! A lockfile as a graph: its packages, and the exact edges between them.
//!
//! Readers of lockfiles settle which entry each dependency means, since only they know their format's rules;
//! here the edges become addresses, and what a file does not say of scope is worked out.

use super::{Need, Package, Packages};
use crate::bom::{Component, Kind, Presence, Scope};

/// One package of a lockfile.
pub(super) struct Locked {
    pub(super) component: Component,
    pub(super) line: Option<u32>,
    pub(super) scope: Option<Scope>,
    /// Places in the same list of what it needs, and how much it needs them. `None` where nobody says.
    pub(super) needs: Option<Vec<(usize, Scope)>>,
}

impl Locked {
    pub(super) fn new(component: Component, line: u32) -> Self {
        Self { component, line: Some(line), scope: None, needs: None }
    }
}

/// A part of the project itself: named, but known to no registry.
pub(super) fn own(name: &str, version: Option<&str>) -> Component {
    let mut component = Component::new(name);
    component.kind = Kind::Application;
    component.version = version.map(str::to_owned);
    component.presence = Presence::Declared;
    component.first_party = true;
    component
}

/// What is said of a package whose needs are ranges.
pub(super) fn unlocked(count: usize) -> String {
    let packages = if count == 1 { "one package".to_owned() } else { format!("{count} packages") };
    format!("needs {packages}, and no lockfile beside says which versions")
}

/// Makes packages of what a lockfile at `path` names. What the project's own packages need was asked for. A
/// project whose name nobody says asks too, but is not listed.
pub(super) fn packages(path: &str, locked: Vec<Locked>) -> Packages {
    let mut asked_for = vec![false; locked.len()];
    for (target, _) in locked
        .iter()
        .filter(|locked| locked.component.first_party)
        .flat_map(|locked| locked.needs.iter().flatten())
    {
        if let Some(asked_for) = asked_for.get_mut(*target) {
            *asked_for = true;
        }
    }
    let address = |index: usize| format!("lock:{path}#{index}");
    let package = |(index, locked): (usize, Locked)| {
        if locked.component.name.is_empty() {
            return None;
        }
        let mut package = Package::new(locked.component);
        package.component.asked_for |= asked_for[index] && !package.component.first_party;
        package.line = locked.line;
        package.scope = locked.scope;
        package.addresses = vec![address(index)];
        package.needs = locked
            .needs
            .map(|needs| needs.into_iter().map(|(target, _)| Need::of(address(target))).collect());
        Some(package)
    };
    locked.into_iter().enumerate().filter_map(package).collect()
}

/// Fills in the scopes: a package is needed as much as the strongest way to it from the project's own
/// packages. What no way leads to keeps what it had.
pub(super) fn work_out_scopes(locked: &mut [Locked]) {
    let mut scopes: Vec<Option<Scope>> = vec![None; locked.len()];
    let roots = || (0..locked.len()).filter(|index| locked[*index].component.first_party);
    for scope in [Scope::Required, Scope::Optional, Scope::Dev] {
        let settled: Vec<usize> = (0..locked.len()).filter(|index| scopes[*index].is_some()).collect();
        let mut open: Vec<usize> = roots().chain(settled).collect();
        while let Some(index) = open.pop() {
            for (target, needed) in locked[index].needs.iter().flatten() {
                // Within this pass only ways exactly this strong are left: stronger ones have been walked.
                let is_new = scopes.get(*target).is_some_and(Option::is_none);
                if *needed <= scope && is_new && !locked[*target].component.first_party {
                    scopes[*target] = Some(scope);
                    open.push(*target);
                }
            }
        }
    }
    for (locked, scope) in locked.iter_mut().zip(scopes) {
        locked.scope = scope.or(locked.scope);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(first_party: bool, needs: &[(usize, Scope)]) -> Locked {
        let mut locked = Locked::new(Component::new("x"), 1);
        locked.component.first_party = first_party;
        locked.needs = Some(needs.to_vec());
        locked
    }

    #[test]
    fn what_the_project_needs_was_asked_for_and_an_unnamed_project_is_not_listed() {
        let mut project = locked(true, &[(1, Scope::Required)]);
        project.component.name.clear();
        let graph = vec![project, locked(false, &[(2, Scope::Required)]), locked(false, &[])];
        let packages = packages("x.lock", graph);
        let asked_for: Vec<bool> = packages.iter().map(|package| package.component.asked_for).collect();
        assert_eq!(asked_for, [true, false]);
        assert_eq!(packages[0].needs.as_deref(), Some(&[Need::of("lock:x.lock#2")][..]));
    }

    #[test]
    fn the_strongest_way_to_a_package_is_its_scope() {
        use Scope::{Dev, Optional, Required};
        let mut graph = [
            locked(true, &[(1, Dev), (2, Required), (7, Required)]),
            locked(false, &[(3, Required), (4, Optional)]),
            locked(false, &[(4, Optional), (5, Required)]),
            locked(false, &[(1, Required)]),
            locked(false, &[]),
            locked(false, &[(2, Required)]),
            locked(false, &[]),
        ];
        work_out_scopes(&mut graph);
        let scopes: Vec<_> = graph.iter().map(|locked| locked.scope).collect();
        assert_eq!(
            scopes,
            [None, Some(Dev), Some(Required), Some(Dev), Some(Optional), Some(Required), None]
        );
    }
}
