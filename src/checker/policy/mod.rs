//! The policy file: what is allowed, in words a lawyer can read.
//!
//! First matching rule wins, from top to bottom; what no rule names is denied. A policy is data: no code and
//! no regular expressions, only `*`. All mistakes of a file are told at once, each with its place.

mod build;
mod conditions;
mod inherit;
mod mistakes;
mod pattern;
mod range;
mod schema;
mod shape;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

pub use conditions::{Distribution, KindOfPackage, Origin, ScopeOfUse, When};
pub use inherit::{Found, NotFound};
pub use mistakes::{Mistake, PolicyErrors, PolicyLine, Source, did_you_mean};
pub use pattern::Pattern;
pub(crate) use pattern::decoded;
pub use range::Range;
pub use schema::json_schema;

use super::severity::{Action, Severity};
use crate::licenses::{Category, Expression};

/// A policy, with those it extends already taken in.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub name: String,
    pub description: Option<String>,
    pub distribution: Distribution,
    /// Ids to choose first where several licences are as good.
    pub prefer: Vec<String>,
    pub defaults: Defaults,
    /// In the order they are tried.
    pub rules: Vec<Arc<LicenseRule>>,
    pub bans: Vec<Ban>,
    pub waivers: Vec<Arc<Waiver>>,
    pub clarifications: Vec<Clarification>,
    pub choices: Vec<Choice>,
    /// By licence id.
    pub categories: BTreeMap<String, Category>,
    /// What a text means, by the text in lower case.
    pub aliases: BTreeMap<String, Expression>,
    /// How severe a check is, by its code, and where that is written.
    pub checks: BTreeMap<String, (Action, PolicyLine)>,
    pub require: Require,
    pub end_of_life: EndOfLife,
    pub drift: DriftLimits,
    /// The check fails from this severity up. Absent: never.
    pub fail_on: Option<Severity>,
    pub cases: Vec<PolicyCase>,
}

/// What happens when no rule decides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defaults {
    pub all: Answers,
    pub os: Answers,
    pub application: Answers,
}

/// Each with the place where it is written, if it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    pub unmatched: Option<(Action, PolicyLine)>,
    pub unknown: Option<(Action, PolicyLine)>,
    pub missing: Option<(Action, PolicyLine)>,
}

/// A `[[rule]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenseRule {
    pub id: String,
    pub when: When,
    pub action: Action,
    pub is_final: bool,
    pub reason: Option<String>,
    pub obligations: Vec<String>,
    pub line: PolicyLine,
}

/// A package that must not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    pub purl: Pattern,
    pub versions: Option<Range>,
    pub reason: String,
    pub instead: Option<String>,
    pub action: Action,
    pub line: PolicyLine,
}

/// What a waiver is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waived {
    /// Packages of this name.
    Packages(Pattern),
    /// What is no package: the path of a file, the name of a variable.
    Things(Pattern),
}

impl Waived {
    /// As the policy writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Packages(pattern) | Self::Things(pattern) => pattern.as_str(),
        }
    }
}

/// Lets findings pass, visibly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    pub id: Option<String>,
    pub subject: Waived,
    pub versions: Option<Range>,
    /// Id of a rule or code of a check. Absent: all about licences.
    pub rule: Option<Pattern>,
    /// What was agreed to, canonical.
    pub license: Option<Expression>,
    pub reason: String,
    pub approver: Option<String>,
    pub ticket: Option<String>,
    /// The last day. Absent for a permanent one.
    pub expires: Option<NaiveDate>,
    pub line: PolicyLine,
}

/// What a package's licence really is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clarification {
    pub purl: Pattern,
    pub versions: Option<Range>,
    pub declared: Option<String>,
    pub file: Option<String>,
    /// Lower-case hexadecimal.
    pub sha256: Option<String>,
    pub expression: Expression,
    pub reason: String,
    pub line: PolicyLine,
}

/// Which of the offered licences is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub purl: Pattern,
    pub versions: Option<Range>,
    pub license: Expression,
    pub reason: String,
    pub expires: Option<NaiveDate>,
    pub line: PolicyLine,
}

/// What the SBOM itself must say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Require {
    pub document: Vec<String>,
    pub component: Vec<String>,
    /// In thousandths.
    pub license_coverage: Option<u16>,
    pub line: Option<PolicyLine>,
}

/// What counts for the end of support.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndOfLife {
    /// How many days ahead an end is announced.
    pub warn_days: Option<u32>,
    /// How far a version may be behind the latest of its own line.
    pub behind: Option<u64>,
    /// Extended support that is paid for, and its last day.
    pub contracts: BTreeMap<String, NaiveDate>,
}

/// What `[drift] max` calls all kinds of change together.
pub const ANY_CHANGE: &str = "any";

/// What may become different from the baseline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DriftLimits {
    /// Only these may change. Empty: all may.
    pub may_change: Vec<Pattern>,
    /// These must not disappear.
    pub must_stay: Vec<Pattern>,
    /// How many changes there may be at most, by the name of their kind or [`ANY_CHANGE`].
    pub max: BTreeMap<String, u64>,
    pub line: Option<PolicyLine>,
}

/// A test of the policy: a package, and the verdict it should get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyCase {
    pub purl: crate::bom::Purl,
    pub license: Option<String>,
    pub scope: ScopeOfUse,
    pub origin: Option<Origin>,
    pub owned_by: Option<String>,
    pub expect: Action,
    pub line: PolicyLine,
}

impl Policy {
    /// Reads a policy that extends only shipped ones, or none.
    ///
    /// # Errors
    /// All the mistakes in it.
    ///
    /// ```
    /// use packlist::checker::Policy;
    ///
    /// let errors = Policy::parse("mine.toml", "schema = 1\n[[rule]]\nid = \"a\"\naction = \"alow\"\n");
    /// let mistake = &errors.unwrap_err().mistakes[0];
    /// assert_eq!(mistake.help.as_deref(), Some("did you mean `allow`?"));
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<Self, PolicyErrors> {
        Self::parse_with(name, text, &mut |_, _| Err("only a policy in a file can extend other files".into()))
    }

    /// Reads a policy; `find` gives the text behind a path of `extends`, seen from the file that names it.
    ///
    /// # Errors
    /// All the mistakes in it and in those it extends.
    pub fn parse_with(
        name: &str,
        text: &str,
        find: &mut dyn FnMut(&str, &str) -> Result<Found, NotFound>,
    ) -> Result<Self, PolicyErrors> {
        inherit::read(name, text, find)
    }

    /// The answer for a type of package when no rule decides.
    pub(super) fn default_answer(
        &self,
        kind: KindOfPackage,
        which: fn(&Answers) -> &Option<(Action, PolicyLine)>,
        unwritten: Action,
    ) -> (Action, Option<PolicyLine>) {
        let of_kind = match kind {
            KindOfPackage::Os => &self.defaults.os,
            KindOfPackage::Application => &self.defaults.application,
        };
        match which(of_kind).as_ref().or(which(&self.defaults.all).as_ref()) {
            Some((action, line)) => (*action, Some(line.clone())),
            None => (unwritten, None),
        }
    }
}
