//! A tar of a root file system or a source tree, and any tar that is compressed: of an image too.
//!
//! A plain tar lies on the disk and may be read twice; one that is compressed passes once, as from standard input.

use std::fs::File;
use std::path::Path;

use super::archive::{self, Archive};
use super::decompress::Compression;
use super::forward::Part;
use super::image::own_name;
use super::packages::gem;
use super::{Names, Request, Scheme, Snapshot, SourceError, stream};
use crate::bom::{Subject, SubjectKind};
use crate::layers::{Again, extract};

pub(super) const SCHEME: Scheme = Scheme {
    name: "tar",
    about: "a tar of files, or any tar that is compressed",
    names: Names::Path,
    read_all: None,
    recognises,
    read,
};

fn recognises(path: &Path) -> Result<bool, SourceError> {
    if !path.is_file() {
        return Ok(false);
    }
    let head = archive::head(path)?;
    Ok(archive::is_tar_head(&head) || Compression::of(&head) != Compression::None)
}

fn read(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let path = request.path;
    let open = || File::open(path).map_err(|error| SourceError::io(path, error));
    if !archive::is_tar(path)? {
        return stream::read(open()?, request);
    }
    let archive = Archive::open(path)?;
    if archive.has(gem::METADATA) && archive.has(gem::FILES) {
        return stream::read(open()?, request);
    }
    if archive.names().any(stream::is_part_of_an_image) {
        return Err(SourceError::TarWithoutImage { path: path.to_owned() });
    }
    let size = open()?.metadata().map_err(|error| SourceError::io(path, error))?.len();
    let pass = |again: &Again| {
        let part = Part::new(open()?, 0, size).map_err(|error| SourceError::io(path, error))?;
        extract(part, request.wanted, again, request.limits).map_err(|error| stream::of_tree(path, error))
    };
    let mut extract = pass(&Again::default())?;
    let again = extract.again(request.wanted);
    if !again.is_empty() {
        extract = pass(&again)?;
    }
    let subject = Subject { kind: SubjectKind::File, name: own_name(path), ..Subject::default() };
    Ok(Snapshot { subject, gaps: extract.gaps.clone(), extracts: vec![extract], ..Snapshot::default() })
}
