//! What the eye and readers of screens need of a page, as far as a script can tell:
//! <https://www.w3.org/TR/WCAG22/>, AA.

use super::browser::Browser;

fn told(browser: &Browser, script: &str) -> Vec<String> {
    let found = browser.run(script);
    found.as_array().expect("a list").iter().map(|line| line.as_str().expect("a text").to_owned()).collect()
}

/// Words that stand out too little from what is behind them (1.4.3): 4.5 to 1, 3 to 1 for large ones.
pub(crate) fn contrast(browser: &Browser) -> Vec<String> {
    told(
        browser,
        r#"
        const parts = (color) => color.match(/[\d.]+/g).map(Number);
        const light = (color) => {
          const [red, green, blue] = parts(color).map((part) => part / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const ratio = (one, other) => {
          const [less, more] = [light(one), light(other)].sort((a, b) => a - b);
          return (more + 0.05) / (less + 0.05);
        };
        const behind = (element) => {
          for (let at = element; at; at = at.parentElement) {
            const color = getComputedStyle(at).backgroundColor;
            const alpha = parts(color)[3] ?? 1;
            if (alpha > 0.99) return color;
          }
          return "rgb(255, 255, 255)";
        };
        const found = new Set();
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const element = walker.currentNode.parentElement;
          if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.disabled) continue;
          if (["SCRIPT", "NOSCRIPT", "STYLE", "title", "OPTION"].includes(element.tagName)) continue;
          const style = getComputedStyle(element);
          const isDrawn = element.tagName === "text";
          const tile = isDrawn ? element.parentElement.querySelector(":scope > rect") : null;
          const color = isDrawn ? style.fill : style.color;
          const ground = tile ? getComputedStyle(tile).fill : behind(isDrawn ? element.closest("svg").parentElement : element);
          const size = parseFloat(style.fontSize);
          const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
          const reached = ratio(color, ground);
          if (reached < (isLarge ? 3 : 4.5)) {
            found.add(`${reached.toFixed(2)}: ${color} on ${ground}, ${element.tagName}.${element.getAttribute("class")}: ${walker.currentNode.data.trim().slice(0, 30)}`);
          }
        }
        return [...found];
        "#,
    )
}

/// Landmarks, headings in order, and a name for everything that can be used (1.1.1, 1.3.1, 2.4.1, 4.1.2).
pub(crate) fn names_and_order(browser: &Browser) -> Vec<String> {
    told(
        browser,
        r#"
        const found = [];
        const each = (place, holds, what) => {
          for (const element of document.querySelectorAll(place)) {
            if (!holds(element)) found.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
          }
        };
        if (!document.documentElement.lang || !document.title) found.push("no language or title");
        for (const landmark of ["header", "nav", "main", "footer"]) {
          if (!document.querySelector(landmark)) found.push(`no ${landmark}`);
        }
        if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
        let last = 0;
        for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
          const level = Number(heading.tagName[1]);
          if (level > last + 1) found.push(`h${level} after h${last}: ${heading.textContent}`);
          last = level;
        }
        each("input, select", (field) => field.labels.length > 0, "no label");
        each("button, a[href]", (used) => used.textContent.trim() !== "", "no name");
        each("svg[role=img]", (picture) => picture.getAttribute("aria-label"), "no words for a picture");
        each("main svg:not([role=img]):not(svg svg)", (picture) => picture.closest("[aria-hidden=true]"), "a picture without a role");
        each("th", (cell) => cell.scope, "a heading of nothing");
        each("[aria-labelledby]", (part) => document.getElementById(part.getAttribute("aria-labelledby")), "labelled by nothing");
        each("table", (table) => table.caption || table.closest("[role=region][aria-label]"), "a table without a name");
        each(".box", (box) => box.tabIndex === 0, "keys cannot scroll it");
        if (!document.querySelector("[aria-live=polite]")) found.push("results are not announced");
        const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
        if (new Set(ids).size !== ids.length) found.push("an id twice");
        return found;
        "#,
    )
}
