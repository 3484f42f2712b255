//! Where subjects are read from: the only stage that touches the world.
//!
//! Every kind of source is one file and ends in a [`Snapshot`]; what comes after sees nothing else, so a
//! source that streams (a registry, a daemon, standard input) can stand beside these without a change
//! behind it.

mod archive;
pub mod artifacts;
mod blobs;
mod bolt;
mod cache;
mod config;
mod containerd;
mod daemon;
mod decompress;
mod digest;
mod directory;
mod docker_archive;
mod error;
mod file;
mod forward;
mod git;
mod http;
mod image;
mod layer;
mod lazy;
mod names;
mod oci;
mod packages;
mod pages;
mod pipe;
mod platform;
mod progress;
pub mod registry;
mod sandbox;
mod storage;
mod stream;
mod tarball;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use cache::Cache;
pub use digest::Digest;
pub use error::SourceError;
pub use git::GitError;
pub use http::{Answer, Http, HttpError, HttpOptions, Method, Question};
use image::Shared;
pub use platform::Platform;
pub use progress::{Ended, Event, Progress};
use registry::{Reference, RegistryOptions};

use artifacts::{Home, Layout, Remote};
use digest::HashingSource;
pub use sandbox::{Confined, Confinement};

use crate::bom::{Bom, Gap, Layer, Subject};
use crate::layers::{Extract, Limits, Wanted};

/// A kind of source.
pub struct Scheme {
    /// What stands before the colon: `docker-archive`.
    pub name: &'static str,
    pub about: &'static str,
    names: Names,
    /// Whether a path that names no scheme is of this kind. The first of [`ALL`] that says yes reads it.
    recognises: fn(&Path) -> Result<bool, SourceError>,
    read: fn(&Request<'_>) -> Result<Snapshot, SourceError>,
    /// The same for every platform an image comes in. Absent where there is only one.
    read_all: Option<ReadAll>,
}

/// What stands behind a scheme's colon.
enum Names {
    Path,
    /// No path; and what is read on this machine for it. `None` where other machines are asked.
    Other(fn(&Path) -> Option<Vec<PathBuf>>),
}

type ReadAll = fn(&Request<'_>) -> Result<Vec<Snapshot>, SourceError>;

impl Scheme {
    fn names_no_path(&self) -> bool {
        matches!(self.names, Names::Other(_))
    }
}

/// Every kind of source, in the order in which they are tried.
pub const ALL: &[Scheme] = &[
    oci::FOLDER,
    directory::SCHEME,
    oci::ARCHIVE,
    docker_archive::SCHEME,
    tarball::SCHEME,
    file::SCHEME,
    daemon::DOCKER,
    daemon::PODMAN,
    containerd::SCHEME,
    storage::SCHEME,
    git::SCHEME,
    registry::SCHEME,
];

/// How other tools say that an image is in a registry.
const TRANSPORT: &str = "docker://";

/// How files are called that may be missing; no image was meant.
const ENDINGS: &[&str] = &[
    "tar", "gz", "tgz", "zst", "xz", "bz2", "zip", "jar", "war", "whl", "deb", "rpm", "apk", "json", "jsonl",
    "xml", "spdx", "rdf", "yaml", "yml", "toml", "lock", "txt", "csv",
];

/// Which digests of an image's layers are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verify {
    /// None: faster where layers are not compressed, as most of their bytes are then never read.
    Nothing,
    /// The one by which the manifest names a layer as it is packed, and by it all that is in it. Of layers that are not
    /// packed, and those that no manifest names by a digest, the diff ID. The diff IDs of the others are the config's word.
    #[default]
    Named,
    /// Those, and the diff ID of every layer.
    DiffIds,
}

/// What is to be read, and how.
pub struct Request<'a> {
    pub path: &'a Path,
    /// Which image, where the source holds several: a tag or a whole name.
    pub image: Option<&'a str>,
    /// Which platform, where the image comes in several.
    pub platform: Option<&'a Platform>,
    pub wanted: &'a Wanted,
    pub limits: &'a Limits,
    pub verify: Verify,
    /// Whether of layers in registries only what is needed is fetched, where they say what they hold.
    pub lazy: bool,
    /// Where extracts are kept between runs.
    pub cache: Option<&'a Cache>,
    /// Whether a bill that was made earlier serves as well as the files.
    pub takes_bills: bool,
    /// Who is told how far it is.
    pub progress: Option<&'a dyn Progress>,
    pub registry: Option<&'a RegistryOptions>,
    /// Layers that several images have which are read one after the other.
    shared: Option<&'a Shared>,
}

impl Request<'_> {
    /// The bill that was kept under a name, where one serves.
    fn bill(&self, name: &str) -> Option<Bom> {
        self.cache.filter(|_| self.takes_bills)?.bill(name)
    }
}

/// A subject as it was read: its layers' extracts, and nothing yet made of them.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub subject: Subject,
    /// Base first, one for each extract. Empty for a directory, which has one extract.
    pub layers: Vec<Layer>,
    pub extracts: Vec<Extract>,
    pub gaps: Vec<Gap>,
    /// The bill that was made of the same subject in the same way earlier. There are no extracts then.
    pub bill: Option<Bom>,
    /// What the bill that is made of it is kept under. Absent where none is to be kept.
    pub bill_name: Option<String>,
    /// What a person should know about how the source was read: a platform that was chosen for them.
    pub notes: Vec<String>,
}

/// What the user asks of every source.
#[derive(Debug, Default)]
pub struct Options {
    pub platform: Option<Platform>,
    pub limits: Limits,
    pub verify: Verify,
    /// Whether of layers in registries only what is needed is fetched, where they say what they hold (eStargz,
    /// zstd:chunked). Their digests are not verified then, but those of all that is used.
    pub lazy: bool,
    /// Where extracts of layers are kept between runs. Nothing is kept without.
    pub cache: Option<Cache>,
    /// Whether a bill that was made earlier serves as well as the files.
    pub takes_bills: bool,
    /// Who is told how far it is. Nobody without.
    pub progress: Option<Arc<dyn Progress>>,
    /// How registries are asked. Without it a name that is no path is not taken for an image there.
    pub registry: Option<RegistryOptions>,
}

/// Reads a source by the name a user gave it: `SCHEME:PATH[:IMAGE]` or `PATH`.
///
/// # Errors
/// When nothing is there, it is of no known kind, or it is not whole.
pub fn read(reference: &str, wanted: &Wanted, options: &Options) -> Result<Snapshot, SourceError> {
    with_request(reference, wanted, options, |scheme, request| (scheme.read)(request))
}

/// Reads an image for every platform it comes in, in the order of its index. What they share is read once.
///
/// # Errors
/// As [`read`], and when the source is of a kind that has no platforms.
pub fn read_all(reference: &str, wanted: &Wanted, options: &Options) -> Result<Vec<Snapshot>, SourceError> {
    with_request(reference, wanted, options, |scheme, request| match scheme.read_all {
        Some(read_all) => read_all(request),
        None => Err(SourceError::NoPlatforms { name: reference.to_owned() }),
    })
}

fn with_request<T>(
    reference: &str,
    wanted: &Wanted,
    options: &Options,
    read: impl FnOnce(&Scheme, &Request<'_>) -> Result<T, SourceError>,
) -> Result<T, SourceError> {
    let (scheme, rest) = named_scheme(reference);
    let (path, image) = match scheme {
        Some(scheme) if scheme.names_no_path() => (PathBuf::from(rest), None),
        _ => path_and_image(rest),
    };
    let mut is_guess = false;
    let scheme = match scheme {
        Some(scheme) if scheme.names_no_path() => scheme,
        Some(scheme) => {
            exists(&path)?;
            scheme
        }
        None if options.registry.is_some() && may_be_image(&path) => {
            is_guess = true;
            &registry::SCHEME
        }
        None => recognised(&path)?,
    };
    let request = options.request(&path, image.as_deref(), wanted);
    read(scheme, &request).map_err(|error| match error {
        SourceError::Registry(source) if is_guess && source.may_be_absence() => {
            SourceError::Neither { name: reference.to_owned(), source }
        }
        other => other,
    })
}

/// Whether a name that says nothing else is that of an image in a registry: nothing of that name lies here, and it
/// does not look like a file.
fn may_be_image(path: &Path) -> bool {
    let Some(name) = path.to_str() else { return false };
    let is_file = path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
    !path.exists() && !is_file && Reference::parse(name).is_ok()
}

/// Where an image lies to which documents are attached, by the name a user gave it.
///
/// # Errors
/// When nothing is there, or nothing can be attached to what is there.
pub fn home(reference: &str, registry: Option<&RegistryOptions>) -> Result<Box<dyn Home>, SourceError> {
    let (scheme, rest) = named_scheme(reference);
    if let Some(options) = registry {
        let is_named = scheme.is_some_and(|scheme| scheme.name == registry::SCHEME.name);
        if is_named || (scheme.is_none() && may_be_image(Path::new(rest)) && path_and_image(rest).1.is_none())
        {
            return Ok(Box::new(Remote::open(rest, options)?));
        }
    }
    let (path, image) = path_and_image(rest);
    exists(&path)?;
    let is_home = match scheme.map(|scheme| scheme.name) {
        None => path.is_dir() || (oci::ARCHIVE.recognises)(&path)?,
        Some(name) if name == oci::FOLDER.name => path.is_dir(),
        Some(name) => name == oci::ARCHIVE.name && (oci::ARCHIVE.recognises)(&path)?,
    };
    if !is_home {
        return Err(SourceError::NoHome { name: reference.to_owned() });
    }
    Ok(Box::new(Layout::open(&path, image.as_deref())?))
}

/// The digest of a file.
///
/// # Errors
/// When it cannot be read.
pub fn digest_of(path: &Path) -> Result<Digest, SourceError> {
    let file = std::fs::File::open(path).map_err(|error| SourceError::io(path, error))?;
    let like = Digest::sha256(b"");
    let found = HashingSource::new(file, Some(&like)).finish();
    Ok(found.map_err(|error| SourceError::io(path, error))?.unwrap_or(like))
}

/// The files and folders that are read, with all below them, for what a reference names and that is no path: a store of
/// images, a repository. Empty where a daemon of this machine hands it over. `None` where another machine is asked, and
/// for paths.
pub fn stores(reference: &str) -> Option<Vec<PathBuf>> {
    let (scheme, rest) = named_scheme(reference);
    match scheme?.names {
        Names::Other(stores) => stores(Path::new(rest)),
        Names::Path => None,
    }
}

/// Whether a reference says that what it names is no path.
pub fn is_elsewhere(reference: &str) -> bool {
    named_scheme(reference).0.is_some_and(Scheme::names_no_path)
}

/// Reads what passes once, from standard input: an image, an archive or a package, compressed or not. `name` is what
/// it is called in messages, and `image` which of several images is meant.
///
/// # Errors
/// When it is of no known kind, or not whole.
pub fn read_stream(
    data: impl Read + Send,
    name: &str,
    image: Option<&str>,
    wanted: &Wanted,
    options: &Options,
) -> Result<Snapshot, SourceError> {
    stream::read(data, &options.request(Path::new(name), image, wanted))
}

impl Options {
    fn request<'a>(&'a self, path: &'a Path, image: Option<&'a str>, wanted: &'a Wanted) -> Request<'a> {
        Request {
            path,
            image,
            platform: self.platform.as_ref(),
            wanted,
            limits: &self.limits,
            verify: self.verify,
            lazy: self.lazy,
            cache: self.cache.as_ref(),
            takes_bills: self.takes_bills,
            progress: self.progress.as_deref(),
            registry: self.registry.as_ref(),
            shared: None,
        }
    }
}

/// The path a reference names, without scheme and image.
pub fn path_of(reference: &str) -> PathBuf {
    path_and_image(named_scheme(reference).1).0
}

/// Whether the reference names its scheme.
pub fn names_scheme(reference: &str) -> bool {
    named_scheme(reference).0.is_some()
}

fn named_scheme(reference: &str) -> (Option<&'static Scheme>, &str) {
    if let Some(rest) = reference.strip_prefix(TRANSPORT) {
        return (Some(&registry::SCHEME), rest);
    }
    for scheme in ALL {
        if let Some(rest) = reference.strip_prefix(scheme.name).and_then(|rest| rest.strip_prefix(':')) {
            return (Some(scheme), rest);
        }
    }
    (None, reference)
}

/// Splits `PATH:IMAGE` at the first colon whose left side exists. A path that exists as a whole is a path.
fn path_and_image(text: &str) -> (PathBuf, Option<String>) {
    if !Path::new(text).exists() {
        for (colon, _) in text.match_indices(':') {
            let path = Path::new(&text[..colon]);
            if colon > 0 && path.exists() {
                return (path.to_owned(), Some(text[colon + 1..].to_owned()));
            }
        }
    }
    (PathBuf::from(text), None)
}

fn exists(path: &Path) -> Result<(), SourceError> {
    match std::fs::metadata(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(SourceError::io(path, error)),
    }
}

fn recognised(path: &Path) -> Result<&'static Scheme, SourceError> {
    exists(path)?;
    // Opening a pipe or a device may wait for ever, and may change it.
    if !path.is_file() && !path.is_dir() {
        return Err(SourceError::Special { path: path.to_owned() });
    }
    for scheme in ALL {
        if (scheme.recognises)(path)? {
            return Ok(scheme);
        }
    }
    Err(SourceError::UnknownKind { path: path.to_owned() })
}
