//! NDB, rpm's own container, used by SUSE: pages of slots that point to blobs, all numbers little-endian.
//!
//! Spec: <https://github.com/rpm-software-management/rpm/blob/master/lib/backend/ndb/rpmpkg.c>

use std::borrow::Cow;

use super::{Budget, Found, little_endian, place};

const MAGIC: &[u8] = b"RpmP";
const SLOT_PAGE: usize = 4096;
const SLOT: usize = 16;
const BLOB_HEAD: usize = 16;
/// Blobs lie at multiples of this.
const BLOCK: usize = 16;

pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

pub(super) fn headers(bytes: &[u8]) -> Result<Found<'_>, String> {
    let pages = little_endian(bytes, 12).ok_or("is cut before its first slot")?;
    let end = place(pages).saturating_mul(SLOT_PAGE).min(bytes.len());
    // The file's own header takes the place of the first two slots.
    let slots = bytes.get(2 * SLOT..end).unwrap_or_default();
    let mut found = Found::default();
    let mut budget = Budget(bytes.len());
    for slot in slots.chunks_exact(SLOT) {
        let Some(index) = little_endian(slot, 4).filter(|index| *index != 0) else { continue };
        let blob = blob(bytes, slot, index).and_then(|blob| budget.spend(blob.len()).map(|()| blob));
        found.take(blob.map(Cow::Borrowed), || format!("package {index} is cut or overwritten"));
    }
    Ok(found)
}

fn blob<'a>(bytes: &'a [u8], slot: &[u8], index: u32) -> Option<&'a [u8]> {
    if !slot.starts_with(b"Slot") {
        return None;
    }
    let blob = bytes.get(place(little_endian(slot, 8)?).checked_mul(BLOCK)?..)?;
    let is_its = blob.starts_with(b"BlbS") && little_endian(blob, 4) == Some(index);
    let size = place(little_endian(blob, 12)?);
    is_its.then(|| blob.get(BLOB_HEAD..BLOB_HEAD.checked_add(size)?)).flatten()
}

#[cfg(test)]
pub(in crate::inventory) mod testing {
    /// A database of one page of slots and these blobs.
    pub(in crate::inventory) fn database(blobs: &[&[u8]]) -> Vec<u8> {
        let mut file = [b"RpmP".as_slice(), &[0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0]].concat();
        file.resize(super::SLOT_PAGE, 0);
        for (index, blob) in blobs.iter().enumerate() {
            let package = (index as u32 + 1).to_le_bytes();
            let (offset, slot) = (file.len() / super::BLOCK, (index + 2) * super::SLOT);
            file[slot..slot + 4].copy_from_slice(b"Slot");
            file[slot + 4..slot + 8].copy_from_slice(&package);
            file[slot + 8..slot + 12].copy_from_slice(&(offset as u32).to_le_bytes());
            file.extend_from_slice(b"BlbS");
            file.extend_from_slice(&package);
            file.extend_from_slice(&[0; 4]);
            file.extend_from_slice(&(blob.len() as u32).to_le_bytes());
            file.extend_from_slice(blob);
            file.resize(file.len().next_multiple_of(super::BLOCK), 0);
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_slots_are_passed_over_and_cut_blobs_are_told() {
        let file = testing::database(&[b"first", b"second blob"]);
        let found = headers(&file).expect("a database");
        assert_eq!(found.headers, [&b"first"[..], b"second blob"]);
        let found = headers(&file[..file.len() - 20]).expect("a database");
        assert_eq!(found.headers, [&b"first"[..]]);
        assert_eq!(found.problems, ["package 2 is cut or overwritten"]);
    }

    #[test]
    fn slots_that_all_claim_one_blob_are_stopped() {
        let mut file = testing::database(&[&[7; 3000]]);
        let slot: [u8; SLOT] = file[2 * SLOT..3 * SLOT].try_into().expect("a slot");
        for place in 3..SLOT_PAGE / SLOT {
            file[place * SLOT..(place + 1) * SLOT].copy_from_slice(&slot);
        }
        assert_eq!(headers(&file).expect("a database").headers.len(), 2);
        assert!(headers(b"RpmP").is_err());
    }
}
