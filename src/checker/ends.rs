//! Findings about the end of support.

use super::{Context, Finding, Rule};
use crate::eol::{Row, Status};

/// A finding for each component of the rows with this status, of the operating system alone where its packages
/// live and die with it.
pub(super) fn find(
    context: &Context<'_>,
    rule: &Rule,
    status: Status,
    message: impl Fn(&Row) -> String,
) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(rule) else { return Vec::new() };
    let mut findings = Vec::new();
    for row in context.ends.iter().filter(|row| row.status == status) {
        let mut text = message(row);
        if !row.with.is_empty() {
            let s = if row.with.len() == 1 { "" } else { "s" };
            text += &format!(", and {} package{s} with it", row.with.len());
        }
        let mut finding = Finding::new(rule.code, severity, text);
        finding.policy_line.clone_from(&line);
        finding.help = help(row);
        let components = row.components.iter();
        let components: Vec<_> =
            components.filter_map(|reference| context.case.bom.components.get_key_value(reference)).collect();
        if components.is_empty() {
            findings.push(finding);
            continue;
        }
        let about =
            components.into_iter().map(|(reference, component)| finding.clone().about(reference, component));
        findings.extend(about);
    }
    findings
}

/// What to move to, and what else is known.
fn help(row: &Row) -> Option<String> {
    let next = row.move_to.as_ref().map(|next| {
        let until = next.until.map(|day| format!(", supported until {day}")).unwrap_or_default();
        let latest = next.latest.as_ref().filter(|latest| **latest != next.cycle);
        let latest = latest.map(|latest| format!(" (latest {latest})")).unwrap_or_default();
        format!("move to {}{latest}{until}", next.cycle)
    });
    let parts: Vec<String> = next.into_iter().chain(row.notes.iter().cloned()).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// ` on 2026-08-31`, or nothing where no day is known.
pub(super) fn on(row: &Row) -> String {
    row.ends.map(|day| format!(" on {day}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use expect_test::{Expect, expect};

    use super::super::rules::testing::{bom, component, policy, render};
    use super::super::{Case, check as check_case};
    use crate::bom::{Bom, Component, Kind};
    use crate::eol;

    fn system(id: &str, version: &str) -> Component {
        let mut component = Component::new(id);
        (component.kind, component.version) = (Kind::OperatingSystem, Some(version.to_owned()));
        component
    }

    fn check(bom: &Bom, policy_text: &str, today: &str, expected: Expect) {
        let (calendar, policy) = (eol::shipped(), policy(policy_text));
        let today: NaiveDate = today.parse().expect("a day");
        let case = Case { bom, baseline: None, calendar: Some(&calendar), policy: &policy, today };
        let findings = check_case(&case);
        expected.assert_eq(&render(findings.iter().filter(|finding| finding.rule.starts_with("eol-"))));
    }

    fn mixed() -> Bom {
        bom([
            system("debian", "12"),
            component("pkg:deb/debian/perl@5.36.0?distro=debian-12", ""),
            component("pkg:deb/debian/pdns-server@4.7.3-2?distro=debian-12&upstream=pdns", ""),
            component("pkg:generic/rust@1.80.0", ""),
            component("pkg:npm/vue@2.7.16", ""),
            component("pkg:npm/vue@main", ""),
            component("pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1", ""),
            component("pkg:pypi/django@3.2.1", ""),
            component("pkg:generic/php-cli@8.2.7", ""),
        ])
    }

    #[test]
    fn each_status_has_its_rule() {
        check(
            &mixed(),
            "",
            "2026-11-20",
            expect![[r#"
                deny pkg:pypi/django@3.2.1: the support of Django 3.2 ended on 2024-04-01
                deny pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1: the support of Microsoft .NET 8 ended on 2026-11-10
                deny pkg:npm/vue@2.7.16: the public support of Vue 2.7 ended on 2023-12-31; it goes on for those who pay
                warn pkg:deb/debian/pdns-server@4.7.3-2?distro=debian-12&upstream=pdns: support for pdns on debian 12 ended on 2025-09-30
                warn pkg:generic/rust@1.80.0: Rust 1.80 was superseded on 2024-09-05
                info operating-system:debian@12: only extended support is left of Debian 12, for everybody until 2028-06-30, and 1 package with it
                info pkg:generic/php-cli@8.2.7: the support of PHP 8.2 ends on 2026-12-31
            "#]],
        );
    }

    #[test]
    fn the_policy_says_how_far_ahead_and_what_is_paid_for() {
        let policy = "[end-of-life]\nwarn-days = 5\nbehind = 20\ncontracts = { ubuntu-pro = 2030-04-23 }\n\
                      [checks]\neol-unknown = \"warn\"\neol-behind = \"info\"";
        check(
            &mixed(),
            policy,
            "2026-11-20",
            expect![[r#"
                deny pkg:pypi/django@3.2.1: the support of Django 3.2 ended on 2024-04-01
                deny pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1: the support of Microsoft .NET 8 ended on 2026-11-10
                deny pkg:npm/vue@2.7.16: the public support of Vue 2.7 ended on 2023-12-31; it goes on for those who pay
                warn pkg:deb/debian/pdns-server@4.7.3-2?distro=debian-12&upstream=pdns: support for pdns on debian 12 ended on 2025-09-30
                warn pkg:generic/rust@1.80.0: Rust 1.80 was superseded on 2024-09-05
                warn pkg:npm/vue@main: the calendar does not know Vue main (policy.toml:7)
                info pkg:pypi/django@3.2.1: 24 releases behind 3.2.25, the latest of its line (policy.toml:8)
                info pkg:generic/php-cli@8.2.7: 26 releases behind 8.2.33, the latest of its line (policy.toml:8)
                info pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1: 29 releases behind 8.0.30, the latest of its line (policy.toml:8)
                info operating-system:debian@12: only extended support is left of Debian 12, for everybody until 2028-06-30, and 1 package with it
            "#]],
        );
        let ubuntu = bom([system("ubuntu", "20.04")]);
        check(
            &ubuntu,
            policy,
            "2026-11-20",
            expect![[r#"
            info operating-system:ubuntu@20.04: only extended support is left of Ubuntu 20.04, by contract until 2030-04-23
        "#]],
        );
        check(
            &ubuntu,
            policy,
            "2030-04-24",
            expect![[r#"
            deny operating-system:ubuntu@20.04: the support of Ubuntu 20.04 ended on 2030-04-23
            warn: the calendar of ends of support is 1341 days old
        "#]],
        );
    }

    #[test]
    fn old_dates_are_told() {
        check(
            &bom([]),
            "",
            "2027-06-30",
            expect![[r#"
            warn: the calendar of ends of support is 312 days old
        "#]],
        );
    }

    #[test]
    fn an_operating_system_can_be_waived() {
        let waiver = "[[waiver]]\npurl = \"operating-system:debian@9\"\nrule = \"eol-ended\"\n\
                      reason = \"museum\"\nexpires = 2026-12-31";
        check(
            &bom([system("debian", "9")]),
            waiver,
            "2026-11-20",
            expect![[r#"
            deny operating-system:debian@9: the support of Debian 9 ended on 2022-07-01 waived
        "#]],
        );
    }
}
