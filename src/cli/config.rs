//! `packlist config`: which options are set, and by whom.

use std::fmt::Write;

use clap::Args;

use super::failure::Failure;
use super::settings::Settings;
use super::{Outcome, output, settings, world};

const EXAMPLES: &str = "\
Examples:
  packlist config                         what is set here, and where
  packlist config check                   the same, for one command
  PACKLIST_POLICY=saas packlist config check

An option is taken from the command line, else from PACKLIST_CHECK_POLICY, else from PACKLIST_POLICY, else from
[options.check] in packlist.toml, else from [options] there. The rest of packlist.toml is the policy.";

/// Tells which options are set by packlist.toml and by variables
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Only what holds for this command: `check`, `policy init`
    command: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> Result<Outcome, Failure> {
    let mut text = match &settings.file {
        Some(file) => format!("file: {}\n", file.display()),
        None => format!("file: none ({} is looked for here and above)\n", settings::OWN_FILE),
    };
    let mut lines: Vec<(Vec<String>, String, String)> = Vec::new();
    for given in &settings.given {
        if !given.command.is_empty() && !given.command.starts_with(&arguments.command) {
            continue;
        }
        let command = given.command.join(" ");
        let option = format!("--{} {}", given.option, given.values.join(" "));
        let whence = given.whence.to_string();
        match lines.iter_mut().find(|(_, other, place)| *other == option && *place == whence) {
            Some((commands, ..)) => commands.push(command),
            None => lines.push((vec![command], option, whence)),
        }
    }
    let lines: Vec<[String; 3]> = lines
        .into_iter()
        .map(|(commands, option, whence)| {
            let commands = match commands.as_slice() {
                [all] if all.is_empty() => "every command".to_owned(),
                few if few.len() <= 3 => few.join(", "),
                many => format!("{} commands", many.len()),
            };
            [option, whence, commands]
        })
        .collect();
    if lines.is_empty() {
        text.push_str("nothing is set\n");
    }
    let widest = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths = [widest(0), widest(1)];
    for [option, whence, commands] in &lines {
        let _ = writeln!(text, "{option:0$}  {whence:1$}  {commands}", widths[0], widths[1]);
    }
    output::show(None, &text)?;
    for name in settings::strangers(settings) {
        world::note(&format!("the variable `{name}` is that of no option"));
    }
    Ok(Outcome::Done)
}
