//! The index of pairs as `licenses/index.bin` holds it, so that no run has to make it, nor to unpack it.
//!
//! First numbers of seven bits a byte, the lowest first, the last without its high bit. The texts: how many, and for
//! each the length of its id, the id, its pairs and its words. Then the exceptions: how many, and for each the length
//! of its id, the id, how many pairs it has, and the distances between those, sorted. Then how many pairs there are in
//! all, how many sets of few texts, how many texts these have, and how many common sets. The rest are tables of numbers
//! of one width, in the order of [`Index`]'s; last, for each text, what its pairs weigh and what its common ones do.

use super::index::{BUCKETS, Index, Known, SHELF};

/// Reads what the tests wrote. Absent where it is anything else.
pub(super) fn read(bytes: &'static [u8]) -> Option<Index> {
    let mut reader = Reader { rest: bytes };
    let mut known = Vec::new();
    for _ in 0..u16::try_from(reader.number()?).ok()? {
        let id = reader.text()?;
        let (pairs, words) = (reader.number()? as usize, reader.number()? as usize);
        known.push(Known { id, pairs, words, weight: 0, common: 0 });
    }
    let mut exceptions = Vec::new();
    for _ in 0..reader.number()? {
        exceptions.push((reader.text()?, reader.rising()?));
    }
    let [pairs, few, holders, common] =
        [reader.number()?, reader.number()?, reader.number()?, reader.number()?].map(|count| count as usize);
    let index = Index {
        exceptions,
        shelves: reader.table(BUCKETS / SHELF + 1)?,
        buckets: reader.table::<1>(BUCKETS + 1)?.as_flattened(),
        pairs: reader.table(pairs)?,
        sets: reader.table(pairs)?,
        starts: reader.table(few + 1)?,
        holders: reader.table(holders)?,
        sizes: reader.table(common)?,
        bits: reader.table::<1>(common * known.len().div_ceil(8))?.as_flattened(),
        weights: reader.table(known.len() + 1)?,
        known,
    };
    weighed(index, reader)
}

fn weighed(mut index: Index, mut reader: Reader) -> Option<Index> {
    let weights = reader.table::<16>(index.known.len())?;
    for (known, weights) in index.known.iter_mut().zip(weights) {
        let (all, common) = weights.split_first_chunk()?;
        known.weight = u64::from_le_bytes(*all);
        known.common = u64::from_le_bytes(common.try_into().ok()?);
    }
    reader.rest.is_empty().then_some(index)
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

    /// So many numbers of so many bytes.
    fn table<const WIDTH: usize>(&mut self, count: usize) -> Option<&'static [[u8; WIDTH]]> {
        let (table, rest) = self.rest.split_at_checked(count.checked_mul(WIDTH)?)?;
        self.rest = rest;
        Some(table.as_chunks().0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{data, ids};
    use super::super::index::Holders;
    use super::super::made::{self, FEW, Made};
    use super::*;

    fn write(made: &Made) -> Vec<u8> {
        let mut out = Vec::new();
        put(made.known.len(), &mut out);
        for known in &made.known {
            put_text(known.id, &mut out);
            put(known.pairs, &mut out);
            put(known.words, &mut out);
        }
        put(made.exceptions.len(), &mut out);
        for (id, pairs) in &made.exceptions {
            put_text(id, &mut out);
            put(pairs.len(), &mut out);
            let mut last = 0;
            for pair in pairs {
                put((pair - last) as usize, &mut out);
                last = *pair;
            }
        }
        let sets = made.sets();
        let (few, common) = sets.split_at(sets.partition_point(|set| set.len() <= FEW));
        put(made.pairs.len(), &mut out);
        put(few.len(), &mut out);
        put(few.iter().map(|set| set.len()).sum(), &mut out);
        put(common.len(), &mut out);
        put_buckets(made, &mut out);
        made.pairs.keys().for_each(|pair| out.extend((*pair as u16).to_le_bytes()));
        for holders in made.pairs.values() {
            let set = sets.binary_search_by_key(&(holders.len(), holders), |set| (set.len(), set));
            out.extend(u16::try_from(set.expect("is one")).expect("few sets").to_le_bytes());
        }
        let mut start = 0_u32;
        out.extend(start.to_le_bytes());
        for set in few {
            start += set.len() as u32;
            out.extend(start.to_le_bytes());
        }
        few.iter().copied().flatten().for_each(|holder| out.extend(holder.to_le_bytes()));
        common.iter().for_each(|set| out.extend((set.len() as u16).to_le_bytes()));
        for set in common {
            let mut bits = vec![0; made.known.len().div_ceil(8)];
            set.iter().for_each(|holder| bits[usize::from(*holder / 8)] |= 1 << (holder % 8));
            out.extend(bits);
        }
        made.weights.iter().for_each(|weight| out.extend(weight.to_le_bytes()));
        for known in &made.known {
            out.extend(known.weight.to_le_bytes());
            out.extend(known.common.to_le_bytes());
        }
        out
    }

    fn put_buckets(made: &Made, out: &mut Vec<u8>) {
        let mut before = vec![0_u32; BUCKETS + 1];
        for pair in made.pairs.keys() {
            before[(pair >> 16) as usize + 1] += 1;
        }
        for bucket in 0..BUCKETS {
            before[bucket + 1] += before[bucket];
        }
        for shelf in before.chunks(SHELF) {
            out.extend(shelf[0].to_le_bytes());
        }
        for shelf in before.chunks(SHELF) {
            out.extend(shelf.iter().map(|bucket| u8::try_from(bucket - shelf[0]).expect("few pairs")));
        }
    }

    fn put_text(text: &str, out: &mut Vec<u8>) {
        put(text.len(), out);
        out.extend_from_slice(text.as_bytes());
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
        let made = made::made();
        let anew = write(&made);
        if std::env::var_os("UPDATE_EXPECT").is_some() && data::INDEX != anew {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/licenses/index.bin");
            std::fs::write(path, anew).expect("writes");
            return;
        }
        // Systems differ in the last digit of a logarithm.
        let shipped = read(data::INDEX).expect("an index");
        for (one, other) in shipped.known.iter().zip(&made.known) {
            assert!(one.weight.abs_diff(other.weight) < other.weight / 10_000, "{}", one.id);
            assert_eq!(ids::known_license(one.id), Some(one.id));
        }
        let before_weights = anew.len() - made.known.len() * 20 - 4;
        let is_same =
            data::INDEX.len() == anew.len() && data::INDEX[..before_weights] == anew[..before_weights];
        assert!(is_same, "licenses/index.bin is not that of licenses/texts.zst");
    }

    #[test]
    fn every_pair_of_the_index_has_its_texts() {
        let (index, made) = (read(data::INDEX).expect("an index"), made::made());
        let mut common = vec![0; index.known.len()];
        for (pair, expected) in &made.pairs {
            let (holders, weight) = index.holders(index.set(*pair).expect("a set")).expect("texts");
            let holders: Vec<u16> = match holders {
                Holders::Few(few) => few.iter().map(|holder| u16::from_le_bytes(*holder)).collect(),
                Holders::Many(bits) => (0..index.known.len())
                    .filter(|text| bits.has(*text))
                    .inspect(|text| common[*text] += weight)
                    .map(|text| text as u16)
                    .collect(),
            };
            assert_eq!(holders, *expected);
            assert!(weight.abs_diff(u64::from(made.weights[holders.len()])) < 64);
        }
        assert!(index.known.iter().zip(common).all(|(known, common)| known.common == common));
        let absent = made.pairs.keys().find(|pair| !made.pairs.contains_key(&(*pair + 1)));
        assert_eq!(index.set(absent.expect("a gap") + 1), None);
        assert_eq!(index.set(0).or(index.set(u32::MAX)), None);
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
