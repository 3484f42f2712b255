//! `packlist ecosystems`: what can be read.

use std::fmt::Write;

use clap::Args;
use packlist::inventory::ecosystems::ALL;

use super::failure::Failure;
use super::{Outcome, output};

/// Lists what packlist reads, and from which files
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: Arguments) -> Result<Outcome, Failure> {
    output::write(None, &table())?;
    Ok(Outcome::Done)
}

/// The table, as README shows it.
fn table() -> String {
    let mut table = String::from("| ecosystem | what | files |\n|---|---|---|\n");
    for ecosystem in ALL {
        let files: Vec<String> = ecosystem.reads.iter().map(|pattern| format!("`{pattern}`")).collect();
        let _ = writeln!(table, "| {} | {} | {} |", ecosystem.name, ecosystem.about, files.join(", "));
    }
    table
}
