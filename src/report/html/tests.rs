//! The page as a whole; its parts are tested beside them.

use super::super::testing::{bom, component, render, render_bom};
use super::{FORMAT, ListReport, Support, list, moment};
use crate::bom::Bom;

/// Names that mean something to a browser, a script, a terminal or a reader.
const HOSTILE: [&str; 6] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(2)>",
    "' autofocus onfocus='alert(3)",
    "<!--",
    "a\u{202e}gpj.exe\u{0}\u{1b}[31m",
    "javascript:alert(4)",
];

fn hostile() -> Bom {
    let mut bom = bom();
    bom.subject.name = HOSTILE.concat();
    for (index, name) in HOSTILE.iter().enumerate() {
        let mut component = component(&format!("pkg:npm/h{index}@1"), name, 1, 0);
        component.name = (*name).to_owned();
        component.version = Some((*name).to_owned());
        component.description = Some((*name).to_owned());
        component.homepage = Some((*name).to_owned());
        component.evidence[0].path = (*name).to_owned();
        bom.components.insert(component.reference(), component);
    }
    bom.layers[0].created_by = Some(HOSTILE.concat());
    bom
}

/// That a page holds no element, attribute or address but our own.
fn assert_inert(page: &str) {
    assert!(!page.contains("<img") && !page.contains("alert(1)</script>"), "markup of strangers");
    let scripts: Vec<&str> = page.match_indices("<script").map(|(at, _)| &page[at..at + 40]).collect();
    assert!(scripts.len() < 10, "{scripts:?}");
    for (at, _) in page.match_indices(" href=\"") {
        let address = &page[at + 7..at + 40];
        let own = address.starts_with('#') || address.starts_with("data:image/svg+xml,");
        assert!(own || address.starts_with("https://") || address.starts_with("http://"), "{address}");
    }
    assert!(!page.contains(['\u{202e}', '\u{0}', '\u{1b}']), "what steers");
}

fn listed(bom: &Bom) -> String {
    let today = "2026-11-21".parse().expect("a day");
    list(&ListReport { bom, source: HOSTILE[1], support: Support { rows: &[], today, calendar_day: None } })
}

#[test]
fn hostile_names_are_inert_everywhere() {
    assert_inert(&render_bom(&FORMAT, &hostile(), true));
    assert_inert(&listed(&hostile()));
}

#[test]
fn a_verdict_comes_with_its_reasons_and_each_finding_has_a_place() {
    let page = render(&FORMAT, false);
    assert!(page.contains("<strong>Denied</strong> <span>2 denied, 1 to look at, 2 noted, 1 waived"));
    for place in 0..6 {
        assert_eq!(page.matches(&format!("id=\"finding-{place}\"")).count(), 1, "{place}");
    }
    for words in [
        "<code>small.toml:12:1</code>, rule <code>strong</code>",
        "our own code would have to be published",
        "until 2027-06-30 by legal@example.org: contract 4711",
        "app/package-lock.json:20, layer 1",
        "How the verdict was reached",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn the_same_case_gives_the_same_bytes() {
    assert_eq!(render(&FORMAT, true), render(&FORMAT, true));
    assert_eq!(listed(&bom()), listed(&bom()));
}

#[test]
fn headings_come_in_order_and_every_place_once() {
    for page in [render(&FORMAT, false), listed(&bom())] {
        let mut last = 0;
        for (at, _) in page.match_indices("<h") {
            let Some(level) = page[at + 2..].chars().next().and_then(|digit| digit.to_digit(10)) else {
                continue;
            };
            assert!(level <= last + 1, "h{level} follows h{last}: {}", &page[at..at + 60]);
            last = level;
        }
        let mut places: Vec<&str> =
            page.match_indices(" id=\"").filter_map(|(at, _)| page[at + 5..].split('"').next()).collect();
        places.sort_unstable();
        let all = places.len();
        places.dedup();
        assert_eq!(places.len(), all);
        for (at, _) in page.match_indices("href=\"#") {
            let place = page[at + 7..].split('"').next().unwrap_or_default();
            let is_there = places.binary_search(&place).is_ok();
            assert!(is_there, "nothing has the address #{place}");
        }
    }
}

#[test]
fn many_findings_are_kept_as_inert_text_until_they_are_asked_for() {
    let mut bom = bom();
    for index in 0..2000 {
        let component = component(&format!("pkg:npm/gpl{index}@1"), "GPL-3.0-only", 1, 0);
        bom.components.insert(component.reference(), component);
    }
    let page = render_bom(&FORMAT, &bom, false);
    assert_eq!(page.matches("class=\"one\"").count(), 2006);
    assert!(page.matches("<script type=\"text/plain\"").count() > 6);
    assert!(page.len() < 4_000_000, "{}", page.len());
}

#[test]
fn times_are_written_for_people() {
    assert_eq!(moment("2026-01-02T03:04:05.678Z"), "2026-01-02, 03:04 UTC");
    assert_eq!(moment("yesterday"), "yesterday");
}
