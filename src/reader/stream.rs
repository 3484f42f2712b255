//! A JSON document as it comes: its top, and a long list in it whose items are taken one by one.

use std::fmt;
use std::io::{Cursor, Read};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::draft::Draft;
use super::lenient::step_over;
use super::{ReadError, broken_json};

/// A document of up to so many bytes is taken into memory first: it is parsed there in half the time. Of a larger
/// one the memory would matter more.
const AT_ONCE: u64 = 64 << 20;

/// Hands the members of a document, which must be an object, to `document`.
pub(super) fn read_object(
    mut input: impl Read,
    format: &'static str,
    document: impl for<'de> Visitor<'de, Value = ()>,
) -> Result<(), ReadError> {
    let mut whole = Vec::new();
    input.by_ref().take(AT_ONCE + 1).read_to_end(&mut whole)?;
    let read = if whole.len() as u64 <= AT_ONCE {
        let mut input = serde_json::Deserializer::from_slice(&whole);
        input.deserialize_map(document).and_then(|()| input.end())
    } else {
        let mut input = serde_json::Deserializer::from_reader(Cursor::new(whole).chain(input));
        input.deserialize_map(document).and_then(|()| input.end())
    };
    read.map_err(|error| broken_json(format, error))
}

/// Gives each item to a draft. What is no list is noted, and nothing else is lost.
pub(super) struct Each<'a, S, T> {
    pub(super) draft: &'a mut Draft,
    /// What is gathered beside the draft.
    pub(super) state: &'a mut S,
    pub(super) what: &'static str,
    pub(super) read: fn(&mut Draft, &mut S, T),
}

impl<S, T> Each<'_, S, T> {
    fn wrong(self) {
        self.draft.gap(format!("`{}` is no list", self.what));
    }
}

impl<'de, S, T: Deserialize<'de>> DeserializeSeed<'de> for Each<'_, S, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de, S, T: Deserialize<'de>> Visitor<'de> for Each<'_, S, T> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.draft.place = 0;
        while let Some(item) = list.next_element::<T>()? {
            (self.read)(self.draft, self.state, item);
            self.draft.place += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        let item = T::deserialize(serde::de::value::MapAccessDeserializer::new(object))?;
        (self.read)(&mut *self.draft, &mut *self.state, item);
        self.wrong();
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.wrong();
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.wrong();
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.wrong();
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.wrong();
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.wrong();
        Ok(())
    }

    step_over!(null => ());
}
