//! What we read of an SPDX 2 document, in the shapes JSON gives it.

use crate::reader::lenient::{List, Text, shape};

shape!(CreationInfo {
    "created" => created: Text,
    "creators" => creators: List<Text>,
    "comment" => comment: Text,
});

shape!(Package {
    "SPDXID" => id: Text,
    "name" => name: Text,
    "versionInfo" => version: Text,
    "supplier" => supplier: Text,
    "originator" => originator: Text,
    "downloadLocation" => download: Text,
    "homepage" => homepage: Text,
    "sourceInfo" => source_info: Text,
    "summary" => summary: Text,
    "description" => description: Text,
    "licenseDeclared" => declared: Text,
    "licenseConcluded" => concluded: Text,
    "licenseInfoFromFiles" => from_files: List<Text>,
    "checksums" => checksums: List<Checksum>,
    "externalRefs" => references: List<ExternalRef>,
    "primaryPackagePurpose" => purpose: Text,
    "annotations" => annotations: List<Annotation>,
});

shape!(Checksum {
    "algorithm" => algorithm: Text,
    "checksumValue" => value: Text,
});

shape!(ExternalRef {
    "referenceCategory" => category: Text,
    "referenceType" => kind: Text,
    "referenceLocator" => locator: Text,
});

shape!(Annotation {
    "annotator" => annotator: Text,
    "comment" => comment: Text,
});

shape!(ExtractedLicense {
    "licenseId" => id: Text,
    "extractedText" => text: Text,
    "comment" => comment: Text,
});

shape!(Relationship {
    "spdxElementId" => from: Text,
    "relationshipType" => kind: Text,
    "relatedSpdxElement" => to: Text,
});
