//! The envelope: a statement in base64, and signatures of what its kind and bytes come to.
//!
//! Spec: <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>,
//! <https://github.com/secure-systems-lab/dsse/blob/master/envelope.md>

use serde::{Deserialize, Serialize};

use super::base64;
use super::bundle::BUNDLE;
use super::key::{PublicKey, SigningKey};
use super::statement::Statement;

/// What registries call an envelope.
pub const ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";
/// What an envelope calls a statement.
pub(super) const PAYLOAD: &str = "application/vnd.in-toto+json";
/// What registries call a statement that nobody signed: the same.
pub const IN_TOTO: &str = PAYLOAD;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    payload_type: String,
    payload: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Signature {
    /// A hint and no more: whoever verifies has the key. Empty, as cosign leaves it.
    #[serde(default)]
    keyid: String,
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    dsse_envelope: Envelope,
}

/// Why what is in an envelope is not to be believed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("it is no DSSE envelope, and no Sigstore bundle with one")]
    NoEnvelope(#[from] serde_json::Error),
    #[error("its payload is of the type `{0}`, and no in-toto statement")]
    PayloadType(String),
    #[error("its payload is no base64")]
    Payload,
    #[error("it bears no signature")]
    Unsigned,
    #[error("none of its {0} signatures was made with this key, or it was altered since")]
    Wrong(usize),
}

impl VerifyError {
    /// Whether it was looked at and found wrong; else it could not be looked at.
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::NoEnvelope(_))
    }
}

/// What was signed, and by which of the keys.
#[derive(Debug)]
pub struct Verified {
    /// The statement, byte for byte.
    pub payload: Vec<u8>,
    /// The place of the key among those that were named.
    pub key: usize,
}

/// What is signed: kind and bytes, each with its length, so that neither can be taken for a part of the other.
fn pre_authentication_encoding(kind: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

pub(super) fn sealed(statement: &str, key: &SigningKey) -> Envelope {
    let signature = key.sign(&pre_authentication_encoding(PAYLOAD, statement.as_bytes()));
    Envelope {
        payload_type: PAYLOAD.to_owned(),
        payload: base64::encode(statement.as_bytes()),
        signatures: vec![Signature { keyid: String::new(), sig: base64::encode(&signature) }],
    }
}

/// The statement signed, as a DSSE envelope on one line.
pub fn envelope(statement: &str, key: &SigningKey) -> String {
    let mut text =
        serde_json::to_string(&sealed(statement, key)).expect("texts and lists of texts are always JSON");
    text.push('\n');
    text
}

/// How an attestation is wrapped, as registries call it. `None` for what is none, or is several.
pub fn form_of(bytes: &[u8]) -> Option<&'static str> {
    if serde_json::from_slice::<Bundle>(bytes).is_ok() {
        return Some(BUNDLE);
    }
    if serde_json::from_slice::<Envelope>(bytes).is_ok() {
        return Some(ENVELOPE);
    }
    Statement::parse(bytes).is_ok().then_some(IN_TOTO)
}

/// The statement in an envelope or a bundle, or that the bytes are themselves. Nobody has looked at signatures.
pub fn unverified(bytes: &[u8]) -> Option<Statement> {
    match opened(bytes) {
        Ok(envelope) => Statement::parse(&base64::decode(&envelope.payload)?).ok(),
        Err(_) => Statement::parse(bytes).ok(),
    }
}

/// What the statement in an envelope or bundle attests, by its own word.
pub fn attested(bytes: &[u8]) -> Option<String> {
    unverified(bytes).map(|statement| statement.predicate_type)
}

fn opened(bytes: &[u8]) -> Result<Envelope, serde_json::Error> {
    match serde_json::from_slice::<Bundle>(bytes) {
        Ok(bundle) => Ok(bundle.dsse_envelope),
        Err(_) => serde_json::from_slice(bytes),
    }
}

/// What is in an envelope, if one of the keys signed it. Certificates and logs of a bundle are not looked at.
///
/// # Errors
/// When it is no envelope, of no statement, or no signature is by any of the keys.
pub fn verify(bytes: &[u8], keys: &[PublicKey]) -> Result<Verified, VerifyError> {
    let envelope = opened(bytes)?;
    if envelope.payload_type != PAYLOAD {
        return Err(VerifyError::PayloadType(envelope.payload_type));
    }
    let payload = base64::decode(&envelope.payload).ok_or(VerifyError::Payload)?;
    if envelope.signatures.is_empty() {
        return Err(VerifyError::Unsigned);
    }
    let said = pre_authentication_encoding(&envelope.payload_type, &payload);
    for signature in envelope.signatures.iter().filter_map(|signature| base64::decode(&signature.sig)) {
        if let Some(key) = keys.iter().position(|key| key.verifies(&said, &signature)) {
            return Ok(Verified { payload, key });
        }
    }
    Err(VerifyError::Wrong(envelope.signatures.len()))
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::{ED25519, ED25519_PUBLIC, P256_PUBLIC, P256_SEC1};
    use super::*;

    const STATEMENT: &str = r#"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicate":{}}"#;

    #[test]
    fn what_is_signed_is_as_the_protocol_shows_it() {
        // The two vectors of protocol.md.
        let hello = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
        assert_eq!(hello, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(pre_authentication_encoding("", b""), b"DSSEv1 0  0 ");
        // Lengths are of bytes.
        assert_eq!(pre_authentication_encoding("é", b"\xff"), b"DSSEv1 2 \xc3\xa9 1 \xff");
    }

    #[test]
    fn a_signature_is_verified_by_its_own_key_only() {
        let [p256, ed25519] =
            [P256_PUBLIC, ED25519_PUBLIC].map(|pem| PublicKey::parse(pem).expect("a public key"));
        for (private, right, wrong) in [(P256_SEC1, &p256, &ed25519), (ED25519, &ed25519, &p256)] {
            let key = SigningKey::parse(private, None).expect("a private key");
            let text = envelope(STATEMENT, &key);
            assert_eq!(text, envelope(STATEMENT, &key), "the same bytes each time");
            let keys = [wrong.clone(), right.clone()];
            let verified = verify(text.as_bytes(), &keys).expect("it was signed");
            assert_eq!((verified.key, verified.payload.as_slice()), (1, STATEMENT.as_bytes()));
            let error = verify(text.as_bytes(), &keys[..1]).expect_err("by another key");
            assert!(matches!(error, VerifyError::Wrong(1)), "{error}");
        }
    }

    #[test]
    fn no_bit_of_what_counts_may_be_flipped() {
        for (private, public) in [(P256_SEC1, P256_PUBLIC), (ED25519, ED25519_PUBLIC)] {
            let key = SigningKey::parse(private, None).expect("a private key");
            let keys = [PublicKey::parse(public).expect("a public key")];
            let text = envelope(STATEMENT, &key);
            let bytes = text.as_bytes();
            let from = text.find(PAYLOAD).expect("its type");
            let to = text.rfind("\"}]").expect("the end of the signature");
            let names = [r#"","payload":""#, r#"","signatures":[{"keyid":"","sig":""#].map(|name| {
                let at = text.find(name).expect("its names");
                at..at + name.len()
            });
            let mut flipped = 0;
            for at in (from..to).filter(|at| !names.iter().any(|name| name.contains(at))) {
                for bit in 0..8 {
                    let mut altered = bytes.to_vec();
                    altered[at] ^= 1 << bit;
                    assert!(verify(&altered, &keys).is_err(), "bit {bit} of byte {at}");
                    flipped += 1;
                }
            }
            assert!(flipped > 1000, "{flipped}");
        }
    }

    #[test]
    fn what_cannot_be_believed_says_why() {
        let keys = [PublicKey::parse(ED25519_PUBLIC).expect("a public key")];
        let error = |text: &str| verify(text.as_bytes(), &keys).expect_err("it is not signed").to_string();
        assert_eq!(error("{}"), "it is no DSSE envelope, and no Sigstore bundle with one");
        let envelope = |kind: &str, payload: &str, signatures: &str| {
            format!(r#"{{"payloadType": "{kind}", "payload": "{payload}", "signatures": [{signatures}]}}"#)
        };
        assert_eq!(
            error(&envelope("text/plain", "", "")),
            "its payload is of the type `text/plain`, and no in-toto statement"
        );
        assert_eq!(error(&envelope(PAYLOAD, "*", "")), "its payload is no base64");
        assert_eq!(error(&envelope(PAYLOAD, "e30=", "")), "it bears no signature");
        assert_eq!(
            error(&envelope(PAYLOAD, "e30=", r#"{"sig": "AAAA"}, {"keyid": "x", "sig": "*"}"#)),
            "none of its 2 signatures was made with this key, or it was altered since"
        );
    }
}
