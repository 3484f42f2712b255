//! Why a source could not be read, in words for the person who named it.

use std::io;
use std::path::{Path, PathBuf};

use super::decompress::{Compression, TooMuch};
use super::digest::Digest;
use super::git::GitError;
use super::registry::RegistryError;
use crate::layers::ExtractError;

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("cannot read `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("cannot write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("`{name}` is nothing that documents can be attached to")]
    NoHome { name: String },
    #[error("`{}` is a tar, into which nothing is written", path.display())]
    ReadOnlyHome { path: PathBuf },
    #[error("`{}` is empty", path.display())]
    Empty { path: PathBuf },
    #[error("`{}` is neither an image, nor an SBOM, nor a directory", path.display())]
    UnknownKind { path: PathBuf },
    #[error("`{}` is neither a file nor a directory", path.display())]
    Special { path: PathBuf },
    #[error("`{}` has more than the {limit} bytes that are held of a file that passes once", path.display())]
    TooLarge { path: PathBuf, limit: u64 },
    #[error("cannot read the revision `{name}`")]
    Git { name: String, source: Box<GitError> },
    #[error("cannot read the store of {store}: {reason}")]
    Store { store: &'static str, reason: String, help: &'static str },
    #[error("cannot ask {daemon}: {reason}")]
    Daemon { daemon: &'static str, reason: String, help: &'static str, source: Option<io::Error> },
    #[error("`{}` is a tar without an image in it", path.display())]
    TarWithoutImage { path: PathBuf },
    #[error("`{}` is a {compression} archive", path.display())]
    CompressedArchive { path: PathBuf, compression: Compression },
    #[error("`{}` is not a {expected}", path.display())]
    NotThisKind { path: PathBuf, expected: &'static str, missing: &'static str },
    #[error("`{}` is not a whole tar archive", path.display())]
    BrokenArchive { path: PathBuf, source: io::Error },
    #[error("`{name}` in `{}` is not as the format asks", path.display())]
    BadJson { path: PathBuf, name: String, source: serde_json::Error },
    #[error("`{name}` in `{}` does not fit the rest: {reason}", path.display())]
    Inconsistent { path: PathBuf, name: String, reason: String },
    #[error("`{}` has no blob `{name}`, which {wanted_by} names", path.display())]
    MissingBlob { path: PathBuf, name: String, wanted_by: String },
    #[error("{what} is not what its digest says: expected {expected}, found {found}")]
    DigestMismatch { what: String, expected: Digest, found: Digest },
    #[error("`{text}` is not a digest")]
    BadDigest { text: String },
    #[error("cannot read layer {index} ({digest})")]
    Layer { index: usize, digest: String, source: LayerError },
    #[error("`{}` holds {} images: {}", path.display(), names.len(), names.join(", "))]
    SeveralImages { path: PathBuf, names: Vec<String> },
    #[error("`{}` holds no image `{image}`; it has {}", path.display(), names.join(", "))]
    NoSuchImage { path: PathBuf, image: String, names: Vec<String> },
    #[error("the image has more than {limit} {what}")]
    TooMuch { what: &'static str, limit: u64, name: &'static str },
    #[error("`{}` holds no image", path.display())]
    NoImage { path: PathBuf },
    #[error("the image is not there for {}; it is for {}", platform.as_deref().unwrap_or("linux/amd64"), platforms.join(", "))]
    NoSuchPlatform { platform: Option<String>, platforms: Vec<String> },
    #[error("`{name}` is no image that could come in several platforms")]
    NoPlatforms { name: String },
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error("there is neither a file or folder `{name}` here, nor an image of that name to be had")]
    Neither { name: String, source: RegistryError },
}

/// Why one layer could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    #[error(transparent)]
    Extract(#[from] ExtractError),
    #[error("the data is broken")]
    Io(#[from] io::Error),
    #[error("layers of type `{0}` are not supported")]
    MediaType(String),
    #[error(transparent)]
    TooMuch(TooMuch),
}

impl LayerError {
    /// The same, where what was packed is too much as what it is, and not as broken data.
    pub(super) fn or_too_much(self) -> Self {
        let source = match &self {
            Self::Extract(ExtractError::Broken { source, .. }) => source,
            Self::Io(source) => source,
            _ => return self,
        };
        match source.get_ref().and_then(|inner| inner.downcast_ref::<TooMuch>()) {
            Some(TooMuch(limit)) => Self::TooMuch(TooMuch(*limit)),
            None => self,
        }
    }
}

impl SourceError {
    pub(super) fn layer(index: usize, diff_id: &Digest, source: LayerError) -> Self {
        if let LayerError::Extract(ExtractError::TooManyEntries(limit)) = source {
            return Self::TooMuch { what: "entries", limit: limit as u64, name: "entries" };
        }
        Self::Layer { index, digest: diff_id.to_string(), source }
    }

    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }

    /// What the user can do about it; `None` where the message says it all.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => {
                    "name a file or folder: an image from `docker save`, an OCI layout, a source tree, an SBOM; or an image of a registry: docker://NAME"
                        .into()
                }
                io::ErrorKind::PermissionDenied => "run as a user who may read it".into(),
                _ => return None,
            },
            Self::NoHome { .. } => {
                "name an image in a registry, or one in OCI layout in a folder or an uncompressed tar: oci:FOLDER[:TAG]".into()
            }
            Self::ReadOnlyHome { path } => format!(
                "unpack it (mkdir layout && tar -xf {} -C layout) and name the folder, oci:layout; or attach where the image is pushed to",
                path.display()
            ),
            Self::UnknownKind { .. } | Self::Empty { .. } => {
                "an image is a tar from `docker save` or an OCI layout; of single files, packages, programs and lockfiles are read".into()
            }
            Self::Special { .. } => "pipes, sockets and devices are not read: save what comes from it as a file".into(),
            Self::CompressedArchive { compression, .. } => {
                format!("decompress it first: {}", compression.command())
            }
            Self::NotThisKind { missing, .. } => {
                format!("it has no {missing}; leave the scheme away to have the kind found out")
            }
            Self::TarWithoutImage { .. } => {
                "it has the layers of an image, and neither a manifest.json (`docker save`) nor an index.json (OCI layout); the tar may be truncated".into()
            }
            Self::TooMuch { name, .. } => {
                format!("nothing real is that large; if this is, allow it: --limit {name}=...")
            }
            Self::Layer { source: LayerError::TooMuch(_), .. } => {
                "it may be a bomb; if it is not, allow more: --limit unpacked-bytes=... or --limit ratio=..."
                    .into()
            }
            Self::Git { source, .. } => return source.help().map(str::to_owned),
            Self::Store { help, .. } | Self::Daemon { help, .. } => (*help).to_owned(),
            Self::TooLarge { .. } => "write it to a file, and name that".into(),
            Self::BrokenArchive { .. } => "it may be truncated: save or copy it again".into(),
            Self::DigestMismatch { .. } | Self::MissingBlob { .. } => {
                "the image was damaged or changed after it was built: save or pull it again".into()
            }
            Self::SeveralImages { path, names } => {
                let first = names.first().map_or("NAME", String::as_str);
                format!("name one of them: {}:{first}", path.display())
            }
            Self::NoSuchPlatform { platforms, .. } => {
                let first = platforms.first().map_or("OS/ARCH", String::as_str);
                format!("choose one with --platform {first}")
            }
            Self::NoPlatforms { .. } => {
                "--all-platforms is for OCI layouts and images in registries; leave it away".into()
            }
            Self::Registry(error) => return error.help(),
            Self::Neither { source, .. } => return source.help(),
            _ => return None,
        })
    }
}
