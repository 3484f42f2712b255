//! Which files are a Debian package's own: members of its control archive, which dpkg keeps in `info/`, and
//! distroless images beside the paragraph.
//!
//! Spec: <https://manpages.debian.org/stable/dpkg/dpkg-query.1.en.html>,
//! <https://manpages.debian.org/stable/dpkg/dpkg-divert.1.en.html>

use std::collections::BTreeMap;

use super::ecosystem::as_text;
use super::{File, OwnedFile};
use crate::bom::{Hash, HashAlgorithm};
use crate::layers::Tree;

/// The package's own files: of its list, or (distroless) of its checksums.
pub(super) fn of(name: &str, architecture: &str, file: &File<'_>, root: &str, tree: &Tree) -> Vec<OwnedFile> {
    // The members of the control archive: dpkg's `info` folder, or beside the paragraph.
    let member = |member: &str| {
        let info = format!("{}/info", file.folder());
        let names = [
            format!("{}.{member}", file.path),
            format!("{info}/{name}:{architecture}.{member}"),
            format!("{info}/{name}.{member}"),
        ];
        let bytes = names.iter().find_map(|name| tree.read(name)).unwrap_or_default();
        as_text(bytes)
    };
    let (list, sums, settings) = (member("list"), member("md5sums"), member("conffiles"));
    let mut settings: Vec<&str> = lines(&settings).filter_map(relative).collect();
    settings.sort_unstable();
    let mut digests: Vec<(&str, &str)> = lines(&sums).filter_map(checksum).collect();
    digests.sort_by_key(|(path, _)| *path);
    let mut paths: Vec<&str> = lines(&list).filter_map(relative).collect();
    if paths.is_empty() {
        paths = digests.iter().map(|(path, _)| *path).chain(settings.iter().copied()).collect();
    }
    paths.sort_unstable();
    paths.dedup();
    let mut folders: Vec<&str> = paths.iter().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    folders.dedup();
    folders.sort_unstable();
    let diversions = tree.read(&format!("{}/diversions", file.folder())).unwrap_or_default();
    let diversions = as_text(diversions);
    let diverted = diverted(&diversions, name);
    let (mut folders, mut digests, mut settings) = (Rising(&folders), Rising(&digests), Rising(&settings));
    let mut owned = Vec::with_capacity(paths.len());
    for path in paths {
        let is_folder = folders.last_of(path, |folder| *folder).is_some();
        let is_setting = settings.last_of(path, |setting| *setting).is_some();
        // What stands twice is what it is at last.
        let digest = digests.last_of(path, |digest| digest.0).filter(|_| !is_setting);
        if !is_folder {
            let place = if diverted.is_empty() { path } else { diverted.get(path).copied().unwrap_or(path) };
            owned.push(OwnedFile {
                path: [root, place].concat().into(),
                digest: digest
                    .map(|(_, hex)| Hash { algorithm: HashAlgorithm::Md5, hex: hex.to_ascii_lowercase() }),
            });
        }
    }
    owned
}

/// Sorted entries, asked for in order: what was passed is not looked at again.
struct Rising<'a, T>(&'a [T]);

impl<'a, T> Rising<'a, T> {
    /// The last of the entries that belong to a path.
    fn last_of(&mut self, path: &str, of: impl Fn(&'a T) -> &'a str) -> Option<&'a T> {
        let mut last = None;
        while let Some((entry, rest)) = self.0.split_first()
            && of(entry) <= path
        {
            last = Some(entry).filter(|entry| of(entry) == path);
            self.0 = rest;
        }
        last
    }
}

/// Where files of a package are put aside for those of another: three lines each, from, to, and the package
/// whose own files keep their place (`:` for the machine's owner).
fn diverted<'a>(diversions: &'a str, package: &str) -> BTreeMap<&'a str, &'a str> {
    let lines: Vec<&str> = diversions.lines().collect();
    let others = lines.chunks_exact(3).filter(|lines| lines[2] != package);
    others.filter_map(|lines| Some((relative(lines[0])?, relative(lines[1])?))).collect()
}

/// As [`str::lines`]; which takes longer over short lines.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let mut ends = memchr::memchr_iter(b'\n', text.as_bytes());
    std::iter::from_fn(move || match ends.next() {
        Some(end) => {
            let line = &text[start..end];
            start = end + 1;
            Some(line.strip_suffix('\r').unwrap_or(line))
        }
        None => {
            let last = &text[start..];
            start = text.len();
            (!last.is_empty()).then_some(last)
        }
    })
}

/// A line of a list, without its leading slash. `/.` is the root itself.
fn relative(line: &str) -> Option<&str> {
    // `remove-on-upgrade` may stand before a path.
    let path = match line.strip_prefix('/') {
        Some(path) => path,
        None => &line[line.find('/')? + 1..],
    };
    (!path.is_empty() && path != ".").then(|| path.trim_end_matches('\r'))
}

/// `<md5>  usr/bin/x`: the path, and its digest. Lines with anything else are passed over.
fn checksum(line: &str) -> Option<(&str, &str)> {
    let at = line.bytes().position(|byte| matches!(byte, b' ' | b'\t'))?;
    let mut path = line[at + 1..].trim().trim_start_matches('*');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    let path = path.trim_start_matches('/');
    let hex = line[..at].trim();
    let is_digest = hex.len() == HashAlgorithm::Md5.hex_digits()
        && hex.bytes().fold(true, |all, byte| all & byte.is_ascii_hexdigit());
    (is_digest && !path.is_empty()).then_some((path, hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_paths_or_nothing() {
        assert_eq!(relative("/usr/a b"), Some("usr/a b"));
        assert_eq!(relative("remove-on-upgrade /etc/x\r"), Some("etc/x"));
        assert_eq!([relative("/."), relative(""), relative("usr"), relative("/")], [None; 4]);
    }

    #[test]
    fn lines_are_those_of_everybody() {
        for text in ["", "\n", "a", "a\n", "a\r\nb\r", "\n\na\n\nb", "a\r\n\r\n", "\r"] {
            assert_eq!(lines(text).collect::<Vec<_>>(), text.lines().collect::<Vec<_>>(), "{text:?}");
        }
    }

    #[test]
    fn checksums_are_a_digest_and_a_path() {
        let digest = "0123456789abcdef0123456789abcdef";
        let path = |line: &str| checksum(line).map(|(path, _)| path.to_owned());
        assert_eq!(path(&format!("{digest}  usr/a b")).as_deref(), Some("usr/a b"));
        assert_eq!(path(&format!("{digest} *./usr/a")).as_deref(), Some("usr/a"));
        assert_eq!(path(&format!("\u{b}{digest}\t **././/usr/a")).as_deref(), Some("usr/a"));
        assert_eq!([path(digest), path("short  usr/a"), path(&format!("{digest}  "))], [const { None }; 3]);
    }

    #[test]
    fn of_entries_that_stand_twice_the_last_counts() {
        let sorted = [("a", 1), ("b", 2), ("b", 3), ("c", 4), ("e", 5)];
        let mut rising = Rising(&sorted);
        let found = ["a", "b", "d", "e", "f"].map(|path| rising.last_of(path, |entry| entry.0));
        assert_eq!(found.map(|entry| entry.map_or(0, |entry| entry.1)), [1, 3, 0, 5, 0]);
    }

    #[test]
    fn diversions_come_in_threes() {
        let text = "/bin/sh\n/bin/sh.distrib\ndash\n/bin/x\n/bin/y\n:\n/cut\n";
        assert_eq!(diverted(text, "dash"), BTreeMap::from([("bin/x", "bin/y")]));
        assert_eq!(diverted(text, "other").len(), 2);
    }
}
