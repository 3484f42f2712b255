//! Objects of a repository by name: loose ones, each a file, and those in packs; also those of repositories it borrows
//! from. Every object that is read is digested, and is what its name says.
//!
//! Spec: <https://git-scm.com/docs/gitrepository-layout>

use std::fmt;
use std::fs::{self, File};
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::pack::Pack;
use super::{GitError, Repository, small};

/// Repositories that one borrows from, and those borrow from.
const MAX_ALTERNATES: usize = 64;

/// `blob 18446744073709551615` and a zero.
const LONGEST_HEAD: usize = 32;

/// The name of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(Vec<u8>);

impl Id {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// A whole name in hexadecimal digits.
    pub(super) fn parse(text: &str, id_bytes: usize) -> Option<Self> {
        let is_whole = text.len() == id_bytes * 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_whole.then(|| Self::beginning(&text.to_ascii_lowercase(), id_bytes))
    }

    /// The lowest name that begins with these digits.
    pub(super) fn beginning(digits: &str, id_bytes: usize) -> Self {
        let digit = |at: usize| {
            let letter = digits.as_bytes().get(at).map_or('0', |byte| char::from(*byte));
            letter.to_digit(16).unwrap_or_default() as u8
        };
        Self((0..id_bytes).map(|at| digit(at * 2) << 4 | digit(at * 2 + 1)).collect())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Store {
    fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    fn named(name: &[u8]) -> Option<Self> {
        [Self::Commit, Self::Tree, Self::Blob, Self::Tag]
            .into_iter()
            .find(|kind| kind.name().as_bytes() == name)
    }

    pub(super) fn of_pack(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Commit),
            2 => Some(Self::Tree),
            3 => Some(Self::Blob),
            4 => Some(Self::Tag),
            _ => None,
        }
    }
}

pub(super) struct Object {
    pub(super) store: Store,
    pub(super) content: Vec<u8>,
}

pub(super) struct Objects {
    folders: Vec<PathBuf>,
    packs: Vec<Pack>,
    is_sha256: bool,
}

/// The folders that a repository's objects lie in: its own, and those of others that it borrows from.
pub(super) fn folders(common: &Path) -> Vec<PathBuf> {
    let mut folders = vec![common.join("objects")];
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        let Ok(text) = small(&folder.join("info/alternates")) else { continue };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let other = folder.join(line);
            if folders.len() < MAX_ALTERNATES && !folders.contains(&other) {
                folders.push(other);
            }
        }
    }
    folders
}

impl Objects {
    pub(super) fn of(repository: &Repository) -> Result<Self, GitError> {
        let folders = folders(&repository.common);
        let mut objects = Self { folders, packs: Vec::new(), is_sha256: repository.is_sha256 };
        for folder in &objects.folders {
            let files = fs::read_dir(folder.join("pack")).into_iter().flatten().flatten();
            let mut paths: Vec<PathBuf> = files.map(|file| file.path()).collect();
            paths.retain(|path| path.extension().is_some_and(|extension| extension == "idx"));
            paths.sort();
            for path in paths {
                objects.packs.push(Pack::open(&path, objects.id_bytes())?);
            }
        }
        Ok(objects)
    }

    pub(super) fn id_bytes(&self) -> usize {
        if self.is_sha256 { 32 } else { 20 }
    }

    /// Every object whose name begins with these digits, at most two of them.
    pub(super) fn beginning_with(&self, digits: &str) -> Result<Vec<Id>, GitError> {
        let mut found = Vec::new();
        if let (Some(first), Some(rest)) = (digits.get(..2), digits.get(2..)) {
            for folder in &self.folders {
                for file in fs::read_dir(folder.join(first)).into_iter().flatten().flatten() {
                    let name = file.file_name();
                    let name = name.to_str().filter(|name| name.starts_with(rest));
                    found.extend(name.and_then(|name| Id::parse(&format!("{first}{name}"), self.id_bytes())));
                }
            }
        }
        for pack in &self.packs {
            found.extend(pack.beginning_with(digits)?);
        }
        found.sort();
        found.dedup();
        found.truncate(2);
        Ok(found)
    }

    /// How many bytes an object has.
    pub(super) fn size(&self, id: &Id) -> Result<u64, GitError> {
        for pack in &self.packs {
            if let Some(offset) = pack.find(id)? {
                return pack.size(offset);
            }
        }
        let (_, size, _) = self.loose(id)?;
        Ok(size)
    }

    /// The content of an object that must be of this kind, at most `limit` bytes.
    pub(super) fn read(&self, id: &Id, store: Store, limit: u64) -> Result<Vec<u8>, GitError> {
        let object = self.any(id, limit)?;
        match object.store == store {
            true => Ok(object.content),
            false => Err(GitError::Broken(format!("{id} is no {}", store.name()))),
        }
    }

    /// An object of whatever kind.
    pub(super) fn any(&self, id: &Id, limit: u64) -> Result<Object, GitError> {
        let object = self.found(id, limit)?;
        let head = format!("{} {}\0", object.store.name(), object.content.len());
        let digest = match self.is_sha256 {
            true => {
                Sha256::new().chain_update(head.as_bytes()).chain_update(&object.content).finalize().to_vec()
            }
            false => {
                Sha1::new().chain_update(head.as_bytes()).chain_update(&object.content).finalize().to_vec()
            }
        };
        match digest == id.0 {
            true => Ok(object),
            false => Err(GitError::Lying(id.to_string())),
        }
    }

    fn found(&self, id: &Id, limit: u64) -> Result<Object, GitError> {
        for pack in &self.packs {
            if let Some(offset) = pack.find(id)? {
                // A base outside the pack is whole or in another: a pack that points back and forth has no end.
                return pack.read(offset, limit, |base| self.loose_object(base, limit));
            }
        }
        self.loose_object(id, limit)
    }

    fn loose_object(&self, id: &Id, limit: u64) -> Result<Object, GitError> {
        let (store, size, data) = self.loose(id)?;
        let broken = || GitError::Broken(format!("the object {id} is not as long as it says"));
        if size > limit {
            return Err(broken());
        }
        let mut content = Vec::with_capacity(size.min(1 << 20) as usize);
        let read = data.take(size + 1).read_to_end(&mut content);
        read.map_err(|error| GitError::Broken(format!("the object {id}: {error}")))?;
        if content.len() as u64 != size {
            return Err(broken());
        }
        Ok(Object { store, content })
    }

    /// A loose object's kind and size, and its content to be read.
    fn loose(&self, id: &Id) -> Result<(Store, u64, impl Read + use<>), GitError> {
        let name = id.to_string();
        for folder in &self.folders {
            let path = folder.join(&name[..2]).join(&name[2..]);
            match File::open(&path) {
                Ok(file) => return head(&path, file),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(GitError::io(&path, error)),
            }
        }
        Err(GitError::NoObject(name))
    }
}

fn head(path: &Path, file: File) -> Result<(Store, u64, ZlibDecoder<BufReader<File>>), GitError> {
    let broken = || GitError::Broken(format!("`{}` is no object", path.display()));
    let mut data = ZlibDecoder::new(BufReader::new(file));
    let mut head = Vec::new();
    let mut byte = [0];
    loop {
        data.read_exact(&mut byte).map_err(|_| broken())?;
        if byte == [0] {
            break;
        }
        head.push(byte[0]);
        if head.len() > LONGEST_HEAD {
            return Err(broken());
        }
    }
    let space = head.iter().position(|byte| *byte == b' ').ok_or_else(broken)?;
    let store = Store::named(&head[..space]).ok_or_else(broken)?;
    let size = std::str::from_utf8(&head[space + 1..]).ok().and_then(|text| text.parse().ok());
    Ok((store, size.ok_or_else(broken)?, data))
}
