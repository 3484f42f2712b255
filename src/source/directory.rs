//! A plain directory: a source tree, or an unpacked root file system.
//!
//! Links are noted and never followed, so nothing outside the directory is read; other file systems mounted
//! inside it are not entered; devices, sockets and pipes are not opened. Git's own folder is passed over.

use std::fs;
use std::io::{self, BufReader, Read};
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::image::own_name;
use super::{Request, Scheme, Snapshot, SourceError};
use crate::bom::{Gap, GapKind, Subject, SubjectKind};
use crate::layers::inside::{self, Contents, Inside, Kind};
use crate::layers::{Entry, Extract, Limits, Node, Wanted, clean, digests_of};

pub(super) const SCHEME: Scheme =
    Scheme { name: "dir", about: "a source tree or an unpacked root file system", recognises, read };

fn recognises(path: &Path) -> Result<bool, SourceError> {
    Ok(path.is_dir())
}

fn read(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let root = request.path;
    // A file, or a folder we may not list, is an error and not an empty list.
    fs::read_dir(root).map_err(|error| SourceError::io(root, error))?;
    let mut walk = Walk { root, wanted: request.wanted, limits: request.limits, extract: Extract::default() };
    let entries = WalkDir::new(root).min_depth(1).sort_by_file_name().same_file_system(true);
    for entry in entries.into_iter().filter_entry(|entry| !is_git_folder(entry)) {
        match entry {
            Ok(entry) => walk.take(&entry),
            Err(error) => walk.failed(&error),
        }
        if walk.extract.entries.len() >= request.limits.entries {
            walk.gap("", format!("more than {} entries; the rest was not read", request.limits.entries));
            break;
        }
    }
    Ok(Snapshot {
        subject: Subject { kind: SubjectKind::Directory, name: own_name(root), ..Subject::default() },
        layers: Vec::new(),
        gaps: walk.extract.gaps.clone(),
        extracts: vec![walk.extract],
        notes: Vec::new(),
    })
}

fn is_git_folder(entry: &DirEntry) -> bool {
    entry.file_name() == ".git" && entry.file_type().is_dir()
}

/// A program is read whole only where it is searched for what it says of itself.
impl Contents for BufReader<fs::File> {}

struct Walk<'a> {
    root: &'a Path,
    wanted: &'a Wanted,
    limits: &'a Limits,
    extract: Extract,
}

impl Walk<'_> {
    fn take(&mut self, entry: &DirEntry) {
        let Some(path) = self.inside(entry.path()) else { return };
        let kind = entry.file_type();
        let mut inside = Inside::default();
        let node = if kind.is_dir() {
            Node::Directory
        } else if kind.is_symlink() {
            match fs::read_link(entry.path()) {
                Ok(target) => Node::Symlink(target.to_string_lossy().into()),
                Err(error) => return self.gap(&path, format!("link cannot be read: {error}")),
            }
        } else if kind.is_file() {
            inside = self.inside_of(entry, &path);
            if self.wanted.wants_digests() {
                inside.entries.extend(self.digests(entry, &path));
            }
            if self.wanted.wants(&path) { self.file(entry, &path) } else { Node::Other }
        } else {
            Node::Other
        };
        let mark = if node == Node::Directory { self.wanted.folder(&path) } else { None };
        self.extract.entries.push(Entry { path: path.into(), node });
        self.extract.entries.extend(mark);
        self.extract.entries.extend(inside.entries);
        self.extract.gaps.extend(inside.gaps);
    }

    /// Looks into an archive or executable. A file that cannot be opened is none of them: there are many that
    /// nobody may read, and they are no gap as long as nobody asks for them.
    fn inside_of(&self, entry: &DirEntry, path: &str) -> Inside {
        if !inside::may_hold_something(path) {
            return Inside::default();
        }
        let Ok(file) = fs::File::open(entry.path()) else { return Inside::default() };
        let mut head = Vec::with_capacity(inside::HEAD);
        if (&file).take(inside::HEAD as u64).read_to_end(&mut head).is_err() {
            return Inside::default();
        }
        match Kind::of(path, &head) {
            Some(kind) => inside::look(kind, path, BufReader::new(file), self.wanted, self.limits),
            None => Inside::default(),
        }
    }

    fn digests(&mut self, entry: &DirEntry, path: &str) -> Option<Entry> {
        match fs::File::open(entry.path()).and_then(|file| digests_of(path, file)) {
            Ok(digests) => digests,
            Err(error) => {
                self.gap(path, format!("cannot be compared with its package: {error}"));
                None
            }
        }
    }

    fn file(&mut self, entry: &DirEntry, path: &str) -> Node {
        match read_within(entry.path(), self.limits.file_bytes) {
            Ok(Some(bytes)) => Node::File(bytes.into()),
            Ok(None) => {
                self.gap(path, format!("larger than the limit of {} bytes a file", self.limits.file_bytes));
                Node::Other
            }
            Err(error) => {
                self.gap(path, format!("cannot be read: {error}"));
                Node::Other
            }
        }
    }

    fn failed(&mut self, error: &walkdir::Error) {
        let path = error.path().and_then(|path| self.inside(path)).unwrap_or_default();
        let reason = error.io_error().map_or_else(|| error.to_string(), io::Error::to_string);
        self.gap(&path, format!("folder cannot be read: {reason}"));
    }

    fn inside(&self, path: &Path) -> Option<String> {
        let path = path.strip_prefix(self.root).ok()?;
        clean(path.as_os_str().as_encoded_bytes())
    }

    fn gap(&mut self, path: &str, reason: String) {
        self.extract.gaps.push(Gap { path: path.to_owned(), line: None, kind: GapKind::Unread, reason });
    }
}

/// The content of a file; `None` when it is larger than the limit.
fn read_within(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Options;

    #[test]
    fn archives_are_looked_into_where_they_lie() {
        let folder = tempfile::tempdir().expect("a place for temporary files");
        let jar = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
        for name in ["a.jar", "b.zip", "c.txt"] {
            fs::write(folder.path().join(name), &jar).expect("written");
        }
        fs::write(folder.path().join("broken.jar"), "this is no archive at all").expect("written");
        let wanted = Wanted::new(["**/*!/.archive"]).expect("globs");
        let path = folder.path().to_str().expect("a plain path");
        let snapshot = crate::source::read(path, &wanted, &Options::default()).expect("readable");
        let paths: Vec<_> = snapshot.extracts[0].entries.iter().map(|entry| &*entry.path).collect();
        assert_eq!(paths, ["a.jar", "a.jar!/.archive", "b.zip", "broken.jar", "c.txt"]);
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (&*gap.path, &*gap.reason)).collect();
        assert_eq!(gaps, [("broken.jar", "it is no zip archive: it has no central directory")]);
    }
}
