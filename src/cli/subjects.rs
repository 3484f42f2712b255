//! What an attestation is about, as the user names it.

use std::path::Path;

use packlist::attestation::Subject;
use packlist::bom::Bom;
use packlist::source::artifacts::Members;
use packlist::source::registry::RegistryOptions;
use packlist::source::{self, Digest, Platform};

use super::failure::Failure;

/// What is named, or where nothing is, what the list says it is of.
pub(super) fn or_own(named: Vec<Subject>, bom: &Bom) -> Result<Vec<Subject>, Failure> {
    if !named.is_empty() {
        return Ok(named);
    }
    let subject = &bom.subject;
    match &subject.manifest_digest {
        Some(digest) => Ok(vec![Subject::of(subject.name.clone(), digest)]),
        None => Err(Failure::usage(
            "nothing says by its digest what the statement is about",
            "name it: --subject registry.example.org/app@sha256:…, --subject oci:FOLDER, or a file",
        )),
    }
}

/// All that are named. Before anything else is read, as the right to read them may be given up then.
pub(super) fn all(
    wishes: &[String],
    platform: Option<&Platform>,
    registry: Option<&RegistryOptions>,
) -> Result<Vec<Subject>, Failure> {
    wishes.iter().map(|wish| named(wish, platform, registry)).collect()
}

/// `NAME@sha256:…`, an image in a registry or a layout, or a file.
fn named(
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
