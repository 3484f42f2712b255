//! Colours and links on a finished text for people, laid on where it reaches the terminal. The words stay the same:
//! colour never says what they do not.

use std::env;
use std::io::IsTerminal;

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};

/// Words at the begin of a line, and how it looks up to the end of the word with its brackets.
const HEADS: &[(&str, AnsiColor)] = &[
    ("deny", AnsiColor::Red),
    ("denied", AnsiColor::Red),
    ("error", AnsiColor::Red),
    ("warn", AnsiColor::Yellow),
    ("info", AnsiColor::Blue),
    ("waived", AnsiColor::BrightBlack),
    ("known", AnsiColor::BrightBlack),
    ("passed", AnsiColor::Green),
];

/// Where the registry of a type of package URL shows one, and whether it has a page for each version.
const PAGES: &[(&str, &str, &str)] = &[
    ("cargo", "https://crates.io/crates/", "/"),
    ("composer", "https://packagist.org/packages/", "#"),
    ("gem", "https://rubygems.org/gems/", "/versions/"),
    ("golang", "https://pkg.go.dev/", "@"),
    ("hex", "https://hex.pm/packages/", "/"),
    ("maven", "https://central.sonatype.com/artifact/", "/"),
    ("npm", "https://www.npmjs.com/package/", "/v/"),
    ("nuget", "https://www.nuget.org/packages/", "/"),
    ("pub", "https://pub.dev/packages/", "/versions/"),
    ("pypi", "https://pypi.org/project/", "/"),
];

/// Whether the terminal is one of those known to follow links, or somebody says so.
///
/// Spec: <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>
pub(super) fn follows_links(stream: &impl IsTerminal) -> bool {
    let variable = |name: &str| env::var(name).unwrap_or_default();
    if let Ok(forced) = env::var("FORCE_HYPERLINK") {
        return !matches!(forced.as_str(), "" | "0" | "false");
    }
    if !stream.is_terminal() || matches!(ColorChoice::global(), ColorChoice::Never) {
        return false;
    }
    let vte = variable("VTE_VERSION").parse::<u32>().is_ok_and(|version| version >= 5000);
    let named =
        ["WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID"].iter().any(|name| env::var(name).is_ok());
    let program =
        matches!(variable("TERM_PROGRAM").as_str(), "iTerm.app" | "WezTerm" | "vscode" | "ghostty" | "Hyper");
    let terminal =
        matches!(variable("TERM").as_str(), "xterm-kitty" | "alacritty" | "foot" | "xterm-ghostty");
    vte || named || program || terminal
}

/// The text with escapes; whoever writes it strips them where they are not wanted.
pub(super) fn painted(text: &str, links: bool) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for line in text.split_inclusive('\n') {
        let length = head(line);
        if let Some((length, color)) = length {
            let style = Style::new().bold().fg_color(Some(color.into()));
            out.push_str(&format!("{style}{}{style:#}", &line[..length]));
        }
        let rest = &line[length.map_or(0, |(length, _)| length)..];
        if links { linked(rest, &mut out) } else { out.push_str(rest) }
    }
    out
}

/// How much of a line is its head: `deny[rule]`, `denied`.
fn head(line: &str) -> Option<(usize, AnsiColor)> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let rest = &line[indent..];
    // A value of the summary stands behind its label.
    let skip = ["verdict", "first"].iter().find_map(|label| {
        let value = rest.strip_prefix(label)?.trim_start_matches(' ');
        Some(rest.len() - value.len())
    });
    let start = indent + skip.unwrap_or(0);
    let word = &line[start..];
    let end = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
    let (_, color) = HEADS.iter().find(|(name, _)| *name == &word[..end])?;
    let behind = &word[end..];
    if !behind.starts_with(['[', ':', ' ']) {
        return None;
    }
    let rule = if behind.starts_with('[') { behind.find(']').map_or(0, |at| at + 1) } else { 0 };
    Some((start + end + rule, *color))
}

fn linked(mut text: &str, out: &mut String) {
    while let Some(at) = text.find("pkg:") {
        let length = text[at..].find([' ', '\n', ',', ')', '`']).unwrap_or(text.len() - at);
        let purl = text[at..at + length].trim_end_matches(':');
        out.push_str(&text[..at]);
        match page(purl) {
            Some(url) => out.push_str(&format!("\x1b]8;;{url}\x1b\\{purl}\x1b]8;;\x1b\\")),
            None => out.push_str(purl),
        }
        text = &text[at + purl.len()..];
    }
    out.push_str(text);
}

/// The page of a package URL. Its parts are escaped already, and nothing but what a URL may hold is let through.
fn page(purl: &str) -> Option<String> {
    let (kind, rest) = purl.strip_prefix("pkg:")?.split_once('/')?;
    let (_, base, between) = PAGES.iter().find(|(name, ..)| *name == kind)?;
    let path = rest.split(['?', '#']).next()?;
    if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%/@+:".contains(&byte)) {
        return None;
    }
    Some(match path.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() => format!("{base}{name}{between}{version}"),
        _ => format!("{base}{path}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_coloured_and_purls_linked() {
        let red = "\x1b[1m\x1b[31m";
        let text = painted("deny[license-unknown]: x\n  --> pkg:npm/%40a/b@1.0.0  app/x\n", true);
        assert_eq!(
            text,
            format!(
                "{red}deny[license-unknown]\x1b[0m: x\n  --> \x1b]8;;https://www.npmjs.com/package/%40a/b/v/1.0.0\x1b\\\
                 pkg:npm/%40a/b@1.0.0\x1b]8;;\x1b\\  app/x\n"
            )
        );
        assert_eq!(
            painted("  verdict     denied under x\n", false),
            format!("{red}  verdict     denied\x1b[0m under x\n")
        );
        assert_eq!(
            painted("denying is no head\npkg:deb/debian/a@1\n", true),
            "denying is no head\npkg:deb/debian/a@1\n"
        );
    }

    #[test]
    fn a_strange_purl_is_no_link() {
        assert_eq!(page("pkg:npm/a\u{fffd}@1"), None);
        assert_eq!(page("pkg:npm/a@1?x=y").as_deref(), Some("https://www.npmjs.com/package/a/v/1"));
        assert_eq!(
            page("pkg:golang/github.com/a/b@v1.0.0").as_deref(),
            Some("https://pkg.go.dev/github.com/a/b@v1.0.0")
        );
        assert_eq!(
            page("pkg:maven/org.a/b@1").as_deref(),
            Some("https://central.sonatype.com/artifact/org.a/b/1")
        );
    }
}
