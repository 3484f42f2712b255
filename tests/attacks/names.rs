//! Names and words of the subject in what we write: nothing steers a terminal, a browser, a spreadsheet or a build server.

use std::process::Command;

use super::{Layer, Place, text};
use crate::common::{Image, Packing};

/// A name that tries everything at once.
const HOSTILE: &str = "a\u{1b}[31m\u{7}\u{9b}2J\u{202e}\r\n::error::owned\n##vso[task.complete]\u{0}<script>alert(1)</script>|`x`![i](https://evil.example/x)@octocat =cmd|' /C calc'!A0 </td>]]>&lt;-->\u{2028}";

fn hostile_image(place: &Place) {
    let json = serde_json::json!({"name": HOSTILE, "version": HOSTILE, "license": HOSTILE, "author": HOSTILE,
        "description": HOSTILE, "homepage": HOSTILE, "repository": HOSTILE});
    let status = format!(
        "Package: {0}\nStatus: install ok installed\nVersion: {0}\nMaintainer: {0}\n",
        HOSTILE.replace(['\r', '\n'], "")
    );
    let path = format!("srv/{}/requirements.txt", HOSTILE.replace(['/', '\0', '\n'], "_"));
    let layer = Layer::of(&[
        ("srv/node_modules/x/package.json", json.to_string().as_bytes()),
        ("var/lib/dpkg/status", status.as_bytes()),
        (
            "etc/os-release",
            format!(
                "ID=\"{0}\"\nVERSION_ID=\"{0}\"\nPRETTY_NAME=\"{0}\"\n",
                HOSTILE.replace(['\r', '\n', '"'], "")
            )
            .as_bytes(),
        ),
        (path.as_str(), b"!!!\nplain==1\n\x1b[31m\n"),
        ("srv/node_modules/x/LICENSE", HOSTILE.as_bytes()),
    ]);
    let mut image = Image::of(vec![layer]);
    image.name = "example/name:1".to_owned();
    image.steps = vec![HOSTILE.to_owned()];
    image.process = serde_json::json!({"User": HOSTILE, "Env": [format!("TOKEN={HOSTILE}"), HOSTILE], "Labels": {"x": HOSTILE}});
    place.put("image.tar", &image.oci_archive(Packing::Gzip));
}

/// Characters that a terminal obeys. JSON and XML may hold those from 0x80 on as they are: they are data there.
fn steers(text: &str, is_data: bool) -> Option<char> {
    let text = text.replace("\r\n", "\n");
    text.chars().find(|c| match c {
        '\n' | '\t' | '\u{c}' => false,
        '\r' => !is_data,
        c if (*c as u32) < 0x20 => true,
        '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            !is_data
        }
        _ => false,
    })
}

fn is_data(format: &str) -> bool {
    ["json", "xml", "sarif", "gitlab", "junit", "github-dependency"].iter().any(|part| format.contains(part))
}

/// Every format of a command, as its help for a wrong name lists them.
fn formats(place: &Place, command: &[&str]) -> Vec<String> {
    let ran = place.run(&[command, &["-o", "no-such-format"]].concat());
    let told = text(&ran.stderr);
    let list = told.split("it may be one of: ").nth(1).unwrap_or_else(|| panic!("{command:?}: {told}"));
    list.lines().next().unwrap_or_default().split(", ").map(|name| name.trim().to_owned()).collect()
}

#[test]
fn no_format_of_any_command_steers_a_terminal() {
    let place = Place::new();
    hostile_image(&place);
    let subject = ["image.tar"];
    let (mut seen, mut wrong) = (0, Vec::new());
    for (command, more) in [
        ("scan", &[][..]),
        ("check", &[]),
        ("convert", &[]),
        ("diff", &["image.tar"]),
        ("eol", &[]),
        ("quality", &[]),
        ("licenses", &[]),
        ("notices", &[]),
        ("verify", &["image.tar"]),
    ] {
        let arguments = [&[command][..], &subject, more].concat();
        if place.run(&arguments).status.code() == Some(2) && command != "convert" && command != "verify" {
            let ran = place.run(&arguments);
            panic!("{command}: {}", text(&ran.stderr));
        }
        let all = match command {
            "licenses" | "notices" => vec![],
            _ => formats(&place, &arguments),
        };
        for format in all {
            seen += 1;
            let ran = place.run(&[&arguments[..], &["-o", &format]].concat());
            let out = text(&ran.stdout);
            let what = format!("{command} -o {format}");
            wrong.extend(steered(&what, &out, is_data(&format)));
            wrong.extend(steered(&what, &text(&ran.stderr), false));
            for line in out.lines().filter(|_| !is_data(&format)) {
                if line.starts_with("::error::owned") || line.starts_with("##vso") {
                    wrong.push(format!("{what}: {line}"));
                }
            }
            if format.contains("markdown") {
                let outside: String = out.split('`').step_by(2).collect();
                assert!(!outside.contains("<script") && !outside.contains("](http"), "{command}: {outside}");
            }
            if format == "csv" {
                // Quotes or not, no cell begins as a formula that does something.
                assert!(!out.contains(",=cmd") && !out.contains("\n=cmd"), "{out}");
            }
            if format.contains("xml") || format == "junit" {
                assert!(!out.contains("<script"), "{command} -o {format}: {out}");
            }
        }
    }
    assert!(seen > 20, "{seen} formats were tried");
    for arguments in [
        &["licenses", "image.tar"][..],
        &["notices", "image.tar"],
        &["explain", "image.tar", "pkg:pypi/plain@1"],
    ] {
        let ran = place.run(arguments);
        for out in [text(&ran.stdout), text(&ran.stderr)] {
            wrong.extend(steered(&format!("{arguments:?}"), &out, false));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where an output steers, with what stands around it.
fn steered(what: &str, out: &str, is_data: bool) -> Option<String> {
    let c = steers(out, is_data)?;
    let at = out.find(c).unwrap_or_default();
    let before: String = out[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
    Some(format!("{what}: U+{:04X} behind {before:?}", c as u32))
}

#[test]
fn errors_and_notes_do_not_steer_a_terminal_either() {
    let place = Place::new();
    let odd = "\u{1b}]0;owned\u{7}\u{202e}.tar";
    place.put(odd, b"no image");
    for arguments in [&["scan", odd][..], &["scan", "\u{1b}[2Jabsent"], &["check", odd], &["convert", odd]] {
        let ran = place.run(arguments);
        assert_eq!(ran.status.code(), Some(2));
        assert_eq!(steers(&text(&ran.stderr), false), None, "{:?}", text(&ran.stderr));
    }
    place.put("sbom.json", b"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\\u001b[31m\",\"components\":[{\"name\":\"\\u001b[31m\",\"type\":\"\\u001b[2J\"}]}");
    let ran = place.run(&["check", "sbom.json"]);
    assert_eq!(steers(&text(&ran.stderr), false), None, "{:?}", text(&ran.stderr));
}

/// A list that is deceptive says so before anybody reads it.
#[test]
fn deceptive_names_are_noted_by_a_scan() {
    let place = Place::new();
    let sbom = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"type\":\"library\",\"name\":\"l\u{43e}dash\",\"version\":\"1\"}]}";
    place.put("sbom.json", sbom.as_bytes());
    let ran = place.run(&["scan", "sbom.json"]);
    assert!(text(&ran.stderr).contains("not every name is what it looks like"), "{}", text(&ran.stderr));
}

#[test]
fn arguments_of_the_program_itself_are_shown_whole() {
    let ran =
        Command::new(env!("CARGO_BIN_EXE_packlist")).arg("--help").env_clear().output().expect("it starts");
    assert!(ran.status.success());
}
