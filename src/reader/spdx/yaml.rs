//! An SPDX 2 document in YAML: what JSON has, key for key.
//!
//! Anchors and aliases are refused, so that no document is larger than its text. Values without quotes are
//! texts as they are written: a version `1.10` stays `1.10`.

use std::io::Read;

use serde::{Serialize, Serializer};

use super::json::read_as_json;
use crate::bom::Bom;
use crate::reader::{ReadError, text_of};
use crate::yaml::{Kind, Value, parse};

const FORMAT: &str = "SPDX YAML";

pub(in crate::reader) fn yaml(input: impl Read) -> Result<Bom, ReadError> {
    let text = text_of(input)?;
    let broken = |what| ReadError::Broken { format: FORMAT, what };
    let documents = parse(&text).map_err(|error| {
        broken(format!("line {} is no YAML that is read here: {}", error.line, error.reason))
    })?;
    let document = documents.into_iter().next().ok_or(ReadError::Empty)?;
    let json = serde_json::to_vec(&Json(&document)).map_err(|error| broken(error.to_string()))?;
    drop(document);
    read_as_json(json.as_slice(), FORMAT)
}

/// A value as JSON writes it.
struct Json<'a>(&'a Value<'a>);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match &self.0.kind {
            Kind::Plain(word) if matches!(&**word, "" | "~" | "null" | "Null" | "NULL") => {
                out.serialize_unit()
            }
            Kind::Plain(word) if matches!(&**word, "true" | "True" | "TRUE") => out.serialize_bool(true),
            Kind::Plain(word) if matches!(&**word, "false" | "False" | "FALSE") => out.serialize_bool(false),
            Kind::Plain(text) | Kind::Text(text) => out.serialize_str(text),
            Kind::List(items) => out.collect_seq(items.iter().map(Json)),
            Kind::Map(members) => {
                out.collect_map(members.iter().map(|member| (&member.key, Json(&member.value))))
            }
        }
    }
}
