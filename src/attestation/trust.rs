//! Whether an attestation is one that somebody asks for: signed by a key, of a kind, about an artefact.

use serde_json::value::RawValue;

use super::envelope::{VerifyError, verify};
use super::key::PublicKey;
use super::predicate::named;
use super::statement::{Statement, StatementError, Subject};

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Demand<'a> {
    /// By one of these.
    pub keys: &'a [PublicKey],
    /// Of this kind, where one is named.
    pub kind: Option<&'a str>,
    /// About all of these.
    pub subjects: &'a [Subject],
}

/// An attestation that is what was asked for.
#[derive(Debug)]
pub struct Trusted {
    pub statement: Statement,
    /// The statement, byte for byte.
    pub payload: Vec<u8>,
    /// The place of its key among those that were named.
    pub key: usize,
}

/// Why one is not. The later ones came further.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Signature(#[from] VerifyError),
    #[error(transparent)]
    Statement(#[from] StatementError),
    #[error("it attests `{found}`, and `{wanted}` is asked for")]
    Kind { found: String, wanted: String },
    #[error("it is about {}, and not about {wanted}", if found.is_empty() { "nothing".to_owned() } else { found.join(", ") })]
    Subject { found: Vec<String>, wanted: String },
}

impl Refusal {
    fn rank(&self) -> u8 {
        match self {
            Self::Signature(VerifyError::NoEnvelope(_)) => 0,
            Self::Signature(_) => 1,
            Self::Statement(_) => 2,
            Self::Kind { .. } => 3,
            Self::Subject { .. } => 4,
        }
    }

    /// Whether there was nothing to be verified at all.
    pub fn is_no_envelope(&self) -> bool {
        self.rank() == 0
    }
}

/// The first attestation of a file, which may have one a line, that is what is asked for.
///
/// # Errors
/// When none is, why the one that came furthest is not.
pub fn trusted(bytes: &[u8], demand: &Demand<'_>) -> Result<Trusted, Refusal> {
    let mut worst: Option<Refusal> = None;
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>() {
        let refusal = match value.map_err(|error| Refusal::Signature(error.into())) {
            Ok(value) => match judged(value.get().as_bytes(), demand) {
                Ok(trusted) => return Ok(trusted),
                Err(refusal) => refusal,
            },
            Err(refusal) => refusal,
        };
        if worst.as_ref().is_none_or(|worst| refusal.rank() > worst.rank()) {
            worst = Some(refusal);
        }
    }
    // Of an empty file.
    Err(match worst {
        Some(worst) => worst,
        None => judged(bytes, demand).err().unwrap_or(Refusal::Signature(VerifyError::Unsigned)),
    })
}

fn judged(bytes: &[u8], demand: &Demand<'_>) -> Result<Trusted, Refusal> {
    let verified = verify(bytes, demand.keys)?;
    let statement = Statement::parse(&verified.payload)?;
    if let Some(wanted) = demand.kind.filter(|wanted| !named(&statement.predicate_type, wanted)) {
        return Err(Refusal::Kind { found: statement.predicate_type, wanted: wanted.to_owned() });
    }
    let is_about = |wanted: &&Subject| statement.subjects.iter().any(|subject| subject.is(wanted));
    if let Some(missing) = demand.subjects.iter().find(|wanted| !is_about(wanted)) {
        let found = statement.subjects.iter().map(Subject::shown).collect();
        return Err(Refusal::Subject { found, wanted: missing.shown() });
    }
    Ok(Trusted { statement, payload: verified.payload, key: verified.key })
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::{ED25519, ED25519_PUBLIC, P256_SEC1};
    use super::super::{CYCLONEDX, SigningKey, VERDICT, envelope, statement};
    use super::*;

    const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    #[test]
    fn key_kind_and_subject_are_each_asked_for() {
        let keys = [PublicKey::parse(ED25519_PUBLIC).expect("a public key")];
        let [mine, other] =
            [ED25519, P256_SEC1].map(|pem| SigningKey::parse(pem, None).expect("a private key"));
        let app = Subject::of("app", DIGEST);
        let said = |kind: &str| statement(std::slice::from_ref(&app), kind, "{}").expect("JSON");
        let lines = [
            envelope(&said(CYCLONEDX), &other),
            "{\"a\": 1}\n".to_owned(),
            envelope(&said(VERDICT), &mine),
            envelope(&said(CYCLONEDX), &mine),
        ]
        .concat();
        let subjects = [Subject::of("", DIGEST)];
        let demand = Demand { keys: &keys, kind: Some("cyclonedx"), subjects: &subjects };
        let found = trusted(lines.as_bytes(), &demand).expect("the last line");
        assert_eq!((found.key, found.statement.predicate_type.as_str()), (0, CYCLONEDX));
        assert_eq!(found.payload, said(CYCLONEDX).as_bytes());
        let first = trusted(lines.as_bytes(), &Demand { kind: None, ..demand }).expect("the third line");
        assert_eq!(first.statement.predicate_type, VERDICT);
        let refusal =
            |text: &str, demand: &Demand<'_>| trusted(text.as_bytes(), demand).expect_err("refused");
        assert_eq!(
            refusal(&lines, &Demand { kind: Some("spdx"), ..demand }).to_string(),
            "it attests `https://slsa.dev/verification_summary/v1`, and `spdx` is asked for"
        );
        let another = [Subject::of("app", "sha256:00")];
        assert_eq!(
            refusal(&lines, &Demand { subjects: &another, ..demand }).to_string(),
            format!("it is about app@{DIGEST}, and not about app@sha256:00")
        );
        assert!(refusal("", &demand).is_no_envelope() && refusal("no JSON", &demand).is_no_envelope());
        assert!(!refusal(&envelope(&said(CYCLONEDX), &other), &demand).is_no_envelope());
    }
}
