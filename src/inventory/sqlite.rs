//! SQLite databases, read only: the rows of one table, from its b-tree, with the newer pages that a
//! write-ahead log beside the file may hold. rpm and Nix keep what is installed in them.
//!
//! Every number in the file is what somebody wrote there: each place is checked before it is read, no page is
//! opened twice, and together the rows are never larger than the file they came from.
//! Spec: <https://www.sqlite.org/fileformat2.html>

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::layers::MOST_RECORDS;

const MAGIC: &[u8] = b"SQLite format 3\0";
const FILE_HEAD: usize = 100;
const TABLE_INTERIOR: u8 = 0x05;
const TABLE_LEAF: u8 = 0x0d;
const WAL_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// More are not told. A page of two bytes a row could have thirty thousand of them.
const MOST_PROBLEMS: usize = 1000;

pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Rows of a table, and what could not be read while the rest could.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    pub(super) rows: Vec<Row<'a>>,
    pub(super) problems: Vec<String>,
}

/// One row, its columns by number.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// What `INTEGER PRIMARY KEY` stands for.
    pub(super) id: i64,
    record: Cow<'a, [u8]>,
}

/// The rows of the table of this name. `wal` is the log beside the database.
///
/// # Errors
/// When the file as a whole is no database, or has no such table.
pub(super) fn rows<'a>(bytes: &'a [u8], wal: Option<&'a [u8]>, table: &str) -> Result<Rows<'a>, String> {
    let database =
        Database::open(bytes, wal).ok_or("is cut before its first page, or has pages of no sound size")?;
    let mut budget = bytes.len() + wal.map_or(0, <[u8]>::len);
    let mut schema = Rows::default();
    database.rows(1, &mut schema, &mut budget);
    let root = schema.rows.iter().find_map(|row| row.root_of(table));
    let mut rows = Rows { rows: Vec::new(), problems: schema.problems };
    match root {
        Some(root) => database.rows(root, &mut rows, &mut budget),
        None if rows.problems.is_empty() => return Err(format!("has no table `{table}`")),
        None => {}
    }
    Ok(rows)
}

impl Rows<'_> {
    fn problem(&mut self, what: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(what);
        }
    }
}

impl<'a> Row<'a> {
    fn column(&self, index: usize) -> Option<(u64, &[u8])> {
        let (kind, range) = columns(&self.record).into_iter().nth(index)?;
        Some((kind, self.record.get(range)?))
    }

    pub(super) fn text(&self, index: usize) -> Option<Cow<'_, str>> {
        let (kind, bytes) = self.column(index)?;
        (kind >= 13 && kind % 2 == 1).then(|| String::from_utf8_lossy(bytes))
    }

    pub(super) fn integer(&self, index: usize) -> Option<i64> {
        let (kind, bytes) = self.column(index)?;
        match kind {
            1..=6 => {
                let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
                let start: i64 = if negative { -1 } else { 0 };
                Some(bytes.iter().fold(start, |number, byte| number << 8 | i64::from(*byte)))
            }
            8 => Some(0),
            9 => Some(1),
            _ => None,
        }
    }

    /// The first blob; its type is an even number.
    pub(super) fn into_blob(self) -> Option<Cow<'a, [u8]>> {
        let mut columns = columns(&self.record).into_iter();
        let (_, range) = columns.find(|(kind, _)| *kind >= 12 && kind % 2 == 0)?;
        Some(match self.record {
            Cow::Borrowed(record) => Cow::Borrowed(&record[range]),
            Cow::Owned(mut record) => {
                record.truncate(range.end);
                record.drain(..range.start);
                Cow::Owned(record)
            }
        })
    }

    /// The first page of the table, if this row of the schema is about it: type, name, table, page.
    fn root_of(&self, table: &str) -> Option<u32> {
        let is_it = self.text(0)? == "table" && self.text(1)? == table;
        u32::try_from(self.integer(3)?).ok().filter(|_| is_it)
    }
}

struct Database<'a> {
    bytes: &'a [u8],
    page_size: usize,
    /// Of a page, what is not reserved for extensions.
    usable: usize,
    /// Newer pages, by number.
    log: HashMap<u32, &'a [u8]>,
}

impl<'a> Database<'a> {
    fn open(bytes: &'a [u8], wal: Option<&'a [u8]>) -> Option<Self> {
        // 65536 does not fit into two bytes, and is written as 1.
        let page_size = match u16::from_be_bytes(bytes.get(16..18)?.try_into().ok()?) {
            1 => 65536,
            size => usize::from(size),
        };
        let usable = page_size.checked_sub(usize::from(*bytes.get(20)?))?;
        let is_sound = page_size >= 512 && page_size.is_power_of_two() && usable >= 480;
        let log = wal.map(|wal| committed(wal, page_size)).unwrap_or_default();
        is_sound.then_some(Self { bytes, page_size, usable, log })
    }

    fn page(&self, number: u32) -> Option<&'a [u8]> {
        let page = match self.log.get(&number) {
            Some(page) => page,
            None => {
                let start = place(number.checked_sub(1)?).checked_mul(self.page_size)?;
                self.bytes.get(start..start.checked_add(self.page_size)?)?
            }
        };
        page.get(..self.usable)
    }

    /// The records of a table, by the number of its first page.
    fn rows(&self, root: u32, found: &mut Rows<'a>, budget: &mut usize) {
        let mut open = vec![root];
        let mut visited = HashSet::new();
        while let Some(number) = open.pop() {
            if found.rows.len() >= MOST_RECORDS {
                return found.problem(format!("has more than {MOST_RECORDS} rows"));
            }
            if !visited.insert(number) {
                continue;
            }
            if self.take_page(number, &mut open, found, budget).is_none() {
                found.problem(format!("page {number} is missing or overwritten"));
            }
        }
    }

    fn take_page(
        &self,
        number: u32,
        open: &mut Vec<u32>,
        found: &mut Rows<'a>,
        budget: &mut usize,
    ) -> Option<()> {
        let page = self.page(number)?;
        let head = if number == 1 { FILE_HEAD } else { 0 };
        let kind = *page.get(head)?;
        let cells = usize::from(short(page, head + 3)?);
        let first = head + if kind == TABLE_INTERIOR { 12 } else { 8 };
        let cell = |index: usize| Some(usize::from(short(page, first + 2 * index)?));
        match kind {
            TABLE_INTERIOR => {
                // Last in, first out: the rightmost child is opened last.
                open.push(big_endian(page, head + 8)?);
                for index in (0..cells).rev() {
                    open.push(big_endian(page, cell(index)?)?);
                }
            }
            TABLE_LEAF => {
                for index in 0..cells {
                    match cell(index).and_then(|at| self.row(page, at, budget)) {
                        Some(row) => found.rows.push(row),
                        None => found.problem(format!("a row of page {number} is cut or overwritten")),
                    }
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// The record of the cell at `at`, its overflow pages joined on.
    fn row(&self, page: &'a [u8], at: usize, budget: &mut usize) -> Option<Row<'a>> {
        let mut rest = page.get(at..)?;
        let size = usize::try_from(varint(&mut rest)?).ok()?;
        // The bits are those of a signed number.
        let id = varint(&mut rest)?.cast_signed();
        *budget = budget.checked_sub(size)?;
        let largest = self.usable - 35;
        if size <= largest {
            return rest.get(..size).map(|record| Row { id, record: Cow::Borrowed(record) });
        }
        let smallest = (self.usable - 12) * 32 / 255 - 23;
        let spread = smallest + (size - smallest) % (self.usable - 4);
        let here = if spread <= largest { spread } else { smallest };
        let mut payload = rest.get(..here)?.to_vec();
        let mut next = big_endian(rest, here)?;
        while payload.len() < size {
            let page = self.page(next)?;
            let more = page.get(4..)?;
            payload.extend_from_slice(&more[..more.len().min(size - payload.len())]);
            next = big_endian(page, 0)?;
        }
        Some(Row { id, record: Cow::Owned(payload) })
    }
}

/// The pages of a log up to its last commit. What follows, or fails its checksum, was never committed.
fn committed(wal: &[u8], page_size: usize) -> HashMap<u32, &[u8]> {
    let mut pages = HashMap::new();
    let Some(head) = wal.get(..WAL_HEAD) else { return pages };
    // The magic tells in which byte order the checksums were computed.
    let word = match big_endian(head, 0) {
        Some(0x377f_0682) => little_endian,
        Some(0x377f_0683) => big_endian,
        _ => return pages,
    };
    let mut sum = checksum((0, 0), &head[..24], word);
    if big_endian(head, 8).map(place) != Some(page_size) || !is_sum(head, 24, sum) {
        return pages;
    }
    let mut pending = Vec::new();
    for frame in wal[WAL_HEAD..].chunks_exact(FRAME_HEAD + page_size) {
        let (frame_head, page) = frame.split_at(FRAME_HEAD);
        sum = checksum(checksum(sum, &frame_head[..8], word), page, word);
        if frame_head[8..16] != head[16..24] || !is_sum(frame_head, 16, sum) {
            break;
        }
        let (Some(number), Some(size)) = (big_endian(frame_head, 0), big_endian(frame_head, 4)) else {
            break;
        };
        pending.push((number, page));
        // Only a frame that commits says how large the database is.
        if size != 0 {
            pages.extend(pending.drain(..));
        }
    }
    pages
}

type Word = fn(&[u8], usize) -> Option<u32>;

fn checksum(start: (u32, u32), bytes: &[u8], word: Word) -> (u32, u32) {
    bytes.chunks_exact(8).fold(start, |(one, two), pair| {
        let one = one.wrapping_add(word(pair, 0).unwrap_or_default()).wrapping_add(two);
        (one, two.wrapping_add(word(pair, 4).unwrap_or_default()).wrapping_add(one))
    })
}

fn is_sum(head: &[u8], at: usize, sum: (u32, u32)) -> bool {
    big_endian(head, at).zip(big_endian(head, at + 4)) == Some(sum)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Up to nine bytes, seven bits each, but eight of the ninth.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number: u64 = 0;
    for index in 0..9 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if index == 8 {
            return Some(number << 8 | u64::from(*byte));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

/// A record's columns: the serial type of each, and where its bytes lie.
fn columns(record: &[u8]) -> Vec<(u64, std::ops::Range<usize>)> {
    let mut columns = Vec::new();
    let mut types = record;
    let Some(head) = varint(&mut types).and_then(|size| usize::try_from(size).ok()) else { return columns };
    let mut at = head;
    while record.len() - types.len() < head {
        let Some(kind) = varint(&mut types) else { break };
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            _ => kind.saturating_sub(12) / 2,
        };
        let Some(end) = usize::try_from(size).ok().and_then(|size| at.checked_add(size)) else { break };
        if end > record.len() {
            break;
        }
        columns.push((kind, at..end));
        at = end;
    }
    columns
}

/// Four bytes at a place, as they stand.
fn word(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok()
}

fn big_endian(bytes: &[u8], at: usize) -> Option<u32> {
    word(bytes, at).map(u32::from_be_bytes)
}

fn little_endian(bytes: &[u8], at: usize) -> Option<u32> {
    word(bytes, at).map(u32::from_le_bytes)
}

/// A number of the file as a place in memory. On machines where it does not fit it is beyond any file.
fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
pub(in crate::inventory) mod testing {
    use super::*;

    pub(in crate::inventory) const PAGE: usize = 512;

    fn varint(number: usize) -> Vec<u8> {
        let mut bytes = vec![(number & 0x7f) as u8];
        let mut rest = number >> 7;
        while rest > 0 {
            bytes.insert(0, (rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        bytes
    }

    /// Columns, each its serial type and bytes.
    pub(in crate::inventory) fn record(columns: &[(usize, &[u8])]) -> Vec<u8> {
        let types: Vec<u8> = columns.iter().flat_map(|(kind, _)| varint(*kind)).collect();
        let values: Vec<u8> = columns.iter().flat_map(|(_, bytes)| bytes.to_vec()).collect();
        [varint(types.len() + 1), types, values].concat()
    }

    /// Page 1 is the schema, page 2 the root of the table, then a leaf for each blob and its overflow.
    pub(in crate::inventory) fn database(blobs: &[&[u8]]) -> Vec<u8> {
        let rows: Vec<Vec<u8>> = blobs.iter().map(|blob| row(blob)).collect();
        table("Packages", &rows)
    }

    /// The same for rows as they are.
    pub(in crate::inventory) fn table(name: &str, rows: &[Vec<u8>]) -> Vec<u8> {
        tables(&[(name, rows)])
    }

    pub(in crate::inventory) fn tables(tables: &[(&str, &[Vec<u8>])]) -> Vec<u8> {
        let mut schema = Vec::new();
        let mut pages: Vec<Vec<u8>> = Vec::new();
        for (index, (name, rows)) in tables.iter().enumerate() {
            let root = 2 + pages.len() as u32;
            let text = |text: &str| (13 + 2 * text.len(), text.as_bytes().to_vec());
            let columns = [text("table"), text(name), text(name), (1, vec![root as u8]), text("")];
            let columns: Vec<(usize, &[u8])> =
                columns.iter().map(|(kind, bytes)| (*kind, bytes.as_slice())).collect();
            schema.push(cell(&record(&columns), index + 1));
            pages.extend(tree(rows, root));
        }
        let mut file = page(TABLE_LEAF, &schema, FILE_HEAD, None);
        file[..16].copy_from_slice(MAGIC);
        file[16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
        pages.into_iter().for_each(|page| file.extend(page));
        file
    }

    /// An interior page `root`, then a leaf for each row and its overflow.
    fn tree(rows: &[Vec<u8>], root: u32) -> Vec<Vec<u8>> {
        let mut leaves = Vec::new();
        let mut children = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let number = root + 1 + leaves.len() as u32;
            children.push(number);
            leaves.extend(leaf(row, index + 1, number));
        }
        let (last, first) = children.split_last().expect("a row");
        let cells: Vec<Vec<u8>> =
            first.iter().map(|child| [&child.to_be_bytes()[..], &[1]].concat()).collect();
        leaves.insert(0, page(TABLE_INTERIOR, &cells, 0, Some(*last)));
        leaves
    }

    fn cell(record: &[u8], row: usize) -> Vec<u8> {
        [varint(record.len()), varint(row), record.to_vec()].concat()
    }

    /// The leaf of one record that is page `number`, and its overflow pages.
    pub(in crate::inventory) fn leaf(record: &[u8], row: usize, number: u32) -> Vec<Vec<u8>> {
        let (largest, smallest) = (PAGE - 35, (PAGE - 12) * 32 / 255 - 23);
        if record.len() <= largest {
            return vec![page(TABLE_LEAF, &[cell(record, row)], 0, None)];
        }
        let spread = smallest + (record.len() - smallest) % (PAGE - 4);
        let (here, rest) = record.split_at(if spread <= largest { spread } else { smallest });
        let cell =
            [varint(record.len()), varint(row), here.to_vec(), (number + 1).to_be_bytes().to_vec()].concat();
        let mut pages = vec![page(TABLE_LEAF, &[cell], 0, None)];
        let chunks = rest.chunks(PAGE - 4);
        let count = chunks.len() as u32;
        for (index, chunk) in (1..).zip(chunks) {
            let next = if index == count { 0 } else { number + index + 1 };
            let mut page = [&next.to_be_bytes()[..], chunk].concat();
            page.resize(PAGE, 0);
            pages.push(page);
        }
        pages
    }

    fn page(kind: u8, cells: &[Vec<u8>], head: usize, right: Option<u32>) -> Vec<u8> {
        let mut page = vec![0; PAGE];
        page[head] = kind;
        page[head + 3..head + 5].copy_from_slice(&(cells.len() as u16).to_be_bytes());
        let mut first = head + 8;
        if let Some(right) = right {
            page[head + 8..head + 12].copy_from_slice(&right.to_be_bytes());
            first = head + 12;
        }
        let mut end = PAGE;
        for (index, cell) in cells.iter().enumerate() {
            end -= cell.len();
            page[end..end + cell.len()].copy_from_slice(cell);
            page[first + 2 * index..first + 2 * index + 2].copy_from_slice(&(end as u16).to_be_bytes());
        }
        page
    }

    /// A log of these pages; each says whether it commits.
    pub(in crate::inventory) fn log(frames: &[(u32, &[u8], bool)]) -> Vec<u8> {
        let mut wal = [0x377f_0682u32, 3_007_000, PAGE as u32, 0, 11, 22].map(u32::to_be_bytes).concat();
        let mut sum = checksum((0, 0), &wal, little_endian);
        wal.extend([sum.0, sum.1].map(u32::to_be_bytes).concat());
        for (number, page, commits) in frames {
            let head = [*number, u32::from(*commits) * 9].map(u32::to_be_bytes).concat();
            sum = checksum(checksum(sum, &head, little_endian), page, little_endian);
            wal.extend(head);
            wal.extend([11, 22, sum.0, sum.1].map(u32::to_be_bytes).concat());
            wal.extend_from_slice(page);
        }
        wal
    }

    pub(in crate::inventory) fn row(blob: &[u8]) -> Vec<u8> {
        record(&[(0, b""), (12 + 2 * blob.len(), blob)])
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{PAGE, database, leaf, log, row};
    use super::*;

    fn blobs<'a>(file: &'a [u8], wal: Option<&'a [u8]>) -> Vec<Cow<'a, [u8]>> {
        let rows = rows(file, wal, "Packages").expect("a database").rows;
        rows.into_iter().filter_map(Row::into_blob).collect()
    }

    #[test]
    fn columns_have_their_types() {
        let row = super::testing::record(&[(0, b""), (19, b"abc"), (2, &[0xff, 0xfe]), (9, b""), (8, b"")]);
        let file = super::testing::table("Other", &[row]);
        let rows = rows(&file, None, "Other").expect("a database").rows;
        assert_eq!((rows[0].id, rows[0].text(1).as_deref()), (1, Some("abc")));
        assert_eq!(
            [2, 3, 4, 0, 9].map(|index| rows[0].integer(index)),
            [Some(-2), Some(1), Some(0), None, None]
        );
    }

    #[test]
    fn rows_come_in_order_with_their_overflow_pages() {
        let written: [&[u8]; 4] = [&[1; 10], &[2; 480], &[3; 3000], &[4; 100]];
        let file = database(&written);
        assert_eq!(blobs(&file, None), written);
        assert!(rows(&file, None, "Packages").expect("a database").problems.is_empty());
    }

    #[test]
    fn what_the_log_committed_is_newer_and_what_it_did_not_is_not_there() {
        let file = database(&[&[1; 10], &[2; 10]]);
        let newer = leaf(&row(&[7; 10]), 2, 4).remove(0);
        let never = leaf(&row(&[9; 10]), 1, 3).remove(0);
        let wal = log(&[(4, &newer, true), (3, &never, false)]);
        let read = |wal: &[u8]| -> Vec<Vec<u8>> {
            blobs(&file, Some(wal)).into_iter().map(Cow::into_owned).collect()
        };
        assert_eq!(read(&wal), [[1; 10], [7; 10]]);
        let mut broken = wal.clone();
        broken[WAL_HEAD + FRAME_HEAD + 100] ^= 1;
        assert_eq!(read(&broken), [[1; 10], [2; 10]]);
        assert_eq!(read(&wal[..WAL_HEAD + 40]), [[1; 10], [2; 10]]);
        assert_eq!(read(b"short"), [[1; 10], [2; 10]]);
    }

    #[test]
    fn no_cut_and_no_flipped_byte_is_a_panic() {
        let file = database(&[&[1; 10], &[3; 1200]]);
        for end in 0..file.len() {
            let _ = rows(&file[..end], None, "Packages");
        }
        for at in 0..file.len() {
            for value in [0, 0x7f, 0xff] {
                let mut file = file.clone();
                file[at] = value;
                let _ = rows(&file, None, "Packages");
            }
        }
    }

    #[test]
    fn a_ring_of_pages_ends_and_a_missing_one_is_told() {
        let mut file = database(&[&[1; 10], &[2; 10], &[3; 10]]);
        // The right child of the root is the root.
        file[PAGE + 8..PAGE + 12].copy_from_slice(&2u32.to_be_bytes());
        assert_eq!(blobs(&file, None).len(), 2);
        file[PAGE + 8..PAGE + 12].copy_from_slice(&99u32.to_be_bytes());
        assert_eq!(
            rows(&file, None, "Packages").expect("a database").problems,
            ["page 99 is missing or overwritten"]
        );
        assert!(rows(b"SQLite format 3\0", None, "Packages").is_err());
    }
}
