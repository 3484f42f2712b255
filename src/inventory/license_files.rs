//! Licence files that lie beside what names a package: `node_modules/x/LICENSE`, `x-1.dist-info/licenses/COPYING`.
//!
//! Only beside a package's own manifest. Beside a lockfile lies the licence of the project that wrote it, which
//! is nobody else's.

use super::Package;
use super::claims::detected;
use crate::layers::{Tree, parent};

/// What licence files are called. Other ways of writing them are rare enough.
pub(super) const PATTERNS: &[&str] = &[
    "**/COPYING*",
    "**/LICENCE*",
    "**/LICENSE*",
    "**/License*",
    "**/NOTICE*",
    "**/UNLICENSE*",
    "**/copying*",
    "**/licence*",
    "**/license*",
];
/// The same beginnings.
const BEGINNINGS: &[&str] =
    &["COPYING", "LICENCE", "LICENSE", "License", "NOTICE", "UNLICENSE", "copying", "licence", "license"];
/// Files by which a package lies where it is installed.
const MANIFESTS: &[&str] = &["DESCRIPTION", "METADATA", "PKG-INFO", "package.json"];
/// Endings of names that begin like a licence file's and are programs or data.
const NO_TEXT: &[&str] = &[".class", ".cjs", ".css", ".js", ".json", ".map", ".mjs", ".py", ".pyc", ".ts"];
/// The folder of a wheel's metadata that holds its licence files.
const LICENSES: &str = "licenses";

/// The licence files and notices beside the manifest at `path`, in order of name. Empty where the file is no
/// package's own manifest.
pub fn license_files<'a>(path: &str, tree: &'a Tree) -> Vec<(String, &'a [u8])> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let folder = parent(path);
    if !MANIFESTS.contains(&name) || folder.is_empty() {
        return Vec::new();
    }
    let is_beside = |path: &str| {
        let beside = parent(path);
        beside == folder || parent(beside) == folder && beside.ends_with(LICENSES)
    };
    let mut files = Vec::new();
    for begin in BEGINNINGS {
        let start = format!("{folder}/{begin}");
        for file in tree.beginning_with(&start).filter(|path| is_beside(path) && is_text(path)) {
            files.extend(tree.read(file).map(|bytes| (file.to_owned(), bytes)));
        }
    }
    files.sort_unstable();
    files
}

/// Where distributions put the licence files of their packages, a folder for each.
pub(super) const SHARED: &str = "**/usr/share/licenses/**";

/// Adds what the licence files hold that a distribution's package owns: rpm's `%license` and pacman's are all
/// put into one place. Each licence once, with the first file that holds it.
pub(super) fn claim_shared(package: &mut Package, root: &str, tree: &Tree) {
    let place = format!("{root}usr/share/licenses/");
    for file in package.files.iter().filter(|file| file.path.starts_with(&place)) {
        let Some(bytes) = tree.read(&file.path) else { continue };
        for claim in detected(&file.path, &String::from_utf8_lossy(bytes)) {
            let licenses = &mut package.component.licenses;
            if !licenses
                .iter()
                .any(|known| known.basis == claim.basis && known.expression == claim.expression)
            {
                licenses.push(claim);
            }
        }
    }
}

fn is_text(path: &str) -> bool {
    !NO_TEXT.iter().any(|end| path.ends_with(end))
}

/// Adds what the files beside a package hold to what the package says of itself.
pub(super) fn claim(package: &mut Package, path: &str, tree: &Tree) {
    for (path, bytes) in license_files(path, tree) {
        if !path.rsplit('/').next().unwrap_or_default().to_lowercase().starts_with("notice") {
            package.component.licenses.extend(detected(&path, &String::from_utf8_lossy(bytes)));
        }
    }
}
