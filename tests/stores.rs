//! Images in the stores of containerd and podman, laid out on disk as those lay them out.

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use common::{Image, Layer, Packing, pack, sha256};
use packlist::bom::Bom;
use packlist::inventory::{self, ecosystems};
use packlist::layers::Tree;
use packlist::source::{self, Options, SourceError};
use serde_json::json;

const STATUS: &[u8] = b"Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n";
const BASH: &str = "pkg:deb/debian/bash@5.2-1?arch=amd64";

fn image() -> Image {
    Image::of(vec![
        Layer::of(&[
            ("var/lib/dpkg/status", STATUS),
            ("etc/gone/package.json", b"{\"name\": \"b\", \"version\": \"1.0.0\"}"),
        ]),
        Layer::of(&[
            ("app/node_modules/a/package.json", br#"{"name": "a", "version": "1.0.0"}"#),
            ("etc/.wh.gone", b""),
        ]),
    ])
}

fn scan(reference: &str) -> Result<Bom, SourceError> {
    let wanted = inventory::wanted(ecosystems::ALL);
    let snapshot = source::read(reference, &wanted, &Options::default())?;
    let tree = Tree::stack(&snapshot.extracts);
    Ok(inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL))
}

fn refused(reference: &str) -> String {
    let error = scan(reference).expect_err("it is not whole");
    let mut message = error.to_string();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
    while let Some(error) = cause {
        message.push_str(&format!(": {error}"));
        cause = error.source();
    }
    format!("{message}; {}", error.help().unwrap_or_default())
}

/// The same as the same image from a tar.
fn check(reference: &str, name: &str) {
    let bom = scan(reference).unwrap_or_else(|error| panic!("{reference}: {error:?}"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("saved.tar");
    fs::write(&path, image().docker_archive()).expect("writable");
    let saved = scan(&path.display().to_string()).expect("whole");
    assert_eq!((&bom.components, &bom.layers, &bom.gaps), (&saved.components, &saved.layers, &saved.gaps));
    assert!(bom.components.keys().any(|reference| reference.as_str() == BASH));
    assert_eq!(bom.subject.name, name);
    assert_eq!(bom.subject.version, saved.subject.version);
}

/// A value of bbolt.
enum Item {
    Bytes(Vec<u8>),
    Bucket(Vec<(&'static str, Self)>),
}

fn text(text: &str) -> Item {
    Item::Bytes(text.as_bytes().to_vec())
}

/// A page of keys, whose buckets stand in their values.
fn leaf(id: u64, items: &[(&str, Item)]) -> Vec<u8> {
    let mut heads = Vec::new();
    let mut data = Vec::new();
    for (index, (key, item)) in items.iter().enumerate() {
        let (flags, value) = match item {
            Item::Bytes(bytes) => (0_u32, bytes.clone()),
            Item::Bucket(items) => (1, [vec![0; 16], leaf(0, items)].concat()),
        };
        let place = (items.len() - index) * 16 + data.len();
        for number in [flags, place as u32, key.len() as u32, value.len() as u32] {
            heads.extend_from_slice(&number.to_le_bytes());
        }
        data.extend_from_slice(key.as_bytes());
        data.extend_from_slice(&value);
    }
    let mut page = id.to_le_bytes().to_vec();
    page.extend_from_slice(&2_u16.to_le_bytes());
    page.extend_from_slice(&(items.len() as u16).to_le_bytes());
    let over = (heads.len() + data.len() + 15) / 4096;
    page.extend_from_slice(&(over as u32).to_le_bytes());
    [page, heads, data].concat()
}

fn bolt(items: &[(&str, Item)]) -> Vec<u8> {
    let mut file = Vec::new();
    for transaction in 0..2_u64 {
        let mut meta = Vec::new();
        for number in [0xed0c_daed_u32, 2, 4096, 0] {
            meta.extend_from_slice(&number.to_le_bytes());
        }
        // The newer of the two has the right root.
        for number in [2 + transaction, 0, 2, 9, transaction] {
            meta.extend_from_slice(&number.to_le_bytes());
        }
        let sum = meta.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut page = [
            transaction.to_le_bytes().to_vec(),
            vec![4, 0, 0, 0, 0, 0, 0, 0],
            meta,
            sum.to_le_bytes().to_vec(),
        ]
        .concat();
        page.resize(4096, 0);
        file.extend(page);
    }
    file.resize(3 * 4096, 0);
    file.extend(leaf(3, items));
    file.resize(file.len().next_multiple_of(4096), 0);
    file
}

fn containerd(root: &Path, names: &'static [&'static str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    image().oci_folder(folder.path(), Packing::Gzip);
    let index: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("index.json")).expect("there")).expect("JSON");
    let digest = index["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
    let content = root.join("io.containerd.content.v1.content/blobs/sha256");
    fs::create_dir_all(&content).expect("writable");
    for file in fs::read_dir(folder.path().join("blobs/sha256")).expect("there").flatten() {
        fs::copy(file.path(), content.join(file.file_name())).expect("writable");
    }
    let images = names.iter().map(|name| {
        let target = Item::Bucket(vec![
            ("digest", text(&digest)),
            ("mediatype", text("application/vnd.oci.image.manifest.v1+json")),
            ("size", Item::Bytes(vec![200, 3])),
        ]);
        (*name, Item::Bucket(vec![("createdat", text("then")), ("target", target)]))
    });
    let namespace = Item::Bucket(vec![("images", Item::Bucket(images.collect()))]);
    let file = bolt(&[("v1", Item::Bucket(vec![("k8s.io", namespace), ("version", text("3"))]))]);
    let meta = root.join("io.containerd.metadata.v1.bolt");
    fs::create_dir_all(&meta).expect("writable");
    fs::write(meta.join("meta.db"), &file).expect("writable");
    file
}

#[test]
fn an_image_of_containerd_is_read_from_its_store() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().display().to_string();
    let file = containerd(folder.path(), &["docker.io/library/example:1", "ghcr.io/a/b:2"]);
    check(&format!("containerd:{root}@example:1"), "docker.io/library/example:1");
    check(&format!("containerd:{root}@ghcr.io/a/b:2"), "ghcr.io/a/b:2");
    let message = refused(&format!("containerd:{root}@other"));
    assert!(message.contains("no image `other`") && message.contains("ghcr.io/a/b:2"), "{message}");
    let meta = folder.path().join("io.containerd.metadata.v1.bolt/meta.db");
    // Whatever becomes of the database, no other image comes of it, and no panic.
    for at in (0..file.len()).step_by(61) {
        let mut changed = file.clone();
        changed[at] ^= 0xff;
        fs::write(&meta, changed).expect("writable");
        if let Ok(bom) = scan(&format!("containerd:{root}@example:1")) {
            assert!(bom.components.keys().any(|reference| reference.as_str() == BASH), "{at}");
        }
        fs::write(&meta, &file[..at]).expect("writable");
        assert!(scan(&format!("containerd:{root}@example:1")).is_err(), "{at} bytes");
    }
    fs::write(&meta, &file).expect("writable");
    let layer = sha256(&pack(&image().layers[1].0, Packing::Gzip));
    let blob = folder.path().join("io.containerd.content.v1.content/blobs/sha256").join(&layer[7..]);
    fs::remove_file(blob).expect("there");
    let message = refused(&format!("containerd:{root}@example:1"));
    assert!(message.contains(&layer[7..]), "{message}");
    fs::remove_file(&meta).expect("there");
    let message = refused(&format!("containerd:{root}@example:1"));
    assert!(message.contains("meta.db") && message.contains("containerd:ROOT@IMAGE"), "{message}");
}

/// What stands around the files of a tar, as tar-split writes it.
fn tar_split(layer: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encoded = |bytes: &[u8]| -> String {
        bytes
            .chunks(3)
            .flat_map(|group| {
                let number = group.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
                    << (8 * (3 - group.len()));
                let digit = move |at: u32| char::from(DIGITS[(number >> (18 - 6 * at) & 63) as usize]);
                let count = group.len() as u32 + 1;
                (0..4).map(move |at| if at < count { digit(at) } else { '=' })
            })
            .collect()
    };
    let mut lines = String::new();
    let mut at = 0;
    let mut archive = tar::Archive::new(layer);
    for entry in archive.entries().expect("a tar") {
        let entry = entry.expect("whole");
        let start = entry.raw_file_position() as usize;
        lines.push_str(&json!({"type": 2, "payload": encoded(&layer[at..start])}).to_string());
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        lines.push_str(&format!(
            "\n{}\n",
            json!({"type": 1, "name": name, "size": entry.size(), "payload": "AAAAAAAAAAA="})
        ));
        at = start + entry.size() as usize;
    }
    lines.push_str(&format!("{}\n", json!({"type": 2, "payload": encoded(&layer[at..])})));
    lines
}

fn unpack(layer: &[u8], folder: &Path) {
    fs::create_dir_all(folder).expect("writable");
    for entry in tar::Archive::new(layer).entries().expect("a tar") {
        let mut entry = entry.expect("whole");
        let path = folder.join(entry.path().expect("a name"));
        fs::create_dir_all(path.parent().expect("in a folder")).expect("writable");
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).expect("whole");
        fs::write(path, bytes).expect("writable");
    }
}

/// A store of this driver, and where its layers' files lie.
fn storage(root: &Path, driver: &str) -> Vec<std::path::PathBuf> {
    let saved = image().docker_archive();
    let mut archive = tar::Archive::new(saved.as_slice());
    let mut config = Vec::new();
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("whole");
        if entry.path_bytes().ends_with(b".json") && &*entry.path_bytes() != b"manifest.json" {
            std::io::Read::read_to_end(&mut entry, &mut config).expect("whole");
        }
    }
    let (images, layers) = (root.join(format!("{driver}-images")), root.join(format!("{driver}-layers")));
    let id = sha256(&config)[7..].to_owned();
    fs::create_dir_all(images.join(&id)).expect("writable");
    fs::create_dir_all(&layers).expect("writable");
    let manifest =
        json!({"schemaVersion": 2, "config": {"digest": sha256(&config)}, "layers": []}).to_string();
    fs::write(images.join(&id).join("manifest"), &manifest).expect("writable");
    fs::write(images.join(&id).join(sha256(&config)), &config).expect("writable");
    let list = json!([{"id": id, "digest": sha256(manifest.as_bytes()), "names": ["localhost/example:1"], "layer": "top"}]);
    fs::write(images.join("images.json"), list.to_string()).expect("writable");
    let list = json!([{"id": "top", "parent": "base", "diff-size": 1}, {"id": "base"}]);
    fs::write(layers.join("layers.json"), list.to_string()).expect("writable");
    let mut folders = Vec::new();
    for (id, layer) in ["base", "top"].iter().zip(&image().layers) {
        let folder = match driver {
            "vfs" => root.join("vfs/dir").join(id),
            driver => root.join(driver).join(id).join("diff"),
        };
        unpack(&layer.0, &folder);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(tar_split(&layer.0).as_bytes()).expect("in memory");
        fs::write(layers.join(format!("{id}.tar-split.gz")), packed.finish().expect("in memory"))
            .expect("writable");
        folders.push(folder);
    }
    folders
}

#[test]
fn an_image_of_podman_is_read_from_its_store_and_verified() {
    for driver in ["vfs", "overlay"] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().display().to_string();
        let reference = format!("containers-storage:{root}@example:1");
        let folders = storage(folder.path(), driver);
        check(&reference, "localhost/example:1");
        let message = refused(&format!("containers-storage:{root}@other"));
        assert!(message.contains("no image `other`") && message.contains("localhost/example:1"), "{message}");
        let file = folders[0].join("var/lib/dpkg/status");
        fs::write(&file, String::from_utf8_lossy(STATUS).replace("5.2-1", "5.2-2")).expect("writable");
        let message = refused(&reference);
        assert_eq!(message.matches("sha256:").count(), 2, "{message}");
        assert!(message.contains(&image().layers[0].diff_id()), "{message}");
        fs::write(&file, "short").expect("writable");
        assert!(refused(&reference).contains("shorter"), "{}", refused(&reference));
        fs::write(&file, STATUS).expect("writable");
        let split = folder.path().join(format!("{driver}-layers/base.tar-split.gz"));
        let whole = fs::read(&split).expect("there");
        for length in [0, 5, whole.len() / 2, whole.len() - 3] {
            fs::write(&split, &whole[..length]).expect("writable");
            assert!(scan(&reference).is_err(), "{length}");
        }
        fs::remove_file(&split).expect("there");
        assert!(refused(&reference).contains("tar-split"), "{}", refused(&reference));
    }
}

#[test]
fn a_store_that_is_not_there_or_of_another_kind_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().display().to_string();
    let message = refused(&format!("containers-storage:{root}@a"));
    assert!(message.contains(&root) && message.contains("podman save"), "{message}");
    storage(folder.path(), "btrfs");
    let message = refused(&format!("containers-storage:{root}@example:1"));
    assert!(message.contains("the driver btrfs"), "{message}");
    let layers = folder.path().join("vfs-layers");
    storage(folder.path(), "vfs");
    fs::remove_dir_all(folder.path().join("btrfs-images")).expect("there");
    fs::write(layers.join("layers.json"), json!([{"id": "top", "parent": "top"}]).to_string())
        .expect("writable");
    assert!(refused(&format!("containers-storage:{root}@example:1")).contains("no blob"));
}

/// Where skopeo is there, its own store is what we read.
#[test]
fn what_skopeo_stores_is_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let saved = folder.path().join("saved.tar");
    fs::write(&saved, image().docker_archive()).expect("writable");
    let root = folder.path().join("store");
    let stored = Command::new("skopeo")
        .args(["copy", "--insecure-policy", &format!("docker-archive:{}", saved.display())])
        .arg(format!(
            "containers-storage:[vfs@{}+{}]localhost/example:1",
            root.display(),
            folder.path().join("run").display()
        ))
        .output();
    // Without rights to make users' namespaces it cannot store anything.
    if stored.is_ok_and(|output| output.status.success()) {
        check(&format!("containers-storage:{}@example:1", root.display()), "localhost/example:1");
    }
}
