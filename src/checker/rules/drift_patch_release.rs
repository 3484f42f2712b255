//! Something that does not belong into a patch release: a new package, one that is gone, or a major version. Off
//! unless the policy says otherwise.
//!
//! Whether it is a patch release is told by the versions that both lists are of. Where they do not say, that is a
//! finding: a gate that cannot see must not look open.

use super::super::{Action, Context, Finding, changes};
use super::Rule;
use crate::bom::Bom;
use crate::drift::{Change, Kind};
use crate::versions::{self, Step};

pub(super) const RULE: Rule = Rule {
    code: "drift-patch-release",
    about: "a package added or removed, or a major version, in a patch release",
    default: Some(Action::Allow),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let (Some(baseline), Some((severity, line))) = (context.case.baseline, context.case.severity(&RULE))
    else {
        return Vec::new();
    };
    let (Some(old), Some(new)) = (release(baseline), release(context.case.bom)) else {
        let message = "cannot tell whether this is a patch release: the lists do not both name a version";
        let mut finding = Finding::new(RULE.code, severity, message.to_owned());
        finding.help = Some("give the images tags, or the project a version".to_owned());
        finding.policy_line = line;
        return vec![finding];
    };
    if old == new || versions::step("", &old, &new) != Step::Patch {
        return Vec::new();
    }
    changes::find(context, &RULE, |_, change| {
        let what = out_of_place(change)?;
        let package = &change.package;
        Some(format!("`{package}` {what} in a patch release ({old} → {new}): {}", changes::ends(change)))
    })
}

fn out_of_place(change: &Change) -> Option<&'static str> {
    match change.kind {
        _ if change.first_party => None,
        Kind::Added if !change.stays => Some("is added"),
        Kind::Removed if !change.stays => Some("is removed"),
        Kind::Upgraded | Kind::Downgraded if change.step == Some(Step::Major) => {
            Some("has another major version")
        }
        _ => None,
    }
}

/// The version of what the list is of: its own, the image's tag, or that of the project's one part.
fn release(bom: &Bom) -> Option<String> {
    let is_version = |text: &&str| versions::numbers(text).len() >= 2;
    let own = bom.subject.version.as_deref();
    let tag = bom.subject.name.rsplit_once(':').map(|(_, tag)| tag).filter(|tag| !tag.contains('/'));
    if let Some(version) = own.into_iter().chain(tag).find(is_version) {
        return Some(version.to_owned());
    }
    let mut parts =
        bom.components.values().filter(|component| component.first_party && component.owner.is_none());
    let version = parts.next()?.version.as_deref().filter(is_version)?;
    parts.all(|other| other.version.as_deref() == Some(version)).then(|| version.to_owned())
}
