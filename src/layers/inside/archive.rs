//! Archives inside archives: every member that is wanted, to a stated depth.
//!
//! A nested archive is known by its name; it is unpacked into memory, and only one a level is held. What may
//! be unpacked from one file of the subject is bounded as a whole, so that neither a bomb nor an archive that
//! contains itself leads further than that.

use std::io::{Cursor, SeekFrom};

use sha1::{Digest, Sha1};

use super::passing::Members;
use super::zip::{Member, Zip, ZipError};
use super::{Contents, HEAD, Kind, Look, MOST_GAPS, below, extension};
use crate::layers::{Limits, Wanted, clean};

/// The name of the entry that tells of the archive itself.
pub(super) const ARCHIVE: &str = ".archive";

/// Endings of what is packed as a zip archive and run, or put on a path of libraries, as it is.
pub(super) const ENDINGS: &[&str] = &[
    "aar", "ear", "egg", "far", "hpi", "jar", "jpi", "kar", "lpkg", "nar", "par", "pex", "pyz", "rar", "sar",
    "war", "whl",
];

/// Endings of programs and native libraries. Members without an ending are not opened to find out: there are
/// too many in archives that hold none.
const LIBRARIES: &[&str] = &["dll", "dylib", "exe", "jnilib", "node", "so"];

fn has_library_name(path: &str) -> bool {
    extension(path).is_some_and(|extension| LIBRARIES.binary_search(&extension).is_ok())
}

pub(super) fn has_archive_name(path: &str) -> bool {
    extension(path).is_some_and(|extension| ENDINGS.binary_search(&extension).is_ok())
}

/// What is asked of a member by its name; with the path of what is inside.
pub(super) enum Asked {
    Nothing,
    /// The name climbs out of the archive.
    Climbs,
    /// It is kept, and looked into where it is an archive.
    Content(String),
    /// It is looked into if it is a program or library.
    Library(String),
    /// It is looked into.
    Archive(String),
    /// It would be looked into if it did not lie too deep.
    TooDeep(String),
}

impl Asked {
    pub(super) fn of(path: &str, name: &[u8], depth: usize, wanted: &Wanted, limits: &Limits) -> Self {
        // Nine of ten members of a jar, and nobody asks for them.
        if name.ends_with(b".class") || name.ends_with(b"/") {
            return Self::Nothing;
        }
        let Some(name) = clean(name).filter(|name| !name.is_empty()) else { return Self::Climbs };
        let inner = below(path, &name);
        if wanted.wants(&inner) {
            Self::Content(inner)
        } else if has_library_name(&name) {
            Self::Library(inner)
        } else if !has_archive_name(&name) {
            Self::Nothing
        } else if depth >= limits.archive_depth {
            Self::TooDeep(inner)
        } else {
            Self::Archive(inner)
        }
    }
}

impl Look<'_> {
    /// `seen` is what was seen of members that are not there any more.
    pub(super) fn archive<R: Contents>(&mut self, path: &str, mut data: R, depth: usize, mut seen: Members) {
        let about = below(path, ARCHIVE);
        let hash = self.wanted.wants(&about).then(|| self.sha1(&mut data)).flatten();
        let mut zip = match Zip::open(data) {
            Ok(zip) => zip,
            Err(error) => return self.gap(path, error.to_string()),
        };
        let mut package = Package::default();
        let mut count = 0_usize;
        for member in zip.members() {
            match member {
                Ok(member) => {
                    count += 1;
                    package.see(&member.name);
                    self.member(path, &member, &mut zip, depth, &mut seen);
                }
                Err(error) => self.gap(path, error.to_string()),
            }
        }
        let mut lines = format!("members {count}\n");
        for (word, value) in [("package", package.name()), ("sha1", hash)] {
            if let Some(value) = value {
                lines.push_str(&format!("{word} {value}\n"));
            }
        }
        self.keep(about, lines.into_bytes());
    }

    fn member<R: Contents>(
        &mut self,
        path: &str,
        member: &Member,
        zip: &mut Zip<R>,
        depth: usize,
        seen: &mut Members,
    ) {
        let asked = Asked::of(path, &member.name, depth, self.wanted, self.limits);
        let kind = if matches!(asked, Asked::Library(_)) { Kind::Executable } else { Kind::Archive };
        match asked {
            Asked::Nothing => {}
            Asked::Climbs => {
                let name = String::from_utf8_lossy(&member.name).into_owned();
                self.gap(path, format!("the member's name `{name}` climbs out of the archive"));
            }
            Asked::TooDeep(inner) => {
                let depth = self.limits.archive_depth;
                self.gap(&inner, format!("archives in archives are opened {depth} deep"));
            }
            Asked::Library(_) | Asked::Archive(_) if self.take_seen(kind, member, zip, seen) => {}
            Asked::Library(inner) => self.library(&inner, member, zip),
            Asked::Content(inner) | Asked::Archive(inner) => {
                let is_archive = has_archive_name(&inner);
                match self.unpack(member, zip, is_archive) {
                    Ok(content) => self.unpacked(inner, content, is_archive, depth),
                    Err(error) => self.gap(&inner, error.to_string()),
                }
            }
        }
    }

    /// Takes what was seen of a member as it passed, if it was that member and it is not too much.
    fn take_seen<R: Contents>(
        &mut self,
        kind: Kind,
        member: &Member,
        zip: &Zip<R>,
        seen: &mut Members,
    ) -> bool {
        let Some(seen) = seen.remove(&zip.place(member)).filter(|seen| seen.is(member)) else {
            return false;
        };
        let left = self.left.checked_sub(member.size).and_then(|left| left.checked_sub(seen.spent));
        let Some(left) = left.filter(|_| member.size <= kind.limit(self.limits)) else { return false };
        // Of so many the last one speaks of others.
        if seen.inside.gaps.len() >= MOST_GAPS {
            return false;
        }
        self.left = left;
        self.inside.entries.extend(seen.inside.entries);
        for gap in seen.inside.gaps {
            self.gap(&gap.path, gap.reason);
        }
        true
    }

    /// A program or native library. What it says of itself is read as if it lay outside.
    fn library<R: Contents>(&mut self, path: &str, member: &Member, zip: &mut Zip<R>) {
        self.is_spent |= member.size > self.left;
        match zip.read(member, self.limits.executable_bytes.min(self.left)) {
            Ok(content) => {
                self.left = self.left.saturating_sub(content.len() as u64);
                if Kind::of(path, &content[..content.len().min(HEAD)]) == Some(Kind::Executable) {
                    self.executable(path, Cursor::new(&content));
                }
            }
            Err(error) => self.gap(path, error.to_string()),
        }
    }

    fn unpack<R: Contents>(
        &mut self,
        member: &Member,
        zip: &mut Zip<R>,
        is_archive: bool,
    ) -> Result<Vec<u8>, ZipError> {
        let limit = if is_archive { self.limits.archive_bytes } else { self.limits.file_bytes };
        self.is_spent |= member.size > self.left;
        let content = zip.read(member, limit.min(self.left))?;
        self.left = self.left.saturating_sub(content.len() as u64);
        Ok(content)
    }

    fn unpacked(&mut self, path: String, content: Vec<u8>, is_archive: bool, depth: usize) {
        if is_archive && depth < self.limits.archive_depth {
            self.archive(&path, Cursor::new(&content), depth + 1, Members::new());
        }
        self.keep(path, content);
    }

    /// The digest that registries know archives by. An archive that would not be held in memory is not read
    /// whole for it either.
    fn sha1<R: Contents>(&self, data: &mut R) -> Option<String> {
        if let Some(passed) = data.passed() {
            return passed.sha1.clone();
        }
        if data.seek(SeekFrom::End(0)).ok()? > self.limits.archive_bytes {
            return None;
        }
        data.seek(SeekFrom::Start(0)).ok()?;
        let mut hash = Sha1::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            match data.read(&mut buffer).ok()? {
                0 => break,
                count => hash.update(&buffer[..count]),
            }
        }
        Some(hexadecimal(hash))
    }
}

pub(super) fn hexadecimal(hash: Sha1) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The folder that all classes of an archive share: the only word on its origin that no tool left out.
#[derive(Default)]
struct Package {
    folder: Option<Vec<u8>>,
}

impl Package {
    fn see(&mut self, name: &[u8]) {
        let Some(slash) = name.iter().rposition(|byte| *byte == b'/') else { return };
        if !name.ends_with(b".class") || name.starts_with(b"META-INF/") || name.starts_with(b"BOOT-INF/") {
            return;
        }
        let folder = &name[..slash];
        match &mut self.folder {
            None => self.folder = Some(folder.to_vec()),
            Some(shared) => shared.truncate(shared_folder(shared, folder)),
        }
    }

    fn name(self) -> Option<String> {
        let folder = String::from_utf8(self.folder?).ok()?;
        let is_plain = !folder.is_empty() && !folder.contains(|letter: char| letter.is_whitespace());
        is_plain.then_some(folder)
    }
}

/// How much of two folders is the same, in whole names.
fn shared_folder(one: &[u8], other: &[u8]) -> usize {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let ends = |path: &[u8]| path.len() == same || path[same] == b'/';
    if ends(one) && ends(other) {
        return same;
    }
    one[..same].iter().rposition(|byte| *byte == b'/').unwrap_or(0)
}
