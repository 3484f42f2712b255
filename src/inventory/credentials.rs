//! Names and passwords that somebody left in addresses: they go no further than here, whichever file they stand in.
//!
//! Lockfiles name what they were made from, and who made one from a private registry or repository may have written a token
//! into its address. A list is handed on; what it says of places is true without.

use std::borrow::Cow;

use crate::bom::{Component, Purl};
use crate::secrets;

/// Takes them out of everything a component says of places.
pub(super) fn keep_out(component: &mut Component) {
    for place in [
        &mut component.version,
        &mut component.homepage,
        &mut component.vcs,
        &mut component.source,
        &mut component.download,
    ] {
        if let Some(text) = place
            && let Cow::Owned(bare) = bare(text)
        {
            *place = Some(bare);
        }
    }
    if let Some(purl) = &component.purl
        && let Cow::Owned(bare) = bare(purl.as_str())
    {
        component.purl = bare.parse::<Purl>().ok();
    }
    if let Cow::Owned(bare) = bare(&component.name) {
        component.name = bare;
    }
}

/// A reason, as it may be told: a line that could not be read may be the one with the password in it.
pub(super) fn keep_out_of(reason: String) -> String {
    match reason.contains("://") {
        true => secrets::redacted(&bare(&reason)),
        false => secrets::redacted(&reason),
    }
}

/// How an address goes on behind its scheme, as it is and as purls encode it.
const BEGINNINGS: &[&str] = &["://", "%3A%2F%2F", "%3a%2f%2f", ":%2F%2F", ":%2f%2f"];

/// A text without what stands before an `@` in the addresses in it. The user of a version control system is no secret.
fn bare(text: &str) -> Cow<'_, str> {
    let Some((at, beginning)) = first_beginning(text) else { return Cow::Borrowed(text) };
    let mut out = String::new();
    let (mut done, mut at) = (0, Some((at, beginning)));
    while let Some((start, beginning)) = at {
        let host = start + beginning.len();
        if let Some(length) = login(&text[host..]) {
            out.push_str(&text[done..host]);
            done = host + length;
        }
        at = first_beginning(&text[host..]).map(|(next, beginning)| (host + next, beginning));
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

fn first_beginning(text: &str) -> Option<(usize, &'static str)> {
    BEGINNINGS.iter().filter_map(|beginning| Some((text.find(beginning)?, *beginning))).min()
}

/// How long the login is that an address begins with, and its `@`.
fn login(rest: &str) -> Option<usize> {
    let slash = rest.find("%2F").into_iter().chain(rest.find("%2f")).min().unwrap_or(rest.len());
    let ends =
        |c: char| matches!(c, '/' | '?' | '#' | '&' | '`' | '"' | '\'' | '<' | '>') || c.is_whitespace();
    let host = &rest[..rest.find(ends).unwrap_or(rest.len()).min(slash)];
    let (login, end) = match (host.rfind('@'), host.rfind("%40")) {
        (Some(at), None) => (&host[..at], at + 1),
        (None, Some(at)) => (&host[..at], at + 3),
        (Some(at), Some(encoded)) if at > encoded => (&host[..at], at + 1),
        (Some(_), Some(at)) => (&host[..at], at + 3),
        (None, None) => return None,
    };
    // `https://host@1.2` is a version behind a host in a purl, and no login.
    let is_host =
        host[end..].contains('.') || host[end..].starts_with("localhost") || login.contains([':', '%']);
    let is_public = matches!(login, "" | "anonymous" | "git" | "hg" | "svn");
    (is_host && !is_public).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_go_and_all_else_stays() {
        for (text, expected) in [
            ("https://user:pass@host.example/a.git", "https://host.example/a.git"),
            ("git+https://ghp_token@github.com/a/b#c", "git+https://github.com/a/b#c"),
            ("ssh://deploy:x@host.example:22/a", "ssh://host.example:22/a"),
            ("git+ssh://git@github.com/a/b", "git+ssh://git@github.com/a/b"),
            ("https://host.example/a@1.0/b", "https://host.example/a@1.0/b"),
            ("https://registry.npmjs.org/@a/b/-/b-1.tgz", "https://registry.npmjs.org/@a/b/-/b-1.tgz"),
            (
                "pkg:npm/x@1?vcs_url=git%2Bhttps://u:p%40h.example/x%40abc",
                "pkg:npm/x@1?vcs_url=git%2Bhttps://h.example/x%40abc",
            ),
            (
                "pkg:npm/x@1?vcs_url=git%2Bhttps:%2F%2Ftok%40h.example%2Fx.git%40abc",
                "pkg:npm/x@1?vcs_url=git%2Bhttps:%2F%2Fh.example%2Fx.git%40abc",
            ),
            (
                "a https://u:p@h.example/ and http://t@i.example.",
                "a https://h.example/ and http://i.example.",
            ),
            (
                "pkg:npm/x@1?download_url=https://h.example/x.tgz",
                "pkg:npm/x@1?download_url=https://h.example/x.tgz",
            ),
            ("no address@all.example", "no address@all.example"),
        ] {
            assert_eq!(bare(text), expected);
        }
    }

    #[test]
    fn reasons_hold_no_password() {
        let reason = keep_out_of("`-e git+https://user:hunter22x@h.example/x` names no package".to_owned());
        assert_eq!(reason, "`-e git+https://h.example/x` names no package");
    }
}
