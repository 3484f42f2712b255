//! What is known of a component's licence, and the policy's verdict about it.
//!
//! A bill of a hundred thousand components says some hundred different things about licences: each is judged once
//! for all components that the same rules are for.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::evaluate::{Decision, Evaluation, Why, statements};
use super::facts::{Facts, Surroundings};
use super::policy::{Choice, Clarification, KindOfPackage, PolicyLine};
use super::severity::Action;
use super::{Case, Finding, beside, duties};
use crate::bom::{Basis, Component, HashAlgorithm, Kind, LicenseClaim, Ref};
use crate::licenses::Expression;

/// A component with all that the policy says of it, or the subject.
pub(super) struct Judged<'a> {
    pub(super) facts: Facts<'a>,
    pub(super) is_subject: bool,
    pub(super) license: Verdict,
    /// The clarification that replaced its claims, by its place in the policy.
    pub(super) clarified: Option<usize>,
    /// Clarifications for it that no longer fit what it says, likewise.
    pub(super) stale: Vec<usize>,
    /// The choice that was made for it, likewise.
    pub(super) chosen: Option<usize>,
}

impl Judged<'_> {
    /// A finding about it. One about the subject says so, for no component of the list is meant.
    pub(super) fn blame(&self, finding: Finding) -> Finding {
        let Facts { reference, component, .. } = self.facts;
        if !self.is_subject {
            return finding.about(reference, component);
        }
        let name = Some(component.name.clone()).filter(|name| !name.is_empty());
        let shown = name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
        let message = format!("the subject{shown} itself: {}", finding.message);
        Finding { subject: true, thing: name, message, ..finding }
    }
}

/// About a component's licence.
#[derive(Clone)]
pub(super) enum Verdict {
    Decided(Arc<Decision>),
    /// Nothing is said of it; the answer, and what gave it.
    Missing(Action, Option<PolicyLine>),
    /// Things that have no licence of their own, as the operating system.
    NotAsked,
}

/// Judges every component, half of them beside the other half.
pub(super) fn judge<'a>(case: &Case<'a>, surroundings: &Surroundings<'a>) -> Vec<Judged<'a>> {
    let components: Vec<_> = case.bom.components.iter().collect();
    let part = |components: &[(&'a Ref, &'a Component)]| -> Vec<Judged<'a>> {
        let mut verdicts = Verdicts::default();
        let facts = components.iter().map(|(reference, component)| surroundings.facts(reference, component));
        facts.map(|facts| judge_one(case, surroundings, facts, &mut verdicts)).collect()
    };
    let (front, back) = components.split_at(components.len() / 2);
    let (mut judged, rest) = beside(|| part(front), || part(back));
    judged.extend(rest);
    judged
}

/// Judges the subject, where no component stands for it.
pub(super) fn judge_own<'a>(case: &Case<'a>, surroundings: &Surroundings<'a>) -> Option<Judged<'a>> {
    let judged = judge_one(case, surroundings, surroundings.own()?, &mut Verdicts::default());
    Some(Judged { is_subject: true, ..judged })
}

/// Verdicts that were reached already.
#[derive(Default)]
pub(super) struct Verdicts<'a> {
    /// By the kind of package and the rules whose conditions about the component hold, by their places.
    groups: HashMap<(KindOfPackage, Vec<usize>), usize>,
    /// With whether the choice was made.
    reached: HashMap<Question<'a>, (Verdict, bool)>,
}

/// All that a verdict depends on.
#[derive(PartialEq, Eq, Hash)]
struct Question<'a> {
    group: usize,
    needs_none: bool,
    /// Places in the policy.
    clarification: Option<usize>,
    choice: Option<usize>,
    /// Empty where a clarification replaces them.
    claims: Vec<(Basis, &'a str, Option<&'a Expression>)>,
}

impl Verdicts<'_> {
    fn group(&mut self, kind: KindOfPackage, rules: Vec<usize>) -> usize {
        let next = self.groups.len();
        *self.groups.entry((kind, rules)).or_insert(next)
    }
}

pub(super) fn judge_one<'a>(
    case: &Case<'a>,
    surroundings: &Surroundings<'a>,
    facts: Facts<'a>,
    verdicts: &mut Verdicts<'a>,
) -> Judged<'a> {
    let policy = case.policy;
    let mut stale = Vec::new();
    let mut clarified = None;
    for (index, clarification) in policy.clarifications.iter().enumerate() {
        if facts.is(&clarification.purl, clarification.versions.as_ref()) {
            match fits(clarification, case, facts.component) {
                true => {
                    clarified = clarified.or(Some(index));
                }
                false => stale.push(index),
            }
        }
    }
    let is_open = |choice: &Choice| choice.expires.is_none_or(|last| case.today <= last);
    let choice = policy
        .choices
        .iter()
        .position(|choice| is_open(choice) && facts.is(&choice.purl, choice.versions.as_ref()));
    let rules = (0..policy.rules.len()).filter(|index| facts.hold(&policy.rules[*index].when));
    let claims = match clarified {
        Some(_) => Vec::new(),
        None => {
            let claims = facts.component.statements();
            claims.map(|claim| (claim.basis, claim.text.as_str(), claim.expression.as_ref())).collect()
        }
    };
    let question = Question {
        group: verdicts.group(facts.kind, rules.collect()),
        needs_none: has_no_license(facts.component.kind),
        clarification: clarified,
        choice,
        claims,
    };
    let reached = verdicts.reached.entry(question).or_insert_with_key(|question| {
        let clarification = question.clarification.map(|index| &policy.clarifications[index]);
        let choice = question.choice.map(|index| &policy.choices[index]);
        verdict(case, surroundings, &facts, clarification, choice)
    });
    let (license, made) = reached.clone();
    Judged { facts, is_subject: false, license, clarified, stale, chosen: choice.filter(|_| made) }
}

/// The verdict, and whether the choice was made for it.
fn verdict(
    case: &Case<'_>,
    surroundings: &Surroundings<'_>,
    facts: &Facts<'_>,
    clarification: Option<&Clarification>,
    choice: Option<&Choice>,
) -> (Verdict, bool) {
    let said = match clarification {
        Some(clarification) => {
            Said::Known(vec![clarification.expression.clone()], Vec::new(), Basis::Concluded)
        }
        None => said(case, facts.component),
    };
    match said {
        Said::Nothing if has_no_license(facts.component.kind) => (Verdict::NotAsked, false),
        Said::Nothing => (missing(case, facts), false),
        Said::Words(text, basis) => {
            let evaluation = Evaluation::new(case.policy, facts).with_basis(basis);
            (decided(case, facts, text.clone(), &[], evaluation.words(&text)), false)
        }
        Said::Known(mut expressions, written, basis) => {
            let evaluation = Evaluation::new(case.policy, facts)
                .with_basis(basis)
                .with_meanings(surroundings.meanings())
                .with_later(surroundings.later());
            let shown = joined(&expressions);
            let made = choice.is_some_and(|choice| choose(&mut expressions, &choice.license));
            let parts: Vec<Why> =
                expressions.iter().map(|expression| evaluation.expression(expression)).collect();
            match statements(parts) {
                Some(why) => (decided(case, facts, shown, &written, why), made),
                None => (missing(case, facts), made),
            }
        }
    }
}

fn has_no_license(kind: Kind) -> bool {
    matches!(kind, Kind::OperatingSystem | Kind::Container | Kind::Device | Kind::File | Kind::Platform)
}

fn missing(case: &Case<'_>, facts: &Facts<'_>) -> Verdict {
    match Evaluation::new(case.policy, facts).whole() {
        Some(rule) => Verdict::Missing(rule.action, Some(rule.line.clone())),
        None => {
            let (action, line) =
                case.policy.default_answer(facts.kind, |answers| &answers.missing, Action::Warn);
            Verdict::Missing(action, line)
        }
    }
}

fn decided(case: &Case<'_>, facts: &Facts<'_>, license: String, written: &[String], why: Why) -> Verdict {
    let (unknown, line) = case.policy.default_answer(facts.kind, |answers| &answers.unknown, Action::Deny);
    let certain = why.is_certain();
    let written = written.join(", ");
    let written = (!written.is_empty() && written != license).then_some(written);
    Verdict::Decided(Arc::new(Decision {
        license,
        written,
        action: unknown.clamp(why.best, why.worst),
        obligations: duties::of(&why, case.policy.distribution),
        closed_by: line.filter(|_| !certain),
        why: Arc::new(why),
    }))
}

/// What was said of a licence, the weightiest statements only.
enum Said {
    Nothing,
    Words(String, Basis),
    /// What is meant, and the words it is written in.
    Known(Vec<Expression>, Vec<String>, Basis),
}

/// What somebody concluded outweighs what the package declares, and that what we recognised in a text, but
/// for words that are not understood.
fn said(case: &Case<'_>, component: &Component) -> Said {
    let mut words = None;
    for basis in [Basis::Concluded, Basis::Declared, Basis::Detected] {
        let claims = component.licenses.iter().filter(|claim| claim.basis == basis && says_something(claim));
        let (mut known, mut written, mut unread) = (Vec::new(), Vec::new(), Vec::new());
        for claim in claims {
            match meaning(case, claim) {
                Some(expression) if known.contains(&expression) => {}
                Some(expression) => {
                    known.push(expression);
                    written.push(claim.text.clone());
                }
                None => unread.push(claim.text.as_str()),
            }
        }
        if !known.is_empty() {
            return Said::Known(known, written, basis);
        }
        if let Some(text) = unread.first().filter(|_| words.is_none()) {
            words = Some(((*text).to_owned(), basis));
        }
    }
    words.map_or(Said::Nothing, |(text, basis)| Said::Words(text, basis))
}

pub(super) fn says_something(claim: &LicenseClaim) -> bool {
    let text = claim.text.trim();
    claim.expression.is_some() || !(text.is_empty() || text == "NOASSERTION" || text == "NONE")
}

fn meaning(case: &Case<'_>, claim: &LicenseClaim) -> Option<Expression> {
    let aliases = &case.policy.aliases;
    match aliases.is_empty() {
        true => claim.expression.clone(),
        false => aliases.get(&claim.text.trim().to_lowercase()).or(claim.expression.as_ref()).cloned(),
    }
}

fn joined(expressions: &[Expression]) -> String {
    let texts: Vec<String> = expressions.iter().map(Expression::to_string).collect();
    texts.join(", ")
}

/// Whether what the clarification was written for is still what the package says.
fn fits(clarification: &Clarification, case: &Case<'_>, component: &Component) -> bool {
    let declared = clarification.declared.as_ref();
    let file = clarification.file.as_ref();
    declared.is_none_or(|text| component.statements().any(|claim| claim.text.trim() == text.trim()))
        && file.is_none_or(|path| {
            component.statements().any(|claim| claim.path.as_ref() == Some(path))
                || component.evidence.iter().any(|evidence| &evidence.path == path)
        })
        && clarification.sha256.as_ref().is_none_or(|hash| has_hash(hash, case, component))
}

fn has_hash(wanted: &str, case: &Case<'_>, component: &Component) -> bool {
    let of_artefact = component
        .hashes
        .iter()
        .any(|hash| hash.algorithm == HashAlgorithm::Sha256 && hash.hex.eq_ignore_ascii_case(wanted));
    of_artefact
        || component
            .statements()
            .filter_map(|claim| claim.expression.as_ref())
            .flat_map(Expression::leaves)
            .filter_map(|license| case.bom.license_texts.get(license.id.as_str()))
            .any(|text| hex(&Sha256::digest(text.as_bytes())) == wanted)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Leaves of every choice only the licence that is used, where it is offered. Whether it was.
fn choose(expressions: &mut [Expression], wanted: &Expression) -> bool {
    let mut made = false;
    for expression in expressions {
        if let Expression::Or(options) = expression
            && let Some(option) = options.iter().find(|option| option.canonical() == *wanted)
        {
            *expression = option.clone();
            made = true;
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::super::rules::testing::{bom, claim, component, policy, render, today};
    use super::super::{Case, check};
    use crate::bom::{Basis, Bom, Scope};
    use expect_test::expect;

    #[test]
    fn what_only_follows_from_the_rest_changes_no_verdict() {
        let family = "LicenseRef-packlist-family-BSD";
        let mut narrowed = component("pkg:npm/narrowed@1", family);
        narrowed.licenses.push(claim("BSD-3-Clause", Basis::Detected));
        let detected = component("pkg:npm/detected@1", "MIT");
        let mut only = component("pkg:npm/only@1", "MIT");
        only.licenses.iter_mut().for_each(|claim| claim.basis = Basis::Detected);
        let policy = policy(
            r#"
            [[rule]]
            id = "sure"
            when = { id = ["BSD-3-Clause"] }
            action = "info"
            [[rule]]
            id = "said"
            when = { basis = ["declared"] }
            action = "warn"
            [[rule]]
            id = "decided"
            when = { basis = ["concluded"] }
            action = "allow"
            "#,
        );
        let mut bom = bom([narrowed, detected, only]);
        let verdicts = |bom: &Bom| {
            let case = Case { bom, baseline: None, calendar: None, policy: &policy, today: today() };
            render(&check(&case))
        };
        let before = verdicts(&bom);
        assert!(before.contains("[said]") && before.contains("pkg:npm/only@1"), "{before}");
        bom.conclude();
        assert!(bom.components.values().all(|c| c.licenses.iter().any(|l| l.basis == Basis::Derived)));
        assert_eq!(verdicts(&bom), before);
    }

    #[test]
    fn the_same_words_get_what_the_rules_for_each_package_say() {
        let mut dev = component("pkg:npm/dev@1", "GPL-3.0-only OR MPL-2.0");
        dev.scope = Scope::Dev;
        let components = [
            dev,
            component("pkg:deb/debian/os@1", "GPL-3.0-only OR MPL-2.0"),
            component("pkg:npm/chosen@1", "GPL-3.0-only OR MPL-2.0"),
            component("pkg:npm/clear@1", "GPL-3.0-only OR MPL-2.0"),
            component("pkg:npm/first@1", "GPL-3.0-only OR MPL-2.0"),
            component("pkg:npm/second@1", "GPL-3.0-only OR MPL-2.0"),
        ];
        let policy = policy(
            r#"
            [defaults.by-type]
            os = { unmatched = "info" }
            [[rule]]
            id = "dev"
            when = { scope = ["dev"] }
            action = "info"
            [[rule]]
            id = "weak"
            when = { category = ["weak-copyleft"] }
            action = "warn"
            [[choose]]
            purl = "pkg:npm/chosen"
            license = "GPL-3.0-only"
            reason = "we share"
            [[clarify]]
            purl = "pkg:npm/clear"
            expression = "MIT"
            reason = "asked"
            "#,
        );
        let bom = bom(components);
        let case = Case { bom: &bom, baseline: None, calendar: None, policy: &policy, today: today() };
        expect![[r#"
            deny pkg:npm/chosen@1: licence `GPL-3.0-only OR MPL-2.0` is not allowed (`GPL-3.0-only` is strong-copyleft): no rule allows it
            deny pkg:npm/clear@1: licence `MIT` is not allowed (permissive): no rule allows it
            warn pkg:npm/first@1: licence `GPL-3.0-only OR MPL-2.0` needs a look (`MPL-2.0` is weak-copyleft) [weak] (policy.toml:9)
            warn pkg:npm/second@1: licence `GPL-3.0-only OR MPL-2.0` needs a look (`MPL-2.0` is weak-copyleft) [weak] (policy.toml:9)
            info pkg:deb/debian/os@1: licence `GPL-3.0-only OR MPL-2.0` is noted (`GPL-3.0-only` is strong-copyleft): no rule allows it (policy.toml:4)
            info pkg:npm/dev@1: licence `GPL-3.0-only OR MPL-2.0` is noted (`MPL-2.0` is weak-copyleft) [dev] (policy.toml:5)
        "#]].assert_eq(&render(&check(&case)));
    }
}
