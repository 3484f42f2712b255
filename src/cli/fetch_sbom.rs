//! `packlist fetch-sbom`: the SBOM that lies beside an image.

use std::path::PathBuf;

use clap::Args;
use packlist::source;
use packlist::source::artifacts::Attached;

use super::attached::{self, Choice};
use super::failure::Failure;
use super::remote::Remote;
use super::{Outcome, confinement, console, input, keys, output};

const EXAMPLES: &str = "\
Looked for are manifests that refer to the image, BuildKit's attestations in its index, and the tags that cosign makes
of its digest (.att, .sbom); first what is about the platform, then what is about the whole index.

Examples:
  packlist fetch-sbom registry.example.org/app:1.4 --list
  packlist fetch-sbom oci:layout:1.4 --format spdx -o app.spdx.json
  packlist fetch-sbom oci:layout:1.4 --key cosign.pub > app.cdx.json";

/// Fetches the SBOM that is attached to an image
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The image: a name in a registry, or an OCI layout, oci:FOLDER[:TAG] or its tar
    image: String,
    /// Only list what is attached
    #[arg(long)]
    list: bool,
    /// Which kind: cyclonedx, spdx or syft
    #[arg(long, value_name = "KIND")]
    format: Option<String>,
    /// Which of them, by its digest in the list
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// Which of the image's platforms
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<String>,
    /// Take only what is signed with this public key (PEM); may be repeated
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// Write an attestation as it is, and not the SBOM inside
    #[arg(long)]
    raw: bool,
    /// Where to write it [default: standard output]
    #[arg(short, long = "output", id = "written", value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let keys = keys::public(&arguments.key)?;
    let platform = input::platform(arguments.platform.as_deref())?;
    confinement::enter();
    let home = source::home(&arguments.image, arguments.remote.options()?.as_ref())?;
    if arguments.list {
        let found = attached::list(&*home, platform.as_ref())?;
        output::show(arguments.output.as_deref(), &listed(&found))?;
        return Ok(Outcome::Done);
    }
    let choice = Choice {
        platform: platform.as_ref(),
        format: arguments.format.as_deref(),
        digest: arguments.digest.as_deref(),
        keys: &keys,
    };
    let Some(fetched) = attached::fetch(&*home, &choice)? else {
        return Err(Failure::usage(
            format!("no such SBOM is attached to `{}`", arguments.image),
            "--list shows what is",
        ));
    };
    console::note(&fetched.told());
    let document = if arguments.raw { fetched.raw } else { fetched.document };
    output::write(arguments.output.as_deref(), &String::from_utf8_lossy(&document))?;
    Ok(Outcome::Done)
}

/// A line each.
fn listed(found: &[Attached]) -> String {
    let line = |it: &Attached| {
        let what = it.predicate_type.as_deref().unwrap_or(&it.media_type);
        format!(
            "{:<10} {:<9} {} {:>9}  about {}  {what}\n",
            it.kind.name(),
            it.way.name(),
            it.digest,
            it.size,
            it.about
        )
    };
    found.iter().map(line).collect()
}
