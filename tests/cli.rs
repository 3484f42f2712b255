//! The program as its users call it: exit codes, what goes to which stream, and messages that say what to do.

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use common::{Image, Layer, Packing};
use tempfile::TempDir;

struct Desk {
    folder: TempDir,
    /// The user's, where the program keeps what it read of layers.
    home: TempDir,
}

/// What one run came to.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder");
        Self { folder: folder(), home: folder() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("inside the folder")).expect("writable");
        fs::write(path, content).expect("writable");
    }

    /// Runs packlist in the folder, with nothing of this process's environment that it could listen to.
    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let output: Output = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.home.path())
            .envs(environment.iter().copied())
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl Ran {
    /// Refused with exit 2, and the words stand in the message.
    fn refused(&self, words: &[&str]) {
        assert_eq!(self.code, Some(2), "out: {}\nerr: {}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }
}

const OS_RELEASE: &[u8] = b"ID=debian\nVERSION_ID=12\n";

fn status(packages: &[(&str, &str)]) -> Vec<u8> {
    let stanza = |(name, version): &(&str, &str)| {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n")
    };
    packages.iter().map(stanza).collect::<String>().into_bytes()
}

fn image(packages: &[(&str, &str)], module: &[u8]) -> Image {
    Image::of(vec![
        Layer::of(&[("etc/os-release", OS_RELEASE), ("var/lib/dpkg/status", &status(packages))]),
        Layer::of(&[("srv/app/node_modules/x/package.json", module)]),
    ])
}

fn module(license: &str) -> Vec<u8> {
    format!(r#"{{"name": "x", "version": "1.0.0", "license": "{license}"}}"#).into_bytes()
}

#[test]
fn an_image_gives_the_same_bytes_twice_and_from_either_container() {
    let desk = Desk::new();
    let image = image(&[("bash", "5.2-1")], &module("MIT"));
    desk.file("saved.tar", image.docker_archive());
    desk.file("layout.tar", image.oci_archive(Packing::Gzip));
    for format in ["cyclonedx-json", "spdx-json", "purls", "table"] {
        let first = desk.run(&["scan", "saved.tar", "-o", format]);
        assert_eq!((first.code, first.err.as_str()), (Some(0), ""));
        assert_eq!(first.out, desk.run(&["scan", "saved.tar", "-o", format]).out);
        assert!(first.out.contains('x'), "{}", first.out);
    }
    let saved = desk.run(&["scan", "saved.tar", "-o", "purls"]).out;
    assert_eq!(saved, desk.run(&["scan", "layout.tar", "-o", "purls"]).out);
    assert_eq!(saved, "pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12\npkg:npm/x@1.0.0\n");
    let drift = desk.run(&["diff", "saved.tar", "layout.tar", "-o", "json"]);
    assert!(drift.out.contains("\"changes\": []"), "{}", drift.out);
}

#[test]
fn what_is_kept_between_runs_changes_nothing() {
    let desk = Desk::new();
    let text = packlist::licenses::license_text("ISC").expect("a text");
    let copyright = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
                     Files: *\nCopyright: 1999 X\nLicense: GPL-2+ or X-own\n\nLicense: X-own\n Do as you like.\n";
    let layers = [
        Layer::of(&[
            ("var/lib/dpkg/status", &status(&[("bash", "5.2-1")])),
            ("usr/share/doc/bash/copyright", copyright.as_bytes()),
        ]),
        Layer::of(&[
            ("srv/node_modules/x/package.json", module("MIT").as_slice()),
            ("srv/node_modules/x/LICENSE", text.as_bytes()),
        ]),
    ];
    desk.file("app.tar", Image::of(layers.into()).docker_archive());
    let scan = |wish: &[&str]| desk.run(&[&["scan", "app.tar", "-o", "cyclonedx-json"], wish].concat()).out;
    let first = scan(&["--cache", "kept"]);
    assert!(first.contains("ISC") && first.contains("Do as you like"), "{first}");
    let kept = || fs::read_dir(desk.path("kept/layers")).expect("a cache").flatten();
    let named = |start: &str| -> Vec<_> {
        let is_named = |file: &fs::DirEntry| file.file_name().to_string_lossy().starts_with(start);
        kept().filter(is_named).map(|file| file.path()).collect()
    };
    let without_bill = || named("bill-").iter().for_each(|bill| fs::remove_file(bill).expect("ours"));
    let answers = named("answers-").pop().expect("what was found in licence files is kept");
    assert_eq!(named("bill-").len(), 1, "the finished bill is kept");
    let before = fs::metadata(&answers).and_then(|about| about.modified()).expect("there");
    assert_eq!(scan(&["--cache", "kept"]), first, "from the bill");
    let named_anew = scan(&["--cache", "kept", "--name", "other"]);
    assert_eq!((named_anew.contains("other"), scan(&["--cache", "kept"])), (true, first.clone()));
    scan(&["--cache", "kept", "--hash-contents"]);
    assert_eq!(named("bill-").len(), 2, "another way of reading gives another bill");
    without_bill();
    assert_eq!(scan(&["--cache", "kept"]), first, "from the layers");
    assert_eq!(scan(&["--no-cache"]), first);
    let after = fs::metadata(&answers).and_then(|about| about.modified()).expect("there");
    assert_eq!(before, after, "nothing new was found");
    fs::write(&answers, "damaged").expect("writable");
    without_bill();
    assert_eq!(scan(&["--cache", "kept"]), first);
}

#[test]
fn several_formats_are_written_at_once_and_data_goes_to_standard_output() {
    let desk = Desk::new();
    desk.file("saved.tar", image(&[("bash", "5.2-1")], &module("MIT")).docker_archive());
    let ran = desk.run(&[
        "scan",
        "saved.tar",
        "-o",
        "cyclonedx-json=a.cdx.json",
        "-o",
        "spdx-json=b.spdx.json",
        "-o",
        "purls",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 2);
    for (name, word) in [("a.cdx.json", "CycloneDX"), ("b.spdx.json", "SPDX-2.3")] {
        assert!(fs::read_to_string(desk.path(name)).expect("written").contains(word));
    }
    let left: Vec<_> = fs::read_dir(desk.folder.path()).expect("there").flatten().collect();
    assert_eq!(left.len(), 3, "nothing else is written: {left:?}");
    desk.run(&["scan", "saved.tar", "-o", "purls", "-o", "table"])
        .refused(&["two formats", "standard output"]);
}

#[test]
fn the_time_of_a_document_is_the_images_or_the_one_asked_for() {
    let desk = Desk::new();
    desk.file("saved.tar", image(&[("bash", "5.2-1")], &module("MIT")).docker_archive());
    let scan = ["scan", "saved.tar", "-o", "cyclonedx-json"];
    assert!(desk.run(&scan).out.contains("\"timestamp\": \"2026-01-02T03:04:05Z\""));
    let asked = desk.run_with(&scan, &[("SOURCE_DATE_EPOCH", "1700000000")]);
    assert!(asked.out.contains("\"timestamp\": \"2023-11-14T22:13:20Z\""));
    desk.run_with(&scan, &[("SOURCE_DATE_EPOCH", "yesterday")]).refused(&["SOURCE_DATE_EPOCH", "seconds"]);
}

#[test]
fn a_check_tells_gpl_in_the_application_from_a_choice() {
    let desk = Desk::new();
    let strict = ["--policy", "permissive-only"];
    for (license, code, words) in [
        ("GPL-2.0-only", 1, ["license-not-allowed", "pkg:npm/x@1.0.0", "permissive-only"]),
        ("GPL-2.0-only OR MIT", 0, ["is allowed", "`MIT` is chosen", "pkg:npm/x@1.0.0"]),
    ] {
        desk.file("saved.tar", image(&[("bash", "5.2-1")], &module(license)).docker_archive());
        for format in ["cyclonedx-json=list.json", "spdx-json=list.json"] {
            let ran = desk.run(&[&["check", "saved.tar", "--today", "2026-11-20"][..], &strict].concat());
            assert_eq!(ran.code, Some(code), "{license}: {}{}", ran.out, ran.err);
            for word in words {
                assert!(ran.out.contains(word), "`{word}` is not in {}", ran.out);
            }
            // The list says what the image says.
            assert_eq!(desk.run(&["scan", "saved.tar", "-o", format]).code, Some(0));
            let of_list = desk.run(&[&["check", "list.json", "--today", "2026-11-20"][..], &strict].concat());
            assert_eq!((of_list.code, of_list.out), (ran.code, ran.out), "{format}");
        }
    }
}

#[test]
fn a_diff_knows_an_epoch_from_a_version() {
    let desk = Desk::new();
    desk.file(
        "old.tar",
        image(&[("a", "1:2.0-1"), ("b", "2.1-1"), ("gone", "1")], &module("MIT")).docker_archive(),
    );
    desk.file(
        "new.tar",
        image(&[("a", "2.1-1"), ("b", "1:2.0-1"), ("come", "1")], &module("ISC")).docker_archive(),
    );
    let ran = desk.run(&["diff", "old.tar", "new.tar", "-o", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let drift: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let kind_of = |name: &str| {
        let changes = drift["changes"].as_array().expect("a list");
        let change = changes.iter().find(|change| change["name"] == name);
        change.and_then(|change| change["kind"].as_str()).unwrap_or("none").to_owned()
    };
    let kinds = ["a", "b", "gone", "come", "x"].map(kind_of);
    assert_eq!(kinds, ["downgraded", "upgraded", "removed", "added", "license-changed"].map(str::to_owned));
}

#[test]
fn ends_of_support_are_told_by_the_day_that_is_asked_for() {
    let desk = Desk::new();
    let saved = image(&[("bash", "5.2.15-2")], &module("MIT")).docker_archive();
    desk.file("image.tar", saved);
    desk.file(
        "own.tsv",
        "# source\tours\t2026-11-01\n@a\tOur module\tframework\np\tnpm/a\n1\t2024-01-01\t-\t2026-12-31\n",
    );
    let debian = desk.run(&["eol", "image.tar", "--today", "2026-09-01"]);
    assert_eq!(debian.code, Some(0), "{}", debian.err);
    assert!(debian.out.contains("extended-free  Debian 12"), "{}", debian.out);
    let ended = desk.run(&["eol", "image.tar", "--today", "2028-07-01", "-o", "json"]);
    assert!(ended.out.contains("\"status\": \"eol\""), "{}", ended.out);
    desk.run(&["eol", "image.tar", "--today", "tomorrow"]).refused(&["`tomorrow` is not a day"]);
    desk.file("bad.tsv", "@a\nnothing\n");
    desk.run(&["eol", "image.tar", "--calendar", "bad.tsv"]).refused(&["bad.tsv", "line 2"]);
    let own = desk.run(&["eol", "image.tar", "--calendar", "own.tsv", "--today", "2026-11-20"]);
    assert_eq!(own.code, Some(0), "{}", own.err);
}

#[test]
fn a_list_that_lies_about_an_image_is_told() {
    let desk = Desk::new();
    let packages = [("nginx", "1:2.0-1"), ("zlib1g", "1:1.2.13")];
    desk.file("image.tar", image(&packages, &module("MIT")).docker_archive());
    desk.file("other.tar", image(&packages[..1], &module("MIT")).docker_archive());
    desk.run(&["scan", "image.tar", "-o", "cyclonedx-json=list.json"]);
    let truth = desk.run(&["verify", "list.json", "image.tar"]);
    assert_eq!((truth.code, truth.out.contains("no drift")), (Some(0), true), "{}{}", truth.out, truth.err);
    let lie = desk.run(&["verify", "list.json", "other.tar"]);
    assert_eq!((lie.code, lie.out.contains("zlib1g")), (Some(1), true), "{}{}", lie.out, lie.err);
    assert!(lie.err.contains("the SBOM is of the image sha256:"), "{}", lie.err);
}

#[test]
fn what_cannot_be_read_is_said_with_its_name_and_what_to_do() {
    let desk = Desk::new();
    let saved = image(&[("bash", "5.2-1")], &module("MIT")).docker_archive();
    desk.file("truncated.tar", &saved[..saved.len() / 2 + 100]);
    desk.file("text.tar", "this is no tar");
    desk.file("list.json", "{\"bomFormat\": \"CycloneDX\", \"components\": [");
    desk.run(&["scan", "truncated.tar"]).refused(&["truncated.tar", "not a whole tar", "help:"]);
    desk.run(&["scan", "text.tar"]).refused(&["text.tar", "neither an image", "help:"]);
    desk.run(&["check", "list.json"]).refused(&["list.json", "ends in the middle"]);
    desk.run(&["scan", "absent.tar"]).refused(&["absent.tar", "No such file", "help:"]);
    desk.run(&["scan", "text.tar", "-o", "cyclonedx"]).refused(&["no format `cyclonedx`", "cyclonedx-json"]);
    desk.run(&["scan", "saved.tar", "--platform", "linux"]).refused(&["platform"]);
    desk.run(&["frobnicate"]).refused(&["frobnicate", "Usage"]);
    desk.file("saved.tar", &saved);
    desk.run(&["scan", "saved.tar", "-o", "purls=no/such/folder/x"]).refused(&["no/such/folder/x"]);
    desk.run(&["explain", "saved.tar", "bsh"]).refused(&["bsh"]);
    desk.run(&["explain", "saved.tar", "pkg:deb/debian/bas"]).refused(&["bash@5.2-1"]);
}

#[test]
#[cfg(unix)]
fn a_folder_that_may_not_be_read_is_a_gap_and_said() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.file("app/node_modules/x/package.json", module("MIT"));
    desk.file("app/locked/package.json", "{}");
    let locked = desk.path("app/locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).expect("ours");
    let ran = desk.run(&["scan", "app", "-o", "purls"]);
    let readable_all_the_same = fs::read_dir(&locked).is_ok();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).expect("ours");
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "pkg:npm/x@1.0.0\n"), "{}", ran.err);
    // The superuser may read everything.
    assert!(readable_all_the_same || ran.err.contains("locked"), "{}", ran.err);
}

#[test]
fn the_mistakes_of_a_policy_are_told_together_with_their_lines() {
    let desk = Desk::new();
    desk.file("saved.tar", image(&[("bash", "5.2-1")], &module("MIT")).docker_archive());
    desk.file(
        "policy.toml",
        "schema = 1\n\n[[rule]]\nid = \"one\"\naction = \"alow\"\n\n[[rule]]\nid = \"two\"\nlicens = [\"MIT\"]\naction = \"deny\"\n\n[[rule]]\nid = \"three\"\nwhen = { category = [\"permisive\"] }\naction = \"deny\"\n",
    );
    let ran = desk.run(&["check", "saved.tar", "--policy", "policy.toml"]);
    ran.refused(&[
        "3 mistakes",
        "policy.toml:5",
        "policy.toml:9",
        "policy.toml:14",
        "alow",
        "did you mean `allow`",
    ]);
    assert_eq!(ran.out, "");
    desk.run(&["check", "saved.tar", "--policy", "permisive"]).refused(&["permisive", "permissive-only"]);
}

#[test]
fn a_policy_file_above_the_working_folder_is_found() {
    let desk = Desk::new();
    desk.file("app/node_modules/x/package.json", module("MIT"));
    assert_eq!(desk.run(&["check", "app"]).code, Some(0));
    desk.file(
        "packlist.toml",
        "schema = 1\n\n[[rule]]\nid = \"no-mit\"\nwhen = { id = [\"MIT\"] }\naction = \"deny\"\n",
    );
    let ran = desk.run(&["check", "app"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("packlist.toml:3") && ran.out.contains("no-mit"), "{}", ran.out);
}

#[test]
fn an_explanation_names_layer_command_file_and_line() {
    let desk = Desk::new();
    desk.file("saved.tar", image(&[("bash", "5.2-1"), ("curl", "8")], &module("MIT")).docker_archive());
    let ran = desk.run(&["explain", "saved.tar", "pkg:deb/debian/curl"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for words in ["brought by layer 0 sha256:", "made by `RUN step 0`", "var/lib/dpkg/status:6, read by dpkg"]
    {
        assert!(ran.out.contains(words), "`{words}` is not in {}", ran.out);
    }
}

#[test]
fn a_base_tells_its_layers_from_the_applications() {
    let desk = Desk::new();
    let whole = image(&[("bash", "5.2-1")], &module("GPL-2.0-only"));
    let base = Image::of(vec![Layer(whole.layers[0].0.clone())]);
    desk.file("whole.tar", whole.docker_archive());
    desk.file("base.tar", base.docker_archive());
    let ran = desk.run(&["explain", "whole.tar", "bash", "--base", "base.tar"]);
    assert!(ran.out.contains("of the base image"), "{}{}", ran.out, ran.err);
    let ran = desk.run(&["explain", "whole.tar", "x", "--base", "base.tar"]);
    assert!(ran.out.contains("of the application"), "{}{}", ran.out, ran.err);
    desk.run(&["scan", "base.tar", "--base", "whole.tar"]).refused(&["not built on that base", "help:"]);
}

#[test]
fn help_and_the_list_of_ecosystems_go_to_standard_output() {
    let desk = Desk::new();
    let help = desk.run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    for word in ["scan", "check", "diff", "eol", "explain", "verify", "Exit codes"] {
        assert!(help.out.contains(word), "{}", help.out);
    }
    let list = desk.run(&["ecosystems"]);
    assert!(list.code == Some(0) && list.out.contains("| dpkg |"), "{}", list.out);
}

#[test]
fn the_readme_shows_the_ecosystems_there_are() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("there is a README");
    let (begin, end) = ("<!-- packlist ecosystems -->\n", "<!-- end -->");
    let (before, rest) = readme.split_once(begin).expect("README marks where the table begins");
    let (shown, after) = rest.split_once(end).expect("README marks where the table ends");
    let table = Desk::new().run(&["ecosystems"]).out;
    if shown != table && std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, format!("{before}{begin}{table}{end}{after}")).expect("README can be written");
        return;
    }
    assert_eq!(shown, table, "UPDATE_EXPECT=1 cargo test --test cli writes the table anew");
}

#[test]
fn the_readmes_first_command_denies_one_package_and_says_which() {
    let desk = Desk::new();
    let fixture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/node-app");
    let ran = desk.run(&["check", &fixture.display().to_string()]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert_eq!(ran.out.matches("deny[").count(), 1, "{}", ran.out);
    assert!(ran.out.contains("pkg:npm/ua-parser-js@2.0.3"), "{}", ran.out);
}

/// An application of three packages: one with its licence beside it, one that says it in its README, one that says
/// nothing.
fn application(desk: &Desk) {
    let folder = "app/node_modules";
    for (name, license) in
        [("ms", "MIT"), ("is-x", "MIT"), ("bare", "BSD-2-Clause"), ("free", "GPL-2.0+ OR MIT")]
    {
        let manifest = format!(r#"{{"name": "{name}", "version": "1.0.0", "license": "{license}"}}"#);
        desk.file(&format!("{folder}/{name}/package.json"), manifest);
    }
    let mit = packlist::licenses::license_text("MIT").expect("of the list");
    let mit = mit.replace("<year> <copyright holders>", "2020 Vercel <& \"others\">");
    desk.file(&format!("{folder}/ms/license.md"), mit);
    desk.file(&format!("{folder}/is-x/README.md"), "# is-x\n\n## License\n\nMIT © Jane `Doe`\n");
}

#[test]
fn notices_hold_the_copyright_lines_and_tell_what_is_missing() {
    let desk = Desk::new();
    application(&desk);
    let text = desk.run(&["notices", "app"]);
    assert_eq!(text.code, Some(0), "{}", text.err);
    for line in [
        "Copyright (c) 2020 Vercel <& \"others\">",
        "MIT © Jane `Doe`",
        "bare 1.0.0\n  BSD-2-Clause\n  MISSING: no text beside it",
        "Permission is hereby granted",
    ] {
        assert!(text.out.contains(line), "`{line}` is not in: {}", text.out);
    }
    assert!(text.err.contains("2 of 4 components lack a text"), "{}", text.err);
    let markdown = desk.run(&["notices", "app", "--format", "markdown"]).out;
    assert!(markdown.contains("- Copyright (c) 2020 Vercel \\<\\& \"others\"\\>\n"), "{markdown}");
    assert!(markdown.contains("- MIT © Jane \\`Doe\\`\n"), "{markdown}");
}

#[test]
fn notices_are_a_page_whose_every_tag_is_closed() {
    let desk = Desk::new();
    application(&desk);
    let page = desk.run(&["notices", "app", "--format", "html"]).out;
    assert!(page.contains("Vercel &lt;&amp; &quot;others&quot;&gt;"), "{page}");
    let mut open: Vec<&str> = Vec::new();
    for part in page.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("every < that is text is escaped");
        let name = tag.split(' ').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{part}"),
            None if matches!(name, "!DOCTYPE" | "meta") => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, [""; 0]);
    for target in page.split("href=\"#").skip(1).filter_map(|part| part.split('"').next()) {
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
    }
}

#[test]
fn licences_are_listed_by_category() {
    let desk = Desk::new();
    application(&desk);
    let ran = desk.run(&["licenses", "app"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    for line in
        ["permissive (4)", "3  MIT  free, is-x, ms", "1  BSD-2-Clause  bare", "1  GPL-2.0-or-later  free"]
    {
        assert!(ran.out.contains(line), "`{line}` is not in: {}", ran.out);
    }
    desk.file("bill.json", desk.run(&["scan", "app", "-o", "cyclonedx-json"]).out);
    assert_eq!(desk.run(&["licenses", "bill.json"]).out, ran.out);
    desk.run(&["licenses", "nowhere"]).refused(&["nowhere"]);
}

#[test]
fn a_licence_is_explained_as_its_dialect_reads_it() {
    let desk = Desk::new();
    let ran = desk.run(&["explain", "GPL-2+ or Artistic, and BSD", "--as", "debian"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    for line in [
        "SPDX      (GPL-2.0-or-later OR Artistic-1.0-Perl) AND LicenseRef-packlist-family-BSD",
        "category  permissive",
        "  any of",
        "one of: BSD-1-Clause, BSD-2-Clause",
        "source: offer the source",
    ] {
        assert!(ran.out.contains(line), "`{line}` is not in: {}", ran.out);
    }
    desk.run(&["explain", "MIT", "--as", "klingon"]).refused(&["klingon", "debian"]);
    desk.run(&["explain", "UNKNOWN"]).refused(&["says nothing of a licence"]);
}

#[test]
fn a_text_that_is_not_the_licence_declared_is_told() {
    let desk = Desk::new();
    application(&desk);
    let text = packlist::licenses::license_text("AGPL-3.0-only").expect("of the list");
    desk.file("app/node_modules/bare/LICENSE", text);
    let ran = desk.run(&["check", "app", "--policy", "permissive-only"]);
    for word in ["license-mismatch", "the text of `AGPL-3.0` is there, and only `BSD-2-Clause` is declared"] {
        assert!(ran.out.contains(word), "`{word}` is not in: {}\n{}", ran.out, ran.err);
    }
}
