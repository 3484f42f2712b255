//! `packlist policy`: policies written, examined and tested.

use std::fmt::Write;

use clap::{Args, Subcommand};
use packlist::checker::{self, Policy, cases, init, lint, policies};
use packlist::eol;

use super::failure::Failure;
use super::input::{self, Input};
use super::{Outcome, output, policy_file, world};

const EXAMPLES: &str = "\
Examples:
  packlist policy init app.tar > packlist.toml     a first policy, under which app.tar passes
  packlist policy lint                             what is likely not meant in packlist.toml
  packlist policy lint --for app.tar               also names that match nothing in app.tar
  packlist policy test                             runs the [[case]]s in packlist.toml
  packlist policy show saas                        a policy that comes with packlist, with its comments
  packlist policy schema > packlist.schema.json    for editors that check TOML

Exit codes: 0 nothing to tell; 1 lint or test found something; 2 it could not be done";

/// Writes, examines and tests policies
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes a policy that lets what is there today pass for ninety days
    Init(Init),
    /// Tells what is likely not meant: rules never reached, waivers that are over
    Lint(Lint),
    /// Lists the policies that come with packlist
    List,
    /// Lists every check, with how severe it is
    Rules,
    /// Prints the JSON Schema of policy files
    Schema,
    /// Prints a policy that comes with packlist
    Show(Show),
    /// Runs the cases in a policy
    Test(Test),
}

#[derive(Debug, Args)]
struct Init {
    /// An image, a directory, or an SBOM
    source: String,
    /// The policy to build on, one that comes with packlist
    #[arg(long, value_name = "NAME", default_value = policies::DEFAULT)]
    extends: String,
    /// The day it is written, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    today: Option<String>,
    #[command(flatten)]
    input: Input,
}

#[derive(Debug, Args)]
struct Lint {
    /// A file, or a policy that comes with packlist [default: packlist.toml here or above]
    policy: Option<String>,
    /// An image, a directory, or an SBOM that the policy is for
    #[arg(long = "for", value_name = "SOURCE")]
    source: Option<String>,
    /// The day to judge by, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    today: Option<String>,
    #[command(flatten)]
    input: Input,
}

#[derive(Debug, Args)]
struct Show {
    /// One of `packlist policy list`
    name: String,
}

#[derive(Debug, Args)]
struct Test {
    /// A file, or a policy that comes with packlist [default: packlist.toml here or above]
    policy: Option<String>,
    /// The day to judge by, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    today: Option<String>,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    match arguments.command {
        Command::Init(arguments) => start(&arguments),
        Command::Lint(arguments) => examine(&arguments),
        Command::List => print(&list()),
        Command::Rules => print(&rules()),
        Command::Schema => print(&format!("{:#}\n", checker::json_schema())),
        Command::Show(arguments) => print(shipped_text(&arguments.name)?),
        Command::Test(arguments) => test(&arguments),
    }
}

fn print(text: &str) -> Result<Outcome, Failure> {
    output::write(None, text)?;
    Ok(Outcome::Done)
}

fn start(arguments: &Init) -> Result<Outcome, Failure> {
    let today = world::today(arguments.today.as_deref())?;
    let text = shipped_text(&arguments.extends)?;
    let parent = Policy::parse(&arguments.extends, text)
        .map_err(|errors| policy_file::refused(arguments.extends.clone(), &errors))?;
    let bom = input::load(&arguments.source, &arguments.input)?;
    print(&init::init(&parent, &bom, Some(&eol::shipped()), today))
}

fn examine(arguments: &Lint) -> Result<Outcome, Failure> {
    let today = world::today(arguments.today.as_deref())?;
    let chosen = policy_file::choose(arguments.policy.as_deref())?;
    let source = arguments.source.as_deref();
    let bom = source.map(|source| input::load(source, &arguments.input)).transpose()?;
    let lints = lint::lint(&chosen.policy, bom.as_ref(), today);
    let mut text = String::new();
    for lint in &lints {
        let _ = writeln!(text, "{}: {}\n  help: {}", lint.line, lint.message, lint.help);
    }
    let _ = match lints.len() {
        0 => writeln!(text, "`{}` has nothing to remark on", chosen.name),
        1 => writeln!(text, "1 remark on `{}`", chosen.name),
        count => writeln!(text, "{count} remarks on `{}`", chosen.name),
    };
    output::write(None, &text)?;
    Ok(if lints.is_empty() { Outcome::Done } else { Outcome::Denied })
}

fn test(arguments: &Test) -> Result<Outcome, Failure> {
    let today = world::today(arguments.today.as_deref())?;
    let chosen = policy_file::choose(arguments.policy.as_deref())?;
    let results = cases::run(&chosen.policy, today);
    let mut text = String::new();
    for result in results.iter().filter(|result| !result.passed()) {
        let case = result.case;
        let license = case.license.as_deref().unwrap_or("(nothing said)");
        let _ = writeln!(
            text,
            "{}: `{}` under `{license}` gets {}, not {}",
            case.line, case.purl, result.got, case.expect
        );
        for message in &result.messages {
            let _ = writeln!(text, "  {message}");
        }
    }
    let failed = results.iter().filter(|result| !result.passed()).count();
    let _ = writeln!(text, "{} cases passed, {failed} failed in `{}`", results.len() - failed, chosen.name);
    output::write(None, &text)?;
    Ok(if failed == 0 { Outcome::Done } else { Outcome::Denied })
}

fn shipped_text(name: &str) -> Result<&'static str, Failure> {
    policies::text(name).ok_or_else(|| {
        let names: Vec<&str> = policies::ALL.iter().map(|policy| policy.name).collect();
        Failure::usage(
            format!("no policy `{name}` comes with packlist"),
            format!("it may be one of: {}", names.join(", ")),
        )
    })
}

fn list() -> String {
    let mut text = String::new();
    for policy in policies::ALL {
        let default = if policy.name == policies::DEFAULT { " (used when none is named)" } else { "" };
        let _ = writeln!(text, "{:<20} {}{default}", policy.name, policy.about);
    }
    text
}

fn rules() -> String {
    let mut text = String::new();
    for rule in checker::rules::ALL {
        let severity = match rule.default {
            Some(checker::Action::Allow) => "off",
            Some(action) => action.name(),
            None => "policy",
        };
        let _ = writeln!(text, "{:<22} {severity:<7} {}", rule.code, rule.about);
    }
    text.push_str("\npolicy: its rules and defaults say how severe. The others are set in [checks].\n");
    text
}
