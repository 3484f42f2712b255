//! Packages of Arch and its kin: a tar, most often in zstd, that begins with what is said of the package.
//!
//! Spec: <https://man.archlinux.org/man/PKGBUILD.5>

use super::{Info, files};
use crate::layers::Extract;

/// Titles in the database for keys of the package.
const FIELDS: &[(&str, &str)] = &[
    ("NAME", "pkgname"),
    ("VERSION", "pkgver"),
    ("BASE", "pkgbase"),
    ("DESC", "pkgdesc"),
    ("URL", "url"),
    ("ARCH", "arch"),
    ("PACKAGER", "packager"),
    ("LICENSE", "license"),
    ("DEPENDS", "depend"),
    ("OPTDEPENDS", "optdepend"),
    ("PROVIDES", "provides"),
];

pub(super) fn records(info: &Info<'_>, extract: &Extract) -> Vec<(String, String)> {
    let (Some(name), Some(version)) = (info.one("pkgname"), info.one("pkgver")) else { return Vec::new() };
    let is_plain = |text: &str| !text.contains(['/', '!']) && !text.starts_with('.');
    if !is_plain(name) || !is_plain(version) {
        return Vec::new();
    }
    let mut description = String::new();
    for (title, key) in FIELDS {
        let values: Vec<&str> = info.all(key).collect();
        if !values.is_empty() {
            description.push_str(&format!("%{title}%\n{}\n\n", values.join("\n")));
        }
    }
    let folder = format!("var/lib/pacman/local/{name}-{version}");
    let files = format!("%FILES%\n{}\n", files(extract).join("\n"));
    vec![(format!("{folder}/desc"), description), (format!("{folder}/files"), files)]
}
