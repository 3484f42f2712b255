//! What a program says of the package it came from, where the package's own record is there too.
//!
//! A note in an executable knows less than the database: no source package, no licence. Where both speak of one
//! package, the note is one more place of what the database lists.

use std::collections::HashMap;

use super::Found;
use crate::bom::{Component, Technique};

/// Gives packages that a binary names the component that a package database made of them.
pub(super) fn believe_databases(found: &mut [Found]) {
    let mut listed: HashMap<_, Component> = HashMap::new();
    for found in found.iter().filter(|found| !is_note(found) && found.package.component.is_os()) {
        let component = &found.package.component;
        listed.entry(component.identity()).or_insert_with(|| component.clone());
    }
    for found in found.iter_mut().filter(|found| is_note(found)) {
        if let Some(component) = listed.get(&found.package.component.identity()) {
            found.package.component = component.clone();
        }
    }
}

fn is_note(found: &Found) -> bool {
    found.package.technique == Technique::BinaryAnalysis && found.package.component.is_os()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::Purl;
    use crate::inventory::Package;

    fn found(purl: &str, technique: Technique) -> Found {
        let mut component = Component::new("x");
        component.purl = Some(purl.parse::<Purl>().expect("a purl"));
        let mut package = Package::new(component);
        package.technique = technique;
        Found { package, ecosystem: "test", path: "x".to_owned(), layer: None }
    }

    #[test]
    fn a_note_is_a_place_of_what_the_database_lists() {
        let listed = "pkg:rpm/fedora/x@1-1?arch=x86_64&distro=fedora-39&upstream=y-1-1.src.rpm";
        let mut all = vec![
            found("pkg:rpm/fedora/x@1-1?arch=x86_64&distro=fedora-39", Technique::BinaryAnalysis),
            found(listed, Technique::ManifestAnalysis),
            found("pkg:rpm/fedora/x@1-2?arch=x86_64", Technique::BinaryAnalysis),
        ];
        believe_databases(&mut all);
        let references: Vec<_> = all.iter().map(|found| found.package.component.reference().0).collect();
        assert_eq!(references, [listed, listed, "pkg:rpm/fedora/x@1-2?arch=x86_64"]);
    }
}
