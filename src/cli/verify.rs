//! `packlist verify`: whether an SBOM tells the truth about an image.

use clap::Args;
use packlist::drift::{self, Drift, Kind};
use packlist::report::drift::{self as drift_report, DriftReport};

use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::{Outcome, world};

const EXAMPLES: &str = "\
Examples:
  packlist verify app.cdx.json app.tar
  packlist verify supplier.spdx.json oci:image -o json=difference.json
What is added is in the image and not in the SBOM; what is removed the SBOM only claims.
Exit codes: 0 it tells the truth; 1 it does not; 2 it could not be verified";

/// Does this SBOM tell the truth about this image?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The SBOM
    sbom: String,
    /// The image or directory it claims to describe
    image: String,
    /// List every difference on a line of its own
    #[arg(long)]
    list: bool,
    /// What to write, and where to; may be repeated
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Wish>,
    #[command(flatten)]
    input: Input,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let formats = output::wished(arguments.output, "human", |name| {
        output::chosen(drift_report::ALL, |format| format.name, name)
    })?;
    let input = arguments.input.with_diff_ids();
    let claimed = input::load_plain(&arguments.sbom, &input)?;
    let found = input::load_plain(&arguments.image, &input)?;
    input::tell_gaps(&found);
    if claimed.components.is_empty() {
        return Err(Failure::usage(
            format!("`{}` lists no components", arguments.sbom),
            "an empty SBOM cannot be verified; was it written completely?",
        ));
    }
    if let (Some(claimed), Some(found)) = (&claimed.subject.version, &found.subject.version)
        && claimed != found
        && claimed.starts_with("sha256:")
    {
        world::note(&format!("the SBOM is of the image {claimed}, and this one is {found}"));
    }
    let drift = drift::compare_whole(&claimed, &found);
    let report = DriftReport {
        old: &claimed,
        new: &found,
        old_name: &arguments.sbom,
        new_name: &arguments.image,
        drift: &drift,
        listed: arguments.list,
        support: None,
    };
    for (file, format) in formats {
        output::put(file.as_deref(), format.name, &(format.render)(&report))?;
    }
    Ok(if is_true(&drift) { Outcome::Done } else { Outcome::Denied })
}

/// Whether the same packages stand on both sides in the same versions. What is said of them beyond that is told,
/// and is no lie.
fn is_true(drift: &Drift) -> bool {
    let is_lie = |kind: Kind| {
        matches!(
            kind,
            Kind::Added
                | Kind::Changed
                | Kind::Distribution
                | Kind::Downgraded
                | Kind::Moved
                | Kind::Rebuilt
                | Kind::Removed
                | Kind::Renamed
                | Kind::Replaced
                | Kind::Upgraded
        )
    };
    !drift.changes.iter().any(|change| is_lie(change.kind))
}
