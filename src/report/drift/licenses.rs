//! Two licence expressions side by side. Those of a distribution's packages go on for lines: then only what they
//! do not have in common is written.

use std::collections::BTreeSet;

use crate::licenses::Expression;

/// Longer than this, an expression is not written whole.
const LONG: usize = 60;

pub(super) fn difference(from: &str, to: &str) -> String {
    let whole = format!("{from} → {to}");
    if from.len() <= LONG && to.len() <= LONG {
        return whole;
    }
    let (Some(before), Some(after)) = (parts(from), parts(to)) else { return whole };
    let gone = before.difference(&after).map(|part| format!("− {part}"));
    let come = after.difference(&before).map(|part| format!("+ {part}"));
    gone.chain(come).collect::<Vec<_>>().join(", ")
}

/// What must hold together.
fn parts(text: &str) -> Option<BTreeSet<String>> {
    match Expression::parse(text).ok()? {
        Expression::And(operands) => Some(operands.iter().map(Expression::to_string).collect()),
        other => Some(BTreeSet::from([other.to_string()])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ones_are_written_whole() {
        assert_eq!(difference("MIT", "GPL-3.0-only"), "MIT → GPL-3.0-only");
    }

    #[test]
    fn of_long_ones_only_what_differs() {
        let from = "GPL-2.0-or-later AND GPL-2.0-only AND (MIT OR BSD-3-Clause) AND LGPL-2.1-or-later";
        let to = "GPL-2.0-or-later AND (MIT OR BSD-3-Clause) AND LGPL-2.1-or-later AND ISC";
        assert_eq!(difference(from, to), "− GPL-2.0-only, + ISC");
        let words = "no expression at all, but a sentence that somebody wrote into the field";
        assert_eq!(difference(words, "MIT"), format!("{words} → MIT"));
    }
}
