//! How much of a file's content is asked for: for those who can leave away what is not.
//!
//! What is decided here is what [`super::Walk`] does with a file when all of its content passes.

use super::inside::{self, HEAD, Kind};
use super::{Limits, Wanted};

/// What is asked of a file by its name and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Nothing,
    /// Its first [`HEAD`] bytes, by which [`Part::of`] tells what more.
    Head,
    Whole,
}

impl Need {
    /// `is_linked` for a file that has another name, and somebody asks for that one.
    pub fn of(path: &str, size: u64, is_linked: bool, wanted: &Wanted, limits: &Limits) -> Self {
        if is_linked || wanted.wants(path) {
            return if size > limits.file_bytes { Self::Nothing } else { Self::Whole };
        }
        if size > 0 && inside::may_hold_something(path) { Self::Head } else { Self::Nothing }
    }
}

/// What is asked of a file that is looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is searched from its beginning to its end.
    Whole(Kind),
    /// A few places that it says itself.
    Places(Kind),
}

impl Part {
    /// By its first bytes. `None` for what is not looked into.
    pub fn of(path: &str, size: u64, head: &[u8], wanted: &Wanted, limits: &Limits) -> Option<Self> {
        let kind = Kind::of(path, &head[..head.len().min(HEAD)])?;
        if size > kind.limit(limits) {
            return None;
        }
        Some(if inside::is_searched(kind, path, wanted) { Self::Whole(kind) } else { Self::Places(kind) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_of_a_file_depends_on_its_name_its_size_and_its_first_bytes() {
        let wanted = Wanted::new(["**/package.json", "**/*!/.fingerprint"]).expect("globs");
        let limits = Limits { file_bytes: 100, executable_bytes: 1000, ..Limits::default() };
        let need = |path, size, linked| Need::of(path, size, linked, &wanted, &limits);
        assert_eq!(need("a/package.json", 100, false), Need::Whole);
        assert_eq!(need("a/package.json", 101, false), Need::Nothing);
        assert_eq!(need("store/abc", 5, true), Need::Whole);
        assert_eq!(need("store/abc", 5, false), Need::Head);
        assert_eq!(need("store/abc", 0, false), Need::Nothing);
        assert_eq!(need("a/index.js", 5, false), Need::Nothing);

        let elf = [&b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0"[..], &[0; 46]].concat();
        let part = |path, size, head: &[u8]| Part::of(path, size, head, &wanted, &limits);
        assert_eq!(part("bin/x", 900, &elf), Some(Part::Whole(Kind::Executable)));
        assert_eq!(part("lib/x.so", 900, &elf), Some(Part::Places(Kind::Executable)));
        assert_eq!(part("lib/x.so", 1001, &elf), None);
        assert_eq!(part("lib/x.jar", 1001, b"PK\x03\x04"), Some(Part::Whole(Kind::Archive)));
        assert_eq!(part("bin/x", 900, b"#!/bin/sh"), None);
    }
}
