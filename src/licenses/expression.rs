//! SPDX licence expressions, their structure kept.
//!
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An expression. `And` and `Or` hold two or more operands, none of the same operator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Expression {
    License(License),
    And(Vec<Self>),
    Or(Vec<Self>),
}

/// One leaf: a licence, perhaps "or any later version", perhaps with an exception.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct License {
    pub id: LicenseId,
    /// Only for ids that do not end in `-only` or `-or-later`: the `+` of `Apache-1.1+`.
    pub or_later: bool,
    /// An exception's id in the list's own spelling (or an `AdditionRef-`).
    pub exception: Option<String>,
}

/// Which licence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LicenseId {
    /// An id of the SPDX list in the list's own spelling.
    Spdx(String),
    /// `LicenseRef-…` (perhaps with `DocumentRef-…:` before it), as written.
    Ref(String),
}

impl Expression {
    /// All of the operands together. Nested conjunctions are opened, repeats dropped, the order kept; a single
    /// operand stays itself. Absent when there is none.
    pub fn all_of(operands: impl IntoIterator<Item = Self>) -> Option<Self> {
        let operands = operands.into_iter().flat_map(|operand| match operand {
            Self::And(inner) => inner,
            other => vec![other],
        });
        join(operands.collect(), Self::And)
    }

    /// Any one of the operands. Nested choices are opened, repeats dropped, the order kept; a single operand
    /// stays itself. Absent when there is none.
    pub fn any_of(operands: impl IntoIterator<Item = Self>) -> Option<Self> {
        let operands = operands.into_iter().flat_map(|operand| match operand {
            Self::Or(inner) => inner,
            other => vec![other],
        });
        join(operands.collect(), Self::Or)
    }

    /// Every licence named, in the order of writing; one named twice comes twice.
    pub fn leaves(&self) -> impl Iterator<Item = &License> {
        let mut waiting = vec![self];
        std::iter::from_fn(move || {
            loop {
                match waiting.pop()? {
                    Self::License(license) => return Some(license),
                    Self::And(operands) | Self::Or(operands) => waiting.extend(operands.iter().rev()),
                }
            }
        })
    }

    /// The same structure with other leaves. The depth of the recursion is that of the expression, which the
    /// readers bound.
    pub fn with_leaves(&self, leaf: &mut impl FnMut(&License) -> Self) -> Self {
        let joined = match self {
            Self::License(license) => Some(leaf(license)),
            Self::And(operands) => {
                let operands: Vec<Self> = operands.iter().map(|operand| operand.with_leaves(leaf)).collect();
                Self::all_of(operands)
            }
            Self::Or(operands) => {
                let operands: Vec<Self> = operands.iter().map(|operand| operand.with_leaves(leaf)).collect();
                Self::any_of(operands)
            }
        };
        joined.unwrap_or_else(|| self.clone())
    }

    /// The same meaning with operands sorted and repeats dropped. Two expressions that differ only in the order
    /// of writing have equal canonical forms.
    pub fn canonical(&self) -> Self {
        let joined = match self {
            Self::License(_) => None,
            Self::And(operands) => Self::all_of(sorted(operands)),
            Self::Or(operands) => Self::any_of(sorted(operands)),
        };
        joined.unwrap_or_else(|| self.clone())
    }
}

fn join(operands: Vec<Expression>, operator: fn(Vec<Expression>) -> Expression) -> Option<Expression> {
    let mut seen = HashSet::new();
    let is_first: Vec<bool> = operands.iter().map(|operand| seen.insert(operand)).collect();
    let mut kept: Vec<Expression> =
        operands.into_iter().zip(is_first).filter_map(|(operand, first)| first.then_some(operand)).collect();
    match kept.len() {
        0 | 1 => kept.pop(),
        _ => Some(operator(kept)),
    }
}

fn sorted(operands: &[Expression]) -> Vec<Expression> {
    let mut operands: Vec<Expression> = operands.iter().map(Expression::canonical).collect();
    operands.sort();
    operands
}

/// Writes SPDX's syntax, with parentheses only where a choice stands inside a conjunction.
impl fmt::Display for Expression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operands, operator) = match self {
            Self::License(license) => return license.fmt(out),
            Self::And(operands) => (operands, " AND "),
            Self::Or(operands) => (operands, " OR "),
        };
        for (index, operand) in operands.iter().enumerate() {
            if index > 0 {
                out.write_str(operator)?;
            }
            match (self, operand) {
                (Self::And(_), Self::Or(_)) => write!(out, "({operand})")?,
                _ => operand.fmt(out)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for License {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.id.as_str())?;
        if self.or_later {
            out.write_str("+")?;
        }
        match &self.exception {
            Some(exception) => write!(out, " WITH {exception}"),
            None => Ok(()),
        }
    }
}

impl LicenseId {
    /// The id as an expression writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Spdx(id) | Self::Ref(id) => id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(id: &str) -> Expression {
        Expression::License(License { id: LicenseId::Spdx(id.to_owned()), or_later: false, exception: None })
    }

    #[test]
    fn joining_opens_the_same_operator_and_drops_repeats() {
        let inner = Expression::all_of([leaf("MIT"), leaf("ISC")]).expect("two operands");
        let joined = Expression::all_of([leaf("Zlib"), inner, leaf("MIT")]).expect("three operands");
        assert_eq!(joined.to_string(), "Zlib AND MIT AND ISC");
        assert_eq!(joined, Expression::And(vec![leaf("Zlib"), leaf("MIT"), leaf("ISC")]));
    }

    #[test]
    fn joining_one_or_none_makes_no_operator() {
        assert_eq!(Expression::all_of([leaf("MIT"), leaf("MIT")]), Some(leaf("MIT")));
        assert_eq!(Expression::any_of([]), None);
    }

    #[test]
    fn only_a_choice_inside_a_conjunction_is_parenthesised() {
        let choice = Expression::any_of([leaf("MIT"), leaf("ISC")]).expect("two operands");
        let all = Expression::all_of([choice.clone(), leaf("Zlib")]).expect("two operands");
        assert_eq!(all.to_string(), "(MIT OR ISC) AND Zlib");
        let any = Expression::any_of([all, leaf("0BSD")]).expect("two operands");
        assert_eq!(any.to_string(), "(MIT OR ISC) AND Zlib OR 0BSD");
        assert_eq!(any.leaves().map(License::to_string).collect::<Vec<_>>(), ["MIT", "ISC", "Zlib", "0BSD"]);
    }

    #[test]
    fn the_canonical_form_does_not_know_the_order_of_writing() {
        let one = Expression::any_of([
            Expression::all_of([leaf("MIT"), leaf("ISC")]).expect("two operands"),
            leaf("Apache-2.0"),
        ]);
        let other = Expression::any_of([
            leaf("Apache-2.0"),
            Expression::all_of([leaf("ISC"), leaf("MIT")]).expect("two operands"),
        ]);
        assert_ne!(one, other);
        assert_eq!(one.map(|e| e.canonical()), other.map(|e| e.canonical()));
    }
}
