//! eStargz: a layer in gzip of which every file is a member of its own, so that each can be unpacked alone. A last member
//! holds the table of contents as a tar, and behind it stand 51 bytes that tell where that begins.
//!
//! What gunzip makes of it is the layer and the table. The table's digest, uncompressed, stands in the image's manifest;
//! its predecessor stargz had none, and its 47 last bytes are not read here.
//!
//! Spec: <https://github.com/containerd/stargz-snapshotter/blob/main/docs/estargz.md>

use std::io::Read;

use flate2::read::GzDecoder;

/// The annotation with the table's digest.
pub(super) const DIGEST: &str = "containerd.io/snapshot/stargz/toc.digest";

/// Bytes of what stands at the end.
pub(super) const FOOTER: u64 = 51;

/// How the table is called in its tar.
const NAME: &[u8] = b"stargz.index.json";

/// Where in the blob the table begins. `None` for other bytes than those at the end of an eStargz.
///
/// They are an empty member of gzip whose extra field, of the name `SG`, is the place in sixteen hexadecimal digits and
/// `STARGZ`.
pub(super) fn table_at(footer: &[u8]) -> Option<u64> {
    let is_gzip = footer.len() as u64 == FOOTER && footer.starts_with(&[0x1f, 0x8b, 8, 4]);
    let is_ours =
        footer.get(10..16) == Some(&[26, 0, b'S', b'G', 22, 0]) && footer.get(32..38) == Some(b"STARGZ");
    let digits = std::str::from_utf8(footer.get(16..32)?).ok()?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_gzip && is_ours && is_number).then(|| u64::from_str_radix(digits, 16).ok())?
}

/// The table's JSON, from the member that holds it.
///
/// # Errors
/// Why it cannot be had.
pub(super) fn unpacked(member: &[u8], limit: u64) -> Result<Vec<u8>, String> {
    let mut tar = tar::Archive::new(GzDecoder::new(member).take(limit.saturating_add(4096)));
    let mut entries = tar.entries().map_err(|error| error.to_string())?;
    let entry = entries.next().ok_or("there is none")?.map_err(|error| error.to_string())?;
    if *entry.path_bytes() != *NAME {
        return Err("it is called by another name".to_owned());
    }
    let size = entry.size();
    let mut json = Vec::new();
    entry.take(limit.saturating_add(1)).read_to_end(&mut json).map_err(|error| error.to_string())?;
    if json.len() as u64 > limit || size > limit {
        return Err(format!("it unpacks to more than the limit of {limit} bytes"));
    }
    match json.len() as u64 == size {
        true => Ok(json),
        false => Err("it breaks off".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn footer(place: &str) -> Vec<u8> {
        let head = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 26, 0, b'S', b'G', 22, 0];
        [&head, place.as_bytes(), b"STARGZ", &[1, 0, 0, 0xff, 0xff], &[0; 8]].concat()
    }

    fn member(name: &str, content: &[u8]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, name, content).expect("in memory");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar.into_inner().expect("in memory")).expect("in memory");
        gzip.finish().expect("in memory")
    }

    #[test]
    fn the_end_tells_where_the_table_is() {
        assert_eq!(table_at(&footer("00000000000a1b2c")), Some(0xa1b2c));
        assert_eq!(table_at(&footer("ffffffffffffffff")), Some(u64::MAX));
        for other in [footer("+000000000000001"), footer("0x00000000000001"), vec![0; 51], Vec::new()] {
            assert_eq!(table_at(&other), None, "{other:?}");
        }
        let whole = footer("0000000000000001");
        assert_eq!(table_at(&whole[1..]), None);
        assert_eq!(table_at(&[&whole[..], b"\0"].concat()), None);
    }

    #[test]
    fn the_table_is_a_tar_in_a_member() {
        assert_eq!(unpacked(&member("stargz.index.json", b"{}"), 2).as_deref(), Ok(&b"{}"[..]));
        assert!(
            unpacked(&member("other.json", b"{}"), 100).is_err_and(|error| error.contains("another name"))
        );
        let whole = member("stargz.index.json", &[b' '; 4000]);
        assert!(unpacked(&whole, 3999).is_err_and(|error| error.contains("more than the limit")));
        for length in 0..whole.len() / 2 {
            assert!(unpacked(&whole[..length], 4000).is_err(), "{length} bytes");
        }
        // A bomb is not unpacked to its end.
        assert!(unpacked(&member("stargz.index.json", &vec![0; 50 << 20]), 1000).is_err());
    }
}
