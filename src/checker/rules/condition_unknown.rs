//! The policy asks what the bill cannot say, as the layers of a document that has none.
//!
//! Such a condition never holds. That is told once, rather than passing silently.

use super::super::judge::Verdict;
use super::super::policy::{ScopeOfUse, When};
use super::super::{Action, Context, Finding, Severity};
use super::Rule;
use crate::bom::{Component, Scope, Subject, SubjectKind};

pub(super) const RULE: Rule = Rule {
    code: "condition-unknown",
    about: "a rule of the policy asks for something that the SBOM does not say",
    default: Some(Action::Warn),
    check,
};

/// A condition's key, whether a rule asks for it, and how to get it known.
type Unknown = (&'static str, fn(&When) -> bool, &'static str);

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, _)) = context.case.severity(&RULE) else { return Vec::new() };
    let surroundings = &context.surroundings;
    let mut asked: Vec<Unknown> = Vec::new();
    if !surroundings.knows_layers() {
        asked.push((
            "origin",
            |when| !when.origins.is_empty(),
            "name the base image (`--base`), or check the image itself",
        ));
    }
    if !surroundings.knows_direct() {
        asked.push(("direct", |when| when.direct.is_some(), "use an SBOM with a dependency graph"));
    }
    let mut findings = Vec::new();
    for (condition, asks, help) in asked {
        let rules: Vec<_> = context.case.policy.rules.iter().filter(|rule| asks(&rule.when)).collect();
        let Some(first) = rules.first() else { continue };
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        let message = format!("`{condition}` is not known, so it never holds in `{}`", ids.join("`, `"));
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.help = Some(help.to_owned());
        finding.policy_line = Some(first.line.clone());
        findings.push(finding);
    }
    findings.extend(without_purl(context, severity));
    findings.extend(said_of_nothing(context));
    findings.extend(of_image(context, severity));
    findings
}

/// What other tools rarely say of a component: a condition's key, whether a rule asks for it, and whether it is said
/// of one.
type Saying = (&'static str, fn(&When) -> bool, fn(&Component) -> bool);

const SAYINGS: &[Saying] = &[
    ("first-party", |when| when.first_party == Some(true), |component| component.first_party),
    ("hidden", |when| when.hidden == Some(true), |component| component.hidden.is_some()),
    ("owned-by", |when| !when.owned_by.is_empty(), |component| component.owner.is_some()),
    (
        "scope",
        |when| !when.scopes.is_empty() && !when.scopes.contains(&ScopeOfUse::Runtime),
        |component| component.scope != Scope::Required,
    ),
];

/// A list of another tool that says a thing of no component most likely does not know it. Only noted: it may be so.
fn said_of_nothing(context: &Context<'_>) -> Option<Finding> {
    let bom = context.case.bom;
    let origin = bom.origin.as_ref()?;
    if origin.tools.iter().any(|tool| tool.starts_with("packlist ")) || bom.components.is_empty() {
        return None;
    }
    let rules = &context.case.policy.rules;
    let unsaid: Vec<_> = SAYINGS
        .iter()
        .filter(|(_, asks, is_said)| {
            let own = context.own.iter().map(|own| own.facts.component);
            rules.iter().any(|rule| asks(&rule.when)) && !bom.components.values().chain(own).any(is_said)
        })
        .collect();
    let asking = |when: &When| unsaid.iter().any(|(_, asks, _)| asks(when));
    let asking: Vec<_> = rules.iter().filter(|rule| asking(&rule.when)).collect();
    let first = asking.first()?;
    let keys: Vec<&str> = unsaid.iter().map(|(key, ..)| *key).collect();
    let ids: Vec<&str> = asking.iter().map(|rule| rule.id.as_str()).collect();
    let (keys, ids) = (keys.join("` or `"), ids.join("`, `"));
    let message = format!("nothing says `{keys}` of any component, so `{ids}` never matches");
    let mut finding = Finding::new(RULE.code, Severity::Info, message);
    finding.help = Some("check the image or the source itself where these rules matter".to_owned());
    finding.policy_line = Some(first.line.clone());
    Some(finding)
}

/// Checks of images, whether the bill can answer them, what it would have to say, and how to get it said.
type Fact = (&'static [&'static str], fn(&Subject) -> bool, &'static str, &'static str);

const FACTS: &[Fact] = &[
    (
        &["image-base-latest"],
        |subject| subject.base.is_some(),
        "what the image was built on",
        "build it with the annotation `org.opencontainers.image.base.name`, and check the image itself",
    ),
    (
        &["image-environment-secret", "image-file-secret"],
        |subject| subject.secrets.is_some(),
        "whether credentials lie in the image",
        "check the image itself, or an SBOM that packlist made of it",
    ),
    (
        &["image-root-user"],
        |subject| subject.user.is_some(),
        "whom its processes run as",
        "check the image itself, or an SBOM that packlist made of it",
    ),
];

/// Checks that are switched on and cannot be made. Nothing worse than what they would have found.
fn of_image(context: &Context<'_>, severity: Severity) -> Vec<Finding> {
    let subject = &context.case.bom.subject;
    if subject.kind != SubjectKind::Image {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (codes, _, what, help) in FACTS.iter().filter(|(_, is_known, ..)| !is_known(subject)) {
        let rules = super::ALL.iter().filter(|rule| codes.contains(&rule.code));
        let asked: Vec<_> = rules
            .filter_map(|rule| {
                context.case.severity(rule).map(|(severity, line)| (rule.code, severity, line))
            })
            .collect();
        let Some(worst) = asked.iter().map(|(_, severity, _)| *severity).max() else { continue };
        let codes: Vec<&str> = asked.iter().map(|(code, ..)| *code).collect();
        let message = format!("`{}` cannot be checked: nothing says {what}", codes.join("`, `"));
        let line = asked.into_iter().find_map(|(.., line)| line);
        // What the policy does not ask for itself is only noted.
        let severity = if line.is_some() { severity.min(worst) } else { Severity::Info };
        let mut finding = Finding::new(RULE.code, severity, message);
        finding.help = Some((*help).to_owned());
        finding.policy_line = line;
        findings.push(finding);
    }
    findings
}

/// What has no package URL is of no ecosystem, and counts as of the application.
fn without_purl(context: &Context<'_>, severity: Severity) -> Option<Finding> {
    let asks = |when: &When| !(when.types.is_empty() && when.ecosystems.is_empty() && when.purls.is_empty());
    let first = context.case.policy.rules.iter().find(|rule| asks(&rule.when))?;
    let count = context
        .judged
        .iter()
        .filter(|judged| {
            let component = judged.facts.component;
            component.purl.is_none() && !component.first_party && !matches!(judged.license, Verdict::NotAsked)
        })
        .count();
    let message = match count {
        0 => return None,
        1 => "one component has no package URL, so `type`, `ecosystem` and `purl` cannot be asked of it"
            .to_owned(),
        _ => format!(
            "{count} components have no package URL, so `type`, `ecosystem` and `purl` cannot be asked of them"
        ),
    };
    let mut finding = Finding::new(RULE.code, severity, message);
    finding.help =
        Some("they count as packages of the application; check the image itself to know more".to_owned());
    finding.policy_line = Some(first.line.clone());
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, component};
    use super::RULE;
    use crate::bom::{Layer, Origin, SubjectKind};
    use expect_test::expect;

    const POLICY: &str = r#"
        [[rule]]
        id = "base"
        when = { origin = ["base-image"] }
        action = "info"
        [[rule]]
        id = "asked"
        when = { direct = true }
        action = "allow"
    "#;

    #[test]
    fn a_foreign_document_knows_neither() {
        let mut bom = bom([component("pkg:npm/x@1", "MIT")]);
        bom.origin = Some(Origin::default());
        check(
            &RULE,
            &bom,
            POLICY,
            expect![[r#"
            warn: `direct` is not known, so it never holds in `asked` (policy.toml:7)
            warn: `origin` is not known, so it never holds in `base` (policy.toml:3)
        "#]],
        );
    }

    #[test]
    fn what_another_tool_says_of_nothing_is_noted() {
        let policy = "[[rule]]\nid = \"own\"\nwhen = { first-party = true }\naction = \"allow\"\n\
                      [[rule]]\nid = \"dev\"\nwhen = { scope = [\"dev\"] }\naction = \"info\"\n\
                      [[rule]]\nid = \"all\"\naction = \"allow\"";
        let mut bom = bom([component("pkg:npm/x@1", "MIT")]);
        check(&RULE, &bom, policy, expect![""]);
        bom.origin = Some(Origin::default());
        check(
            &RULE,
            &bom,
            policy,
            expect![[r#"
                info: nothing says `first-party` or `scope` of any component, so `own`, `dev` never matches (policy.toml:2)
            "#]],
        );
        let mut dev = component("pkg:npm/dev@1", "MIT");
        dev.scope = crate::bom::Scope::Dev;
        bom.components.insert(dev.reference(), dev);
        check(
            &RULE,
            &bom,
            policy,
            expect![[r#"
                info: nothing says `first-party` of any component, so `own` never matches (policy.toml:2)
            "#]],
        );
        bom.origin = Some(Origin { tools: vec!["packlist 0.1.0".into()], ..Origin::default() });
        check(&RULE, &bom, policy, expect![""]);
    }

    #[test]
    fn what_nobody_says_of_an_image_is_told_for_the_checks_that_ask() {
        let mut bom = bom([component("pkg:npm/x@1", "MIT")]);
        bom.subject.kind = SubjectKind::Image;
        let policy = "[[rule]]\nid = \"all\"\naction = \"allow\"\n[checks]\nimage-root-user = \"info\"\nimage-base-latest = \"deny\"";
        check(
            &RULE,
            &bom,
            policy,
            expect![[r#"
                warn: `image-base-latest` cannot be checked: nothing says what the image was built on (policy.toml:7)
                info: `image-environment-secret`, `image-file-secret` cannot be checked: nothing says whether credentials lie in the image
                info: `image-root-user` cannot be checked: nothing says whom its processes run as (policy.toml:6)
            "#]],
        );
        bom.subject.user = Some("app".into());
        bom.subject.secrets = Some(Vec::new());
        bom.subject.base = Some("debian:12".into());
        check(&RULE, &bom, policy, expect![[""]]);
    }

    #[test]
    fn what_has_no_package_url_is_counted() {
        let mut bom = bom([component("pkg:npm/x@1", "MIT")]);
        let nameless = crate::bom::Component::new("nameless");
        bom.components.insert(nameless.reference(), nameless);
        let policy = "[[rule]]\nid = \"os\"\nwhen = { type = [\"os\"] }\naction = \"info\"";
        check(
            &RULE,
            &bom,
            policy,
            expect![[r#"
            warn: one component has no package URL, so `type`, `ecosystem` and `purl` cannot be asked of it (policy.toml:2)
        "#]],
        );
    }

    #[test]
    fn a_source_tree_has_no_base_image_and_an_image_with_a_named_base_has() {
        let mut bom = bom([component("pkg:npm/x@1", "MIT")]);
        bom.dependencies.insert(bom.subject.reference(), Default::default());
        check(&RULE, &bom, POLICY, expect![[""]]);
        bom.subject.kind = SubjectKind::Image;
        bom.dependencies.insert(bom.subject.reference(), Default::default());
        bom.layers.push(Layer { diff_id: "sha256:0".into(), created_by: None });
        check(
            &RULE,
            &bom,
            POLICY,
            expect![[r#"
                warn: `origin` is not known, so it never holds in `base` (policy.toml:3)
                info: `image-environment-secret`, `image-file-secret` cannot be checked: nothing says whether credentials lie in the image
            "#]],
        );
        bom.base_layers = Some(1);
        check(
            &RULE,
            &bom,
            POLICY,
            expect![[r#"
                info: `image-environment-secret`, `image-file-secret` cannot be checked: nothing says whether credentials lie in the image
            "#]],
        );
    }
}
