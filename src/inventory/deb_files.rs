//! Which files are a Debian package's own: members of its control archive, which dpkg keeps in `info/`, and
//! distroless images beside the paragraph.
//!
//! Spec: <https://manpages.debian.org/stable/dpkg/dpkg-query.1.en.html>,
//! <https://manpages.debian.org/stable/dpkg/dpkg-divert.1.en.html>

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
        String::from_utf8_lossy(bytes)
    };
    let (list, sums, settings) = (member("list"), member("md5sums"), member("conffiles"));
    let settings: HashSet<&str> = settings.lines().filter_map(relative).collect();
    let digests: BTreeMap<&str, Hash> = sums.lines().filter_map(checksum).collect();
    let mut paths: BTreeSet<&str> = list.lines().filter_map(relative).collect();
    if paths.is_empty() {
        paths = digests.keys().copied().chain(settings.iter().copied()).collect();
    }
    let folders: HashSet<&str> = paths.iter().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    let diversions = tree.read(&format!("{}/diversions", file.folder())).unwrap_or_default();
    let diversions = String::from_utf8_lossy(diversions);
    let diverted = diverted(&diversions, name);
    let owned = |path: &&str| OwnedFile {
        path: format!("{root}{}", diverted.get(path).unwrap_or(path)).into(),
        digest: digests.get(path).filter(|_| !settings.contains(path)).cloned(),
    };
    paths.iter().filter(|path| !folders.contains(**path)).map(owned).collect()
}

/// Where files of a package are put aside for those of another: three lines each, from, to, and the package
/// whose own files keep their place (`:` for the machine's owner).
fn diverted<'a>(diversions: &'a str, package: &str) -> HashMap<&'a str, &'a str> {
    let lines: Vec<&str> = diversions.lines().collect();
    let others = lines.chunks_exact(3).filter(|lines| lines[2] != package);
    others.filter_map(|lines| Some((relative(lines[0])?, relative(lines[1])?))).collect()
}

/// A line of a list, without its leading slash. `/.` is the root itself.
fn relative(line: &str) -> Option<&str> {
    // `remove-on-upgrade` may stand before a path.
    let path = &line[line.find('/')? + 1..];
    (!path.is_empty() && path != ".").then(|| path.trim_end_matches('\r'))
}

/// `<md5>  usr/bin/x`
fn checksum(line: &str) -> Option<(&str, Hash)> {
    let (hex, path) = line.split_once([' ', '\t'])?;
    let path = path.trim().trim_start_matches('*').trim_start_matches("./").trim_start_matches('/');
    Some((path, Hash::from_hex(HashAlgorithm::Md5, hex)?)).filter(|(path, _)| !path.is_empty())
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
    fn checksums_are_a_digest_and_a_path() {
        let digest = "0123456789abcdef0123456789abcdef";
        let path = |line: &str| checksum(line).map(|(path, _)| path.to_owned());
        assert_eq!(path(&format!("{digest}  usr/a b")).as_deref(), Some("usr/a b"));
        assert_eq!(path(&format!("{digest} *./usr/a")).as_deref(), Some("usr/a"));
        assert_eq!([path(digest), path("short  usr/a"), path(&format!("{digest}  "))], [const { None }; 3]);
    }

    #[test]
    fn diversions_come_in_threes() {
        let text = "/bin/sh\n/bin/sh.distrib\ndash\n/bin/x\n/bin/y\n:\n/cut\n";
        assert_eq!(diverted(text, "dash"), HashMap::from([("bin/x", "bin/y")]));
        assert_eq!(diverted(text, "other").len(), 2);
    }
}
