//! A zip archive as a tree: its members are files that lie where their names say, as if it had been unpacked.

use std::io::{self, Read, Seek, SeekFrom};

use super::inside::zip::{Member, Zip, ZipError};
use super::{ExtractError, Item, Walk, clean, inside};

/// Takes every member.
///
/// # Errors
/// When it is no archive, or has more members than the limits allow.
pub fn unzip(mut data: impl Read + Seek, walk: &mut Walk<'_>) -> Result<(), ExtractError> {
    let size = data.seek(SeekFrom::End(0)).map_err(|error| broken(error.into()))?;
    let mut zip = Zip::open(data).map_err(broken)?;
    let mut left = walk.limits().of_archive(size);
    for member in zip.members() {
        let member = member.map_err(broken)?;
        let Some(name) = clean(&member.name) else {
            let name = String::from_utf8_lossy(&member.name).into_owned();
            walk.gap(&name, "the member's name climbs out of the archive");
            continue;
        };
        if member.name.ends_with(b"/") {
            walk.put(&name, Item::Directory)?;
            continue;
        }
        match content(&name, &member, &mut zip, left, walk) {
            None => walk.put(&name, Item::Other)?,
            Some(Ok(content)) => {
                left = left.saturating_sub(content.len() as u64);
                let size = content.len() as u64;
                walk.put(&name, Item::File { size, data: &mut content.as_slice() })?;
            }
            Some(Err(error)) => {
                walk.gap(&name, &error.to_string());
                walk.put(&name, Item::Other)?;
            }
        }
    }
    Ok(())
}

/// What a member holds. `None` where nobody wants to know.
fn content<R: Read + Seek>(
    name: &str,
    member: &Member,
    zip: &mut Zip<R>,
    left: u64,
    walk: &Walk<'_>,
) -> Option<Result<Vec<u8>, ZipError>> {
    let is_wanted = walk.wanted().wants(name);
    if !is_wanted && !inside::may_hold_something(name) && !walk.wanted().digests().any() {
        return None;
    }
    let limits = walk.limits();
    let limit = if is_wanted { limits.file_bytes } else { limits.archive_bytes };
    Some(zip.read(member, limit.min(left)))
}

fn broken(error: ZipError) -> ExtractError {
    let source = match error {
        ZipError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    };
    ExtractError::Broken { after: String::new(), source }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Cursor;

    use super::super::inside::zip::testing::zip;
    use super::super::{Extract, Limits, Node, Wanted};
    use super::*;

    fn read(archive: &[u8], limits: &Limits) -> Result<Extract, ExtractError> {
        let wanted = Wanted::new(["**/package.json", "**/*!/.archive"]).expect("globs");
        let none = BTreeSet::new();
        let mut walk = Walk::new(&wanted, &none, limits);
        unzip(Cursor::new(archive), &mut walk)?;
        Ok(walk.finish())
    }

    #[test]
    fn members_lie_where_their_names_say() {
        let inner = zip(&[("x.txt", b"")]);
        let archive = zip(&[("a/", b""), ("a/package.json", b"{}"), ("a/x.jar", &inner), ("b.js", b"x")]);
        let extract = read(&archive, &Limits::default()).expect("whole");
        let paths: Vec<_> = extract.entries.iter().map(|entry| &*entry.path).collect();
        assert_eq!(paths, ["a", "a/package.json", "a/x.jar", "a/x.jar!/.archive", "b.js"]);
        assert_eq!(extract.entries[1].node, Node::File((*b"{}").into()));
        assert!(extract.gaps.is_empty());
    }

    #[test]
    fn hostile_members_are_gaps_and_no_archive_an_error() {
        let archive = zip(&[("../package.json", b"{}"), ("package.json", b"0123456789")]);
        let limits = Limits { file_bytes: 9, ..Limits::default() };
        let extract = read(&archive, &limits).expect("whole");
        let gaps: Vec<_> = extract.gaps.iter().map(|gap| (&*gap.path, &*gap.reason)).collect();
        assert_eq!(
            gaps,
            [
                ("../package.json", "the member's name climbs out of the archive"),
                ("package.json", "10 bytes is more than the limit of 9")
            ]
        );
        assert!(read(&archive[..archive.len() - 8], &Limits::default()).is_err());
        let few = Limits { entries: 0, ..Limits::default() };
        assert!(read(&archive, &few).is_err());
    }
}
