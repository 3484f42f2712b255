//! Words of strangers inside HTML: text stays text, whatever it spells.

use std::fmt::{self, Display, Write};

use sha2::{Digest, Sha256};

use crate::bom::is_unseen;

/// `20,000`.
pub(in crate::report) use crate::report::text::grouped as number;

/// Text of elements and of quoted attributes. Breaks become spaces, what steers or turns the direction of writing
/// becomes a visible mark.
pub(in crate::report) struct Text<'a>(pub(in crate::report) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\r' | '\t' => f.write_char(' ')?,
                c if is_unseen(c) => f.write_char('\u{FFFD}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Our own sentences, in which what is between backticks is code. The words inside may be strangers'.
pub(in crate::report) fn with_code(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut parts = text.split('`').peekable();
    let mut is_code = false;
    while let Some(part) = parts.next() {
        let closes = parts.peek().is_some();
        let _ = match (is_code, closes) {
            (true, true) => write!(out, "<code>{}</code>", Text(part)),
            // A backtick without its other half.
            (true, false) => write!(out, "`{}", Text(part)),
            (false, _) => write!(out, "{}", Text(part)),
        };
        is_code = !is_code;
    }
    out
}

/// At most so many characters of a text, with an ellipsis where some are missing.
pub(in crate::report) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An address that may stand in a link: `http` or `https`, and nothing in it that no address has.
pub(in crate::report) fn safe_link(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let is_plain =
        |c: char| !is_unseen(c) && !c.is_whitespace() && !matches!(c, '"' | '\'' | '<' | '>' | '\\' | '`');
    (is_web && !rest.is_empty() && rest.chars().all(is_plain)).then_some(text)
}

/// A link to a page of the world, or the bare text where it is none that one may follow.
pub(in crate::report) fn link(text: &str) -> String {
    match safe_link(text) {
        Some(address) => {
            let address = Text(address);
            format!("<a href=\"{address}\" rel=\"noopener noreferrer\">{address}</a>")
        }
        None => Text(text).to_string(),
    }
}

/// `1 component`, `20,000 components`.
pub(in crate::report) fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", number(count), if count == 1 { "" } else { "s" })
}

/// A part of a whole as SVG writes it: `12.34%`.
pub(in crate::report) fn percent(part: usize, whole: usize) -> String {
    let hundredths = (part as u128 * 10_000).checked_div(whole as u128).unwrap_or(0);
    match hundredths % 100 {
        0 => format!("{}%", hundredths / 100),
        rest => format!("{}.{rest:02}%", hundredths / 100),
    }
}

/// What a policy for a page's content calls an inline script or style: `sha256-…`.
pub(in crate::report) fn content_hash(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut hash = String::from("sha256-");
    for group in Sha256::digest(text.as_bytes()).chunks(3) {
        let mut bits = 0_u32;
        for place in 0..3 {
            bits = bits << 8 | group.get(place).map_or(0, |byte| u32::from(*byte));
        }
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            hash.push(if place <= group.len() { digit as char } else { '=' });
        }
    }
    hash
}

/// JSON that may stand in a `script` element: nothing in it ends the element or begins a comment.
pub(in crate::report) fn json_in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            Text("</script><a href='x\" onload=y>&\n\u{202e}\u{1b}").to_string(),
            "&lt;/script&gt;&lt;a href=&#39;x&quot; onload=y&gt;&amp; \u{FFFD}\u{FFFD}"
        );
        assert_eq!(json_in_script("[\"</script><!--\"]"), "[\"\\u003c/script>\\u003c!--\"]");
    }

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(with_code("licence `MIT<b>` is `x"), "licence <code>MIT&lt;b&gt;</code> is `x");
        assert_eq!(with_code("``"), "<code></code>");
    }

    #[test]
    fn only_pages_of_the_web_are_linked() {
        assert_eq!(
            link("https://example.org/?a=1&b"),
            "<a href=\"https://example.org/?a=1&amp;b\" rel=\"noopener noreferrer\">https://example.org/?a=1&amp;b</a>"
        );
        assert!(safe_link("HTTP://example.org").is_some());
        for bad in [
            "javascript:alert(1)",
            "java\tscript://x",
            "data:text/html,x",
            "//example.org",
            "file:///etc/passwd",
            "https://",
            "https://a b",
            "https://a\" onclick=\"x",
            "https://a\u{202e}b",
            " https://a",
        ] {
            assert_eq!(safe_link(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_are_written_for_people_and_for_svg() {
        assert_eq!(
            [number(0), number(999), number(1000), number(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [percent(1, 3), percent(1, 1), percent(0, 0), percent(1, 40)],
            ["33.33%", "100%", "0%", "2.50%"]
        );
        assert_eq!(counted(1, "component"), "1 component");
    }

    #[test]
    fn hashes_are_those_that_browsers_compute() {
        // As in the example of the specification, <https://www.w3.org/TR/CSP3/#external-hash>.
        assert_eq!(
            content_hash("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
        );
        assert_eq!(shortened("abcdef", 3), "abc…");
    }
}
