//! A policy's own tests: `[[case]]` says what a package should get.

use chrono::NaiveDate;

use super::policy::{Origin, Policy, PolicyCase, ScopeOfUse};
use super::{Action, Case, check};
use crate::bom::{Basis, Bom, Component, Layer, LicenseClaim, Owner, Ref, Scope, SubjectKind};
use crate::licenses::{Dialect, read};

/// What a case got.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseResult<'a> {
    pub case: &'a PolicyCase,
    pub got: Action,
    /// What the findings say, worst first.
    pub messages: Vec<String>,
}

impl CaseResult<'_> {
    pub fn passed(&self) -> bool {
        self.got == self.case.expect
    }
}

/// Runs every case of a policy, in their order. Waivers do not count: a case says what the rules say.
pub fn run(policy: &Policy, today: NaiveDate) -> Vec<CaseResult<'_>> {
    policy.cases.iter().map(|case| run_one(policy, case, today)).collect()
}

fn run_one<'a>(policy: &Policy, case: &'a PolicyCase, today: NaiveDate) -> CaseResult<'a> {
    let bom = bom(case);
    let mut findings = check(&Case { bom: &bom, baseline: None, calendar: None, policy, today });
    findings.retain(|finding| {
        let judges = finding.rule.starts_with("license-") || finding.rule == "package-banned";
        judges
            && finding.component.as_ref().is_some_and(|reference| is_of(reference, case))
            && finding.rule != "license-chosen"
    });
    let worst = findings.iter().map(|finding| finding.severity).max();
    let got = Action::ALL.into_iter().find(|action| action.severity() == worst).unwrap_or(Action::Allow);
    CaseResult { case, got, messages: findings.into_iter().map(|finding| finding.message).collect() }
}

fn is_of(reference: &Ref, case: &PolicyCase) -> bool {
    reference.as_str() == case.purl.as_str()
}

/// An image of a base layer and one above, with this one package.
fn bom(case: &PolicyCase) -> Bom {
    let mut bom = Bom { base_layers: Some(1), ..Bom::default() };
    bom.subject.kind = SubjectKind::Image;
    bom.layers = vec![Layer { diff_id: String::new(), created_by: None }; 2];
    let mut component = Component::new(case.purl.name());
    component.version = case.purl.version().map(str::to_owned);
    component.purl = Some(case.purl.clone());
    component.scope = match case.scope {
        ScopeOfUse::Runtime => Scope::Required,
        ScopeOfUse::Optional => Scope::Optional,
        ScopeOfUse::Dev => Scope::Dev,
    };
    component.layer = case.origin.map(|origin| usize::from(origin == Origin::AppLayer));
    let owner =
        case.owned_by.clone().map(|owner| Owner { component: Ref(owner.into()), path: String::new() });
    component.owner = owner.map(Box::new);
    component.licenses.extend(case.license.as_ref().map(|text| LicenseClaim {
        text: text.clone(),
        expression: read(text, dialect(case.purl.ty())),
        basis: Basis::Declared,
        path: None,
        line: None,
    }));
    bom.components.insert(component.reference(), component);
    bom
}

/// Whose way of writing licences a package of this type has.
pub(super) fn dialect(ty: &str) -> Dialect {
    match ty {
        "apk" => Dialect::Alpine,
        "cargo" => Dialect::Cargo,
        "composer" => Dialect::Composer,
        "cran" => Dialect::R,
        "deb" => Dialect::Debian,
        "gem" => Dialect::Gem,
        "maven" => Dialect::Maven,
        "npm" => Dialect::Npm,
        "nuget" => Dialect::Nuget,
        "pypi" => Dialect::Pypi,
        "rpm" => Dialect::Fedora,
        _ => Dialect::Generic,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::testing::{policy, today};
    use super::*;

    #[test]
    fn a_case_that_gets_something_else_says_why() {
        let policy = policy(
            r#"
            [[rule]]
            id = "permissive"
            when = { category = ["permissive"] }
            action = "allow"
            [[ban]]
            purl = "pkg:npm/left-pad"
            reason = "it went away once"
            [[case]]
            purl = "pkg:npm/a@1"
            license = "MIT OR GPL-2.0-only"
            expect = "allow"
            [[case]]
            purl = "pkg:npm/b@1"
            license = "GPL-2.0-only"
            expect = "allow"
            [[case]]
            purl = "pkg:npm/left-pad@1"
            license = "MIT"
            expect = "deny"
            "#,
        );
        let results = run(&policy, today());
        let passed: Vec<bool> = results.iter().map(CaseResult::passed).collect();
        assert_eq!(passed, [true, false, true]);
        assert_eq!(results[1].got, Action::Deny);
        assert!(results[1].messages[0].contains("is not allowed"), "{:?}", results[1].messages);
    }
}
