//! `packlist quality`: judges a list itself.

use clap::Args;
use packlist::quality::{self, Profile, Score};
use packlist::report::quality as quality_report;
use packlist::{emitter, reader};

use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::writing::Writing;
use super::{Outcome, check, world};

const EXAMPLES: &str = "\
Profiles:
  bsi-tr-03183-2    the German BSI's guideline, 2.1.0
  cisa-2025-draft   CISA's minimum elements, draft of August 2025
  ntia              the NTIA's minimum elements, 2021
  sbomqs            the criteria of sbomqs 2.0, weighted as there

Examples:
  packlist quality vendor.cdx.json
  packlist quality vendor.spdx.json --require ntia      exit code 1 unless it is met
  packlist quality app.tar --profile ntia -o json       the list packlist itself would write";

/// Tells how good an SBOM is by published requirements, and what it lacks
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An SBOM, or an image or directory to make one of
    source: String,
    /// Judge by this profile only; may be repeated
    #[arg(long, value_name = "PROFILE")]
    profile: Vec<String>,
    /// Exit with 1 unless this profile is met; may be repeated
    #[arg(long, value_name = "PROFILE")]
    require: Vec<String>,
    /// What to write, and where to (standard output unless a file is named); may be repeated
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Wish>,
    #[command(flatten)]
    writing: Writing,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let formats = output::wished(arguments.output, "human", |name| {
        output::chosen(quality_report::ALL, |format| format.name, name)
    })?;
    let required = profiles(&arguments.require)?;
    let mut asked = profiles(&arguments.profile)?;
    if asked.is_empty() && required.is_empty() {
        asked = quality::ALL.iter().collect();
    }
    for profile in &required {
        if !asked.iter().any(|other| other.name == profile.name) {
            asked.push(profile);
        }
    }
    let epoch = world::source_date_epoch()?;
    let mut bom = input::load_plain(&arguments.source, &Input::default())?;
    if bom.origin.is_none() {
        // What was just taken is no document yet; the one we would write is judged.
        let format = output::chosen(emitter::ALL, |format| format.name, "cyclonedx-json")?;
        arguments.writing.complete(&mut bom);
        let document = arguments.writing.emit(&bom, check::stamp(&bom, epoch), format)?;
        bom = reader::read(document.as_bytes())
            .map_err(|source| Failure::Read { path: arguments.source.clone().into(), source })?;
    }
    let scores: Vec<Score> = asked.into_iter().map(|profile| quality::score(&bom, profile)).collect();
    for (file, format) in formats {
        output::put(file.as_deref(), format.name, &(format.render)(&scores))?;
    }
    let is_met =
        |profile: &&Profile| scores.iter().any(|score| score.profile.name == profile.name && score.is_met());
    // The program ends here, and to free a large list piece by piece takes a while.
    std::mem::forget(bom);
    Ok(if required.iter().all(is_met) { Outcome::Done } else { Outcome::Denied })
}

fn profiles(names: &[String]) -> Result<Vec<&'static Profile>, Failure> {
    let named = |name: &String| {
        quality::find(name).ok_or_else(|| {
            let all: Vec<&str> = quality::ALL.iter().map(|profile| profile.name).collect();
            Failure::usage(
                format!("there is no profile `{name}`"),
                format!("it may be one of: {}", all.join(", ")),
            )
        })
    };
    names.iter().map(named).collect()
}
