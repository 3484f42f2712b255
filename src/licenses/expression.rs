//! SPDX licence expressions, their structure kept.
//!
//! Spec: <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>

/// An expression. `And` and `Or` hold two or more operands, none of the same operator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expression {
    License(License),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

/// One leaf: a licence, perhaps "or any later version", perhaps with an exception.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct License {
    pub id: LicenseId,
    /// Only for ids that do not end in `-only` or `-or-later`: the `+` of `Apache-1.1+`.
    pub or_later: bool,
    /// An exception's id in the list's own spelling (or an `AdditionRef-`).
    pub exception: Option<String>,
}

/// Which licence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LicenseId {
    /// An id of the SPDX list in the list's own spelling.
    Spdx(String),
    /// `LicenseRef-…` (perhaps with `DocumentRef-…:` before it), as written.
    Ref(String),
}
