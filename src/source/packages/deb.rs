//! Packages of Debian and its kin: an ar of two tars, one about the package and one of its files.
//!
//! Spec: <https://manpages.debian.org/deb.5>

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;

use super::record;
use crate::bom::{Gap, GapKind, Subject, SubjectKind};
use crate::layers::{Extract, Walk, fill};
use crate::source::decompress::{Compression, Unpacked};
use crate::source::forward::Forward;
use crate::source::image::own_name;
use crate::source::stream::of_tree;
use crate::source::{Request, Snapshot, SourceError};

const MAGIC: &[u8] = b"!<arch>\n";

/// Where images without a package manager keep a file a package.
const RECORDS: &str = "var/lib/dpkg/status.d";

/// No honest member about a package is larger.
const MOST_CONTROL: u64 = 64 << 20;

/// Whether a file begins as a package does: an ar whose first member is the format's version.
pub(in crate::source) fn is(head: &[u8]) -> bool {
    head.strip_prefix(MAGIC).is_some_and(|rest| rest.starts_with(b"debian-binary"))
}

pub(in crate::source) fn read(mut data: impl Read, request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let broken = |source| SourceError::BrokenArchive { path: request.path.to_owned(), source };
    let none = BTreeSet::new();
    let mut walk = Walk::new(request.wanted, &none, request.limits).once();
    let limit = request.limits.of_layer(None);
    let mut control = Control::default();
    data.read_exact(&mut [0; 8]).map_err(broken)?;
    let mut has_files = false;
    while let Some((name, size)) = member(&mut data).map_err(broken)? {
        let mut body = (&mut data).take(size);
        if name.starts_with("control.tar") {
            control = Control::of(&mut body, limit).map_err(broken)?;
        } else if name.starts_with("data.tar") {
            has_files = true;
            files(&name, (&mut body, limit), &mut walk, request.path)?;
        }
        io::copy(&mut body, &mut io::sink()).map_err(broken)?;
        let short = body.limit() > 0;
        if short {
            return Err(broken(ends_inside(&name)));
        }
        // Members begin at even places.
        if size % 2 == 1 {
            io::copy(&mut (&mut data).take(1), &mut io::sink()).map_err(broken)?;
        }
    }
    if !has_files {
        return Err(broken(io::Error::new(io::ErrorKind::UnexpectedEof, "it has no data.tar")));
    }
    Ok(control.snapshot(walk.finish(), request.path))
}

fn ends_inside(name: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, format!("it ends inside `{name}`"))
}

/// The next member's name and size. `None` at the end.
fn member(data: &mut impl Read) -> io::Result<Option<(String, u64)>> {
    let mut header = [0; 60];
    match fill(data, &mut header)? {
        0 => return Ok(None),
        60 => {}
        _ => return Err(ends_inside("a member's header")),
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let name = text(&header[..16]);
    let size = text(&header[48..58]).parse().ok().filter(|_| header.ends_with(b"`\n"));
    let size =
        size.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a member's header is broken"))?;
    Ok(Some((name.trim_end_matches('/').to_owned(), size)))
}

fn opened<'a>(name: &str, data: impl Read + 'a, limit: u64) -> io::Result<Result<Unpacked<'a>, String>> {
    let mut data = data;
    let mut head = [0; 8];
    let length = fill(&mut data, &mut head)?;
    let compression = Compression::of(&head[..length]);
    if !compression.is_readable() || name.ends_with(".lzma") {
        return Ok(Err(format!(
            "`{name}` is in a compression that is not read, so its files are not listed"
        )));
    }
    let whole = io::Cursor::new(head[..length].to_vec()).chain(data);
    Unpacked::new(compression, whole, limit).map(Ok)
}

fn files(
    name: &str,
    (body, limit): (&mut impl Read, u64),
    walk: &mut Walk<'_>,
    path: &Path,
) -> Result<(), SourceError> {
    let broken = |source| SourceError::BrokenArchive { path: path.to_owned(), source };
    match opened(name, body, limit).map_err(broken)? {
        Ok(mut data) => {
            walk.tar(Forward::new(&mut data)).map_err(|error| of_tree(path, error))?;
            io::copy(&mut data, &mut io::sink()).map(|_| ()).map_err(broken)
        }
        Err(reason) => {
            walk.gap("", &reason);
            Ok(())
        }
    }
}

/// What a package says of itself.
#[derive(Default)]
struct Control {
    /// Members by name.
    members: Vec<(String, Vec<u8>)>,
    gap: Option<String>,
}

impl Control {
    fn of(body: &mut impl Read, limit: u64) -> io::Result<Self> {
        let mut control = Self::default();
        match opened("control.tar", body, limit)? {
            Ok(data) => {
                let mut archive = tar::Archive::new(data);
                for entry in archive.entries()? {
                    let mut entry = entry?;
                    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                    let name = name.trim_start_matches("./").to_owned();
                    if matches!(name.as_str(), "control" | "md5sums" | "conffiles") {
                        let mut bytes = Vec::new();
                        (&mut entry).take(MOST_CONTROL).read_to_end(&mut bytes)?;
                        control.members.push((name, bytes));
                    }
                }
            }
            Err(reason) => control.gap = Some(reason),
        }
        Ok(control)
    }

    fn field(&self, name: &str) -> Option<String> {
        let (_, text) = self.members.iter().find(|(member, _)| member == "control")?;
        let text = String::from_utf8_lossy(text);
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// What an installation without a package manager leaves: the paragraph, and beside it the rest.
    fn snapshot(self, mut extract: Extract, path: &Path) -> Snapshot {
        let name = self.field("Package").filter(|name| !name.contains(['/', '!']) && !name.starts_with('.'));
        let version = self.field("Version");
        if let Some(reason) = self.gap {
            extract.gaps.push(Gap { path: String::new(), line: None, kind: GapKind::Unread, reason });
        }
        for (member, bytes) in self.members {
            let Some(name) = &name else { break };
            let path = match member.as_str() {
                "control" => format!("{RECORDS}/{name}"),
                member => format!("{RECORDS}/{name}.{member}"),
            };
            extract.entries.push(record(path, bytes));
        }
        let subject = Subject {
            kind: SubjectKind::File,
            name: name.unwrap_or_else(|| own_name(path)),
            version,
            ..Subject::default()
        };
        Snapshot { subject, gaps: extract.gaps.clone(), extracts: vec![extract], ..Snapshot::default() }
    }
}
