//! The table of contents of a layer, in the JSON that eStargz and zstd:chunked share: an entry for each entry of the tar,
//! in its order, and one more for each further chunk of a long file.
//!
//! Every number in it is the word of whoever made the layer. What is taken over here is a table whose chunks lie one
//! behind the other inside the blob and make up each file from its first byte to its last, each with a digest.
//!
//! Specs: <https://github.com/containerd/stargz-snapshotter/blob/main/docs/estargz.md#toc-toctocjson>,
//! <https://github.com/containers/storage/blob/main/docs/containers-storage-zstd-chunked.md>

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A SHA-256.
pub(super) type Sum = [u8; 32];

/// What a layer holds, and where in its blob.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    /// In the order in which they lie in the blob.
    pub(super) chunks: Vec<Chunk>,
}

/// An entry of the layer.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    /// As written.
    pub(super) name: Box<str>,
    pub(super) kind: Kind,
}

#[derive(Debug, PartialEq)]
pub(super) enum Kind {
    Directory,
    File {
        size: u64,
        /// Its chunks among all. Empty where it is.
        chunks: Range<usize>,
    },
    Symlink(Box<str>),
    Hardlink(Box<str>),
    Other,
}

/// A piece of a file that is packed by itself, or with others in one member.
#[derive(Debug, PartialEq)]
pub(super) struct Chunk {
    /// Where in the blob the member begins that it lies in.
    pub(super) offset: u64,
    /// Where that has ended.
    pub(super) end: u64,
    /// How much comes before it in what is packed there.
    pub(super) inner: u64,
    pub(super) size: u64,
    pub(super) sum: Sum,
}

/// What a table may come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Where in the blob the last chunk has ended.
    pub(super) end: u64,
    pub(super) entries: usize,
    /// Bytes of all files.
    pub(super) unpacked: u64,
}

impl Table {
    /// # Errors
    /// Why it is no table of a layer.
    pub(super) fn parse(json: &[u8], bounds: Bounds) -> Result<Self, String> {
        let mut making = Making { bounds, table: Self::default(), open: None, unpacked: 0 };
        let mut from = serde_json::Deserializer::from_slice(json);
        let read = Document(&mut making).deserialize(&mut from).and_then(|()| from.end());
        read.map_err(|error| error.to_string())?;
        making.finish()
    }
}

/// An entry as it is written.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, rename = "linkName", default)]
    target: Cow<'a, str>,
    #[serde(default)]
    size: u64,
    #[serde(borrow, default)]
    digest: Cow<'a, str>,
    #[serde(default)]
    offset: u64,
    #[serde(rename = "endOffset", default)]
    end: u64,
    #[serde(rename = "innerOffset", default)]
    inner: u64,
    #[serde(rename = "chunkOffset", default)]
    chunk_at: u64,
    #[serde(rename = "chunkSize", default)]
    chunk_size: u64,
    #[serde(borrow, rename = "chunkDigest", default)]
    chunk_digest: Cow<'a, str>,
}

struct Making {
    bounds: Bounds,
    table: Table,
    /// The file whose chunks are coming.
    open: Option<Open>,
    unpacked: u64,
}

struct Open {
    size: u64,
    /// How much of it the chunks until now are.
    covered: u64,
    /// Where its last chunk ends in the blob; 0 where nobody says.
    end: u64,
}

impl Making {
    fn add(&mut self, entry: &Entry<'_>) -> Result<(), String> {
        if self.table.rows.len() + self.table.chunks.len() >= self.bounds.entries.saturating_mul(2) {
            return Err(format!("it has more than the limit of {} entries", self.bounds.entries));
        }
        if entry.kind == "chunk" {
            return self.chunk(entry);
        }
        self.close()?;
        let kind = match &*entry.kind {
            "dir" => Kind::Directory,
            "reg" => self.file(entry)?,
            "symlink" => Kind::Symlink(entry.target.as_ref().into()),
            "hardlink" => Kind::Hardlink(entry.target.as_ref().into()),
            "char" | "block" | "fifo" => Kind::Other,
            other => return Err(format!("`{}` is of the unknown type `{other}`", entry.name)),
        };
        self.table.rows.push(Row { name: entry.name.as_ref().into(), kind });
        if let Some(Row { kind: Kind::File { size: 1.., .. }, .. }) = self.table.rows.last() {
            self.chunk(entry)?;
        }
        Ok(())
    }

    fn file(&mut self, entry: &Entry<'_>) -> Result<Kind, String> {
        self.unpacked = self.unpacked.saturating_add(entry.size);
        if self.unpacked > self.bounds.unpacked {
            return Err(format!("its files come to more than the limit of {} bytes", self.bounds.unpacked));
        }
        if entry.size > 0 {
            self.open = Some(Open { size: entry.size, covered: 0, end: entry.end });
        }
        let begin = self.table.chunks.len();
        Ok(Kind::File { size: entry.size, chunks: begin..begin })
    }

    fn chunk(&mut self, entry: &Entry<'_>) -> Result<(), String> {
        let told = |what: &str| Err(format!("{what} of `{}`", entry.name));
        let last = self.table.rows.last_mut().filter(|row| *row.name == entry.name);
        let (Some(open), Some(Row { kind: Kind::File { chunks, .. }, .. })) = (&mut self.open, last) else {
            return told("there is a chunk too many");
        };
        let left = open.size - open.covered;
        let size = if entry.chunk_size == 0 { left } else { entry.chunk_size };
        if entry.chunk_at != open.covered || size > left || left == 0 {
            return told("the chunks do not make up all");
        }
        // A file in one piece has one digest.
        let digest = if entry.chunk_digest.is_empty() && size == open.size {
            &entry.digest
        } else {
            &entry.chunk_digest
        };
        let Some(sum) = sum(digest) else { return told("there is no digest for a chunk") };
        if entry.offset == 0 || entry.offset >= self.bounds.end {
            return told("a chunk lies outside the blob: one");
        }
        let is_behind = self.table.chunks.last().is_none_or(|before| {
            if before.offset == entry.offset {
                before.inner.saturating_add(before.size) <= entry.inner
            } else {
                before.offset < entry.offset
            }
        });
        if !is_behind {
            return told("a chunk lies on or before another: one");
        }
        open.covered += size;
        let chunk = Chunk { offset: entry.offset, end: u64::MAX, inner: entry.inner, size, sum };
        self.table.chunks.push(chunk);
        chunks.end += 1;
        Ok(())
    }

    /// Ends the file whose chunks came.
    fn close(&mut self) -> Result<(), String> {
        let Some(open) = self.open.take() else { return Ok(()) };
        if open.covered < open.size {
            let name = self.table.rows.last().map_or("", |row| &row.name);
            return Err(format!("the chunks do not make up all of `{name}`"));
        }
        if let Some(last) = self.table.chunks.last_mut().filter(|_| open.end > 0) {
            last.end = open.end;
        }
        Ok(())
    }

    /// What belongs to a chunk ends where the next begins.
    fn finish(mut self) -> Result<Table, String> {
        self.close()?;
        let (mut next, mut end) = (self.bounds.end, self.bounds.end);
        for chunk in self.table.chunks.iter_mut().rev() {
            if chunk.offset < next {
                end = next;
                next = chunk.offset;
            }
            chunk.end = chunk.end.min(end);
            if chunk.end <= chunk.offset {
                return Err("a chunk ends before it begins".to_owned());
            }
        }
        Ok(self.table)
    }
}

/// The bytes of `sha256:<64 hex digits>`.
pub(super) fn sum(digest: &str) -> Option<Sum> {
    let digits = digest.strip_prefix("sha256:").filter(|digits| digits.len() == 64)?;
    let mut sum = Sum::default();
    for (byte, pair) in sum.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = (digit(0)? << 4 | digit(1)?) as u8;
    }
    Some(sum)
}

/// The whole document, whose entries are taken one by one: as they are written they need several times as much memory.
struct Document<'a>(&'a mut Making);

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of contents")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut version, mut has_entries) = (None, false);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "version" => version = Some(map.next_value::<u64>()?),
                "entries" if !has_entries => {
                    map.next_value_seed(Entries(&mut *self.0))?;
                    has_entries = true;
                }
                "entries" => return Err(A::Error::duplicate_field("entries")),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match (version, has_entries) {
            (Some(1), true) => Ok(()),
            (Some(1), false) => Err(A::Error::missing_field("entries")),
            _ => Err(A::Error::custom("its version is not 1")),
        }
    }
}

struct Entries<'a>(&'a mut Making);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element::<Entry<'de>>()? {
            self.0.add(&entry).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const BOUNDS: Bounds = Bounds { end: 1000, entries: 20, unpacked: 1 << 20 };

    fn digest(digit: char) -> String {
        format!("sha256:{}", String::from(digit).repeat(64))
    }

    fn parse(entries: &[Value]) -> Result<Table, String> {
        Table::parse(json!({"version": 1, "entries": entries}).to_string().as_bytes(), BOUNDS)
    }

    fn file(name: &str, size: u64, offset: u64) -> Value {
        json!({"type": "reg", "name": name, "size": size, "offset": offset, "digest": digest('a'), "mode": 420})
    }

    #[test]
    fn entries_and_their_chunks() {
        let mut long = file("usr/long", 10, 300);
        long["chunkSize"] = json!(4);
        long["chunkDigest"] = json!(digest('b'));
        long["endOffset"] = json!(500);
        let table = parse(&[
            json!({"type": "dir", "name": "usr/"}),
            file("usr/a", 5, 100),
            file("usr/empty", 0, 0),
            long,
            json!({"type": "chunk", "name": "usr/long", "offset": 400, "chunkOffset": 4, "chunkDigest": digest('c')}),
            json!({"type": "symlink", "name": "b", "linkName": "usr/a", "xattrs": {"user.x": "eA=="}}),
            json!({"type": "hardlink", "name": "c", "linkName": "usr/a"}),
            json!({"type": "char", "name": "dev/null", "devMajor": 1, "devMinor": 3}),
            file("last", 3, 600),
        ])
        .expect("a table");
        let ranges: Vec<_> = table.chunks.iter().map(|chunk| (chunk.offset, chunk.end, chunk.size)).collect();
        assert_eq!(ranges, [(100, 300, 5), (300, 400, 4), (400, 500, 6), (600, 1000, 3)]);
        assert_eq!(table.chunks[2].sum, [0xcc; 32]);
        assert_eq!(table.rows[3].kind, Kind::File { size: 10, chunks: 1..3 });
        assert_eq!(table.rows[4].kind, Kind::Symlink("usr/a".into()));
        assert_eq!(table.rows[6].kind, Kind::Other);
    }

    #[test]
    fn several_files_may_be_packed_in_one_member() {
        let mut second = file("b", 7, 100);
        second["innerOffset"] = json!(512);
        let table = parse(&[file("a", 5, 100), second, file("c", 1, 200)]).expect("a table");
        let ranges: Vec<_> =
            table.chunks.iter().map(|chunk| (chunk.offset, chunk.end, chunk.inner)).collect();
        assert_eq!(ranges, [(100, 200, 0), (100, 200, 512), (200, 1000, 0)]);
    }

    #[test]
    fn tables_that_lie_are_none() {
        let refused = |entries: &[Value], words: &str| {
            let error = parse(entries).expect_err(words);
            assert!(error.contains(words), "{error}");
        };
        refused(&[file("a", 5, 1000)], "outside the blob");
        refused(&[file("a", 5, u64::MAX)], "outside the blob");
        refused(&[file("a", 5, 0)], "outside the blob");
        refused(&[file("a", 5, 100), file("b", 5, 100)], "on or before another");
        refused(&[file("a", 5, 100), file("b", 5, 50)], "on or before another");
        refused(&[file("a", 2 << 20, 100)], "more than the limit of 1048576 bytes");
        refused(&[file("a", u64::MAX, 100), file("b", u64::MAX, 200)], "more than the limit");
        refused(&[json!({"type": "reg", "name": "a", "size": -1, "offset": 100})], "invalid value");
        refused(&[json!({"type": "reg", "name": "a", "size": 1, "offset": 1.5})], "invalid type");
        refused(&[json!({"type": "reg", "name": "a", "size": 1, "offset": 100})], "no digest");
        refused(&[json!({"type": "weird", "name": "a"})], "unknown type");
        refused(&[json!({"type": "chunk", "name": "a", "offset": 100, "chunkSize": 1})], "a chunk too many");
        let entries: Vec<Value> = (0..41).map(|_| json!({"type": "dir", "name": "a"})).collect();
        refused(&entries, "limit of 20 entries");
        let mut ends = file("a", 5, 100);
        ends["endOffset"] = json!(99);
        refused(&[ends], "ends before it begins");

        let mut short = file("a", 5, 100);
        short["chunkSize"] = json!(2);
        short["chunkDigest"] = json!(digest('b'));
        refused(&[short.clone()], "do not make up all of `a`");
        let chunk = |at: u64, size: u64| {
            json!({"type": "chunk", "name": "a", "offset": 200, "chunkOffset": at,
            "chunkSize": size, "chunkDigest": digest('b')})
        };
        refused(&[short.clone(), chunk(2, 4)], "do not make up all of `a`");
        refused(&[short.clone(), chunk(3, 2)], "do not make up all of `a`");
        refused(&[short.clone(), chunk(2, 3), chunk(5, 1)], "do not make up all of `a`");
        assert!(parse(&[short, chunk(2, 3)]).is_ok());

        for text in ["", "[]", "{}", r#"{"version":2,"entries":[]}"#, r#"{"version":1,"entries":[]} x"#] {
            assert!(Table::parse(text.as_bytes(), BOUNDS).is_err(), "{text}");
        }
        assert!(Table::parse(br#"{"version":1,"entries":[]}"#, BOUNDS).is_ok());
    }

    #[test]
    fn digests_are_of_one_kind() {
        assert_eq!(sum(&digest('f')), Some([0xff; 32]));
        assert_eq!(sum("sha256:ff"), None);
        assert_eq!(sum(&digest('g')), None);
        assert_eq!(sum(&digest('\u{e9}')), None);
        assert_eq!(sum(&"f".repeat(64)), None);
    }
}
