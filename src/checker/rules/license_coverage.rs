//! Too few components have a licence that is understood.

use super::super::judge::Verdict;
use super::super::{Action, Context, Finding};
use super::Rule;
use crate::licenses::Category;

pub(super) const RULE: Rule = Rule {
    code: "license-coverage",
    about: "fewer components than `[require] license-coverage` asks for have a licence that is understood",
    default: Some(Action::Deny),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let require = &context.case.policy.require;
    let (Some(required), Some((severity, _))) = (require.license_coverage, context.case.severity(&RULE))
    else {
        return Vec::new();
    };
    let asked = context.judged.iter().filter(|judged| !matches!(judged.license, Verdict::NotAsked));
    let (mut all, mut understood) = (0_u64, 0_u64);
    for judged in asked {
        all += 1;
        if let Verdict::Decided(decision) = &judged.license {
            understood += u64::from(decision.why.categories().all(|category| category != Category::Unknown));
        }
    }
    // No component: nothing is missing.
    let reached = (understood * 1000).checked_div(all).unwrap_or(1000);
    if reached >= u64::from(required) {
        return Vec::new();
    }
    let message = format!(
        "the licence of {understood} of {all} components is understood ({}), and {} are required",
        percent(reached),
        percent(required.into())
    );
    let mut finding = Finding::new(RULE.code, severity, message);
    finding.help = Some("the findings about missing and unknown licences say which are not".to_owned());
    finding.policy_line.clone_from(&require.line);
    vec![finding]
}

fn percent(thousandths: u64) -> String {
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check, component};
    use super::RULE;
    use expect_test::expect;

    #[test]
    fn too_few_understood_licences_are_told_once() {
        let components = [
            component("pkg:npm/a@1", "MIT"),
            component("pkg:npm/b@1", "see the file"),
            component("pkg:npm/c@1", ""),
        ];
        check(
            &RULE,
            &bom(components.clone()),
            "[require]\nlicense-coverage = 0.95",
            expect![[r#"
            deny: the licence of 1 of 3 components is understood (33.3 %), and 95.0 % are required (policy.toml:2)
        "#]],
        );
        check(&RULE, &bom(components.clone()), "[require]\nlicense-coverage = 0.333", expect![[""]]);
        check(&RULE, &bom(components), "", expect![[""]]);
        check(&RULE, &bom([]), "[require]\nlicense-coverage = 1", expect![[""]]);
    }
}
