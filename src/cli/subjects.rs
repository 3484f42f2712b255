//! What an attestation is about, as the user names it.

use std::path::Path;

use packlist::attestation::Subject;
use packlist::bom::Bom;
use packlist::source::artifacts::Members;
use packlist::source::registry::RegistryOptions;
use packlist::source::{self, Digest, Platform};

use super::failure::Failure;

/// What is named, and where nothing is, what the list says it is of.
pub(super) fn named_or_own(
    wishes: &[String],
    platform: Option<&Platform>,
    registry: Option<&RegistryOptions>,
    bom: impl FnOnce() -> Result<Bom, Failure>,
) -> Result<Vec<Subject>, Failure> {
    if !wishes.is_empty() {
        return wishes.iter().map(|wish| named(wish, platform, registry)).collect();
    }
    let subject = bom()?.subject;
    match &subject.manifest_digest {
        Some(digest) => Ok(vec![Subject::of(subject.name, digest)]),
        None => Err(Failure::usage(
            "nothing says by its digest what the statement is about",
            "name it: --subject registry.example.org/app@sha256:…, --subject oci:FOLDER, or a file",
        )),
    }
}

/// `NAME@sha256:…`, an image in a registry or a layout, or a file.
pub(super) fn named(
    wish: &str,
    platform: Option<&Platform>,
    registry: Option<&RegistryOptions>,
) -> Result<Subject, Failure> {
    let path = Path::new(wish);
    if path.is_file() {
        let digest = source::digest_of(path)?.to_string();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        return Ok(Subject::of(name, &digest));
    }
    let (name, digest) = wish.rsplit_once('@').unwrap_or(("", wish));
    if let Ok(digest) = Digest::parse(digest) {
        return Ok(Subject::of(name, &digest.to_string()));
    }
    let home = source::home(wish, registry)?;
    let members = Members::of(&*home)?;
    let descriptor = match platform {
        Some(platform) => members.for_platform(platform)?,
        None => &members.top.descriptor,
    };
    Ok(Subject::of(home.name(), &descriptor.digest))
}
