//! An object as its difference to another: pieces copied from that, and pieces of its own.
//!
//! Spec: <https://git-scm.com/docs/pack-format#_deltified_representation>

/// What comes of applying a delta. `None` when it does not fit its base, or says of itself what it does not keep.
pub(super) fn applied(base: &[u8], delta: &[u8], limit: u64) -> Option<Vec<u8>> {
    let mut from = Reader(delta);
    let (base_size, size) = (from.size()?, from.size()?);
    if base_size != base.len() as u64 || size > limit {
        return None;
    }
    let size = usize::try_from(size).ok()?;
    let mut result = Vec::with_capacity(size.min(1 << 20));
    while !from.0.is_empty() {
        match from.byte()? {
            0 => return None,
            code @ 0x80.. => {
                let offset = from.sparse(code, 4)?;
                let length = match from.sparse(code >> 4, 3)? {
                    0 => 0x10000,
                    length => length,
                };
                result.extend_from_slice(base.get(offset..)?.get(..length)?);
            }
            length => result.extend_from_slice(from.bytes(length.into())?),
        }
        if result.len() > size {
            return None;
        }
    }
    (result.len() == size).then_some(result)
}

/// How long the result of a delta is, from its beginning.
pub(super) fn size_of_result(delta: &[u8]) -> Option<u64> {
    let mut from = Reader(delta);
    from.size()?;
    from.size()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    /// Seven bits a byte, the lowest first.
    fn size(&mut self) -> Option<u64> {
        let mut size = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            size |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(size);
            }
        }
        None
    }

    /// A number of which only the bytes are there whose bits are set.
    fn sparse(&mut self, bits: u8, count: u32) -> Option<usize> {
        let mut number = 0;
        for index in 0..count {
            if bits >> index & 1 == 1 {
                number |= usize::from(self.byte()?) << (8 * index);
            }
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &[u8] = b"the quick brown fox";

    #[test]
    fn pieces_are_copied_and_put_in() {
        // Copies 4 bytes from 0, puts in `slow`, copies 10 from 9.
        let delta = [19, 18, 0x90, 4, 4, b's', b'l', b'o', b'w', 0x91, 9, 10];
        assert_eq!(applied(BASE, &delta, 100).as_deref(), Some(&b"the slow brown fox"[..]));
        assert_eq!(size_of_result(&delta), Some(18));
        assert_eq!(applied(BASE, &delta, 17), None);
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        let delta = [19, 18, 0x90, 4, 4, b's', b'l', b'o', b'w', 0x91, 9, 10];
        for length in 0..delta.len() {
            assert_eq!(applied(BASE, &delta[..length], 100), None, "{length}");
        }
        assert_eq!(applied(&BASE[1..], &delta, 100), None);
        assert_eq!(applied(BASE, &[19, 4, 0], 100), None, "a code that is kept for later");
        assert_eq!(applied(BASE, &[19, 40, 0x91, 9, 40], 100), None, "more than the base has");
        assert_eq!(applied(BASE, &[19, 1, 0x90, 4], 100), None, "more than it says");
        assert_eq!(applied(BASE, &[0xff; 30], u64::MAX), None);
    }
}
