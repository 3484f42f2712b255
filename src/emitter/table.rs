//! A table for people: components by ecosystem, then what lower layers hide, then what could not be read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Format;
use crate::bom::{Bom, Component, GapKind, is_unseen};

pub(super) const FORMAT: Format = Format {
    name: "table",
    about: "a table to read",
    emit: |bom, stamp| table(bom, stamp.width.unwrap_or(100)),
};

/// Below this many columns nothing can be read.
const NARROWEST: usize = 40;
const GAP: usize = 2;

fn table(bom: &Bom, width: usize) -> String {
    let width = width.max(NARROWEST);
    let mut text = heading(bom);
    let seen = bom.components.values().filter(|component| component.hidden.is_none());
    let mut groups: BTreeMap<String, Vec<[String; COLUMNS]>> = BTreeMap::new();
    for component in seen {
        groups.entry(ecosystem(component)).or_default().push(row(bom, component));
    }
    let hidden: Vec<_> =
        bom.components.values().filter(|component| component.hidden.is_some()).map(|c| row(bom, c)).collect();
    let widths = fit(groups.values().flatten().chain(&hidden), width);
    for (ecosystem, rows) in &groups {
        let _ = write!(text, "\n{ecosystem} ({})\n", rows.len());
        push_rows(&mut text, rows, widths);
    }
    if !hidden.is_empty() {
        let _ = write!(text, "\nin lower layers only ({})\n", hidden.len());
        push_rows(&mut text, &hidden, widths);
    }
    text.push('\n');
    text.push_str(&summary(bom, &groups, hidden.len()));
    text
}

fn heading(bom: &Bom) -> String {
    let subject = &bom.subject;
    let kind = subject.kind.name();
    let platform = subject.platform.as_ref().map_or(String::new(), |platform| format!(", {platform}"));
    let layers = match bom.layers.len() {
        0 => String::new(),
        1 => ", 1 layer".to_owned(),
        count => format!(", {count} layers"),
    };
    format!("{} ({kind}{platform}{layers})\n", one_line(&subject.name))
}

fn ecosystem(component: &Component) -> String {
    match &component.purl {
        Some(purl) => purl.ty().to_owned(),
        None => component.kind.name().to_owned(),
    }
}

const COLUMNS: usize = 4;
const TITLES: [&str; COLUMNS] = ["NAME", "VERSION", "LICENCE", "LAYER"];

fn row(bom: &Bom, component: &Component) -> [String; COLUMNS] {
    let licenses: Vec<String> = component
        .statements()
        .map(|claim| claim.expression.as_ref().map_or(claim.text.clone(), ToString::to_string))
        .collect();
    let mut distinct: Vec<&str> = Vec::new();
    for license in &licenses {
        if !distinct.contains(&license.as_str()) {
            distinct.push(license);
        }
    }
    let layer = component.layer.filter(|_| !bom.layers.is_empty());
    [
        one_line(&component.name),
        one_line(component.version.as_deref().unwrap_or("-")),
        if distinct.is_empty() { "-".to_owned() } else { one_line(&distinct.join(", ")) },
        layer.map_or(String::new(), |layer| layer.to_string()),
    ]
}

/// Names come from files we do not trust: no line break or escape reaches the terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect()
}

/// Column widths that fill no more than `width`: what is too wide is taken from the widest column.
fn fit<'a>(rows: impl Iterator<Item = &'a [String; COLUMNS]>, width: usize) -> [usize; COLUMNS] {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for (width, title) in widths.iter_mut().zip(TITLES).filter(|(width, _)| **width > 0) {
        *width = (*width).max(title.len());
    }
    let room = width.saturating_sub(GAP * COLUMNS);
    while widths.iter().sum::<usize>() > room {
        let excess = widths.iter().sum::<usize>() - room;
        let mut by_width: Vec<usize> = (0..COLUMNS).collect();
        by_width.sort_by_key(|&column| std::cmp::Reverse(widths[column]));
        let (widest, next) = (by_width[0], widths[by_width[1]]);
        let step = excess.min((widths[widest] - next).max(1));
        widths[widest] -= step;
    }
    widths
}

fn push_rows(text: &mut String, rows: &[[String; COLUMNS]], widths: [usize; COLUMNS]) {
    push_row(text, TITLES.map(str::to_owned).iter(), widths);
    for row in rows {
        push_row(text, row.iter(), widths);
    }
}

fn push_row<'a>(text: &mut String, cells: impl Iterator<Item = &'a String>, widths: [usize; COLUMNS]) {
    let mut line = String::new();
    for (cell, width) in cells.zip(widths).filter(|(_, width)| *width > 0) {
        let cell = shortened(cell, width);
        let _ = write!(line, "{cell:width$}{:GAP$}", "");
    }
    text.push_str("  ");
    text.push_str(line.trim_end());
    text.push('\n');
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn summary(bom: &Bom, groups: &BTreeMap<String, Vec<[String; COLUMNS]>>, hidden: usize) -> String {
    let total: usize = groups.values().map(Vec::len).sum();
    let parts: Vec<String> = groups.iter().map(|(name, rows)| format!("{} {name}", rows.len())).collect();
    let mut text = match total {
        0 => "no components\n".to_owned(),
        1 => format!("1 component: {}\n", parts.join(", ")),
        _ => format!("{total} components: {}\n", parts.join(", ")),
    };
    let silent = bom.components.values().filter(|c| c.hidden.is_none() && c.licenses.is_empty()).count();
    if silent > 0 {
        let _ = writeln!(text, "{silent} without a licence");
    }
    let alone = bom.unconnected().count();
    if alone > 0 && !bom.dependencies.is_empty() {
        let percent = (alone * 100).div_ceil(total.max(1));
        let _ = writeln!(text, "{alone} without an edge to or from another ({percent} %)");
    }
    if hidden > 0 {
        let _ = writeln!(text, "{hidden} in lower layers only, not counted");
    }
    let unread: Vec<_> = bom.gaps.iter().filter(|gap| gap.kind == GapKind::Unread).collect();
    if !unread.is_empty() {
        let _ = writeln!(text, "{} could not be read, the list may be short:", unread.len());
        for gap in unread.iter().take(10) {
            let path = if gap.path.is_empty() { "the whole" } else { &gap.path };
            let _ = writeln!(text, "  {}: {}", one_line(path), one_line(&gap.reason));
        }
        if unread.len() > 10 {
            let _ = writeln!(text, "  and {} more", unread.len() - 10);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::{Gap, Hidden, Layer, Subject, SubjectKind};
    use expect_test::{Expect, expect};

    fn check(components: Vec<Component>, width: usize, expected: Expect) {
        let layer = Layer { diff_id: "sha256:00".to_owned(), created_by: None };
        let gap = Gap {
            path: "var/lib/rpm/Packages".to_owned(),
            line: None,
            kind: GapKind::Unread,
            reason: "is cut short".to_owned(),
        };
        let bom = Bom {
            subject: Subject {
                kind: SubjectKind::Image,
                name: "app:1".to_owned(),
                platform: Some("linux/amd64".to_owned()),
                ..Subject::default()
            },
            layers: vec![layer],
            components: components.into_iter().map(|component| (component.reference(), component)).collect(),
            gaps: vec![gap],
            ..Bom::default()
        };
        expected.assert_eq(&table(&bom, width));
    }

    fn package(purl: &str) -> Component {
        let purl: crate::bom::Purl = purl.parse().expect("a test's purl is valid");
        let mut component = Component::new(purl.name());
        component.version = purl.version().map(str::to_owned);
        component.purl = Some(purl);
        component
    }

    #[test]
    fn components_stand_by_ecosystem() {
        let mut bash = package("pkg:deb/debian/bash@5.2-1");
        bash.layer = Some(0);
        let mut old = package("pkg:deb/debian/curl@7.0");
        old.hidden = Some(Hidden { layer: 0, replaced_by: None }.into());
        check(
            vec![bash, old, package("pkg:npm/lodash@4.17.21")],
            80,
            expect![[r#"
            app:1 (image, linux/amd64, 1 layer)

            deb (1)
              NAME    VERSION  LICENCE  LAYER
              bash    5.2-1    -        0

            npm (1)
              NAME    VERSION  LICENCE  LAYER
              lodash  4.17.21  -

            in lower layers only (1)
              NAME    VERSION  LICENCE  LAYER
              curl    7.0      -

            2 components: 1 deb, 1 npm
            2 without a licence
            1 in lower layers only, not counted
            1 could not be read, the list may be short:
              var/lib/rpm/Packages: is cut short
        "#]],
        );
    }

    #[test]
    fn no_line_is_wider_than_asked_and_none_breaks() {
        let mut long = Component::new("a-very-long-name\n\u{1b}[31mred".repeat(5));
        long.version = Some("1".repeat(90));
        let bom = Bom { components: [(long.reference(), long)].into(), ..Bom::default() };
        let text = table(&bom, 50);
        assert!(text.lines().all(|line| line.chars().count() <= 50), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
