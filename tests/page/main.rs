//! The page that `-o html` writes, opened in Chromium without a window: search, filters, sorting, findings, themes,
//! paper, narrow screens, what readers of screens need, and how long 20,000 components take.
//!
//! Left out, and said so, where there is no `chromedriver` (Debian: chromium, chromium-driver).

mod audit;
mod browser;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use browser::Browser;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Names that mean something to a browser; none of them may.
const HOSTILE: &[&str] = &[
    "</script><script>window.broken = 1</script>",
    "\"><img src=x onerror='window.broken = 2'>",
    "<!--<script>",
    "a\u{202e}txt.exe",
    "javascript:window.broken=3",
];

/// A browser, or a plain message.
fn browser() -> Option<Browser> {
    let browser = Browser::start();
    if browser.is_none() {
        println!(
            "left out: there is no chromedriver here (Debian: apt-get install chromium chromium-driver)"
        );
    }
    browser
}

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn file(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).expect("writable");
    }

    /// Runs packlist in the folder and gives the page that it wrote.
    fn page(&self, arguments: &[&str]) -> PathBuf {
        let file = self.folder.path().join("page.html");
        let output = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .args(["-o", "html=page.html", "--today", "2026-11-21", "--shipped-calendar"])
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .output()
            .expect("the program starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(file.is_file(), "{arguments:?}: {told}");
        file
    }
}

fn golden(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name).to_string_lossy().into_owned()
}

/// A list of so many components, with hostile names among them, in a graph where each needs two others.
fn long_list(count: usize) -> String {
    const LICENSES: [&str; 5] = ["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-only", "see <b>LICENSE</b>"];
    let name = |index: usize| {
        HOSTILE.get(index).map_or_else(|| format!("package-{index}"), |name| (*name).to_owned())
    };
    let purl = |index: usize| format!("pkg:npm/%40group{}/package-{index}@1.{}.0", index % 50, index % 9);
    let components: Vec<Value> = (0..count)
        .map(|index| {
            json!({
                "type": "library", "bom-ref": purl(index), "purl": purl(index), "name": name(index),
                "version": format!("1.{}.0", index % 9),
                "description": format!("what {} is for", name(index)),
                "licenses": [{"license": {"name": LICENSES[index % LICENSES.len()]}}],
                "externalReferences": [{"type": "website", "url": name(index)}],
                "evidence": {"occurrences": [{"location": format!("srv/node_modules/{}/package.json", name(index)), "line": 2}]},
            })
        })
        .collect();
    let needs = (0..count).map(|index| {
        let below: Vec<String> =
            [2 * index + 1, 2 * index + 2].into_iter().filter(|need| *need < count).map(purl).collect();
        json!({"ref": purl(index), "dependsOn": below})
    });
    let dependencies: Vec<Value> = needs.chain([json!({"ref": "subject", "dependsOn": [purl(0)]})]).collect();
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "container", "bom-ref": "subject", "name": HOSTILE.concat(), "version": "1"}},
        "components": components, "dependencies": dependencies,
    })
    .to_string()
}

/// Puts a text where one is typed, and tells the page.
fn typed(browser: &Browser, id: &str, text: &str, event: &str) -> String {
    let told = browser.run(&format!(
        "const field = document.getElementById({id:?}); field.value = {text:?}; \
         field.dispatchEvent(new Event({event:?}, {{bubbles: true}})); return document.getElementById('count').textContent"
    ));
    told.as_str().expect("the count").to_owned()
}

/// The first cells of the rows that are shown.
fn names(browser: &Browser) -> Vec<String> {
    let names = browser.run(
        "return [...document.querySelectorAll('#components-table tbody th')].map(cell => cell.textContent)",
    );
    names.as_array().expect("a list").iter().map(|name| name.as_str().expect("a text").to_owned()).collect()
}

/// Nothing was fetched, complained of, or done by a name.
fn assert_quiet(browser: &Browser) {
    assert_eq!(browser.complaints(), Vec::<Value>::new());
    let requests = browser.requests();
    let foreign: Vec<&String> = requests
        .iter()
        .filter(|address| !address.starts_with("file:") && !address.starts_with("data:"))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert_eq!(
        browser.run("return window.broken ?? document.querySelectorAll('main img, iframe, object').length"),
        0
    );
}

#[test]
fn a_check_is_read_searched_and_printed() {
    let Some(browser) = browser() else { return };
    let desk = Desk::new();
    let page = desk.page(&["check", &golden("debian-upgraded.cdx.json"), "--policy", "permissive-only"]);
    browser.screen(1280, 900);
    browser.open(&page);
    let rows = names(&browser);
    assert!(rows.len() > 5 && rows.is_sorted_by_key(|name| name.to_lowercase()), "{rows:?}");

    // Searching, filtering, sorting.
    assert!(typed(&browser, "query", "libssl", "input").contains(" of "));
    assert!(names(&browser).iter().all(|name| name.contains("ssl")), "{:?}", names(&browser));
    assert!(typed(&browser, "query", "no such thing", "input").starts_with("none of"));
    typed(&browser, "query", "", "input");
    assert!(typed(&browser, "finding", "any", "change").contains(" of "));
    assert_eq!(
        browser.run("return document.querySelectorAll('#components-table tbody td a.mark').length"),
        names(&browser).len()
    );
    typed(&browser, "finding", "", "change");
    browser.run("document.querySelector('#components-table thead button').click()");
    assert_eq!(browser.run("return document.querySelector('#components-table th').ariaSort"), "descending");
    assert!(names(&browser).is_sorted_by(|one, other| one.to_lowercase() >= other.to_lowercase()));

    // A component opened, and a finding followed from the top of the page.
    browser.run("document.querySelector('#components-table tbody button').click()");
    let told = browser.run("return document.querySelector('#components-table tr.more').textContent");
    assert!(
        told.as_str().is_some_and(|told| told.contains("pkg:deb/") && told.contains("var/lib/dpkg")),
        "{told}"
    );
    browser.run("document.querySelector('.firsts a').click()");
    let seen = "const at = document.querySelector(':target').getBoundingClientRect(); \
                return at.top >= 0 && at.top < innerHeight && document.querySelector(':target').matches('[open], .bare')";
    assert_eq!(browser.run(seen), true);

    // Themes, and what the eye needs in each.
    for theme in ["light", "dark"] {
        browser.command(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": theme}]}),
        );
        assert_eq!(audit::contrast(&browser), Vec::<String>::new(), "{theme}");
    }
    browser.run("document.getElementById('theme').click()");
    assert_eq!(browser.run("return [document.documentElement.dataset.theme, document.getElementById('theme').ariaPressed].join()"), "light,false");
    assert_eq!(audit::contrast(&browser), Vec::<String>::new(), "chosen light where the system is dark");
    assert_eq!(audit::names_and_order(&browser), Vec::<String>::new());

    // Keys alone: the first stop leads to the report.
    browser.open(&page);
    browser.press("\u{E004}");
    assert_eq!(browser.run("return document.activeElement.className"), "skip");
    browser.press("\u{E007}");
    assert_eq!(browser.run("return location.hash"), "#main");

    // Paper: nothing to press, nothing folded.
    browser.command("Emulation.setEmulatedMedia", json!({"media": "print"}));
    assert_eq!(browser.run("return getComputedStyle(document.querySelector('.top')).display"), "none");
    browser.command("Emulation.setEmulatedMedia", json!({"media": ""}));
    browser.run("addEventListener('beforeprint', () => { window.folded = document.querySelectorAll('details:not([open])').length })");
    assert!(browser.print().len() > 20_000);
    assert_eq!(browser.run("return window.folded"), 0);
    assert!(browser.run("return document.querySelectorAll('details:not([open])').length").as_u64() > Some(0));
    assert_quiet(&browser);
}

#[test]
fn a_list_and_a_comparison_fit_any_screen() {
    let Some(browser) = browser() else { return };
    let desk = Desk::new();
    desk.file("old.cdx.json", &long_list(300));
    for arguments in [
        &["scan", &golden("workstation.cdx.json")][..],
        &["check", &golden("java-app.cdx.json")],
        &["diff", "old.cdx.json", &golden("node-app.cdx.json")],
    ] {
        let page = desk.page(arguments);
        for width in [360, 768, 1280] {
            browser.screen(width, 800);
            browser.open(&page);
            let wide = browser
                .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assert_eq!(wide, 0, "{arguments:?} at {width}");
            assert_eq!(audit::contrast(&browser), Vec::<String>::new(), "{arguments:?} at {width}");
        }
        browser.screen(360, 800);
        let card = browser.run("return document.querySelector('#components-table tbody th').offsetWidth");
        assert!(card.as_u64() > Some(300), "a card is as wide as the screen: {card}");
        assert_eq!(audit::names_and_order(&browser), Vec::<String>::new(), "{arguments:?}");
        assert!(!names(&browser).is_empty());
        assert_quiet(&browser);
    }
    let told = browser.run("return document.querySelector('.pairs').textContent");
    assert!(told.as_str().is_some_and(|told| told.contains('→')), "{told}");
}

#[test]
fn without_a_script_the_list_and_its_findings_are_there() {
    let Some(browser) = browser() else { return };
    let desk = Desk::new();
    let page = desk.page(&["check", &golden("node-app.cdx.json")]);
    browser.command("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    browser.screen(800, 800);
    browser.open(&page);
    // Scripts of the page are off, the driver's own are not.
    let seen = |place: &str| {
        let found = browser.run(&format!("return document.querySelector({place:?})?.checkVisibility()"));
        found == true
    };
    assert!(seen("noscript table tbody tr") && seen(".group .reasons") && seen(".verdict"));
    assert!(!seen("#tools") && !seen("#theme"));
}

#[test]
fn twenty_thousand_components_are_searched_at_once() {
    let Some(browser) = browser() else { return };
    let desk = Desk::new();
    let list = long_list(20_000);
    desk.file("long.cdx.json", &list);
    let page = desk.page(&["check", "long.cdx.json", "--policy", "permissive-only"]);
    let bytes = std::fs::metadata(&page).expect("it is there").len();
    browser.screen(1280, 900);
    browser.open(&page);
    let first = browser.run("return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd");
    let first = first.as_f64().expect("a time");
    assert_eq!(names(&browser).len(), 50);
    let mut told = format!("{bytes} bytes, {} a component; first row after {first:.0} ms", bytes / 20_000);
    let slowest = browser.run(
        "const field = document.getElementById('query'); let slowest = 0; \
         for (const text of ['p', 'package-1', 'package-19999', 'group7 gpl', 'nothing like it', '']) { \
           const from = performance.now(); field.value = text; field.dispatchEvent(new Event('input')); \
           document.body.offsetHeight; slowest = Math.max(slowest, performance.now() - from); } return slowest",
    );
    let slowest = slowest.as_f64().expect("a time");
    let _ = write!(told, "; the slowest search {slowest:.0} ms");
    let sorting = browser.run(
        "const from = performance.now(); document.querySelectorAll('#components-table thead button')[3].click(); \
         document.body.offsetHeight; return performance.now() - from",
    );
    let _ = write!(told, "; sorting {:.0} ms", sorting.as_f64().expect("a time"));
    println!("{told}");
    // Many times what a quiet machine needs.
    assert!(first < 15_000.0 && slowest < 1_500.0, "{told}");
    assert!(bytes / 20_000 < 1_000, "{told}");

    // What strangers are called is shown as it is, and does nothing.
    assert!(typed(&browser, "query", "window.broken", "input").starts_with("3 of"));
    browser.run(
        "for (const button of document.querySelectorAll('#components-table tbody button')) button.click()",
    );
    assert!(names(&browser).contains(&HOSTILE[0].to_owned()));
    assert_eq!(browser.run("return document.querySelectorAll('.more a[href^=\"javascript:\"]').length"), 0);

    // The last finding lies in a part that is unfolded only now.
    let last = "const rests = [...document.querySelectorAll('.rest[data-to]')]; \
                const last = Math.max(...rests.map(rest => Number(rest.dataset.to))) - 1; location.hash = `finding-${last}`; return last";
    let last = browser.run(last);
    let there = browser.run(&format!(
        "return new Promise(done => setTimeout(() => done(document.getElementById('finding-{last}')?.open), 300))"
    ));
    assert_eq!(there, true, "finding {last}");
    // So does a component that the search does not show.
    browser.run("location.hash = 'component-19000'");
    let there = browser.run(
        "return new Promise(done => setTimeout(() => done(document.activeElement.closest('tr')?.id), 300))",
    );
    assert_eq!(there, "component-19000");
    assert_quiet(&browser);
}
