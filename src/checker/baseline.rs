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

/// Rule, licence, package without version; or rule and what it is about, for what is no package. Findings about the
/// policy itself have none: they always count.
type Key = (&'static str, String, String);

fn key(finding: &Finding, bom: &Bom) -> Option<Key> {
    let license = finding.license.clone().unwrap_or_default();
    let Some(reference) = &finding.component else {
        let is_of_image = finding.thing.is_some() || finding.rule.starts_with("image-");
        return is_of_image.then(|| {
            // A step without a name is told by its words alone.
            let thing = finding.thing.as_ref().unwrap_or(&finding.message);
            (finding.rule, license, thing.clone())
        });
    };
    Some((finding.rule, license, without_version(reference, bom)))
}

fn without_version(reference: &Ref, bom: &Bom) -> String {
    let component = bom.components.get(reference);
    match component.and_then(|component| component.purl.as_ref()) {
        Some(purl) => decoded(purl.without_version()).into_owned(),
        None => component.map_or_else(|| reference.to_string(), |component| component.name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::testing::{policy, render, today};
    use super::super::{Case, check};
    use crate::bom::{Bom, Secret, SecretKind, SecretPlace, Subject, SubjectKind};
    use expect_test::expect;

    #[test]
    fn what_is_no_package_is_known_by_its_name() {
        let image = |names: &[&str]| {
            let secret = |name: &&str| Secret {
                place: SecretPlace::File,
                name: (*name).to_owned(),
                line: Some(1),
                kind: SecretKind::PrivateKey,
                layer: Some(0),
                hidden: false,
            };
            let secrets = Some(names.iter().map(secret).collect());
            let user = Some("root".to_owned());
            let subject = Subject { kind: SubjectKind::Image, secrets, user, ..Subject::default() };
            Bom { subject, ..Bom::default() }
        };
        let policy = policy("[checks]\nimage-file-secret = \"deny\"\nimage-root-user = \"warn\"");
        let (old, new) = (image(&["old.key"]), image(&["new.key", "old.key"]));
        let case = Case { bom: &new, baseline: Some(&old), calendar: None, policy: &policy, today: today() };
        expect![[r#"
            deny: `new.key` holds a private key (policy.toml:3)
            deny: `old.key` holds a private key (policy.toml:3) known
            warn: its processes run as `root` (policy.toml:4) known
        "#]]
        .assert_eq(&render(&check(&case)));
    }
}
