//! No file stops packlist, however broken: the files of every fixture, cut, with bytes and numbers changed, lines
//! doubled and reversed, and things that are no such file at all, through every ecosystem that reads them.
//!
//! What is asked is that each gives an answer, and in bounded time. What the answer should be, the tests in the
//! ecosystems' own files say.

mod common;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use common::{folders, read_fixture};
use packlist::inventory::{self, Ecosystem, File, ecosystems};
use packlist::layers::{Node, Tree, Wanted};

/// So many files of each ecosystem, from all fixtures.
const FILES: usize = 3;
/// In so many places a file is cut, and bytes of it changed.
const PLACES: usize = 60;
/// No file may take longer, in a test that is not optimised and on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

#[test]
fn every_ecosystem_answers_to_broken_files() {
    let wanted = inventory::wanted(ecosystems::ALL);
    let reads: Vec<Wanted> = ecosystems::ALL
        .iter()
        .map(|ecosystem| Wanted::new(ecosystem.reads.iter().copied()).expect("globs"))
        .collect();
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    for fixture in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")) {
        let snapshot = read_fixture(&fixture, &wanted);
        let tree = Tree::stack(&snapshot.extracts);
        for entry in snapshot.extracts.iter().flat_map(|extract| &extract.entries) {
            let Node::File(bytes) = &entry.node else { continue };
            for (ecosystem, reads) in ecosystems::ALL.iter().zip(&reads) {
                let count = tried.entry(ecosystem.name).or_default();
                if *count < FILES && reads.wants(&entry.path) {
                    *count += 1;
                    for (turn, broken) in broken(bytes).iter().enumerate() {
                        // What lies beside may be long texts, and is not what is broken.
                        read(ecosystem, &entry.path, broken, &tree, turn % 20 == 0);
                    }
                }
            }
        }
    }
    let untried: Vec<&str> = tried.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    assert!(
        untried.is_empty() && tried.len() == ecosystems::ALL.len(),
        "no fixture has files of {untried:?}"
    );
}

fn read(ecosystem: &Ecosystem, path: &str, bytes: &[u8], tree: &Tree, enriched: bool) {
    let file = File { path, bytes };
    let started = Instant::now();
    let answer = catch_unwind(AssertUnwindSafe(|| {
        let packages = (ecosystem.parse)(&file, tree).map(|parsed| parsed.packages).unwrap_or_default();
        for mut package in packages.into_iter().filter(|_| enriched) {
            (ecosystem.enrich)(&mut package, &file, tree);
        }
    }));
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]);
    assert!(answer.is_ok(), "{} panics at {path}: {shown}", ecosystem.name);
    assert!(started.elapsed() < LONGEST, "{} takes too long at {path}: {shown}", ecosystem.name);
}

fn broken(whole: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new(), vec![b' '; 1000], vec![0xff; 1000], vec![0; 1000]];
    let step = (whole.len() / PLACES).max(1);
    for at in (0..whole.len()).step_by(step) {
        all.push(whole[..at].to_vec());
    }
    for (turn, at) in (0..whole.len()).step_by(step).enumerate() {
        let mut changed = whole.to_vec();
        changed[at] = [0xff, 0, b'"', b'{', b'}', b'[', b'-', b'9', b'\n', b'='][turn % 10];
        all.push(changed);
    }
    all.push(with_numbers(whole, b"99999999999999999999999999"));
    all.push(with_numbers(whole, b"-1"));
    all.push(with_numbers(whole, b"null"));
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    all.push(lines.iter().flat_map(|line| [*line, *line]).collect::<Vec<_>>().concat());
    all.push(lines.iter().rev().copied().collect::<Vec<_>>().concat());
    all.push([whole, whole].concat());
    for opening in
        ["[", "{\"packages\":", "{\"dependencies\":{\"a\":", "<project>", "(", "a:1:{i:0;", "- ", "{[<<"]
    {
        all.push(opening.repeat(20_000).into_bytes());
        // The same behind the file's own first words.
        let head = lines.iter().take(lines.len() / 2).copied().collect::<Vec<_>>().concat();
        all.push([head, opening.repeat(2_000).into_bytes()].concat());
    }
    all
}

/// Every run of digits replaced.
fn with_numbers(whole: &[u8], number: &[u8]) -> Vec<u8> {
    let mut changed = Vec::new();
    let mut in_number = false;
    for byte in whole {
        if !byte.is_ascii_digit() {
            changed.push(*byte);
        } else if !in_number {
            changed.extend(number);
        }
        in_number = byte.is_ascii_digit();
    }
    changed
}
