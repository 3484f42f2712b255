//! Erlang's and Elixir's terms, as their lockfiles and application files are written in them.
//!
//! Tuples, lists and maps are all sequences here, a pair in a map or keyword list is a sequence of two: who
//! reads a lock knows which is which by its place.
//! Spec: <https://www.erlang.org/doc/system/data_types.html>

/// Deeper than any lock nests.
const DEEPEST: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term<'a> {
    /// 1-based.
    pub(super) line: u32,
    pub(super) kind: Kind<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// An atom or a number.
    Word(&'a str),
    Text(String),
    Items(Vec<Term<'a>>),
}

impl<'a> Term<'a> {
    /// An atom, a number or a text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            Kind::Text(text) => Some(text),
            Kind::Items(_) => None,
        }
    }

    /// What a sequence holds; nothing for anything else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Items(items) => items,
            _ => &[],
        }
    }

    /// The value of a pair with this key in a sequence of pairs.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.items().iter().find_map(|pair| match pair.items() {
            [name, value] if name.text() == Some(key) => Some(value),
            _ => None,
        })
    }
}

/// Reads every term of a text. What cannot be read is the line where reading stopped.
pub(super) fn parse(text: &str) -> Result<Vec<Term<'_>>, u32> {
    let mut reader = Reader { text, at: 0, line: 1 };
    let mut terms = Vec::new();
    loop {
        reader.space();
        // Erlang ends each term with a full stop.
        while reader.takes(".") {
            reader.space();
        }
        if reader.rest().is_empty() {
            return Ok(terms);
        }
        match reader.term(0) {
            Some(term) => terms.push(term),
            None => return Err(reader.line),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn takes(&mut self, mark: &str) -> bool {
        let takes = self.rest().starts_with(mark);
        if takes {
            self.at += mark.len();
        }
        takes
    }

    /// White space and comments: `%` in Erlang, `#` in Elixir, where `%{` begins a map.
    fn space(&mut self) {
        while let Some(next) = self.rest().chars().next() {
            if next == '\n' {
                self.line += 1;
            } else if next == '#' || (next == '%' && !self.rest().starts_with("%{")) {
                let end = self.rest().find('\n').unwrap_or(self.rest().len());
                self.at += end;
                continue;
            } else if !next.is_whitespace() && next != '\u{feff}' {
                return;
            }
            self.at += next.len_utf8();
        }
    }

    fn term(&mut self, depth: usize) -> Option<Term<'a>> {
        if depth > DEEPEST {
            return None;
        }
        self.space();
        let line = self.line;
        let kind = match self.rest().chars().next()? {
            '{' => self.items("{", "}", depth)?,
            '%' => self.items("%{", "}", depth)?,
            '[' => self.items("[", "]", depth)?,
            '<' if self.takes("<<") => {
                self.space();
                let text = self.text()?;
                // `<<"text"/utf8>>`
                let end = self.rest().find(">>")?;
                self.at += end + 2;
                Kind::Text(text)
            }
            '"' => Kind::Text(self.text()?),
            '\'' => Kind::Text(self.quoted('\'')?),
            ':' if self.rest().starts_with(":\"") => {
                self.at += 1;
                Kind::Text(self.text()?)
            }
            _ => Kind::Word(self.word()?),
        };
        Some(Term { line, kind })
    }

    fn items(&mut self, open: &str, close: &str, depth: usize) -> Option<Kind<'a>> {
        if !self.takes(open) {
            return None;
        }
        let mut items = Vec::new();
        loop {
            self.space();
            if self.takes(close) {
                return Some(Kind::Items(items));
            }
            // `|` stands before the tail of an Erlang list.
            if self.takes(",") || self.takes("|") {
                continue;
            }
            let term = self.term(depth + 1)?;
            self.space();
            // `key: value`, `"key": value`, `key => value`.
            if self.takes("=>") || (self.rest().starts_with(':') && self.takes(":")) {
                let value = self.term(depth + 1)?;
                items.push(Term { line: term.line, kind: Kind::Items(vec![term, value]) });
            } else {
                items.push(term);
            }
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        self.takes(":");
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || "_@!?-+.#".contains(c);
        let mut end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        // The full stop that ends a term.
        if rest[..end].ends_with('.') {
            end -= 1;
        }
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    fn text(&mut self) -> Option<String> {
        let mut text = self.quoted('"')?;
        // Neighbouring texts are one in Erlang.
        loop {
            let (at, line) = (self.at, self.line);
            self.space();
            if !self.rest().starts_with('"') {
                (self.at, self.line) = (at, line);
                return Some(text);
            }
            text.push_str(&self.quoted('"')?);
        }
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        if !self.rest().starts_with(quote) {
            return None;
        }
        let mut text = String::new();
        let mut escaped = false;
        for (at, next) in self.rest().char_indices().skip(1) {
            match next {
                _ if escaped => {
                    text.push(next);
                    escaped = false;
                }
                '\\' => escaped = true,
                _ if next == quote => {
                    self.line += u32::try_from(text.matches('\n').count()).unwrap_or(0);
                    self.at += at + quote.len_utf8();
                    return Some(text);
                }
                _ => text.push(next),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(term: &Term<'_>) -> String {
        match &term.kind {
            Kind::Word(word) => (*word).to_owned(),
            Kind::Text(text) => format!("{text:?}"),
            Kind::Items(items) => format!("({})", items.iter().map(show).collect::<Vec<_>>().join(" ")),
        }
    }

    fn shown(text: &str) -> Result<String, u32> {
        parse(text).map(|terms| terms.iter().map(show).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn both_languages_are_read() {
        let elixir = "# a lock\n%{\n  \"a\": {:hex, :a, \"1.0\", [], [{:b, \"~> 1.0\", [hex: :b, optional: false]}]}, x => nil,\n}";
        assert_eq!(
            shown(elixir).as_deref(),
            Ok(r#"(("a" (hex a "1.0" () ((b "~> 1.0" ((hex b) (optional false)))))) (x nil))"#)
        );
        let erlang = "%% a lock\n{<<\"1.2.0\">>,\n [{'A b', <<\"x\"/utf8>>, -1.5}|tail], \"one\" \"two\", #{k => v}}.\n[].";
        assert!(shown(erlang).is_err());
        let erlang =
            "%% a lock\n{<<\"1.2.0\">>,\n [{'A b', <<\"x\"/utf8>>, -1.5}|tail], \"one\" \"two\"}.\n[].";
        assert_eq!(shown(erlang).as_deref(), Ok(r#"("1.2.0" (("A b" "x" -1.5) tail) "onetwo") ()"#));
        assert_eq!(parse(erlang).map(|terms| terms[1].line), Ok(4));
    }

    #[test]
    fn what_is_no_term_is_a_line() {
        assert_eq!(shown("{a,\n\"b"), Err(2));
        assert_eq!(shown("{a\n)"), Err(2));
        assert_eq!(shown(&"[".repeat(100_000)), Err(1));
        assert_eq!(shown("<<1,2>>"), Err(1));
        assert_eq!(shown(""), Ok(String::new()));
    }
}
