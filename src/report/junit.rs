//! JUnit's XML, as build servers read it: a suite for each rule, a case for each finding.
//!
//! What fails the check is a failure; a warning or a note passes and says so; what is waived or known is
//! skipped. There is no official schema; this keeps to the one of Jenkins' xUnit plugin (`junit-10.xsd`).

use std::fmt::Write;

use super::text::{sentence, xml};
use super::{Format, Report};
use crate::checker::{Finding, Severity, Verdict};

pub(super) const FORMAT: Format = Format { name: "junit", about: "JUnit XML for build servers", render };

fn render(report: &Report<'_>) -> String {
    let mut suites: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in report.findings {
        match suites.iter_mut().find(|(rule, _)| *rule == finding.rule) {
            Some((_, findings)) => findings.push(finding),
            None => suites.push((finding.rule, vec![finding])),
        }
    }
    suites.sort_by_key(|(rule, _)| *rule);
    let failing = report.policy.fail_on;
    let fails = |finding: &Finding| finding.counts() && failing.is_some_and(|from| finding.severity >= from);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    write_verdict(&mut text, report);
    for (rule, findings) in suites {
        let failures = findings.iter().filter(|finding| fails(finding)).count();
        let skipped = findings.iter().filter(|finding| !finding.counts()).count();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{rule}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">",
            findings.len()
        );
        for finding in findings {
            write_case(&mut text, finding, fails(finding));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// A suite that is always there, so that a run without findings is one that passed.
fn write_verdict(text: &mut String, report: &Report<'_>) {
    let failed = report.verdict == Verdict::Fail;
    let _ = writeln!(
        text,
        "  <testsuite name=\"packlist\" tests=\"1\" failures=\"{}\" errors=\"0\" skipped=\"0\">",
        usize::from(failed)
    );
    let name = format!("policy {}", report.policy_name);
    let _ = write!(text, "    <testcase name=\"{}\" classname=\"{}\"", xml(&name), xml(report.source));
    match failed {
        true => text.push_str("><failure type=\"deny\" message=\"the policy is broken\"/></testcase>\n"),
        false => text.push_str("/>\n"),
    }
    text.push_str("  </testsuite>\n");
}

fn write_case(text: &mut String, finding: &Finding, fails: bool) {
    let name = finding.component.as_ref().map_or(finding.message.as_str(), |reference| reference.as_str());
    let class = finding.place.as_ref().map_or(finding.rule, |place| place.path.as_str());
    let _ = write!(text, "    <testcase name=\"{}\" classname=\"{}\">", xml(name), xml(class));
    let what = xml(&sentence(finding));
    let severity = finding.severity.name();
    if !finding.counts() {
        let _ = write!(text, "<skipped message=\"{what}\"/>");
    } else if fails {
        let _ = write!(
            text,
            "<failure type=\"{severity}\" message=\"{what}\">{}</failure>",
            xml(&details(finding))
        );
    } else {
        let prefix = if finding.severity == Severity::Info { "info" } else { "warn" };
        let _ = write!(text, "<system-out>{prefix}: {what}</system-out>");
    }
    text.push_str("</testcase>\n");
}

fn details(finding: &Finding) -> String {
    let mut lines = Vec::new();
    if let Some(place) = &finding.place {
        let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
        lines.push(format!("in {}{line}", place.path));
    }
    lines.extend(finding.policy_line.as_ref().map(|line| format!("decided in {line}")));
    lines.extend(finding.help.clone());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::testing::render;
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_suite_for_each_rule_and_a_case_for_each_finding() {
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite name="packlist" tests="1" failures="1" errors="0" skipped="0">
                <testcase name="policy small" classname="image.tar"><failure type="deny" message="the policy is broken"/></testcase>
              </testsuite>
              <testsuite name="license-chosen" tests="1" failures="0" errors="0" skipped="0">
                <testcase name="pkg:npm/chosen@1.0.0" classname="app/package-lock.json"><system-out>info: pkg:npm/chosen@1.0.0: licence `GPL-2.0-only OR MIT` is allowed: `MIT` is chosen</system-out></testcase>
              </testsuite>
              <testsuite name="license-missing" tests="1" failures="0" errors="0" skipped="0">
                <testcase name="pkg:npm/silent@1.0.0" classname="app/package-lock.json"><system-out>warn: pkg:npm/silent@1.0.0: no licence is stated</system-out></testcase>
              </testsuite>
              <testsuite name="license-not-allowed" tests="3" failures="1" errors="0" skipped="1">
                <testcase name="pkg:npm/denied@1.0.0" classname="app/package-lock.json"><failure type="deny" message="pkg:npm/denied@1.0.0: licence `MIT AND GPL-2.0-only` is not allowed (`GPL-2.0-only` is strong-copyleft) (our own code would have to be published)">in app/package-lock.json:20
            decided in small.toml:12:1
            replace the package, or ask who answers for the policy to waive it</failure></testcase>
                <testcase name="pkg:deb/debian/bash@5.2" classname="var/lib/dpkg/status"><system-out>info: pkg:deb/debian/bash@5.2: licence `GPL-3.0-or-later` is noted (strong-copyleft)</system-out></testcase>
                <testcase name="pkg:npm/waived@1.0.0" classname="app/package-lock.json"><skipped message="pkg:npm/waived@1.0.0: licence `GPL-3.0-only` is not allowed (strong-copyleft) (our own code would have to be published) [waived: contract 4711]"/></testcase>
              </testsuite>
              <testsuite name="license-unknown" tests="1" failures="1" errors="0" skipped="0">
                <testcase name="pkg:npm/strange@1.0.0" classname="app/package-lock.json"><failure type="deny" message="pkg:npm/strange@1.0.0: licence `see &lt;the&gt; file | now` is not known">in app/package-lock.json:35
            find out what it is, and write it into the policy as [[clarify]], [aliases] or [categories]</failure></testcase>
              </testsuite>
            </testsuites>
        "#]].assert_eq(&render(&FORMAT, false));
    }
}
