//! Packages of Red Hat's, SUSE's and their kin: a lead, a header of signatures, the header that the database keeps
//! too, and the files as a cpio.
//!
//! Spec: <https://rpm-software-management.github.io/rpm/manual/format_v4.html>

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};

use super::{cpio, record};
use crate::bom::{Subject, SubjectKind};
use crate::layers::{Walk, fill};
use crate::source::decompress::{Compression, Unpacked};
use crate::source::image::own_name;
use crate::source::{Request, Snapshot, SourceError};

const LEAD: usize = 96;
const LEAD_MAGIC: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];
const HEADER_MAGIC: [u8; 4] = [0x8e, 0xad, 0xe8, 0x01];

/// No honest header is larger.
const MOST_HEADER: u64 = 256 << 20;

/// Where a database of one package lies.
const DATABASE: &str = "var/lib/rpm/Packages";

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;

pub(in crate::source) fn is(head: &[u8]) -> bool {
    head.starts_with(&LEAD_MAGIC)
}

pub(in crate::source) fn read(mut data: impl Read, request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let broken = |source| SourceError::BrokenArchive { path: request.path.to_owned(), source };
    data.read_exact(&mut [0; LEAD]).map_err(broken)?;
    let signatures = header(&mut data).map_err(broken)?;
    let padding = signatures.len().next_multiple_of(8) - signatures.len();
    data.read_exact(&mut [0; 8][..padding]).map_err(broken)?;
    let header = header(&mut data).map_err(broken)?;
    let mut head = [0; 8];
    let length = fill(&mut data, &mut head).map_err(broken)?;
    let compression = Compression::of(&head[..length]);
    let data = Cursor::new(head[..length].to_vec()).chain(data);
    let none = BTreeSet::new();
    let mut walk = Walk::new(request.wanted, &none, request.limits).once();
    let is_plain_lzma = head.starts_with(&[0x5d, 0, 0]);
    if compression.is_readable() && !is_plain_lzma {
        let unpacked = Unpacked::new(compression, data, request.limits.of_layer(None)).map_err(broken)?;
        cpio::read(unpacked, &mut walk, request.path)?;
    } else {
        walk.gap("", "the files are in a compression that is not read, so they are not looked into");
    }
    let mut extract = walk.finish();
    let subject = Subject {
        kind: SubjectKind::File,
        name: text(&header, NAME).unwrap_or_else(|| own_name(request.path)),
        version: text(&header, VERSION).map(|version| match text(&header, RELEASE) {
            Some(release) => format!("{version}-{release}"),
            None => version,
        }),
        ..Subject::default()
    };
    extract.entries.push(record(DATABASE.to_owned(), header));
    Ok(Snapshot { subject, gaps: extract.gaps.clone(), extracts: vec![extract], ..Snapshot::default() })
}

/// A header with its magic.
fn header(data: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut header = vec![0; 16];
    data.read_exact(&mut header)?;
    let number = |at: usize| header.get(at..at + 4)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
    let (Some(entries), Some(store)) = (number(8), number(12)) else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let size = u64::from(entries) * 16 + u64::from(store);
    if !header.starts_with(&HEADER_MAGIC) || size > MOST_HEADER {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a header of the rpm is broken"));
    }
    // As much memory as there are bytes, and not as the header says.
    data.take(size).read_to_end(&mut header)?;
    match header.len() as u64 == size + 16 {
        true => Ok(header),
        false => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends inside its header")),
    }
}

/// A text of the header.
fn text(header: &[u8], tag: u32) -> Option<String> {
    let number = |bytes: &[u8], at: usize| {
        bytes.get(at..at + 4)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
    };
    let entries = usize::try_from(number(header, 8)?).ok()?;
    let index = header.get(16..)?.get(..entries.checked_mul(16)?)?;
    let entry = index.chunks_exact(16).find(|entry| number(entry, 0) == Some(tag))?;
    let store = header.get(16 + index.len()..)?;
    let text = store.get(usize::try_from(number(entry, 8)?).ok()?..)?;
    let end = text.iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(&text[..end]).into_owned())
}
