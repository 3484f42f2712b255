//! Memory is bounded by what is wanted, not by the image: see `docs/performance.md`. And nothing is written but
//! what the user names.

mod common;

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use common::sha256;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use sha2::{Digest, Sha256};

const GIB: u64 = 1 << 30;

/// What a scan may hold at most where no wanted file is large: the program and its tables, what is under way between
/// the threads, and the list.
const BOUND: u64 = 96 << 20;

/// Enough packages that their list does not fit into a pipe: whoever writes it has then done everything else.
const PACKAGES: usize = 400;

fn status() -> Vec<u8> {
    let stanza = |index| {
        format!(
            "Package: package-{index}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.{index}\n\n"
        )
    };
    (0..PACKAGES).map(stanza).collect::<String>().into_bytes()
}

/// The beginning of a program: a header that names no sections and no segments.
fn program() -> Vec<u8> {
    let mut header = b"\x7fELF\x02\x01\x01".to_vec();
    header.resize(64, 0);
    header[16] = 3;
    header
}

/// A member of a layer: its path, how it begins, and how many bytes of nothing follow.
type Member<'a> = (&'a str, &'a [u8], u64);

fn header(path: &str, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(path).expect("a short path");
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn padding(size: u64) -> u64 {
    size.next_multiple_of(512) - size
}

/// Writes a layer's tar.
fn layer(members: &[Member<'_>], mut out: impl Write) -> io::Result<()> {
    for (path, begin, nothing) in members {
        let size = begin.len() as u64 + nothing;
        out.write_all(&header(path, size))?;
        out.write_all(begin)?;
        io::copy(&mut io::repeat(0).take(nothing + padding(size)), &mut out)?;
    }
    out.write_all(&[0; 1024])
}

/// Digests what passes.
struct Hashing<W> {
    out: W,
    hash: Sha256,
    length: u64,
}

impl<W: Write> Hashing<W> {
    fn new(out: W) -> Self {
        Self { out, hash: Sha256::new(), length: 0 }
    }

    fn finish(self) -> (W, String, u64) {
        let hex: String = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        (self.out, format!("sha256:{hex}"), self.length)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn config(diff_id: &str) -> Vec<u8> {
    let rootfs = json!({"type": "layers", "diff_ids": [diff_id]});
    json!({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).to_string().into_bytes()
}

/// An OCI layout of one gzipped layer, as large as it says and a hundredth of that on the disk.
fn oci_layout(folder: &Path, members: &[Member<'_>]) -> io::Result<()> {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs)?;
    let unnamed = blobs.join("layer");
    let packed = Hashing::new(File::create(&unnamed)?);
    let mut plain = Hashing::new(GzEncoder::new(packed, Compression::fast()));
    layer(members, &mut plain)?;
    let (gzip, diff_id, _) = plain.finish();
    let (_, digest, size) = gzip.finish()?.finish();
    fs::rename(unnamed, blobs.join(&digest["sha256:".len()..]))?;
    let put = |bytes: &[u8]| fs::write(blobs.join(&sha256(bytes)["sha256:".len()..]), bytes);
    let of = |kind: &str, digest: &str, size: u64| json!({"mediaType": format!("application/vnd.oci.image.{kind}"), "digest": digest, "size": size});
    let config = config(&diff_id);
    put(&config)?;
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": of("config.v1+json", &sha256(&config), config.len() as u64),
        "layers": [of("layer.v1.tar+gzip", &digest, size)],
    });
    let manifest = manifest.to_string().into_bytes();
    put(&manifest)?;
    let index = json!({"schemaVersion": 2, "manifests": [of("manifest.v1+json", &sha256(&manifest), manifest.len() as u64)]});
    fs::write(folder.join("index.json"), index.to_string())?;
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)
}

/// The tar of an old `docker save` with one layer. What is nothing in it is a hole of the file.
fn docker_archive(path: &Path, members: &[Member<'_>]) -> io::Result<()> {
    let mut hashing = Hashing::new(io::sink());
    layer(members, &mut hashing)?;
    let (_, diff_id, size) = hashing.finish();
    let config = config(&diff_id);
    let manifest =
        json!([{"Config": "config.json", "RepoTags": ["huge:1"], "Layers": ["layer.tar"]}]).to_string();
    let mut out = File::create(path)?;
    for (name, content) in [("config.json", config.as_slice()), ("manifest.json", manifest.as_bytes())] {
        layer(&[(name, content, 0)], &mut out)?;
        out.seek(SeekFrom::Current(-1024))?;
    }
    out.write_all(&header("layer.tar", size))?;
    for (path, begin, nothing) in members {
        let size = begin.len() as u64 + nothing;
        out.write_all(&header(path, size))?;
        out.write_all(begin)?;
        out.seek(SeekFrom::Current((nothing + padding(size)) as i64))?;
    }
    out.write_all(&[0; 2048])
}

/// The most memory a scan held, in bytes.
fn peak(subject: &Path, arguments: &[&str]) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_packlist"))
        .arg("scan")
        .arg(subject)
        .args(["--no-cache", "-o", "cyclonedx-json"])
        .args(arguments)
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut out = child.stdout.take().expect("piped");
    let mut document = vec![0];
    out.read_exact(&mut document).expect("a document");
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it still writes");
    out.read_to_end(&mut document).expect("all of it");
    assert!(child.wait().expect("it ends").success());
    assert!(document.len() > 128 << 10, "it was still writing: {} bytes", document.len());
    let document: serde_json::Value = serde_json::from_slice(&document).expect("JSON");
    assert_eq!(document["components"].as_array().map(Vec::len), Some(PACKAGES), "everything is listed");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux says so");
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
    kib << 10
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux says how much memory a process had")]
fn memory_does_not_grow_with_the_image() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (status, program) = (status(), program());
    let small: &[Member<'_>] = &[("var/lib/dpkg/status", &status, 0), ("srv/data", b"", GIB / 64)];
    let huge: &[Member<'_>] = &[
        // Nobody asks for this, whatever it is.
        ("srv/data", b"", GIB),
        // This is looked into, and not held for that.
        ("srv/large", &program, GIB / 5),
        // This would be looked into, and is too large.
        ("srv/program", b"\x7fELF\x02\x01\x01", GIB / 3),
        // This would be kept, and is too large.
        ("srv/node_modules/x/package.json", b"{", GIB / 3),
        ("var/lib/dpkg/status", &status, 0),
    ];
    let layout = |name: &str, members: &[Member<'_>]| {
        let path = folder.path().join(name);
        oci_layout(&path, members).expect("written");
        path
    };
    let small = peak(&layout("small", small), &[]);
    let large = peak(&layout("huge", huge), &[]);
    assert!(large < BOUND, "{} MiB", large >> 20);
    assert!(
        large < small + small / 5 + (4 << 20),
        "{} MiB, and {} MiB for a small one",
        large >> 20,
        small >> 20
    );
    let saved = folder.path().join("huge.tar");
    docker_archive(&saved, &huge[1..]).expect("written");
    for arguments in [&[][..], &["--no-verify"]] {
        let held = peak(&saved, arguments);
        assert!(held < BOUND, "{} MiB {arguments:?}", held >> 20);
    }
}

#[test]
fn nothing_is_written_but_what_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let layout = folder.path().join("image");
    oci_layout(&layout, &[("var/lib/dpkg/status", &status(), 0), ("srv/x.jar", b"PK\x03\x04", 99)])
        .expect("written");
    let here = folder.path().join("here");
    fs::create_dir(&here).expect("writable");
    let before = files_below(&layout);
    let ran = Command::new(env!("CARGO_BIN_EXE_packlist"))
        .arg("scan")
        .arg(&layout)
        .args(["--no-cache", "-o", "purls"])
        .env_clear()
        // Whoever needs a temporary file fails.
        .env("TMPDIR", folder.path().join("absent"))
        .env("HOME", &here)
        .current_dir(&here)
        .output()
        .expect("the program starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(files_below(&here), Vec::<String>::new());
    assert_eq!(files_below(&layout), before);
}

fn files_below(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).min_depth(1).sort_by_file_name();
    entries.into_iter().flatten().map(|entry| entry.path().display().to_string()).collect()
}
