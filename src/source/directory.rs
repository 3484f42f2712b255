//! A plain directory: a source tree, or an unpacked root file system.
//!
//! Links are noted and never followed, so nothing outside the directory is read; other file systems mounted
//! inside it are not entered; devices, sockets and pipes are not opened. Git's own folder is passed over.
//!
//! Folders are read side by side, and put together in order of name: what is found does not depend on which
//! thread was faster. A file is opened once, and only where its name says that somebody wants to know more.

use std::fs;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::image::own_name;
use super::pages::Pages;
use super::progress::{Ended, Event, Progress};
use super::{Names, Request, Scheme, Snapshot, SourceError};
use crate::bom::{Gap, GapKind, Subject, SubjectKind};
use crate::crew::{self, Step};
use crate::layers::inside::{self, Inside, Kind};
use crate::layers::{Entry, Extract, Limits, Node, Wanted, clean, digests_of};

pub(super) const SCHEME: Scheme = Scheme {
    name: "dir",
    about: "a source tree or an unpacked root file system",
    names: Names::Path,
    read_all: None,
    recognises,
    read,
};

/// How many files of one folder are one task.
const TOGETHER: usize = 64;

fn recognises(path: &Path) -> Result<bool, SourceError> {
    Ok(path.is_dir())
}

fn read(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let extract = walked(request, crew::threads())?;
    Ok(Snapshot {
        subject: Subject { kind: SubjectKind::Directory, name: own_name(request.path), ..Subject::default() },
        gaps: extract.gaps.clone(),
        extracts: vec![extract],
        ..Snapshot::default()
    })
}

/// One file by itself, under its own name.
pub(super) fn lone(request: &Request<'_>, name: &str) -> Extract {
    let walk = Walk {
        root: request.path,
        device: 0,
        wanted: request.wanted,
        limits: request.limits,
        seen: AtomicUsize::new(0),
        kept: AtomicU64::new(0),
        progress: None,
    };
    let opened = Opened {
        real: request.path.to_owned(),
        path: name.to_owned(),
        is_wanted: request.wanted.wants(name),
    };
    let mut extract = Extract::default();
    walk.file(&opened, &mut extract);
    extract
}

fn walked(request: &Request<'_>, threads: usize) -> Result<Extract, SourceError> {
    let root = request.path;
    // A file, or a folder we may not list, is an error and not an empty list.
    let listed = fs::metadata(root).and_then(|about| fs::read_dir(root).map(|_| device(&about)));
    let walk = Walk {
        root,
        device: listed.map_err(|error| SourceError::io(root, error))?,
        wanted: request.wanted,
        limits: request.limits,
        seen: AtomicUsize::new(0),
        kept: AtomicU64::new(0),
        progress: request.progress,
    };
    walk.tell(Event::Planned { part: 0, name: &root.display().to_string(), bytes: None });
    let pieces = crew::work_off(vec![Task::Folder(root.to_owned())], threads, |task| walk.take(task));
    walk.tell(Event::Ended { part: 0, how: Ended::Read });
    if (walk.is_full() || walk.is_heavy()) && threads > 1 {
        // What is left out is not to depend on which thread was faster.
        return walked(request, 1);
    }
    let mut extract = Extract::default();
    for piece in pieces {
        extract.entries.extend(piece.entries);
        extract.gaps.extend(piece.gaps);
    }
    if walk.is_full() {
        extract.entries.truncate(request.limits.entries);
        let reason = format!("more than {} entries; the rest was not read", request.limits.entries);
        extract.gaps.push(unread("", reason));
    }
    Ok(extract)
}

enum Task {
    /// Everything in a folder.
    Folder(PathBuf),
    /// Some of the files of a folder that has many.
    Files(Vec<Opened>),
}

/// A file to be opened.
struct Opened {
    real: PathBuf,
    path: String,
    is_wanted: bool,
}

struct Walk<'a> {
    root: &'a Path,
    device: u64,
    wanted: &'a Wanted,
    limits: &'a Limits,
    /// Entries of the folders listed so far.
    seen: AtomicUsize,
    /// Bytes of the files that were wanted so far, kept or not.
    kept: AtomicU64,
    progress: Option<&'a dyn Progress>,
}

impl Walk<'_> {
    fn take(&self, task: Task) -> Vec<Step<Task, Extract>> {
        match task {
            Task::Folder(path) => self.folder(&path),
            Task::Files(files) => {
                let mut extract = Extract::default();
                files.iter().for_each(|opened| self.file(opened, &mut extract));
                vec![Step::Done(extract)]
            }
        }
    }

    fn tell(&self, event: Event<'_>) {
        if let Some(progress) = self.progress {
            progress.tell(event);
        }
    }

    fn is_full(&self) -> bool {
        self.seen.load(Ordering::Relaxed) >= self.limits.entries
    }

    fn is_heavy(&self) -> bool {
        self.kept.load(Ordering::Relaxed) > self.limits.layer_bytes
    }

    fn folder(&self, folder: &Path) -> Vec<Step<Task, Extract>> {
        let mut listing = Listing::default();
        if self.is_full() {
            return listing.finish(self);
        }
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(mut entries) => {
                entries.sort_by_cached_key(fs::DirEntry::file_name);
                entries
            }
            Err(error) => {
                let path = self.inside(folder).unwrap_or_default();
                listing.here.gaps.push(unread(&path, format!("folder cannot be read: {error}")));
                Vec::new()
            }
        };
        self.seen.fetch_add(entries.len(), Ordering::Relaxed);
        self.tell(Event::Found { part: 0, entries: entries.len() });
        for entry in entries {
            self.list(&entry, &mut listing);
        }
        listing.finish(self)
    }

    fn list(&self, entry: &fs::DirEntry, listing: &mut Listing) {
        let real = entry.path();
        let Some(path) = self.inside(&real) else { return };
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => {
                return listing.here.gaps.push(unread(&path, format!("folder cannot be read: {error}")));
            }
        };
        if kind.is_dir() {
            if entry.file_name() == ".git" {
                return;
            }
            let mark = self.wanted.folder(&path);
            listing.entry(self, path, Node::Directory);
            listing.here.entries.extend(mark);
            // One that is gone since gives its gap when it is read.
            if entry.metadata().map_or(self.device, |about| device(&about)) == self.device {
                listing.later(self, Task::Folder(real));
            }
        } else if kind.is_symlink() {
            match fs::read_link(&real) {
                Ok(target) => listing.entry(self, path, Node::Symlink(target.to_string_lossy().into())),
                Err(error) => {
                    listing.here.gaps.push(unread(&path, format!("link cannot be read: {error}")));
                }
            }
        } else if let Some(is_wanted) = self.opened(kind, &path) {
            listing.files.push(Opened { real, path, is_wanted });
            if listing.files.len() >= TOGETHER {
                let files = std::mem::take(&mut listing.files);
                listing.later(self, Task::Files(files));
            }
        } else {
            listing.entry(self, path, Node::Other);
        }
    }

    /// Whether a file is wanted, if it is to be opened at all.
    fn opened(&self, kind: fs::FileType, path: &str) -> Option<bool> {
        if !kind.is_file() {
            return None;
        }
        let is_wanted = self.wanted.wants(path);
        let is_opened = is_wanted || inside::may_hold_something(path) || self.wanted.digests().any();
        is_opened.then_some(is_wanted)
    }

    fn file(&self, opened: &Opened, extract: &mut Extract) {
        let Opened { real, path, is_wanted } = opened;
        let mut inside = Inside::default();
        let node = match fs::File::open(real) {
            Ok(mut file) => {
                inside = self.inside_of(&file, path).unwrap_or_default();
                if self.wanted.digests().any() {
                    match digests_of(path, &file, self.wanted.digests())
                        .and_then(|digests| file.rewind().map(|()| digests))
                    {
                        Ok(digests) => inside.entries.extend(digests),
                        Err(error) => extract.gaps.push(unread(path, not_compared(&error))),
                    }
                }
                if *is_wanted { self.content(file, path, extract) } else { Node::Other }
            }
            Err(error) => {
                if self.wanted.digests().any() {
                    extract.gaps.push(unread(path, not_compared(&error)));
                }
                // There are many files that nobody may read, and they are no gap as long as nobody asks.
                if *is_wanted {
                    extract.gaps.push(unread(path, format!("cannot be read: {error}")));
                }
                Node::Other
            }
        };
        extract.entries.push(Entry { path: path.as_str().into(), node });
        self.kept.fetch_add(inside.entries.iter().map(|entry| entry.node.size()).sum(), Ordering::Relaxed);
        extract.entries.extend(inside.entries);
        extract.gaps.extend(inside.gaps);
    }

    /// Looks into an archive or executable. What cannot be read is none of them.
    fn inside_of(&self, file: &fs::File, path: &str) -> Option<Inside> {
        if !inside::may_hold_something(path) {
            return None;
        }
        let mut head = [0; inside::HEAD];
        let length = Pages::head(file, &mut head).ok()?;
        let kind = Kind::of(path, &head[..length])?;
        Some(inside::look(kind, path, Pages::of(file), self.wanted, self.limits))
    }

    fn content(&self, file: fs::File, path: &str, extract: &mut Extract) -> Node {
        if self.is_heavy() {
            extract.gaps.push(self.too_heavy(path));
            return Node::Other;
        }
        match read_within(file, self.limits.file_bytes) {
            Ok(Some(bytes)) => {
                let kept = self.kept.fetch_add(bytes.len() as u64, Ordering::Relaxed) + bytes.len() as u64;
                if kept > self.limits.layer_bytes {
                    extract.gaps.push(self.too_heavy(path));
                    return Node::Other;
                }
                Node::File(bytes.into())
            }
            Ok(None) => {
                let limit = self.limits.file_bytes;
                extract.gaps.push(unread(path, format!("larger than the limit of {limit} bytes a file")));
                Node::Other
            }
            Err(error) => {
                extract.gaps.push(unread(path, format!("cannot be read: {error}")));
                Node::Other
            }
        }
    }

    fn too_heavy(&self, path: &str) -> Gap {
        let limit = self.limits.layer_bytes;
        unread(path, format!("the directory's wanted files are more than the limit of {limit} bytes"))
    }

    fn inside(&self, path: &Path) -> Option<String> {
        let path = path.strip_prefix(self.root).ok()?;
        clean(path.as_os_str().as_encoded_bytes())
    }
}

/// What a folder holds, while it is gone through in order of name.
#[derive(Default)]
struct Listing {
    steps: Vec<Step<Task, Extract>>,
    here: Extract,
    /// Files that follow what is `here`, and are still to be opened.
    files: Vec<Opened>,
}

impl Listing {
    fn entry(&mut self, walk: &Walk<'_>, path: String, node: Node) {
        self.open_files(walk);
        self.here.entries.push(Entry { path: path.into(), node });
    }

    fn later(&mut self, walk: &Walk<'_>, task: Task) {
        self.open_files(walk);
        self.steps.push(Step::Done(std::mem::take(&mut self.here)));
        self.steps.push(Step::Next(task));
    }

    fn open_files(&mut self, walk: &Walk<'_>) {
        for opened in self.files.drain(..) {
            walk.file(&opened, &mut self.here);
        }
    }

    fn finish(mut self, walk: &Walk<'_>) -> Vec<Step<Task, Extract>> {
        self.open_files(walk);
        self.steps.push(Step::Done(self.here));
        self.steps
    }
}

fn not_compared(error: &io::Error) -> String {
    format!("cannot be compared with its package: {error}")
}

fn unread(path: &str, reason: String) -> Gap {
    Gap { path: path.to_owned(), line: None, kind: GapKind::Unread, reason }
}

/// Which file system a folder lies on.
#[cfg(unix)]
fn device(about: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(about)
}

/// Nothing is mounted into a folder there.
#[cfg(not(unix))]
fn device(_: &fs::Metadata) -> u64 {
    0
}

/// The content of a file; `None` when it is larger than the limit.
fn read_within(file: fs::File, limit: u64) -> io::Result<Option<Vec<u8>>> {
    // The one allocation that a size decides is that of a file which is there, and not more than its limit.
    let size = file.metadata()?.len().min(limit);
    let mut bytes = Vec::with_capacity(size as usize + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
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

    /// Folders within folders, some with more files than are one task.
    fn tree(folder: &Path) {
        for outer in 0..6 {
            let outer = folder.join(format!("folder-{outer}"));
            for inner in ["a", "b.c", "z"] {
                fs::create_dir_all(outer.join(inner)).expect("written");
                fs::write(outer.join(inner).join("package.json"), "{}").expect("written");
            }
            for number in 0..TOGETHER * 2 + 3 {
                fs::write(outer.join(format!("f{number}")), "text").expect("written");
            }
        }
    }

    fn walked_by(threads: usize, folder: &Path, limits: &Limits) -> Extract {
        let wanted = Wanted::new(["**/package.json", "**/f1*"]).expect("globs");
        let request = Request {
            path: folder,
            image: None,
            platform: None,
            wanted: &wanted,
            limits,
            verify: super::super::Verify::default(),
            lazy: false,
            cache: None,
            progress: None,
            registry: None,
            takes_bills: false,
            shared: None,
        };
        walked(&request, threads).expect("readable")
    }

    #[test]
    fn the_same_is_found_whatever_the_number_of_threads() {
        let folder = tempfile::tempdir().expect("a place for temporary files");
        tree(folder.path());
        let one = walked_by(1, folder.path(), &Limits::default());
        assert_eq!(one.entries.len(), 6 * (1 + 3 * 2 + TOGETHER * 2 + 3));
        let paths: Vec<Vec<&str>> = one.entries.iter().map(|entry| entry.path.split('/').collect()).collect();
        assert!(paths.is_sorted(), "depth first, by name");
        for threads in [2, 7] {
            assert_eq!(walked_by(threads, folder.path(), &Limits::default()), one, "{threads}");
        }
    }

    #[test]
    fn what_is_too_much_is_left_out_the_same_way_each_time() {
        let folder = tempfile::tempdir().expect("a place for temporary files");
        tree(folder.path());
        let limits = Limits { entries: 200, ..Limits::default() };
        let one = walked_by(1, folder.path(), &limits);
        assert_eq!(one.entries.len(), 200);
        assert_eq!(one.gaps[0].reason, "more than 200 entries; the rest was not read");
        assert_eq!(walked_by(4, folder.path(), &limits), one);
    }
}
