//! Attestations as tools really make them: whatever an SBOM is wrapped in, it is the same SBOM.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use packlist::reader;
use serde_json::{Value, json};

fn cyclonedx() -> Value {
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}]})
}

fn spdx() -> Value {
    json!({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "app", "dataLicense": "CC0-1.0",
        "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: t-1"]},
        "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1", "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/a@1"}]}]})
}

const TAG_VALUE: &str = "SPDXVersion: SPDX-2.3\nCreated: 2026-01-01T00:00:00Z\nPackageName: a\nPackageVersion: 1\n\
                         ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n";

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks(3).map(|group| {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        let digit = |at: usize| match at <= group.len() {
            true => char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]),
            false => '=',
        };
        [0, 1, 2, 3].map(digit).iter().collect::<String>()
    });
    groups.collect()
}

/// As BuildKit writes it into an image's index, and `cosign` into an envelope.
fn statement(kind: &str, predicate: &Value) -> Value {
    json!({"_type": "https://in-toto.io/Statement/v0.1", "predicateType": kind, "predicate": predicate,
        "subject": [{"name": "example.org/app", "digest": {"sha256": "00".repeat(32)}}]})
}

fn envelope(statement: &Value) -> Value {
    json!({"payloadType": "application/vnd.in-toto+json", "payload": base64(statement.to_string().as_bytes()),
        "signatures": [{"keyid": "", "sig": "MEUCIQ=="}]})
}

/// As `cosign` 3 and GitHub store it.
fn bundle(statement: &Value) -> Value {
    json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"tlogEntries": [], "certificate": {"rawBytes": "MII="}},
        "dsseEnvelope": envelope(statement)})
}

fn provenance() -> Value {
    statement("https://slsa.dev/provenance/v1", &json!({"buildDefinition": {"buildType": "x"}}))
}

/// Read as it is, and packed in the two ways that registries and folders pack it.
#[track_caller]
fn check(document: &str, format: &str, gaps: &[&str]) {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(document.as_bytes()).expect("memory does not fail");
    let gzip = gzip.finish().expect("memory does not fail");
    let zstd = zstd::encode_all(document.as_bytes(), 1).expect("memory does not fail");
    for bytes in [document.as_bytes(), &gzip, &zstd] {
        assert!(reader::recognises(bytes), "not recognised: {document}");
        let bom = reader::read(bytes).unwrap_or_else(|error| panic!("{error}: {document}"));
        let names: Vec<&str> = bom.components.keys().map(|reference| reference.as_str()).collect();
        assert_eq!(names, ["pkg:npm/a@1"], "{document}");
        assert_eq!(bom.origin.expect("it was read").format, format);
        let told: Vec<&str> = bom.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(told, gaps, "{document}");
    }
}

#[test]
fn statements_envelopes_and_bundles_are_opened() {
    for (kind, predicate, format) in [
        ("https://cyclonedx.org/bom", cyclonedx(), "CycloneDX 1.6 JSON in an attestation"),
        ("https://cyclonedx.org/bom/v1.6", cyclonedx(), "CycloneDX 1.6 JSON in an attestation"),
        ("https://spdx.dev/Document", spdx(), "SPDX 2.3 JSON in an attestation"),
        ("https://spdx.dev/Document/v2.3", spdx(), "SPDX 2.3 JSON in an attestation"),
    ] {
        let statement = statement(kind, &predicate);
        check(&statement.to_string(), format, &[]);
        check(&serde_json::to_string_pretty(&statement).expect("it is JSON"), format, &[]);
        check(&envelope(&statement).to_string(), format, &[]);
        check(&bundle(&statement).to_string(), format, &[]);
    }
}

#[test]
fn what_older_tools_wrapped_once_more_is_found() {
    // cosign put the document under `Data` and its time beside it; `--type spdx` stores tag-value as a text.
    let legacy =
        statement("cosign.sigstore.dev/attestation/v1", &json!({"Data": cyclonedx(), "Timestamp": "x"}));
    check(&envelope(&legacy).to_string(), "CycloneDX 1.6 JSON in an attestation", &[]);
    let text = json!({"Data": cyclonedx().to_string(), "Timestamp": "x"});
    let legacy = statement("https://cyclonedx.org/schema", &text);
    check(&legacy.to_string(), "CycloneDX 1.6 JSON in an attestation", &[]);
    let tags = statement("https://spdx.dev/Document", &json!(TAG_VALUE));
    check(&envelope(&tags).to_string(), "SPDX 2.3 tag-value in an attestation", &[]);
    let bare = json!({"payload": base64(cyclonedx().to_string().as_bytes()), "signatures": [],
        "payloadType": "application/vnd.cyclonedx+json"});
    check(&bare.to_string(), "CycloneDX 1.6 JSON in an attestation", &[]);
}

#[test]
fn an_export_of_github_is_unwrapped() {
    check(&json!({"sbom": spdx()}).to_string(), "SPDX 2.3 JSON", &[]);
    check(&json!({"other": {"packages": 1}, "sbom": spdx()}).to_string(), "SPDX 2.3 JSON", &[]);
}

#[test]
fn of_several_lines_the_first_sbom_is_read_and_the_others_told() {
    let sbom = statement("https://cyclonedx.org/bom", &cyclonedx());
    let lines = |lines: &[Value]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let format = "CycloneDX 1.6 JSON in an attestation";
    check(&lines(&[envelope(&provenance()), envelope(&sbom)]), format, &[]);
    check(
        &lines(&[bundle(&provenance()), json!({"a": 1}), bundle(&sbom), bundle(&provenance())]),
        format,
        &[],
    );
    let other = statement("https://spdx.dev/Document", &spdx());
    check(
        &lines(&[envelope(&sbom), envelope(&provenance()), bundle(&other), envelope(&sbom)]),
        format,
        &["SBOMs of 2 more attestations in the file are not read"],
    );
}

#[test]
fn what_attests_something_else_says_so() {
    let error = |text: &str| reader::read(text.as_bytes()).expect_err("there is no SBOM in it").to_string();
    let expected = "it is an attestation of https://slsa.dev/provenance/v1, and of no SBOM";
    assert_eq!(error(&provenance().to_string()), expected);
    assert_eq!(error(&envelope(&provenance()).to_string()), expected);
    assert_eq!(error(&format!("{}\n{}", bundle(&provenance()), envelope(&provenance()))), expected);
    let whole = envelope(&provenance()).to_string();
    let cut = &whole[..whole.len() - 5];
    assert!(error(cut).starts_with("it is an attestation, and it ends in the middle"), "{}", error(cut));
    let mut nested = statement("https://cyclonedx.org/bom", &cyclonedx());
    for _ in 0..6 {
        nested = statement("https://in-toto.io/Statement/v1", &nested);
    }
    assert_eq!(error(&nested.to_string()), "it is an attestation, and it is wrapped more than 4 times");
}
