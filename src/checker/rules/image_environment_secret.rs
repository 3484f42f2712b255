//! A credential in an image's variables or build steps: whoever can pull the image can read it.
//!
//! Named by its place and kind; its value is nowhere in the bill.

use super::super::{Action, Context, Finding, open_secrets};
use super::Rule;
use crate::bom::SecretPlace;

pub(super) const RULE: Rule = Rule {
    code: "image-environment-secret",
    about: "a credential in the environment or the build steps of an image",
    default: Some(Action::Warn),
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    open_secrets::find(context, &RULE, &[SecretPlace::Environment, SecretPlace::BuildStep])
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;
    use crate::bom::{Bom, Secret, SecretKind, Subject, SubjectKind};
    use expect_test::expect;

    #[test]
    fn place_and_kind_are_told() {
        let secret = |place, name: &str, kind, layer| Secret {
            place,
            name: name.to_owned(),
            line: None,
            kind,
            layer,
            hidden: false,
        };
        let secrets = vec![
            secret(SecretPlace::Environment, "DB_PASSWORD", SecretKind::Password, None),
            secret(SecretPlace::BuildStep, "NPM_TOKEN", SecretKind::NpmToken, Some(3)),
            secret(SecretPlace::BuildStep, "", SecretKind::UrlPassword, None),
            secret(SecretPlace::File, "root/.netrc", SecretKind::Password, Some(1)),
        ];
        let subject = Subject { kind: SubjectKind::Image, secrets: Some(secrets), ..Subject::default() };
        check(
            &RULE,
            &Bom { subject, ..Bom::default() },
            "",
            expect![[r#"
            warn: `NPM_TOKEN` in a build step (layer 3) holds a token of npm
            warn: a build step holds an address with a password
            warn: variable `DB_PASSWORD` holds a password, by its name
        "#]],
        );
    }
}
