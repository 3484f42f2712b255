//! What a registry has about an image: signatures, SBOMs, attestations, whose manifests name it as their subject.
//!
//! A registry that does not keep that list leaves it to those who write: an index under a tag made of the digest.
//! Spec: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::client::{Action, Call, Place, Registry};
use super::{Reference, RegistryError};
use crate::source::Digest;
use crate::source::http::Method;

/// Pages of one list; a bound for hostile ones.
const MAX_PAGES: usize = 100;
const MAX_PAGE: u64 = 16 << 20;

/// What a list says of a manifest or a blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    #[serde(default)]
    pub media_type: String,
    pub digest: String,
    #[serde(default)]
    pub size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// The manifests about one image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Referrers {
    pub manifests: Vec<Descriptor>,
    /// Whether the registry itself keeps the list. If not, it is the index that has the tag of
    /// [`Referrers::tag`], which may not be there yet.
    pub by_registry: bool,
}

#[derive(Deserialize)]
struct List {
    manifests: Option<Vec<Descriptor>>,
}

impl Referrers {
    /// Under which tag the list about an image is kept where the registry does not keep it.
    pub fn tag(digest: &Digest) -> String {
        digest.to_string().replacen(':', "-", 1)
    }
}

impl Registry {
    /// What the repository of an image has about the manifest with this digest, whatever its type.
    ///
    /// # Errors
    /// When the repository may not be read, or the list is none.
    pub fn referrers(&self, reference: &Reference, digest: &Digest) -> Result<Referrers, RegistryError> {
        let place = self.place(reference);
        if let Some(manifests) = self.kept_list(&place, digest)? {
            return Ok(Referrers { manifests, by_registry: true });
        }
        let manifests = match self.manifest(&reference.with_tag(&Referrers::tag(digest))) {
            Ok(index) => parsed(&index.bytes).ok_or_else(|| RegistryError::BadAnswer {
                url: format!("{}:{}", reference.familiar_repository(), Referrers::tag(digest)),
                reason: "it is no index".to_owned(),
            })?,
            Err(error) if error.is_absence() => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Referrers { manifests, by_registry: false })
    }

    /// `None` where the registry keeps no such lists.
    fn kept_list(&self, place: &Place, digest: &Digest) -> Result<Option<Vec<Descriptor>>, RegistryError> {
        let mut all = Vec::new();
        let mut path = format!("referrers/{digest}");
        for _ in 0..MAX_PAGES {
            let headers = [("accept", "application/vnd.oci.image.index.v1+json")];
            let answer =
                self.call(place, Action::Pull, &Call { headers: &headers, ..Call::new(Method::Get, &path) })?;
            if answer.status != 200 {
                return Ok(None);
            }
            let next = answer.headers("link").iter().find_map(|link| next_page(link));
            let next = next.map(|next| answer.joined(&next));
            let Some(page) = parsed(&answer.body(MAX_PAGE)?) else { return Ok(None) };
            all.extend(page);
            match next {
                Some(next) => path = next,
                None => return Ok(Some(all)),
            }
        }
        Ok(Some(all))
    }
}

fn parsed(bytes: &[u8]) -> Option<Vec<Descriptor>> {
    serde_json::from_slice::<List>(bytes).ok()?.manifests
}

/// `<…>; rel="next"`.
fn next_page(link: &str) -> Option<String> {
    let (address, rest) = link.trim_start().strip_prefix('<')?.split_once('>')?;
    let is_next = rest.split(';').any(|part| matches!(part.trim(), "rel=\"next\"" | "rel=next"));
    is_next.then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_a_list_is_made_of_the_digest() {
        let digest = Digest::sha256(b"");
        assert!(Referrers::tag(&digest).starts_with("sha256-e3b0c44298fc"));
    }

    #[test]
    fn the_next_page_is_named_in_a_header() {
        assert_eq!(
            next_page(r#"</v2/a/referrers/b?n=1>; rel="next""#).as_deref(),
            Some("/v2/a/referrers/b?n=1")
        );
        assert_eq!(next_page(r#"</v2/>; rel="prev""#), None);
        assert_eq!(next_page("nothing"), None);
    }
}
