//! What the targets share: limits under which a run is short, and the files of one ecosystem as a tree.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::LazyLock;

use packlist::inventory::{self, Ecosystem, File, ecosystems};
use packlist::layers::{Again, Entry, Extract, Limits, Node, Tree, Walk, Wanted, extract};
use packlist::{emitter, reader};

/// Everything small, so that what is too much is met often.
pub fn limits() -> Limits {
    Limits {
        file_bytes: 1 << 20,
        layer_bytes: 4 << 20,
        total_bytes: 8 << 20,
        entries: 10_000,
        archive_bytes: 1 << 20,
        executable_bytes: 1 << 20,
        inside_bytes: 4 << 20,
        unpacked_bytes: 16 << 20,
        ..Limits::default()
    }
}

/// Has the ecosystems of these names read a file each, with itself as all there is beside it.
pub fn ecosystems(names: &[&str], bytes: &[u8]) {
    for name in names {
        let ecosystem = ecosystems::ALL.iter().find(|ecosystem| ecosystem.name == *name);
        let ecosystem = ecosystem.unwrap_or_else(|| panic!("there is no ecosystem {name}"));
        parse(ecosystem, bytes);
    }
}

fn parse(ecosystem: &Ecosystem, bytes: &[u8]) {
    let path = path_of(ecosystem.reads.first().copied().unwrap_or_default());
    let entry = Entry { path: path.as_str().into(), node: Node::File(bytes.into()) };
    let tree = Tree::stack([&Extract { entries: vec![entry], ..Extract::default() }]);
    let file = File { path: &path, bytes };
    if let Ok(parsed) = (ecosystem.parse)(&file, &tree) {
        for mut package in parsed.packages.into_iter().take(20) {
            (ecosystem.enrich)(&mut package, &file, &tree);
        }
    }
}

/// A path that a pattern means: `**/a*.{x,y}` is `srv/ax.x`.
fn path_of(pattern: &str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**/") {
            path.push_str("srv/");
            rest = after;
        } else if first == '{' {
            let (choices, after) = rest[1..].split_once('}').unwrap_or((&rest[1..], ""));
            path.push_str(choices.split(',').next().unwrap_or_default());
            rest = after;
        } else {
            path.push(if matches!(first, '*' | '?') { 'x' } else { first });
            rest = &rest[first.len_utf8()..];
        }
    }
    path
}

/// Reads a document, and writes what was read in every format: each must be read again.
pub fn document(bytes: &[u8]) {
    let Ok(bom) = reader::read(bytes) else { return };
    for format in emitter::ALL {
        let written = (format.emit)(&bom, &emitter::Stamp::default());
        if format.name.starts_with("cyclonedx") || format.name == "spdx-json" {
            let again = reader::read(written.as_bytes());
            assert!(again.is_ok(), "{} is not read again: {:?}", format.name, again.err());
        }
    }
}

/// What every ecosystem wants: compiled once, since that takes longer than a run.
pub static WANTED: LazyLock<Wanted> = LazyLock::new(|| inventory::wanted(ecosystems::ALL));

/// Has a layer read that has one file: what passes and is let go must say what it says when it is held.
pub fn as_it_passes(path: &str, bytes: &[u8]) {
    let limits = limits();
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o755);
    let mut layer = tar::Builder::new(Vec::new());
    layer.append_data(&mut header, path, bytes).expect("in memory");
    let layer = layer.into_inner().expect("in memory");
    let none = BTreeSet::new();
    let mut walk = Walk::new(&WANTED, &none, &limits);
    walk.tar(Cursor::new(&layer)).expect("one whole entry");
    let held = walk.finish();
    let read =
        |again: &Again| extract(Cursor::new(&layer), &WANTED, again, &limits).expect("one whole entry");
    let passed = read(&Again::default());
    let again = passed.again(&WANTED);
    assert_eq!(if again.is_empty() { passed } else { read(&again) }, held);
}

/// Makes a list of layers, and writes it.
pub fn layers(layers: &[Vec<u8>]) {
    let limits = limits();
    let read = |layer: &Vec<u8>| extract(Cursor::new(layer), &WANTED, &Again::default(), &limits).ok();
    let extracts: Vec<Extract> = layers.iter().filter_map(read).collect();
    for extract in &extracts {
        // What is kept between runs comes back as it was.
        assert_eq!(Extract::from_bytes(&extract.to_bytes()).as_ref(), Some(extract));
    }
    let tree = Tree::stack(&extracts).with_most_records(1000);
    let layers = extracts.iter().enumerate();
    let layers = layers.map(|(number, _)| packlist::bom::Layer {
        diff_id: format!("sha256:{number:064x}"),
        created_by: None,
    });
    let subject = packlist::bom::Subject { name: "fuzz".to_owned(), ..Default::default() };
    let bom = inventory::take(subject, layers.collect(), &tree, Vec::new(), ecosystems::ALL);
    for format in emitter::ALL {
        (format.emit)(&bom, &emitter::Stamp::default());
    }
}
