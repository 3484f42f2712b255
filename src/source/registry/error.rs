//! Why a registry did not give or take something, in words for the person who named it.

use std::io;

use crate::source::{Digest, HttpError};

#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("`{text}` is no name of an image: {reason}")]
    BadReference { text: String, reason: &'static str },
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the credentials in {whence} are of no use: {reason}")]
    BadCredentials { whence: String, reason: String },
    #[error("the program docker-credential-{name} does not say who asks: {reason}")]
    Helper { name: String, reason: String },
    #[error(transparent)]
    Denied(Box<Denied>),
    #[error("{registry} has no `{what}`{}", told(detail))]
    NotFound { registry: String, what: String, detail: Option<String> },
    #[error("{registry} answers no more for now: it was asked too often{}", retry.as_ref().map(|after| format!(" (again in {after} s)")).unwrap_or_default())]
    TooOften { registry: String, retry: Option<String>, is_known: bool },
    #[error("`{url}` answered with {status}{}", told(detail))]
    Status { url: String, status: u16, detail: Option<String> },
    #[error("the answer of `{url}` is not as registries answer: {reason}")]
    BadAnswer { url: String, reason: String },
    #[error("`{url}` gives all of a blob where a part is asked for")]
    NoRanges { url: String },
    #[error("{what} is not what its digest says: expected {expected}, found {found}")]
    DigestMismatch { what: String, expected: Digest, found: Digest },
    #[error("{what} is not as long as it should be: expected {expected} bytes, found {found}")]
    WrongSize { what: String, expected: u64, found: u64 },
    #[error(
        "{what} came only in part: the connection broke off {times} times, the last time after {at} bytes"
    )]
    Cut { what: String, times: u32, at: u64, source: io::Error },
    #[error("`{what}` is a manifest of type `{media_type}`, which is not supported")]
    OldManifest { what: String, media_type: String },
    #[error("`{text}` is no mirror")]
    BadMirror { text: String },
}

/// Who may not do what.
#[derive(Debug, thiserror::Error)]
#[error("{registry} does not let {} {verb} `{repository}`{}", user.as_deref().map_or("just anybody".to_owned(), |user| format!("`{user}`")), told(detail))]
pub struct Denied {
    pub registry: String,
    pub repository: String,
    /// `read` or `write`.
    pub verb: &'static str,
    /// Who asked; nobody in particular where there is none.
    pub user: Option<String>,
    /// Where that stands.
    pub whence: String,
    /// The program that might have known who asks, and was not run.
    pub helper: Option<String>,
    pub detail: Option<String>,
}

fn told(detail: &Option<String>) -> String {
    detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default()
}

impl Denied {
    fn help(&self) -> String {
        let Self { registry, whence, .. } = self;
        match (&self.user, &self.helper) {
            (Some(_), _) => format!("look at the password ({whence}), and at what this user may do"),
            (None, Some(helper)) => format!(
                "your Docker config leaves the password to the program docker-credential-{helper}, which is run only with --credential-helpers; or set PACKLIST_REGISTRY_USER and PACKLIST_REGISTRY_PASSWORD"
            ),
            (None, None) => format!(
                "there may be no such repository; if there is, say who asks: docker login {registry}, podman login {registry}, or PACKLIST_REGISTRY_USER and PACKLIST_REGISTRY_PASSWORD"
            ),
        }
    }
}

impl RegistryError {
    /// What the user can do about it; `None` where the message says it all.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::BadReference { .. } => {
                "write it as alpine:3.20, registry.example.com:5000/team/app:1.0 or …/app@sha256:…".into()
            }
            Self::Http(error) => return error.help(),
            Self::BadCredentials { .. } => "mend the file, or log in again: docker login, podman login".into(),
            Self::Helper { .. } => {
                "it is run because of --credential-helpers and of what your Docker config says; leave the flag away, or say who asks with PACKLIST_REGISTRY_USER and PACKLIST_REGISTRY_PASSWORD".into()
            }
            Self::Denied(denied) => denied.help(),
            Self::NotFound { .. } => {
                "look at the spelling of the name and the tag; where no tag is named, it is `latest`".into()
            }
            Self::TooOften { is_known: false, .. } => {
                "wait, or log in: most registries answer those they know more often; or name a mirror with --registry-mirror".into()
            }
            Self::TooOften { .. } => "wait, or name a mirror with --registry-mirror".into(),
            Self::Status { status: 500.., .. } => "try again later".into(),
            Self::DigestMismatch { .. } | Self::WrongSize { .. } => {
                "the registry, or something on the way to it, gives other bytes than were pushed; nothing of them is used".into()
            }
            Self::Cut { .. } => "try again, or copy the image first: skopeo copy docker://IMAGE oci:FOLDER".into(),
            Self::OldManifest { .. } => "push the image again with a tool of this decade".into(),
            Self::BadMirror { .. } => "write it as HOST=MIRROR, docker.io=mirror.example.com/hub".into(),
            Self::Status { .. } | Self::BadAnswer { .. } | Self::NoRanges { .. } => return None,
        })
    }

    /// Whether there may be no such thing: registries do not tell strangers what they have, and who mistyped a
    /// path has named a host that is none.
    pub(in crate::source) fn may_be_absence(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Denied(_) | Self::Http(_))
    }

    /// Whether the registry said that there is no such thing.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}
