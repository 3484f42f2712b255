//! Order of RubyGems' versions, and CocoaPods', which took them over.
//!
//! Any letters make a pre-release: `7.1.0.rc1` comes before `7.1.0`. Zeros at the end do not count.
//! Spec: <https://docs.ruby-lang.org/en/master/Gem/Version.html>

use std::cmp::Ordering;

use super::number::{Number, is_letter, split, take_digits};

/// Words sort before numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'a> {
    Word(&'a str),
    Number(Number<'a>),
}

const ZERO: Segment<'static> = Segment::Number(Number::ZERO);

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (segments(a.trim())?, segments(b.trim())?);
    let common = a.len().min(b.len());
    Some(a[..common].cmp(&b[..common]).then_with(|| after_end(&a[common..]).cmp(&after_end(&b[common..]))))
}

/// What the rest of the longer version does to it, the other being at its end.
fn after_end(rest: &[Segment<'_>]) -> i8 {
    rest.iter().find(|segment| **segment != ZERO).map_or(0, |segment| match segment {
        Segment::Word(_) => -1,
        Segment::Number(_) => 1,
    })
}

/// The words and numbers, without the zeros before the first word and those at the end.
fn segments(version: &str) -> Option<Vec<Segment<'_>>> {
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut segments = Vec::new();
    let mut rest = version;
    let mut has_word = false;
    while let Some(first) = rest.chars().next() {
        let (text, after) = match first {
            '0'..='9' => take_digits(rest),
            _ if is_letter(first) => split(rest, is_letter),
            _ => rest.split_at(first.len_utf8()),
        };
        let segment = match first {
            '0'..='9' => Segment::Number(Number::of(text)),
            // The gem `1.0-java1` reads `1.0.pre.java1`.
            '-' => Segment::Word("pre"),
            _ if is_letter(first) => Segment::Word(text),
            _ => {
                rest = after;
                continue;
            }
        };
        if !has_word && matches!(segment, Segment::Word(_)) {
            drop_zeros(&mut segments);
            has_word = true;
        }
        segments.push(segment);
        rest = after;
    }
    drop_zeros(&mut segments);
    Some(segments)
}

fn drop_zeros(segments: &mut Vec<Segment<'_>>) {
    while segments.last() == Some(&ZERO) {
        segments.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_unordered};

    #[test]
    fn versions_of_gems() {
        // Gem::Version's documentation, and versions of rails and nokogiri.
        check(
            "gem",
            "7.1.0.alpha < 7.1.0.beta1 < 7.1.0.rc1 < 7.1.0.rc2 < 7.1.0 < 7.1.0.1 < 7.1.1
             6.1.7.9 < 6.1.7.10
             1.0.a9 < 1.0.a10 < 1.0.b1 < 1.0
             1.0 = 1 = 1.0.0
             1.0.a2 = 1.0.a.2
             1.0.0-rc1 < 1.0.0",
        );
        check_unordered("gem", "main", "1.0");
    }
}
