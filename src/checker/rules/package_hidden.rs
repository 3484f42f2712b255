//! A package that a lower layer ships and nobody sees at the top: removed later, and handed on all the same.

use super::super::{Action, Context, Finding};
use super::Rule;

pub(super) const RULE: Rule = Rule {
    code: "package-hidden",
    about: "a package that a lower layer ships although it was removed or replaced later",
    default: Some(Action::Info),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let mut findings = Vec::new();
    for judged in &context.judged {
        let Some(hidden) = &judged.facts.component.hidden else { continue };
        let by = match &hidden.replaced_by {
            Some(other) => format!("replaced by `{other}` in layer {}", hidden.layer),
            None => format!("removed in layer {}", hidden.layer),
        };
        let mut finding = Finding::new(RULE.code, severity, format!("shipped in a lower layer, {by}"));
        finding.help = Some("remove it in the step that brings it, or build in stages".to_owned());
        finding.policy_line.clone_from(&line);
        findings.push(finding.about(judged.facts.reference, judged.facts.component));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, component};
    use super::RULE;
    use crate::bom::{Hidden, Ref};
    use expect_test::expect;

    #[test]
    fn what_lower_layers_hide_is_told_with_what_hides_it() {
        let mut removed = component("pkg:deb/debian/gcc@12", "GPL-3.0-or-later");
        removed.hidden = Some(Hidden { layer: 2, replaced_by: None }.into());
        let mut replaced = component("pkg:npm/x@1", "MIT");
        replaced.hidden = Some(Hidden { layer: 3, replaced_by: Some(Ref("pkg:npm/x@2".into())) }.into());
        check(
            &RULE,
            &bom([removed, replaced, component("pkg:npm/x@2", "MIT")]),
            "",
            expect![[r#"
            info pkg:deb/debian/gcc@12: shipped in a lower layer, removed in layer 2
            info pkg:npm/x@1: shipped in a lower layer, replaced by `pkg:npm/x@2` in layer 3
        "#]],
        );
    }
}
