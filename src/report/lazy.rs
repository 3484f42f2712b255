//! JSON that is made while it is written: a report of a hundred thousand findings never stands in memory as a tree.
//!
//! Keys come in order of the alphabet, as those of a tree do.

use serde::{Serialize, Serializer};

/// A list whose items are made one after the other, each gone before the next.
pub(super) struct Lazy<F>(pub(super) F);

impl<F, I> Serialize for Lazy<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The text of a report, indented, with a line's end.
pub(super) fn text(report: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(report).expect("names are texts, and text takes all that is written");
    text.push('\n');
    text
}

/// Says of a field that it is left out.
pub(super) fn is_false(value: &bool) -> bool {
    !*value
}
