//! Which components somebody asked for, rather than for something that needs them.

use std::collections::HashSet;

use crate::bom::{Bom, Ref};

/// The direct dependencies of a bill.
pub(super) struct Direct<'a>(HashSet<&'a Ref>);

impl<'a> Direct<'a> {
    pub(super) fn of(bom: &'a Bom) -> Self {
        let mut direct: HashSet<&Ref> = HashSet::new();
        let first_party = bom.components.iter().filter(|(_, component)| component.first_party);
        let subject = bom.subject.reference();
        for root in first_party.map(|(reference, _)| reference).chain([&subject]) {
            direct.extend(bom.dependencies.get(root).into_iter().flatten());
        }
        let asked_for = bom.components.iter().filter(|(_, component)| component.asked_for);
        direct.extend(asked_for.map(|(reference, _)| reference));
        Self(direct)
    }

    pub(super) fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn holds(&self, reference: &Ref) -> bool {
        self.0.contains(reference)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{bill, check_bills};
    use super::*;

    #[test]
    fn a_dependency_becomes_direct() {
        let graph = |direct: &str| {
            let mut bom = bill(&["pkg:npm/a@1", "pkg:npm/b@1"]);
            bom.dependencies.insert(bom.subject.reference(), [Ref(direct.into())].into());
            bom
        };
        check_bills(
            &graph("pkg:npm/a@1"),
            &graph("pkg:npm/b@1"),
            expect![[r#"
            depth-changed pkg:npm/a direct → indirect
            depth-changed pkg:npm/b indirect → direct
        "#]],
        );
    }
}
