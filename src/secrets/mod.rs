//! Credentials in text: found by their form, or by the name they are kept under.
//!
//! Issuers give their tokens beginnings of their own so that they can be found (`ghp_`, `glpat-`, `AKIA`); other
//! secrets have no form, and only the name beside them tells (`DB_PASSWORD=`). What stands for a value that comes
//! later (`${TOKEN}`, `changeme`, a path) is none. Values go in and never come out.
//! Spec: <https://docs.github.com/code-security/secret-scanning/introduction/supported-secret-scanning-patterns>

mod files;

use std::ops::Range;

pub use files::{FILES, Files};

use crate::bom::SecretKind;

/// One credential in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub kind: SecretKind,
    /// The name it is kept under; empty where it stands alone.
    pub name: String,
    /// 1-based.
    pub line: u32,
    /// Its bytes in the text.
    range: Range<usize>,
}

/// The beginning of a token, how many characters follow at least, and whose it is.
const TOKENS: &[(&str, usize, SecretKind)] = &[
    ("AIza", 35, SecretKind::GoogleKey),
    ("AKIA", 16, SecretKind::AwsKey),
    ("ASIA", 16, SecretKind::AwsKey),
    ("ghp_", 36, SecretKind::GithubToken),
    ("gho_", 36, SecretKind::GithubToken),
    ("ghs_", 36, SecretKind::GithubToken),
    ("ghu_", 36, SecretKind::GithubToken),
    ("ghr_", 36, SecretKind::GithubToken),
    ("github_pat_", 36, SecretKind::GithubToken),
    ("glpat-", 20, SecretKind::GitlabToken),
    ("hvs.", 24, SecretKind::VaultToken),
    ("npm_", 36, SecretKind::NpmToken),
    ("pypi-AgE", 40, SecretKind::PypiToken),
    ("rk_live_", 20, SecretKind::StripeKey),
    ("sk_live_", 20, SecretKind::StripeKey),
    ("xoxa-", 20, SecretKind::SlackToken),
    ("xoxb-", 20, SecretKind::SlackToken),
    ("xoxp-", 20, SecretKind::SlackToken),
    ("xoxs-", 20, SecretKind::SlackToken),
];

/// How the names of secrets end, in words.
const NAMES: &[(&[&str], SecretKind)] = &[
    (&["password"], SecretKind::Password),
    (&["passwd"], SecretKind::Password),
    (&["passphrase"], SecretKind::Password),
    (&["pwd"], SecretKind::Password),
    (&["secret"], SecretKind::Token),
    (&["token"], SecretKind::Token),
    (&["authtoken"], SecretKind::Token),
    (&["apikey"], SecretKind::Token),
    (&["api", "key"], SecretKind::Token),
    (&["access", "key"], SecretKind::Token),
    (&["secret", "key"], SecretKind::Token),
    (&["secret", "key", "base"], SecretKind::Token),
    (&["private", "key"], SecretKind::Token),
    (&["signing", "key"], SecretKind::Token),
    (&["encryption", "key"], SecretKind::Token),
    (&["client", "key", "data"], SecretKind::PrivateKey),
];

/// Names that are no secret although they end like one: the shell's own folder, and what settings are called.
const NO_SECRETS: &[&str] = &["PWD", "OLDPWD", "INIT_CWD"];

/// More in one text are not told.
const MOST: usize = 50;

/// The credential that a variable holds.
pub fn in_variable(name: &str, value: &str) -> Option<SecretKind> {
    let by_form = in_form(value).into_iter().next().map(|(kind, _)| kind);
    by_form.or_else(|| by_name(name).filter(|_| is_real(value)))
}

/// The credentials in a text, each line's assignments among them. The first of them, where there are very many.
pub fn in_text(text: &str) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut at = 0;
    let forms = in_form(text);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let named = assigned(line).filter_map(|(name, value)| {
            let kind = by_name(name).filter(|_| is_real(&line[value.clone()]))?;
            Some((kind, name, at + value.start..at + value.end))
        });
        let formed = forms.iter().filter(|(_, range)| (at..at + line.len()).contains(&range.start));
        let mut of_line: Vec<Hit> = formed
            .map(|(kind, range)| Hit { kind: *kind, name: String::new(), line: number, range: range.clone() })
            .collect();
        for (kind, name, range) in named {
            // A form tells more than a name.
            match of_line.iter_mut().find(|hit| hit.range.start < range.end && range.start < hit.range.end) {
                Some(hit) => name.clone_into(&mut hit.name),
                None => of_line.push(Hit { kind, name: name.to_owned(), line: number, range }),
            }
        }
        of_line.sort_by_key(|hit| hit.range.start);
        hits.extend(of_line);
        at += line.len();
        if hits.len() >= MOST {
            hits.truncate(MOST);
            break;
        }
    }
    hits
}

/// The text with `***` for every credential in it.
pub fn redacted(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut at = 0;
    let hits = in_text(text);
    let are_all = hits.len() < MOST;
    for hit in hits {
        if hit.range.start >= at {
            redacted.push_str(&text[at..hit.range.start]);
            redacted.push_str("***");
            at = hit.range.end;
        }
    }
    // What was not looked at any more may hold others.
    redacted.push_str(if are_all { &text[at..] } else { "***" });
    redacted
}

/// What is a credential by its form, in order of place.
fn in_form(text: &str) -> Vec<(SecretKind, Range<usize>)> {
    let mut found = Vec::new();
    for (start, least, kind) in TOKENS {
        for (at, _) in text.match_indices(start).take(MOST) {
            let rest = &text[at + start.len()..];
            let length = rest.bytes().take_while(|byte| is_of_token(*byte)).count();
            let stands_alone = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            if stands_alone && length >= *least && is_mixed(&rest[..length]) {
                found.push((*kind, at..at + start.len() + length));
            }
        }
    }
    found.extend(web_tokens(text));
    found.extend(private_keys(text));
    found.extend(url_passwords(text));
    found.sort_by_key(|(_, range)| range.start);
    found
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Examples write one letter many times.
fn is_mixed(text: &str) -> bool {
    let first = text.as_bytes().first();
    text.bytes().filter(|byte| Some(byte) != first).count() >= 6
}

/// Three parts with points between; the first two are JSON in base64 and begin alike.
fn web_tokens(text: &str) -> Vec<(SecretKind, Range<usize>)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("eyJ").take(MOST) {
        let rest = &text[at..];
        let length = rest.bytes().take_while(|byte| is_of_token(*byte) || *byte == b'.').count();
        let parts: Vec<&str> = rest[..length].split('.').collect();
        if let [head, body, signature] = parts.as_slice()
            && head.len() >= 12
            && body.starts_with("eyJ")
            && signature.len() >= 16
        {
            found.push((SecretKind::JsonWebToken, at..at + length));
        }
    }
    found
}

fn private_keys(text: &str) -> Vec<(SecretKind, Range<usize>)> {
    const BEGIN: &str = "-----BEGIN ";
    const LONGEST_LABEL: usize = 40;
    let mut found = Vec::new();
    for (at, _) in text.match_indices(BEGIN).take(MOST) {
        let rest = &text[at + BEGIN.len()..];
        let Some(end) = rest.find("-----").filter(|end| *end <= LONGEST_LABEL) else { continue };
        let has_body = rest[end + 5..].trim_start().len() >= 32;
        if rest[..end].contains("PRIVATE KEY") && has_body {
            let length = rest.find("-----END ").unwrap_or(rest.len());
            found.push((SecretKind::PrivateKey, at..at + BEGIN.len() + length));
        }
    }
    found
}

fn url_passwords(text: &str) -> Vec<(SecretKind, Range<usize>)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://").take(MOST) {
        let start = at + 3;
        let rest = &text[start..];
        let host =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '?' | '#' | '<' | '>'));
        let Some((user, _)) = rest[..host.unwrap_or(rest.len())].rsplit_once('@') else { continue };
        if let Some((name, password)) = user.split_once(':').filter(|(_, password)| is_real(password)) {
            let begin = start + name.len() + 1;
            found.push((SecretKind::UrlPassword, begin..begin + password.len()));
        }
    }
    found
}

/// `NAME=value`, `name: value`, `"name": "value"` and `<name>value</name>` of a line: the name, and the bytes of
/// the value.
fn assigned(line: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let separators = line.match_indices(['=', ':', '>', ' ']);
    separators.filter_map(|(at, separator)| {
        let name = line[..at].trim_end().trim_end_matches(['"', '\'']);
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let name = name.rsplit(|c| !is_of_name(c)).next().unwrap_or_default();
        let rest = &line[at + 1..];
        // `login x password y`, as .netrc has it: only there a space is enough.
        if name.is_empty() || (separator == " " && name != "password") || rest.starts_with("//") {
            return None;
        }
        let before = rest.len() - rest.trim_start().trim_start_matches(['"', '\'']).len();
        let value = &rest[before..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | ',' | ';');
        let length = value.find(ends).unwrap_or(value.len());
        let begin = at + 1 + before;
        (length > 0).then_some((name, begin..begin + length))
    })
}

fn by_name(name: &str) -> Option<SecretKind> {
    if NO_SECRETS.contains(&name) {
        return None;
    }
    let words = words(name);
    let ends = |end: &&(&[&str], SecretKind)| words.len() >= end.0.len() && words.ends_with(&owned(end.0));
    NAMES.iter().find(ends).map(|(_, kind)| *kind)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// `apiKey`, `API_KEY` and `api-key` alike.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        let begins = matches!(c, '_' | '-' | '.') || (was_lower && c.is_ascii_uppercase());
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase();
    }
    words
}

/// Not empty, no reference to a value that comes later, and nothing that documentation writes.
fn is_real(value: &str) -> bool {
    const SHORTEST: usize = 4;
    const STAND_INS: &[&str] = &[
        "changeme",
        "change-me",
        "change_me",
        "example",
        "false",
        "none",
        "null",
        "placeholder",
        "redacted",
        "replaceme",
        "replace-me",
        "replace_me",
        "secret",
        "password",
        "token",
        "true",
        "undefined",
        "your",
    ];
    let lower = value.to_ascii_lowercase();
    let is_stand_in =
        STAND_INS.iter().any(|word| lower == *word) || lower.starts_with("your") || lower.contains("example");
    let refers = value.contains(['$', '<', '>', '{', '}', '%', '(', ')']);
    let is_path = value.starts_with(['/', '.', '~']) && value.contains('/');
    let is_blank = lower.bytes().all(|byte| matches!(byte, b'*' | b'x' | b'.' | b'-' | b'_'));
    value.len() >= SHORTEST && !is_stand_in && !refers && !is_path && !is_blank
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// Put together here, so that no scanner of sources takes this file for a leak.
    fn token(start: &str, length: usize) -> String {
        let letters = "a1B2c3D4e5F6g7H8i9J0".chars().cycle();
        start.chars().chain(letters.take(length)).collect()
    }

    fn check(text: &str, expected: Expect) {
        let lines = in_text(text).into_iter();
        let lines: Vec<String> =
            lines.map(|hit| format!("{}: {} {}\n", hit.line, hit.kind.name(), hit.name)).collect();
        expected.assert_eq(&lines.concat());
    }

    #[test]
    fn tokens_are_known_by_their_form() {
        let text = format!(
            "//registry.npmjs.org/:_authToken={}\nurl = https://me:{}@host/x\nkey={}\n{}\n",
            token("npm_", 36),
            token("", 12),
            token("AKIA", 16).to_uppercase(),
            token("xxghp_", 36),
        );
        check(
            &text,
            expect![[r#"
            1: npm-token _authToken
            2: url-password 
            3: aws-key 
        "#]],
        );
    }

    #[test]
    fn files_of_many_tools_are_read() {
        check(
            "machine host login me password s3cr3t-x\n  \"auth\": \"x\",\n  \"clientSecret\": \"abcd1234\",\n\
             <password>hunter22</password>\npassword: hunter22\nDB_PASSWORD=hunter22\nexport API_KEY='k-123456'\n",
            expect![[r#"
                1: password password
                3: token clientSecret
                4: password password
                5: password password
                6: password DB_PASSWORD
                7: token API_KEY
            "#]],
        );
    }

    #[test]
    fn what_stands_for_a_value_is_none() {
        check(
            "TOKEN=${TOKEN}\nPASSWORD=\nPASSWORD_FILE=/run/secrets/x\nSECRET=/run/secrets/y\nPASSWORD=changeme\n\
             API_KEY=<your key>\nTOKEN=xxxxxxxx\nGPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D\nPWD=/srv/app\n\
             MYSQL_RANDOM_ROOT_PASSWORD=yes\ntime: 12:30:15\n",
            expect![[""]],
        );
    }

    #[test]
    fn a_private_key_needs_a_body() {
        let body = token("", 64);
        check(
            &format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n"),
            expect![[r#"
                1: private-key 
            "#]],
        );
        check("write -----BEGIN PRIVATE KEY----- first", expect![[""]]);
        check(&format!("-----BEGIN CERTIFICATE-----\n{body}\n"), expect![[""]]);
    }

    #[test]
    fn nothing_of_a_value_is_left() {
        let step = format!(
            "|2 NPM_TOKEN={} DB_PASSWORD=hunter22 /bin/sh -c curl -H \"X: {}\" https://u:pass99@h/ && npm ci",
            token("npm_", 36),
            token("ghp_", 36),
        );
        expect![[
            r#"|2 NPM_TOKEN=*** DB_PASSWORD=*** /bin/sh -c curl -H "X: ***" https://u:***@h/ && npm ci"#
        ]]
        .assert_eq(&redacted(&step));
    }

    #[test]
    fn hostile_text_is_no_trouble() {
        for text in
            ["", "=", ":", "://", "://:@", "-----BEGIN ", "eyJ", "eyJ..", "ü=ü", "PASSWORD=üüüü", "a://b:ü@"]
        {
            let _ = redacted(text);
        }
        let many = "PASSWORD=abcdef12 ".repeat(10_000);
        assert_eq!(in_text(&many).len(), MOST);
        assert!(!redacted(&many).contains("abcdef12"));
    }
}
