//! An [`Extract`] as bytes, to be kept between runs.
//!
//! A form of our own, read by nobody else and by no other version: numbers are LEB128, texts and contents are
//! their length and their bytes. Whatever does not decode to its last byte is no extract; nothing is allocated
//! by the word of a length before that many bytes are there.

use super::{Entry, Extract, Node};
use crate::bom::{Gap, GapKind};

/// Which patterns, limits and code an extract depends on, besides the layer, must be part of the name it is
/// kept under: this is the code's part. It changes with every change of this room.
pub const EXTRACTOR: &str = env!("PACKLIST_EXTRACTOR");

const DIRECTORY: u8 = 0;
const OTHER: u8 = 1;
const FILE: u8 = 2;
const SYMLINK: u8 = 3;
const HARDLINK: u8 = 4;

impl Extract {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(Vec::new());
        out.number(self.entries.len() as u64);
        let mut before = "";
        for entry in &self.entries {
            out.path(before, &entry.path);
            before = &entry.path;
            match &entry.node {
                Node::Directory => out.0.push(DIRECTORY),
                Node::Other => out.0.push(OTHER),
                Node::File(bytes) => out.tagged(FILE, bytes),
                Node::Symlink(target) => out.tagged(SYMLINK, target.as_bytes()),
                Node::Hardlink(target) => out.tagged(HARDLINK, target.as_bytes()),
            }
        }
        for paths in [&self.whiteouts, &self.opaque] {
            out.number(paths.len() as u64);
            paths.iter().for_each(|path| out.bytes(path.as_bytes()));
        }
        out.number(self.gaps.len() as u64);
        for gap in &self.gaps {
            out.bytes(gap.path.as_bytes());
            out.number(gap.line.map_or(0, |line| u64::from(line) + 1));
            out.bytes(gap.kind.name().as_bytes());
            out.bytes(gap.reason.as_bytes());
        }
        out.0
    }

    /// `None` for anything but what [`Self::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let mut extract = Self::default();
        let mut before = String::new();
        for _ in 0..from.number()? {
            before = from.path(&before)?;
            let node = from.node()?;
            extract.entries.push(Entry { path: before.as_str().into(), node });
        }
        for paths in [&mut extract.whiteouts, &mut extract.opaque] {
            for _ in 0..from.number()? {
                paths.push(from.text()?.to_owned());
            }
        }
        for _ in 0..from.number()? {
            extract.gaps.push(from.gap()?);
        }
        from.0.is_empty().then_some(extract)
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.0.push(tag);
        self.bytes(bytes);
    }

    /// Neighbours share most of their path.
    fn path(&mut self, before: &str, path: &str) {
        let shared = before.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
        let shared = (0..=shared).rev().find(|end| path.is_char_boundary(*end)).unwrap_or(0);
        self.number(shared as u64);
        self.bytes(&path.as_bytes()[shared..]);
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn path(&mut self, before: &str) -> Option<String> {
        let shared = usize::try_from(self.number()?).ok()?;
        Some([before.get(..shared)?, self.text()?].concat())
    }

    fn node(&mut self) -> Option<Node> {
        Some(match self.byte()? {
            DIRECTORY => Node::Directory,
            OTHER => Node::Other,
            FILE => Node::File(self.bytes()?.into()),
            SYMLINK => Node::Symlink(self.text()?.into()),
            HARDLINK => Node::Hardlink(self.text()?.into()),
            _ => return None,
        })
    }

    fn gap(&mut self) -> Option<Gap> {
        Some(Gap {
            path: self.text()?.to_owned(),
            line: match self.number()? {
                0 => None,
                line => Some(u32::try_from(line - 1).ok()?),
            },
            kind: GapKind::from_name(self.text()?)?,
            reason: self.text()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, node: Node) -> Entry {
        Entry { path: path.into(), node }
    }

    fn full() -> Extract {
        Extract {
            entries: vec![
                entry("usr", Node::Directory),
                entry("usr/lib/große/x", Node::File((*b"\0\xff").into())),
                entry("usr/lib/groß", Node::Other),
                entry("usr/lib/gro\u{e0}", Node::Symlink("../x".into())),
                entry("a", Node::Hardlink("usr/lib/groß".into())),
                entry("a!/.executable", Node::File([].into())),
            ],
            whiteouts: vec!["srv/gone".to_owned()],
            opaque: vec!["opt".to_owned(), String::new()],
            gaps: vec![
                Gap { path: "p".into(), line: Some(0), kind: GapKind::Unread, reason: "r".into() },
                Gap { path: String::new(), line: None, kind: GapKind::LeftOut, reason: "x".repeat(300) },
            ],
            ..Extract::default()
        }
    }

    #[test]
    fn what_was_kept_is_what_comes_back() {
        assert_eq!(Extract::from_bytes(&full().to_bytes()), Some(full()));
        assert_eq!(Extract::from_bytes(&Extract::default().to_bytes()), Some(Extract::default()));
    }

    #[test]
    fn nothing_less_and_nothing_more_is_an_extract() {
        let bytes = full().to_bytes();
        for length in 0..bytes.len() {
            assert_eq!(Extract::from_bytes(&bytes[..length]), None, "{length} bytes");
        }
        assert_eq!(Extract::from_bytes(&[&*bytes, b"\0"].concat()), None);
    }

    #[test]
    fn lengths_that_lie_are_no_extract() {
        assert_eq!(Extract::from_bytes(&[0xff; 64]), None);
        let huge = [1, 0, 1, b'a', FILE, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(Extract::from_bytes(&huge), None);
        let shared_with_nothing = [1, 200, 1, 1, b'a', DIRECTORY, 0, 0, 0];
        assert_eq!(Extract::from_bytes(&shared_with_nothing), None);
    }
}
