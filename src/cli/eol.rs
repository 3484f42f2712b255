//! `packlist eol`: what nobody looks after any more, and what will not be for much longer.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use packlist::eol::{self, Terms};
use packlist::report::eol::{self as eol_report, EolReport};

use super::calendar::{self, CalendarWish};
use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::{Outcome, world};

const EXAMPLES: &str = "\
Examples:
  packlist eol app.tar
  packlist eol app.cdx.json --today 2027-06-30        what will be over by then
  packlist eol app.tar --contract ubuntu-pro=2030-04-23
  packlist eol app.tar --calendar our-products.tsv    with products of your own
  packlist eol update                                 newer dates from endoflife.date
A package of a distribution lives and dies with the distribution's release, whatever its own version.";

/// Lists releases by the day on which their support ends
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// An image, a directory, or an SBOM of any tool (a folder called `update`: ./update)
    #[arg(required = true)]
    source: Option<String>,
    /// The day to judge by, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    today: Option<String>,
    /// How many days before its end something counts as ending
    #[arg(long, value_name = "DAYS", default_value_t = eol::SOON)]
    soon: u32,
    /// Extended support that you pay for, and its last day; may be repeated
    #[arg(long, value_name = "NAME[=DATE]")]
    contract: Vec<String>,
    #[command(flatten)]
    calendar: CalendarWish,
    /// What to write, and where to; may be repeated
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Wish>,
    #[command(flatten)]
    input: Input,
}

#[derive(Debug, Subcommand)]
enum Command {
    Update(calendar::Update),
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    if let Some(Command::Update(update)) = arguments.command {
        return calendar::update(&update);
    }
    let source = arguments.source.unwrap_or_default();
    let formats = output::wished(arguments.output, "human", |name| {
        output::chosen(eol_report::ALL, |format| format.name, name)
    })?;
    let today = world::today(arguments.today.as_deref())?;
    let terms = Terms { today, soon: arguments.soon, contracts: contracts(&arguments.contract)? };
    let calendar = arguments.calendar.read()?;
    let bom = input::load(&source, &arguments.input)?;
    input::tell_gaps(&bom);
    let rows = eol::judge(&bom, &calendar, &terms);
    let report = EolReport { bom: &bom, rows: &rows, calendar: &calendar, today, source: &source };
    for (file, format) in formats {
        output::put(file.as_deref(), format.name, &(format.render)(&report))?;
    }
    Ok(Outcome::Done)
}

fn contracts(wishes: &[String]) -> Result<BTreeMap<String, Option<NaiveDate>>, Failure> {
    let contract = |wish: &String| match wish.split_once('=') {
        None => Ok((wish.clone(), None)),
        Some((name, day)) => match day.parse() {
            Ok(day) => Ok((name.to_owned(), Some(day))),
            Err(_) => Err(Failure::usage(
                format!("`{day}` is not a day"),
                "write it as YYYY-MM-DD: --contract ubuntu-pro=2030-04-23",
            )),
        },
    };
    wishes.iter().map(contract).collect()
}
