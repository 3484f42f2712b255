//! Layers of which only what is needed is fetched, where the layer says what it holds and its registry gives parts: eStargz
//! and zstd:chunked.
//!
//! A table of contents names every entry of such a layer, where its content lies and what digest each piece of it has. The
//! manifest has the table's own digest, and the manifest's digest is verified, so every byte that is used is verified too.
//! The digest of the layer and its diff ID are not: that needs all of it. Neither is that the table says the same as the
//! tar: who unpacks the layer gets what the tar says, who mounts it by its table what the table says, as here.
//!
//! The list is that of the whole layer. First comes what is asked for by name, and the beginning of what may be looked
//! into; then of programs and archives what is looked at of them. Where that amounts to most of the layer, nobody gives
//! parts, or anything does not fit, the layer is read whole.

mod estargz;
mod notes;
mod places;
mod runs;
mod table;
mod zstd_chunked;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::mem;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

pub(super) use self::notes::Notes;
use self::places::Places;
use self::runs::{Packing, Remote, Runs};
use self::table::{Bounds, Kind, Table};
use super::blobs::Blobs;
use super::layer::LayerBlob;
use super::progress::Progress;
use crate::layers::inside::{self, Inside};
use crate::layers::{Extract, Item, Limits, Need, Part, Walk, Wanted, clean};

/// A layer of fewer bytes is fetched whole: asking for its parts takes longer.
const LEAST: u64 = 1 << 20;
/// A table of more bytes is not read, packed or not.
const MOST_TABLE: u64 = 128 << 20;
/// A file of fewer bytes that may be looked into is fetched at once, and not first its beginning.
const SMALL: u64 = 128 << 10;
/// The largest piece that is fetched for a file's beginning.
const MOST_HEAD: u64 = 32 << 20;
/// Bytes of pieces that are held while it is found out what more is needed.
const MOST_HELD: u64 = 64 << 20;
/// How often it is found out what more of a program is needed. What is left then is fetched whole.
const ROUNDS: usize = 8;

/// Why a layer is read whole after all.
#[derive(Debug)]
pub(super) enum Whole {
    /// For a reason that speaks of nobody's honesty.
    Plain(Cow<'static, str>),
    /// What the layer says of itself is not so.
    Lies(String),
}

impl Whole {
    fn unreachable(error: &io::Error) -> Self {
        Self::Plain(format!("a part of it did not come: {error}").into())
    }
}

/// What was read of a layer by its table.
pub(super) struct Parts {
    pub(super) extract: Extract,
    /// Bytes that were asked for.
    pub(super) fetched: u64,
}

/// A layer, and who asks for it.
pub(super) struct Layer<'a> {
    pub(super) blobs: &'a dyn Blobs,
    pub(super) blob: &'a LayerBlob,
    pub(super) part: usize,
    pub(super) progress: Option<&'a dyn Progress>,
    pub(super) wanted: &'a Wanted,
    pub(super) limits: &'a Limits,
}

impl Layer<'_> {
    /// Reads of the layer what is needed of it.
    pub(super) fn read(&self) -> Result<Parts, Whole> {
        if self.wanted.digests().any() {
            return Err(Whole::Plain("the contents of all files are digested".into()));
        }
        let none = BTreeMap::new();
        let annotations = self.blob.annotations.as_ref().unwrap_or(&none);
        let zstd = zstd_chunked::said(annotations);
        let gzip = annotations.get(estargz::DIGEST);
        if zstd.is_none() && gzip.is_none() {
            return Err(Whole::Plain("the image's manifest names no table of contents".into()));
        }
        let size = self.blobs.size(&self.blob.name);
        if size < LEAST {
            return Err(Whole::Plain("it is small".into()));
        }
        let remote =
            Remote { blobs: self.blobs, name: &self.blob.name, part: self.part, progress: self.progress };
        let (packing, end, fetched, json) = match (zstd, gzip) {
            (Some(said), _) => {
                let json = zstd_table(&remote, &said, size)?;
                (
                    Packing::Zstd,
                    said.place.start - zstd_chunked::FRAME_HEAD,
                    said.place.end - said.place.start,
                    json,
                )
            }
            (None, Some(digest)) => {
                let (place, json) = gzip_table(&remote, digest, size, self.limits)?;
                (Packing::Gzip, place, size - place, json)
            }
            (None, None) => return Err(Whole::Plain("there is no table of contents".into())),
        };
        let bounds = Bounds { end, entries: self.limits.entries, unpacked: self.limits.of_layer(Some(size)) };
        let table = Table::parse(&json, bounds).map_err(lies)?;
        drop(json);
        let mut reading = Reading::of(self, &table, remote, packing, Spent { fetched, most: size });
        reading.files()?;
        let Reading { seen, spent, .. } = reading;
        let extract = extract(&table, seen, self.wanted, self.limits)?;
        Ok(Parts { extract, fetched: spent.fetched })
    }
}

fn lies(reason: impl AsRef<str>) -> Whole {
    Whole::Lies(format!("its table of contents cannot be used: {}", reason.as_ref()))
}

fn zstd_table(remote: &Remote<'_>, said: &zstd_chunked::Said<'_>, size: u64) -> Result<Vec<u8>, Whole> {
    if said.place.end > size {
        return Err(lies("it lies outside the blob"));
    }
    if said.unpacked.max(said.place.end - said.place.start) > MOST_TABLE {
        return Err(Whole::Plain("its table of contents is too large".into()));
    }
    let packed = remote.bytes(said.place.clone())?;
    verify(&packed, said.digest)?;
    zstd_chunked::unpacked(&packed, said.unpacked).map_err(lies)
}

/// The table, and where it begins.
fn gzip_table(
    remote: &Remote<'_>,
    digest: &str,
    size: u64,
    limits: &Limits,
) -> Result<(u64, Vec<u8>), Whole> {
    let footer = remote.bytes(size - estargz::FOOTER..size)?;
    let place = estargz::table_at(&footer).ok_or_else(|| lies("the blob does not end as eStargz does"))?;
    if place == 0 || place >= size - estargz::FOOTER {
        return Err(lies("it lies outside the blob"));
    }
    let length = size - estargz::FOOTER - place;
    if length > MOST_TABLE {
        return Err(Whole::Plain("its table of contents is too large".into()));
    }
    let packed = remote.bytes(place..place + length)?;
    let json = estargz::unpacked(&packed, limits.of_archive(length).min(MOST_TABLE)).map_err(lies)?;
    verify(&json, digest)?;
    Ok((place, json))
}

fn verify(bytes: &[u8], digest: &str) -> Result<(), Whole> {
    match table::sum(digest) {
        Some(sum) if Sha256::digest(bytes).as_slice() == sum.as_slice() => Ok(()),
        _ => Err(lies("it is not what the digest in the image's manifest says")),
    }
}

/// What was found out about a file's content.
enum Seen {
    /// All of what somebody asked for.
    Content(Vec<u8>),
    /// Its first bytes, of one that is too large to be looked into.
    Head(Vec<u8>),
    Looked(Inside),
}

/// How much was asked for, and how much may be.
struct Spent {
    fetched: u64,
    most: u64,
}

impl Spent {
    fn on(&mut self, bytes: u64) -> Result<(), Whole> {
        self.fetched = self.fetched.saturating_add(bytes);
        // With the table that would be nearly all, and what is fetched whole is verified.
        match self.fetched > self.most - self.most / 8 {
            true => Err(Whole::Plain("most of it is needed".into())),
            false => Ok(()),
        }
    }
}

/// A file of the layer of which something is asked.
struct File {
    row: usize,
    path: String,
    size: u64,
    chunks: Range<usize>,
    need: Need,
}

impl File {
    /// As many chunks as its beginning is in.
    fn head(&self, table: &Table) -> Range<usize> {
        let mut length = 0;
        let end = self.chunks.clone().find(|index| {
            length += table.chunks[*index].size;
            length >= inside::HEAD as u64
        });
        self.chunks.start..end.map_or(self.chunks.end, |last| last + 1)
    }

    /// Its beginning, and its last chunk.
    fn ends(&self, table: &Table) -> impl Iterator<Item = usize> {
        let head = self.head(table);
        let last = self.chunks.end - 1;
        head.clone().chain((!head.contains(&last)).then_some(last))
    }
}

struct Reading<'a> {
    layer: &'a Layer<'a>,
    table: &'a Table,
    remote: Remote<'a>,
    packing: Packing,
    spent: Spent,
    seen: HashMap<usize, Seen>,
    /// Bytes of what was seen and is to be kept.
    kept: u64,
    /// Chunks of which more will be made.
    held: HashMap<usize, Vec<u8>>,
    held_bytes: u64,
}

impl<'a> Reading<'a> {
    fn of(
        layer: &'a Layer<'a>,
        table: &'a Table,
        remote: Remote<'a>,
        packing: Packing,
        spent: Spent,
    ) -> Self {
        let (seen, held) = (HashMap::new(), HashMap::new());
        Self { layer, table, remote, packing, spent, seen, kept: 0, held, held_bytes: 0 }
    }

    /// Finds out about every file what is asked of it.
    fn files(&mut self) -> Result<(), Whole> {
        let (mut searched, mut placed) = self.beginnings()?;
        while !placed.is_empty() {
            let later = placed.split_off(self.at_once(&placed));
            searched.extend(self.places(placed)?);
            placed = later;
        }
        searched.sort_by_key(|file| file.row);
        let chunks: Vec<usize> = searched.iter().flat_map(|file| file.chunks.clone()).collect();
        let mut runs = self.runs(&chunks)?;
        let mut content = Vec::new();
        for file in &searched {
            content.clear();
            for index in file.chunks.clone() {
                match self.let_go(index) {
                    Some(held) => content.extend(held),
                    None => runs.read(index, &mut content)?,
                }
            }
            self.see_whole(file, &content)?;
        }
        Ok(())
    }

    /// What is asked for by name, and the beginnings of what may be looked into. Gives the files of which all and those of
    /// which some places are yet to be looked at.
    fn beginnings(&mut self) -> Result<(Vec<File>, Vec<File>), Whole> {
        let files = self.asked();
        let first = |file: &File| match file.need {
            Need::Head if file.size > SMALL => file.head(self.table),
            _ => file.chunks.clone(),
        };
        let is_large = |file: &File| {
            file.need == Need::Head
                && file.chunks.clone().next().is_some_and(|index| self.table.chunks[index].size > MOST_HEAD)
        };
        if files.iter().any(is_large) {
            return Err(Whole::Plain("its pieces are too large".into()));
        }
        let wanted = files.iter().filter(|file| file.need == Need::Whole).map(|file| file.size);
        if wanted.fold(0, u64::saturating_add) > self.layer.limits.layer_bytes {
            return Err(Whole::Plain("much of it is needed".into()));
        }
        let ranges: Vec<Range<usize>> = files.iter().map(first).collect();
        let chunks: Vec<usize> = ranges.iter().cloned().flatten().collect();
        let mut runs = self.runs(&chunks)?;
        let (mut searched, mut placed) = (Vec::new(), Vec::new());
        for (file, range) in files.into_iter().zip(ranges) {
            let mut content = Vec::new();
            let mut ends = Vec::new();
            for index in range.clone() {
                runs.read(index, &mut content)?;
                ends.push(content.len());
            }
            if range == file.chunks {
                self.see(&file, content)?;
                continue;
            }
            let part = Part::of(&file.path, file.size, &content, self.layer.wanted, self.layer.limits);
            let Some(part) = part else {
                self.pass_over(&file, &content);
                continue;
            };
            // What is not held is fetched again.
            let most = if matches!(part, Part::Whole(_)) { MOST_HELD / 4 } else { MOST_HELD / 2 };
            if self.held_bytes.saturating_add(content.len() as u64) <= most {
                let mut begin = 0;
                for (index, end) in range.zip(ends) {
                    self.hold(index, content[begin..end].to_vec());
                    begin = end;
                }
            }
            match part {
                Part::Whole(_) => searched.push(file),
                Part::Places(_) => placed.push(file),
            }
        }
        Ok((searched, placed))
    }

    /// The files of which anything is asked, in the order of the layer.
    fn asked(&self) -> Vec<File> {
        let (wanted, limits) = (self.layer.wanted, self.layer.limits);
        let links = linked(self.table, wanted);
        let rows = self.table.rows.iter().enumerate();
        rows.filter_map(|(index, row)| {
            let Kind::File { size, chunks } = &row.kind else { return None };
            let path = clean(row.name.as_bytes()).filter(|path| path.len() <= limits.path_bytes)?;
            let need = Need::of(&path, *size, links.contains(&path), wanted, limits);
            (*size > 0 && need != Need::Nothing).then(|| File {
                row: index,
                path,
                size: *size,
                chunks: chunks.clone(),
                need,
            })
        })
        .collect()
    }

    /// How many of these files, one at least, can be looked at together: their beginnings and ends are held.
    fn at_once(&self, files: &[File]) -> usize {
        let mut bytes = self.held_bytes;
        let fit = files.iter().take_while(|file| {
            let missing = file.ends(self.table).filter(|index| !self.held.contains_key(index));
            bytes = missing.map(|index| self.table.chunks[index].size).fold(bytes, u64::saturating_add);
            bytes <= MOST_HELD
        });
        fit.count().max(1)
    }

    /// Looks at places of programs until nothing more is asked for. Gives those that have to be read whole.
    fn places(&mut self, mut files: Vec<File>) -> Result<Vec<File>, Whole> {
        // What tells of the rest stands at the end of most programs.
        let mut asked: BTreeSet<usize> = files.iter().flat_map(|file| file.ends(self.table)).collect();
        for _ in 0..ROUNDS {
            asked.retain(|index| !self.held.contains_key(index));
            let bytes = asked.iter().map(|index| self.table.chunks[*index].size);
            if bytes.fold(self.held_bytes, u64::saturating_add) > MOST_HELD {
                break;
            }
            self.fetch(&mem::take(&mut asked))?;
            let mut left = Vec::new();
            for file in files {
                let missing = self.look_at_places(&file)?;
                if !missing.is_empty() {
                    asked.extend(missing);
                    left.push(file);
                }
            }
            files = left;
            if files.is_empty() {
                break;
            }
        }
        for index in files.iter().flat_map(|file| file.chunks.clone()) {
            self.let_go(index);
        }
        Ok(files)
    }

    /// Gives the chunks that are missing to say what is in a file.
    fn look_at_places(&mut self, file: &File) -> Result<BTreeSet<usize>, Whole> {
        let part = {
            let head: Vec<u8> =
                file.head(self.table).filter_map(|index| self.held.get(&index)).flatten().copied().collect();
            Part::of(&file.path, file.size, &head, self.layer.wanted, self.layer.limits)
        };
        let (Part::Whole(kind) | Part::Places(kind)) =
            part.ok_or_else(|| Whole::Plain("too much is needed at once".into()))?;
        let missing = RefCell::default();
        let places =
            Places::of(&self.table.chunks[file.chunks.clone()], file.chunks.start, &self.held, &missing);
        let inside = inside::look(kind, &file.path, places, self.layer.wanted, self.layer.limits);
        let missing: BTreeSet<usize> = missing.into_inner();
        if missing.is_empty() {
            for index in file.chunks.clone() {
                self.let_go(index);
            }
            self.keep(file, Seen::Looked(inside), 0)?;
        }
        Ok(missing)
    }

    fn fetch(&mut self, chunks: &BTreeSet<usize>) -> Result<(), Whole> {
        let chunks: Vec<usize> = chunks.iter().copied().collect();
        let mut runs = self.runs(&chunks)?;
        for index in chunks {
            let mut content = Vec::new();
            runs.read(index, &mut content)?;
            self.hold(index, content);
        }
        Ok(())
    }

    fn hold(&mut self, index: usize, content: Vec<u8>) {
        self.held_bytes += content.len() as u64;
        self.held.insert(index, content);
    }

    fn let_go(&mut self, index: usize) -> Option<Vec<u8>> {
        let content = self.held.remove(&index)?;
        self.held_bytes -= content.len() as u64;
        Some(content)
    }

    /// What gives these chunks, but for those that are held.
    fn runs(&mut self, chunks: &[usize]) -> Result<Runs<'a>, Whole> {
        let missing = chunks.iter().copied().filter(|index| !self.held.contains_key(index));
        let planned = runs::planned(self.table, missing);
        self.spent.on(runs::bytes_of(&planned))?;
        Ok(Runs::new(self.remote, self.packing, self.table, planned))
    }

    /// Takes a file whose content is all there.
    fn see(&mut self, file: &File, content: Vec<u8>) -> Result<(), Whole> {
        match file.need {
            Need::Whole => {
                let size = content.len() as u64;
                self.keep(file, Seen::Content(content), size)
            }
            _ => self.see_whole(file, &content),
        }
    }

    fn see_whole(&mut self, file: &File, content: &[u8]) -> Result<(), Whole> {
        let part = Part::of(&file.path, file.size, content, self.layer.wanted, self.layer.limits);
        let Some(Part::Whole(kind) | Part::Places(kind)) = part else {
            self.pass_over(file, content);
            return Ok(());
        };
        let data = io::Cursor::new(content);
        let inside = inside::look(kind, &file.path, data, self.layer.wanted, self.layer.limits);
        self.keep(file, Seen::Looked(inside), 0)
    }

    /// Keeps the beginning of a file that would be looked into if it were not too large: that is told later.
    fn pass_over(&mut self, file: &File, content: &[u8]) {
        let head = &content[..content.len().min(inside::HEAD)];
        if inside::Kind::of(&file.path, head).is_some() {
            self.seen.insert(file.row, Seen::Head(head.to_vec()));
        }
    }

    fn keep(&mut self, file: &File, seen: Seen, bytes: u64) -> Result<(), Whole> {
        let inside = match &seen {
            Seen::Looked(inside) => inside.entries.iter().map(|entry| entry.node.size()).sum(),
            _ => 0,
        };
        self.kept = self.kept.saturating_add(bytes).saturating_add(inside);
        if self.kept > self.layer.limits.layer_bytes {
            return Err(Whole::Plain("much of it is needed".into()));
        }
        self.seen.insert(file.row, seen);
        Ok(())
    }
}

/// Files that a name which is asked for is a hardlink to.
fn linked(table: &Table, wanted: &Wanted) -> BTreeSet<String> {
    let links = table.rows.iter().filter_map(|row| match &row.kind {
        Kind::Hardlink(target) if wanted.wants(&clean(row.name.as_bytes())?) => clean(target.as_bytes()),
        _ => None,
    });
    links.collect()
}

/// What the layer says, entry by entry.
fn extract(
    table: &Table,
    mut seen: HashMap<usize, Seen>,
    wanted: &Wanted,
    limits: &Limits,
) -> Result<Extract, Whole> {
    let also = linked(table, wanted);
    let mut walk = Walk::new(wanted, &also, limits);
    for (index, row) in table.rows.iter().enumerate() {
        let content;
        let mut data: &[u8] = &[];
        let item = match &row.kind {
            Kind::Directory => Item::Directory,
            Kind::Symlink(target) => Item::Symlink(target.to_string()),
            Kind::Hardlink(target) => Item::Hardlink(clean(target.as_bytes())),
            Kind::Other => Item::Other,
            Kind::File { size, .. } => match seen.remove(&index) {
                Some(Seen::Looked(inside)) => Item::Looked(inside),
                Some(Seen::Content(bytes) | Seen::Head(bytes)) => {
                    content = bytes;
                    data = &content;
                    Item::File { size: *size, data: &mut data }
                }
                None => Item::File { size: *size, data: &mut data },
            },
        };
        // What is too much for a list is too much for a tar, and said better there.
        walk.listed(&row.name, item).map_err(|error| Whole::Plain(error.to_string().into()))?;
    }
    Ok(walk.finish())
}
