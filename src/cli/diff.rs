//! `packlist diff`: what changed between two lists.

use clap::Args;
use packlist::bom::Bom;
use packlist::drift::{self, Drift, Ended};
use packlist::eol::{self, Terms};
use packlist::report::drift::{self as drift_report, DriftReport};

use super::eol::CalendarWish;
use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::{Outcome, world};

const EXAMPLES: &str = "\
Examples:
  packlist diff app-1.3.tar app-1.4.tar
  packlist diff app-1.3.cdx.json app.tar -o markdown=comment.md
Either side may be an image, a directory, or an SBOM of any tool.";

/// Tells what was added, removed, upgraded or downgraded, and whose licence changed
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The earlier image, directory or SBOM
    old: String,
    /// The later one
    new: String,
    /// The day to judge ends of support by, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    today: Option<String>,
    #[command(flatten)]
    calendar: CalendarWish,
    /// List every change on a line of its own
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
    let today = world::today(arguments.today.as_deref())?;
    let calendar = arguments.calendar.read()?;
    let old = input::load(&arguments.old, &arguments.input)?;
    let new = input::load(&arguments.new, &arguments.input)?;
    let mut drift = drift::compare(&old, &new);
    add_ended(&mut drift, &old, &new, &calendar, &Terms::on(today));
    let report = DriftReport {
        old: &old,
        new: &new,
        old_name: &arguments.old,
        new_name: &arguments.new,
        drift: &drift,
        listed: arguments.list,
    };
    for (file, format) in formats {
        output::write(file.as_deref(), &(format.render)(&report))?;
    }
    Ok(Outcome::Done)
}

/// Adds what the newer list holds that is out of support, and the older did not.
fn add_ended(drift: &mut Drift, old: &Bom, new: &Bom, calendar: &eol::Calendar, terms: &Terms) {
    let (before, after) = (eol::judge(old, calendar, terms), eol::judge(new, calendar, terms));
    let ended = eol::worsened(&before, &after).into_iter().map(|row| Ended {
        reference: row.component,
        from: row.from,
        to: row.to,
    });
    drift.add_ended(new, ended);
}
