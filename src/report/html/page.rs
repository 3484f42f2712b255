//! One file that needs nothing else: its style and scripts stand in it, and its policy lets nothing but those run and
//! nothing be fetched.

use std::fmt::Write;

use super::text::{Text, content_hash};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Runs before anything is shown: the theme that the reader chose on an earlier visit.
const EARLY: &str = "document.documentElement.classList.add(\"js\");\
try{const theme=localStorage.getItem(\"packlist-theme\");if(theme)document.documentElement.dataset.theme=theme}catch{}";
/// A box with its lid open.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath \
fill='%232b5f8f' d='M2 6h12v8H2zM1 3l4-1 3 3H3zM15 3l-4-1-3 3h5z'/%3E%3C/svg%3E";

/// What stands under one heading of the page.
pub(in crate::report) struct Section {
    pub(in crate::report) id: &'static str,
    pub(in crate::report) title: &'static str,
    pub(in crate::report) html: String,
}

/// A page while it is put together.
pub(in crate::report) struct Page {
    pub(in crate::report) title: String,
    /// The heading with the verdict, and what matters first.
    pub(in crate::report) head: String,
    pub(in crate::report) sections: Vec<Section>,
    /// For the script, as JSON that may stand in a `script` element.
    pub(in crate::report) data: String,
    /// How to make the page again.
    pub(in crate::report) command: String,
}

impl Page {
    pub(in crate::report) fn write(&self) -> String {
        let mut out = String::with_capacity(self.data.len() + (1 << 16));
        let _ = write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"generator\" content=\"packlist {}\">\n<title>{}</title>\n<link rel=\"icon\" href=\"{ICON}\">\n\
             <script>{EARLY}</script>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            policy(),
            env!("CARGO_PKG_VERSION"),
            Text(&self.title)
        );
        self.write_body(&mut out);
        let _ = write!(
            out,
            "<script type=\"application/json\" id=\"data\">{}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
            self.data
        );
        out
    }

    fn write_body(&self, out: &mut String) {
        out.push_str("<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header class=\"top\"><p class=\"brand\">packlist</p>\n<nav aria-label=\"Sections\"><ul>");
        for section in &self.sections {
            let _ = write!(out, "<li><a href=\"#{}\">{}</a></li>", section.id, section.title);
        }
        out.push_str(
            "</ul></nav>\n<button type=\"button\" id=\"theme\" class=\"script-only\" aria-pressed=\"false\">Dark</button></header>\n\
             <main id=\"main\" tabindex=\"-1\">\n",
        );
        out.push_str(&self.head);
        for section in &self.sections {
            let _ = write!(
                out,
                "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n",
                section.id, section.title, section.html
            );
        }
        let _ = write!(
            out,
            "</main>\n<footer><p>Made by packlist {} with <code>{}</code>. This file needs nothing else and fetches nothing.</p></footer>\n",
            env!("CARGO_PKG_VERSION"),
            Text(&self.command)
        );
    }
}

/// Nothing is allowed but what stands in the page: its two scripts and its style, by their hashes.
fn policy() -> String {
    format!(
        "default-src 'none'; script-src '{}' '{}'; style-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        content_hash(EARLY),
        content_hash(SCRIPT),
        content_hash(STYLE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_does_not_end_its_element() {
        assert!(!STYLE.contains("</"), "the style would end early");
        for script in [SCRIPT, EARLY] {
            assert!(!script.contains("</") && !script.contains("<!--"), "the script would end early");
        }
    }

    #[test]
    fn nothing_in_style_or_script_reaches_for_the_network_or_writes_markup_of_strangers() {
        for word in ["url(", "@import", "@font-face"] {
            assert!(!STYLE.contains(word), "{word}");
        }
        for word in [
            "fetch(",
            "XMLHttpRequest",
            "WebSocket",
            "import(",
            "sendBeacon",
            "eval(",
            "new Function",
            "document.write",
        ] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
        // One place takes markup: that of inert parts of the page itself.
        assert_eq!(SCRIPT.matches("innerHTML").count(), 1);
    }

    #[test]
    fn a_title_of_strangers_stays_a_title() {
        let page = Page {
            title: "</title><script>alert(1)</script>".into(),
            head: String::new(),
            sections: Vec::new(),
            data: "{}".into(),
            command: "packlist scan '<b>'".into(),
        };
        let text = page.write();
        assert!(!text.contains("<script>alert") && !text.contains("<b>"), "{text}");
        assert_eq!(text.matches("<script").count(), 3);
    }
}
