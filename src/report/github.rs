//! GitHub's workflow commands: findings as annotations of the lines that name the packages.
//!
//! A log line that a stranger's words could begin would be a command of theirs: everything is on one line, and
//! what separates properties is encoded.
//! Spec: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write;

use super::sarif::folder;
use super::text::{one_line, sentence};
use super::{Counts, Format, Report};
use crate::checker::Severity;

pub(super) const FORMAT: Format =
    Format { name: "github", about: "annotations in the log of a GitHub workflow", render };

/// GitHub shows ten of a kind for a step; a few more serve whoever reads the log.
const SHOWN: usize = 50;

fn render(report: &Report<'_>) -> String {
    let mut text = String::new();
    for (severity, command) in [(Severity::Deny, "error"), (Severity::Warn, "warning")] {
        let findings =
            report.findings.iter().filter(|finding| finding.counts() && finding.severity == severity);
        for finding in findings.take(SHOWN) {
            let mut properties = Vec::new();
            if let Some(place) = &finding.place {
                properties.push(format!("file={}", property(&format!("{}{}", folder(report), place.path))));
                properties.extend(place.line.map(|line| format!("line={line}")));
            }
            properties.push(format!("title={}", property(finding.rule)));
            let mut message = sentence(finding);
            if let Some(help) = &finding.help {
                message.push_str(&format!(". {}", one_line(help)));
            }
            let _ = writeln!(text, "::{command} {}::{}", properties.join(","), data(&message));
        }
    }
    let counts = Counts::of(report.findings);
    let summary = format!(
        "{}: {} deny, {} warn, {} info, {} waived under policy {}",
        report.verdict.name(),
        counts.deny,
        counts.warn,
        counts.info,
        counts.waived,
        one_line(report.policy_name)
    );
    let _ = writeln!(text, "::notice title=packlist::{}", data(&summary));
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bom, component, render, render_bom};
    use super::*;
    use expect_test::expect;

    #[test]
    fn denials_and_warnings_are_annotated() {
        expect![[r#"
            ::error file=app/package-lock.json,line=20,title=license-not-allowed::pkg:npm/denied@1.0.0: licence `MIT AND GPL-2.0-only` is not allowed (`GPL-2.0-only` is strong-copyleft) (our own code would have to be published). replace the package, or ask who answers for the policy to waive it
            ::error file=app/package-lock.json,line=35,title=license-unknown::pkg:npm/strange@1.0.0: licence `see <the> file | now` is not known. find out what it is, and write it into the policy as [[clarify]], [aliases] or [categories]
            ::warning file=app/package-lock.json,line=30,title=license-missing::pkg:npm/silent@1.0.0: no licence is stated. look into the package, and write what you find into the policy as [[clarify]]
            ::notice title=packlist::fail: 2 deny, 1 warn, 2 info, 1 waived under policy small
        "#]].assert_eq(&render(&FORMAT, false));
    }

    #[test]
    fn no_words_of_a_stranger_become_a_command() {
        let mut bom = bom();
        let mut component = component("pkg:npm/x@1", "a\n::set-env name=PATH::/evil\r::error::b%0A", 1, 1);
        component.evidence[0].path = "a,line=9::b\n::stop".into();
        bom.components.insert(component.reference(), component);
        let text = render_bom(&FORMAT, &bom, false);
        let commands = ["::error file=", "::warning file=", "::notice title="];
        for line in text.lines() {
            assert!(commands.iter().any(|command| line.starts_with(command)), "{line}");
        }
        assert!(text.contains("file=a%2Cline=9%3A%3Ab"), "{text}");
    }
}
