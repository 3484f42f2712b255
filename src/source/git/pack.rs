//! Packs: many objects in one file, each whole or as its difference to another, and an index of where each lies.
//!
//! Spec: <https://git-scm.com/docs/pack-format>

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;

use super::GitError;
use super::delta;
use super::objects::{Id, Object, Store};
use crate::source::pages::read_at;

const INDEX: &[u8] = b"\xfftOc\0\0\0\x02";
const HEADER: u64 = 8;
const FANOUT: u64 = 256 * 4;

/// git makes chains of 50, and 4095 at most.
const MAX_CHAIN: usize = 4096;

pub(super) struct Pack {
    path: PathBuf,
    data: File,
    index: File,
    /// How many objects have names that begin with this byte or a lower one.
    fanout: Vec<u32>,
    id_bytes: u64,
}

/// Where an object's base is.
enum Base {
    Here(u64),
    Named(Id),
}

impl Pack {
    /// # Errors
    /// When a part of it is missing, or its index is of another version.
    pub(super) fn open(index: &Path, id_bytes: usize) -> Result<Self, GitError> {
        let path = index.with_extension("pack");
        let open = |path: &Path| File::open(path).map_err(|error| GitError::io(path, error));
        let (data, file) = (open(&path)?, open(index)?);
        let mut head = vec![0; (HEADER + FANOUT) as usize];
        exactly(&file, &mut head, 0).map_err(|error| GitError::io(index, error))?;
        if !head.starts_with(INDEX) {
            return Err(GitError::Unknown(format!("`{}` is of another version", index.display())));
        }
        let numbers = head[HEADER as usize..].chunks_exact(4);
        let fanout: Vec<u32> =
            numbers.filter_map(|bytes| bytes.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))).collect();
        if !fanout.is_sorted() {
            return Err(GitError::Broken(format!("`{}` is not in order", index.display())));
        }
        Ok(Self { path, data, index: file, fanout, id_bytes: id_bytes as u64 })
    }

    fn broken(&self, what: &str) -> GitError {
        GitError::Broken(format!("{what} in `{}`", self.path.display()))
    }

    fn io(&self, error: io::Error) -> GitError {
        GitError::io(&self.path, error)
    }

    fn count(&self) -> u64 {
        self.fanout.last().copied().unwrap_or_default().into()
    }

    fn name(&self, at: u64) -> Result<Vec<u8>, GitError> {
        let mut name = vec![0; self.id_bytes as usize];
        exactly(&self.index, &mut name, HEADER + FANOUT + at * self.id_bytes)
            .map_err(|error| self.io(error))?;
        Ok(name)
    }

    /// Where the names stand that begin with this byte.
    fn range(&self, first: u8) -> (u64, u64) {
        let count = |at: usize| self.fanout.get(at).copied().unwrap_or_default();
        let low = usize::from(first).checked_sub(1).map_or(0, count);
        (low.into(), count(first.into()).into())
    }

    /// The place of the first name that is not below this one.
    fn place(&self, name: &[u8]) -> Result<u64, GitError> {
        let (mut low, mut high) = self.range(name.first().copied().unwrap_or_default());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.name(middle)?.as_slice() < name {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Names that begin with these digits, at most two of them.
    pub(super) fn beginning_with(&self, digits: &str) -> Result<Vec<Id>, GitError> {
        let least = Id::beginning(digits, self.id_bytes as usize);
        let mut found = Vec::new();
        for at in self.place(least.bytes())?..self.count() {
            let id = Id::of(&self.name(at)?);
            if !id.to_string().starts_with(digits) || found.len() == 2 {
                break;
            }
            found.push(id);
        }
        Ok(found)
    }

    /// Where an object lies. `None` when it is not here.
    pub(super) fn find(&self, id: &Id) -> Result<Option<u64>, GitError> {
        let at = self.place(id.bytes())?;
        if at >= self.count() || self.name(at)? != id.bytes() {
            return Ok(None);
        }
        let offsets = HEADER + FANOUT + self.count() * (self.id_bytes + 4);
        let small = self.number(offsets + at * 4)?;
        if small & 0x8000_0000 == 0 {
            return Ok(Some(small.into()));
        }
        let large = offsets + self.count() * 4 + u64::from(small & 0x7fff_ffff) * 8;
        Ok(Some(u64::from(self.number(large)?) << 32 | u64::from(self.number(large + 4)?)))
    }

    fn number(&self, at: u64) -> Result<u32, GitError> {
        let mut bytes = [0; 4];
        exactly(&self.index, &mut bytes, at).map_err(|error| self.io(error))?;
        Ok(u32::from_be_bytes(bytes))
    }

    /// How many bytes an object has.
    pub(super) fn size(&self, offset: u64) -> Result<u64, GitError> {
        let head = self.head(offset)?;
        if head.base.is_none() {
            return Ok(head.size);
        }
        // A delta begins with the sizes of its base and of its result.
        let mut beginning = Vec::new();
        let read = self.inflated(head.data).take(20).read_to_end(&mut beginning);
        read.map_err(|error| self.io(error))?;
        delta::size_of_result(&beginning).ok_or_else(|| self.broken("a delta is broken"))
    }

    /// An object of at most `limit` bytes. `other` finds bases that are not in this pack.
    pub(super) fn read(
        &self,
        offset: u64,
        limit: u64,
        other: impl Fn(&Id) -> Result<Object, GitError>,
    ) -> Result<Object, GitError> {
        let mut deltas = Vec::new();
        let mut offset = offset;
        let mut object = loop {
            let head = self.head(offset)?;
            let content = self.content(&head, limit)?;
            match head.base {
                None => {
                    let store = head.store.ok_or_else(|| self.broken("an object of no kind"))?;
                    break Object { store, content };
                }
                Some(base) => {
                    deltas.push(content);
                    if deltas.len() > MAX_CHAIN {
                        return Err(self.broken("a chain of deltas without end"));
                    }
                    match base {
                        Base::Here(place) => offset = place,
                        Base::Named(id) => match self.find(&id)? {
                            Some(place) => offset = place,
                            None => break other(&id)?,
                        },
                    }
                }
            }
        };
        while let Some(delta) = deltas.pop() {
            object.content = delta::applied(&object.content, &delta, limit)
                .ok_or_else(|| self.broken("a delta does not fit"))?;
        }
        Ok(object)
    }

    fn content(&self, head: &Head, limit: u64) -> Result<Vec<u8>, GitError> {
        if head.size > limit {
            return Err(self.broken("an object is larger than it may be"));
        }
        // The size is the pack's word, and memory follows what is there.
        let mut content = Vec::with_capacity(head.size.min(1 << 20) as usize);
        let read = self.inflated(head.data).take(head.size + 1).read_to_end(&mut content);
        read.map_err(|error| self.io(error))?;
        match content.len() as u64 == head.size {
            true => Ok(content),
            false => Err(self.broken("an object is not as long as it says")),
        }
    }

    fn inflated(&self, at: u64) -> impl Read {
        ZlibDecoder::new(BufReader::new(From { file: &self.data, at }))
    }

    fn head(&self, offset: u64) -> Result<Head, GitError> {
        let cut = || self.broken("an object is cut");
        let mut bytes = [0; 64];
        let length = most(&self.data, &mut bytes, offset).map_err(|error| self.io(error))?;
        let mut at = 0;
        let mut next = || {
            let byte = bytes[..length].get(at).copied();
            at += 1;
            byte
        };
        let first = next().ok_or_else(cut)?;
        let mut size = u64::from(first & 15);
        let mut more = first & 0x80 != 0;
        let mut shift = 4;
        while more {
            let byte = next().filter(|_| shift < 60).ok_or_else(cut)?;
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            more = byte & 0x80 != 0;
        }
        let kind = first >> 4 & 7;
        let mut base = None;
        match kind {
            6 => {
                let mut byte = next().ok_or_else(cut)?;
                let mut back = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = next().filter(|_| back < 1 << 55).ok_or_else(cut)?;
                    back = ((back + 1) << 7) | u64::from(byte & 0x7f);
                }
                let place = offset.checked_sub(back).filter(|_| back > 0).ok_or_else(cut)?;
                base = Some(Base::Here(place));
            }
            7 => {
                let id: Option<Vec<u8>> = (0..self.id_bytes).map(|_| next()).collect();
                base = Some(Base::Named(Id::of(&id.ok_or_else(cut)?)));
            }
            _ => {}
        }
        Ok(Head { store: Store::of_pack(kind), size, base, data: offset + at as u64 })
    }
}

struct Head {
    store: Option<Store>,
    /// Of what is packed here: of the delta, where it is one.
    size: u64,
    base: Option<Base>,
    data: u64,
}

/// A file from a place on.
struct From<'a> {
    file: &'a File,
    at: u64,
}

impl Read for From<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = read_at(self.file, buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// As many bytes as there are.
fn most(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    crate::layers::fill(&mut From { file, at }, buffer)
}

fn exactly(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    match most(file, buffer, at)? == buffer.len() {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
