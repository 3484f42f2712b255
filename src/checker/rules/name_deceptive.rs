//! A name that is not what it looks like: characters nobody sees, and letters that look like others.
//!
//! A ban, an allowance or a person's eye knows a package by its name; `lоdash` with a Cyrillic о passes all three.

use super::super::{Action, Context, Finding};
use super::Rule;
use crate::bom::deception;

pub(super) const RULE: Rule = Rule {
    code: "name-deceptive",
    about: "a name or version with characters nobody sees, or with letters that look like others",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let mut findings = Vec::new();
    for judged in &context.judged {
        let component = judged.facts.component;
        let purl = component.purl.as_ref();
        let names = [
            ("name", Some(component.name.as_str())),
            ("version", component.version.as_deref()),
            ("name", purl.map(|purl| purl.name())),
            ("namespace", purl.and_then(|purl| purl.namespace())),
        ];
        let deceptive = names.into_iter().find_map(|(what, text)| Some((what, deception(text?)?)));
        let Some((what, reason)) = deceptive else { continue };
        let mut finding = Finding::new(RULE.code, severity, format!("its {what} {reason}"));
        finding.help = Some("find out who made it, and which package it is meant to be taken for".to_owned());
        finding.policy_line.clone_from(&line);
        findings.push(finding.about(judged.facts.reference, component));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, component};
    use super::RULE;
    use expect_test::expect;

    #[test]
    fn names_are_told_by_what_deceives() {
        let mut version = component("pkg:npm/plain@1", "MIT");
        version.version = Some("1\u{200b}".to_owned());
        let components = [
            component("pkg:npm/lodash@4", "MIT"),
            component("pkg:npm/l%D0%BEdash@4", "MIT"),
            component("pkg:maven/org.%E2%80%AEgro/x@1", "MIT"),
            version,
        ];
        check(
            &RULE,
            &bom(components),
            "",
            expect![[r#"
                warn pkg:npm/l%D0%BEdash@4: its name holds `о` (U+043E, Cyrillic), which looks like a Latin letter
                warn pkg:maven/org.%E2%80%AEgro/x@1: its namespace holds U+202E, which nobody sees
                warn pkg:npm/plain@1: its version holds U+200B, which nobody sees
            "#]],
        );
    }
}
