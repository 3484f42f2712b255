//! Files of a package are no longer what the package recorded.

use super::super::{Action, Context, Finding};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "package-altered",
    about: "files of a package are no longer what the package recorded",
    default: Some(Action::Info),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let mut findings = Vec::new();
    for judged in &context.judged {
        let Some(first) = judged.facts.component.altered.first() else { continue };
        let message = match judged.facts.component.altered.len() {
            1 => format!("`{first}` is not what the package recorded"),
            count => format!("{count} files are not what the package recorded, `{first}` first"),
        };
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.help =
            Some("install the package anew, or say in the image's build why it is changed".to_owned());
        finding.policy_line.clone_from(&line);
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
    fn altered_files_are_counted() {
        let mut one = component("pkg:deb/debian/bash@5", "GPL-3.0-or-later");
        one.altered = vec!["bin/bash".into()].into();
        let mut two = component("pkg:deb/debian/dash@5", "BSD-3-Clause");
        two.altered = vec!["bin/dash".into(), "bin/sh".into()].into();
        check(
            &RULE,
            &bom([one, two]),
            "",
            expect![[r#"
            info pkg:deb/debian/dash@5: 2 files are not what the package recorded, `bin/dash` first
            info pkg:deb/debian/bash@5: `bin/bash` is not what the package recorded
        "#]],
        );
    }
}
