//! `packlist notices`: the bundle of third-party notices that a release ships.

use clap::{Args, ValueEnum};
use packlist::inventory;
use packlist::notices::{self, Found, Notices};

use super::failure::Failure;
use super::input::{self, Input};
use super::{Outcome, output, world};

const EXAMPLES: &str = "\
Examples:
  packlist notices app.tar > NOTICES.txt
  packlist notices app.tar --format html > notices.html";

/// Writes the third-party notices: licence texts found beside the packages, copyright lines, and what is missing
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An image, a directory, or an SBOM (which holds no texts but those of its own licences)
    source: String,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    input: Input,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Markdown,
    Html,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let (bom, tree) = input::load_with_files(&arguments.source, &arguments.input, inventory::READMES)?;
    let found = notices::gather(&bom, |component| {
        let Some(tree) = &tree else { return Vec::new() };
        let beside =
            component.evidence.iter().flat_map(|evidence| inventory::license_files(&evidence.path, tree));
        let claimed = component.licenses.iter().filter_map(|claim| {
            let path = claim.path.clone()?;
            let bytes = tree.read(&path)?;
            Some((path, bytes))
        });
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let mut files: Vec<Found> = beside
            .chain(claimed)
            .map(|(path, bytes)| Found { path, text: text(bytes), is_of_readme: false })
            .collect();
        // Some licence files do not say whose the package is, and the README does.
        if !files.iter().any(notices::tells_whose) {
            let readmes = component
                .evidence
                .iter()
                .filter_map(|evidence| inventory::readme_notice(&evidence.path, tree));
            files.extend(readmes.map(|(path, section)| Found {
                path,
                text: section.to_owned(),
                is_of_readme: true,
            }));
        }
        files.sort();
        files.dedup();
        files
    });
    let write: fn(&Notices) -> String = match arguments.format {
        Format::Text => notices::text,
        Format::Markdown => notices::markdown,
        Format::Html => notices::html,
    };
    output::write(None, &write(&found))?;
    if found.gaps() > 0 {
        world::note(&format!(
            "{} of {} components lack a text that their licence asks for",
            found.gaps(),
            found.entries.len()
        ));
    }
    Ok(Outcome::Done)
}
