//! Named blobs of an image, in a folder or in a tar: what images read is the same for both.

use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::SourceError;
use super::archive::Archive;
use super::digest::Digest;
use super::forward::Part;

/// No manifest or config of a real image comes near this.
pub(super) const MAX_JSON: u64 = 64 << 20;

/// Where an image's blobs lie.
pub(super) trait Blobs: Sync {
    /// The file or folder a user would know it by.
    fn path(&self) -> &Path;
    /// A reader of one blob. `None` when there is none of that name.
    fn open(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>>;
    /// The same as a part of a file, where it is one: then what nobody asks for need not be read.
    fn part(&self, name: &str) -> io::Result<Option<Part>>;
    /// The bytes between two places of a blob that lies far away. `None` where it has to be read whole.
    fn range(&self, _name: &str, _range: Range<u64>) -> io::Result<Option<Box<dyn Read + Send>>> {
        Ok(None)
    }
    /// Bytes of one blob; 0 where it is not known.
    fn size(&self, name: &str) -> u64;
    /// Why one blob could not be read, where more is known than an [`io::Error`] says. Told once.
    fn failure(&self, _name: &str) -> Option<SourceError> {
        None
    }
    /// Whether they come from so far away that several should come at once.
    fn is_remote(&self) -> bool {
        false
    }
}

/// Blobs as files of a folder.
pub(super) struct Folder(pub(super) PathBuf);

impl Blobs for Folder {
    fn path(&self) -> &Path {
        &self.0
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>> {
        match File::open(self.0.join(name)) {
            Ok(file) => Ok(Some(Box::new(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn part(&self, name: &str) -> io::Result<Option<Part>> {
        let file = File::open(self.0.join(name))?;
        let size = file.metadata()?.len();
        Part::new(file, 0, size).map(Some)
    }

    fn size(&self, name: &str) -> u64 {
        fs::metadata(self.0.join(name)).map_or(0, |metadata| metadata.len())
    }
}

impl Blobs for Archive {
    fn path(&self) -> &Path {
        self.path()
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>> {
        Ok(self.open_member(name)?.map(|member| Box::new(member) as Box<dyn Read + Send>))
    }

    fn part(&self, name: &str) -> io::Result<Option<Part>> {
        self.open_part(name)
    }

    fn size(&self, name: &str) -> u64 {
        self.size_of(name)
    }
}

/// A blob that must be there.
pub(super) fn open(
    blobs: &dyn Blobs,
    name: &str,
    wanted_by: &str,
) -> Result<Box<dyn Read + Send>, SourceError> {
    let found = blobs.open(name).map_err(|error| failure(blobs, name, error))?;
    found.ok_or_else(|| SourceError::MissingBlob {
        path: blobs.path().to_owned(),
        name: name.to_owned(),
        wanted_by: wanted_by.to_owned(),
    })
}

/// The bytes of a small blob that must be there.
pub(super) fn bytes(blobs: &dyn Blobs, name: &str, wanted_by: &str) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    let reader = open(blobs, name, wanted_by)?;
    let read = reader.take(MAX_JSON).read_to_end(&mut bytes);
    read.map_err(|error| failure(blobs, name, error))?;
    Ok(bytes)
}

fn failure(blobs: &dyn Blobs, name: &str, error: io::Error) -> SourceError {
    blobs.failure(name).unwrap_or_else(|| SourceError::io(&blobs.path().join(name), error))
}

/// The bytes of the blob with this digest, verified.
pub(super) fn verified(blobs: &dyn Blobs, digest: &Digest, wanted_by: &str) -> Result<Vec<u8>, SourceError> {
    let name = digest.blob_name();
    let bytes = bytes(blobs, &name, wanted_by)?;
    let found = digest.of_same_kind(&bytes);
    if found == *digest {
        return Ok(bytes);
    }
    let what = format!("blob `{name}` in `{}`", blobs.path().display());
    Err(SourceError::DigestMismatch { what, expected: digest.clone(), found })
}

/// JSON as some part of an image should be.
pub(super) fn json<T: DeserializeOwned>(
    blobs: &dyn Blobs,
    name: &str,
    bytes: &[u8],
) -> Result<T, SourceError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|source| SourceError::BadJson {
        path: blobs.path().to_owned(),
        name: name.to_owned(),
        source,
    })
}
