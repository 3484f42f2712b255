//! A waiver whose last day is over.
//! Found where waivers are applied, after all other rules.

use super::super::Action;
use super::Rule;

pub(in super::super) const RULE: Rule = Rule {
    code: "waiver-expired",
    about: "a waiver whose last day is over; it waives nothing any more",
    default: Some(Action::Warn),
    check: |_| Vec::new(),
};

#[cfg(test)]
mod tests {
    use super::super::super::{Case, check};
    use super::super::testing::{bom, component, policy, render, today};
    use expect_test::{Expect, expect};

    fn check_waiver(waiver: &str, expected: Expect) {
        let bom =
            bom([component("pkg:npm/gpl@1.2", "GPL-3.0-only"), component("pkg:npm/other@1", "GPL-3.0-only")]);
        let policy = policy(&format!("[[waiver]]\nreason = \"agreed\"\n{waiver}"));
        let case = Case { bom: &bom, baseline: None, calendar: None, policy: &policy, today: today() };
        expected.assert_eq(&render(&check(&case)));
    }

    #[test]
    fn a_waived_finding_stays_visible() {
        check_waiver(
            "purl = \"pkg:npm/gpl\"\nexpires = 2027-06-30",
            expect![[r#"
            deny pkg:npm/other@1: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            deny pkg:npm/gpl@1.2: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it waived
        "#]],
        );
    }

    #[test]
    fn the_last_day_still_counts_and_the_end_is_announced() {
        check_waiver(
            "purl = \"pkg:npm/gpl\"\nexpires = 2026-11-20",
            expect![[r#"
            deny pkg:npm/other@1: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            info: waiver for `pkg:npm/gpl` ends on 2026-11-20 (policy.toml:2)
            deny pkg:npm/gpl@1.2: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it waived
        "#]],
        );
    }

    #[test]
    fn an_expired_waiver_waives_nothing_and_is_told() {
        check_waiver(
            "purl = \"pkg:npm/gpl\"\nexpires = 2026-11-19",
            expect![[r#"
            deny pkg:npm/gpl@1.2: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            deny pkg:npm/other@1: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            warn: waiver for `pkg:npm/gpl` ended on 2026-11-19 (policy.toml:2)
        "#]],
        );
    }

    #[test]
    fn one_for_another_version_licence_or_rule_is_unused() {
        check_waiver(
            "purl = \"pkg:npm/gpl\"\nversions = \">=2\"\npermanent = true",
            expect![[r#"
            deny pkg:npm/gpl@1.2: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            deny pkg:npm/other@1: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            warn: waiver for `pkg:npm/gpl` waives nothing (policy.toml:2)
        "#]],
        );
        check_waiver(
            "purl = \"pkg:npm/gpl\"\nlicense = \"GPL-2.0-only\"\npermanent = true",
            expect![[r#"
            deny pkg:npm/gpl@1.2: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            deny pkg:npm/other@1: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            warn: waiver for `pkg:npm/gpl` waives nothing (policy.toml:2)
        "#]],
        );
        check_waiver(
            "purl = \"pkg:npm/gpl\"\nrule = \"package-banned\"\npermanent = true",
            expect![[r#"
            deny pkg:npm/gpl@1.2: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            deny pkg:npm/other@1: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
            warn: waiver for `pkg:npm/gpl` waives nothing (policy.toml:2)
        "#]],
        );
    }

    #[test]
    fn it_may_name_the_licence_agreed_to() {
        check_waiver(
            "purl = \"pkg:npm/*\"\nlicense = \"gpl-3.0-only\"\npermanent = true",
            expect![[r#"
            deny pkg:npm/gpl@1.2: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it waived
            deny pkg:npm/other@1: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it waived
        "#]],
        );
    }
}
