//! A document of nested values, as JSON and YAML write it, with the place of everything in it.
//!
//! Lockfiles are read from this tree and not into structs: one odd field of one package (a licence that is a
//! list, a version that is a number) must not cost the rest of the file, and every package has a line.

use std::borrow::Cow;

/// How deep values may nest.
pub(crate) const DEEPEST: usize = 128;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value<'a> {
    /// The byte of the text where it begins.
    pub(crate) at: usize,
    pub(crate) kind: Kind<'a>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind<'a> {
    /// Null, a number or a word of the language: as written, without quotes.
    Plain(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Map(Vec<Member<'a>>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member<'a> {
    /// The byte where the key begins.
    pub(crate) at: usize,
    pub(crate) key: Cow<'a, str>,
    pub(crate) value: Value<'a>,
}

impl<'a> Value<'a> {
    /// A member of a map. Where a key stands twice, the last is right, as the usual readers have it.
    ///
    /// It looks through the whole map: for the large maps of a file, walk [`Self::members`] once instead.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().rev().find(|member| member.key == key).map(|member| &member.value)
    }

    /// The members of a map in order; none for anything else.
    pub(crate) fn members(&self) -> &[Member<'a>] {
        match &self.kind {
            Kind::Map(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// Text, or a number as it is written: a version `1.10` without quotes is still `1.10`.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            Kind::Plain(text) if !matches!(&**text, "null" | "~" | "" | "true" | "false") => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        matches!(&self.kind, Kind::Plain(text) if text == "true")
    }

    /// Text of a member, where there is any.
    pub(crate) fn field(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Whether a member says `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(Self::is_true)
    }

    /// The keys of a member that is a map.
    pub(crate) fn keys(&self, key: &str) -> impl Iterator<Item = &str> {
        self.get(key).map_or(&[][..], Self::members).iter().map(|member| &*member.key)
    }

    /// What a member that is a list says, item by item.
    pub(crate) fn texts(&self, key: &str) -> impl Iterator<Item = &str> {
        self.get(key).map_or(&[][..], Self::items).iter().filter_map(Self::as_str)
    }
}
