//! A starting policy from what a bill holds: a shipped one, with a waiver for each thing that is wrong today.
//!
//! The gate can be switched on at once, and what was there before is named, with an end.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{Days, NaiveDate};

use super::policy::Policy;
use super::{Case, Finding, Severity, check};
use crate::bom::{Basis, Bom, Kind};
use crate::eol::Calendar;

/// How long the waivers of a new policy last.
const DAYS: u64 = 90;

/// The text of a policy that extends `parent`, a shipped one of that name, and passes for this bill until the
/// waivers in it end.
pub fn init(parent: &Policy, bom: &Bom, calendar: Option<&Calendar>, today: NaiveDate) -> String {
    let findings = check(&Case { bom, baseline: None, calendar, policy: parent, today });
    let denied: Vec<&Finding> = findings
        .iter()
        .filter(|finding| {
            let can_be_named = finding.component.is_some() || finding.thing.is_some();
            finding.counts() && finding.severity == Severity::Deny && can_be_named
        })
        .collect();
    let mut text = String::new();
    let _ = write!(
        text,
        "# Written by `packlist policy init` on {today}, from what was found then.\n\
         # Rules of this file are tried before those it extends. The first that matches wins.\n\n\
         schema = 1\nname = {}\nextends = [{}]\n\n",
        quoted(&format!("{} with what was there", parent.name)),
        quoted(&parent.name)
    );
    write_licenses(&mut text, bom);
    if denied.is_empty() {
        text.push_str("# Nothing is denied today, so nothing needs a waiver.\n");
        return text;
    }
    let _ = writeln!(
        text,
        "# What is denied today, {} in all. Each may pass until its last day: replace it, or agree on a longer one.",
        denied.len()
    );
    let last = today.checked_add_days(Days::new(DAYS)).unwrap_or(today);
    for finding in denied {
        match &finding.thing {
            Some(thing) => write_thing(&mut text, finding, thing, last),
            None => write_waiver(&mut text, bom, finding, last),
        }
    }
    text
}

/// How many components there are of each licence, as a comment.
fn write_licenses(text: &mut String, bom: &Bom) {
    let mut licenses: BTreeMap<String, usize> = BTreeMap::new();
    let claims = bom.components.values().flat_map(|component| component.statements());
    let own = bom.own_licenses().iter().filter(|claim| claim.basis != Basis::Derived);
    for claim in claims.chain(own) {
        let license = claim.expression.as_ref().map_or_else(|| one_line(&claim.text), ToString::to_string);
        *licenses.entry(license).or_default() += 1;
    }
    let mut licenses: Vec<(usize, String)> =
        licenses.into_iter().map(|(license, count)| (count, license)).collect();
    licenses.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    const SHOWN: usize = 30;
    text.push_str("# Licences found, the most frequent first:\n");
    for (count, license) in licenses.iter().take(SHOWN) {
        let _ = writeln!(text, "#   {count:>5}  {}", shortened(license));
    }
    if licenses.len() > SHOWN {
        let _ = writeln!(text, "#          and {} more", licenses.len() - SHOWN);
    }
    text.push('\n');
}

/// One image holds things under twenty licences at once.
fn shortened(license: &str) -> String {
    const LONGEST: usize = 100;
    match license.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &license[..end]),
        None => license.to_owned(),
    }
}

fn write_thing(text: &mut String, finding: &Finding, thing: &str, last: NaiveDate) {
    let _ = writeln!(text, "\n# {}", one_line(&finding.message));
    let _ = writeln!(text, "[[waiver]]\nthing = {}\nrule = {}", quoted(thing), quoted(finding.rule));
    let _ = writeln!(text, "reason = \"was there when the policy began\"\nexpires = {last}");
}

fn write_waiver(text: &mut String, bom: &Bom, finding: &Finding, last: NaiveDate) {
    let Some((reference, component)) =
        finding.component.as_ref().and_then(|reference| bom.components.get_key_value(reference))
    else {
        return;
    };
    let purl = component.purl.as_ref().map(|purl| purl.without_version());
    let system = Some(reference.as_str()).filter(|_| component.kind == Kind::OperatingSystem);
    let Some(purl) = purl.or(system) else {
        let _ =
            writeln!(text, "\n# `{}` has no package URL, so no waiver can name it.", one_line(&reference.0));
        return;
    };
    let _ = writeln!(text, "\n# {}", one_line(&finding.message));
    let _ = writeln!(text, "[[waiver]]\npurl = {}", quoted(purl));
    if let Some(version) = component.version.as_ref().filter(|version| is_plain(version)) {
        let _ = writeln!(text, "versions = {}", quoted(&format!("={version}")));
    }
    let _ = writeln!(text, "rule = {}", quoted(finding.rule));
    if let Some(license) = &finding.license
        && crate::licenses::Expression::parse(license).is_ok()
    {
        let _ = writeln!(text, "license = {}", quoted(license));
    }
    let _ = writeln!(text, "reason = \"was there when the policy began\"\nexpires = {last}");
}

/// Whether a range can name the version.
fn is_plain(version: &str) -> bool {
    !version.is_empty() && !version.contains(|c: char| c.is_whitespace() || c == '*' || c == ',')
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A TOML text.
fn quoted(text: &str) -> String {
    toml::Value::String(one_line(text)).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::rules::testing::{bom, component, today};
    use super::super::{Verdict, policies};
    use super::*;
    use crate::bom::Component;

    #[test]
    fn what_it_writes_can_be_read_and_lets_the_bill_pass() {
        let mut system = Component::new("debian");
        (system.kind, system.version) = (Kind::OperatingSystem, Some("9".to_owned()));
        let bom = bom([
            component("pkg:npm/%40scope/gpl@1.0.0", "GPL-3.0-only"),
            component("pkg:npm/words@1.0.0", "our \"own\"\nterms"),
            component("pkg:npm/mit@1.0.0", "MIT"),
            component("pkg:npm/vue@2.7.16", "MIT"),
            system,
        ]);
        let calendar = crate::eol::shipped();
        let parent = policies::shipped("permissive-only").expect("shipped").expect("without mistakes");
        let text = init(&parent, &bom, Some(&calendar), today());
        let policy =
            Policy::parse("packlist.toml", &text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let findings = check(&Case {
            bom: &bom,
            baseline: None,
            calendar: Some(&calendar),
            policy: &policy,
            today: today(),
        });
        assert_eq!(findings.iter().filter(|finding| finding.waived.is_some()).count(), 4, "{text}");
        assert!(Verdict::of(&findings, &policy) < Verdict::Fail, "{text}");
        let before = Verdict::of(
            &check(&Case {
                bom: &bom,
                baseline: None,
                calendar: Some(&calendar),
                policy: &parent,
                today: today(),
            }),
            &parent,
        );
        assert_eq!(before, Verdict::Fail);
    }
}
