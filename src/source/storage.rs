//! An image in containers-storage, as podman, buildah and CRI-O keep theirs: read from the disk, without running them.
//!
//! Layers lie there unpacked. Beside each is what its tar had around the files' contents (tar-split), so the tar is put
//! together again byte by byte, and its digest is verified as that of any other layer.
//!
//! Spec: <https://github.com/containers/storage/blob/main/docs/containers-storage.md>,
//! <https://github.com/vbatts/tar-split>

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read, Take};
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use super::blobs::{self, Blobs, MAX_JSON};
use super::config::Config;
use super::digest::Digest;
use super::forward::Part;
use super::image::Plan;
use super::layer::LayerBlob;
use super::names::{self, Place};
use super::{Names, Request, Scheme, Snapshot, SourceError};

pub(super) const SCHEME: Scheme = Scheme {
    name: "containers-storage",
    about: "an image in podman's store: containers-storage:IMAGE or containers-storage:ROOT@IMAGE",
    names: Names::Other(|path| Some(vec![named(path).root])),
    read_all: None,
    recognises: |_| Ok(false),
    read,
};

const HELP: &str = "name its folder: containers-storage:ROOT@IMAGE; for another user's files: `podman unshare packlist ...`; \
    or pipe `podman save` into `packlist scan -`";

/// Where root's store lies.
const ROOT: &str = "/var/lib/containers/storage";

/// A line of tar-split is a file's name, or the headers between two files.
const LINE: u64 = 64 << 20;

/// Parents that one layer may have.
const MAX_LAYERS: usize = 1000;

/// How many links one path may pass through.
const MAX_LINKS: usize = 40;

#[derive(Deserialize)]
struct Image {
    id: String,
    #[serde(default)]
    digest: Option<String>,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    layer: String,
}

#[derive(Deserialize)]
struct Layer {
    id: String,
    #[serde(default)]
    parent: String,
    #[serde(rename = "diff-size", default)]
    size: u64,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    config: Option<ConfigOf>,
}

#[derive(Deserialize)]
struct ConfigOf {
    digest: String,
}

fn named(path: &Path) -> Place<'_> {
    names::place(path.to_str().unwrap_or_default(), &usual_root())
}

fn read(request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let Place { root, image } = named(request.path);
    let failed = |reason: String| SourceError::Store { store: "containers-storage", reason, help: HELP };
    let mut known = Vec::new();
    for driver in drivers(&root).map_err(|error| failed(format!("`{}`: {error}", root.display())))? {
        let store = Store { root: root.clone(), driver, layers: Vec::new() };
        let images: Vec<Image> = store.list("images", "images.json")?;
        let found = names::candidates(image).into_iter().find_map(|name| {
            images.iter().find(|found| found.names.iter().flatten().any(|known| *known == name))
        });
        let by_id = |found: &&Image| image.len() >= 8 && found.id.starts_with(image);
        let Some(found) = found.or_else(|| images.iter().find(by_id)) else {
            known.extend(images.into_iter().flat_map(|image| image.names.unwrap_or_default()));
            continue;
        };
        if !matches!(store.driver.as_str(), "overlay" | "vfs") {
            return Err(failed(format!("layers of the driver {} are not read", store.driver)));
        }
        let name = found.names.iter().flatten().next().cloned().unwrap_or_else(|| found.id.clone());
        return store.image(found, name, request);
    }
    match known.is_empty() {
        true => Err(failed(format!("`{}` holds no image", root.display()))),
        false => Err(SourceError::NoSuchImage { path: root, image: image.to_owned(), names: known }),
    }
}

/// Root's store, or where a user's programs keep theirs.
fn usual_root() -> PathBuf {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")));
    let own = data.map(|data| data.join("containers/storage")).filter(|own| own.is_dir());
    let is_open = fs::read_dir(Path::new(ROOT).join("overlay-images")).is_ok()
        || fs::read_dir(Path::new(ROOT).join("vfs-images")).is_ok();
    if is_open { PathBuf::from(ROOT) } else { own.unwrap_or_else(|| PathBuf::from(ROOT)) }
}

/// How layers are kept in a store: it may have been used in several ways.
fn drivers(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let driver = name.strip_suffix("-images").filter(|_| entry.path().join("images.json").is_file());
        found.extend(driver.map(str::to_owned));
    }
    found.sort();
    Ok(found)
}

struct Store {
    root: PathBuf,
    driver: String,
    layers: Vec<Layer>,
}

impl Store {
    fn folder(&self, kind: &str) -> PathBuf {
        self.root.join(format!("{}-{kind}", self.driver))
    }

    fn list<T: for<'a> Deserialize<'a>>(&self, kind: &str, name: &str) -> Result<Vec<T>, SourceError> {
        let path = self.folder(kind).join(name);
        let bytes = small(&path).map_err(|error| SourceError::io(&path, error))?;
        blobs::json(self, name, &bytes)
    }

    fn image(mut self, image: &Image, name: String, request: &Request<'_>) -> Result<Snapshot, SourceError> {
        self.layers = self.list("layers", "layers.json")?;
        if self.folder("layers").join("volatile-layers.json").is_file() {
            let more: Vec<Layer> = self.list("layers", "volatile-layers.json")?;
            self.layers.extend(more);
        }
        let manifest = self.data(image, "manifest")?;
        let manifest_digest = Digest::sha256(&manifest);
        if let Some(expected) = image.digest.as_deref().and_then(|text| Digest::parse(text).ok())
            && expected != manifest_digest
        {
            let what = format!("the manifest of `{name}`");
            return Err(SourceError::DigestMismatch { what, expected, found: manifest_digest });
        }
        let said: Manifest = blobs::json(&self, "manifest", &manifest)?;
        let config_digest =
            Digest::parse(&said.config.map_or_else(|| format!("sha256:{}", image.id), |of| of.digest))?;
        let bytes = self.data(image, &config_digest.to_string())?;
        let found = config_digest.of_same_kind(&bytes);
        if found != config_digest {
            let what = format!("the config of `{name}`");
            return Err(SourceError::DigestMismatch { what, expected: config_digest, found });
        }
        let config: Config = blobs::json(&self, "the image's config", &bytes)?;
        let plan = Plan {
            name,
            manifest_digest: Some(manifest_digest),
            config_digest,
            config,
            layers: self.chain(&image.layer)?,
            annotations: None,
            notes: Vec::new(),
        };
        plan.read(&self, request)
    }

    /// A layer and all below it, base first.
    fn chain(&self, top: &str) -> Result<Vec<LayerBlob>, SourceError> {
        let mut chain = Vec::new();
        let mut id = top;
        while !id.is_empty() {
            let layer = self.layers.iter().find(|layer| layer.id == id);
            let layer =
                layer.filter(|_| chain.len() < MAX_LAYERS).ok_or_else(|| SourceError::MissingBlob {
                    path: self.root.clone(),
                    name: id.to_owned(),
                    wanted_by: "layers.json".to_owned(),
                })?;
            chain.push(LayerBlob {
                name: layer.id.clone(),
                digest: None,
                media_type: None,
                annotations: None,
            });
            id = &layer.parent;
        }
        chain.reverse();
        Ok(chain)
    }

    /// Something small that is kept with an image: a file of that name, or of its base64.
    fn data(&self, image: &Image, key: &str) -> Result<Vec<u8>, SourceError> {
        let folder = self.folder("images").join(plain(&image.id).unwrap_or("none"));
        let mut path = folder.join(key);
        if !path.is_file() {
            let files = fs::read_dir(&folder).map_err(|error| SourceError::io(&folder, error))?.flatten();
            let is_meant = |name: &str| {
                name.strip_prefix('=').and_then(decoded).is_some_and(|decoded| decoded == key.as_bytes())
            };
            let found = files
                .map(|file| file.path())
                .find(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_meant));
            path = found.ok_or_else(|| SourceError::MissingBlob {
                path: self.root.clone(),
                name: key.to_owned(),
                wanted_by: "images.json".to_owned(),
            })?;
        }
        small(&path).map_err(|error| SourceError::io(&path, error))
    }

    /// Where a layer's files lie: by themselves, or with all that is below them.
    fn files(&self, id: &str) -> PathBuf {
        match self.driver.as_str() {
            "vfs" => self.root.join("vfs/dir").join(id),
            driver => self.root.join(driver).join(id).join("diff"),
        }
    }
}

impl Blobs for Store {
    fn path(&self) -> &Path {
        &self.root
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>> {
        let Some(id) = plain(name) else { return Ok(None) };
        let path = self.folder("layers").join(format!("{id}.tar-split.gz"));
        let split = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(
                error.kind(),
                format!("the layer has no `{}`, without which its digest cannot be verified", path.display()),
            ),
            _ => error,
        })?;
        Ok(Some(Box::new(Rebuilt {
            split: BufReader::new(MultiGzDecoder::new(BufReader::new(split))),
            root: self.files(id),
            part: None,
        })))
    }

    fn part(&self, _: &str) -> io::Result<Option<Part>> {
        Ok(None)
    }

    fn size(&self, name: &str) -> u64 {
        self.layers.iter().find(|layer| layer.id == name).map_or(0, |layer| layer.size)
    }
}

/// A name that is that of a file, and leads nowhere else.
fn plain(name: &str) -> Option<&str> {
    let is_plain =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_plain.then_some(name)
}

fn small(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_JSON).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A tar, put together from what was around its files and the files.
struct Rebuilt<R> {
    split: R,
    root: PathBuf,
    part: Option<Piece>,
}

enum Piece {
    Bytes(Cursor<Vec<u8>>),
    File(Take<File>),
}

/// A line of tar-split.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: u32,
    #[serde(default)]
    name: Option<String>,
    /// A name that is no UTF-8, in base64.
    #[serde(default)]
    name_raw: Option<String>,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    payload: Option<String>,
}

const FILE: u32 = 1;
const SEGMENT: u32 = 2;

impl<R: BufRead> Rebuilt<R> {
    /// The next piece. `None` at the end.
    fn next(&mut self) -> io::Result<Option<Piece>> {
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "the layer's tar-split is broken");
        loop {
            let mut line = Vec::new();
            (&mut self.split).take(LINE).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(None);
            }
            let line: Line = serde_json::from_slice(&line).map_err(|_| broken())?;
            match line.kind {
                SEGMENT => {
                    let bytes = line.payload.as_deref().and_then(decoded).ok_or_else(broken)?;
                    return Ok(Some(Piece::Bytes(Cursor::new(bytes))));
                }
                FILE if line.size > 0 => {
                    let name = match (line.name, line.name_raw) {
                        (_, Some(raw)) => decoded(&raw).ok_or_else(broken)?,
                        (Some(name), None) => name.into_bytes(),
                        (None, None) => return Err(broken()),
                    };
                    let file = File::open(inside(&self.root, &path_of(name))?)?;
                    if file.metadata()?.len() < line.size {
                        let what = "a file of the layer is shorter than it was";
                        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
                    }
                    return Ok(Some(Piece::File(file.take(line.size))));
                }
                FILE => {}
                _ => return Err(broken()),
            }
        }
    }
}

impl<R: BufRead> Read for Rebuilt<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let count = match &mut self.part {
                Some(Piece::Bytes(bytes)) => bytes.read(buffer)?,
                Some(Piece::File(file)) => file.read(buffer)?,
                None => 0,
            };
            if count > 0 {
                return Ok(count);
            }
            self.part = self.next()?;
            if self.part.is_none() {
                return Ok(0);
            }
        }
    }
}

#[cfg(unix)]
fn path_of(name: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(name).into()
}

#[cfg(not(unix))]
fn path_of(name: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&name).into_owned().into()
}

/// The place of a path below a root, links followed as if that were the root of everything.
fn inside(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let mut left: Vec<std::ffi::OsString> = parts(path);
    let mut at = PathBuf::new();
    let mut links = 0;
    while let Some(part) = left.pop() {
        if part == ".." {
            at.pop();
            continue;
        }
        let next = at.join(&part);
        let is_link =
            !left.is_empty() && fs::symlink_metadata(root.join(&next)).is_ok_and(|about| about.is_symlink());
        if !is_link {
            at = next;
            continue;
        }
        links += 1;
        if links > MAX_LINKS {
            return Err(io::Error::other("links of the layer lead to each other"));
        }
        let target = fs::read_link(root.join(&next))?;
        if target.is_absolute() {
            at = PathBuf::new();
        }
        left.extend(parts(&target));
    }
    let place = root.join(&at);
    match fs::symlink_metadata(&place)?.is_file() {
        true => Ok(place),
        false => Err(io::Error::new(io::ErrorKind::InvalidData, "a file of the layer is none any more")),
    }
}

/// The parts of a path, last first.
fn parts(path: &Path) -> Vec<std::ffi::OsString> {
    let part = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    path.components().rev().filter_map(part).collect()
}

/// Base64 with its padding.
fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuilt(split: &str, root: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut rebuilt = Rebuilt { split: split.as_bytes(), root: root.to_owned(), part: None };
        rebuilt.read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn a_tar_is_put_together_from_its_pieces() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("a"), "hello").expect("writable");
        let split = "{\"type\":2,\"payload\":\"PDw=\",\"position\":0}\n\
            {\"type\":1,\"name\":\"./a\",\"size\":5,\"payload\":\"AAAAAAAAAAA=\",\"position\":1}\n\
            {\"type\":1,\"name\":\"./empty\",\"payload\":null,\"position\":2}\n\
            {\"type\":1,\"name_raw\":\"YQ==\",\"size\":5,\"position\":3}\n\
            {\"type\":2,\"payload\":\"Pj4=\",\"position\":4}\n";
        assert_eq!(rebuilt(split, folder.path()).expect("whole"), b"<<hellohello>>");
        for broken in
            ["{", "{\"type\":3}", "{\"type\":2}", "{\"type\":1,\"size\":5}", "{\"type\":2,\"payload\":\"!\"}"]
        {
            assert!(rebuilt(broken, folder.path()).is_err(), "{broken}");
        }
        let longer = "{\"type\":1,\"name\":\"a\",\"size\":6}";
        assert!(rebuilt(longer, folder.path()).is_err());
        assert!(rebuilt("{\"type\":1,\"name\":\"none\",\"size\":6}", folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_of_a_layer_lead_nowhere_out_of_it() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join("layer");
        fs::create_dir_all(root.join("usr/lib")).expect("writable");
        fs::write(root.join("usr/lib/x"), "in").expect("writable");
        fs::write(folder.path().join("x"), "out").expect("writable");
        for (link, target) in [("lib", "/usr/lib"), ("up", "../.."), ("one", "two"), ("two", "one")] {
            symlink(target, root.join(link)).expect("writable");
        }
        symlink("/usr/lib/x", root.join("usr/file")).expect("writable");
        let at = |path: &str| inside(&root, Path::new(path)).ok();
        assert_eq!(at("lib/x"), Some(root.join("usr/lib/x")));
        assert_eq!(at("up/usr/lib/x"), Some(root.join("usr/lib/x")));
        assert_eq!(at("../../../usr/lib/x"), Some(root.join("usr/lib/x")));
        assert_eq!((at("up/x"), at("one/x"), at("usr/file"), at("usr")), (None, None, None, None));
    }

    #[test]
    fn base64_is_what_it_says_or_nothing() {
        for (text, bytes) in
            [("", "".as_bytes()), ("YQ==", b"a"), ("YWI=", b"ab"), ("YWJj", b"abc"), ("YWJjZA", b"abcd")]
        {
            assert_eq!(decoded(text).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!((decoded("Y"), decoded("Y!=="), decoded("YWJjZ")), (None, None, None));
    }
}
