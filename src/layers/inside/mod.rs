//! What lies inside a file: the members of an archive, and what an executable carries about itself.
//!
//! Such a file is looked into as it passes and dropped; what was found are entries *below the file's own
//! path*, behind an exclamation mark: `app.war!/WEB-INF/lib/x.jar!/META-INF/MANIFEST.MF`,
//! `usr/bin/tool!/.go.buildinfo`. To everybody else they are files like any other. No real file has such a
//! path, because [`super::clean`] writes an exclamation mark at the end of a name in another way.
//!
//! Members of archives are kept where they are wanted, as files are. Names that begin with a dot right behind
//! the mark are ours: see [`EXECUTABLE`] and [`ARCHIVE`] for the two that say that a file is one at all.

mod archive;
mod executable;
mod fingerprint;
mod passing;
mod sieve;
pub(super) mod zip;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::Range;

pub(super) use self::passing::{PASSED, pass};
pub(super) use self::sieve::{SIEVED, Sieve, WINDOW};
use super::{Entry, Limits, Node, Wanted};
use crate::bom::{Gap, GapKind};

/// Below every executable and shared library: `usr/bin/tool!/.executable`, an empty file.
pub const EXECUTABLE: &str = executable::EXECUTABLE;
/// Below every archive that could be opened: `x.jar!/.archive`, lines of a word and a value, namely `members`,
/// `sha1`, and `package` (the folder that all its Java classes share).
pub const ARCHIVE: &str = archive::ARCHIVE;

/// How many of a file's first bytes tell what it is.
pub const HEAD: usize = 64;

/// A kind of file that is looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Archive,
    Executable,
}

impl Kind {
    /// What a file is by its name and its first [`HEAD`] bytes. `None` for the many that hold nothing.
    pub fn of(path: &str, head: &[u8]) -> Option<Self> {
        if may_hold_something(path) { Self::of_promising(path, head) } else { None }
    }

    /// The same of a file whose name is known to be one of those that [`may_hold_something`].
    pub(super) fn of_promising(path: &str, head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PK\x03\x04") || (head.len() >= 22 && archive::has_archive_name(path)) {
            return Some(Self::Archive);
        }
        (executable::is_executable(head) && !is_object_file(path)).then_some(Self::Executable)
    }

    /// The largest file of this kind that may be held in memory to be looked into.
    pub fn limit(self, limits: &Limits) -> u64 {
        match self {
            Self::Archive => limits.archive_bytes,
            Self::Executable => limits.executable_bytes,
        }
    }
}

/// Endings of source, text and media, of which there are far too many to open each.
const PLAIN: &[&str] = &[
    "c", "cc", "conf", "cpp", "css", "csv", "d", "gif", "go", "h", "hpp", "html", "ico", "java", "jpeg",
    "jpg", "js", "json", "jsx", "less", "map", "md", "mjs", "mo", "php", "pl", "pm", "png", "po", "py",
    "pyc", "pyi", "rb", "rs", "rst", "scss", "svg", "toml", "ts", "tsx", "txt", "xml", "yaml", "yml",
];

/// None of them is longer.
const LONGEST_PLAIN: usize = 4;

/// Whether a file of this name is worth opening.
pub fn may_hold_something(path: &str) -> bool {
    let is_plain = |extension: &str| {
        extension.len() <= LONGEST_PLAIN && PLAIN_NUMBERS.binary_search(&number(extension.as_bytes())).is_ok()
    };
    !extension(path).is_some_and(is_plain)
}

/// [`PLAIN`], each as a number: nearly every file's ending is looked up there.
const PLAIN_NUMBERS: [u32; PLAIN.len()] = {
    let mut numbers = [0; PLAIN.len()];
    let mut place = 0;
    while place < PLAIN.len() {
        numbers[place] = number(PLAIN[place].as_bytes());
        place += 1;
    }
    numbers
};

/// A text of no more than four bytes, as a number that is in order among others as the text is.
const fn number(text: &[u8]) -> u32 {
    let mut bytes = [0; LONGEST_PLAIN];
    let mut place = 0;
    while place < text.len() {
        bytes[place] = text[place];
        place += 1;
    }
    u32::from_be_bytes(bytes)
}

/// Whether a file of this name is an archive that is run, or put on a path of libraries, as it is.
pub fn is_used_packed(path: &str) -> bool {
    archive::has_archive_name(path)
}

/// Kernel modules and parts of libraries: no programs, and thousands of them.
fn is_object_file(path: &str) -> bool {
    extension(path).is_some_and(|extension| matches!(extension, "a" | "ko" | "o" | "obj"))
}

/// Names are short: to look at each byte is quicker than to prepare for more.
fn extension(path: &str) -> Option<&str> {
    let at = path.bytes().rposition(|byte| matches!(byte, b'.' | b'/'))?;
    path[at..].strip_prefix('.')
}

/// What was found inside a file.
#[derive(Debug, Default, PartialEq)]
pub struct Inside {
    pub entries: Vec<Entry>,
    pub gaps: Vec<Gap>,
}

/// A file's content, to be read at any place.
pub trait Contents: Read + Seek {
    /// All of it; `None` when it is longer than `limit`, or cannot be read.
    fn whole(&mut self, limit: u64) -> Option<Cow<'_, [u8]>> {
        let size = self.seek(SeekFrom::End(0)).ok().filter(|size| *size <= limit)?;
        self.seek(SeekFrom::Start(0)).ok()?;
        let mut bytes = Vec::with_capacity(size.min(1 << 20) as usize);
        self.take(limit).read_to_end(&mut bytes).ok()?;
        Some(Cow::Owned(bytes))
    }

    /// All of it, where it lies in memory.
    fn held(&self) -> Option<&[u8]> {
        None
    }

    /// What was found out while all of it passed, where that was looked at and not all of it is to be had any more.
    fn passed(&self) -> Option<&Passed> {
        None
    }
}

/// The places of Go's magic, where it was looked for.
#[derive(Debug, Clone, Default)]
struct Magics {
    places: Vec<u64>,
    /// In order, none beside another.
    searched: Vec<Range<u64>>,
}

/// What was found out about a program or an archive.
#[derive(Debug, Default)]
pub struct Passed {
    magics: Magics,
    /// What it says of itself; absent where that was not searched, or only all of it says so.
    print: Option<Vec<u8>>,
    /// The digest of an archive, where it was asked for.
    sha1: Option<String>,
}

impl<T: AsRef<[u8]>> Contents for Cursor<T> {
    fn whole(&mut self, limit: u64) -> Option<Cow<'_, [u8]>> {
        let bytes = self.get_ref().as_ref();
        (bytes.len() as u64 <= limit).then_some(Cow::Borrowed(bytes))
    }

    fn held(&self) -> Option<&[u8]> {
        Some(self.get_ref().as_ref())
    }
}

/// Whether looking into a file reads all of it, and not only places that it says itself.
pub(super) fn is_searched(kind: Kind, path: &str, wanted: &Wanted) -> bool {
    match kind {
        Kind::Archive => true,
        Kind::Executable => {
            fingerprint::is_searched(path) && wanted.wants(&below(path, fingerprint::FINGERPRINT))
        }
    }
}

/// Looks into a file. Only what is wanted is kept.
pub fn look<R: Contents>(kind: Kind, path: &str, mut data: R, wanted: &Wanted, limits: &Limits) -> Inside {
    // Whoever cannot tell a file's size cannot read it either, and that is told below.
    let size = data.seek(SeekFrom::End(0)).unwrap_or(0);
    let mut look = Look::new(wanted, limits, limits.of_archive(size));
    match kind {
        Kind::Archive => look.archive(path, data, 1, BTreeMap::new()),
        Kind::Executable => look.executable(path, data),
    }
    look.inside
}

/// More gaps of one file are not told: an archive may have a million members.
const MOST_GAPS: usize = 100;

struct Look<'a> {
    wanted: &'a Wanted,
    limits: &'a Limits,
    /// Bytes that may still be unpacked from this one file.
    left: u64,
    /// Something was not unpacked because that would have been too much.
    is_spent: bool,
    inside: Inside,
}

impl<'a> Look<'a> {
    fn new(wanted: &'a Wanted, limits: &'a Limits, left: u64) -> Self {
        Self { wanted, limits, left, is_spent: false, inside: Inside::default() }
    }

    fn executable<R: Contents>(&mut self, path: &str, mut data: R) {
        self.keep(below(path, EXECUTABLE), Vec::new());
        let print = below(path, fingerprint::FINGERPRINT);
        let is_printed = is_searched(Kind::Executable, path, self.wanted);
        let names = [executable::GO, executable::CARGO, executable::NOTE];
        if !is_printed && !names.iter().any(|name| self.wanted.wants(&below(path, name))) {
            return;
        }
        let magics = data.passed().map(|passed| passed.magics.clone());
        let facts = executable::examine(&mut data, magics.as_ref());
        if is_printed {
            let go =
                facts.found.iter().find(|(name, _)| *name == executable::GO).map(|(_, text)| text.as_slice());
            self.keep_unless_empty(print, fingerprint_of(path, go, &mut data, self.limits));
        }
        for (name, content) in facts.found {
            self.keep(below(path, name), content);
        }
        for (name, reason) in facts.problems {
            self.gap(&below(path, name), reason);
        }
    }

    fn keep_unless_empty(&mut self, path: String, content: Vec<u8>) {
        if !content.is_empty() {
            self.keep(path, content);
        }
    }

    fn keep(&mut self, path: String, content: Vec<u8>) {
        if self.wanted.wants(&path) {
            self.inside.entries.push(Entry { path: path.into(), node: Node::File(content.into()) });
        }
    }

    fn gap(&mut self, path: &str, reason: impl Into<String>) {
        let told = self.inside.gaps.len() + 1;
        let (path, reason) = match told {
            ..MOST_GAPS => (path.to_owned(), reason.into()),
            MOST_GAPS => {
                let holder = path.split_once("!/").map_or(path, |(holder, _)| holder);
                (holder.to_owned(), "there is more in it that could not be read than is told".to_owned())
            }
            _ => return,
        };
        self.inside.gaps.push(Gap { path, line: None, kind: GapKind::Unread, reason });
    }
}

/// What a program says of itself. `go` is its build information where it is one of Go.
fn fingerprint_of<R: Contents>(path: &str, go: Option<&[u8]>, data: &mut R, limits: &Limits) -> Vec<u8> {
    let passed = data.passed().and_then(|passed| passed.print.clone());
    let print = match (go, passed) {
        (Some(information), _) => fingerprint::search_go(information, || data.whole(limits.executable_bytes)),
        (None, Some(passed)) => Some(passed),
        (None, None) => data.whole(limits.executable_bytes).map(|whole| fingerprint::search(path, &whole)),
    };
    print.unwrap_or_default()
}

/// The path of something inside a file.
pub(super) fn below(path: &str, name: &str) -> String {
    format!("{path}!/{name}")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::io::Cursor;

    use super::executable::testing::{elf, go_inline};
    use super::zip::testing::{entry, zip};
    use super::*;

    const PATTERNS: &[&str] =
        &["**/META-INF/MANIFEST.MF", "**/*!/.archive", "**/*!/.go.buildinfo", "**/*!/.executable"];

    fn limits() -> Limits {
        Limits {
            archive_depth: 3,
            file_bytes: 1000,
            archive_bytes: 100_000,
            inside_bytes: 10_000,
            ..Limits::default()
        }
    }

    fn seen(path: &str, file: &[u8]) -> String {
        let wanted = Wanted::new(PATTERNS.iter().copied()).expect("globs");
        let Some(kind) = Kind::of(path, &file[..file.len().min(HEAD)]) else { return "nothing".to_owned() };
        let inside = look(kind, path, Cursor::new(file), &wanted, &limits());
        let mut text = String::new();
        for entry in inside.entries {
            let Node::File(bytes) = entry.node else { continue };
            let _ = writeln!(text, "{} {:?}", entry.path, String::from_utf8_lossy(&bytes));
        }
        for gap in inside.gaps {
            let _ = writeln!(text, "gap {}: {}", gap.path, gap.reason);
        }
        text
    }

    #[test]
    fn members_of_nested_archives_lie_below_their_path() {
        let inner = zip(&[
            ("META-INF/MANIFEST.MF", b"A: b"),
            ("org/example/a/X.class", b""),
            ("org/example/ab/Y.class", b""),
            ("other.txt", b""),
        ]);
        let middle = zip(&[("WEB-INF/lib/x.jar", &inner), ("lib/", b"")]);
        let outer = zip(&[("app.war", &middle)]);
        expect_test::expect![[r#"
            app.ear!/app.war!/WEB-INF/lib/x.jar!/META-INF/MANIFEST.MF "A: b"
            app.ear!/app.war!/WEB-INF/lib/x.jar!/.archive "members 4\npackage org/example\nsha1 SHA\n"
            app.ear!/app.war!/.archive "members 2\nsha1 SHA\n"
            app.ear!/.archive "members 1\nsha1 SHA\n"
        "#]]
        .assert_eq(&without_digests(&seen("app.ear", &outer)));
    }

    /// The digests depend on how well the deflater of the day packs.
    fn without_digests(text: &str) -> String {
        let mut parts = text.split("sha1 ");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| format!("{text}sha1 SHA{}", &part[40..]))
    }

    #[test]
    fn an_executable_tells_of_itself() {
        let file = elf(&[(".go.buildinfo", &go_inline("go1.22", "path\tx\n"))]);
        expect_test::expect![[r#"
            bin/x!/.executable ""
            bin/x!/.go.buildinfo "go\tgo1.22\npath\tx\n"
        "#]]
        .assert_eq(&seen("bin/x", &file));
        assert_eq!(seen("lib/x.ko", &file), "nothing");
        assert_eq!(seen("bin/x", b"#!/bin/sh"), "nothing");
    }

    #[test]
    fn an_executable_in_an_archive_tells_of_itself_too() {
        let library = elf(&[(".go.buildinfo", &go_inline("go1.22", "path\tx\n"))]);
        let jar = zip(&[("linux/libx.so", &library), ("win/x.dll", b"none"), ("a.node", b"")]);
        expect_test::expect![[r#"
            x.jar!/linux/libx.so!/.executable ""
            x.jar!/linux/libx.so!/.go.buildinfo "go\tgo1.22\npath\tx\n"
            x.jar!/.archive "members 3\nsha1 SHA\n"
        "#]]
        .assert_eq(&without_digests(&seen("x.jar", &jar)));
    }

    #[test]
    fn archives_are_opened_to_a_depth() {
        let mut archive = zip(&[("META-INF/MANIFEST.MF", b"A: b")]);
        for _ in 0..4 {
            archive = zip(&[("x.jar", &archive)]);
        }
        let seen = seen("0.jar", &archive);
        assert!(
            seen.contains("gap 0.jar!/x.jar!/x.jar!/x.jar: archives in archives are opened 3 deep"),
            "{seen}"
        );
        assert!(!seen.contains("MANIFEST"), "{seen}");
    }

    #[test]
    fn what_is_unpacked_from_one_file_is_bounded() {
        let large = [b' '; 900];
        let members: Vec<(String, &[u8])> =
            (0..20).map(|index| (format!("{index}/META-INF/MANIFEST.MF"), &large[..])).collect();
        let members: Vec<(&str, &[u8])> =
            members.iter().map(|(name, content)| (name.as_str(), *content)).collect();
        let seen = seen("x.jar", &zip(&members));
        assert_eq!(seen.matches("/MANIFEST.MF \"").count(), 11);
        assert_eq!(seen.matches("900 bytes is more than the limit of 100").count(), 9);
    }

    #[test]
    fn hostile_archives_are_gaps() {
        let climbing = zip(&[("../../etc/META-INF/MANIFEST.MF", b"x"), ("/META-INF/MANIFEST.MF", b"root")]);
        let seen_climbing = seen("x.jar", &climbing);
        assert!(
            seen_climbing.contains("gap x.jar: the member's name `../../etc/META-INF/MANIFEST.MF` climbs")
        );
        assert!(seen_climbing.contains("x.jar!/META-INF/MANIFEST.MF \"root\""));
        let mut encrypted = zip(&[("META-INF/MANIFEST.MF", b"x")]);
        let at = entry(&encrypted, 0);
        encrypted[at + 8] |= 1;
        assert!(seen("x.jar", &encrypted).contains("gap x.jar!/META-INF/MANIFEST.MF: it is encrypted"));
        let none = "gap x.jar: it is no zip archive: it has no central directory\n";
        assert_eq!(seen("x.jar", b"this is a text of some length"), none);
        assert_eq!(seen("x.jar", &climbing[..climbing.len() - 1]), none);
        assert_eq!(seen("empty.jar", b""), "nothing");
    }

    #[test]
    fn the_lists_of_endings_are_sorted() {
        assert!(PLAIN.is_sorted());
        assert!(PLAIN.iter().all(|extension| extension.len() <= LONGEST_PLAIN));
        assert!(archive::ENDINGS.is_sorted());
    }
}
