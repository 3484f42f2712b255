//! A defect loses only itself: each of these documents has one, and everything else in it is still read.

use packlist::bom::Bom;
use packlist::reader;
use serde_json::{Value, json};

fn cyclonedx() -> Value {
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "root", "name": "app"}},
        "components": [
            {"type": "library", "bom-ref": "a", "name": "a", "version": "1", "purl": "pkg:npm/a@1"},
            {"type": "library", "bom-ref": "b", "name": "b", "version": "2", "purl": "pkg:npm/b@2",
             "licenses": [{"license": {"id": "MIT"}}]},
        ],
        "dependencies": [{"ref": "root", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": ["b"]}],
    })
}

fn spdx() -> Value {
    json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "app", "dataLicense": "CC0-1.0",
        "documentNamespace": "https://example.org/x",
        "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: t-1"]},
        "packages": [
            {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1", "downloadLocation": "NOASSERTION",
             "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                               "referenceLocator": "pkg:npm/a@1"}]},
            {"SPDXID": "SPDXRef-b", "name": "b", "versionInfo": "2", "downloadLocation": "NOASSERTION",
             "licenseDeclared": "MIT",
             "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                               "referenceLocator": "pkg:npm/b@2"}]},
        ],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-a"},
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-b"},
            {"spdxElementId": "SPDXRef-a", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-b"},
        ],
    })
}

/// Where the defect is put, and what stands there; whether it is told as a gap.
type Defect = (&'static str, Value, bool);

fn check(sound: fn() -> Value, defects: Vec<Defect>) {
    let mut otherwise = Vec::new();
    let whole = reader::read(sound().to_string().as_bytes()).expect("it is sound");
    assert!(whole.gaps.is_empty(), "{:?}", whole.gaps);
    for (place, defect, is_told) in defects {
        let mut document = sound();
        let (outer, key) = place.rsplit_once('/').expect("a place has a slash");
        let outer = document.pointer_mut(outer).unwrap_or_else(|| panic!("{place} is nowhere"));
        match key.parse::<usize>() {
            Ok(index) => outer[index] = defect.clone(),
            Err(_) => outer[key] = defect.clone(),
        }
        let what = format!("{place} = {defect}");
        let bom =
            reader::read(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_rest_is_read(&bom, &whole, place, &what);
        let gaps: Vec<&str> = bom.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        if gaps.is_empty() == is_told {
            otherwise.push(format!("{what}: {gaps:?}"));
        }
    }
    assert!(otherwise.is_empty(), "told though it should not be, or the reverse:\n{}", otherwise.join("\n"));
}

/// Every defect is put elsewhere than in the component `b`; what it does not touch is as it was.
fn assert_rest_is_read(bom: &Bom, sound: &Bom, place: &str, what: &str) {
    let named =
        |bom: &Bom, name: &str| bom.components.values().find(|component| component.name == name).cloned();
    assert_eq!(named(bom, "b"), named(sound, "b"), "{what}");
    let is_whole = |list: &str| place == format!("/{list}/0");
    if is_whole("components") || is_whole("packages") {
        return;
    }
    if !place.starts_with("/metadata") && place != "/name" {
        assert_eq!(bom.subject.name, sound.subject.name, "{what}");
    }
    let purls = |bom: &Bom| bom.components.values().filter(|component| component.purl.is_some()).count();
    let is_of_a = |key: &str| place.starts_with("/components/0/") && place.ends_with(key);
    let inner = usize::from(is_of_a("/components"));
    assert!((2..=2 + inner).contains(&bom.components.len()), "{what}: {:?}", bom.components.keys());
    if !place.contains("purl") && !place.contains("externalRefs") {
        assert_eq!(purls(bom), purls(sound), "{what}");
    }
    let edges = |bom: &Bom| bom.dependencies.values().map(|needs| needs.len()).sum::<usize>();
    let are_edges = ["/dependencies", "/relationships", "/metadata/component", "/metadata"];
    let names_it = place.ends_with("bom-ref") || place.ends_with("SPDXID");
    if !names_it && !are_edges.iter().any(|edges| place.starts_with(edges)) {
        assert_eq!(edges(bom), edges(sound), "{what}");
    }
}

#[test]
fn one_defect_in_cyclonedx_loses_only_itself() {
    check(
        cyclonedx,
        vec![
            ("/version", json!("1"), false),
            ("/version", Value::Null, false),
            ("/serialNumber", json!(7), true),
            ("/specVersion", json!(1.6), true),
            ("/specVersion", json!("9.9"), true),
            ("/metadata", json!([]), true),
            ("/metadata/component", json!("app"), true),
            ("/metadata/tools", json!([{"vendor": "x", "name": 3}]), true),
            ("/metadata/timestamp", json!("yesterday"), true),
            ("/components/0", json!(null), true),
            ("/components/0", json!("a"), true),
            ("/components/0/type", json!("gadget"), true),
            ("/components/0/type", Value::Null, true),
            ("/components/0/name", Value::Null, false),
            ("/components/0/version", json!(1), true),
            ("/components/0/purl", json!("npm/a"), true),
            ("/components/0/licenses", json!([{}]), true),
            ("/components/0/licenses", json!({"license": {"id": "MIT"}}), true),
            ("/components/0/licenses", json!([{"license": {"id": "GPL v2 or later / MIT"}}]), true),
            ("/components/0/hashes", json!([{"alg": "MD5", "content": "zz"}]), true),
            ("/components/0/evidence", json!({"identity": [{"field": "purl"}]}), false),
            ("/components/0/evidence", json!({"occurrences": [{"location": 1, "line": "x"}]}), true),
            ("/components/0/properties", json!("x"), true),
            ("/components/0/extra", json!({"unknown": true}), false),
            ("/components/0/bom-ref", json!(7), true),
            ("/components/0/supplier", json!("ACME"), true),
            ("/components/0/author", json!(["x"]), true),
            ("/components/0/scope", json!("sometimes"), true),
            ("/components/0/cpe", json!(5), true),
            ("/components/0/description", json!({"text": "x"}), true),
            ("/components/0/externalReferences", json!([{"type": "vcs", "url": 3}]), true),
            ("/components/0/externalReferences", json!([{"url": {}}]), true),
            ("/components/0/components", json!("inner"), true),
            ("/components/0/components", json!([{"name": 1}]), true),
            ("/components/0/pedigree", json!([]), true),
            ("/components/0/swid", json!("x"), true),
            ("/components/0/properties", json!([{"name": "packlist:layer:index", "value": "x"}]), false),
            ("/components/0/licenses", json!([{"license": {"name": null}}]), true),
            ("/components/0/licenses", json!(["MIT"]), true),
            ("/metadata/authors", json!("me"), true),
            ("/metadata/lifecycles", json!([{"phase": 3}]), true),
            ("/serialNumber", json!("3e671687-395b"), true),
            ("/compositions", json!("all"), false),
            ("/services", json!([{"name": 1}]), false),
            ("/dependencies", json!({"ref": "a"}), true),
            ("/dependencies/0", json!({"dependsOn": ["a"]}), true),
            ("/dependencies/0/ref", json!("nobody"), true),
            ("/dependencies/0/dependsOn", json!(["nobody"]), true),
            ("/dependencies/0/dependsOn", json!("a"), true),
        ],
    );
}

/// What names two things, or lies in itself, has no answer that is not a guess.
#[test]
fn what_would_be_a_guess_is_an_error_and_says_where() {
    let refused = |document: &Value| {
        let error = reader::read(document.to_string().as_bytes()).expect_err("it says two things at once");
        error.to_string()
    };
    let mut twice = cyclonedx();
    twice["components"][0]["bom-ref"] = json!("b");
    assert_eq!(
        refused(&twice),
        "it is CycloneDX JSON, and `b` names two components, components[0] and components[1], and more is said of it"
    );
    twice["dependencies"] = json!([]);
    let bom = reader::read(twice.to_string().as_bytes()).expect("nothing is said of it");
    assert_eq!(bom.gaps[0].reason, "`b` names two components, components[0] and components[1]");
    let mut circle = spdx();
    for (from, to) in [("SPDXRef-a", "SPDXRef-b"), ("SPDXRef-b", "SPDXRef-a")] {
        let contains =
            json!({"spdxElementId": from, "relationshipType": "CONTAINS", "relatedSpdxElement": to});
        circle["relationships"].as_array_mut().expect("it is a list").push(contains);
    }
    assert_eq!(
        refused(&circle),
        "it is SPDX JSON, and `pkg:npm/a@1` lies in itself, by way of `pkg:npm/b@2`"
    );
}

#[test]
fn one_defect_in_spdx_loses_only_itself() {
    check(
        spdx,
        vec![
            ("/spdxVersion", json!("SPDX-2.9"), false),
            ("/$schema", json!("https://example.org"), false),
            ("/documentNamespace", Value::Null, false),
            ("/creationInfo", Value::Null, true),
            ("/creationInfo/creators", json!("Tool: t-1"), false),
            ("/packages/0", json!(3), true),
            ("/packages/0/name", Value::Null, false),
            ("/packages/0/unknown", json!(1), false),
            ("/packages/0/downloadLocation", Value::Null, false),
            ("/packages/0/SPDXID", json!(7), true),
            ("/packages/0/versionInfo", json!(1.0), true),
            ("/packages/0/supplier", json!({"name": "x"}), true),
            ("/packages/0/externalRefs", json!("x"), true),
            ("/packages/0/filesAnalyzed", json!("maybe"), false),
            ("/packages/0/licenseInfoFromFiles", json!("MIT"), true),
            ("/packages/0/annotations", json!([{"comment": "packlist:nonsense"}]), false),
            ("/creationInfo/created", json!("yesterday"), true),
            ("/hasExtractedLicensingInfos", json!({"licenseId": "LicenseRef-x"}), true),
            ("/relationships/2", json!("x"), true),
            ("/files", json!({}), false),
            ("/snippets", json!("x"), false),
            ("/name", json!({}), true),
            ("/packages/0/licenseDeclared", json!("MIT, BSD"), false),
            ("/packages/0/licenseDeclared", json!(""), false),
            ("/packages/0/primaryPackagePurpose", json!("GADGET"), false),
            ("/packages/0/checksums", json!([{"algorithm": "CRC", "checksumValue": "0"}]), false),
            ("/packages/0/checksums", json!([{"algorithm": "SHA1", "checksumValue": "0"}]), true),
            ("/packages/0/externalRefs", json!([{"referenceCategory": "PERSISTENT-ID"}]), false),
            ("/packages/0/externalRefs/0/referenceCategory", json!("PACKAGE_MANAGER"), false),
            ("/packages/0/externalRefs/0/referenceLocator", json!("a@1"), true),
            ("/relationships/2/relationshipType", json!("LIKES"), false),
            ("/relationships/2/relatedSpdxElement", json!("SPDXRef-nobody"), true),
            ("/relationships/2", json!({}), true),
            ("/relationships", json!("none"), true),
            ("/annotations", json!({"comment": 1}), false),
        ],
    );
}
