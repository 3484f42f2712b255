//! The gate as a pipeline meets it: the same verdict from an image and from its lists, reports side by side, a first
//! policy from nothing, and no secret in anything that is written.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::{Image, Layer, Packing};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Verdicts hang on the day.
const TODAY: &[&str] = &["--today", "2026-11-20"];

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
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

    /// Exit code and what went to standard output and standard error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("XDG_CACHE_HOME", self.path("cache"))
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    fn check(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        self.run(&[&["check"], arguments, TODAY].concat())
    }
}

/// Put together here, so that no scanner of sources takes this file for a leak.
fn token(start: &str) -> String {
    start.chars().chain("q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8l9Z0".chars()).collect()
}

const PASSWORD: &str = "hunter22-of-the-test";

/// Runs as root, with a token in a build step, a password in a variable, and a file of secrets that a later layer
/// removed. Its application brings one package under the AGPL.
fn careless() -> Image {
    let os = b"ID=debian\nVERSION_ID=12\n".as_slice();
    let status = b"Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n";
    let copyright = b"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
                      Files: *\nCopyright: 1987-2022 Free Software Foundation\nLicense: GPL-3+\n";
    let module = br#"{"name": "mine", "version": "1.0.0", "license": "AGPL-3.0-only"}"#;
    let textless = br#"{"name": "textless", "version": "1.0.0", "license": "MIT"}"#;
    let netrc = format!("machine registry.example.org login ci password {PASSWORD}\n");
    let mut image = Image::of(vec![
        Layer::of(&[
            ("usr/lib/os-release", os),
            ("var/lib/dpkg/status", status),
            ("usr/share/doc/bash/copyright", copyright),
            ("root/.netrc", netrc.as_bytes()),
        ]),
        Layer::of(&[
            ("root/.wh..netrc", b""),
            ("srv/node_modules/mine/package.json", module),
            ("srv/node_modules/textless/package.json", textless),
        ]),
    ]);
    image.process = json!({
        "Env": ["PATH=/usr/bin", format!("DB_PASSWORD={PASSWORD}")],
        "Labels": {"org.opencontainers.image.base.name": "docker.io/library/debian:latest"},
    });
    image.steps =
        vec!["ADD rootfs.tar /".into(), format!("|1 NPM_TOKEN={} /bin/sh -c npm ci", token("npm_"))];
    image
}

const POLICY: &str = r#"
schema = 1
extends = ["distributed-product"]
[checks]
eol-ended = "allow"
image-shell = "warn"
"#;

/// The findings of a JSON report, without what names the source.
fn findings(report: &str) -> BTreeSet<String> {
    let report: Value = serde_json::from_str(report).expect("JSON");
    report["findings"].as_array().expect("a list").iter().map(Value::to_string).collect()
}

#[test]
fn an_image_and_its_lists_get_the_same_verdict() {
    let desk = Desk::new();
    desk.file("app.tar", careless().docker_archive());
    careless().oci_folder(&desk.path("oci"), Packing::Gzip);
    desk.file("policy.toml", POLICY);
    let lists = [
        "-o",
        "cyclonedx-json=app.cdx.json",
        "-o",
        "spdx-json=app.spdx.json",
        "-o",
        "spdx-tag-value=app.spdx",
    ];
    let (code, out, err) =
        desk.check(&[["app.tar", "-p", "policy.toml", "-o", "json=app.json"].as_slice(), &lists].concat());
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    let expected = findings(&desk.read("app.json"));
    for wanted in [
        "its processes run as `root`",
        "its base is `docker.io/library/debian:latest`, which moves",
        "variable `DB_PASSWORD` holds a password, by its name",
        "`NPM_TOKEN` in a build step (layer 1) holds a token of npm",
        "`root/.netrc` holds a password, by its name, and was only hidden by a later layer",
        "`bash` is a shell",
        "licence `AGPL-3.0-only` is not allowed",
        "none lies beside it",
    ] {
        assert!(expected.iter().any(|finding| finding.contains(wanted)), "{wanted}: {expected:#?}");
    }
    for source in ["oci", "app.cdx.json", "app.spdx.json", "app.spdx"] {
        let (code, out, err) = desk.check(&[source, "-p", "policy.toml", "-o", "json"]);
        assert_eq!(code, Some(1), "{source}: {err}");
        let found = findings(&out);
        let differing: Vec<&String> = found.symmetric_difference(&expected).collect();
        assert!(differing.is_empty(), "{source}: {differing:#?}");
    }
}

#[test]
fn no_secret_is_in_anything_that_is_written() {
    let desk = Desk::new();
    desk.file("app.tar", careless().docker_archive());
    let reports = ["github", "gitlab", "human", "json", "junit", "markdown", "sarif"];
    let lists =
        ["cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-json@3.0.1", "spdx-tag-value", "table", "csv"];
    let wishes: Vec<String> = reports
        .iter()
        .chain(&lists)
        .flat_map(|name| ["-o".to_owned(), format!("{name}=out.{name}")])
        .collect();
    let wishes: Vec<&str> = wishes.iter().map(String::as_str).collect();
    let (_, out, err) = desk.check(&[["app.tar", "--explain", "-p", "saas"].as_slice(), &wishes].concat());
    let (_, explained, _) = desk.run(&["explain", "app.tar", "mine"]);
    let mut written = vec![out, err, explained];
    written.extend(reports.iter().chain(&lists).map(|name| desk.read(&format!("out.{name}"))));
    assert_eq!(written.len(), 17);
    for text in written {
        assert!(!text.contains(PASSWORD) && !text.contains(&token("npm_")[4..]), "{text}");
    }
}

/// The layers that are kept for the next image are those without credentials. What was found in licence files lies
/// beside them.
#[test]
fn a_layer_with_credentials_is_not_kept() {
    let desk = Desk::new();
    desk.file("app.tar", careless().docker_archive());
    let kept = || {
        let folder = fs::read_dir(desk.path("cache/packlist/layers"));
        let is_layer = |entry: &fs::DirEntry| {
            entry.path().is_file() && !entry.file_name().to_string_lossy().starts_with("answers-")
        };
        folder.into_iter().flatten().flatten().filter(is_layer).count()
    };
    let (code, _, err) = desk.run(&["scan", "app.tar"]);
    assert_eq!((code, kept()), (Some(0), 1), "{err}");
}

#[test]
fn from_nothing_to_a_gate_that_fails_for_what_is_new() {
    let desk = Desk::new();
    desk.file("app.tar", careless().docker_archive());
    let (code, out, _) = desk.check(&["app.tar", "-p", "distributed-product"]);
    assert_eq!(code, Some(1), "{out}");
    let (code, policy, err) =
        desk.run(&[&["policy", "init", "app.tar", "--extends", "distributed-product"], TODAY].concat());
    assert_eq!(code, Some(0), "{err}");
    desk.file("packlist.toml", &policy);
    let (code, out, _) = desk.check(&["app.tar"]);
    assert_eq!(code, Some(0), "{policy}\n{out}");
    assert!(out.contains("waived deny[image-file-secret]: `root/.netrc` holds a password"), "{out}");
    // What is new breaks it, and so does the end of the waivers.
    let mut image = careless();
    let module = br#"{"name": "new", "version": "1.0.0", "license": "SSPL-1.0"}"#;
    image.layers.push(Layer::of(&[("srv/node_modules/new/package.json", module)]));
    image.steps.push("COPY . .".into());
    desk.file("next.tar", image.docker_archive());
    let (code, out, _) = desk.check(&["next.tar"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.starts_with("deny[license-not-allowed]: licence `SSPL-1.0` is not allowed"), "{out}");
    let (code, out, _) = desk.run(&["check", "app.tar", "--today", "2028-01-01"]);
    assert_eq!(code, Some(1), "{out}");
    // The ratchet does the same without a waiver.
    let ratchet = ["-p", "distributed-product", "--baseline", "app.tar"];
    let (code, out, _) = desk.check(&[["app.tar"].as_slice(), &ratchet].concat());
    assert_eq!(code, Some(0), "{out}");
    let (code, out, _) = desk.check(&[["next.tar"].as_slice(), &ratchet].concat());
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("known deny[image-file-secret]"), "{out}");
}

#[test]
fn lint_and_test_of_a_policy_say_what_is_likely_not_meant() {
    let desk = Desk::new();
    desk.file("app.tar", careless().docker_archive());
    desk.file(
        "odd.toml",
        "schema = 1\n[[rule]]\nid = \"all\"\naction = \"allow\"\n[[rule]]\nid = \"never\"\n\
         when = { category = [\"strong-copyleft\"] }\naction = \"deny\"\n[[waiver]]\n\
         purl = \"pkg:npm/nothing-here\"\nrule = \"licence-x\"\nreason = \"r\"\nexpires = 2025-01-01\n\
         [[case]]\npurl = \"pkg:npm/x@1\"\nlicense = \"GPL-3.0-only\"\nexpect = \"deny\"\n",
    );
    let (code, out, _) = desk.run(&[&["policy", "lint", "odd.toml", "--for", "app.tar"], TODAY].concat());
    assert_eq!(code, Some(1));
    for wanted in [
        "odd.toml:5:1: rule `never` is never reached",
        "odd.toml:9:1: no rule and no check is called `licence-x`",
        "odd.toml:9:1: the waiver for `pkg:npm/nothing-here` ended on 2025-01-01",
        "odd.toml:9:1: `pkg:npm/nothing-here` matches nothing here",
    ] {
        assert!(out.contains(wanted), "{wanted}: {out}");
    }
    let (code, out, _) = desk.run(&[&["policy", "test", "odd.toml"], TODAY].concat());
    assert_eq!(code, Some(1));
    assert!(out.contains("`pkg:npm/x@1` under `GPL-3.0-only` gets allow, not deny"), "{out}");
}

/// Lists as other tools write them: little is said, and what a policy needs and does not get is told.
#[test]
fn a_foreign_list_that_does_not_say_enough_is_told_so() {
    let desk = Desk::new();
    let component = |purl: &str| json!({"type": "library", "name": "x", "version": "1", "purl": purl});
    let foreign = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "tools": [{"vendor": "anchore", "name": "syft", "version": "1.18.1"}],
            "component": {"type": "container", "name": "app:1"},
        },
        "components": [
            component("pkg:npm/x@1"), component("pkg:none/bash@5?arch=x86_64"), {"type": "library", "name": "nameless"},
        ],
    });
    desk.file("foreign.cdx.json", foreign.to_string());
    for policy in ["container-baseline", "distributed-product", "permissive-only", "saas"] {
        let (code, out, err) = desk.check(&["foreign.cdx.json", "-p", policy]);
        assert_ne!(code, Some(2), "{err}");
        assert!(out.contains("one component has no package URL"), "{policy}: {out}");
        assert!(out.contains("nothing says whether credentials lie in the image"), "{policy}: {out}");
        assert!(out.contains("of any component, so `"), "{policy}: {out}");
        assert!(!out.starts_with("passed:"), "{policy}: {out}");
    }
}

/// What the documents tell people to type can be typed: options exist, and no two formats go to one place.
#[test]
fn the_commands_of_the_documents_are_accepted() {
    let desk = Desk::new();
    desk.file("app.tar", careless().docker_archive());
    let mut count = 0;
    for text in [include_str!("../README.md"), include_str!("../docs/policy.md")] {
        for line in text.lines() {
            let Some((_, command)) = line.split_once("packlist check ") else { continue };
            let command = command.split(['#', '`']).next().unwrap_or_default();
            let mut words: Vec<&str> = command.split_whitespace().collect();
            if words.is_empty() || line.starts_with(|c: char| c.is_alphanumeric()) {
                continue;
            }
            words[0] = "app.tar";
            let (code, _, err) = desk.check(&words);
            assert!(matches!(code, Some(0 | 1)), "{line}: {err}");
            count += 1;
        }
    }
    assert!(count >= 7, "{count} commands were found");
}
