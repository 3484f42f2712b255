//! The protocol by which BuildKit runs a generator of SBOMs, from its side.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const STATUS: &str = "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n";
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

fn root(path: &Path) {
    fs::create_dir_all(path.join("var/lib/dpkg")).expect("writable");
    fs::write(path.join("var/lib/dpkg/status"), STATUS).expect("writable");
}

fn run(arguments: &[&str], variables: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_packlist"));
    command.args(arguments);
    for name in ["SOURCE", "SOURCE_EXTRAS", "DESTINATION"] {
        command.env_remove(format!("BUILDKIT_SCAN_{name}"));
    }
    for (name, value) in variables {
        command.env(format!("BUILDKIT_SCAN_{name}"), value);
    }
    command.output().expect("the binary runs")
}

fn attested(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("an attestation");
    let statement: Value = serde_json::from_str(&text).expect("one object of JSON");
    assert_eq!(statement["_type"], STATEMENT);
    assert_eq!(statement["predicateType"], "https://spdx.dev/Document");
    assert_eq!(statement["subject"], serde_json::json!([]));
    assert_eq!(statement["predicate"]["spdxVersion"], "SPDX-2.3");
    let packages = statement["predicate"]["packages"].as_array().expect("packages").iter();
    packages.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect()
}

#[test]
fn every_root_gets_an_attestation_that_buildkit_takes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    root(&at("src/core/sbom"));
    root(&at("src/extras/sbom-build"));
    root(&at("src/extras/sbom-base"));
    fs::write(at("src/extras/a-file"), "is no root").expect("writable");
    fs::create_dir(at("out")).expect("writable");
    let (source, extras, out) = (at("src/core/sbom"), at("src/extras"), at("out"));
    let variables: &[(&str, &Path)] =
        &[("SOURCE", &source), ("SOURCE_EXTRAS", &extras), ("DESTINATION", &out)];
    for arguments in [&[][..], &["buildkit"]] {
        let output = run(arguments, variables);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
        let mut files: Vec<_> = fs::read_dir(&out)
            .expect("there")
            .flatten()
            .map(|file| file.file_name().into_string().expect("text"))
            .collect();
        files.sort();
        assert_eq!(files, ["sbom-base.spdx.json", "sbom-build.spdx.json", "sbom.spdx.json"]);
        for file in files {
            assert!(attested(&out.join(&file)).contains(&"bash".to_owned()), "{file}");
            fs::remove_file(out.join(file)).expect("there");
        }
    }
}

#[test]
fn the_folder_of_extras_may_be_missing_or_unset() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (source, missing) = (folder.path().join("sbom"), folder.path().join("no/such"));
    root(&source);
    for extras in [None, Some(missing.as_path()), Some(Path::new(""))] {
        let mut variables = vec![("SOURCE", source.as_path()), ("DESTINATION", folder.path())];
        variables.extend(extras.map(|extras| ("SOURCE_EXTRAS", extras)));
        let output = run(&[], &variables);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let file = folder.path().join("sbom.spdx.json");
        assert!(attested(&file).contains(&"bash".to_owned()));
        fs::remove_file(file).expect("there");
    }
}

#[test]
fn what_buildkit_did_not_say_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let error = |arguments: &[&str], variables: &[(&str, &Path)]| {
        let output = run(arguments, variables);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(error(&["buildkit"], &[]).contains("BUILDKIT_SCAN_SOURCE is not set"));
    assert!(error(&[], &[("SOURCE", folder.path())]).contains("BUILDKIT_SCAN_DESTINATION is not set"));
    let nowhere = folder.path().join("nowhere");
    assert!(error(&[], &[("SOURCE", &nowhere), ("DESTINATION", folder.path())]).contains("nowhere"));
    assert!(error(&[], &[("SOURCE", folder.path()), ("DESTINATION", &nowhere)]).contains("cannot write"));
    // Without the variables, no arguments are help.
    assert!(error(&[], &[]).contains("Usage:"));
}
