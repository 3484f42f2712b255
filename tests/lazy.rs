//! Layers of which only parts are fetched: what is listed is what is listed of the whole, and nothing is believed that
//! does not fit.

mod common;
#[expect(dead_code, reason = "what is not of parts is asked in registry.rs")]
#[path = "registry/fake.rs"]
mod fake;
#[path = "registry/real.rs"]
mod real;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use common::chunked::{Chunked, Kind, What, pack};
use common::{Image, Layer, Packing, packed, sha256};
use fake::{Asked, Fake, Reply};
use real::{PASSWORD, Real, USER};
use serde_json::{Value, json};
use tempfile::TempDir;

const KINDS: [Kind; 3] =
    [Kind::Estargz { sharing: false }, Kind::Estargz { sharing: true }, Kind::ZstdChunked];

/// Bytes that do not pack, other ones for every seed.
fn ballast(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

fn file(content: impl Into<Vec<u8>>) -> What {
    What::File(content.into())
}

/// A program as those of `tests/fixtures` are.
fn program(path: &str) -> Vec<u8> {
    let folder = Path::new("tests/fixtures").join(path);
    packed::packed(&folder).expect("a program").1
}

fn jar() -> Vec<u8> {
    let about = b"groupId=org.example\nartifactId=thing\nversion=1.2.3\n";
    let long = ballast(9, 200_000);
    packed::zip_of(&[("META-INF/maven/org.example/thing/pom.properties", about), ("long.txt", &long)])
}

/// Everything that is found in some other way, and more that nobody asks for.
fn lower() -> Vec<(&'static str, What)> {
    let status = "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n";
    let of_go = program("programs/layers/0/usr/local/bin/gh.elf");
    let library = [of_go.as_slice(), &ballast(1, 600_000)].concat();
    let server = program("programs/layers/0/usr/local/bin/redis-server.elf");
    let server = [server.as_slice(), &ballast(2, 300_000)].concat();
    vec![
        ("usr/", What::Directory),
        ("usr/lib/", What::Directory),
        ("usr/lib/os-release", file("ID=debian\nVERSION_ID=12\n")),
        ("var/lib/dpkg/status", file(status)),
        ("etc/os-release", What::Symlink("../usr/lib/os-release")),
        ("usr/share/text.txt", file(ballast(3, 900_000))),
        ("usr/share/one", file("something")),
        ("store/abc", file(r#"{"name": "linked", "version": "2.0.0"}"#)),
        ("srv/node_modules/linked/package.json", What::Hardlink("store/abc")),
        ("srv/node_modules/plain/package.json", file(r#"{"name": "plain", "version": "1.0.0"}"#)),
        ("srv/node_modules/gone/package.json", file(r#"{"name": "gone", "version": "1.0.0"}"#)),
        ("opt/hidden/node_modules/hidden/package.json", file(r#"{"name": "hidden", "version": "1.0.0"}"#)),
        ("usr/lib/libthing.so", file(library)),
        ("usr/lib/thing.jar", file(jar())),
        ("usr/local/bin/redis-server", file(server)),
        ("usr/share/data", file(ballast(4, 700_000))),
        ("usr/share/more.txt", file(ballast(5, 900_000))),
    ]
}

fn upper() -> Vec<(&'static str, What)> {
    vec![
        ("srv/node_modules/.wh.gone", file("")),
        ("opt/hidden/.wh..wh..opq", file("")),
        ("srv/app.txt", file(ballast(6, 1_200_000))),
        ("srv/node_modules/upper/package.json", file(r#"{"name": "upper", "version": "3.0.0"}"#)),
    ]
}

fn image(kind: Kind) -> Shelf {
    Shelf::of(&[pack(kind, &lower(), |_| {}), pack(kind, &upper(), |_| {})])
}

/// The lower layer only, of which its maker says something else than is so.
fn lying(kind: Kind, lie: impl FnOnce(&mut Value)) -> Shelf {
    Shelf::of(&[pack(kind, &lower(), lie)])
}

const OF_LOWER: &[&str] = &[
    "pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12",
    "pkg:generic/redis@",
    "pkg:golang/github.com/",
    "pkg:maven/org.example/thing@1.2.3",
    "pkg:npm/linked@2.0.0",
    "pkg:npm/plain@1.0.0",
];

/// What a registry has under `/v2/team/app/`.
struct Shelf {
    blobs: BTreeMap<String, Vec<u8>>,
    manifest: String,
    layers: Vec<String>,
}

impl Shelf {
    fn of(layers: &[Chunked]) -> Self {
        let config = json!({
            "architecture": "amd64", "os": "linux", "config": {},
            "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|layer| &layer.diff_id).collect::<Vec<_>>()},
        });
        let config = config.to_string().into_bytes();
        let described = |layer: &Chunked| {
            json!({"mediaType": layer.media_type, "digest": sha256(&layer.blob), "size": layer.blob.len(),
                "annotations": layer.annotations})
        };
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": sha256(&config),
                "size": config.len()},
            "layers": layers.iter().map(described).collect::<Vec<_>>(),
        });
        let manifest = manifest.to_string().into_bytes();
        let digest = sha256(&manifest);
        let blobs = layers.iter().map(|layer| layer.blob.clone()).chain([config, manifest]);
        Self {
            blobs: blobs.map(|bytes| (sha256(&bytes), bytes)).collect(),
            manifest: digest,
            layers: layers.iter().map(|layer| sha256(&layer.blob)).collect(),
        }
    }

    fn size(&self) -> usize {
        self.layers.iter().map(|layer| self.blobs[layer].len()).sum()
    }

    fn answer(&self, asked: &Asked) -> Reply {
        let path = asked.path.strip_prefix("/v2/team/app/").unwrap_or_default();
        let digest = match path.split_once('/') {
            Some(("manifests", "1")) => self.manifest.as_str(),
            Some((_, digest)) => digest,
            None => "",
        };
        let Some(bytes) = self.blobs.get(digest) else { return Reply::of(404, "") };
        if path.starts_with("manifests/") {
            return Reply::of(200, bytes.clone())
                .with("Content-Type", MANIFEST)
                .with("Docker-Content-Digest", digest);
        }
        match range(asked, bytes.len()) {
            Some((begin, end)) => Reply::of(206, bytes[begin..end].to_vec())
                .with("Content-Range", format!("bytes {begin}-{}/{}", end - 1, bytes.len())),
            None => Reply::of(200, bytes.clone()),
        }
    }
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What is asked for, where it is a part.
fn range(asked: &Asked, length: usize) -> Option<(usize, usize)> {
    let (begin, last) = asked.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
    let last = last.parse().map_or(length, |last: usize| last + 1);
    Some((begin.parse().ok()?, last.min(length)))
}

/// What one run came to.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn lists(&self, beginnings: &[&str]) {
        assert_eq!(self.code, Some(0), "{}", self.err);
        let purls: Vec<&str> = self.out.lines().collect();
        for beginning in beginnings {
            assert!(purls.iter().any(|purl| purl.starts_with(beginning)), "no {beginning} in {purls:?}");
        }
    }

    fn tells(&self, words: &[&str]) {
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in: {}", self.err);
        }
    }
}

struct Desk {
    home: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a temporary folder") }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("PACKLIST_REGISTRY_USER", USER)
            .env("PACKLIST_REGISTRY_PASSWORD", PASSWORD)
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    fn scan(&self, image: &str, more: &[&str]) -> Ran {
        self.run(&[&["scan", image, "--no-cache", "-o", "purls"], more].concat())
    }
}

/// A registry with an image, and an answer of its own where the test has one.
fn serve(
    shelf: Shelf,
    special: impl Fn(&Shelf, &Asked) -> Option<Reply> + Send + Sync + 'static,
) -> (Fake, Arc<Shelf>, String) {
    let shelf = Arc::new(shelf);
    let served = Arc::clone(&shelf);
    let fake = Fake::new(move |asked| special(&served, asked).unwrap_or_else(|| served.answer(asked)));
    let name = format!("{}/team/app:1", fake.address);
    (fake, shelf, name)
}

/// Bytes of layers that were asked for, and in how many requests.
fn fetched(fake: &Fake, shelf: &Shelf) -> (usize, usize) {
    let log = fake.log();
    let layers = log.iter().filter_map(|asked| {
        let digest = shelf.layers.iter().find(|layer| asked.path.ends_with(*layer))?;
        let length = shelf.blobs[digest].len();
        Some(range(asked, length).map_or(length, |(begin, end)| end - begin))
    });
    let lengths: Vec<usize> = layers.collect();
    (lengths.iter().sum(), lengths.len())
}

const UNVERIFIED: &str = "was read in parts by its table of contents: its own digests are not verified";

#[test]
fn a_part_of_the_layers_tells_the_same_as_all_of_them() {
    for kind in KINDS {
        let (fake, shelf, name) = serve(image(kind), |_, _| None);
        let whole = Desk::new().scan(&name, &[]);
        whole.lists(OF_LOWER);
        whole.lists(&["pkg:npm/upper@3.0.0"]);
        assert!(!whole.out.contains("gone") && !whole.out.contains("hidden"), "{}", whole.out);
        assert_eq!(fetched(&fake, &shelf), (shelf.size() + lower_again(&shelf), 3), "{kind:?}");

        let (fake, shelf, name) = serve(image(kind), |_, _| None);
        let parts = Desk::new().scan(&name, &["--lazy"]);
        assert_eq!(parts.out, whole.out, "{kind:?}: {}", parts.err);
        let (bytes, requests) = fetched(&fake, &shelf);
        assert!(bytes * 2 < shelf.size(), "{kind:?}: {bytes} of {}", shelf.size());
        assert!(requests < 20, "{kind:?}: {requests}");
        parts.tells(&[
            "of 2 of 2 layers only parts were fetched",
            &format!(" {bytes} of {} bytes", shelf.size()),
        ]);
    }
}

/// A link to what nobody asks for by its own name has the layer read twice where it passes.
fn lower_again(shelf: &Shelf) -> usize {
    shelf.blobs[&shelf.layers[0]].len()
}

#[test]
fn the_bill_says_what_was_not_verified() {
    let (_fake, _, name) = serve(image(Kind::ZstdChunked), |_, _| None);
    let desk = Desk::new();
    let scan = |more: &[&str]| {
        let ran = desk.run(&[&["scan", &name, "--no-cache", "-o", "cyclonedx-json"], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran.out
    };
    assert_eq!(scan(&["--lazy"]).matches(UNVERIFIED).count(), 2);
    assert_eq!(scan(&[]).matches(UNVERIFIED).count(), 0);
    let checked = desk.run(&["check", &name, "--no-cache", "--lazy"]);
    checked.tells(&["of 2 of 2 layers only parts were fetched"]);
}

#[test]
fn where_parts_are_not_to_be_had_all_is_read() {
    let whole_only = |shelf: &Shelf, asked: &Asked| {
        let digest = asked.path.strip_prefix("/v2/team/app/blobs/")?;
        shelf.blobs.get(digest).map(|bytes| Reply::of(200, bytes.clone()))
    };
    let (_fake, _, name) = serve(image(Kind::ZstdChunked), whole_only);
    let ran = Desk::new().scan(&name, &["--lazy"]);
    ran.lists(OF_LOWER);
    ran.tells(&["layers 0, 1 fetched whole: the registry does not give parts of it"]);

    let (fake, shelf, name) = serve(image(Kind::ZstdChunked), |_, _| None);
    let ran = Desk::new().scan(&name, &["--lazy", "--hash-contents"]);
    ran.lists(OF_LOWER);
    ran.tells(&["fetched whole: the contents of all files are digested"]);
    assert_eq!(fetched(&fake, &shelf).0, shelf.size() + lower_again(&shelf));

    let plain = Image::of(vec![Layer::of(&[(
        "srv/node_modules/x/package.json",
        br#"{"name":"x","version":"1.0.0"}"#,
    )])]);
    let files = plain.oci_files(Packing::Gzip);
    let index: Value = serde_json::from_slice(&files[1].1).expect("an index");
    let manifest = index["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
    let blobs = files[2..].iter().map(|(_, bytes)| (sha256(bytes), bytes.clone())).collect();
    let (_fake, _, name) = serve(Shelf { blobs, manifest, layers: Vec::new() }, |_, _| None);
    let ran = Desk::new().scan(&name, &["--lazy"]);
    ran.lists(&["pkg:npm/x@1.0.0"]);
    ran.tells(&["layer 0 fetched whole: the image's manifest names no table of contents"]);
}

#[test]
fn a_part_that_breaks_off_is_taken_up_where_it_broke() {
    let (fake, shelf, name) = serve(image(Kind::Estargz { sharing: false }), |shelf, asked| {
        let reply = shelf.answer(asked);
        let half = reply.body.len() / 2;
        (reply.status == 206 && asked.before % 2 == 0 && half > 1000).then(|| reply.cut(half))
    });
    let ran = Desk::new().scan(&name, &["--lazy"]);
    ran.lists(OF_LOWER);
    ran.tells(&["of 2 of 2 layers only parts were fetched"]);
    assert!(fetched(&fake, &shelf).1 > 6);
}

#[test]
fn what_was_not_verified_is_not_kept() {
    let (fake, shelf, name) = serve(image(Kind::ZstdChunked), |_, _| None);
    let desk = Desk::new();
    let scan = |more: &[&str]| {
        let begun = fetched(&fake, &shelf).0;
        let ran = desk.run(&[&["scan", &name, "-o", "cyclonedx-json"], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        (fetched(&fake, &shelf).0 - begun, ran.out.contains(UNVERIFIED))
    };
    let (first, is_told) = scan(&["--lazy"]);
    assert!(is_told && first < shelf.size() / 2);
    assert_eq!(scan(&["--lazy"]), (first, true));
    assert_eq!(scan(&[]), (shelf.size() + lower_again(&shelf), false));
    // What is verified serves whoever does not insist on that, too.
    assert_eq!(scan(&["--lazy"]), (0, false));
}

#[test]
fn tables_that_lie_are_told_and_all_is_read() {
    type Lie = (&'static str, fn(&mut Value));
    fn row<'a>(toc: &'a mut Value, name: &str) -> &'a mut Value {
        let entries = toc["entries"].as_array_mut().expect("a list");
        entries.iter_mut().find(|entry| entry["name"] == name).expect("it is there")
    }
    const STATUS: &str = "var/lib/dpkg/status";
    let lies: &[Lie] = &[
        ("is not what it says", |toc| {
            let other = json!(sha256(b"other"));
            row(toc, STATUS)["digest"] = other.clone();
            row(toc, STATUS)["chunkDigest"] = other;
        }),
        ("outside the blob", |toc| row(toc, STATUS)["offset"] = json!(1_u64 << 40)),
        ("on or before another", |toc| row(toc, STATUS)["offset"] = json!(1)),
        ("invalid value", |toc| row(toc, STATUS)["size"] = json!(-1)),
        ("do not make up all", |toc| row(toc, "usr/lib/libthing.so")["chunkSize"] = json!(7)),
        ("more than the limit", |toc| row(toc, "usr/share/text.txt")["size"] = json!(1_u64 << 50)),
        ("no digest", |toc| {
            row(toc, STATUS)["digest"] = json!("");
            row(toc, STATUS)["chunkDigest"] = json!("");
        }),
        ("version is not 1", |toc| toc["version"] = json!(3)),
    ];
    for kind in [Kind::Estargz { sharing: false }, Kind::ZstdChunked] {
        for (words, lie) in lies {
            let (_fake, _, name) = serve(lying(kind, lie), |_, _| None);
            let ran = Desk::new().run(&["scan", &name, "--no-cache", "--lazy", "-o", "cyclonedx-json"]);
            assert_eq!(ran.code, Some(0), "{}", ran.err);
            ran.tells(&["layer 0 fetched whole", words]);
            assert!(ran.out.contains("was read whole, and who reads it in parts may get something else"));
            assert!(ran.out.contains("pkg:npm/linked@2.0.0") && !ran.out.contains(UNVERIFIED));
        }
    }
}

#[test]
fn a_table_that_is_not_what_its_digest_says_is_not_believed() {
    for kind in [Kind::Estargz { sharing: true }, Kind::ZstdChunked] {
        let mut layer = pack(kind, &lower(), |_| {});
        let annotations = layer.annotations.as_object_mut().expect("a map");
        for (name, value) in annotations.iter_mut() {
            if !name.ends_with("position") {
                *value = json!(sha256(b"other"));
            }
        }
        let (_fake, _, name) = serve(Shelf::of(&[layer]), |_, _| None);
        let ran = Desk::new().scan(&name, &["--lazy"]);
        ran.lists(OF_LOWER);
        ran.tells(&["not what the digest in the image's manifest says"]);
    }
}

#[test]
fn parts_that_are_not_what_they_should_be_are_no_parts_of_a_list() {
    // Who meddles with the parts, and not with the whole, is found out and of no consequence.
    let (_fake, _, name) = serve(image(Kind::ZstdChunked), |shelf, asked| {
        let mut reply = shelf.answer(asked);
        let is_part = reply.status == 206 && asked.before > 0;
        reply.body.iter_mut().skip(300).for_each(|byte| *byte ^= 1);
        is_part.then_some(reply)
    });
    let ran = Desk::new().scan(&name, &["--lazy"]);
    ran.lists(OF_LOWER);
    ran.tells(&["layer 0 fetched whole: what ", "at byte"]);

    // Who meddles with all gets an error.
    let (_fake, shelf, name) = serve(image(Kind::ZstdChunked), |shelf, asked| {
        let mut reply = shelf.answer(asked);
        let is_layer = reply.status == 200 || asked.before > 0;
        let is_layer = is_layer && asked.path.ends_with(&shelf.layers[0]);
        reply.body.iter_mut().skip(300).for_each(|byte| *byte ^= 1);
        is_layer.then_some(reply)
    });
    let ran = Desk::new().scan(&name, &["--lazy"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    ran.tells(&[&shelf.layers[0], "digest"]);
}

#[test]
fn names_that_climb_out_are_gaps_as_they_are_in_a_tar() {
    let entries = [lower(), vec![("../../etc/passwd", file("x")), ("a/../../b", What::Directory)]].concat();
    let (_fake, _, name) = serve(Shelf::of(&[pack(Kind::ZstdChunked, &entries, |_| {})]), |_, _| None);
    for more in [&["--lazy"][..], &[]] {
        let arguments = [&["scan", &name, "--no-cache", "-o", "cyclonedx-json"], more].concat();
        let ran = Desk::new().run(&arguments);
        assert_eq!(ran.out.matches("climbs out of the layer").count(), 2, "{}", ran.err);
    }
}

#[test]
fn what_is_too_large_is_the_same_gap() {
    let (_fake, _, name) = serve(image(Kind::ZstdChunked), |_, _| None);
    let limits =
        ["--limit", "executable-bytes=200000", "--limit", "archive-bytes=100", "--limit", "file-bytes=60"];
    let scan = |more: &[&str]| {
        let ran = Desk::new()
            .run(&[&["scan", &name, "--no-cache", "-o", "cyclonedx-json"], &limits[..], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let mut gaps: Vec<String> =
            ran.out.lines().filter(|line| line.contains("more than the limit")).map(str::to_owned).collect();
        gaps.sort();
        gaps
    };
    let whole = scan(&[]);
    assert!(whole.len() >= 4, "{whole:?}");
    assert_eq!(scan(&["--lazy"]), whole);
}

#[test]
fn what_real_tools_pack_and_a_real_registry_gives() {
    let Some(real) = Real::start() else { return };
    let desk = Desk::new();
    let mut files: Vec<(&str, Vec<u8>)> = Vec::new();
    for (name, what) in lower() {
        if let What::File(content) = what {
            files.push((name, content));
        }
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (*name, content.as_slice())).collect();
    Image::of(vec![Layer::of(&files)]).oci_folder(&desk.home.path().join("layout"), Packing::Plain);
    let name = real.push(
        &desk.home.path().join("layout"),
        "team/chunked:1",
        &["--dest-compress-format", "zstd:chunked"],
    );
    let ca = real.ca().display().to_string();
    let whole = desk.scan(&name, &["--ca-file", &ca]);
    whole.lists(&OF_LOWER[..4]);
    let parts = desk.scan(&name, &["--ca-file", &ca, "--lazy"]);
    assert_eq!(parts.out, whole.out, "{}", parts.err);
    parts.tells(&["of 1 of 1 layers only parts were fetched"]);

    // The same for eStargz, which nothing of Debian's packs.
    let shelf = image(Kind::Estargz { sharing: true });
    let layout = desk.home.path().join("estargz");
    fs::create_dir_all(layout.join("blobs/sha256")).expect("writable");
    for (digest, bytes) in &shelf.blobs {
        fs::write(layout.join("blobs/sha256").join(&digest[7..]), bytes).expect("writable");
    }
    fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("writable");
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "digest": shelf.manifest,
        "size": shelf.blobs[&shelf.manifest].len()}]});
    fs::write(layout.join("index.json"), index.to_string()).expect("writable");
    let name = real.push(&layout, "team/estargz:1", &[]);
    let whole = desk.scan(&name, &["--ca-file", &ca]);
    whole.lists(OF_LOWER);
    let parts = desk.scan(&name, &["--ca-file", &ca, "--lazy"]);
    assert_eq!(parts.out, whole.out, "{}", parts.err);
    parts.tells(&["of 2 of 2 layers only parts were fetched"]);
}
