//! `packlist check`: judges a list by a policy.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use packlist::attestation::{self, Demand, PublicKey};
use packlist::bom::Bom;
use packlist::checker::{self, Case, Verdict};
use packlist::emitter::{self, Stamp};
use packlist::report::html::Support;
use packlist::report::{self, Report, summary};
use packlist::source::{self, SourceError};

use super::attached::{self, Choice};
use super::calendar::CalendarWish;
use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::{Outcome, confinement, console, keys, policy_file, world};

const EXAMPLES: &str = "\
Examples:
  packlist check app.tar                                   by the policy for any image
  packlist check app.cdx.json --policy permissive-only
  packlist check app.tar --policy policy.toml -o human -o json=verdict.json
  packlist check app.tar -o human -o html=report.html      and a page for a browser
  packlist check app.tar --baseline app-1.3.cdx.json       only what is new counts
  packlist check app.tar --today 2027-06-30                what would fail on that day
  packlist check oci:layout --sbom attached --key cosign.pub   by the SBOM that lies beside the image, if signed

Without --policy, packlist.toml is looked for in this folder and those above it.
Exit codes: 0 passed; 1 the policy denies something; 2 it could not be checked";

/// Judges an image, a directory or any SBOM by a policy
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An image, a directory, or an SBOM of any tool
    source: String,
    /// Which SBOM of an image is judged: the one that reading it gives, or the one that is attached to it
    #[arg(id = "judged", long = "sbom", value_name = "WAY", value_enum, default_value_t)]
    sbom: SbomWay,
    /// Judge only an SBOM that is signed with this public key (PEM): an attestation; may be repeated
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// The policy: a file, or one that comes with packlist
    #[arg(short, long, value_name = "FILE|NAME")]
    policy: Option<String>,
    /// An earlier SBOM or image: what was wrong there already does not count
    #[arg(long, value_name = "SBOM|IMAGE")]
    baseline: Option<String>,
    /// The day to judge by, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    today: Option<String>,
    #[command(flatten)]
    calendar: CalendarWish,
    /// Show how each verdict was reached
    #[arg(long)]
    explain: bool,
    /// What to write, and where to (a report, or the list itself); may be repeated
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Wish>,
    #[command(flatten)]
    input: Input,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum SbomWay {
    #[default]
    Scan,
    Attached,
    /// Where none is attached, the image is read.
    AttachedOrScan,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let documents = output::wished(arguments.output.clone(), "human", Document::named)?;
    let today = world::today(arguments.today.as_deref())?;
    let epoch = world::source_date_epoch()?;
    let chosen = policy_file::choose(arguments.policy.as_deref())?;
    let calendar = arguments.calendar.read()?;
    let bom = bill(&arguments)?;
    let baseline = arguments
        .baseline
        .as_deref()
        .map(|baseline| input::load_plain(baseline, &arguments.input))
        .transpose()?;
    input::tell_gaps(&bom);
    let case = Case {
        bom: &bom,
        baseline: baseline.as_ref(),
        calendar: Some(&calendar),
        policy: &chosen.policy,
        today,
    };
    let findings = console::step("judging", || checker::check(&case));
    let verdict = Verdict::of(&findings, &chosen.policy);
    let ends = match documents.iter().any(|(_, document)| document.tells_support()) {
        true => case.ends_of_support(),
        false => Vec::new(),
    };
    let report = Report {
        bom: &bom,
        findings: &findings,
        verdict,
        policy: &chosen.policy,
        policy_name: &chosen.name,
        source: &arguments.source,
        has_baseline: baseline.is_some(),
        explained: arguments.explain,
        support: Some(Support { rows: &ends, today, calendar_day: calendar.day() }),
    };
    let summary = |width| summary::of_check(&report, width);
    for (file, document) in &documents {
        let text = console::step("writing", || document.written(&report, &bom, epoch.clone()));
        output::put(file.as_deref(), document.name(), &text)?;
    }
    let written: Vec<_> =
        documents.iter().map(|(file, document)| (file.is_some(), document.name())).collect();
    output::summarise(&written, summary);
    // The program ends here, and to free a large bill piece by piece takes longer than to judge it.
    std::mem::forget((bom, baseline, findings));
    Ok(if verdict == Verdict::Fail { Outcome::Denied } else { Outcome::Done })
}

/// The bill that is judged.
fn bill(arguments: &Arguments) -> Result<Bom, Failure> {
    let keys = keys::public(&arguments.key)?;
    let (source, input) = (arguments.source.as_str(), &arguments.input);
    if arguments.sbom == SbomWay::Scan {
        return if keys.is_empty() { input::load(source, input) } else { signed(source, input, &keys) };
    }
    let platform = input.platform()?;
    let choice = Choice { platform: platform.as_ref(), format: None, digest: None, keys: &keys };
    let may_scan = arguments.sbom == SbomWay::AttachedOrScan && keys.is_empty();
    let registry = input.registry()?;
    confinement::enter();
    let fetched = match source::home(source, registry.as_ref()) {
        Ok(home) => attached::fetch(&*home, &choice)?,
        Err(SourceError::NoHome { .. }) if may_scan => None,
        Err(error) => return Err(error.into()),
    };
    match fetched {
        Some(fetched) => {
            console::note(&fetched.told());
            input::load_document(&fetched.document, source, input)
        }
        None if may_scan => {
            console::note("no SBOM is attached; the image is read");
            input::load(source, input)
        }
        None => Err(Failure::usage(
            format!("no SBOM is attached to `{source}`"),
            "packlist attach puts one there; --sbom attached-or-scan reads the image where there is none",
        )),
    }
}

/// The bill in an attestation that one of the keys signed, and nothing else of its file.
fn signed(source: &str, input: &Input, keys: &[PublicKey]) -> Result<Bom, Failure> {
    confinement::enter();
    let Some((_, bytes)) = input::document(source)? else {
        return Err(Failure::usage(
            format!("`{source}` is no document, and cannot be signed"),
            "name an attestation, or judge one that is attached: --sbom attached",
        ));
    };
    let trusted = attestation::trusted(&bytes, &Demand { keys, ..Demand::default() })
        .map_err(|source_of| Failure::Attestation { name: source.to_owned(), source: source_of })?;
    input::load_document(&trusted.payload, source, input)
}

/// A check writes its report, and the list it judged.
enum Document {
    Report(&'static report::Format),
    List(&'static emitter::Format),
    Summary,
}

impl Document {
    fn named(name: &str) -> Result<Self, Failure> {
        if name == output::SUMMARY {
            return Ok(Self::Summary);
        }
        if let Some(format) = emitter::ALL.iter().find(|format| format.name == name) {
            return Ok(Self::List(format));
        }
        output::chosen(report::ALL, |format| format.name, name).map(Self::Report)
    }

    /// Whether it shows when support ends, which takes a while to find out.
    fn tells_support(&self) -> bool {
        matches!(self, Self::Report(format) if format.name == "html")
    }

    fn written(&self, report: &Report<'_>, bom: &Bom, epoch: Option<String>) -> String {
        match self {
            Self::Report(format) => (format.render)(report),
            Self::List(format) => (format.emit)(bom, &stamp(bom, epoch)),
            Self::Summary => summary::of_check(report, world::width()),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Report(format) => format.name,
            Self::List(format) => format.name,
            Self::Summary => output::SUMMARY,
        }
    }
}

/// What a document shows of the world: the time that is asked for, else the image's own.
pub(super) fn stamp(bom: &Bom, epoch: Option<String>) -> Stamp {
    Stamp {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        created: epoch.or_else(|| bom.subject.created.clone()),
        width: Some(world::width()),
        ..Stamp::default()
    }
}
