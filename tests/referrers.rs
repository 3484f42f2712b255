//! What is attached to images in registries: in a real one, which keeps no list of referrers, and in one that does as
//! it is told.

mod common;
#[path = "registry/fake.rs"]
#[expect(dead_code, reason = "ranges and headers are asked for where layers are read")]
mod fake;
#[path = "registry/real.rs"]
mod real;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use common::{Image, Layer, Packing, sha256};
use fake::{Asked, Fake, Reply};
use real::{PASSWORD, Real, USER};
use serde_json::{Value, json};
use tempfile::TempDir;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CYCLONEDX: &str = "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"components\": [\n{\"type\": \"library\", \
    \"name\": \"a\", \"version\": \"1\", \"purl\": \"pkg:npm/a@1\", \"licenses\": [{\"license\": {\"id\": \"MIT\"}}]}]}\n";
const ED25519: &str = include_str!("keys/ed25519.pem");
const ED25519_PUBLIC: &str = include_str!("keys/ed25519.pub.pem");
const P256_PUBLIC: &str = include_str!("keys/p256.pub.pem");

struct Desk {
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let files = [
            ("app.cdx.json", CYCLONEDX),
            ("key.pem", ED25519),
            ("key.pub", ED25519_PUBLIC),
            ("other.pub", P256_PUBLIC),
        ];
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("writable");
        }
        Self { folder, environment: Vec::new() }
    }

    /// Exit code and what went to standard output and standard error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .envs(self.environment.iter().cloned())
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    fn done(&self, arguments: &[&str]) -> String {
        let (code, out, err) = self.run(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {err}");
        out
    }

    fn refused(&self, arguments: &[&str], words: &str) {
        let (code, out, err) = self.run(arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains(words), "`{words}` is not in: {err}");
    }
}

fn image() -> Image {
    let status = b"Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n";
    Image::of(vec![Layer::of(&[
        ("usr/lib/os-release", b"ID=debian\nVERSION_ID=13\n".as_slice()),
        ("var/lib/dpkg/status", status.as_slice()),
    ])])
}

#[test]
fn a_real_registry_keeps_what_is_attached_and_gives_it_back() {
    let Some(real) = Real::start() else { return };
    let mut desk = Desk::new();
    let layout = desk.folder.path().join("layout");
    image().oci_folder(&layout, Packing::Gzip);
    let name = real.push(&layout, "team/app:1", &[]);
    desk.environment = vec![("SSL_CERT_FILE", real.ca().display().to_string())];
    desk.refused(&["attach", &name, "app.cdx.json"], "team/app");
    desk.environment.push(("PACKLIST_REGISTRY_USER", USER.to_owned()));
    desk.environment.push(("PACKLIST_REGISTRY_PASSWORD", "wrong".to_owned()));
    desk.refused(&["attach", &name, "app.cdx.json"], "`tester`");
    desk.environment[2].1 = PASSWORD.to_owned();

    let first = desk.done(&["attach", &name, "app.cdx.json"]);
    assert!(first.starts_with("attached: app.cdx.json as sha256:"), "{first}");
    let again = desk.done(&["attach", &name, "app.cdx.json"]);
    assert_eq!(again, first.replace("attached: ", "was attached already: "));
    assert_eq!(desk.done(&["fetch-sbom", &name]), CYCLONEDX);

    desk.done(&["scan", &name, "--no-cache", "-o", "spdx-json=app.spdx.json"]);
    desk.done(&["attest", "app.spdx.json", "--key", "key.pem", "-o", "envelope=signed.json"]);
    desk.done(&["attach", &name, "signed.json", "app.spdx.json"]);
    let listed = desk.done(&["fetch-sbom", &name, "--list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).expect("there")).expect("JSON");
    let digest = index["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
    assert!(listed.lines().all(|line| line.contains(&format!("about {digest}"))), "{listed}");
    let spdx = fs::read_to_string(desk.folder.path().join("app.spdx.json")).expect("written");
    let by_digest = format!("{}/team/app@{digest}", real.address);
    assert_eq!(desk.done(&["fetch-sbom", &by_digest, "--key", "key.pub"]), spdx);
    desk.refused(&["fetch-sbom", &by_digest, "--key", "other.pub"], "none of its 1 signatures");
    let verified = desk.done(&[
        "verify-attestation",
        "signed.json",
        "--key",
        "key.pub",
        "--subject",
        &name,
        "--type",
        "spdx",
    ]);
    assert!(verified.contains(&digest), "{verified}");
    let check = [
        "check",
        &name,
        "--sbom",
        "attached",
        "--policy",
        "permissive-only",
        "--today",
        "2026-11-20",
        "-o",
        "purls",
    ];
    assert_eq!(desk.done(&check), "pkg:npm/a@1\n");
    // The image is what it was, and there is no tag but its own and the list's.
    let scanned = desk.done(&["scan", &name, "--no-cache", "-o", "purls"]);
    assert!(scanned.contains("pkg:deb/debian/bash@5.2-1"), "{scanned}");
    desk.refused(&["attach", &name.replace(":1", ":2"), "app.cdx.json"], "team/app:2");
}

/// A registry that keeps what is written, with or without lists of referrers.
#[derive(Default)]
struct Kept {
    blobs: BTreeMap<String, Vec<u8>>,
    manifests: BTreeMap<String, Vec<u8>>,
    lists: bool,
}

impl Kept {
    fn answer(&mut self, asked: &Asked) -> Reply {
        let missing = || Reply::of(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}"#);
        let Some(path) = asked.path.strip_prefix("/v2/team/app/") else { return Reply::of(200, "{}") };
        let (kind, rest) = path.split_once('/').unwrap_or((path, ""));
        match (asked.method.as_str(), kind) {
            ("POST", "blobs") => Reply::of(202, "").with("Location", "/v2/team/app/uploads/1?a=b"),
            ("PUT", "uploads") => {
                let digest = rest.rsplit("digest=").next().unwrap_or_default().replace("%3A", ":");
                assert_eq!(digest, sha256(&asked.body), "{path}");
                self.blobs.insert(digest, asked.body.clone());
                Reply::of(201, "")
            }
            (_, "blobs") => self.blobs.get(rest).map_or_else(missing, |bytes| Reply::of(200, bytes.clone())),
            ("PUT", "manifests") => {
                let subject = parsed(&asked.body)["subject"]["digest"].as_str().map(str::to_owned);
                self.manifests.insert(sha256(&asked.body), asked.body.clone());
                self.manifests.insert(rest.to_owned(), asked.body.clone());
                let reply = Reply::of(201, "").with("Docker-Content-Digest", sha256(&asked.body));
                match subject.filter(|_| self.lists) {
                    Some(subject) => reply.with("OCI-Subject", subject),
                    None => reply,
                }
            }
            (_, "manifests") => self.manifests.get(rest).map_or_else(missing, |bytes| {
                let kind = parsed(bytes)["mediaType"].as_str().unwrap_or(MANIFEST).to_owned();
                Reply::of(200, bytes.clone())
                    .with("Content-Type", kind)
                    .with("Docker-Content-Digest", sha256(bytes))
            }),
            (_, "referrers") if self.lists => {
                let about = |bytes: &&Vec<u8>| parsed(bytes)["subject"]["digest"] == rest;
                let entry = |bytes: &Vec<u8>| {
                    json!({"mediaType": MANIFEST, "digest": sha256(bytes), "size": bytes.len(),
                        "artifactType": parsed(bytes)["artifactType"]})
                };
                let list: Vec<Value> = self.manifests.values().filter(about).map(entry).collect();
                Reply::of(200, json!({"schemaVersion": 2, "manifests": list}).to_string())
            }
            _ => missing(),
        }
    }
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

/// The registry, what it keeps, and the name and digest of the image in it.
fn kept(
    lists: bool,
    special: impl Fn(&mut Kept, &Asked) -> Option<Reply> + Send + Sync + 'static,
) -> (Fake, Arc<Mutex<Kept>>, String, String) {
    let files = image().oci_files(Packing::Gzip);
    let index = parsed(&files[1].1);
    let digest = index["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
    let mut kept = Kept { lists, ..Kept::default() };
    for (_, bytes) in &files[2..] {
        kept.blobs.insert(sha256(bytes), bytes.clone());
        if sha256(bytes) == digest {
            kept.manifests.extend([(digest.clone(), bytes.clone()), ("1".to_owned(), bytes.clone())]);
        }
    }
    let kept = Arc::new(Mutex::new(kept));
    let shared = Arc::clone(&kept);
    let fake = Fake::new(move |asked| {
        let mut kept = shared.lock().expect("no thread panicked");
        special(&mut kept, asked).unwrap_or_else(|| kept.answer(asked))
    });
    let name = format!("{}/team/app:1", fake.address);
    (fake, kept, name, digest)
}

#[test]
fn a_list_of_the_registry_is_used_where_there_is_one_and_a_tag_where_there_is_none() {
    for lists in [true, false] {
        let desk = Desk::new();
        let (fake, kept, name, digest) = kept(lists, |_, _| None);
        desk.done(&["attach", &name, "app.cdx.json"]);
        let tag = digest.replacen(':', "-", 1);
        let by_tag = kept.lock().expect("no thread panicked").manifests.get(&tag).cloned();
        assert_eq!(by_tag.is_some(), !lists);
        if let Some(index) = by_tag {
            let index = parsed(&index);
            assert_eq!(index["mediaType"], "application/vnd.oci.image.index.v1+json");
            assert_eq!(index["manifests"][0]["artifactType"], "application/vnd.cyclonedx+json");
        }
        let written = |fake: &Fake| fake.log().iter().filter(|asked| asked.method == "PUT").count();
        let before = written(&fake);
        let said = desk.done(&["attach", &name, "app.cdx.json"]);
        assert!(said.starts_with("was attached already: "), "{said}");
        assert_eq!(written(&fake), before, "nothing is written twice");
        assert_eq!(desk.done(&["fetch-sbom", &name]), CYCLONEDX);
    }
}

#[test]
fn what_others_attach_at_the_same_time_is_not_lost() {
    // Somebody overwrites the list the moment it was first written.
    let (_fake, kept, name, digest) = kept(false, |kept, asked| {
        let is_list = asked.method == "PUT" && asked.path.contains("/manifests/sha256-");
        (is_list && asked.before == 0).then(|| {
            let reply = kept.answer(asked);
            let tag = asked.path.rsplit('/').next().expect("a tag").to_owned();
            let other = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": [{"mediaType": MANIFEST, "digest": sha256(b"other"), "size": 5}]});
            kept.manifests.insert(tag, other.to_string().into_bytes());
            reply
        })
    });
    Desk::new().done(&["attach", &name, "app.cdx.json"]);
    let tag = digest.replacen(':', "-", 1);
    let index = parsed(&kept.lock().expect("no thread panicked").manifests[&tag]);
    assert_eq!(index["manifests"].as_array().map(Vec::len), Some(2), "{index}");
}

#[test]
fn what_does_not_come_whole_or_true_is_not_passed_on() {
    let is_document = |asked: &Asked| {
        asked.method == "GET" && asked.path.ends_with(&format!("/blobs/{}", sha256(CYCLONEDX.as_bytes())))
    };
    let desk = Desk::new();
    let (_fake, _, name, _) = kept(true, move |_, asked| {
        is_document(asked).then(|| Reply::of(200, CYCLONEDX.replace("MIT", "BSD")))
    });
    desk.done(&["attach", &name, "app.cdx.json"]);
    desk.refused(&["fetch-sbom", &name], "is not what its digest says");
    desk.refused(&["check", &name, "--sbom", "attached-or-scan"], "is not what its digest says");

    // A connection that breaks off once is taken up again.
    let (fake, _, name, _) = kept(true, move |_, asked| {
        (is_document(asked) && asked.before == 0).then(|| Reply::of(200, CYCLONEDX).cut(20))
    });
    desk.done(&["attach", &name, "app.cdx.json"]);
    assert_eq!(desk.done(&["fetch-sbom", &name]), CYCLONEDX);
    assert_eq!(fake.count("GET", &sha256(CYCLONEDX.as_bytes())), 2);

    // A list may name what is about something else.
    let (_fake, kept, name, digest) = kept(false, |_, _| None);
    let stranger = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"mediaType": "application/vnd.oci.empty.v1+json"},
        "layers": [{"mediaType": "application/vnd.cyclonedx+json", "digest": sha256(CYCLONEDX.as_bytes()), "size": 1}],
        "subject": {"mediaType": MANIFEST, "digest": sha256(b"another image"), "size": 1}})
    .to_string();
    let index = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{"mediaType": MANIFEST, "digest": sha256(stranger.as_bytes()), "size": stranger.len()}]});
    {
        let mut kept = kept.lock().expect("no thread panicked");
        kept.manifests.insert(sha256(stranger.as_bytes()), stranger.into_bytes());
        kept.manifests.insert(digest.replacen(':', "-", 1), index.to_string().into_bytes());
    }
    assert_eq!(desk.done(&["fetch-sbom", &name, "--list"]), "");
}

#[test]
fn a_registry_that_takes_nothing_is_told_of() {
    let (_fake, _, name, _) = kept(true, |_, asked| {
        let words = r#"{"errors":[{"code":"DENIED","message":"this repository is read-only"}]}"#;
        (asked.method == "POST").then(|| Reply::of(405, words))
    });
    Desk::new().refused(&["attach", &name, "app.cdx.json"], "this repository is read-only");
    Desk::new().refused(&["attach", &name, "app.cdx.json", "--offline"], "--offline");
}
