//! An uncompressed tar on disk, its members found by header alone.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::SourceError;
use super::forward::Part;
use crate::layers::{Bounded, MOST_HEADS, clean, parent};

/// How many links one member may pass through. Old saved images link equal layers to each other.
pub(super) const MAX_LINKS: usize = 16;

/// Members of more images than anybody saves in one archive; a bound for hostile ones.
pub(super) const MAX_MEMBERS: usize = 1_000_000;

/// The index of a tar.
pub(super) struct Archive {
    path: PathBuf,
    members: BTreeMap<String, Member>,
}

enum Member {
    File { offset: u64, size: u64 },
    Link(String),
}

/// The first bytes of a file, at most one tar block.
pub(super) fn head(path: &Path) -> Result<Vec<u8>, SourceError> {
    let mut head = Vec::with_capacity(512);
    let file = File::open(path).map_err(|error| SourceError::io(path, error))?;
    file.take(512).read_to_end(&mut head).map_err(|error| SourceError::io(path, error))?;
    Ok(head)
}

/// Whether a file opens with a tar header: one whose checksum is right.
pub(super) fn is_tar(path: &Path) -> Result<bool, SourceError> {
    if !path.is_file() {
        return Ok(false);
    }
    Ok(is_tar_head(&head(path)?))
}

/// Whether these first bytes open with a tar header.
pub(super) fn is_tar_head(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<512>() else { return false };
    let stored = tar::Header::from_byte_slice(block).cksum();
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    stored.is_ok_and(|stored| stored == sum)
}

impl Archive {
    /// # Errors
    /// When the file cannot be read, is no tar, or ends before its last member does.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let io_error = |error| SourceError::io(path, error);
        let broken = |source| SourceError::BrokenArchive { path: path.to_owned(), source };
        let file = File::open(path).map_err(io_error)?;
        let length = file.metadata().map_err(io_error)?.len();
        let heads = Cell::new(MOST_HEADS);
        let mut archive = tar::Archive::new(Bounded { data: file, heads: &heads });
        let mut members = BTreeMap::new();
        for entry in archive.entries_with_seek().map_err(broken)? {
            let entry = entry.map_err(broken)?;
            // No body is read here.
            heads.set(MOST_HEADS);
            let Some(name) = clean(&entry.path_bytes()) else { continue };
            let member = match entry.header().entry_type() {
                tar::EntryType::Regular | tar::EntryType::Continuous => {
                    Member::File { offset: entry.raw_file_position(), size: entry.size() }
                }
                tar::EntryType::Symlink => match link_of(&entry, parent(&name)) {
                    Some(target) => Member::Link(target),
                    None => continue,
                },
                tar::EntryType::Link => match link_of(&entry, "") {
                    Some(target) => Member::Link(target),
                    None => continue,
                },
                _ => continue,
            };
            if let Member::File { offset, size } = member
                && offset.checked_add(size).is_none_or(|end| end > length)
            {
                return Err(broken(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!("it ends inside `{name}`"),
                )));
            }
            members.insert(name, member);
            if members.len() > MAX_MEMBERS {
                return Err(broken(io::Error::other(format!("it has more than {MAX_MEMBERS} members"))));
            }
        }
        Ok(Self { path: path.to_owned(), members })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Names of everything in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// A reader of one member. `None` when there is no such member.
    pub(super) fn open_member(&self, name: &str) -> io::Result<Option<io::Take<File>>> {
        let Some((offset, size)) = self.find(name) else { return Ok(None) };
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Some(file.take(size)))
    }

    /// The same, of which parts can be passed over unread.
    pub(super) fn open_part(&self, name: &str) -> io::Result<Option<Part>> {
        let Some((offset, size)) = self.find(name) else { return Ok(None) };
        Part::new(File::open(&self.path)?, offset, size).map(Some)
    }

    /// Bytes of one member; 0 when there is no such member.
    pub(super) fn size_of(&self, name: &str) -> u64 {
        self.find(name).map_or(0, |(_, size)| size)
    }

    fn find(&self, name: &str) -> Option<(u64, u64)> {
        let mut name = clean(name.as_bytes())?;
        for _ in 0..MAX_LINKS {
            match self.members.get(&name)? {
                Member::File { offset, size } => return Some((*offset, *size)),
                Member::Link(target) => name.clone_from(target),
            }
        }
        None
    }
}

pub(super) fn link_of<R: Read>(entry: &tar::Entry<'_, R>, folder: &str) -> Option<String> {
    let target = entry.link_name_bytes()?;
    clean(&[folder.as_bytes(), b"/", &target].concat())
}
