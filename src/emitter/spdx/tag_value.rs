//! The document as lines of tags and values.
//!
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/conformance/>

use std::borrow::Cow;
use std::fmt::Write as _;

use super::document::{Annotation, Document, ExtractedLicense, Package, Relationship};
use crate::bom::is_unseen;
use crate::emitter::one_line;

pub(super) fn write(document: &Document) -> String {
    let mut out = Lines::default();
    out.line("SPDXVersion", document.spdx_version);
    out.line("DataLicense", document.data_license);
    out.line("SPDXID", document.id);
    out.line("DocumentName", document.name);
    out.line("DocumentNamespace", &document.document_namespace);
    for creator in &document.creation_info.creators {
        out.line("Creator", creator);
    }
    out.line("Created", &document.creation_info.created);
    out.line("CreatorComment", document.creation_info.comment);
    for annotation in &document.annotations {
        out.annotation(annotation, document.id);
    }
    for package in &document.packages {
        out.package(package);
    }
    for license in &document.has_extracted_licensing_infos {
        out.license(license);
    }
    out.blank();
    for relationship in &document.relationships {
        out.relationship(relationship);
    }
    out.text
}

/// A value as a person may be shown it: the format is read in terminals, and has no way to escape what steers them. A
/// form feed parts the pages of many licences.
fn readable(value: &str) -> Cow<'_, str> {
    let steers = |c: char| !matches!(c, '\n' | '\r' | '\t' | '\u{c}') && is_unseen(c);
    // A carriage return alone would have the next words written over those before.
    let returns = value.matches('\r').count() > value.matches("\r\n").count();
    match returns || value.contains(steers) {
        true => {
            let lines: Vec<String> = value.split("\r\n").map(|line| line.replace('\r', "\u{FFFD}")).collect();
            Cow::Owned(lines.join("\r\n").replace(steers, "\u{FFFD}"))
        }
        false => Cow::Borrowed(value),
    }
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn line(&mut self, tag: &str, value: &str) {
        let _ = writeln!(self.text, "{tag}: {}", readable(&one_line(value)));
    }

    fn line_if(&mut self, tag: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.line(tag, value);
        }
    }

    /// A value of several lines. There is no way to write the end mark in it.
    fn block(&mut self, tag: &str, value: &str) {
        let value = readable(value);
        let _ = writeln!(self.text, "{tag}: <text>{}</text>", value.replace("</text>", "</ text>"));
    }

    fn annotation(&mut self, annotation: &Annotation, of: &str) {
        self.blank();
        self.line("Annotator", &annotation.annotator);
        self.line("AnnotationDate", &annotation.annotation_date);
        self.line("AnnotationType", annotation.annotation_type);
        self.line("SPDXREF", of);
        self.block("AnnotationComment", &annotation.comment);
    }

    fn package(&mut self, package: &Package) {
        self.blank();
        self.line("PackageName", package.name);
        self.line("SPDXID", &package.id);
        self.line_if("PackageVersion", package.version_info);
        self.line_if("PackageSupplier", package.supplier.as_deref());
        self.line_if("PackageOriginator", package.originator.as_deref());
        self.line("PackageDownloadLocation", package.download_location);
        self.line("FilesAnalyzed", "false");
        for checksum in &package.checksums {
            self.line("PackageChecksum", &format!("{}: {}", checksum.algorithm, checksum.checksum_value));
        }
        self.line_if("PackageHomePage", package.homepage);
        if let Some(source_info) = &package.source_info {
            self.block("PackageSourceInfo", source_info);
        }
        self.line("PackageLicenseConcluded", &package.license_concluded);
        self.line("PackageLicenseDeclared", &package.license_declared);
        match package.copyright_text {
            super::NO_ASSERTION => self.line("PackageCopyrightText", super::NO_ASSERTION),
            text => self.block("PackageCopyrightText", text),
        }
        if let Some(description) = package.description {
            self.block("PackageDescription", description);
        }
        for reference in &package.external_refs {
            let (category, kind) = (reference.reference_category, reference.reference_type);
            self.line("ExternalRef", &format!("{category} {kind} {}", reference.reference_locator));
        }
        self.line("PrimaryPackagePurpose", &package.primary_package_purpose.replace('_', "-"));
        for annotation in &package.annotations {
            self.annotation(annotation, &package.id);
        }
    }

    fn license(&mut self, license: &ExtractedLicense) {
        self.blank();
        self.line("LicenseID", &license.license_id);
        self.block("ExtractedText", &license.extracted_text);
        self.line("LicenseName", if license.name.is_empty() { "NOASSERTION" } else { &license.name });
        self.line_if("LicenseComment", license.comment);
    }

    fn relationship(&mut self, relationship: &Relationship) {
        let (from, to) = (&relationship.spdx_element_id, &relationship.related_spdx_element);
        self.line("Relationship", &format!("{from} {} {to}", relationship.relationship_type));
        self.line_if("RelationshipComment", relationship.comment);
    }
}
