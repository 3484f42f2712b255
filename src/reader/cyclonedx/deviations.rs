//! What a document does otherwise than its format says, where nothing of the list is lost by it.
//!
//! Nobody's tools write perfect documents, and a strict reader of them helps nobody. But who passes one on should
//! know that stricter readers will refuse it.

use std::fmt::Display;

use super::shapes::{Component, LicenseChoice};
use crate::licenses;
use crate::reader::draft::Draft;
use crate::reader::lenient::{List, Text};

const PATCHES: &[&str] = &["unofficial", "monkey", "backport", "cherry-pick"];
const HASHES: &[&str] = &[
    "MD5",
    "SHA-1",
    "SHA-256",
    "SHA-384",
    "SHA-512",
    "SHA3-256",
    "SHA3-384",
    "SHA3-512",
    "BLAKE2b-256",
    "BLAKE2b-384",
    "BLAKE2b-512",
    "BLAKE3",
    "Streebog-256",
    "Streebog-512",
];
const SCOPES: &[&str] = &["required", "optional", "excluded"];

/// Whether the document says that it is of this version or a later one. Absent versions are old ones.
fn is_since(draft: &Draft, minor: u32) -> bool {
    let version = draft.origin.format.split(' ').nth(1).and_then(|version| version.strip_prefix("1."));
    version.and_then(|minor| minor.parse::<u32>().ok()).is_some_and(|found| found >= minor)
}

/// What is in a document of a later version is read all the same; it may say more than is understood.
pub(super) fn of_version(draft: &mut Draft, version: &str) {
    const KNOWN: &[&str] = &["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"];
    if !KNOWN.contains(&version) {
        draft.deviation(format!("`{version}` is no version of CycloneDX that is known"));
    }
}

pub(super) fn of_component(draft: &mut Draft, label: &impl Display, component: &Component) {
    if component.kind.value.is_none() && !component.wrong.contains(&"type") {
        draft.deviation(format!("{label} has no type"));
    }
    for hash in &component.hashes.items {
        let name = hash.algorithm.as_str();
        if !HASHES.contains(&name) {
            draft.deviation(format!("{label} has a hash of the unknown algorithm `{name}`"));
        }
    }
    let scope = component.scope.as_str();
    if !scope.is_empty() && !SCOPES.contains(&scope) {
        draft.deviation(format!("{label} is of the unknown scope `{scope}`"));
    }
    if let Some(swid) = &component.swid
        && (swid.id.as_str().is_empty() || swid.name.as_str().is_empty())
    {
        draft.deviation(format!("{label} has a SWID tag without id or name"));
    }
    if component.version_range.said().is_some() {
        if !component.is_external.0 {
            draft.deviation(format!("{label} has a range of versions, and is not said to be external"));
        }
        if component.version.said().is_some() {
            draft.deviation(format!("{label} has a version and a range of versions"));
        }
    }
    for patch in component.pedigree.iter().flat_map(|pedigree| &pedigree.patches.items) {
        let kind = patch.kind.as_str();
        if !PATCHES.contains(&kind) {
            draft.deviation(format!("{label} has a patch of the unknown type `{kind}`"));
        }
    }
    if component.properties.items.iter().any(|property| property.is_nameless) && is_since(draft, 6) {
        draft.deviation(format!("{label} has a property without a name"));
    }
}

/// One expression stands alone, until 1.7; a licence has an id or a name, and the id is one of the SPDX list.
pub(super) fn of_licenses(draft: &mut Draft, label: &impl Display, choices: &List<LicenseChoice>) {
    let is_there = |text: &Text| !text.as_str().is_empty();
    let expressions = choices.items.iter().filter(|choice| is_there(&choice.expression)).count();
    let both = choices.items.iter().any(|choice| {
        is_there(&choice.expression) && (is_there(&choice.license.id) || is_there(&choice.license.name))
    });
    if both || (expressions > 0 && choices.items.len() > 1 && !is_since(draft, 7)) {
        draft.deviation(format!("{label}: an expression does not stand alone in `licenses`"));
    }
    for license in choices.items.iter().map(|choice| &choice.license) {
        let id = license.id.as_str();
        if !id.is_empty()
            && licenses::known_license(id) != Some(id)
            && licenses::known_exception(id) != Some(id)
        {
            draft.deviation(format!("{label}: `{id}` is no id of the SPDX licence list"));
        }
        let encoding = license.text.encoding.as_str();
        if !matches!(encoding, "" | "base64") {
            draft.deviation(format!("{label}: a licence's text is encoded as `{encoding}`"));
        }
        let again = license.other.iter().any(|key| matches!(key.as_str(), "id" | "name"));
        if again || (is_there(&license.id) && is_there(&license.name)) {
            draft.deviation(format!("{label}: a licence has more than one id or name"));
        }
    }
}

pub(super) fn of_timestamp(draft: &mut Draft, timestamp: &str) {
    // XML's `dateTime` needs no zone.
    let is_time = chrono::DateTime::parse_from_rfc3339(timestamp).is_ok()
        || timestamp.parse::<chrono::NaiveDateTime>().is_ok();
    if !is_time {
        draft.deviation(format!("the timestamp `{timestamp}` is no date and time"));
    }
}

pub(super) fn of_serial(draft: &mut Draft, serial: &str) {
    let braced = serial.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let uuid = serial.strip_prefix("urn:uuid:").or(braced).filter(|uuid| uuid.len() == 36);
    if uuid.is_none_or(|uuid| uuid::Uuid::try_parse(uuid).is_err()) {
        draft.deviation(format!("the serial number `{serial}` is no `urn:uuid:`"));
    }
}

#[cfg(test)]
mod tests {
    use crate::reader::read;

    /// What is said of a document whose one component, or whose top, has these words in it.
    fn told(top: &str, component: &str) -> Vec<String> {
        let text = format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6"{top},
                "components": [{{"name": "a", "bom-ref": "x"{component}}}]}}"#
        );
        let bom = read(text.as_bytes()).expect("only the shape is wrong");
        assert_eq!(bom.components.len(), 1);
        bom.gaps.into_iter().map(|gap| gap.reason).collect()
    }

    #[test]
    fn each_deviation_is_named() {
        let ty = r#", "type": "library""#;
        assert_eq!(told("", ""), ["component `x` has no type"]);
        assert!(told("", ty).is_empty());
        let cases = [
            (
                r#""hashes": [{"alg": "CRC", "content": "00"}]"#,
                "component `x` has a hash of the unknown algorithm `CRC`",
            ),
            (
                r#""licenses": [{"license": {"name": "Own", "text": {"content": "x", "encoding": "rot13"}}}]"#,
                "component `x`: a licence's text is encoded as `rot13`",
            ),
            (r#""scope": "sometimes""#, "component `x` is of the unknown scope `sometimes`"),
            (r#""swid": {"name": "b"}"#, "component `x` has a SWID tag without id or name"),
            (
                r#""pedigree": {"patches": [{"type": "foo"}]}"#,
                "component `x` has a patch of the unknown type `foo`",
            ),
            (
                r#""versionRange": "vers:npm/1|2""#,
                "component `x` has a range of versions, and is not said to be external",
            ),
            (
                r#""versionRange": "vers:npm/1|2", "isExternal": true, "version": "1""#,
                "component `x` has a version and a range of versions",
            ),
            (r#""properties": [{"value": "b"}]"#, "component `x` has a property without a name"),
            (
                r#""licenses": [{"license": {"id": "Mine"}}]"#,
                "component `x`: `Mine` is no id of the SPDX licence list",
            ),
            (
                r#""licenses": [{"license": {"id": "MIT", "name": "MIT"}}]"#,
                "component `x`: a licence has more than one id or name",
            ),
            (
                r#""licenses": [{"expression": "MIT"}, {"license": {"id": "ISC"}}]"#,
                "component `x`: an expression does not stand alone in `licenses`",
            ),
        ];
        for (words, expected) in cases {
            assert_eq!(told("", &format!("{ty}, {words}")), [expected]);
        }
    }

    #[test]
    fn deviations_of_the_whole_are_named() {
        let ty = r#", "type": "library""#;
        let cases = [
            (
                r#""serialNumber": "urn:uuid:3e671687""#,
                "the serial number `urn:uuid:3e671687` is no `urn:uuid:`",
            ),
            (r#""metadata": {"timestamp": "2020-04-13"}"#, "the timestamp `2020-04-13` is no date and time"),
            (r#""metadata": {"properties": [{}]}"#, "metadata has a property without a name"),
        ];
        for (words, expected) in cases {
            assert_eq!(told(&format!(", {words}"), ty), [expected]);
        }
        let later = r#"{"bomFormat": "CycloneDX", "specVersion": "1.12"}"#;
        let bom = read(later.as_bytes()).expect("it is read as far as it is understood");
        assert_eq!(bom.gaps[0].reason, "`1.12` is no version of CycloneDX that is known");
        let other = r#"{"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "Other"}"#;
        let bom = read(other.as_bytes()).expect("its schema tells");
        assert_eq!(bom.gaps[0].reason, "`bomFormat` is `Other`");
    }
}
