//! `extends`: a policy joined with those it builds on.
//!
//! Rules of the extending policy are tried before those of the extended, but for `final` ones, which nobody
//! can override: they come first, the most general policy's before all. Lists are joined, single values
//! overridden.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::build::{Draft, draft};
use super::mistakes::{Mistakes, PolicyErrors, Source, did_you_mean};
use super::{Answers, Defaults, Distribution, LicenseRule, Policy, Severity};
use crate::checker::policies;

/// How far a chain of `extends` may go.
const LONGEST_CHAIN: usize = 8;

/// A policy's text, found.
pub struct Found {
    /// How messages call it, and from where its own `extends` are looked for.
    pub name: String,
    pub text: String,
}

/// Why there is none: a lowercase fragment.
pub type NotFound = String;

type Find<'a> = &'a mut dyn FnMut(&str, &str) -> Result<Found, NotFound>;

pub(super) fn read(name: &str, text: &str, find: Find<'_>) -> Result<Policy, PolicyErrors> {
    let mut reading = Reading { find, drafts: Vec::new(), chain: Vec::new(), mistakes: Vec::new() };
    reading.take(name, text);
    let policy = reading.join();
    match reading.mistakes.is_empty() {
        true => Ok(policy),
        false => Err(PolicyErrors { mistakes: reading.mistakes }),
    }
}

struct Reading<'a> {
    find: Find<'a>,
    /// The extending before the extended.
    drafts: Vec<Draft>,
    /// Names of the files that are being read.
    chain: Vec<String>,
    mistakes: Vec<super::Mistake>,
}

impl Reading<'_> {
    /// Recursion ends with the longest chain.
    fn take(&mut self, name: &str, text: &str) {
        let source = Arc::new(Source { name: name.to_owned(), text: text.to_owned() });
        let mut mistakes = Mistakes::new(Arc::clone(&source));
        let draft = draft(&source, &mut mistakes);
        let extends = draft.extends.clone();
        self.drafts.push(draft);
        self.chain.push(name.to_owned());
        let mut parents = Vec::new();
        for (wanted, span) in extends {
            match self.parent(name, &wanted) {
                Ok(found) => parents.push(found),
                Err((message, help)) => mistakes.add(span, message, help),
            }
        }
        mistakes.found.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        self.mistakes.append(&mut mistakes.found);
        for parent in parents {
            self.take(&parent.name, &parent.text);
        }
        self.chain.pop();
    }

    fn parent(&mut self, from: &str, wanted: &str) -> Result<Found, (String, Option<String>)> {
        if self.chain.len() == LONGEST_CHAIN {
            return Err((format!("policies extend each other more than {LONGEST_CHAIN} times"), None));
        }
        let shipped = wanted.strip_prefix("builtin:").unwrap_or(wanted);
        let found = match policies::text(shipped) {
            Some(text) => Found { name: shipped.to_owned(), text: text.to_owned() },
            None if !wanted.contains(['/', '.']) => {
                let names: Vec<&str> = policies::ALL.iter().map(|policy| policy.name).collect();
                let help = did_you_mean(shipped, names.iter().copied()).unwrap_or_else(|| {
                    format!("shipped are `{}`; a file is named by its path", names.join("`, `"))
                });
                return Err((format!("no policy `{wanted}` is shipped"), Some(help)));
            }
            None => {
                (self.find)(wanted, from).map_err(|why| (format!("cannot extend `{wanted}`: {why}"), None))?
            }
        };
        match self.chain.contains(&found.name) {
            true => Err((format!("`{wanted}` extends this policy in turn"), None)),
            false => Ok(found),
        }
    }

    fn join(&mut self) -> Policy {
        let drafts = std::mem::take(&mut self.drafts);
        let mut rules: Vec<Vec<LicenseRule>> = Vec::new();
        let mut joined = Draft::default();
        let mut own_name = None;
        let mut defaults = Defaults::default();
        for (index, draft) in drafts.into_iter().enumerate() {
            rules.push(draft.rules);
            if index == 0 {
                own_name = draft.name;
                joined.description = draft.description;
                joined.cases = draft.cases;
            }
            joined.distribution = joined.distribution.or(draft.distribution);
            joined.prefer.extend(draft.prefer);
            defaults = defaults.or(draft.defaults.unwrap_or_default());
            joined.bans.extend(draft.bans);
            joined.waivers.extend(draft.waivers);
            joined.clarifications.extend(draft.clarifications);
            joined.choices.extend(draft.choices);
            extend_missing(&mut joined.categories, draft.categories);
            extend_missing(&mut joined.aliases, draft.aliases);
            extend_missing(&mut joined.checks, draft.checks);
            joined.require.document.extend(draft.require.document);
            joined.require.component.extend(draft.require.component);
            joined.require.license_coverage =
                joined.require.license_coverage.or(draft.require.license_coverage);
            joined.require.line = joined.require.line.or(draft.require.line);
            joined.end_of_life.warn_days = joined.end_of_life.warn_days.or(draft.end_of_life.warn_days);
            joined.end_of_life.behind = joined.end_of_life.behind.or(draft.end_of_life.behind);
            extend_missing(&mut joined.end_of_life.contracts, draft.end_of_life.contracts);
            joined.drift.may_change.extend(draft.drift.may_change);
            joined.drift.must_stay.extend(draft.drift.must_stay);
            extend_missing(&mut joined.drift.max, draft.drift.max);
            joined.drift.line = joined.drift.line.or(draft.drift.line);
            joined.fail_on = joined.fail_on.or(draft.fail_on);
        }
        Policy {
            name: own_name.unwrap_or_default(),
            description: joined.description,
            distribution: joined.distribution.unwrap_or(Distribution::Distributed),
            prefer: joined.prefer,
            defaults,
            rules: in_order(rules),
            bans: joined.bans,
            waivers: joined.waivers,
            clarifications: joined.clarifications,
            choices: joined.choices,
            categories: joined.categories,
            aliases: joined.aliases,
            checks: joined.checks,
            require: joined.require,
            end_of_life: joined.end_of_life,
            drift: joined.drift,
            fail_on: match joined.fail_on.as_deref() {
                Some("never") => None,
                Some("warn") => Some(Severity::Warn),
                _ => Some(Severity::Deny),
            },
            cases: joined.cases,
        }
    }
}

fn extend_missing<K: Ord, V>(known: &mut BTreeMap<K, V>, more: BTreeMap<K, V>) {
    for (key, value) in more {
        known.entry(key).or_insert(value);
    }
}

/// Final rules first, the most general policy's before all; then the others, the extending policy's before
/// all.
fn in_order(files: Vec<Vec<LicenseRule>>) -> Vec<Arc<LicenseRule>> {
    let (mut finals, mut others) = (Vec::new(), Vec::new());
    for file in files {
        let (own_finals, own_others): (Vec<_>, Vec<_>) = file.into_iter().partition(|rule| rule.is_final);
        finals.push(own_finals);
        others.extend(own_others);
    }
    finals.into_iter().rev().flatten().chain(others).map(Arc::new).collect()
}

impl Defaults {
    fn or(self, other: Self) -> Self {
        Self {
            all: self.all.or(other.all),
            os: self.os.or(other.os),
            application: self.application.or(other.application),
        }
    }
}

impl Answers {
    fn or(self, other: Self) -> Self {
        Self {
            unmatched: self.unmatched.or(other.unmatched),
            unknown: self.unknown.or(other.unknown),
            missing: self.missing.or(other.missing),
        }
    }
}
