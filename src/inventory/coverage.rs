//! How much of the code in a subject the list accounts for: programs, libraries and archives that no component
//! owns, names or came from are what a reader should look at next.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use super::Found;
use super::owners::{Folders, file_of};
use crate::bom::{Components, Coverage};
use crate::layers::inside::{ARCHIVE, EXECUTABLE};
use crate::layers::{Tree, parent};

/// Manifests that speak for the whole folder they lie in.
const OF_FOLDERS: &[&str] = &["package.json"];

pub(super) fn measure(components: &Components, found: &[Found], tree: &Tree) -> Coverage {
    let code: HashSet<&str> = tree.present().filter_map(code_file).collect();
    let claimed = claimed_by_files(&code, found, tree);
    let places: BTreeSet<&str> = components
        .values()
        .filter(|component| component.hidden.is_none())
        .flat_map(|component| component.evidence.iter().map(|evidence| file_of(&evidence.path)))
        .collect();
    let unclaimed = code.iter().filter(|path| !claimed.contains(**path) && !is_spoken_for(path, &places));
    let mut unclaimed: Vec<String> = unclaimed.map(|path| (*path).to_owned()).collect();
    unclaimed.sort_unstable();
    Coverage { files: code.len(), unclaimed }
}

/// The file that an entry says is code; what lies inside an archive is counted with the archive.
fn code_file(path: &str) -> Option<&str> {
    let (file, inside) = path.split_once("!/")?;
    (inside == EXECUTABLE || inside == ARCHIVE).then_some(file)
}

fn claimed_by_files<'a>(code: &HashSet<&'a str>, found: &[Found], tree: &Tree) -> HashSet<&'a str> {
    let mut folders = Folders::of(tree);
    let files = found.iter().flat_map(|found| &found.files);
    let is_code = |path: &str| code.get(path).copied();
    let claimed = files.filter_map(|file| {
        is_code(&file.path).or_else(|| match folders.real(&file.path) {
            Cow::Borrowed(_) => None,
            Cow::Owned(elsewhere) => is_code(&elsewhere),
        })
    });
    claimed.collect()
}

/// Whether a component was read from the file itself, or from the manifest of a folder above it.
fn is_spoken_for(path: &str, places: &BTreeSet<&str>) -> bool {
    if places.contains(path) {
        return true;
    }
    let mut folder = parent(path);
    while !folder.is_empty() {
        if OF_FOLDERS.iter().any(|manifest| places.contains(format!("{folder}/{manifest}").as_str())) {
            return true;
        }
        folder = parent(folder);
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::inventory::ecosystems::testing::layered;

    #[test]
    fn code_that_no_component_accounts_for_is_named() {
        let bom = layered(&[&[
            ("var/lib/dpkg/status", "Package: ls\nStatus: install ok installed\nVersion: 1\n"),
            ("var/lib/dpkg/info/ls.list", "/.\n/usr/bin/ls\n"),
            ("usr/bin/ls!/.executable", ""),
            ("srv/node_modules/x/package.json", r#"{"name": "x", "version": "1.0.0"}"#),
            ("srv/node_modules/x/build/x.node!/.executable", ""),
            ("opt/tool!/.executable", ""),
            ("opt/lib/unknown.jar!/.archive", "members 0\n"),
        ]]);
        let coverage = bom.coverage.expect("measured");
        assert_eq!(coverage.files, 4);
        assert!(coverage.unclaimed.iter().any(|path| path == "opt/tool"), "{:?}", coverage.unclaimed);
        assert!(!coverage.unclaimed.iter().any(|path| path.contains("x.node") || path.ends_with("ls")));
    }
}
