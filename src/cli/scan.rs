//! `packlist scan`: makes the list.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;
use packlist::bom::Bom;
use packlist::drift;
use packlist::emitter::{self, Format};
use packlist::eol::{self, Calendar, Terms};
use packlist::report::html::{self, ListReport, Support};
use packlist::report::{self, summary};

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
  alpine:3.20                 an image in a registry, where no file of that name lies; registry:alpine:3.20 and
                              docker://ghcr.io/team/app@sha256:… always mean one
  tar:path                    a tar of files, or any tar in gzip, zstd or xz
  file:path                   a package (deb, rpm, apk, jar, wheel), zip archive, program or lockfile
  -                           any of these on standard input
The scheme of files and folders may be left out: it is found out.

Examples:
  packlist scan app.tar
  packlist scan . -o cyclonedx-json=app.cdx.json
  docker save app:1.4 | packlist scan -
  packlist scan app.tar -o html=app.html             a page for a browser
  packlist scan oci:layout --platform linux/arm64 -o spdx-json -o table=packages.txt
  packlist scan registry.example.com:5000/team/app:1.4 -o cyclonedx-json=app.cdx.json
  packlist scan alpine:3.20 --all-platforms -o cyclonedx-json=alpine-{platform}.cdx.json";

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
    /// A list for every platform the image comes in, and on standard output what differs between them; the files'
    /// names have {platform} in them
    #[arg(long, conflicts_with = "platform")]
    all_platforms: bool,
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
    if arguments.all_platforms {
        return run_all(arguments);
    }
    let documents = output::wished(arguments.output, "table", Document::named)?;
    let epoch = world::source_date_epoch()?;
    let today = today(arguments.today.as_deref(), epoch.as_deref())?;
    // Before anything is read that others made: afterwards the user's own files are out of reach.
    let calendar = calendar_for(&documents, &arguments.calendar)?;
    let mut bom = input::load(&arguments.source, &arguments.input)?;
    if let Some(name) = arguments.name {
        bom.subject.name = name;
    }
    arguments.writing.complete(&mut bom);
    input::tell_gaps(&bom);
    input::tell_deceptions(&bom);
    let summary = |width| summary::of_scan(&bom, &arguments.source, width);
    let desk = Desk {
        source: &arguments.source,
        writing: &arguments.writing,
        calendar: calendar.as_ref(),
        epoch,
        today,
    };
    for (file, document) in &documents {
        desk.write(&bom, *document, file.as_deref())?;
    }
    let written: Vec<_> =
        documents.iter().map(|(file, document)| (file.is_some(), document.name())).collect();
    output::summarise(&written, summary);
    // The program ends here, and to free a large list piece by piece takes a fifth as long as to read it.
    std::mem::forget(bom);
    Ok(Outcome::Done)
}

fn today(asked: Option<&str>, epoch: Option<&str>) -> Result<NaiveDate, Failure> {
    world::today(asked.or(epoch.and_then(|epoch| epoch.get(..10))))
}

/// The calendar, where a page is wished for.
fn calendar_for(
    documents: &[output::Place<Document>],
    wish: &CalendarWish,
) -> Result<Option<Calendar>, Failure> {
    let wants_page = documents.iter().any(|(_, document)| matches!(document, Document::Page));
    if wants_page { wish.read().map(Some) } else { Ok(None) }
}

/// What every document is written with.
struct Desk<'a> {
    source: &'a str,
    writing: &'a Writing,
    /// Absent where no page is wished for.
    calendar: Option<&'a Calendar>,
    epoch: Option<String>,
    today: NaiveDate,
}

impl Desk<'_> {
    fn write(&self, bom: &Bom, document: Document, file: Option<&Path>) -> Result<(), Failure> {
        match document {
            Document::Summary => output::show(file, &summary::of_scan(bom, self.source, world::width())),
            Document::List(format) => {
                let stamp = check::stamp(bom, self.epoch.clone());
                let document = console::step("writing", || self.writing.emit(bom, stamp, format))?;
                output::put(file, format.name, &document)
            }
            Document::Page => {
                let page = console::step("writing", || page(bom, self.source, self.calendar, self.today));
                output::put(file, PAGE, &self.writing.fits(PAGE, page)?)
            }
        }
    }
}

/// What stands for the platform in the name of a file.
const PLATFORM: &str = "{platform}";

fn run_all(arguments: Arguments) -> Result<Outcome, Failure> {
    let formats = match arguments.output.is_empty() {
        true => Vec::new(),
        false => output::wished(arguments.output, "table", Document::named)?,
    };
    let names_platform =
        |file: &Option<PathBuf>| file.as_ref().is_some_and(|file| file.to_string_lossy().contains(PLATFORM));
    if let Some((_, document)) = formats.iter().find(|(file, _)| !names_platform(file)) {
        let name = document.name();
        return Err(Failure::usage(
            format!("the lists of all platforms cannot go to one place as {name}"),
            format!("let the name of the file say which it is: -o {name}=app-{PLATFORM}.out"),
        ));
    }
    let epoch = world::source_date_epoch()?;
    let today = today(arguments.today.as_deref(), epoch.as_deref())?;
    let calendar = calendar_for(&formats, &arguments.calendar)?;
    let mut boms = input::load_all(&arguments.source, &arguments.input)?;
    let platforms = platforms(&boms);
    let desk = Desk {
        source: &arguments.source,
        writing: &arguments.writing,
        calendar: calendar.as_ref(),
        epoch,
        today,
    };
    for (bom, platform) in boms.iter_mut().zip(&platforms) {
        if let Some(name) = &arguments.name {
            bom.subject.name.clone_from(name);
        }
        arguments.writing.complete(bom);
        input::tell_gaps(bom);
        input::tell_deceptions(bom);
        for (file, document) in &formats {
            let file = file.as_deref().unwrap_or(Path::new("")).to_string_lossy();
            let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
            let platform: String = platform.chars().map(plain).collect();
            let file = PathBuf::from(file.replace(PLATFORM, &platform));
            desk.write(bom, *document, Some(&file))?;
        }
    }
    output::show(None, &report::skew(&drift::skew(&boms), &platforms))?;
    Ok(Outcome::Done)
}

/// What each is for; those that are for the same are numbered, as images of several Windows are.
fn platforms(boms: &[Bom]) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut platforms = Vec::new();
    for bom in boms {
        let platform = bom.subject.platform.as_deref().unwrap_or("unknown");
        let count = seen.entry(platform).or_default();
        *count += 1;
        platforms.push(if *count == 1 { platform.to_owned() } else { format!("{platform}-{count}") });
    }
    platforms
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
