//! `packlist attest`: says by a statement, signed or not, what an image is made of or how it was judged.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use packlist::attestation::{self, Judgement, SigningKey};
use packlist::checker::{self, Case, Finding, Verdict};
use packlist::{emitter, reader, source};

use super::calendar::CalendarWish;
use super::failure::Failure;
use super::input::{self, Input};
use super::keys::Signing;
use super::output::{self, Wish};
use super::writing::Writing;
use super::{Outcome, check, confinement, policy_file, subjects, world};

const EXAMPLES: &str = "\
Forms (-o):
  statement   what is said, unsigned, for signing elsewhere (the usual one without --key)
  envelope    signed, in a DSSE envelope (the usual one with --key)
  bundle      signed, in a Sigstore bundle, as cosign 3 has it

Examples:
  packlist attest app.cdx.json --subject registry.example.org/app@sha256:… --key cosign.key -o envelope=app.intoto.json
  packlist attest oci:layout --format spdx-json --key key.pem        makes the SBOM; the layout says of which image
  packlist attest oci:layout --verdict --policy prod.toml --key key.pem -o bundle=verdict.sigstore.json
  packlist attest app.cdx.json --subject app.tar                     unsigned, about a file

The same key and statement give the same bytes. Keys: `openssl genpkey -algorithm ed25519`, `cosign generate-key-pair`.
Exit codes: 0 done; 1 done, and the verdict is that the policy denies something; 2 it could not be done";

/// Attests an SBOM, or the verdict on it: an in-toto statement, signed with a local key
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An SBOM, which is attested as it is, or an image or directory to make one of
    source: String,
    /// What it is about: NAME@sha256:…, an image in a registry or an OCI layout, or a file; may be repeated [default: the image
    /// that the SBOM says it is of]
    #[arg(long, value_name = "SUBJECT")]
    subject: Vec<String>,
    /// The format of an SBOM that is made
    #[arg(long, value_name = "FORMAT", default_value = "cyclonedx-json")]
    format: String,
    /// What the statement calls what it holds, instead of its usual name
    #[arg(long, value_name = "ADDRESS")]
    predicate_type: Option<String>,
    /// Attest what a check comes to, and not the SBOM
    #[arg(long)]
    verdict: bool,
    /// The policy of the verdict: a file, or one that comes with packlist
    #[arg(short, long, value_name = "FILE|NAME", requires = "verdict")]
    policy: Option<String>,
    /// The day to judge by, YYYY-MM-DD
    #[arg(long, value_name = "DATE", requires = "verdict")]
    today: Option<String>,
    #[command(flatten)]
    calendar: CalendarWish,
    #[command(flatten)]
    signing: Signing,
    /// What to write, and where to (standard output unless a file is named); may be repeated
    #[arg(short, long = "output", value_name = "FORM[=FILE]")]
    output: Vec<Wish>,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    input: Input,
}

/// A way of writing the statement.
struct Form {
    name: &'static str,
    /// `None` where nothing is signed.
    sign: Option<fn(&str, &SigningKey) -> String>,
}

const FORMS: &[Form] = &[
    Form { name: "bundle", sign: Some(attestation::bundle) },
    Form { name: "envelope", sign: Some(attestation::envelope) },
    Form { name: "statement", sign: None },
];

/// What is said, and of what.
struct Said {
    predicate: String,
    kind: &'static str,
    subjects: Vec<attestation::Subject>,
    outcome: Outcome,
}

pub(super) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let key = arguments.signing.key()?;
    let usual = if key.is_some() { "envelope" } else { "statement" };
    let forms = output::wished(arguments.output.clone(), usual, |name| {
        output::chosen(FORMS, |form| form.name, name)
    })?;
    if key.is_none() && forms.iter().any(|(_, form)| form.sign.is_some()) {
        return Err(Failure::usage("there is no key to sign with", "name one: --key key.pem"));
    }
    let said = if arguments.verdict { verdict(&arguments)? } else { sbom(&arguments)? };
    let kind = arguments.predicate_type.as_deref().unwrap_or(said.kind);
    let statement = attestation::statement(&said.subjects, kind, &said.predicate)
        .map_err(|source| Failure::Predicate { path: PathBuf::from(&arguments.source), source })?;
    for (file, form) in forms {
        let text = match (form.sign, &key) {
            (Some(sign), Some(key)) => sign(&statement, key),
            _ => format!("{statement}\n"),
        };
        output::write(file.as_deref(), &text)?;
    }
    Ok(said.outcome)
}

/// What the user says it is about.
fn named(arguments: &Arguments) -> Result<Vec<attestation::Subject>, Failure> {
    let platform = arguments.input.platform()?;
    let registry = arguments.input.registry()?;
    subjects::all(&arguments.subject, platform.as_ref(), registry.as_ref())
}

/// The SBOM itself: a document as it is, or one made of what is named.
fn sbom(arguments: &Arguments) -> Result<Said, Failure> {
    let named = named(arguments)?;
    if let Some((path, bytes)) = input::document(&arguments.source)? {
        confinement::enter();
        let document = String::from_utf8_lossy(&bytes);
        let Some(kind) = attestation::kind_of(&document) else {
            return Err(Failure::usage(
                format!("`{}` is no SBOM in JSON, and only such can be attested", arguments.source),
                "convert it first: packlist convert … -o cyclonedx-json=app.cdx.json",
            ));
        };
        let bom = reader::read(&bytes).map_err(|source| Failure::Read { path, source })?;
        let subjects = subjects::or_own(named, &bom)?;
        return Ok(Said { predicate: document.into_owned(), kind, subjects, outcome: Outcome::Done });
    }
    let format = output::chosen(emitter::ALL, |format| format.name, &arguments.format)?;
    let epoch = world::source_date_epoch()?;
    let mut bom = input::load(&arguments.source, &arguments.input)?;
    if bom.origin.is_some() {
        return Err(Failure::usage(
            "an SBOM is attested as it was written, and what passes by was not kept",
            "put it into a file, and name that",
        ));
    }
    arguments.writing.complete(&mut bom);
    input::tell_gaps(&bom);
    let document = arguments.writing.emit(&bom, check::stamp(&bom, epoch), format)?;
    let Some(kind) = attestation::kind_of(&document) else {
        return Err(Failure::usage(
            format!("{} is no SBOM in JSON, and only such can be attested", format.name),
            "choose another: --format cyclonedx-json, --format spdx-json",
        ));
    };
    let subjects = subjects::or_own(named, &bom)?;
    Ok(Said { predicate: document, kind, subjects, outcome: Outcome::Done })
}

/// What a check comes to.
fn verdict(arguments: &Arguments) -> Result<Said, Failure> {
    let named = named(arguments)?;
    let today = world::today(arguments.today.as_deref())?;
    let chosen = policy_file::choose(arguments.policy.as_deref())?;
    let calendar = arguments.calendar.read()?;
    let document = input::document(&arguments.source)?;
    let bom = input::load(&arguments.source, &arguments.input)?;
    input::tell_gaps(&bom);
    let case = Case { bom: &bom, baseline: None, calendar: Some(&calendar), policy: &chosen.policy, today };
    let findings = checker::check(&case);
    let verdict = Verdict::of(&findings, &chosen.policy);
    let subjects = subjects::or_own(named, &bom)?;
    let about = subjects.first().map(attestation::Subject::shown).unwrap_or_default();
    let input = |uri: &str, bytes: &[u8]| attestation::Input {
        uri: uri.to_owned(),
        digest: source::Digest::sha256(bytes).to_string(),
    };
    let predicate = attestation::verdict(&Judgement {
        passed: verdict != Verdict::Fail,
        verdict: verdict.name(),
        day: &today.to_string(),
        resource: &about,
        policy: input(&chosen.name, chosen.text.as_bytes()),
        inputs: document.map(|(_, bytes)| input(&arguments.source, &bytes)).into_iter().collect(),
        counts: counts(&findings),
        tool_version: env!("CARGO_PKG_VERSION"),
    });
    let outcome = if verdict == Verdict::Fail { Outcome::Denied } else { Outcome::Done };
    Ok(Said { predicate, kind: attestation::VERDICT, subjects, outcome })
}

/// How many findings there are of each sort; what does not count has a sort of its own.
fn counts(findings: &[Finding]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        let sort = if finding.counts() { finding.severity.name() } else { "waived" };
        *counts.entry(sort).or_insert(0) += 1;
    }
    counts
}
