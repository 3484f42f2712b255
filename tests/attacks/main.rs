//! What attackers make, and what comes of it: `docs/hostile-input.md` has the table. Each attack is made here, none lies in
//! the tree.

#[path = "../common/mod.rs"]
mod common;

mod archives;
mod documents;
mod folders;
mod layers;
mod lies;
mod names;
mod packed;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::{Image, Layer, Packing};
use packlist::bom::Bom;
use packlist::inventory::{self, ecosystems};
use packlist::layers::{Limits, Tree};
use packlist::{reader, source};

/// No attack takes longer, in a test that is not optimised and on a busy machine.
const LONGEST: Duration = Duration::from_secs(60);

/// A folder for one test, and the program run in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("a temporary folder");
        fs::write(&path, bytes).expect("a temporary folder");
        path
    }

    /// Runs the program here, with nothing of the user's.
    fn run(&self, arguments: &[&str]) -> Output {
        let started = Instant::now();
        let ran = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .env_clear()
            .current_dir(self.path())
            .stdin(Stdio::null())
            .output()
            .expect("the program starts");
        assert!(started.elapsed() < LONGEST, "{arguments:?} takes {:?}", started.elapsed());
        ran
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The list of an image of these layers.
fn listed(layers: Vec<Layer>) -> Bom {
    let place = Place::new();
    let image = place.put("image.tar", &Image::of(layers).oci_archive(Packing::Gzip));
    read(&image.display().to_string(), Limits::default()).expect("an image")
}

fn read(reference: &str, limits: Limits) -> Result<Bom, String> {
    read_with(reference, &source::Options { limits, ..source::Options::default() })
}

/// The bill of something, read in such a way, or what is said of why there is none.
fn read_with(reference: &str, options: &source::Options) -> Result<Bom, String> {
    let started = Instant::now();
    let wanted = inventory::wanted(ecosystems::ALL);
    let snapshot = source::read(reference, &wanted, options).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        format!("{error}{cause}")
    })?;
    let tree = Tree::stack(&snapshot.extracts);
    let mut bom = inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL);
    for document in inventory::documents(&tree) {
        match reader::read(document.bytes) {
            Ok(said) => inventory::embed(&mut bom, &document, said),
            Err(error) => inventory::unreadable(&mut bom, &document, error.to_string()),
        }
    }
    assert!(started.elapsed() < LONGEST, "{reference} takes {:?}", started.elapsed());
    Ok(bom)
}

/// What is there, by purl, without what only lower layers hold.
fn purls(bom: &Bom) -> Vec<String> {
    let there = bom.components.values().filter(|component| component.hidden.is_none());
    there.filter_map(|component| component.purl.as_ref()).map(ToString::to_string).collect()
}

fn gaps(bom: &Bom) -> Vec<String> {
    bom.gaps.iter().map(|gap| format!("{}: {}", gap.path, gap.reason)).collect()
}

/// A tar, entry for entry as an attacker writes it.
struct Tar(Vec<u8>);

impl Tar {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn entry(mut self, kind: tar::EntryType, name: &[u8], link: &[u8], content: &[u8]) -> Self {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        let raw = header.as_mut_bytes();
        raw[..name.len()].copy_from_slice(name);
        raw[157..157 + link.len()].copy_from_slice(link);
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn file(self, name: &str, content: &str) -> Self {
        self.entry(tar::EntryType::Regular, name.as_bytes(), b"", content.as_bytes())
    }

    fn symlink(self, name: &str, target: &str) -> Self {
        self.entry(tar::EntryType::Symlink, name.as_bytes(), target.as_bytes(), b"")
    }

    fn hardlink(self, name: &str, target: &str) -> Self {
        self.entry(tar::EntryType::Link, name.as_bytes(), target.as_bytes(), b"")
    }

    fn layer(mut self) -> Layer {
        self.0.extend([0; 1024]);
        Layer(self.0)
    }
}
