//! Directories: what is no file, what leads out, what nobody may read.
#![cfg(unix)]

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use packlist::layers::Limits;

use super::{Place, gaps, purls, read, text};

fn pipe(place: &Place, name: &str) -> bool {
    Command::new("mkfifo").arg(place.path().join(name)).status().is_ok_and(|status| status.success())
}

#[test]
fn pipes_sockets_and_devices_are_not_opened() {
    let place = Place::new();
    place.put("a/requirements.txt", b"a==1");
    fs::create_dir(place.path().join("b")).expect("made");
    let has_pipe = pipe(&place, "b/requirements.txt") && pipe(&place, "b/program");
    let _socket = UnixListener::bind(place.path().join("b/package-lock.json")).expect("a socket");
    symlink("/dev/zero", place.path().join("b/poetry.lock")).expect("a link");
    let bom = read(&place.path().display().to_string(), Limits::default()).expect("a directory");
    assert_eq!(purls(&bom), ["pkg:pypi/a@1"]);
    // Named as the source, they are refused and not waited for.
    let mut specials =
        vec!["/dev/zero".to_owned(), place.path().join("b/package-lock.json").display().to_string()];
    specials.extend(has_pipe.then(|| place.path().join("b/program").display().to_string()));
    for special in specials {
        let ran = place.run(&["scan", &special]);
        assert_eq!(ran.status.code(), Some(2));
        assert!(text(&ran.stderr).contains("is neither a file nor a directory"), "{}", text(&ran.stderr));
    }
}

#[test]
fn links_lead_nowhere() {
    let outside = Place::new();
    outside.put("secret/requirements.txt", b"outside==1");
    let place = Place::new();
    place.put("requirements.txt", b"inside==1");
    symlink(outside.path().join("secret"), place.path().join("linked")).expect("a link");
    symlink(outside.path().join("secret/requirements.txt"), place.path().join("poetry.lock"))
        .expect("a link");
    symlink(".", place.path().join("circle")).expect("a link");
    symlink("loop", place.path().join("loop")).expect("a link");
    let bom = read(&place.path().display().to_string(), Limits::default()).expect("a directory");
    assert_eq!(purls(&bom), ["pkg:pypi/inside@1"]);
}

#[test]
fn names_that_are_no_utf8_are_read() {
    let place = Place::new();
    let odd = place.path().join(std::ffi::OsStr::from_bytes(b"odd\xff"));
    if fs::create_dir(&odd).is_err() {
        return; // Some file systems have no such names.
    }
    fs::write(odd.join("requirements.txt"), "odd==1").expect("written");
    let bom = read(&place.path().display().to_string(), Limits::default()).expect("a directory");
    assert_eq!(purls(&bom), ["pkg:pypi/odd@1"]);
    let ran = Command::new(env!("CARGO_BIN_EXE_packlist"))
        .arg("scan")
        .arg(&odd)
        .env_clear()
        .output()
        .expect("the program starts");
    assert_eq!(ran.status.code(), Some(2), "an argument that is no UTF-8 is refused");
    assert!(!ran.stderr.is_empty() && !text(&ran.stderr).contains("panicked"), "{}", text(&ran.stderr));
}

#[test]
fn what_nobody_may_read_is_a_gap() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.put("a/requirements.txt", b"a==1");
    let closed = place.put("b/requirements.txt", b"b==1");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("ours");
    if fs::read(&closed).is_ok() {
        return; // Root reads everything.
    }
    let bom = read(&place.path().display().to_string(), Limits::default()).expect("a directory");
    assert_eq!((purls(&bom), gaps(&bom).len()), (vec!["pkg:pypi/a@1".to_owned()], 1));
}
