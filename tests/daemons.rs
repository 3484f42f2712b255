//! A daemon that gives images, played by the test on a socket of its own.
#![cfg(unix)]

mod common;

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use common::{Image, Layer};
use tempfile::TempDir;

const STATUS: &[u8] = b"Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n";

fn saved() -> Vec<u8> {
    Image::of(vec![Layer::of(&[("var/lib/dpkg/status", STATUS)])]).docker_archive()
}

fn chunked(bytes: &[u8]) -> Vec<u8> {
    let mut answer =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in bytes.chunks(1000) {
        answer.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        answer.extend_from_slice(chunk);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    answer
}

struct Daemon {
    folder: TempDir,
    asked: thread::JoinHandle<String>,
}

impl Daemon {
    /// Answers one question on a socket at this place below its folder.
    fn at(place: &str, answer: Vec<u8>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join(place);
        std::fs::create_dir_all(socket.parent().expect("in a folder")).expect("writable");
        let listener = UnixListener::bind(socket).expect("a socket");
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("asked");
            let mut question = Vec::new();
            let mut byte = [0];
            while !question.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
                question.push(byte[0]);
            }
            // Whoever asked may have heard enough.
            let _ = stream.write_all(&answer);
            String::from_utf8_lossy(&question).into_owned()
        });
        Self { folder, asked }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("x.sock")
    }
}

fn scan(source: &str, variables: &[(&str, &Path)]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_packlist"));
    command.args(["scan", source, "--no-cache", "-o", "purls"]);
    for name in ["DOCKER_HOST", "CONTAINER_HOST", "XDG_RUNTIME_DIR", "HOME"] {
        command.env_remove(name);
    }
    for (name, value) in variables {
        let value = if name.ends_with("_HOST") {
            format!("unix://{}", value.display())
        } else {
            value.display().to_string()
        };
        command.env(name, value);
    }
    let output = command.output().expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

const LISTED: &str = "pkg:deb/debian/bash@5.2-1?arch=amd64\n";

#[test]
fn an_image_is_asked_of_the_daemon_and_read_as_it_comes() {
    let daemon = Daemon::at("x.sock", chunked(&saved()));
    let (code, list, errors) = scan("docker:example:1", &[("DOCKER_HOST", &daemon.socket())]);
    assert_eq!((code, list.as_str()), (Some(0), LISTED), "{errors}");
    let question = daemon.asked.join().expect("asked");
    assert!(question.starts_with("GET /images/example:1/get HTTP/1.1\r\nHost: localhost\r\n"), "{question}");
    let plain = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", saved().len()).into_bytes();
    let daemon = Daemon::at("podman/podman.sock", [plain, saved()].concat());
    let (code, list, errors) = scan("podman:example:1", &[("XDG_RUNTIME_DIR", daemon.folder.path())]);
    assert_eq!((code, list.as_str()), (Some(0), LISTED), "{errors}");
}

#[test]
fn what_the_daemon_does_not_have_is_told_as_that() {
    let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}".to_vec();
    let daemon = Daemon::at("x.sock", answer);
    let (code, _, errors) = scan("docker:other", &[("DOCKER_HOST", &daemon.socket())]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("has no image `other`"), "{errors}");
    let answer = b"HTTP/1.1 500 Oh\r\nContent-Length: 16\r\n\r\n{\"message\":\"no\"}".to_vec();
    let daemon = Daemon::at("x.sock", answer);
    let (code, _, errors) = scan("docker:other", &[("DOCKER_HOST", &daemon.socket())]);
    assert!(code == Some(2) && errors.contains("answers 500: {\"message\":\"no\"}"), "{errors}");
}

#[test]
fn an_answer_that_is_cut_is_no_list() {
    let whole = chunked(&saved());
    for length in [20, 90, 400, 1500, whole.len() - 700, whole.len() - 5] {
        let daemon = Daemon::at("x.sock", whole[..length].to_vec());
        let (code, list, errors) = scan("docker:example:1", &[("DOCKER_HOST", &daemon.socket())]);
        assert_eq!((code, list.as_str()), (Some(2), ""), "{length}: {errors}");
        assert!(errors.starts_with("error: "), "{errors}");
    }
}

#[test]
fn a_daemon_that_is_not_there_is_told_with_where_it_was_looked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (code, _, errors) = scan("podman:a", &[("XDG_RUNTIME_DIR", folder.path()), ("HOME", folder.path())]);
    if Path::new("/run/podman/podman.sock").exists() {
        return;
    }
    assert_eq!(code, Some(2));
    let looked = folder.path().join("podman/podman.sock").display().to_string();
    assert!(errors.contains(&looked) && errors.contains("podman save"), "{errors}");
    let missing = folder.path().join("none.sock");
    let (code, _, errors) = scan("docker:a", &[("DOCKER_HOST", &missing)]);
    assert!(code == Some(2) && errors.contains("none.sock") && errors.contains("help:"), "{errors}");
    let (code, _, errors) = scan("docker:a b", &[("DOCKER_HOST", &missing)]);
    assert!(code == Some(2) && errors.contains("is no name of an image"), "{errors}");
}
