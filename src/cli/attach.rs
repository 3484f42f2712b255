//! `packlist attach`: puts SBOMs and attestations beside the image they are about.

use std::path::PathBuf;

use clap::Args;
use packlist::attestation::{self, Statement};
use packlist::reader;
use packlist::source::artifacts::{self, Artifact, Content, Descriptor, Home, MAX_DOCUMENT, Members};
use packlist::source::{self, Platform};

use super::failure::Failure;
use super::remote::Remote;
use super::{Outcome, confinement, input, output, world};

const EXAMPLES: &str = "\
Examples:
  packlist attach registry.example.org/app:1.4 app.cdx.json
  packlist attach oci:layout:1.4 app.intoto.json app.spdx.json --platform linux/arm64
The image itself is not changed: what is attached is a manifest of its own that names the image as its subject.
What is there already is not attached again. docs/attaching.md tells what goes where.";

/// Attaches SBOMs and attestations to an image
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The image: a name in a registry, or an OCI layout, oci:FOLDER[:TAG]
    #[arg(id = "home", value_name = "IMAGE")]
    image: String,
    /// SBOMs of any tool, DSSE envelopes, Sigstore bundles, in-toto statements
    #[arg(required = true)]
    documents: Vec<PathBuf>,
    /// The image's platform that they are about [default: the one they name, else the image as it is named]
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<String>,
    /// Attach them even if they say that they are of another image
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    remote: Remote,
}

/// A document, what it is, and the digests of what it says it is about.
struct Document {
    path: PathBuf,
    bytes: Vec<u8>,
    content: Content,
    claims: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let platform = input::platform(arguments.platform.as_deref())?;
    let epoch = world::source_date_epoch()?;
    let read = |path: &'_ PathBuf| Ok((path.clone(), input::bytes(path, MAX_DOCUMENT)?));
    let files: Vec<(PathBuf, Vec<u8>)> =
        arguments.documents.iter().map(read).collect::<Result<_, Failure>>()?;
    confinement::enter();
    let documents = files.into_iter().map(|(path, bytes)| Document::of(path, bytes));
    let documents: Vec<Document> = documents.collect::<Result<_, _>>()?;
    let home = source::home(&arguments.image, arguments.remote.options()?.as_ref())?;
    let members = Members::of(&*home)?;
    // Nothing is written before all of it is known to fit.
    let mut artifacts = Vec::new();
    for document in &documents {
        let subject = document.subject(&*home, &members, platform.as_ref(), arguments.force)?;
        let artifact = Artifact::of(&document.content, &document.bytes, subject, epoch.as_deref())?;
        artifacts.push((document, subject, artifact));
    }
    let mut told = String::new();
    for (document, subject, artifact) in artifacts {
        let done = artifacts::attach(&*home, &artifact, &document.bytes)?;
        let word = if done.was_there { "was attached already" } else { "attached" };
        told.push_str(&format!(
            "{word}: {} as {} ({}) to {}@{}\n",
            document.path.display(),
            done.digest,
            document.content.media_type,
            home.name(),
            subject.digest
        ));
    }
    output::show(None, &told)?;
    Ok(Outcome::Done)
}

impl Document {
    fn of(path: PathBuf, bytes: Vec<u8>) -> Result<Self, Failure> {
        if let (Some(form), Some(statement)) = (attestation::form_of(&bytes), attestation::unverified(&bytes))
        {
            let claims = digests(&statement);
            let content = Content::of_attestation(form, statement.predicate_type);
            return Ok(Self { path, bytes, content, claims });
        }
        let bom = reader::read(&bytes);
        let bom = bom.map_err(|source| Failure::Read { path: path.clone(), source })?;
        let format = bom.origin.map(|origin| origin.format).unwrap_or_default();
        let is_packed = bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
        let content = Content::of_format(&format).filter(|_| !is_packed).ok_or_else(|| {
            Failure::usage(
                format!("`{}` ({format}) has no name that registries know it by", path.display()),
                "decompress it, or convert it first: packlist convert … -o cyclonedx-json=app.cdx.json",
            )
        })?;
        let claims = [bom.subject.manifest_digest, bom.subject.version];
        let claims = claims.into_iter().flatten().filter(|digest| digest.starts_with("sha256:"));
        Ok(Self { path, bytes, content, claims: claims.collect() })
    }

    /// The manifest it is attached to.
    fn subject<'m>(
        &self,
        home: &dyn Home,
        members: &'m Members,
        platform: Option<&Platform>,
        force: bool,
    ) -> Result<&'m Descriptor, Failure> {
        let chosen = platform.map(|platform| members.for_platform(platform)).transpose()?;
        let usual = chosen.unwrap_or(&members.top.descriptor);
        if self.claims.is_empty() || force {
            return Ok(usual);
        }
        let claims: Vec<&str> = self.claims.iter().map(String::as_str).collect();
        match members.named_by(home, &claims)? {
            Some(named) if chosen.is_none_or(|chosen| chosen.digest == named.digest) => Ok(named),
            Some(_) | None => Err(Failure::usage(
                format!(
                    "`{}` is of another image: it is about {}, and {} is {}",
                    self.path.display(),
                    self.claims.join(", "),
                    home.name(),
                    usual.digest
                ),
                "name the image and --platform it is of, or attach it all the same with --force",
            )),
        }
    }
}

/// The digests of all that a statement is about, as manifests have them.
fn digests(statement: &Statement) -> Vec<String> {
    let all = statement.subjects.iter().flat_map(|subject| &subject.digest);
    all.map(|(algorithm, hex)| format!("{algorithm}:{hex}")).collect()
}
