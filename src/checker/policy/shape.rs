//! The shape a policy file must have, as data, and the check of a file against it.
//!
//! The check goes on after a mistake, so that a file with three of them is told all three. The same data
//! becomes the JSON Schema that editors read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistakes::{Mistakes, did_you_mean};

/// A key of a table.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
    /// One or two sentences for whoever writes the file.
    pub(super) about: &'static str,
}

/// What may stand behind a key.
pub(super) enum Shape {
    Text,
    /// One of a few words.
    Choice(fn() -> Vec<&'static str>),
    Bool,
    /// A whole number, not negative.
    Whole,
    /// A number from 0 to 1.
    Share,
    /// A date without a time: `2027-06-30`.
    Day,
    List(&'static Self),
    Table(&'static [Key]),
    /// `[[name]]`, any number of times.
    Tables(&'static [Key]),
    /// A table that somebody else reads.
    Elsewhere,
    /// A table whose keys are the user's own words.
    Map(&'static Self),
    /// A table whose keys are of a list, each with what it is about.
    Known(fn() -> Vec<(&'static str, &'static str)>, &'static Self),
}

/// Words that people bring from other tools, and what they are called here.
const CALLED: &[(&str, &str)] = &[
    ("allow-licenses", "rule"),
    ("exception", "waiver"),
    ("exceptions", "waiver"),
    ("ignore", "waiver"),
    ("license", "id"),
    ("licenses", "rule"),
    ("suppress", "waiver"),
    ("until", "expires"),
    ("severity", "action"),
];

type Table<'a> = Spanned<DeTable<'a>>;

impl Shape {
    fn expected(&self) -> String {
        match self {
            Self::Text => "a text in quotes".into(),
            Self::Choice(words) => match words().as_slice() {
                words if words.len() <= 12 => format!("one of `{}`", words.join("`, `")),
                _ => "a known word".into(),
            },
            Self::Bool => "`true` or `false`".into(),
            Self::Whole => "a whole number".into(),
            Self::Share => "a number from 0 to 1".into(),
            Self::Day => "a date such as 2027-06-30, without quotes".into(),
            Self::List(of) => format!("a list, each item {}", of.expected()),
            Self::Table(_) | Self::Map(_) | Self::Known(..) | Self::Elsewhere => "a table".into(),
            Self::Tables(_) => "tables in double brackets".into(),
        }
    }

    /// Adds a mistake for all that is not of this shape. Depth is that of the shape, not of the input.
    fn check(&self, key: &str, value: &Spanned<DeValue<'_>>, mistakes: &mut Mistakes) {
        let wrong = |mistakes: &mut Mistakes| {
            let message = format!("`{key}` must be {}, not {}", self.expected(), kind_of(value.get_ref()));
            mistakes.add(value.span(), message, None);
        };
        match (self, value.get_ref()) {
            (Self::Text, DeValue::String(_)) | (Self::Bool, DeValue::Boolean(_)) => {}
            (Self::Choice(words), DeValue::String(written)) => {
                let words = words();
                if !words.contains(&written.as_ref()) {
                    let help = did_you_mean(written, words.iter().copied())
                        .or_else(|| Some(format!("it is {}", self.expected())));
                    mistakes.add(value.span(), format!("`{key}` cannot be `{written}`"), help);
                }
            }
            (Self::Whole, DeValue::Integer(_)) if whole(value.get_ref()).is_some() => {}
            (Self::Share, DeValue::Integer(_) | DeValue::Float(_)) if share(value.get_ref()).is_some() => {}
            (Self::Day, DeValue::Datetime(_)) if day(value.get_ref()).is_some() => {}
            (Self::Elsewhere, DeValue::Table(_)) => {}
            (Self::List(of), DeValue::Array(items)) => {
                for item in items.iter() {
                    of.check(key, item, mistakes);
                }
            }
            (Self::Table(keys), DeValue::Table(table)) => {
                check_table(keys, table, value.span(), Some(key), mistakes);
            }
            (Self::Tables(keys), DeValue::Array(items)) => {
                for item in items.iter() {
                    match item.get_ref() {
                        DeValue::Table(table) => {
                            check_table(keys, table, item.span(), Some(key), mistakes);
                        }
                        _ => wrong(mistakes),
                    }
                }
            }
            (Self::Tables(_), DeValue::Table(_)) => {
                let message = format!("`{key}` can come several times");
                mistakes.add(value.span(), message, Some(format!("write `[[{key}]]`")));
            }
            (Self::Map(of), DeValue::Table(table)) => {
                for (name, value) in table.iter() {
                    of.check(name.get_ref(), value, mistakes);
                }
            }
            (Self::Known(known, of), DeValue::Table(table)) => {
                let known: Vec<&str> = known().into_iter().map(|(name, _)| name).collect();
                for (name, value) in table.iter() {
                    if known.contains(&name.get_ref().as_ref()) {
                        of.check(name.get_ref(), value, mistakes);
                    } else {
                        unknown_key(name, &known, Some(key), mistakes);
                    }
                }
            }
            _ => wrong(mistakes),
        }
    }

    fn json_schema(&self) -> Value {
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Choice(words) => json!({"enum": words()}),
            Self::Bool => json!({"type": "boolean"}),
            Self::Whole => json!({"type": "integer", "minimum": 0}),
            Self::Share => json!({"type": "number", "minimum": 0, "maximum": 1}),
            Self::Day => json!({"type": "string", "format": "date"}),
            Self::Elsewhere => json!({"type": "object"}),
            Self::List(of) => json!({"type": "array", "items": of.json_schema()}),
            Self::Table(keys) => object(keys),
            Self::Tables(keys) => json!({"type": "array", "items": object(keys)}),
            Self::Map(of) => json!({"type": "object", "additionalProperties": of.json_schema()}),
            Self::Known(known, of) => {
                let properties: BTreeMap<&str, Value> = known()
                    .into_iter()
                    .map(|(name, about)| (name, described(of.json_schema(), about)))
                    .collect();
                json!({"type": "object", "properties": properties, "additionalProperties": false})
            }
        }
    }
}

/// The JSON Schema of a table.
pub(super) fn object(keys: &[Key]) -> Value {
    let properties: BTreeMap<&str, Value> =
        keys.iter().map(|key| (key.name, described(key.shape.json_schema(), key.about))).collect();
    let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn described(mut schema: Value, about: &str) -> Value {
    schema["description"] = json!(about);
    schema
}

/// Checks a whole file.
pub(super) fn check_file(keys: &[Key], table: &Table<'_>, mistakes: &mut Mistakes) {
    check_table(keys, table.get_ref(), 0..0, None, mistakes);
}

fn check_table(
    keys: &[Key],
    table: &DeTable<'_>,
    span: std::ops::Range<usize>,
    name: Option<&str>,
    mistakes: &mut Mistakes,
) {
    let known: Vec<&str> = keys.iter().map(|key| key.name).collect();
    for (written, value) in table.iter() {
        match keys.iter().find(|key| key.name == written.get_ref()) {
            Some(key) => key.shape.check(key.name, value, mistakes),
            None => unknown_key(written, &known, name, mistakes),
        }
    }
    for key in keys.iter().filter(|key| key.required) {
        if !table.iter().any(|(written, _)| written.get_ref() == key.name) {
            let place = name.map(|name| format!(" in `{name}`")).unwrap_or_default();
            let message = format!("`{}` is missing{place}", key.name);
            mistakes.add(span.clone(), message, Some(key.about.to_owned()));
        }
    }
}

fn unknown_key(
    written: &Spanned<Cow<'_, str>>,
    known: &[&str],
    table: Option<&str>,
    mistakes: &mut Mistakes,
) {
    let word = written.get_ref();
    let called = CALLED.iter().find(|(other, ours)| other == word && known.contains(ours));
    let help = match called {
        Some((_, ours)) => Some(format!("here it is called `{ours}`")),
        None => did_you_mean(word, known.iter().copied())
            .or_else(|| (known.len() <= 20).then(|| format!("known are `{}`", known.join("`, `")))),
    };
    let place = table.map(|table| format!(" in `{table}`")).unwrap_or_default();
    mistakes.add(written.span(), format!("unknown key `{word}`{place}"), help);
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "this number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "this date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

pub(super) fn whole(value: &DeValue<'_>) -> Option<u64> {
    let DeValue::Integer(number) = value else { return None };
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// In thousandths, so that equal policies are equal.
pub(super) fn share(value: &DeValue<'_>) -> Option<u16> {
    let number: f64 = match value {
        DeValue::Integer(number) => number.as_str().parse().ok()?,
        DeValue::Float(number) => number.as_str().parse().ok()?,
        _ => return None,
    };
    (0.0..=1.0).contains(&number).then(|| (number * 1000.0).round()).map(|thousandths| {
        // From 0 to 1000 by the line above.
        thousandths as u16
    })
}

pub(super) fn day(value: &DeValue<'_>) -> Option<chrono::NaiveDate> {
    let DeValue::Datetime(written) = value else { return None };
    let (Some(date), None) = (written.date, written.time) else { return None };
    chrono::NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
}
