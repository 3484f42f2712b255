//! A revision of a git repository, read from the repository itself: nothing is checked out, and git is not run.
//!
//! `git:REV` is of the repository around the folder one stands in, `git:PATH@REV` of another. What a checkout would not
//! have either is a gap: the contents of submodules, and of files that Git LFS keeps elsewhere.
//!
//! Spec: <https://git-scm.com/docs/gitrevisions>, <https://git-scm.com/docs/gitrepository-layout>

mod delta;
mod objects;
mod pack;
mod revision;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat};

use self::objects::{Id, Objects, Store};
use super::image::own_name;
use super::stream::of_tree;
use super::{Names, Request, Scheme, Snapshot, SourceError};
use crate::bom::{Subject, SubjectKind};
use crate::layers::inside;
use crate::layers::{Item, Walk, clean};

pub(super) const SCHEME: Scheme = Scheme {
    name: "git",
    about: "a revision of a git repository: git:REV or git:PATH@REV",
    names: Names::Other(|path| Some(stores(path))),
    read_all: None,
    recognises: |_| Ok(false),
    read,
};

/// The largest file of a repository that says where its parts lie.
const SMALL: u64 = 16 << 20;

/// How a file begins whose content Git LFS keeps elsewhere.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Why a revision cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("`{}` is not in a git repository", .0.display())]
    NoRepository(PathBuf),
    #[error("the repository has no revision `{0}`")]
    NoRevision(String),
    #[error("`{0}` begins the names of several objects")]
    Ambiguous(String),
    #[error("the repository has no object {0}")]
    NoObject(String),
    #[error("the object {0} is not what its name says")]
    Lying(String),
    #[error("the repository is broken: {0}")]
    Broken(String),
    #[error("the repository is kept in a way that is not read: {0}")]
    Unknown(String),
    #[error("cannot read `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl GitError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// What the user can do about it.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoRepository(_) => "name it: git:PATH@REV",
            Self::NoRevision(_) => "a branch, tag or commit, also with ~1 or ^2; fetch it if it is elsewhere",
            Self::Ambiguous(_) => "write more of its digits",
            Self::NoObject(_) => "the clone may be shallow or partial: fetch the rest",
            Self::Unknown(_) => "check it out elsewhere, and name the folder",
            _ => return None,
        })
    }
}

fn read(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let text = request.path.to_str().unwrap_or_default();
    let (folder, name) = folder_and_revision(text);
    let failed = |error: GitError| SourceError::Git { name: text.to_owned(), source: Box::new(error) };
    let repository = Repository::around(&folder).map_err(failed)?;
    let objects = Objects::of(&repository).map_err(failed)?;
    let revision = revision::resolve(name, &repository, &objects).map_err(failed)?;
    let none = BTreeSet::new();
    let mut walk = Walk::new(request.wanted, &none, request.limits);
    take(&revision.tree, &objects, &mut walk, request, &failed)?;
    let extract = walk.finish();
    let created = revision.seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let subject = Subject {
        kind: SubjectKind::Directory,
        name: repository.name(),
        version: Some(revision.id.to_string()),
        created: created.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ..Subject::default()
    };
    Ok(Snapshot { subject, gaps: extract.gaps.clone(), extracts: vec![extract], ..Snapshot::default() })
}

/// Splits at the first `@` whose left side is there.
fn folder_and_revision(text: &str) -> (PathBuf, &str) {
    for (at, _) in text.match_indices('@') {
        if at > 0 && Path::new(&text[..at]).exists() {
            return (PathBuf::from(&text[..at]), &text[at + 1..]);
        }
    }
    (PathBuf::from("."), text)
}

/// Where the files lie that a revision is read from; none where there is no repository.
fn stores(path: &Path) -> Vec<PathBuf> {
    let (folder, _) = folder_and_revision(path.to_str().unwrap_or_default());
    let Ok(repository) = Repository::around(&folder) else { return Vec::new() };
    let objects = objects::folders(&repository.common);
    let Repository { own, common, root, .. } = repository;
    [root.join(".git"), own, common].into_iter().chain(objects).filter(|place| place.exists()).collect()
}

/// Where the parts of a repository lie.
pub(super) struct Repository {
    /// Of this work tree: its `HEAD`.
    own: PathBuf,
    /// Of all its work trees: objects and branches.
    common: PathBuf,
    /// What people call it.
    root: PathBuf,
    /// Whether names of objects are SHA-256.
    is_sha256: bool,
}

impl Repository {
    fn around(folder: &Path) -> Result<Self, GitError> {
        let start = folder.canonicalize().map_err(|error| GitError::io(folder, error))?;
        for folder in start.ancestors() {
            let git = folder.join(".git");
            if git.is_file() {
                let text = small(&git)?;
                let place = text.trim().strip_prefix("gitdir:").map(str::trim);
                let place =
                    place.ok_or_else(|| GitError::Broken(format!("`{}` leads nowhere", git.display())))?;
                return Self::at(&folder.join(place), folder);
            }
            if is_repository(&git) {
                return Self::at(&git, folder);
            }
            if is_repository(folder) {
                return Self::at(folder, folder);
            }
        }
        Err(GitError::NoRepository(folder.to_owned()))
    }

    fn at(own: &Path, root: &Path) -> Result<Self, GitError> {
        let common = match own.join("commondir").is_file() {
            true => own.join(small(&own.join("commondir"))?.trim()),
            false => own.to_owned(),
        };
        let config = small(&common.join("config")).unwrap_or_default();
        let said = |key: &str| {
            let lines = config.lines().filter_map(|line| line.split_once('='));
            let mut lines = lines.filter(|(name, _)| name.trim().eq_ignore_ascii_case(key));
            lines.next_back().map(|(_, value)| value.trim().to_ascii_lowercase())
        };
        if let Some(kind) = said("refstorage").filter(|kind| kind != "files") {
            return Err(GitError::Unknown(format!("its branches and tags lie in a {kind}")));
        }
        let is_sha256 = match said("objectformat").as_deref() {
            None | Some("sha1") => false,
            Some("sha256") => true,
            Some(other) => return Err(GitError::Unknown(format!("its objects are named by {other}"))),
        };
        Ok(Self { own: own.to_owned(), common, root: root.to_owned(), is_sha256 })
    }

    fn name(&self) -> String {
        let name = own_name(&self.root);
        name.strip_suffix(".git").filter(|name| !name.is_empty()).unwrap_or(&name).to_owned()
    }
}

fn is_repository(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir()
}

/// A small text of the repository.
fn small(path: &Path) -> Result<String, GitError> {
    let io_error = |error| GitError::io(path, error);
    let size = fs::metadata(path).map_err(io_error)?.len();
    if size > SMALL {
        return Err(GitError::Broken(format!("`{}` has {size} bytes", path.display())));
    }
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(io_error)
}

/// Takes every file of a tree.
fn take(
    root: &Id,
    objects: &Objects,
    walk: &mut Walk<'_>,
    request: &Request<'_>,
    failed: &impl Fn(GitError) -> SourceError,
) -> Result<(), SourceError> {
    let mut open = vec![(String::new(), root.clone())];
    while let Some((folder, id)) = open.pop() {
        let tree = objects.read(&id, Store::Tree, SMALL * 4).map_err(failed)?;
        let mut below = Vec::new();
        for entry in entries(&tree, objects.id_bytes()) {
            let (mode, name, id) =
                entry.ok_or_else(|| failed(GitError::Broken(format!("the tree {id} is cut"))))?;
            // A name is one name; a tree that says otherwise was not written by git.
            let path = clean(name).filter(|path| !path.is_empty() && !name.contains(&b'/'));
            let Some(name) = path else {
                walk.gap(&folder, "a name in it is none");
                continue;
            };
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let mut put = |path: &str, item: Item<'_>| {
                walk.put(path, item).map_err(|error| of_tree(request.path, error))
            };
            match mode {
                0o040_000 => {
                    put(&path, Item::Directory)?;
                    if path.len() <= request.limits.path_bytes {
                        below.push((path, id));
                    }
                }
                0o120_000 => {
                    let target = objects.read(&id, Store::Blob, SMALL).map_err(failed)?;
                    put(&path, Item::Symlink(String::from_utf8_lossy(&target).into_owned()))?;
                }
                0o160_000 => {
                    put(&path, Item::Directory)?;
                    walk.gap(&path, &format!("is a submodule at {id}, which is another repository"));
                }
                _ => file(&path, &id, objects, walk, request, failed)?,
            }
        }
        open.extend(below.into_iter().rev());
    }
    Ok(())
}

fn file(
    path: &str,
    id: &Id,
    objects: &Objects,
    walk: &mut Walk<'_>,
    request: &Request<'_>,
    failed: &impl Fn(GitError) -> SourceError,
) -> Result<(), SourceError> {
    let is_wanted = request.wanted.wants(path);
    let put = |walk: &mut Walk<'_>, item: Item<'_>| {
        walk.put(path, item).map_err(|error| of_tree(request.path, error))
    };
    if !is_wanted && !inside::may_hold_something(path) && !request.wanted.digests().any() {
        return put(walk, Item::Other);
    }
    let limit = if is_wanted { request.limits.file_bytes } else { request.limits.archive_bytes };
    let size = objects.size(id).map_err(failed)?;
    if size > limit {
        walk.gap(path, &format!("{size} bytes is more than the limit of {limit} a file"));
        return put(walk, Item::Other);
    }
    let content = objects.read(id, Store::Blob, limit).map_err(failed)?;
    if content.starts_with(LFS) {
        walk.gap(path, "is kept by Git LFS: its content is not in the repository");
    }
    put(walk, Item::File { size: content.len() as u64, data: &mut content.as_slice() })
}

/// Mode, name and object of each entry of a tree. `None` where it is cut.
fn entries(tree: &[u8], id_bytes: usize) -> impl Iterator<Item = Option<(u32, &[u8], Id)>> {
    let mut rest = tree;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let entry = entry(rest, id_bytes);
        rest = entry.as_ref().map_or(&[], |(_, _, _, rest)| rest);
        Some(entry.map(|(mode, name, id, _)| (mode, name, id)))
    })
}

fn entry(bytes: &[u8], id_bytes: usize) -> Option<(u32, &[u8], Id, &[u8])> {
    let space = memchr::memchr(b' ', bytes)?;
    let mode = u32::from_str_radix(std::str::from_utf8(&bytes[..space]).ok()?, 8).ok()?;
    let rest = &bytes[space + 1..];
    let end = memchr::memchr(0, rest)?;
    let (id, after) = rest[end + 1..].split_at_checked(id_bytes)?;
    Some((mode, &rest[..end], Id::of(id), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stands_before_the_revision() {
        assert_eq!(folder_and_revision("v1.2"), (PathBuf::from("."), "v1.2"));
        assert_eq!(folder_and_revision(".@main"), (PathBuf::from("."), "main"));
        assert_eq!(folder_and_revision("no/such@thing@1"), (PathBuf::from("."), "no/such@thing@1"));
    }

    #[test]
    fn a_tree_that_is_cut_is_told() {
        let tree = [b"100644 a\0".as_slice(), &[7; 20], b"40000 b\0", &[8; 20]].concat();
        let read =
            |tree: &[u8]| entries(tree, 20).map(|entry| entry.map(|(mode, ..)| mode)).collect::<Vec<_>>();
        assert_eq!(read(&tree), [Some(0o100_644), Some(0o040_000)]);
        assert_eq!(read(&tree[..tree.len() - 1]), [Some(0o100_644), None]);
        assert_eq!(read(b"nonsense"), [None]);
    }
}
