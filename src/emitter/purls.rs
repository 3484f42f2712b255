//! One purl a line, each once, in order.
//!
//! Components without a purl are not in it, nor what only lower layers hold.
//! Spec: <https://github.com/package-url/purl-spec>

use std::collections::BTreeSet;

use super::{Format, Stamp};
use crate::bom::Bom;

pub(super) const FORMAT: Format =
    Format { name: "purls", about: "package URLs, one a line", emit: |bom, stamp| emit(bom, stamp) };

fn emit(bom: &Bom, _: &Stamp) -> String {
    let seen = bom.components.values().filter(|component| component.hidden.is_none());
    let purls: BTreeSet<&str> =
        seen.filter_map(|component| component.purl.as_ref()).map(|purl| purl.as_str()).collect();
    purls.into_iter().flat_map(|purl| [purl, "\n"]).collect()
}
