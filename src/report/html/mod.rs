//! Reports as one page for a browser: a list, a check, or (with `super::drift`) a comparison.
//!
//! The page lies with the reports and not with the emitters, because it tells more than the list: findings and ends of
//! support, which emitters may not see. `packlist scan` and `check` call it for what they know; everything here is
//! said by the same hands, so that a list looks alike wherever it is shown.

pub(in crate::report) mod components;
pub(in crate::report) mod findings;
pub(in crate::report) mod page;
pub(in crate::report) mod pictures;
pub(in crate::report) mod shape;
pub(in crate::report) mod support;
pub(in crate::report) mod text;

use std::fmt::Write;

use super::explain::Surroundings;
use super::{Counts, Format, Report, licenses};
use crate::bom::{Bom, Gap, GapKind, SubjectKind};
use crate::checker::{Finding, Verdict};
use findings::{Findings, numbered};
use page::{Page, Section};
use pictures::Bar;
use shape::{Class, Shape};
pub use support::Support;
use text::{Text, counted, number, shortened, with_code};

pub(super) const FORMAT: Format =
    Format { name: "html", about: "a page for a browser: pictures, findings, components to search", render };

/// Gaps beyond this are counted.
const MOST_GAPS: usize = 200;
/// What matters first, at most.
const MOST_FIRST: usize = 6;

/// All that a page about a list may say.
pub struct ListReport<'a> {
    pub bom: &'a Bom,
    /// What was listed, as the user named it.
    pub source: &'a str,
    pub support: Support<'a>,
}

/// The page about a list that nobody judged.
pub fn list(report: &ListReport<'_>) -> String {
    let shape = Shape::of(report.bom);
    let support = Some(&report.support);
    let surroundings = Surroundings::of(report.bom);
    let numbers = components::numbers(report.bom);
    let firsts = firsts(report.bom, &shape, support);
    let mut head = heading(report.bom, report.source, "Packing list", &shape, support, &[]);
    head.push_str(&tiles(&list_tiles(report.bom, &shape, support)));
    head.push_str(&first_things(&firsts));
    let mut sections = pictures_of(report.bom, &shape, support);
    sections.push(Section {
        id: "components",
        title: "Components",
        html: components::section(report.bom, false),
    });
    sections.extend(gaps(report.bom));
    Page {
        title: format!("{}: packing list", name_of(report.bom, report.source)),
        head,
        sections,
        data: components::data(&surroundings, &numbers, &[], report.support.rows),
        command: format!("packlist scan {} -o html", report.source),
    }
    .write()
}

/// The page about a verdict.
fn render(report: &Report<'_>) -> String {
    let shape = Shape::of(report.bom);
    let surroundings = Surroundings::of(report.bom);
    let numbers = components::numbers(report.bom);
    let support = report.support.as_ref();
    let counts = Counts::of(report.findings);
    let (style, word) = match report.verdict {
        Verdict::Pass => ("pass", "Passed"),
        Verdict::Warn => ("warn", "Passed with warnings"),
        Verdict::Fail => ("deny", "Denied"),
    };
    let facts = [("Policy", report.policy_name.to_owned())];
    let mut head = heading(report.bom, report.source, "Check", &shape, support, &facts);
    let _ = writeln!(
        head,
        "<p class=\"verdict {style}\"><strong>{word}</strong> <span>{} under policy <b>{}</b></span></p>",
        verdict_words(&counts),
        Text(report.policy_name)
    );
    head.push_str(&tiles(&check_tiles(report, &shape, &counts)));
    let mut first = worst(report.findings);
    first.extend(firsts(report.bom, &shape, support).into_iter().filter(|first| !first.told_by_checks));
    head.push_str(&first_things(&first));
    let all = Findings { surroundings: &surroundings, numbers: &numbers, findings: report.findings };
    let mut sections = vec![Section { id: "findings", title: "Findings", html: all.section() }];
    sections.extend(pictures_of(report.bom, &shape, support));
    sections.push(Section {
        id: "components",
        title: "Components",
        html: components::section(report.bom, true),
    });
    sections.extend(gaps(report.bom));
    Page {
        title: format!("{}: {}", name_of(report.bom, report.source), word.to_lowercase()),
        head,
        sections,
        data: components::data(
            &surroundings,
            &numbers,
            report.findings,
            support.map_or(&[], |support| support.rows),
        ),
        command: format!("packlist check {} -o html", report.source),
    }
    .write()
}

fn verdict_words(counts: &Counts) -> String {
    let some = [
        (counts.deny, "denied"),
        (counts.warn, "to look at"),
        (counts.info, "noted"),
        (counts.waived, "waived"),
        (counts.known, "known from the baseline"),
    ];
    let words: Vec<String> = some
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number(*count)))
        .collect();
    if words.is_empty() { "no findings".to_owned() } else { words.join(", ") }
}

/// What a bill is of: its own name, else what the user called it.
fn name_of<'a>(bom: &'a Bom, source: &'a str) -> &'a str {
    if bom.subject.name.is_empty() { source } else { &bom.subject.name }
}

/// What was looked at, with all that identifies it.
pub(in crate::report) fn heading(
    bom: &Bom,
    source: &str,
    kind: &str,
    shape: &Shape,
    support: Option<&Support<'_>>,
    more: &[(&str, String)],
) -> String {
    let subject = &bom.subject;
    let sort = match subject.kind {
        SubjectKind::Image => "container image",
        SubjectKind::Directory => "directory",
        SubjectKind::File => "file",
    };
    let mut out = format!(
        "<div class=\"heading\"><p class=\"eyebrow\">{kind} · {sort}</p>\n<h1>{}</h1>\n<dl class=\"facts\">",
        Text(name_of(bom, source))
    );
    let mut row = |label: &str, value: &str, is_code: bool| {
        let _ = match is_code {
            true => write!(out, "<div><dt>{label}</dt><dd><code>{}</code></dd></div>", Text(value)),
            false => write!(out, "<div><dt>{label}</dt><dd>{}</dd></div>", Text(value)),
        };
    };
    let source = if source == name_of(bom, source) { None } else { Some(source) };
    let day = support.map(|support| match support.calendar_day {
        Some(calendar) => format!("{}, by the calendar of {calendar}", support.today),
        None => support.today.to_string(),
    });
    let layers = match (bom.layers.len(), bom.base_layers) {
        (0, _) => None,
        (count, Some(base)) => Some(format!("{count}, of which {base} are the base image")),
        (count, None) => Some(count.to_string()),
    };
    let built = subject.created.as_deref().map(moment);
    let made_by = bom.origin.as_ref().map(|origin| match origin.tools.is_empty() {
        true => origin.format.clone(),
        false => format!("{}, {}", origin.format, origin.tools.join(", ")),
    });
    let license = licenses::of_subject(bom);
    for (label, value) in [
        ("Source", source),
        ("Platform", subject.platform.as_deref()),
        ("System", shape.system.as_deref()),
        ("Base", subject.base.as_deref()),
        ("Runs as", subject.user.as_deref()),
        ("Layers", layers.as_deref()),
        ("Built", built.as_deref()),
        ("Read from", made_by.as_deref()),
        ("Supplier", subject.supplier.as_deref()),
        ("Licence", license.as_deref()),
        ("Judged on", day.as_deref()),
    ] {
        if let Some(value) = value {
            row(label, value, false);
        }
    }
    for (label, value) in more {
        row(label, value, false);
    }
    for (label, value) in [("Manifest", &subject.manifest_digest), ("Image ID", &subject.version)] {
        if let Some(value) = value {
            row(label, value, true);
        }
    }
    out.push_str("</dl></div>\n");
    out
}

/// A time as people write it, to the minute; what is written otherwise stays as it is.
pub(in crate::report) fn moment(text: &str) -> String {
    match (text.get(..10), text.get(10..16), text.ends_with('Z')) {
        (Some(day), Some(time), true) if time.starts_with('T') => format!("{day}, {} UTC", &time[1..]),
        _ => text.to_owned(),
    }
}

/// A number with what it counts, and where in the page that is told.
pub(in crate::report) struct Tile {
    pub(in crate::report) count: usize,
    pub(in crate::report) label: String,
    pub(in crate::report) style: &'static str,
    pub(in crate::report) place: &'static str,
}

impl Tile {
    pub(in crate::report) fn new(
        count: usize,
        label: &str,
        style: &'static str,
        place: &'static str,
    ) -> Self {
        let style = if count == 0 { "none" } else { style };
        Self { count, label: label.to_owned(), style, place }
    }
}

pub(in crate::report) fn tiles(tiles: &[Tile]) -> String {
    let mut out = String::from("<ul class=\"counts\">\n");
    for tile in tiles {
        let (begin, end) = match tile.count {
            0 => (String::new(), ""),
            _ => (format!("<a href=\"#{}\">", tile.place), "</a>"),
        };
        let _ = writeln!(
            out,
            "<li class=\"{}\">{begin}<strong>{}</strong> <span>{}</span>{end}</li>",
            tile.style,
            number(tile.count),
            Text(&tile.label)
        );
    }
    out.push_str("</ul>\n");
    out
}

fn list_tiles(bom: &Bom, shape: &Shape, support: Option<&Support<'_>>) -> Vec<Tile> {
    let mut tiles = vec![
        Tile::new(shape.seen, "components", "plain", "components"),
        Tile::new(shape.ecosystems.len(), "ecosystems", "plain", "ecosystems"),
        Tile::new(shape.classes[Class::NotStated.index()], "without a licence", "warn", "licences"),
    ];
    tiles.extend(
        support.map(|support| Tile::new(support.over().count(), "out of support", "deny", "support")),
    );
    tiles.push(Tile::new(unread(bom).count(), "not read", "warn", "gaps"));
    tiles
}

fn check_tiles(report: &Report<'_>, shape: &Shape, counts: &Counts) -> Vec<Tile> {
    let mut tiles = vec![
        Tile::new(counts.deny, "denied", "deny", "deny"),
        Tile::new(counts.warn, "warnings", "warn", "warn"),
        Tile::new(counts.info, "noted", "plain", "info"),
        Tile::new(counts.waived, "waived", "plain", "waived"),
    ];
    if report.has_baseline {
        tiles.push(Tile::new(counts.known, "known", "plain", "known"));
    }
    tiles.push(Tile::new(shape.seen, "components", "plain", "components"));
    tiles.extend(
        report
            .support
            .as_ref()
            .map(|support| Tile::new(support.over().count(), "out of support", "deny", "support")),
    );
    tiles
}

/// One thing to look at before all others.
pub(in crate::report) struct First {
    pub(in crate::report) style: &'static str,
    pub(in crate::report) word: &'static str,
    pub(in crate::report) text: String,
    pub(in crate::report) place: String,
    /// A check has findings of its own for it.
    pub(in crate::report) told_by_checks: bool,
}

/// The worst findings that count, each group once.
fn worst(findings: &[Finding]) -> Vec<First> {
    numbered(findings)
        .into_iter()
        .filter(|group| matches!(group.state(), "deny" | "warn"))
        .take(MOST_FIRST)
        .map(|numbered| {
            let group = &numbered.group.findings;
            let first = group[0];
            let what = match (&first.component, group.len()) {
                (Some(reference), 1) => format!("{}: ", super::explain::short(reference)),
                (Some(_), count) => format!("{}: ", counted(count, "component")),
                (None, _) => String::new(),
            };
            First {
                style: numbered.state(),
                word: numbered.state(),
                text: format!("{what}{}", shortened(&first.message, 200)),
                place: format!("finding-{}", numbered.first),
                told_by_checks: true,
            }
        })
        .collect()
}

/// What matters in a list that nobody judged.
fn firsts(bom: &Bom, shape: &Shape, support: Option<&Support<'_>>) -> Vec<First> {
    let mut found = Vec::new();
    let mut add = |style, word, text: String, place: &str, told_by_checks| {
        found.push(First { style, word, text, place: place.to_owned(), told_by_checks });
    };
    if let Some(secrets) = bom.subject.secrets.as_ref().filter(|secrets| !secrets.is_empty()) {
        add(
            "deny",
            "secret",
            format!(
                "{} open in it",
                match secrets.len() {
                    1 => "1 credential lies".to_owned(),
                    count => format!("{count} credentials lie"),
                }
            ),
            "components",
            true,
        );
    }
    if let Some(support) = support.filter(|support| support.over().next().is_some()) {
        let names: Vec<&str> = support.over().take(4).map(|row| row.title.as_str()).collect();
        let more = support.over().count() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        add("deny", "support", format!("out of support: {}{more}", names.join(", ")), "support", true);
    }
    if let Some(support) = support.filter(|support| support.soon().next().is_some()) {
        let names: Vec<&str> = support.soon().take(4).map(|row| row.title.as_str()).collect();
        let more = support.soon().count() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        add("warn", "support", format!("move before long: {}{more}", names.join(", ")), "support", true);
    }
    let unread = unread(bom).count();
    if unread > 0 {
        let verb = if unread == 1 { "was" } else { "were" };
        add(
            "warn",
            "gap",
            format!("{} {verb} not read, so the list may be short", counted(unread, "file")),
            "gaps",
            true,
        );
    }
    let silent = shape.classes[Class::NotStated.index()];
    if silent > 0 {
        add(
            "warn",
            "licence",
            format!("{} of {} without a licence", number(silent), counted(shape.seen, "component")),
            "licences",
            true,
        );
    }
    let network = shape.classes[Class::Of(crate::licenses::Category::NetworkCopyleft).index()];
    if network > 0 {
        add(
            "warn",
            "licence",
            format!("{} under a network copyleft", counted(network, "component")),
            "licences",
            true,
        );
    }
    if shape.hidden > 0 {
        let verb = if shape.hidden == 1 { "lies" } else { "lie" };
        add(
            "info",
            "hidden",
            format!(
                "{} {verb} in lower layers only: shipped, and not to be seen",
                counted(shape.hidden, "component")
            ),
            "components",
            false,
        );
    }
    found
}

pub(in crate::report) fn first_things(firsts: &[First]) -> String {
    if firsts.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<section class=\"firsts\" aria-labelledby=\"firsts\"><h2 id=\"firsts\">What matters first</h2>\n<ol>\n",
    );
    for first in firsts.iter().take(MOST_FIRST + 2) {
        let _ = writeln!(
            out,
            "<li><span class=\"mark {}\">{}</span> <a href=\"#{}\">{}</a></li>",
            first.style,
            first.word,
            first.place,
            with_code(&first.text)
        );
    }
    out.push_str("</ol></section>\n");
    out
}

/// The pictures with their tables.
pub(in crate::report) fn pictures_of(
    bom: &Bom,
    shape: &Shape,
    support: Option<&Support<'_>>,
) -> Vec<Section> {
    let mut sections = Vec::new();
    if let Some(support) = support.filter(|support| !support.rows.is_empty()) {
        let has_days = support.rows.iter().any(|row| row.ends.is_some());
        let mut html = format!("<p class=\"lead\">{}.</p>\n", Text(&capital(&support::sentence(support))));
        if has_days {
            html.push_str(&support::timeline(support));
        }
        html.push_str(&folded("All lines of releases", &support::table(support, bom)));
        sections.push(Section { id: "support", title: "Support", html });
    }
    let classes: Vec<Bar<'_>> = shape
        .present()
        .map(|(class, count)| Bar { label: class.title(), count, style: class.style() })
        .collect();
    let mut html = String::from(
        "<div class=\"two wide-right\"><div>\n<h3>By class <span class=\"quiet\">where there is a choice, the best counts</span></h3>\n",
    );
    html.push_str(&pictures::bars(&classes, shape.seen));
    html.push_str("</div>\n<div>\n<h3>By licence <span class=\"quiet\">a component counts under each that it names</span></h3>\n");
    if shape.licenses.is_empty() {
        html.push_str("<p>No licence is stated.</p>\n");
    } else {
        html.push_str(&pictures::license_tiles(shape));
        html.push_str(&pictures::legend(shape.licenses.iter().map(|(class, _)| *class)));
    }
    html.push_str("</div></div>\n");
    if !shape.licenses.is_empty() {
        html.push_str(&folded("All licences", &pictures::license_table(shape)));
    }
    sections.push(Section { id: "licences", title: "Licences", html });
    if shape.layers.iter().any(|count| *count > 0) {
        let html = format!(
            "<p class=\"lead\">Each layer is as wide as the components it brought.</p>\n{}{}",
            pictures::layer_strip(bom, shape),
            folded("All layers", &pictures::layer_table(bom, shape))
        );
        sections.push(Section { id: "layers", title: "Layers", html });
    }
    let ecosystems: Vec<Bar<'_>> = shape
        .ecosystems
        .iter()
        .map(|(name, count)| Bar { label: name, count: *count, style: "own" })
        .collect();
    let html = pictures::bars(&ecosystems, shape.seen);
    sections.push(Section { id: "ecosystems", title: "Ecosystems", html });
    sections
}

fn folded(title: &str, html: &str) -> String {
    format!("<details class=\"table\"><summary>{title}</summary>\n{html}</details>\n")
}

pub(in crate::report) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn unread(bom: &Bom) -> impl Iterator<Item = &Gap> {
    bom.gaps.iter().filter(|gap| gap.kind == GapKind::Unread)
}

/// What the list does not say, and why.
pub(in crate::report) fn gaps(bom: &Bom) -> Option<Section> {
    if bom.gaps.is_empty() {
        return None;
    }
    let mut html = String::from(
        "<p class=\"lead\">What was seen and is not in the list. What was left out on purpose makes it no shorter.</p>\n\
         <div class=\"box\" tabindex=\"0\" role=\"region\" aria-label=\"Gaps\"><table><thead><tr><th scope=\"col\">Where</th><th scope=\"col\">What</th>\
         <th scope=\"col\">Why</th></tr></thead><tbody>\n",
    );
    let left_out = bom.gaps.iter().filter(|gap| gap.kind == GapKind::LeftOut);
    for gap in unread(bom).chain(left_out).take(MOST_GAPS) {
        let line = gap.line.map(|line| format!(":{line}")).unwrap_or_default();
        let what = match gap.kind {
            GapKind::Unread => "not read",
            GapKind::LeftOut => "left out",
        };
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{what}</td><td>{}</td></tr>",
            Text(&format!("{}{line}", gap.path)),
            Text(&shortened(&gap.reason, 300))
        );
    }
    html.push_str("</tbody></table></div>\n");
    if bom.gaps.len() > MOST_GAPS {
        let _ = writeln!(html, "<p class=\"quiet\">and {} more</p>", number(bom.gaps.len() - MOST_GAPS));
    }
    Some(Section { id: "gaps", title: "Gaps", html })
}

#[cfg(test)]
mod tests;
