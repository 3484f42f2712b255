//! Names of SPDX 3's elements and relationships, and how drafts of the format wrote them.
//!
//! Spec: <https://spdx.github.io/spdx-spec/v3.0.1/model/Core/Vocabularies/RelationshipType/>

use std::borrow::Cow;

/// The elements that are read.
const TYPES: &[&str] = &[
    "Agent",
    "Annotation",
    "Bom",
    "CreationInfo",
    "LifecycleScopedRelationship",
    "Organization",
    "Person",
    "Relationship",
    "SoftwareAgent",
    "SpdxDocument",
    "Tool",
    "ai_AIPackage",
    "dataset_DatasetPackage",
    "expandedlicensing_CustomLicense",
    "expandedlicensing_CustomLicenseAddition",
    "simplelicensing_LicenseExpression",
    "simplelicensing_SimpleLicensingText",
    "software_Package",
    "software_Sbom",
];

/// The type as the format writes it. Drafts wrote it without its profile, or in letters of another case.
pub(super) fn whole_type(kind: &str) -> Option<&'static str> {
    let name = |kind: &'static str| kind.rsplit_once('_').map_or(kind, |(_, name)| name);
    let own = kind.rsplit_once('_').map_or(kind, |(_, name)| name);
    let exact = TYPES.iter().find(|known| **known == kind);
    exact.or_else(|| TYPES.iter().find(|known| name(known).eq_ignore_ascii_case(own))).copied()
}

/// The relationship as the format names it.
pub(super) fn whole_relationship(name: &str) -> Cow<'_, str> {
    match name {
        "declaredLicense" => "hasDeclaredLicense".into(),
        "concludedLicense" => "hasConcludedLicense".into(),
        _ => camel_case(name),
    }
}

/// Drafts of the format named relationships as SPDX 2 does: `depends_on`.
fn camel_case(name: &str) -> Cow<'_, str> {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default();
    let mut camel = first.to_ascii_lowercase();
    for word in words {
        camel.extend(word.chars().next().map(|first| first.to_ascii_uppercase()));
        camel.extend(word.chars().skip(1).map(|c| c.to_ascii_lowercase()));
    }
    if name.contains('_') { Cow::Owned(camel) } else { Cow::Borrowed(name) }
}
