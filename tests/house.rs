//! The laws of the house that a compiler cannot see: who may import whom, who may touch the world, and that
//! every shelf is complete and in order. Test code is exempt, and comes last in a file.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("attestation", &[]),
    ("bom", &["licenses"]),
    ("checker", &["bom", "drift", "eol", "licenses", "versions"]),
    ("convert", &["bom"]),
    ("crew", &[]),
    ("drift", &["bom", "eol", "licenses", "versions"]),
    ("emitter", &["bom", "licenses"]),
    ("eol", &["bom", "versions"]),
    ("inflate", &[]),
    ("inventory", &["bom", "crew", "layers", "licenses", "secrets", "versions", "yaml"]),
    ("layers", &["bom", "inflate"]),
    ("licenses", &[]),
    ("merge", &["bom"]),
    ("notices", &["bom", "licenses"]),
    ("quality", &["bom", "licenses"]),
    ("reader", &["bom", "crew", "licenses", "yaml"]),
    ("report", &["bom", "checker", "drift", "eol", "licenses", "quality", "versions"]),
    ("secrets", &["bom", "layers"]),
    ("source", &["attestation", "bom", "crew", "inflate", "layers", "secrets"]),
    ("versions", &[]),
    ("yaml", &[]),
];

/// The rooms that may read the disk, the clock and the environment, and speak to the terminal.
const DOORS: &[&str] = &["src/main.rs", "src/cli/", "src/source/"];

const OF_THE_WORLD: &[&str] = &[
    "std::fs",
    "fs::File",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "println!",
    "eprintln!",
    "print!(",
];

/// Folders that hold one thing a file, and the name of the thing.
const SHELVES: &[(&str, &str)] = &[("src/inventory/ecosystems", "ECOSYSTEM"), ("src/checker/rules", "RULE")];

#[test]
fn rooms_import_only_what_they_may() {
    let mut broken = Vec::new();
    for file in sources() {
        let Some(room) = room_of(&file.path) else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            broken.push(format!("{}: the room `{room}` has no row in tests/house.rs", file.path));
            continue;
        };
        for (line, imported) in imports(&file) {
            if imported != room && is_room(&imported) && !allowed.contains(&imported.as_str()) {
                broken.push(format!("{}:{line}: `{room}` may not import `{imported}`", file.path));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn only_the_door_and_the_source_touch_the_world() {
    let mut broken = Vec::new();
    for file in sources() {
        if DOORS.iter().any(|door| file.path.starts_with(door)) {
            continue;
        }
        for (index, line) in file.code.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in OF_THE_WORLD.iter().filter(|word| code.contains(**word)) {
                broken.push(format!(
                    "{}:{}: `{word}` belongs to the door or the source",
                    file.path,
                    index + 1
                ));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Each needs its reason, and a line in SECURITY.md.
#[test]
fn unsafe_code_stands_in_one_place() {
    let unsafe_in = |file: &Source| {
        let lines = file.code.lines().map(|line| line.split("//").next().unwrap_or_default());
        lines
            .filter(|code| {
                code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe")
            })
            .count()
    };
    let found: Vec<_> = sources().iter().map(|file| (file.path.clone(), unsafe_in(file))).collect();
    let found: Vec<_> = found.into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(found, [("src/inflate/machine.rs".to_owned(), 1)]);
}

#[test]
fn shelves_are_complete_and_sorted() {
    let mut broken = Vec::new();
    for (shelf, thing) in SHELVES {
        let Ok(list) = fs::read_to_string(root().join(shelf).join("mod.rs")) else { continue };
        for name in names_in(&root().join(shelf)) {
            if !list.contains(&format!("mod {name};")) {
                broken.push(format!("{shelf}/{name}.rs is not declared in its mod.rs"));
            }
            if !list.contains(&format!("{name}::{thing}")) {
                broken.push(format!("{shelf}/{name}.rs is not in ALL"));
            }
        }
        let listed: Vec<&str> =
            list.match_indices(&format!("::{thing}")).map(|(at, _)| word_before(&list, at)).collect();
        if !listed.is_sorted() {
            broken.push(format!("{shelf}: ALL is not in order of name"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn ecosystems_do_not_know_each_other() {
    let shelf = "src/inventory/ecosystems/";
    let names = names_in(&root().join(shelf));
    let mut broken = Vec::new();
    for file in
        sources().into_iter().filter(|file| file.path.starts_with(shelf) && !file.path.ends_with("mod.rs"))
    {
        // What lies above, in the inventory itself, is for all of them.
        let beside = file.code.replace("super::super::", "");
        for name in &names {
            let own = file.path == format!("{shelf}{name}.rs");
            if !own
                && (beside.contains(&format!("super::{name}::"))
                    || file.code.contains(&format!("ecosystems::{name}")))
            {
                broken.push(format!("{}: imports the ecosystem `{name}`", file.path));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_ecosystem_is_fuzzed() {
    let targets: String = fs::read_dir(root().join("fuzz/targets"))
        .expect("the targets")
        .map(|file| fs::read_to_string(file.expect("a target").path()).expect("a text"))
        .collect();
    let missing: Vec<&str> = packlist::inventory::ecosystems::ALL
        .iter()
        .map(|ecosystem| ecosystem.name)
        .filter(|name| !targets.contains(&format!("\"{name}\"")))
        .collect();
    assert_eq!(missing, [""; 0], "no target has these read anything");
}

#[test]
fn tests_come_last_in_a_file() {
    for file in sources() {
        let is_item = |line: &&str| {
            ["fn ", "pub ", "impl", "struct ", "enum ", "const ", "static "]
                .iter()
                .any(|word| line.starts_with(word))
        };
        let behind = file.tests.lines().find(is_item);
        assert!(behind.is_none(), "{}: code follows the tests: {}", file.path, behind.unwrap_or_default());
    }
}

/// A policy that excuses a difference to the corpus is pinned by a test.
#[test]
fn reasons_of_the_corpus_name_tests_that_exist() {
    let reasons = fs::read_to_string(root().join("tests/corpus_reasons.csv")).expect("the reasons");
    let mut named = 0;
    for word in reasons.lines().filter(|line| !line.starts_with('#')).flat_map(|line| line.split('`')) {
        let Some((file, test)) = word.split_once("::").filter(|(file, _)| !file.contains([' ', '/'])) else {
            continue;
        };
        let path = root().join(format!("src/inventory/ecosystems/{file}.rs"));
        let text = fs::read_to_string(path).unwrap_or_default();
        assert!(
            text.contains(&format!("fn {test}()")),
            "a reason names the test `{file}::{test}`, which is not there"
        );
        named += 1;
    }
    assert!(named > 20, "the reasons name tests");
}

struct Source {
    /// Relative to the project, with `/`.
    path: String,
    code: String,
    tests: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut open = vec![root().join("src")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("src is readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(source(&path));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(found.len() > 20, "the sources were found");
    found
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("sources are text");
    let relative = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
    let tests = tests_begin(&text);
    Source { path: relative, code: text[..tests].to_owned(), tests: text[tests..].to_owned() }
}

/// Where the first module of tests written out in this file begins.
fn tests_begin(text: &str) -> usize {
    let mark = "#[cfg(test)]\n";
    let written_out = |at: &usize| {
        let line = text[at + mark.len()..].lines().next().unwrap_or_default();
        line.contains("mod ") && line.ends_with('{')
    };
    text.match_indices(mark).map(|(at, _)| at).find(written_out).unwrap_or(text.len())
}

fn room_of(path: &str) -> Option<String> {
    let inside = path.strip_prefix("src/")?;
    let room = inside.split('/').next()?.trim_end_matches(".rs");
    (!matches!(room, "lib" | "main" | "cli")).then(|| room.to_owned())
}

fn is_room(name: &str) -> bool {
    let folder = root().join("src").join(name);
    folder.is_dir() || folder.with_extension("rs").is_file()
}

/// The rooms a file names, with their lines: by `crate::room`, or by climbing out with `super::`.
fn imports(file: &Source) -> Vec<(usize, String)> {
    let inside = file.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let depth = inside.split('/').count();
    let out = "super::".repeat(depth);
    let mut found = Vec::new();
    for (index, line) in file.code.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for prefix in ["crate::", out.as_str()] {
            for (at, _) in code.match_indices(prefix) {
                let rest = &code[at + prefix.len()..];
                let names =
                    rest.strip_prefix('{').map_or(rest, |group| group.split('}').next().unwrap_or(group));
                let grouped = rest.starts_with('{');
                for name in names.split(',').take(if grouped { usize::MAX } else { 1 }) {
                    let name: String = name
                        .trim()
                        .chars()
                        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                        .collect();
                    found.push((index + 1, name));
                }
            }
        }
    }
    found
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".rs")?.to_owned()));
    let mut names: Vec<String> = names.filter(|name| name != "mod").collect();
    names.sort();
    names
}

fn word_before(text: &str, at: usize) -> &str {
    let start =
        text[..at].rfind(|letter: char| !letter.is_alphanumeric() && letter != '_').map_or(0, |at| at + 1);
    &text[start..at]
}
