//! Which files somebody asked for.

use super::{Entry, GlobError, Globs, Node};

/// A set of patterns; only files that match one are kept while a layer streams past.
#[derive(Debug, Clone)]
pub struct Wanted {
    patterns: Globs,
    /// The patterns as written.
    written: Vec<String>,
    digests: Digests,
}

/// Of which use digests of all contents are to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digests {
    /// To compare with what packages recorded: MD5, SHA-1 and SHA-256.
    pub compared: bool,
    /// To say what is installed: SHA-256 and SHA-512.
    pub told: bool,
}

impl Digests {
    pub fn any(self) -> bool {
        self.compared || self.told
    }
}

impl Wanted {
    /// `*` stays within one name, `**/` crosses any number of folders, none included.
    ///
    /// # Errors
    /// The first pattern that is none and why, or that they are too many.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, GlobError> {
        let written: Vec<String> = patterns.into_iter().map(str::to_owned).collect();
        let patterns = Globs::new(written.iter().map(String::as_str))?;
        Ok(Self { patterns, written, digests: Digests::default() })
    }

    /// The same, and the digests of every file's content: see [`super::DIGESTS`].
    #[must_use]
    pub fn with_digests(self, digests: Digests) -> Self {
        Self { digests, ..self }
    }

    pub fn digests(&self) -> Digests {
        self.digests
    }

    /// What was asked for, as written.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.written.iter().map(String::as_str)
    }

    /// Whether a file of this path (in the form of [`super::clean`]) is to be kept.
    pub fn wants(&self, path: &str) -> bool {
        self.patterns.is_match(path) || (self.digests.any() && path.ends_with("!/.digests"))
    }

    /// The mark of a folder whose name is all that somebody asked for: an empty file `<folder>!/.folder`.
    pub fn folder(&self, path: &str) -> Option<Entry> {
        let mark = format!("{path}!/.folder");
        self.wants(&mark).then(|| Entry { path: mark.into(), node: Node::File([].into()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_one_name() {
        let wanted = Wanted::new(["**/*.dist-info/METADATA", "**/lib/apk/db/installed"]).expect("globs");
        assert!(wanted.wants("a/b/x-1.0.dist-info/METADATA"));
        assert!(wanted.wants("lib/apk/db/installed"));
        assert!(wanted.wants("usr/lib/apk/db/installed"));
        assert!(!wanted.wants("a/x.dist-info/sub/METADATA"));
        assert!(!wanted.wants("mylib/apk/db/installed"));
    }

    #[test]
    fn a_folder_is_marked_where_its_name_is_asked_for() {
        let wanted = Wanted::new(["**/nix/store/*!/.folder"]).expect("globs");
        let mark = wanted.folder("nix/store/abc-x-1").expect("a mark");
        assert_eq!(&*mark.path, "nix/store/abc-x-1!/.folder");
        assert_eq!(wanted.folder("nix/store/abc-x-1/bin"), None);
    }
}
