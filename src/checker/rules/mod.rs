//! One file for each rule, and the list of them.
//!
//! To add one: write the file, add its lines here. A rule decides; it does not explain beyond a message, and
//! does not ask how severe it is: the policy says that in one place.

mod choice_stale;
mod clarification_stale;
mod condition_unknown;
mod drift_added;
mod drift_budget;
mod drift_copyleft;
mod drift_downgraded;
mod drift_end_of_life;
mod drift_license_unknown;
mod drift_look_alike;
mod drift_missing;
mod drift_patch_release;
mod drift_replaced;
mod drift_source;
mod drift_supplier;
mod drift_unexpected;
mod eol_behind;
mod eol_calendar_stale;
mod eol_dropped;
mod eol_ended;
mod eol_extended;
mod eol_extended_paid;
mod eol_soon;
mod eol_superseded;
mod eol_unknown;
mod field_missing;
mod gap_unread;
mod image_base_latest;
mod image_debugger;
mod image_environment_secret;
mod image_file_secret;
mod image_network_tool;
mod image_package_manager;
mod image_root_user;
mod image_shell;
mod license_chosen;
mod license_coverage;
mod license_mismatch;
mod license_missing;
mod license_not_allowed;
mod license_unknown;
mod name_deceptive;
mod notice_missing;
mod package_altered;
mod package_banned;
mod package_hidden;
mod package_withdrawn;
pub(super) mod waiver_expired;
pub(super) mod waiver_expiring;
pub(super) mod waiver_unused;

use super::severity::Action;
use super::{Context, Finding};

/// One way of being wrong.
pub struct Rule {
    /// As in `deny[license-not-allowed]`.
    pub code: &'static str,
    /// A sentence for `[checks]`, editors and code-scanning sites.
    pub about: &'static str,
    /// How severe it is unless the policy says otherwise. Absent where other parts of the policy decide.
    pub default: Option<Action>,
    pub(super) check: fn(&Context<'_>) -> Vec<Finding>,
}

/// Every rule, in order of code.
pub const ALL: &[&Rule] = &[
    &choice_stale::RULE,
    &clarification_stale::RULE,
    &condition_unknown::RULE,
    &drift_added::RULE,
    &drift_budget::RULE,
    &drift_copyleft::RULE,
    &drift_downgraded::RULE,
    &drift_end_of_life::RULE,
    &drift_license_unknown::RULE,
    &drift_look_alike::RULE,
    &drift_missing::RULE,
    &drift_patch_release::RULE,
    &drift_replaced::RULE,
    &drift_source::RULE,
    &drift_supplier::RULE,
    &drift_unexpected::RULE,
    &eol_behind::RULE,
    &eol_calendar_stale::RULE,
    &eol_dropped::RULE,
    &eol_ended::RULE,
    &eol_extended::RULE,
    &eol_extended_paid::RULE,
    &eol_soon::RULE,
    &eol_superseded::RULE,
    &eol_unknown::RULE,
    &field_missing::RULE,
    &gap_unread::RULE,
    &image_base_latest::RULE,
    &image_debugger::RULE,
    &image_environment_secret::RULE,
    &image_file_secret::RULE,
    &image_network_tool::RULE,
    &image_package_manager::RULE,
    &image_root_user::RULE,
    &image_shell::RULE,
    &license_chosen::RULE,
    &license_coverage::RULE,
    &license_mismatch::RULE,
    &license_missing::RULE,
    &license_not_allowed::RULE,
    &license_unknown::RULE,
    &name_deceptive::RULE,
    &notice_missing::RULE,
    &package_altered::RULE,
    &package_banned::RULE,
    &package_hidden::RULE,
    &package_withdrawn::RULE,
    &waiver_expired::RULE,
    &waiver_expiring::RULE,
    &waiver_unused::RULE,
];

/// What `[require] document` can ask for.
pub const DOCUMENT_FIELDS: &[&str] = &["author", "dependencies", "name", "timestamp", "tool", "version"];
/// What `[require] component` can ask for.
pub const COMPONENT_FIELDS: &[&str] =
    &["hash", "identifier", "license", "name", "purl", "supplier", "version"];

#[cfg(test)]
pub(super) mod testing {
    use std::fmt::Write;

    use chrono::NaiveDate;
    use expect_test::Expect;

    use super::super::{Case, Finding, Policy, Rule, check as check_case};
    use crate::bom::{Basis, Bom, Component, LicenseClaim, Purl};
    use crate::licenses::Expression;

    /// A component with this purl and this declared licence; nothing is said where the licence is empty.
    pub(in crate::checker) fn component(purl: &str, license: &str) -> Component {
        let purl: Purl = purl.parse().expect("a purl");
        let mut component = Component::new(purl.name());
        component.version = purl.version().map(str::to_owned);
        component.purl = Some(purl);
        if !license.is_empty() {
            component.licenses.push(claim(license, Basis::Declared));
        }
        component
    }

    pub(in crate::checker) fn claim(text: &str, basis: Basis) -> LicenseClaim {
        let expression = Expression::parse(text).ok();
        LicenseClaim { text: text.to_owned(), expression, basis, path: None, line: None }
    }

    pub(in crate::checker) fn bom(components: impl IntoIterator<Item = Component>) -> Bom {
        let components = components.into_iter().map(|component| (component.reference(), component));
        Bom { components: components.collect(), ..Bom::default() }
    }

    pub(in crate::checker) fn policy(text: &str) -> Policy {
        Policy::parse("policy.toml", &format!("schema = 1\n{text}"))
            .unwrap_or_else(|errors| panic!("{errors}"))
    }

    pub(in crate::checker) fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day")
    }

    /// The findings of one rule, a line each.
    pub(in crate::checker) fn check(rule: &Rule, bom: &Bom, policy_text: &str, expected: Expect) {
        let policy = policy(policy_text);
        let case = Case { bom, baseline: None, calendar: None, policy: &policy, today: today() };
        let findings = check_case(&case);
        expected.assert_eq(&render(findings.iter().filter(|finding| finding.rule == rule.code)));
    }

    pub(in crate::checker) fn render<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
        let mut text = String::new();
        for finding in findings {
            let _ = write!(text, "{}", finding.severity);
            if let Some(component) = &finding.component {
                let _ = write!(text, " {component}");
            }
            let _ = write!(text, ": {}", finding.message);
            if let Some(rule) = &finding.policy_rule {
                let _ = write!(text, " [{rule}]");
            }
            if let Some(line) = &finding.policy_line {
                let _ = write!(text, " ({}:{})", line.file, line.line);
            }
            if finding.waived.is_some() {
                text.push_str(" waived");
            }
            if finding.known {
                text.push_str(" known");
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ALL.is_sorted_by(|one, other| one.code < other.code));
    }
}
