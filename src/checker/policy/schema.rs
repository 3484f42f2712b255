//! Every table and key a policy file may have, with what each is about.
//!
//! The one description: files are checked against it, and editors get it as JSON Schema.

use serde_json::{Value, json};

use super::super::{rules, severity::Action};
use super::ANY_CHANGE;
use super::conditions::{Distribution, KindOfPackage, Origin, ScopeOfUse};
use super::shape::{Key, Shape, object};
use crate::drift::Kind;
use crate::licenses::Category;

/// The number a file's `schema` key must have.
pub(super) const VERSION: u64 = 1;

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: false, about }
}

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: true, about }
}

const ACTION: Shape = Shape::Choice(actions);
const TEXTS: Shape = Shape::List(&Shape::Text);

fn actions() -> Vec<&'static str> {
    Action::ALL.iter().map(|action| action.name()).collect()
}

/// The kinds of change that can be counted, and all of them together.
fn kinds_of_change() -> Vec<(&'static str, &'static str)> {
    let kinds = Kind::ALL.iter().map(|kind| (kind.name(), "At most so many of this kind."));
    kinds.chain([(ANY_CHANGE, "At most so many changes of whatever kind.")]).collect()
}

fn failing() -> Vec<&'static str> {
    vec!["deny", "warn", "never"]
}

fn categories() -> Vec<&'static str> {
    Category::ALL.iter().map(|category| category.name()).collect()
}

fn distributions() -> Vec<&'static str> {
    Distribution::ALL.iter().map(|distribution| distribution.name()).collect()
}

fn kinds() -> Vec<&'static str> {
    KindOfPackage::ALL.iter().map(|kind| kind.name()).collect()
}

fn scopes() -> Vec<&'static str> {
    ScopeOfUse::ALL.iter().map(|scope| scope.name()).collect()
}

fn origins() -> Vec<&'static str> {
    Origin::ALL.iter().map(|origin| origin.name()).collect()
}

fn bases() -> Vec<&'static str> {
    vec!["declared", "detected", "concluded"]
}

fn checks() -> Vec<(&'static str, &'static str)> {
    let of_rules = rules::ALL.iter().filter(|rule| rule.default.is_some());
    of_rules.map(|rule| (rule.code, rule.about)).collect()
}

fn obligations() -> Vec<&'static str> {
    super::super::duties::NAMES.to_vec()
}

fn document_fields() -> Vec<&'static str> {
    rules::DOCUMENT_FIELDS.to_vec()
}

fn component_fields() -> Vec<&'static str> {
    rules::COMPONENT_FIELDS.to_vec()
}

const PURL: &str = "Package URL without version; `*` stands for anything: `pkg:npm/%40acme/*`.";
const VERSIONS: &str = "Versions it is for: `>=5, <6`, `=1.2.3`; all when absent.";

/// The file.
pub(super) const FILE: &[Key] = &[
    required("schema", Shape::Whole, "Version of this file's form; 1."),
    key("name", Shape::Text, "What reports call the policy; else its file's name."),
    key("description", Shape::Text, "What the policy is for, in a sentence or two."),
    key(
        "extends",
        TEXTS,
        "Policies this one builds on: names of shipped ones, or paths beside this file. Rules of this file are \
         tried first, then theirs.",
    ),
    key(
        "distribution",
        Shape::Choice(distributions),
        "What happens to the software: handed to others (`distributed`), only used over a network (`saas`), or \
         kept in the house (`internal`).",
    ),
    key("prefer", TEXTS, "Where several licences are offered and all are as good: which to choose first."),
    key("defaults", Shape::Table(DEFAULTS), "What happens when no rule decides."),
    key("rule", Shape::Tables(RULE), "Decides about licences. The first that matches wins."),
    key("ban", Shape::Tables(BAN), "Packages that must not be there, whatever their licence."),
    key("waiver", Shape::Tables(WAIVER), "Lets a finding pass, with a reason and an end. It stays visible."),
    key("clarify", Shape::Tables(CLARIFY), "Corrects what a package says of its licence."),
    key("choose", Shape::Tables(CHOOSE), "Chooses among the licences a package offers, as after buying one."),
    key(
        "categories",
        Shape::Map(&Shape::Choice(categories)),
        "Classes licences otherwise than the tables here.",
    ),
    key("aliases", Shape::Map(&Shape::Text), "Names that packages write, and the SPDX expression they mean."),
    key("checks", Shape::Known(checks, &ACTION), "How severe each check is; `allow` switches it off."),
    key("require", Shape::Table(REQUIRE), "What the SBOM itself must say."),
    key("end-of-life", Shape::Table(END_OF_LIFE), "What counts for the end of support."),
    key("drift", Shape::Table(DRIFT), "What may become different from the baseline."),
    key(
        "options",
        Shape::Elsewhere,
        "Options of the command line: `platform`; for one command under its name.",
    ),
    key("report", Shape::Table(REPORT), "What makes the check fail."),
    key("case", Shape::Tables(CASE), "Tests of this policy, run by `packlist policy test`."),
];

const DEFAULTS: &[Key] = &[
    key("unmatched", ACTION, "A known licence that no rule names. `deny` unless written."),
    key(
        "unknown",
        ACTION,
        "A licence text that is not understood, where that matters. `deny` unless written.",
    ),
    key("missing", ACTION, "Nothing is said about the licence. `warn` unless written."),
    key("by-type", Shape::Table(BY_TYPE), "The same, for a type of package."),
];

const BY_TYPE: &[Key] = &[
    key("os", Shape::Table(ANSWERS), "Packages of the distribution."),
    key("application", Shape::Table(ANSWERS), "All other packages."),
];

const ANSWERS: &[Key] = &[
    key("unmatched", ACTION, "A known licence that no rule names."),
    key("unknown", ACTION, "A licence text that is not understood, where that matters."),
    key("missing", ACTION, "Nothing is said about the licence."),
];

const RULE: &[Key] = &[
    required("id", Shape::Text, "What findings call the rule; unique."),
    key(
        "when",
        Shape::Table(WHEN),
        "What it is for: all conditions must hold. Without any it is for everything.",
    ),
    required("action", ACTION, "allow, info, warn or deny."),
    key("final", Shape::Bool, "Policies that extend this one cannot override the rule."),
    key("reason", Shape::Text, "Why, for whoever meets the finding."),
    key(
        "obligations",
        Shape::List(&Shape::Choice(obligations)),
        "What must be done when such a licence is used.",
    ),
];

/// Conditions. Within one list any item may hold; all keys must hold.
pub(super) const WHEN: &[Key] = &[
    key(
        "type",
        Shape::List(&Shape::Choice(kinds)),
        "`os`: of the distribution's package manager, or inside such a package.",
    ),
    key("ecosystem", TEXTS, "Type of the package URL: `npm`, `pypi`, `deb`."),
    key("purl", TEXTS, PURL),
    key("versions", Shape::Text, VERSIONS),
    key(
        "scope",
        Shape::List(&Shape::Choice(scopes)),
        "What it is needed for; `runtime` also where nobody says.",
    ),
    key(
        "origin",
        Shape::List(&Shape::Choice(origins)),
        "Whether the base image brought it. Never holds where that is not known.",
    ),
    key("hidden", Shape::Bool, "Shipped in a lower layer, not seen at the top."),
    key("owned-by", TEXTS, "Part of a package with such a package URL."),
    key("first-party", Shape::Bool, "Part of the project itself."),
    key(
        "direct",
        Shape::Bool,
        "Asked for by the project itself. Never holds where the SBOM has no dependency graph.",
    ),
    key("distribution", Shape::List(&Shape::Choice(distributions)), "What happens to the software."),
    key("category", Shape::List(&Shape::Choice(categories)), "Class of the licence."),
    key("id", TEXTS, "SPDX id of the licence, perhaps with `*`: `GPL-3.0-*`."),
    key("exception", TEXTS, "SPDX id of the exception, perhaps with `*`."),
    key("basis", Shape::List(&Shape::Choice(bases)), "How the licence is known."),
];

const BAN: &[Key] = &[
    required("purl", Shape::Text, PURL),
    key("versions", Shape::Text, VERSIONS),
    required("reason", Shape::Text, "Why it must not be there."),
    key("instead", Shape::Text, "What to use."),
    key("action", ACTION, "`deny` unless written."),
];

const WAIVER: &[Key] = &[
    key("id", Shape::Text, "What reports call it."),
    key("purl", Shape::Text, PURL),
    key(
        "thing",
        Shape::Text,
        "Instead of a package: path of the file, or name of the variable or the subject, that a check found; `*` allowed.",
    ),
    key("versions", Shape::Text, VERSIONS),
    key(
        "rule",
        Shape::Text,
        "Id of a rule of a policy, or code of a check; `*` allowed. All about licences when absent.",
    ),
    key(
        "license",
        Shape::Text,
        "The expression that was agreed to; the waiver ends when the licence changes.",
    ),
    required("reason", Shape::Text, "Why it may pass."),
    key("approver", Shape::Text, "Who agreed."),
    key("ticket", Shape::Text, "Where it was discussed."),
    key("expires", Shape::Day, "The last day it counts."),
    key("permanent", Shape::Bool, "It never expires. Either this or `expires` must be there."),
];

const CLARIFY: &[Key] = &[
    required("purl", Shape::Text, PURL),
    key("versions", Shape::Text, VERSIONS),
    key(
        "declared",
        Shape::Text,
        "What the package says; when it says something else the clarification is stale.",
    ),
    key("file", Shape::Text, "The file that says it, as evidence names it."),
    key("sha256", Shape::Text, "SHA-256 of the licence text, or of the package's artefact."),
    required("expression", Shape::Text, "What it means, as SPDX expression."),
    required("reason", Shape::Text, "How that is known."),
];

const CHOOSE: &[Key] = &[
    required("purl", Shape::Text, PURL),
    key("versions", Shape::Text, VERSIONS),
    required("license", Shape::Text, "The licence that is used, one of those offered."),
    required("reason", Shape::Text, "Why, as a contract's number."),
    key("expires", Shape::Day, "The last day the choice counts."),
];

const REQUIRE: &[Key] = &[
    key("document", Shape::List(&Shape::Choice(document_fields)), "What the document must say of itself."),
    key("component", Shape::List(&Shape::Choice(component_fields)), "What must be said of every component."),
    key("license-coverage", Shape::Share, "Share of components whose licence must be understood: 0.95."),
    key("preset", Shape::Choice(|| vec!["ntia"]), "`ntia`: the minimum elements of 2021."),
];

const END_OF_LIFE: &[Key] = &[
    key("warn-days", Shape::Whole, "How many days ahead an end of support is announced; 90 unless written."),
    key(
        "behind",
        Shape::Whole,
        "How many releases a version may be behind the latest of its own line, for the check `eol-behind`; 10 \
         unless written.",
    ),
    key(
        "contracts",
        Shape::Map(&Shape::Day),
        "Extended support that you pay for, and its last day: `ubuntu-pro = 2030-04-23`.",
    ),
];

const DRIFT: &[Key] = &[
    key("may-change", TEXTS, "Package URLs without version: only these may change since the baseline."),
    key("must-stay", TEXTS, "Package URLs without version: these must not disappear."),
    key(
        "max",
        Shape::Known(kinds_of_change, &Shape::Whole),
        "How many changes of each kind there may be at most: `{ added = 20, removed = 5 }`.",
    ),
];

const REPORT: &[Key] = &[key(
    "fail-on",
    Shape::Choice(failing),
    "Findings of this severity make it fail; `deny` unless written.",
)];

const CASE: &[Key] = &[
    required("purl", Shape::Text, "The package, with version where it matters."),
    key("license", Shape::Text, "What it says of its licence; absent: nothing."),
    key("scope", Shape::Choice(scopes), "What it is needed for."),
    key("origin", Shape::Choice(origins), "Whether the base image brought it."),
    key("owned-by", Shape::Text, "The package it is part of."),
    required("expect", ACTION, "The verdict."),
];

/// JSON Schema (2020-12) of a policy file, for editors that check TOML.
pub fn json_schema() -> Value {
    let mut schema = object(FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("packlist policy");
    schema["properties"]["schema"] =
        json!({"const": VERSION, "description": "Version of this file's form; 1."});
    schema
}
