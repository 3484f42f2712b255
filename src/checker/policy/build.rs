//! From a file's tables to a policy of its own, before it is joined with those it extends.
//!
//! Runs also over a file that has not the right shape: what is of the wrong shape is skipped here, because it
//! has been told already, and what has a meaning that cannot be is told beside it.

use std::collections::BTreeMap;
use std::ops::Range as Span;
use std::sync::Arc;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::conditions::{Distribution, KindOfPackage, Origin, ScopeOfUse};
use super::mistakes::{Mistakes, PolicyLine, Source};
use super::shape::{check_file, day, share, whole};
use super::{
    Action, Answers, Ban, Choice, Clarification, Defaults, DriftLimits, EndOfLife, LicenseRule, Pattern,
    PolicyCase, Range, Require, Waived, Waiver, When, schema,
};
use crate::bom::Basis;
use crate::licenses::{Category, Expression, known_exception, known_license, nearest_license};

/// One file, read.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) extends: Vec<(String, Span<usize>)>,
    pub(super) distribution: Option<Distribution>,
    pub(super) prefer: Vec<String>,
    pub(super) defaults: Option<Defaults>,
    pub(super) rules: Vec<LicenseRule>,
    pub(super) bans: Vec<Ban>,
    pub(super) waivers: Vec<Arc<Waiver>>,
    pub(super) clarifications: Vec<Clarification>,
    pub(super) choices: Vec<Choice>,
    pub(super) categories: BTreeMap<String, Category>,
    pub(super) aliases: BTreeMap<String, Expression>,
    pub(super) checks: BTreeMap<String, (Action, PolicyLine)>,
    pub(super) require: Require,
    pub(super) end_of_life: EndOfLife,
    pub(super) drift: DriftLimits,
    pub(super) fail_on: Option<String>,
    pub(super) cases: Vec<PolicyCase>,
}

/// Reads one file; its mistakes go to `mistakes`.
pub(super) fn draft(source: &Arc<Source>, mistakes: &mut Mistakes) -> Draft {
    let (file, errors) = DeTable::parse_recoverable(&source.text);
    for error in errors {
        mistakes.add(error.span().unwrap_or(0..0), error.message().trim().to_owned(), None);
    }
    check_file(schema::FILE, &file, mistakes);
    let name: Arc<str> = source.name.as_str().into();
    let mut builder = Builder { source, name, mistakes };
    builder.file(&Fields { table: file.get_ref(), span: 0..0 })
}

struct Builder<'a> {
    source: &'a Source,
    name: Arc<str>,
    mistakes: &'a mut Mistakes,
}

/// A table, read leniently.
struct Fields<'a> {
    table: &'a DeTable<'a>,
    span: Span<usize>,
}

/// A text and where it stands.
type Text<'a> = (&'a str, Span<usize>);

impl<'a> Fields<'a> {
    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.iter().find(|(written, _)| written.get_ref() == key).map(|(_, value)| value)
    }

    fn text(&self, key: &str) -> Option<Text<'a>> {
        text(self.value(key)?)
    }

    fn string(&self, key: &str) -> Option<String> {
        self.text(key).map(|(text, _)| text.to_owned())
    }

    fn bool(&self, key: &str) -> Option<bool> {
        self.value(key)?.get_ref().as_bool()
    }

    fn number(&self, key: &str) -> Option<u64> {
        whole(self.value(key)?.get_ref())
    }

    fn day(&self, key: &str) -> Option<NaiveDate> {
        day(self.value(key)?.get_ref())
    }

    fn texts(&self, key: &str) -> Vec<Text<'a>> {
        match self.value(key).map(Spanned::get_ref) {
            Some(DeValue::Array(items)) => items.iter().filter_map(text).collect(),
            _ => Vec::new(),
        }
    }

    fn strings(&self, key: &str) -> Vec<String> {
        self.texts(key).into_iter().map(|(text, _)| text.to_owned()).collect()
    }

    fn words<T>(&self, key: &str, from_name: fn(&str) -> Option<T>) -> Vec<T> {
        self.texts(key).into_iter().filter_map(|(text, _)| from_name(text)).collect()
    }

    fn word<T>(&self, key: &str, from_name: fn(&str) -> Option<T>) -> Option<T> {
        from_name(self.text(key)?.0)
    }

    fn table(&self, key: &str) -> Option<Self> {
        table(self.value(key)?)
    }

    fn tables(&self, key: &str) -> Vec<Self> {
        match self.value(key).map(Spanned::get_ref) {
            Some(DeValue::Array(items)) => items.iter().filter_map(table).collect(),
            _ => Vec::new(),
        }
    }

    /// Keys and texts of a table of the user's own words.
    fn pairs(&self, key: &str) -> Vec<(Text<'a>, Text<'a>)> {
        let Some(fields) = self.table(key) else { return Vec::new() };
        let pair = |(key, value): (&'a Spanned<std::borrow::Cow<'a, str>>, &'a Spanned<DeValue<'a>>)| {
            Some(((key.get_ref().as_ref(), key.span()), text(value)?))
        };
        fields.table.iter().filter_map(pair).collect()
    }
}

fn text<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<Text<'a>> {
    Some((value.get_ref().as_str()?, value.span()))
}

fn table<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<Fields<'a>> {
    Some(Fields { table: value.get_ref().as_table()?, span: value.span() })
}

impl Builder<'_> {
    fn line(&self, span: &Span<usize>) -> PolicyLine {
        let (line, column) = self.source.line_and_column(span.start);
        PolicyLine { file: Arc::clone(&self.name), line, column }
    }

    fn file(&mut self, file: &Fields<'_>) -> Draft {
        if let Some(value) = file.value("schema")
            && let Some(version) = whole(value.get_ref()).filter(|version| *version != schema::VERSION)
        {
            let message = format!("`schema` {version} is not known");
            self.mistakes.add(
                value.span(),
                message,
                Some(format!("this version reads `{}`", schema::VERSION)),
            );
        }
        for (id, span) in file.texts("prefer") {
            self.license_id(id, &span);
        }
        Draft {
            name: file.string("name"),
            description: file.string("description"),
            extends: file.texts("extends").into_iter().map(|(text, span)| (text.to_owned(), span)).collect(),
            distribution: file.word("distribution", Distribution::from_name),
            prefer: file.strings("prefer"),
            defaults: file.table("defaults").map(|defaults| self.defaults(&defaults)),
            rules: self.rules(file),
            bans: self.each(file, "ban", Self::ban),
            waivers: self.each(file, "waiver", Self::waiver),
            clarifications: self.each(file, "clarify", Self::clarification),
            choices: self.each(file, "choose", Self::choice),
            categories: self.categories(file),
            aliases: self.aliases(file),
            checks: self.checks(file),
            require: file.table("require").map(|require| self.require(&require)).unwrap_or_default(),
            end_of_life: file.table("end-of-life").map(|fields| end_of_life(&fields)).unwrap_or_default(),
            drift: file.table("drift").map(|fields| self.drift(&fields)).unwrap_or_default(),
            fail_on: file.table("report").and_then(|report| report.string("fail-on")),
            cases: self.each(file, "case", Self::case),
        }
    }

    fn each<T>(
        &mut self,
        file: &Fields<'_>,
        key: &str,
        read: fn(&mut Self, &Fields<'_>) -> Option<T>,
    ) -> Vec<T> {
        file.tables(key).iter().filter_map(|fields| read(self, fields)).collect()
    }

    fn defaults(&self, defaults: &Fields<'_>) -> Defaults {
        let by_type = defaults.table("by-type");
        let of = |name: &str| {
            let fields = by_type.as_ref().and_then(|by_type| by_type.table(name));
            fields.map(|fields| self.answers(&fields)).unwrap_or_default()
        };
        Defaults { all: self.answers(defaults), os: of("os"), application: of("application") }
    }

    fn answers(&self, fields: &Fields<'_>) -> Answers {
        let answer = |key: &str| {
            let (text, span) = fields.text(key)?;
            Some((Action::from_name(text)?, self.line(&span)))
        };
        Answers { unmatched: answer("unmatched"), unknown: answer("unknown"), missing: answer("missing") }
    }

    fn rules(&mut self, file: &Fields<'_>) -> Vec<LicenseRule> {
        let mut rules: Vec<LicenseRule> = Vec::new();
        for fields in file.tables("rule") {
            let when = fields.table("when").map(|when| self.when(&when)).unwrap_or_default();
            let (Some((id, span)), Some(action)) =
                (fields.text("id"), fields.word("action", Action::from_name))
            else {
                continue;
            };
            if let Some(first) = rules.iter().find(|rule| rule.id == id) {
                let message = format!("two rules are called `{id}`");
                self.mistakes.add(span, message, Some(format!("the first is in line {}", first.line.line)));
            }
            rules.push(LicenseRule {
                id: id.to_owned(),
                when,
                action,
                is_final: fields.bool("final").unwrap_or(false),
                reason: fields.string("reason"),
                obligations: fields.strings("obligations"),
                line: self.line(&fields.span),
            });
        }
        rules
    }

    fn when(&mut self, when: &Fields<'_>) -> When {
        for (id, span) in when.texts("id") {
            self.license_id(id, &span);
        }
        for (id, span) in when.texts("exception") {
            if !id.contains('*') && !id.starts_with("AdditionRef-") && known_exception(id).is_none() {
                self.mistakes.add(span, format!("`{id}` is no exception of the SPDX list"), None);
            }
        }
        let patterns = |key| when.texts(key).into_iter().map(|(text, _)| Pattern::new(text)).collect();
        When {
            types: when.words("type", KindOfPackage::from_name),
            ecosystems: when.strings("ecosystem").iter().map(|text| text.to_ascii_lowercase()).collect(),
            purls: self.purls(when, "purl"),
            versions: self.versions(when),
            scopes: when.words("scope", ScopeOfUse::from_name),
            origins: when.words("origin", Origin::from_name),
            hidden: when.bool("hidden"),
            owned_by: self.purls(when, "owned-by"),
            first_party: when.bool("first-party"),
            direct: when.bool("direct"),
            distributions: when.words("distribution", Distribution::from_name),
            categories: when.words("category", Category::from_name),
            ids: patterns("id"),
            exceptions: patterns("exception"),
            bases: when
                .words("basis", |word| Basis::from_name(word).filter(|basis| *basis != Basis::Derived)),
        }
    }

    fn license_id(&mut self, id: &str, span: &Span<usize>) {
        let own = id.starts_with("LicenseRef-") || id.starts_with("DocumentRef-");
        if id.contains('*') || own || known_license(id).is_some() {
            return;
        }
        let help = match Expression::parse(id) {
            Ok(_) => Some("give one id an item; a rule looks at one licence at a time".to_owned()),
            Err(_) => nearest_license(id).map(|near| format!("did you mean `{near}`?")),
        };
        self.mistakes.add(span.clone(), format!("`{id}` is no licence of the SPDX list"), help);
    }

    fn purls(&mut self, fields: &Fields<'_>, key: &str) -> Vec<Pattern> {
        fields.texts(key).into_iter().filter_map(|text| self.pattern(text)).collect()
    }

    fn purl(&mut self, fields: &Fields<'_>) -> Option<Pattern> {
        fields.text("purl").and_then(|text| self.pattern(text))
    }

    fn pattern(&mut self, (text, span): Text<'_>) -> Option<Pattern> {
        match Pattern::purl(text) {
            Ok(pattern) => Some(pattern),
            Err(why) => {
                self.mistakes.add(span, format!("`{text}` is no package URL"), Some(why.to_owned()));
                None
            }
        }
    }

    fn versions(&mut self, fields: &Fields<'_>) -> Option<Range> {
        let (text, span) = fields.text("versions")?;
        Range::parse(text).map_err(|why| self.mistakes.add(span, why, None)).ok()
    }

    fn expression(&mut self, fields: &Fields<'_>, key: &str) -> Option<Expression> {
        let text = fields.text(key)?;
        self.parse_expression(text)
    }

    /// A quoted text without escapes has its content one byte after its start: then the very word is blamed.
    fn parse_expression(&mut self, (text, span): Text<'_>) -> Option<Expression> {
        match Expression::parse(text) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let inside = span.len() == text.len() + 2;
                let word = text.get(error.span.clone()).unwrap_or_default();
                let place = if inside {
                    span.start + 1 + error.span.start..span.start + 1 + error.span.end
                } else {
                    span
                };
                let help = nearest_license(word).map(|near| format!("did you mean `{near}`?"));
                self.mistakes.add(place, error.to_string(), help);
                None
            }
        }
    }

    fn ban(&mut self, fields: &Fields<'_>) -> Option<Ban> {
        let (purl, versions) = (self.purl(fields), self.versions(fields));
        Some(Ban {
            purl: purl?,
            versions,
            reason: fields.string("reason")?,
            instead: fields.string("instead"),
            action: fields.word("action", Action::from_name).unwrap_or(Action::Deny),
            line: self.line(&fields.span),
        })
    }

    fn waiver(&mut self, fields: &Fields<'_>) -> Option<Arc<Waiver>> {
        let (purl, versions) = (self.purl(fields), self.versions(fields));
        let thing = fields.text("thing");
        let subject = match (purl, thing.clone()) {
            (Some(purl), None) => Some(Waived::Packages(purl)),
            (None, Some((thing, _))) => Some(Waived::Things(Pattern::new(thing))),
            (Some(_), Some((_, span))) => {
                self.mistakes.add(span, "a waiver is for packages or for a thing, not both", None);
                None
            }
            (None, None) if fields.value("purl").is_none() => {
                let help = "name packages by `purl`, or a file or variable by `thing`";
                self.mistakes.add(fields.span.clone(), "a waiver says what it is for", Some(help.to_owned()));
                None
            }
            (None, None) => None,
        };
        if let (Some((_, span)), None) = (thing, fields.value("rule")) {
            let help = "as `rule = \"image-file-secret\"`";
            self.mistakes.add(span, "a waiver for a thing names the check", Some(help.to_owned()));
        }
        let license = self.expression(fields, "license").map(|expression| expression.canonical());
        let permanent = fields.bool("permanent") == Some(true);
        if fields.value("expires").is_none() && !permanent {
            let help = "give its last day, as `expires = 2027-06-30`, or write `permanent = true`";
            self.mistakes.add(fields.span.clone(), "a waiver must end", Some(help.to_owned()));
        }
        if let Some(value) = fields.value("expires").filter(|_| permanent) {
            self.mistakes.add(value.span(), "a permanent waiver has no last day", None);
        }
        if let Some((reason, span)) = fields.text("reason").filter(|(reason, _)| reason.trim().is_empty()) {
            self.mistakes.add(span, format!("a waiver needs a reason, not `{reason}`"), None);
        }
        Some(Arc::new(Waiver {
            id: fields.string("id"),
            subject: subject?,
            versions,
            rule: fields.text("rule").map(|(text, _)| Pattern::new(text)),
            license,
            reason: fields.string("reason")?,
            approver: fields.string("approver"),
            ticket: fields.string("ticket"),
            expires: fields.day("expires"),
            line: self.line(&fields.span),
        }))
    }

    fn clarification(&mut self, fields: &Fields<'_>) -> Option<Clarification> {
        let (purl, versions) = (self.purl(fields), self.versions(fields));
        let expression = self.expression(fields, "expression");
        if let Some((hash, span)) = fields.text("sha256")
            && (hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            self.mistakes.add(span, "`sha256` must be 64 hexadecimal digits", None);
        }
        Some(Clarification {
            purl: purl?,
            versions,
            declared: fields.string("declared"),
            file: fields.string("file"),
            sha256: fields.string("sha256").map(|hash| hash.to_ascii_lowercase()),
            expression: expression?,
            reason: fields.string("reason")?,
            line: self.line(&fields.span),
        })
    }

    fn choice(&mut self, fields: &Fields<'_>) -> Option<Choice> {
        let (purl, versions) = (self.purl(fields), self.versions(fields));
        let license = self.expression(fields, "license");
        Some(Choice {
            purl: purl?,
            versions,
            license: license?.canonical(),
            reason: fields.string("reason")?,
            expires: fields.day("expires"),
            line: self.line(&fields.span),
        })
    }

    fn categories(&mut self, file: &Fields<'_>) -> BTreeMap<String, Category> {
        let mut categories = BTreeMap::new();
        for ((id, span), (category, _)) in file.pairs("categories") {
            self.license_id(id, &span);
            let spelled = known_license(id).unwrap_or(id);
            categories.extend(Category::from_name(category).map(|category| (spelled.to_owned(), category)));
        }
        categories
    }

    fn aliases(&mut self, file: &Fields<'_>) -> BTreeMap<String, Expression> {
        let mut aliases = BTreeMap::new();
        for ((text, _), expression) in file.pairs("aliases") {
            aliases.extend(self.parse_expression(expression).map(|meant| (text.to_lowercase(), meant)));
        }
        aliases
    }

    fn checks(&self, file: &Fields<'_>) -> BTreeMap<String, (Action, PolicyLine)> {
        let check = |((code, _), (action, span)): (Text<'_>, Text<'_>)| {
            Some((code.to_owned(), (Action::from_name(action)?, self.line(&span))))
        };
        file.pairs("checks").into_iter().filter_map(check).collect()
    }

    fn require(&self, fields: &Fields<'_>) -> Require {
        let mut require = Require {
            document: fields.strings("document"),
            component: fields.strings("component"),
            license_coverage: fields.value("license-coverage").and_then(|value| share(value.get_ref())),
            line: Some(self.line(&fields.span)),
        };
        if fields.text("preset").is_some_and(|(preset, _)| preset == "ntia") {
            require.add_ntia();
        }
        require
    }

    fn drift(&mut self, fields: &Fields<'_>) -> DriftLimits {
        let max = fields.table("max");
        let max = max.iter().flat_map(|max| max.table.iter());
        DriftLimits {
            max: max
                .filter_map(|(kind, value)| Some((kind.get_ref().to_string(), whole(value.get_ref())?)))
                .collect(),
            may_change: self.purls(fields, "may-change"),
            must_stay: self.purls(fields, "must-stay"),
            line: Some(self.line(&fields.span)),
        }
    }

    fn case(&mut self, fields: &Fields<'_>) -> Option<PolicyCase> {
        let (text, span) = fields.text("purl")?;
        let purl = text.parse().map_err(|error: crate::bom::PurlError| {
            self.mistakes.add(span, error.to_string(), None);
        });
        Some(PolicyCase {
            purl: purl.ok()?,
            license: fields.string("license"),
            scope: fields.word("scope", ScopeOfUse::from_name).unwrap_or(ScopeOfUse::Runtime),
            origin: fields.word("origin", Origin::from_name),
            owned_by: fields.string("owned-by"),
            expect: fields.word("expect", Action::from_name)?,
            line: self.line(&fields.span),
        })
    }
}

fn end_of_life(fields: &Fields<'_>) -> EndOfLife {
    let contracts = fields.table("contracts");
    let contracts = contracts.iter().flat_map(|contracts| contracts.table.iter());
    EndOfLife {
        warn_days: fields.number("warn-days").and_then(|days| u32::try_from(days).ok()),
        behind: fields.number("behind"),
        contracts: contracts
            .filter_map(|(name, value)| Some((name.get_ref().to_string(), day(value.get_ref())?)))
            .collect(),
    }
}

impl Require {
    /// What the NTIA's minimum elements of July 2021 ask for and a bill can hold.
    fn add_ntia(&mut self) {
        for (list, fields) in [
            (&mut self.document, ["author", "timestamp", "dependencies"].as_slice()),
            (&mut self.component, ["name", "version", "supplier", "identifier"].as_slice()),
        ] {
            for field in fields {
                if !list.iter().any(|known| known == field) {
                    list.push((*field).to_owned());
                }
            }
        }
    }
}
