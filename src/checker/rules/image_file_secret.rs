//! A private key, a token or a password in a file of an image, also in one that a later layer removed.
//!
//! Named by its place and kind; its value is nowhere in the bill.

use super::super::{Action, Context, Finding, open_secrets};
use super::Rule;
use crate::bom::SecretPlace;

pub(super) const RULE: Rule = Rule {
    code: "image-file-secret",
    about: "a private key, a token or a password in a file of an image",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    open_secrets::find(context, &RULE, &[SecretPlace::File])
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;
    use crate::bom::{Bom, Secret, SecretKind, Subject, SubjectKind};
    use expect_test::expect;

    #[test]
    fn a_removed_file_is_told_as_such() {
        let secret = |name: &str, hidden| Secret {
            place: SecretPlace::File,
            name: name.to_owned(),
            line: Some(1),
            kind: SecretKind::PrivateKey,
            layer: Some(0),
            hidden,
        };
        let secrets = Some(vec![secret("etc/tls/server.key", false), secret("root/.ssh/id_rsa", true)]);
        let mut bom = Bom {
            subject: Subject { kind: SubjectKind::Image, secrets, ..Subject::default() },
            ..Bom::default()
        };
        check(
            &RULE,
            &bom,
            "[checks]\nimage-file-secret = \"deny\"",
            expect![[r#"
            deny: `etc/tls/server.key` holds a private key (policy.toml:3)
            deny: `root/.ssh/id_rsa` holds a private key, and was only hidden by a later layer (policy.toml:3)
        "#]],
        );
        bom.subject.kind = SubjectKind::Directory;
        check(&RULE, &bom, "", expect![[""]]);
    }
}
