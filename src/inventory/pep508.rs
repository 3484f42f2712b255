//! How Python writes what a package needs: `requests[socks] >=2.8, <3 ; python_version < "3.9"`.
//!
//! Spec: <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>

use super::pep440;

/// The name under which Python's tools compare packages: `Zope.Interface` is `zope-interface`.
///
/// Spec: <https://packaging.python.org/en/latest/specifications/name-normalization/>
pub(super) fn normalized(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !normal.is_empty() {
            normal.push('-');
        }
        normal.push_str(&part.to_lowercase());
    }
    normal
}

/// One requirement, its parts as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Requirement<'a> {
    pub(super) name: &'a str,
    pub(super) extras: Vec<&'a str>,
    /// `>=2.8, <3`; empty when any version will do, or for a URL.
    pub(super) constraint: &'a str,
    /// What stands behind `@`.
    pub(super) url: Option<&'a str>,
    pub(super) marker: Option<&'a str>,
}

impl<'a> Requirement<'a> {
    /// `None` when the text does not begin with a name.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len());
        let (name, rest) = (&text[..end], text[end..].trim_start());
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins_well
            || !(rest.is_empty() || rest.starts_with(['[', '(', '<', '>', '=', '!', '~', '@', ';']))
        {
            return None;
        }
        let (extras, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((extras, rest)) => (extras, rest.trim_start()),
            None => ("", rest),
        };
        let extras = extras.split(',').map(str::trim).filter(|extra| !extra.is_empty()).collect();
        let (constraint, url, marker) = match rest.strip_prefix('@') {
            // A URL may hold a semicolon; the marker's has a space before it.
            Some(rest) => {
                let (url, marker) = rest.split_once(" ;").unwrap_or((rest, ""));
                ("", Some(url.trim()), marker)
            }
            None => {
                let (constraint, marker) = rest.split_once(';').unwrap_or((rest, ""));
                (constraint.trim().trim_start_matches('(').trim_end_matches(')').trim(), None, marker)
            }
        };
        let marker = Some(marker.trim()).filter(|marker| !marker.is_empty());
        Some(Self { name, extras, constraint, url, marker })
    }

    /// The version of `== 1.2` and `=== 1.2`, when that is all the constraint says.
    pub(super) fn pin(&self) -> Option<&'a str> {
        let version = self.constraint.strip_prefix("==")?;
        let version = version.strip_prefix('=').unwrap_or(version).trim();
        let is_one = !version.is_empty() && !version.contains([',', '*', ' ', '<', '>', '=', '!', '~']);
        is_one.then_some(version)
    }
}

/// What is known of the place where a package is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Environment {
    /// `3.11`, or only `3`; absent when nothing tells.
    pub(super) python: Option<String>,
}

/// Whether a marker holds on Linux, under this Python and with this extra or none asked for. `None` when that
/// cannot be told, as for a machine's architecture.
pub(super) fn holds(marker: &str, environment: &Environment, extra: Option<&str>) -> Option<bool> {
    let mut reader = Reader { words: words(marker)?, at: 0, depth: 0, environment, extra };
    let value = reader.either()?;
    if reader.at == reader.words.len() { value.0 } else { None }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word<'a> {
    Quoted(&'a str),
    Bare(&'a str),
    Operator(&'a str),
    Open,
    Close,
}

fn words(text: &str) -> Option<Vec<Word<'_>>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, end) = match first {
            '(' => (Word::Open, 1),
            ')' => (Word::Close, 1),
            '"' | '\'' => {
                let length = rest[1..].find(first)?;
                (Word::Quoted(&rest[1..=length]), length + 2)
            }
            '<' | '>' | '=' | '!' | '~' => {
                let end = rest.find(|c| !"<>=!~".contains(c)).unwrap_or(rest.len());
                (Word::Operator(&rest[..end]), end)
            }
            _ => {
                let end =
                    rest.find(|c: char| !c.is_alphanumeric() && !"_.".contains(c)).unwrap_or(rest.len());
                if end == 0 {
                    return None;
                }
                (Word::Bare(&rest[..end]), end)
            }
        };
        words.push(word);
        rest = rest[end..].trim_start();
    }
    Some(words)
}

/// Deeper than anybody writes.
const MAX_DEPTH: usize = 32;

/// True, false, or not to be told.
#[derive(Clone, Copy)]
struct Answer(Option<bool>);

impl Answer {
    fn and(self, other: Self) -> Self {
        Self(match (self.0, other.0) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        })
    }

    fn or(self, other: Self) -> Self {
        Self(match (self.0, other.0) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        })
    }
}

struct Reader<'a> {
    words: Vec<Word<'a>>,
    at: usize,
    depth: usize,
    environment: &'a Environment,
    extra: Option<&'a str>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<Word<'a>> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word
    }

    fn takes(&mut self, word: &Word<'_>) -> bool {
        let takes = self.words.get(self.at) == Some(word);
        self.at += usize::from(takes);
        takes
    }

    fn either(&mut self) -> Option<Answer> {
        let mut answer = self.both()?;
        while self.takes(&Word::Bare("or")) {
            answer = answer.or(self.both()?);
        }
        Some(answer)
    }

    fn both(&mut self) -> Option<Answer> {
        let mut answer = self.one()?;
        while self.takes(&Word::Bare("and")) {
            answer = answer.and(self.one()?);
        }
        Some(answer)
    }

    fn one(&mut self) -> Option<Answer> {
        if self.takes(&Word::Open) {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return None;
            }
            let answer = self.either()?;
            self.depth -= 1;
            return self.takes(&Word::Close).then_some(answer);
        }
        let left = self.next()?;
        let operator = match self.next()? {
            Word::Operator(operator) => operator,
            Word::Bare("in") => "in",
            Word::Bare("not") if self.takes(&Word::Bare("in")) => "not in",
            _ => return None,
        };
        let right = self.next()?;
        Some(Answer(self.compare(&left, operator, &right)))
    }

    fn compare(&self, left: &Word<'_>, operator: &str, right: &Word<'_>) -> Option<bool> {
        let (variable, value, operator) = match (left, right) {
            (Word::Bare(variable), Word::Quoted(value)) => (*variable, *value, operator),
            (Word::Quoted(value), Word::Bare(variable)) => (*variable, *value, turned(operator)),
            _ => return None,
        };
        // `'linux' in sys_platform` and `sys_platform in 'linux darwin'` differ in who holds whom.
        let variable_is_left = matches!(left, Word::Bare(_));
        match variable {
            "python_version" => versions(self.environment.python.as_deref()?, operator, value),
            "python_full_version" | "implementation_version" => {
                full_versions(self.environment.python.as_deref()?, operator, value)
            }
            "extra" => {
                let is_asked = self.extra.is_some_and(|extra| normalized(extra) == normalized(value));
                Some(is_asked == (operator != "!="))
            }
            _ => {
                let known = known(variable)?;
                Some(match operator {
                    "==" | "===" => known == value,
                    "!=" => known != value,
                    "in" if variable_is_left => value.contains(known),
                    "in" => known.contains(value),
                    "not in" if variable_is_left => !value.contains(known),
                    "not in" => !known.contains(value),
                    _ => return None,
                })
            }
        }
    }
}

/// What is the same on every Linux.
fn known(variable: &str) -> Option<&'static str> {
    match variable {
        "os_name" | "os.name" => Some("posix"),
        "sys_platform" | "sys.platform" => Some("linux"),
        "platform_system" => Some("Linux"),
        _ => None,
    }
}

/// The operator when both sides change places.
fn turned(operator: &str) -> &str {
    match operator {
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        other => other,
    }
}

fn versions(python: &str, operator: &str, value: &str) -> Option<bool> {
    // Where only the first number is known, it may decide nevertheless.
    if !python.contains('.') && first_numbers(value, 1) == python {
        return match (value, operator) {
            (value, "<") if value == python => Some(false),
            (value, ">=") if value == python => Some(true),
            _ => None,
        };
    }
    match operator {
        "in" => Some(value.split([' ', ',']).any(|one| one == python)),
        "not in" => Some(value.split([' ', ',']).all(|one| one != python)),
        _ => pep440::meets(python, &format!("{operator}{value}")),
    }
}

/// The third number is not known: the first two may decide nevertheless.
fn full_versions(python: &str, operator: &str, value: &str) -> Option<bool> {
    if first_numbers(value, 2) == python { None } else { versions(python, operator, value) }
}

fn first_numbers(version: &str, count: usize) -> String {
    version.split('.').take(count).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(python: &str, marker: &str) -> Option<bool> {
        holds(marker, &Environment { python: Some(python.to_owned()) }, None)
    }

    #[test]
    fn names_are_compared_by_their_normal_form() {
        assert_eq!(normalized("Zope.Interface"), "zope-interface");
        assert_eq!(normalized("ruamel_yaml--clib"), "ruamel-yaml-clib");
    }

    #[test]
    fn a_requirement_has_its_parts() {
        let requirement =
            Requirement::parse("requests [socks,tests] (>=2.8.1, ==2.8.*) ; python_version < '2.7'");
        assert_eq!(
            requirement,
            Some(Requirement {
                name: "requests",
                extras: vec!["socks", "tests"],
                constraint: ">=2.8.1, ==2.8.*",
                url: None,
                marker: Some("python_version < '2.7'"),
            })
        );
        let from = Requirement::parse("pip @ https://example.org/pip.zip;x#sha1=da9 ; os_name == 'nt'");
        assert_eq!(from.and_then(|from| from.url), Some("https://example.org/pip.zip;x#sha1=da9"));
        assert_eq!(Requirement::parse("a===1.0-x").and_then(|one| one.pin()), Some("1.0-x"));
        assert_eq!(Requirement::parse("a==1.*").and_then(|one| one.pin()), None);
        for odd in ["", "./local", "-e .", "https://example.org/x.whl", "==1", "a b"] {
            assert_eq!(Requirement::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_marker_holds_or_not_or_cannot_be_told() {
        for (marker, answer) in [
            ("python_version < '3.9'", Some(false)),
            ("python_version >= \"3.10\" and sys_platform != 'win32'", Some(true)),
            ("'3.7' <= python_version", Some(true)),
            ("python_full_version < '3.11.0a7'", None),
            ("python_full_version <= '3.10.2'", Some(false)),
            ("platform_machine == 'x86_64'", None),
            ("platform_machine == 'x86_64' and os_name == 'nt'", Some(false)),
            ("platform_machine == 'x86_64' or (os_name == 'posix')", Some(true)),
            ("extra == 'socks'", Some(false)),
            ("(python_version > '3') and extra == \"a\"", Some(false)),
            ("sys_platform in 'linux darwin'", Some(true)),
            ("'lin' not in sys_platform", Some(false)),
        ] {
            assert_eq!(on("3.11", marker), answer, "{marker}");
        }
        let with_extra = |marker: &str| holds(marker, &Environment::default(), Some("A.b"));
        assert_eq!(with_extra("extra == 'a_b' and os_name == 'posix'"), Some(true));
        assert_eq!(with_extra("extra == 'c'"), Some(false));
        assert_eq!(on("3", "python_version < '3'"), Some(false));
        assert_eq!(on("3", "python_version < '3.9'"), None);
        assert_eq!(on("3", "python_version < '2.7'"), Some(false));
        assert_eq!(holds("python_version < '3'", &Environment::default(), None), None);
    }

    #[test]
    fn a_broken_marker_cannot_be_told() {
        let deep = format!("{}os_name == 'nt'{}", "(".repeat(10_000), ")".repeat(10_000));
        for marker in
            ["", "os_name", "os_name == ", "os_name == 'x", "(os_name == 'posix'", "é ü", "a b c d", &deep]
        {
            assert_eq!(on("3.11", marker), None, "{marker:.20}");
        }
    }
}
