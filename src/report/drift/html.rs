//! Drift as a page for a browser: what changed, what that comes to before and after, and the newer list to search.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::human::count;
use super::{DriftFormat, DriftReport, Row, Section, sections, summary, title};
use crate::bom::Bom;
use crate::drift::{Change, Kind};
use crate::report::explain::Surroundings;
use crate::report::html::components::{self, Numbers};
use crate::report::html::findings::write_way;
use crate::report::html::page::{Page, Section as Part};
use crate::report::html::pictures::before_and_after;
use crate::report::html::shape::{Class, Shape};
use crate::report::html::text::{Text, counted, number, shortened};
use crate::report::html::{First, Tile, capital, first_things, gaps, moment, pictures_of, tiles};

pub(super) const FORMAT: DriftFormat =
    DriftFormat { name: "html", about: "a page for a browser: what changed, before and after", render };

/// So many rows of a kind stand in the page; the others are unfolded.
const MOST_ROWS: usize = 200;
/// How many are unfolded at once.
const PART: usize = 1000;
/// How many of a source package's packages are named.
const MOST_MEMBERS: usize = 8;
/// What matters first, at most.
const MOST_FIRST: usize = 6;
/// Of what changed, in characters: a licence may be a whole text.
const LONGEST: usize = 300;

fn render(report: &DriftReport<'_>) -> String {
    let (sections, inside) = sections(report.drift);
    let (old, new) = (Shape::of(report.old), Shape::of(report.new));
    let surroundings = Surroundings::of(report.new);
    let numbers = components::numbers(report.new);
    let support = report.support.as_ref();
    let writer = Writer { surroundings: &surroundings, numbers: &numbers };
    let mut parts = vec![
        Part {
            id: "changes",
            title: "Changes",
            html: writer.changes(&sections, inside, &report.drift.not_compared),
        },
        Part { id: "before", title: "Before and after", html: balance(&old, &new) },
    ];
    parts.extend(pictures_of(report.new, &new, support));
    parts.push(Part { id: "components", title: "Components", html: components::section(report.new, false) });
    parts.extend(gaps(report.new));
    let names = (title(report.old, report.old_name), title(report.new, report.new_name));
    Page {
        title: format!("{} → {}: {}", names.0, names.1, summary(report.drift)),
        head: head(report, &sections, &old, &new),
        sections: parts,
        data: components::data(&surroundings, &numbers, &[], support.map_or(&[], |support| support.rows)),
        command: format!("packlist diff {} {} -o html", report.old_name, report.new_name),
    }
    .write()
}

fn head(report: &DriftReport<'_>, sections: &[Section<'_>], old: &Shape, new: &Shape) -> String {
    let matters = sections.iter().any(|section| section.kind.matters());
    let (style, word) = match (report.drift.is_empty(), matters) {
        (true, _) => ("pass", "No drift"),
        (false, false) => ("pass", "Nothing that needs a look"),
        (false, true) => ("warn", "Look at these"),
    };
    let mut out = format!(
        "<div class=\"heading\"><p class=\"eyebrow\">Comparison</p>\n<h1>{} <span class=\"quiet\">→</span> {}</h1>\n\
         <div class=\"sides\">{}{}</div></div>\n\
         <p class=\"verdict {style}\"><strong>{word}</strong> <span>{}</span></p>\n",
        Text(&title(report.old, report.old_name)),
        Text(&title(report.new, report.new_name)),
        side("Before", report.old, report.old_name, old),
        side("After", report.new, report.new_name, new),
        Text(&summary(report.drift))
    );
    let counts = report.drift.summary();
    let mut shown = vec![Tile::new(report.drift.kept, "on both sides", "plain", "components")];
    shown.extend(counts.iter().map(|(kind, count)| {
        let style = match kind {
            kind if kind.matters() => "warn",
            _ => "plain",
        };
        Tile::new(*count, kind.counted(), style, kind.name())
    }));
    out.push_str(&tiles(&shown));
    out.push_str(&first_things(&firsts(sections)));
    out
}

fn side(heading: &str, bom: &Bom, name: &str, shape: &Shape) -> String {
    let mut out = format!("<div><h2>{heading}</h2><dl class=\"facts\">");
    let built = bom.subject.created.as_deref().map(moment);
    let mut row = |label: &str, value: &str| {
        let _ = write!(out, "<div><dt>{label}</dt><dd>{}</dd></div>", Text(value));
    };
    row("Source", name);
    row("Components", &number(shape.seen));
    for (label, value) in [
        ("Platform", bom.subject.platform.as_deref()),
        ("System", shape.system.as_deref()),
        ("Built", built.as_deref()),
    ] {
        if let Some(value) = value {
            row(label, value);
        }
    }
    if !bom.layers.is_empty() {
        row("Layers", &number(bom.layers.len()));
    }
    if let Some(digest) = bom.subject.manifest_digest.as_deref().or(bom.subject.version.as_deref()) {
        let _ = write!(out, "<div><dt>Digest</dt><dd><code>{}</code></dd></div>", Text(digest));
    }
    out.push_str("</dl></div>\n");
    out
}

/// The kinds that somebody should look at, each with its first changes.
fn firsts(sections: &[Section<'_>]) -> Vec<First> {
    let matter = sections.iter().filter(|section| section.kind.matters());
    let first = |section: &Section<'_>| {
        let shown: Vec<String> = section
            .rows
            .iter()
            .take(3)
            .map(|row| format!("{} {}", row.what().0, shortened(&row.ends(), 80)).trim_end().to_owned())
            .collect();
        let more = section.rows.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        First {
            style: "warn",
            word: "drift",
            text: format!("{}: {}{more}", section.kind.title(), shown.join("; ")),
            place: section.kind.name().to_owned(),
            told_by_checks: true,
        }
    };
    matter.take(MOST_FIRST).map(first).collect()
}

/// What there was and what there is: components, licence classes, ecosystems.
fn balance(old: &Shape, new: &Shape) -> String {
    let classes: Vec<(String, usize, usize)> = Class::ALL
        .iter()
        .map(|class| (class.title().to_owned(), old.classes[class.index()], new.classes[class.index()]))
        .filter(|(_, old, new)| old + new > 0)
        .collect();
    let style_of = |label: &str| {
        Class::ALL.iter().find(|class| class.title() == label).map_or("own", |class| class.style())
    };
    let mut by_name: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (name, count) in &old.ecosystems {
        by_name.entry(name).or_default().0 = *count;
    }
    for (name, count) in &new.ecosystems {
        by_name.entry(name).or_default().1 = *count;
    }
    let mut ecosystems: Vec<(String, usize, usize)> =
        by_name.into_iter().map(|(name, (old, new))| (name.to_owned(), old, new)).collect();
    ecosystems.sort_by_key(|(name, old, new)| (std::cmp::Reverse(*old.max(new)), name.clone()));
    let all = [("components".to_owned(), old.seen, new.seen)];
    format!(
        "<p class=\"lead\">The upper bar is before, the lower one after.</p>\n<h3>Components</h3>\n{}\
         <div class=\"two\"><div><h3>By class of licence</h3>\n{}</div>\n<div><h3>By ecosystem</h3>\n{}</div></div>\n",
        before_and_after(&all, |_| "own"),
        before_and_after(&classes, style_of),
        before_and_after(&ecosystems, |_| "own")
    )
}

/// Rows of changes, with the newer list around them.
struct Writer<'a> {
    surroundings: &'a Surroundings<'a>,
    numbers: &'a Numbers<'a>,
}

impl Writer<'_> {
    fn changes(&self, sections: &[Section<'_>], inside: usize, not_compared: &[String]) -> String {
        let mut out = String::new();
        if sections.is_empty() {
            out.push_str("<p>The two lists say the same.</p>\n");
        }
        let mut part = 0;
        for section in sections {
            self.write_section(&mut out, section, &mut part);
        }
        if inside > 0 {
            let _ = writeln!(
                out,
                "<p class=\"quiet\">{} inside the packages above.</p>",
                counted(inside, "more change")
            );
        }
        for reason in not_compared {
            let _ = writeln!(out, "<p class=\"quiet\">Not compared: {}.</p>", Text(reason));
        }
        out
    }

    fn write_section(&self, out: &mut String, section: &Section<'_>, part: &mut usize) {
        let heading = format!(
            "<h3 id=\"{}\">{} <span class=\"quiet\">{}</span></h3>",
            section.kind.name(),
            section.kind.title(),
            number(count(section))
        );
        let open = if section.kind.matters() { " open" } else { "" };
        let _ = write!(
            out,
            "<details class=\"state\"{open}><summary>{heading}</summary>\n<div class=\"box\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">\
             <table class=\"changes\"><thead><tr><th scope=\"col\">Package</th><th scope=\"col\">{1}</th><th scope=\"col\">Notes</th></tr></thead><tbody>\n",
            section.kind.title(),
            match section.kind {
                Kind::Added | Kind::Removed => "Version",
                _ => "Change",
            }
        );
        let (shown, rest) = section.rows.split_at(section.rows.len().min(MOST_ROWS));
        for row in shown {
            self.write_row(out, row);
        }
        out.push_str("</tbody></table></div>\n");
        for rows in rest.chunks(PART) {
            let mut html = String::new();
            for row in rows {
                self.write_row(&mut html, row);
            }
            let _ = write!(
                out,
                "<div class=\"rest rows\" data-part=\"part-{part}\"><button type=\"button\">{0} more</button></div>\n\
                 <script type=\"text/plain\" id=\"part-{part}\">{html}</script>\n<noscript><p class=\"quiet\">{0} more need JavaScript.</p></noscript>\n",
                number(rows.len())
            );
            *part += 1;
        }
        out.push_str("</details>\n");
    }

    fn write_row(&self, out: &mut String, row: &Row<'_>) {
        let (what, members) = row.what();
        let _ = write!(out, "<tr><th scope=\"row\">{}", self.linked(&what, row.first()));
        if !members.is_empty() {
            let shown: Vec<&str> = members.iter().take(MOST_MEMBERS).copied().collect();
            let more = members.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let _ = write!(out, " <span class=\"quiet\">{}{more}</span>", Text(&shown.join(", ")));
        }
        if let Some(side) = row.first().new.as_ref().filter(|_| pulled_in(row.first().kind)) {
            write_way(out, self.surroundings, self.numbers, &side.reference);
        }
        let _ = writeln!(
            out,
            "</th><td>{}</td><td>{}</td></tr>",
            Text(&shortened(&row.ends(), LONGEST)),
            Text(&capital(&row.notes().join(", ")))
        );
    }

    fn linked(&self, what: &str, change: &Change) -> String {
        let number = change.new.as_ref().and_then(|side| self.numbers.get(&side.reference));
        match number {
            Some(number) => format!("<a href=\"#component-{number}\">{}</a>", Text(what)),
            None => Text(what).to_string(),
        }
    }
}

/// Of what came or got worse one wants to know why it is there.
fn pulled_in(kind: Kind) -> bool {
    matches!(kind, Kind::Added | Kind::LookAlike | Kind::License | Kind::EndOfLife | Kind::Downgraded)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{render, render_nothing};
    use super::*;

    #[test]
    fn every_change_is_told_and_names_stay_names() {
        let page = render(&FORMAT);
        for words in [
            "1:2.0-1 → 2.1-1",
            "MIT → GPL-3.0-only",
            "pkg:npm/came%3Cb%3E",
            "pkg:npm/gone",
            "3.0.11-1 → 3.0.14-1",
        ] {
            assert!(page.contains(words), "{words}");
        }
        assert!(page.contains("<h3 id=\"downgraded\">"));
        assert!(!page.contains("came<b>"), "a name became markup");
        assert_eq!(page, render(&FORMAT));
    }

    #[test]
    fn no_drift_is_said() {
        let page = render_nothing(&FORMAT);
        assert!(page.contains("<strong>No drift</strong>"));
        assert!(page.contains("The two lists say the same."));
    }
}
