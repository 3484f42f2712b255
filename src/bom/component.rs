//! A component: one thing the subject holds, however many files speak of it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Basis, Cpes, LicenseClaim, Purl, Sparse};

/// Names a component inside one bill, and stays the same between two runs.
///
/// The canonical purl where there is one, else kind, name and version: `operating-system:debian@12`. Many things
/// name a component, so they share one text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ref(pub Arc<str>);

impl Ref {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Purl without version, version, architecture: see [`Component::identity`].
pub type Identity = (String, Option<String>, Option<String>);

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    pub kind: Kind,
    /// The whole name as the ecosystem writes it: `@scope/name`, `group:artifact`.
    pub name: String,
    /// As the packager wrote it, epoch included; never normalised. Absent when nobody says.
    pub version: Option<String>,
    /// Absent for things no registry knows, such as a workspace member or the operating system.
    pub purl: Option<Purl>,
    /// What was said about its licence, each statement once. Empty when nothing was said.
    pub licenses: Sparse<Vec<LicenseClaim>>,
    /// Of its artefact: what its ecosystem serves or records, or the one file that it is.
    pub hashes: Sparse<Vec<Hash>>,
    /// Of all its files together as they are installed: SPDX's package verification code, one for each algorithm.
    /// Empty where nobody looked.
    pub contents: Sparse<Vec<Hash>>,
    /// What sort of file it is as it is handed on.
    pub form: Sparse<Form>,
    /// Who distributes it: a distribution's maintainer field. As written, `Name <address>` kept whole.
    pub supplier: Option<String>,
    /// Who wrote it, as it says itself. As written.
    pub author: Option<String>,
    /// Whose copyright it is, one line, as its licence files write it.
    pub copyright: Option<String>,
    /// What it says of itself, its first line only.
    pub description: Option<String>,
    pub homepage: Option<String>,
    /// Where its source code is kept, a version control system's URL: `git+https://…`.
    pub vcs: Option<String>,
    /// Where its source code can be had, as its packager says: a repository, a folder of releases, a page.
    pub source: Option<String>,
    /// Where exactly this artefact was fetched from.
    pub download: Option<String>,
    /// CPE 2.3 names, as other tools wrote them; we never guess one.
    pub cpes: Cpes,
    pub scope: Scope,
    pub presence: Presence,
    /// Part of the project that was scanned, not a dependency of it.
    pub first_party: bool,
    /// Somebody asked for it by name, rather than for something that needs it.
    pub asked_for: bool,
    /// The component whose files it lies in. It is listed inside its owner and counted with it.
    pub owner: Option<Box<Owner>>,
    /// It is shipped in a lower layer and cannot be seen at the top.
    pub hidden: Option<Box<Hidden>>,
    /// What its publisher has said against this version since.
    pub standing: Option<Box<Standing>>,
    /// Files of it whose content is no longer what its package recorded, in order of path. Empty also where
    /// nobody looked.
    pub altered: Sparse<Vec<String>>,
    /// Index into [`super::Bom::layers`] of the layer that brought it. Absent outside images.
    pub layer: Option<usize>,
    /// Where it was seen, each place once, in order of path.
    pub evidence: Vec<Evidence>,
}

/// What sort of file a component is as it is handed on, in the terms of the BSI. Absent is what is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Form {
    /// Without its folder.
    pub file_name: Option<String>,
    /// It holds code that is run as it is.
    pub executable: Option<bool>,
    /// It is a combination of several parts.
    pub archive: Option<bool>,
    /// What its parts are can be told.
    pub structured: Option<bool>,
}

/// Why a component is part of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner {
    pub component: Ref,
    /// A file of this component that the owner's package recorded as its own.
    pub path: String,
}

/// What became of a component that only lower layers hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hidden {
    /// Index into [`super::Bom::layers`] of the layer that removed or replaced it.
    pub layer: usize,
    /// What stands in its place: the same package in another version. Absent when it was removed.
    pub replaced_by: Option<Ref>,
}

/// What a publisher says against a version of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Standing {
    pub kind: StandingKind,
    /// In the publisher's words; empty when it gave none.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StandingKind {
    Deprecated,
    Abandoned,
    Yanked,
    Retracted,
}

impl StandingKind {
    pub const ALL: &[Self] = &[Self::Deprecated, Self::Abandoned, Self::Yanked, Self::Retracted];

    pub fn name(self) -> &'static str {
        match self {
            Self::Deprecated => "deprecated",
            Self::Abandoned => "abandoned",
            Self::Yanked => "yanked",
            Self::Retracted => "retracted",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl Component {
    /// A library with this name and nothing else known.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            kind: Kind::Library,
            name: name.into(),
            version: None,
            purl: None,
            licenses: Sparse::default(),
            hashes: Sparse::default(),
            contents: Sparse::default(),
            form: Sparse::default(),
            supplier: None,
            author: None,
            copyright: None,
            description: None,
            homepage: None,
            vcs: None,
            source: None,
            download: None,
            cpes: Cpes::default(),
            scope: Scope::Required,
            presence: Presence::Installed,
            first_party: false,
            asked_for: false,
            owner: None,
            hidden: None,
            standing: None,
            altered: Sparse::default(),
            layer: None,
            evidence: Vec::new(),
        }
    }

    /// The reference this component would have by its own content.
    pub fn reference(&self) -> Ref {
        Ref(match (&self.purl, &self.version) {
            (Some(purl), _) => purl.shared(),
            (None, Some(version)) => format!("{}:{}@{version}", self.kind.name(), self.name).into(),
            (None, None) => format!("{}:{}", self.kind.name(), self.name).into(),
        })
    }

    /// What makes it the same package in another place or state: type, name, version and architecture, but not
    /// what the distribution called itself at the time.
    pub fn identity(&self) -> Identity {
        match &self.purl {
            Some(purl) => (
                purl.without_version().to_owned(),
                purl.version().map(str::to_owned),
                purl.qualifier("arch").map(str::to_owned),
            ),
            None => (self.reference().0.to_string(), self.version.clone(), None),
        }
    }

    /// Takes in what another entry of the same thing says. What is said already stays.
    pub fn absorb(&mut self, other: Self) {
        self.licenses.extend(other.licenses);
        self.hashes.extend(other.hashes);
        // Copies that differ have no digest in common.
        if self.contents.is_empty() {
            self.contents = other.contents;
        } else if !other.contents.is_empty() && self.contents != other.contents {
            self.contents.clear();
        }
        self.cpes.extend(other.cpes.iter());
        self.altered.extend(other.altered);
        self.evidence.extend(other.evidence);
        if *self.form == Form::default() {
            self.form = other.form;
        }
        self.scope = self.scope.min(other.scope);
        self.presence = self.presence.min(other.presence);
        self.first_party |= other.first_party;
        self.asked_for |= other.asked_for;
        self.version = self.version.take().or(other.version);
        self.supplier = self.supplier.take().or(other.supplier);
        self.author = self.author.take().or(other.author);
        self.copyright = self.copyright.take().or(other.copyright);
        self.description = self.description.take().or(other.description);
        self.homepage = self.homepage.take().or(other.homepage);
        self.vcs = self.vcs.take().or(other.vcs);
        self.source = self.source.take().or(other.source);
        self.download = self.download.take().or(other.download);
        self.owner = self.owner.take().or(other.owner);
        self.standing = self.standing.take().or(other.standing);
        self.layer = self.layer.or(other.layer);
        // It can be seen if one of the two can.
        if other.hidden.is_none() {
            self.hidden = None;
        }
    }

    /// Drops what its lists say more than once, their order kept.
    pub fn say_once(&mut self) {
        fn keep_first<T: Ord + Clone>(items: &mut Vec<T>) {
            let mut seen = BTreeSet::new();
            items.retain(|item| seen.insert(item.clone()));
        }
        if self.licenses.len() > 1 {
            keep_first(&mut self.licenses);
        }
        if self.hashes.len() > 1 {
            keep_first(&mut self.hashes);
        }
        if self.altered.len() > 1 {
            keep_first(&mut self.altered);
        }
        keep_first(&mut self.evidence);
        let mut seen = BTreeSet::new();
        self.cpes = self.cpes.iter().filter(|cpe| seen.insert(*cpe)).collect();
    }

    /// What was said about its licence, without what only follows from it.
    pub fn statements(&self) -> impl Iterator<Item = &LicenseClaim> {
        self.licenses.iter().filter(|claim| claim.basis != Basis::Derived)
    }

    /// Whether a distribution's package manager put it there or it is the operating system itself.
    pub fn is_os(&self) -> bool {
        self.kind == Kind::OperatingSystem || self.purl.as_ref().is_some_and(Purl::is_os)
    }
}

/// What sort of thing it is; the names are CycloneDX's component types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    Application,
    Container,
    Data,
    Device,
    DeviceDriver,
    File,
    Firmware,
    Framework,
    Library,
    MachineLearningModel,
    OperatingSystem,
    Platform,
}

impl Kind {
    pub const ALL: &[Self] = &[
        Self::Application,
        Self::Container,
        Self::Data,
        Self::Device,
        Self::DeviceDriver,
        Self::File,
        Self::Firmware,
        Self::Framework,
        Self::Library,
        Self::MachineLearningModel,
        Self::OperatingSystem,
        Self::Platform,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Container => "container",
            Self::Data => "data",
            Self::Device => "device",
            Self::DeviceDriver => "device-driver",
            Self::File => "file",
            Self::Firmware => "firmware",
            Self::Framework => "framework",
            Self::Library => "library",
            Self::MachineLearningModel => "machine-learning-model",
            Self::OperatingSystem => "operating-system",
            Self::Platform => "platform",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// When the component is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Needed to run; also where nobody says.
    Required,
    /// May be missing.
    Optional,
    /// Needed only to develop, build or test.
    Dev,
}

impl Scope {
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Dev => "dev",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Required, Self::Optional, Self::Dev].into_iter().find(|scope| scope.name() == name)
    }
}

/// How we know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Presence {
    /// A package manager's record of what it installed.
    Installed,
    /// A lockfile or manifest that asks for it.
    Declared,
}

impl Presence {
    pub fn name(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Declared => "declared",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Installed, Self::Declared].into_iter().find(|presence| presence.name() == name)
    }
}

/// One place that speaks of the component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// Path inside the subject, without a leading slash.
    pub path: String,
    /// 1-based line in `path` where the component is named.
    pub line: Option<u32>,
    /// Index into [`super::Bom::layers`] of the layer that brought it *here*.
    pub layer: Option<usize>,
    /// The ecosystem that read it: `dpkg`, `npm-lock`. Empty in documents of other tools.
    pub found_by: String,
    pub technique: Technique,
    /// How sure we are that it is this component, in percent.
    pub confidence: u8,
}

/// How a place told us of the component; the names are CycloneDX's identity methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Technique {
    /// A package database, a lockfile, a package's own metadata.
    #[default]
    ManifestAnalysis,
    /// Strings or sections inside a binary.
    BinaryAnalysis,
    /// Only the name of a file.
    Filename,
    /// Another SBOM that lay there.
    Attestation,
    /// What other tools write and we have no word for.
    Other,
}

impl Technique {
    pub const ALL: &[Self] =
        &[Self::ManifestAnalysis, Self::BinaryAnalysis, Self::Filename, Self::Attestation, Self::Other];

    pub fn name(self) -> &'static str {
        match self {
            Self::ManifestAnalysis => "manifest-analysis",
            Self::BinaryAnalysis => "binary-analysis",
            Self::Filename => "filename",
            Self::Attestation => "attestation",
            Self::Other => "other",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|technique| technique.name() == name)
    }
}

/// A digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hash {
    pub algorithm: HashAlgorithm,
    /// Lowercase hexadecimal.
    pub hex: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HashAlgorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl HashAlgorithm {
    pub const ALL: &[Self] = &[Self::Md5, Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// CycloneDX's name: `SHA-256`. SPDX writes the same without the hyphen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// Accepts CycloneDX's `SHA-256`, SPDX's `SHA256` and the `sha256` of lockfiles.
    pub fn from_name(name: &str) -> Option<Self> {
        fn plain(text: &str) -> impl Iterator<Item = u8> + '_ {
            text.bytes().filter(|byte| *byte != b'-').map(|byte| byte.to_ascii_lowercase())
        }
        let is_meant = |algorithm: &Self| algorithm.name() == name || plain(algorithm.name()).eq(plain(name));
        Self::ALL.iter().copied().find(is_meant)
    }

    /// Length of the digest in hexadecimal digits.
    pub fn hex_digits(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        }
    }
}

impl Hash {
    /// A digest as it is computed; `None` unless it is one of the algorithm's length.
    pub fn from_bytes(algorithm: HashAlgorithm, digest: &[u8]) -> Option<Self> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let right = digest.len() * 2 == algorithm.hex_digits();
        right.then(|| Self {
            algorithm,
            hex: digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect(),
        })
    }

    /// Reads a hexadecimal digest; `None` unless it is one of the algorithm's length.
    pub fn from_hex(algorithm: HashAlgorithm, hex: &str) -> Option<Self> {
        let hex = hex.trim();
        // Without a way out in between: so it is done many bytes at a time.
        let are_digits = || hex.bytes().fold(true, |all, byte| all & byte.is_ascii_hexdigit());
        let right = hex.len() == algorithm.hex_digits() && are_digits();
        right.then(|| Self { algorithm, hex: hex.to_ascii_lowercase() })
    }
}
