//! Sentences and tags that name a licence.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use memchr::memmem;

use super::super::expression::LicenseId;
use super::super::names::{Dialect, read};
use super::super::{data, family, ids, parse};
use super::words::Words;
use super::{Detection, Expression, How};

const TAG: &str = "SPDX-License-Identifier:";
/// Longest file that may be an expression and nothing else, in bytes.
const LONGEST_EXPRESSION: usize = 200;
/// Words before the name of a GNU licence in which something must grant it, and after it in which versions stand.
const BEFORE: usize = 14;
const AFTER: usize = 40;
/// What grants a licence; its mere name does not.
const GRANTS: &[&str] = &[
    "covered by",
    "distributed under",
    "license for",
    "license is",
    "licensed under",
    "redistribute it and or modify",
    "released under",
    "subject to",
    "under the terms",
];
/// Words right before a name that speak of the text.
const OF_TEXT: &[&str] = &["copy of", "see the", "text of", "version of"];
/// "general public license as published by the free software foundation either version 2 1".
const NEAR: usize = 16;
/// From the instructions at the end of the GNU licences.
const INSTRUCTIONS: &str = "brief idea of what it does";
/// Words by which several licences are a choice.
const CHOICE: &[&str] = &[
    "at your choice",
    "choice of license",
    "dual license",
    "dual licensed",
    "either of the following",
    "either of these licenses",
    "licensed under either",
    "under either license",
    "you may choose",
    "you may select",
];

/// The tags of a text. One that holds no expression is none.
pub(super) fn tags(text: &str) -> Vec<Detection> {
    let mut found = Vec::new();
    for at in memmem::find_iter(text.as_bytes(), TAG) {
        let start = at + TAG.len();
        let line = text[start..].lines().next().unwrap_or_default();
        let written = line.split("*/").next().unwrap_or_default().split("-->").next().unwrap_or_default();
        let written = written.trim().trim_matches(['"', '\'', '`', ',', ';', '#', '*', '\\']).trim();
        if let Ok(expression) = Expression::parse(written) {
            found.push(Detection {
                expression,
                how: How::Tag,
                bytes: at..start + line.len(),
                confidence: 1.0,
            });
        }
    }
    found
}

/// A file that holds nothing but an expression of the list's ids: `MIT OR Apache-2.0`.
pub(super) fn only_expression(text: &str) -> Option<Detection> {
    let written = text.trim();
    if written.len() > LONGEST_EXPRESSION || written.contains('\n') {
        return None;
    }
    let expression = Expression::parse(written).ok()?;
    let start = text.len() - text.trim_start().len();
    let is_listed = expression.leaves().all(|license| matches!(license.id, LicenseId::Spdx(_)));
    is_listed.then(|| Detection {
        expression,
        how: How::Tag,
        bytes: start..start + written.len(),
        confidence: 1.0,
    })
}

/// The notices of a text.
pub(super) fn notices(words: &Words) -> Vec<Detection> {
    let mut found = gnu(words);
    found.extend(phrases().found_in(words));
    found.sort_by_key(|(_, range)| (range.start, range.end));
    found.dedup_by(|one, other| one.0 == other.0);
    found
        .into_iter()
        .map(|(expression, range)| Detection {
            expression,
            how: How::Notice,
            bytes: words.original(&range),
            confidence: 1.0,
        })
        .collect()
}

/// The phrases of the table, all sought in one pass.
struct Phrases {
    /// Finds where the next one begins, quickly: few words of a text are one's first.
    next: AhoCorasick,
    all: Vec<(&'static str, Expression)>,
}

impl Phrases {
    /// What all phrases mean that stand in a text, also those in others, and where.
    fn found_in(&self, words: &Words) -> Vec<(Expression, Range<usize>)> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(next) = self.next.find(Input::new(&words.text).span(from..words.text.len())) {
            let start = next.start();
            let here = self.all.iter().filter(|(phrase, _)| words.text[start..].starts_with(phrase));
            found.extend(here.map(|(phrase, meaning)| (start..start + phrase.len(), meaning)));
            from = start + 1;
        }
        found.sort_by_key(|(hit, _)| (hit.end, hit.start));
        let range = |hit: Range<usize>| words.index_at(hit.start)..words.index_at(hit.end - 1) + 1;
        found.into_iter().map(|(hit, meaning)| (meaning.clone(), range(hit))).collect()
    }
}

fn phrases() -> &'static Phrases {
    static PHRASES: OnceLock<Phrases> = OnceLock::new();
    PHRASES.get_or_init(|| {
        let meant = |row: Vec<&'static str>| Some((row[0], read(row[1], Dialect::Spdx)?));
        let all: Vec<(&'static str, Expression)> = data::rows(data::NOTICES).filter_map(meant).collect();
        let next = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(all.iter().map(|(phrase, _)| phrase))
            .expect("a table of some lines is small enough");
        Phrases { next, all }
    })
}

/// Notices of the GNU licences: which, which version, and whether later ones.
fn gnu(words: &Words) -> Vec<(Expression, Range<usize>)> {
    let names = ["general public license", "free documentation license"];
    let mut starts: Vec<usize> = names
        .iter()
        .flat_map(|name| memmem::find_iter(words.text.as_bytes(), name))
        .map(|at| words.index_at(at))
        .collect();
    starts.sort_unstable();
    let mut found = Vec::new();
    let mut said = 0;
    for (number, start) in starts.iter().copied().enumerate() {
        let next = starts.get(number + 1).copied().unwrap_or(words.len());
        let end = (start + AFTER).min(next).min(words.len());
        let begin = start.saturating_sub(BEFORE).max(said.min(start));
        said = end;
        let granting = words.run(begin..start);
        let is_published = words.run(start..start + 10).contains("as published by the free software");
        let is_granted = is_published || GRANTS.iter().any(|grant| granting.contains(grant));
        let of_text = words.run(start.saturating_sub(6)..start);
        let is_of_text = OF_TEXT.iter().any(|words| of_text.contains(words));
        let is_instruction = words.run(start.saturating_sub(80)..start).contains(INSTRUCTIONS);
        if !is_granted || is_of_text || is_instruction {
            continue;
        }
        let before = words.run(start.saturating_sub(3)..start);
        found.extend(gnu_license(before, words.run(start..end)).map(|license| (license, start..end)));
    }
    found
}

/// The licence that a notice names, from the words before "general public license" and from there on.
fn gnu_license(before: &str, rest: &str) -> Option<Expression> {
    let base = match before {
        _ if rest.starts_with("free") => "GFDL",
        before if before.ends_with("lesser") || before.ends_with("library") => "LGPL",
        before if before.ends_with("affero") => "AGPL",
        before if before.ends_with("gnu") || before.ends_with("the") => "GPL",
        _ => return None,
    };
    let Some(version) = version(rest) else { return Some(Expression::License(family::reference(base))) };
    let is_later =
        rest.contains("any later version") || rest.contains("or later") || rest.contains("or newer");
    let base_version = format!("{base}-{version}");
    let without = base == "GFDL" && rest.contains("no invariant sections");
    let id = match without {
        true => ids::known_license(&format!("{base_version}-no-invariants")),
        false => ids::known_license(&base_version),
    }?;
    Some(Expression::License(parse::spdx_license(id, is_later)))
}

/// `version 2 1 of the`: the first that is named, near the name and before that of another.
fn version(rest: &str) -> Option<String> {
    let near = rest.split(' ').take(NEAR).take_while(|word| !matches!(*word, "gpl" | "lgpl" | "agpl"));
    let mut words = near.skip_while(|word| !matches!(*word, "version" | "v" | "versions")).skip(1);
    let is_number = |word: &str| word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit());
    let (major, minor) = (words.next()?, words.next().unwrap_or_default());
    let major = major.strip_prefix('v').unwrap_or(major);
    is_number(major).then(|| format!("{major}.{}", if is_number(minor) { minor } else { "0" }))
}

/// Whether a text says, outside of licences' own texts, that its licences are a choice.
pub(super) fn offers_choice(found: &[Detection], text: &str) -> bool {
    let mut outside = String::new();
    let mut end = 0;
    for detection in found.iter().filter(|found| found.how == How::Text) {
        outside.push_str(text.get(end..detection.bytes.start).unwrap_or_default());
        outside.push('\n');
        end = end.max(detection.bytes.end);
    }
    outside.push_str(text.get(end..).unwrap_or_default());
    let words = Words::of(&outside).text;
    CHOICE.iter().any(|phrase| words.contains(phrase))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::{concluded, detect};

    fn check(text: &str, expected: Expect) {
        let found = detect(text);
        let mut shown = String::new();
        for detection in &found {
            shown += &format!("{:?} {:?} {}\n", detection.how, detection.bytes, detection.expression);
        }
        if let Some(expression) = concluded(&found, text) {
            shown += &format!("{expression}\n");
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn tags_are_expressions() {
        check(
            "// SPDX-License-Identifier: MIT OR Apache-2.0\n/* SPDX-License-Identifier: GPL-2.0+ */",
            expect![[r#"
                Tag 3..45 MIT OR Apache-2.0
                Tag 49..85 GPL-2.0-or-later
                (MIT OR Apache-2.0) AND GPL-2.0-or-later
            "#]],
        );
        check("SPDX-License-Identifier: see below", expect![[""]]);
        check(
            "\nMIT OR Apache-2.0\n",
            expect![[r#"
            Tag 1..18 MIT OR Apache-2.0
            MIT OR Apache-2.0
        "#]],
        );
        check("LicenseRef-own", expect![[""]]);
        check(
            "This project is dual-licensed under the Unlicense and MIT licenses.",
            expect![[r#"
            Notice 16..66 Unlicense OR MIT
            Unlicense OR MIT
        "#]],
        );
        check(
            "Licensed under either of\n\n * Apache License, Version 2.0, ([LICENSE-APACHE](LICENSE-APACHE) or\n   \
             https://www.apache.org/licenses/LICENSE-2.0)\n * MIT license ([LICENSE-MIT](LICENSE-MIT) or\n   \
             https://opensource.org/licenses/MIT)\n\nat your option.",
            expect![[r#"
                Notice 0..56 Apache-2.0
                Notice 146..227 MIT
                Apache-2.0 OR MIT
            "#]],
        );
    }

    #[test]
    fn only_a_notice_says_which_versions() {
        check(
            "This program is free software; you can redistribute it and/or modify it under the terms of the\n\
             GNU General Public License as published by the Free Software Foundation; either version 2 of the\n\
             License, or (at your option) any later version.",
            expect![[r#"
                Notice 99..238 GPL-2.0-or-later
                GPL-2.0-or-later
            "#]],
        );
        check(
            "under the terms of the GNU Lesser General Public License version 2.1, as published by the Free\n\
             Software Foundation.",
            expect![[r#"
                Notice 34..114 LGPL-2.1-only
                LGPL-2.1-only
            "#]],
        );
        check(
            "under the terms of the GNU Free Documentation License, Version 1.2 or any later version published by\n\
             the Free Software Foundation; with no Invariant Sections.",
            expect![[r#"
                Notice 27..157 GFDL-1.2-no-invariants-or-later
                GFDL-1.2-no-invariants-or-later
            "#]],
        );
        check(
            "It is licensed under the GNU General Public License.",
            expect![[r#"
            Notice 29..51 LicenseRef-packlist-family-GPL
            LicenseRef-packlist-family-GPL
        "#]],
        );
        check("Some mention the GNU General Public License version 3.", expect![[""]]);
        check("General Public License, version 3", expect![[""]]);
    }

    #[test]
    fn choices_are_said_in_words() {
        check(
            "Dual-licensed: licensed under the MIT license, or licensed under the Apache License, Version 2.0.",
            expect![[r#"
                Notice 15..45 MIT
                Notice 50..96 Apache-2.0
                MIT OR Apache-2.0
            "#]],
        );
    }
}
