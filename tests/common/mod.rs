//! Images for tests, packed from files and folders the way real tools pack them.

// Each test binary uses its own part of this.
#![expect(dead_code, reason = "no single test binary packs every kind of image")]

pub(crate) mod chunked;
pub(crate) mod packed;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use packlist::layers::Wanted;
use packlist::source::{self, Snapshot};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digest}")
}

/// A layer as an uncompressed tar.
pub(crate) struct Layer(pub(crate) Vec<u8>);

impl Layer {
    /// From pairs of path and content.
    pub(crate) fn of(files: &[(&str, &[u8])]) -> Self {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, *content).expect("in memory");
        }
        Self(tar.into_inner().expect("in memory"))
    }

    /// From a folder, entries in order of name, whiteouts as they lie there.
    pub(crate) fn from_folder(folder: &Path) -> Self {
        let mut tar = tar::Builder::new(Vec::new());
        tar.mode(tar::HeaderMode::Deterministic);
        tar.follow_symlinks(false);
        append_folder(&mut tar, folder, Path::new(""));
        Self(tar.into_inner().expect("in memory"))
    }

    pub(crate) fn diff_id(&self) -> String {
        sha256(&self.0)
    }
}

fn append_folder(tar: &mut tar::Builder<Vec<u8>>, folder: &Path, inside: &Path) {
    let mut entries: Vec<_> = fs::read_dir(folder).expect("a fixture").flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if let Some((name, content)) = packed::packed(&entry.path()) {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o755);
            tar.append_data(&mut header, inside.join(name), content.as_slice()).expect("in memory");
            continue;
        }
        let name = inside.join(entry.file_name());
        tar.append_path_with_name(entry.path(), &name).expect("in memory");
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            append_folder(tar, &entry.path(), &name);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// An image of these layers, base first.
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) layers: Vec<Layer>,
    /// How its processes are started, as configs write it.
    pub(crate) process: Value,
    /// The build step of each layer; `RUN step 0` where there is none here.
    pub(crate) steps: Vec<String>,
    /// The diff IDs that the config states, where these are not the layers' own.
    pub(crate) lies: Vec<String>,
}

impl Image {
    pub(crate) fn of(layers: Vec<Layer>) -> Self {
        Self { name: "example:1".to_owned(), layers, process: json!({}), steps: Vec::new(), lies: Vec::new() }
    }

    fn config(&self) -> Vec<u8> {
        let own: Vec<String> = self.layers.iter().map(Layer::diff_id).collect();
        let diff_ids = if self.lies.is_empty() { &own } else { &self.lies };
        let history: Vec<_> = (0..self.layers.len())
            .map(|index| {
                let step = self.steps.get(index).cloned().unwrap_or_else(|| format!("RUN step {index}"));
                json!({"created": "2026-01-02T03:04:05Z", "created_by": step})
            })
            .collect();
        let config = json!({
            "architecture": "amd64", "os": "linux", "created": "2026-01-02T03:04:05Z",
            "config": self.process, "rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": history,
        });
        config.to_string().into_bytes()
    }

    /// The tar of an old `docker save`.
    pub(crate) fn docker_archive(&self) -> Vec<u8> {
        let config = self.config();
        let config_name = format!("{}.json", &sha256(&config)[7..]);
        let names: Vec<String> =
            (0..self.layers.len()).map(|index| format!("layer{index}/layer.tar")).collect();
        let manifest = json!([{"Config": config_name, "RepoTags": [self.name], "Layers": names}]);
        let mut files: Vec<(&str, &[u8])> = vec![(config_name.as_str(), config.as_slice())];
        files.extend(names.iter().zip(&self.layers).map(|(name, layer)| (name.as_str(), layer.0.as_slice())));
        let manifest = manifest.to_string();
        files.push(("manifest.json", manifest.as_bytes()));
        Layer::of(&files).0
    }

    /// The files of an OCI layout, by name.
    pub(crate) fn oci_files(&self, packing: Packing) -> Vec<(String, Vec<u8>)> {
        let blob = |bytes: Vec<u8>| (format!("blobs/sha256/{}", &sha256(&bytes)[7..]), bytes);
        let descriptor = |kind: &str, bytes: &[u8]| json!({"mediaType": kind, "digest": sha256(bytes), "size": bytes.len()});
        let kind = match packing {
            Packing::Plain => "application/vnd.oci.image.layer.v1.tar",
            Packing::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Packing::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
        };
        let packed: Vec<Vec<u8>> = self.layers.iter().map(|layer| pack(&layer.0, packing)).collect();
        let config = self.config();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": packed.iter().map(|bytes| descriptor(kind, bytes)).collect::<Vec<_>>(),
        })
        .to_string()
        .into_bytes();
        let mut entry = descriptor("application/vnd.oci.image.manifest.v1+json", &manifest);
        entry["annotations"] = json!({"org.opencontainers.image.ref.name": self.name});
        let index = json!({"schemaVersion": 2, "manifests": [entry]});
        let mut files = vec![
            ("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()),
            ("index.json".to_owned(), index.to_string().into_bytes()),
        ];
        files.extend(packed.into_iter().chain([config, manifest]).map(blob));
        files
    }

    pub(crate) fn oci_folder(&self, folder: &Path, packing: Packing) {
        for (name, bytes) in self.oci_files(packing) {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("below the folder")).expect("a temporary folder");
            fs::write(path, bytes).expect("a temporary folder");
        }
    }

    pub(crate) fn oci_archive(&self, packing: Packing) -> Vec<u8> {
        let files = self.oci_files(packing);
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        Layer::of(&files).0
    }
}

pub(crate) fn pack(bytes: &[u8], packing: Packing) -> Vec<u8> {
    match packing {
        Packing::Plain => bytes.to_vec(),
        Packing::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).expect("in memory");
            encoder.finish().expect("in memory")
        }
        Packing::Zstd => zstd::encode_all(bytes, 1).expect("in memory"),
    }
}

/// Reads a fixture: a source tree, or an image when it has `layers/0`, `layers/1`, ….
pub(crate) fn read_fixture(fixture: &Path, wanted: &Wanted) -> Snapshot {
    let name = fixture.file_name().expect("a name").to_string_lossy();
    let layers = folders(&fixture.join("layers"));
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let reference = if layers.is_empty() {
        format!("dir:{}", fixture.display())
    } else {
        let layers = layers.iter().map(|folder| Layer::from_folder(folder)).collect();
        Image { name: format!("{name}:1"), ..Image::of(layers) }.oci_folder(temporary.path(), Packing::Plain);
        format!("oci:{}", temporary.path().display())
    };
    source::read(&reference, wanted, &source::Options::default()).expect("fixtures are whole")
}

/// The folders in a folder, in order of name.
pub(crate) fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
