//! Reads every document in folders of test documents, and says which are read otherwise than they should be.
//!
//! ```console
//! $ cargo run --release --example corpus -- FOLDER...
//! ```
//!
//! A document whose name begins with `invalid` must be an error, or be read with its deviation named; any other
//! must be read with nothing to say. Whatever is otherwise must have its reason in `tests/corpus-reasons.tsv`.
//! Official ones: `tests/_data/schemaTestData` in the source of cyclonedx-python-lib 11.12.0 (all valid and invalid
//! documents of CycloneDX), `tests/spdx/data` in that of spdx-tools 0.8.5, and github.com/spdx/spdx-examples.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use packlist::reader::{self, ReadError};

const REASONS: &str = include_str!("../tests/corpus-reasons.tsv");
const ENDINGS: &[&str] = &["json", "jsonld", "rdf", "spdx", "tag", "xml", "yaml", "yml"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unexplained = 0;
    for folder in std::env::args().skip(1) {
        for path in documents(Path::new(&folder))? {
            let outcome = Outcome::of(&path)?;
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_invalid = name.starts_with("invalid");
            let (sort, as_expected) = match (&outcome, is_invalid) {
                (Outcome::Clean, false) => ("valid, read", true),
                (Outcome::Told(_), false) => ("valid, read with something to say", false),
                (Outcome::Refused(_), false) => ("valid, an error", false),
                (Outcome::Clean, true) => ("invalid, read in silence", false),
                (Outcome::Told(_), true) => ("invalid, read with its deviation named", true),
                (Outcome::Refused(_), true) => ("invalid, an error", true),
            };
            let reason = reason(&path).filter(|_| !as_expected);
            *counts.entry(sort).or_default() += 1;
            if as_expected {
                continue;
            }
            match reason {
                Some(reason) => println!("{}: {sort}: {reason}", path.display()),
                None => {
                    unexplained += 1;
                    println!("{}: {sort}, without a reason: {}", path.display(), outcome.said());
                }
            }
        }
    }
    for (sort, count) in counts {
        println!("{count:5} {sort}");
    }
    if unexplained > 0 { Err(format!("{unexplained} without a reason").into()) } else { Ok(()) }
}

enum Outcome {
    Clean,
    /// The first thing that was said.
    Told(String),
    Refused(String),
}

impl Outcome {
    fn of(path: &Path) -> Result<Self, Box<dyn Error>> {
        Ok(match reader::read_from(File::open(path)?) {
            Ok(bom) => match bom.gaps.into_iter().next() {
                Some(gap) => Self::Told(gap.reason),
                None => Self::Clean,
            },
            Err(ReadError::Unreadable(error)) => return Err(error.into()),
            Err(error) => Self::Refused(error.to_string()),
        })
    }
}

impl Outcome {
    fn said(&self) -> &str {
        match self {
            Self::Clean => "nothing",
            Self::Told(said) | Self::Refused(said) => said,
        }
    }
}

/// The end of a path, and why it is read as it is.
fn reason(path: &Path) -> Option<&'static str> {
    let lines =
        REASONS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    lines.into_iter().find(|(end, _)| path.ends_with(end)).map(|(_, reason)| reason)
}

fn documents(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut waiting = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                waiting.push(entry?.path());
            }
        } else if path.extension().and_then(|ending| ending.to_str()).is_some_and(|e| ENDINGS.contains(&e)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
