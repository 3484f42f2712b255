//! The thing that a document is of, from the package that stands for it there.

use super::draft::Draft;
use crate::bom::{Component, SubjectKind};

/// Puts what is said of the package into the subject; what a subject has no place for is counted.
pub(super) fn describe(draft: &mut Draft, kind: SubjectKind, package: Component) {
    let subject = &mut draft.subject;
    subject.kind = kind;
    subject.name = package.name;
    subject.version = package.version;
    subject.supplier = package.supplier.or(subject.supplier.take());
    subject.licenses = package.licenses.to_vec();
    subject.copyright = package.copyright;
    subject.set_purl(package.purl);
    // The same digest may stand among the hashes.
    let known = subject.manifest_digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
    let has_other_hash = package.hashes.iter().any(|hash| Some(hash.hex.as_str()) != known);
    for (what, is_said) in [
        ("author", package.author.is_some()),
        ("cpe", !package.cpes.is_empty()),
        ("description", package.description.is_some()),
        ("evidence", !package.evidence.is_empty()),
        ("hash", has_other_hash || !package.contents.is_empty()),
        (
            "address",
            [&package.homepage, &package.vcs, &package.source, &package.download]
                .iter()
                .any(|url| url.is_some()),
        ),
    ] {
        if is_said {
            draft.step_over(format!("subject {what}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::bom::Bom;
    use crate::reader::read;

    const CYCLONEDX: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {
        "type": "application", "bom-ref": "top", "group": "@acme", "name": "shop", "version": "1.4.0",
        "purl": "pkg:npm/%40acme/shop@1.4.0", "description": "sells", "copyright": "2026 Acme",
        "hashes": [{"alg": "MD5", "content": "d41d8cd98f00b204e9800998ecf8427e"}],
        "licenses": [{"license": {"id": "GPL-3.0-only"}}]}},
        "components": [{"type": "library", "bom-ref": "a", "name": "a", "purl": "pkg:npm/a@1"}],
        "dependencies": [{"ref": "top", "dependsOn": ["a"]}]}"#;

    const SPDX_2: &str = r#"{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "list",
        "creationInfo": {"created": "2024-01-01T00:00:00Z"}, "documentDescribes": ["SPDXRef-top"], "packages": [
        {"SPDXID": "SPDXRef-top", "name": "@acme/shop", "versionInfo": "1.4.0", "licenseDeclared": "GPL-3.0-only",
         "copyrightText": "2026 Acme", "description": "sells", "downloadLocation": "NOASSERTION",
         "checksums": [{"algorithm": "MD5", "checksumValue": "d41d8cd98f00b204e9800998ecf8427e"}],
         "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
          "referenceLocator": "pkg:npm/%40acme/shop@1.4.0"}]},
        {"SPDXID": "SPDXRef-a", "name": "a", "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER",
         "referenceType": "purl", "referenceLocator": "pkg:npm/a@1"}]}],
        "relationships": [{"spdxElementId": "SPDXRef-top", "relationshipType": "DEPENDS_ON",
         "relatedSpdxElement": "SPDXRef-a"}]}"#;

    const SPDX_3: &str = r##"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
        {"type": "SpdxDocument", "spdxId": "urn:x#doc", "name": "list", "rootElement": ["urn:x#top"]},
        {"type": "software_Package", "spdxId": "urn:x#top", "name": "@acme/shop",
         "software_packageVersion": "1.4.0", "software_packageUrl": "pkg:npm/%40acme/shop@1.4.0",
         "software_copyrightText": "2026 Acme", "description": "sells", "verifiedUsing": [{"type": "Hash",
          "algorithm": "md5", "hashValue": "d41d8cd98f00b204e9800998ecf8427e"}]},
        {"type": "software_Package", "spdxId": "urn:x#a", "name": "a", "software_packageUrl": "pkg:npm/a@1"},
        {"type": "Relationship", "from": "urn:x#top", "relationshipType": "dependsOn", "to": ["urn:x#a"]},
        {"type": "Relationship", "from": "urn:x#top", "relationshipType": "hasDeclaredLicense",
         "to": ["https://spdx.org/licenses/GPL-3.0-only"]}
    ]}"##;

    fn bill(text: &str) -> Bom {
        read(text.as_bytes()).expect("the test's text is sound")
    }

    #[test]
    fn what_is_said_of_the_subject_makes_no_component_in_any_format() {
        for text in [CYCLONEDX, SPDX_2, SPDX_3] {
            let bom = bill(text);
            let names: Vec<&str> = bom.components.keys().map(|reference| reference.as_str()).collect();
            assert_eq!(names, ["pkg:npm/a@1"]);
            let subject = &bom.subject;
            assert_eq!((subject.name.as_str(), subject.version.as_deref()), ("@acme/shop", Some("1.4.0")));
            assert_eq!(
                subject.purl.as_ref().map(ToString::to_string).as_deref(),
                Some("pkg:npm/%40acme/shop@1.4.0")
            );
            assert_eq!(subject.copyright.as_deref(), Some("2026 Acme"));
            let own: Vec<&str> = bom.own_licenses().iter().map(|claim| claim.text.as_str()).collect();
            assert_eq!(own, ["GPL-3.0-only"]);
            let origin = bom.origin.as_ref().expect("it was read");
            let lost: Vec<&str> = origin.stepped_over.keys().map(String::as_str).collect();
            assert_eq!(lost, ["subject description", "subject hash"]);
            assert_eq!(bom.gaps, []);
            assert!(
                bom.dependencies[&subject.reference()].iter().any(|needed| needed.as_str() == "pkg:npm/a@1")
            );
        }
    }

    #[test]
    fn tags_as_keys_of_json_are_read_and_told() {
        let text = r#"{"spdxVersion": "SPDX-2.2", "SPDXID": "SPDXRef-DOCUMENT", "name": "list",
            "creationInfo": {"created": "2024-01-01T00:00:00Z"}, "packages": [
            {"SPDXID": "SPDXRef-go", "packageName": "go", "packageVersion": "1.16.4", "filesAnalyzed": "false",
             "packageLicenseDeclared": "BSD-3-Clause", "packageLicenseConcluded": "NOASSERTION"}]}"#;
        let bom = bill(text);
        let go = bom.components.values().next().expect("it has one component");
        assert_eq!((go.name.as_str(), go.version.as_deref()), ("go", Some("1.16.4")));
        assert_eq!(go.licenses[0].text, "BSD-3-Clause");
        let gaps: Vec<&str> = bom.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(
            gaps,
            [
                "package `SPDXRef-go`: `packageName` is `name`",
                "package `SPDXRef-go`: `packageVersion` is `versionInfo`",
                "package `SPDXRef-go`: `packageLicenseDeclared` is `licenseDeclared`",
                "package `SPDXRef-go`: `packageLicenseConcluded` is `licenseConcluded`",
            ]
        );
    }

    #[test]
    fn an_image_is_known_by_its_digest() {
        let digest = "ab".repeat(32);
        let text = format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {{"component": {{"type": "container",
            "name": "app", "purl": "pkg:oci/app@sha256%3A{digest}", "hashes": [{{"alg": "SHA-256",
            "content": "{digest}"}}], "licenses": [{{"license": {{"id": "MIT"}}}}]}}}}}}"#
        );
        let bom = bill(&text);
        assert_eq!(bom.subject.manifest_digest, Some(format!("sha256:{digest}")));
        assert_eq!((&bom.subject.purl, bom.own_licenses()), (&None, &[][..]));
        assert!(bom.origin.is_some_and(|origin| origin.stepped_over.is_empty()));
    }
}
