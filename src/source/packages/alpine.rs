//! Packages of Alpine and its kin: a signature, what is said of the package, and its files, each a gzip of its own;
//! together they unpack to one tar.
//!
//! Spec: <https://wiki.alpinelinux.org/wiki/Apk_spec>

use super::{Info, files};
use crate::layers::{Extract, parent};

const DATABASE: &str = "lib/apk/db/installed";

/// Letters of the database for keys of the package.
const FIELDS: &[(&str, &str)] = &[
    ("P", "pkgname"),
    ("V", "pkgver"),
    ("A", "arch"),
    ("S", "size"),
    ("T", "pkgdesc"),
    ("U", "url"),
    ("L", "license"),
    ("o", "origin"),
    ("m", "maintainer"),
    ("t", "builddate"),
    ("c", "commit"),
];

/// The same of keys that may stand there many times.
const LISTS: &[(&str, &str)] = &[("D", "depend"), ("p", "provides"), ("i", "install_if")];

pub(super) fn records(info: &Info<'_>, extract: &Extract) -> Vec<(String, String)> {
    let mut text = String::new();
    let mut line = |letter: &str, value: &str| text.push_str(&format!("{letter}:{value}\n"));
    for (letter, key) in FIELDS {
        if let Some(value) = info.one(key) {
            line(letter, value);
        }
    }
    for (letter, key) in LISTS {
        let values: Vec<&str> = info.all(key).collect();
        if !values.is_empty() {
            line(letter, &values.join(" "));
        }
    }
    let mut folder = None;
    for path in files(extract) {
        let above = parent(path);
        if folder.replace(above) != Some(above) {
            line("F", above);
        }
        line("R", path.rsplit('/').next().unwrap_or(path));
    }
    text.push('\n');
    vec![(DATABASE.to_owned(), text)]
}
