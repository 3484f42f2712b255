//! One small case that every format's test writes.

use chrono::NaiveDate;

use super::{Format, Report};
use crate::bom::{Basis, Bom, Component, Evidence, Layer, LicenseClaim, Purl, SubjectKind, Technique};
use crate::checker::{Case, Finding, Policy, Verdict, check};
use crate::licenses::Expression;

const POLICY: &str = r#"schema = 1
name = "small"

[defaults]
missing = "warn"

[[rule]]
id = "os"
when = { type = ["os"] }
action = "info"

[[rule]]
id = "strong"
when = { category = ["strong-copyleft"] }
action = "deny"
reason = "our own code would have to be published"
obligations = ["source-offer"]

[[rule]]
id = "permissive"
when = { category = ["permissive"] }
action = "allow"

[[waiver]]
id = "bought"
purl = "pkg:npm/waived"
reason = "contract 4711"
approver = "legal@example.org"
expires = 2027-06-30
"#;

pub(super) fn bom() -> Bom {
    let mut bom = Bom::default();
    bom.subject.kind = SubjectKind::Image;
    bom.subject.name = "example:1".into();
    bom.subject.secrets = Some(Vec::new());
    bom.layers = (0..2)
        .map(|index| Layer {
            diff_id: format!("sha256:{index:064}"),
            created_by: Some(format!("RUN {index}")),
        })
        .collect();
    for (purl, license, line, layer) in [
        ("pkg:deb/debian/bash@5.2", "GPL-3.0-or-later", 7, 0),
        ("pkg:npm/chosen@1.0.0", "GPL-2.0-only OR MIT", 12, 1),
        ("pkg:npm/denied@1.0.0", "MIT AND GPL-2.0-only", 20, 1),
        ("pkg:npm/silent@1.0.0", "", 30, 1),
        ("pkg:npm/strange@1.0.0", "see <the> file | now", 35, 1),
        ("pkg:npm/waived@1.0.0", "GPL-3.0-only", 40, 1),
    ] {
        let component = component(purl, license, line, layer);
        bom.components.insert(component.reference(), component);
    }
    bom
}

pub(super) fn component(purl: &str, license: &str, line: u32, layer: usize) -> Component {
    let purl: Purl = purl.parse().expect("a purl");
    let mut component = Component::new(purl.name());
    component.version = purl.version().map(str::to_owned);
    component.layer = Some(layer);
    let path = if purl.ty() == "deb" { "var/lib/dpkg/status" } else { "app/package-lock.json" };
    component.evidence.push(Evidence {
        path: path.into(),
        line: Some(line),
        layer: Some(layer),
        found_by: "test".into(),
        technique: Technique::ManifestAnalysis,
        confidence: 100,
    });
    component.purl = Some(purl);
    if !license.is_empty() {
        component.licenses.push(LicenseClaim {
            text: license.to_owned(),
            expression: Expression::parse(license).ok(),
            basis: Basis::Declared,
            path: None,
            line: None,
        });
    }
    component
}

pub(super) fn policy() -> Policy {
    Policy::parse("small.toml", POLICY).unwrap_or_else(|errors| panic!("{errors}"))
}

pub(super) fn findings(bom: &Bom, policy: &Policy) -> Vec<Finding> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    check(&Case { bom, baseline: None, calendar: None, policy, today })
}

/// The small case in one format.
pub(super) fn render(format: &Format, explained: bool) -> String {
    render_bom(format, &bom(), explained)
}

/// Something made of the small case.
pub(super) fn with_report(write: impl Fn(&Report<'_>) -> String) -> String {
    with_report_of(&bom(), false, write)
}

pub(super) fn render_bom(format: &Format, bom: &Bom, explained: bool) -> String {
    with_report_of(bom, explained, format.render)
}

fn with_report_of(bom: &Bom, explained: bool, write: impl Fn(&Report<'_>) -> String) -> String {
    let policy = policy();
    let findings = findings(bom, &policy);
    write(&Report {
        bom,
        findings: &findings,
        verdict: Verdict::of(&findings, &policy),
        policy: &policy,
        policy_name: "small",
        source: "image.tar",
        has_baseline: false,
        explained,
        support: None,
    })
}
