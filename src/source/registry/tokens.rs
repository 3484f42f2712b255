//! Tokens: what a registry's own desk gives to those who say who they are, or to anybody, for one repository.
//!
//! Spec: <https://distribution.github.io/distribution/spec/auth/token/>,
//! <https://distribution.github.io/distribution/spec/auth/oauth/>

use serde::Deserialize;

use super::RegistryError;
use super::credentials::Login;
use crate::source::http::{Http, Method, Question};

/// Tokens are a few thousand bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// Where tokens are had, and for what.
pub(super) struct Desk<'a> {
    pub(super) realm: &'a str,
    pub(super) service: Option<&'a str>,
    pub(super) scope: &'a str,
}

/// What came of asking for a token.
pub(super) enum Given {
    Token(String),
    /// The desk does not know who asks, or does not believe it.
    Refused,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
}

impl Desk<'_> {
    pub(super) fn ask(&self, http: &Http, login: Option<&Login>) -> Result<Given, RegistryError> {
        let answer = match login {
            Some(Login::Identity(identity)) => {
                let mut form = vec![("grant_type", "refresh_token"), ("client_id", env!("CARGO_PKG_NAME"))];
                form.extend(self.service.map(|service| ("service", service)));
                form.extend([("scope", self.scope), ("refresh_token", identity.reveal())]);
                http.ask(&Question {
                    method: Method::Post,
                    headers: &[("content-type", "application/x-www-form-urlencoded")],
                    body: pairs(&form).as_bytes(),
                    ..Question::get(self.realm)
                })?
            }
            _ => {
                let mut query: Vec<(&str, &str)> =
                    self.service.map(|service| ("service", service)).into_iter().collect();
                // Several scopes of one challenge are several questions in one.
                query.extend(self.scope.split(' ').map(|scope| ("scope", scope)));
                let mark = if self.realm.contains('?') { '&' } else { '?' };
                let url = format!("{}{mark}{}", self.realm, pairs(&query));
                let authorization = login.and_then(Login::header);
                http.ask(&Question { authorization: authorization.as_deref(), ..Question::get(&url) })?
            }
        };
        let (url, status) = (answer.url.clone(), answer.status);
        match status {
            200 => {}
            400 | 401 | 403 => return Ok(Given::Refused),
            429 => {
                let retry = answer.header("retry-after").map(str::to_owned);
                return Err(RegistryError::TooOften { registry: url, retry, is_known: login.is_some() });
            }
            _ => return Err(RegistryError::Status { url, status, detail: None }),
        }
        let bad = |reason: &str| RegistryError::BadAnswer { url: url.clone(), reason: reason.to_owned() };
        let answer: Answer =
            serde_json::from_slice(&answer.body(MAX_ANSWER)?).map_err(|_| bad("it is no token"))?;
        let token = answer.token.or(answer.access_token).filter(|token| is_token(token));
        token.map(Given::Token).ok_or_else(|| bad("it holds no token"))
    }
}

/// One that could stand in a header.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// As addresses and forms write them.
fn pairs(pairs: &[(&str, &str)]) -> String {
    let written = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    written.collect::<Vec<_>>().join("&")
}

/// With everything escaped that means something in an address or a form.
pub(super) fn encoded(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte))
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_an_address_is_escaped() {
        let written = pairs(&[("scope", "repository:a/b:pull,push"), ("x", "ä +&")]);
        assert_eq!(written, "scope=repository%3Aa%2Fb%3Apull%2Cpush&x=%C3%A4%20%2B%26");
    }

    #[test]
    fn what_would_break_a_header_is_no_token() {
        assert!(is_token("eyJ.x-_="));
        assert!(!is_token("a\r\nx: y") && !is_token(""));
    }
}
