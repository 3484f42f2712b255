//! Stage three: a bill, a policy and a day make findings, and those a verdict.
//!
//! Pure: no disk, no network, no clock. The day is an argument, so that a check can be a forecast.

mod baseline;
pub mod cases;
mod changes;
mod duties;
mod ends;
mod evaluate;
mod facts;
mod finding;
pub mod init;
mod judge;
pub mod lint;
mod meanings;
mod open_secrets;
mod own;
pub mod policies;
mod policy;
pub mod rules;
mod severity;
mod tools;
mod waivers;

use std::sync::Arc;
use std::thread;

use chrono::NaiveDate;

pub use evaluate::{Decided, Decision, Step, Why};
pub use finding::{Finding, Place};
pub use policy::{
    ANY_CHANGE, Answers, Ban, Choice, Clarification, Defaults, Distribution, DriftLimits, EndOfLife, Found,
    KindOfPackage, LicenseRule, Mistake, NotFound, Origin, Pattern, Policy, PolicyCase, PolicyErrors,
    PolicyLine, Range, Require, ScopeOfUse, Source, Waived, Waiver, When, did_you_mean, json_schema,
};
pub use rules::Rule;
pub use severity::{Action, Severity};

use crate::bom::{Bom, Ref};
use crate::drift::{self, Drift, Ended};
use crate::eol::{self, Calendar, Terms};
use facts::Surroundings;
use judge::Judged;
use own::Own;

/// All that a check may know.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub bom: &'a Bom,
    /// An earlier bill: what was wrong there already is known, and does not count.
    pub baseline: Option<&'a Bom>,
    /// When releases end. Absent: nothing is said about that.
    pub calendar: Option<&'a Calendar>,
    pub policy: &'a Policy,
    /// The day of the check: waivers end.
    pub today: NaiveDate,
}

/// What the findings come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing to warn of.
    Pass,
    /// Something to look at, and nothing that fails the check.
    Warn,
    Fail,
}

impl Verdict {
    /// Of findings under a policy. What is waived or known from the baseline does not count.
    pub fn of(findings: &[Finding], policy: &Policy) -> Self {
        let worst = findings.iter().filter(|finding| finding.counts()).map(|finding| finding.severity).max();
        match worst {
            Some(worst) if policy.fail_on.is_some_and(|from| worst >= from) => Self::Fail,
            Some(Severity::Warn | Severity::Deny) => Self::Warn,
            Some(Severity::Info) | None => Self::Pass,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What a rule sees: the case, and the components already judged.
pub struct Context<'a> {
    case: Case<'a>,
    surroundings: Surroundings<'a>,
    judged: Vec<Judged<'a>>,
    /// The subject itself, where its own licence is stated and no component stands for it.
    own: Option<Judged<'a>>,
    /// What the calendar says of the bill.
    ends: Vec<eol::Row>,
    /// What changed since the baseline. Absent where there is none.
    drift: Option<Drift>,
}

impl<'a> Case<'a> {
    /// How severe a rule's findings are, and where that is written. Absent when it is switched off.
    fn severity(&self, rule: &Rule) -> Option<(Severity, Option<PolicyLine>)> {
        match self.policy.checks.get(rule.code) {
            Some((action, line)) => Some((action.severity()?, Some(line.clone()))),
            None => Some((rule.default?.severity()?, None)),
        }
    }

    fn terms(&self) -> Terms {
        let said = &self.policy.end_of_life;
        Terms {
            today: self.today,
            soon: said.warn_days.unwrap_or(eol::SOON),
            contracts: said.contracts.iter().map(|(name, day)| (name.clone(), Some(*day))).collect(),
        }
    }

    /// What the calendar says of the bill, on the policy's terms. Empty where there is no calendar.
    pub fn ends_of_support(&self) -> Vec<eol::Row> {
        self.ends(self.bom)
    }

    fn ends(&self, bom: &Bom) -> Vec<eol::Row> {
        self.calendar.map(|calendar| eol::judge(bom, calendar, &self.terms())).unwrap_or_default()
    }

    /// The difference to the baseline, with what has ended since by the same calendar.
    fn drift(&self) -> Option<Drift> {
        let baseline = self.baseline?;
        let mut drift = drift::compare(baseline, self.bom);
        let ended = eol::worsened(&self.ends(baseline), &self.ends(self.bom)).into_iter();
        let ended = ended.map(|row| Ended { reference: row.component, from: row.from, to: row.to });
        drift.add_ended(self.bom, ended);
        Some(drift)
    }

    fn context(self, own: Option<&'a Own>) -> Context<'a> {
        let licenses = || {
            let surroundings = Surroundings::new(self.bom, own, self.policy.distribution);
            let judged = judge::judge(&self, &surroundings);
            let own = judge::judge_own(&self, &surroundings);
            (surroundings, judged, own)
        };
        let dates = || (self.ends(self.bom), self.drift());
        let ((surroundings, judged, own), (ends, drift)) = beside(licenses, dates);
        Context { case: self, surroundings, judged, own, ends, drift }
    }
}

impl<'a> Context<'a> {
    /// The components and the subject: all whose licence was judged.
    fn licensed(&self) -> impl Iterator<Item = &Judged<'a>> {
        self.judged.iter().chain(&self.own)
    }
}

/// Judges a bill. The findings come worst first, in an order that depends on nothing but the case; those that
/// are waived or known come last.
pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = found(case);
    if let Some(baseline) = case.baseline {
        baseline::mark_known(case, baseline, &mut findings);
    }
    findings.sort_by(|one, other| one.order().cmp(&other.order()));
    findings
}

/// Two things at once, on a thread each.
fn beside<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        (one, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// All but the comparison with a baseline.
fn found(case: &Case<'_>) -> Vec<Finding> {
    let own = Own::of(case.bom);
    let context = case.context(own.as_ref());
    let (licenses, others): (Vec<&Rule>, Vec<&Rule>) =
        rules::ALL.iter().partition(|rule| rule.code.starts_with("license-"));
    let of =
        |rules: &[&Rule]| -> Vec<Finding> { rules.iter().flat_map(|rule| (rule.check)(&context)).collect() };
    let (mut findings, rest) = beside(|| of(&licenses), || of(&others));
    findings.extend(rest);
    waivers::apply(case, &context.surroundings, &mut findings);
    findings
}

/// How the policy came to its verdict about the licence of one component, or of the subject by its reference, also
/// where there is no finding. Absent when the bill has no such component or nothing is said of its licence.
pub fn explain(case: &Case<'_>, reference: &Ref) -> Option<Decision> {
    let own = Own::of(case.bom);
    let surroundings = Surroundings::new(case.bom, own.as_ref(), case.policy.distribution);
    let facts = match case.bom.components.get_key_value(reference) {
        Some((reference, component)) => surroundings.facts(reference, component),
        None => surroundings.own().filter(|_| *reference == case.bom.subject.reference())?,
    };
    match judge::judge_one(case, &surroundings, facts, &mut judge::Verdicts::default()).license {
        judge::Verdict::Decided(decision) => Some(Arc::unwrap_or_clone(decision)),
        judge::Verdict::Missing(..) | judge::Verdict::NotAsked => None,
    }
}
