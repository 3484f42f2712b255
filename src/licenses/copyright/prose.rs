//! Copyright files in prose: what can be made out in them.

use memchr::memmem;
use sha2::{Digest, Sha256};

use super::super::detect::{self, How};
use super::super::expression::{Expression, License, LicenseId};
use super::super::names::{self, Dialect};
use super::super::{family, ids};
use super::{Copyright, Part, Role};

/// Where Debian keeps the texts that packages refer to.
const COMMON: &str = "/usr/share/common-licenses/";
/// How many bytes before a reference its notice may stand.
const NOTICE: usize = 2500;
/// How alike a text in prose must be to a licence.
const PROSE_TEXT: f32 = 0.85;
/// Words by which prose speaks of Debian's own work.
const PACKAGING: &[&str] =
    &["debian packaging", "debian specific changes", "debian specific modifications", "packaging is"];
/// How much of an unknown file's first line stands for it, in characters.
const LONGEST_TITLE: usize = 80;
/// How many bytes may stand between two references of one sentence.
const SAME_SENTENCE: usize = 300;

/// What can be made out in prose: the common licences that it refers to, and the texts and notices in it. What is
/// vague, where something exact of the same family stands beside it, is left out.
pub(super) fn read(text: &str) -> Vec<Part> {
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

/// A file in which nothing is made out: a reference that carries the whole of it.
pub(super) fn unknown(text: &str) -> Copyright {
    let mut copyright = Copyright { is_prose: true, ..Copyright::default() };
    let text = text.trim();
    let Some(title) = text.lines().next().filter(|title| !title.is_empty()) else { return copyright };
    let digest = Sha256::digest(words(text));
    let digest: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let id = format!("LicenseRef-debian-copyright-{digest}");
    copyright.texts.insert(id.clone(), text.to_owned());
    copyright.parts.push(Part {
        files: Vec::new(),
        text: title.chars().take(LONGEST_TITLE).collect(),
        expression: Some(Expression::License(License {
            id: LicenseId::Ref(id),
            or_later: false,
            exception: None,
        })),
        line: 1,
        role: Role::Ships,
    });
    copyright
}

/// Whether what is known already says what was found.
fn covers(known: &Expression, found: &Expression) -> bool {
    known == found
        || matches!((known, found), (Expression::Or(operands), Expression::License(_)) if operands.contains(found))
}

fn line_of(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX)
}

fn role_of_prose(notice: &str) -> Role {
    if is_about_packaging(notice) { Role::Packaging } else { Role::Ships }
}

/// The common licences that prose refers to, each with what the words before it say of versions.
pub(super) fn references(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut from = 0;
    for at in memmem::find_iter(text.as_bytes(), COMMON) {
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
    let says_something = |paragraph: &&str| paragraph.trim().len() > 80 && !only_points(paragraph);
    let paragraph = words(notice.rsplit("\n\n").find(says_something).unwrap_or(notice));
    PACKAGING.iter().any(|words| paragraph.contains(words))
}

/// Whether a paragraph says where a text lies, and not whose work it covers.
fn only_points(paragraph: &str) -> bool {
    let paragraph = words(paragraph);
    paragraph.starts_with("on debian") && paragraph.contains("text of")
}

/// What a reference to a common licence means. "Only" is never said by a text; "or later" by the words before.
fn common(name: &str, notice: &str) -> Option<Expression> {
    let words = words(notice);
    let perl = "same terms as perl itself";
    if matches!(name, "Artistic" | "GPL" | "GPL-1" | "GPL-2") && words.contains(perl) {
        return names::read("GPL-1+ or Artistic", Dialect::Debian);
    }
    let (base, version) = match name.split_once('-') {
        Some((base @ ("GPL" | "LGPL" | "GFDL" | "AGPL"), version)) => (base, Some(version)),
        None if matches!(name, "GPL" | "LGPL" | "GFDL") => (name, None),
        // The text is that of the University of California.
        None if name == "BSD" => return names::read("BSD-3-clause", Dialect::Debian),
        _ => return names::read(name, Dialect::Debian),
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

/// Lower-case words with one space between them.
pub(super) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether these are the words of a text; they are of ASCII, and lower-case.
pub(super) fn has_only(text: &str, words: &str) -> bool {
    let lower = |word: &str, other: &str| word.eq_ignore_ascii_case(other) || word.to_lowercase() == other;
    let mut all = text.split_whitespace();
    words.split(' ').all(|word| all.next().is_some_and(|other| lower(other, word))) && all.next().is_none()
}

/// The version that a notice names last: "version 2.1 of the License".
pub(super) fn said_version(words: &str) -> Option<String> {
    words.rmatch_indices("version ").find_map(|(at, marker)| {
        let rest = &words[at + marker.len()..];
        let length = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let version = rest[..length].trim_end_matches('.');
        let version = version.strip_suffix(".0").unwrap_or(version);
        (!version.is_empty()).then(|| version.to_owned())
    })
}
