//! `packlist diff`: what changed between two lists.

use clap::Args;
use packlist::bom::Bom;
use packlist::drift::{self, Ended};
use packlist::eol::{self, Terms};
use packlist::report::drift::{self as drift_report, DriftFormat, DriftReport};
use packlist::report::html::Support;
use packlist::report::summary;

use super::calendar::CalendarWish;
use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::{Outcome, confinement, console, world};

const EXAMPLES: &str = "\
Examples:
  packlist diff app-1.3.tar app-1.4.tar
  packlist diff app-1.3.cdx.json app.tar -o markdown=comment.md
  packlist diff app-1.3.tar app-1.4.tar -o html=diff.html  a page for a browser
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
    let formats = output::wished(arguments.output, "human", |name| match name {
        output::SUMMARY => Ok(None),
        name => output::chosen(drift_report::ALL, |format| format.name, name).map(Some),
    })?;
    let today = world::today(arguments.today.as_deref())?;
    let calendar = arguments.calendar.read()?;
    let (old, new) = both(&arguments.old, &arguments.new, &arguments.input)?;
    let (mut drift, ended) = console::step("comparing", || {
        std::thread::scope(|scope| {
            let ended = scope.spawn(|| ended(&old, &new, &calendar, &Terms::on(today)));
            (
                drift::compare(&old, &new),
                ended.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            )
        })
    });
    let (ends, ended) = ended;
    drift.add_ended(&new, ended);
    let report = DriftReport {
        old: &old,
        new: &new,
        old_name: &arguments.old,
        new_name: &arguments.new,
        drift: &drift,
        listed: arguments.list,
        support: Some(Support { rows: &ends, today, calendar_day: calendar.day() }),
    };
    let summary = |width| summary::of_drift(&report, width);
    for (file, format) in &formats {
        match format {
            Some(format) => output::put(file.as_deref(), format.name, &(format.render)(&report))?,
            None => output::show(file.as_deref(), &summary(world::width()))?,
        }
    }
    let name = |format: &Option<&DriftFormat>| format.map_or(output::SUMMARY, |format| format.name);
    let written: Vec<_> = formats.iter().map(|(file, format)| (file.is_some(), name(format))).collect();
    output::summarise(&written, summary);
    // The process ends here, and giving two large lists back piece by piece takes as long as comparing them.
    std::mem::forget((old, new, drift));
    Ok(Outcome::Done)
}

/// Both sides, read at once.
fn both(old: &str, new: &str, input: &Input) -> Result<(Bom, Bom), Failure> {
    // A thread that is there already would keep its rights.
    confinement::enter();
    std::thread::scope(|scope| {
        let old = scope.spawn(|| input::load(old, input));
        let new = input::load(new, input);
        let old = old.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((old?, new?))
    })
}

/// What the calendar says of the newer list, and what of that is out of support and was not in the older.
fn ended(old: &Bom, new: &Bom, calendar: &eol::Calendar, terms: &Terms) -> (Vec<eol::Row>, Vec<Ended>) {
    let (before, after) = (eol::judge(old, calendar, terms), eol::judge(new, calendar, terms));
    let rows = eol::worsened(&before, &after).into_iter();
    let ended = rows.map(|row| Ended { reference: row.component, from: row.from, to: row.to }).collect();
    (after, ended)
}
