//! Which dates ends of support are judged by: those that came with packlist, or newer ones that the user fetched.
//!
//! Newer dates are fetched by `packlist eol update` and by nothing else. They lie in the user's data folder; what
//! lies there is used only while it is whole and newer than what came with packlist.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use packlist::eol::{self, Calendar, Fresh};
use packlist::source::{Http, HttpError};

use super::failure::Failure;
use super::network::Network;
use super::{Outcome, world};

/// Where in the data folder they lie.
const PLACE: &str = "packlist/eol/endoflife.tsv";

const EXAMPLES: &str = "\
Examples:
  packlist eol update                                  from endoflife.date
  packlist eol update --url https://mirror.example.org/eol.json
  curl -o eol.json \"$(packlist eol update --print-url)\" && packlist eol update --from eol.json
Only an answer that is whole, understood and newer takes the place of the dates in use; else they stay.";

/// Which dates are judged by.
#[derive(Debug, Args, Default)]
pub(super) struct CalendarWish {
    /// A calendar of your own, added to the one that comes with packlist; may be repeated
    #[arg(long, value_name = "FILE")]
    calendar: Vec<PathBuf>,
    /// Judge by the dates that came with packlist, not by those of `packlist eol update`
    #[arg(long)]
    shipped_calendar: bool,
}

impl CalendarWish {
    /// The newest calendar there is, with the user's own added.
    pub(super) fn read(&self) -> Result<Calendar, Failure> {
        let mut calendar = if self.shipped_calendar { eol::shipped() } else { newest() };
        for path in &self.calendar {
            let text =
                fs::read_to_string(path).map_err(|source| Failure::File { path: path.clone(), source })?;
            calendar.add(&text, &path.display().to_string()).map_err(|error| {
                Failure::usage(
                    format!("the calendar `{}` cannot be used: {error}", path.display()),
                    "a line `@id`, tab, its name; then a line a cycle: name, released, end of active support, \
                     end of security support, tabs between, `-` where there is none",
                )
            })?;
        }
        Ok(calendar)
    }
}

/// Fetches newer dates of ends of support, and keeps them for the next runs
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Update {
    /// Take them from this file: an answer of the API, or what `update` stored on another machine
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "print_url"])]
    from: Option<PathBuf>,
    /// Ask this address instead of endoflife.date
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Only print the address
    #[arg(long)]
    print_url: bool,
    #[command(flatten)]
    network: Network,
}

pub(super) fn update(wish: &Update) -> Result<Outcome, Failure> {
    let url = wish.url.as_deref().unwrap_or(eol::URL);
    if wish.print_url {
        super::output::write(None, &format!("{url}\n"))?;
        return Ok(Outcome::Done);
    }
    let place = place().ok_or_else(|| {
        Failure::usage("there is no folder to keep the dates in", "set HOME, or XDG_DATA_HOME to a folder")
    })?;
    let (bytes, whence) = match &wish.from {
        Some(path) => (limited(path)?, path.display().to_string()),
        None => (fetched(url, &wish.network)?, url.to_owned()),
    };
    let fresh = eol::refreshed(&bytes, &newest(), world::today(None)?)
        .map_err(|source| Failure::Calendar { whence, source })?;
    keep(&place, &fresh.stored).map_err(|source| Failure::Output { path: place.clone(), source })?;
    super::output::write(None, &summary(&fresh, &place))?;
    Ok(Outcome::Done)
}

fn fetched(url: &str, network: &Network) -> Result<Vec<u8>, Failure> {
    let ask =
        || -> Result<Vec<u8>, HttpError> { Http::new(network.options())?.get(url)?.bytes(eol::LARGEST) };
    Ok(ask()?)
}

fn summary(fresh: &Fresh, place: &Path) -> String {
    format!(
        "calendar of {}: {} products, {} releases; new: {} products, {} releases; {} ends moved\nkept in {}\n",
        fresh.day,
        fresh.products,
        fresh.cycles,
        fresh.new_products,
        fresh.new_cycles,
        fresh.moved,
        place.display()
    )
}

/// The dates that were fetched, where they are whole and newer; else those that came with packlist.
fn newest() -> Calendar {
    let shipped = eol::shipped();
    let Some(place) = place().filter(|place| place.is_file()) else { return shipped };
    let read = limited(&place)
        .map_err(|error| error.to_string())
        .and_then(|bytes| eol::stored(&String::from_utf8_lossy(&bytes)).map_err(|error| error.to_string()));
    match read {
        Ok(fetched) if fetched.day() > shipped.day() => fetched,
        Ok(_) => shipped,
        Err(error) => {
            let place = place.display();
            world::note(&format!("the dates in `{place}` are not used: {error}; run `packlist eol update`"));
            shipped
        }
    }
}

fn place() -> Option<PathBuf> {
    world::data_folder().map(|folder| folder.join(PLACE))
}

fn limited(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(eol::LARGEST).read_to_end(&mut bytes));
    read.map_err(|source| Failure::File { path: path.to_owned(), source })?;
    Ok(bytes)
}

/// Puts the text in the file's place at once: who reads meanwhile sees the old text or the new one.
fn keep(place: &Path, text: &str) -> io::Result<()> {
    let folder = place.parent().unwrap_or(place);
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!(".endoflife.{}.tsv", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, place)
    };
    write().inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    })
}
