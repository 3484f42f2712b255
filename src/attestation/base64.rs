//! Base64 as keys and envelopes have it.
//!
//! Read strictly: bits that say nothing must be nothing, so that no two texts are one signature.
//! Spec: <https://www.rfc-editor.org/rfc/rfc4648#section-3.5>

use ::base64::Engine as _;
use ::base64::alphabet;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const EITHER_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const USUAL: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, EITHER_PADDING);
const OF_URLS: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, EITHER_PADDING);

/// Of the usual alphabet, padded.
pub(super) fn encode(bytes: &[u8]) -> String {
    USUAL.encode(bytes)
}

/// Of the usual or the URL-safe alphabet, padded or not. `None` for all else.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let is_half_padded = text.ends_with('=') && !text.len().is_multiple_of(4);
    if is_half_padded {
        return None;
    }
    USUAL.decode(text).or_else(|_| OF_URLS.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_standard_shows_goes_both_ways() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(plain.as_bytes()));
            assert_eq!(decode(text.trim_end_matches('=')).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(decode("_-8"), decode("/+8="));
    }

    #[test]
    fn two_texts_are_never_one_value() {
        for text in ["Zh==", "Zm9=", "Zg=", "Zg===", "Z", "Zm 8=", "Zm8=\n", "Zm9v====", "=", "*"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
