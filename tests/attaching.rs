//! What is said of images and signed, and where it is put: statements that other programs verify, documents that are
//! found again beside their image.

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::{Image, Layer, Packing, sha256};
use serde_json::{Value, json};
use tempfile::TempDir;

const P256: &str = include_str!("keys/p256.pem");
const P256_PUBLIC: &str = include_str!("keys/p256.pub.pem");
const ED25519: &str = include_str!("keys/ed25519.pem");
const ED25519_PUBLIC: &str = include_str!("keys/ed25519.pub.pem");
const SEALED: &str = include_str!("keys/sealed.pem");

struct Desk(TempDir);

impl Desk {
    /// With keys, an SBOM, and an image in a layout.
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a temporary folder"));
        for (name, text) in [
            ("p256.pem", P256),
            ("p256.pub", P256_PUBLIC),
            ("ed25519.pem", ED25519),
            ("ed25519.pub", ED25519_PUBLIC),
            ("sealed.pem", SEALED),
        ] {
            desk.file(name, text);
        }
        desk.file("app.cdx.json", CYCLONEDX);
        image().oci_folder(&desk.path("layout"), Packing::Gzip);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("writable");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("it was written")
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_packlist"));
        command.args(arguments).current_dir(self.0.path()).env_clear();
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    /// Exit code and what went to standard output and standard error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        told(&mut self.command(arguments))
    }

    /// What went to standard output of a run that does what it should.
    fn done(&self, arguments: &[&str]) -> String {
        let (code, out, err) = self.run(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {err}");
        out
    }

    /// The digest of the layout's image.
    fn digest(&self) -> String {
        let index = self.json("layout/index.json");
        index["manifests"][0]["digest"].as_str().expect("a digest").to_owned()
    }

    fn blob(&self, bytes: &[u8]) -> String {
        let digest = sha256(bytes);
        self.file(&format!("layout/blobs/sha256/{}", &digest[7..]), bytes);
        digest
    }

    /// Puts a manifest with one layer into the layout, and gives its descriptor.
    fn manifest(&self, mut manifest: Value, layer: Value, content: &[u8]) -> Value {
        let mut layer = layer;
        layer["digest"] = json!(self.blob(content));
        layer["size"] = json!(content.len());
        let config = json!({"mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": self.blob(b"{}"), "size": 2});
        manifest["schemaVersion"] = json!(2);
        manifest["config"] = config;
        manifest["layers"] = json!([layer]);
        let bytes = manifest.to_string().into_bytes();
        json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": self.blob(&bytes), "size": bytes.len()})
    }

    /// The image as BuildKit leaves it, called `built`: an index of its manifest and of what is about it.
    fn built(&self, about: Value) {
        let mut image = self.json("layout/index.json")["manifests"][0].clone();
        image["platform"] = json!({"os": "linux", "architecture": "amd64"});
        image.as_object_mut().expect("an object").remove("annotations");
        let nested = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [image, about]})
        .to_string();
        self.index(json!({"mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": self.blob(nested.as_bytes()), "size": nested.len(),
            "annotations": {"org.opencontainers.image.ref.name": "built"}}));
    }

    /// Adds an entry to the layout's index.
    fn index(&self, descriptor: Value) {
        let mut index = self.json("layout/index.json");
        index["manifests"].as_array_mut().expect("a list").push(descriptor);
        self.file("layout/index.json", index.to_string());
    }
}

fn told(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Written as no program of ours would write it.
const CYCLONEDX: &str = "{\"specVersion\": \"1.6\",\n\t\"bomFormat\": \"CycloneDX\", \"components\": [\n{\"type\": \"library\", \"name\": \"a\", \
    \"version\": \"1\", \"purl\": \"pkg:npm/a@1\", \"licenses\": [{\"license\": {\"id\": \"MIT\"}}]}]}\n";

fn image() -> Image {
    let status = b"Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n";
    Image::of(vec![Layer::of(&[
        ("usr/lib/os-release", b"ID=debian\nVERSION_ID=13\n".as_slice()),
        ("var/lib/dpkg/status", status.as_slice()),
    ])])
}

const SUBJECT: &str =
    "registry.example.org/app@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

fn unbase64(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = text
        .trim_end_matches('=')
        .chars()
        .map(|c| format!("{:06b}", ALPHABET.find(c).expect("base64")))
        .collect();
    let whole = bits.len() / 8;
    (0..whole).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits")).collect()
}

#[test]
fn openssl_verifies_what_was_signed_and_nothing_else() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("SKIPPED: openssl is not there to verify the signatures");
        return;
    }
    let desk = Desk::new();
    for (key, public) in [("p256.pem", "p256.pub"), ("ed25519.pem", "ed25519.pub")] {
        desk.done(&[
            "attest",
            "app.cdx.json",
            "--subject",
            SUBJECT,
            "--key",
            key,
            "-o",
            "envelope=signed.json",
        ]);
        let envelope = desk.json("signed.json");
        let payload = unbase64(envelope["payload"].as_str().expect("a payload"));
        let kind = envelope["payloadType"].as_str().expect("a type");
        let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
        let message = [head.as_bytes(), &payload].concat();
        desk.file("signature", unbase64(envelope["signatures"][0]["sig"].as_str().expect("a signature")));
        let verifies = |message: &[u8]| {
            desk.file("message", message);
            let mut openssl = Command::new("openssl");
            openssl.current_dir(desk.0.path());
            match key {
                "p256.pem" => {
                    openssl.args(["dgst", "-sha256", "-verify", public, "-signature", "signature", "message"])
                }
                _ => openssl.args([
                    "pkeyutl",
                    "-verify",
                    "-pubin",
                    "-inkey",
                    public,
                    "-rawin",
                    "-in",
                    "message",
                    "-sigfile",
                    "signature",
                ]),
            };
            openssl.output().expect("openssl starts").status.success()
        };
        assert!(verifies(&message), "{key}");
        for at in [0, message.len() / 2, message.len() - 1] {
            let mut flipped = message.clone();
            flipped[at] ^= 1;
            assert!(!verifies(&flipped), "{key}: byte {at}");
        }
    }
}

#[test]
fn a_statement_holds_the_document_as_it_was_written() {
    let desk = Desk::new();
    let statement = desk.done(&["attest", "app.cdx.json", "--subject", SUBJECT]);
    assert!(statement.contains(CYCLONEDX.trim_end()), "{statement}");
    let read: Value = serde_json::from_str(&statement).expect("JSON");
    assert_eq!(read["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(read["predicateType"], "https://cyclonedx.org/bom");
    assert_eq!(
        read["subject"],
        json!([{"name": "registry.example.org/app", "digest": {"sha256": &SUBJECT[32..]}}])
    );
    // Of a file, and of the image in a layout; several at once.
    let of_file = desk.done(&["attest", "app.cdx.json", "--subject", "p256.pub", "--subject", "oci:layout"]);
    let read: Value = serde_json::from_str(&of_file).expect("JSON");
    let digest =
        |at: usize| format!("sha256:{}", read["subject"][at]["digest"]["sha256"].as_str().expect("a digest"));
    assert_eq!((digest(0), digest(1)), (sha256(P256_PUBLIC.as_bytes()), desk.digest()));
    let (code, _, err) = desk.run(&["attest", "app.cdx.json"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("nothing says by its digest what the statement is about"), "{err}");
}

#[test]
fn an_image_is_attested_by_its_own_digest() {
    let desk = Desk::new();
    for (format, kind) in [
        ("cyclonedx-json", "https://cyclonedx.org/bom"),
        ("spdx-json", "https://spdx.dev/Document"),
        ("spdx-json@3.0.1", "https://spdx.dev/Document/v3"),
    ] {
        let statement = desk.done(&["attest", "oci:layout", "--format", format]);
        let read: Value = serde_json::from_str(&statement).expect("JSON");
        assert_eq!(read["predicateType"], kind);
        assert_eq!(read["subject"][0]["digest"]["sha256"], desk.digest()[7..]);
        assert_eq!(read["subject"][0]["name"], "example:1");
    }
    let (code, _, err) = desk.run(&["attest", "oci:layout", "--format", "spdx-tag-value"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("spdx-tag-value is no SBOM in JSON"), "{err}");
}

#[test]
fn an_attestation_is_verified_by_key_kind_and_subject() {
    let desk = Desk::new();
    let forms = ["-o", "envelope=a.json", "-o", "bundle=b.json", "-o", "statement=s.json"];
    desk.done(
        &[&["attest", "app.cdx.json", "--subject", SUBJECT, "--key", "ed25519.pem"][..], &forms].concat(),
    );
    let verify = |arguments: &[&str]| desk.run(&[&["verify-attestation"][..], arguments].concat());
    for signed in ["a.json", "b.json"] {
        let (code, out, _) =
            verify(&[signed, "--key", "p256.pub", "--key", "ed25519.pub", "--subject", SUBJECT]);
        assert_eq!(code, Some(0));
        assert_eq!(out, format!("verified: https://cyclonedx.org/bom\n   about: {SUBJECT}\n"));
        let (code, out, _) =
            verify(&[signed, "--key", "ed25519.pub", "--type", "cyclonedx", "-o", "predicate"]);
        assert_eq!((code, out.as_str()), (Some(0), CYCLONEDX));
        for (wrong, words) in [
            (["--key", "p256.pub", "--subject", SUBJECT], "none of its 1 signatures was made with this key"),
            (["--key", "ed25519.pub", "--type", "spdx"], "and `spdx` is asked for"),
            (["--key", "ed25519.pub", "--subject", "app.cdx.json"], "and not about app.cdx.json@sha256:"),
            (["--key", "ed25519.pub", "--subject", "oci:layout"], "and not about layout@sha256:"),
        ] {
            let (code, out, err) = verify(&[&[signed], &wrong[..]].concat());
            assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
            assert!(err.contains(words), "{err}");
        }
    }
    assert_eq!(
        desk.read("s.json").trim_end().as_bytes(),
        unbase64(desk.json("a.json")["payload"].as_str().expect("text"))
    );
    let (code, _, err) = verify(&["s.json", "--key", "ed25519.pub"]);
    assert_eq!(code, Some(2), "nobody signed it: {err}");
    let (code, _, err) = verify(&["a.json", "--key", "ed25519.pem"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("openssl pkey -in key.pem -pubout"), "{err}");
}

#[test]
fn one_flipped_bit_is_refused_everywhere() {
    let desk = Desk::new();
    desk.done(&[
        "attest",
        "app.cdx.json",
        "--subject",
        SUBJECT,
        "--key",
        "p256.pem",
        "-o",
        "envelope=a.json",
    ]);
    let check = |file: &str| {
        desk.run(&[
            "check",
            file,
            "--key",
            "p256.pub",
            "--policy",
            "permissive-only",
            "--today",
            "2026-11-20",
        ])
    };
    assert_eq!(check("a.json").0, Some(0));
    let text = desk.read("a.json");
    let at = text.find("\"payload\":\"").expect("a payload") + 40;
    let mut flipped = text.into_bytes();
    // From one letter of the alphabet to another.
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    desk.file("flipped.json", &flipped);
    let (code, _, err) = check("flipped.json");
    assert_eq!(code, Some(2), "what is not signed is not judged");
    assert!(err.contains("or it was altered since"), "{err}");
    assert_eq!(desk.run(&["verify-attestation", "flipped.json", "--key", "p256.pub"]).0, Some(1));
    let (code, _, err) = check("app.cdx.json");
    assert_eq!(code, Some(2));
    assert!(err.contains("it is no DSSE envelope"), "{err}");
}

#[test]
fn signing_twice_gives_the_same_bytes_and_a_key_of_cosign_is_opened() {
    let desk = Desk::new();
    let attest = |key: &str| {
        let mut command = desk.command(&["attest", "app.cdx.json", "--subject", SUBJECT, "--key", key]);
        command.env("COSIGN_PASSWORD", "correct horse");
        told(&mut command)
    };
    assert_eq!(attest("p256.pem"), attest("p256.pem"));
    assert_eq!(attest("sealed.pem"), attest("p256.pem"));
    desk.file("password", "correct horse\n");
    let (code, out, err) = desk.run(&[
        "attest",
        "app.cdx.json",
        "--subject",
        SUBJECT,
        "--key",
        "sealed.pem",
        "--password-file",
        "password",
    ]);
    assert_eq!((code, out), (Some(0), attest("p256.pem").1), "{err}");
    let (code, _, err) = desk.run(&["attest", "app.cdx.json", "--subject", SUBJECT, "--key", "sealed.pem"]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("it is encrypted, and there is no password") && err.contains("COSIGN_PASSWORD"),
        "{err}"
    );
}

#[test]
fn a_verdict_is_attested_with_its_policy_and_day() {
    let desk = Desk::new();
    let attest = |policy: &str| {
        desk.run(&[
            "attest",
            "app.cdx.json",
            "--verdict",
            "--policy",
            policy,
            "--today",
            "2026-11-20",
            "--subject",
            SUBJECT,
        ])
    };
    let (code, out, err) = attest("permissive-only");
    assert_eq!(code, Some(0), "{err}");
    let read: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(read["predicateType"], "https://slsa.dev/verification_summary/v1");
    let said = &read["predicate"];
    assert_eq!(said["verificationResult"], "PASSED");
    assert_eq!(said["verifiedLevels"], json!(["PACKLIST_POLICY_PASSED"]));
    assert_eq!(said["timeVerified"], "2026-11-20T00:00:00Z");
    assert_eq!(said["resourceUri"], SUBJECT);
    assert_eq!(said["inputAttestations"][0]["digest"]["sha256"], sha256(CYCLONEDX.as_bytes())[7..]);
    desk.file(
        "deny.toml",
        "schema = 1\n[[rule]]\nid = \"none\"\nwhen = { id = [\"MIT\"] }\naction = \"deny\"\n",
    );
    let (code, out, err) = attest("deny.toml");
    assert_eq!(code, Some(1), "{err}");
    let read: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(read["predicate"]["verificationResult"], "FAILED");
    assert_eq!(read["predicate"]["verifiedLevels"], json!(["FAILED"]));
    // What it is about is read before the right to do so is given up.
    let verdict =
        ["attest", "app.cdx.json", "--verdict", "--policy", "permissive-only", "--subject", "oci:layout"];
    assert!(desk.done(&verdict).contains(&desk.digest()[7..]));
    assert_eq!(
        read["predicate"]["policy"],
        json!({"uri": "deny.toml", "digest": {"sha256": sha256(desk.read("deny.toml").as_bytes())[7..]}})
    );
}

#[test]
fn what_is_attached_to_a_layout_is_found_there_and_changes_nothing_else() {
    let desk = Desk::new();
    let scan = ["scan", "oci:layout", "-o", "purls"];
    let before = desk.done(&scan);
    let attach = ["attach", "oci:layout", "app.cdx.json"];
    let first = desk.done(&attach);
    assert!(first.starts_with("attached: app.cdx.json as sha256:"), "{first}");
    assert!(
        first.contains(&format!("(application/vnd.cyclonedx+json) to layout@{}", desk.digest())),
        "{first}"
    );
    let index = desk.read("layout/index.json");
    let again = desk.done(&attach);
    assert_eq!(again, first.replace("attached: ", "was attached already: "));
    assert_eq!(desk.read("layout/index.json"), index);
    assert_eq!(desk.done(&scan), before);
    assert_eq!(desk.done(&["fetch-sbom", "oci:layout"]), CYCLONEDX);
    let read: Value = serde_json::from_str(&index).expect("JSON");
    let entry = &read["manifests"][1];
    assert_eq!(entry["artifactType"], "application/vnd.cyclonedx+json");
    let name = entry["digest"].as_str().expect("a digest").replacen("sha256:", "layout/blobs/sha256/", 1);
    let manifest = desk.json(&name);
    assert_eq!(manifest["subject"]["digest"], desk.digest());
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.oci.empty.v1+json");
    assert_eq!(manifest["layers"][0]["digest"], sha256(CYCLONEDX.as_bytes()));
    let left: Vec<_> = fs::read_dir(desk.path("layout")).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 3, "nothing is left beside the layout: {left:?}");
}

#[test]
fn signed_and_unsigned_are_told_apart() {
    let desk = Desk::new();
    let sign = |key: &str, file: &str| {
        desk.done(&["attest", "app.cdx.json", "--subject", "oci:layout", "--key", key, "-o", file]);
    };
    sign("ed25519.pem", "envelope=mine.json");
    sign("p256.pem", "bundle=other.json");
    desk.done(&["scan", "oci:layout", "-o", "spdx-json=app.spdx.json"]);
    desk.done(&["attach", "oci:layout", "app.spdx.json", "mine.json", "other.json"]);
    let listed = desk.done(&["fetch-sbom", "oci:layout", "--list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    let (code, out, err) = desk.run(&["fetch-sbom", "oci:layout", "--key", "ed25519.pub"]);
    assert_eq!((code, out.as_str()), (Some(0), CYCLONEDX), "{err}");
    assert!(err.contains("its signature verified; one more is attached"), "{err}");
    let fetch = ["fetch-sbom", "oci:layout", "--format", "spdx", "-o", "fetched.json"];
    assert_eq!(desk.done(&fetch), "");
    assert_eq!(desk.read("fetched.json"), desk.read("app.spdx.json"));
    assert_eq!(
        desk.done(&["fetch-sbom", "oci:layout", "--key", "p256.pub", "--raw"]),
        desk.read("other.json")
    );
    desk.file("nobody.pub", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n");
    let (code, out, err) = desk.run(&["fetch-sbom", "oci:layout", "--key", "nobody.pub"]);
    assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
    let check = |more: &[&str]| {
        let usual = ["check", "oci:layout", "--policy", "permissive-only", "--today", "2026-11-20"];
        desk.run(&[&usual[..], more].concat())
    };
    let (code, out, err) = check(&["--sbom", "attached", "--key", "ed25519.pub", "-o", "purls"]);
    assert_eq!((code, out.as_str()), (Some(0), "pkg:npm/a@1\n"), "{err}");
    assert!(err.contains("the attached SBOM is cyclonedx sha256:"), "{err}");
    let (code, _, err) = check(&["--sbom", "attached", "--key", "nobody.pub"]);
    assert_eq!(code, Some(2), "{err}");
    let (code, _, err) = check(&["--sbom", "attached-or-scan", "--key", "nobody.pub"]);
    assert_eq!(code, Some(2), "a wrong signature is no missing one: {err}");
}

#[test]
fn without_an_attached_sbom_the_image_is_read_only_when_asked() {
    let desk = Desk::new();
    let (code, _, err) = desk.run(&["check", "oci:layout", "--sbom", "attached"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("no SBOM is attached to `oci:layout`"), "{err}");
    let (_, out, err) = desk.run(&["check", "oci:layout", "--sbom", "attached-or-scan", "-o", "purls"]);
    assert!(out.contains("pkg:deb/debian/bash@5.2-1"), "{out}");
    assert!(err.contains("no SBOM is attached; the image is read"), "{err}");
    let (code, _, err) = desk.run(&["fetch-sbom", "oci:layout"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("no such SBOM is attached"), "{err}");
    assert_eq!(desk.done(&["fetch-sbom", "oci:layout", "--list"]), "");
}

#[test]
fn what_is_of_another_image_is_not_attached_by_mistake() {
    let desk = Desk::new();
    desk.done(&["attest", "app.cdx.json", "--subject", SUBJECT, "-o", "statement=other.json"]);
    let index = desk.read("layout/index.json");
    let (code, _, err) = desk.run(&["attach", "oci:layout", "app.cdx.json", "other.json"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("`other.json` is of another image"), "{err}");
    assert_eq!(desk.read("layout/index.json"), index, "nothing was attached");
    desk.done(&["attach", "oci:layout", "other.json", "--force"]);
    let (code, out, err) = desk.run(&["fetch-sbom", "oci:layout"]);
    assert_eq!((code, out.as_str()), (Some(2), ""), "and it is not believed: {err}");
    assert!(err.contains("and not about"), "{err}");
    // The same image saved another way has another manifest and the same config.
    fs::write(desk.path("app.tar"), image().docker_archive()).expect("writable");
    desk.done(&["scan", "app.tar", "-o", "cyclonedx-json=saved.cdx.json"]);
    let said = desk.done(&["attach", "oci:layout", "saved.cdx.json"]);
    assert!(said.contains(&desk.digest()), "{said}");
}

#[test]
fn attestations_of_buildkit_and_tags_of_cosign_are_found() {
    let desk = Desk::new();
    let digest = desk.digest();
    let hex = &digest[7..];
    let statement = |predicate: &str, kind: &str| {
        format!(
            r#"{{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "{kind}",
            "subject": [{{"name": "x", "digest": {{"sha256": "{hex}"}}}}], "predicate": {predicate}}}"#
        )
    };
    let spdx = desk.done(&["convert", "app.cdx.json", "-o", "spdx-json"]);
    let built = statement(spdx.trim_end(), "https://spdx.dev/Document");
    let layer = json!({"mediaType": "application/vnd.in-toto+json",
        "annotations": {"in-toto.io/predicate-type": "https://spdx.dev/Document"}});
    let mut about = desk.manifest(json!({}), layer, built.as_bytes());
    about["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    about["annotations"] =
        json!({"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest});
    desk.built(about);
    // cosign's tags, of the manifest's digest.
    let attested =
        statement(&json!({"Data": CYCLONEDX, "Timestamp": "x"}).to_string(), "https://cyclonedx.org/bom");
    desk.file("statement", &attested);
    let layer = json!({"mediaType": "application/vnd.cyclonedx+json"});
    let mut tagged = desk.manifest(json!({}), layer, CYCLONEDX.as_bytes());
    tagged["annotations"] = json!({"org.opencontainers.image.ref.name": format!("sha256-{hex}.sbom")});
    desk.index(tagged);

    let listed = desk.done(&["fetch-sbom", "oci:layout:built", "--list"]);
    let ways: Vec<String> =
        listed.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(ways, ["spdx index", "cyclonedx tag"], "{listed}");
    assert!(listed.lines().all(|line| line.contains(&format!("about {digest}"))), "{listed}");
    assert_eq!(desk.done(&["fetch-sbom", "oci:layout:built"]), spdx);
    assert_eq!(desk.done(&["fetch-sbom", "oci:layout:built", "--format", "cyclonedx"]), CYCLONEDX);
    // The tags are no images that a user must choose from.
    assert_eq!(desk.done(&["fetch-sbom", "oci:layout:example:1", "--list"]).lines().count(), 1);
}

/// Where stages are listed too, BuildKit puts the list of the image before theirs.
#[test]
fn the_list_of_the_image_is_taken_and_not_that_of_a_stage() {
    let desk = Desk::new();
    let digest = desk.digest();
    let layer = |name: &str| {
        let statement = json!({"_type": "https://in-toto.io/Statement/v0.1", "subject": [],
            "predicateType": "https://spdx.dev/Document", "predicate": {"spdxVersion": "SPDX-2.3", "name": name}});
        let statement = statement.to_string();
        json!({"mediaType": "application/vnd.in-toto+json", "digest": desk.blob(statement.as_bytes()),
            "size": statement.len(), "annotations": {"in-toto.io/predicate-type": "https://spdx.dev/Document"}})
    };
    let layers: Vec<Value> = ["sbom", "sbom-a", "sbom-b", "sbom-c", "sbom-d"].map(layer).into();
    let is_before = |stage: &Value| stage["digest"].as_str() < layers[0]["digest"].as_str();
    assert!(layers[1..].iter().any(is_before), "the order of digests would do");
    let config = json!({"mediaType": "application/vnd.oci.image.config.v1+json",
        "digest": desk.blob(b"{}"), "size": 2});
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers}).to_string();
    let about = json!({"mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": desk.blob(manifest.as_bytes()), "size": manifest.len(),
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": digest}});
    desk.built(about);
    let (_, taken, err) = desk.run(&["fetch-sbom", "oci:layout:built"]);
    let taken: Value = serde_json::from_str(&taken).expect("JSON");
    assert_eq!(taken["name"], "sbom");
    assert!(err.contains("4 more are attached"), "{err}");
}

#[test]
fn a_tar_of_a_layout_is_read_and_never_written() {
    let desk = Desk::new();
    desk.done(&["attach", "oci:layout", "app.cdx.json"]);
    let mut tar = tar::Builder::new(fs::File::create(desk.path("app.tar")).expect("writable"));
    tar.append_dir_all(".", desk.path("layout")).expect("a tar");
    tar.finish().expect("written");
    for name in ["app.tar", "oci-archive:app.tar", "app.tar:example:1"] {
        assert_eq!(desk.done(&["fetch-sbom", name]), CYCLONEDX, "{name}");
    }
    assert_eq!(
        desk.done(&["fetch-sbom", "app.tar", "--list"]),
        desk.done(&["fetch-sbom", "oci:layout", "--list"])
    );
    let (_, out, err) = desk.run(&["check", "app.tar", "--sbom", "attached"]);
    assert!(err.contains("the attached SBOM is cyclonedx"), "{out}{err}");
    let before = fs::read(desk.path("app.tar")).expect("there");
    desk.file("other.json", CYCLONEDX.replace("MIT", "ISC"));
    let (code, _, err) = desk.run(&["attach", "app.tar", "other.json"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("`app.tar` is a tar, into which nothing is written"), "{err}");
    assert!(err.contains("tar -xf app.tar -C layout"), "{err}");
    assert_eq!(fs::read(desk.path("app.tar")).expect("there"), before);
    // What is no layout, or only half of one.
    fs::write(desk.path("cut.tar"), &before[..before.len() / 2]).expect("writable");
    assert_eq!(desk.run(&["fetch-sbom", "cut.tar"]).0, Some(2));
    fs::write(desk.path("saved.tar"), image().docker_archive()).expect("writable");
    let (code, _, err) = desk.run(&["fetch-sbom", "saved.tar"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("nothing that documents can be attached to"), "{err}");
}

#[test]
fn what_is_not_what_its_digest_says_is_not_passed_on() {
    let desk = Desk::new();
    desk.done(&["attach", "oci:layout", "app.cdx.json"]);
    let blob = format!("layout/blobs/sha256/{}", &sha256(CYCLONEDX.as_bytes())[7..]);
    desk.file(&blob, CYCLONEDX.replace("MIT", "BSD"));
    let (code, out, err) = desk.run(&["fetch-sbom", "oci:layout"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("is not what its digest says"), "{err}");
    let (code, _, err) = desk.run(&["attach", "app.cdx.json", "app.cdx.json"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("`app.cdx.json` is nothing that documents can be attached to"), "{err}");
}
