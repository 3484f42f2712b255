//! Names joined by words: `GPL-2+ or Artistic, and BSD`, `MIT/Apache-2.0`, `(GPLv2 and LGPLv2+) or BSD`.
//!
//! `or` binds weaker than `and`; a comma before either (Debian's format) makes it weaker still; commas alone
//! list, and mean what the word before the last of the list says, or else what the dialect makes of a list.
//! Operators inside names (`or later`, `Notice and Disclaimer`) are told by the words around them. One pass, no
//! recursion, parentheses bounded.
//! Debian's precedence: <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/#license-syntax>

use super::expression::Expression;
use super::key::key;
use super::leaf;
use super::names::{self, Dialect};

/// How deep parentheses may nest; deeper ones are not read as such.
const DEEPEST: usize = 64;

/// Longest run of words that may say nothing: "Dual licensed under the terms of the".
const LONGEST_PREAMBLE: usize = 64;

/// Words after which an `or` or `and` was part of a name: `or later`, `or (at your option) any`.
const CONTINUING: &[&str] = &["above", "any", "at", "greater", "higher", "later", "newer"];
/// Names that hold an operator: the word before it and the word after it.
const HOLDING: &[(&str, &str)] = &[
    ("development", "distribution"),
    ("lesser", "library"),
    ("library", "lesser"),
    ("new", "revised"),
    ("new", "simplified"),
    ("notice", "disclaimer"),
];

/// What a text of names and operators means. Names that are not known become references. Absent when there is
/// no name in it.
pub(super) fn read(text: &str, dialect: Dialect) -> Option<Expression> {
    let mut reader = Reader {
        text,
        dialect,
        at: 0,
        name: None,
        word_before: "",
        last_close: text.rfind(')').unwrap_or(0),
        outer: Vec::new(),
        level: Level::default(),
    };
    while reader.step() {}
    // Where nothing but an aside stands, it is all there is to keep.
    let is_aside = || names::says_nothing(text, dialect) && dialect != Dialect::Debian;
    reader.finish().or_else(|| is_aside().then(|| Expression::License(leaf::unknown(text, dialect))))
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operator {
    And,
    Or,
    /// After a comma.
    WeakAnd,
    WeakOr,
    /// A comma or semicolon alone.
    List,
}

struct Reader<'a> {
    text: &'a str,
    dialect: Dialect,
    at: usize,
    /// The name being read: where it begins and ends.
    name: Option<(usize, usize)>,
    word_before: &'a str,
    last_close: usize,
    outer: Vec<Level>,
    level: Level,
}

impl<'a> Reader<'a> {
    /// Takes the next word or sign. False at the end.
    fn step(&mut self) -> bool {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return false };
        match first {
            '(' | '[' => self.open(),
            ')' | ']' => self.close(),
            ',' | ';' => self.comma(),
            '|' => self.sign(Operator::Or),
            '&' => self.sign(Operator::And),
            _ => self.word(rest),
        }
        true
    }

    fn word(&mut self, rest: &'a str) {
        let length = rest.find(|c: char| c.is_whitespace() || "(),;|&".contains(c)).unwrap_or(rest.len());
        // A bracket that belongs to no list of its own.
        let length = rest[..length].find(']').filter(|at| *at > 0).unwrap_or(length);
        let word = &rest[..length];
        let after = next_word(&rest[length..]);
        match self.operator(word, after) {
            Some(operator) => self.operator_after(operator, length),
            None => self.extend_name(length),
        }
        self.word_before = word;
    }

    fn operator(&self, word: &str, after: &str) -> Option<Operator> {
        let operator = match word {
            "/" => return Some(Operator::Or),
            word if word.eq_ignore_ascii_case("and/or") => return Some(Operator::And),
            word if word.eq_ignore_ascii_case("or") => Operator::Or,
            word if word.eq_ignore_ascii_case("and") => Operator::And,
            _ => return None,
        };
        let is = |word: &str, other: &str| word.eq_ignore_ascii_case(other);
        let continues = CONTINUING.iter().any(|word| is(word, after));
        let held = HOLDING.iter().any(|(before, next)| is(before, self.word_before) && is(next, after));
        (!(continues || held) || self.name.is_none()).then_some(operator)
    }

    fn extend_name(&mut self, length: usize) {
        let start = self.name.map_or(self.at, |(start, _)| start);
        self.at += length;
        self.name = Some((start, self.at));
    }

    fn sign(&mut self, operator: Operator) {
        let sign = &self.text[self.at..self.at + 1];
        let length = self.text[self.at..].len() - self.text[self.at..].trim_start_matches(sign).len();
        self.operator_after(operator, length);
    }

    fn operator_after(&mut self, operator: Operator, length: usize) {
        self.end_name();
        self.level.join(operator);
        self.at += length;
    }

    /// `Apache License, Version 2.0` is one name; `MIT, and BSD` has a weak operator.
    fn comma(&mut self) {
        let after = next_word(&self.text[self.at + 1..]);
        let bare = after.trim_start_matches(['v', 'V', '.']);
        let is_version = after.to_ascii_lowercase().starts_with("ver")
            || bare.starts_with(|c: char| c.is_ascii_digit()) && !bare.contains(|c: char| c.is_alphabetic());
        if is_version && self.name.is_some() {
            self.extend_name(1);
        } else {
            self.operator_after(Operator::List, 1);
        }
    }

    /// A parenthesis before a name groups; one behind a name belongs to it, unless the name says nothing
    /// (`Dual Licensed (MIT or GPL)`).
    fn open(&mut self) {
        if let Some((start, end)) = self.name
            && end - start < LONGEST_PREAMBLE
            && key(&self.text[start..end]).is_empty()
        {
            self.name = None;
        }
        match self.name {
            Some(_) if self.at < self.last_close => {
                let length = self.text[self.at..].find(')').map_or(1, |close| close + 1);
                self.extend_name(length);
            }
            None if self.outer.len() < DEEPEST => {
                self.outer.push(std::mem::take(&mut self.level));
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    fn close(&mut self) {
        self.end_name();
        self.at += 1;
        if let Some(outer) = self.outer.pop() {
            let inner = std::mem::replace(&mut self.level, outer);
            self.level.operand(inner.finish(self.dialect));
        }
    }

    fn end_name(&mut self) {
        if let Some((start, end)) = self.name.take() {
            self.level.operand(named(&self.text[start..end], self.dialect));
        }
    }

    fn finish(mut self) -> Option<Expression> {
        self.end_name();
        while !self.outer.is_empty() {
            self.close();
        }
        self.level.finish(self.dialect)
    }
}

fn next_word(rest: &str) -> &str {
    let rest = rest.trim_start().trim_start_matches('(');
    &rest[..rest.find(|c: char| c.is_whitespace() || "(),;|&".contains(c)).unwrap_or(rest.len())]
}

/// What stands in one pair of parentheses.
#[derive(Default)]
struct Level {
    operands: Vec<Expression>,
    /// One fewer than operands, or as many while the next operand is awaited.
    operators: Vec<Operator>,
}

impl Level {
    /// Two operands without an operator between them are both meant.
    fn operand(&mut self, operand: Option<Expression>) {
        let Some(operand) = operand else { return };
        if self.operators.len() < self.operands.len() {
            self.operators.push(Operator::And);
        }
        self.operands.push(operand);
    }

    /// An operator before the first operand joins nothing; of several between two, a comma makes the other weak.
    fn join(&mut self, operator: Operator) {
        if self.operands.is_empty() {
            return;
        }
        if self.operators.len() < self.operands.len() {
            self.operators.push(operator);
        } else if let Some(last) = self.operators.last_mut() {
            *last = match (*last, operator) {
                (Operator::List, Operator::And) => Operator::WeakAnd,
                (Operator::List, Operator::Or) => Operator::WeakOr,
                (last, _) => last,
            };
        }
    }

    fn finish(mut self, dialect: Dialect) -> Option<Expression> {
        self.operators.truncate(self.operands.len().saturating_sub(1));
        let list = self.meaning_of_lists(dialect);
        for operator in &mut self.operators {
            if *operator == Operator::List {
                *operator = list;
            }
        }
        for operator in [Operator::And, Operator::Or, Operator::WeakAnd, Operator::WeakOr] {
            self.join_all(operator);
        }
        self.operands.pop()
    }

    /// `A, B or C` lists alternatives. Where the other operators disagree, or there are none, the dialect says.
    fn meaning_of_lists(&self, dialect: Dialect) -> Operator {
        let mut others = self.operators.iter().filter(|operator| **operator != Operator::List);
        let is_choice = |operator: &Operator| matches!(operator, Operator::Or | Operator::WeakOr);
        match others.next() {
            Some(first) if others.all(|other| is_choice(other) == is_choice(first)) => *first,
            _ if dialect.lists_alternatives() => Operator::WeakOr,
            _ => Operator::WeakAnd,
        }
    }

    /// Joins all neighbours that `operator` stands between.
    fn join_all(&mut self, operator: Operator) {
        let mut operators = std::mem::take(&mut self.operators).into_iter();
        let mut joined: Vec<Vec<Expression>> = Vec::new();
        for operand in std::mem::take(&mut self.operands) {
            let before = if joined.is_empty() { None } else { operators.next() };
            match joined.last_mut() {
                Some(last) if before == Some(operator) => last.push(operand),
                _ => {
                    self.operators.extend(before);
                    joined.push(vec![operand]);
                }
            }
        }
        let join = |operands: Vec<Expression>| match operator {
            Operator::Or | Operator::WeakOr => Expression::any_of(operands),
            Operator::And | Operator::WeakAnd | Operator::List => Expression::all_of(operands),
        };
        self.operands = joined.into_iter().filter_map(join).collect();
    }
}

/// One name, or several that a slash, a hyphenated operator or a space joins.
fn named(text: &str, dialect: Dialect) -> Option<Expression> {
    let text = text.trim();
    if key(text).is_empty() && text.chars().all(|c| !c.is_alphanumeric())
        || names::says_nothing(text, dialect)
    {
        return None;
    }
    if let Some(known) = leaf::known(text, dialect) {
        return Some(known);
    }
    let lower = text.to_ascii_lowercase();
    let all_known = |separator: &str| -> Option<Vec<Expression>> {
        let parts = parts(text, &lower, separator);
        (parts.len() > 1).then(|| parts.into_iter().map(|part| leaf::known(part, dialect)).collect())?
    };
    if let Some(choices) = ["/", "_or_", "-or-"].into_iter().find_map(all_known) {
        return Expression::any_of(choices);
    }
    if let Some(operands) = ["_and_", "-and-", "+"].into_iter().find_map(all_known) {
        return Expression::all_of(operands);
    }
    if dialect == Dialect::Alpine {
        return Expression::all_of(spaced(text, dialect));
    }
    Some(Expression::License(leaf::unknown(text, dialect)))
}

/// The parts of `text` between separators; `lower` is the same text in lower case.
fn parts<'a>(text: &'a str, lower: &str, separator: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in lower.match_indices(separator) {
        parts.push(&text[start..at]);
        start = at + separator.len();
    }
    parts.push(&text[start..]);
    parts
}

/// Alpine before 3.9 wrote licences with a space between them, and all are meant.
fn spaced(text: &str, dialect: Dialect) -> Vec<Expression> {
    let known: Vec<Option<Expression>> =
        text.split_whitespace().map(|word| leaf::known(word, dialect)).collect();
    if known.iter().all(Option::is_none) {
        return vec![Expression::License(leaf::unknown(text, dialect))];
    }
    let one = |(word, known): (&str, Option<Expression>)| {
        known.unwrap_or_else(|| Expression::License(leaf::unknown(word, dialect)))
    };
    text.split_whitespace().zip(known).map(one).collect()
}
