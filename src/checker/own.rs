//! The subject itself, where its document alone says under which licence it is.
//!
//! What another tool says of its main component is a claim like any other. It is judged as one, and is no component:
//! a list of ten packages stays one of ten.

use crate::bom::{Bom, Component, Ref};

/// What a policy may ask of a component it may ask of this.
pub(super) struct Own {
    /// The name it would have in a list.
    pub(super) reference: Ref,
    pub(super) component: Component,
}

impl Own {
    pub(super) fn of(bom: &Bom) -> Option<Self> {
        if bom.own_licenses().is_empty() {
            return None;
        }
        let component = bom.subject.as_component();
        Some(Self { reference: component.reference(), component })
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::rules::testing::{bom, claim, component, policy, render, today};
    use super::super::{Case, Verdict, check, explain};
    use crate::bom::{Basis, Bom, Origin, SubjectKind};

    const POLICY: &str = r#"
        [[rule]]
        id = "permissive"
        when = { category = ["permissive"] }
        action = "allow"
    "#;

    fn stated(license: &str) -> Bom {
        let mut bom = bom([component("pkg:npm/lib@1", "MIT")]);
        bom.subject.name = "shop".to_owned();
        bom.subject.version = Some("1.4.0".to_owned());
        bom.subject.purl = "pkg:npm/shop@1.4.0".parse().ok();
        bom.subject.licenses = vec![claim(license, Basis::Declared)];
        bom.origin = Some(Origin::default());
        bom
    }

    fn judged(bom: &Bom, more: &str, expected: Expect) {
        let policy = policy(&format!("{POLICY}{more}"));
        let case = Case { bom, baseline: None, calendar: None, policy: &policy, today: today() };
        expected.assert_eq(&render(&check(&case)));
    }

    #[test]
    fn its_licence_is_judged_and_named_as_its_own() {
        judged(
            &stated("GPL-3.0-only"),
            "",
            expect![[r#"
            deny: the subject `shop` itself: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
        "#]],
        );
        judged(&stated("MIT"), "", expect![[""]]);
        judged(
            &stated("LicenseRef-x"),
            "",
            expect![[r#"
            deny: the subject `shop` itself: licence `LicenseRef-x` is not known
        "#]],
        );
        judged(
            &stated("MIT OR GPL-3.0-only"),
            "",
            expect![[r#"
            info: the subject `shop` itself: licence `MIT OR GPL-3.0-only` is allowed: `MIT` is chosen
        "#]],
        );
    }

    #[test]
    fn rules_for_what_is_ones_own_are_for_it() {
        let own = "[[rule]]\nid = \"own\"\nwhen = { first-party = true }\naction = \"allow\"\n";
        judged(&stated("GPL-3.0-only"), own, expect![[""]]);
        let named = "[[rule]]\nid = \"named\"\nwhen = { purl = [\"pkg:npm/shop\"] }\naction = \"info\"\n";
        judged(
            &stated("GPL-3.0-only"),
            named,
            expect![[r#"
            info: the subject `shop` itself: licence `GPL-3.0-only` is noted (strong-copyleft) [named] (policy.toml:7)
        "#]],
        );
        let clear = "[[clarify]]\npurl = \"pkg:npm/shop\"\nexpression = \"MIT\"\nreason = \"asked\"\n";
        judged(&stated("LicenseRef-x"), clear, expect![[""]]);
    }

    #[test]
    fn it_is_waived_by_its_purl_or_its_name() {
        let waiver = |key: &str| {
            format!(
                "[[waiver]]\n{key}\nrule = \"license-not-allowed\"\nreason = \"ours\"\npermanent = true\n"
            )
        };
        let expected = expect![[r#"
            deny: the subject `shop` itself: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it waived
        "#]];
        judged(&stated("GPL-3.0-only"), &waiver("purl = \"pkg:npm/shop\""), expected);
        let expected = expect![[r#"
            deny: the subject `shop` itself: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it waived
        "#]];
        judged(&stated("GPL-3.0-only"), &waiver("thing = \"shop\""), expected);
    }

    #[test]
    fn a_baseline_knows_it_by_its_licence() {
        let policy = policy(POLICY);
        let (old, mut new) = (stated("GPL-3.0-only"), stated("GPL-3.0-only"));
        new.subject.version = Some("2.0.0".to_owned());
        let verdict = |new: &Bom| {
            let case =
                Case { bom: new, baseline: Some(&old), calendar: None, policy: &policy, today: today() };
            Verdict::of(&check(&case), &policy)
        };
        assert_eq!(verdict(&new), Verdict::Pass);
        new.subject.licenses = vec![claim("AGPL-3.0-only", Basis::Declared)];
        assert_eq!(verdict(&new), Verdict::Fail);
    }

    #[test]
    fn where_a_component_stands_for_it_that_one_is_judged() {
        let mut bom = stated("GPL-3.0-only");
        let mut own = component("pkg:npm/shop@1.4.0", "GPL-3.0-only");
        // By its purl, or as the project's own part.
        bom.components.insert(own.reference(), own.clone());
        assert!(bom.own_licenses().is_empty());
        own.first_party = true;
        own.purl = None;
        bom.components.clear();
        bom.components.insert(own.reference(), own);
        judged(
            &bom,
            "",
            expect![[r#"
            deny library:shop@1.4.0: licence `GPL-3.0-only` is not allowed (strong-copyleft): no rule allows it
        "#]],
        );
        let mut image = stated("GPL-3.0-only");
        image.subject.kind = SubjectKind::Image;
        image.subject.user = Some("app".to_owned());
        image.subject.secrets = Some(Vec::new());
        judged(&image, "", expect![[""]]);
    }

    #[test]
    fn it_is_explained_by_its_reference() {
        let bom = stated("GPL-3.0-only");
        let policy = policy(POLICY);
        let case = Case { bom: &bom, baseline: None, calendar: None, policy: &policy, today: today() };
        let decision = explain(&case, &bom.subject.reference()).expect("it is judged");
        assert_eq!(decision.license, "GPL-3.0-only");
    }
}
