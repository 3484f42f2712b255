//! Waivers: findings that may pass, each with a reason and an end. None is hidden.

use std::sync::Arc;

use super::facts::Surroundings;
use super::policy::{Waived, Waiver};
use super::{Case, Finding, rules};

/// How long before its end a waiver is announced.
const ANNOUNCED_DAYS: i64 = 30;

/// Marks what is waived, and adds a finding for each waiver that is expired, about to, or for nothing.
pub(super) fn apply(case: &Case<'_>, surroundings: &Surroundings<'_>, findings: &mut Vec<Finding>) {
    let waivers = &case.policy.waivers;
    if waivers.is_empty() {
        return;
    }
    let mut used = vec![false; waivers.len()];
    for finding in findings.iter_mut() {
        let component =
            finding.component.as_ref().and_then(|reference| case.bom.components.get_key_value(reference));
        let facts = component.map(|(reference, component)| surroundings.facts(reference, component));
        let facts = facts.or_else(|| surroundings.own().filter(|_| finding.subject));
        let thing = finding.thing.as_ref().map(|thing| thing.to_lowercase());
        for (index, waiver) in waivers.iter().enumerate() {
            let is_meant = match &waiver.subject {
                Waived::Packages(purl) => {
                    facts.as_ref().is_some_and(|facts| facts.is(purl, waiver.versions.as_ref()))
                }
                Waived::Things(name) => thing.as_ref().is_some_and(|thing| name.matches(thing)),
            };
            if is_meant && is_for(waiver, finding) {
                used[index] = true;
                if waiver.expires.is_none_or(|last| case.today <= last) && finding.waived.is_none() {
                    finding.waived = Some(Arc::clone(waiver));
                }
            }
        }
    }
    for (waiver, used) in waivers.iter().zip(used) {
        findings.extend(about(case, waiver, used));
    }
}

fn is_for(waiver: &Waiver, finding: &Finding) -> bool {
    let rule = match &waiver.rule {
        None => finding.rule.starts_with("license-"),
        Some(pattern) => {
            pattern.matches(finding.rule)
                || finding.policy_rule.as_ref().is_some_and(|id| pattern.matches(&id.to_lowercase()))
        }
    };
    let license = waiver.license.as_ref().is_none_or(|agreed| {
        finding.license.as_ref().is_some_and(|license| {
            crate::licenses::Expression::parse(license).is_ok_and(|license| license.canonical() == *agreed)
        })
    });
    rule && license
}

fn about(case: &Case<'_>, waiver: &Waiver, used: bool) -> Option<Finding> {
    let days_left = waiver.expires.map(|last| (last - case.today).num_days());
    let name = match &waiver.id {
        Some(id) => format!("waiver `{id}`"),
        None => format!("waiver for `{}`", waiver.subject.as_str()),
    };
    let (rule, message, help) = match (days_left, waiver.expires) {
        (Some(..0), Some(last)) => (
            &rules::waiver_expired::RULE,
            format!("{name} ended on {last}"),
            "renew it with whoever approved it, or remove it",
        ),
        _ if !used => (
            &rules::waiver_unused::RULE,
            format!("{name} waives nothing"),
            "remove it, or mend its purl, versions, rule or licence",
        ),
        (Some(..=ANNOUNCED_DAYS), Some(last)) => (
            &rules::waiver_expiring::RULE,
            format!("{name} ends on {last}"),
            "renew it with whoever approved it",
        ),
        _ => return None,
    };
    let severity = case.severity(rule)?.0;
    let mut finding = Finding::new(rule.code, severity, message);
    finding.help = Some(help.to_owned());
    finding.policy_line = Some(waiver.line.clone());
    Some(finding)
}
