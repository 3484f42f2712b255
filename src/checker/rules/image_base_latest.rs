//! An image built on whatever a tag meant that day: nobody can build it again, or say what it was built on.
//!
//! Known where the image names its base, as builders do in an annotation or a label. A digest beside the tag settles
//! it. Off unless the policy says how severe it is.

use super::super::{Action, Context, Finding};
use super::Rule;
use crate::bom::SubjectKind;

pub(super) const RULE: Rule = Rule {
    code: "image-base-latest",
    about: "an image built on a base by the tag `latest`, or by none",
    default: Some(Action::Allow),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let subject = &context.case.bom.subject;
    let (Some((severity, line)), Some(base), SubjectKind::Image) =
        (context.case.severity(&RULE), &subject.base, subject.kind)
    else {
        return Vec::new();
    };
    if !moves(base) {
        return Vec::new();
    }
    let mut finding = Finding::new(RULE.code, severity, format!("its base is `{base}`, which moves"));
    finding.help = Some("name the base by a release and its digest: `debian:12.8@sha256:…`".to_owned());
    finding.policy_line = line;
    vec![finding]
}

/// Whether the name means another image tomorrow. A colon before a slash belongs to a port.
fn moves(base: &str) -> bool {
    let name = base.rsplit('/').next().unwrap_or(base);
    base != "scratch" && !base.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;
    use crate::bom::{Bom, Subject};
    use expect_test::expect;

    #[test]
    fn a_release_or_a_digest_stays() {
        for base in
            ["debian:12", "localhost:5000/base:1.2", "debian@sha256:00", "debian:latest@sha256:00", "scratch"]
        {
            assert!(!moves(base), "{base}");
        }
        for base in ["debian", "docker.io/library/debian:latest", "localhost:5000/base"] {
            assert!(moves(base), "{base}");
        }
    }

    #[test]
    fn the_base_is_named() {
        let base = Some("docker.io/library/node:latest".to_owned());
        let bom = Bom {
            subject: Subject { kind: SubjectKind::Image, base, ..Subject::default() },
            ..Bom::default()
        };
        let asked = "[checks]\nimage-base-latest = \"deny\"";
        check(
            &RULE,
            &bom,
            asked,
            expect!["deny: its base is `docker.io/library/node:latest`, which moves (policy.toml:3)\n"],
        );
        check(&RULE, &Bom::default(), asked, expect![""]);
    }
}
