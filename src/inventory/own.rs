//! What the manifest at the top of a folder says of the project holds for the folder itself.

use crate::bom::{Basis, Component, Components, Subject, SubjectKind};

/// Gives the subject the project's licence and copyright. Where several manifests lie at the top and disagree, nobody
/// knows which is meant.
pub(super) fn describe(subject: &mut Subject, components: &Components) {
    if subject.kind != SubjectKind::Directory {
        return;
    }
    let at_top = |component: &Component| component.evidence.iter().any(|place| !place.path.contains('/'));
    let own = || components.values().filter(|component| component.first_party && at_top(component));
    subject.copyright = agreed(own().filter_map(|component| component.copyright.clone()));
    let licenses = own().map(|component| component.licenses.to_vec()).filter(|claims| !claims.is_empty());
    subject.licenses = agreed(licenses).unwrap_or_default();
    subject.licenses.retain(|claim| claim.basis != Basis::Derived);
}

/// What all of them say.
fn agreed<T: PartialEq>(mut said: impl Iterator<Item = T>) -> Option<T> {
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use crate::bom::Bom;
    use crate::inventory::ecosystems::testing::layered;

    fn said(bom: &Bom) -> Vec<&str> {
        bom.subject.licenses.iter().map(|claim| claim.text.as_str()).collect()
    }

    const NODE: &str = r#"{"name": "shop", "version": "1.0.0", "license": "MIT"}"#;

    #[test]
    fn a_folder_is_under_the_licence_that_the_manifest_at_its_top_states() {
        let inner = ("lib/package.json", r#"{"name": "lib", "version": "1.0.0", "license": "ISC"}"#);
        let bom = layered(&[&[("package.json", NODE), inner]]);
        assert_eq!(said(&bom), ["MIT"]);
    }

    #[test]
    fn where_manifests_disagree_nobody_knows() {
        let r = ("DESCRIPTION", "Package: other\nVersion: 1.0.0\nLicense: GPL-3\n");
        assert_eq!(said(&layered(&[&[r]])), ["GPL-3"]);
        assert_eq!(said(&layered(&[&[("package.json", NODE), r]])), [""; 0]);
    }
}
