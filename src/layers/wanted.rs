//! Which files somebody asked for.

use std::fmt;
use std::sync::Arc;

use super::{Entry, GlobError, Globs, Node};

/// A set of patterns; only files that match one are kept while a layer streams past.
#[derive(Clone)]
pub struct Wanted {
    patterns: Globs,
    /// The patterns as written.
    written: Vec<String>,
    digests: Digests,
    watcher: Option<Arc<dyn Watcher>>,
}

/// Who is told of every file that is kept of a layer, as soon as it is and before the layer was read to its end. Upper
/// layers may still hide it, and the layer may turn out to be broken.
pub trait Watcher: Send + Sync {
    fn kept(&self, path: &str, content: &Arc<[u8]>);
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
        Ok(Self { patterns, written, digests: Digests::default(), watcher: None })
    }

    /// The same, and the digests of every file's content: see [`super::DIGESTS`].
    #[must_use]
    pub fn with_digests(self, digests: Digests) -> Self {
        Self { digests, ..self }
    }

    /// The same, and somebody is told of what is kept. There is one at most.
    #[must_use]
    pub fn watched_by(self, watcher: Arc<dyn Watcher>) -> Self {
        Self { watcher: Some(watcher), ..self }
    }

    pub(super) fn tell(&self, path: &str, node: &Node) {
        if let (Some(watcher), Node::File(content)) = (&self.watcher, node) {
            watcher.kept(path, content);
        }
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

impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted")
            .field("written", &self.written)
            .field("digests", &self.digests)
            .field("is_watched", &self.watcher.is_some())
            .finish_non_exhaustive()
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
