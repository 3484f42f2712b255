//! The bill of materials: the only language between stages.
//!
//! A *package* is what one file says; a *component* is what the bill holds after packages with the same
//! purl have become one. No format's shape enters here: CycloneDX and SPDX are two ways of writing it down.

mod component;
mod components;
mod cpes;
mod deception;
mod license;
mod needs;
mod purl;
mod secret;
mod select;
mod sparse;
mod stored;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use component::{
    Component, Evidence, Form, Hash, HashAlgorithm, Hidden, Identity, Kind, Owner, Presence, Ref, Scope,
    Standing, StandingKind, Technique,
};
pub use components::Components;
pub use cpes::Cpes;
pub use deception::{deception, is_unseen};
pub use license::{
    Basis, LicenseClaim, add_conclusion, comes_back_concluded, conclusion_is_implied, recognise_conclusion,
};
pub use needs::Needs;
pub use purl::{Purl, PurlError};
pub use secret::{Secret, SecretKind, SecretPlace};
pub use select::{BaseError, Owned};
pub use sparse::{Empty, Sparse};
pub use stored::TAKER;

/// The whole list: what was looked at, what was found, what depends on what, and what could not be read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Bom {
    /// What was inventoried: an image, a directory, or the root of a document that was read.
    pub subject: Subject,
    /// Base first. Empty for a directory, and for documents that say nothing of layers.
    pub layers: Vec<Layer>,
    /// Sorted by reference, so that everything made from a bill is in one order.
    pub components: Components,
    /// From each component to those it needs. The subject's own edges are under [`Subject::reference`].
    /// A component with no key here has unknown edges; one with an empty set is known to need nothing.
    pub dependencies: BTreeMap<Ref, Needs>,
    /// What was seen and is not in the list, with the reason: the known unknowns.
    pub gaps: Vec<Gap>,
    /// How many of `layers`, from the bottom, are the base image. Absent when nobody named a base.
    pub base_layers: Option<usize>,
    /// The texts behind the `LicenseRef-` ids of claims, by id. An id may be missing here: then only its name
    /// is known.
    pub license_texts: BTreeMap<String, String>,
    /// How much of the code the list accounts for. Absent where nobody looked.
    pub coverage: Option<Coverage>,
    /// The document this bill was read from. Absent for a bill that was just taken.
    pub origin: Option<Origin>,
}

impl Bom {
    /// Adds to the subject and to each component the licence that follows from what is said of it.
    pub fn conclude(&mut self) {
        for component in self.components.values_mut().filter(|component| !component.licenses.is_empty()) {
            add_conclusion(&mut component.licenses, &self.license_texts);
        }
        add_conclusion(&mut self.subject.licenses, &self.license_texts);
    }

    /// What is said of the subject's own licence, where no component of the list stands for it: a document of
    /// another tool says it of its main component. Empty for an image, which holds things under many licences.
    pub fn own_licenses(&self) -> &[LicenseClaim] {
        let purl = self.subject.purl.as_ref();
        let is_it = |component: &Component| purl.is_some() && component.purl.as_ref() == purl;
        let stands_for_it = |component: &Component| {
            !component.licenses.is_empty() && (component.first_party || is_it(component))
        };
        let is_image = self.subject.kind == SubjectKind::Image;
        if is_image || self.subject.licenses.is_empty() || self.components.values().any(stands_for_it) {
            return &[];
        }
        &self.subject.licenses
    }

    /// What can be seen and hangs in the air: no other component needs it, it needs none, and nobody asked for
    /// it by name. The project's own parts and the operating system are the ends of the graph and not among
    /// them.
    pub fn unconnected(&self) -> impl Iterator<Item = &Component> {
        let subject = self.subject.reference();
        let from_others = self.dependencies.iter().filter(move |(from, _)| **from != subject);
        let needed: BTreeSet<&Ref> = from_others.flat_map(|(_, to)| to).collect();
        let is_package = |component: &Component| {
            component.hidden.is_none()
                && !component.first_party
                && !component.asked_for
                && component.kind != Kind::OperatingSystem
        };
        let needs_some = |reference: &Ref| self.dependencies.get(reference).is_some_and(|to| !to.is_empty());
        self.components
            .iter()
            .filter(move |(reference, component)| {
                is_package(component) && !needed.contains(reference) && !needs_some(reference)
            })
            .map(|(_, component)| component)
    }
}

/// Programs, shared libraries and archives of the subject, and which of them no component accounts for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// All of them.
    pub files: usize,
    /// Paths of those that no component owns, names or was read from, in order.
    pub unclaimed: Vec<String>,
}

/// The document a bill was read from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// `CycloneDX 1.5 JSON`, `SPDX 2.3 JSON`.
    pub format: String,
    /// Who made it, name and version each: `syft 1.18.1`.
    pub tools: Vec<String>,
    /// When it was made, RFC 3339 as written.
    pub created: Option<String>,
    /// `urn:uuid:…`, or SPDX's document namespace.
    pub serial: Option<String>,
    /// The people and organisations that answer for it, as written, `Name <address>`.
    pub authors: Vec<String>,
    /// When in the life of the subject it was made: CycloneDX's lifecycle phase, or SPDX's comment on it.
    pub phase: Option<String>,
    /// The licence under which it may be passed on: CycloneDX's metadata, SPDX's `dataLicense`.
    pub data_license: Option<String>,
    /// Whether it says anywhere how complete it is.
    pub tells_completeness: bool,
    /// What it says that a bill has no place for, and how often: `vulnerabilities`, `component pedigree`.
    pub stepped_over: BTreeMap<String, usize>,
}

/// What the list is of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Subject {
    pub kind: SubjectKind,
    /// `debian:12`, `app`, a directory's own name. Never a path of the machine it was read on.
    pub name: String,
    /// For an image the digest of its config, `sha256:<hex>` (what `docker images` calls the image ID),
    /// the same however the image is packed. Absent for a directory.
    pub version: Option<String>,
    /// What registries call it, where it is a package by itself. An image's follows from its manifest.
    pub purl: Option<Purl>,
    /// Digest of the image manifest, `sha256:<hex>`. Absent where the source has no manifest of its own,
    /// as in the tar of an old `docker save`.
    pub manifest_digest: Option<String>,
    /// `linux/amd64`, `linux/arm/v7`. Absent for a directory.
    pub platform: Option<String>,
    /// When the image was built, RFC 3339 as its config writes it. Absent for a directory.
    pub created: Option<String>,
    /// Whom the image's processes run as, as its config writes it; `root` where that names nobody. Absent where
    /// nobody says.
    pub user: Option<String>,
    /// What the image was built on, by its own word: `docker.io/library/debian:12`. Absent where it says nothing.
    pub base: Option<String>,
    /// The credentials that lie open in it, in order. Absent where nobody looked.
    pub secrets: Option<Vec<Secret>>,
    /// Who supplies it, `Name <address>`. Only its maker can say.
    pub supplier: Option<String>,
    /// What its maker says of its own licence, or the manifest at the top of a folder. What it holds has licences of
    /// its own.
    pub licenses: Vec<LicenseClaim>,
    /// Whose copyright it is, by the same.
    pub copyright: Option<String>,
}

impl Subject {
    /// Takes what a document calls it. Of an image that is the digest of its manifest.
    pub fn set_purl(&mut self, purl: Option<Purl>) {
        match purl {
            Some(purl) if purl.ty() == "oci" => {
                self.manifest_digest =
                    purl.version().filter(|version| version.starts_with("sha256:")).map(str::to_owned);
            }
            purl => self.purl = purl.filter(|_| self.kind != SubjectKind::Image),
        }
    }

    /// The subject's own reference in the dependency graph. It is the same however an image is packed.
    pub fn reference(&self) -> Ref {
        Ref(match &self.version {
            Some(version) => format!("{}:{version}", self.kind.name()).into(),
            None => format!("{}:{}", self.kind.name(), self.name).into(),
        })
    }

    /// The same as a component of a list: where several lists become one, and where its licence is judged.
    pub fn as_component(&self) -> Component {
        let mut component = Component::new(self.name.clone());
        component.kind = match self.kind {
            SubjectKind::Image => Kind::Container,
            SubjectKind::Directory | SubjectKind::File => Kind::Application,
        };
        component.version.clone_from(&self.version);
        component.purl.clone_from(&self.purl);
        component.supplier.clone_from(&self.supplier);
        component.licenses = self.licenses.clone().into();
        component.copyright.clone_from(&self.copyright);
        component.first_party = true;
        component
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum SubjectKind {
    Image,
    #[default]
    Directory,
    /// A package, an archive of files, or a program by itself.
    File,
}

impl SubjectKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Directory => "directory",
            Self::File => "file",
        }
    }
}

/// One layer of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Digest of the uncompressed layer, `sha256:<64 hex digits>` (OCI: diff_id).
    pub diff_id: String,
    /// The build step that made it, as the image's history writes it.
    pub created_by: Option<String>,
}

/// Something seen that is not in the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Path inside the subject; empty when the gap is about the subject as a whole.
    pub path: String,
    /// 1-based line in `path`, where one line is to blame.
    pub line: Option<u32>,
    pub kind: GapKind,
    /// A lowercase sentence fragment: "line 3 is not `K:value`".
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GapKind {
    /// It could not be read: the list may be short.
    Unread,
    /// It was read, and left out on purpose: the list is not short, but a reader may wonder.
    LeftOut,
}

impl GapKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::LeftOut => "left-out",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Unread, Self::LeftOut].into_iter().find(|kind| kind.name() == name)
    }
}
