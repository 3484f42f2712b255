//! The config of an image: how its layers are put together, and what its processes are started with.
//!
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/config.md>

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Digest, Platform, SourceError};
use crate::bom::{Secret, SecretPlace};
use crate::secrets;

/// The config of an image, as far as we need it. Builders leave things out; only the diff IDs are needed.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    pub(super) created: Option<String>,
    architecture: Option<String>,
    os: Option<String>,
    variant: Option<String>,
    rootfs: RootFs,
    #[serde(default)]
    history: Option<Vec<History>>,
    /// How its processes are started.
    #[serde(default)]
    config: Option<Process>,
}

#[derive(Debug, Deserialize, Default)]
struct Process {
    #[serde(rename = "User", default)]
    user: Option<String>,
    #[serde(rename = "Env", default)]
    environment: Option<Vec<String>>,
    #[serde(rename = "Labels", default)]
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct RootFs {
    diff_ids: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct History {
    created_by: Option<String>,
    #[serde(default)]
    empty_layer: bool,
}

impl Config {
    pub(super) fn platform(&self) -> Option<Platform> {
        let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        Some(Platform {
            os: text(&self.os)?,
            architecture: text(&self.architecture)?,
            variant: text(&self.variant),
        })
    }

    pub(super) fn diff_ids(&self) -> Result<Vec<Digest>, SourceError> {
        self.rootfs.diff_ids.iter().map(|text| Digest::parse(text)).collect()
    }

    /// The build step of each layer. History also has steps without a layer; where the counts do not fit,
    /// nothing is known.
    pub(super) fn build_steps(&self, layers: usize) -> Vec<Option<String>> {
        let history = self.history.as_deref().unwrap_or_default();
        let steps: Vec<_> = history.iter().filter(|step| !step.empty_layer).collect();
        if steps.len() != layers {
            return vec![None; layers];
        }
        let written = |step: &History| {
            step.created_by.as_deref().filter(|text| !text.is_empty()).map(secrets::redacted)
        };
        steps.into_iter().map(written).collect()
    }

    pub(super) fn user(&self) -> String {
        let named = self.config.as_ref().and_then(|process| process.user.as_deref());
        named.filter(|user| !user.is_empty()).unwrap_or("root").to_owned()
    }

    pub(super) fn label(&self, key: &str) -> Option<&String> {
        self.config.as_ref()?.labels.as_ref()?.get(key)
    }

    /// The credentials in variables and build steps. A step that only sets a variable tells nothing more.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut found = Vec::new();
        let environment = self.config.as_ref().and_then(|process| process.environment.as_deref());
        for (name, value) in environment.unwrap_or_default().iter().filter_map(|text| text.split_once('=')) {
            found.extend(secrets::in_variable(name, value).map(|kind| Secret {
                place: SecretPlace::Environment,
                name: name.to_owned(),
                line: None,
                kind,
                layer: None,
                hidden: false,
            }));
        }
        let variables: BTreeSet<String> = found.iter().map(|secret| secret.name.clone()).collect();
        let mut layer = 0;
        for step in self.history.as_deref().unwrap_or_default() {
            for hit in secrets::in_text(step.created_by.as_deref().unwrap_or_default()) {
                let secret = Secret {
                    place: SecretPlace::BuildStep,
                    name: hit.name,
                    line: None,
                    kind: hit.kind,
                    layer: (!step.empty_layer).then_some(layer),
                    hidden: false,
                };
                if !variables.contains(&secret.name) {
                    found.push(secret);
                }
            }
            layer += usize::from(!step.empty_layer);
        }
        found.sort();
        found.dedup();
        found
    }
}
