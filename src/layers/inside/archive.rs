//! Archives inside archives: every member that is wanted, to a stated depth.
//!
//! A nested archive is known by its name; it is unpacked into memory, and only one a level is held. What may
//! be unpacked from one file of the subject is bounded as a whole, so that neither a bomb nor an archive that
//! contains itself leads further than that.

use std::io::{Cursor, Read, Seek, SeekFrom};

use sha1::{Digest, Sha1};

use super::zip::{Member, Zip, ZipError};
use super::{HEAD, Kind, Look, below, extension};
use crate::layers::clean;

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

impl Look<'_> {
    pub(super) fn archive<R: Read + Seek>(&mut self, path: &str, mut data: R, depth: usize) {
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
                    self.member(path, &member, &mut zip, depth);
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

    fn member<R: Read + Seek>(&mut self, path: &str, member: &Member, zip: &mut Zip<R>, depth: usize) {
        // Nine of ten members of a jar, and nobody asks for them.
        if member.name.ends_with(b".class") || member.name.ends_with(b"/") {
            return;
        }
        let Some(name) = clean(&member.name).filter(|name| !name.is_empty()) else {
            let name = String::from_utf8_lossy(&member.name).into_owned();
            return self.gap(path, format!("the member's name `{name}` climbs out of the archive"));
        };
        let inner = below(path, &name);
        let is_wanted = self.wanted.wants(&inner);
        let is_archive = has_archive_name(&name);
        if has_library_name(&name) && !is_wanted {
            return self.library(&inner, member, zip);
        }
        if is_archive && !is_wanted && depth >= self.limits.archive_depth {
            let depth = self.limits.archive_depth;
            return self.gap(&inner, format!("archives in archives are opened {depth} deep"));
        }
        if is_wanted || is_archive {
            match self.unpack(member, zip, is_archive) {
                Ok(content) => self.unpacked(inner, content, is_archive, depth),
                Err(error) => self.gap(&inner, error.to_string()),
            }
        }
    }

    /// A program or native library. What it says of itself is read as if it lay outside.
    fn library<R: Read + Seek>(&mut self, path: &str, member: &Member, zip: &mut Zip<R>) {
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

    fn unpack<R: Read + Seek>(
        &mut self,
        member: &Member,
        zip: &mut Zip<R>,
        is_archive: bool,
    ) -> Result<Vec<u8>, ZipError> {
        let limit = if is_archive { self.limits.archive_bytes } else { self.limits.file_bytes };
        let content = zip.read(member, limit.min(self.left))?;
        self.left = self.left.saturating_sub(content.len() as u64);
        Ok(content)
    }

    fn unpacked(&mut self, path: String, content: Vec<u8>, is_archive: bool, depth: usize) {
        if is_archive && depth < self.limits.archive_depth {
            self.archive(&path, Cursor::new(&content), depth + 1);
        }
        self.keep(path, content);
    }

    /// The digest that registries know archives by. An archive that would not be held in memory is not read
    /// whole for it either.
    fn sha1<R: Read + Seek>(&self, data: &mut R) -> Option<String> {
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
        Some(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
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
