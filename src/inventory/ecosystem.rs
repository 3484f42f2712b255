//! What an ecosystem is: which files it reads, and what it makes of one.
//!
//! A parser is a pure function of one file and its neighbours. It knows nothing of layers, formats or
//! policy; it finishes its sentence: nobody later asks which ecosystem a package came from.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::bounded::{Packages, Problems};
use crate::bom::{Component, Hash, Scope, Technique};
use crate::layers::{Tree, parent};

/// One package manager's way of writing things down.
pub struct Ecosystem {
    /// The package manager's own name: `dpkg`, `npm-lock`.
    pub name: &'static str,
    /// One line for people: what is read.
    pub about: &'static str,
    /// Patterns of files to parse; `parse` is called once for each match.
    pub reads: &'static [&'static str],
    /// Patterns of neighbours it may look up in the tree.
    pub beside: &'static [&'static str],
    /// Where the format is written down.
    pub spec: &'static str,
    /// What one file says.
    pub parse: fn(&File<'_>, &Tree) -> Result<Parsed, ParseError>,
    /// Adds to a package what lies beside its file (a licence text, say). Called only for packages that are
    /// there at the top; `parse` is called for every state a file ever had.
    pub enrich: fn(&mut Package, &File<'_>, &Tree) -> Vec<Problem>,
}

/// An `enrich` for files that say everything themselves.
pub fn nothing_beside(_: &mut Package, _: &File<'_>, _: &Tree) -> Vec<Problem> {
    Vec::new()
}

/// A file to parse.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Relative to the subject's root, without a leading slash.
    pub path: &'a str,
    pub bytes: &'a [u8],
}

/// Text, with what is not UTF-8 replaced. Nearly all is UTF-8, and to find that is ten times quicker than to look for
/// what is not.
pub(super) fn as_text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

impl<'a> File<'a> {
    /// The file as text: without a byte order mark, and with what is not UTF-8 replaced.
    pub fn text(&self) -> Cow<'a, str> {
        as_text(self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(self.bytes))
    }

    /// The folder it lies in; empty at the root.
    pub fn folder(&self) -> &'a str {
        parent(self.path)
    }

    /// The file this one lies in: `app.jar` for `app.jar!/x`. What lies in nothing lies in itself.
    pub fn holder(&self) -> &'a str {
        self.path.rsplit_once("!/").map_or(self.path, |(holder, _)| holder)
    }

    /// The root file system this file belongs to: what stands before `suffix` in its path, ending in a slash
    /// or empty. `None` when the path does not end so.
    pub fn root(&self, suffix: &str) -> Option<&'a str> {
        self.path.strip_suffix(suffix).filter(|root| root.is_empty() || root.ends_with('/'))
    }
}

/// What one file says.
#[derive(Debug, Default)]
pub struct Parsed {
    pub packages: Packages,
    /// Parts of the file that could not be read, while the rest could.
    pub problems: Problems,
}

/// Something in a file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// 1-based.
    pub line: Option<u32>,
    /// A lowercase fragment: "is not `K:value`".
    pub reason: String,
}

impl Problem {
    pub fn new(line: impl Into<Option<u32>>, reason: impl Into<String>) -> Self {
        Self { line: line.into(), reason: reason.into() }
    }
}

/// A file that is hopeless as a whole. It becomes a gap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ParseError {
    /// 1-based.
    pub line: Option<u32>,
    pub reason: String,
}

impl ParseError {
    pub fn new(line: impl Into<Option<u32>>, reason: impl Into<String>) -> Self {
        Self { line: line.into(), reason: reason.into() }
    }
}

impl From<serde_json::Error> for ParseError {
    fn from(error: serde_json::Error) -> Self {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        Self::new(line, format!("is not the JSON expected here: {error}"))
    }
}

/// What one file says of one package.
#[derive(Debug, Clone)]
pub struct Package {
    /// Everything but layer, evidence and scope, which are settled when packages become components.
    pub component: Component,
    /// The file that names it, where that is not the file that was parsed but one looked up beside it: a
    /// member of the archive that was asked about.
    pub place: Option<Box<str>>,
    /// 1-based line of that file where the package is named.
    pub line: Option<u32>,
    /// `None` where the file does not say.
    pub scope: Option<Scope>,
    /// Names under which other packages may need it: see [`Need`].
    pub addresses: Vec<String>,
    /// What it needs. `None` where the file does not say; an empty list says that it needs nothing.
    pub needs: Option<Vec<Need>>,
    /// How the file tells of it. Only readers of binaries and of embedded SBOMs say other than the default.
    pub technique: Technique,
    /// In percent.
    pub confidence: u8,
    /// The files it recorded as its own. Fill it in `enrich`: only packages at the top need it.
    pub files: Vec<OwnedFile>,
    /// What of the subject is the package, where that can be told otherwise than by `files`.
    pub extent: Option<Extent>,
    /// The texts behind the `LicenseRef-` ids of its claims, by id, where they lie beside it.
    pub license_texts: BTreeMap<String, String>,
}

/// What of the subject is a package, and nothing else is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// One file.
    File(Box<str>),
    /// A folder with all below it, but `node_modules`.
    Folder(Box<str>),
}

/// A file that a package recorded as its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedFile {
    /// Relative to the subject's root (not to the package database's), without a leading slash.
    pub path: Box<str>,
    /// Of its content when it was installed, where the package says it. Absent too for files that are meant
    /// to change, such as configuration.
    pub digest: Option<Hash>,
}

impl Package {
    pub fn new(component: Component) -> Self {
        Self {
            component,
            place: None,
            line: None,
            scope: None,
            addresses: Vec::new(),
            needs: None,
            technique: Technique::ManifestAnalysis,
            confidence: 100,
            files: Vec::new(),
            extent: None,
            license_texts: BTreeMap::new(),
        }
    }
}

/// Something a package needs: the first address that anybody has is what it gets.
///
/// An address is any text that both sides can form and that no other ecosystem forms by chance, such as
/// `npm:srv/app/node_modules/x`. A need for `a | b` lists both; a need that Node would look for in several
/// folders lists one address for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub any_of: Vec<String>,
}

impl Need {
    pub fn of(address: impl Into<String>) -> Self {
        Self { any_of: vec![address.into()] }
    }
}
