//! Packages by themselves, each read as if it alone had been installed into an empty root file system: its files lie
//! where they would lie, and what its package manager would have recorded stands in that manager's database.

mod alpine;
mod arch;
mod cpio;
pub(super) mod deb;
pub(super) mod gem;
pub(super) mod rpm;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bom::{Subject, SubjectKind};
use crate::layers::{Entry, Extract, Node};

/// What Alpine's and Arch's packages say of themselves, in front of their files.
const INFO: &str = ".PKGINFO";

/// Whether a member of a tar is to be kept for what follows.
pub(super) fn is_word(name: &str) -> bool {
    name == INFO
}

/// Adds what a package manager would have recorded, where the tar is a package.
pub(super) fn of_tar(small: &BTreeMap<String, Arc<[u8]>>, extract: &mut Extract, subject: &mut Subject) {
    subject.kind = SubjectKind::File;
    let Some(info) = small.get(INFO) else { return };
    let info = String::from_utf8_lossy(info);
    let info = Info(
        info.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).collect(),
    );
    let is_arch = extract.entries.iter().any(|entry| &*entry.path == ".MTREE");
    let records = if is_arch { arch::records(&info, extract) } else { alpine::records(&info, extract) };
    if let (Some(name), Some(version)) = (info.one("pkgname"), info.one("pkgver")) {
        name.clone_into(&mut subject.name);
        subject.version = Some(version.to_owned());
    }
    extract.entries.extend(records.into_iter().map(|(path, text)| record(path, text.into_bytes())));
}

/// A file that the package manager would have written.
fn record(path: String, content: Vec<u8>) -> Entry {
    Entry { path: path.into(), node: Node::File(content.into()) }
}

/// Lines of `key = value`, some keys more than once.
struct Info<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Info<'a> {
    fn all(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(name, _)| name.trim() == key).map(|(_, value)| value.trim())
    }

    fn one(&self, key: &str) -> Option<&'a str> {
        self.all(key).find(|value| !value.is_empty())
    }
}

/// Files of a package, in order of name: what is about the package itself left out.
fn files(extract: &Extract) -> Vec<&str> {
    let is_file = |entry: &&Entry| entry.node != Node::Directory && !entry.path.contains("!/");
    let paths = extract.entries.iter().filter(is_file).map(|entry| &*entry.path);
    let mut paths: Vec<&str> = paths.filter(|path| !path.starts_with('.')).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}
