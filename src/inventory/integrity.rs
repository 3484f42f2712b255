//! Digests as lockfiles of the web's world write them: `sha512-<base64>`, several with blanks between.
//!
//! Spec: <https://www.w3.org/TR/sri/#the-integrity-attribute>

use super::base64;
use crate::bom::{Hash, HashAlgorithm};

/// The digests in an integrity text; what is unknown or malformed among them is passed over.
pub(super) fn hashes(integrity: &str) -> Vec<Hash> {
    let digests = integrity.split_ascii_whitespace().filter_map(|digest| {
        let (algorithm, digest) = digest.split_once('-')?;
        // Options may follow a digest: `sha512-…?ct=text/plain`.
        let digest = digest.split('?').next().unwrap_or(digest);
        from_base64(HashAlgorithm::from_name(algorithm)?, digest)
    });
    digests.collect()
}

/// A digest written in base64, of the usual alphabet or the one for URLs, padded or not.
pub(super) fn from_base64(algorithm: HashAlgorithm, digest: &str) -> Option<Hash> {
    // A digest of another length is no digest of this algorithm; it is not worth decoding either.
    let longest = algorithm.hex_digits().div_ceil(2).div_ceil(3) * 4;
    let digest = digest.trim();
    if digest.len() > longest {
        return None;
    }
    // Some write the alphabet that is safe in URLs.
    let bytes = match digest.contains(['-', '_']) {
        true => base64::decode(&digest.replace('-', "+").replace('_', "/")),
        false => base64::decode(digest),
    };
    Hash::from_bytes(algorithm, &bytes?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_become_hexadecimal() {
        let text =
            "sha1-qZrP2hFRGtVTKbVqSpWjS6Mw/+0= md6-x sha256-47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU?x";
        let hashes: Vec<String> =
            hashes(text).into_iter().map(|hash| format!("{} {}", hash.algorithm.name(), hash.hex)).collect();
        assert_eq!(
            hashes,
            [
                "SHA-1 a99acfda11511ad55329b56a4a95a34ba330ffed",
                "SHA-256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ]
        );
    }

    #[test]
    fn what_is_no_digest_is_none() {
        for text in ["", "sha512", "sha512-", "sha512-AAAA", "sha1-!!!!", "sha1-qZrP2hFRGtVTKbVqSpWjS6Mw"] {
            assert_eq!(hashes(text), [], "{text}");
        }
        assert_eq!(hashes(&format!("sha1-{}", "A".repeat(1_000_000))), []);
    }
}
