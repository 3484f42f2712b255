//! What is kept of a layer's entries: the content of what is wanted, what lies inside archives and programs as they pass,
//! and of everything else its name.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};
use std::sync::{Mutex, PoisonError};

use tar::EntryType;

use super::body::{Source, fill, fill_all, read_whole};
use super::digests::Digesting;
use super::extract::{Entry, Extract, Item, Node};
use super::inside::{self, Inside, Kind, SIEVED, Sieve};
use super::links::{SPARE, Spare};
use super::whiteout::{LANDMARKS, Whiteout};
use super::{Digests, Limits, Wanted, clean};
use crate::bom::{Gap, GapKind};

/// Takes entries one by one, and keeps of each what is wanted of it.
pub(super) struct Keeper<'a> {
    pub(super) wanted: &'a Wanted,
    also: &'a BTreeSet<String>,
    /// Which large programs and archives are held while they are looked into. All of them where the data cannot be read again.
    pub(super) whole: Option<&'a BTreeSet<String>>,
    pub(super) limits: &'a Limits,
    kept: u64,
    /// In front, the file that is looked into at the moment; kept from one to the next for its memory.
    buffer: Vec<u8>,
    /// What was found inside the file of the current entry.
    inside: Inside,
    pub(super) extract: Extract,
}

/// An entry of a tar.
pub(super) struct Member<'a> {
    /// As written.
    pub(super) name: &'a [u8],
    pub(super) target: Option<&'a [u8]>,
    pub(super) kind: EntryType,
    pub(super) size: u64,
    /// Whether a map of where the data belong stands in front of them.
    pub(super) is_sparse: bool,
    pub(super) data: &'a mut dyn Read,
}

/// More memory than this is given back after a file was looked into.
const KEPT_BUFFER: usize = 4 << 20;

/// A file that is so large that no two of them are held at once.
const LARGE_BUFFER: usize = 32 << 20;

/// Held while a file larger than that is in memory: layers are read side by side, and two such files at once
/// would double the peak.
static ONE_LARGE_FILE: Mutex<()> = Mutex::new(());

impl<'a> Keeper<'a> {
    /// One that holds whole what it looks into.
    pub(super) fn new(wanted: &'a Wanted, also: &'a BTreeSet<String>, limits: &'a Limits) -> Self {
        Self {
            wanted,
            also,
            whole: None,
            limits,
            kept: 0,
            buffer: Vec::new(),
            inside: Inside::default(),
            extract: Extract::default(),
        }
    }

    pub(super) fn take(
        &mut self,
        path: &str,
        member: Member<'_>,
        spare: Option<&mut Spare>,
    ) -> io::Result<()> {
        if matches!(member.kind, EntryType::XGlobalHeader | EntryType::XHeader) || self.is_told(path) {
            return Ok(());
        }
        let item = match member.kind {
            EntryType::Directory => Item::Directory,
            EntryType::Symlink => {
                Item::Symlink(String::from_utf8_lossy(member.target.unwrap_or_default()).into_owned())
            }
            EntryType::Link => Item::Hardlink(member.target.and_then(clean)),
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                Item::File { size: member.size, data: member.data }
            }
            _ => Item::Other,
        };
        self.put(path, item, member.is_sparse, spare)
    }

    /// Notes what an entry says of others, and tells whether it is one that is no content itself.
    pub(super) fn is_told(&mut self, path: &str) -> bool {
        match Whiteout::of(path) {
            Some(Whiteout::Path(path)) => self.extract.whiteouts.push(path),
            Some(Whiteout::Contents(folder)) => self.extract.opaque.push(folder),
            Some(Whiteout::Bookkeeping) => {}
            None => return LANDMARKS.contains(&path),
        }
        true
    }

    pub(super) fn put(
        &mut self,
        path: &str,
        item: Item<'_>,
        is_sparse: bool,
        spare: Option<&mut Spare>,
    ) -> io::Result<()> {
        let node = match item {
            Item::Directory => Node::Directory,
            Item::Symlink(target) => Node::Symlink(target.into()),
            Item::Hardlink(Some(target)) => Node::Hardlink(target.into()),
            Item::File { size, data } => self.file(path, size, !is_sparse, data, spare)?,
            Item::Looked(inside) => {
                self.inside = inside;
                Node::Other
            }
            Item::Hardlink(None) | Item::Other => Node::Other,
        };
        if !path.is_empty() {
            let inside = std::mem::take(&mut self.inside);
            let mark = if node == Node::Directory { self.wanted.folder(path) } else { None };
            self.wanted.tell(path, &node);
            self.extract.entries.push(Entry { path: path.into(), node });
            self.extract.entries.extend(mark);
            if inside != Inside::default() {
                self.keep_inside(path, inside);
            }
        }
        Ok(())
    }

    fn file(
        &mut self,
        path: &str,
        size: u64,
        // PAX sparse files carry a map in front of their data; their name is a made-up one.
        is_readable: bool,
        data: &mut dyn Read,
        spare: Option<&mut Spare>,
    ) -> io::Result<Node> {
        let digests = if is_readable { self.wanted.digests() } else { Digests::default() };
        let mut body = Digesting::new(data, digests);
        let node = match spare.filter(|_| is_readable && self.may_be_linked(path, size)) {
            Some(spare) => {
                let mut content = Vec::with_capacity(size as usize);
                read_whole(&mut body, size, &mut content)?;
                let node = self.body(path, size, true, &mut content.as_slice())?;
                if node == Node::Other && !content.iter().take(512).any(|byte| *byte == 0) {
                    spare.keep(path, content);
                }
                node
            }
            None => self.body(path, size, is_readable, &mut body)?,
        };
        self.inside.entries.extend(body.finish(path)?);
        Ok(node)
    }

    /// Whether a name tells so little that it may be one in a store of contents, to which others are linked.
    fn may_be_linked(&self, path: &str, size: u64) -> bool {
        size <= SPARE.0 as u64 && inside::may_hold_something(path) && !self.wanted.wants(path)
    }

    fn body(&mut self, path: &str, size: u64, is_readable: bool, data: &mut impl Read) -> io::Result<Node> {
        let is_wanted = self.wanted.wants(path) || self.also.contains(path);
        let (mut head, mut begun, mut kind) = ([0; inside::HEAD], 0, None);
        if !is_wanted {
            if !inside::may_hold_something(path) {
                return Ok(Node::Other);
            }
            begun = fill(data, &mut head)?;
            kind = Kind::of_promising(path, &head[..begun]);
            if kind.is_none() {
                return Ok(Node::Other);
            }
        }
        if !is_readable {
            self.gap(path, "sparse file in PAX form is not read");
            return Ok(Node::Other);
        }
        match kind {
            None => self.wanted(path, size, data),
            Some(kind) => self.passing(path, kind, &head[..begun], size, data),
        }
    }

    fn wanted(&mut self, path: &str, size: u64, data: &mut impl Read) -> io::Result<Node> {
        if size > self.limits.file_bytes {
            self.gap(
                path,
                &format!("{size} bytes is more than the limit of {} a file", self.limits.file_bytes),
            );
            return Ok(Node::Other);
        }
        if !self.may_keep(path, size) {
            return Ok(Node::Other);
        }
        // The size is the archive's word: a truncated archive must not make us allocate it.
        let mut bytes = Vec::with_capacity(size.min(1 << 20) as usize);
        read_whole(data, size, &mut bytes)?;
        if let Some(kind) = Kind::of(path, &bytes[..bytes.len().min(inside::HEAD)]) {
            self.inside = inside::look(kind, path, Cursor::new(&bytes), self.wanted, self.limits);
        }
        Ok(Node::File(bytes.into()))
    }

    /// Looks into a file nobody asked for.
    fn passing(
        &mut self,
        path: &str,
        kind: Kind,
        head: &[u8],
        size: u64,
        data: &mut impl Read,
    ) -> io::Result<Node> {
        let limit = kind.limit(self.limits);
        if size > limit {
            self.gap(path, &format!("{size} bytes is more than the limit of {limit} to be looked into"));
            return Ok(Node::Other);
        }
        if self.whole.is_some_and(|whole| !whole.contains(path)) {
            match kind {
                Kind::Archive if size > inside::PASSED && head.starts_with(b"PK\x03\x04") => {
                    let mut data = Source { data: head.chain(data), left: size, failed: None };
                    let inside = inside::pass(path, size, &mut data, self.wanted, self.limits);
                    data.finish()?;
                    self.passed(path, inside);
                    return Ok(Node::Other);
                }
                Kind::Executable if size > SIEVED => {
                    self.make_room(head);
                    let window = &mut self.buffer[..inside::WINDOW];
                    let length = head.len() + fill(data, &mut window[head.len()..])?;
                    if let Some(sieve) = Sieve::of(path, size, &window[..length], self.wanted) {
                        let inside = sieve.pass(path, window, length, data, self.wanted, self.limits)?;
                        self.passed(path, inside);
                        return Ok(Node::Other);
                    }
                    return self.held(path, kind, length, size, data);
                }
                _ => {}
            }
        }
        self.make_room(head);
        self.held(path, kind, head.len(), size, data)
    }

    fn passed(&mut self, path: &str, inside: Option<Inside>) {
        match inside {
            Some(inside) => self.inside = inside,
            None => {
                self.extract.torn.insert(path.to_owned());
            }
        }
    }

    /// Looks into a file that is held whole, and of which `length` bytes are in the buffer.
    fn held(
        &mut self,
        path: &str,
        kind: Kind,
        length: usize,
        size: u64,
        data: &mut impl Read,
    ) -> io::Result<Node> {
        // A lock that guards no data cannot be left in a bad state.
        let _alone = (size > LARGE_BUFFER as u64)
            .then(|| ONE_LARGE_FILE.lock().unwrap_or_else(PoisonError::into_inner));
        let length = fill_all(data, length, size, &mut self.buffer)?;
        self.inside = inside::look(kind, path, Cursor::new(&self.buffer[..length]), self.wanted, self.limits);
        if self.buffer.capacity() > KEPT_BUFFER {
            self.buffer = Vec::new();
        }
        Ok(Node::Other)
    }

    /// Puts the beginning of a file in front of the buffer.
    fn make_room(&mut self, head: &[u8]) {
        const FIRST: usize = 1 << 20;
        if self.buffer.len() < FIRST {
            self.buffer.resize(FIRST, 0);
        }
        self.buffer[..head.len()].copy_from_slice(head);
    }

    fn keep_inside(&mut self, path: &str, inside: Inside) {
        if self.may_keep(path, inside.entries.iter().map(|entry| entry.node.size()).sum()) {
            inside.entries.iter().for_each(|entry| self.wanted.tell(&entry.path, &entry.node));
            self.extract.entries.extend(inside.entries);
        }
        for gap in inside.gaps {
            self.gap(&gap.path, &gap.reason);
        }
    }

    /// Counts bytes that are to be kept; a gap where they are too many.
    fn may_keep(&mut self, path: &str, size: u64) -> bool {
        let limit = self.limits.layer_bytes;
        let fits = self.kept.saturating_add(size) <= limit;
        if fits {
            self.kept += size;
        } else {
            self.gap(path, &format!("the layer's wanted files are more than the limit of {limit} bytes"));
        }
        fits
    }

    /// Whether an entry's name and its link's target are no longer than they may be.
    pub(super) fn is_short(&mut self, path: &str, target: usize) -> bool {
        let limit = self.limits.path_bytes;
        let is_short = path.len() <= limit && target <= limit;
        if !is_short {
            let reason = format!("its name or its link's target is longer than the limit of {limit} bytes");
            self.gap(shortened(path), &reason);
        }
        is_short
    }

    pub(super) fn gap(&mut self, path: &str, reason: &str) {
        if self.extract.gaps.len() >= MOST_GAPS {
            return;
        }
        let (path, reason) = match self.extract.gaps.len() + 1 {
            MOST_GAPS => ("", "there are more places that could not be read than are told"),
            _ => (path, reason),
        };
        let gap = Gap { path: path.to_owned(), line: None, kind: GapKind::Unread, reason: reason.to_owned() };
        self.extract.gaps.push(gap);
    }
}

/// More gaps of one layer are not told.
const MOST_GAPS: usize = 10_000;

/// The beginning of a path that is too long to be shown.
fn shortened(path: &str) -> &str {
    const SHOWN: usize = 200;
    path.char_indices().nth(SHOWN).map_or(path, |(end, _)| &path[..end])
}
