//! What a confined process can still do. Each probe is this test binary once more, for there is no way back.
#![cfg(target_os = "linux")]

use std::env;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use packlist::source::{Confined, Confinement};

const PROBE: &str = "PACKLIST_TEST_PROBE";
const SKIPPED: &str = "this kernel has no Landlock: nothing was tried";

/// Runs the test of that name once more as a probe in `folder`, and gives what it said.
fn probe(name: &str, folder: &Path) -> String {
    let ran = Command::new(env::current_exe().expect("this program"))
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(PROBE, folder)
        .output()
        .expect("it starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// The folder of the probe, where this is one.
fn is_probe() -> Option<PathBuf> {
    env::var_os(PROBE).map(PathBuf::from)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["read", "write"] {
        fs::create_dir(folder.path().join(name)).expect("made");
        fs::write(folder.path().join(name).join("file"), "content").expect("written");
    }
    fs::write(folder.path().join("beside"), "content").expect("written");
    folder
}

fn told(what: &str, worked: bool) {
    println!("{what}: {}", if worked { "works" } else { "refused" });
}

fn try_everything(folder: &Path, port: u16) {
    told("reading what is named", fs::read(folder.join("read/file")).is_ok());
    told("listing what is named", fs::read_dir(folder.join("read")).is_ok());
    told("reading what lies beside", fs::read(folder.join("beside")).is_ok());
    told("reading /etc/passwd", File::open("/etc/passwd").is_ok());
    told("listing /", fs::read_dir("/").is_ok());
    told("writing into what is read", fs::write(folder.join("read/new"), "x").is_ok());
    told("deleting what is read", fs::remove_file(folder.join("read/file")).is_ok());
    let (part, whole) = (folder.join("write/part"), folder.join("write/whole"));
    told("replacing what is written", fs::write(&part, "x").and_then(|()| fs::rename(&part, &whole)).is_ok());
    told("writing beside", fs::write(folder.join("new"), "x").is_ok());
    told("linking out", fs::hard_link(folder.join("read/file"), folder.join("write/link")).is_ok());
    told("starting a program", Command::new("/bin/sh").args(["-c", "exit 0"]).status().is_ok());
    told("connecting", TcpStream::connect(("127.0.0.1", port)).is_ok());
    let thread = std::thread::spawn(|| File::open("/etc/passwd").is_ok());
    told("reading /etc/passwd in a thread", thread.join().expect("no panic"));
}

const EVERYTHING: &str = "\
reading what is named: works
listing what is named: works
reading what lies beside: refused
reading /etc/passwd: refused
listing /: refused
writing into what is read: refused
deleting what is read: refused
replacing what is written: works
writing beside: refused
linking out: refused
starting a program: refused
connecting: refused
reading /etc/passwd in a thread: refused
";

#[test]
fn nothing_but_what_is_named_is_left() {
    if let Some(folder) = is_probe() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let needs = Confinement {
            readable: vec![folder.join("read"), folder.join("absent")],
            writable: vec![folder.join("write")],
            network: false,
        };
        return match needs.enter() {
            Confined::Fully => try_everything(&folder, port),
            Confined::Partly => println!("partly"),
            Confined::Not => println!("not"),
        };
    }
    let folder = folder();
    let said = probe("nothing_but_what_is_named_is_left", folder.path());
    if said.contains("\nnot\n") || said.contains("\npartly\n") {
        return println!("{SKIPPED}");
    }
    assert!(said.contains(EVERYTHING), "{said}");
}

#[test]
fn with_the_network_nothing_else_is_written() {
    if let Some(folder) = is_probe() {
        let needs = Confinement { readable: vec![], writable: vec![folder.join("write")], network: true };
        if needs.enter() == Confined::Not {
            return println!("not");
        }
        told("reading", File::open("/etc/passwd").is_ok());
        told("writing beside", fs::write(folder.join("new"), "x").is_ok());
        told("deleting", fs::remove_file(folder.join("beside")).is_ok());
        return told("writing", fs::write(folder.join("write/new"), "x").is_ok());
    }
    let folder = folder();
    let said = probe("with_the_network_nothing_else_is_written", folder.path());
    if said.contains("\nnot\n") {
        return println!("{SKIPPED}");
    }
    assert!(
        said.contains("reading: works\nwriting beside: refused\ndeleting: refused\nwriting: works\n"),
        "{said}"
    );
}

/// The program in a folder of its own, with a cache, an output and a policy that inherits from above.
#[test]
fn a_confined_run_says_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
    };
    put("app/requirements.txt", "a==1\n");
    put("policies/base.toml", "schema = 1\n");
    put("here/deep/policy.toml", "schema = 1\nextends = [\"../../policies/base.toml\"]\n");
    fs::create_dir_all(folder.path().join("out")).expect("made");
    let run = |arguments: &[&str]| {
        let ran = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .env_clear()
            .env("HOME", folder.path().join("home"))
            .current_dir(folder.path().join("here"))
            .output()
            .expect("it starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
    };
    for arguments in [
        &["scan", "../app", "-o", "purls", "-o", "cyclonedx-json=../out/app.json", "-o", "table=here.txt"][..],
        &["check", "../app", "--policy", "deep/policy.toml", "-o", "json"],
        &["diff", "../out/app.json", "../app", "-o", "json"],
        &["eol", "../out/app.json"],
        &["merge", "../out/app.json", "../out/app.json", "--name", "x", "-o", "purls"],
        &["scan", "absent"],
        &["scan", "../app", "-o", "purls=../absent/x"],
    ] {
        let confined = run(arguments);
        let open = run(&[arguments, &["--no-sandbox"]].concat());
        assert_eq!(confined, open, "{arguments:?}");
    }
    let (_, _, said) = run(&["scan", "../app", "--verbose", "-o", "purls"]);
    assert!(said.contains("confined"), "{said}");
    let (_, _, said) = run(&["scan", "../app", "--verbose", "--no-sandbox", "-o", "purls"]);
    assert!(!said.contains("confined"), "{said}");
    assert!(folder.path().join("out/app.json").is_file() && folder.path().join("here/here.txt").is_file());
}

/// Builders link the blobs of a layout into stores of their own.
#[test]
fn linked_blobs_of_a_layout_are_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let layout = folder.path().join("layout/blobs/sha256");
    fs::create_dir_all(&layout).expect("made");
    let digest = |bytes: &[u8]| {
        use sha2::Digest;
        sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let blob = |bytes: &[u8]| {
        let name = digest(bytes);
        let real = folder.path().join(&name);
        fs::write(&real, bytes).expect("written");
        std::os::unix::fs::symlink(&real, layout.join(&name)).expect("linked");
        (format!("sha256:{name}"), bytes.len())
    };
    let layer = [0; 1024];
    let (layer_digest, layer_size) = blob(&layer);
    let config = format!(
        "{{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[\"{layer_digest}\"]}}}}"
    );
    let (config_digest, config_size) = blob(config.as_bytes());
    let manifest = format!(
        "{{\"schemaVersion\":2,\"config\":{{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"{config_digest}\",\"size\":{config_size}}},\"layers\":[{{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"{layer_digest}\",\"size\":{layer_size}}}]}}"
    );
    let (manifest_digest, manifest_size) = blob(manifest.as_bytes());
    let index = format!(
        "{{\"schemaVersion\":2,\"manifests\":[{{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"{manifest_digest}\",\"size\":{manifest_size}}}]}}"
    );
    fs::write(folder.path().join("layout/index.json"), index).expect("written");
    fs::write(folder.path().join("layout/oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}")
        .expect("written");
    let ran = Command::new(env!("CARGO_BIN_EXE_packlist"))
        .args(["scan", "layout", "--no-cache", "-o", "purls"])
        .env_clear()
        .current_dir(folder.path())
        .output()
        .expect("it starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}
