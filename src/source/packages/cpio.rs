//! cpio archives of the new ASCII kind, in which rpm packs its files.
//!
//! Of the names of one file only the last has the content; the others come before it, empty.
//! Spec: <https://www.mankier.com/5/cpio>

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use crate::layers::{Item, Walk, clean, fill};
use crate::source::SourceError;
use crate::source::stream::of_tree;

const HEADER: usize = 110;
const END: &[u8] = b"TRAILER!!!";

/// The longest name of a file anywhere, and more.
const MOST_NAME: u64 = 64 << 10;

const KIND: u64 = 0o170_000;
const FILE: u64 = 0o100_000;
const FOLDER: u64 = 0o040_000;
const LINK: u64 = 0o120_000;

/// Names that wait for the content of their file, of all files together.
const MOST_WAITING: usize = 1_000_000;

struct Header {
    inode: (u64, u64, u64),
    mode: u64,
    names: u64,
    size: u64,
    name: u64,
}

pub(super) fn read(mut data: impl Read, walk: &mut Walk<'_>, path: &Path) -> Result<(), SourceError> {
    let broken = |source| SourceError::BrokenArchive { path: path.to_owned(), source };
    let put = |walk: &mut Walk<'_>, name: &str, item: Item<'_>| {
        walk.put(name, item).map_err(|error| of_tree(path, error))
    };
    let mut waiting: BTreeMap<(u64, u64, u64), Vec<String>> = BTreeMap::new();
    let mut count = 0;
    loop {
        let header = header(&mut data).map_err(broken)?;
        let name = name(&mut data, &header).map_err(broken)?;
        if name == END {
            break;
        }
        let mut body = (&mut data).take(header.size);
        match clean(&name).filter(|name| !name.is_empty()) {
            None => {}
            Some(name) if header.mode & KIND == FOLDER => put(walk, &name, Item::Directory)?,
            Some(name) if header.mode & KIND == LINK => {
                let mut target = Vec::new();
                (&mut body).take(MOST_NAME).read_to_end(&mut target).map_err(broken)?;
                put(walk, &name, Item::Symlink(String::from_utf8_lossy(&target).into_owned()))?;
            }
            Some(name) if header.mode & KIND == FILE && header.size == 0 && header.names > 1 => {
                count += 1;
                if count > MOST_WAITING {
                    return Err(broken(io::Error::other("it has too many names of empty files")));
                }
                waiting.entry(header.inode).or_default().push(name);
            }
            Some(name) if header.mode & KIND == FILE => {
                put(walk, &name, Item::File { size: header.size, data: &mut body })?;
                for other in waiting.remove(&header.inode).unwrap_or_default() {
                    put(walk, &other, Item::Hardlink(Some(name.clone())))?;
                }
            }
            Some(name) => put(walk, &name, Item::Other)?,
        }
        io::copy(&mut body, &mut io::sink()).map_err(broken)?;
        if body.limit() > 0 {
            return Err(broken(ends()));
        }
        pad(&mut data, header.size).map_err(broken)?;
    }
    // Files that are empty indeed.
    for name in waiting.into_values().flatten() {
        put(walk, &name, Item::File { size: 0, data: &mut io::empty() })?;
    }
    io::copy(&mut data, &mut io::sink()).map(|_| ()).map_err(broken)
}

fn ends() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "its cpio ends inside a file")
}

fn header(data: &mut impl Read) -> io::Result<Header> {
    let mut header = [0; HEADER];
    if fill(data, &mut header)? < HEADER {
        return Err(ends());
    }
    let bad =
        || io::Error::new(io::ErrorKind::InvalidData, "its cpio is broken, or of a kind that is not read");
    if !header.starts_with(b"070701") && !header.starts_with(b"070702") {
        return Err(bad());
    }
    let number = |field: usize| {
        let digits = header.get(6 + field * 8..14 + field * 8)?;
        u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let read = || {
        Some(Header {
            inode: (number(0)?, number(7)?, number(8)?),
            mode: number(1)?,
            names: number(4)?,
            size: number(6)?,
            name: number(11)?,
        })
    };
    read().ok_or_else(bad)
}

fn name(data: &mut impl Read, header: &Header) -> io::Result<Vec<u8>> {
    if header.name > MOST_NAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its cpio has an endless name"));
    }
    let mut name = Vec::new();
    data.take(header.name).read_to_end(&mut name)?;
    if (name.len() as u64) < header.name {
        return Err(ends());
    }
    pad(data, HEADER as u64 + header.name)?;
    if name.last() == Some(&0) {
        name.pop();
    }
    Ok(name)
}

/// What fills up to the next multiple of four.
fn pad(data: &mut impl Read, size: u64) -> io::Result<()> {
    io::copy(&mut data.take(size.next_multiple_of(4) - size), &mut io::sink()).map(|_| ())
}
