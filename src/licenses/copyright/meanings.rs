//! What the short names of one copyright file mean.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::super::category::PUBLIC_DOMAIN;
use super::super::detect::{self, How};
use super::super::expression::{Expression, License, LicenseId};
use super::super::names::{Dialect, read};
use super::super::{family, ids, unlisted};
use super::dep5::{Field, field};
use super::prose;

/// What GNU's licences say of their own texts.
const OF_LICENSE_TEXT: &str = "everyone is permitted to copy and distribute verbatim copies of this license \
                               document, but changing it is not allowed.";
/// Longest text that may say where another lies and nothing else, in words.
const LONGEST_POINTER: usize = 60;

/// What a file's short names mean: those that nobody else knows by the texts that the file puts beside them.
pub(super) struct Meanings {
    /// The texts by the references that their names are read as, and by names with an exception; see [`key`].
    written: BTreeMap<License, String>,
    /// What was made of the references already.
    known: BTreeMap<License, Expression>,
    /// The texts of the references that stay, those of exceptions (`AdditionRef-`) among them.
    pub(super) texts: BTreeMap<String, String>,
    /// What the paragraph about all files names.
    main: Option<Expression>,
}

impl Meanings {
    pub(super) fn of(paragraphs: &[Vec<Field<'_>>]) -> Self {
        let mut written = BTreeMap::new();
        let mut shared = Vec::new();
        for license in paragraphs.iter().filter_map(|paragraph| field(paragraph, "License")) {
            let text = license.text();
            let name = read(license.synopsis(), Dialect::Debian).filter(|_| !text.trim().is_empty());
            match name {
                Some(Expression::License(name)) if is_open(&name) => {
                    written.entry(key(&name)).or_insert(text);
                }
                Some(several @ (Expression::And(_) | Expression::Or(_))) => shared.push((several, text)),
                _ => {}
            }
        }
        let mut known = BTreeMap::new();
        for (several, text) in shared {
            of_several(&several, &text, &mut written, &mut known);
        }
        Self { written, known, texts: BTreeMap::new(), main: main(paragraphs) }
    }

    /// Whether it is the licence of a licence's text, which nobody may change: that of the GPL's words, not of
    /// anything under the GPL.
    pub(super) fn is_of_license_text(&self, license: &Field<'_>) -> bool {
        let own = license.text();
        let text = match read(license.synopsis(), Dialect::Debian) {
            Some(Expression::License(name)) if own.trim().is_empty() => self.written.get(&key(&name)),
            _ => Some(&own),
        };
        text.is_some_and(|text| prose::has_only(text, OF_LICENSE_TEXT))
    }

    /// What a paragraph's licence means.
    pub(super) fn read(&mut self, license: &Field<'_>) -> Option<Expression> {
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
        let key = key(license);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let Some(text) = self.written.get(&key) else { return Expression::License(license.clone()) };
        let text = text.clone();
        let as_the_rest = || self.main.clone().filter(|_| says_as_the_rest(&text));
        let meaning = by_text(license, &text).or_else(as_the_rest);
        let meaning = meaning.unwrap_or_else(|| Expression::License(self.kept(license, &text)));
        self.known.insert(key, meaning.clone());
        meaning
    }

    /// A reference told from others of its name by its text, which is kept. Dedications to the public domain differ
    /// from package to package, and have one id.
    fn kept(&mut self, license: &License, text: &str) -> License {
        let digest = digest(text);
        let mut named = License { id: with_digest(license, text, &digest), ..license.clone() };
        let exception = named.exception.as_mut().filter(|id| id.starts_with("AdditionRef-"));
        let id = match (&named.id, exception) {
            (_, Some(exception)) => {
                *exception = family::exception_variant(exception, &digest);
                exception.clone()
            }
            (LicenseId::Ref(id), None) if id != PUBLIC_DOMAIN => id.clone(),
            _ => return named,
        };
        self.texts.insert(id, text.to_owned());
        named
    }
}

/// The same for all spellings: the format's short names are the same in any case.
fn key(license: &License) -> License {
    match &license.id {
        LicenseId::Ref(id) => License { id: LicenseId::Ref(id.to_ascii_lowercase()), ..license.clone() },
        LicenseId::Spdx(_) => license.clone(),
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
        written.entry(key(family)).or_insert_with(|| text.to_owned());
    }
    let [unknown] = unknown.as_slice() else { return };
    let found = detect::detect(text);
    let mut texts =
        found.into_iter().filter(|found| found.how == How::Text && found.confidence >= detect::SURE);
    match (texts.next(), texts.next()) {
        (Some(only), None) if !written.contains_key(&key(unknown)) => {
            known.entry(key(unknown)).or_insert(only.expression);
        }
        _ => {
            written.entry(key(unknown)).or_insert_with(|| text.to_owned());
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
    let is_named = text.contains("ersion ") && prose::said_version(&prose::words(text)).is_some()
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
    let fits = |found: &Expression| match family::family(license) {
        Some(family) if !family.candidates.is_empty() => {
            found.leaves().all(|leaf| family.candidates.contains(leaf))
        }
        _ => true,
    };
    // Packagers call what is much like a family's texts by the family's name: ICU's licence `MIT`.
    let only_text = || detect::only_text(text).filter(|found| !is_gnu(found)).map(Expression::License);
    detect::of_one(text).filter(fits).or_else(only_text).or_else(|| only_reference(text).filter(fits))
}

fn is_gnu(license: &License) -> bool {
    license.id.as_str().contains("GPL") || license.id.as_str().contains("GFDL")
}

/// The common licence that a text points to, where it says nothing else.
fn only_reference(text: &str) -> Option<Expression> {
    if text.split_whitespace().count() > LONGEST_POINTER {
        return None;
    }
    match prose::references(text).as_slice() {
        [only] => only.expression.clone(),
        _ => None,
    }
}

/// What the paragraph about all files names, where it is a known licence or several.
fn main(paragraphs: &[Vec<Field<'_>>]) -> Option<Expression> {
    let is_of_all = |paragraph: &&Vec<Field<'_>>| {
        field(paragraph, "Files").is_some_and(|files| files.value == "*" && files.more.is_empty())
    };
    let license = field(paragraphs.iter().find(is_of_all)?, "License")?;
    let expression = read(license.synopsis(), Dialect::Debian)?;
    let is_known =
        expression.leaves().all(|license| matches!(license.id, LicenseId::Spdx(_)) && !is_open(license));
    is_known.then_some(expression)
}

/// "Distributed under the same license as the p11-kit package", and nothing else.
fn says_as_the_rest(text: &str) -> bool {
    let words = prose::words(text);
    words.split(' ').count() <= LONGEST_POINTER / 2
        && [
            "under the same license as the ",
            "under the same licence as the ",
            "under the same terms as the ",
        ]
        .iter()
        .any(|same| words.contains(same))
        && (words.contains("package") || words.contains("rest of"))
        && !words.contains("except")
}

fn digest(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let digest = Sha256::digest(words.join(" "));
    digest[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Ours for a name and its text, since packages give one name to different texts.
fn with_digest(license: &License, text: &str, digest: &str) -> LicenseId {
    match &license.id {
        LicenseId::Ref(name) if name.starts_with("LicenseRef-debian-") => match unlisted::of_text(text) {
            Some(known) => unlisted::variant(&known, digest),
            None => LicenseId::Ref(format!("{name}-{digest}")),
        },
        LicenseId::Ref(_) if family::family(license).is_some() => family::variant(license, digest).id,
        other => other.clone(),
    }
}
