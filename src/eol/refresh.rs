//! Newer dates for the calendar, from what endoflife.date's API says of all its products.
//!
//! Whatever the site computed on the day it was built (`isEol`, `isMaintained`) is passed over where a day stands
//! beside it. An answer that lacks much of what we have is no answer: half a list would turn ended releases into
//! unknown ones. Names that a distribution or an image registry gives a product are left out, as they are in the
//! shipped file: they say nothing of who promises to mend it.
//!
//! Spec: <https://endoflife.date/docs/api/v1/> (1.2)

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::{Days, NaiveDate};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::calendar::{Calendar, CalendarError, date};

/// Where all products are in one answer.
pub const URL: &str = "https://endoflife.date/api/v1/products/full/";
/// An answer is about 3 MB.
pub const LARGEST: u64 = 16 << 20;

/// How much of what we have must be there again, in percent.
const KEPT: usize = 90;
/// Types of purls under which a product occurs in bills and means itself.
const TYPES: &[&str] =
    &["cargo", "composer", "gem", "generic", "golang", "hex", "maven", "npm", "nuget", "pypi"];
/// Things that no bill holds.
const LEFT_OUT: &[&str] = &["device", "standard"];
const SEAL: &str = "# sha256\t";

/// Why an answer cannot take the calendar's place.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    #[error("it is no text")]
    NoText,
    #[error("it is not what the API answers")]
    Schema(#[from] serde_json::Error),
    #[error("it is of version {0} of the API, and only version 1 is understood")]
    Version(String),
    #[error(transparent)]
    Stored(#[from] StoredError),
    #[error("`{0}` does not belong there")]
    Odd(String),
    #[error("{0}")]
    Day(String),
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    #[error("it has {found} of the {known} {what} that are known: too few")]
    TooFew { what: &'static str, found: usize, known: usize },
    #[error("it lacks `{0}`")]
    Lacks(String),
    #[error("it is of {day}, and the dates in use are of {known}")]
    Older { day: NaiveDate, known: NaiveDate },
    #[error("it says it is of {day}, which is yet to come")]
    Future { day: NaiveDate },
    #[error("it does not say of which day it is")]
    NoDay,
}

/// Why a stored calendar cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    #[error("it does not begin with its checksum")]
    NoSeal,
    #[error("its checksum does not fit: it was changed or cut off")]
    Seal,
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// New dates, looked over and ready to be kept.
#[derive(Debug)]
pub struct Fresh {
    /// What to keep: a checksum and the calendar.
    pub stored: String,
    pub day: NaiveDate,
    pub products: usize,
    pub cycles: usize,
    /// How many of them the dates in use do not have.
    pub new_products: usize,
    pub new_cycles: usize,
    /// How many releases end on another day than the dates in use say.
    pub moved: usize,
}

/// Looks over what the API answered, or a calendar that was stored on another machine.
///
/// # Errors
/// When it is not understood, not whole, or not newer than what is in use.
pub fn refreshed(bytes: &[u8], in_use: &Calendar, today: NaiveDate) -> Result<Fresh, RefreshError> {
    let text = std::str::from_utf8(bytes).map_err(|_| RefreshError::NoText)?;
    let text = match text.trim_start().starts_with('{') {
        true => rewritten(serde_json::from_str(text)?)?,
        false => match text.strip_prefix(SEAL) {
            Some(_) => unsealed(text)?.to_owned(),
            None => text.to_owned(),
        },
    };
    let fresh = Calendar::of_cycles(&text)?;
    let day = fresh.day().ok_or(RefreshError::NoDay)?;
    if let Some(known) = in_use.day().filter(|known| *known > day) {
        return Err(RefreshError::Older { day, known });
    }
    // The site may be built where it is tomorrow already.
    if today.checked_add_days(Days::new(1)).is_some_and(|tomorrow| day > tomorrow) {
        return Err(RefreshError::Future { day });
    }
    is_whole(&fresh, in_use)?;
    let count = fresh.compared(in_use);
    Ok(Fresh {
        stored: sealed(&text),
        day,
        products: fresh.products.len(),
        cycles: fresh.products.values().map(|product| product.cycles.len()).sum(),
        new_products: count.new_products,
        new_cycles: count.new_cycles,
        moved: count.moved,
    })
}

/// The calendar with the dates of a stored file in place of the shipped ones. Names that the shipped one has for a
/// product stay its names.
///
/// # Errors
/// When the file is not as it was stored.
pub fn stored(text: &str) -> Result<Calendar, StoredError> {
    let mut calendar = Calendar::of_cycles(unsealed(text)?)?;
    calendar.add_names(&super::shipped());
    Ok(calendar)
}

fn sealed(text: &str) -> String {
    format!("{SEAL}{}\n{text}", hex(text))
}

fn unsealed(text: &str) -> Result<&str, StoredError> {
    let (seal, rest) =
        text.strip_prefix(SEAL).and_then(|rest| rest.split_once('\n')).ok_or(StoredError::NoSeal)?;
    if seal == hex(rest) { Ok(rest) } else { Err(StoredError::Seal) }
}

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn is_whole(fresh: &Calendar, in_use: &Calendar) -> Result<(), RefreshError> {
    let there = in_use.products.keys().filter(|id| fresh.products.contains_key(*id)).count();
    enough("products", there, in_use.products.len())?;
    let names = |calendar: &Calendar| -> BTreeSet<(String, String)> {
        let products = calendar.products.values();
        products.flat_map(|p| p.cycles.iter().map(|cycle| (p.id.clone(), cycle.name.clone()))).collect()
    };
    let (known, found) = (names(in_use), names(fresh));
    enough("releases", known.intersection(&found).count(), known.len())?;
    // What our own names and systems stand for must be there, whatever else went.
    match fresh.unknown_products().into_iter().find(|id| in_use.products.contains_key(*id)) {
        Some(id) => Err(RefreshError::Lacks(id.to_owned())),
        None => Ok(()),
    }
}

fn enough(what: &'static str, found: usize, known: usize) -> Result<(), RefreshError> {
    if found * 100 < known * KEPT { Err(RefreshError::TooFew { what, found, known }) } else { Ok(()) }
}

#[derive(Deserialize)]
struct Document {
    schema_version: String,
    generated_at: String,
    result: Vec<ApiProduct>,
}

#[derive(Deserialize)]
struct ApiProduct {
    name: String,
    label: String,
    category: String,
    #[serde(default)]
    identifiers: Vec<ApiIdentifier>,
    releases: Vec<ApiRelease>,
}

#[derive(Deserialize)]
struct ApiIdentifier {
    #[serde(rename = "type")]
    ty: String,
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiRelease {
    name: String,
    codename: Option<String>,
    release_date: Option<String>,
    #[serde(default)]
    is_lts: bool,
    lts_from: Option<String>,
    is_eoas: Option<bool>,
    eoas_from: Option<String>,
    is_eol: Option<bool>,
    eol_from: Option<String>,
    is_eoes: Option<bool>,
    eoes_from: Option<String>,
    latest: Option<ApiLatest>,
}

#[derive(Deserialize)]
struct ApiLatest {
    name: Option<String>,
    date: Option<String>,
}

/// The answer in the calendar's own form.
fn rewritten(document: Document) -> Result<String, RefreshError> {
    if document.schema_version.split('.').next() != Some("1") {
        return Err(RefreshError::Version(document.schema_version));
    }
    let day = document.generated_at.get(..10).unwrap_or(&document.generated_at);
    let day = date(day).map_err(RefreshError::Day)?;
    let mut text = format!("# source\tendoflife.date, API {}\t{day}\n", plain(&document.schema_version)?);
    text.push_str(
        "# Copyright 2020 endoflife.date contributors, MIT licence. Rewritten into one line a cycle.\n",
    );
    let mut products = document.result;
    products.sort_by(|one, other| one.name.cmp(&other.name));
    for product in products.iter().filter(|product| !LEFT_OUT.contains(&product.category.as_str())) {
        write_product(&mut text, product)?;
    }
    Ok(text)
}

fn write_product(text: &mut String, product: &ApiProduct) -> Result<(), RefreshError> {
    let (id, label, kind) = (word(&product.name)?, plain(&product.label)?, plain(&product.category)?);
    let _ = writeln!(text, "@{id}\t{label}\t{kind}");
    for identifier in &product.identifiers {
        let id = plain(&identifier.id)?;
        match identifier.ty.as_str() {
            "purl" => _ = purl(id).map(|purl| writeln!(text, "p\t{purl}")),
            "cpe" => _ = cpe(id).map(|cpe| writeln!(text, "c\t{cpe}")),
            _ => {}
        }
    }
    for release in &product.releases {
        let latest = release.latest.as_ref();
        let lts = match (&release.lts_from, release.is_lts) {
            (Some(day), _) => checked_day(day)?,
            (None, true) => "yes",
            (None, false) => "-",
        };
        let fields = [
            word(&release.name)?,
            day_or_dash(release.release_date.as_deref())?,
            end(release.eoas_from.as_deref(), release.is_eoas)?,
            end(release.eol_from.as_deref(), Some(release.is_eol.unwrap_or(false)))?,
            end(release.eoes_from.as_deref(), release.is_eoes)?,
            lts,
            plain_or_dash(latest.and_then(|latest| latest.name.as_deref()))?,
            day_or_dash(latest.and_then(|latest| latest.date.as_deref()))?,
            plain_or_dash(release.codename.as_deref())?,
        ];
        let _ = writeln!(text, "{}", fields.join("\t"));
    }
    Ok(())
}

/// A day outweighs what was computed from it; without either there is no such phase.
fn end(day: Option<&str>, is_over: Option<bool>) -> Result<&str, RefreshError> {
    match (day, is_over) {
        (Some(day), _) => checked_day(day),
        (None, Some(true)) => Ok("yes"),
        (None, Some(false)) => Ok("no"),
        (None, None) => Ok("-"),
    }
}

fn checked_day(text: &str) -> Result<&str, RefreshError> {
    date(text).map(|_| text).map_err(RefreshError::Day)
}

fn day_or_dash(text: Option<&str>) -> Result<&str, RefreshError> {
    text.map_or(Ok("-"), checked_day)
}

fn plain_or_dash(text: Option<&str>) -> Result<&str, RefreshError> {
    text.filter(|text| !text.is_empty()).map_or(Ok("-"), plain)
}

/// A text that stays within its field.
fn plain(text: &str) -> Result<&str, RefreshError> {
    match text.chars().any(char::is_control) {
        true => Err(RefreshError::Odd(text.escape_debug().to_string())),
        false => Ok(text),
    }
}

/// The name of a product or release, which nothing else in the file looks like.
fn word(text: &str) -> Result<&str, RefreshError> {
    let is_fine =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'_' | b' ' | b'(' | b')');
    let is_word = text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.bytes().all(is_fine);
    if is_word { Ok(text) } else { Err(RefreshError::Odd(text.escape_debug().to_string())) }
}

/// Type and name of a purl that means the product wherever it stands.
fn purl(id: &str) -> Option<String> {
    let name = id.strip_prefix("pkg:").filter(|name| !name.contains(['?', '#']))?;
    let name = name.replace("%40", "@").replace("%2F", "/");
    let ty = name.split('/').next()?;
    // An @ at the beginning of a part is npm's, a later one is a version's.
    let is_bare = name.match_indices('@').all(|(at, _)| name[..at].ends_with('/'));
    (TYPES.contains(&ty) && is_bare).then(|| name.to_lowercase())
}

/// Part, vendor and product of a CPE.
fn cpe(id: &str) -> Option<String> {
    let rest = id.strip_prefix("cpe:2.3:").or_else(|| id.strip_prefix("cpe:/"))?;
    let parts: Vec<&str> = rest.split(':').take(3).collect();
    (parts.len() == 3 && parts.iter().all(|part| !part.is_empty())).then(|| parts.join(":"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::calendar::{End, Product};
    use super::super::shipped;
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn phase(end: Option<End>) -> (Value, Value) {
        match end {
            None => (Value::Null, Value::Null),
            Some(End::On(day)) => (json!(day.to_string()), json!(day < self::day("2026-11-21"))),
            Some(End::Over) => (Value::Null, json!(true)),
            Some(End::Undecided) => (Value::Null, json!(false)),
        }
    }

    fn product(product: &Product) -> Value {
        let releases: Vec<Value> = product
            .cycles
            .iter()
            .map(|cycle| {
                let (eol_from, is_eol) = phase(Some(cycle.security));
                let (eoas_from, is_eoas) = phase(cycle.active);
                let (eoes_from, is_eoes) = phase(cycle.extended);
                json!({"name": cycle.name, "codename": cycle.codename, "label": cycle.name,
                    "releaseDate": cycle.released.map(|day| day.to_string()), "isLts": cycle.lts, "ltsFrom": null,
                    "isEoas": is_eoas, "eoasFrom": eoas_from, "isEol": is_eol, "eolFrom": eol_from,
                    "isEoes": is_eoes, "eoesFrom": eoes_from, "isMaintained": true, "custom": null,
                    "latest": cycle.latest.as_ref().map(|latest| json!({"name": latest, "link": "x",
                        "date": cycle.latest_day.map(|day| day.to_string())}))})
            })
            .collect();
        json!({"name": product.id, "label": product.label, "category": "lang", "aliases": [], "tags": ["x"],
            "identifiers": [{"type": "purl", "id": format!("pkg:npm/%40x/{}", product.id)},
                {"type": "purl", "id": "pkg:deb/debian/perl"}, {"type": "cpe", "id": "cpe:2.3:a:x:y"},
                {"type": "repology", "id": "z"}],
            "releases": releases})
    }

    /// What the API would answer if it knew what the shipped calendar knows.
    fn answer() -> Value {
        let calendar = Calendar::of_cycles(super::super::data::CYCLES).expect("the shipped cycles");
        let products: Vec<Value> = calendar.products.values().map(product).collect();
        json!({"schema_version": "1.2.1", "generated_at": "2026-11-20T08:52:34+00:00", "total": products.len(),
            "result": products})
    }

    fn refused(change: impl FnOnce(&mut Value)) -> String {
        let mut answer = answer();
        change(&mut answer);
        refreshed(answer.to_string().as_bytes(), &shipped(), day("2026-11-21"))
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn an_answer_becomes_a_calendar() {
        let mut answer = answer();
        let products = answer["result"].as_array_mut().expect("a list");
        products.push(json!({"name": "phone", "label": "Phone", "category": "device", "releases": []}));
        let mut python = products.iter().find(|p| p["name"] == "python").expect("python").clone();
        python["name"] = json!("python-next");
        python["identifiers"] = json!([]);
        python["releases"].as_array_mut().expect("a list").truncate(2);
        products.push(python);
        let python = products.iter_mut().find(|p| p["name"] == "python").expect("python");
        python["releases"][0]["eolFrom"] = json!("2099-12-31");
        let fresh =
            refreshed(answer.to_string().as_bytes(), &shipped(), day("2026-11-21")).expect("well-formed");
        assert_eq!(
            (fresh.day, fresh.new_products, fresh.new_cycles, fresh.moved),
            (day("2026-11-20"), 1, 2, 1)
        );
        let calendar = stored(&fresh.stored).expect("as it was stored");
        assert!(!calendar.products.contains_key("phone"));
        assert_eq!(calendar.product_of_purl("npm/@x/python"), Some("python"));
        assert_eq!(calendar.product_of_purl("deb/debian/perl"), None);
        assert_eq!(calendar.product_of_purl("generic/python"), Some("python"));
        let (old, new) = (&shipped().products["debian"], &calendar.products["debian"]);
        let days = |product: &Product| -> Vec<(Option<End>, End, Option<End>)> {
            product.cycles.iter().map(|cycle| (cycle.active, cycle.security, cycle.extended)).collect()
        };
        assert_eq!(days(old), days(new));
        // Stored here, taken there.
        let again = refreshed(fresh.stored.as_bytes(), &shipped(), day("2026-11-21")).expect("well-formed");
        assert_eq!(again.stored, fresh.stored);
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let bytes =
            |bytes: &[u8]| refreshed(bytes, &shipped(), day("2026-11-21")).expect_err("refused").to_string();
        assert_eq!(bytes(b"\xff"), "it is no text");
        assert_eq!(bytes(b""), "it does not say of which day it is");
        assert_eq!(bytes(b"<html>404"), "line 1: a cycle before the first product");
        assert_eq!(bytes(b"{\"schema_version\": \"1.2"), "it is not what the API answers");
        let whole = answer().to_string();
        assert_eq!(bytes(&whole.as_bytes()[..whole.len() / 2]), "it is not what the API answers");
        assert_eq!(
            refused(|answer| answer["schema_version"] = json!("2.0.0")),
            "it is of version 2.0.0 of the API, and only version 1 is understood"
        );
        assert_eq!(
            refused(|answer| answer["result"][0]["releases"][0]["eolFrom"] = json!("soon")),
            "`soon` is not a day (2027-03-31), `yes`, `no` or `-`"
        );
        assert_eq!(
            refused(|answer| answer["result"][0]["name"] = json!("a\n@b")),
            "`a\\n@b` does not belong there"
        );
    }

    #[test]
    fn half_an_answer_is_refused() {
        let count = shipped().products.len();
        assert_eq!(
            refused(|answer| answer["result"].as_array_mut().expect("a list").truncate(100)),
            format!("it has 100 of the {count} products that are known: too few")
        );
        assert_eq!(
            refused(|answer| answer["result"]
                .as_array_mut()
                .expect("a list")
                .retain(|product| product["name"] != "debian")),
            "it lacks `debian`"
        );
        let few = refused(|answer| {
            for product in answer["result"].as_array_mut().expect("a list") {
                product["releases"].as_array_mut().expect("a list").truncate(1);
            }
        });
        assert!(few.ends_with("releases that are known: too few"), "{few}");
    }

    #[test]
    fn the_day_must_be_a_better_one() {
        assert_eq!(
            refused(|answer| answer["generated_at"] = json!("2026-01-01T00:00:00+00:00")),
            "it is of 2026-01-01, and the dates in use are of 2026-08-22"
        );
        assert_eq!(
            refused(|answer| answer["generated_at"] = json!("2027-01-01T00:00:00+00:00")),
            "it says it is of 2027-01-01, which is yet to come"
        );
    }

    #[test]
    fn a_stored_file_that_was_changed_is_not_used() {
        let fresh =
            refreshed(answer().to_string().as_bytes(), &shipped(), day("2026-11-21")).expect("well-formed");
        let changed = fresh.stored.replacen("2023", "2043", 1);
        assert!(matches!(stored(&changed), Err(StoredError::Seal)));
        assert!(matches!(stored(&fresh.stored[..fresh.stored.len() / 2]), Err(StoredError::Seal)));
        assert!(matches!(stored(super::super::data::CYCLES), Err(StoredError::NoSeal)));
    }
}
