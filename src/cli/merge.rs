//! `packlist merge`: makes one list of several.

use clap::Args;
use packlist::bom::Subject;
use packlist::{emitter, merge};

use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::writing::Writing;
use super::{Outcome, check, world};

const EXAMPLES: &str = "\
Examples:
  packlist merge api.cdx.json web.spdx.json --name shop -o cyclonedx-json=shop.cdx.json
  packlist merge --hierarchical api.cdx.json web.cdx.json --name shop --version 1.4 -o table";

/// Makes one list of several SBOMs; every component keeps which of them it came from
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// SBOMs, of any formats that can be read
    #[arg(required = true, num_args = 2..)]
    sboms: Vec<String>,
    /// What the list calls its subject
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The subject's version
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Keep each list's components inside its subject, also what two lists have in common
    #[arg(long)]
    hierarchical: bool,
    /// What to write, and where to (standard output unless a file is named); may be repeated
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]", required = true)]
    output: Vec<Wish>,
    #[command(flatten)]
    writing: Writing,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let formats = output::wished(arguments.output, "cyclonedx-json", |name| {
        output::chosen(emitter::ALL, |format| format.name, name)
    })?;
    let epoch = world::source_date_epoch()?;
    let mut bills = Vec::new();
    for sbom in arguments.sboms {
        let bom = input::load_plain(&sbom, &Input::default())?;
        // A document must not tell where on somebody's machine its sources lay.
        let name = sbom.rsplit(['/', '\\']).next().unwrap_or(&sbom).to_owned();
        bills.push((name, bom));
    }
    let subject = Subject { name: arguments.name, version: arguments.version, ..Subject::default() };
    let way = if arguments.hierarchical { merge::Way::Hierarchical } else { merge::Way::Flat };
    let mut whole = merge::merge(subject, bills, way);
    arguments.writing.complete(&mut whole);
    input::tell_gaps(&whole);
    let stamp = check::stamp(&whole, epoch);
    for (file, format) in formats {
        output::write(file.as_deref(), &arguments.writing.emit(&whole, stamp.clone(), format)?)?;
    }
    Ok(Outcome::Done)
}
