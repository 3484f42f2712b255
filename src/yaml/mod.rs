//! The YAML that lockfiles and SBOMs are written in, with the place of every value.
//!
//! Block and flow collections, all five styles of scalars, comments, explicit keys (`? long key`) and streams
//! of several documents. Anchors, aliases and tags are refused with their line: no package manager writes
//! them into a lockfile, and without them no document is larger than its text.
//! Spec: <https://yaml.org/spec/1.2.2/>

mod value;

use std::borrow::Cow;

pub(crate) use value::{DEEPEST, Kind, Member, Value};

/// Why a text is no YAML that is understood here.
#[derive(Debug)]
pub(crate) struct Broken {
    /// Counted from 1.
    pub(crate) line: u32,
    pub(crate) reason: &'static str,
}

/// Reads every document of a stream.
///
/// # Errors
/// Says the line of the first thing that is not understood.
pub(crate) fn parse(text: &str) -> Result<Vec<Value<'_>>, Broken> {
    let mut reader = Reader { text, at: 0, column: 0 };
    reader.stream().map_err(|reason| {
        let before = &text.as_bytes()[..reader.at.min(text.len())];
        let line = u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX);
        Broken { line, reason }
    })
}

/// Why a text is not understood. The place is where the reader stands.
type Reason = &'static str;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How far `at` stands from its line's start.
    column: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What is left of this line.
    fn line(&self) -> &'a str {
        let rest = self.rest();
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn advance(&mut self, bytes: usize) {
        self.at += bytes;
        self.column += bytes;
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.advance(rest.len() - rest.trim_start_matches([' ', '\t']).len());
    }

    fn next_line(&mut self) {
        self.at += self.rest().find('\n').map_or(self.rest().len(), |end| end + 1);
        self.column = 0;
    }

    /// Moves to the next thing that is neither blank nor comment. False at the end of the document.
    fn find_content(&mut self) -> bool {
        loop {
            let at_start = self.column == 0;
            if at_start && is_marker(self.line()) {
                return false;
            }
            self.skip_blanks();
            let line = self.line();
            if !line.trim_end().is_empty() && !line.starts_with('#') {
                return true;
            }
            if self.at >= self.text.len() {
                return false;
            }
            self.next_line();
            if self.at >= self.text.len() {
                return false;
            }
        }
    }

    fn stream(&mut self) -> Result<Vec<Value<'a>>, Reason> {
        let mut documents = Vec::new();
        loop {
            if self.find_content() {
                if self.column == 0 && self.line().starts_with('%') {
                    self.next_line();
                    continue;
                }
                documents.push(self.node(0, 0)?);
                if self.find_content() {
                    return Err("expected the end of the document");
                }
            }
            if self.at >= self.text.len() {
                return Ok(documents);
            }
            // A document may begin on the line of its marker.
            self.advance(3);
            if !self.line().starts_with([' ', '\t']) && !self.line().is_empty() {
                return Err("expected a blank after the marker");
            }
            self.column += 1;
        }
    }

    /// The value that begins here, no further left than `indent`.
    fn node(&mut self, indent: usize, depth: usize) -> Result<Value<'a>, Reason> {
        if depth > DEEPEST {
            return Err("values nest too deeply");
        }
        let line = self.line();
        if is_item(line) {
            return self.list(depth);
        }
        if line.starts_with("? ") || self.key_length()?.is_some() {
            return self.map(depth);
        }
        self.scalar(indent, depth)
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, Reason> {
        let (at, column) = (self.at, self.column);
        let mut items = Vec::new();
        while self.find_content() && self.column == column && is_item(self.line()) {
            self.advance(1);
            items.push(self.nested(column, false, depth + 1)?);
        }
        Ok(Value { at, kind: Kind::List(items) })
    }

    fn map(&mut self, depth: usize) -> Result<Value<'a>, Reason> {
        let (start, column) = (self.at, self.column);
        let mut members = Vec::new();
        while self.find_content() && self.column == column && !is_item(self.line()) {
            let is_explicit = self.line().starts_with("? ");
            let (at, key) = self.key(is_explicit)?;
            let value = self.nested(column, !is_explicit, depth + 1)?;
            members.push(Member { at, key, value });
        }
        if self.column > column && self.find_content() {
            return Err("is indented further than what it belongs to");
        }
        Ok(Value { at: start, kind: Kind::Map(members) })
    }

    /// A key and its colon.
    fn key(&mut self, is_explicit: bool) -> Result<(usize, Cow<'a, str>), Reason> {
        if is_explicit {
            self.advance(1);
            self.skip_blanks();
        }
        let at = self.at;
        if is_explicit {
            let indent = self.column;
            let key = self.scalar(indent, DEEPEST)?;
            if !self.find_content() || !self.line().starts_with(':') {
                return Err("expected `:` after an explicit key");
            }
            self.advance(1);
            return match key.kind {
                Kind::Plain(key) | Kind::Text(key) => Ok((at, key)),
                _ => Err("expected a key of text"),
            };
        }
        let length = self.key_length()?.ok_or("expected `key: value`")?;
        let key = self.line().get(..length).ok_or("expected `key: value`")?;
        let key = if key.starts_with(['"', '\'']) {
            self.quoted()?
        } else {
            self.advance(length);
            Cow::Borrowed(key.trim_end())
        };
        self.skip_blanks();
        self.advance(1);
        Ok((at, key))
    }

    /// Length of the key that this line begins with, up to its colon.
    fn key_length(&self) -> Result<Option<usize>, Reason> {
        let line = self.line();
        if line.starts_with(['"', '\'']) {
            let mut ahead = Reader { text: self.text, at: self.at, column: 0 };
            ahead.quoted()?;
            let length = ahead.at - self.at;
            let is_key = length <= line.len() && is_colon(line[length..].trim_start());
            return Ok(is_key.then_some(length));
        }
        if line.starts_with(['{', '[', '#', '|', '>', '&', '*', '!', '%', '@', '`']) {
            return Ok(None);
        }
        let end = line.find(" #").unwrap_or(line.len());
        Ok(line[..end].match_indices(':').map(|(at, _)| at).find(|at| is_colon(&line[*at..end])))
    }

    /// What belongs to a key, or to a dash or explicit key: on the same line, or on the next lines further to the right.
    fn nested(&mut self, column: usize, is_key: bool, depth: usize) -> Result<Value<'a>, Reason> {
        let at = self.at;
        let null = || Value { at, kind: Kind::Plain(Cow::Borrowed("")) };
        self.skip_blanks();
        let line = self.line();
        let is_inline = !line.trim_end().is_empty() && !line.starts_with('#');
        if is_inline {
            // After a key no second key may stand on the line; after a dash a whole map may begin.
            return if is_key { self.scalar(column + 1, depth) } else { self.node(column + 1, depth) };
        }
        self.next_line();
        if !self.find_content() {
            return Ok(null());
        }
        let is_list_of_key = is_key && self.column == column && is_item(self.line());
        if self.column > column || is_list_of_key { self.node(column + 1, depth) } else { Ok(null()) }
    }

    fn scalar(&mut self, indent: usize, depth: usize) -> Result<Value<'a>, Reason> {
        let at = self.at;
        let kind = match self.line().as_bytes().first() {
            Some(b'"' | b'\'') => Kind::Text(self.quoted()?),
            Some(b'{' | b'[') => return self.flow(depth),
            Some(b'|' | b'>') => Kind::Text(Cow::Owned(self.block(indent)?)),
            Some(b'&' | b'*' | b'!') => return Err("anchors, aliases and tags are not read"),
            Some(b'%' | b'@' | b'`') => return Err("no value begins like this"),
            _ => return Ok(Value { at, kind: Kind::Plain(self.plain(indent)) }),
        };
        self.skip_blanks();
        if !self.line().is_empty() && !self.line().starts_with('#') {
            return Err("expected the end of the line");
        }
        Ok(Value { at, kind })
    }

    /// A scalar without quotes, going on over further lines at `indent`.
    fn plain(&mut self, indent: usize) -> Cow<'a, str> {
        let first = self.plain_line();
        let mut text = Cow::Borrowed(first);
        loop {
            let (at, column) = (self.at, self.column);
            self.next_line();
            let goes_on = self.find_content() && self.column >= indent && self.column > 0;
            if !goes_on {
                if self.column < indent || self.at >= self.text.len() || is_marker(self.line()) {
                    return text;
                }
                (self.at, self.column) = (at, column);
                return text;
            }
            let more = self.plain_line();
            text.to_mut().push(' ');
            text.to_mut().push_str(more);
        }
    }

    fn plain_line(&mut self) -> &'a str {
        let line = self.line();
        let text = &line[..line.find(" #").unwrap_or(line.len())];
        self.advance(line.len());
        text.trim_end()
    }

    /// A scalar in single or double quotes, perhaps over several lines.
    fn quoted(&mut self) -> Result<Cow<'a, str>, Reason> {
        let quote = self.rest().as_bytes()[0];
        self.advance(1);
        let rest = self.rest();
        let is_special = |byte: &u8| *byte == quote || matches!(byte, b'\\' | b'\n' | b'\r');
        let plain = rest.bytes().take_while(|byte| !is_special(byte)).count();
        let follows = rest.as_bytes().get(plain + 1);
        if rest.as_bytes().get(plain) == Some(&quote) && (quote == b'"' || follows != Some(&quote)) {
            self.advance(plain + 1);
            return Ok(Cow::Borrowed(&rest[..plain]));
        }
        self.quoted_slowly(quote).map(Cow::Owned)
    }

    fn quoted_slowly(&mut self, quote: u8) -> Result<String, Reason> {
        let mut text = String::new();
        let mut characters = self.rest().char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '\'' if quote == b'\'' && characters.as_str().starts_with('\'') => {
                    characters.next();
                    text.push('\'');
                }
                _ if character == char::from(quote) => {
                    self.advance(at + 1);
                    return Ok(text);
                }
                '\\' if quote == b'"' => {
                    let (_, escape) = characters.next().ok_or("a text is never closed")?;
                    if matches!(escape, '\n' | '\r') {
                        // A line's end that is escaped is none, and what indents the next line is no text.
                        let rest = characters.as_str();
                        let rest =
                            if escape == '\r' { rest.strip_prefix('\n').unwrap_or(rest) } else { rest };
                        let indented = rest.trim_start_matches([' ', '\t']);
                        let skipped = characters.as_str().len() - indented.len();
                        if skipped > 0 {
                            characters.nth(skipped - 1);
                        }
                        continue;
                    }
                    let digits = match escape {
                        'x' => 2,
                        'u' => 4,
                        'U' => 8,
                        _ => {
                            unescape(escape, &mut text)?;
                            continue;
                        }
                    };
                    let hex = characters.as_str().get(..digits).ok_or("a text is never closed")?;
                    let code = u32::from_str_radix(hex, 16).map_err(|_| "no such escape")?;
                    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    characters.nth(digits - 1);
                }
                '\n' => fold(&mut text, &mut characters),
                character => text.push(character),
            }
        }
        Err("a text is never closed")
    }

    /// A scalar of whole lines after `|` or `>`.
    fn block(&mut self, indent: usize) -> Result<String, Reason> {
        let header = self.line();
        let header = header[..header.find(" #").unwrap_or(header.len())].trim_end();
        let is_folded = header.starts_with('>');
        let given = header.chars().find_map(|character| character.to_digit(10));
        if !header[1..].bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+')) {
            return Err("expected the end of the line");
        }
        self.next_line();
        let mut column = given.map(|given| (indent.saturating_sub(1)) + given as usize);
        let mut lines: Vec<&str> = Vec::new();
        while self.at < self.text.len() {
            let line = self.line();
            let blanks = line.len() - line.trim_start_matches(' ').len();
            if line.trim().is_empty() {
                lines.push("");
            } else {
                let from = *column.get_or_insert(blanks.max(indent));
                if blanks < from {
                    break;
                }
                lines.push(&line[from..]);
            }
            self.next_line();
        }
        // What follows stands on a line of its own; the caller expects to be at a line's end.
        self.at = self.at.saturating_sub(usize::from(self.text[..self.at].ends_with('\n')));
        Ok(joined(&lines, is_folded, header.contains('-')))
    }

    fn flow(&mut self, depth: usize) -> Result<Value<'a>, Reason> {
        if depth >= DEEPEST {
            return Err("values nest too deeply");
        }
        let at = self.at;
        let kind = match self.rest().as_bytes().first() {
            Some(b'{') => self.flow_map(depth)?,
            Some(b'[') => self.flow_list(depth)?,
            Some(b'"' | b'\'') => Kind::Text(self.quoted()?),
            Some(b'&' | b'*' | b'!') => return Err("anchors, aliases and tags are not read"),
            _ => Kind::Plain(Cow::Borrowed(self.flow_plain())),
        };
        Ok(Value { at, kind })
    }

    fn flow_map(&mut self, depth: usize) -> Result<Kind<'a>, Reason> {
        self.advance(1);
        let mut members = Vec::new();
        loop {
            self.flow_space()?;
            if self.skip('}') {
                return Ok(Kind::Map(members));
            }
            let at = self.at;
            let key = match self.flow(depth + 1)?.kind {
                Kind::Plain(key) | Kind::Text(key) => key,
                _ => return Err("expected a key of text"),
            };
            self.flow_space()?;
            let value = if self.skip(':') {
                self.flow_space()?;
                self.flow(depth + 1)?
            } else {
                Value { at, kind: Kind::Plain(Cow::Borrowed("")) }
            };
            members.push(Member { at, key, value });
            self.flow_space()?;
            if !self.skip(',') && !self.rest().starts_with('}') {
                return Err("expected `,` or `}`");
            }
        }
    }

    fn flow_list(&mut self, depth: usize) -> Result<Kind<'a>, Reason> {
        self.advance(1);
        let mut items = Vec::new();
        loop {
            self.flow_space()?;
            if self.skip(']') {
                return Ok(Kind::List(items));
            }
            items.push(self.flow(depth + 1)?);
            self.flow_space()?;
            if !self.skip(',') && !self.rest().starts_with(']') {
                return Err("expected `,` or `]`");
            }
        }
    }

    fn flow_plain(&mut self) -> &'a str {
        let line = self.line();
        let bytes = line.as_bytes();
        let is_end = |at: &usize| match bytes[*at] {
            b',' | b'{' | b'}' | b'[' | b']' => true,
            b':' => matches!(bytes.get(at + 1), None | Some(b' ' | b'\t' | b',' | b'}' | b']')),
            b'#' => *at > 0 && bytes[at - 1] == b' ',
            _ => false,
        };
        let end = (0..bytes.len()).find(is_end).unwrap_or(bytes.len());
        self.advance(end);
        line[..end].trim_end()
    }

    fn skip(&mut self, character: char) -> bool {
        let found = self.rest().starts_with(character);
        self.advance(usize::from(found));
        found
    }

    /// Blanks, line ends and comments between the parts of a flow collection.
    fn flow_space(&mut self) -> Result<(), Reason> {
        loop {
            self.skip_blanks();
            if self.at >= self.text.len() {
                return Err("a `{` or `[` is never closed");
            }
            let line = self.line();
            if !line.is_empty() && !line.starts_with('#') {
                return Ok(());
            }
            self.next_line();
        }
    }
}

fn is_marker(line: &str) -> bool {
    let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

fn is_item(line: &str) -> bool {
    line.strip_prefix('-').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// Whether a colon ends a key: a blank or nothing follows.
fn is_colon(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

fn unescape(escape: char, text: &mut String) -> Result<(), Reason> {
    text.push(match escape {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        ' ' | '"' | '/' | '\\' => escape,
        _ => return Err("no such escape"),
    });
    Ok(())
}

/// A line's end within quotes is a blank, and an empty line is a line's end.
fn fold(text: &mut String, characters: &mut std::str::CharIndices<'_>) {
    text.truncate(text.trim_end_matches([' ', '\t', '\r']).len());
    let mut empty = 0;
    while let Some(next) = characters.as_str().chars().next().filter(|next| next.is_ascii_whitespace()) {
        empty += usize::from(next == '\n');
        characters.next();
    }
    match empty {
        0 => text.push(' '),
        empty => text.extend(std::iter::repeat_n('\n', empty)),
    }
}

fn joined(lines: &[&str], is_folded: bool, is_stripped: bool) -> String {
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    let mut text = String::new();
    for (index, line) in lines[..end].iter().enumerate() {
        let follows_text = index > 0 && !lines[index - 1].is_empty();
        match (index, is_folded && !line.starts_with([' ', '\t'])) {
            (0, true) if line.is_empty() => text.push('\n'),
            (0, _) => {}
            (_, true) if line.is_empty() => text.push('\n'),
            (_, true) if follows_text => text.push(' '),
            (_, true) => {}
            (_, false) => text.push('\n'),
        }
        text.push_str(line);
    }
    if !is_stripped && !text.is_empty() {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &Value<'_>) -> String {
        match &value.kind {
            Kind::Plain(word) => word.to_string(),
            Kind::Text(text) => format!("{text:?}"),
            Kind::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
            Kind::Map(members) => {
                let member = |member: &Member<'_>| format!("{}: {}", member.key, shown(&member.value));
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let actual = match parse(text) {
            Ok(documents) => documents.iter().map(shown).collect::<Vec<_>>().join(" --- "),
            Err(Broken { line, reason }) => format!("{line}: {reason}"),
        };
        assert_eq!(actual, expected, "{text}");
    }

    #[test]
    fn collections_nest_by_indentation() {
        check("a: 1\nb:\n  c: x y\n  d:\nlast:\n", "{a: 1, b: {c: x y, d: }, last: }");
        check("a:\n- 1\n-\n  - 2\n- b: 3\n  c: 4\nd: 5", "{a: [1, [2], {b: 3, c: 4}], d: 5}");
        check("- - a\n  - b\n- c", "[[a, b], c]");
        check("a:\r\n  b: 1\r\n\r\nc: 2\r\n", "{a: {b: 1}, c: 2}");
        check("", "");
        check("# only\n\n", "");
    }

    #[test]
    fn flow_collections_as_pnpm_writes_them() {
        check(
            "r: {integrity: sha512-a==, tarball: https://x.org/a:b.tgz}\ne: {node: '>=8', \"n:p\": [a, b,]} # c\n",
            "{r: {integrity: sha512-a==, tarball: https://x.org/a:b.tgz}, e: {node: \">=8\", n:p: [a, b]}}",
        );
        check("a: [x, # one\n  y]\nb: {}\nc: []", "{a: [x, y], b: {}, c: []}");
    }

    #[test]
    fn scalars_in_every_style() {
        check("'it''s': \"a\\tb\\u00e9\\x41\\\\\"", "{it's: \"a\\tbéA\\\\\"}");
        check("a: one\n  two # c\nb: 3", "{a: one two, b: 3}");
        check("a: 'one\n  two\n\n  three'\nb: 1", "{a: \"one two\\nthree\", b: 1}");
        check("a: \"one\\\n   \\ two\\\r\n  three\"\nb: 1", "{a: \"one twothree\", b: 1}");
        check("a: |\n  x\n    y\n\n  z\nb: 1", "{a: \"x\\n  y\\n\\nz\\n\", b: 1}");
        check("a:\n  b: >-\n    x\n    y\n\n    z\n  c: 1", "{a: {b: \"x y\\nz\", c: 1}}");
        check("a: >-\n\n  x\nb: 1", "{a: \"\\nx\", b: 1}");
        check("/@a/b@1(c@2): x:y#z", "{/@a/b@1(c@2): x:y#z}");
        check("? /a/very/long\n: b: 1\n? 'c'\n:\n  d: 2\n", "{/a/very/long: {b: 1}, c: {d: 2}}");
    }

    #[test]
    fn a_stream_may_hold_several_documents() {
        check("---\na: 1\n---\nb: |\n  ---x\n...\n---\nc: 3\n", "{a: 1} --- {b: \"---x\\n\"} --- {c: 3}");
        check("%YAML 1.2\n--- a\n--- # c\nb: 1", "a --- {b: 1}");
        check("a: b\n---\nc: d", "{a: b} --- {c: d}");
    }

    #[test]
    fn what_is_not_understood_says_the_line() {
        check("a: &x 1\nb: *x\n", "1: anchors, aliases and tags are not read");
        check("a: 1\nb: [1, *x]\n", "2: anchors, aliases and tags are not read");
        check("a: !!binary x", "1: anchors, aliases and tags are not read");
        check("a: 1\nb: {c: 1\n", "3: a `{` or `[` is never closed");
        check("a: 'x\n", "1: a text is never closed");
        check("a: 'x' y\n", "1: expected the end of the line");
        check("a: 1\nnonsense\n", "2: expected `key: value`");
        check("a:\n    b: 1\n  c: 2\n", "3: is indented further than what it belongs to");
        check("- a\nb: 1\n", "2: expected the end of the document");
        check("? a\nb: 1\n", "2: expected `:` after an explicit key");
        check(&format!("a: {}", "[".repeat(100_000)), "1: values nest too deeply");
        let deep: String = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth % 2_000))).collect();
        assert!(parse(&deep).is_err());
    }
}
