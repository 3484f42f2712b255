//! What documents come wrapped in: compression, and attestations.
//!
//! Signatures are not looked at: whoever needs them verified has a tool that holds the keys.
//! Spec: <https://github.com/in-toto/attestation/blob/main/spec/README.md>,
//! <https://github.com/secure-systems-lab/dsse/blob/master/envelope.md>

use std::io::{self, BufReader, Cursor, Read};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{ReadError, broken_json};

/// How large a document may become when it is unpacked.
const LARGEST: u64 = 2 << 30;

/// What gzip or zstd had packed; other bytes as they are.
pub(super) fn unpacked<'a>(mut input: Box<dyn Read + 'a>) -> Result<Box<dyn Read + 'a>, ReadError> {
    let mut head = Vec::new();
    input.by_ref().take(4).read_to_end(&mut head)?;
    let head_is = |magic: &[u8]| head.starts_with(magic);
    let (gzip, zstd) = (head_is(&[0x1f, 0x8b]), head_is(&[0x28, 0xb5, 0x2f, 0xfd]));
    let whole = Cursor::new(head).chain(input);
    let buffered = |whole| BufReader::with_capacity(64 << 10, whole);
    Ok(match (gzip, zstd) {
        (true, _) => {
            let inner = flate2::bufread::MultiGzDecoder::new(buffered(whole));
            Box::new(Bounded { inner, left: LARGEST })
        }
        (_, true) => {
            let inner = zstd::stream::read::Decoder::with_buffer(buffered(whole))?;
            Box::new(Bounded { inner, left: LARGEST })
        }
        _ => Box::new(whole),
    })
}

/// A reader of no more than so many bytes; more are an error.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::other("it is longer than 2 GiB when unpacked"))?;
        Ok(count)
    }
}

#[derive(Deserialize)]
struct Envelope {
    payload: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    dsse_envelope: Envelope,
}

#[derive(Deserialize)]
struct Statement {
    predicate: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    predicate_type: String,
}

/// What a DSSE envelope holds.
pub(super) fn envelope(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    payload(&parsed::<Envelope>(bytes)?)
}

/// What the envelope in a Sigstore bundle holds.
pub(super) fn bundle(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    payload(&parsed::<Bundle>(bytes)?.dsse_envelope)
}

fn payload(envelope: &Envelope) -> Result<Vec<u8>, ReadError> {
    let what = || "its payload is no base64".to_owned();
    base64(&envelope.payload).ok_or_else(|| ReadError::Broken { format: "an attestation", what: what() })
}

/// The document that an in-toto statement is about.
pub(super) fn predicate(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let mut predicate = parsed::<Statement>(bytes)?.predicate;
    // cosign once put the document one deeper, and some store it as a text.
    if let Some(data) = predicate.get_mut("Data").map(Value::take) {
        predicate = data;
    }
    match predicate {
        Value::String(text) => Ok(text.into_bytes()),
        other => serde_json::to_vec(&other).map_err(|error| broken_json("an attestation", error)),
    }
}

/// What an in-toto statement says its predicate is.
pub(super) fn predicate_type(bytes: &[u8]) -> String {
    let stated = parsed::<Typed>(bytes).map(|statement| statement.predicate_type);
    stated.unwrap_or_else(|_| "an unknown type".to_owned())
}

/// The JSON values of a file, one after the other: bundles have one a line.
pub(super) fn values(bytes: &[u8]) -> impl Iterator<Item = Result<&[u8], ReadError>> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
    std::iter::from_fn(move || {
        let start = values.byte_offset();
        let value = values.next()?;
        let end = values.byte_offset();
        Some(match value {
            Ok(_) => Ok(&bytes[start..end]),
            Err(error) => Err(broken_json("an attestation", error)),
        })
    })
}

fn parsed<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, ReadError> {
    serde_json::from_slice(bytes).map_err(|error| broken_json("an attestation", error))
}

/// Of the usual or the URL-safe alphabet, padded or not, in lines or not.
fn base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::RequireNone)
            .with_decode_allow_trailing_bits(true),
    );
    let said = text.bytes().filter(|c| !c.is_ascii_whitespace() && *c != b'=');
    let usual = said.map(|c| match c {
        b'-' => b'+',
        b'_' => b'/',
        c => c,
    });
    LENIENT.decode(usual.collect::<Vec<u8>>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_of_either_alphabet() {
        assert_eq!(base64("aGVs bG8=").as_deref(), Some(&b"hello"[..]));
        assert_eq!(base64("_-8"), base64("/+8="));
        assert_eq!(base64("a*"), None);
        assert_eq!(base64("aGVsbG8").as_deref(), Some(&b"hello"[..]));
        assert_eq!(base64("aGVs\r\n\tbG9=\n").as_deref(), Some(&b"hello"[..]));
        // One letter more than whole bytes are written in is none of them.
        assert_eq!(base64("aGVsbG8hx"), None);
        assert_eq!(base64("").as_deref(), Some(&b""[..]));
    }
}
