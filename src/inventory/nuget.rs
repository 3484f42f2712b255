//! What NuGet's files share: purls, and how packages name each other.
//!
//! Spec: <https://learn.microsoft.com/nuget/concepts/package-versioning>

use std::collections::HashMap;

use super::integrity;
use super::value::Value;
use crate::bom::{Component, HashAlgorithm, Presence, Purl, Scope};

/// A package of NuGet's. `digest` is the SHA-512 of its archive in base64, with `sha512-` before it or not.
///
/// # Errors
/// When the name is no name of a package.
pub(super) fn named(id: &str, version: &str, digest: &str, presence: Presence) -> Result<Component, String> {
    let is_letter = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    if id.is_empty() || !id.chars().all(is_letter) {
        return Err(format!("`{}` is no name of a package", id.chars().take(80).collect::<String>()));
    }
    let mut component = Component::new(id);
    component.version = Some(version.to_owned());
    component.purl =
        Some(Purl::new("nuget", None, id, Some(version), &[]).map_err(|error| error.to_string())?);
    component.presence = presence;
    let digest = digest.strip_prefix("sha512-").unwrap_or(digest);
    component.hashes.extend(integrity::from_base64(HashAlgorithm::Sha512, digest));
    Ok(component)
}

/// `Name/1.0.0`.
pub(super) fn split(key: &str) -> Option<(&str, &str)> {
    key.split_once('/').filter(|(name, version)| !name.is_empty() && !version.is_empty())
}

/// The packages of one target framework by name, which has no case; there is one version of each.
#[derive(Default)]
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    pub(super) fn insert(&mut self, name: &str, place: usize) {
        self.0.insert(name.to_lowercase(), place);
    }

    pub(super) fn get(&self, name: &str) -> Option<usize> {
        self.0.get(&name.to_lowercase()).copied()
    }

    /// What the member `dependencies` of a package leads to.
    pub(super) fn needs(&self, value: &Value<'_>) -> Vec<(usize, Scope)> {
        value.keys("dependencies").filter_map(|name| Some((self.get(name)?, Scope::Required))).collect()
    }
}
