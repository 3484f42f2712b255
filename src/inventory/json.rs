//! JSON with the place of every value, and JSON as people write it: comments, and a comma after the last item.
//!
//! Spec: <https://www.rfc-editor.org/rfc/rfc8259>; the lenient form is what editors call JSONC.

use std::borrow::Cow;

use super::ParseError;
use super::lines::Lines;
use super::value::{DEEPEST, Kind, Member, Value};

/// Reads one document, taking comments and trailing commas as they come: no file is the better for being
/// refused because of them.
///
/// # Errors
/// Says the line of the first thing that is not JSON.
pub(super) fn parse(text: &str) -> Result<Value<'_>, ParseError> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0).and_then(|value| {
        reader.space()?;
        match reader.peek() {
            None => Ok(value),
            Some(_) => Err("something follows the document's end"),
        }
    });
    value.map_err(|reason| {
        let line = Lines::of(text).line(reader.at.min(text.len()));
        ParseError::new(line, format!("is not the JSON expected here: {reason}"))
    })
}

/// Why a text is no JSON. The place is where the reader stands.
type Reason = &'static str;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// White space and comments.
    fn space(&mut self) -> Result<(), Reason> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), Reason> {
        let rest = &self.text[self.at..];
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(inner) = rest.strip_prefix("/*") {
            self.at += inner.find("*/").ok_or("a comment is never closed")? + 4;
        } else {
            return Err("expected a value, found `/`");
        }
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Reason> {
        self.space()?;
        let at = self.at;
        let kind = match self.peek().ok_or("expected a value, found the end")? {
            b'{' if depth < DEEPEST => self.map(depth)?,
            b'[' if depth < DEEPEST => self.list(depth)?,
            b'{' | b'[' => return Err("values nest too deeply"),
            b'"' => Kind::Text(self.string()?),
            _ => Kind::Plain(self.word()?.into()),
        };
        Ok(Value { at, kind })
    }

    fn map(&mut self, depth: usize) -> Result<Kind<'a>, Reason> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.space()?;
            if self.skip(b'}') {
                return Ok(Kind::Map(members));
            }
            let at = self.at;
            if self.peek() != Some(b'"') {
                return Err("expected a key in quotes");
            }
            let key = self.string()?;
            self.space()?;
            if !self.skip(b':') {
                return Err("expected `:` after a key");
            }
            let value = self.value(depth + 1)?;
            members.push(Member { at, key, value });
            self.space()?;
            if !self.skip(b',') && self.peek() != Some(b'}') {
                return Err("expected `,` or `}`");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Kind<'a>, Reason> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space()?;
            if self.skip(b']') {
                return Ok(Kind::List(items));
            }
            items.push(self.value(depth + 1)?);
            self.space()?;
            if !self.skip(b',') && self.peek() != Some(b']') {
                return Err("expected `,` or `]`");
            }
        }
    }

    fn word(&mut self) -> Result<&'a str, Reason> {
        let rest = &self.text[self.at..];
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let word = &rest[..rest.bytes().take_while(is_word).count()];
        let is_number = word.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        if !is_number && !matches!(word, "true" | "false" | "null") {
            return Err("expected a value");
        }
        self.at += word.len();
        Ok(word)
    }

    /// From an opening quote to behind the closing one. Text without escapes is not copied.
    fn string(&mut self) -> Result<Cow<'a, str>, Reason> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                None => return Err("a text is never closed"),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
                }
                Some(b'\\') => return self.escaped(start).map(Cow::Owned),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escaped(&mut self, start: usize) -> Result<String, Reason> {
        let mut text = self.text[start..self.at].to_owned();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.bytes().take_while(|byte| !matches!(byte, b'"' | b'\\')).count();
            text.push_str(&rest[..plain]);
            self.at += plain + 1;
            match rest.as_bytes().get(plain) {
                None => return Err("a text is never closed"),
                Some(b'"') => return Ok(text),
                Some(_) => text.push(self.escape()?),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<char, Reason> {
        let escape = self.peek().ok_or("a text is never closed")?;
        self.at += 1;
        Ok(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return Err("no such escape"),
        })
    }

    /// Four hexadecimal digits, or twice that for what lies beyond them. A lonely half is replaced.
    fn unicode(&mut self) -> Result<char, Reason> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) || !self.text[self.at..].starts_with("\\u") {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let back = self.at;
        self.at += 2;
        let second = self.hex()?;
        if !(0xdc00..0xe000).contains(&second) {
            self.at = back;
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, Reason> {
        let digits = self.text.get(self.at..self.at + 4).ok_or("a text is never closed")?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex).ok_or("no such escape")?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same document as `serde_json` reads it.
    fn plain(value: &Value<'_>) -> serde_json::Value {
        match &value.kind {
            Kind::Plain(word) => serde_json::from_str(word).expect("a number or word"),
            Kind::Text(text) => text.as_ref().into(),
            Kind::List(items) => items.iter().map(plain).collect(),
            Kind::Map(members) => {
                members.iter().map(|member| (member.key.to_string(), plain(&member.value))).collect()
            }
        }
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        for text in [
            r#"{"a": [1, -2.5e+3, true, false, null], "b": {"c": "x\n\"\\\/é\u00e9\ud83d\ude00"}, "": {}}"#,
            " [ ] ",
            r#""text""#,
            "0",
        ] {
            let value = parse(text).expect("JSON");
            assert_eq!(plain(&value), serde_json::from_str::<serde_json::Value>(text).expect("JSON"));
        }
    }

    #[test]
    fn comments_and_trailing_commas_pass() {
        let value =
            parse("// lock\n{\n  /* a */ \"a\": [1, 2,], // b\n  \"b\": \"//\",\n}\n").expect("JSONC");
        assert_eq!(plain(&value), serde_json::json!({"a": [1, 2], "b": "//"}));
        assert_eq!(value.members()[1].at, 41);
    }

    #[test]
    fn the_last_of_two_keys_is_right() {
        let value = parse(r#"{"a": 1, "a": "2", "t": true}"#).expect("JSON");
        assert_eq!((value.field("a"), value.flag("t"), value.flag("a")), (Some("2"), true, false));
    }

    #[test]
    fn what_is_no_json_says_the_line() {
        let reason = |text: &str| {
            let error = parse(text).expect_err("no JSON");
            format!("{}: {}", error.line.unwrap_or_default(), error.reason)
        };
        for (text, expected) in [
            ("", "1: expected a value, found the end"),
            ("{\n\"a\" \"b\"}", "2: expected `:` after a key"),
            ("{\"a\": 1}\n{", "2: something follows the document's end"),
            ("[1\n2]", "2: expected `,` or `]`"),
            ("[\"\\u12", "1: a text is never closed"),
            ("[\"\\u0é\"]", "1: no such escape"),
            ("[\"\\x\"]", "1: no such escape"),
            ("\"abc", "1: a text is never closed"),
            ("/* x", "1: a comment is never closed"),
            ("nul", "1: expected a value"),
            ("{a: 1}", "1: expected a key in quotes"),
        ] {
            assert_eq!(
                reason(text),
                expected.replacen(": ", ": is not the JSON expected here: ", 1),
                "{text}"
            );
        }
        assert!(reason(&"[".repeat(1_000_000)).ends_with("values nest too deeply"));
    }
}
