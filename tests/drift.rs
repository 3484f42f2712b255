//! `packlist diff` and the gate on drift as their users call them.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(folder: &TempDir, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_packlist"))
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

fn lockfile(packages: &[(&str, &str, &str)]) -> String {
    let packages: Vec<String> = packages
        .iter()
        .map(|(name, version, license)| {
            format!(r#""node_modules/{name}": {{"version": "{version}", "license": "{license}"}}"#)
        })
        .collect();
    format!(
        r#"{{"name": "app", "version": "1.4.1", "lockfileVersion": 3, "packages": {{
            "": {{"name": "app", "version": "1.4.1"}}, {}}}}}"#,
        packages.join(",\n")
    )
}

/// Two revisions of a lockfile, each in a folder of its own, as `git archive` writes them.
fn revisions() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let old =
        lockfile(&[("event-stream", "3.3.4", "MIT"), ("lodash", "4.17.20", "MIT"), ("ms", "2.1.3", "MIT")]);
    let new = lockfile(&[
        ("event-streams", "3.3.4", "MIT"),
        ("lodash", "4.17.21", "MIT"),
        ("ms", "2.0.0", "AGPL-3.0-only"),
    ]);
    for (name, lockfile) in [("before", old), ("after", new.replace("1.4.1", "1.4.2"))] {
        fs::create_dir(folder.path().join(name)).expect("writable");
        fs::write(folder.path().join(name).join("package-lock.json"), lockfile).expect("writable");
    }
    folder
}

#[test]
fn two_revisions_of_a_lockfile_are_compared() {
    let folder = revisions();
    let ran = run(&folder, &["diff", "before", "after", "-o", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let drift: Value = serde_json::from_str(&ran.out).expect("JSON");
    let changes: Vec<String> = drift["changes"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|change| change["first_party"] == false)
        .map(|change| {
            let text = |key: &str| change[key].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", text("kind"), text("name"), text("from"), text("to"))
        })
        .collect();
    assert_eq!(
        changes,
        [
            "look-alike event-streams event-stream event-streams",
            "downgraded ms 2.1.3 2.0.0",
            "license-changed ms MIT AGPL-3.0-only",
            "added event-streams - 3.3.4",
            "removed event-stream 3.3.4 -",
            "upgraded lodash 4.17.20 4.17.21",
        ]
    );
}

#[test]
fn every_format_of_a_check_is_one_of_a_difference() {
    let folder = revisions();
    for format in ["github", "gitlab", "human", "json", "junit", "markdown", "sarif"] {
        let ran = run(&folder, &["diff", "before", "after", "-o", format]);
        assert_eq!(ran.code, Some(0), "{format}: {}", ran.err);
        assert!(ran.out.contains("event-streams"), "{format}: {}", ran.out);
        assert_eq!(ran.out, run(&folder, &["diff", "before", "after", "-o", format]).out, "{format}");
    }
}

#[test]
fn a_policy_denies_drift() {
    let folder = revisions();
    let policy = "schema = 1\n[defaults]\nunmatched = \"allow\"\n[checks]\ndrift-copyleft = \"deny\"\n\
                  drift-downgraded = \"deny\"\ndrift-patch-release = \"deny\"\n[drift]\nmax = { added = 0 }\n\
                  must-stay = [\"pkg:npm/event-stream\"]\n";
    fs::write(folder.path().join("packlist.toml"), policy).expect("writable");
    let ran = run(&folder, &["check", "after", "--baseline", "before", "-o", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    let mut rules: Vec<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|finding| finding["severity"] == "deny")
        .filter_map(|finding| finding["rule"].as_str())
        .collect();
    rules.sort_unstable();
    rules.dedup();
    assert_eq!(
        rules,
        ["drift-budget", "drift-copyleft", "drift-downgraded", "drift-missing", "drift-patch-release"]
    );
    let ran = run(&folder, &["check", "before", "--baseline", "before"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
}
