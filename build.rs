//! Names the code that reads layers, the code and tables that find licences, and all that a bill depends on: what is
//! kept of their answers between runs is of no use to others.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the variable, and what it depends on.
const ROOMS: &[(&str, &[&str])] = &[
    ("PACKLIST_EXTRACTOR", &["src/layers"]),
    (
        "PACKLIST_TAKER",
        &[
            "Cargo.lock",
            "licenses",
            "src/bom",
            "src/cli/input.rs",
            "src/inventory",
            "src/layers",
            "src/licenses",
            "src/reader",
            "src/secrets",
            "src/source",
            "src/versions",
            "src/yaml",
        ],
    ),
    // The list of licences is that of a crate.
    ("PACKLIST_FINDER", &["Cargo.lock", "licenses", "src/licenses"]),
];

fn main() -> io::Result<()> {
    for (name, rooms) in ROOMS {
        let mut files = Vec::new();
        for room in *rooms {
            println!("cargo::rerun-if-changed={room}");
            collect(Path::new(room), &mut files)?;
        }
        files.sort();
        let mut hasher = DefaultHasher::new();
        for file in files {
            file.hash(&mut hasher);
            fs::read(file)?.hash(&mut hasher);
        }
        println!("cargo::rustc-env={name}={}-{:016x}", env!("CARGO_PKG_VERSION"), hasher.finish());
    }
    Ok(())
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if place.is_file() {
        files.push(place.to_owned());
        return Ok(());
    }
    if !place.is_dir() {
        // A library is built without a lockfile of its own.
        return Ok(());
    }
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}
