//! The command line. It reads the world's wishes (arguments, environment, today's date), calls one stage
//! after the other, and says what came of it. Data goes to standard output, everything else to standard error.

mod calendar;
mod check;
mod convert;
mod diff;
mod ecosystems;
mod eol;
mod explain;
mod failure;
mod input;
mod licenses;
mod merge;
mod network;
mod notices;
mod output;
mod policy;
mod policy_file;
mod quality;
mod scan;
mod verify;
mod world;
mod writing;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

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

Exit codes: 0 done, or passed; 1 the policy denies something; 2 packlist could not do it";

/// Makes the packing list (SBOM) of a container image or source tree, and judges any such list.
///
/// Nothing is executed, and nothing is fetched but what you ask for by name. Nothing is written but what -o names
/// and, in the user's cache folder, what was read of an image's layers (--no-cache leaves it).
#[derive(Debug, Parser)]
#[command(name = "packlist", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Convert(convert::Arguments),
    Diff(diff::Arguments),
    Ecosystems(ecosystems::Arguments),
    Eol(eol::Arguments),
    Explain(explain::Arguments),
    Licenses(licenses::Arguments),
    Merge(merge::Arguments),
    Notices(notices::Arguments),
    Policy(policy::Arguments),
    Quality(quality::Arguments),
    Scan(scan::Arguments),
    Verify(verify::Arguments),
}

/// What a command comes to when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    /// The policy denies something.
    Denied,
}

pub(crate) fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let is_error = error.use_stderr();
            // Nobody is left to tell when the terminal itself is gone.
            let _ = error.print();
            return if is_error { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let outcome = match arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Convert(arguments) => convert::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Ecosystems(arguments) => ecosystems::run(arguments),
        Command::Eol(arguments) => eol::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Licenses(arguments) => licenses::run(arguments),
        Command::Merge(arguments) => merge::run(arguments),
        Command::Notices(arguments) => notices::run(arguments),
        Command::Policy(arguments) => policy::run(arguments),
        Command::Quality(arguments) => quality::run(arguments),
        Command::Scan(arguments) => scan::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Denied) => ExitCode::from(1),
        Err(Failure::Output { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => {
            // The reader had enough, as `head` does.
            ExitCode::from(2)
        }
        Err(failure) => {
            failure.tell();
            ExitCode::from(2)
        }
    }
}
