//! Broken copies of a file, the same for the same seed.

/// A generator of numbers: nothing depends on the machine or the day.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Less than `most`, which is not 0.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

/// What readers stumble over.
const ODD: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b"-1",
    b"99999999999999999999",
    b"null",
    b"\n\n",
    b"\r",
    b"://",
    b"&a;",
    b"%00",
    b"../",
    b"\xe2\x80\xae",
    b"1e999",
    b"'",
    b"\\u0000",
    b"{{",
    b": ",
    b"\t",
    b"<!--",
];

/// A copy with one to eight things wrong.
pub(crate) fn mutated(whole: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut copy = whole.to_vec();
    for _ in 0..=numbers.below(8) {
        if copy.is_empty() {
            return copy;
        }
        let at = numbers.below(copy.len());
        let length = 1 + numbers.below(64.min(copy.len() - at));
        match numbers.below(9) {
            0 => copy[at] ^= 1 << numbers.below(8),
            1 => copy[at] = numbers.below(256) as u8,
            2 => copy.truncate(at),
            3 => drop(copy.drain(at..at + length)),
            4 => {
                let part = copy[at..at + length].to_vec();
                let times = 1 + numbers.below(20);
                copy.splice(at..at, part.repeat(times));
            }
            5 => {
                let to = numbers.below(copy.len());
                let part = copy[at..at + length].to_vec();
                copy.splice(to..to, part);
            }
            6 => copy[at..at + length].fill(numbers.below(2) as u8 * 0xff),
            // Numbers of binary formats: lengths, offsets, counts.
            7 => {
                let value = [0, 1, u32::MAX, u32::MAX / 2, 1 << 20][numbers.below(5)].to_le_bytes();
                let end = copy.len().min(at + 4);
                copy[at..end].copy_from_slice(&value[..end - at]);
            }
            _ => {
                let odd = ODD[numbers.below(ODD.len())];
                copy.splice(at..at, odd.iter().copied());
            }
        }
    }
    copy
}
