//! zstd:chunked: a layer in zstd of which every file, or every piece of a long one, is a frame of its own. The table of
//! contents follows in a frame that decoders skip.
//!
//! Where the table lies and what its digest is, as it is packed, stands in the image's manifest; what stands at the end of the
//! blob says the first of these only, and is not needed.
//!
//! Spec: <https://github.com/containers/storage/blob/main/docs/containers-storage-zstd-chunked.md>

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

use zstd::stream::read::Decoder;

/// How the annotations begin. The second is what buildah 1.28 and others of its time write.
const BEGINNINGS: [&str; 2] = ["io.github.containers.zstd-chunked.", "io.containers.zstd-chunked."];

/// The head of a frame that is skipped.
pub(super) const FRAME_HEAD: u64 = 8;

/// The one kind of table.
const CRFS: &str = "1";

/// What the manifest says of the table.
#[derive(Debug, PartialEq)]
pub(super) struct Said<'a> {
    pub(super) digest: &'a str,
    /// Where it lies in the blob.
    pub(super) place: Range<u64>,
    /// How much it comes to.
    pub(super) unpacked: u64,
}

/// `None` for a layer that is none.
pub(super) fn said(annotations: &BTreeMap<String, String>) -> Option<Said<'_>> {
    BEGINNINGS.iter().find_map(|beginning| {
        let digest = annotations.get(&format!("{beginning}manifest-checksum"))?;
        let position = annotations.get(&format!("{beginning}manifest-position"))?;
        let mut parts = position.split(':');
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (offset, length, unpacked) = (number()?, number()?, number()?);
        if parts.next() != Some(CRFS) || parts.next().is_some() || offset < FRAME_HEAD {
            return None;
        }
        Some(Said { digest, place: offset..offset.checked_add(length)?, unpacked })
    })
}

/// The table's JSON.
///
/// # Errors
/// Why it cannot be had.
pub(super) fn unpacked(packed: &[u8], length: u64) -> Result<Vec<u8>, String> {
    let mut json = Vec::new();
    let decoder = Decoder::with_buffer(packed).map_err(|error| error.to_string())?;
    decoder.take(length.saturating_add(1)).read_to_end(&mut json).map_err(|error| error.to_string())?;
    match json.len() as u64 == length {
        true => Ok(json),
        false => Err(format!("it does not unpack to {length} bytes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotations(beginning: &str, position: &str) -> BTreeMap<String, String> {
        let pair = |name: &str, value: &str| (format!("{beginning}{name}"), value.to_owned());
        BTreeMap::from([pair("manifest-checksum", "sha256:x"), pair("manifest-position", position)])
    }

    #[test]
    fn the_manifest_says_where_the_table_is() {
        for beginning in BEGINNINGS {
            let annotations = annotations(beginning, "100:20:300:1");
            let said = said(&annotations).expect("a place");
            assert_eq!(said, Said { digest: "sha256:x", place: 100..120, unpacked: 300 });
        }
        let none = |position: &str| said(&annotations(BEGINNINGS[0], position)).is_none();
        for position in [
            "",
            "1:2:3",
            "100:20:300:2",
            "100:20:300:1:",
            "-1:20:300:1",
            "7:20:300:1",
            "18446744073709551615:20:300:1",
        ] {
            assert!(none(position), "{position}");
        }
        assert_eq!(said(&BTreeMap::new()), None);
    }

    #[test]
    fn the_table_comes_to_what_is_said() {
        let packed = zstd::encode_all(&b"{\"version\":1}"[..], 1).expect("in memory");
        assert_eq!(unpacked(&packed, 13).as_deref(), Ok(&b"{\"version\":1}"[..]));
        assert!(unpacked(&packed, 12).is_err());
        assert!(unpacked(&packed, 14).is_err());
        assert!(unpacked(&packed[..packed.len() - 1], 13).is_err());
        let bomb = zstd::encode_all(&vec![0; 50 << 20][..], 1).expect("in memory");
        assert!(unpacked(&bomb, 1000).is_err());
    }
}
