//! The summary people share: what was looked at, what is in it, what came of it, what matters first and what to do
//! next. A dozen lines at most, none wider than the terminal.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use super::drift::DriftReport;
use super::licenses::expression;
use super::text::{grouped, one_line};
use super::{Counts, Report};
use crate::bom::{Bom, Component, GapKind, Kind, Subject};
use crate::checker::{Finding, Severity, Verdict};
use crate::licenses::{Category, categories_of};

/// How many things that matter are named.
const MOST: usize = 5;
/// How many names stand on one line before the rest is counted.
const NAMED: usize = 3;
/// Where values begin.
const INDENT: usize = 14;
/// Below this many columns nothing can be read.
const NARROWEST: usize = 40;

/// Of a list that was made.
pub fn of_scan(bom: &Bom, source: &str, width: usize) -> String {
    let mut page = Page::new(bom, source, width);
    page.content(bom);
    page.lines("first", &remarks(bom));
    page.lines("next", &[format!("packlist check {}", word(source))]);
    page.text
}

/// Of a list that was judged.
pub fn of_check(report: &Report<'_>, width: usize) -> String {
    let mut page = Page::new(report.bom, report.source, width);
    page.content(report.bom);
    let counts = Counts::of(report.findings);
    let verdict = match report.verdict {
        Verdict::Pass => "passed",
        Verdict::Warn => "passed with warnings",
        Verdict::Fail => "denied",
    };
    let mut parts = vec![
        format!("{} deny", grouped(counts.deny)),
        format!("{} warn", grouped(counts.warn)),
        format!("{} info", grouped(counts.info)),
    ];
    parts.extend((counts.waived > 0).then(|| format!("{} waived", grouped(counts.waived))));
    parts.extend((counts.known > 0).then(|| format!("{} known from the baseline", grouped(counts.known))));
    let name = one_line(report.policy_name);
    page.lines("verdict", &[format!("{verdict} under {name}: {}", parts.join(", "))]);
    let worst = worst(report.findings);
    page.lines("first", &worst.iter().map(|group| group.line()).collect::<Vec<_>>());
    let source = word(report.source);
    let named = worst.first().and_then(|group| group.first.component.as_ref());
    page.lines(
        "next",
        &[match named {
            Some(component) => format!("packlist explain {source} {}", word(&component.0)),
            None if report.verdict == Verdict::Fail => format!("packlist check {source} --explain"),
            None => format!("packlist scan {source} -o cyclonedx-json=FILE keeps the list, to compare with"),
        }],
    );
    page.text
}

/// Of two lists that were compared.
pub fn of_drift(report: &DriftReport<'_>, width: usize) -> String {
    let mut page = Page::new(report.new, report.new_name, width);
    let old = one_line(&super::drift::title(report.old, report.old_name));
    let count = grouped(visible(report.old).count());
    page.lines("before", &[format!("{old}, {count} components")]);
    page.content(report.new);
    let told = super::drift::summary(report.drift);
    page.lines("drift", &[format!("{told}, {} on both sides", grouped(report.drift.kept))]);
    let (first, named) = super::drift::first(report.drift, MOST);
    page.lines("first", &first);
    let new = word(report.new_name);
    page.lines(
        "next",
        &[match named {
            Some(package) => format!("packlist explain {new} {}", word(&package)),
            None => format!("packlist check {new}"),
        }],
    );
    page.text
}

struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn new(bom: &Bom, source: &str, width: usize) -> Self {
        let mut page = Self { text: String::new(), width: width.max(NARROWEST) };
        page.wrapped(&heading(bom, source), " · ", 0);
        page.wrapped(&sizes(bom), ", ", 2);
        page
    }

    fn content(&mut self, bom: &Bom) {
        self.items("ecosystems", &counted(visible(bom).map(ecosystem)));
        self.items("licences", &by_category(bom));
    }

    /// Items one after the other, as many on a line as fit.
    fn items(&mut self, label: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        let _ = write!(self.text, "  {label:<width$}", width = INDENT - 2);
        self.flow(items, ", ", INDENT, INDENT);
    }

    /// Sentences, each on a line of its own.
    fn lines(&mut self, label: &str, lines: &[String]) {
        for (at, line) in lines.iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let room = self.width.saturating_sub(INDENT);
            let _ = writeln!(self.text, "  {label:<width$}{}", cut(line, room), width = INDENT - 2);
        }
    }

    fn wrapped(&mut self, items: &[String], between: &str, indent: usize) {
        let _ = write!(self.text, "{:indent$}", "");
        self.flow(items, between, indent, indent.max(2));
    }

    fn flow(&mut self, items: &[String], between: &str, column: usize, indent: usize) {
        let mut column = column;
        for (at, item) in items.iter().enumerate() {
            let between = if at == 0 { "" } else { between };
            let length = between.chars().count() + item.chars().count();
            if at > 0 && column + length > self.width {
                let _ = write!(self.text, "{}\n{:indent$}", between.trim_end(), "");
                column = indent;
                self.text.push_str(&cut(item, self.width.saturating_sub(column)));
                column += item.chars().count();
            } else {
                self.text.push_str(between);
                self.text.push_str(&cut(item, self.width.saturating_sub(column)));
                column += length;
            }
        }
        self.text.push('\n');
    }
}

fn heading(bom: &Bom, source: &str) -> Vec<String> {
    let Subject { name, version, platform, .. } = &bom.subject;
    let mut parts = vec![one_line(if name.is_empty() { source } else { name })];
    parts.extend(version.as_deref().map(|version| one_line(short(version))));
    parts.extend(platform.as_deref().map(one_line));
    let systems =
        bom.components.values().filter(|other| other.kind == Kind::OperatingSystem && other.hidden.is_none());
    parts.extend(systems.take(1).map(|system| {
        one_line(&format!("{} {}", system.name, system.version.as_deref().unwrap_or_default()))
            .trim_end()
            .to_owned()
    }));
    parts
}

fn sizes(bom: &Bom) -> Vec<String> {
    let count = visible(bom).count();
    let mut parts = vec![match count {
        0 => "no components".to_owned(),
        1 => "1 component".to_owned(),
        count => format!("{} components", grouped(count)),
    }];
    parts.extend(match bom.layers.len() {
        0 => None,
        1 => Some("1 layer".to_owned()),
        count => Some(format!("{} layers", grouped(count))),
    });
    parts.extend(bom.base_layers.map(|count| format!("{count} of them of the base image")));
    let hidden = bom.components.len() - count;
    parts.extend((hidden > 0).then(|| format!("{} more in lower layers only", grouped(hidden))));
    parts
}

fn visible(bom: &Bom) -> impl Iterator<Item = &Component> {
    bom.components.values().filter(|component| component.hidden.is_none())
}

fn ecosystem(component: &Component) -> String {
    component.purl.as_ref().map_or_else(|| component.kind.name().to_owned(), |purl| purl.ty().to_owned())
}

/// `npm 2,801`, the most first.
fn counted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(name, count)| (Reverse(*count), name.clone()));
    counts.into_iter().map(|(name, count)| format!("{} {}", one_line(&name), grouped(count))).collect()
}

/// Each component once, under what its licences come to; mildest first.
fn by_category(bom: &Bom) -> Vec<String> {
    let mut counts: BTreeMap<Category, usize> = BTreeMap::new();
    let mut silent = 0;
    for component in visible(bom) {
        match category(component) {
            Some(category) => *counts.entry(category).or_default() += 1,
            None => silent += 1,
        }
    }
    let mut parts: Vec<String> = counts
        .into_iter()
        .map(|(category, count)| format!("{} {}", category.name(), grouped(count)))
        .collect();
    parts.extend((silent > 0).then(|| format!("nothing said {}", grouped(silent))));
    parts
}

fn category(component: &Component) -> Option<Category> {
    let range = categories_of(&expression(component)?);
    Some(if range.start() == range.end() { *range.end() } else { Category::Unknown })
}

/// What somebody should look at in a list that nobody judged yet.
fn remarks(bom: &Bom) -> Vec<String> {
    let mut lines = Vec::new();
    let secrets = bom.subject.secrets.as_deref().unwrap_or_default();
    if let Some(first) = secrets.first() {
        let more = and_more(secrets.len() - 1);
        lines.push(format!("credentials lie open: {}{more}", one_line(&first.name)));
    }
    for category in [Category::NetworkCopyleft, Category::NonCommercial, Category::Proprietary] {
        let names: Vec<&str> = visible(bom)
            .filter(|component| self::category(component) == Some(category))
            .map(|component| component.name.as_str())
            .collect();
        if !names.is_empty() {
            let named = one_line(&names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", "));
            let more = and_more(names.len().saturating_sub(NAMED));
            lines.push(format!("{}: {named}{more}", category.name()));
        }
    }
    let mut unread = bom.gaps.iter().filter(|gap| gap.kind == GapKind::Unread);
    if let Some(first) = unread.next() {
        let path = if first.path.is_empty() { "the whole" } else { &first.path };
        let more = and_more(unread.count());
        lines.push(one_line(&format!("not read: {path}: {}{more}", first.reason)));
    }
    lines.truncate(MOST);
    lines
}

/// Findings that say the same, of the worst severities.
struct Group<'a> {
    first: &'a Finding,
    count: usize,
}

impl Group<'_> {
    fn line(&self) -> String {
        let component = self.first.component.as_ref().map(|reference| format!("{reference}: "));
        let component = component.unwrap_or_default();
        let more = if self.first.component.is_some() { and_more(self.count - 1) } else { String::new() };
        one_line(&format!("{}: {component}{}{more}", self.first.severity, self.first.message))
    }
}

/// What counts and is denied or warned of, in the order of the findings, which is worst first.
fn worst(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let counts = |finding: &&Finding| finding.counts() && finding.severity != Severity::Info;
    for finding in findings.iter().filter(counts) {
        match groups.last_mut() {
            Some(last) if last.first.rule == finding.rule && last.first.message == finding.message => {
                last.count += 1;
            }
            _ => groups.push(Group { first: finding, count: 1 }),
        }
    }
    groups.truncate(MOST);
    groups
}

fn and_more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(", and {} more", grouped(count)) }
}

/// `sha256:` and twelve digits, as other tools cut digests.
fn short(digest: &str) -> &str {
    let hex = digest.strip_prefix("sha256:").filter(|hex| hex.is_ascii() && hex.len() > 12);
    hex.map_or(digest, |_| &digest[.."sha256:".len() + 12])
}

/// As a shell takes it for one word.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@%+=,~".contains(c);
    let text = one_line(text);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::with_report;
    use super::*;
    use crate::bom::{Gap, SubjectKind};
    use expect_test::expect;

    #[test]
    fn a_check_says_what_was_looked_at_and_what_came_of_it() {
        expect![[r#"
            example:1
              6 components, 2 layers
              ecosystems  npm 5, deb 1
              licences    permissive 1, strong-copyleft 3, nothing said 2
              verdict     denied under small: 2 deny, 1 warn, 2 info, 1 waived
              first       deny: pkg:npm/denied@1.0.0: licence `MIT AND GPL-2.0-only` is not allowed (`GPL-2.0-o…
                          deny: pkg:npm/strange@1.0.0: licence `see <the> file | now` is not known
                          warn: pkg:npm/silent@1.0.0: no licence is stated
              next        packlist explain image.tar pkg:npm/denied@1.0.0
        "#]].assert_eq(&with_report(|report| of_check(report, 100)));
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let text = with_report(|report| of_check(report, 44));
        assert!(text.lines().all(|line| line.chars().count() <= 44), "{text}");
    }

    #[test]
    fn a_hostile_scan_stays_on_its_lines() {
        let name = "a\u{1b}[31m\nb".to_owned();
        let subject = Subject { kind: SubjectKind::Image, name, ..Subject::default() };
        let mut bom = Bom { subject, ..Bom::default() };
        bom.gaps.push(Gap {
            path: "x\r\u{202e}".to_owned(),
            line: None,
            kind: GapKind::Unread,
            reason: "is cut short".to_owned(),
        });
        expect![[r#"
            a�[31m�b
              no components
              first       not read: x��: is cut short
              next        packlist check 'it'\''s here.tar'
        "#]]
        .assert_eq(&of_scan(&bom, "it's here.tar", 80));
    }
}
