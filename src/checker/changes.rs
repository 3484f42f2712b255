//! Findings about what changed since the baseline.

use super::{Context, Finding, Rule};
use crate::drift::{Change, Drift, Kind};

/// A finding for each change of which `message` has something to say. None without a baseline. What lies inside
/// a package of the distribution is told with that package.
pub(super) fn find(
    context: &Context<'_>,
    rule: &Rule,
    message: impl Fn(&Context<'_>, &Change) -> Option<String>,
) -> Vec<Finding> {
    let (Some(drift), Some((severity, line))) = (&context.drift, context.case.severity(rule)) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for change in told(drift) {
        let Some(message) = message(context, change) else { continue };
        let mut finding = Finding::new(rule.code, severity, message);
        finding.policy_line.clone_from(&line);
        let reference = change.new.as_ref().map(|side| &side.reference);
        let component = reference.and_then(|reference| context.case.bom.components.get_key_value(reference));
        findings.push(match component {
            Some((reference, component)) => finding.about(reference, component),
            None => finding,
        });
    }
    findings
}

/// The changes but for those inside a package of the distribution.
pub(super) fn told(drift: &Drift) -> impl Iterator<Item = &Change> {
    drift.changes.iter().filter(|change| change.inside.is_none())
}

/// `1.0 → 2.0`, with the package where no component can carry the finding.
pub(super) fn ends(change: &Change) -> String {
    match (&change.from, &change.to) {
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    }
}

/// Whether something came with this version that was not there before: a package, or a version of one.
pub(super) fn brings(change: &Change) -> bool {
    matches!(change.kind, Kind::Added | Kind::Renamed | Kind::Moved)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::rules::testing::{bom, component, policy, render, today};
    use super::super::{Case, check as check_case};
    use crate::bom::{Component, Hash, HashAlgorithm};
    use crate::eol;

    fn check(old: Vec<Component>, new: Vec<Component>, policy_text: &str, expected: Expect) {
        let (old, new, calendar, policy) = (bom(old), bom(new), eol::shipped(), policy(policy_text));
        let case = Case {
            bom: &new,
            baseline: Some(&old),
            calendar: Some(&calendar),
            policy: &policy,
            today: today(),
        };
        let findings = check_case(&case);
        expected.assert_eq(&render(findings.iter().filter(|finding| finding.rule.starts_with("drift-"))));
    }

    fn with_bytes(purl: &str, byte: &str) -> Component {
        let mut component = component(purl, "MIT");
        component.hashes.push(Hash { algorithm: HashAlgorithm::Sha256, hex: byte.repeat(32) });
        component
    }

    #[test]
    fn what_a_change_brings_is_told() {
        check(
            vec![
                component("pkg:deb/debian/nginx@1:2.0-1", "BSD-2-Clause"),
                component("pkg:npm/event-stream@3.3.4", "MIT"),
                component("pkg:npm/known@1.0.0", "MIT"),
                component("pkg:npm/taken@1.0.0", "MIT"),
                component("pkg:npm/vue@3.5.13", "MIT"),
                with_bytes("pkg:npm/swapped@1.0.0", "aa"),
            ],
            vec![
                component("pkg:deb/debian/bash@5.2", "GPL-3.0-or-later"),
                component("pkg:deb/debian/nginx@2.1-1", "BSD-2-Clause"),
                component("pkg:npm/event-streams@3.3.4", "MIT"),
                component("pkg:npm/known@1.0.1", ""),
                component("pkg:npm/new@1.0.0", "AGPL-3.0-only"),
                component("pkg:npm/silent@1.0.0", ""),
                component("pkg:npm/taken@1.0.1", "GPL-3.0-only"),
                component("pkg:npm/vue@2.7.16", "MIT"),
                with_bytes("pkg:npm/swapped@1.0.0", "ab"),
            ],
            "",
            expect![[r#"
                deny pkg:npm/swapped@1.0.0: the same version with other bytes: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa → sha256:abababababababababababababababababababababababababababababababab
                warn pkg:npm/new@1.0.0: new network-copyleft
                warn pkg:npm/taken@1.0.1: new strong-copyleft
                warn pkg:deb/debian/nginx@2.1-1: downgraded: 1:2.0-1 → 2.1-1
                warn pkg:npm/vue@2.7.16: downgraded: 3.5.13 → 2.7.16
                warn pkg:npm/vue@2.7.16: newly out of support: Vue 3.5 (supported) → Vue 2.7 (extended-paid since 2023-12-31)
                warn pkg:npm/event-streams@3.3.4: looks like `event-stream`, which is gone
                info pkg:npm/known@1.0.1: its licence was known, and is not any more
                info pkg:npm/silent@1.0.0: new, and its licence is not known
            "#]],
        );
    }

    #[test]
    fn a_policy_limits_what_may_change() {
        let old = || {
            vec![
                component("pkg:generic/tini@0.19.0", "MIT"),
                component("pkg:npm/%40acme/ui@1.0.0", "MIT"),
                component("pkg:npm/frozen@1.0.0", "MIT"),
            ]
        };
        let new =
            || vec![component("pkg:npm/%40acme/ui@1.1.0", "MIT"), component("pkg:npm/frozen@1.0.1", "MIT")];
        let policy = "[drift]\nmay-change = [\"pkg:npm/%40acme/*\"]\nmust-stay = [\"pkg:generic/tini\"]";
        check(
            old(),
            new(),
            policy,
            expect![[r#"
            deny: `pkg:generic/tini` must stay, and is gone (policy.toml:2)
            deny: `pkg:generic/tini` was not to change: removed 0.19.0 (policy.toml:2)
            deny pkg:npm/frozen@1.0.1: `pkg:npm/frozen` was not to change: upgraded 1.0.0 → 1.0.1 (policy.toml:2)
        "#]],
        );
        check(old(), new(), "[checks]\ndrift-added = \"deny\"", expect![[""]]);
        check(
            new(),
            old(),
            "[checks]\ndrift-added = \"deny\"",
            expect![[r#"
            deny pkg:generic/tini@0.19.0: the baseline does not have it (policy.toml:3)
            warn pkg:npm/frozen@1.0.0: downgraded: 1.0.1 → 1.0.0
            warn pkg:npm/%40acme/ui@1.0.0: downgraded: 1.1.0 → 1.0.0
        "#]],
        );
    }

    #[test]
    fn a_release_has_a_budget_of_changes() {
        let old = || vec![component("pkg:npm/a@1.0.0", "MIT"), component("pkg:npm/b@1.0.0", "MIT")];
        let new = || vec![component("pkg:npm/a@1.0.1", "MIT"), component("pkg:npm/c@1.0.0", "MIT")];
        check(
            old(),
            new(),
            "[drift]\nmax = { added = 0, removed = 1, any = 2 }",
            expect![[r#"
                deny: added: 1, and 0 may be at most (policy.toml:2)
                deny: changes of whatever kind: 3, and 2 may be at most (policy.toml:2)
            "#]],
        );
        check(old(), new(), "[drift.max]\nadded = 1\nany = 3", expect![[""]]);
    }

    #[test]
    fn a_patch_release_brings_nothing_new() {
        let release = |version: &str| {
            let mut component = component(&format!("pkg:npm/app@{version}"), "MIT");
            component.first_party = true;
            component
        };
        let old = || {
            vec![release("1.4.1"), component("pkg:npm/a@1.0.0", "MIT"), component("pkg:npm/b@1.0.0", "MIT")]
        };
        let new = |version: &str| {
            vec![release(version), component("pkg:npm/a@2.0.0", "MIT"), component("pkg:npm/c@1.0.0", "MIT")]
        };
        let policy = "[checks]\ndrift-patch-release = \"deny\"";
        check(
            old(),
            new("1.4.2"),
            policy,
            expect![[r#"
                deny pkg:npm/a@2.0.0: `pkg:npm/a` has another major version in a patch release (1.4.1 → 1.4.2): 1.0.0 → 2.0.0 (policy.toml:3)
                deny: `pkg:npm/b` is removed in a patch release (1.4.1 → 1.4.2): 1.0.0 (policy.toml:3)
                deny pkg:npm/c@1.0.0: `pkg:npm/c` is added in a patch release (1.4.1 → 1.4.2): 1.0.0 (policy.toml:3)
            "#]],
        );
        check(old(), new("1.5.0"), policy, expect![[""]]);
        check(
            vec![component("pkg:npm/a@1.0.0", "MIT")],
            new("1.4.2"),
            policy,
            expect![[r#"
            deny: cannot tell whether this is a patch release: the lists do not both name a version (policy.toml:3)
        "#]],
        );
    }
}
