//! What the bits mean: codes as tables, looked into by the next bits as they come.
//!
//! An entry of a table, from its lowest bit:
//! - 6 bits: how many bits it uses, those of a length or distance behind its code among them;
//! - 2 bits: how many literals it stands for; the literals follow in 8 bits each;
//! - without literals, 1 bit: whether it is something else than a length or distance ([`ELSE`]);
//! - 4 bits: of a length or distance the bits of its code alone, of a further table how many bits it is looked
//!   into by, and 0 for [`END`] and for what is no code;
//! - from bit 16: the smallest length or distance, or the place of the further table.

/// By how many bits the tables of lengths and literals, of distances, and of code lengths are looked into.
pub(super) const LITERAL_BITS: u32 = 11;
pub(super) const DISTANCE_BITS: u32 = 9;
pub(super) const LENGTH_BITS: u32 = 7;

/// Room for the further tables of the longest codes there can be (2,342 and 402 entries), as powers of two.
pub(super) const LITERALS: usize = 4096;
pub(super) const DISTANCES: usize = 1024;

pub(super) const LITERAL_COUNT: u32 = 3 << 6;
pub(super) const ELSE: u32 = 1 << 8;
/// The end of the block. With the bits of its code added.
pub(super) const END: u32 = ELSE | 1 << 16;

const LONGEST_CODE: usize = 15;

/// The smallest length of each symbol from 257 on, and how many bits are added to it.
const SMALLEST_LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// As a symbol's number grows by two, its distances double.
fn smallest_distance(symbol: u32) -> (u32, u32) {
    match symbol {
        0..4 => (symbol + 1, 0),
        _ => {
            let bits = symbol / 2 - 1;
            (((2 + symbol % 2) << bits) + 1, bits)
        }
    }
}

/// The codes of a block.
pub(super) struct Tables {
    pub(super) literals: [u32; LITERALS],
    pub(super) distances: [u32; DISTANCES],
}

impl Tables {
    pub(super) fn empty() -> Box<Self> {
        Box::new(Self { literals: [0; LITERALS], distances: [0; DISTANCES] })
    }

    /// Those of the standard's own codes.
    pub(super) fn standard() -> Box<Self> {
        let mut lengths = [8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let mut tables = Self::empty();
        tables.fill(&lengths, &[5; 32]).expect("the standard's codes are codes");
        tables
    }

    /// `None` where the lengths make no code.
    pub(super) fn fill(&mut self, literals: &[u8], distances: &[u8]) -> Option<()> {
        fill(&mut self.literals, LITERAL_BITS, Code::Literals, literals)?;
        // Where no two fit into one look, there is nothing to join: data that was packed before.
        let shortest = literals[..256].iter().filter(|length| **length > 0).min();
        if shortest.is_some_and(|length| u32::from(*length) * 2 <= LITERAL_BITS) {
            join_literals(&mut self.literals);
        }
        fill(&mut self.distances, DISTANCE_BITS, Code::Distances, distances)
    }

    #[inline(always)]
    pub(super) fn literal(&self, bits: u64) -> u32 {
        self.literals[(bits & ((1 << LITERAL_BITS) - 1)) as usize]
    }

    #[inline(always)]
    pub(super) fn distance(&self, bits: u64) -> u32 {
        self.distances[(bits & ((1 << DISTANCE_BITS) - 1)) as usize]
    }
}

/// What the symbols of a code stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// Lengths of the codes that follow; an entry has its symbol from bit 16 on.
    Lengths,
    Literals,
    Distances,
}

impl Code {
    fn entry(self, symbol: u16, bits: u32) -> u32 {
        let symbol = u32::from(symbol);
        let spread = |(smallest, more): (u32, u32)| (smallest << 16) | (bits << 9) | (bits + more);
        match self {
            Self::Lengths => (symbol << 16) | bits,
            Self::Literals if symbol < 256 => (symbol << 8) | (1 << 6) | bits,
            Self::Literals if symbol == 256 => END | bits,
            Self::Literals => match SMALLEST_LENGTHS.get(symbol as usize - 257) {
                Some((smallest, more)) => spread((u32::from(*smallest), u32::from(*more))),
                None => ELSE,
            },
            Self::Distances if symbol < 30 => spread(smallest_distance(symbol)),
            Self::Distances => ELSE,
        }
    }
}

/// Fills a table from the length in bits of each symbol's code; 0 is a symbol that does not occur. `None` where
/// the lengths make no code: too many, or too few to give every bit a meaning. A single code may stand alone.
pub(super) fn fill(table: &mut [u32], bits: u32, code: Code, lengths: &[u8]) -> Option<()> {
    let mut counts = [0_usize; LONGEST_CODE + 1];
    for length in lengths {
        counts[usize::from(*length).min(LONGEST_CODE)] += 1;
    }
    counts[0] = 0;
    check(code, &counts)?;
    let sorted = sorted(lengths, &counts);
    let mut symbols = sorted.iter().copied();
    let mut next = 0;
    table[0] = ELSE;
    for length in 1..=bits {
        // Seen with one bit more, everything so far is there twice.
        let size = 1 << (length - 1);
        table.copy_within(..size, size);
        for symbol in symbols.by_ref().take(counts[length as usize]) {
            table[next] = code.entry(symbol, length);
            next = following(next, length);
        }
    }
    let mut long = [(0, 0, 0); 288];
    let mut count = 0;
    for length in bits + 1..=LONGEST_CODE as u32 {
        for symbol in symbols.by_ref().take(counts[length as usize]) {
            long[count] = (next, length, symbol);
            count += 1;
            next = following(next, length);
        }
    }
    fill_further(table, bits, code, &long[..count])
}

/// Codes that are longer than the first look: those that begin alike share a table behind.
fn fill_further(table: &mut [u32], bits: u32, code: Code, long: &[(usize, u32, u16)]) -> Option<()> {
    let start = |code: usize| code & ((1 << bits) - 1);
    let mut free = 1 << bits;
    for alike in long.chunk_by(|one, next| start(one.0) == start(next.0)) {
        let more = alike.last()?.1 - bits;
        let further = table.get_mut(free..free + (1 << more))?;
        for (place, length, symbol) in alike {
            let places = further.iter_mut().skip(place >> bits).step_by(1 << (length - bits));
            places.for_each(|entry| *entry = code.entry(*symbol, *length));
        }
        table[start(alike[0].0)] = ELSE | (more << 9) | ((free as u32) << 16);
        free += 1 << more;
    }
    Some(())
}

fn check(code: Code, counts: &[usize; LONGEST_CODE + 1]) -> Option<()> {
    let mut free = 1_usize;
    for count in &counts[1..] {
        free = (free * 2).checked_sub(*count)?;
    }
    let stands_alone = code != Code::Lengths && counts[1] <= 1 && counts[2..].iter().all(|count| *count == 0);
    (free == 0 || stands_alone).then_some(())
}

/// The symbols in the order of their codes: by length, then by number.
fn sorted(lengths: &[u8], counts: &[usize; LONGEST_CODE + 1]) -> [u16; 320] {
    let mut places = [0; LONGEST_CODE + 1];
    for length in 1..LONGEST_CODE {
        places[length + 1] = places[length] + counts[length];
    }
    let mut sorted = [0; 320];
    for (symbol, length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
        let place = &mut places[usize::from(*length)];
        sorted[*place] = symbol as u16;
        *place += 1;
    }
    sorted
}

/// The code after one of as many bits. Its first bit is the lowest.
fn following(code: usize, bits: u32) -> usize {
    let zeros = !code & ((1 << bits) - 1);
    match zeros.checked_ilog2() {
        Some(highest) => (code & ((1 << highest) - 1)) | (1 << highest),
        None => 0,
    }
}

/// Makes one entry of up to three literals whose codes one look sees together.
fn join_literals(table: &mut [u32; LITERALS]) {
    // What follows a code is looked up at a smaller place: from the top down, that one is still single.
    for place in (0..1 << LITERAL_BITS).rev() {
        let mut joined = table[place];
        if joined & LITERAL_COUNT == 0 {
            continue;
        }
        for count in 1..3 {
            let used = joined & 63;
            let next = table[place >> used];
            if next & LITERAL_COUNT == 0 || used + (next & 63) > LITERAL_BITS {
                break;
            }
            joined += (next & 63) + (1 << 6) + (((next >> 8) & 0xff) << (8 + 8 * count));
        }
        table[place] = joined;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(code: Code, lengths: &[u8]) -> Option<Vec<u32>> {
        let mut table = vec![0; LITERALS];
        fill(&mut table, LITERAL_BITS, code, lengths).map(|()| table)
    }

    #[test]
    fn every_place_means_the_code_its_bits_begin_with() {
        // The example of RFC 1951, 3.2.2: A to H with these lengths.
        let table = table(Code::Lengths, &[3, 3, 3, 3, 3, 2, 4, 4]).expect("a code");
        let meaning = |bits: usize| (table[bits] >> 16, table[bits] & 63);
        // Codes in the order of their bits: F 00, A 010, B 011, G 1110, H 1111.
        assert_eq!([meaning(0b00), meaning(0b010), meaning(0b110)], [(5, 2), (0, 3), (1, 3)]);
        assert_eq!([meaning(0b0111), meaning(0b1111), meaning(0b10_0111)], [(6, 4), (7, 4), (6, 4)]);
    }

    #[test]
    fn long_codes_lie_in_a_table_behind() {
        let mut lengths: Vec<u8> = (1..=15).collect();
        lengths.push(15);
        let table = table(Code::Lengths, &lengths).expect("a code");
        let first = table[(1 << LITERAL_BITS) - 1];
        assert_eq!((first & ELSE, (first >> 9) & 15, first >> 16), (ELSE, 4, 1 << LITERAL_BITS));
        let last = table[(1 << LITERAL_BITS) + 15];
        assert_eq!((last >> 16, last & 63), (15, 15));
    }

    #[test]
    fn lengths_that_make_no_code_are_refused() {
        assert!(table(Code::Lengths, &[1, 1, 1]).is_none(), "too many");
        assert!(table(Code::Lengths, &[2, 2, 2]).is_none(), "too few");
        assert!(table(Code::Distances, &[1]).is_some(), "one alone");
        assert!(table(Code::Lengths, &[1]).is_none(), "one alone where several are needed");
        assert!(table(Code::Distances, &[]).is_some(), "none, which no block may use");
    }

    #[test]
    fn literals_are_joined_as_far_as_one_look_sees() {
        // Code 0 is `a`, 10 is `b`; the rest is the end.
        let mut lengths = [0; 257];
        (lengths[usize::from(b'a')], lengths[usize::from(b'b')], lengths[256]) = (1, 2, 2);
        let mut table = Box::new([0; LITERALS]);
        fill(&mut table[..], LITERAL_BITS, Code::Literals, &lengths).expect("a code");
        join_literals(&mut table);
        let read = |bits: usize| {
            let entry = table[bits];
            let count = ((entry & LITERAL_COUNT) >> 6) as usize;
            (String::from_utf8_lossy(&(entry >> 8).to_le_bytes()[..count]).into_owned(), entry & 63)
        };
        assert_eq!(read(0), ("aaa".to_owned(), 3));
        assert_eq!(read(0b010), ("aba".to_owned(), 4));
        assert_eq!(read(0b1010), ("abb".to_owned(), 5));
        assert_eq!(read(0b110), ("a".to_owned(), 1));
        assert_eq!(table[0b11], END | 2);
    }

    #[test]
    fn distances_double_every_second_symbol() {
        let all: Vec<_> = (0..30).map(smallest_distance).collect();
        assert_eq!((all[0], all[3], all[4], all[6]), ((1, 0), (4, 0), (5, 1), (9, 2)));
        assert_eq!(all[29], (24577, 13));
    }
}
