//! The index of pairs as `licenses/index.zst` holds it, so that no run has to make it.
//!
//! Numbers of seven bits a byte, the lowest first, the last without its high bit. The texts: how many, and for each
//! the length of its id, the id, its pairs and its words. Then the pairs, sorted: how many, and for each its
//! distance from the one before, how many texts hold it, and the distances between those.

use super::super::expression::License;
use super::super::{ids, parse};
use super::index::{Index, Known};

/// Reads what [`write`] wrote. Absent where it is anything else.
pub(super) fn read(bytes: &[u8]) -> Option<Index> {
    let mut reader = Reader { rest: bytes };
    let count = usize::from(u16::try_from(reader.number()?).ok()?);
    let mut known = Vec::with_capacity(count);
    for _ in 0..count {
        let license = reader.license()?;
        let (pairs, words) = (reader.number()? as usize, reader.number()? as usize);
        known.push(Known { license, pairs, words, weight: 0.0 });
    }
    let mut entries: Vec<(u32, u16)> = Vec::new();
    let mut pair = 0_u32;
    for _ in 0..reader.number()? {
        pair = pair.checked_add(reader.number()?)?;
        let mut holder = 0_u32;
        for _ in 0..reader.number()? {
            holder = holder.checked_add(reader.number()?)?;
            let number = u16::try_from(holder).ok().filter(|number| usize::from(*number) < count)?;
            entries.push((pair, number));
        }
    }
    reader.rest.is_empty().then(|| Index::of(known, &entries))
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn number(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for shift in (0..35).step_by(7) {
            let (first, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u32::from(first & 0x7f).checked_shl(shift)?;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn license(&mut self) -> Option<License> {
        let length = self.number()? as usize;
        let (id, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(parse::spdx_license(ids::known_license(std::str::from_utf8(id).ok()?)?, false))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::data;
    use super::*;

    fn write(index: &Index) -> Vec<u8> {
        let mut out = Vec::new();
        put(index.known.len(), &mut out);
        for known in &index.known {
            let id = known.license.id.as_str();
            put(id.len(), &mut out);
            out.extend_from_slice(id.as_bytes());
            put(known.pairs, &mut out);
            put(known.words, &mut out);
        }
        let pairs = &index.pairs;
        put(pairs.len(), &mut out);
        let mut last = 0;
        for (place, pair) in pairs.iter().enumerate() {
            put((*pair - last) as usize, &mut out);
            last = *pair;
            let holders = index.holders(place);
            put(holders.len(), &mut out);
            let mut last = 0;
            for holder in holders {
                put(usize::from(*holder - last), &mut out);
                last = *holder;
            }
        }
        out
    }

    fn put(mut number: usize, out: &mut Vec<u8>) {
        while number >= 0x80 {
            out.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        out.push(number as u8);
    }

    /// To make the file anew after the list or the way of reading words changed:
    /// `UPDATE_EXPECT=1 cargo test --lib the_index_is`.
    #[test]
    fn the_index_is_that_of_the_texts() {
        let anew = write(&Index::build());
        let shipped = zstd::bulk::decompress(data::INDEX, 64 << 20).unwrap_or_default();
        if std::env::var_os("UPDATE_EXPECT").is_none() {
            assert!(shipped == anew, "licenses/index.zst is not that of licenses/texts.zst");
        } else if shipped != anew {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/licenses/index.zst");
            let bytes = zstd::bulk::compress(&anew, 19).expect("compresses");
            std::fs::write(path, bytes).expect("writes");
        }
    }

    #[test]
    fn what_is_no_index_is_none() {
        assert!(read(b"").is_none());
        assert!(read(&[0xff; 100]).is_none());
        let whole = zstd::bulk::decompress(data::INDEX, 64 << 20).expect("ours");
        assert!(read(&whole).is_some());
        assert!(read(&whole[..whole.len() - 1]).is_none());
        assert!(read(&[whole.as_slice(), &[0]].concat()).is_none());
    }
}
