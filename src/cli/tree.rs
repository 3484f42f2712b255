//! `packlist tree`: what needs what, or who pulled something in.

use clap::Args;
use packlist::report::tree::{self, TreeOptions};

use super::failure::Failure;
use super::input::{self, Input};
use super::output::{self, Wish};
use super::{Outcome, console};

const EXAMPLES: &str = "\
Examples:
  packlist tree app.tar                       from the roots down
  packlist tree app.tar --depth 2
  packlist tree app.tar pkg:npm/lodash        who pulled it in, shortest way first
  packlist tree app.cdx.json lodash -o json=lodash.json";

/// Shows what needs what; with a component, who pulled it in
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An image, a directory, or an SBOM
    source: String,
    /// The component: a purl (qualifiers and version may be left out), NAME@VERSION or NAME
    component: Option<String>,
    /// How many steps from the roots, or from the component
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..))]
    depth: Option<u32>,
    /// What to write, and where to: text, json; may be repeated
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Wish>,
    #[command(flatten)]
    input: Input,
}

/// One way of writing a tree.
struct Format {
    name: &'static str,
    is_json: bool,
}

const FORMATS: &[Format] = &[Format { name: "json", is_json: true }, Format { name: "text", is_json: false }];

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let formats = output::wished(arguments.output.clone(), "text", |name| {
        output::chosen(FORMATS, |format| format.name, name)
    })?;
    let bom = input::load(&arguments.source, &arguments.input)?;
    input::tell_gaps(&bom);
    let options = TreeOptions { depth: arguments.depth.and_then(|depth| usize::try_from(depth).ok()) };
    let targets = match &arguments.component {
        None => None,
        Some(component) => Some(input::meant(&bom, component, &arguments.source)?),
    };
    for (file, format) in formats {
        let document = console::step("writing", || match (format.is_json, &targets) {
            (true, targets) => tree::json(&bom, targets.as_deref(), &options),
            (false, Some(targets)) => tree::inverted(&bom, targets, &options),
            (false, None) => tree::text(&bom, &options),
        });
        if format.is_json {
            output::write(file.as_deref(), &document)?;
        } else {
            output::show(file.as_deref(), &document)?;
        }
    }
    Ok(Outcome::Done)
}
