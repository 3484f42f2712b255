//! An image in an OCI layout on disk, with what is about it in the same folder, or in the same tar. Nothing is written
//! into a tar.
//!
//! A layout keeps no list of who refers to whom: all that its index leads to is looked at. The index is written anew
//! beside the old one and takes its place at once, under a lock that other runs of ours wait for.
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Descriptor, Held, Home, MAX_DOCUMENT, Manifest, verified};
use crate::source::archive::Archive;
use crate::source::blobs::{self, Blobs, Folder};
use crate::source::{Digest, SourceError};

const INDEX_FILE: &str = "index.json";
const LAYOUT_FILE: &str = "oci-layout";
const NAME: &str = "org.opencontainers.image.ref.name";

/// Real indexes are nested once.
const MAX_DEPTH: usize = 4;

/// A layout, and which of its images is meant.
pub struct Layout {
    blobs: Box<dyn Blobs>,
    image: Option<String>,
}

impl Layout {
    /// # Errors
    /// When the folder or tar is no layout.
    pub fn open(path: &Path, image: Option<&str>) -> Result<Self, SourceError> {
        let is_tar = path.is_file();
        let blobs: Box<dyn Blobs> = match is_tar {
            true => Box::new(Archive::open(path)?),
            false => Box::new(Folder(path.to_owned())),
        };
        for missing in [INDEX_FILE, LAYOUT_FILE] {
            let is_there = blobs.open(missing).map_err(|error| SourceError::io(path, error))?.is_some();
            if !is_there {
                let expected =
                    if is_tar { "tar of an OCI image layout" } else { "folder in OCI image layout" };
                return Err(SourceError::NotThisKind { path: path.to_owned(), expected, missing });
            }
        }
        Ok(Self { blobs, image: image.map(str::to_owned) })
    }

    fn path(&self) -> &Path {
        self.blobs.path()
    }

    /// # Errors
    /// When it lies in a tar.
    fn writable(&self) -> Result<(), SourceError> {
        match self.path().is_file() {
            true => Err(SourceError::ReadOnlyHome { path: self.path().to_owned() }),
            false => Ok(()),
        }
    }

    fn bytes_of_index(&self) -> Result<Vec<u8>, SourceError> {
        blobs::bytes(&*self.blobs, INDEX_FILE, "an OCI layout")
    }

    fn index(&self) -> Result<Vec<Descriptor>, SourceError> {
        let index: Manifest = blobs::json(&*self.blobs, INDEX_FILE, &self.bytes_of_index()?)?;
        Ok(index.manifests.unwrap_or_default())
    }

    fn manifest_of(&self, descriptor: &Descriptor) -> Result<Manifest, SourceError> {
        let bytes = self.manifest(&Digest::parse(&descriptor.digest)?)?;
        blobs::json(&*self.blobs, &descriptor.digest, &bytes)
    }

    /// Every manifest that the index leads to, with its descriptor.
    fn all(&self) -> Result<Vec<(Descriptor, Manifest)>, SourceError> {
        let mut open: Vec<(Descriptor, usize)> = self.index()?.into_iter().map(|one| (one, 0)).collect();
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        while let Some((descriptor, depth)) = open.pop() {
            if !seen.insert(descriptor.digest.clone()) {
                continue;
            }
            // Layouts may lack platforms that nobody copied.
            let manifest = match self.manifest_of(&descriptor) {
                Err(SourceError::MissingBlob { .. }) => continue,
                other => other?,
            };
            if depth < MAX_DEPTH {
                let members = manifest.manifests.iter().flatten();
                open.extend(members.map(|member| (member.clone(), depth + 1)));
            }
            found.push((descriptor, manifest));
        }
        found.sort_by(|(one, _), (other, _)| one.digest.cmp(&other.digest));
        Ok(found)
    }

    /// The images the index names: what is about others, and tags of ours and cosign's, are none.
    fn images(&self) -> Result<Vec<Descriptor>, SourceError> {
        let mut images = Vec::new();
        for descriptor in self.index()? {
            let is_made_tag = name_of(&descriptor).is_some_and(is_made_of_digest);
            if is_made_tag || descriptor.artifact_type.is_some() {
                continue;
            }
            let manifest = self.manifest_of(&descriptor)?;
            if manifest.subject.is_none() && manifest.artifact_type.is_none() {
                images.push(descriptor);
            }
        }
        Ok(images)
    }

    fn chosen(&self) -> Result<Descriptor, SourceError> {
        let images = self.images()?;
        let path = || self.path().to_owned();
        let shown = |image: &Descriptor| name_of(image).unwrap_or(&image.digest).to_owned();
        let names: BTreeSet<String> = images.iter().map(shown).collect();
        let names: Vec<String> = names.into_iter().collect();
        let Some(wanted) = &self.image else {
            let different: BTreeSet<&str> = images.iter().map(|image| image.digest.as_str()).collect();
            return match images.first() {
                None => Err(SourceError::NoImage { path: path() }),
                Some(_) if different.len() > 1 => Err(SourceError::SeveralImages { path: path(), names }),
                Some(only) => Ok(only.clone()),
            };
        };
        let is_wanted = |image: &&Descriptor| {
            let name = shown(image);
            name == *wanted || name.ends_with(&format!(":{wanted}")) || image.digest == *wanted
        };
        let found = images.iter().find(is_wanted).cloned();
        found.ok_or_else(|| SourceError::NoSuchImage { path: path(), image: wanted.clone(), names })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), SourceError> {
        let place = self.path().join(name);
        replaced(&place, bytes).map_err(|error| SourceError::write(&place, error))
    }

    fn keep_as(&self, digest: &Digest, bytes: &[u8]) -> Result<(), SourceError> {
        self.writable()?;
        // What is there may be what an interrupted run left.
        match blobs::verified(&*self.blobs, digest, INDEX_FILE) {
            Ok(_) => Ok(()),
            Err(_) => self.write(&digest.blob_name(), bytes),
        }
    }
}

impl Home for Layout {
    fn name(&self) -> String {
        let own = crate::source::image::own_name(self.path());
        match &self.image {
            Some(tag) if !tag.contains([':', '/']) => format!("{own}:{tag}"),
            Some(name) => name.clone(),
            None => own,
        }
    }

    fn top(&self) -> Result<Held, SourceError> {
        let mut descriptor = self.chosen()?;
        let bytes = self.manifest(&Digest::parse(&descriptor.digest)?)?;
        descriptor.size = bytes.len() as u64;
        Ok(Held { descriptor, bytes })
    }

    fn manifest(&self, digest: &Digest) -> Result<Vec<u8>, SourceError> {
        blobs::verified(&*self.blobs, digest, INDEX_FILE)
    }

    fn blob(&self, digest: &Digest, _: u64) -> Result<Vec<u8>, SourceError> {
        let mut bytes = Vec::new();
        let reader = blobs::open(&*self.blobs, &digest.blob_name(), "an artifact")?;
        let read = reader.take(MAX_DOCUMENT).read_to_end(&mut bytes);
        let place = self.path().join(digest.blob_name());
        read.map_err(|error| SourceError::io(&place, error))?;
        verified(&place.display().to_string(), digest, bytes)
    }

    fn referrers(&self, digest: &Digest) -> Result<Vec<Descriptor>, SourceError> {
        let digest = digest.to_string();
        let mut found = Vec::new();
        for (mut descriptor, manifest) in self.all()? {
            if manifest.subject.is_some_and(|subject| subject.digest == digest) {
                let type_of_config = manifest.config.map(|config| config.media_type);
                descriptor.artifact_type =
                    descriptor.artifact_type.or(manifest.artifact_type).or(type_of_config);
                if descriptor.annotations.is_empty() {
                    descriptor.annotations = manifest.annotations;
                }
                found.push(descriptor);
            }
        }
        Ok(found)
    }

    fn tagged(&self, tag: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let tail = format!(":{tag}");
        let is_it = |one: &Descriptor| name_of(one).is_some_and(|name| name == tag || name.ends_with(&tail));
        let found = self.index()?.into_iter().find(is_it);
        found.map(|one| self.manifest(&Digest::parse(&one.digest)?)).transpose()
    }

    fn keep(&self, bytes: &[u8]) -> Result<(), SourceError> {
        self.keep_as(&Digest::sha256(bytes), bytes)
    }

    fn refer(&self, descriptor: &Descriptor, bytes: &[u8], _: &Digest) -> Result<(), SourceError> {
        self.keep_as(&Digest::parse(&descriptor.digest)?, bytes)?;
        let place = self.path().join(LAYOUT_FILE);
        let lock = File::open(&place).map_err(|error| SourceError::io(&place, error))?;
        // Some file systems know no locks; then who writes at the same time has to look out.
        let _ = lock.lock();
        let mut index: Value = blobs::json(&*self.blobs, INDEX_FILE, &self.bytes_of_index()?)?;
        let Some(manifests) = index.get_mut("manifests").and_then(Value::as_array_mut) else {
            return Err(SourceError::Inconsistent {
                path: self.path().to_owned(),
                name: INDEX_FILE.to_owned(),
                reason: "it has no list of manifests".to_owned(),
            });
        };
        if !manifests.iter().any(|one| one.get("digest") == Some(&json!(descriptor.digest))) {
            manifests.push(json!(descriptor));
        }
        self.write(INDEX_FILE, index.to_string().as_bytes())
    }
}

fn name_of(descriptor: &Descriptor) -> Option<&str> {
    descriptor.annotation("io.containerd.image.name").or(descriptor.annotation(NAME))
}

/// `sha256-<hex>`, `sha256-<hex>.att`: what is about the manifest with that digest.
fn is_made_of_digest(name: &str) -> bool {
    let tag = name.rsplit_once(':').map_or(name, |(_, tag)| tag);
    let hex = tag.strip_prefix("sha256-").map(|rest| rest.split('.').next().unwrap_or_default());
    hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Writes a file beside its place and moves it there: nobody ever sees half of it.
fn replaced(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let beside: PathBuf = folder.join(format!(".packlist.{}.part", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, place)
    };
    write().inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    })
}
