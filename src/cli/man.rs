//! `packlist man`: the pages of the manual, one for each command.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use clap::{Arg, Args, Command};
use clap_mangen::Man;

use super::failure::Failure;
use super::{Outcome, described, output};

const EXAMPLES: &str = "\
Examples:
  packlist man ~/.local/share/man/man1      a page for each command
  packlist man | man -l -                   the first page, read at once
  packlist man --markdown > commands.md     every command, for a site";

/// Writes the pages of the manual
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The folder they go to; without it the first page goes to standard output
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// One page of Markdown with every command, on standard output
    #[arg(long, conflicts_with = "folder")]
    markdown: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut root = described().disable_help_subcommand(true);
    root.build();
    if arguments.markdown {
        output::write(None, &markdown(&root))?;
        return Ok(Outcome::Done);
    }
    let Some(folder) = &arguments.folder else {
        output::write(None, &page(&root, "packlist")?)?;
        return Ok(Outcome::Done);
    };
    fs::create_dir_all(folder).map_err(|source| Failure::Output { path: folder.clone(), source })?;
    let mut open = vec![("packlist".to_owned(), &root)];
    while let Some((name, command)) = open.pop() {
        output::write(Some(&folder.join(format!("{name}.1"))), &page(command, &name)?)?;
        open.extend(command.get_subcommands().map(|inner| (format!("{name}-{}", inner.get_name()), inner)));
    }
    Ok(Outcome::Done)
}

/// Every command with its arguments and options; those that all have are told once.
fn markdown(root: &Command) -> String {
    let mut text = String::from("# Commands\n\n");
    let mut open = vec![(root.get_name().to_owned(), root)];
    while let Some((name, command)) = open.pop() {
        section(&name, command, &mut text);
        let inner = command.get_subcommands().map(|inner| (format!("{name} {}", inner.get_name()), inner));
        open.extend(inner.collect::<Vec<_>>().into_iter().rev());
    }
    text
}

fn section(name: &str, command: &Command, text: &mut String) {
    let is_root = command.get_name() == name;
    let _ = writeln!(text, "## {name}\n");
    let about = command.get_long_about().or_else(|| command.get_about());
    let _ = writeln!(text, "{}.\n", about.map(ToString::to_string).unwrap_or_default().trim_end_matches('.'));
    let usage = command.clone().render_usage().to_string();
    let _ = writeln!(text, "```text\n{}\n```\n", usage.trim_start_matches("Usage: "));
    let shown = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && arg.get_id() != "help" && (is_root || !arg.is_global_set()));
    let rows: Vec<String> = shown.map(row).collect();
    if !rows.is_empty() {
        let _ = writeln!(text, "| | |\n|---|---|\n{}\n", rows.join("\n"));
    }
    if let Some(after) = command.get_after_help() {
        let _ = writeln!(text, "```text\n{}\n```\n", after.to_string().trim_end());
    }
}

fn row(arg: &Arg) -> String {
    let mut name = String::new();
    if let Some(short) = arg.get_short() {
        let _ = write!(name, "-{short}, ");
    }
    let values: Vec<&str> =
        arg.get_value_names().unwrap_or_default().iter().map(|name| name.as_str()).collect();
    match (arg.get_long(), arg.get_action().takes_values()) {
        (None, _) => name.push_str(&values.join(" ")),
        (Some(long), false) => name.push_str(&format!("--{long}")),
        (Some(long), true) => name.push_str(&format!("--{long} {}", values.join(" "))),
    }
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut help = help.replace('\n', " ");
    let possible: Vec<String> =
        arg.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if arg.get_action().takes_values() && !possible.is_empty() {
        let _ = write!(help, ": {}", possible.join(", "));
    }
    let usual: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into()).collect();
    if arg.get_action().takes_values() && !usual.is_empty() {
        let _ = write!(help, " (usually `{}`)", usual.join(" "));
    }
    format!("| `{}` | {} |", name.replace('|', "\\|"), help.replace('|', "\\|"))
}

fn page(command: &Command, name: &str) -> Result<String, Failure> {
    // A page's own name; clap knows a command inside another by its last word only.
    let command = command.clone().name(name.to_owned()).display_name(name.to_owned());
    let mut page = Vec::new();
    let written = Man::new(command).manual("packlist").render(&mut page);
    written.map_err(|source| Failure::Output { path: PathBuf::from(format!("{name}.1")), source })?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
