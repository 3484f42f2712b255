//! A Sigstore bundle around an envelope that a local key signed: what cosign 3 writes and reads.
//!
//! It has neither certificate nor log, only a word on which key it was.
//! Spec: <https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto>

use serde::Serialize;

use super::base64;
use super::envelope::{Envelope, sealed};
use super::key::SigningKey;

/// What registries and bundles themselves call it.
pub const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    media_type: &'static str,
    verification_material: Material,
    dsse_envelope: Envelope,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    public_key: Hint,
    tlog_entries: [(); 0],
}

#[derive(Serialize)]
struct Hint {
    hint: String,
}

/// The statement signed, as a bundle on one line.
pub fn bundle(statement: &str, key: &SigningKey) -> String {
    let bundle = Bundle {
        media_type: BUNDLE,
        verification_material: Material {
            public_key: Hint { hint: base64::encode(&key.fingerprint()) },
            tlog_entries: [],
        },
        dsse_envelope: sealed(statement, key),
    };
    let mut text = serde_json::to_string(&bundle).expect("texts and lists of texts are always JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::{ED25519, ED25519_PUBLIC};
    use super::super::{PublicKey, verify};
    use super::*;

    #[test]
    fn a_bundle_is_verified_as_its_envelope_is() {
        let key = SigningKey::parse(ED25519, None).expect("a private key");
        let text = bundle("{}", &key);
        let head = r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":""#;
        assert!(text.starts_with(head) && text.contains(r#""tlogEntries":[]},"dsseEnvelope":{"#), "{text}");
        let keys = [PublicKey::parse(ED25519_PUBLIC).expect("a public key")];
        assert_eq!(verify(text.as_bytes(), &keys).expect("it was signed").payload, b"{}");
        assert!(verify(text.replace("e30=", "e31=").as_bytes(), &keys).is_err());
    }
}
