//! The grammar of SPDX licence expressions, read strictly.
//!
//! `WITH` binds tightest, then `AND`, then `OR`. Ids and operators are taken in any case and written back in the
//! list's spelling; deprecated ids become what the list writes today (`GPL-2.0+` is `GPL-2.0-or-later`). Beyond
//! the grammar, `_` is allowed in a `LicenseRef-`, because real documents have it. Nothing recurses, and
//! parentheses nest at most 128 deep, so that a hostile expression is an error and not a crash.
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>

use std::ops::Range;

use super::expression::{Expression, License, LicenseId};
use super::ids;

/// How deep parentheses may nest.
const DEEPEST: usize = 128;
/// How much of a word an error repeats, in characters.
const LONGEST_WORD_SHOWN: usize = 60;

/// Why a text is no licence expression, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ExpressionError {
    /// Bytes of the text that are wrong; empty at its end when something is missing there.
    pub span: Range<usize>,
    pub reason: ExpressionProblem,
}

/// One way of being no licence expression. Words are as written, cut after 60 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionProblem {
    #[error("expected a licence, found nothing")]
    MissingLicense,
    #[error("expected a licence, found `{0}`")]
    NotALicense(String),
    #[error("unknown licence `{0}`")]
    UnknownLicense(String),
    #[error("expected `AND`, `OR` or `WITH`, found `{0}`")]
    NotAnOperator(String),
    #[error("expected an exception after `WITH`, found nothing")]
    MissingException,
    #[error("unknown exception `{0}`")]
    UnknownException(String),
    #[error("`WITH` must follow a licence that has no exception yet")]
    MisplacedWith,
    #[error("`+` cannot follow `{0}`")]
    MisplacedPlus(String),
    #[error("character `{0}` has no place in a licence expression")]
    BadCharacter(char),
    #[error("parenthesis is never closed")]
    Unclosed,
    #[error("parenthesis was never opened")]
    Unopened,
    #[error("parentheses nest deeper than {DEEPEST}")]
    TooDeep,
}

impl Expression {
    /// Reads an SPDX licence expression.
    ///
    /// ```
    /// use packlist::licenses::Expression;
    ///
    /// let expression = Expression::parse("(mit or GPL-2.0+) and Zlib")?;
    /// assert_eq!(expression.to_string(), "(MIT OR GPL-2.0-or-later) AND Zlib");
    /// # Ok::<(), packlist::licenses::ExpressionError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut parser = Parser::default();
        for token in tokens(text) {
            parser.take(token?)?;
        }
        parser.finish(text.len())
    }
}

/// A word, or a parenthesis, and where it stands.
struct Token<'a> {
    word: &'a str,
    /// A `+` follows at once.
    plus: bool,
    start: usize,
}

impl Token<'_> {
    fn error(&self, reason: ExpressionProblem) -> ExpressionError {
        ExpressionError { span: self.start..self.start + self.word.len() + usize::from(self.plus), reason }
    }

    fn shown(&self) -> String {
        self.word.chars().take(LONGEST_WORD_SHOWN).chain(self.plus.then_some('+')).collect()
    }
}

fn tokens(text: &str) -> impl Iterator<Item = Result<Token<'_>, ExpressionError>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?.trim_start();
        let start = text.len() - rest.len();
        let first = rest.chars().next()?;
        let length = match first {
            '(' | ')' => 1,
            _ => rest.bytes().take_while(|byte| is_word_byte(*byte)).count(),
        };
        if length == 0 {
            at = text.len();
            let span = start..start + first.len_utf8();
            return Some(Err(ExpressionError { span, reason: ExpressionProblem::BadCharacter(first) }));
        }
        let plus = !matches!(first, '(' | ')') && rest.as_bytes().get(length) == Some(&b'+');
        at = start + length + usize::from(plus);
        Some(Ok(Token { word: &rest[..length], plus, start }))
    })
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_')
}

/// One level of parentheses.
#[derive(Default)]
struct Level {
    /// Finished operands of `OR`.
    choices: Vec<Expression>,
    /// Operands of the conjunction being read.
    operands: Vec<Expression>,
    /// Where the parenthesis was opened.
    opened: usize,
}

impl Level {
    fn close(mut self) -> Option<Expression> {
        self.choices.extend(Expression::all_of(self.operands));
        Expression::any_of(self.choices)
    }
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Expected {
    #[default]
    Operand,
    Operator,
    /// As `Operator`, after a licence, which an exception may follow.
    OperatorOrWith,
    Exception,
}

#[derive(Default)]
struct Parser {
    outer: Vec<Level>,
    level: Level,
    expected: Expected,
}

impl Parser {
    fn take(&mut self, token: Token<'_>) -> Result<(), ExpressionError> {
        match self.expected {
            Expected::Operand => self.operand(&token),
            Expected::Operator | Expected::OperatorOrWith => self.operator(&token),
            Expected::Exception => self.exception(&token),
        }
    }

    fn operand(&mut self, token: &Token<'_>) -> Result<(), ExpressionError> {
        if token.word == "(" {
            return self.open(token);
        }
        if token.word == ")" || operator(token.word).is_some() {
            return Err(token.error(ExpressionProblem::NotALicense(token.shown())));
        }
        let license = license(token)?;
        self.level.operands.push(Expression::License(license));
        self.expected = Expected::OperatorOrWith;
        Ok(())
    }

    fn operator(&mut self, token: &Token<'_>) -> Result<(), ExpressionError> {
        if token.word == ")" {
            return self.close(token);
        }
        match operator(token.word).filter(|_| !token.plus) {
            Some("AND") => self.expected = Expected::Operand,
            Some("OR") => {
                let operands = std::mem::take(&mut self.level.operands);
                self.level.choices.extend(Expression::all_of(operands));
                self.expected = Expected::Operand;
            }
            Some(_) if self.expected == Expected::OperatorOrWith => self.expected = Expected::Exception,
            Some(_) => return Err(token.error(ExpressionProblem::MisplacedWith)),
            None => return Err(token.error(ExpressionProblem::NotAnOperator(token.shown()))),
        }
        Ok(())
    }

    fn exception(&mut self, token: &Token<'_>) -> Result<(), ExpressionError> {
        let Some(exception) = exception(token.word).filter(|_| !token.plus) else {
            return Err(token.error(ExpressionProblem::UnknownException(token.shown())));
        };
        match self.level.operands.last_mut() {
            Some(Expression::License(license)) if license.exception.is_none() => {
                license.exception = Some(exception);
                self.expected = Expected::Operator;
                Ok(())
            }
            _ => Err(token.error(ExpressionProblem::MisplacedWith)),
        }
    }

    fn open(&mut self, token: &Token<'_>) -> Result<(), ExpressionError> {
        if self.outer.len() == DEEPEST {
            return Err(token.error(ExpressionProblem::TooDeep));
        }
        let inner = Level { opened: token.start, ..Level::default() };
        self.outer.push(std::mem::replace(&mut self.level, inner));
        Ok(())
    }

    fn close(&mut self, token: &Token<'_>) -> Result<(), ExpressionError> {
        let Some(outer) = self.outer.pop() else {
            return Err(token.error(ExpressionProblem::Unopened));
        };
        let inner = std::mem::replace(&mut self.level, outer);
        self.level.operands.extend(inner.close());
        self.expected = Expected::Operator;
        Ok(())
    }

    fn finish(self, end: usize) -> Result<Expression, ExpressionError> {
        let missing = |reason| ExpressionError { span: end..end, reason };
        match self.expected {
            Expected::Operand => return Err(missing(ExpressionProblem::MissingLicense)),
            Expected::Exception => return Err(missing(ExpressionProblem::MissingException)),
            Expected::Operator | Expected::OperatorOrWith => {}
        }
        if !self.outer.is_empty() {
            let opened = self.level.opened;
            return Err(ExpressionError { span: opened..opened + 1, reason: ExpressionProblem::Unclosed });
        }
        self.level.close().ok_or_else(|| missing(ExpressionProblem::MissingLicense))
    }
}

fn operator(word: &str) -> Option<&'static str> {
    ["AND", "OR", "WITH"].into_iter().find(|operator| operator.eq_ignore_ascii_case(word))
}

fn license(token: &Token<'_>) -> Result<License, ExpressionError> {
    if let Some(reference) = reference(token.word, "LicenseRef-") {
        return match token.plus {
            true => Err(token.error(ExpressionProblem::MisplacedPlus(reference))),
            false => Ok(License { id: LicenseId::Ref(reference), or_later: false, exception: None }),
        };
    }
    let Some(id) = ids::known_license(token.word) else {
        return Err(token.error(ExpressionProblem::UnknownLicense(token.shown())));
    };
    if token.plus && id.ends_with("-only") {
        return Err(token.error(ExpressionProblem::MisplacedPlus(id.to_owned())));
    }
    Ok(spdx_license(id, token.plus))
}

/// The licence that an id in the list's spelling, with or without a `+`, means today.
pub(super) fn spdx_license(id: &str, plus: bool) -> License {
    match ids::successor(id, plus) {
        Some(modern) => License {
            id: LicenseId::Spdx(modern.id),
            or_later: false,
            exception: modern.exception.map(str::to_owned),
        },
        None => License {
            id: LicenseId::Spdx(id.to_owned()),
            or_later: plus && !id.ends_with("-or-later"),
            exception: None,
        },
    }
}

fn exception(word: &str) -> Option<String> {
    ids::known_exception(word).map(str::to_owned).or_else(|| reference(word, "AdditionRef-"))
}

/// A reference of the kind that `prefix` says, perhaps with `DocumentRef-…:` before it; the prefixes come back
/// in the spec's spelling and the rest as written.
fn reference(word: &str, prefix: &str) -> Option<String> {
    let (document, word) = match word.split_once(':') {
        Some((document, word)) => (Some(after("DocumentRef-", document)?), word),
        None => (None, word),
    };
    let name = after(prefix, word).filter(|name| !name.contains(':'))?;
    Some(match document {
        Some(document) => format!("DocumentRef-{document}:{prefix}{name}"),
        None => format!("{prefix}{name}"),
    })
}

fn after<'a>(prefix: &str, word: &'a str) -> Option<&'a str> {
    let (start, rest) = word.split_at_checked(prefix.len())?;
    (start.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        expected.assert_eq(&match Expression::parse(text) {
            Ok(expression) => {
                assert_eq!(
                    Expression::parse(&expression.to_string()).as_ref(),
                    Ok(&expression),
                    "round trip"
                );
                expression.to_string()
            }
            Err(error) => format!("{}..{}: {error}", error.span.start, error.span.end),
        });
    }

    #[test]
    fn with_binds_tighter_than_and_which_binds_tighter_than_or() {
        let expression = Expression::parse("MIT OR ISC AND GPL-2.0-only WITH Classpath-exception-2.0");
        let Ok(Expression::Or(choices)) = expression else { panic!("{expression:?}") };
        assert_eq!(choices[0].to_string(), "MIT");
        assert_eq!(choices[1].to_string(), "ISC AND GPL-2.0-only WITH Classpath-exception-2.0");
    }

    #[test]
    fn parentheses_stay_only_where_they_matter() {
        check("((MIT) OR (ISC)) AND (Zlib)", expect!["(MIT OR ISC) AND Zlib"]);
        check("(MIT AND ISC) OR (MIT AND (Zlib AND ISC))", expect!["MIT AND ISC OR MIT AND Zlib AND ISC"]);
        check("MIT OR (MIT)", expect!["MIT"]);
    }

    #[test]
    fn case_does_not_matter_and_comes_back_as_listed() {
        check(
            "mit Or apache-2.0 aNd gpl-2.0-ONLY with gcc-EXCEPTION-2.0",
            expect!["MIT OR Apache-2.0 AND GPL-2.0-only WITH GCC-exception-2.0"],
        );
    }

    #[test]
    fn deprecated_ids_become_what_the_list_writes_today() {
        check("GPL-2.0", expect!["GPL-2.0-only"]);
        check("GPL-2.0+", expect!["GPL-2.0-or-later"]);
        check("GPL-2.0-or-later+", expect!["GPL-2.0-or-later"]);
        check("GFDL-1.3", expect!["GFDL-1.3-only"]);
        check("GPL-2.0-with-classpath-exception", expect!["GPL-2.0-only WITH Classpath-exception-2.0"]);
        check("GPL-3.0-with-GCC-exception", expect!["GPL-3.0-only WITH GCC-exception-3.1"]);
        check("wxWindows", expect!["wxWindows"]);
    }

    #[test]
    fn a_plus_on_others_is_kept() {
        check("Apache-1.1+ AND MPL-1.1+", expect!["Apache-1.1+ AND MPL-1.1+"]);
        check("GPL-2.0-only+", expect!["0..13: `+` cannot follow `GPL-2.0-only`"]);
        check("MIT +", expect!["4..5: character `+` has no place in a licence expression"]);
    }

    #[test]
    fn references_are_kept_as_written() {
        check(
            "licenseref-My_Own.1 OR DocumentRef-a:LicenseRef-b",
            expect!["LicenseRef-My_Own.1 OR DocumentRef-a:LicenseRef-b"],
        );
        check("MIT WITH AdditionRef-x", expect!["MIT WITH AdditionRef-x"]);
        check("LicenseRef-", expect!["0..11: unknown licence `LicenseRef-`"]);
        check("DocumentRef-a:MIT", expect!["0..17: unknown licence `DocumentRef-a:MIT`"]);
    }

    #[test]
    fn what_is_wrong_is_said_where() {
        check("", expect!["0..0: expected a licence, found nothing"]);
        check("MIT AND", expect!["7..7: expected a licence, found nothing"]);
        check("MIT  Apache-2.0", expect!["5..15: expected `AND`, `OR` or `WITH`, found `Apache-2.0`"]);
        check("MIT OR OR ISC", expect!["7..9: expected a licence, found `OR`"]);
        check("MIT OR (ISC AND Zlib", expect!["7..8: parenthesis is never closed"]);
        check("MIT)", expect!["3..4: parenthesis was never opened"]);
        check("()", expect!["1..2: expected a licence, found `)`"]);
        check(
            "(MIT) WITH LLVM-exception",
            expect!["6..10: `WITH` must follow a licence that has no exception yet"],
        );
        check("MIT WITH", expect!["8..8: expected an exception after `WITH`, found nothing"]);
        check("MIT WITH ISC", expect!["9..12: unknown exception `ISC`"]);
        check(
            "GPL-2.0-with-font-exception WITH LLVM-exception",
            expect!["33..47: `WITH` must follow a licence that has no exception yet"],
        );
        check("MIT, ISC", expect!["3..4: character `,` has no place in a licence expression"]);
        check("MIT AND Lizenz-für-alle", expect!["8..16: unknown licence `Lizenz-f`"]);
        check("NOASSERTION", expect!["0..11: unknown licence `NOASSERTION`"]);
    }

    #[test]
    fn hostile_nesting_is_an_error_and_length_is_none() {
        let deep = "(".repeat(1_000_000);
        check(&deep, expect!["128..129: parentheses nest deeper than 128"]);
        let nested = format!("{}MIT{}", "(ISC AND (Zlib OR ".repeat(60), "))".repeat(60));
        assert!(Expression::parse(&nested).is_ok());
        let long = "MIT OR ISC AND ".repeat(100_000) + "Zlib";
        assert_eq!(
            Expression::parse(&long).map(|e| e.to_string()).as_deref(),
            Ok("MIT OR ISC AND MIT OR ISC AND Zlib")
        );
        let one_word = Expression::parse(&"x".repeat(1_000_000)).expect_err("no such licence");
        assert!(one_word.to_string().len() < 100);
    }
}
