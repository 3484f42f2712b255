//! Berkeley DB's hash, rpm's container up to RHEL 8 and Amazon Linux 2, in either byte order.
//!
//! Pages of hash hold items, a key and a value in turn. A header is mostly too large for a page: then the
//! value names the first of a chain of overflow pages.
//! Spec: <https://github.com/berkeleydb/libdb/blob/master/src/dbinc/db_page.h>

use std::borrow::Cow;

use super::{Budget, Found, place, word};

const HASH_MAGIC: u32 = 0x0006_1561;
const PAGE_HEAD: usize = 26;
const PAGE_HASH: u8 = 13;
const PAGE_HASH_UNSORTED: u8 = 2;
const PAGE_OVERFLOW: u8 = 7;
const ITEM_HERE: u8 = 1;
const ITEM_OVERFLOW: u8 = 3;
/// The database's count of packages is kept as one of them.
const SMALLEST_HEADER: usize = 8;

pub(super) fn is(bytes: &[u8]) -> bool {
    word(bytes, 12).is_some_and(|magic| {
        u32::from_le_bytes(magic) == HASH_MAGIC || u32::from_be_bytes(magic) == HASH_MAGIC
    })
}

pub(super) fn headers(bytes: &[u8]) -> Result<Found<'_>, String> {
    let is_big_endian = word(bytes, 12).map(u32::from_be_bytes) == Some(HASH_MAGIC);
    let mut file = Database { bytes, is_big_endian, page_size: 0 };
    let page_size = file.number(bytes, 20).unwrap_or_default();
    if !(512..=65536).contains(&page_size) || !page_size.is_power_of_two() {
        return Err(format!("has pages of {page_size} bytes"));
    }
    if bytes.get(24) != Some(&0) {
        return Err("is encrypted".to_owned());
    }
    file.page_size = place(page_size);
    let mut found = Found::default();
    let mut budget = Budget(bytes.len());
    for page in bytes.chunks_exact(file.page_size) {
        if matches!(page.get(25), Some(&(PAGE_HASH | PAGE_HASH_UNSORTED))) {
            file.values(page, &mut found, &mut budget);
        }
    }
    Ok(found)
}

struct Database<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
    page_size: usize,
}

impl<'a> Database<'a> {
    fn number(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let word = word(bytes, at)?;
        Some(if self.is_big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
    }

    fn short(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let pair: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
        let short = if self.is_big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) };
        Some(usize::from(short))
    }

    fn page(&self, number: u32) -> Option<&'a [u8]> {
        let start = place(number).checked_mul(self.page_size)?;
        self.bytes.get(start..start.checked_add(self.page_size)?)
    }

    /// Items grow from the page's end towards its head: each ends where the one before it begins.
    fn values(&self, page: &'a [u8], found: &mut Found<'a>, budget: &mut Budget) {
        let entries = self.short(page, 20).unwrap_or_default();
        let begin = |entry: usize| self.short(page, PAGE_HEAD + 2 * entry);
        for value in (1..entries).step_by(2) {
            let item = begin(value).zip(begin(value - 1)).and_then(|(begin, end)| page.get(begin..end));
            let header = item.and_then(|item| match *item.first()? {
                ITEM_HERE => Some(Cow::Borrowed(&item[1..])),
                ITEM_OVERFLOW => self.overflow(item, budget).map(Cow::Owned),
                _ => None,
            });
            if header.as_ref().is_none_or(|header| header.len() >= SMALLEST_HEADER) {
                found.take(header, || "a package is cut or overwritten".to_owned());
            }
        }
    }

    fn overflow(&self, item: &[u8], budget: &mut Budget) -> Option<Vec<u8>> {
        let mut next = self.number(item, 4)?;
        let size = place(self.number(item, 8)?);
        budget.spend(size)?;
        let mut header = Vec::new();
        while header.len() < size {
            let page = self.page(next).filter(|page| page[25] == PAGE_OVERFLOW)?;
            let used = self.short(page, 22).filter(|used| *used > 0)?;
            header.extend_from_slice(page.get(PAGE_HEAD..PAGE_HEAD + used)?);
            next = self.number(page, 16)?;
        }
        (header.len() == size).then_some(header)
    }
}

#[cfg(test)]
pub(in crate::inventory) mod testing {
    const PAGE: usize = 512;

    /// A database of one page of hash, with every blob in overflow pages of its own.
    pub(in crate::inventory) fn database(blobs: &[&[u8]], is_big_endian: bool) -> Vec<u8> {
        let number = |number: usize| match is_big_endian {
            true => (number as u32).to_be_bytes(),
            false => (number as u32).to_le_bytes(),
        };
        let short = |number: usize| match is_big_endian {
            true => (number as u16).to_be_bytes(),
            false => (number as u16).to_le_bytes(),
        };
        let mut file = vec![0; 2 * PAGE];
        file[12..16].copy_from_slice(&number(0x0006_1561));
        file[20..24].copy_from_slice(&number(PAGE));
        file[25] = 8;
        let (mut end, mut entries) = (PAGE, 0);
        let mut items: Vec<Vec<u8>> = vec![vec![1, 0, 0, 0, 0], vec![1, 2, 0, 0, 0]];
        let mut overflow: Vec<u8> = Vec::new();
        for (index, blob) in blobs.iter().enumerate() {
            let first = 2 + overflow.len() / PAGE;
            items.push([&[1][..], &number(index + 1)].concat());
            items.push([&[3, 0, 0, 0][..], &number(first), &number(blob.len())].concat());
            let chunks = blob.chunks(PAGE - super::PAGE_HEAD);
            let last = chunks.len() - 1;
            for (place, chunk) in chunks.enumerate() {
                let next = if place == last { 0 } else { first + place + 1 };
                let mut page =
                    [&[0; 16][..], &number(next), &[0; 2], &short(chunk.len()), &[0, 7], chunk].concat();
                page.resize(PAGE, 0);
                overflow.extend_from_slice(&page);
            }
        }
        for item in &items {
            end -= item.len();
            file[PAGE + end..PAGE + end + item.len()].copy_from_slice(item);
            let index = PAGE + super::PAGE_HEAD + 2 * entries;
            file[index..index + 2].copy_from_slice(&short(end));
            entries += 1;
        }
        file[PAGE + 20..PAGE + 22].copy_from_slice(&short(entries));
        file[PAGE + 25] = 13;
        [file, overflow].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_in_either_byte_order() {
        let blobs: [&[u8]; 2] = [&[1; 2000], &[2; 100]];
        for is_big_endian in [false, true] {
            let file = testing::database(&blobs, is_big_endian);
            let found = headers(&file).expect("a database");
            assert_eq!(found.headers, blobs);
            assert!(found.problems.is_empty());
        }
    }

    #[test]
    fn a_chain_that_is_cut_or_a_ring_is_told() {
        let file = testing::database(&[&[1; 2000], &[2; 100]], false);
        let found = headers(&file[..file.len() - 512]).expect("a database");
        assert_eq!((found.headers.len(), found.problems.len()), (1, 1));
        let mut ring = file.clone();
        // The second overflow page names itself as the next; the sizes no longer come out even.
        ring[3 * 512 + 16] = 3;
        ring[3 * 512 + 22] = 7;
        let found = headers(&ring).expect("a database");
        assert_eq!((found.headers.len(), found.problems.len()), (1, 1));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let file = testing::database(&[&[1; 100]], false);
        let with = |at: usize, byte: u8| {
            let mut file = file.clone();
            file[at] = byte;
            headers(&file).err()
        };
        assert_eq!(with(24, 1).as_deref(), Some("is encrypted"));
        assert_eq!(with(20, 3).as_deref(), Some("has pages of 515 bytes"));
    }
}
