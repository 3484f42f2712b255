//! An SPDX 2 document of tags and values, read line by line.
//!
//! Files and snippets are stepped over. An annotation is taken where it stands after what it is of.

use std::io::BufRead;

use super::shapes::{
    Annotation, Checksum, CreationInfo, ExternalRef, ExtractedLicense, Package, Relationship,
};
use super::{Links, add_annotations, add_creation, add_license, add_package, add_relationship, finish};
use crate::bom::Bom;
use crate::reader::ReadError;
use crate::reader::draft::Draft;
use crate::reader::lenient::{List, Text};

const FORMAT: &str = "SPDX tag-value";

pub(in crate::reader) fn tag_value(input: impl BufRead) -> Result<Bom, ReadError> {
    let mut reading = Reading::default();
    let mut lines = Lines { input, line: Vec::new(), number: 0 };
    while let Some(line) = lines.next()? {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let Some((tag, value)) = trimmed.split_once(':') else {
            let number = lines.number;
            reading.draft.gap(format!("line {number} is no `Tag: value`"));
            continue;
        };
        match value.trim_start().strip_prefix("<text>") {
            None => reading.take(tag.trim(), value.trim()),
            Some(block) => match block.strip_suffix("</text>") {
                Some(value) => reading.take(tag.trim(), value),
                None => {
                    let tag = tag.trim().to_owned();
                    let begin = line.find("<text>").map_or(&*line, |at| &line[at + "<text>".len()..]);
                    let text = lines.block(begin.trim_end_matches('\r').to_owned())?;
                    reading.take(&tag, &text);
                }
            },
        }
    }
    reading.finish()
}

struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    /// The next line, without its end.
    fn next(&mut self) -> Result<Option<String>, ReadError> {
        self.line.clear();
        if self.input.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        Ok(Some(String::from_utf8_lossy(line).into_owned()))
    }

    /// A text that goes on until its end mark; indentation and spaces are its own.
    fn block(&mut self, mut text: String) -> Result<String, ReadError> {
        let started = self.number;
        while let Some(line) = self.next()? {
            text.push('\n');
            match line.find("</text>") {
                Some(end) => {
                    text.push_str(&line[..end]);
                    return Ok(text);
                }
                None => text.push_str(&line),
            }
        }
        let what = format!("the text that begins at line {started} has no end");
        Err(ReadError::Broken { format: FORMAT, what })
    }
}

/// What the lines read last are about.
#[derive(Debug, Default)]
enum About {
    #[default]
    Document,
    Package(Box<Package<'static>>),
    License(ExtractedLicense<'static>),
    /// Files and snippets.
    Other,
}

struct Reading {
    draft: Draft,
    links: Links,
    about: About,
    creation: CreationInfo<'static>,
    /// What the annotation being read is of.
    annotated: String,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            draft: Draft::new("packages"),
            links: Links::default(),
            about: About::default(),
            creation: CreationInfo::default(),
            annotated: String::new(),
        }
    }
}

impl Reading {
    fn take(&mut self, tag: &str, value: &str) {
        match tag {
            "PackageName" => {
                let package = Package { name: Text::of(value.to_owned()), ..Package::default() };
                self.turn_to(About::Package(Box::new(package)));
            }
            "LicenseID" => {
                self.turn_to(About::License(ExtractedLicense {
                    id: Text::of(value.to_owned()),
                    ..ExtractedLicense::default()
                }));
            }
            "FileName" | "SnippetSPDXID" => {
                self.draft.step_over(if tag == "FileName" { "files" } else { "snippets" });
                self.turn_to(About::Other);
            }
            "Relationship" => self.relationship(value),
            "SPDXREF" => value.clone_into(&mut self.annotated),
            "AnnotationComment" => self.annotation(value),
            _ => match &mut self.about {
                About::Document => self.document(tag, value),
                About::Package(package) => set(&mut self.draft, package, tag, value),
                About::License(license) => match tag {
                    "ExtractedText" => license.text = Text::of(value.to_owned()),
                    "LicenseComment" => license.comment = Text::of(value.to_owned()),
                    _ => {}
                },
                About::Other => {}
            },
        }
    }

    fn turn_to(&mut self, about: About) {
        match std::mem::replace(&mut self.about, about) {
            About::Package(package) => {
                add_package(&mut self.draft, &mut self.links, *package);
                self.draft.place += 1;
            }
            About::License(license) => add_license(&mut self.draft, license),
            About::Document | About::Other => {}
        }
    }

    fn document(&mut self, tag: &str, value: &str) {
        match tag {
            "SPDXVersion" => {
                self.draft.origin.format = format!("SPDX {} tag-value", value.trim_start_matches("SPDX-"));
            }
            "DataLicense" => self.draft.origin.data_license = Some(value.to_owned()),
            "DocumentName" => self.links.name = Some(value.to_owned()),
            "DocumentNamespace" => self.draft.origin.serial = Some(value.to_owned()),
            "Creator" => self.creation.creators.items.push(Text::of(value.to_owned())),
            "CreatorComment" => self.creation.comment = Text::of(value.to_owned()),
            "Created" => self.creation.created = Text::of(value.to_owned()),
            "ExternalDocumentRef" | "DocumentComment" => self.draft.step_over(tag),
            _ => {}
        }
    }

    fn relationship(&mut self, value: &str) {
        let mut words = value.split_whitespace();
        let mut word = || words.next().map(Text::of).unwrap_or_default();
        let (from, kind, to) = (word(), word(), word());
        let relationship = Relationship { from, kind, to, ..Relationship::default() };
        add_relationship(&mut self.draft, &mut self.links, &relationship);
    }

    fn annotation(&mut self, comment: &str) {
        let annotation = Annotation { comment: Text::of(comment.to_owned()), ..Annotation::default() };
        match &mut self.about {
            About::Package(package) if package.id.as_str() == self.annotated => {
                package.annotations.items.push(annotation);
            }
            _ if self.annotated == super::DOCUMENT => {
                let annotations: List<Annotation> = std::iter::once(annotation).collect();
                add_annotations(&annotations, &mut self.draft.properties);
            }
            _ => {}
        }
    }

    fn finish(mut self) -> Result<Bom, ReadError> {
        self.turn_to(About::Document);
        add_creation(&mut self.draft, std::mem::take(&mut self.creation));
        finish(self.draft, self.links, FORMAT)
    }
}

fn set(draft: &mut Draft, package: &mut Package, tag: &str, value: &str) {
    let text = || Text::of(value.to_owned());
    let field = match tag {
        "SPDXID" => &mut package.id,
        "PackageVersion" => &mut package.version,
        "PackageSupplier" => &mut package.supplier,
        "PackageOriginator" => &mut package.originator,
        "PackageDownloadLocation" => &mut package.download,
        "PackageHomePage" => &mut package.homepage,
        "PackageSourceInfo" => &mut package.source_info,
        "PackageSummary" => &mut package.summary,
        "PackageDescription" => &mut package.description,
        "PackageCopyrightText" => &mut package.copyright,
        "PackageLicenseDeclared" => &mut package.declared,
        "PackageLicenseConcluded" => &mut package.concluded,
        "PrimaryPackagePurpose" => &mut package.purpose,
        "PackageLicenseInfoFromFiles" => return package.from_files.items.push(text()),
        "PackageChecksum" => {
            if let Some((algorithm, value)) = value.split_once(':') {
                let (algorithm, value) =
                    (Text::of(algorithm.trim().to_owned()), Text::of(value.trim().to_owned()));
                package.checksums.items.push(Checksum { algorithm, value, ..Checksum::default() });
            }
            return;
        }
        "ExternalRef" => {
            let mut words = value.split_whitespace();
            let mut word = || words.next().map(|word| Text::of(word.to_owned())).unwrap_or_default();
            let (category, kind, locator) = (word(), word(), word());
            package.references.items.push(ExternalRef { category, kind, locator, ..ExternalRef::default() });
            return;
        }
        "BuiltDate" | "ReleaseDate" | "ValidUntilDate" => return draft.step_over(format!("package {tag}")),
        _ if tag.starts_with("Package") => return draft.step_over(format!("package {tag}")),
        _ => return,
    };
    if let Some(before) = field.said().filter(|before| *before != value) {
        let name = package.name.as_str();
        draft.gap(format!("package `{name}`: `{tag}` is `{before}` and again `{value}`, which counts"));
    }
    *field = text();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Bom {
        tag_value(text.as_bytes()).expect("the test's text is sound")
    }

    #[test]
    fn packages_are_read_and_files_stepped_over() {
        let bom = read(
            "# made by hand\nSPDXVersion: SPDX-2.2\nDocumentName: x\nCreator: Tool: LicenseFind-1.0\nCreated: 2026-01-01T00:00:00Z\n\
             PackageName: glibc\nSPDXID: SPDXRef-1\nPackageVersion: 2.11.1\nPackageLicenseDeclared: (LGPL-2.0-only AND MIT)\n\
             PackageChecksum: SHA1: 85ed0817af83a24ad8da68c2b5094de69833983c\n\
             ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/glibc@2.11.1\n\
             FileName: ./a.c\nSPDXID: SPDXRef-2\nFileChecksum: SHA1: 00\n\
             PackageName: b\nSPDXID: SPDXRef-3\nnonsense\n\
             Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-1\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-3\n\
             Relationship: SPDXRef-1 DEPENDS_ON SPDXRef-3\n",
        );
        let names: Vec<String> = bom.components.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["library:b", "pkg:deb/debian/glibc@2.11.1"]);
        assert_eq!(bom.dependencies.len(), 1);
        assert_eq!(bom.gaps.len(), 1);
        assert_eq!(bom.gaps[0].reason, "line 17 is no `Tag: value`");
        assert_eq!(bom.origin.expect("it was read").tools, ["LicenseFind 1.0"]);
    }

    #[test]
    fn what_is_said_twice_or_has_no_place_is_told() {
        let bom = read(
            "SPDXVersion: SPDX-2.2\nCreated: 2020-11-24T01:21:40Z\n\
             ExternalDocumentRef:DocumentRef-src https://example.org/src SHA1: 00\n\
             PackageName: go\nSPDXID: SPDXRef-go\nPackageFileName: go.snap\nPackageComment: <text>from a\nstore</text>\n\
             PackageSupplier: Person: Jane Doe\nPackageSupplier: Organization: Canonical Ltd.\n\
             PackageVersion: 1.15.4\nPackageVersion: 1.15.4\nFilesAnalyzed: false\nReleaseDate: 2020-11-24T01:21:40Z\n",
        );
        let go = bom.components.values().next().expect("it has one component");
        assert_eq!((go.supplier.as_deref(), go.version.as_deref()), (Some("Canonical Ltd."), Some("1.15.4")));
        let gaps: Vec<&str> = bom.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(
            gaps,
            [
                "package `go`: `PackageSupplier` is `Person: Jane Doe` and again `Organization: Canonical Ltd.`, which counts"
            ]
        );
        let origin = bom.origin.expect("it was read");
        let stepped_over: Vec<&str> = origin.stepped_over.keys().map(String::as_str).collect();
        assert_eq!(
            stepped_over,
            [
                "ExternalDocumentRef",
                "package PackageComment",
                "package PackageFileName",
                "package ReleaseDate"
            ]
        );
    }

    #[test]
    fn a_text_may_have_many_lines_and_must_end() {
        let bom = read(
            "SPDXVersion: SPDX-2.3\nLicenseID: LicenseRef-1\nExtractedText: <text>You may.\n  # and: so on\n</text>\n\
             PackageName: a\n",
        );
        assert_eq!(bom.license_texts["LicenseRef-1"], "You may.\n  # and: so on\n");
        assert_eq!(bom.components.len(), 1);
        let error = tag_value(&b"SPDXVersion: SPDX-2.3\nPackageComment: <text>a\nb"[..])
            .expect_err("it is cut short");
        assert_eq!(error.to_string(), "it is SPDX tag-value, and the text that begins at line 2 has no end");
    }
}
