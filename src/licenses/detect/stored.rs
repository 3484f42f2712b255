//! The index of pairs as `licenses/index.bin` holds it, so that no run has to make it, nor to unpack it.
//!
//! Numbers of seven bits a byte, the lowest first, the last without its high bit. The texts: how many, and for each
//! the length of its id, the id, its pairs and its words. How many pairs there are in all, and how many texts that
//! hold one. The pairs, sorted: for each its distance from the one before; then for each how many texts hold it; then
//! for each those texts, the first as it is, others as their distance from the one before. Then the exceptions: how
//! many, and for each the length of its id, the id, how many pairs it has, and the distances between those. Last what
//! the texts' pairs weigh: four bytes each, a float, the lowest byte first.

use super::super::ids;
use super::index::{Index, Known};

/// Reads what the tests wrote. Absent where it is anything else.
pub(super) fn read(bytes: &'static [u8]) -> Option<Index> {
    let mut reader = Reader { rest: bytes };
    let mut known = Vec::new();
    for _ in 0..u16::try_from(reader.number()?).ok()? {
        let id = ids::known_license(reader.text()?)?;
        let (pairs, words) = (reader.number()? as usize, reader.number()? as usize);
        known.push(Known { id, pairs, words, weight: 0.0 });
    }
    let (most_pairs, most_holders) = (reader.number()? as usize, reader.number()? as usize);
    if most_pairs > bytes.len() || most_holders > bytes.len() {
        return None;
    }
    let mut pairs = Vec::with_capacity(most_pairs);
    let mut pair = 0_u32;
    for _ in 0..most_pairs {
        pair = pair.checked_add(reader.number()?)?;
        pairs.push(pair);
    }
    let mut starts = Vec::with_capacity(most_pairs + 1);
    let mut start = 0_u32;
    starts.push(start);
    for _ in 0..most_pairs {
        start = start.checked_add(reader.number()?)?;
        starts.push(start);
    }
    if start as usize != most_holders {
        return None;
    }
    let mut holders: Vec<u16> = Vec::with_capacity(most_holders);
    for bounds in starts.windows(2) {
        let mut holder = 0_u32;
        for _ in bounds[0]..bounds[1] {
            holder = holder.checked_add(reader.number()?)?;
            holders.push(u16::try_from(holder).ok()?);
        }
        if holder as usize >= known.len() {
            return None;
        }
    }
    let mut exceptions = Vec::new();
    for _ in 0..reader.number()? {
        exceptions.push((reader.text()?, reader.rising()?));
    }
    let (weights, []) = reader.rest.as_chunks() else { return None };
    for (known, weight) in known.iter_mut().zip(weights) {
        known.weight = f32::from_le_bytes(*weight);
    }
    (weights.len() == known.len()).then(|| Index::of(known, pairs, starts, holders, exceptions))
}

struct Reader {
    rest: &'static [u8],
}

impl Reader {
    #[inline]
    fn number(&mut self) -> Option<u32> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        if *first < 0x80 { Some(u32::from(*first)) } else { self.longer(u32::from(first & 0x7f)) }
    }

    fn longer(&mut self, mut number: u32) -> Option<u32> {
        for shift in (7..35).step_by(7) {
            let (first, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u32::from(first & 0x7f).checked_shl(shift)?;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'static str> {
        let length = self.number()? as usize;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }

    /// Numbers that do not fall: how many, and the distances between them.
    fn rising(&mut self) -> Option<Vec<u32>> {
        let mut numbers = Vec::new();
        let mut last = 0_u32;
        for _ in 0..self.number()? {
            last = last.checked_add(self.number()?)?;
            numbers.push(last);
        }
        Some(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::data;
    use super::super::made;
    use super::*;

    fn write(index: &Index) -> Vec<u8> {
        let mut out = Vec::new();
        put(index.known.len(), &mut out);
        for known in &index.known {
            put_text(known.id, &mut out);
            put(known.pairs, &mut out);
            put(known.words, &mut out);
        }
        put(index.pairs.len(), &mut out);
        put(index.holders.len(), &mut out);
        put_distances(index.pairs.iter().copied(), &mut out);
        for place in 0..index.pairs.len() {
            put(index.holders(place).len(), &mut out);
        }
        for place in 0..index.pairs.len() {
            put_distances(index.holders(place).iter().map(|holder| u32::from(*holder)), &mut out);
        }
        put(index.exceptions.len(), &mut out);
        for (id, pairs) in &index.exceptions {
            put_text(id, &mut out);
            put(pairs.len(), &mut out);
            put_distances(pairs.iter().copied(), &mut out);
        }
        for known in &index.known {
            out.extend(known.weight.to_le_bytes());
        }
        out
    }

    fn put_text(text: &str, out: &mut Vec<u8>) {
        put(text.len(), out);
        out.extend_from_slice(text.as_bytes());
    }

    fn put_distances(numbers: impl Iterator<Item = u32>, out: &mut Vec<u8>) {
        let mut last = 0;
        for number in numbers {
            put((number - last) as usize, out);
            last = number;
        }
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
        let made = made::index();
        let anew = write(&made);
        if std::env::var_os("UPDATE_EXPECT").is_some() && data::INDEX != anew {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/licenses/index.bin");
            std::fs::write(path, anew).expect("writes");
            return;
        }
        // Systems differ in the last digit of a logarithm.
        let shipped = read(data::INDEX).expect("an index");
        for (one, other) in shipped.known.iter().zip(&made.known) {
            assert!((one.weight - other.weight).abs() < other.weight * 1e-4, "{}", one.id);
        }
        let before_weights = anew.len() - made.known.len() * 4;
        let is_same =
            data::INDEX.len() == anew.len() && data::INDEX[..before_weights] == anew[..before_weights];
        assert!(is_same, "licenses/index.bin is not that of licenses/texts.zst");
    }

    #[test]
    fn every_pair_of_the_index_is_found() {
        let index = read(data::INDEX).expect("an index");
        for (place, pair) in index.pairs.iter().enumerate() {
            assert_eq!(index.place(*pair), Some(place));
        }
        let absent = index.pairs.windows(2).find(|two| two[1] - two[0] > 1).map(|two| two[0] + 1);
        assert_eq!(index.place(absent.expect("a gap")), None);
        assert_eq!(index.place(0).or(index.place(u32::MAX)), None);
    }

    #[test]
    fn what_is_no_index_is_none() {
        assert!(read(b"").is_none());
        assert!(read(&[0xff; 100]).is_none());
        assert!(read(&data::INDEX[..data::INDEX.len() - 1]).is_none());
        let longer: &'static [u8] = [data::INDEX, &[0]].concat().leak();
        assert!(read(longer).is_none());
    }
}
