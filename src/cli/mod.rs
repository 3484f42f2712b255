//! The command line. It reads the world's wishes (arguments, environment, today's date), calls one stage
//! after the other, and says what came of it. Data goes to standard output, everything else to standard error.

mod attach;
mod attached;
mod attest;
mod buildkit;
mod calendar;
mod check;
mod completions;
mod config;
mod confinement;
mod console;
mod convert;
mod diff;
mod ecosystems;
mod eol;
mod explain;
mod failure;
mod fetch_sbom;
mod input;
mod keys;
mod licenses;
mod man;
mod merge;
mod network;
mod notices;
mod output;
mod paint;
mod passing;
mod policy;
mod policy_file;
mod progress;
mod quality;
mod remote;
mod scan;
mod settings;
mod subjects;
mod tree;
mod verify;
mod verify_attestation;
mod world;
mod writing;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, ValueHint};

use console::Manner;
use failure::Failure;
use settings::Settings;

const EXAMPLES: &str = "\
Examples:
  docker save app:1.4 -o app.tar
  packlist scan app.tar                            what is in the image, as a table
  packlist scan app.tar -o cyclonedx-json=app.cdx.json -o spdx-json=app.spdx.json
  packlist check app.tar --policy container-baseline
  packlist diff app-1.3.cdx.json app.tar           what changed since the last release
  packlist explain app.tar pkg:npm/lodash          where a component comes from
  packlist policy init app.tar > packlist.toml     a first policy, under which it passes
  packlist eol app.tar                             what is out of support, and what soon will be
  packlist verify app.cdx.json app.tar             does the SBOM tell the truth about the image?
  packlist attest oci:layout --key key.pem         says, signed, what an image is made of
  packlist attach oci:layout app.cdx.json          puts an SBOM beside its image; fetch-sbom finds it there

Exit codes: 0 done, or passed; 1 the policy denies something; 2 packlist could not do it";

/// Makes the packing list (SBOM) of a container image or source tree, and judges any such list.
///
/// Nothing is executed, and nothing is fetched but what you ask for by name. Nothing is written but what -o names
/// and, in the user's cache folder, what was read of an image's layers (--no-cache leaves it).
#[derive(Debug, Parser)]
#[command(name = "packlist", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    manner: Manner,
    /// Where options and the policy are read from, in place of packlist.toml here or above; '' for nowhere
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        help_heading = "For every command"
    )]
    config: Option<OsString>,
    /// Keep the rights to everything else that this user may touch, which a run gives up otherwise (Linux)
    #[arg(long, global = true, help_heading = "For every command")]
    no_sandbox: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Attach(attach::Arguments),
    Attest(attest::Arguments),
    Buildkit(buildkit::Arguments),
    Check(check::Arguments),
    Completions(completions::Arguments),
    Config(config::Arguments),
    Convert(convert::Arguments),
    Diff(diff::Arguments),
    Ecosystems(ecosystems::Arguments),
    Eol(eol::Arguments),
    Explain(explain::Arguments),
    FetchSbom(fetch_sbom::Arguments),
    Licenses(licenses::Arguments),
    Man(man::Arguments),
    Merge(merge::Arguments),
    Notices(notices::Arguments),
    Policy(policy::Arguments),
    Quality(quality::Arguments),
    Scan(scan::Arguments),
    Tree(tree::Arguments),
    Verify(verify::Arguments),
    VerifyAttestation(verify_attestation::Arguments),
}

/// What a command comes to when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    /// The policy denies something.
    Denied,
}

pub(crate) fn run() -> ExitCode {
    let mut typed: Vec<OsString> = std::env::args_os().collect();
    if typed.len() == 1 && world::variable(buildkit::SOURCE).is_some() {
        typed.push(buildkit::NAME.into());
    }
    let settings = match settings::read(&Arguments::command(), &typed) {
        Ok(settings) => settings,
        Err(failure) => {
            // Help can be had whatever stands in a file.
            return match Arguments::try_parse_from(&typed) {
                Err(error) if !error.use_stderr() => refused(&error, &Settings::default()),
                _ => failed(&failure),
            };
        }
    };
    let (arguments, matches, excluded) = match parsed(&typed, &settings) {
        Ok(parsed) => parsed,
        Err(error) => return refused(&error, &settings),
    };
    console::settle(&arguments.manner);
    if !arguments.no_sandbox {
        confinement::settle(&matches);
    }
    tell_settings(&settings, &matches, &excluded);
    let outcome = carry_out(arguments.command, &settings);
    console::wipe();
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Denied) => ExitCode::from(1),
        Err(Failure::Output { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => {
            // The reader had enough, as `head` does.
            ExitCode::from(2)
        }
        Err(failure) => failed(&failure),
    }
}

fn failed(failure: &Failure) -> ExitCode {
    failure.tell();
    ExitCode::from(2)
}

/// The arguments, as they are used and as clap has them, and the options that others exclude.
type Parsed = (Arguments, ArgMatches, BTreeSet<clap::Id>);

/// What was typed, and what is set for the rest. What is set gives way to what is typed and excludes it.
fn parsed(typed: &[OsString], settings: &Settings) -> Result<Parsed, clap::Error> {
    let mut excluded = BTreeSet::new();
    loop {
        let mut command = settings::applied(Arguments::command(), settings, &excluded);
        let matches = command.try_get_matches_from_mut(typed)?;
        let more = set_and_excluded(&command, &matches);
        if more.is_subset(&excluded) {
            let arguments =
                Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
            return Ok((arguments, matches, excluded));
        }
        excluded.extend(more);
    }
}

/// Options that conflict with others that were typed.
fn set_and_excluded(root: &clap::Command, matches: &ArgMatches) -> BTreeSet<clap::Id> {
    let (mut command, mut matches) = (root, matches);
    while let Some((name, inner)) = matches.subcommand() {
        let Some(found) = command.find_subcommand(name) else { break };
        (command, matches) = (found, inner);
    }
    let is_typed =
        |arg: &clap::Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
    let excludes = |one: &clap::Arg, other: &clap::Arg| {
        command.get_arg_conflicts_with(one).iter().any(|arg| arg.get_id() == other.get_id())
    };
    let mut excluded = BTreeSet::new();
    for typed in command.get_arguments().filter(|arg| is_typed(arg)) {
        for other in command.get_arguments().filter(|arg| !is_typed(arg)) {
            if excludes(typed, other) || excludes(other, typed) {
                excluded.insert(other.get_id().clone());
            }
        }
    }
    excluded
}

/// Help, or what is wrong with the arguments; and who set them where nobody typed them.
fn refused(error: &clap::Error, settings: &Settings) -> ExitCode {
    let is_error = error.use_stderr();
    // Nobody is left to tell when the terminal itself is gone.
    let _ = error.print();
    if let (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(ContextValue::String(option))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    {
        let value = match error.get(ContextKind::InvalidValue) {
            Some(ContextValue::String(value)) => value.as_str(),
            _ => "",
        };
        let is_meant = |given: &&settings::Given| {
            option.starts_with(&format!("--{}", given.option)) && given.values.iter().any(|set| set == value)
        };
        if let Some(given) = settings.given.iter().find(is_meant) {
            world::note(&format!("`--{}` is set by {}", given.option, given.whence));
        }
    }
    if is_error { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

/// For who wants details: what was not typed.
fn tell_settings(settings: &Settings, matches: &ArgMatches, excluded: &BTreeSet<clap::Id>) {
    let mut path = Vec::new();
    let mut at = matches;
    while let Some((name, inner)) = at.subcommand() {
        path.push(name.to_owned());
        at = inner;
    }
    for given in settings.given.iter().filter(|given| given.command == path || given.command.is_empty()) {
        if !excluded.contains(&given.id)
            && at.try_contains_id(given.id.as_str()).is_ok()
            && at.value_source(given.id.as_str()) == Some(ValueSource::DefaultValue)
        {
            console::detail(|| {
                format!("--{} {} is set by {}", given.option, given.values.join(" "), given.whence)
            });
        }
    }
}

fn carry_out(command: Command, settings: &Settings) -> Result<Outcome, Failure> {
    match command {
        Command::Attach(arguments) => attach::run(&arguments),
        Command::Attest(arguments) => attest::run(arguments),
        Command::Buildkit(arguments) => buildkit::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Config(arguments) => config::run(&arguments, settings),
        Command::Convert(arguments) => convert::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Ecosystems(arguments) => ecosystems::run(arguments),
        Command::Eol(arguments) => eol::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::FetchSbom(arguments) => fetch_sbom::run(arguments),
        Command::Licenses(arguments) => licenses::run(arguments),
        Command::Man(arguments) => man::run(&arguments),
        Command::Merge(arguments) => merge::run(arguments),
        Command::Notices(arguments) => notices::run(arguments),
        Command::Policy(arguments) => policy::run(arguments),
        Command::Quality(arguments) => quality::run(arguments),
        Command::Scan(arguments) => scan::run(arguments),
        Command::Tree(arguments) => tree::run(&arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::VerifyAttestation(arguments) => verify_attestation::run(arguments),
    }
}

/// The command line as it is, for what is made of its description.
fn described() -> clap::Command {
    Arguments::command()
}

#[cfg(test)]
#[path = "../../tests/snippets/mod.rs"]
mod snippets;

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(words: &[String], place: &str) {
        if let Err(error) = Arguments::try_parse_from(words) {
            assert!(!error.use_stderr(), "{place}: {words:?}\n{error}");
        }
    }

    #[test]
    fn the_command_line_is_whole() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_in_the_docs_is_understood() {
        let mut count = 0;
        for snippet in snippets::all() {
            for words in snippets::calls(&snippet.text) {
                understood(&words, &format!("{}:{}", snippet.page, snippet.line));
                count += 1;
            }
        }
        assert!(count > 40, "{count} commands were found");
    }

    #[test]
    fn every_example_of_the_help_is_understood() {
        let mut open = vec![described()];
        let mut without = Vec::new();
        while let Some(command) = open.pop() {
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<&str> =
                after.lines().map(str::trim).filter(|line| line.starts_with("packlist ")).collect();
            for example in &examples {
                // What the example is for stands behind two spaces.
                let line = example.split("  ").next().unwrap_or_default();
                for words in snippets::calls(line) {
                    understood(&words, command.get_name());
                }
            }
            if examples.is_empty() && command.get_arguments().any(clap::Arg::is_positional) {
                without.push(command.get_name().to_owned());
            }
            open.extend(command.get_subcommands().cloned());
        }
        // Of these the command above has the examples.
        without.retain(|name| !["init", "lint", "show", "test"].contains(&name.as_str()));
        assert!(without.is_empty(), "without an example: {without:?}");
    }
}
