//! JSON values that never refuse a document: what is not of the shape it should be is stepped over, and says so.
//!
//! serde's derived readers give up a whole document for one number where a text should be. Real documents have
//! such numbers.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Whether something was stepped over in reading a value.
pub(super) trait Lenient {
    fn is_wrong(&self) -> bool;
}

/// The visitor's answers to the kinds of value it has no use for: `wrong`, and `absent` for `null`.
macro_rules! step_over {
    (scalars => $wrong:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($wrong)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($wrong)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($wrong)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($wrong)
        }
    };
    (text => $wrong:expr) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($wrong)
        }
    };
    (null => $absent:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($absent)
        }
    };
    (list => $wrong:expr) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok($wrong)
        }
    };
    (object => $wrong:expr) => {
        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($wrong)
        }
    };
}
pub(super) use step_over;

/// A text. A number or a truth value is taken as it is written, and noted.
#[derive(Debug, Default, Clone)]
pub(super) struct Text<'a> {
    pub(super) value: Option<Cow<'a, str>>,
    wrong: bool,
}

impl<'a> Text<'a> {
    pub(super) fn of(text: impl Into<Cow<'a, str>>) -> Self {
        Self { value: Some(text.into()), wrong: false }
    }

    fn noted(value: Option<String>) -> Self {
        Self { value: value.map(Cow::Owned), wrong: true }
    }

    pub(super) fn into_owned(self) -> Text<'static> {
        Text { value: self.value.map(|text| Cow::Owned(text.into_owned())), wrong: self.wrong }
    }

    /// The text, if there is one and it is not empty.
    pub(super) fn take(&mut self) -> Option<String> {
        self.value.take().filter(|text| says_something(text)).map(Cow::into_owned)
    }

    /// The same without taking it.
    pub(super) fn said(&self) -> Option<&str> {
        self.value.as_deref().filter(|text| says_something(text))
    }

    pub(super) fn as_str(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }
}

/// Whether a text is more than white space.
fn says_something(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace())
}

impl Lenient for Text<'_> {
    fn is_wrong(&self) -> bool {
        self.wrong
    }
}

/// A text that is kept only if it is of use.
pub(super) struct TextIf(pub(super) fn(&str) -> bool);

impl<'de> DeserializeSeed<'de> for TextIf {
    type Value = Text<'de>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Text<'de>, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextIf {
    type Value = Text<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text { value: (self.0)(text).then_some(Cow::Borrowed(text)), wrong: false })
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text { value: (self.0)(text).then(|| Cow::Owned(text.to_owned())), wrong: false })
    }

    fn visit_bool<E>(self, value: bool) -> Result<Text<'de>, E> {
        Ok(Text::noted(Some(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Text<'de>, E> {
        Ok(Text::noted(Some(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Text<'de>, E> {
        Ok(Text::noted(Some(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Text<'de>, E> {
        Ok(Text::noted(Some(value.to_string())))
    }

    step_over!(null => Text::default());
    step_over!(list => Text::noted(None));
    step_over!(object => Text::noted(None));
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(TextIf(|_| true))
    }
}

/// A number, also where it is written as a text.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Number {
    pub(super) value: Option<f64>,
    wrong: bool,
}

impl Number {
    /// A number where only texts are written.
    pub(super) fn of_text(text: &str) -> Self {
        let value = text.trim().parse().ok();
        Self { value, wrong: value.is_none() }
    }
}

impl Lenient for Number {
    fn is_wrong(&self) -> bool {
        self.wrong
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Number, E> {
        Ok(Number { value: text.trim().parse().ok(), wrong: true })
    }

    fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
        // Beyond 2^53 the last digits are lost; nothing we read is so large.
        Ok(Number { value: Some(value as f64), wrong: false })
    }

    fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
        Ok(Number { value: Some(value as f64), wrong: false })
    }

    fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
        Ok(Number { value: Some(value), wrong: false })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Number, E> {
        Ok(Number { value: None, wrong: true })
    }

    step_over!(null => Number::default());
    step_over!(list => Number { value: None, wrong: true });
    step_over!(object => Number { value: None, wrong: true });
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(NumberVisitor)
    }
}

/// A list. One thing where a list of them should be is taken as a list of one, and noted.
#[derive(Debug, Clone)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    wrong: bool,
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self { items: items.into_iter().collect(), wrong: false }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new(), wrong: false }
    }
}

impl<T: Lenient> Lenient for List<T> {
    fn is_wrong(&self) -> bool {
        self.wrong || self.items.iter().any(Lenient::is_wrong)
    }
}

/// Of things as large as this most lists have one, and room for more is not made before there is a second.
const LARGE: usize = 256;

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if items.is_empty() && size_of::<T>() > LARGE {
                items.reserve_exact(1);
            }
            items.push(item);
        }
        Ok(List { items, wrong: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<List<T>, A::Error> {
        let item = T::deserialize(serde::de::value::MapAccessDeserializer::new(object))?;
        Ok(List { items: vec![item], wrong: true })
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<List<T>, E> {
        let item = T::deserialize(serde::de::value::StrDeserializer::new(text))?;
        Ok(List { items: vec![item], wrong: true })
    }

    step_over!(null => List::default());
    step_over!(scalars => List { items: Vec::new(), wrong: true });
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ListVisitor(PhantomData))
    }
}

/// A list, or one thing that stands for a list of one.
#[derive(Debug)]
pub(super) struct OneOrMore<T> {
    pub(super) items: Vec<T>,
    wrong: bool,
}

impl<T> FromIterator<T> for OneOrMore<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self { items: items.into_iter().collect(), wrong: false }
    }
}

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        Self { items: Vec::new(), wrong: false }
    }
}

impl<T> Lenient for OneOrMore<T> {
    fn is_wrong(&self) -> bool {
        self.wrong
    }
}

impl<'de, T: Deserialize<'de> + Lenient> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let List { items, wrong } = List::<T>::deserialize(input)?;
        let wrong = items.iter().any(Lenient::is_wrong) || (wrong && items.is_empty());
        Ok(Self { items, wrong })
    }
}

/// Whether a value we have no place for says anything at all.
#[derive(Debug, Default)]
pub(super) struct Substance(pub(super) bool);

impl Lenient for Substance {
    fn is_wrong(&self) -> bool {
        false
    }
}

struct SubstanceVisitor;

impl<'de> Visitor<'de> for SubstanceVisitor {
    type Value = Substance;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Substance, E> {
        Ok(Substance(!matches!(text, "" | "NOASSERTION" | "NONE")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Substance, A::Error> {
        let mut any = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            any = true;
        }
        Ok(Substance(any))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Substance, A::Error> {
        let mut any = false;
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            any = true;
        }
        Ok(Substance(any))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Substance, E> {
        Ok(Substance(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Substance, E> {
        Ok(Substance(true))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Substance, E> {
        Ok(Substance(true))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Substance, E> {
        Ok(Substance(true))
    }

    step_over!(null => Substance(false));
}

impl<'de> Deserialize<'de> for Substance {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(SubstanceVisitor)
    }
}

/// A key of an object, without an allocation. Longer keys than any we look for are all the same: empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Key {
    const LONGEST: usize = 40;

    pub(super) fn of(text: &str) -> Self {
        let mut key = Self { bytes: [0; Self::LONGEST], length: 0 };
        if let Some(room) = key.bytes.get_mut(..text.len()) {
            room.copy_from_slice(text.as_bytes());
            key.length = text.len();
        }
        key
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, text: &str) -> Result<Key, E> {
        Ok(Key::of(text))
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_str(KeyVisitor)
    }
}

/// Something that is read out of a window and may lie there still.
pub(super) trait Shape {
    type Of<'a>: Deserialize<'a>;
}

impl Shape for Text<'_> {
    type Of<'a> = Text<'a>;
}

impl<T: Shape> Shape for List<T> {
    type Of<'a> = List<T::Of<'a>>;
}

impl Shape for Key {
    type Of<'a> = Self;
}

impl Shape for Substance {
    type Of<'a> = Self;
}

impl Shape for IgnoredAny {
    type Of<'a> = Self;
}

/// Declares an object of which some keys are read, some by several names. A key that comes twice counts the second
/// time. `wrong` names the keys whose values were not what they should be, `""` when the whole was no object, and the
/// other names under which keys stand there; `other` the keys that are not read and say something.
macro_rules! shape {
    ($name:ident { $($key:literal $(| $other_key:literal)* => $field:ident: $kind:ty,)* }) => {
        #[derive(Debug, Default)]
        pub(super) struct $name<'a> {
            $(pub(super) $field: $kind,)*
            pub(super) wrong: Vec<&'static str>,
            pub(super) other: Vec<$crate::reader::lenient::Key>,
        }

        impl $crate::reader::lenient::Lenient for $name<'_> {
            fn is_wrong(&self) -> bool {
                self.wrong.iter().any(|key| Self::own_name(key).is_none())
            }
        }

        impl $name<'_> {
            /// The key that this other name stands for.
            pub(super) fn own_name(other: &str) -> Option<&'static str> {
                match other {
                    $($($other_key => Some($key),)*)*
                    _ => None,
                }
            }
        }

        impl $crate::reader::lenient::Shape for $name<'_> {
            type Of<'a> = $name<'a>;
        }

        impl<'a> serde::Deserialize<'a> for $name<'a> {
            fn deserialize<D: serde::Deserializer<'a>>(input: D) -> Result<Self, D::Error> {
                use $crate::reader::lenient::{Key, Lenient as _, Substance};
                use serde::de::{IgnoredAny, MapAccess, SeqAccess};
                #[expect(non_camel_case_types, reason = "they are named as the fields they stand for")]
                enum Field {
                    $($field,)*
                    Other(Key),
                }
                // With the name it goes by where that is not its own.
                struct Named(Field, Option<&'static str>);
                struct FieldVisitor;
                impl serde::de::Visitor<'_> for FieldVisitor {
                    type Value = Named;
                    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        out.write_str("a key")
                    }
                    fn visit_str<E>(self, key: &str) -> Result<Named, E> {
                        Ok(match key {
                            $($key => Named(Field::$field, None),
                            $($other_key => Named(Field::$field, Some($other_key)),)*)*
                            _ => Named(Field::Other(Key::of(key)), None),
                        })
                    }
                }
                impl<'de> serde::Deserialize<'de> for Named {
                    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                        input.deserialize_str(FieldVisitor)
                    }
                }
                struct Visitor;
                impl Visitor {
                    fn not_an_object<'a>() -> $name<'a> {
                        $name { wrong: vec![""], ..Default::default() }
                    }
                }
                impl<'de> serde::de::Visitor<'de> for Visitor {
                    type Value = $name<'de>;
                    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        out.write_str("an object")
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<$name<'de>, A::Error> {
                        let mut shape = $name::default();
                        while let Some(Named(key, renamed)) = object.next_key()? {
                            shape.wrong.extend(renamed);
                            match key {
                                $(Field::$field => {
                                    shape.$field = object.next_value()?;
                                    if shape.$field.is_wrong() {
                                        shape.wrong.push($key);
                                    }
                                })*
                                Field::Other(key) => {
                                    if object.next_value::<Substance>()?.0 {
                                        shape.other.push(key);
                                    }
                                }
                            }
                        }
                        Ok(shape)
                    }
                    $crate::reader::lenient::step_over!(null => $name::default());
                    $crate::reader::lenient::step_over!(scalars => Self::not_an_object());
                    $crate::reader::lenient::step_over!(text => Self::not_an_object());
                    $crate::reader::lenient::step_over!(list => Self::not_an_object());
                }
                input.deserialize_any(Visitor)
            }
        }
    };
}
pub(super) use shape;

#[cfg(test)]
mod tests {
    use super::*;

    shape!(Thing {
        "name" => name: Text<'a>,
        "size" => size: Number,
        "parts" => parts: List<Text<'a>>,
        "inner" => inner: Box<Inner<'a>>,
    });
    shape!(Inner { "word" => word: Text<'a>, });

    fn read(json: &str) -> Thing<'_> {
        serde_json::from_str(json).expect("the test's text is JSON")
    }

    #[test]
    fn what_is_right_is_read_and_the_rest_ignored() {
        let thing =
            read(r#"{"name": "a", "size": 2, "parts": ["b", "c"], "inner": {"word": "d"}, "other": [{}]}"#);
        assert_eq!((thing.name.as_str(), thing.size.value), ("a", Some(2.0)));
        assert_eq!(thing.parts.items.iter().map(Text::as_str).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(thing.inner.word.as_str(), "d");
        assert!(thing.wrong.is_empty());
    }

    #[test]
    fn what_is_wrong_loses_only_itself() {
        let thing = read(r#"{"name": 1.5, "size": {"a": [1]}, "parts": "b", "inner": [1, {"word": 2}]}"#);
        assert_eq!(thing.name.as_str(), "1.5");
        assert_eq!(thing.size.value, None);
        assert_eq!(thing.parts.items[0].as_str(), "b");
        assert_eq!(thing.wrong, ["name", "size", "parts", "inner"]);
    }

    #[test]
    fn nothing_is_not_wrong() {
        assert!(read(r#"{"name": null, "size": null, "parts": null, "inner": null}"#).wrong.is_empty());
        assert_eq!(read(r#"[1, 2]"#).wrong, [""]);
    }
}
