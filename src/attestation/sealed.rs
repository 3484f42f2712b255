//! Private keys as `cosign generate-key-pair` writes them: PKCS#8 under a password.
//!
//! scrypt makes a key of the password, and NaCl's secretbox (XSalsa20, Poly1305) holds what is under it; all in JSON.
//! Spec: <https://pkg.go.dev/github.com/secure-systems-lab/go-securesystemslib/encrypted>,
//! <https://nacl.cr.yp.to/secretbox.html>

use poly1305::Poly1305;
use salsa20::XSalsa20;
use salsa20::cipher::{KeyIvInit, StreamCipher};
use serde::Deserialize;

use super::base64;
use super::key::KeyError;

/// How much memory a key may ask for to be opened; cosign's own ask for 64 MiB.
const MOST_MEMORY: u64 = 256 << 20;
/// How many times the work may be done over; cosign does it once.
const MOST_TURNS: u32 = 4;
const TAG: usize = 16;

#[derive(Deserialize)]
struct Sealed {
    kdf: Derivation,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Derivation {
    name: String,
    params: Cost,
    salt: String,
}

#[derive(Deserialize)]
struct Cost {
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
}

#[derive(Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

/// The key inside, as PKCS#8.
pub(super) fn opened(json: &[u8], password: &[u8]) -> Result<Vec<u8>, KeyError> {
    let sealed: Sealed =
        serde_json::from_slice(json).map_err(|_| KeyError::Sealed("not as cosign encrypts keys"))?;
    if sealed.kdf.name != "scrypt" || sealed.cipher.name != "nacl/secretbox" {
        return Err(KeyError::Sealed("not with scrypt and secretbox"));
    }
    let broken = || KeyError::Sealed("its salt, nonce or content is no base64 of the right length");
    let bytes = |text: &str| base64::decode(text).ok_or_else(broken);
    let nonce: [u8; 24] = bytes(&sealed.cipher.nonce)?.try_into().map_err(|_| broken())?;
    let content = bytes(&sealed.ciphertext)?;
    let (tag, content) = content.split_at_checked(TAG).ok_or_else(broken)?;
    let key = key_of(password, &bytes(&sealed.kdf.salt)?, &sealed.kdf.params)?;
    unboxed(&key, &nonce, tag, content).ok_or(KeyError::WrongPassword)
}

fn key_of(password: &[u8], salt: &[u8], cost: &Cost) -> Result<[u8; 32], KeyError> {
    let odd = || KeyError::Sealed("it asks for more work or memory than any key should");
    let memory = cost.n.checked_mul(u64::from(cost.r)).and_then(|blocks| blocks.checked_mul(128));
    if !cost.n.is_power_of_two() || cost.p > MOST_TURNS || memory.is_none_or(|bytes| bytes > MOST_MEMORY) {
        return Err(odd());
    }
    let log_n = cost.n.trailing_zeros() as u8;
    let params = scrypt::Params::new(log_n, cost.r, cost.p).map_err(|_| odd())?;
    let mut key = [0; 32];
    scrypt::scrypt(password, salt, &params, &mut key).map_err(|_| odd())?;
    Ok(key)
}

/// The first 32 bytes of the stream are the key of the tag; what follows them covers the content.
fn unboxed(key: &[u8; 32], nonce: &[u8; 24], tag: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let mut stream = XSalsa20::new(key.into(), nonce.into());
    let mut tag_key = [0; 32];
    stream.apply_keystream(&mut tag_key);
    let found =
        <Poly1305 as poly1305::universal_hash::KeyInit>::new(&tag_key.into()).compute_unpadded(content);
    if found.as_slice() != tag {
        return None;
    }
    let mut plain = content.to_vec();
    stream.apply_keystream(&mut plain);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::super::SigningKey;
    use super::super::key::tests::P256_PKCS8;
    use super::*;

    /// The key of the other tests, put by Python's hashlib and PyNaCl into the form of cosign.
    const SEALED: &str = "\
-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiJBQUVDQXdRRkJnY0lDUW9MREEwT0R4QVJFaE1VRlJZ
WEdCa2FHeHdkSGg4PSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJaR1ZtWjJocGFtdHNiVzV2Y0hGeWMzUjFkbmQ0ZVhwNyJ9LCJj
aXBoZXJ0ZXh0IjoiL3pUNUVZaTBnaGpMRUtpQVA2SGpwTEc3UHpGcDhkWUJEOTFs
c09GSERxTWxxdFFLQUI0a1lBTGVUQ1E4cVJycEJOKzhqbkZScXRHTjV1U1NBZVhm
MDllczIvRzljK1o2VnhEeUJ6MlpURUF0U0d6M3cyeEJUL1FMbnZLSGNGSFhBRnZ1
RmZ5RnhzdEtWcnZzdFViQnNReVFWd1J2Wkc3WldKeHN4LzhxcnJQTDZ1dnZyZENy
NWYrbWRWREIxN2lzdnJlOEVkemxJeFpFNEE9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
";

    fn refusal(pem: &str, password: Option<&str>) -> String {
        let parsed = SigningKey::parse(pem, password.map(str::as_bytes));
        parsed.err().expect("it does not open").to_string()
    }

    #[test]
    fn a_key_of_cosign_opens_with_its_password_only() {
        let opened = SigningKey::parse(SEALED, Some(b"correct horse")).expect("the password");
        let plain = SigningKey::parse(P256_PKCS8, None).expect("a private key");
        assert_eq!(opened.sign(b"message"), plain.sign(b"message"));
        let old = SEALED.replace("SIGSTORE", "COSIGN");
        assert!(SigningKey::parse(&old, Some(b"correct horse")).is_ok());
        assert_eq!(refusal(SEALED, Some("correct hors")), "the password does not open it");
        assert_eq!(refusal(SEALED, None), "it is encrypted, and there is no password");
    }

    #[test]
    fn a_key_cannot_ask_for_any_amount_of_work() {
        let asks = |cost: &str| {
            let json = format!(
                r#"{{"kdf": {{"name": "scrypt", "params": {cost}, "salt": ""}}, "ciphertext": "{}",
                "cipher": {{"name": "nacl/secretbox", "nonce": "{}"}}}}"#,
                "A".repeat(64),
                "A".repeat(32)
            );
            opened(json.as_bytes(), b"").expect_err("it is no key").to_string()
        };
        let too_much = "it is encrypted, and it asks for more work or memory than any key should";
        for cost in [
            r#"{"N": 18446744073709551615, "r": 8, "p": 1}"#,
            r#"{"N": 9223372036854775808, "r": 8, "p": 1}"#,
            r#"{"N": 1048576, "r": 8, "p": 1}"#,
            r#"{"N": 1024, "r": 8, "p": 1000}"#,
            r#"{"N": 1000, "r": 8, "p": 1}"#,
            r#"{"N": 1024, "r": 0, "p": 1}"#,
        ] {
            assert_eq!(asks(cost), too_much, "{cost}");
        }
        assert_eq!(asks(r#"{"N": 1024, "r": 8, "p": 1}"#), "the password does not open it");
        let error = |json: &str| opened(json.as_bytes(), b"").expect_err("it is no key").to_string();
        assert_eq!(error("{}"), "it is encrypted, and not as cosign encrypts keys");
    }
}
