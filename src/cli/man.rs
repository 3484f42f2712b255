//! `packlist man`: the pages of the manual, one for each command.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man;

use super::failure::Failure;
use super::{Outcome, described, output};

const EXAMPLES: &str = "\
Examples:
  packlist man ~/.local/share/man/man1      a page for each command
  packlist man | man -l -                   the first page, read at once";

/// Writes the pages of the manual
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The folder they go to; without it the first page goes to standard output
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut root = described().disable_help_subcommand(true);
    root.build();
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

fn page(command: &Command, name: &str) -> Result<String, Failure> {
    // A page's own name; clap knows a command inside another by its last word only.
    let command = command.clone().name(name.to_owned()).display_name(name.to_owned());
    let mut page = Vec::new();
    let written = Man::new(command).manual("packlist").render(&mut page);
    written.map_err(|source| Failure::Output { path: PathBuf::from(format!("{name}.1")), source })?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
