//! What a program says of the package it came from, where the package's own record is there too.
//!
//! A note in an executable knows less than the database: no licence, and often only the name of the source
//! package. Where both speak of one package, the note is one more place of what the database lists; where the
//! database says that the program is another package's file, the note adds nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Found;
use super::owners::file_of;
use crate::bom::{Component, Technique};

/// Gives packages that a binary names the component that a package database made of them, and leaves out those
/// whose binary is a file of another package.
pub(super) fn believe_databases(found: &mut Vec<Found>) {
    let mut listed: HashMap<_, Arc<Component>> = HashMap::new();
    for found in found.iter().filter(|found| !is_note(found) && found.component.is_os()) {
        let component = &found.component;
        listed.entry(component.identity()).or_insert_with(|| Arc::clone(component));
    }
    let owned = owned(found);
    found.retain_mut(|found| {
        if !is_note(found) {
            return true;
        }
        match listed.get(&found.component.identity()) {
            Some(component) => {
                found.component = Arc::clone(component);
                true
            }
            None => !owned.contains(file_of(&found.path)),
        }
    });
}

/// Executables with a note that a package of the system recorded as its own. Some databases record files
/// by the names they had before `/usr` held everything.
fn owned(found: &[Found]) -> HashSet<String> {
    let noted: HashSet<&str> =
        found.iter().filter(|found| is_note(found)).map(|found| file_of(&found.path)).collect();
    if noted.is_empty() {
        return HashSet::new();
    }
    // By each name under which somebody may have recorded it.
    let names = noted.iter().map(|noted| (*noted, *noted));
    let names = names.chain(noted.iter().filter_map(|noted| Some((noted.strip_prefix("usr/")?, *noted))));
    let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, noted) in names {
        by_name.entry(name).or_default().push(noted);
    }
    let owners = found.iter().filter(|found| !is_note(found) && found.component.is_os());
    let files = owners.flat_map(|found| &found.files);
    let owned = files.filter_map(|file| by_name.get(&*file.path)).flatten();
    owned.map(|noted| (*noted).to_owned()).collect()
}

fn is_note(found: &Found) -> bool {
    found.technique == Technique::BinaryAnalysis && found.component.is_os()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::Purl;
    use crate::inventory::found::Desk;
    use crate::inventory::{OwnedFile, Package};

    fn found(purl: &str, technique: Technique) -> Found {
        let mut component = Component::new("x");
        component.purl = Some(purl.parse::<Purl>().expect("a purl"));
        let mut package = Package::new(component);
        package.technique = technique;
        Desk::default().take_in(package, "test", &"x".into(), None)
    }

    #[test]
    fn a_file_of_a_package_is_of_no_other() {
        let note = |path: &str| Found {
            path: format!("{path}!/.note.package").into(),
            ..found("pkg:deb/debian/systemd@252?arch=amd64", Technique::BinaryAnalysis)
        };
        let mut udev = found("pkg:deb/debian/udev@252?arch=amd64", Technique::ManifestAnalysis);
        udev.files.push(OwnedFile { path: "bin/udevadm".into(), digest: None });
        let mut all = vec![note("usr/bin/udevadm"), udev, note("opt/udevadm")];
        believe_databases(&mut all);
        let places: Vec<_> = all.iter().map(|found| &*found.path).collect();
        assert_eq!(places, ["x", "opt/udevadm!/.note.package"]);
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
        let references: Vec<_> = all.iter().map(|found| found.component.reference().to_string()).collect();
        assert_eq!(references, [listed, listed, "pkg:rpm/fedora/x@1-2?arch=x86_64"]);
    }
}
