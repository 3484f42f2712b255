//! `packlist eol update` against a server on this machine: what is taken, what is refused, and that the dates in
//! use stay whenever something is wrong.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use tempfile::TempDir;

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let bill = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "library", "name": "vue", "version": "9.1.0", "purl": "pkg:npm/vue@9.1.0"}]}"#;
        fs::write(desk.folder.path().join("app.cdx.json"), bill).expect("writable");
        desk
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("data/packlist/eol/endoflife.tsv")
    }

    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("XDG_DATA_HOME", self.folder.path().join("data"))
            .envs(environment.iter().copied())
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asks a server that gives these answers, one a connection.
    fn update(&self, answers: Vec<Vec<u8>>) -> Ran {
        let url = serve(answers);
        self.run(&["eol", "update", "--url", &url], &[])
    }

    /// What the calendar in use says of a release that the shipped one does not have.
    fn judged(&self) -> String {
        self.run(&["eol", "app.cdx.json", "--today", "2026-11-20"], &[]).out
    }

    fn refused(&self, answer: Vec<u8>, words: &[&str]) {
        let before = fs::read(self.place()).ok();
        let ran = self.update(vec![answer]);
        assert_eq!(ran.code, Some(2), "{}", ran.out);
        for word in words {
            assert!(ran.err.contains(word), "`{word}` is not in: {}", ran.err);
        }
        assert_eq!(before, fs::read(self.place()).ok(), "what was kept has changed");
        let beside = self.place().parent().and_then(|folder| fs::read_dir(folder).ok());
        assert!(beside.is_none_or(|folder| folder.count() == 1), "something was left behind");
    }
}

/// Serves the answers as they are, one a connection; the address.
fn serve(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            if read_head(&mut stream).starts_with(b"CONNECT ") {
                // A proxy, and what it leads to.
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
                read_head(&mut stream);
            }
            // A client that has read enough hangs up.
            let _ = stream.write_all(&answer);
        }
    });
    format!("http://{address}/api/v1/products/full/")
}

fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    head
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", body)
}

/// The shipped calendar as the API would tell it, of another day, with one more release of Vue.
fn document(day: &str) -> String {
    let shipped = include_str!("../policies/eol/endoflife.tsv");
    let mut products: Vec<String> = Vec::new();
    for block in shipped.split("\n@").skip(1) {
        let mut lines = block.lines();
        let head: Vec<&str> = lines.next().expect("a product").split('\t').collect();
        let releases: Vec<String> = lines
            .map(|line| line.split('\t').collect::<Vec<_>>())
            .filter(|fields| fields.len() > 3)
            .map(|fields| release(&fields))
            .collect();
        let more = if head[0] == "vue" {
            release(&["9.1", "2026-10-01", "-", "2028-01-31"]) + ","
        } else {
            String::new()
        };
        products.push(format!(
            r#"{{"name": "{}", "label": {:?}, "category": "{}", "identifiers": [{{"type": "purl", "id": "pkg:npm/{}"}}],
               "releases": [{more}{}]}}"#,
            head[0],
            head[1],
            head[2],
            head[0],
            releases.join(",")
        ));
    }
    format!(
        r#"{{"schema_version": "1.2.1", "generated_at": "{day}T08:52:34+00:00", "result": [{}]}}"#,
        products.join(",\n")
    )
}

fn release(fields: &[&str]) -> String {
    let at = |index: usize| fields.get(index).copied().unwrap_or("-");
    let day = |text: &str| if text.len() == 10 { format!("\"{text}\"") } else { "null".to_owned() };
    let over = match at(3) {
        "yes" => "true",
        _ => "false",
    };
    format!(
        r#"{{"name": "{}", "releaseDate": {}, "isLts": false, "isEol": {over}, "eolFrom": {}, "latest": null}}"#,
        at(0),
        day(at(1)),
        day(at(3))
    )
}

#[test]
fn newer_dates_are_fetched_kept_and_used() {
    let desk = Desk::new();
    assert!(desk.judged().contains("newer-than-data"), "{}", desk.judged());
    let ran = desk.update(vec![ok(&document("2026-11-19"))]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.starts_with("calendar of 2026-11-19: "), "{}", ran.out);
    let judged = desk.judged();
    assert!(judged.contains("2028-01-31  supported  Vue 9.1"), "{judged}");
    assert!(judged.contains("calendar of 2026-11-19"), "{judged}");
    let shipped = desk.run(&["eol", "app.cdx.json", "--today", "2026-11-20", "--shipped-calendar"], &[]);
    assert!(shipped.out.contains("newer-than-data"), "{}", shipped.out);
}

#[test]
fn a_redirect_is_followed_but_not_without_end_nor_to_another_machine_without_tls() {
    let desk = Desk::new();
    let to = |location: &str| {
        format!(
            "HTTP/1.1 301 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .into_bytes()
    };
    let ran = desk.update(vec![to("/elsewhere"), ok(&document("2026-11-19"))]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    desk.refused(to("http://192.0.2.1/"), &["without TLS", "--plain-http"]);
    let ran = desk.update((0..8).map(|_| to("/again")).collect());
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("without end"), "{}", ran.err);
}

#[test]
fn whatever_is_wrong_the_dates_in_use_stay() {
    let desk = Desk::new();
    assert_eq!(desk.update(vec![ok(&document("2026-11-18"))]).code, Some(0));
    let whole = document("2026-11-19");
    desk.refused(answer("404 Not Found", "<html>"), &["404"]);
    desk.refused(
        b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n".to_vec(),
        &["429", "wait 30 s"],
    );
    let half = ok(&whole)[..whole.len() / 2].to_vec();
    desk.refused(half, &["broke off"]);
    desk.refused(ok(&whole[..whole.len() / 2]), &["not what the API answers", "those in use stay"]);
    desk.refused(ok("<!doctype html><title>log in</title>"), &["those in use stay"]);
    desk.refused(ok(&whole.replacen("1.2.1", "2.0.0", 1)), &["version 2.0.0"]);
    desk.refused(ok(&whole.replace("\"name\": \"debian\"", "\"name\": \"debian2\"")), &["lacks `debian`"]);
    desk.refused(ok(&document("2026-11-17")), &["2026-11-17", "2026-11-18"]);
    desk.refused(ok(&document("2099-01-01")), &["yet to come"]);
    let huge = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_owned() + &" ".repeat((16 << 20) + 1);
    desk.refused(huge.into_bytes(), &["larger than"]);
    desk.refused(b"\x16\x03\x01\x00\x00".to_vec(), &["cannot be reached"]);
    assert!(desk.judged().contains("calendar of 2026-11-18"));
}

#[test]
fn a_kept_file_that_is_damaged_is_told_and_not_used() {
    let desk = Desk::new();
    assert_eq!(desk.update(vec![ok(&document("2026-11-19"))]).code, Some(0));
    let kept = fs::read_to_string(desk.place()).expect("kept");
    fs::write(desk.place(), kept.replacen("2028-01-31", "2098-01-31", 1)).expect("writable");
    let ran = desk.run(&["eol", "app.cdx.json"], &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("checksum") && ran.err.contains("packlist eol update"), "{}", ran.err);
    assert!(ran.out.contains("newer-than-data"), "{}", ran.out);
    assert_eq!(desk.update(vec![ok(&document("2026-11-19"))]).code, Some(0));
    assert!(desk.judged().contains("Vue 9.1"));
}

#[test]
fn without_a_network_a_file_will_do() {
    let desk = Desk::new();
    fs::write(desk.folder.path().join("answer.json"), document("2026-11-19")).expect("writable");
    let ran = desk.run(&["eol", "update", "--offline"], &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--offline"), "{}", ran.err);
    let ran = desk.run(&["eol", "update", "--offline", "--from", "answer.json"], &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(desk.judged().contains("Vue 9.1"));
    // What was stored here can be taken elsewhere.
    let other = Desk::new();
    let kept = desk.place();
    let ran = other.run(&["eol", "update", "--from", &kept.display().to_string()], &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(fs::read(kept).expect("kept"), fs::read(other.place()).expect("kept"));
    let url = other.run(&["eol", "update", "--print-url"], &[]);
    assert_eq!(url.out, "https://endoflife.date/api/v1/products/full/\n");
}

#[test]
fn a_proxy_is_asked_where_the_environment_names_one() {
    let desk = Desk::new();
    let proxy = serve(vec![ok(&document("2026-11-19"))]).replace("/api/v1/products/full/", "");
    let arguments = ["eol", "update", "--plain-http", "--url", "http://calendar.invalid/full"];
    let ran = desk.run(&arguments, &[("HTTP_PROXY", &proxy)]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let ran = desk.run(&arguments, &[("HTTP_PROXY", &proxy), ("NO_PROXY", "calendar.invalid")]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("cannot be reached"), "{}", ran.err);
}

#[test]
fn nothing_is_fetched_unasked() {
    let desk = Desk::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let proxy = format!("http://{}", listener.local_addr().expect("bound"));
    listener.set_nonblocking(true).expect("a socket");
    let environment = [("HTTPS_PROXY", proxy.as_str()), ("HTTP_PROXY", &proxy), ("ALL_PROXY", &proxy)];
    for arguments in [
        &["eol", "app.cdx.json"][..],
        &["check", "app.cdx.json"],
        &["diff", "app.cdx.json", "app.cdx.json"],
        &["eol", "update", "--offline"],
    ] {
        desk.run(arguments, &environment);
    }
    assert!(listener.accept().is_err(), "something was fetched");
}
