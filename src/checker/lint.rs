//! What is likely not meant in a policy that can be read: rules that are never reached, waivers that are over,
//! names that match nothing.

use chrono::NaiveDate;

use super::facts::Surroundings;
use super::own::Own;
use super::policy::{Pattern, Policy, PolicyLine, Range, Waived, When};
use super::rules;
use crate::bom::Bom;

/// One remark about a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lint {
    pub line: PolicyLine,
    /// A lowercase fragment.
    pub message: String,
    pub help: &'static str,
}

/// Everything about a policy that is likely not meant, in order of place. With a bill also the package URLs
/// that match nothing in it.
pub fn lint(policy: &Policy, bom: Option<&Bom>, today: NaiveDate) -> Vec<Lint> {
    let mut lints = Vec::new();
    unreachable(policy, &mut lints);
    ended(policy, today, &mut lints);
    unknown_rules(policy, &mut lints);
    if let Some(bom) = bom {
        matching_nothing(policy, bom, &mut lints);
    }
    lints.sort();
    lints.dedup();
    lints
}

fn unreachable(policy: &Policy, lints: &mut Vec<Lint>) {
    for (index, rule) in policy.rules.iter().enumerate() {
        let before = policy.rules[..index].iter().find(|earlier| covers(&earlier.when, &rule.when));
        if let Some(earlier) = before {
            lints.push(Lint {
                line: rule.line.clone(),
                message: format!(
                    "rule `{}` is never reached: `{}` in {} matches before it",
                    rule.id, earlier.id, earlier.line
                ),
                help: "move it up, or remove it",
            });
        }
    }
}

/// Whether the conditions of `wide` hold wherever those of `narrow` do. When in doubt they do not.
fn covers(wide: &When, narrow: &When) -> bool {
    fn all<T: PartialEq>(wide: &[T], narrow: &[T]) -> bool {
        wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|item| wide.contains(item)))
    }
    fn patterns(wide: &[Pattern], narrow: &[Pattern]) -> bool {
        let one = |item: &Pattern| wide.iter().any(|pattern| pattern.covers(item));
        wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(one))
    }
    fn same<T: PartialEq>(wide: &Option<T>, narrow: &Option<T>) -> bool {
        wide.is_none() || wide == narrow
    }
    all(&wide.types, &narrow.types)
        && all(&wide.ecosystems, &narrow.ecosystems)
        && patterns(&wide.purls, &narrow.purls)
        && same(&wide.versions.as_ref().map(Range::as_str), &narrow.versions.as_ref().map(Range::as_str))
        && all(&wide.scopes, &narrow.scopes)
        && all(&wide.origins, &narrow.origins)
        && same(&wide.hidden, &narrow.hidden)
        && patterns(&wide.owned_by, &narrow.owned_by)
        && same(&wide.first_party, &narrow.first_party)
        && same(&wide.direct, &narrow.direct)
        && all(&wide.distributions, &narrow.distributions)
        && all(&wide.categories, &narrow.categories)
        && patterns(&wide.ids, &narrow.ids)
        && patterns(&wide.exceptions, &narrow.exceptions)
        && all(&wide.bases, &narrow.bases)
}

fn ended(policy: &Policy, today: NaiveDate, lints: &mut Vec<Lint>) {
    let waivers =
        policy.waivers.iter().map(|waiver| (&waiver.line, waiver.expires, waiver.subject.as_str(), "waiver"));
    let choices =
        policy.choices.iter().map(|choice| (&choice.line, choice.expires, choice.purl.as_str(), "choice"));
    for (line, expires, name, what) in waivers.chain(choices) {
        if let Some(last) = expires.filter(|last| *last < today) {
            lints.push(Lint {
                line: line.clone(),
                message: format!("the {what} for `{name}` ended on {last}"),
                help: "renew it with whoever approved it, or remove it",
            });
        }
    }
}

fn unknown_rules(policy: &Policy, lints: &mut Vec<Lint>) {
    for waiver in &policy.waivers {
        let Some(pattern) = &waiver.rule else { continue };
        let known = rules::ALL.iter().any(|rule| pattern.matches(rule.code))
            || policy.rules.iter().any(|rule| pattern.matches(&rule.id.to_lowercase()));
        if !known {
            lints.push(Lint {
                line: waiver.line.clone(),
                message: format!("no rule and no check is called `{}`", pattern.as_str()),
                help: "name the id of a [[rule]], or the code in a finding's brackets",
            });
        }
    }
}

/// Bans are for what is not there; all others are for something that is.
fn matching_nothing(policy: &Policy, bom: &Bom, lints: &mut Vec<Lint>) {
    let own = Own::of(bom);
    let surroundings = Surroundings::new(bom, own.as_ref(), policy.distribution);
    let facts: Vec<_> = bom
        .components
        .iter()
        .map(|(reference, component)| surroundings.facts(reference, component))
        .chain(surroundings.own())
        .collect();
    let rules =
        policy.rules.iter().flat_map(|rule| rule.when.purls.iter().map(|purl| (purl, None, &rule.line)));
    let waivers = policy.waivers.iter().filter_map(|waiver| match &waiver.subject {
        Waived::Packages(purl) => Some((purl, waiver.versions.as_ref(), &waiver.line)),
        Waived::Things(_) => None,
    });
    let clarifications =
        policy.clarifications.iter().map(|one| (&one.purl, one.versions.as_ref(), &one.line));
    let choices = policy.choices.iter().map(|one| (&one.purl, one.versions.as_ref(), &one.line));
    for (purl, versions, line) in rules.chain(waivers).chain(clarifications).chain(choices) {
        if !facts.iter().any(|facts| facts.is(purl, versions)) {
            let versions = versions.map(|range| format!(" {}", range.as_str())).unwrap_or_default();
            lints.push(Lint {
                line: line.clone(),
                message: format!("`{}`{versions} matches nothing here", purl.as_str()),
                help: "mend it, or remove it",
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::testing::{bom, component, policy, today};
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, bom: Option<&Bom>, expected: Expect) {
        let lints = lint(&policy(text), bom, today());
        let lines: Vec<String> = lints
            .iter()
            .map(|lint| format!("{}: {} ({})\n", lint.line.line, lint.message, lint.help))
            .collect();
        expected.assert_eq(&lines.concat());
    }

    #[test]
    fn a_rule_behind_a_wider_one_is_never_reached() {
        check(
            r#"
            [[rule]]
            id = "copyleft"
            when = { category = ["strong-copyleft", "weak-copyleft"] }
            action = "deny"
            [[rule]]
            id = "weak-npm"
            when = { category = ["weak-copyleft"], ecosystem = ["npm"] }
            action = "warn"
            [[rule]]
            id = "acme"
            when = { purl = ["pkg:npm/@acme/*"] }
            action = "allow"
            [[rule]]
            id = "acme-ui"
            when = { purl = ["pkg:npm/@acme/ui"] }
            action = "deny"
            [[rule]]
            id = "weak-or-more"
            when = { category = ["weak-copyleft", "network-copyleft"] }
            action = "deny"
            "#,
            None,
            expect![[r#"
                7: rule `weak-npm` is never reached: `copyleft` in policy.toml:3:13 matches before it (move it up, or remove it)
                15: rule `acme-ui` is never reached: `acme` in policy.toml:11:13 matches before it (move it up, or remove it)
            "#]],
        );
    }

    #[test]
    fn what_is_over_or_names_nothing_is_told() {
        let text = r#"
            [[waiver]]
            purl = "pkg:npm/gone"
            rule = "licence-*"
            reason = "agreed"
            expires = 2025-01-01
            [[ban]]
            purl = "pkg:npm/left-pad"
            reason = "it went away once"
        "#;
        check(
            text,
            Some(&bom([component("pkg:npm/here@1", "MIT")])),
            expect![[r#"
            3: `pkg:npm/gone` matches nothing here (mend it, or remove it)
            3: no rule and no check is called `licence-*` (name the id of a [[rule]], or the code in a finding's brackets)
            3: the waiver for `pkg:npm/gone` ended on 2025-01-01 (renew it with whoever approved it, or remove it)
        "#]],
        );
    }
}
