//! Notices as one HTML page without scripts.

use std::fmt::Write;

use super::Notices;

/// One page: the components, then every text once.
pub fn html(notices: &Notices) -> String {
    let title = format!("Third-party notices of {}", escaped(&notices.subject));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n"
    );
    for entry in &notices.entries {
        let version = entry.version.as_deref().unwrap_or_default();
        let license = entry.license.as_deref().unwrap_or("licence not known");
        let _ = writeln!(
            out,
            "<h2>{} {}</h2>\n<p>{}</p>",
            escaped(&entry.name),
            escaped(version),
            escaped(license)
        );
        for line in &entry.copyright {
            let _ = writeln!(out, "<p>{}</p>", escaped(line));
        }
        if let Some(gap) = entry.gap {
            let _ = writeln!(out, "<p><strong>missing</strong>: {}</p>", gap.about());
        }
        for place in &entry.texts {
            let _ = writeln!(out, "<p><a href=\"#text-{0}\">text {0}</a></p>", place + 1);
        }
    }
    for (number, text) in notices.texts.iter().enumerate() {
        let (origin, number) = (escaped(&text.origin), number + 1);
        let _ = writeln!(
            out,
            "<h2 id=\"text-{number}\">Text {number}: {origin}</h2>\n<pre>{}</pre>",
            escaped(&text.text)
        );
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
