//! One name of a licence, without operators: what it means.
//!
//! Tried in this order, so that what is written exactly is never read otherwise: a reference, an id of the list,
//! the tables of names, an id or full name written differently, a family, a name with its abbreviation behind it
//! (`GNU General Public License (GPLv2+)`), a licence with an exception. What is none of these is not known.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::category::{PROPRIETARY, PUBLIC_DOMAIN};
use super::expression::{Expression, License, LicenseId};
use super::key::key;
use super::names::Dialect;
use super::{data, family, ids, parse, urls};

/// Longest text taken for a name; longer ones are prose, or a licence's whole text.
const LONGEST_NAME: usize = 160;
/// Longest reference made of a name; a longer one is cut and told from others by its digest.
const LONGEST_SLUG: usize = 60;

/// What a text means that is one known name as it stands, although there are operators in it (`New or Revised
/// BSD`). Absent for all others.
pub(super) fn whole(text: &str, dialect: Dialect) -> Option<Expression> {
    let name = trimmed(text)?;
    match urls::is_url(name) {
        true => Some(known(name, dialect).unwrap_or_else(|| Expression::License(unknown(name, dialect)))),
        false => plain(name, dialect),
    }
}

fn trimmed(name: &str) -> Option<&str> {
    let name = name.trim().trim_matches(['"', '\'', '`', '*', '.', ':']).trim();
    (!name.is_empty() && name.len() <= LONGEST_NAME).then_some(name)
}

/// What a name without operators means. Absent when it is not known.
pub(super) fn known(name: &str, dialect: Dialect) -> Option<Expression> {
    let name = trimmed(name)?;
    if urls::is_url(name) {
        return urls::license(name);
    }
    plain(name, dialect)
        .or_else(|| with_abbreviation(name, dialect))
        .or_else(|| with_exception(name, dialect))
        .or_else(|| with_address(name, dialect))
        .or_else(|| with_pointer(name, dialect))
        .or_else(|| prefixed(name, dialect))
}

/// `MIT <http://opensource.org/licenses/MIT>`: the name, or where that is not one licence of the list, what lies at
/// the address.
fn with_address(name: &str, dialect: Dialect) -> Option<Expression> {
    let at = name.find("http://").or_else(|| name.find("https://"))?;
    let (before, address) = name.split_at(at);
    let before = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    // What stands behind the address is none.
    let address = address.trim_end_matches(['>', ')', ']', '.']);
    if address.contains(char::is_whitespace) || before.is_empty() {
        return None;
    }
    let named = plain(before, dialect);
    let is_exact =
        |named: &Expression| named.leaves().all(|license| matches!(license.id, LicenseId::Spdx(_)));
    match named {
        Some(named) if is_exact(&named) => Some(named),
        named => urls::license(address).or(named),
    }
}

/// `BSD - See LICENSE file for details`, `Unlicense (see https://…)`: what stands before the pointer.
fn with_pointer(name: &str, dialect: Dialect) -> Option<Expression> {
    let lower = name.to_ascii_lowercase();
    let at = ["see ", "as described in ", "as specified in "]
        .into_iter()
        .filter_map(|pointer| lower.find(pointer))
        .find(|at| lower[..*at].ends_with([' ', '(', '-', ',']))?;
    let before = name[..at].trim_end_matches(|c: char| !c.is_alphanumeric() && c != '+');
    plain(before, dialect)
}

/// What a name means that holds no second one.
fn plain(name: &str, dialect: Dialect) -> Option<Expression> {
    if !name.contains(char::is_whitespace)
        && let Ok(expression) = Expression::parse(name)
    {
        return Some(expression);
    }
    let key = key(name);
    if key.is_empty() {
        return None;
    }
    if let Some(meaning) = names().get(&key).and_then(|meanings| meaning(meanings, dialect)) {
        return Expression::parse(meaning).ok();
    }
    if let Some(license) = spelled(&key) {
        return Some(Expression::License(license));
    }
    family::named(name).map(Expression::License)
}

/// An id or a full name of the list in any spelling; a `+` that the list does not have is "or later".
fn spelled(key: &str) -> Option<License> {
    if let Some(id) = spellings().get(key) {
        return Some(parse::spdx_license(id, false));
    }
    let id = spellings().get(key.strip_suffix(" +")?)?;
    let is_version =
        key.split(' ').rev().nth(1).is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    is_version.then(|| parse::spdx_license(id, true))
}

/// `Apache License, Version 2.0 (Apache-2.0)`: what stands before the parenthesis, or where that is not one
/// licence, what stands in it.
fn with_abbreviation(name: &str, dialect: Dialect) -> Option<Expression> {
    let (before, rest) = name.split_once('(')?;
    let (inner, behind) = rest.split_once(')')?;
    // `GNU Lesser General Public License (LGPL), Version 3`.
    if !behind.trim().is_empty() {
        return plain(&format!("{before}{behind}"), dialect);
    }
    let before = plain(before.trim(), dialect);
    let inner = plain(inner.trim(), dialect);
    match (before, inner) {
        (Some(before), Some(inner)) if is_family(&before) && !is_family(&inner) => Some(inner),
        (Some(before), _) => Some(before),
        (None, inner) => inner,
    }
}

fn is_family(expression: &Expression) -> bool {
    expression.leaves().any(|license| family::family(license).is_some())
}

/// `GPL-2+ with Autoconf exception`, `GPL-3+-autoconf-exception`, `GPLv2+ with exceptions`. An exception that
/// is not known becomes an `AdditionRef-`: that there is one is known.
fn with_exception(name: &str, dialect: Dialect) -> Option<Expression> {
    let lower = name.to_ascii_lowercase();
    let (base, exception) = match split_at_with(&lower) {
        Some((base_end, exception_start)) => (&name[..base_end], &name[exception_start..]),
        None if lower.trim_end_matches('s').ends_with("exception") => base_and_rest(name, dialect)?,
        None => return None,
    };
    let Some(Expression::License(mut license)) = plain(base.trim_matches(['-', '_', ' ', ',']), dialect)
    else {
        return None;
    };
    if license.exception.is_some() || !(is_gnu(&license) || lower.contains("exception")) {
        return None;
    }
    let named = family::exception_named(exception, license.id.as_str());
    license.exception = Some(named.unwrap_or_else(|| format!("AdditionRef-{}", slug(dialect, exception))));
    Some(Expression::License(license))
}

fn is_gnu(license: &License) -> bool {
    ["GPL-", "LGPL-", "AGPL-"].iter().any(|begin| license.id.as_str().starts_with(begin))
}

/// Where the base ends and the exception begins in `gpl-2+ with font exception`.
fn split_at_with(lower: &str) -> Option<(usize, usize)> {
    [" with ", "-with-", "_with_", " w/ ", " w/", " plus "]
        .into_iter()
        .find_map(|with| lower.find(with).map(|at| (at, at + with.len())))
}

/// The longest beginning that is a licence, and what follows it.
fn base_and_rest(name: &str, dialect: Dialect) -> Option<(&str, &str)> {
    let cuts = name.char_indices().filter(|(_, c)| matches!(c, '-' | ' ' | '_')).map(|(at, _)| at);
    let cuts: Vec<usize> = cuts.collect();
    cuts.into_iter()
        .rev()
        .find(|at| plain(&name[..*at], dialect).is_some())
        .map(|at| (&name[..at], &name[at + 1..]))
}

/// Names whose beginning says it all: `public-domain-md5` is a dedication whatever follows.
fn prefixed(name: &str, dialect: Dialect) -> Option<Expression> {
    let words = key(name);
    let reference = |id: &str| {
        Some(Expression::License(License {
            id: LicenseId::Ref(id.to_owned()),
            or_later: false,
            exception: None,
        }))
    };
    if dialect == Dialect::Debian && words.starts_with("public domain ") {
        return reference(PUBLIC_DOMAIN);
    }
    if dialect == Dialect::Debian
        && let Some(rest) = words.strip_prefix("permissive ")
    {
        // One file may have several, each with its text.
        let mark = slug(dialect, rest);
        let mark = mark.trim_start_matches(dialect.name()).trim_start_matches('-');
        return Some(Expression::License(family::variant(&family::reference("permissive"), mark)));
    }
    // SUSE's own ids for what SPDX did not list: SUSE-GPL-2.0-with-OSI-exception.
    if dialect == Dialect::Fedora
        && let Some(rest) = name.strip_prefix("SUSE-")
    {
        return plain(rest, dialect).or_else(|| with_exception(rest, dialect));
    }
    let words: Vec<&str> = words.split(' ').collect();
    let is_private =
        words.contains(&"proprietary") || words.contains(&"commercial") && !words.contains(&"non");
    if is_private && words.len() <= 4 {
        return reference(PROPRIETARY);
    }
    None
}

/// A name that is not known, kept as a reference: `LicenseRef-debian-permissive-fsf`.
pub(super) fn unknown(name: &str, dialect: Dialect) -> License {
    License {
        id: LicenseId::Ref(format!("LicenseRef-{}", slug(dialect, name))),
        or_later: false,
        exception: None,
    }
}

/// The dialect and the name in the characters that a reference may have. Names too long, or with nothing left,
/// are told apart by their digest.
fn slug(dialect: Dialect, name: &str) -> String {
    let mut slug = String::new();
    for c in name.trim().chars() {
        match c {
            c if c.is_ascii_alphanumeric() || c == '.' => slug.push(c),
            '+' => slug.push_str("plus"),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
        if slug.len() > LONGEST_SLUG {
            break;
        }
    }
    let kept = slug.trim_matches(['-', '.']);
    if kept.is_empty() || kept.len() > LONGEST_SLUG {
        let digest = Sha256::digest(name.trim());
        let digest: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        let cut = kept[..kept.len().min(LONGEST_SLUG - 20)].trim_matches(['-', '.']);
        let parts = [dialect.name(), cut, &digest];
        return parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    }
    format!("{}-{kept}", dialect.name())
}

/// What a name means in which dialects.
type Meanings = Vec<(&'static str, &'static str)>;

fn meaning(meanings: &Meanings, dialect: Dialect) -> Option<&'static str> {
    let is_of = |dialects: &str| dialects.split('|').any(|name| name == dialect.name());
    let special = meanings.iter().find(|(dialects, _)| is_of(dialects));
    special.or_else(|| meanings.iter().find(|(dialects, _)| *dialects == "*")).map(|(_, meaning)| *meaning)
}

fn names() -> &'static BTreeMap<String, Meanings> {
    static NAMES: OnceLock<BTreeMap<String, Meanings>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: BTreeMap<String, Meanings> = BTreeMap::new();
        for row in data::rows(data::NAMES) {
            names.entry(key(row[0])).or_default().push((row[1], row[2]));
        }
        names
    })
}

/// Ids by the keys of their full names and of themselves. Where two have one key, that of a version that says
/// "or later" is written with the `+` of the key, so there are none that differ in meaning.
fn spellings() -> &'static BTreeMap<String, &'static str> {
    static SPELLINGS: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    SPELLINGS.get_or_init(|| {
        let full_names = ids::all_licenses().map(|(id, name)| (key(name), id));
        let ids = ids::all_licenses().map(|(id, _)| (key(id), id));
        full_names.chain(ids).filter(|(key, _)| !key.is_empty()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_of_names_parses_and_is_of_known_dialects() {
        for row in data::rows(data::NAMES) {
            assert_eq!(row.len(), 4, "{row:?}");
            Expression::parse(row[2]).unwrap_or_else(|error| panic!("{row:?}: {error}"));
            for dialect in row[1].split('|').filter(|name| *name != "*") {
                assert!(Dialect::ALL.iter().any(|known| known.name() == dialect), "{row:?}");
            }
        }
    }

    #[test]
    fn no_line_of_the_table_of_names_says_what_the_list_says() {
        let needless: Vec<&str> = data::rows(data::NAMES)
            .filter(|row| spelled(&key(row[0])).map(|license| license.to_string()).as_deref() == Some(row[2]))
            .map(|row| row[0])
            .collect();
        assert_eq!(needless, [""; 0]);
    }

    #[test]
    fn ids_with_one_key_mean_one_thing() {
        let mut known: BTreeMap<String, License> = BTreeMap::new();
        let mut clashes = Vec::new();
        for (id, _) in ids::all_licenses() {
            let license = parse::spdx_license(id, false);
            if let Some(other) = known.insert(key(id), license.clone())
                && other != license
            {
                clashes.push(format!("{other} and {license}"));
            }
        }
        assert_eq!(clashes, [""; 0]);
    }
}
