//! `packlist explain`: where a component comes from and what is known of it.

use clap::Args;
use packlist::report::explain;

use super::failure::Failure;
use super::input::{self, Input};
use super::{Outcome, output};

/// Explains one component: layer and command, file and line, owner, who needs it, its licence claims
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// An image, a directory, or an SBOM
    source: String,
    /// The component: a purl (qualifiers and version may be left out), NAME@VERSION or NAME
    component: String,
    #[command(flatten)]
    input: Input,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let bom = input::load(&arguments.source, &arguments.input)?;
    let meant = explain::meant(&bom, &arguments.component);
    if meant.is_empty() {
        let near = explain::nearby(&bom, &arguments.component);
        let near: Vec<&str> = near.iter().map(|reference| reference.0.as_str()).collect();
        return Err(Failure::Usage {
            message: format!("there is no component `{}` in `{}`", arguments.component, arguments.source),
            help: (!near.is_empty()).then(|| format!("it has {}", near.join(", "))),
        });
    }
    let pages: Vec<String> = meant.iter().map(|reference| explain::explain(&bom, reference)).collect();
    output::write(None, &pages.join("\n"))?;
    Ok(Outcome::Done)
}
