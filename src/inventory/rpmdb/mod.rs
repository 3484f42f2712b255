//! The containers in which rpm keeps the headers of installed packages, told apart by their first bytes:
//! SQLite since rpm 4.16, NDB on SUSE, Berkeley DB's hash before.
//!
//! Every number in these files is what somebody wrote there: each place is checked before it is read, and
//! together the headers are never larger than the file they came from.

mod bdb;
mod header;
mod ndb;

use std::borrow::Cow;

use super::sqlite;
use crate::layers::MOST_RECORDS;

pub(super) use header::Header;

/// What stands before a header in a package; a package by itself is a database of one.
const PACKAGE: &[u8] = &[0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0];

/// Headers as bytes, and what could not be read while the rest could.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) headers: Vec<Cow<'a, [u8]>>,
    pub(super) problems: Vec<String>,
}

impl<'a> Found<'a> {
    /// Takes a header, or says why there is none. Whoever claims to have a million has most of them twice.
    fn take(&mut self, header: Option<Cow<'a, [u8]>>, reason: impl FnOnce() -> String) {
        match header {
            Some(header) if self.headers.len() < MOST_RECORDS => self.headers.push(header),
            Some(_) => {}
            None if self.problems.len() < MOST_PROBLEMS => self.problems.push(reason()),
            None => {}
        }
    }
}

/// More are not told.
const MOST_PROBLEMS: usize = 1000;

/// The headers of a package database. `wal` is the log beside an SQLite one, which may hold newer pages.
///
/// # Errors
/// When the file as a whole is no such database.
pub(super) fn headers<'a>(bytes: &'a [u8], wal: Option<&'a [u8]>) -> Result<Found<'a>, String> {
    if sqlite::is(bytes) {
        let rows = sqlite::rows(bytes, wal, "Packages")?;
        let headers = rows.rows.into_iter().filter_map(sqlite::Row::into_blob).collect();
        Ok(Found { headers, problems: rows.problems })
    } else if ndb::is(bytes) {
        ndb::headers(bytes)
    } else if bdb::is(bytes) {
        bdb::headers(bytes)
    } else if let Some(header) = bytes.strip_prefix(PACKAGE) {
        Ok(Found { headers: vec![Cow::Borrowed(header)], problems: Vec::new() })
    } else {
        Err("is no rpm database of a kind we know".to_owned())
    }
}

/// How many more bytes of headers a file may hold: sound files share no bytes between headers.
struct Budget(usize);

impl Budget {
    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.checked_sub(bytes)?;
        Some(())
    }
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

/// Builders of all three containers, for the tests of those who read them.
#[cfg(test)]
pub(super) mod testing {
    pub(in crate::inventory) use super::bdb::testing as bdb;
    pub(in crate::inventory) use super::header::testing::{Value, header};
    pub(in crate::inventory) use super::ndb::testing as ndb;
    pub(in crate::inventory) use crate::inventory::sqlite::testing as sqlite;
}
