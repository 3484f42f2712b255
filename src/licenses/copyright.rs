//! Debian's `copyright` files: which licence covers which files of a package.
//!
//! Machine-readable ones (DEP-5) begin with a `Format:`; each paragraph names files and a licence. What ships is
//! under all of them together. Two kinds cover nothing that ships and are told apart: Debian's own packaging
//! (`debian/*`), and the machinery that builds (`configure`, `m4/*`). Other files are prose, written by hand for
//! thirty years; what can be told of them is which of Debian's common licences they refer to, and with which
//! words.
//! Spec: <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::detect::{self, How};
use super::expression::{Expression, License, LicenseId};
use super::names::{Dialect, read};
use super::{family, ids};

/// Where Debian keeps the texts that packages refer to.
const COMMON: &str = "/usr/share/common-licenses/";
/// How many bytes before a reference its notice may stand.
const NOTICE: usize = 2500;
/// How alike a text in prose must be to a licence.
const PROSE_TEXT: f32 = 0.85;
/// Words by which prose speaks of Debian's own work.
const PACKAGING: &[&str] =
    &["debian packaging", "debian specific changes", "debian specific modifications", "packaging is"];
/// How many bytes may stand between two references of one sentence.
const SAME_SENTENCE: usize = 300;
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

/// What a copyright file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copyright {
    /// In the order of the file.
    pub parts: Vec<Part>,
    /// Whether the file is prose, so that the parts are what we made out in it.
    pub is_prose: bool,
    /// The texts behind the `LicenseRef-` ids of the parts, by id.
    pub texts: BTreeMap<String, String>,
}

/// Some files and their licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// As written: `src/*`. Empty where the statement is about the whole.
    pub files: Vec<String>,
    /// As written: `GPL-2+ or Artistic`.
    pub text: String,
    pub expression: Option<Expression>,
    /// 1-based, of the statement.
    pub line: u32,
    pub role: Role,
}

/// What becomes of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// They reach who installs the package.
    Ships,
    /// Debian's own packaging.
    Packaging,
    /// They only build.
    Builds,
}

/// All that ships, in one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What the parts say, joined as Debian's format joins: `GPL-2+ or Artistic, and Expat`.
    pub text: String,
    pub expression: Option<Expression>,
    /// 1-based, of the first part.
    pub line: u32,
    pub is_detected: bool,
}

impl Copyright {
    /// What holds for what ships: all parts together. Where no part ships, what the others say is better than
    /// nothing. Absent when the file says nothing.
    pub fn statement(&self) -> Option<Statement> {
        let shipping: Vec<&Part> = self.parts.iter().filter(|part| part.role == Role::Ships).collect();
        let parts = if shipping.is_empty() { self.parts.iter().collect() } else { shipping };
        let first = parts.first()?;
        let mut texts: Vec<&str> = Vec::new();
        let mut seen = BTreeSet::new();
        for part in &parts {
            if seen.insert(part.text.as_str()) {
                texts.push(&part.text);
            }
        }
        Some(Statement {
            text: texts.join(", and "),
            expression: Expression::all_of(parts.iter().filter_map(|part| part.expression.clone())),
            line: first.line,
            is_detected: self.is_prose,
        })
    }
}

/// Reads a copyright file. Never fails: what says nothing has no parts.
pub fn read_copyright(text: &str) -> Copyright {
    let paragraphs = paragraphs(text);
    let is_format = |field: &Field<'_>| {
        ["Format", "Format-Specification"].iter().any(|name| field.name.eq_ignore_ascii_case(name))
    };
    match paragraphs.first() {
        Some(first) if first.iter().any(is_format) => machine_readable(&paragraphs),
        _ => Copyright { parts: prose(text), is_prose: true, texts: BTreeMap::new() },
    }
}

struct Field<'a> {
    name: &'a str,
    /// The rest of its line.
    value: &'a str,
    /// The lines that continue it.
    more: Vec<&'a str>,
    line: u32,
}

impl<'a> Field<'a> {
    /// What follows the first words.
    fn text(&self) -> String {
        let lines = self.more.iter().skip(usize::from(self.value.is_empty()));
        lines.map(|line| if *line == "." { "" } else { line }).collect::<Vec<_>>().join("\n")
    }

    /// The first words: on the field's own line, or where nothing stands there, on the next.
    fn synopsis(&self) -> &'a str {
        match self.value {
            "" => self.more.first().copied().unwrap_or_default(),
            value => value,
        }
    }
}

/// Paragraphs of `Field: value`; what is no field and continues none is left out.
fn paragraphs(text: &str) -> Vec<Vec<Field<'_>>> {
    let mut paragraphs: Vec<Vec<Field<'_>>> = Vec::new();
    let mut open = false;
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() {
            open = false;
        } else if line.starts_with([' ', '\t']) {
            let field = paragraphs.last_mut().filter(|_| open).and_then(|fields| fields.last_mut());
            if let Some(field) = field {
                field.more.push(line.trim());
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

fn machine_readable(paragraphs: &[Vec<Field<'_>>]) -> Copyright {
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
            role: role(&files),
            files,
            text: text.to_owned(),
            expression: meanings.read(license),
            line: license.line,
        });
    }
    Copyright { parts, is_prose: false, texts: meanings.texts }
}

fn field<'a, 'b>(paragraph: &'b [Field<'a>], name: &str) -> Option<&'b Field<'a>> {
    paragraph.iter().find(|field| field.name.eq_ignore_ascii_case(name))
}

/// What a file's short names mean: those that nobody else knows by the texts that the file puts beside them.
struct Meanings {
    /// The texts by the references that their names are read as, and by names with an exception.
    written: BTreeMap<License, String>,
    /// What was made of the references already.
    known: BTreeMap<License, Expression>,
    texts: BTreeMap<String, String>,
}

impl Meanings {
    fn of(paragraphs: &[Vec<Field<'_>>]) -> Self {
        let mut written = BTreeMap::new();
        let mut shared = Vec::new();
        for license in paragraphs.iter().filter_map(|paragraph| field(paragraph, "License")) {
            let text = license.text();
            let name = read(license.synopsis(), Dialect::Debian).filter(|_| !text.trim().is_empty());
            match name {
                Some(Expression::License(name)) if is_open(&name) => {
                    written.entry(name).or_insert(text);
                }
                Some(several @ (Expression::And(_) | Expression::Or(_))) => shared.push((several, text)),
                _ => {}
            }
        }
        let mut known = BTreeMap::new();
        for (several, text) in shared {
            of_several(&several, &text, &mut written, &mut known);
        }
        Self { written, known, texts: BTreeMap::new() }
    }

    fn read(&mut self, license: &Field<'_>) -> Option<Expression> {
        // The text itself may stand where its name was asked for.
        if license.value.is_empty()
            && let Some(expression) = detect::of_one(&license.more.join("\n"))
        {
            return Some(expression);
        }
        let expression = read(license.synopsis(), Dialect::Debian)?;
        Some(expression.with_leaves(&mut |leaf| self.meaning(leaf)))
    }

    fn meaning(&mut self, license: &License) -> Expression {
        if let Some(known) = self.known.get(license) {
            return known.clone();
        }
        let Some(text) = self.written.get(license) else { return Expression::License(license.clone()) };
        let meaning = by_text(license, text).unwrap_or_else(|| {
            // Packages give one name to different texts.
            let named = License { id: with_digest(&license.id, text), ..license.clone() };
            if let LicenseId::Ref(id) = &named.id {
                self.texts.insert(id.clone(), text.clone());
            }
            Expression::License(named)
        });
        self.known.insert(license.clone(), meaning.clone());
        meaning
    }
}

/// One text stands beside several names. It is that of a family among them; and where one name is not known, and
/// there is the text of one licence, it is that name's.
fn of_several(
    several: &Expression,
    text: &str,
    written: &mut BTreeMap<License, String>,
    known: &mut BTreeMap<License, Expression>,
) {
    let open: Vec<&License> = several.leaves().filter(|license| is_open(license)).collect();
    let (families, unknown): (Vec<&License>, Vec<&License>) =
        open.into_iter().partition(|license| family::family(license).is_some());
    for family in families {
        written.entry(family.clone()).or_insert_with(|| text.to_owned());
    }
    let [unknown] = unknown.as_slice() else { return };
    let found = detect::detect(text);
    let mut texts =
        found.into_iter().filter(|found| found.how == How::Text && found.confidence >= detect::SURE);
    match (texts.next(), texts.next()) {
        (Some(only), None) if !written.contains_key(unknown) => {
            known.entry((*unknown).clone()).or_insert(only.expression);
        }
        _ => {
            written.entry((*unknown).clone()).or_insert_with(|| text.to_owned());
        }
    }
}

/// The licence that a GNU family's unversioned name means where the words beside it name no version either: the
/// licences themselves say (GPL-2.0 in section 9) that any version ever published may be chosen then.
fn any_version(family: &str, text: &str) -> Option<Expression> {
    let id = match family {
        "GPL" => "GPL-1.0-or-later",
        "LGPL" => "LGPL-2.0-or-later",
        _ => return None,
    };
    let is_named = text.contains("ersion ") && said_version(&words(text)).is_some()
        || text.contains(|c: char| c.is_ascii_digit()) && text.contains("GPL-");
    if is_named { None } else { Expression::parse(id).ok() }
}

/// Whether a name leaves open which licence or exception it is.
fn is_open(license: &License) -> bool {
    matches!(&license.id, LicenseId::Ref(_))
        || license.exception.as_deref().is_some_and(|exception| exception.starts_with("AdditionRef-"))
}

/// What a text says that a name leaves open. A family's text must be one of the family's.
fn by_text(license: &License, text: &str) -> Option<Expression> {
    if let Some(exception) = license.exception.as_deref().filter(|id| id.starts_with("AdditionRef-")) {
        let candidates = family::exception_candidates(exception);
        let exception = match candidates.is_empty() {
            true => detect::exception_in(text, ids::all_exceptions()),
            false => detect::exception_in(text, candidates.into_iter()),
        }?;
        return Some(Expression::License(License {
            exception: Some(exception.to_owned()),
            ..license.clone()
        }));
    }
    if let Some(family) = family::family(license)
        && let Some(any) = any_version(family.name, text)
    {
        return Some(any);
    }
    let found = detect::of_one(text)?;
    match family::family(license) {
        Some(family) if !family.candidates.is_empty() => {
            let fits = found.leaves().all(|leaf| family.candidates.contains(leaf));
            fits.then_some(found)
        }
        _ => Some(found),
    }
}

/// Ours for a name and its text; families and the like stay what they are.
fn with_digest(id: &LicenseId, text: &str) -> LicenseId {
    match id {
        LicenseId::Ref(name) if name.starts_with("LicenseRef-debian-") => {
            let words: Vec<&str> = text.split_whitespace().collect();
            let digest = Sha256::digest(words.join(" "));
            let digest: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
            LicenseId::Ref(format!("{name}-{digest}"))
        }
        other => other.clone(),
    }
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

/// What can be made out in prose: the common licences that it refers to, and the texts and notices in it. What is
/// vague, where something exact of the same family stands beside it, is left out.
fn prose(text: &str) -> Vec<Part> {
    let mut parts = references(text);
    for found in detect::detect(text) {
        if found.how == How::Text && found.confidence < PROSE_TEXT {
            continue;
        }
        if parts
            .iter()
            .any(|part| part.expression.as_ref().is_some_and(|known| covers(known, &found.expression)))
        {
            continue;
        }
        parts.push(Part {
            files: Vec::new(),
            text: found.expression.to_string(),
            line: line_of(text, found.bytes.start),
            role: role_of_prose(notice(text, 0, found.bytes.start)),
            expression: Some(found.expression),
        });
    }
    let exact: Vec<License> = parts
        .iter()
        .filter_map(|part| part.expression.as_ref())
        .flat_map(|known| known.leaves().cloned())
        .collect();
    let is_vague = |part: &Part| match &part.expression {
        Some(Expression::License(license)) => family::is_vague_beside(license, &exact),
        _ => false,
    };
    let vague: Vec<bool> = parts.iter().map(is_vague).collect();
    let mut vague = vague.into_iter();
    parts.retain(|_| !vague.next().unwrap_or_default());
    parts.sort_by_key(|part| part.line);
    parts
}

/// Whether what is known already says what was found.
fn covers(known: &Expression, found: &Expression) -> bool {
    known == found
        || matches!((known, found), (Expression::Or(operands), Expression::License(_)) if operands.contains(found))
}

fn line_of(text: &str, at: usize) -> u32 {
    let before = text.get(..at).unwrap_or_default();
    u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
}

fn role_of_prose(notice: &str) -> Role {
    if is_about_packaging(notice) { Role::Packaging } else { Role::Ships }
}

/// The common licences that prose refers to, each with what the words before it say of versions.
fn references(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(COMMON) {
        let name = common_name(&text[at + COMMON.len()..]);
        let notice = notice(text, from, at);
        let end = at + COMMON.len() + name.len();
        from = end;
        let Some(expression) = common(name, notice) else { continue };
        // "…/GPL-1 and …/Artistic" name the two that Perl's users may choose between.
        let is_of_choice =
            |part: &Part| notice.len() < SAME_SENTENCE && includes(part.expression.as_ref(), &expression);
        if parts.last().is_some_and(is_of_choice) {
            continue;
        }
        if parts.iter().any(|part| part.expression.as_ref() == Some(&expression)) {
            continue;
        }
        parts.push(Part {
            files: Vec::new(),
            text: text[at..end].to_owned(),
            expression: Some(expression),
            line: line_of(text, at),
            role: role_of_prose(notice),
        });
    }
    parts
}

fn includes(choice: Option<&Expression>, one: &Expression) -> bool {
    matches!(choice, Some(Expression::Or(operands)) if operands.contains(one))
}

fn common_name(rest: &str) -> &str {
    let length =
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))).unwrap_or(rest.len());
    rest[..length].trim_end_matches(['.', '-'])
}

/// What stands before a reference, back to the one before it.
fn notice(text: &str, from: usize, at: usize) -> &str {
    let mut start = from.max(at.saturating_sub(NOTICE));
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..at]
}

/// Whether the last that is spoken of is Debian's packaging.
fn is_about_packaging(notice: &str) -> bool {
    let paragraph = notice.rsplit("\n\n").find(|paragraph| paragraph.trim().len() > 80).unwrap_or(notice);
    let paragraph = paragraph.to_lowercase();
    PACKAGING.iter().any(|words| paragraph.contains(words))
}

/// What a reference to a common licence means. "Only" is never said by a text; "or later" by the words before.
fn common(name: &str, notice: &str) -> Option<Expression> {
    let words = words(notice);
    let perl = "same terms as perl itself";
    if matches!(name, "Artistic" | "GPL" | "GPL-1" | "GPL-2") && words.contains(perl) {
        return read("GPL-1+ or Artistic", Dialect::Debian);
    }
    let (base, version) = match name.split_once('-') {
        Some((base @ ("GPL" | "LGPL" | "GFDL" | "AGPL"), version)) => (base, Some(version)),
        None if matches!(name, "GPL" | "LGPL" | "GFDL") => (name, None),
        // The text is that of the University of California.
        None if name == "BSD" => return read("BSD-3-clause", Dialect::Debian),
        _ => return read(name, Dialect::Debian),
    };
    let is_later = words.contains("any later version") || words.contains("or later");
    let said = said_version(&words);
    let version = match (version, said) {
        // "either version 2 …, or any later version. The text of version 3 is in …".
        (_, Some(said)) if is_later => said,
        (Some(version), _) => version.to_owned(),
        (None, Some(said)) => said,
        (None, None) => return Some(Expression::License(family::reference(base))),
    };
    let version = if version.contains('.') { version } else { format!("{version}.0") };
    let id = ids::known_license(&format!("{base}-{version}-{}", if is_later { "or-later" } else { "only" }))?;
    let license = License { id: LicenseId::Spdx(id.to_owned()), or_later: false, exception: None };
    Some(Expression::License(if is_later { license } else { family::of_text(license) }))
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The version that a notice names last: "version 2.1 of the License".
fn said_version(words: &str) -> Option<String> {
    words.rmatch_indices("version ").find_map(|(at, marker)| {
        let rest = &words[at + marker.len()..];
        let length = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let version = rest[..length].trim_end_matches('.');
        let version = version.strip_suffix(".0").unwrap_or(version);
        (!version.is_empty()).then(|| version.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let copyright = read_copyright(text);
        let mut shown = String::new();
        for part in &copyright.parts {
            let expression = part.expression.as_ref().map_or("-".to_owned(), Expression::to_string);
            let files = part.files.join(" ");
            shown +=
                &format!("line {} {:?} [{files}] `{}` = {expression}\n", part.line, part.role, part.text);
        }
        if let Some(statement) = copyright.statement() {
            let expression = statement.expression.as_ref().map_or("-".to_owned(), Expression::to_string);
            let detected = if statement.is_detected { " (detected)" } else { "" };
            shown += &format!("all: `{}` = {expression}{detected}\n", statement.text);
        }
        expected.assert_eq(&shown);
    }

    const FORMAT: &str = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";

    #[test]
    fn what_ships_is_under_all_its_licences_together() {
        check(
            &format!(
                "{FORMAT}Upstream-Name: perl\n\nFiles: *\nCopyright: 1987 Larry Wall\nLicense: GPL-1+ or Artistic\n\n\
                 Files: lib/unicore/*\nLicense: Unicode-DFS-2016\n Some text\n\n\
                 Files: debian/*\nLicense: GPL-3+\n\nFiles: configure\n m4/libtool.m4\nLicense: FSFULLR\n\n\
                 License: Artistic\n On Debian systems see /usr/share/common-licenses/Artistic\n"
            ),
            expect![[r#"
                line 6 Ships [*] `GPL-1+ or Artistic` = GPL-1.0-or-later OR Artistic-1.0-Perl
                line 9 Ships [lib/unicore/*] `Unicode-DFS-2016` = Unicode-DFS-2016
                line 13 Packaging [debian/*] `GPL-3+` = GPL-3.0-or-later
                line 17 Builds [configure m4/libtool.m4] `FSFULLR` = FSFULLR
                all: `GPL-1+ or Artistic, and Unicode-DFS-2016` = (GPL-1.0-or-later OR Artistic-1.0-Perl) AND Unicode-DFS-2016
            "#]],
        );
    }

    #[test]
    fn a_file_with_packaging_only_says_that_much() {
        check(
            &format!("{FORMAT}\nFiles: debian/*\nLicense: GPL-2+\n"),
            expect![[r#"
            line 4 Packaging [debian/*] `GPL-2+` = GPL-2.0-or-later
            all: `GPL-2+` = GPL-2.0-or-later
        "#]],
        );
    }

    #[test]
    fn the_name_may_stand_on_the_next_line_or_be_missing() {
        check(
            &format!("{FORMAT}\nFiles: *\nLicense:\n MIT\n\nFiles: x\nLicense:\n"),
            expect![[r#"
            line 4 Ships [*] `MIT` = MIT
            all: `MIT` = MIT
        "#]],
        );
    }

    #[test]
    fn prose_is_searched_for_references_to_the_common_licences() {
        check(
            "This package was debianized by X.\n\nThis program is free software; you can redistribute it and/or \
             modify\nit under the terms of the GNU General Public License as published by\nthe Free Software \
             Foundation; either version 2 of the License, or\n(at your option) any later version.\n\nOn Debian \
             systems, the complete text is in /usr/share/common-licenses/GPL.\n\nThe library is under the GNU Lesser \
             General Public License, /usr/share/common-licenses/LGPL-2.1.\n\nThe Debian packaging is (C) 2009, X and is \
             licensed under the GPL, version 3\nsee `/usr/share/common-licenses/GPL-3'.\n",
            expect![[r#"
                line 8 Ships [] `/usr/share/common-licenses/GPL` = GPL-2.0-or-later
                line 10 Ships [] `/usr/share/common-licenses/LGPL-2.1` = LicenseRef-packlist-family-LGPL-2.1
                line 13 Packaging [] `/usr/share/common-licenses/GPL-3` = LicenseRef-packlist-family-GPL-3.0
                all: `/usr/share/common-licenses/GPL, and /usr/share/common-licenses/LGPL-2.1` = GPL-2.0-or-later AND LicenseRef-packlist-family-LGPL-2.1 (detected)
            "#]],
        );
    }

    #[test]
    fn prose_may_give_perls_choice() {
        check(
            "It is distributed under the same terms as Perl itself:\n/usr/share/common-licenses/GPL-1 and \
             /usr/share/common-licenses/Artistic",
            expect![[r#"
                line 2 Ships [] `/usr/share/common-licenses/GPL-1` = GPL-1.0-or-later OR Artistic-1.0-Perl
                all: `/usr/share/common-licenses/GPL-1` = GPL-1.0-or-later OR Artistic-1.0-Perl (detected)
            "#]],
        );
    }

    #[test]
    fn a_name_that_nobody_knows_means_the_text_beside_it() {
        let text = super::super::license_text("BSD-3-Clause").expect("a text");
        let text: String =
            text.lines().map(|line| format!(" {}\n", if line.is_empty() { "." } else { line })).collect();
        check(
            &format!(
                "{FORMAT}\nFiles: a\nLicense: BSD-3-clause-Acme\n{text}\nFiles: b\nLicense: BSD or own\n\n\
                 License: BSD\n{text}\nLicense: own\n You may look at it.\n\n\
                 Files: c\nLicense: GPL-3+ with autoconf exception\n As a special exception to the GNU General Public License, if\n \
                 you distribute this file as part of a program that contains a\n configuration script generated by Autoconf, \
                 you may include it under\n the same distribution terms that you use for the rest of that program.\n"
            ),
            expect![[r#"
                line 4 Ships [a] `BSD-3-clause-Acme` = BSD-3-Clause
                line 18 Ships [b] `BSD or own` = BSD-3-Clause OR LicenseRef-debian-own-39f30b75
                line 37 Ships [c] `GPL-3+ with autoconf exception` = GPL-3.0-or-later WITH Autoconf-exception-generic
                all: `BSD-3-clause-Acme, and BSD or own, and GPL-3+ with autoconf exception` = BSD-3-Clause AND (BSD-3-Clause OR LicenseRef-debian-own-39f30b75) AND GPL-3.0-or-later WITH Autoconf-exception-generic
            "#]],
        );
    }

    #[test]
    fn a_text_beside_several_names_says_which_the_open_ones_are() {
        let text = super::super::license_text("HPND-export-US").expect("a text");
        let text: String = text
            .lines()
            .map(|line| format!(" {}\n", if line.trim().is_empty() { "." } else { line }))
            .collect();
        check(
            &format!(
                "{FORMAT}\nFiles: a\nLicense: GPL or MIT-US-export\n This may be redistributed under the terms of the\n \
                 GNU Public License.\n .\n{text}\nFiles: b\nLicense: LGPL\n GNU Lesser General Public License.\n"
            ),
            expect![[r#"
                line 4 Ships [a] `GPL or MIT-US-export` = GPL-1.0-or-later OR HPND-export-US
                line 15 Ships [b] `LGPL` = LGPL-2.0-or-later
                all: `GPL or MIT-US-export, and LGPL` = (GPL-1.0-or-later OR HPND-export-US) AND LGPL-2.0-or-later
            "#]],
        );
    }

    #[test]
    fn prose_is_searched_for_texts_and_notices() {
        let text = super::super::license_text("ISC").expect("a text");
        check(
            &format!(
                "This is dhcpcd.\n\n{text}\n\nParts are Licensed under the Apache License, Version 2.0\n"
            ),
            expect![[r#"
                line 3 Ships [] `ISC` = ISC
                line 12 Ships [] `Apache-2.0` = Apache-2.0
                all: `ISC, and Apache-2.0` = ISC AND Apache-2.0 (detected)
            "#]],
        );
    }

    #[test]
    fn other_files_say_nothing() {
        check("", expect![[""]]);
        check("Format: x", expect![[""]]);
        check("\u{fffd}: /usr/share/common-licenses/", expect![[""]]);
    }
}
