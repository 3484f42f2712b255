//! What was said about a component's licence: the words, and what they mean.

use crate::licenses::Expression;

/// One statement about a licence. The words are kept; our reading stands beside them, never instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LicenseClaim {
    /// As written: `GPL-2+ or Artistic`, `BSD`, `see LICENSE`.
    pub text: String,
    /// What that means in SPDX's terms. Absent when it says nothing; what is not known in it is a
    /// `LicenseRef-` inside it.
    pub expression: Option<Expression>,
    pub basis: Basis,
    /// The file that says so, where it is another than the component's own evidence:
    /// `usr/share/doc/bash/copyright`.
    pub path: Option<String>,
    /// 1-based line in that file (or in the component's own) where the statement begins.
    pub line: Option<u32>,
}

/// How the statement came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The package says so of itself.
    Declared,
    /// We recognised a licence's text or a reference to it.
    Detected,
    /// Somebody looked into it and decided.
    Concluded,
}

impl Basis {
    pub fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Detected => "detected",
            Self::Concluded => "concluded",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Declared, Self::Detected, Self::Concluded].into_iter().find(|basis| basis.name() == name)
    }
}
