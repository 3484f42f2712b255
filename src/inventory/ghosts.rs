//! What lower layers ship and nobody can see at the top.
//!
//! Whoever distributes an image distributes these bytes too. A package is hidden only when no file at the top
//! speaks of the same package in the same version any more: one that merely moved is not.

use std::collections::{BTreeSet, HashMap};

use super::{Found, components};
use crate::bom::{Component, Components, Hidden, Ref};

/// A package of a file in a lower layer.
pub(super) struct Seen {
    pub(super) found: Found,
    pub(super) hidden_by: usize,
}

/// Adds what is hidden to what is visible.
pub(super) fn add(visible: &mut Components, mut seen: Vec<Seen>) {
    let there: BTreeSet<_> = visible.values().map(Component::identity).collect();
    seen.retain(|seen| !there.contains(&seen.found.component.identity()));
    let mut hidden_by: HashMap<Ref, usize> = HashMap::new();
    for seen in &seen {
        let layer = hidden_by.entry(seen.found.component.reference()).or_default();
        *layer = (*layer).max(seen.hidden_by);
    }
    let mut ghosts = components::merge(seen.iter().map(|seen| &seen.found));
    for (reference, ghost) in ghosts.iter_mut() {
        let layer = hidden_by.get(reference).copied().unwrap_or_default();
        ghost.hidden = Some(Hidden { layer, replaced_by: successor(visible, ghost) }.into());
    }
    visible.extend(ghosts);
}

/// The same package in another version, told of by the same file.
fn successor(visible: &Components, ghost: &Component) -> Option<Ref> {
    let name = ghost.purl.as_ref()?.without_version();
    let alike =
        visible.starting_at(Ref(name.into())).take_while(|(reference, _)| reference.0.starts_with(name));
    let same_file = |component: &Component| {
        component.evidence.iter().any(|place| ghost.evidence.iter().any(|other| other.path == place.path))
    };
    let mut successors = alike.filter(|(_, component)| {
        component.purl.as_ref().is_some_and(|purl| purl.without_version() == name) && same_file(component)
    });
    successors.next().map(|(reference, _)| reference.clone())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::inventory::ecosystems::testing::{layered, render};

    fn status(packages: &[(&str, &str)]) -> String {
        let stanza = |(name, version): &(&str, &str)| {
            format!(
                "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"
            )
        };
        packages.iter().map(stanza).collect()
    }

    #[test]
    fn what_an_upper_layer_removes_or_upgrades_is_hidden_and_still_shipped() {
        let copyright = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-3+\n";
        let bom = layered(&[
            &[
                ("etc/os-release", "ID=debian\nVERSION_ID=12\n"),
                (
                    "var/lib/dpkg/status",
                    &status(&[("bash", "5.2-1"), ("curl", "7.8-1"), ("libc6", "2.36-9")]),
                ),
                ("usr/share/doc/bash/copyright", copyright),
            ],
            &[
                ("etc/os-release", "ID=debian\nVERSION_ID=12\n"),
                ("var/lib/dpkg/status", &status(&[("curl", "7.8-2"), ("libc6", "2.36-9")])),
                ("usr/share/doc/bash/.wh.copyright", ""),
            ],
            &[("var/lib/dpkg/status", &status(&[("curl", "7.8-2"), ("libc6", "2.36-9"), ("jq", "1.6")]))],
        ]);
        expect![[r#"
            operating-system:debian@12 operating-system layer 0
            pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12 line 1 layer 0 hidden by 1 declared `GPL-3+` = GPL-3.0-or-later
            pkg:deb/debian/curl@7.8-1?arch=amd64&distro=debian-12 line 6 layer 0 hidden by 1 replaced by debian/curl@7.8-2
            pkg:deb/debian/curl@7.8-2?arch=amd64&distro=debian-12 line 1 layer 1 needs []
            pkg:deb/debian/jq@1.6?arch=amd64&distro=debian-12 line 11 layer 2 needs []
            pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12 line 6 layer 0 needs []
        "#]].assert_eq(&render(&bom));
    }

    #[test]
    fn a_package_that_comes_back_is_credited_to_its_return() {
        let bom = layered(&[
            &[("var/lib/dpkg/status", &status(&[("a", "1")]))],
            &[("var/lib/dpkg/status", &status(&[]))],
            &[("var/lib/dpkg/status", &status(&[("a", "1")]))],
        ]);
        expect![[r#"
            pkg:deb/debian/a@1?arch=amd64 line 1 layer 2 needs []
        "#]]
        .assert_eq(&render(&bom));
    }

    #[test]
    fn a_database_that_is_deleted_hides_all_its_packages() {
        let bom = layered(&[
            &[("var/lib/dpkg/status", &status(&[("a", "1")]))],
            &[("var/lib/dpkg/.wh.status", "")],
        ]);
        expect![[r#"
            pkg:deb/debian/a@1?arch=amd64 line 1 layer 0 hidden by 1
        "#]]
        .assert_eq(&render(&bom));
    }
}
