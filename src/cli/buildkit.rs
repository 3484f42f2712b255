//! `packlist buildkit`: what BuildKit runs as the generator of SBOMs while it builds an image.
//!
//! It says in variables where the image's root file system is mounted, and where the lists are to go: one attestation a
//! root, whose subject it fills in itself. It takes SPDX 2.3 and nothing else, and no file larger than 40 MiB.
//!
//! Spec: <https://github.com/moby/buildkit/blob/master/docs/attestations/sbom-protocol.md>

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use packlist::emitter;

use super::failure::Failure;
use super::input::{self, Input};
use super::writing::Writing;
use super::{Outcome, check, output, world};

/// What it is called on a command line.
pub(super) const NAME: &str = "buildkit";

/// Where the root file system of what is built lies.
pub(super) const SOURCE: &str = "BUILDKIT_SCAN_SOURCE";
/// A folder of the root file systems of further stages; none where nobody asked for them.
const EXTRAS: &str = "BUILDKIT_SCAN_SOURCE_EXTRAS";
const DESTINATION: &str = "BUILDKIT_SCAN_DESTINATION";

/// What BuildKit calls the format, and we do.
const PREDICATE: &str = "https://spdx.dev/Document";
const FORMAT: &str = "spdx-json";

/// The largest attestation that BuildKit reads.
const MOST_BYTES: usize = 40 << 20;

const NOTES: &str = "\
BuildKit sets BUILDKIT_SCAN_SOURCE (the root file system), BUILDKIT_SCAN_SOURCE_EXTRAS (a folder of further ones) and
BUILDKIT_SCAN_DESTINATION (where an attestation of each goes). With the first of them set and no arguments at all, this
is what packlist does.

  docker buildx build --sbom=generator=IMAGE .";

/// Lists what BuildKit builds: its generator of SBOMs
#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub(super) struct Arguments {
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    input: Input,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let missing = |name: &str| {
        Failure::usage(format!("{name} is not set"), "BuildKit sets it; see `packlist buildkit --help`")
    };
    let source = folder(SOURCE).ok_or_else(|| missing(SOURCE))?;
    let destination = folder(DESTINATION).ok_or_else(|| missing(DESTINATION))?;
    let mut roots = vec![source];
    if let Some(extras) = folder(EXTRAS) {
        roots.extend(folders(&extras)?);
    }
    for root in roots {
        list(&root, &destination, &arguments)?;
    }
    Ok(Outcome::Done)
}

/// What a run reads, and the folder that it writes to.
pub(super) fn needs() -> (Vec<PathBuf>, Option<PathBuf>) {
    ([SOURCE, EXTRAS].into_iter().filter_map(folder).collect(), folder(DESTINATION))
}

fn folder(variable: &str) -> Option<PathBuf> {
    world::variable(variable).map(PathBuf::from)
}

/// The folders in a folder, in order of name. None where it is not there: BuildKit names it all the same.
fn folders(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let failed = |source| Failure::File { path: path.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn list(root: &Path, destination: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let mut bom = input::load(&format!("dir:{}", root.display()), &arguments.input)?;
    arguments.writing.complete(&mut bom);
    input::tell_gaps(&bom);
    let stamp = check::stamp(&bom, world::source_date_epoch()?);
    let format = emitter::find(FORMAT).ok_or_else(|| Failure::usage(format!("there is no {FORMAT}"), ""))?;
    let (before, behind) = statement();
    let most = MOST_BYTES - before.len() - behind.len();
    let document = arguments.writing.emit_within(&bom, stamp, format, most)?;
    let name = root.file_name().map_or_else(|| "sbom".to_owned(), |name| name.to_string_lossy().into_owned());
    let file = destination.join(format!("{name}.spdx.json"));
    output::write(Some(&file), &format!("{before}{}{behind}", document.trim_end()))
}

/// What stands around the document. BuildKit puts in what it is of.
fn statement() -> (String, &'static str) {
    let before = format!(
        "{{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[],\"predicateType\":\"{PREDICATE}\",\"predicate\":"
    );
    (before, "}\n")
}
