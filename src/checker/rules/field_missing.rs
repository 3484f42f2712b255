//! The SBOM does not say what the policy requires it to say, of itself or of a component.

use super::super::judge::Verdict;
use super::super::{Action, Context, Finding};
use super::Rule;
use crate::bom::{Bom, Component};

pub(super) const RULE: Rule = Rule {
    code: "field-missing",
    about: "a field that `[require]` asks for is missing in the SBOM",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, _)) = context.case.severity(&RULE) else { return Vec::new() };
    let require = &context.case.policy.require;
    let missing = |what: &str| {
        let mut finding = Finding::new(RULE.code, severity, format!("{what} is not stated"));
        finding.help = Some("make the SBOM with a tool that says it".to_owned());
        finding.policy_line.clone_from(&require.line);
        finding
    };
    let mut findings = Vec::new();
    for field in require.document.iter().filter(|field| !document_has(context.case.bom, field)) {
        findings.push(missing(&format!("the document's `{field}`")));
    }
    for judged in &context.judged {
        if matches!(judged.license, Verdict::NotAsked) {
            continue;
        }
        let component = judged.facts.component;
        for field in require.component.iter().filter(|field| !component_has(component, field)) {
            findings.push(missing(&format!("`{field}`")).about(judged.facts.reference, component));
        }
    }
    findings
}

/// A bill that was just taken says when and by whom as it is written.
fn document_has(bom: &Bom, field: &str) -> bool {
    let written = |is: fn(&crate::bom::Origin) -> bool| bom.origin.as_ref().is_none_or(is);
    match field {
        "author" | "tool" => written(|origin| !origin.tools.is_empty()),
        "timestamp" => written(|origin| origin.created.is_some()),
        "dependencies" => !bom.dependencies.is_empty(),
        "name" => !bom.subject.name.is_empty(),
        "version" => bom.subject.version.is_some(),
        _ => true,
    }
}

fn component_has(component: &Component, field: &str) -> bool {
    match field {
        "hash" => !component.hashes.is_empty() || !component.contents.is_empty(),
        "identifier" => component.purl.is_some() || !component.cpes.is_empty(),
        "license" => component.licenses.iter().any(super::super::judge::says_something),
        "name" => !component.name.is_empty(),
        "purl" => component.purl.is_some(),
        "supplier" => component.supplier.is_some(),
        "version" => component.version.as_ref().is_some_and(|version| !version.is_empty()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, component};
    use super::super::{COMPONENT_FIELDS, DOCUMENT_FIELDS};
    use super::*;
    use crate::bom::Origin;
    use expect_test::expect;

    #[test]
    fn what_the_policy_requires_is_asked_of_document_and_components() {
        let mut bom = bom([component("pkg:npm/a@1", "MIT"), component("pkg:npm/b", "")]);
        bom.origin = Some(Origin::default());
        let policy = "[require]\ndocument = [\"timestamp\"]\ncomponent = [\"license\", \"version\"]";
        check(
            &RULE,
            &bom,
            policy,
            expect![[r#"
                warn pkg:npm/b: `license` is not stated (policy.toml:2)
                warn pkg:npm/b: `version` is not stated (policy.toml:2)
                warn: the document's `timestamp` is not stated (policy.toml:2)
            "#]],
        );
        check(
            &RULE,
            &bom,
            "[require]\npreset = \"ntia\"",
            expect![[r#"
                warn pkg:npm/a@1: `supplier` is not stated (policy.toml:2)
                warn pkg:npm/b: `supplier` is not stated (policy.toml:2)
                warn pkg:npm/b: `version` is not stated (policy.toml:2)
                warn: the document's `author` is not stated (policy.toml:2)
                warn: the document's `dependencies` is not stated (policy.toml:2)
                warn: the document's `timestamp` is not stated (policy.toml:2)
            "#]],
        );
    }

    #[test]
    fn every_field_that_can_be_asked_for_can_be_missing() {
        let empty = Bom { origin: Some(Origin::default()), ..Bom::default() };
        for field in DOCUMENT_FIELDS {
            assert!(!document_has(&empty, field), "{field}");
        }
        for field in COMPONENT_FIELDS {
            assert!(!component_has(&Component::new(""), field), "{field}");
        }
    }
}
