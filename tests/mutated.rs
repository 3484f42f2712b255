//! Any bytes come to a list or an error, within limits: broken copies of every small document and of layers made of
//! fixtures, the same in every run. `examples/mutated` does the same with thousands of copies of real ones.

mod common;
#[path = "../examples/mutated/mutate.rs"]
mod mutate;

use std::fs;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use common::{Layer, folders};
use mutate::{Numbers, mutated};
use packlist::inventory::{self, ecosystems};
use packlist::layers::{Again, Limits, Tree, extract};
use packlist::reader;

const COPIES: u64 = 40;
/// In a test that is not optimised, on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn tried(what: &str, seed: u64, copy: &[u8], read: impl FnOnce(&[u8])) {
    let begun = Instant::now();
    let answer = catch_unwind(AssertUnwindSafe(|| read(copy)));
    let shown = String::from_utf8_lossy(&copy[..copy.len().min(1000)]);
    assert!(answer.is_ok(), "copy {seed} of {what} panics: {shown}");
    assert!(begun.elapsed() < LONGEST, "copy {seed} of {what} takes {:?}", begun.elapsed());
}

#[test]
fn documents() {
    let files = ["golden", "tests/fixtures"].map(project).map(|folder| fs::read_dir(folder).expect("there"));
    let mut paths: Vec<_> = files.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut count = 0;
    for path in paths.iter().filter(|path| path.is_file()) {
        let whole = fs::read(path).expect("readable");
        if whole.len() > 60_000 || reader::read(&whole).is_err() {
            continue;
        }
        count += 1;
        for seed in 1..=COPIES {
            let copy = mutated(&whole, &mut Numbers::of(seed));
            tried(&path.display().to_string(), seed, &copy, |copy| drop(reader::read(copy)));
        }
    }
    assert!(count > 10, "{count} documents");
}

#[test]
fn layers() {
    let wanted = inventory::wanted(ecosystems::ALL);
    let limits = Limits { layer_bytes: 4 << 20, inside_bytes: 4 << 20, ..Limits::default() };
    for fixture in folders(&project("tests/fixtures")) {
        let layers = folders(&fixture.join("layers"));
        let folder = layers.first().unwrap_or(&fixture);
        let layer = Layer::from_folder(folder).0;
        if layer.len() > 200_000 {
            continue;
        }
        for seed in 1..=COPIES / 8 {
            let copy = mutated(&layer, &mut Numbers::of(seed));
            tried(&fixture.display().to_string(), seed, &copy, |copy| {
                let Ok(extract) = extract(Cursor::new(copy), &wanted, &Again::default(), &limits) else {
                    return;
                };
                let kept: u64 = extract.entries.iter().map(|entry| entry.node.size()).sum();
                assert!(kept <= limits.layer_bytes);
                let (tree, gaps) = (Tree::stack([&extract]), extract.gaps.clone());
                inventory::take(Default::default(), Vec::new(), &tree, gaps, ecosystems::ALL);
            });
        }
    }
}
