//! Keys as people keep them: PEM files of ECDSA on P-256 and of Ed25519.
//!
//! Private: PKCS#8 (`PRIVATE KEY`), SEC 1 (`EC PRIVATE KEY`), and cosign's own, under a password. Public: `PUBLIC KEY`.
//! Spec: <https://www.rfc-editor.org/rfc/rfc7468>, <https://www.rfc-editor.org/rfc/rfc5958>,
//! <https://www.rfc-editor.org/rfc/rfc5915>, <https://www.rfc-editor.org/rfc/rfc8410>

use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{self, DerSignature};
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use super::{base64, sealed};

/// What stands before the 32 bytes of a public key of Ed25519.
const ED25519_HEAD: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What stands before the point of a public key on P-256.
const P256_HEAD: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Why a file is no key that we can use.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("it holds no key in PEM form")]
    NoPem,
    #[error("it holds a `{0}`, and a private key is needed")]
    NotPrivate(String),
    #[error("it holds a `{0}`, and a public key is needed")]
    NotPublic(String),
    #[error("it is neither an ECDSA key on P-256 nor an Ed25519 key")]
    Kind,
    #[error("it is encrypted, and there is no password")]
    NoPassword,
    #[error("it is encrypted in a way that only OpenSSL reads")]
    OpenSsl,
    #[error("the password does not open it")]
    WrongPassword,
    #[error("it is encrypted, and {0}")]
    Sealed(&'static str),
}

impl KeyError {
    /// What the user can do about it; `None` where the message says it all.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NoPem | Self::Kind => {
                Some("make one with `openssl genpkey -algorithm ed25519` or `cosign generate-key-pair`")
            }
            Self::NotPrivate(_) => Some("to sign, name the private key; its public half verifies"),
            Self::NotPublic(_) => Some("`openssl pkey -in key.pem -pubout` writes the public half of a key"),
            Self::NoPassword => Some("set COSIGN_PASSWORD, or name a file with --password-file"),
            Self::OpenSsl => Some("`openssl pkcs8 -in key.pem -out plain.pem` decrypts it"),
            Self::WrongPassword | Self::Sealed(_) => None,
        }
    }
}

/// A private key.
pub enum SigningKey {
    P256(ecdsa::SigningKey),
    Ed25519(Ed25519KeyPair),
}

/// A public key.
#[derive(Debug, Clone)]
pub enum PublicKey {
    P256(ecdsa::VerifyingKey),
    Ed25519([u8; 32]),
}

impl SigningKey {
    /// # Errors
    /// When the text is no private key of a kind we know, or the password does not open it.
    pub fn parse(pem: &str, password: Option<&[u8]>) -> Result<Self, KeyError> {
        let mut other = None;
        for (label, bytes) in blocks(pem) {
            return match label {
                "PRIVATE KEY" => Self::pkcs8(&bytes),
                "EC PRIVATE KEY" => {
                    let key = p256::SecretKey::from_sec1_der(&bytes).map_err(|_| KeyError::Kind)?;
                    Ok(Self::P256(key.into()))
                }
                "ENCRYPTED SIGSTORE PRIVATE KEY" | "ENCRYPTED COSIGN PRIVATE KEY" => {
                    let password = password.ok_or(KeyError::NoPassword)?;
                    Self::pkcs8(&sealed::opened(&bytes, password)?)
                }
                "ENCRYPTED PRIVATE KEY" => Err(KeyError::OpenSsl),
                label => {
                    other.get_or_insert_with(|| label.to_owned());
                    continue;
                }
            };
        }
        Err(other.map_or(KeyError::NoPem, KeyError::NotPrivate))
    }

    fn pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(key) = ecdsa::SigningKey::from_pkcs8_der(der) {
            return Ok(Self::P256(key));
        }
        // OpenSSL writes no public half beside the private one, and then there is nothing to check.
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Self::Ed25519).map_err(|_| KeyError::Kind)
    }

    /// The same message gives the same signature. ECDSA's is in DER.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let signature: DerSignature = key.sign(message);
                signature.as_bytes().to_vec()
            }
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// SHA-256 of the public half as `PUBLIC KEY` holds it.
    pub(super) fn fingerprint(&self) -> Vec<u8> {
        let der = match self {
            Self::P256(key) => [P256_HEAD, key.verifying_key().to_sec1_point(false).as_bytes()].concat(),
            Self::Ed25519(key) => [ED25519_HEAD, key.public_key().as_ref()].concat(),
        };
        Sha256::digest(der).to_vec()
    }
}

impl PublicKey {
    /// # Errors
    /// When the text is no public key of a kind we know.
    pub fn parse(pem: &str) -> Result<Self, KeyError> {
        let mut other = None;
        for (label, bytes) in blocks(pem) {
            if label != "PUBLIC KEY" {
                other.get_or_insert_with(|| label.to_owned());
                continue;
            }
            if let Some(key) = bytes.strip_prefix(ED25519_HEAD) {
                return key.try_into().map(Self::Ed25519).map_err(|_| KeyError::Kind);
            }
            return ecdsa::VerifyingKey::from_public_key_der(&bytes)
                .map(Self::P256)
                .map_err(|_| KeyError::Kind);
        }
        Err(other.map_or(KeyError::NoPem, KeyError::NotPublic))
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256(key) => DerSignature::from_bytes(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
        }
    }
}

/// The blocks of a PEM file with their labels. What is no block is passed over, as what stands before it.
fn blocks(text: &str) -> impl Iterator<Item = (&str, Vec<u8>)> {
    let mut lines = text.lines().map(str::trim);
    std::iter::from_fn(move || {
        let label =
            lines.by_ref().find_map(|line| line.strip_prefix("-----BEGIN ")?.strip_suffix("-----"))?;
        let body: String = lines.by_ref().take_while(|line| !line.starts_with("-----END ")).collect();
        Some((label, base64::decode(&body).unwrap_or_default()))
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    // Made for these tests by `openssl`.
    pub(in super::super) const P256_SEC1: &str = "\
-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFx68w4y6K2vKIvxlskOJ6Bbosd7TQy5VmTtpBdXRq+NoAoGCCqGSM49
AwEHoUQDQgAElhR/vbZjbGZSZ3KqCco9JcBWDmTpRawfj1Pk07mrxJhC5ehDCufe
1Ab4Skjis1WhqDW4WD8zVK316Cu8lU4i0A==
-----END EC PRIVATE KEY-----
";
    pub(in super::super) const P256_PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXHrzDjLora8oi/GW
yQ4noFuix3tNDLlWZO2kF1dGr42hRANCAASWFH+9tmNsZlJncqoJyj0lwFYOZOlF
rB+PU+TTuavEmELl6EMK597UBvhKSOKzVaGoNbhYPzNUrfXoK7yVTiLQ
-----END PRIVATE KEY-----
";
    pub(in super::super) const P256_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElhR/vbZjbGZSZ3KqCco9JcBWDmTp
Rawfj1Pk07mrxJhC5ehDCufe1Ab4Skjis1WhqDW4WD8zVK316Cu8lU4i0A==
-----END PUBLIC KEY-----
";
    pub(in super::super) const ED25519: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIMeqCs7NcIrKg2vlIK5wBTWwY2V+hMxCb9gl1x/3HbOu
-----END PRIVATE KEY-----
";
    pub(in super::super) const ED25519_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAd+Nfs+MaiGqt4SWm819G0CFxOBqGAcnNOluw8jiv+0Y=
-----END PUBLIC KEY-----
";

    #[test]
    fn the_same_key_is_read_from_either_form() {
        let [sec1, pkcs8] =
            [P256_SEC1, P256_PKCS8].map(|pem| SigningKey::parse(pem, None).expect("a private key"));
        assert_eq!(sec1.sign(b"message"), pkcs8.sign(b"message"));
        assert_eq!(
            sec1.fingerprint(),
            Sha256::digest(&blocks(P256_PUBLIC).next().expect("a block").1).to_vec()
        );
        let ed25519 = SigningKey::parse(ED25519, None).expect("a private key");
        assert_eq!(
            ed25519.fingerprint(),
            Sha256::digest(&blocks(ED25519_PUBLIC).next().expect("a block").1).to_vec()
        );
    }

    /// RFC 6979, A.2.5, "sample" with SHA-256.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let scalar = [
            0xC9, 0xAF, 0xA9, 0xD8, 0x45, 0xBA, 0x75, 0x16, 0x6B, 0x5C, 0x21, 0x57, 0x67, 0xB1, 0xD6, 0x93,
            0x4E, 0x50, 0xC3, 0xDB, 0x36, 0xE8, 0x9B, 0x12, 0x7B, 0x8A, 0x62, 0x2B, 0x12, 0x0F, 0x67, 0x21,
        ];
        let key = SigningKey::P256(ecdsa::SigningKey::from_slice(&scalar).expect("a scalar"));
        let hex: String = key.sign(b"sample").iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(
            hex,
            "3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
             022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        );
    }

    #[test]
    fn what_is_no_key_for_it_says_so() {
        let private = |pem: &str| SigningKey::parse(pem, None).err().expect("no private key").to_string();
        let public = |pem: &str| PublicKey::parse(pem).expect_err("no public key").to_string();
        assert_eq!(private("hello"), "it holds no key in PEM form");
        assert_eq!(private(P256_PUBLIC), "it holds a `PUBLIC KEY`, and a private key is needed");
        assert_eq!(public(ED25519), "it holds a `PRIVATE KEY`, and a public key is needed");
        let rsa = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQAD\n-----END PUBLIC KEY-----";
        assert_eq!(public(rsa), "it is neither an ECDSA key on P-256 nor an Ed25519 key");
        assert_eq!(private(&rsa.replace("PUBLIC", "PRIVATE")), public(rsa));
        let cut = &P256_SEC1[..P256_SEC1.len() - 60];
        assert_eq!(private(cut), public(rsa));
        let openssl = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----";
        assert_eq!(private(openssl), "it is encrypted in a way that only OpenSSL reads");
    }
}
