//! What a check says.

use std::cmp::Reverse;
use std::sync::Arc;

use super::evaluate::Why;
use super::policy::{PolicyLine, Waiver};
use super::severity::Severity;
use crate::bom::{Component, Ref};

/// One thing that the policy says of the subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Code of the rule: `license-not-allowed`.
    pub rule: &'static str,
    /// Id of the policy's `[[rule]]` that decided, where one did.
    pub policy_rule: Option<String>,
    pub severity: Severity,
    /// Absent when it is about the bill or the policy as a whole.
    pub component: Option<Ref>,
    /// It is about the licence of the subject itself, which is no component of the list.
    pub subject: bool,
    /// What it is about where that is no component: a path, a variable, the name of the subject.
    pub thing: Option<String>,
    /// A lowercase fragment that does not name the component.
    pub message: String,
    /// Why the policy says so, in its own words.
    pub reason: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// The expression that was judged, or the words where there is none.
    pub license: Option<String>,
    /// How the package writes it, where that is something else.
    pub written: Option<String>,
    /// How the verdict came about, for those about licences.
    pub why: Option<Arc<Why>>,
    /// The first place that speaks of the component.
    pub place: Option<Place>,
    /// The line of the policy that decided; absent where the policy is silent and a default holds.
    pub policy_line: Option<PolicyLine>,
    /// What must be done when the component is used so, as the policy says.
    pub obligations: Vec<String>,
    /// The waiver that lets it pass.
    pub waived: Option<Arc<Waiver>>,
    /// The baseline has it too.
    pub known: bool,
}

/// A place inside the subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub path: String,
    /// 1-based.
    pub line: Option<u32>,
    /// Index into the bill's layers.
    pub layer: Option<usize>,
}

impl Place {
    /// Where a component was seen first.
    pub(super) fn of(component: &Component) -> Option<Self> {
        component.evidence.first().map(|evidence| Self {
            path: evidence.path.clone(),
            line: evidence.line,
            layer: evidence.layer.or(component.layer),
        })
    }
}

impl Finding {
    pub(super) fn new(rule: &'static str, severity: Severity, message: String) -> Self {
        Self {
            rule,
            policy_rule: None,
            severity,
            component: None,
            subject: false,
            thing: None,
            message,
            reason: None,
            help: None,
            license: None,
            written: None,
            why: None,
            place: None,
            policy_line: None,
            obligations: Vec::new(),
            waived: None,
            known: false,
        }
    }

    pub(super) fn about(mut self, reference: &Ref, component: &Component) -> Self {
        self.component = Some(reference.clone());
        self.place = Place::of(component);
        self
    }

    /// Whether it counts for the verdict.
    pub fn counts(&self) -> bool {
        self.waived.is_none() && !self.known
    }

    pub(super) fn order(&self) -> impl Ord + '_ {
        (
            Reverse(self.counts()),
            Reverse(self.severity),
            self.rule,
            &self.policy_rule,
            &self.message,
            &self.component,
            &self.policy_line,
        )
    }
}
