//! `packlist verify-attestation`: whether a statement was signed with a key, and is about what one has.

use std::path::PathBuf;

use clap::Args;
use packlist::attestation::{self, Demand, Trusted};
use packlist::source::artifacts::MAX_DOCUMENT;

use super::failure::Failure;
use super::output::{self, Wish};
use super::remote::Remote;
use super::{Outcome, confinement, console, input, keys, subjects};

const EXAMPLES: &str = "\
Forms (-o):
  human       whose it is and what it says (the usual one)
  predicate   the SBOM or verdict inside, byte for byte
  statement   the whole statement

Examples:
  packlist verify-attestation app.intoto.json --key cosign.pub --subject oci:layout
  packlist verify-attestation app.intoto.json --key cosign.pub --type cyclonedx -o predicate=app.cdx.json
Certificates and logs of a Sigstore bundle are not looked at; cosign does that.
Exit codes: 0 verified; 1 not signed with the key, altered, or about something else; 2 it could not be verified";

/// Verifies an attestation: its signature, and what it is about
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// A DSSE envelope or a Sigstore bundle; of a file with one a line, the first that fits
    attestation: PathBuf,
    /// A public key (PEM) that may have signed it; may be repeated
    #[arg(long, value_name = "FILE", required = true)]
    key: Vec<PathBuf>,
    /// What it must be about: NAME@sha256:…, an image in a registry or an OCI layout, or a file; may be repeated
    #[arg(long, value_name = "SUBJECT")]
    subject: Vec<String>,
    /// Which of the platforms of the image in --subject
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<String>,
    /// What it must attest: cyclonedx, spdx, spdx3, verdict, or the address of a predicate type
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// What to write, and where to; may be repeated
    #[arg(short, long = "output", value_name = "FORM[=FILE]")]
    output: Vec<Wish>,
    #[command(flatten)]
    remote: Remote,
}

/// A way of writing what was verified.
struct Form {
    name: &'static str,
    render: fn(&Trusted) -> String,
}

const FORMS: &[Form] = &[
    Form { name: "human", render: human },
    Form { name: "predicate", render: |trusted| format!("{}\n", trusted.statement.predicate) },
    Form { name: "statement", render: |trusted| String::from_utf8_lossy(&trusted.payload).into_owned() },
];

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let forms =
        output::wished(arguments.output, "human", |name| output::chosen(FORMS, |form| form.name, name))?;
    let keys = keys::public(&arguments.key)?;
    let platform = input::platform(arguments.platform.as_deref())?;
    let registry = arguments.remote.options()?;
    let subjects = subjects::all(&arguments.subject, platform.as_ref(), registry.as_ref())?;
    let bytes = input::bytes(&arguments.attestation, MAX_DOCUMENT)?;
    confinement::enter();
    let demand = Demand { keys: &keys, kind: arguments.kind.as_deref(), subjects: &subjects };
    match attestation::trusted(&bytes, &demand) {
        Ok(trusted) => {
            for (file, form) in forms {
                output::put(file.as_deref(), form.name, &(form.render)(&trusted))?;
            }
            if subjects.is_empty() {
                console::note(
                    "what it is about was compared with nothing; --subject names what it must be about",
                );
            }
            Ok(Outcome::Done)
        }
        Err(source) if source.is_no_envelope() => {
            Err(Failure::Attestation { name: arguments.attestation.display().to_string(), source })
        }
        Err(refusal) => {
            console::note(&format!("not verified: {refusal}"));
            Ok(Outcome::Denied)
        }
    }
}

fn human(trusted: &Trusted) -> String {
    let statement = &trusted.statement;
    let mut text = format!("verified: {}\n", statement.predicate_type);
    for subject in &statement.subjects {
        text.push_str(&format!("   about: {}\n", subject.shown()));
    }
    text
}
