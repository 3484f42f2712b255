//! Findings about credentials that lie open in an image: their place and kind, as nothing else is known of them.

use super::{Context, Finding, Place, Rule};
use crate::bom::{Secret, SecretPlace, SubjectKind};

/// A finding for each credential in one of these places.
pub(super) fn find(context: &Context<'_>, rule: &Rule, places: &[SecretPlace]) -> Vec<Finding> {
    let Some((severity, line)) = context.case.severity(rule) else { return Vec::new() };
    let subject = &context.case.bom.subject;
    if subject.kind != SubjectKind::Image {
        return Vec::new();
    }
    let secrets = subject.secrets.iter().flatten().filter(|secret| places.contains(&secret.place));
    secrets
        .map(|secret| {
            let mut finding = Finding::new(rule.code, severity, message(secret));
            finding.help = Some(help(secret).to_owned());
            finding.policy_line.clone_from(&line);
            finding.thing = Some(secret.name.clone()).filter(|name| !name.is_empty());
            if secret.place == SecretPlace::File {
                let (path, layer) = (secret.name.clone(), secret.layer);
                finding.place = Some(Place { path, line: secret.line, layer });
            }
            finding
        })
        .collect()
}

fn message(secret: &Secret) -> String {
    let (kind, name) = (secret.kind.about(), &secret.name);
    match (secret.place, name.as_str()) {
        (SecretPlace::Environment, _) => format!("variable `{name}` holds {kind}"),
        (SecretPlace::BuildStep, "") => format!("a build step{} holds {kind}", of_layer(secret)),
        (SecretPlace::BuildStep, _) => format!("`{name}` in a build step{} holds {kind}", of_layer(secret)),
        (SecretPlace::File, _) if secret.hidden => {
            format!("`{name}` holds {kind}, and was only hidden by a later layer")
        }
        (SecretPlace::File, _) => format!("`{name}` holds {kind}"),
    }
}

fn of_layer(secret: &Secret) -> String {
    secret.layer.map(|layer| format!(" (layer {layer})")).unwrap_or_default()
}

fn help(secret: &Secret) -> &'static str {
    match secret.place {
        SecretPlace::Environment => "revoke it, and give it to the container when it starts",
        SecretPlace::BuildStep => {
            "revoke it, and hand it to the build as a secret mount (`RUN --mount=type=secret`)"
        }
        SecretPlace::File => {
            "revoke it, and keep the file out of every layer, or mount it when the container starts"
        }
    }
}
