//! From a licence expression to a verdict, by intervals.
//!
//! Every licence has a best and a worst outcome, equal where it is known. All of several take the worse, any
//! of several the better, on both ends. When the ends agree the verdict is certain although parts are
//! unknown. Linear in the expression: nothing is multiplied out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::facts::{Facts, LaterVersions};
use super::policy::{LicenseRule, Policy, PolicyLine, When};
use super::severity::Action;
use crate::bom::Basis;
use crate::licenses::{Category, Expression, License, categories, family, later_versions};

/// How a verdict came about: a tree in the shape of the expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    pub step: Step,
    /// The best that can be true.
    pub best: Action,
    /// The worst that can be true.
    pub worst: Action,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// One licence, as SPDX writes it, or words that are not understood.
    License { license: String, category: Category, decided: Decided },
    /// All of them together.
    All(Vec<Why>),
    /// Any one of them, and which is chosen.
    Any { options: Vec<Why>, chosen: usize },
    /// "Or any later version": the versions that may be chosen.
    Later { license: String, options: Vec<Why>, chosen: usize },
    /// A name that several licences go by, and what each of them would give.
    Family { license: String, options: Vec<Why> },
    /// Several statements, and nobody says whether all or any of them hold.
    Statements(Vec<Why>),
}

/// What decided about one licence.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// The first rule that matches.
    Rule(Arc<LicenseRule>),
    /// No rule matches; where that default is written, if it is.
    Unmatched(Option<PolicyLine>),
    /// It is not understood: anything from allowed to denied.
    Open,
}

/// A verdict about the licence of one component.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The expression judged, or the words where there is none.
    pub license: String,
    /// How the package writes it, where that is something else.
    pub written: Option<String>,
    pub why: Arc<Why>,
    pub action: Action,
    /// What the licences ask for that bind after every choice, in the words of policies.
    pub obligations: Vec<String>,
    /// Where `why` is open: the place of the default that closed it.
    pub closed_by: Option<PolicyLine>,
}

impl Why {
    /// Both ends agree.
    pub fn is_certain(&self) -> bool {
        self.best == self.worst
    }

    /// The leaf that made it as bad as it is: the worst of what must be taken together, the chosen one of
    /// what may be chosen. Depth is that of the expression.
    pub fn decisive(&self) -> &Self {
        let mut at = self;
        loop {
            at = match &at.step {
                Step::License { .. } => return at,
                Step::Any { options, chosen } | Step::Later { options, chosen, .. } => {
                    match options.get(*chosen) {
                        Some(option) => option,
                        None => return at,
                    }
                }
                Step::All(parts) | Step::Statements(parts) | Step::Family { options: parts, .. } => {
                    // The first of the worst.
                    match parts.iter().rev().max_by_key(|part| (part.worst, part.best)) {
                        Some(part) => part,
                        None => return at,
                    }
                }
            };
        }
    }

    /// The licences that bind after every choice is made, as the tree names them.
    pub fn chosen(&self) -> Vec<&str> {
        let mut chosen = Vec::new();
        let mut waiting = vec![self];
        while let Some(at) = waiting.pop() {
            match &at.step {
                Step::License { license, .. }
                | Step::Later { license, .. }
                | Step::Family { license, .. } => chosen.push(license.as_str()),
                Step::All(parts) | Step::Statements(parts) => waiting.extend(parts.iter().rev()),
                Step::Any { options, chosen } => waiting.extend(options.get(*chosen)),
            }
        }
        chosen
    }

    /// The categories of all licences in it.
    pub fn categories(&self) -> impl Iterator<Item = Category> {
        let mut waiting = vec![self];
        std::iter::from_fn(move || {
            loop {
                match &waiting.pop()?.step {
                    Step::License { category, .. } => return Some(*category),
                    Step::All(parts)
                    | Step::Statements(parts)
                    | Step::Any { options: parts, .. }
                    | Step::Family { options: parts, .. }
                    | Step::Later { options: parts, .. } => waiting.extend(parts),
                }
            }
        })
    }

    /// Whether some choice in it was between unequal licences.
    pub fn has_choice(&self) -> bool {
        let mut waiting = vec![self];
        while let Some(at) = waiting.pop() {
            match &at.step {
                Step::Any { options, .. } if options.iter().any(|option| option.worst > at.worst) => {
                    return true;
                }
                Step::Any { options: parts, .. } | Step::All(parts) | Step::Statements(parts) => {
                    waiting.extend(parts);
                }
                Step::License { .. } | Step::Later { .. } | Step::Family { .. } => {}
            }
        }
        false
    }
}

/// Judges licences of one component.
pub(super) struct Evaluation<'a> {
    policy: &'a Policy,
    /// The rules whose conditions about the component hold, in order.
    rules: Vec<&'a Arc<LicenseRule>>,
    unmatched: (Action, Option<PolicyLine>),
    basis: Basis,
    /// What references of the document mean.
    meanings: Option<&'a BTreeMap<&'a str, Expression>>,
    /// What "or any later version" offers, where it was looked up already.
    later: Option<&'a LaterVersions>,
}

/// What a rule may ask of one licence.
struct Leaf<'a> {
    id: &'a str,
    exception: Option<&'a str>,
    category: Category,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(policy: &'a Policy, facts: &Facts<'_>) -> Self {
        let rules = policy.rules.iter().filter(|rule| facts.hold(&rule.when)).collect();
        let unmatched = policy.default_answer(facts.kind, |answers| &answers.unmatched, Action::Deny);
        Self { policy, rules, unmatched, basis: Basis::Declared, meanings: None, later: None }
    }

    pub(super) fn with_basis(mut self, basis: Basis) -> Self {
        self.basis = basis;
        self
    }

    pub(super) fn with_meanings(mut self, meanings: &'a BTreeMap<&'a str, Expression>) -> Self {
        self.meanings = Some(meanings);
        self
    }

    pub(super) fn with_later(mut self, later: &'a LaterVersions) -> Self {
        self.later = Some(later);
        self
    }

    /// The rule that decides about the component whatever its licence, if one does.
    pub(super) fn whole(&self) -> Option<&'a Arc<LicenseRule>> {
        self.rules.iter().find(|rule| !rule.when.asks_of_license()).copied()
    }

    /// Depth of the recursion is that of the expression, which the parser bounds.
    pub(super) fn expression(&self, expression: &Expression) -> Why {
        match expression {
            Expression::License(license) => self.license(license),
            Expression::And(parts) => all(parts.iter().map(|part| self.expression(part)).collect()),
            Expression::Or(options) => {
                let options: Vec<Why> = options.iter().map(|option| self.expression(option)).collect();
                let (best, worst, chosen) = self.any(&options);
                Why { step: Step::Any { options, chosen }, best, worst }
            }
        }
    }

    /// Words that are not understood.
    pub(super) fn words(&self, text: &str) -> Why {
        self.leaf(text, &Leaf { id: text, exception: None, category: Category::Unknown })
    }

    /// A rule that names this very licence decides about it; else "or later" offers the later versions.
    fn license(&self, license: &License) -> Why {
        let own = self.one(license);
        let named = is_named(&own);
        let known = self.later.and_then(|later| later.get(license));
        let later: Cow<'_, [License]> = match known {
            Some(later) => later.into(),
            None => later_versions(license).into(),
        };
        if named || later.is_empty() {
            return own;
        }
        let mut options: Vec<Why> = later.iter().map(|later| self.one(later)).collect();
        if options.iter().all(|option| option.best == own.best && option.worst == own.worst) {
            return own;
        }
        options.insert(0, own);
        let (best, worst, chosen) = self.any(&options);
        Why { step: Step::Later { license: license.to_string(), options, chosen }, best, worst }
    }

    /// Of a name that several licences go by each is judged; a rule that names the name itself goes before. An
    /// exception nobody knows may lower a category or not.
    fn one(&self, license: &License) -> Why {
        let id = license.id.as_str();
        let exception = license.exception.as_deref();
        let shown = license.to_string();
        let of = |category| self.leaf(&shown, &Leaf { id, exception, category });
        if let Some(category) = self.policy.categories.get(id).filter(|_| exception.is_none()) {
            return of(*category);
        }
        let range = categories(license);
        let worst = of(*range.end());
        if is_named(&worst) {
            return worst;
        }
        if let Some(meaning) =
            self.meanings.and_then(|meanings| meanings.get(id)).filter(|_| exception.is_none())
        {
            // Without the meanings, so that no reference leads to itself.
            let plain = Self {
                meanings: None,
                rules: self.rules.clone(),
                unmatched: self.unmatched.clone(),
                ..*self
            };
            return plain.expression(meaning);
        }
        let members = family(license).map(|family| family.candidates.as_slice()).unwrap_or_default();
        if !members.is_empty() {
            let member =
                |member: &License| License { exception: license.exception.clone(), ..member.clone() };
            let options = members.iter().map(|one| self.one(&member(one))).collect();
            return one_of(options, |options| Step::Family { license: shown.clone(), options })
                .unwrap_or(worst);
        }
        // A reference that nobody knows may ask for anything, which is more than any category says.
        if range.start() == range.end() || *range.end() == Category::Unknown {
            return worst;
        }
        let within = Category::ALL.into_iter().filter(|category| range.contains(category));
        let (best, highest) = within.map(of).fold((worst.best, worst.worst), |(best, highest), why| {
            (best.min(why.best), highest.max(why.worst))
        });
        Why { step: worst.step, best, worst: highest }
    }

    fn leaf(&self, shown: &str, leaf: &Leaf<'_>) -> Why {
        let rule = self.rules.iter().find(|rule| self.holds(&rule.when, leaf));
        let (decided, best, worst) = match rule {
            Some(rule) => (Decided::Rule(Arc::clone(rule)), rule.action, rule.action),
            None if leaf.category == Category::Unknown => (Decided::Open, Action::Allow, Action::Deny),
            None => {
                let (action, line) = &self.unmatched;
                (Decided::Unmatched(line.clone()), *action, *action)
            }
        };
        let step = Step::License { license: shown.to_owned(), category: leaf.category, decided };
        Why { step, best, worst }
    }

    fn holds(&self, when: &When, leaf: &Leaf<'_>) -> bool {
        let id = || leaf.id.to_ascii_lowercase();
        let exception = || leaf.exception.map(str::to_ascii_lowercase);
        (when.categories.is_empty() || when.categories.contains(&leaf.category))
            && (when.bases.is_empty() || when.bases.contains(&self.basis))
            && (when.ids.is_empty() || when.ids.iter().any(|pattern| pattern.matches(&id())))
            && (when.exceptions.is_empty()
                || exception().is_some_and(|id| when.exceptions.iter().any(|pattern| pattern.matches(&id))))
    }

    /// The better on both ends, and the option to choose: the surest, then the one the policy prefers, then
    /// the one with the fewest conditions, then the first in order of name.
    ///
    /// A proprietary licence beside others is an offer to sell one. It counts only where the policy names it.
    fn any(&self, options: &[Why]) -> (Action, Action, usize) {
        let mut open: Vec<usize> =
            (0..options.len()).filter(|index| !is_for_sale(&options[*index])).collect();
        if open.is_empty() {
            open = (0..options.len()).collect();
        }
        let best = open.iter().map(|index| options[*index].best).min().unwrap_or(Action::Deny);
        let worst = open.iter().map(|index| options[*index].worst).min().unwrap_or(Action::Deny);
        let rank = |option: &Why| {
            let names = option.chosen();
            let preferred = self
                .policy
                .prefer
                .iter()
                .position(|wanted| names.iter().any(|name| name.eq_ignore_ascii_case(wanted)));
            (option.worst, option.best, preferred.unwrap_or(usize::MAX), highest_category(option))
        };
        let chosen = open.into_iter().min_by(|one, other| {
            let by_rank = rank(&options[*one]).cmp(&rank(&options[*other]));
            by_rank.then_with(|| options[*one].chosen().cmp(&options[*other].chosen()))
        });
        (best, worst, chosen.unwrap_or(0))
    }
}

/// Proprietary, and no rule names it by its id.
fn is_for_sale(option: &Why) -> bool {
    matches!(
        &option.step,
        Step::License { category: Category::Proprietary, decided, .. }
            if !matches!(decided, Decided::Rule(rule) if !rule.when.ids.is_empty())
    )
}

fn highest_category(why: &Why) -> Category {
    let mut highest = Category::PublicDomain;
    let mut waiting = vec![why];
    while let Some(at) = waiting.pop() {
        match &at.step {
            Step::License { category, .. } => highest = highest.max(*category),
            Step::All(parts) | Step::Statements(parts) | Step::Family { options: parts, .. } => {
                waiting.extend(parts);
            }
            Step::Any { options, chosen } | Step::Later { options, chosen, .. } => {
                waiting.extend(options.get(*chosen));
            }
        }
    }
    highest
}

fn all(parts: Vec<Why>) -> Why {
    let best = parts.iter().map(|part| part.best).max().unwrap_or(Action::Allow);
    let worst = parts.iter().map(|part| part.worst).max().unwrap_or(Action::Allow);
    Why { step: Step::All(parts), best, worst }
}

/// Whether a rule decided that names the licence by its id.
fn is_named(why: &Why) -> bool {
    matches!(&why.step, Step::License { decided: Decided::Rule(rule), .. } if !rule.when.ids.is_empty())
}

/// Statements whose relation nobody states: at best any of them is enough, at worst all must be obeyed.
pub(super) fn statements(mut parts: Vec<Why>) -> Option<Why> {
    if parts.len() < 2 {
        return parts.pop();
    }
    one_of(parts, Step::Statements)
}

/// From the best of all to the worst of all. Absent when there is none.
fn one_of(parts: Vec<Why>, step: impl Fn(Vec<Why>) -> Step) -> Option<Why> {
    let best = parts.iter().map(|part| part.best).min()?;
    let worst = parts.iter().map(|part| part.worst).max()?;
    Some(Why { step: step(parts), best, worst })
}
