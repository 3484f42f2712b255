//! Every container an image comes in gives the same list, and every way of being broken its own message.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Image, Layer, Packing, pack, sha256};
use packlist::bom::{Basis, Bom};
use packlist::inventory::{self, ecosystems};
use packlist::layers::Tree;
use packlist::source::{self, Cache, Options, SourceError, Verify};
use tempfile::TempDir;

const STATUS_BELOW: &[u8] =
    b"Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n\
    Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88-1\n";
const STATUS_ABOVE: &[u8] =
    b"Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88-2\n";

fn image() -> Image {
    let os = b"ID=debian\nVERSION_ID=12\n".as_slice();
    Image::of(vec![
        Layer::of(&[("usr/lib/os-release", os), ("var/lib/dpkg/status", STATUS_BELOW)]),
        Layer::of(&[("./var/lib/dpkg/status", STATUS_ABOVE)]),
    ])
}

/// What the list of [`image`] says, however it is packed.
const LISTED: &[&str] = &[
    "operating-system:debian@12 layer 0",
    "pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12 layer 0 hidden by 1",
    "pkg:deb/debian/curl@7.88-1?arch=amd64&distro=debian-12 layer 0 hidden by 1",
    "pkg:deb/debian/curl@7.88-2?arch=amd64&distro=debian-12 layer 1",
];

fn scan(reference: &str, options: &Options) -> Result<Bom, SourceError> {
    let wanted = inventory::wanted(ecosystems::ALL);
    let snapshot = source::read(reference, &wanted, options)?;
    let tree = Tree::stack(&snapshot.extracts);
    Ok(inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL))
}

fn listed(bom: &Bom) -> Vec<String> {
    let line = |(reference, component): (&packlist::bom::Ref, &packlist::bom::Component)| {
        let layer = component.layer.map(|layer| format!(" layer {layer}")).unwrap_or_default();
        let hidden = component.hidden.as_ref().map(|hidden| format!(" hidden by {}", hidden.layer));
        format!("{reference}{layer}{}", hidden.unwrap_or_default())
    };
    bom.components.iter().map(line).collect()
}

/// A file in a folder that vanishes with the test.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a temporary folder");
        path.display().to_string()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn check(reference: &str) {
    let bom = scan(reference, &Options::default()).unwrap_or_else(|error| panic!("{reference}: {error}"));
    assert_eq!(listed(&bom), LISTED, "{reference}");
    assert_eq!(bom.layers.len(), 2);
    assert_eq!(bom.layers[1].created_by.as_deref(), Some("RUN step 1"));
    assert_eq!(bom.subject.platform.as_deref(), Some("linux/amd64"));
    assert!(bom.gaps.is_empty(), "{:?}", bom.gaps);
}

fn refused(reference: &str) -> String {
    let error = scan(reference, &Options::default()).expect_err("it is broken");
    let help = error.help().unwrap_or_default();
    let mut message = error.to_string();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
    while let Some(error) = cause {
        message.push_str(&format!(": {error}"));
        cause = error.source();
    }
    format!("{message}; {help}")
}

#[test]
fn an_oci_layout_is_read_from_a_folder_and_a_tar_in_every_compression() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let place = Place::new();
        image().oci_folder(&place.path("layout"), packing);
        let folder = place.path("layout").display().to_string();
        check(&folder);
        check(&format!("oci:{folder}:example:1"));
        let archive = place.file("layout.tar", &image().oci_archive(packing));
        check(&archive);
        check(&format!("oci-archive:{archive}"));
    }
}

#[test]
fn a_saved_image_is_read_wherever_its_manifest_stands() {
    let place = Place::new();
    let saved = image().docker_archive();
    check(&place.file("saved.tar", &saved));
    for (name, order) in
        [("first.tar", [3, 0, 1, 2]), ("between.tar", [1, 3, 0, 2]), ("last.tar", [2, 1, 0, 3])]
    {
        let members = members(&saved);
        let members: Vec<(&str, &[u8])> =
            order.iter().map(|index| (members[*index].0.as_str(), members[*index].1.as_slice())).collect();
        check(&place.file(name, &Layer::of(&members).0));
    }
}

#[test]
fn an_image_says_its_licence_and_its_vendor_in_labels() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("said.tar");
    let mut said = image();
    said.process = serde_json::json!({"Labels": {
        "org.opencontainers.image.licenses": "Apache-2.0 OR MIT",
        "org.opencontainers.image.vendor": " Example Ltd ",
        "org.opencontainers.image.base.name": "",
    }});
    fs::write(&path, said.docker_archive()).expect("it can be written");
    let subject = scan(&path.to_string_lossy(), &Options::default()).expect("it is sound").subject;
    let licenses: Vec<_> = subject.licenses.iter().map(|claim| (claim.text.as_str(), claim.basis)).collect();
    assert_eq!(licenses, [("Apache-2.0 OR MIT", Basis::Declared)]);
    assert_eq!((subject.supplier.as_deref(), subject.base), (Some("Example Ltd"), None));
}

#[test]
fn names_that_start_with_a_dot_are_the_same_names() {
    let place = Place::new();
    let members = members(&image().docker_archive());
    let dotted: Vec<(String, Vec<u8>)> =
        members.into_iter().map(|(name, bytes)| (format!("./{name}"), bytes)).collect();
    let dotted: Vec<(&str, &[u8])> =
        dotted.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    check(&place.file("dotted.tar", &Layer::of(&dotted).0));
}

#[test]
fn a_docker_archive_may_hold_gzipped_layers() {
    let place = Place::new();
    let members = members(&image().docker_archive());
    let packed: Vec<(String, Vec<u8>)> = members
        .into_iter()
        .map(|(name, bytes)| {
            let bytes = if name.ends_with("layer.tar") { pack(&bytes, Packing::Gzip) } else { bytes };
            (name, bytes)
        })
        .collect();
    let packed: Vec<(&str, &[u8])> =
        packed.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    check(&place.file("packed.tar", &Layer::of(&packed).0));
}

#[test]
fn new_docker_saves_both_layouts_in_one_tar() {
    let place = Place::new();
    let mut files = image().oci_files(Packing::Plain);
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", &sha256(bytes)[7..]);
    let layers: Vec<String> = image().layers.iter().map(|layer| blob(&layer.0)).collect();
    let config = files.iter().find(|(_, bytes)| bytes.starts_with(br#"{"architecture"#)).expect("a config");
    let manifest =
        serde_json::json!([{"Config": config.0, "RepoTags": ["example:1"], "Layers": layers}]).to_string();
    files.push(("manifest.json".to_owned(), manifest.into_bytes()));
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let archive = place.file("both.tar", &Layer::of(&files).0);
    check(&archive);
    check(&format!("docker-archive:{archive}"));
    check(&format!("oci-archive:{archive}"));
}

#[test]
fn a_nested_index_leads_to_the_platform_that_is_asked_for() {
    let place = Place::new();
    let layout = place.path("layout");
    image().oci_folder(&layout, Packing::Gzip);
    let index: serde_json::Value = read_json(&layout.join("index.json"));
    let manifest = index["manifests"][0].clone();
    let platform = |architecture: &str, descriptor: &serde_json::Value| {
        let mut descriptor = descriptor.clone();
        descriptor["platform"] = serde_json::json!({"os": "linux", "architecture": architecture});
        descriptor
    };
    let other = Image::of(vec![Layer::of(&[("etc/os-release", b"ID=alpine\nVERSION_ID=3.20\n")])]);
    other.oci_folder(&layout, Packing::Gzip);
    let arm = read_json(&layout.join("index.json"))["manifests"][0].clone();
    let nested = serde_json::json!({"schemaVersion": 2, "manifests": [platform("amd64", &manifest), platform("arm64", &arm)]})
        .to_string();
    fs::write(layout.join("blobs/sha256").join(&sha256(nested.as_bytes())[7..]), &nested).expect("writable");
    let top = serde_json::json!({"schemaVersion": 2, "manifests": [{
        "mediaType": "application/vnd.oci.image.index.v1+json", "digest": sha256(nested.as_bytes()), "size": nested.len(),
    }]});
    fs::write(layout.join("index.json"), top.to_string()).expect("writable");
    let reference = layout.display().to_string();
    check(&reference);
    let asked = |platform: &str| Options { platform: platform.parse().ok(), ..Options::default() };
    let bom = scan(&reference, &asked("linux/arm64/v8")).expect("there");
    assert_eq!(listed(&bom), ["operating-system:alpine@3.20 layer 0"]);
    let error = scan(&reference, &asked("linux/s390x")).expect_err("not there").to_string();
    assert_eq!(error, "the image is not there for linux/s390x; it is for linux/amd64, linux/arm64");
}

#[test]
fn a_changed_byte_is_refused_with_both_digests() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let place = Place::new();
        let layout = place.path("layout");
        image().oci_folder(&layout, packing);
        let right = pack(&image().layers[1].0, packing);
        let blob = layout.join("blobs/sha256").join(&sha256(&right)[7..]);
        let mut wrong = right.clone();
        let middle = wrong.len() / 2;
        wrong[middle] ^= 1;
        fs::write(&blob, &wrong).expect("writable");
        let message = refused(&layout.display().to_string());
        assert!(message.contains(&sha256(&right)), "{message}");
        assert!(message.contains(&sha256(&wrong)), "{message}");
    }
}

#[test]
fn a_changed_byte_in_a_saved_image_is_refused_with_both_digests() {
    let place = Place::new();
    let mut saved = image().docker_archive();
    let needle = b"Version: 7.88-2";
    let at =
        saved.windows(needle.len()).position(|window| window == needle).expect("there") + needle.len() - 1;
    saved[at] = b'3';
    let message = refused(&place.file("saved.tar", &saved));
    let right = image().layers[1].diff_id();
    assert!(message.contains(&right), "{message}");
    assert_eq!(message.matches("sha256:").count(), 2, "{message}");
}

#[test]
fn digests_are_believed_where_the_user_says_so() {
    let place = Place::new();
    let trusting = Options { verify: Verify::Nothing, ..Options::default() };
    let right = place.file("right.tar", &image().docker_archive());
    assert_eq!(listed(&scan(&right, &trusting).expect("whole")), LISTED);
    let archive = place.file("layout.tar", &image().oci_archive(Packing::Gzip));
    assert_eq!(listed(&scan(&archive, &trusting).expect("whole")), LISTED);
    let mut saved = image().docker_archive();
    let needle = b"Version: 7.88-2";
    let at =
        saved.windows(needle.len()).position(|window| window == needle).expect("there") + needle.len() - 1;
    saved[at] = b'3';
    let bom = scan(&place.file("saved.tar", &saved), &trusting).expect("nobody looks");
    assert!(listed(&bom).iter().any(|line| line.contains("curl@7.88-3")));
}

/// An image that says of its layers that they are others.
fn lying(of: &Image, as_if: &Image) -> Image {
    let lies = as_if.layers.iter().map(Layer::diff_id).collect();
    Image { lies, ..Image::of(of.layers.iter().map(|layer| Layer(layer.0.clone())).collect()) }
}

fn other_image() -> Image {
    Image::of(vec![Layer::of(&[("x", b"1")]), Layer::of(&[("y", b"2")])])
}

#[test]
fn diff_ids_of_packed_layers_are_verified_where_the_user_asks() {
    let strict = Options { verify: Verify::DiffIds, ..Options::default() };
    for packing in [Packing::Gzip, Packing::Zstd] {
        let place = Place::new();
        let (layout, honest) = (place.path("layout"), place.path("honest"));
        lying(&image(), &other_image()).oci_folder(&layout, packing);
        image().oci_folder(&honest, packing);
        let reference = layout.display().to_string();
        assert_eq!(listed(&scan(&reference, &Options::default()).expect("blobs are right")), LISTED);
        let message = scan(&reference, &strict).expect_err("the diff ID is not").to_string();
        assert!(message.contains("(diff ID)"), "{message}");
        assert_eq!(listed(&scan(&honest.display().to_string(), &strict).expect("honest")), LISTED);
    }
}

#[test]
fn diff_ids_of_layers_that_are_not_packed_are_always_verified() {
    let place = Place::new();
    let lying = lying(&image(), &other_image());
    lying.oci_folder(&place.path("layout"), Packing::Plain);
    for reference in
        [place.path("layout").display().to_string(), place.file("saved.tar", &lying.docker_archive())]
    {
        assert!(refused(&reference).contains(&other_image().layers[0].diff_id()), "{reference}");
    }
}

/// Neither image may get the other's packages out of the cache, in either order.
#[test]
fn who_says_that_a_layer_is_anothers_neither_fills_its_place_in_the_cache_nor_hides_behind_it() {
    for lying_first in [true, false] {
        let place = Place::new();
        let (liar, honest) = (place.path("liar"), place.path("honest"));
        lying(&other_image(), &image()).oci_folder(&liar, Packing::Gzip);
        image().oci_folder(&honest, Packing::Gzip);
        let cache = Some(Cache::new(place.path("cache"), Cache::MAX_BYTES));
        let cached = Options { cache, ..Options::default() };
        let check = |is_liar: bool| {
            let folder = if is_liar { &liar } else { &honest };
            let found = listed(&scan(&folder.display().to_string(), &cached).expect("blobs are right"));
            assert_eq!(found == LISTED, !is_liar, "{found:?}");
        };
        [lying_first, !lying_first].into_iter().for_each(check);
    }
}

#[test]
fn a_layer_that_was_read_once_is_not_read_again() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let place = Place::new();
        let layout = place.path("layout");
        image().oci_folder(&layout, packing);
        let reference = layout.display().to_string();
        let cache = Some(Cache::new(place.path("cache"), Cache::MAX_BYTES));
        let cached = Options { cache, ..Options::default() };
        let cold = scan(&reference, &cached).expect("whole");
        let blobs = image().layers.iter().map(|layer| sha256(&pack(&layer.0, packing))).collect::<Vec<_>>();
        fs::remove_file(layout.join("blobs/sha256").join(&blobs[0][7..])).expect("there");
        assert_eq!(scan(&reference, &cached).expect("kept"), cold);
        assert!(scan(&reference, &Options::default()).is_err());
        assert_eq!(cold, scan(&reference, &cached).expect("kept"));
    }
}

#[test]
fn what_was_not_verified_is_not_kept() {
    let place = Place::new();
    let mut saved = image().docker_archive();
    let at = saved.windows(7).position(|window| window == b"7.88-2\n").expect("there");
    saved[at] = b'8';
    let reference = place.file("saved.tar", &saved);
    let options = |verify| {
        let cache = Some(Cache::new(place.path("cache"), Cache::MAX_BYTES));
        Options { verify, cache, ..Options::default() }
    };
    assert!(scan(&reference, &options(Verify::Nothing)).is_ok());
    assert!(!place.path("cache").exists());
    assert!(scan(&reference, &options(Verify::Named)).is_err());
    let kept = fs::read_dir(place.path("cache")).map_or(0, Iterator::count);
    assert!(kept <= 1, "the layer that was changed is not among them");
    assert!(scan(&reference, &options(Verify::Named)).is_err());
}

#[test]
fn what_is_broken_says_how() {
    let place = Place::new();
    let saved = image().docker_archive();
    let cases = [
        ("truncated.tar", &saved[..saved.len() / 2 + 100], "not a whole tar archive"),
        ("cut-between-members.tar", &saved[..saved.len() / 2], "the tar may be truncated"),
        ("text.tar", b"hello, this is no archive".as_slice(), "neither an image"),
        ("empty.tar", b"", "is empty"),
    ];
    for (name, bytes, expected) in cases {
        let message = refused(&place.file(name, bytes));
        assert!(message.contains(expected) && message.contains(name), "{message}");
        assert!(message.len() > expected.len() + name.len() + 20, "it says what to do: {message}");
    }
    let message = refused(&place.path("nothing-here").display().to_string());
    assert!(message.contains("nothing-here") && message.contains("No such file"), "{message}");
    let plain = Layer::of(&[(&*format!("blobs/sha256/{}", "a".repeat(64)), b"x")]).0;
    let message = refused(&place.file("files.tar", &plain));
    assert!(message.contains("a tar without an image"), "{message}");
    let message = refused(&place.file("image.tar.bz2", b"BZh91AY&SY and so on"));
    assert!(message.contains("bzip2") && message.contains("bunzip2"), "{message}");
}

#[test]
fn a_missing_blob_and_bad_json_are_named() {
    let place = Place::new();
    let layout = place.path("layout");
    image().oci_folder(&layout, Packing::Gzip);
    let layer = sha256(&pack(&image().layers[0].0, Packing::Gzip));
    fs::remove_file(layout.join("blobs/sha256").join(&layer[7..])).expect("there");
    let message = refused(&layout.display().to_string());
    assert!(message.contains(&layer[7..]), "{message}");
    fs::write(layout.join("index.json"), "{\"manifests\": [}").expect("writable");
    let message = refused(&layout.display().to_string());
    assert!(message.contains("index.json") && message.contains("line 1"), "{message}");
}

#[test]
fn several_images_in_one_tar_want_a_choice() {
    let place = Place::new();
    let one = image().docker_archive();
    let mut files = members(&one);
    let manifest = files.iter_mut().find(|(name, _)| name == "manifest.json").expect("there");
    let mut images: serde_json::Value = serde_json::from_slice(&manifest.1).expect("JSON");
    let mut second = images[0].clone();
    second["RepoTags"] = serde_json::json!(["other:2"]);
    images.as_array_mut().expect("a list").push(second);
    manifest.1 = images.to_string().into_bytes();
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let archive = place.file("two.tar", &Layer::of(&files).0);
    let message = refused(&archive);
    assert!(message.contains("2 images: example:1, other:2"), "{message}");
    check(&format!("{archive}:example:1"));
    let message = refused(&format!("{archive}:third"));
    assert!(message.contains("no image `third`"), "{message}");
}

#[test]
fn a_directory_is_read_without_following_links_out() {
    let place = Place::new();
    let root = place.path("root");
    fs::create_dir_all(root.join("var/lib/dpkg")).expect("writable");
    fs::write(root.join("var/lib/dpkg/status"), STATUS_ABOVE).expect("writable");
    fs::create_dir_all(place.path("outside/var/lib/dpkg")).expect("writable");
    fs::write(place.path("outside/var/lib/dpkg/status"), STATUS_BELOW).expect("writable");
    #[cfg(unix)]
    std::os::unix::fs::symlink(place.path("outside"), root.join("srv")).expect("writable");
    let bom = scan(&root.display().to_string(), &Options::default()).expect("there");
    assert_eq!(listed(&bom), ["pkg:deb/debian/curl@7.88-2?arch=amd64"]);
    assert!(bom.layers.is_empty());
}

fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().expect("a tar");
    entries
        .map(|entry| {
            let mut entry = entry.expect("whole");
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut bytes).expect("whole");
            (name, bytes)
        })
        .collect()
}

fn read_json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).expect("there")).expect("JSON")
}
