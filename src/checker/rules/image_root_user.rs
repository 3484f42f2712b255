//! An image whose processes run as root, by its own config.
//!
//! A runtime may be told otherwise; the image does not say so. Off unless the policy says how severe it is.

use super::super::{Action, Context, Finding};
use super::Rule;
use crate::bom::SubjectKind;

pub(super) const RULE: Rule = Rule {
    code: "image-root-user",
    about: "an image whose processes run as root",
    default: Some(Action::Allow),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let subject = &context.case.bom.subject;
    let (Some((severity, line)), Some(user), SubjectKind::Image) =
        (context.case.severity(&RULE), &subject.user, subject.kind)
    else {
        return Vec::new();
    };
    // `0:0` and `root:root` name a group, too.
    let name = user.split(':').next().unwrap_or_default();
    if !matches!(name.trim_start_matches('0'), "" | "root") {
        return Vec::new();
    }
    let mut finding = Finding::new(RULE.code, severity, format!("its processes run as `{user}`"));
    finding.help = Some("end the Dockerfile with `USER` and a number that is not 0".to_owned());
    finding.policy_line = line;
    vec![finding]
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;
    use crate::bom::{Bom, Subject};
    use expect_test::expect;

    fn image(user: &str) -> Bom {
        let subject = Subject { kind: SubjectKind::Image, user: Some(user.to_owned()), ..Subject::default() };
        Bom { subject, ..Bom::default() }
    }

    #[test]
    fn root_goes_by_several_names() {
        let asked = "[checks]\nimage-root-user = \"warn\"";
        check(&RULE, &image("root"), asked, expect!["warn: its processes run as `root` (policy.toml:3)\n"]);
        check(&RULE, &image("0:0"), asked, expect!["warn: its processes run as `0:0` (policy.toml:3)\n"]);
        check(&RULE, &image("1000"), asked, expect![""]);
        check(&RULE, &image("app"), asked, expect![""]);
        check(&RULE, &image("root"), "", expect![""]);
    }
}
