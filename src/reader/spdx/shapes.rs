//! What we read of an SPDX 2 document, in the shapes JSON gives it.

use crate::reader::lenient::{List, Text, shape};

shape!(CreationInfo {
    "created" => created: Text<'a>,
    "creators" => creators: List<Text<'a>>,
    "comment" => comment: Text<'a>,
});

shape!(Package {
    "SPDXID" => id: Text<'a>,
    "name" => name: Text<'a>,
    "versionInfo" => version: Text<'a>,
    "supplier" => supplier: Text<'a>,
    "originator" => originator: Text<'a>,
    "downloadLocation" => download: Text<'a>,
    "homepage" => homepage: Text<'a>,
    "sourceInfo" => source_info: Text<'a>,
    "summary" => summary: Text<'a>,
    "description" => description: Text<'a>,
    "copyrightText" => copyright: Text<'a>,
    "licenseDeclared" => declared: Text<'a>,
    "licenseConcluded" => concluded: Text<'a>,
    "licenseInfoFromFiles" => from_files: List<Text<'a>>,
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
