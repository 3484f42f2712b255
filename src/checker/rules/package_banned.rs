//! A package that must not be there, whatever its licence.

use super::super::{Context, Finding};
use super::Rule;

pub(super) const RULE: Rule =
    Rule { code: "package-banned", about: "a package that the policy bans", default: None, check };

fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for judged in &context.judged {
        let bans = &context.case.policy.bans;
        let Some(ban) = bans.iter().find(|ban| judged.facts.is(&ban.purl, ban.versions.as_ref())) else {
            continue;
        };
        let Some(severity) = ban.action.severity() else { continue };
        let versions = ban.versions.as_ref().map(|range| format!(" {}", range.as_str())).unwrap_or_default();
        let message = format!("`{}`{versions} is banned", ban.purl.as_str());
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.reason = Some(ban.reason.clone());
        finding.help = ban.instead.as_ref().map(|instead| format!("use {instead}"));
        finding.policy_line = Some(ban.line.clone());
        findings.push(finding.about(judged.facts.reference, judged.facts.component));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, component};
    use super::RULE;
    use expect_test::expect;

    #[test]
    fn the_first_ban_that_fits_is_told() {
        let policy = r#"
            [[ban]]
            purl = "pkg:npm/left-pad"
            reason = "it went away once"
            [[ban]]
            purl = "pkg:maven/org.apache.logging.log4j/log4j-core"
            versions = ">=2.0, <2.17.1"
            reason = "runs what strangers log"
            action = "warn"
        "#;
        let components = [
            component("pkg:npm/left-pad@1.3.0", "MIT"),
            component("pkg:npm/left-pad-2@1.3.0", "MIT"),
            component("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "Apache-2.0"),
            component("pkg:maven/org.apache.logging.log4j/log4j-core@2.20.0", "Apache-2.0"),
        ];
        check(
            &RULE,
            &bom(components),
            policy,
            expect![[r#"
            deny pkg:npm/left-pad@1.3.0: `pkg:npm/left-pad` is banned (policy.toml:3)
            warn pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1: `pkg:maven/org.apache.logging.log4j/log4j-core` >=2.0, <2.17.1 is banned (policy.toml:6)
        "#]],
        );
    }
}
