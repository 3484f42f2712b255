//! What we read of an SPDX 2 document, in the shapes JSON gives it.

use crate::reader::lenient::{List, Text, shape};

shape!(CreationInfo {
    "created" => created: Text<'a>,
    "creators" => creators: List<Text<'a>>,
    "comment" => comment: Text<'a>,
});

// Early documents name its fields in JSON as they are named among tags and values.
shape!(Package {
    "SPDXID" => id: Text<'a>,
    "name" | "packageName" => name: Text<'a>,
    "versionInfo" | "packageVersion" => version: Text<'a>,
    "supplier" | "packageSupplier" => supplier: Text<'a>,
    "originator" | "packageOriginator" => originator: Text<'a>,
    "downloadLocation" | "packageDownloadLocation" => download: Text<'a>,
    "homepage" | "packageHomePage" => homepage: Text<'a>,
    "sourceInfo" | "packageSourceInfo" => source_info: Text<'a>,
    "summary" | "packageSummary" => summary: Text<'a>,
    "description" | "packageDescription" => description: Text<'a>,
    "copyrightText" | "packageCopyrightText" => copyright: Text<'a>,
    "licenseDeclared" | "packageLicenseDeclared" => declared: Text<'a>,
    "licenseConcluded" | "packageLicenseConcluded" => concluded: Text<'a>,
    "licenseInfoFromFiles" | "packageLicenseInfoFromFiles" => from_files: List<Text<'a>>,
    "checksums" => checksums: List<Checksum<'a>>,
    "externalRefs" => references: List<ExternalRef<'a>>,
    "primaryPackagePurpose" => purpose: Text<'a>,
    "annotations" => annotations: List<Annotation<'a>>,
});

shape!(Checksum {
    "algorithm" => algorithm: Text<'a>,
    "checksumValue" => value: Text<'a>,
});

shape!(ExternalRef {
    "referenceCategory" => category: Text<'a>,
    "referenceType" => kind: Text<'a>,
    "referenceLocator" => locator: Text<'a>,
});

shape!(Annotation {
    "annotator" => annotator: Text<'a>,
    "comment" => comment: Text<'a>,
});

shape!(ExtractedLicense {
    "licenseId" => id: Text<'a>,
    "extractedText" => text: Text<'a>,
    "comment" => comment: Text<'a>,
});

shape!(Relationship {
    "spdxElementId" => from: Text<'a>,
    "relationshipType" => kind: Text<'a>,
    "relatedSpdxElement" => to: Text<'a>,
});
