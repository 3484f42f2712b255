//! `packlist convert`: writes an SBOM in another format, and tells what that loses.

use clap::Args;
use packlist::bom::Bom;
use packlist::convert::{self, Loss};
use packlist::{emitter, reader};

use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::writing::Writing;
use super::{Outcome, check, world};

const EXAMPLES: &str = "\
Examples:
  packlist convert app.cdx.json -o spdx-json=app.spdx.json
  packlist convert bom.xml -o cyclonedx-json@1.5
  packlist convert app.spdx -o cyclonedx-json=app.cdx.json --lossless

What is lost is told on standard error: what the document says that no bill has a place for, and what the format
written has no place for. Exit code 1 with --lossless when there is any.";

/// Writes an SBOM in another format, and tells what is lost
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An SBOM, of any format that can be read
    sbom: String,
    /// What to write, and where to (standard output unless a file is named); may be repeated
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]", required = true)]
    output: Vec<Wish>,
    /// Exit with 1 if anything is lost
    #[arg(long)]
    lossless: bool,
    #[command(flatten)]
    writing: Writing,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let formats = output::wished(arguments.output, "cyclonedx-json", |name| {
        output::chosen(emitter::ALL, |format| format.name, name)
    })?;
    let epoch = world::source_date_epoch()?;
    let mut bom = input::load_plain(&arguments.sbom, &Input::default())?;
    arguments.writing.complete(&mut bom);
    input::tell_gaps(&bom);
    let made = bom.origin.as_ref().and_then(|origin| origin.created.clone());
    let stamp = check::stamp(&bom, epoch.or(made));
    let mut lossless = tell("not read", &convert::not_read(&bom));
    for (file, format) in formats {
        let document = arguments.writing.emit(&bom, stamp.clone(), format)?;
        lossless &= tell(&format!("not in {}", format.name), &lost(&bom, &document));
        output::write(file.as_deref(), &document)?;
    }
    // The program ends here, and to free a large list piece by piece takes a while.
    std::mem::forget(bom);
    Ok(if arguments.lossless && !lossless { Outcome::Denied } else { Outcome::Done })
}

/// A document that cannot be read back is made for another use, and keeps little.
fn lost(bom: &Bom, document: &str) -> Vec<Loss> {
    match reader::read(document.as_bytes()) {
        Ok(after) => convert::not_written(bom, &after),
        Err(_) => vec![Loss { what: "most of each component".to_owned(), count: bom.components.len() }],
    }
}

/// Whether there was nothing to tell.
fn tell(where_lost: &str, losses: &[Loss]) -> bool {
    for loss in losses {
        world::note(&format!("{where_lost}: {} ({})", loss.what, loss.count));
    }
    losses.is_empty()
}
