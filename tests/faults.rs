//! What fails around us: disks that are full, readers that go away, runs that are killed, caches that are damaged, clocks that
//! are wrong. What stands in a file is the old whole or the new one, and an exit code says which.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::{Image, Layer, Packing};

struct Place(tempfile::TempDir);

impl Place {
    /// With an image of a few layers in it.
    fn new(packages: usize) -> Self {
        let place = Self(tempfile::tempdir().expect("a temporary folder"));
        let stanza = |number| {
            format!("Package: package-{number}\nStatus: install ok installed\nVersion: 1.{number}\n\n")
        };
        let status: String = (0..packages).map(stanza).collect();
        let license =
            "Permission is hereby granted, free of charge, to any person obtaining a copy. ".repeat(50);
        let layers = (0..4).map(|number| {
            let lock = format!("a{number}==1\nb{number}==2\n");
            Layer::of(&[
                ("var/lib/dpkg/status", status.as_bytes()),
                (&format!("srv/{number}/requirements.txt"), lock.as_bytes()),
                (&format!("usr/share/doc/package-{number}/copyright"), license.as_bytes()),
            ])
        });
        fs::write(place.path("image.tar"), Image::of(layers.collect()).oci_archive(Packing::Gzip))
            .expect("written");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_packlist"));
        command.args(arguments).env_clear().current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// The program under a shell's limits.
    fn limited(&self, limits: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("{limits}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_packlist")])
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.0.path());
        command.output().expect("a shell")
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

const OLD: &str = "what stood here before";

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux has /dev/full")]
fn a_full_disk_is_told_and_leaves_the_old_file() {
    let place = Place::new(3000);
    for output in ["cyclonedx-json=/dev/full", "table=/dev/full"] {
        let ran = place.run(&["scan", "image.tar", "--no-cache", "-o", output]);
        assert_eq!(ran.status.code(), Some(2));
        assert!(said(&ran).contains("cannot write `/dev/full`"), "{}", said(&ran));
    }
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let ran = place.command(&["scan", "image.tar", "--no-cache", "-o", "purls"]).stdout(full).output();
    let ran = ran.expect("it starts");
    assert_eq!(ran.status.code(), Some(2));
    assert!(said(&ran).contains("cannot write `standard output`"), "{}", said(&ran));
    // Files may grow to 16 blocks of half a kilobyte and no more: the way a disk fills up in the middle of one.
    fs::write(place.path("list.json"), OLD).expect("written");
    let arguments = ["scan", "image.tar", "--no-cache", "-o", "cyclonedx-json=list.json"];
    let ran = place.limited("trap '' XFSZ; ulimit -f 16", &arguments);
    assert_eq!(ran.status.code(), Some(2), "{}", said(&ran));
    assert!(said(&ran).contains("cannot write `list.json`"), "{}", said(&ran));
    assert_eq!(fs::read_to_string(place.path("list.json")).expect("there"), OLD);
    assert_eq!(names(place.0.path()), ["image.tar", "list.json"]);
    // A cache that does not fit is none.
    let arguments = ["scan", "image.tar", "--cache", "cache", "-o", "purls"];
    let ran = place.limited("trap '' XFSZ; ulimit -f 1", &arguments);
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    assert_eq!(place.run(&arguments).stdout, ran.stdout);
}

#[test]
fn a_reader_that_goes_away_is_no_failure_to_talk_about() {
    let place = Place::new(5000);
    let mut child = place
        .command(&["scan", "image.tar", "--no-cache", "-o", "cyclonedx-json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut out = child.stdout.take().expect("piped");
    out.read_exact(&mut [0; 100]).expect("it writes");
    drop(out);
    let ran = child.wait_with_output().expect("it ends");
    assert_eq!((ran.status.code(), said(&ran)), (Some(2), String::new()));
}

#[test]
fn an_interrupted_run_leaves_the_old_file() {
    let place = Place::new(200);
    fs::write(place.path("list.json"), OLD).expect("written");
    let mkfifo = Command::new("mkfifo").arg(place.path("pipe")).status();
    if !mkfifo.is_ok_and(|status| status.success()) {
        return println!("there is no mkfifo here: nothing was tried");
    }
    // It waits for somebody to read the pipe, and is interrupted there.
    for (signal, number) in [("INT", 2), ("TERM", 15)] {
        if is_ignored(number) {
            println!("SIG{signal} is ignored by whoever runs this test: it was not tried");
            continue;
        }
        let child = place
            .command(&[
                "scan",
                "image.tar",
                "--no-cache",
                "-o",
                "purls=pipe",
                "-o",
                "cyclonedx-json=list.json",
            ])
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        sleep(Duration::from_millis(800));
        Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().expect("kill");
        let ran = child.wait_with_output().expect("it ends");
        // What a shell calls 128 and the number.
        assert_eq!(ran.status.signal(), Some(number), "{}", said(&ran));
        assert_eq!(fs::read_to_string(place.path("list.json")).expect("there"), OLD);
    }
    assert_eq!(names(place.0.path()), ["image.tar", "list.json", "pipe"]);
}

/// A signal that is ignored stays so in programs that are started: what a shell runs in the background without job control
/// is not interrupted.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask =
        status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Killed at a hundred moments of a run with a cache and an output: what is there is always whole. `docs/hostile-input.md`
/// has what it comes to.
#[test]
fn a_killed_run_leaves_no_half_of_anything() {
    const TIMES: u32 = 100;
    let place = Place::new(600);
    let arguments =
        ["scan", "image.tar", "--cache", "cache", "-o", "cyclonedx-json=list.json", "-o", "purls"];
    let fresh = place.run(&["scan", "image.tar", "--no-cache", "-o", "cyclonedx-json", "-o", "purls=purls"]);
    let (whole, purls) = (fresh.stdout, fs::read(place.path("purls")).expect("written"));
    let begun = std::time::Instant::now();
    assert!(place.run(&arguments).status.success());
    let takes = begun.elapsed();
    // A generator of our own, with a seed: the moments are the same in every run.
    let mut state = 7_u64;
    let (mut killed, mut done) = (0, 0);
    for turn in 0..TIMES {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if turn % 3 == 0 {
            let _ = fs::remove_dir_all(place.path("cache"));
        }
        fs::write(place.path("list.json"), OLD).expect("written");
        let mut child =
            place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        sleep(takes.mul_f64((state >> 40) as f64 / (1 << 24) as f64 * 1.1));
        child.kill().expect("it is ours");
        match child.wait().expect("it ends").signal() {
            Some(_) => killed += 1,
            None => done += 1,
        }
        let left = fs::read(place.path("list.json")).expect("there");
        assert!(left == OLD.as_bytes() || left == whole, "turn {turn}: {} bytes", left.len());
        // What is in the cache is used, and says the same.
        if turn % 10 == 9 {
            let ran = place.run(&arguments);
            assert_eq!((ran.status.code(), said(&ran)), (Some(0), String::new()));
            assert!(ran.stdout == purls, "turn {turn}");
            assert!(fs::read(place.path("list.json")).expect("written") == whole, "turn {turn}");
        }
    }
    println!("{killed} killed, {done} done before");
    assert!(killed > TIMES / 4, "{killed} of {TIMES} were killed in time");
}

#[test]
fn a_damaged_cache_is_made_again() {
    let place = Place::new(50);
    let arguments = ["scan", "image.tar", "--cache", "cache", "-o", "purls"];
    let whole = place.run(&arguments).stdout;
    for damage in [&b""[..], b"packlist layer 1\n", &[0xff; 5000]] {
        for name in names(&place.path("cache/layers")) {
            fs::write(place.path("cache/layers").join(name), damage).expect("written");
        }
        let ran = place.run(&arguments);
        assert_eq!((ran.status.code(), said(&ran)), (Some(0), String::new()));
        assert_eq!(ran.stdout, whole);
    }
    // A file where the folder should be, and folders where files should be.
    for name in names(&place.path("cache/layers")) {
        fs::remove_file(place.path("cache/layers").join(&name)).expect("there");
        fs::create_dir(place.path("cache/layers").join(&name)).expect("made");
    }
    assert_eq!(place.run(&arguments).stdout, whole);
    fs::remove_dir_all(place.path("cache")).expect("there");
    fs::write(place.path("cache"), "a file").expect("written");
    assert_eq!(place.run(&arguments).stdout, whole);
}

#[test]
fn a_home_that_cannot_be_written_is_no_failure() {
    let place = Place::new(50);
    let whole = place.run(&["scan", "image.tar", "--no-cache", "-o", "purls"]).stdout;
    for home in ["/proc", "/dev/null", "/nonexistent/home", ""] {
        let ran = place
            .command(&["scan", "image.tar", "-o", "purls"])
            .env("HOME", home)
            .output()
            .expect("it starts");
        assert_eq!((ran.status.code(), said(&ran)), (Some(0), String::new()), "{home}");
        assert_eq!(ran.stdout, whole, "{home}");
    }
}

/// `faketime` is not everywhere; what the clock decides can be said instead.
#[test]
fn times_before_1970_are_times() {
    let place = Place::new(5);
    for epoch in ["-1", "-86400", "0", "253402300799"] {
        let ran = place
            .command(&["scan", "image.tar", "--no-cache", "-o", "cyclonedx-json"])
            .env("SOURCE_DATE_EPOCH", epoch)
            .output()
            .expect("it starts");
        assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    }
    for epoch in ["99999999999999999999", "x", "1e9"] {
        let ran = place
            .command(&["scan", "image.tar", "--no-cache"])
            .env("SOURCE_DATE_EPOCH", epoch)
            .output()
            .expect("it starts");
        assert_eq!(ran.status.code(), Some(2), "{epoch}");
    }
    for today in ["1969-12-31", "0001-01-01", "9999-12-31"] {
        let ran = place.run(&["check", "image.tar", "--no-cache", "--today", today]);
        assert!(ran.status.code().is_some_and(|code| code < 2), "{today}: {}", said(&ran));
    }
    // Files of a cache from before there were clocks go first, and do no harm.
    let arguments = ["scan", "image.tar", "--cache", "cache", "-o", "purls"];
    let whole = place.run(&arguments).stdout;
    for name in names(&place.path("cache/layers")) {
        let file = fs::File::options().write(true).open(place.path("cache/layers").join(name)).expect("ours");
        file.set_modified(std::time::UNIX_EPOCH - Duration::from_secs(86_400)).expect("set");
    }
    assert_eq!(place.run(&arguments).stdout, whole);
}

#[test]
fn an_image_that_ends_early_is_an_error_wherever_it_ends() {
    let place = Place::new(50);
    let whole = fs::read(place.path("image.tar")).expect("there");
    let step = whole.len() / 40;
    for length in (1..whole.len() - 2048).step_by(step) {
        fs::write(place.path("cut.tar"), &whole[..length]).expect("written");
        let ran = place.run(&["scan", "cut.tar", "--no-cache", "-o", "purls=list"]);
        assert_eq!(ran.status.code(), Some(2), "{length} of {}: {}", whole.len(), said(&ran));
        assert!(!place.path("list").exists(), "nothing is written of a part");
    }
}
