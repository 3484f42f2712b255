//! What a release hands out can be installed: packed by `.ci/packages`, fetched and compared by `install.sh`.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Packages of a small program that passes everything on to ours: packing a large one would take long.
fn packed(desk: &TempDir) -> PathBuf {
    let small = desk.path().join("packlist");
    fs::write(&small, format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_packlist")))
        .expect("writable");
    fs::set_permissions(&small, fs::Permissions::from_mode(0o755)).expect("ours");
    let out = desk.path().join("packages");
    let ran = Command::new(root().join(".ci/packages")).args([&small, &out]).output().expect("bash is there");
    assert!(ran.status.success(), "{}", told(&ran));
    out
}

fn install(from: &str, to: &Path) -> Output {
    let mut command = Command::new("sh");
    command.arg(root().join("install.sh")).args(["--from", from, "--to"]).arg(to);
    // The archive is named after the compiler's word for this machine.
    command.args(["--target", &host()]).env_remove("HTTP_PROXY").env_remove("http_proxy");
    command.output().expect("sh is there")
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("it compiled this");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

/// Answers a few requests with the files of a folder.
fn served(folder: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let folder = folder.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(&stream);
            let mut first = String::new();
            let _ = reader.read_line(&mut first);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            let name = first.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
            let mut out = &stream;
            let _ = match fs::read(folder.join(name)) {
                Ok(bytes) => write!(
                    out,
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    bytes.len()
                )
                .and_then(|()| out.write_all(&bytes)),
                Err(_) => {
                    write!(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                }
            };
        }
    });
    address
}

#[test]
fn what_is_packed_is_installed_and_what_was_tampered_with_is_not() {
    let desk = tempfile::tempdir().expect("a temporary folder");
    let packages = packed(&desk);
    let mut places = vec![packages.display().to_string(), format!("file://{}", packages.display())];
    if has("curl") || has("wget") {
        places.push(served(&packages));
    }
    for (at, place) in places.iter().enumerate() {
        let home = desk.path().join(format!("home{at}"));
        let ran = install(place, &home);
        assert!(ran.status.success(), "{place}: {}", told(&ran));
        let runs = Command::new(home.join("bin/packlist")).arg("--version").output().expect("installed");
        assert_eq!(told(&runs).trim(), format!("packlist {}", env!("CARGO_PKG_VERSION")));
        for file in
            ["bash-completion/completions/packlist", "man/man1/packlist-scan.1.gz", "doc/packlist/LICENSE"]
        {
            assert!(home.join("share").join(file).is_file(), "{file} is not installed");
        }
    }
    let archive = packages.join(format!("packlist-{}-{}.tar.gz", env!("CARGO_PKG_VERSION"), host()));
    let mut bytes = fs::read(&archive).expect("packed");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&archive, bytes).expect("writable");
    let home = desk.path().join("nothing");
    let ran = install(&places[0], &home);
    assert!(!ran.status.success() && told(&ran).contains("nothing is installed"), "{}", told(&ran));
    assert!(!home.exists());
    let ran = install(&desk.path().join("nowhere").display().to_string(), &home);
    assert!(!ran.status.success() && told(&ran).contains("cannot get"), "{}", told(&ran));
}

#[test]
fn packages_hold_the_program_its_manual_and_its_completions() {
    let desk = tempfile::tempdir().expect("a temporary folder");
    let packages = packed(&desk);
    let listing = |program: &str, options: &[&str], ending: &str| {
        let package = fs::read_dir(&packages).expect("there").flatten().map(|entry| entry.path());
        let package = package.into_iter().find(|path| path.to_string_lossy().ends_with(ending))?;
        let ran = Command::new(program).args(options).arg(package).output().ok()?;
        assert!(ran.status.success(), "{}", told(&ran));
        Some(told(&ran))
    };
    let deb = listing("dpkg-deb", &["-c"], ".deb");
    let rpm = listing("rpm", &["-qlp"], ".rpm");
    assert!(deb.is_some() || !has("dpkg-deb"), "no package for Debian");
    assert!(rpm.is_some() || !has("rpmbuild") || !has("rpm"), "no package for RPM");
    for list in [deb, rpm].into_iter().flatten() {
        for file in [
            "/usr/bin/packlist",
            "/usr/share/man/man1/packlist.1.gz",
            "/usr/share/man/man1/packlist-policy-init.1.gz",
            "/usr/share/bash-completion/completions/packlist",
            "/usr/share/zsh/site-functions/_packlist",
            "/usr/share/fish/vendor_completions.d/packlist.fish",
        ] {
            assert!(list.contains(file), "{file} is not in\n{list}");
        }
    }
}
