//! Where in the middle of a stream a block may begin.

/// What lies behind the bits searched: the header's first 17, and 19 lengths of 3.
const NEEDED: usize = 24;

/// How much room the codes of four lengths of three bits take, of the 128 places that all must fill.
static ROOM: [u16; 1 << 12] = {
    let mut room = [0; 1 << 12];
    let mut lengths = 0;
    while lengths < room.len() {
        let mut rest = lengths;
        while rest > 0 {
            if rest & 7 > 0 {
                room[lengths] += 128 >> (rest & 7);
            }
            rest >>= 3;
        }
        lengths += 1;
    }
    room
};

/// Bits of these bytes at which a block with codes of its own may begin that is not the last. Most do, where there is a
/// block; and some others do.
pub(super) fn beginnings(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let words = bytes.len().saturating_sub(NEEDED);
    (0..words).flat_map(move |at| {
        let word = word(bytes, at);
        // Not the last, and of kind 2: of each eight places, one on average.
        let begins = !word & !(word >> 1) & (word >> 2) & 0xff;
        Ones(begins)
            .filter(move |bit| is_code(bytes, at, *bit))
            .map(move |bit| (at * 8) as u64 + u64::from(bit))
    })
}

/// The numbers of the bits that are set.
struct Ones(u64);

impl Iterator for Ones {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let next = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        (next < 64).then_some(next)
    }
}

fn word(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Whether no more symbols are promised than there are, and the first lengths make a code that fills all places.
fn is_code(bytes: &[u8], at: usize, bit: u32) -> bool {
    let head = word(bytes, at) >> bit;
    let (literals, distances, written) = (head >> 3 & 31, head >> 8 & 31, head >> 13 & 15);
    if literals > 29 || distances > 29 {
        return false;
    }
    let lengths = (word(bytes, at + 2) >> bit >> 1) & ((1 << (3 * (written + 4))) - 1);
    (0..5).map(|four| ROOM[(lengths >> (12 * four) & 0xfff) as usize]).sum::<u16>() == 128
}

#[cfg(test)]
mod tests {
    use super::super::blocks::{Blocks, State};
    use super::super::decode::Sink;
    use super::super::input::{Cursor, PADDING};
    use super::super::stream::tests::{content, pack};
    use super::*;

    struct Nothing;

    impl Sink for Nothing {
        fn literals(&mut self, _: u32) {}

        fn has_room(&mut self, _: usize) -> bool {
            true
        }

        fn reaches(&self, _: usize) -> bool {
            true
        }

        fn repeat(&mut self, _: usize, _: usize) {}
    }

    /// Where blocks begin that have codes of their own, but for the last; by decoding all of them.
    fn blocks(packed: &[u8]) -> Vec<u64> {
        let bytes = [packed, &[0; PADDING]].concat();
        let mut cursor = Cursor { bytes: &*bytes, at: 0, end: packed.len(), bits: 0, count: 0 };
        let (mut blocks, mut starts) = (Blocks::new(), Vec::new());
        while blocks.state != State::Ended {
            let start = cursor.position();
            blocks.header(&mut cursor).expect("a block");
            if blocks.state == (State::Codes { own: true }) && !blocks.is_last {
                starts.push(start);
            }
            match blocks.state {
                State::Stored(length) => cursor.at += length,
                State::Codes { own } => while !blocks.codes(&mut cursor, own, Nothing).0.expect("codes") {},
                state => panic!("{state:?} behind a header"),
            }
            blocks.end_block();
        }
        starts
    }

    #[test]
    fn every_block_with_codes_of_its_own_is_found_and_little_else() {
        for level in [4, 6, 9] {
            let packed = pack(&content(2_000_000, 21), level);
            let (blocks, found) = (blocks(&packed), beginnings(&packed).collect::<Vec<_>>());
            assert!(blocks.len() > 10, "{} blocks", blocks.len());
            assert!(blocks.iter().all(|start| found.contains(start)), "level {level}");
            assert!(found.len() < packed.len() / 50, "{} places of {} bytes", found.len(), packed.len());
        }
    }
}
