//! Registries: where images are pulled from, and what is about them pushed to.
//!
//! Nothing is asked that the user did not name, nothing is sent to anybody but the registry (and the desk for tokens
//! that it names) of who asks, and nothing is written to disk.

mod blob;
mod challenge;
mod client;
mod credentials;
mod error;
mod helper;
mod image;
mod manifest;
mod mirror;
mod reference;
mod referrers;
mod retry;
mod tokens;

pub use blob::BlobReader;
pub use client::{Registry, RegistryOptions};
pub use credentials::{CredentialFile, Credentials, Login, Secret};
pub use error::{Denied, RegistryError};
pub(super) use image::SCHEME;
pub use manifest::{ManifestHead, RawManifest, Written};
pub use mirror::Mirror;
pub use reference::Reference;
pub use referrers::{Descriptor, Referrers};
