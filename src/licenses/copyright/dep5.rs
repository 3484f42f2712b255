//! Machine-readable copyright files: paragraphs of fields, of which some name files and their licence.
//!
//! Spec: <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>

use super::super::holders::each_line;
use super::meanings::Meanings;
use super::{Copyright, Part, Role};

/// Files that only building needs. What they are licensed under does not reach the binary package.
const MACHINERY: &[&str] = &[
    "INSTALL",
    "Makefile.in",
    "acinclude.m4",
    "aclocal.m4",
    "ar-lib",
    "autogen.sh",
    "bootstrap",
    "compile",
    "config.guess",
    "config.rpath",
    "config.sub",
    "configure",
    "configure.ac",
    "configure.in",
    "depcomp",
    "install-sh",
    "ltmain.sh",
    "missing",
    "mkinstalldirs",
    "py-compile",
    "test-driver",
    "ylwrap",
];
/// Folders that hold nothing else.
const MACHINERY_FOLDERS: &[&str] = &["autoconf", "build-aux", "buildaux", "cmake", "config", "m4"];

/// One field of a paragraph.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    /// The rest of its line.
    pub(super) value: &'a str,
    /// The lines that continue it.
    pub(super) more: Vec<&'a str>,
    pub(super) line: u32,
}

impl<'a> Field<'a> {
    /// What follows the first words.
    pub(super) fn text(&self) -> String {
        let lines = self.more.iter().skip(usize::from(self.value.is_empty()));
        lines.map(|line| if *line == "." { "" } else { line }).collect::<Vec<_>>().join("\n")
    }

    /// The first words: on the field's own line, or where nothing stands there, on the next.
    pub(super) fn synopsis(&self) -> &'a str {
        match self.value {
            "" => self.more.first().copied().unwrap_or_default(),
            value => value,
        }
    }
}

/// Paragraphs of `Field: value`; what is no field and continues none is left out.
pub(super) fn paragraphs(text: &str) -> Vec<Vec<Field<'_>>> {
    let mut paragraphs: Vec<Vec<Field<'_>>> = Vec::new();
    let mut open = false;
    for (line, number) in each_line(text).zip(1..) {
        let is_continued = line.starts_with([' ', '\t']);
        let trimmed = line.trim_ascii_start().trim_start();
        if trimmed.is_empty() {
            open = false;
        } else if is_continued {
            let field = paragraphs.last_mut().filter(|_| open).and_then(|fields| fields.last_mut());
            if let Some(field) = field {
                field.more.push(trimmed.trim_end());
            }
        } else if let Some((name, value)) = line.split_once(':')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            if !open {
                paragraphs.push(Vec::new());
                open = true;
            }
            if let Some(fields) = paragraphs.last_mut() {
                fields.push(Field { name, value: value.trim(), more: Vec::new(), line: number });
            }
        }
    }
    paragraphs
}

/// Whether a file with these paragraphs follows the format: its first says so. One that begins with files and their
/// licence does so, too; further down such fields stand in prose, with anything behind them.
pub(super) fn is_machine_readable(text: &str, paragraphs: &[Vec<Field<'_>>]) -> bool {
    let is_format = |field: &Field<'_>| {
        ["Format", "Format-Specification"].iter().any(|name| field.name.eq_ignore_ascii_case(name))
    };
    let Some(first) = paragraphs.first() else { return false };
    let has_files = field(first, "Files").is_some() && field(first, "License").is_some();
    first.iter().any(is_format) || has_files && text.trim_start().starts_with("Files:")
}

/// What the paragraphs with files say.
pub(super) fn read(paragraphs: &[Vec<Field<'_>>]) -> Copyright {
    let mut meanings = Meanings::of(paragraphs);
    let mut parts = Vec::new();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let files: Vec<String> = match field(paragraph, "Files") {
            Some(files) => {
                let lines = std::iter::once(files.value).chain(files.more.iter().copied());
                lines
                    .flat_map(str::split_whitespace)
                    .map(|file| file.trim_end_matches(',').to_owned())
                    .collect()
            }
            // The head may say what holds for the whole; other paragraphs without files hold texts.
            None if index == 0 => Vec::new(),
            None => continue,
        };
        let Some(license) = field(paragraph, "License") else { continue };
        let text = license.synopsis();
        if text.is_empty() {
            continue;
        }
        parts.push(Part {
            role: if meanings.is_of_license_text(license) { Role::LicenseText } else { role(&files) },
            files,
            text: text.to_owned(),
            expression: meanings.read(license),
            line: license.line,
        });
    }
    Copyright { parts, is_prose: false, texts: meanings.texts }
}

/// A paragraph's field of a name.
pub(super) fn field<'a, 'b>(paragraph: &'b [Field<'a>], name: &str) -> Option<&'b Field<'a>> {
    paragraph.iter().find(|field| field.name.eq_ignore_ascii_case(name))
}

fn role(files: &[String]) -> Role {
    let is_packaging =
        |file: &String| file.strip_prefix("./").unwrap_or(file).starts_with("debian/") || file == "debian";
    match files {
        [] => Role::Ships,
        files if files.iter().all(is_packaging) => Role::Packaging,
        files if files.iter().all(|file| is_packaging(file) || is_machinery(file)) => Role::Builds,
        _ => Role::Ships,
    }
}

fn is_machinery(file: &str) -> bool {
    let mut folders = file.split('/').rev();
    let name = folders.next().unwrap_or_default();
    MACHINERY.contains(&name)
        || name.ends_with(".m4")
        || name.ends_with(".cmake")
        || folders.any(|folder| MACHINERY_FOLDERS.contains(&folder))
}
