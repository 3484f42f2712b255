//! Programs that a finished image should do without, by the names of the distributions' packages.

use super::policy::KindOfPackage;
use super::{Context, Finding, Rule};
use crate::bom::SubjectKind;

/// A finding for each package of these names in an image; in a source tree there is none.
pub(super) fn find(context: &Context<'_>, rule: &Rule, names: &[&str], noun: &str) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(rule) else { return Vec::new() };
    if context.case.bom.subject.kind != SubjectKind::Image {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for judged in &context.judged {
        let component = judged.facts.component;
        // Hidden ones cannot be run; the rule about hidden packages tells them.
        if judged.facts.kind != KindOfPackage::Os
            || component.hidden.is_some()
            || !names.contains(&component.name.as_str())
        {
            continue;
        }
        let message = format!("`{}` is a {noun}", component.name);
        let mut finding = Finding::new(rule.code, severity, message);
        finding.help = Some("build in stages, and start the last one from a base without it".to_owned());
        finding.policy_line.clone_from(&line);
        findings.push(finding.about(judged.facts.reference, component));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::rules::testing::{bom, component, policy, render, today};
    use super::super::{Case, check, rules};
    use super::*;
    use expect_test::expect;

    #[test]
    fn tools_are_told_in_images_only_and_when_the_policy_asks() {
        let names = ["apt", "bash", "curl", "gdb", "libc6"];
        let purl = |name: &&str| component(&format!("pkg:deb/debian/{name}@1"), "MIT");
        let mut bom = bom(names.iter().map(purl));
        let asking = policy(
            "[[rule]]\nid = \"all\"\naction = \"allow\"\n[checks]\nimage-debugger = \"deny\"\n\
             image-network-tool = \"warn\"\nimage-package-manager = \"info\"\nimage-shell = \"info\"",
        );
        let silent = policy("[[rule]]\nid = \"all\"\naction = \"allow\"");
        let findings = |bom: &crate::bom::Bom, policy| {
            render(&check(&Case { bom, baseline: None, calendar: None, policy, today: today() }))
        };
        assert_eq!(findings(&bom, &asking), "");
        bom.subject.kind = SubjectKind::Image;
        bom.subject.secrets = Some(Vec::new());
        assert_eq!(findings(&bom, &silent), "");
        expect![[r#"
            deny pkg:deb/debian/gdb@1: `gdb` is a debugger (policy.toml:6)
            warn pkg:deb/debian/curl@1: `curl` is a network tool (policy.toml:7)
            info pkg:deb/debian/apt@1: `apt` is a package manager (policy.toml:8)
            info pkg:deb/debian/bash@1: `bash` is a shell (policy.toml:9)
        "#]]
        .assert_eq(&findings(&bom, &asking));
    }

    #[test]
    fn every_tool_rule_is_off_unless_asked_for() {
        let tools = rules::ALL
            .iter()
            .filter(|rule| rule.code.starts_with("image-") && !rule.code.ends_with("-secret"));
        assert!(tools.clone().count() >= 4);
        assert!(tools.into_iter().all(|rule| rule.default == Some(super::super::Action::Allow)));
    }
}
