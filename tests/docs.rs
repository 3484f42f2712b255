//! The docs say what is true: links lead somewhere, the reference is that of the code, and every command that is shown
//! runs and ends as is claimed, in a folder that has what a reader would have.

mod common;
mod snippets;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Image, Layer, Packing};
use expect_test::expect_file;
use packlist::checker::{Action, Policy, policies, rules};
use packlist::report::drift;
use packlist::{emitter, inventory::ecosystems, layers, quality, report, source};
use tempfile::TempDir;

/// A folder with the files that the docs speak of. `app.tar` is denied by `container-baseline`; `app-1.3.tar` is the
/// release before it, and passes.
struct Sandbox {
    folder: TempDir,
    home: TempDir,
}

fn module(name: &str, version: &str, license: &str) -> (String, Vec<u8>) {
    let path = format!("srv/app/node_modules/{name}/package.json");
    let text = format!(r#"{{"name": "{name}", "version": "{version}", "license": "{license}"}}"#);
    (path, text.into_bytes())
}

fn base() -> Layer {
    let stanza = |name: &str, version: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\
             Maintainer: Debian <debian@example.org>\n\n"
        )
    };
    let status = [("base-files", "12.4"), ("libc6", "2.36-9"), ("openssl", "3.0.15-1")];
    let status: String = status.iter().map(|(name, version)| stanza(name, version)).collect();
    Layer::of(&[
        ("etc/os-release", b"ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n"),
        ("var/lib/dpkg/status", status.as_bytes()),
    ])
}

fn application(modules: &[(&str, &str, &str)]) -> Layer {
    let files: Vec<(String, Vec<u8>)> =
        modules.iter().map(|(name, version, license)| module(name, version, license)).collect();
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_slice())).collect();
    Layer::of(&files)
}

impl Sandbox {
    fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder");
        let desk = Self { folder: folder(), home: folder() };
        let new = [("lodash", "4.17.21", "MIT"), ("ghost-js", "2.0.0", "AGPL-3.0-only")];
        let old = [("lodash", "4.17.20", "MIT"), ("left-pad", "1.3.0", "WTFPL")];
        let new = Image::of(vec![base(), application(&new)]);
        let old = Image::of(vec![base(), application(&old)]);
        let files = [
            ("app.tar", new.docker_archive()),
            ("layout.tar", new.oci_archive(Packing::Gzip)),
            ("app-1.3.tar", old.docker_archive()),
            ("base.tar", Image::of(vec![base()]).docker_archive()),
        ];
        for (name, content) in files {
            fs::write(desk.path(name), content).expect("writable");
        }
        new.oci_folder(&desk.path("layout"), Packing::Gzip);
        for (name, key) in [("key.pem", "ed25519.pem"), ("key.pub", "ed25519.pub.pem")] {
            fs::copy(snippets::root().join("tests/keys").join(key), desk.path(name)).expect("a key");
        }
        // What is in the project itself is there too.
        std::os::unix::fs::symlink(snippets::root().join("tests"), desk.path("tests")).expect("a link");
        for (name, source, format) in [
            ("api.cdx.json", "tests/fixtures/go-app", "cyclonedx-json"),
            ("app-1.3.cdx.json", "app-1.3.tar", "cyclonedx-json"),
            ("app.cdx.json", "app.tar", "cyclonedx-json"),
            ("app.spdx", "app.tar", "spdx-tag-value"),
            ("app.spdx.json", "app.tar", "spdx-json"),
            ("base.cdx.json", "base.tar", "cyclonedx-json"),
            ("bom.xml", "app.tar", "cyclonedx-xml"),
            ("last-release.cdx.json", "app-1.3.tar", "cyclonedx-json"),
            ("supplier.spdx.json", "app.tar", "spdx-json"),
            ("vendor.cdx.json", "app.tar", "cyclonedx-json"),
            ("web.cdx.json", "tests/fixtures/node-app", "cyclonedx-json"),
        ] {
            let wish = format!("{format}={name}");
            let ran = desk.shell(&format!("packlist scan {source} -q -o {wish}"));
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        }
        for (name, version) in [("before", "1.0.0"), ("after", "1.1.0")] {
            let lock = format!(
                r#"{{"name": "web", "version": "1.0.0", "lockfileVersion": 3, "packages": {{
                    "": {{"name": "web", "version": "1.0.0", "dependencies": {{"a": "*"}}}},
                    "node_modules/a": {{"version": "{version}", "license": "MIT"}}}}}}"#
            );
            fs::create_dir(desk.path(name)).expect("writable");
            fs::write(desk.path(name).join("package-lock.json"), lock).expect("writable");
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn shell(&self, line: &str) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_packlist"));
        let beside = program.parent().expect("it lies in a folder").display();
        Command::new("sh")
            .args(["-c", line])
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", format!("{beside}:/usr/local/bin:/usr/bin:/bin"))
            // Whoever asks the network is refused at once.
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .output()
            .expect("a shell")
    }
}

/// Runs the commands of a page in order, in one folder. Tells what went otherwise than claimed.
fn tried(page: &str, text: &str) -> Vec<String> {
    let commands: Vec<_> = snippets::of(page, text).into_iter().filter(|snippet| snippet.is_run).collect();
    if commands.is_empty() {
        return Vec::new();
    }
    let desk = Sandbox::new();
    let mut wrong = Vec::new();
    for command in commands {
        let ran = desk.shell(&command.text);
        if ran.status.code() != Some(command.code) {
            let told = String::from_utf8_lossy(&ran.stderr);
            let out = String::from_utf8_lossy(&ran.stdout);
            let tail: Vec<&str> = out.lines().rev().take(3).collect();
            wrong.push(format!(
                "{page}:{}: `{}` ends with {:?}, not {}\n{told}{}",
                command.line,
                command.text,
                ran.status.code(),
                command.code,
                tail.join("\n")
            ));
        }
    }
    wrong
}

#[test]
fn every_command_that_is_shown_runs_and_ends_as_claimed() {
    let pages = snippets::pages();
    let wrong: Vec<String> = pages.iter().flat_map(|page| tried(page, &snippets::text(page))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_wrong_claim_is_seen() {
    let page =
        "```console\n$ packlist check app.tar\n$ packlist scan app.tar -o \\\n  purls # exit code 1\n```\n";
    let wrong = tried("x.md", page);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(
        wrong[0].starts_with("x.md:2: `packlist check app.tar` ends with Some(1), not 0"),
        "{}",
        wrong[0]
    );
}

/// What GitHub makes of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> Vec<String> {
    let mut is_code = false;
    let mut found: Vec<String> = Vec::new();
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        if let Some(heading) = line.strip_prefix('#').filter(|_| !is_code) {
            let name = anchor(heading.trim_start_matches('#'));
            let before = found.iter().filter(|other| **other == name).count();
            found.push(if before > 0 { format!("{name}-{before}") } else { name });
        }
    }
    let named = text.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    found.extend(named.map(str::to_owned));
    found
}

/// Targets of links, with their lines; what stands in code is none.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut is_block = false;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        is_block ^= line.trim_start().starts_with("```");
        if is_block {
            continue;
        }
        let plain: String =
            line.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "" }).collect();
        for rest in plain.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            found.push((index + 1, target.to_owned()));
        }
    }
    found
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    let pages = snippets::pages();
    let anchors: BTreeMap<PathBuf, Vec<String>> = pages
        .iter()
        .map(|page| {
            (fs::canonicalize(snippets::root().join(page)).expect("there"), anchors(&snippets::text(page)))
        })
        .collect();
    let mut count = 0;
    for page in &pages {
        let own = snippets::root().join(page);
        for (line, target) in links(&snippets::text(page)) {
            if ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
                continue;
            }
            count += 1;
            let (path, part) = target.split_once('#').unwrap_or((&target, ""));
            let path = if path.is_empty() { own.clone() } else { own.with_file_name("").join(path) };
            let known = fs::canonicalize(&path).ok();
            let is_there = match (&known, part) {
                (None, _) => false,
                (Some(_), "") => true,
                (Some(path), part) => {
                    anchors.get(path).is_some_and(|anchors| anchors.iter().any(|anchor| anchor == part))
                }
            };
            if !is_there {
                broken.push(format!("{page}:{line}: `{target}` leads nowhere"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(count > 20, "{count} links were found");
}

#[test]
fn the_index_has_every_page() {
    let index = snippets::text("docs/README.md");
    for page in snippets::pages().iter().filter_map(|page| page.strip_prefix("docs/")) {
        assert!(
            page == "README.md" || index.contains(&format!("]({page})")),
            "docs/README.md does not name {page}"
        );
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn table(head: [&str; 2], rows: impl Iterator<Item = (String, String)>) -> String {
    let rows: Vec<String> =
        rows.map(|(one, other)| format!("| {} | {} |", cell(&one), cell(&other))).collect();
    format!("| {} | {} |\n|---|---|\n{}\n", head[0], head[1], rows.join("\n"))
}

fn named<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> impl Iterator<Item = (String, String)> {
    rows.map(|(name, about)| (format!("`{name}`"), about.to_owned()))
}

const MADE: &str = "<!-- Made from the code: UPDATE_EXPECT=1 cargo test --test docs -->\n\n";

#[test]
fn the_reference_is_that_of_the_code() {
    let program = env!("CARGO_BIN_EXE_packlist");
    let commands = Command::new(program).args(["man", "--markdown"]).env_clear().output().expect("it starts");
    let commands = String::from_utf8(commands.stdout).expect("text");
    expect_file!["../docs/reference/commands.md"].assert_eq(&format!("{MADE}{}\n", commands.trim_end()));

    let formats = format!(
        "{MADE}# Formats\n\nWhat `-o FORMAT[=FILE]` takes. `scan`, `check` and `diff` have `summary` too: a dozen lines to \
         share; and `scan` has `html`, a page for a browser.\n\n## Lists\n\nOf `scan`, `check`, `convert` and `merge`.\n\n{}\n## Reports of `check`\n\n{}\n\
         ## Comparisons, of `diff` and `verify`\n\n{}\n## Ends of support, of `eol`\n\n{}\n## Scores, of `quality`\n\n{}",
        table(["format", ""], named(emitter::ALL.iter().map(|format| (format.name, format.about)))),
        table(["format", ""], named(report::ALL.iter().map(|format| (format.name, format.about)))),
        table(["format", ""], named(drift::ALL.iter().map(|format| (format.name, format.about)))),
        table(["format", ""], named(report::eol::ALL.iter().map(|format| (format.name, format.about)))),
        table(["format", ""], named(report::quality::ALL.iter().map(|format| (format.name, format.about)))),
    );
    expect_file!["../docs/reference/formats.md"].assert_eq(&formats);

    let files = |patterns: &[&str]| {
        let patterns: Vec<String> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
        patterns.join(", ")
    };
    let rows = ecosystems::ALL
        .iter()
        .map(|ecosystem| (format!("`{}`: {}", ecosystem.name, ecosystem.about), files(ecosystem.reads)));
    let sources = source::ALL.iter().map(|scheme| (scheme.name, scheme.about));
    let read = format!(
        "{MADE}# What is read\n\n## Sources\n\n{}\nSBOMs of any tool are read by their content.\n\n## Ecosystems\n\n\
         `!` stands before what lies inside an archive or a program.\n\n{}",
        table(["scheme", ""], named(sources)),
        table(["ecosystem", "files"], rows)
    );
    expect_file!["../docs/reference/sources-and-ecosystems.md"].assert_eq(&read);

    let checks = rules::ALL.iter().map(|rule| {
        let usually = match rule.default {
            Some(Action::Allow) => "off",
            Some(action) => action.name(),
            None => "as its rules and defaults say",
        };
        (format!("`{}`", rule.code), format!("{} (usually {usually})", rule.about))
    });
    let shipped = policies::ALL.iter().map(|policy| (policy.name, policy.about));
    let checks = format!(
        "{MADE}# Checks and policies\n\n## Policies that come with packlist\n\n{}\n## Checks\n\n`[checks]` in a policy \
         says how severe each is.\n\n{}",
        table(["policy", ""], named(shipped)),
        table(["check", "what it tells"], checks)
    );
    expect_file!["../docs/reference/checks.md"].assert_eq(&checks);

    let profiles = quality::ALL.iter().map(|profile| (profile.name, profile.about));
    let limits = layers::LIMITS.iter().map(|limit| (limit.name, limit.about));
    let rest = format!(
        "{MADE}# Profiles and limits\n\n## Profiles of `quality`\n\n{}\n## Limits of `--limit`\n\n{}",
        table(["profile", ""], named(profiles)),
        table(["limit", ""], named(limits))
    );
    expect_file!["../docs/reference/profiles-and-limits.md"].assert_eq(&rest);
}

/// Blocks of one language, with their lines.
fn blocks(text: &str, language: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    let mut is_ours = false;
    for (index, line) in text.lines().enumerate() {
        if let Some(fence) = line.trim_start().strip_prefix("```") {
            is_open = !is_open;
            is_ours = is_open && fence.trim() == language;
            if is_ours {
                found.push((index + 1, String::new()));
            }
        } else if is_ours && let Some((_, block)) = found.last_mut() {
            block.push_str(line);
            block.push('\n');
        }
    }
    found
}

#[test]
fn policies_and_options_that_are_shown_are_right() {
    let desk = Sandbox::new();
    for page in snippets::pages() {
        for (line, block) in blocks(&snippets::text(&page), "toml") {
            let place = format!("{page}:{line}");
            // A part of a policy is one with the first line before it.
            let whole = if block.contains("schema = ") || block.contains("[options") {
                block
            } else {
                format!("schema = 1\n{block}")
            };
            if whole.contains("schema = ")
                && let Err(errors) = Policy::parse(&place, &whole)
            {
                panic!("{}", report::policy_errors(&errors));
            }
            fs::write(desk.path("shown.toml"), &whole).expect("writable");
            let ran = desk.shell("packlist config --config shown.toml");
            assert!(ran.status.success(), "{place}: {}", String::from_utf8_lossy(&ran.stderr));
        }
    }
}
