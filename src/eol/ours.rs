//! What we say beside the calendar: names, systems, families, corrections.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::calendar::{self, Cycle};

/// The file of that name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Ours {
    /// purl pattern to product, or to `~family`.
    pub(super) alias: BTreeMap<String, String>,
    pub(super) family: BTreeMap<String, Family>,
    /// Name of a system's package, to product.
    pub(super) package: BTreeMap<String, String>,
    pub(super) third_party: ThirdParty,
    pub(super) vendor_rebuild: VendorRebuild,
    /// A system's name to its products, asked in order.
    pub(super) distribution: BTreeMap<String, Vec<String>>,
    pub(super) rolling: Rolling,
    pub(super) extended: Extended,
    pub(super) contract: BTreeMap<String, String>,
    pub(super) fix: Vec<Fix>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Family {
    pub(super) label: String,
    pub(super) members: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ThirdParty {
    pub(super) version: Vec<String>,
    pub(super) codenames: Vec<String>,
    pub(super) supplier: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct VendorRebuild {
    pub(super) version: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Rolling {
    pub(super) ids: Vec<String>,
    pub(super) releases: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Extended {
    pub(super) for_all: Vec<String>,
}

/// A date that another source knows better.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fix {
    pub(super) product: String,
    pub(super) cycle: String,
    security: Option<String>,
    extended: Option<String>,
    #[serde(rename = "why")]
    _why: String,
    source: String,
}

/// Why the file is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OursError(String);

impl Ours {
    pub(super) fn read(text: &str) -> Result<Self, OursError> {
        toml::from_str(text).map_err(|error| OursError(error.to_string()))
    }
}

impl Fix {
    pub(super) fn apply(&self, cycle: &mut Cycle) {
        let day = |text: &Option<String>| text.as_deref().and_then(|day| calendar::end(day).ok());
        cycle.security = day(&self.security).unwrap_or(cycle.security);
        cycle.extended = day(&self.extended).or(cycle.extended);
        cycle.source = Some(self.source.clone());
    }
}
