//! `packlist licenses`: what is in it, by licence.

use clap::Args;
use packlist::report::licenses;

use super::failure::Failure;
use super::input::{self, Input};
use super::{Outcome, output};

const EXAMPLES: &str = "\
Examples:
  packlist licenses app.tar
  packlist licenses app.cdx.json --all        with every component by name";

/// Lists licences by category, with how many components stand under each and which
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An image, a directory, or an SBOM
    source: String,
    /// Name every component, not only the first few of each licence
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    input: Input,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let bom = input::load(&arguments.source, &arguments.input)?;
    output::show(None, &licenses::summary(&bom, arguments.all))?;
    Ok(Outcome::Done)
}
