//! What passes once gives the list that the same gives from a file, in whatever order it comes; and what is cut,
//! damaged or hostile gives an error.

mod common;

use std::fs;
use std::io::{Cursor, Read, Write};

use common::packed::zip_of;
use common::{Image, Layer, Packing, pack, sha256};
use packlist::bom::Bom;
use packlist::inventory::{self, ecosystems};
use packlist::layers::Tree;
use packlist::source::{self, Cache, Options, Snapshot, SourceError};
use tempfile::TempDir;

const STATUS: &[u8] = b"Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n";

fn image() -> Image {
    Image::of(vec![
        Layer::of(&[
            ("usr/lib/os-release", b"ID=debian\nVERSION_ID=12\n".as_slice()),
            ("var/lib/dpkg/status", STATUS),
        ]),
        Layer::of(&[("app/node_modules/a/package.json", br#"{"name": "a", "version": "1.0.0"}"#)]),
    ])
}

fn taken(snapshot: Snapshot) -> Bom {
    let tree = Tree::stack(&snapshot.extracts);
    inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL)
}

fn from_stream(bytes: &[u8], image: Option<&str>) -> Result<Bom, SourceError> {
    streamed("standard input", bytes, image)
}

fn streamed(name: &str, bytes: &[u8], image: Option<&str>) -> Result<Bom, SourceError> {
    // In pieces, as they come through a pipe.
    struct Pieces<'a>(Cursor<&'a [u8]>);
    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = buffer.len().min(777);
            self.0.read(&mut buffer[..length])
        }
    }
    let wanted = inventory::wanted(ecosystems::ALL);
    let data = Pieces(Cursor::new(bytes));
    source::read_stream(data, name, image, &wanted, &Options::default()).map(taken)
}

fn from_file(name: &str, bytes: &[u8]) -> Result<Bom, SourceError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("writable");
    let wanted = inventory::wanted(ecosystems::ALL);
    source::read(&path.display().to_string(), &wanted, &Options::default()).map(taken)
}

/// Both.
fn same(name: &str, bytes: &[u8]) -> Bom {
    let file = from_file(name, bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let stream = streamed(name, bytes, None).unwrap_or_else(|error| panic!("{name} as a stream: {error}"));
    assert_eq!(file, stream, "{name}");
    stream
}

fn references(bom: &Bom) -> Vec<String> {
    bom.components.keys().map(ToString::to_string).collect()
}

const LISTED: &[&str] = &[
    "operating-system:debian@12",
    "pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12",
    "pkg:npm/a@1.0.0",
];

fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(archive);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.expect("whole");
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("whole");
        (name, bytes)
    };
    archive.entries().expect("a tar").map(read).collect()
}

fn packed_again(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Layer::of(&members).0
}

#[test]
fn an_image_is_the_same_from_a_stream_in_every_order() {
    let saved = members(&image().docker_archive());
    let orders = [[0, 1, 2, 3], [3, 0, 1, 2], [1, 3, 0, 2], [2, 1, 0, 3], [3, 2, 1, 0]];
    for order in orders {
        let ordered: Vec<_> = order.iter().map(|index| saved[*index].clone()).collect();
        let bom = same("saved.tar", &packed_again(&ordered));
        assert_eq!(references(&bom), LISTED, "{order:?}");
        assert_eq!(bom.layers.len(), 2);
    }
    let dotted: Vec<_> = saved.iter().map(|(name, bytes)| (format!("./{name}"), bytes.clone())).collect();
    assert_eq!(references(&same("dotted.tar", &packed_again(&dotted))), LISTED);
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let archive = image().oci_archive(packing);
        assert_eq!(references(&same("layout.tar", &archive)), LISTED);
        let mut reversed = members(&archive);
        reversed.reverse();
        assert_eq!(references(&same("reversed.tar", &packed_again(&reversed))), LISTED);
    }
}

#[test]
fn a_compressed_image_is_read_by_path_and_as_it_comes() {
    let saved = image().docker_archive();
    for (name, packing) in [("app.tar.gz", Packing::Gzip), ("app.tar.zst", Packing::Zstd)] {
        assert_eq!(references(&same(name, &pack(&saved, packing))), LISTED);
        let layout = image().oci_archive(Packing::Gzip);
        assert_eq!(references(&same(name, &pack(&layout, packing))), LISTED);
    }
    // What says nothing of the image behind it does not change it: a stream of two gzip members.
    let (one, two) = saved.split_at(700);
    let halves = [pack(one, Packing::Gzip), pack(two, Packing::Gzip)].concat();
    assert_eq!(references(&same("app.tgz", &halves)), LISTED);
}

#[test]
fn layers_that_are_links_lead_to_the_layer() {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members(&image().docker_archive()) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        if name.ends_with("layer.tar") {
            // podman keeps layers under their digests, and links docker's old names to them.
            let kept = format!("{}.tar", &sha256(&bytes)[7..]);
            tar.append_data(&mut header, &kept, bytes.as_slice()).expect("in memory");
            let mut link = tar::Header::new_gnu();
            link.set_entry_type(tar::EntryType::Symlink);
            link.set_size(0);
            tar.append_link(&mut link, &name, format!("../{kept}")).expect("in memory");
        } else {
            tar.append_data(&mut header, &name, bytes.as_slice()).expect("in memory");
        }
    }
    let archive = tar.into_inner().expect("in memory");
    assert_eq!(references(&same("podman.tar", &archive)), LISTED);
}

#[test]
fn one_of_several_images_is_chosen_by_name() {
    let mut files = members(&image().docker_archive());
    let manifest = files.iter_mut().find(|(name, _)| name == "manifest.json").expect("there");
    let mut images: serde_json::Value = serde_json::from_slice(&manifest.1).expect("JSON");
    let mut second = images[0].clone();
    second["RepoTags"] = serde_json::json!(["other:2"]);
    images.as_array_mut().expect("a list").push(second);
    manifest.1 = images.to_string().into_bytes();
    let archive = packed_again(&files);
    let error = from_stream(&archive, None).expect_err("two images").to_string();
    assert!(error.contains("2 images: example:1, other:2"), "{error}");
    assert_eq!(from_stream(&archive, Some("other:2")).expect("there").subject.name, "other:2");
}

#[test]
fn a_hardlink_to_content_that_has_passed_is_served() {
    let content = br#"{"name": "linked", "version": "2.0.0"}"#;
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, "store/v3/files/00/c0ffee", content.as_slice()).expect("in memory");
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Link);
    link.set_size(0);
    tar.append_link(&mut link, "app/node_modules/linked/package.json", "store/v3/files/00/c0ffee")
        .expect("in memory");
    let layer = tar.into_inner().expect("in memory");
    let linked = Image::of(vec![Layer(layer.clone())]);
    assert_eq!(references(&same("linked.tar", &linked.docker_archive())), ["pkg:npm/linked@2.0.0"]);
    assert_eq!(references(&same("tree.tar", &layer)), ["pkg:npm/linked@2.0.0"]);
    assert_eq!(references(&same("tree.tgz", &pack(&layer, Packing::Gzip))), ["pkg:npm/linked@2.0.0"]);
}

/// What the cache has of a layer is taken once the layer is seen to be that one, and not before.
#[test]
fn a_layer_that_was_read_once_is_only_verified() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cache = Some(Cache::new(folder.path().to_owned(), Cache::MAX_BYTES));
    let options = Options { cache, ..Options::default() };
    let wanted = inventory::wanted(ecosystems::ALL);
    let read = |bytes: &[u8]| source::read_stream(bytes, "-", None, &wanted, &options).map(taken);
    let saved = image().oci_archive(Packing::Plain);
    let cold = read(&saved).expect("whole");
    assert_eq!(read(&saved).expect("whole"), cold);
    let at = saved.windows(7).position(|window| window == b"ID=debi").expect("there");
    let mut changed = saved.clone();
    changed[at] = b'X';
    assert!(matches!(read(&changed), Err(SourceError::DigestMismatch { .. })));
    // Each extract under the other's name: what comes out is what was kept.
    let mut kept: Vec<_> =
        fs::read_dir(folder.path()).expect("kept").flatten().map(|file| file.path()).collect();
    kept.retain(|path| path.is_file());
    let [one, other] = kept.as_slice() else { panic!("{kept:?}") };
    let (bytes, others) = (fs::read(one).expect("there"), fs::read(other).expect("there"));
    fs::write(one, others).expect("writable");
    fs::write(other, bytes).expect("writable");
    let swapped = read(&saved).expect("whole");
    assert_ne!(swapped, cold);
    assert_eq!(references(&swapped), references(&cold));
}

#[test]
fn what_was_changed_is_refused_with_both_digests() {
    let saved = image().docker_archive();
    let at = saved.windows(5).position(|window| window == b"5.2-1").expect("there");
    let mut wrong = saved.clone();
    wrong[at] = b'6';
    let error = from_stream(&wrong, None).expect_err("changed").to_string();
    assert!(error.contains(&image().layers[0].diff_id()), "{error}");
    assert_eq!(error.matches("sha256:").count(), 2, "{error}");
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let mut files = members(&image().oci_archive(packing));
        let right = pack(&image().layers[1].0, packing);
        let layer = files.iter_mut().find(|(_, bytes)| *bytes == right).expect("there");
        let middle = right.len() / 2;
        layer.1[middle] ^= 1;
        let wrong = sha256(&layer.1);
        let error = from_stream(&packed_again(&files), None).expect_err("changed").to_string();
        assert!(error.contains(&sha256(&right)) && error.contains(&wrong), "{error}");
    }
}

#[test]
fn what_is_cut_is_never_whole() {
    let whole = image().docker_archive();
    let end = whole.iter().rposition(|byte| *byte != 0).expect("not empty");
    for length in (0..end).step_by(97) {
        assert!(from_stream(&whole[..length], None).is_err(), "{length} bytes of {end}");
    }
    for packing in [Packing::Gzip, Packing::Zstd] {
        let packed = pack(&whole, packing);
        for length in (0..packed.len()).step_by(31) {
            assert!(from_stream(&packed[..length], None).is_err(), "{length} bytes");
        }
    }
}

#[test]
fn a_tar_of_files_is_the_tree_they_were() {
    let files: &[(&str, &[u8])] = &[
        ("usr/lib/os-release", b"ID=debian\nVERSION_ID=12\n"),
        ("var/lib/dpkg/status", STATUS),
        ("app/node_modules/a/package.json", br#"{"name": "a", "version": "1.0.0"}"#),
        // Words of images that mean other things here.
        ("manifest.json", br#"{"name": "a web site"}"#),
        ("index.json", b"[]"),
        ("backup.tar", &image().docker_archive()),
    ];
    let folder = TempDir::new().expect("a temporary folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("writable");
        fs::write(path, bytes).expect("writable");
    }
    let wanted = inventory::wanted(ecosystems::ALL);
    let options = Options::default();
    let directory = source::read(&folder.path().display().to_string(), &wanted, &options).expect("there");
    let directory = taken(directory);
    let tar = Layer::of(&files[..3]).0;
    let mut bom = same("root.tar", &tar);
    assert_eq!(bom.subject.kind.name(), "file");
    assert_eq!((&bom.components, &bom.gaps), (&directory.components, &directory.gaps));
    bom = same("root.tar.gz", &pack(&Layer::of(files).0, Packing::Gzip));
    assert_eq!(references(&bom), LISTED);
}

#[test]
fn hostile_members_do_no_harm() {
    let mut files = members(&image().docker_archive());
    files.insert(0, ("oddities/noise.gz".to_owned(), vec![0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5]));
    files.insert(0, ("junk.tar".to_owned(), vec![0; 2048]));
    files.insert(0, ("bad.json".to_owned(), b"{\"unfinished\": ".to_vec()));
    assert_eq!(references(&from_stream(&packed_again(&files), None).expect("an image")), LISTED);
    let mut tar = tar::Builder::new(Vec::new());
    for (name, target) in [("manifest.json", "loop"), ("loop", "manifest.json")] {
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        tar.append_link(&mut link, name, target).expect("in memory");
    }
    let looped = tar.into_inner().expect("in memory");
    assert_eq!(references(&from_stream(&looped, None).expect("a tree of two links")), Vec::<String>::new());
    let blobs = Layer::of(&[(&*format!("blobs/sha256/{}", "a".repeat(64)), &image().layers[0].0)]).0;
    let error = from_stream(&blobs, None).expect_err("no manifest").to_string();
    assert!(error.contains("a tar without an image"), "{error}");
    assert!(from_stream(b"hello, this is no archive", None).is_err());
    let mut bomb = pack(&vec![0; 1 << 20], Packing::Gzip);
    bomb.truncate(bomb.len() - 4);
    assert!(from_stream(&bomb, None).is_err());
}

/// An ar of members, as `deb` packs them.
fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, bytes) in members {
        let _ = writeln!(archive, "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`", 0, 0, 0, "100644", bytes.len());
        archive.extend_from_slice(bytes);
        if bytes.len() % 2 == 1 {
            archive.push(b'\n');
        }
    }
    archive
}

fn deb(data: &[u8], name: &str) -> Vec<u8> {
    let control = b"Package: curl\nVersion: 7.88-1\nArchitecture: amd64\nMaintainer: A <a@example.org>\n";
    let control = pack(&Layer::of(&[("./control", control.as_slice())]).0, Packing::Gzip);
    ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), (name, data)])
}

#[test]
fn a_deb_is_the_package_and_what_lies_in_it() {
    let files = Layer::of(&[("./opt/node_modules/a/package.json", br#"{"name": "a", "version": "1.0.0"}"#)]);
    for (name, packing) in [("data.tar", Packing::Plain), ("data.tar.zst", Packing::Zstd)] {
        let bom = same("curl.deb", &deb(&pack(&files.0, packing), name));
        assert_eq!(references(&bom), ["pkg:deb/debian/curl@7.88-1?arch=amd64", "pkg:npm/a@1.0.0"]);
        assert_eq!((bom.subject.name.as_str(), bom.subject.version.as_deref()), ("curl", Some("7.88-1")));
        assert!(bom.gaps.is_empty(), "{:?}", bom.gaps);
    }
    let bom = same("curl.deb", &deb(b"BZh91AY&SY", "data.tar.bz2"));
    assert_eq!(
        bom.gaps[0].reason,
        "`data.tar.bz2` is in a compression that is not read, so its files are not listed"
    );
    let whole = deb(&files.0, "data.tar");
    for length in (0..whole.len() - 1024).step_by(53) {
        assert!(from_stream(&whole[..length], None).is_err(), "{length} bytes of {}", whole.len());
    }
}

/// A header of texts, as rpm packs it.
fn rpm_header(texts: &[(u32, &str)]) -> Vec<u8> {
    let mut store = Vec::new();
    let mut index = Vec::new();
    for (tag, text) in texts {
        for number in [*tag, 6, store.len() as u32, 1] {
            index.extend_from_slice(&number.to_be_bytes());
        }
        store.extend_from_slice(text.as_bytes());
        store.push(0);
    }
    let mut header = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
    header.extend_from_slice(&(texts.len() as u32).to_be_bytes());
    header.extend_from_slice(&(store.len() as u32).to_be_bytes());
    [header, index, store].concat()
}

/// Files as `cpio -H newc` packs them: name, inode, number of names, mode, content.
fn cpio(files: &[(&str, u32, u32, u32, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, inode, names, mode, content) in files.iter().chain([&("TRAILER!!!", 0, 1, 0, b"".as_slice())])
    {
        let numbers =
            [*inode, *mode, 0, 0, *names, 0, content.len() as u32, 0, 0, 0, 0, name.len() as u32 + 1, 0];
        archive.extend_from_slice(b"070701");
        numbers.iter().for_each(|number| archive.extend_from_slice(format!("{number:08x}").as_bytes()));
        archive.extend_from_slice(name.as_bytes());
        archive.push(0);
        archive.resize(archive.len().next_multiple_of(4), 0);
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(4), 0);
    }
    archive
}

fn rpm(payload: &[u8]) -> Vec<u8> {
    let mut lead = vec![0xed, 0xab, 0xee, 0xdb];
    lead.resize(96, 0);
    let mut signatures = rpm_header(&[(269, "c0ffee")]);
    signatures.resize(signatures.len().next_multiple_of(8), 0);
    let about = [
        (1000, "zlib"),
        (1001, "1.2.13"),
        (1002, "4.fc39"),
        (1014, "zlib"),
        (1022, "x86_64"),
        (1044, "zlib-1.2.13-4.fc39.src.rpm"),
    ];
    [lead, signatures, rpm_header(&about), payload.to_vec()].concat()
}

#[test]
fn an_rpm_is_the_package_and_what_lies_in_it() {
    let content = br#"{"name": "a", "version": "1.0.0"}"#;
    let files = cpio(&[
        ("./opt", 1, 2, 0o040_755, b""),
        ("./opt/first/node_modules/a/package.json", 7, 2, 0o100_644, b""),
        ("./opt/store", 7, 2, 0o100_644, content),
        ("./opt/link", 8, 1, 0o120_777, b"store"),
        ("../climbing/package.json", 9, 1, 0o100_644, content),
        ("./opt/empty", 10, 2, 0o100_644, b""),
    ]);
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let bom = same("zlib.rpm", &rpm(&pack(&files, packing)));
        assert_eq!(
            references(&bom),
            ["pkg:npm/a@1.0.0", "pkg:rpm/zlib@1.2.13-4.fc39?arch=x86_64&upstream=zlib-1.2.13-4.fc39.src.rpm"]
        );
        assert_eq!(
            (bom.subject.name.as_str(), bom.subject.version.as_deref()),
            ("zlib", Some("1.2.13-4.fc39"))
        );
    }
    let bom = same("old.rpm", &rpm(&[0x5d, 0, 0, 0x80, 0, 1, 2, 3, 4]));
    assert_eq!(bom.gaps.len(), 1, "{:?}", bom.gaps);
    let whole = rpm(&files);
    for length in (0..whole.len() - 130).step_by(11) {
        assert!(from_stream(&whole[..length], None).is_err(), "{length} bytes of {}", whole.len());
    }
    let mut lying = rpm(&files);
    lying[96 + 8..96 + 16].copy_from_slice(&[0xff; 8]);
    assert!(from_stream(&lying, None).is_err());
}

#[test]
fn packages_of_alpine_and_arch_are_what_they_say() {
    let info = b"# Generated by abuild\npkgname = zlib\npkgver = 1.3.1-r0\npkgdesc = x\narch = x86_64\n\
        license = Zlib\norigin = zlib\ndepend = so:libc.musl-x86_64.so.1\nprovides = so:libz.so.1=1.3.1\n";
    let parts = [Layer::of(&[(".PKGINFO", info)]), Layer::of(&[("lib/libz.so.1", b"x"), ("lib/b", b"y")])];
    // The parts of a package but the last have no end: together they are one tar.
    let about = &parts[0].0[..1024];
    let apk = [pack(about, Packing::Gzip), pack(&parts[1].0, Packing::Gzip)].concat();
    let bom = same("zlib.apk", &apk);
    assert_eq!(references(&bom), ["pkg:apk/alpine/zlib@1.3.1-r0?arch=x86_64"]);
    assert_eq!((bom.subject.name.as_str(), bom.subject.version.as_deref()), ("zlib", Some("1.3.1-r0")));
    let info = b"pkgname = zlib\npkgbase = zlib\npkgver = 1:1.3.1-2\narch = x86_64\nlicense = custom\n";
    let tar = Layer::of(&[(".PKGINFO", info), (".MTREE", b"x"), ("usr/lib/libz.so", b"x")]).0;
    let bom = same("zlib-1.pkg.tar.zst", &pack(&tar, Packing::Zstd));
    assert_eq!(references(&bom), ["pkg:alpm/arch/zlib@1:1.3.1-2?arch=x86_64"]);
}

/// A gem as `gem build` makes it.
fn gem(metadata: &[u8], files: &[u8]) -> Vec<u8> {
    let (metadata, files) = (pack(metadata, Packing::Gzip), pack(files, Packing::Gzip));
    let sums = pack(b"---\nSHA256: {}\n", Packing::Gzip);
    Layer::of(&[("metadata.gz", &metadata), ("data.tar.gz", &files), ("checksums.yaml.gz", &sums)]).0
}

const GEM: &[u8] = b"--- !ruby/object:Gem::Specification\nname: demo\nversion: !ruby/object:Gem::Version\n  version: 1.2.0\nplatform: ruby\nlicenses:\n- MIT\n";

fn tgz(files: &[(&str, &[u8])]) -> Vec<u8> {
    pack(&Layer::of(files).0, Packing::Gzip)
}

fn subject(bom: &Bom) -> (&str, Option<&str>, String, Vec<&str>) {
    let subject = &bom.subject;
    let purl = subject.purl.as_ref().map(ToString::to_string).unwrap_or_default();
    let licenses = subject.licenses.iter().map(|claim| claim.text.as_str()).collect();
    (&subject.name, subject.version.as_deref(), purl, licenses)
}

#[test]
fn packages_of_languages_are_what_the_file_is() {
    let check = |name: &str, bytes: &[u8], purl: &str| {
        let bom = same(name, bytes);
        assert_eq!(subject(&bom), ("demo", Some("1.2.0"), purl.to_owned(), vec!["MIT"]), "{name}");
        assert!(references(&bom).contains(&purl.to_owned()), "{name}: {:?}", references(&bom));
        bom
    };
    let mark = "# THIS FILE IS AUTOMATICALLY GENERATED BY CARGO\n";
    let manifest = format!("{mark}[package]\nname = \"demo\"\nversion = \"1.2.0\"\nlicense = \"MIT\"\n");
    let lock = "version = 4\n[[package]]\nname = \"demo\"\nversion = \"1.2.0\"\n";
    let krate: &[(&str, &[u8])] =
        &[("demo-1.2.0/Cargo.lock", lock.as_bytes()), ("demo-1.2.0/Cargo.toml", manifest.as_bytes())];
    let bom = check("demo-1.2.0.crate", &tgz(krate), "pkg:cargo/demo@1.2.0");
    assert_eq!(bom.components.len(), 1, "{:?}", references(&bom));
    let inner = br#"{"name": "inner", "version": "2.0.0"}"#;
    let files = Layer::of(&[("lib/demo.rb", b"1"), ("ext/node_modules/inner/package.json", inner)]);
    let bom = check("demo-1.2.0.gem", &gem(GEM, &files.0), "pkg:gem/demo@1.2.0");
    assert_eq!(references(&bom), ["pkg:gem/demo@1.2.0", "pkg:npm/inner@2.0.0"]);
    let nuspec = b"<package><metadata><id>demo</id><version>1.2.0</version><license type=\"expression\">MIT</license></metadata></package>";
    let nupkg: &[(&str, &[u8])] =
        &[("_rels/.rels", b"<R/>"), ("demo.nuspec", nuspec), ("lib/demo.dll", b"MZ")];
    check("demo.1.2.0.nupkg", &zip_of(nupkg), "pkg:nuget/demo@1.2.0");
    let package = br#"{"name": "demo", "version": "1.2.0", "license": "MIT"}"#;
    check("demo-1.2.0.tgz", &tgz(&[("package/package.json", package)]), "pkg:npm/demo@1.2.0");
    let info = b"Metadata-Version: 2.4\nName: demo\nVersion: 1.2.0\nLicense-Expression: MIT\n";
    check("demo-1.2.0.tar.gz", &tgz(&[("demo-1.2.0/PKG-INFO", info)]), "pkg:pypi/demo@1.2.0");
    let wheel: &[(&str, &[u8])] =
        &[("demo-1.2.0.dist-info/METADATA", info), ("demo-1.2.0.dist-info/WHEEL", b"")];
    check("demo-1.2.0-py3-none-any.whl", &zip_of(wheel), "pkg:pypi/demo@1.2.0");
}

/// An archive with several packages at its top is none of them, and one without any is an archive.
#[test]
fn an_archive_of_several_packages_is_none_of_them() {
    let info = |name: &str| format!("Name: {name}\nVersion: 1.0\n").into_bytes();
    let (one, other) = (info("one"), info("other"));
    let bom = same("all.tar.gz", &tgz(&[("one-1/PKG-INFO", &one), ("other-1/PKG-INFO", &other)]));
    assert_eq!(subject(&bom), ("all", None, String::new(), vec![]));
    let bom = same("x.tar", &Layer::of(&[("metadata.gz", b"x"), ("a/node_modules/b/package.json", b"{}")]).0);
    assert_eq!(bom.subject.purl, None);
}

#[test]
fn gems_that_are_cut_or_lie_are_errors_or_gaps() {
    let files = Layer::of(&[("lib/demo.rb", b"1")]).0;
    let whole = gem(GEM, &files);
    for length in (0..whole.len() - 1024).step_by(97) {
        let cut = &whole[..length];
        assert!(from_file("demo.gem", cut).is_err(), "{length}");
        assert!(from_stream(cut, None).is_err(), "{length}");
    }
    let climbing = GEM.to_vec();
    let climbing = String::from_utf8_lossy(&climbing).replace("name: demo", "name: ../../../etc/demo");
    let bom = same("demo.gem", &gem(climbing.as_bytes(), &files));
    assert!(references(&bom).is_empty(), "{:?}", references(&bom));
    assert!(bom.gaps[0].reason.contains("is no name of a gem"), "{:?}", bom.gaps);
    // What does not unpack.
    let broken =
        Layer::of(&[("metadata.gz", b"\x1f\x8b\x08 no"), ("data.tar.gz", &pack(&files, Packing::Gzip))]).0;
    assert_eq!(same("demo.gem", &broken).subject.purl, None);
    let broken =
        Layer::of(&[("metadata.gz", &pack(GEM, Packing::Gzip)), ("data.tar.gz", b"\x1f\x8b\x08 no")]).0;
    assert!(from_file("demo.gem", &broken).is_err());
}

#[test]
fn a_single_lockfile_is_a_tree_of_one_file() {
    let lock = br#"{"name": "app", "lockfileVersion": 3, "packages": {"": {"name": "app"}, "node_modules/a": {"version": "1.0.0"}}}"#;
    let bom = from_file("package-lock.json", lock).expect("read by its name");
    assert!(references(&bom).contains(&"pkg:npm/a@1.0.0".to_owned()), "{:?}", references(&bom));
    assert!(from_file("notes.txt", b"nothing to see").is_err());
}
