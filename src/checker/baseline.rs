//! The ratchet: what an earlier bill already had is known, and only what is new counts.
//!
//! A package that is only upgraded is not new; one whose licence changed is.

use std::collections::BTreeSet;

use super::policy::decoded;
use super::{Case, Finding};
use crate::bom::{Bom, Ref};

/// Marks the findings that the baseline has too.
pub(super) fn mark_known(case: &Case<'_>, baseline: &Bom, findings: &mut [Finding]) {
    let earlier = super::found(&Case { bom: baseline, baseline: None, ..*case });
    let earlier: BTreeSet<Key> = earlier.iter().filter_map(|finding| key(finding, baseline)).collect();
    for finding in findings {
        finding.known = key(finding, case.bom).is_some_and(|key| earlier.contains(&key));
    }
}

/// Rule, licence, package without version. Findings about the policy itself have none: they always count.
type Key = (&'static str, String, String);

fn key(finding: &Finding, bom: &Bom) -> Option<Key> {
    let reference = finding.component.as_ref()?;
    let license = finding.license.clone().unwrap_or_default();
    Some((finding.rule, license, without_version(reference, bom)))
}

fn without_version(reference: &Ref, bom: &Bom) -> String {
    let component = bom.components.get(reference);
    match component.and_then(|component| component.purl.as_ref()) {
        Some(purl) => decoded(purl.without_version()).into_owned(),
        None => component.map_or_else(|| reference.to_string(), |component| component.name.clone()),
    }
}
