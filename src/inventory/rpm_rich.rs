//! What rpm packages require, boolean dependencies among it: `(a or b)`, `(langpack if app)`.
//!
//! They are judged against what is there, so that an edge goes only where the condition holds.
//! Spec: <https://rpm-software-management.github.io/rpm/manual/boolean_dependencies.html>

use std::iter::Peekable;
use std::vec::IntoIter;

/// Deeper nesting is no real package's; it counts as requiring nothing.
const MAX_DEPTH: usize = 32;

/// The names a requirement comes down to, when `is_there` tells which names somebody provides.
pub(super) fn names<'a>(requirement: &'a str, is_there: &impl Fn(&str) -> bool) -> Vec<&'a str> {
    // rpm's own abilities, not packages.
    if requirement.starts_with("rpmlib(") {
        return Vec::new();
    }
    if !requirement.starts_with('(') {
        return vec![requirement];
    }
    let mut tokens = tokens(requirement).into_iter().peekable();
    operand(&mut tokens, is_there, 0)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Word(&'a str),
}

/// Names hold parentheses too, `libc.so.6()(64bit)`: one that opens a group begins a word, one that closes it
/// has no partner inside the word.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        let rest = word.trim_start_matches('(');
        tokens.extend(std::iter::repeat_n(Token::Open, word.len() - rest.len()));
        let opened = rest.matches('(').count();
        let closed = rest.matches(')').count();
        let trailing = rest.len() - rest.trim_end_matches(')').len();
        let closing = closed.saturating_sub(opened).min(trailing);
        let name = &rest[..rest.len() - closing];
        tokens.extend((!name.is_empty()).then_some(Token::Word(name)));
        tokens.extend(std::iter::repeat_n(Token::Close, closing));
    }
    tokens
}

type Tokens<'a> = Peekable<IntoIter<Token<'a>>>;

fn operand<'a>(tokens: &mut Tokens<'a>, is_there: &impl Fn(&str) -> bool, depth: usize) -> Vec<&'a str> {
    match tokens.next() {
        Some(Token::Open) if depth < MAX_DEPTH => group(tokens, is_there, depth + 1),
        Some(Token::Word(name)) => {
            let is_comparison = |token: &Token<'_>| matches!(token, Token::Word(word) if word.bytes().all(|byte| b"<>=".contains(&byte)));
            if tokens.next_if(is_comparison).is_some() {
                tokens.next_if(|token| matches!(token, Token::Word(_)));
            }
            vec![name]
        }
        _ => Vec::new(),
    }
}

/// What stands up to the closing parenthesis.
fn group<'a>(tokens: &mut Tokens<'a>, is_there: &impl Fn(&str) -> bool, depth: usize) -> Vec<&'a str> {
    let is_met = |names: &[&str]| !names.is_empty() && names.iter().all(|name| is_there(name));
    let mut needed = operand(tokens, is_there, depth);
    while let Some(Token::Word(operator)) = tokens.next() {
        let other = operand(tokens, is_there, depth);
        match operator {
            "and" | "with" => needed.extend(other),
            "or" if !is_met(&needed) && is_met(&other) => needed = other,
            "if" if !is_met(&other) => needed = Vec::new(),
            "unless" if is_met(&other) => needed = Vec::new(),
            // Reached with nothing needed only where the condition before it did not hold.
            "else" if needed.is_empty() => needed = other,
            _ => {}
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(there: &[&str], requirement: &'a str) -> Vec<&'a str> {
        names(requirement, &|name| there.contains(&name))
    }

    #[test]
    fn plain_names_are_themselves() {
        assert_eq!(with(&[], "libc.so.6(GLIBC_2.34)(64bit)"), ["libc.so.6(GLIBC_2.34)(64bit)"]);
        assert!(with(&[], "rpmlib(CompressedFileNames)").is_empty());
    }

    #[test]
    fn alternatives_and_conditions_are_judged_by_what_is_there() {
        assert_eq!(with(&["b"], "(a >= 1.0 or b or c)"), ["b"]);
        assert_eq!(with(&[], "(a or b)"), ["a"]);
        assert_eq!(with(&["app"], "(langpack if app)"), ["langpack"]);
        assert!(with(&[], "(langpack if app)").is_empty());
        assert_eq!(with(&[], "(a if x else b)"), ["b"]);
        assert!(with(&["x"], "(a unless x)").is_empty());
        assert_eq!(
            with(&["x"], "((libc.so.6()(64bit) with f(x)) and (b if (x and x)))"),
            ["libc.so.6()(64bit)", "f(x)", "b"]
        );
        assert_eq!(with(&[], "(a >= 1 without a >= 2)"), ["a"]);
    }

    #[test]
    fn broken_and_deep_requirements_end() {
        assert_eq!(with(&[], "(a or"), ["a"]);
        assert!(with(&[], "()").is_empty());
        assert!(with(&[], &"(".repeat(100_000)).is_empty());
    }
}
