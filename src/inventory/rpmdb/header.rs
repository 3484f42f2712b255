//! An rpm header: an index of tags, and a store of their values, all numbers big-endian.
//!
//! The first tag marks the region that was signed; tags behind it were added when the package was installed,
//! and replace those of the same number inside.
//! Spec: <https://rpm-software-management.github.io/rpm/manual/format_header.html>

use std::borrow::Cow;

use super::{big_endian, place};

const ENTRY: usize = 16;
const TYPE_INT16: u32 = 3;
const TYPE_INT32: u32 = 4;
const TYPE_STRING: u32 = 6;
const TYPE_STRINGS: u32 = 8;
const TYPE_I18N: u32 = 9;

/// A header's values by tag.
#[derive(Debug)]
pub(in crate::inventory) struct Header<'a> {
    /// By tag; of those of one tag the last one counts.
    entries: Vec<(u32, Entry)>,
    store: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: u32,
    offset: usize,
    count: usize,
}

impl<'a> Header<'a> {
    /// `None` when the bytes are too few for what their first two numbers promise.
    pub(in crate::inventory) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let entries = place(big_endian(bytes, 0)?);
        let store_size = place(big_endian(bytes, 4)?);
        let index = bytes.get(8..entries.checked_mul(ENTRY)?.checked_add(8)?)?;
        let store = bytes.get(8 + index.len()..)?.get(..store_size)?;
        let entry = |entry: &[u8]| {
            let number = |at| big_endian(entry, at);
            let value = Entry { kind: number(4)?, offset: place(number(8)?), count: place(number(12)?) };
            Some((number(0)?, value))
        };
        let mut entries: Vec<(u32, Entry)> = index.chunks_exact(ENTRY).filter_map(entry).collect();
        // Nearly in order as they lie there; a stable sort keeps those of one tag in theirs.
        entries.sort_by_key(|(tag, _)| *tag);
        Some(Self { entries, store })
    }

    fn entry(&self, tag: u32) -> Option<Entry> {
        let behind = self.entries.partition_point(|(other, _)| *other <= tag);
        let (last, entry) = self.entries[..behind].last()?;
        (*last == tag).then_some(*entry)
    }

    /// A text; of a text in several languages the first, which is the untranslated one.
    pub(in crate::inventory) fn text(&self, tag: u32) -> Option<Cow<'a, str>> {
        let text = self.texts(tag).next()?;
        (!text.is_empty() && text != "(none)").then_some(text)
    }

    pub(in crate::inventory) fn texts(&self, tag: u32) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let entry = self.entry(tag);
        let entry = entry.filter(|entry| matches!(entry.kind, TYPE_STRING | TYPE_STRINGS | TYPE_I18N));
        let count = entry.map_or(0, |entry| entry.count);
        let mut rest = entry.and_then(|entry| self.store.get(entry.offset..)).unwrap_or_default();
        let next = move || {
            let end = memchr::memchr(0, rest)?;
            let (text, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            Some(String::from_utf8_lossy(text))
        };
        std::iter::from_fn(next).take(count)
    }

    pub(in crate::inventory) fn number(&self, tag: u32) -> Option<u32> {
        self.numbers(tag).next()
    }

    pub(in crate::inventory) fn numbers(&self, tag: u32) -> impl Iterator<Item = u32> + use<'a> {
        let entry = self.entry(tag);
        let width = match entry.map(|entry| entry.kind) {
            Some(TYPE_INT16) => 2,
            Some(TYPE_INT32) => 4,
            _ => 0,
        };
        let count = entry.filter(|_| width > 0).map_or(0, |entry| entry.count);
        let bytes = entry.and_then(|entry| self.store.get(entry.offset..)).unwrap_or_default();
        let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        bytes.chunks_exact(width.max(1)).take(count).map(number)
    }
}

#[cfg(test)]
pub(in crate::inventory) mod testing {
    /// A header of these tags, as rpm writes it into its database, without a signed region.
    pub(in crate::inventory) fn header(tags: &[(u32, Value)]) -> Vec<u8> {
        let mut index = Vec::new();
        let mut store = Vec::new();
        for (tag, value) in tags {
            let (kind, count, bytes): (u32, usize, Vec<u8>) = match value {
                Value::Text(text) => (6, 1, [text.as_bytes(), b"\0"].concat()),
                Value::Texts(texts) => (
                    8,
                    texts.len(),
                    texts.iter().flat_map(|text| [text.as_bytes(), b"\0"].concat()).collect(),
                ),
                Value::Shorts(numbers) => {
                    (3, numbers.len(), numbers.iter().flat_map(|number| number.to_be_bytes()).collect())
                }
                Value::Numbers(numbers) => {
                    (4, numbers.len(), numbers.iter().flat_map(|number| number.to_be_bytes()).collect())
                }
            };
            for number in [*tag, kind, store.len() as u32, count as u32] {
                index.extend_from_slice(&number.to_be_bytes());
            }
            store.extend_from_slice(&bytes);
        }
        let sizes = [(index.len() / 16) as u32, store.len() as u32].map(u32::to_be_bytes).concat();
        [sizes, index, store].concat()
    }

    pub(in crate::inventory) enum Value {
        Text(&'static str),
        Texts(&'static [&'static str]),
        Shorts(&'static [u16]),
        Numbers(&'static [u32]),
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{Value, header};
    use super::*;

    #[test]
    fn a_later_tag_replaces_an_earlier_one() {
        let bytes = header(&[
            (1000, Value::Text("bash")),
            (1116, Value::Numbers(&[0, 7])),
            (1030, Value::Shorts(&[0o100_644])),
            (1047, Value::Texts(&["a", "", "b"])),
            (1000, Value::Text("zsh")),
        ]);
        let header = Header::parse(&bytes).expect("a header");
        assert_eq!(header.text(1000).as_deref(), Some("zsh"));
        assert_eq!(header.numbers(1116).collect::<Vec<_>>(), [0, 7]);
        assert_eq!(header.number(1030), Some(0o100_644));
        assert_eq!(header.texts(1047).collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!((header.text(1), header.number(1000)), (None, None));
    }

    #[test]
    fn a_cut_header_is_none_and_a_lying_one_is_short() {
        let bytes = header(&[(1000, Value::Text("bash")), (1116, Value::Numbers(&[1]))]);
        for end in 0..bytes.len() {
            assert!(Header::parse(&bytes[..end]).is_none(), "{end}");
        }
        let mut lying = bytes.clone();
        // The count of the first tag, and the offset of the second.
        lying[20..24].copy_from_slice(&u32::MAX.to_be_bytes());
        lying[32..36].copy_from_slice(&u32::MAX.to_be_bytes());
        let header = Header::parse(&lying).expect("a header");
        // `bash`, and what the other tag's number looks like as texts: never more than the store holds.
        assert_eq!(header.texts(1000).count(), 4);
        assert_eq!(header.numbers(1116).count(), 0);
        assert!(Header::parse(&[0xff; 64]).is_none());
    }
}
