//! `packlist scan`: makes the list.

use chrono::NaiveDate;
use clap::Args;
use packlist::bom::Bom;
use packlist::emitter::{self, Format};
use packlist::eol::{self, Calendar, Terms};
use packlist::report::html::{self, ListReport, Support};
use packlist::report::summary;

use super::calendar::CalendarWish;
use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::writing::Writing;
use super::{Outcome, check, console, world};

const EXAMPLES: &str = "\
Sources:
  app.tar                     an image from `docker save`, or an OCI layout in a tar
  oci:layout[:tag]            an OCI layout folder; oci-archive: and docker-archive: for tars
  docker:image, podman:image  an image that they have on this machine
  containerd:image            an image in containerd's store; containers-storage: in podman's
  git:v1.2, git:path@main~2   a revision of a repository, without a checkout
  dir:path                    a source tree or an unpacked root file system
  tar:path                    a tar of files, or any tar in gzip, zstd or xz
  file:path                   a package (deb, rpm, apk, jar, wheel), zip archive, program or lockfile
  -                           any of these on standard input
The scheme of files and folders may be left out: it is found out.

Examples:
  packlist scan app.tar
  packlist scan . -o cyclonedx-json=app.cdx.json
  docker save app:1.4 | packlist scan -
  packlist scan app.tar -o html=app.html             a page for a browser
  packlist scan oci:layout --platform linux/arm64 -o spdx-json -o table=packages.txt";

/// Makes the packing list (SBOM) of an image, a directory or another SBOM
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An image, a directory, a file, or an SBOM; `-` for standard input
    source: String,
    /// What to write, and where to (standard output unless a file is named); may be repeated
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Wish>,
    /// What the list calls its subject
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The day by which the page tells ends of support, YYYY-MM-DD [default: that of SOURCE_DATE_EPOCH, else today]
    #[arg(long, value_name = "DATE")]
    today: Option<String>,
    #[command(flatten)]
    calendar: CalendarWish,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    input: Input,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let documents = output::wished(arguments.output, "table", Document::named)?;
    let epoch = world::source_date_epoch()?;
    let today =
        world::today(arguments.today.as_deref().or(epoch.as_deref().and_then(|epoch| epoch.get(..10))))?;
    // Before anything is read that others made: afterwards the user's own files are out of reach.
    let wants_page = documents.iter().any(|(_, document)| matches!(document, Document::Page));
    let calendar = if wants_page { Some(arguments.calendar.read()?) } else { None };
    let mut bom = input::load(&arguments.source, &arguments.input)?;
    if let Some(name) = arguments.name {
        bom.subject.name = name;
    }
    arguments.writing.complete(&mut bom);
    input::tell_gaps(&bom);
    input::tell_deceptions(&bom);
    let stamp = check::stamp(&bom, epoch);
    let summary = |width| summary::of_scan(&bom, &arguments.source, width);
    for (file, document) in &documents {
        match document {
            Document::Summary => output::show(file.as_deref(), &summary(world::width()))?,
            Document::List(format) => {
                let document =
                    console::step("writing", || arguments.writing.emit(&bom, stamp.clone(), format))?;
                output::put(file.as_deref(), format.name, &document)?;
            }
            Document::Page => {
                let page =
                    console::step("writing", || page(&bom, &arguments.source, calendar.as_ref(), today));
                output::put(file.as_deref(), PAGE, &arguments.writing.fits(PAGE, page)?)?;
            }
        }
    }
    let written: Vec<_> =
        documents.iter().map(|(file, document)| (file.is_some(), document.name())).collect();
    output::summarise(&written, summary);
    Ok(Outcome::Done)
}

/// A scan writes its list, a page about it, and what to say of it.
#[derive(Debug, Clone, Copy)]
enum Document {
    List(&'static Format),
    Page,
    Summary,
}

const PAGE: &str = "html";

impl Document {
    fn named(name: &str) -> Result<Self, Failure> {
        let lists = emitter::ALL.iter().map(Self::List);
        let all: Vec<Self> = lists.chain([Self::Page, Self::Summary]).collect();
        output::chosen(&all, |document| document.name(), name).copied()
    }

    fn name(self) -> &'static str {
        match self {
            Self::List(format) => format.name,
            Self::Page => PAGE,
            Self::Summary => output::SUMMARY,
        }
    }
}

fn page(bom: &Bom, source: &str, calendar: Option<&Calendar>, today: NaiveDate) -> String {
    let judged = |calendar| eol::judge(bom, calendar, &Terms::on(today));
    let rows = calendar.map(judged).unwrap_or_default();
    let support = Support { rows: &rows, today, calendar_day: calendar.and_then(Calendar::day) };
    html::list(&ListReport { bom, source, support })
}
