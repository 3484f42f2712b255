//! `packlist explain`: where a component comes from and what is known of it; or how a licence is read.

use clap::Args;
use packlist::licenses::{Dialect, read};
use packlist::report::{explain, licenses};

use super::failure::Failure;
use super::input::{self, Input};
use super::{Outcome, output};

const EXAMPLES: &str = "\
Examples:
  packlist explain app.tar pkg:npm/lodash           every lodash in it
  packlist explain app.tar lodash@4.17.21
  packlist explain 'GPL-2+ or Artistic' --as debian  how a licence is read";

/// Explains one component: layer and command, file and line, owner, who needs it, its licence claims. With a
/// licence and no component: how it is read, and what each branch asks for
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An image, a directory, or an SBOM; or a licence as somebody wrote it: 'GPL-2+ or Artistic'
    #[arg(value_name = "SOURCE|LICENCE")]
    source: String,
    /// The component: a purl (qualifiers and version may be left out), NAME@VERSION or NAME; or the subject by its name
    component: Option<String>,
    /// Who wrote the licence: debian, fedora, pypi, npm, maven …
    #[arg(long = "as", value_name = "DIALECT", conflicts_with = "component")]
    dialect: Option<String>,
    #[command(flatten)]
    input: Input,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let Some(component) = &arguments.component else { return license(&arguments) };
    let bom = input::load(&arguments.source, &arguments.input)?;
    if explain::meant(&bom, component).is_empty()
        && let Some(page) = explain::subject(&bom, component)
    {
        output::show(None, &page)?;
        return Ok(Outcome::Done);
    }
    let meant = input::meant(&bom, component, &arguments.source)?;
    let pages: Vec<String> = meant.iter().map(|reference| explain::explain(&bom, reference)).collect();
    output::show(None, &pages.join("\n"))?;
    Ok(Outcome::Done)
}

fn license(arguments: &Arguments) -> Result<Outcome, Failure> {
    let written = &arguments.source;
    if std::path::Path::new(written).exists() {
        return Err(Failure::usage(
            format!("which component of `{written}` shall be explained?"),
            "name it behind the source: packlist explain SOURCE COMPONENT",
        ));
    }
    let dialect = match &arguments.dialect {
        None => Dialect::Generic,
        Some(name) => Dialect::from_name(name).ok_or_else(|| {
            let names: Vec<&str> = Dialect::ALL.into_iter().map(Dialect::name).collect();
            Failure::usage(format!("there is no dialect `{name}`"), format!("there are {}", names.join(", ")))
        })?,
    };
    let Some(expression) = read(written, dialect) else {
        return Err(Failure::usage(
            format!("`{written}` says nothing of a licence"),
            "write an expression or a name: packlist explain 'MIT OR GPL-2.0-only'",
        ));
    };
    output::show(None, &licenses::explained(written, &expression))?;
    Ok(Outcome::Done)
}
