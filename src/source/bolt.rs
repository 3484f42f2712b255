//! bbolt, the store of one file in which containerd keeps what it knows: buckets of keys and values, and of buckets.
//!
//! A tree of pages, each a list of keys in order; which page is the root stands in the newer of two first pages, whose sum
//! is right. Every place is checked before it is read, and no page is followed deeper than such trees are.
//!
//! Spec: <https://github.com/etcd-io/bbolt/tree/main/internal/common>

const HEAD: usize = 16;
const MAGIC: u32 = 0xed0c_daed;
const VERSION: u32 = 2;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
/// Of a value that is a bucket.
const IS_BUCKET: u32 = 1;

/// Such trees have a handful of levels.
const MAX_DEPTH: usize = 32;

/// Keys of one bucket; a bound for files whose pages lead to each other.
const MAX_KEYS: usize = 1_000_000;

pub(super) struct Bolt<'a> {
    bytes: &'a [u8],
    page_size: usize,
    root: u64,
}

/// A bucket: a page of the file, or one that stands in its parent's value.
#[derive(Clone, Copy)]
pub(super) struct Bucket<'a> {
    bolt: &'a Bolt<'a>,
    root: Page<'a>,
}

/// The bytes of a page, with those of the pages it runs over into.
#[derive(Clone, Copy)]
struct Page<'a>(&'a [u8]);

/// A key and its value.
type Item<'a> = (&'a [u8], Value<'a>);

#[derive(Clone, Copy)]
enum Value<'a> {
    Bytes(&'a [u8]),
    Bucket(&'a [u8]),
}

impl<'a> Bolt<'a> {
    /// `None` when it is no such file, or its first pages are damaged.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let first = meta(bytes, 0);
        let page_size = match &first {
            Some(meta) => meta.page_size,
            None => (9..=17).map(|shift| 1 << shift).find(|size| meta(bytes, *size).is_some())?,
        };
        let newest =
            [first, meta(bytes, page_size)].into_iter().flatten().max_by_key(|meta| meta.transaction)?;
        Some(Self { bytes, page_size, root: newest.root })
    }

    pub(super) fn root(&'a self) -> Option<Bucket<'a>> {
        Some(Bucket { bolt: self, root: self.page(self.root)? })
    }

    fn page(&self, id: u64) -> Option<Page<'a>> {
        let start = usize::try_from(id).ok()?.checked_mul(self.page_size)?;
        let head = self.bytes.get(start..)?.get(..HEAD)?;
        let over = usize::try_from(u32_at(head, 12)?).ok()?;
        let size = over.checked_add(1)?.checked_mul(self.page_size)?;
        Some(Page(self.bytes.get(start..)?.get(..size)?))
    }
}

struct Meta {
    page_size: usize,
    root: u64,
    transaction: u64,
}

/// A first page whose sum is right.
fn meta(bytes: &[u8], at: usize) -> Option<Meta> {
    let meta = bytes.get(at.checked_add(HEAD)?..)?.get(..64)?;
    if u32_at(meta, 0)? != MAGIC || u32_at(meta, 4)? != VERSION {
        return None;
    }
    let sum = meta[..56]
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let page_size = usize::try_from(u32_at(meta, 8)?).ok().filter(|size| *size >= 512)?;
    (sum == u64_at(meta, 56)?).then_some(Meta {
        page_size,
        root: u64_at(meta, 16)?,
        transaction: u64_at(meta, 48)?,
    })
}

impl<'a> Bucket<'a> {
    /// The bucket of this name in it.
    pub(super) fn bucket(&self, name: &[u8]) -> Option<Self> {
        let items = self.items();
        let value = items.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)?;
        self.opened(value)
    }

    /// The value of this key in it.
    pub(super) fn value(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.items().into_iter().find_map(|(key, value)| match value {
            Value::Bytes(bytes) if key == name => Some(bytes),
            _ => None,
        })
    }

    /// Every bucket in it, by name.
    pub(super) fn buckets(&self) -> Vec<(&'a [u8], Self)> {
        self.items().into_iter().filter_map(|(key, value)| Some((key, self.opened(value)?))).collect()
    }

    fn opened(&self, value: Value<'a>) -> Option<Self> {
        let Value::Bucket(bytes) = value else { return None };
        let root = match u64_at(bytes, 0)? {
            0 => Page(bytes.get(16..)?),
            id => self.bolt.page(id)?,
        };
        Some(Self { bolt: self.bolt, root })
    }

    fn items(&self) -> Vec<Item<'a>> {
        let mut found = Vec::new();
        let mut open = vec![(self.root, 0)];
        while let Some((page, depth)) = open.pop() {
            if depth > MAX_DEPTH || found.len() > MAX_KEYS || open.len() > MAX_KEYS {
                break;
            }
            let (Some(flags), Some(count)) = (page.flags(), page.count()) else { continue };
            for index in 0..count {
                if flags & LEAF != 0 {
                    found.extend(page.leaf(index));
                } else if flags & BRANCH != 0 {
                    let below = page.branch(index).and_then(|id| self.bolt.page(id));
                    open.extend(below.map(|page| (page, depth + 1)));
                }
            }
        }
        found
    }
}

impl<'a> Page<'a> {
    fn flags(&self) -> Option<u16> {
        Some(u16::from_le_bytes(*self.0.get(8..10)?.first_chunk()?))
    }

    fn count(&self) -> Option<usize> {
        Some(u16::from_le_bytes(*self.0.get(10..12)?.first_chunk()?).into())
    }

    fn branch(&self, index: usize) -> Option<u64> {
        u64_at(self.0, HEAD + index * 16 + 8)
    }

    fn leaf(&self, index: usize) -> Option<Item<'a>> {
        let element = HEAD + index * 16;
        let number = |field: usize| {
            u32_at(self.0, element + field * 4).and_then(|number| usize::try_from(number).ok())
        };
        let key_at = element.checked_add(number(1)?)?;
        let (key_size, value_size) = (number(2)?, number(3)?);
        let key = self.0.get(key_at..)?.get(..key_size)?;
        let value = self.0.get(key_at.checked_add(key_size)?..)?.get(..value_size)?;
        let is_bucket = u32_at(self.0, element)? & IS_BUCKET != 0;
        Some((key, if is_bucket { Value::Bucket(value) } else { Value::Bytes(value) }))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}
