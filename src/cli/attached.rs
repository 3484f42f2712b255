//! The SBOM that lies beside an image, chosen and believed.

use packlist::attestation::{self, Demand, PublicKey, Refusal, Statement, Subject};
use packlist::source::Platform;
use packlist::source::artifacts::{self, Attached, Home, Kind};

use super::console;
use super::failure::Failure;

/// Which one is wanted.
pub(super) struct Choice<'a> {
    pub(super) platform: Option<&'a Platform>,
    pub(super) format: Option<&'a str>,
    pub(super) digest: Option<&'a str>,
    /// One of these has signed it; nobody needs to where there are none.
    pub(super) keys: &'a [PublicKey],
}

/// The one that was chosen.
pub(super) struct Fetched {
    pub(super) which: Attached,
    /// As it lies there.
    pub(super) raw: Vec<u8>,
    /// The SBOM itself.
    pub(super) document: Vec<u8>,
    /// How many others would have done as well.
    others: usize,
    is_signed: bool,
}

impl Fetched {
    /// Which it is, for people.
    pub(super) fn told(&self) -> String {
        let which = &self.which;
        let signed = if self.is_signed { ", its signature verified" } else { "" };
        let others = match self.others {
            0 => String::new(),
            1 => "; one more is attached (fetch-sbom --list)".to_owned(),
            others => format!("; {others} more are attached (fetch-sbom --list)"),
        };
        format!(
            "the attached SBOM is {} {}, {} of {}{signed}{others}",
            which.kind.name(),
            which.digest,
            match which.way {
                artifacts::Way::Referrer => "a referrer",
                artifacts::Way::Index => "in the index",
                artifacts::Way::Tag => "under a tag",
            },
            which.about
        )
    }
}

/// All that is attached. Whom else was asked is told on the way.
pub(super) fn list(home: &dyn Home, platform: Option<&Platform>) -> Result<Vec<Attached>, Failure> {
    let found = artifacts::attached(home, platform)?;
    for note in home.notes() {
        console::note(&note);
    }
    Ok(found)
}

/// The first that is wanted, in the order of the list; `None` where there is none.
pub(super) fn fetch(home: &dyn Home, choice: &Choice<'_>) -> Result<Option<Fetched>, Failure> {
    let is_wanted = |it: &Attached| {
        let is_sbom = it.kind != Kind::Other;
        let is_format = choice.format.is_none_or(|format| it.kind.name() == format);
        let is_digest = choice.digest.is_none_or(|digest| it.digest.to_string() == digest);
        is_sbom && is_format && is_digest && (choice.keys.is_empty() || it.is_attestation)
    };
    let mut found = list(home, choice.platform)?;
    found.retain(is_wanted);
    let others = found.len().saturating_sub(1);
    let mut refusal = None;
    for which in found {
        let raw = home.blob(&which.digest, which.size)?;
        match opened(&which, &raw, choice.keys) {
            Ok(document) => {
                let is_signed = !choice.keys.is_empty();
                return Ok(Some(Fetched { which, raw, document, others, is_signed }));
            }
            Err(source) => {
                let name = format!("{}@{}", home.name(), which.digest);
                refusal.get_or_insert(Failure::Attestation { name, source });
            }
        }
    }
    refusal.map_or(Ok(None), Err)
}

/// The SBOM in what lies there. A statement that is about another image is not believed, signed or not.
fn opened(which: &Attached, raw: &[u8], keys: &[PublicKey]) -> Result<Vec<u8>, Refusal> {
    if !which.is_attestation {
        return Ok(raw.to_vec());
    }
    let about = Subject::of("", &which.about.to_string());
    let statement = if keys.is_empty() {
        let Some(statement) = attestation::unverified(raw) else { return Ok(raw.to_vec()) };
        let is_about = statement.subjects.iter().any(|subject| subject.is(&about));
        if !statement.subjects.is_empty() && !is_about {
            let found = statement.subjects.iter().map(Subject::shown).collect();
            return Err(Refusal::Subject { found, wanted: about.shown() });
        }
        statement
    } else {
        let demand = Demand { keys, kind: None, subjects: &[about] };
        attestation::trusted(raw, &demand)?.statement
    };
    Ok(document(statement))
}

/// Some store a document that is no JSON as a text.
fn document(statement: Statement) -> Vec<u8> {
    match serde_json::from_str::<String>(&statement.predicate) {
        Ok(text) => text.into_bytes(),
        Err(_) => format!("{}\n", statement.predicate).into_bytes(),
    }
}
