//! A single file: a package, an archive of libraries, a zip archive of a tree, a program, or one lockfile.
//!
//! What it is is told by its content, and where that is text by its name.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use super::archive;
use super::decompress::Compression;
use super::image::own_name;
use super::packages::{deb, rpm};
use super::stream::of_tree;
use super::{Names, Request, Scheme, Snapshot, SourceError, directory};
use crate::bom::{Subject, SubjectKind};
use crate::layers::inside::{self, Kind};
use crate::layers::{Entry, Extract, Item, Node, Walk, unzip};

pub(super) const SCHEME: Scheme = Scheme {
    name: "file",
    about: "a package (deb, rpm, apk, jar, wheel), a zip archive, a program, a lockfile",
    names: Names::Path,
    read_all: None,
    recognises,
    read,
};

const ZIP: &[u8] = b"PK\x03\x04";

fn recognises(path: &Path) -> Result<bool, SourceError> {
    Ok(path.is_file())
}

fn read(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let path = request.path;
    let io_error = |error| SourceError::io(path, error);
    let head = archive::head(path)?;
    if head.is_empty() {
        return Err(SourceError::Empty { path: path.to_owned() });
    }
    let open = || File::open(path).map_err(io_error);
    if deb::is(&head) {
        return deb::read(BufReader::new(open()?), request);
    }
    if rpm::is(&head) {
        return rpm::read(BufReader::new(open()?), request);
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if head.starts_with(ZIP) && !inside::is_used_packed(&name) {
        return tree(BufReader::new(open()?), request);
    }
    let is_read = request.wanted.wants(&name) || Kind::of(&name, &head).is_some();
    if !is_read {
        return Err(SourceError::UnknownKind { path: path.to_owned() });
    }
    Ok(snapshot(name.clone(), directory::lone(request, &name)))
}

pub(super) fn snapshot(name: String, extract: Extract) -> Snapshot {
    let subject = Subject { kind: SubjectKind::File, name, ..Subject::default() };
    Snapshot { subject, gaps: extract.gaps.clone(), extracts: vec![extract], ..Snapshot::default() }
}

/// A zip archive of files.
fn tree(data: impl Read + std::io::Seek, request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let none = BTreeSet::new();
    let mut walk = Walk::new(request.wanted, &none, request.limits);
    unzip(data, &mut walk).map_err(|error| of_tree(request.path, error))?;
    Ok(snapshot(own_name(request.path), walk.finish()))
}

/// The same of what passes once and is no tar. What must be read here and there is held in memory.
pub(super) fn read_stream(
    head: &[u8],
    data: impl Read,
    compression: Compression,
    request: &Request<'_>,
) -> Result<Snapshot, SourceError> {
    let path = request.path;
    if deb::is(head) {
        return deb::read(data, request);
    }
    if rpm::is(head) {
        return rpm::read(data, request);
    }
    let name = own_file_name(path, compression);
    if !head.starts_with(ZIP) && Kind::of(&name, head).is_none() && !request.wanted.wants(&name) {
        return Err(SourceError::UnknownKind { path: path.to_owned() });
    }
    let limit = request.limits.archive_bytes;
    let mut bytes = Vec::new();
    let read = data.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| SourceError::io(path, error))?;
    if bytes.len() as u64 > limit {
        return Err(SourceError::TooLarge { path: path.to_owned(), limit });
    }
    let none = BTreeSet::new();
    let mut walk = Walk::new(request.wanted, &none, request.limits);
    let name = match head.starts_with(ZIP) && !inside::is_used_packed(&name) {
        true => {
            unzip(Cursor::new(&bytes), &mut walk).map_err(|error| of_tree(path, error))?;
            let extract = walk.finish();
            match used_packed(&extract) {
                None => return Ok(snapshot(own_name(path), extract)),
                Some(ending) => {
                    walk = Walk::new(request.wanted, &none, request.limits);
                    format!("{name}.{ending}")
                }
            }
        }
        false => name,
    };
    let item = Item::File { size: bytes.len() as u64, data: &mut bytes.as_slice() };
    walk.put(&name, item).map_err(|error| of_tree(path, error))?;
    Ok(snapshot(name, walk.finish()))
}

/// What a file would be called without what its compression added.
fn own_file_name(path: &Path, compression: Compression) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let endings: &[&str] = match compression {
        Compression::Gzip => &[".gz"],
        Compression::Zstd => &[".zst"],
        Compression::Xz => &[".xz"],
        Compression::Bzip2 | Compression::None => &[],
    };
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name).to_owned()
}

/// Which ending the name of a zip archive without a name would have, if it is one of libraries.
fn used_packed(extract: &Extract) -> Option<&'static str> {
    let has = |test: &dyn Fn(&str) -> bool| {
        extract.entries.iter().any(|Entry { path, node }| *node != Node::Directory && test(path))
    };
    if has(&|path| path == "META-INF/MANIFEST.MF") {
        return Some(if has(&|path| path.starts_with("WEB-INF/")) { "war" } else { "jar" });
    }
    let is_wheel = |path: &str| {
        path.split_once('/').is_some_and(|(folder, name)| folder.ends_with(".dist-info") && name == "WHEEL")
    };
    has(&is_wheel).then_some("whl")
}
