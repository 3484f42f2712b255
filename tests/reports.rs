//! Reports are what the official schemas say.

use chrono::NaiveDate;
use packlist::bom::{
    Basis, Bom, Component, Evidence, Gap, GapKind, Layer, LicenseClaim, Purl, SubjectKind, Technique,
};
use packlist::checker::{self, Case, Policy, Verdict};
use packlist::licenses::Expression;
use packlist::report::{self, Report};
use serde_json::Value;

const POLICY: &str = r#"
schema = 1
extends = ["permissive-only"]
[checks]
image-shell = "info"
[require]
preset = "ntia"
[[waiver]]
purl = "pkg:npm/waived"
reason = "contract 4711 <&>"
permanent = true
[[waiver]]
purl = "pkg:npm/gone"
reason = "for nothing"
expires = 2027-01-01
"#;

/// Something of everything that a report can hold.
fn bom() -> Bom {
    let mut bom = Bom::default();
    bom.subject.kind = SubjectKind::Image;
    bom.subject.name = "example:1".into();
    bom.layers = vec![Layer { diff_id: format!("sha256:{:064}", 0), created_by: None }];
    for (purl, license) in [
        ("pkg:deb/debian/bash@5.2", "GPL-3.0-or-later"),
        ("pkg:npm/%40scope/chosen@1.0.0", "GPL-2.0-or-later OR MIT"),
        ("pkg:npm/denied@1.0.0", "MIT AND GPL-2.0-only"),
        ("pkg:npm/hostile@1.0.0", "\u{0}\u{1b}]0;x\n::error::<script>`|` \u{202e} %0A"),
        ("pkg:npm/silent@1.0.0", ""),
        ("pkg:npm/waived@1.0.0", "GPL-3.0-only"),
    ] {
        let purl: Purl = purl.parse().expect("a purl");
        let mut component = Component::new(purl.name());
        component.version = purl.version().map(str::to_owned);
        component.layer = Some(0);
        component.evidence.push(Evidence {
            path: format!("app/odd name ü%\"<{}", purl.name()),
            line: Some(3),
            layer: Some(0),
            found_by: String::new(),
            technique: Technique::ManifestAnalysis,
            confidence: 100,
        });
        if !license.is_empty() {
            component.licenses.push(LicenseClaim {
                text: license.to_owned(),
                expression: Expression::parse(license).ok(),
                basis: Basis::Declared,
                path: None,
                line: None,
            });
        }
        component.purl = Some(purl);
        bom.components.insert(component.reference(), component);
    }
    let reason = "line 3 is not `K:value`".to_owned();
    bom.gaps.push(Gap { path: "lib/apk/db/installed".into(), line: Some(3), kind: GapKind::Unread, reason });
    bom
}

fn rendered(format: &str, baseline: Option<&Bom>) -> String {
    rendered_of(format, &bom(), baseline)
}

fn rendered_of(format: &str, bom: &Bom, baseline: Option<&Bom>) -> String {
    let policy = Policy::parse("policy.toml", POLICY).expect("a policy");
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    let findings = checker::check(&Case { bom, baseline, calendar: None, policy: &policy, today });
    let report = Report {
        bom,
        findings: &findings,
        verdict: Verdict::of(&findings, &policy),
        policy: &policy,
        policy_name: "policy.toml",
        source: "example.tar",
        has_baseline: baseline.is_some(),
        explained: true,
        support: None,
    };
    let format = report::ALL.iter().find(|known| known.name == format).expect("a format");
    (format.render)(&report)
}

#[test]
fn sarif_is_what_its_official_schema_says() {
    let mut schema: Value =
        serde_json::from_str(include_str!("schemas/sarif-2.1.0.schema.json")).expect("JSON");
    // Its pattern for languages has a bracket too many, which strict engines refuse; we write no language.
    for holder in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][holder]["properties"]["language"];
        assert!(language.as_object_mut().expect("an object").remove("pattern").is_some());
    }
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let baseline = Bom::default();
    for baseline in [None, Some(&baseline)] {
        let document: Value = serde_json::from_str(&rendered("sarif", baseline)).expect("JSON");
        let errors: Vec<String> = schema
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0]);
    }
}

#[test]
fn the_json_report_is_what_its_published_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../docs/report.schema.json")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let baseline = bom();
    for baseline in [None, Some(&baseline)] {
        let document: Value = serde_json::from_str(&rendered("json", baseline)).expect("JSON");
        let errors: Vec<String> = schema
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0]);
        let known = &schema_keys();
        for finding in document["findings"].as_array().expect("findings") {
            for key in finding.as_object().expect("an object").keys() {
                assert!(known.contains(key), "docs/report.schema.json does not tell of `{key}`");
            }
        }
    }
}

fn schema_keys() -> Vec<String> {
    let schema: Value = serde_json::from_str(include_str!("../docs/report.schema.json")).expect("JSON");
    let properties = schema["$defs"]["finding"]["properties"].as_object().expect("properties");
    properties.keys().cloned().collect()
}

/// What editors read is what the program checks. `UPDATE_EXPECT=1` writes it anew.
#[test]
fn the_published_schema_of_policies_is_the_program_s_own() {
    let schema = format!("{:#}\n", checker::json_schema());
    expect_test::expect_file!["../docs/policy.schema.json"].assert_eq(&schema);
}

#[test]
fn every_shipped_policy_is_what_the_schema_of_policies_says() {
    let schema = jsonschema::validator_for(&checker::json_schema()).expect("a schema");
    for policy in checker::policies::ALL {
        let table: toml::Table = policy.text.parse().expect("TOML");
        let value = serde_json::to_value(table).expect("JSON");
        let errors: Vec<String> =
            schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{}", policy.name);
    }
}

#[test]
fn every_format_writes_the_same_bytes_twice_and_nothing_that_steers_a_terminal() {
    for format in report::ALL {
        let text = rendered(format.name, None);
        assert_eq!(text, rendered(format.name, None), "{}", format.name);
        // JSON keeps data as it is, control characters escaped.
        let is_json = matches!(format.name, "gitlab" | "json" | "sarif");
        let steering = |c: char| (c.is_control() && c != '\n') || (c == '\u{202e}' && !is_json);
        assert!(!text.contains(steering), "{}: {text:?}", format.name);
        assert!(!text.lines().any(|line| line.starts_with("::error::<")), "{}: {text}", format.name);
    }
}

/// An element of `junit-10.xsd`, the schema of Jenkins' xUnit plugin: its attributes, those it must have, and what
/// may lie in it. Read from the schema's text at <https://github.com/jenkinsci/xunit-plugin>.
type Element = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const OUTCOME: &[&str] = &["type", "message"];
const JUNIT: &[Element] = &[
    ("testsuites", &["name", "time", "tests", "failures", "errors"], &[], &["testsuite"]),
    (
        "testsuite",
        &[
            "name",
            "tests",
            "failures",
            "errors",
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        &["name", "tests", "failures", "errors"],
        &["testsuite", "properties", "testcase", "system-out", "system-err"],
    ),
    (
        "testcase",
        &["name", "time", "classname", "group"],
        &["name"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("failure", OUTCOME, &[], &[]),
    ("error", OUTCOME, &[], &[]),
    ("skipped", OUTCOME, &[], &[]),
    ("system-out", &[], &[], &[]),
];

#[test]
fn junit_is_what_the_common_schema_says_and_its_numbers_add_up() {
    let text = rendered("junit", Some(&Bom::default()));
    let document = roxmltree::Document::parse(&text).expect("XML");
    assert_eq!(document.root_element().tag_name().name(), "testsuites");
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        let (_, attributes, required, children) = JUNIT
            .iter()
            .find(|(known, ..)| *known == name)
            .unwrap_or_else(|| panic!("`{name}` is not known"));
        for attribute in node.attributes() {
            assert!(attributes.contains(&attribute.name()), "{name} has `{}`", attribute.name());
        }
        assert!(required.iter().all(|key| node.has_attribute(*key)), "{name} lacks an attribute");
        for child in node.children().filter(roxmltree::Node::is_element) {
            assert!(
                children.contains(&child.tag_name().name()),
                "{name} holds `{}`",
                child.tag_name().name()
            );
        }
    }
    for suite in document.descendants().filter(|node| node.has_tag_name("testsuite")) {
        let count = |inside: &str| {
            let cases = suite.children().filter(|node| node.has_tag_name("testcase"));
            cases
                .filter(|case| inside.is_empty() || case.children().any(|node| node.has_tag_name(inside)))
                .count()
        };
        for (attribute, inside) in
            [("tests", ""), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            assert_eq!(suite.attribute(attribute), Some(count(inside).to_string().as_str()), "{attribute}");
        }
    }
}

/// 5,000 findings, all different, with words as long as real ones get.
fn large() -> Bom {
    let mut bom = bom();
    for index in 0..5_000 {
        let purl: Purl = format!("pkg:maven/org.example.of.a.long.group.name/artifact-{index}@1.0.{index}")
            .parse()
            .expect("a purl");
        let mut component = Component::new(purl.name());
        component.version = purl.version().map(str::to_owned);
        let text = format!("GPL-3.0-only AND LicenseRef-of-number-{index}");
        component.licenses.push(LicenseClaim {
            expression: Expression::parse(&text).ok(),
            text,
            basis: Basis::Declared,
            path: None,
            line: None,
        });
        component.purl = Some(purl);
        bom.components.insert(component.reference(), component);
    }
    bom
}

#[test]
fn a_comment_of_5000_findings_fits_and_counts_what_it_leaves_out() {
    /// Of a comment on GitHub, in characters.
    const LONGEST: usize = 65_536;
    let bom = large();
    let text = rendered_of("markdown", &bom, None);
    assert!(text.chars().count() < LONGEST && text.len() < LONGEST, "{} bytes", text.len());
    assert!(text.len() > LONGEST / 2, "most of the room is used: {} bytes", text.len());
    let rows = text.lines().filter(|line| line.contains("org.example.of.a.long.group.name")).count();
    let denied = text.lines().find_map(|line| line.strip_prefix("### Denied (")).expect("a heading");
    let denied: usize = denied.trim_end_matches(')').parse().expect("a number");
    assert!(denied >= 5_000 && rows > 100);
    assert!(text.contains("more are in the full report"), "{text}");
}

#[test]
fn gitlab_issues_are_what_its_documentation_asks_for() {
    let issues: Value = serde_json::from_str(&rendered_of("gitlab", &large(), None)).expect("JSON");
    let issues = issues.as_array().expect("a list");
    assert!(issues.len() > 5_000);
    let mut fingerprints = std::collections::BTreeSet::new();
    for issue in issues {
        let keys: Vec<&str> = issue.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["check_name", "description", "fingerprint", "location", "severity"]);
        let severity = issue["severity"].as_str().expect("a text");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{severity}");
        let path = issue["location"]["path"].as_str().expect("a path");
        assert!(!path.starts_with("./") && !path.is_empty(), "{path}");
        assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0));
        assert!(fingerprints.insert(issue["fingerprint"].as_str().expect("a text")), "{issue}");
    }
}

#[test]
fn github_annotations_are_commands_of_known_properties() {
    let text = rendered("github", None);
    assert!(text.lines().count() > 2);
    for line in text.lines() {
        let (head, message) = line
            .strip_prefix("::")
            .and_then(|rest| rest.split_once("::"))
            .expect("::command properties::message");
        let (command, properties) = head.split_once(' ').expect("properties");
        assert!(["error", "warning", "notice"].contains(&command), "{line}");
        for property in properties.split(',') {
            let (key, value) = property.split_once('=').expect("key=value");
            assert!(["file", "line", "title"].contains(&key), "{line}");
            assert!(!value.is_empty() && !value.contains([':', ',']), "{line}");
        }
        assert!(!message.is_empty());
    }
}
