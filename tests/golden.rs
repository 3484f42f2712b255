//! Every fixture through every format that is kept: `tests/fixtures/<name>/` gives
//! `golden/<name>.<ending>`. A fixture is a source tree, or an image when it has `layers/0`, `layers/1`, ….
//!
//! `UPDATE_EXPECT=1 cargo test --test golden` writes what is now; read the diff as a user would.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::{folders, read_fixture};
use packlist::bom::Bom;
use packlist::emitter::{self, Stamp};
use packlist::inventory::{self, ecosystems};
use packlist::layers::Tree;

/// Formats that are kept, and what their files end in.
const KEPT: &[(&str, &str)] = &[("cyclonedx-json", "cdx.json"), ("spdx-json", "spdx.json"), ("table", "txt")];

#[test]
fn every_fixture_gives_its_golden_documents() {
    let mut wrong = Vec::new();
    let mut expected = BTreeSet::new();
    for fixture in folders(&root().join("tests/fixtures")) {
        let name = fixture.file_name().expect("a name").to_string_lossy().into_owned();
        let bom = take(&fixture, &name);
        assert!(!bom.components.is_empty(), "fixture {name}: nothing was found");
        for (format, ending) in KEPT {
            let format =
                emitter::ALL.iter().find(|known| known.name == *format).expect("a format of that name");
            let stamp = Stamp {
                tool_version: "0.0.0".to_owned(),
                created: bom.subject.created.clone(),
                width: Some(100),
                ..Stamp::default()
            };
            let golden = root().join("golden").join(format!("{name}.{ending}"));
            wrong.extend(compare(&golden, &(format.emit)(&bom, &stamp)));
            expected.insert(golden);
        }
    }
    for golden in fs::read_dir(root().join("golden")).expect("golden/").flatten() {
        let is_kept = KEPT.iter().any(|(_, ending)| golden.path().to_string_lossy().ends_with(ending));
        if is_kept && !expected.contains(&golden.path()) {
            wrong.push(format!("{} has no fixture", golden.path().display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nUPDATE_EXPECT=1 cargo test --test golden writes them anew",
        wrong.join("\n")
    );
}

#[test]
fn every_ecosystem_is_in_golden_documents_of_both_formats() {
    for ending in ["cdx.json", "spdx.json"] {
        let mut found = BTreeSet::new();
        for golden in fs::read_dir(root().join("golden")).expect("golden/").flatten() {
            if golden.path().to_string_lossy().ends_with(ending) {
                found_by(&fs::read_to_string(golden.path()).expect("golden documents are text"), &mut found);
            }
        }
        let names = ecosystems::ALL.iter().map(|ecosystem| ecosystem.name);
        let missing: Vec<&str> = names.filter(|name| !found.contains(*name)).collect();
        assert!(missing.is_empty(), "no golden {ending} shows what these find: {missing:?}");
    }
}

/// Collects who found the components of a document: a property of its own, or a line of a comment.
fn found_by(document: &str, found: &mut BTreeSet<String>) {
    for (at, mark) in document.match_indices("found-by") {
        let rest = document[at + mark.len()..].trim_start_matches(['=', '"', ',', ' ', '\n']);
        let rest = rest.strip_prefix("value\": \"").unwrap_or(rest);
        found.insert(rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '-').collect());
    }
}

fn compare(golden: &Path, now: &str) -> Option<String> {
    let kept = fs::read_to_string(golden).unwrap_or_default();
    if kept == now {
        return None;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(golden, now).expect("golden/ can be written");
        return None;
    }
    let line = kept.lines().zip(now.lines()).position(|(one, other)| one != other);
    let line = line.unwrap_or_else(|| kept.lines().count().min(now.lines().count()));
    Some(format!(
        "{}:{}: was `{}`, is `{}`",
        golden.display(),
        line + 1,
        kept.lines().nth(line).unwrap_or_default(),
        now.lines().nth(line).unwrap_or_default()
    ))
}

fn take(fixture: &Path, name: &str) -> Bom {
    let snapshot = read_fixture(fixture, &inventory::wanted(ecosystems::ALL));
    let tree = Tree::stack(&snapshot.extracts);
    let mut bom = inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL);
    bom.conclude();
    bom.subject.name = if layers_exist(fixture) { format!("{name}:1") } else { name.to_owned() };
    bom
}

fn layers_exist(fixture: &Path) -> bool {
    fixture.join("layers").is_dir()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
