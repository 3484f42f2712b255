//! `*` in package URLs and licence ids.

use std::borrow::Cow;

/// Words with `*` for any run of characters. Compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    /// Lower case; of a package URL also decoded.
    plain: String,
}

impl Pattern {
    /// For ids and codes.
    pub(crate) fn new(written: &str) -> Self {
        Self { written: written.to_owned(), plain: written.to_ascii_lowercase() }
    }

    /// For package URLs without version.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(super) fn purl(written: &str) -> Result<Self, &'static str> {
        // The operating system has no purl; its reference is as good a name.
        if written.starts_with("operating-system:") {
            return Ok(Self::new(written));
        }
        let Some(rest) = written.strip_prefix("pkg:") else {
            return Err("it must begin with `pkg:`, as `pkg:npm/*`");
        };
        if !rest.contains('/') && rest != "*" {
            return Err("a type and a name belong to it, as `pkg:npm/lodash`");
        }
        if rest.contains(['?', '#']) || has_version(rest) {
            return Err("leave out what follows the name, and put the version into `versions`");
        }
        Ok(Self { written: written.to_owned(), plain: decoded(written).to_ascii_lowercase() })
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether it matches whatever the other matches. A star of the other is matched by a star only.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        matches(self.plain.as_bytes(), other.plain.as_bytes())
    }

    /// Whether the text, in lower case already, is meant.
    pub(crate) fn matches(&self, lowercase: &str) -> bool {
        matches(self.plain.as_bytes(), lowercase.as_bytes())
    }
}

/// An `@` that does not begin a part belongs to a version: `npm/x@1`, but not `npm/@scope/x`.
fn has_version(rest: &str) -> bool {
    rest.split('/').any(|part| part.find('@').is_some_and(|at| at > 0))
}

/// With `%40` as `@`. What is no valid encoding stays.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Goes back to the last star only, so a hostile pattern costs the product of the lengths at most.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(byte) if *byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    p = after;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purl(pattern: &str, text: &str) -> bool {
        Pattern::purl(pattern).expect("a good pattern").matches(text)
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(purl("pkg:npm/%40acme/*", "pkg:npm/@acme/ui"));
        assert!(purl("pkg:npm/@acme/*", "pkg:npm/@acme/ui"));
        assert!(!purl("pkg:npm/%40acme/*", "pkg:npm/acme/ui"));
        assert!(purl("pkg:golang/github.com/acme/*", "pkg:golang/github.com/acme/x/v2"));
        assert!(purl("pkg:*", "pkg:deb/debian/bash"));
        assert!(purl("pkg:deb/*/lib*-dev", "pkg:deb/debian/libc6-dev"));
        assert!(!purl("pkg:npm/lodash", "pkg:npm/lodash-es"));
        assert!(Pattern::new("GPL-3.0-*").matches("gpl-3.0-only"));
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        assert!(Pattern::purl("lodash").is_err());
        assert!(Pattern::purl("pkg:npm").is_err());
        assert!(Pattern::purl("pkg:npm/x@1.0").is_err());
        assert!(Pattern::purl("pkg:npm/x?arch=a").is_err());
    }

    #[test]
    fn a_hostile_pattern_ends() {
        let pattern = Pattern::new(&"*a".repeat(200));
        assert!(!pattern.matches(&"a".repeat(199)));
        assert!(pattern.matches(&"a".repeat(20_000)));
    }
}
