//! Makes broken copies of images and documents and has each read, as a scan would: each must come to a list, a list with
//! gaps, or an error, in ten seconds and bounded memory.
//!
//! ```console
//! $ cargo run --release --example mutated -- 10000 FILE...
//! ```
//!
//! The same arguments give the same copies. A copy that panics or takes too long is kept in the working folder, named by
//! its number. Images are tars of `docker save` or OCI layouts. Their digests would stop most copies at the door, so every
//! second copy is read with digests believed; and each layer of them is read by itself too.

mod mutate;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutate::{Numbers, mutated};
use packlist::bom::Bom;
use packlist::inventory::{self, ecosystems};
use packlist::layers::{Again, Limits, Tree, Wanted, extract};
use packlist::source::Verify;
use packlist::{emitter, reader, source};

const LONGEST: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().ok_or("how many copies?")?.parse()?;
    let mut subjects = Vec::new();
    for path in arguments.map(PathBuf::from) {
        subjects.extend(Subject::all(&path)?);
    }
    if subjects.is_empty() {
        return Err("of which files?".into());
    }
    let wanted = inventory::wanted(ecosystems::ALL);
    let place = std::env::temp_dir().join(format!("packlist-mutated-{}.tar", std::process::id()));
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut slowest, mut failed) = (Duration::ZERO, 0);
    std::panic::set_hook(Box::new(|_| {}));
    for number in 0..count {
        let subject = &subjects[number % subjects.len()];
        let copy = mutated(&subject.bytes, &mut Numbers::of(number as u64 + 1));
        let begun = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| subject.kind.read(&copy, &wanted, &place, number)));
        let took = begun.elapsed();
        slowest = slowest.max(took);
        *outcomes.entry(outcome.as_ref().copied().unwrap_or("a panic")).or_default() += 1;
        if outcome.is_err() || took > LONGEST {
            failed += 1;
            println!("copy {number} of {}: {took:.1?}", subject.name);
            fs::write(format!("mutated-{number}"), &copy)?;
        }
    }
    let _ = fs::remove_file(&place);
    for (outcome, count) in outcomes {
        println!("{count:6} {outcome}");
    }
    println!("slowest {:.2} s, most memory {} MiB", slowest.as_secs_f64(), most_memory().unwrap_or_default());
    if failed > 0 { Err(format!("{failed} copies failed").into()) } else { Ok(()) }
}

struct Subject {
    name: String,
    bytes: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Image,
    Layer,
    Document,
}

impl Subject {
    /// A file; of an image its layers too, unpacked.
    fn all(path: &Path) -> Result<Vec<Self>, Box<dyn std::error::Error>> {
        let (bytes, name) = (fs::read(path)?, path.display().to_string());
        let is_tar = bytes.get(257..262) == Some(b"ustar");
        if !is_tar {
            return Ok(vec![Self { name, bytes, kind: Kind::Document }]);
        }
        let mut all = Vec::new();
        for entry in tar::Archive::new(bytes.as_slice()).entries()? {
            let mut content = Vec::new();
            entry?.read_to_end(&mut content)?;
            if content.starts_with(&[0x1f, 0x8b]) {
                let mut plain = Vec::new();
                flate2::read::MultiGzDecoder::new(content.as_slice()).read_to_end(&mut plain)?;
                content = plain;
            }
            if content.get(257..262) == Some(b"ustar") {
                all.push(Self { name: format!("a layer of {name}"), bytes: content, kind: Kind::Layer });
            }
        }
        all.push(Self { name, bytes, kind: Kind::Image });
        Ok(all)
    }
}

impl Kind {
    fn read(self, copy: &[u8], wanted: &Wanted, place: &Path, number: usize) -> &'static str {
        match self {
            Self::Document => match reader::read(copy) {
                Ok(bom) => outcome(&bom),
                Err(_) => "an error",
            },
            Self::Layer => match extract(Cursor::new(copy), wanted, &Again::default(), &Limits::default()) {
                Ok(extract) => {
                    let (tree, gaps) = (Tree::stack([&extract]), extract.gaps.clone());
                    outcome(&inventory::take(Default::default(), Vec::new(), &tree, gaps, ecosystems::ALL))
                }
                Err(_) => "an error",
            },
            Self::Image => {
                if fs::write(place, copy).is_err() {
                    return "not written";
                }
                let options = source::Options {
                    verify: [Verify::DiffIds, Verify::Nothing][number % 2],
                    ..Default::default()
                };
                let Ok(snapshot) = source::read(&place.display().to_string(), wanted, &options) else {
                    return "an error";
                };
                let tree = Tree::stack(&snapshot.extracts);
                let (subject, layers, gaps) = (snapshot.subject, snapshot.layers, snapshot.gaps);
                outcome(&inventory::take(subject, layers, &tree, gaps, ecosystems::ALL))
            }
        }
    }
}

/// Every list can be written, too.
fn outcome(bom: &Bom) -> &'static str {
    for format in emitter::ALL {
        (format.emit)(bom, &emitter::Stamp::default());
    }
    if bom.gaps.is_empty() { "a list" } else { "a list with gaps" }
}

fn most_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? >> 10)
}
