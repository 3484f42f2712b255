//! What a registry that wants to know who asks says about how to tell it: `WWW-Authenticate`.
//!
//! Spec: <https://www.rfc-editor.org/rfc/rfc9110#field.www-authenticate>,
//! <https://distribution.github.io/distribution/spec/auth/token/>

/// A way to say who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    /// A token, which is had at `realm`.
    Bearer {
        realm: String,
        service: Option<String>,
        scope: Option<String>,
    },
}

impl Challenge {
    /// The best of those a header has that we know.
    pub(super) fn of(headers: &[String]) -> Option<Self> {
        let all: Vec<Self> = headers.iter().flat_map(|header| parse(header)).collect();
        let bearer = all.iter().find(|challenge| **challenge != Self::Basic);
        bearer.or(all.first()).cloned()
    }
}

fn parse(header: &str) -> Vec<Challenge> {
    let mut found = Vec::new();
    let mut scheme = String::new();
    let mut parameters: Vec<(String, String)> = Vec::new();
    let mut rest = header.trim_start();
    while !rest.is_empty() {
        let word_ends = rest.find([' ', '\t', '=', ',']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_ends);
        match after.trim_start().strip_prefix('=').filter(|_| !word.is_empty()) {
            Some(value) => {
                let (value, left) = value_of(value.trim_start());
                parameters.push((word.to_ascii_lowercase(), value));
                rest = left;
            }
            None => {
                found.extend(challenge(&scheme, &parameters));
                scheme = word.to_ascii_lowercase();
                parameters.clear();
                rest = after;
            }
        }
        // A value without a name says nothing.
        rest = rest.trim_start_matches([' ', '\t', ',', '=']);
    }
    found.extend(challenge(&scheme, &parameters));
    found
}

/// A word or a quoted text, and what follows it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

fn challenge(scheme: &str, parameters: &[(String, String)]) -> Option<Challenge> {
    let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let said = |name: &str| value(name).filter(|value| !value.is_empty());
    match scheme {
        "basic" => Some(Challenge::Basic),
        "bearer" => {
            Some(Challenge::Bearer { realm: said("realm")?, service: said("service"), scope: said("scope") })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Option<Challenge> {
        Challenge::of(&[header.to_owned()])
    }

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Option<Challenge> {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Some(Challenge::Bearer { realm: realm.to_owned(), service: text(service), scope: text(scope) })
    }

    #[test]
    fn what_real_registries_say_is_read() {
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull,push""#;
        let expected = bearer(
            "https://auth.docker.io/token",
            Some("registry.docker.io"),
            Some("repository:library/alpine:pull,push"),
        );
        assert_eq!(of(hub), expected);
        assert_eq!(of(r#"Basic realm="Registry Realm""#), Some(Challenge::Basic));
        assert_eq!(of("BASIC realm=x"), Some(Challenge::Basic));
    }

    #[test]
    fn a_token_is_preferred_wherever_it_is_offered() {
        let expected = bearer("https://a/t", None, None);
        assert_eq!(of(r#"Basic realm="x, Bearer y", Bearer realm="https://a/t""#), expected);
        let headers = ["Basic realm=x".to_owned(), r#"bearer realm = "https://a/t" , service="""#.to_owned()];
        assert_eq!(Challenge::of(&headers), expected);
    }

    #[test]
    fn what_nobody_knows_is_passed_over() {
        for header in
            ["", "Negotiate", "Bearer", r#"Bearer realm="#, ",,,", "=x", r#"Digest realm="a\"b", nonce="c"#]
        {
            assert_eq!(of(header), None, "{header}");
        }
        assert_eq!(of(r#"Bearer realm="https://a\\b"#), bearer(r"https://a\b", None, None));
    }
}
