//! For people: worst first, what is the same together, the policy line that decided, and what to do.

use std::fmt::Write;

use super::text::one_line;
use super::{Counts, Format, Report};
use crate::checker::{Decided, Finding, Severity, Step, Verdict, Why};

pub(super) const FORMAT: Format =
    Format { name: "human", about: "for people: findings by rule, worst first", render };

/// How many components a group shows before it says only how many more there are.
const SHOWN_NOTED: usize = 5;
/// The same where somebody has to act; each line is work.
const SHOWN_TO_ACT_ON: usize = 200;

/// Findings that differ in the component only.
pub(super) struct Group<'a> {
    pub(super) findings: Vec<&'a Finding>,
}

fn render(report: &Report<'_>) -> String {
    let mut text = String::new();
    for group in groups(report.findings) {
        write_group(&mut text, report, &group);
    }
    write_summary(&mut text, report);
    text
}

/// Neighbours in the order of the findings, which is by rule and message.
pub(super) fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in findings {
        match groups.last_mut() {
            Some(group) if same_group(group.findings[0], finding) => group.findings.push(finding),
            _ => groups.push(Group { findings: vec![finding] }),
        }
    }
    groups
}

fn same_group(one: &Finding, other: &Finding) -> bool {
    let key = |finding: &Finding| {
        let waiver = finding.waived.as_ref().map(|waiver| waiver.line.clone());
        (finding.rule, finding.severity, finding.component.is_some(), finding.known, waiver)
    };
    key(one) == key(other) && one.message == other.message && one.policy_line == other.policy_line
}

fn write_group(text: &mut String, report: &Report<'_>, group: &Group<'_>) {
    let Some(first) = group.findings.first() else { return };
    let state = match (&first.waived, first.known) {
        (Some(_), _) => "waived ",
        (None, true) => "known ",
        (None, false) => "",
    };
    let _ = write!(text, "{state}{}[{}]: {}", first.severity, first.rule, one_line(&first.message));
    if first.component.is_some() && group.findings.len() > 1 {
        let _ = write!(text, " ({} components)", group.findings.len());
    }
    text.push('\n');
    if first.component.is_some() {
        write_components(text, report, group);
    } else if let Some(place) = &first.place {
        let _ = writeln!(text, "  --> {}{}", one_line(&place.path), line_of(place.line));
    }
    write_written(text, group);
    write_policy(text, first);
    if let Some(waiver) = &first.waived {
        let until = waiver.expires.map_or("for ever".to_owned(), |last| format!("until {last}"));
        let by = waiver.approver.as_ref().map(|who| format!(" by {who}")).unwrap_or_default();
        let ticket = waiver.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
        let _ = writeln!(text, "   = waived {until}{by}: {}{ticket} ({})", waiver.reason, waiver.line);
    }
    if !first.obligations.is_empty() {
        let _ = writeln!(text, "   = obligations: {}", first.obligations.join(", "));
    }
    if report.explained {
        for finding in &group.findings {
            write_why(text, finding);
        }
    }
    if first.counts() {
        write_help(text, first);
    }
    text.push('\n');
}

fn write_components(text: &mut String, report: &Report<'_>, group: &Group<'_>) {
    let first = group.findings[0];
    let limit = match first.severity {
        _ if report.explained => usize::MAX,
        Severity::Info => SHOWN_NOTED,
        _ if !first.counts() => SHOWN_NOTED,
        Severity::Warn | Severity::Deny => SHOWN_TO_ACT_ON,
    };
    for finding in group.findings.iter().take(limit) {
        let Some(reference) = &finding.component else { continue };
        let _ = write!(text, "  --> {}", one_line(&reference.0));
        if let Some(place) = &finding.place {
            let _ = write!(text, "  {}{}", one_line(&place.path), line_of(place.line));
            if let Some(layer) = place.layer {
                let _ = write!(text, ", layer {layer}");
            }
        }
        text.push('\n');
    }
    if group.findings.len() > limit {
        let _ = writeln!(text, "  ... and {} more", group.findings.len() - limit);
    }
}

fn line_of(line: Option<u32>) -> String {
    line.map(|line| format!(":{line}")).unwrap_or_default()
}

/// How packages write the licence, where all of the group write it alike.
fn write_written(text: &mut String, group: &Group<'_>) {
    let Some(written) = group.findings.first().and_then(|first| first.written.as_ref()) else { return };
    if group.findings.iter().all(|finding| finding.written.as_ref() == Some(written)) {
        let _ = writeln!(text, "   = written: {}", shortened(&one_line(written)));
    }
}

/// A licence's whole text may stand where its name was asked for.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn write_policy(text: &mut String, finding: &Finding) {
    let reason = finding.reason.as_ref().map(|reason| format!(": {}", one_line(reason))).unwrap_or_default();
    match (&finding.policy_line, &finding.policy_rule) {
        (Some(line), Some(rule)) => {
            let _ = writeln!(text, "   = policy: {line} rule `{rule}`{reason}");
        }
        (Some(line), None) => {
            let _ = writeln!(text, "   = policy: {line}{reason}");
        }
        (None, _) => {}
    }
}

fn write_help(text: &mut String, finding: &Finding) {
    if let Some(help) = &finding.help {
        let _ = writeln!(text, "   = help: {help}");
    }
}

fn write_why(text: &mut String, finding: &Finding) {
    let Some(why) = &finding.why else { return };
    if let Some(reference) = &finding.component {
        let _ = writeln!(text, "   = why {}:", one_line(&reference.0));
    }
    text.push_str(&tree(why, 5));
}

/// The tree of a verdict, a line a node.
pub(super) fn tree(why: &Why, indent: usize) -> String {
    let mut text = String::new();
    // What is still to be written: node, depth, and whether it is the chosen option of its parent.
    let mut waiting = vec![(why, indent, None)];
    while let Some((at, depth, chosen)) = waiting.pop() {
        let mark = match chosen {
            Some(true) => "chosen: ",
            Some(false) => "offered: ",
            None => "",
        };
        let outcome = match at.is_certain() {
            true => at.best.to_string(),
            false => format!("{} to {}", at.best, at.worst),
        };
        let what = match &at.step {
            Step::License { license, category, decided } => {
                let by = match decided {
                    Decided::Rule(rule) => format!("rule `{}`, {}", rule.id, rule.line),
                    Decided::Unmatched(Some(line)) => format!("no rule matches, default in {line}"),
                    Decided::Unmatched(None) => "no rule matches".to_owned(),
                    Decided::Open => "not known, and no rule is for that".to_owned(),
                };
                format!("`{}` is {}: {by}", one_line(license), category.name())
            }
            Step::All(_) => "all of".to_owned(),
            Step::Any { .. } => "any of".to_owned(),
            Step::Later { license, .. } => format!("`{}` offers later versions", one_line(license)),
            Step::Family { license, .. } => {
                format!(
                    "`{}` is a name of several licences, and nobody says which is meant",
                    one_line(license)
                )
            }
            Step::Statements(_) => "statements, and nobody says whether all or any of them hold".to_owned(),
        };
        let _ = writeln!(text, "{:depth$}{mark}{outcome}: {what}", "");
        match &at.step {
            Step::License { .. } => {}
            Step::All(parts) | Step::Statements(parts) | Step::Family { options: parts, .. } => {
                waiting.extend(parts.iter().rev().map(|part| (part, depth + 2, None)));
            }
            Step::Any { options, chosen } | Step::Later { options, chosen, .. } => {
                let options = options.iter().enumerate().rev();
                waiting.extend(options.map(|(index, option)| (option, depth + 2, Some(index == *chosen))));
            }
        }
    }
    text
}

fn write_summary(text: &mut String, report: &Report<'_>) {
    let counts = Counts::of(report.findings);
    let components = report.bom.components.len();
    let verdict = match report.verdict {
        Verdict::Pass => "passed",
        Verdict::Warn => "passed with warnings",
        Verdict::Fail => "denied",
    };
    let _ = write!(text, "{verdict}: {} deny, {} warn, {} info", counts.deny, counts.warn, counts.info);
    if counts.waived > 0 {
        let _ = write!(text, ", {} waived", counts.waived);
    }
    if report.has_baseline {
        let _ = write!(text, ", {} known from the baseline", counts.known);
    }
    let _ = writeln!(text, " in {components} components under policy `{}`", report.policy_name);
}

#[cfg(test)]
mod tests {
    use super::super::testing::render;
    use super::*;
    use expect_test::expect;

    #[test]
    fn findings_come_worst_first_with_the_policy_line_that_decided() {
        expect![[r#"
            deny[license-not-allowed]: licence `MIT AND GPL-2.0-only` is not allowed (`GPL-2.0-only` is strong-copyleft)
              --> pkg:npm/denied@1.0.0  app/package-lock.json:20, layer 1
               = policy: small.toml:12:1 rule `strong`: our own code would have to be published
               = help: replace the package, or ask who answers for the policy to waive it

            deny[license-unknown]: licence `see <the> file | now` is not known
              --> pkg:npm/strange@1.0.0  app/package-lock.json:35, layer 1
               = help: find out what it is, and write it into the policy as [[clarify]], [aliases] or [categories]

            warn[license-missing]: no licence is stated
              --> pkg:npm/silent@1.0.0  app/package-lock.json:30, layer 1
               = policy: small.toml:5:11
               = help: look into the package, and write what you find into the policy as [[clarify]]

            info[license-chosen]: licence `GPL-2.0-only OR MIT` is allowed: `MIT` is chosen
              --> pkg:npm/chosen@1.0.0  app/package-lock.json:12, layer 1
               = obligations: notice

            info[license-not-allowed]: licence `GPL-3.0-or-later` is noted (strong-copyleft)
              --> pkg:deb/debian/bash@5.2  var/lib/dpkg/status:7, layer 0
               = policy: small.toml:7:1 rule `os`
               = obligations: notice, source-offer, state-changes

            waived deny[license-not-allowed]: licence `GPL-3.0-only` is not allowed (strong-copyleft)
              --> pkg:npm/waived@1.0.0  app/package-lock.json:40, layer 1
               = policy: small.toml:12:1 rule `strong`: our own code would have to be published
               = waived until 2027-06-30 by legal@example.org: contract 4711 (small.toml:24:1)

            denied: 2 deny, 1 warn, 2 info, 1 waived in 6 components under policy `small`
        "#]].assert_eq(&render(&FORMAT, false));
    }

    #[test]
    fn explained_each_verdict_has_its_tree() {
        expect![[r#"
            deny[license-not-allowed]: licence `MIT AND GPL-2.0-only` is not allowed (`GPL-2.0-only` is strong-copyleft)
              --> pkg:npm/denied@1.0.0  app/package-lock.json:20, layer 1
               = policy: small.toml:12:1 rule `strong`: our own code would have to be published
               = why pkg:npm/denied@1.0.0:
                 deny: all of
                   allow: `MIT` is permissive: rule `permissive`, small.toml:19:1
                   deny: `GPL-2.0-only` is strong-copyleft: rule `strong`, small.toml:12:1
               = help: replace the package, or ask who answers for the policy to waive it

            deny[license-unknown]: licence `see <the> file | now` is not known
              --> pkg:npm/strange@1.0.0  app/package-lock.json:35, layer 1
               = why pkg:npm/strange@1.0.0:
                 allow to deny: `see <the> file | now` is unknown: not known, and no rule is for that
               = help: find out what it is, and write it into the policy as [[clarify]], [aliases] or [categories]

            warn[license-missing]: no licence is stated
              --> pkg:npm/silent@1.0.0  app/package-lock.json:30, layer 1
               = policy: small.toml:5:11
               = help: look into the package, and write what you find into the policy as [[clarify]]

            info[license-chosen]: licence `GPL-2.0-only OR MIT` is allowed: `MIT` is chosen
              --> pkg:npm/chosen@1.0.0  app/package-lock.json:12, layer 1
               = obligations: notice
               = why pkg:npm/chosen@1.0.0:
                 allow: any of
                   offered: deny: `GPL-2.0-only` is strong-copyleft: rule `strong`, small.toml:12:1
                   chosen: allow: `MIT` is permissive: rule `permissive`, small.toml:19:1

            info[license-not-allowed]: licence `GPL-3.0-or-later` is noted (strong-copyleft)
              --> pkg:deb/debian/bash@5.2  var/lib/dpkg/status:7, layer 0
               = policy: small.toml:7:1 rule `os`
               = obligations: notice, source-offer, state-changes
               = why pkg:deb/debian/bash@5.2:
                 info: `GPL-3.0-or-later` is strong-copyleft: rule `os`, small.toml:7:1

            waived deny[license-not-allowed]: licence `GPL-3.0-only` is not allowed (strong-copyleft)
              --> pkg:npm/waived@1.0.0  app/package-lock.json:40, layer 1
               = policy: small.toml:12:1 rule `strong`: our own code would have to be published
               = waived until 2027-06-30 by legal@example.org: contract 4711 (small.toml:24:1)
               = why pkg:npm/waived@1.0.0:
                 deny: `GPL-3.0-only` is strong-copyleft: rule `strong`, small.toml:12:1

            denied: 2 deny, 1 warn, 2 info, 1 waived in 6 components under policy `small`
        "#]].assert_eq(&render(&FORMAT, true));
    }
}
