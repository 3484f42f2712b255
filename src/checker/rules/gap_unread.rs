//! Something in the subject could not be read: the list may be short, and the verdict too good.

use super::super::{Action, Context, Finding, Place};
use super::Rule;
use crate::bom::GapKind;

pub(super) const RULE: Rule = Rule {
    code: "gap-unread",
    about: "something in the subject could not be read, so packages may be missing",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(&RULE) else { return Vec::new() };
    let unread = context.case.bom.gaps.iter().filter(|gap| gap.kind == GapKind::Unread);
    unread
        .map(|gap| {
            let what = if gap.path.is_empty() { "part of the subject" } else { gap.path.as_str() };
            let message = format!("`{what}` could not be read: {}", gap.reason);
            let mut finding = Finding::new(RULE.code, severity, message);
            if !gap.path.is_empty() {
                finding.thing = Some(gap.path.clone());
                finding.place = Some(Place { path: gap.path.clone(), line: gap.line, layer: None });
            }
            finding.policy_line.clone_from(&line);
            finding
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, check};
    use super::RULE;
    use crate::bom::{Gap, GapKind};
    use expect_test::expect;

    #[test]
    fn what_was_not_read_is_told_and_what_was_left_out_is_not() {
        let mut bom = bom([]);
        for (path, kind) in [("app/package-lock.json", GapKind::Unread), ("usr/src", GapKind::LeftOut)] {
            let reason = "it is not JSON".to_owned();
            bom.gaps.push(Gap { path: path.to_owned(), line: Some(3), kind, reason });
        }
        check(
            &RULE,
            &bom,
            "",
            expect![[r#"
            warn: `app/package-lock.json` could not be read: it is not JSON
        "#]],
        );
        check(&RULE, &bom, "[checks]\ngap-unread = \"allow\"", expect![[""]]);
    }
}
