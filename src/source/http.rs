//! HTTP, for what lies behind it and was asked for by name: nothing here is fetched on its own.
//!
//! Plain HTTP goes only to this very machine, unless the user says otherwise, and no redirect leads there from TLS.
//! Trusted are Mozilla's roots, which are built in, or those of a file instead. Proxies are those of the usual
//! variables (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).
//!
//! Spec: <https://www.rfc-editor.org/rfc/rfc9110>

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// How many times an answer may lead elsewhere.
const MAX_REDIRECTS: usize = 5;
/// A file of certificates larger than this is something else.
const MAX_CERTIFICATES: u64 = 16 << 20;
const CONNECT: Duration = Duration::from_secs(20);

/// What the user says about the network.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Nothing may be fetched at all.
    pub offline: bool,
    /// Certificates (PEM) that are trusted instead of the built-in ones.
    pub ca_file: Option<PathBuf>,
    /// Plain HTTP may go anywhere.
    pub plain: bool,
    /// How long one answer may take, to its last byte.
    pub timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self { offline: false, ca_file: None, plain: false, timeout: Duration::from_secs(60) }
    }
}

/// A client.
pub struct Http {
    agent: ureq::Agent,
    options: HttpOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
}

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub method: Method,
    pub url: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    /// Who asks. Nobody else than the host of `url` is told, wherever it leads.
    pub authorization: Option<&'a str>,
    pub body: &'a [u8],
    /// The answer may take as long as it likes, as long as something of it keeps coming.
    pub unhurried: bool,
}

impl<'a> Question<'a> {
    pub fn get(url: &'a str) -> Self {
        Self { method: Method::Get, url, headers: &[], authorization: None, body: &[], unhurried: false }
    }

    fn has_body(&self) -> bool {
        matches!(self.method, Method::Post | Method::Put)
    }

    /// Whether an answer of this status sends the same question elsewhere.
    fn follows(&self, status: u16) -> bool {
        match status {
            301..=303 => !self.has_body(),
            307 | 308 => true,
            _ => false,
        }
    }
}

/// What came of a question.
pub struct Answer {
    pub status: u16,
    /// Where it came from in the end, for people.
    pub url: String,
    /// The same with everything in it.
    address: String,
    /// What proved who asks, in each of its spellings: it may come back, and is nobody else's to see.
    pub(in crate::source) told: Vec<String>,
    response: ureq::http::Response<ureq::Body>,
}

/// Why something could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("`{url}` was not asked: nothing may be fetched with --offline")]
    Offline { url: String },
    #[error("`{url}` is no address of the web")]
    BadUrl { url: String },
    #[error("`{url}` would be fetched without TLS")]
    Plain { url: String },
    #[error("cannot read the certificates in `{}`", path.display())]
    Certificates { path: PathBuf, source: io::Error },
    #[error("`{}` holds no certificate in PEM form", path.display())]
    NoCertificate { path: PathBuf },
    #[error("`{url}` cannot be reached")]
    Unreachable { url: String, source: Box<ureq::Error> },
    #[error("`{url}` answered with {status}{}", retry.as_ref().map(|after| format!(", and asks to wait {after} s")).unwrap_or_default())]
    Status { url: String, status: u16, retry: Option<String> },
    #[error("`{url}` leads from one address to the next without end")]
    Redirects { url: String },
    #[error("the answer of `{url}` is larger than {limit} bytes")]
    TooLarge { url: String, limit: u64 },
    #[error("the answer of `{url}` broke off")]
    Broken { url: String, source: io::Error },
}

impl HttpError {
    /// What the user can do about it; `None` where the message says it all.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::BadUrl { .. } => "write it as https://host/path".into(),
            Self::Plain { .. } => {
                "use https, or allow it with --plain-http if nobody can listen or meddle on the way".into()
            }
            Self::Unreachable { .. } => {
                "look at the proxy (HTTPS_PROXY, NO_PROXY), and at --ca-file if the network has certificates of its own"
                    .into()
            }
            Self::Status { status: 404 | 410, .. } => "the address may have changed; see --url".into(),
            Self::Status { status: 429 | 500.., .. } | Self::Broken { .. } => "try again later".into(),
            _ => return None,
        })
    }
}

impl Http {
    /// # Errors
    /// When the file of certificates cannot be used.
    pub fn new(options: HttpOptions) -> Result<Self, HttpError> {
        let mut tls = TlsConfig::builder();
        if let Some(path) = &options.ca_file {
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates(path.clone())?));
        }
        let config = ureq::Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            // They are followed here, where each can be looked at first.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(options.timeout))
            .timeout_per_write(Some(options.timeout))
            .build();
        Ok(Self { agent: config.new_agent(), options })
    }

    /// Asks for what an address has. Any status but a redirect is an answer.
    ///
    /// # Errors
    /// When the address must not be asked or nobody answers.
    pub fn get(&self, url: &str) -> Result<Answer, HttpError> {
        self.ask(&Question::get(url))
    }

    /// Any status but a redirect is an answer.
    ///
    /// # Errors
    /// When the address must not be asked or nobody answers.
    pub fn ask(&self, question: &Question<'_>) -> Result<Answer, HttpError> {
        let mut at = question.url.to_owned();
        let mut was_tls = false;
        let mut authorization = question.authorization;
        for _ in 0..=MAX_REDIRECTS {
            self.may_ask(&at, was_tls)?;
            was_tls |= is_tls(&at);
            let response = self.run(question, &at, authorization)?;
            let status = response.status().as_u16();
            let location = response.headers().get("location").and_then(|value| value.to_str().ok());
            match location.filter(|_| question.follows(status)) {
                Some(location) => {
                    let next = joined(&at, location);
                    authorization = authorization.filter(|_| is_same_host(&at, &next));
                    at = next;
                }
                None => {
                    return Ok(Answer { status, url: shown(&at), address: at, told: Vec::new(), response });
                }
            }
        }
        Err(HttpError::Redirects { url: shown(question.url) })
    }

    fn run(
        &self,
        question: &Question<'_>,
        at: &str,
        authorization: Option<&str>,
    ) -> Result<ureq::http::Response<ureq::Body>, HttpError> {
        let method = match question.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
        };
        let mut request = ureq::http::Request::builder().method(method).uri(at);
        let authorization = authorization.map(|who| ("authorization", who));
        for (name, value) in question.headers.iter().copied().chain(authorization) {
            request = request.header(name, value);
        }
        let unusable = |_| HttpError::BadUrl { url: shown(at) };
        let timeout = (!question.unhurried).then_some(self.options.timeout);
        let asked = if question.has_body() {
            let request = request.body(question.body).map_err(unusable)?;
            self.agent.run(self.agent.configure_request(request).timeout_global(timeout).build())
        } else {
            let request = request.body(()).map_err(unusable)?;
            self.agent.run(self.agent.configure_request(request).timeout_global(timeout).build())
        };
        asked.map_err(|source| HttpError::Unreachable { url: shown(at), source: Box::new(source) })
    }

    fn may_ask(&self, url: &str, was_tls: bool) -> Result<(), HttpError> {
        if self.options.offline {
            return Err(HttpError::Offline { url: shown(url) });
        }
        let (scheme, rest) = parts(url).ok_or_else(|| HttpError::BadUrl { url: shown(url) })?;
        let plain_is_fine = (self.options.plain && !was_tls) || is_loopback(authority(rest));
        if scheme != "https" && !plain_is_fine {
            return Err(HttpError::Plain { url: shown(url) });
        }
        Ok(())
    }
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// All values of a header that may come several times.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let values = self.response.headers().get_all(name);
        values.iter().filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
    }

    /// Where an address leads that stands in this answer.
    pub fn joined(&self, location: &str) -> String {
        joined(&self.address, location)
    }

    /// Whether it came from the host that has this address.
    pub fn is_from(&self, url: &str) -> bool {
        is_same_host(&self.address, url)
    }

    /// The body as it comes, whatever the status.
    pub fn into_reader(self) -> impl Read + Send + 'static {
        self.response.into_body().into_reader()
    }

    /// The whole body of a good answer.
    ///
    /// # Errors
    /// When the answer is not 200, is larger than the limit, or breaks off.
    pub fn bytes(self, limit: u64) -> Result<Vec<u8>, HttpError> {
        if self.status != 200 {
            let retry = self.header("retry-after").filter(|after| after.bytes().all(|b| b.is_ascii_digit()));
            return Err(HttpError::Status {
                retry: retry.map(str::to_owned),
                status: self.status,
                url: self.url,
            });
        }
        self.body(limit)
    }

    /// The whole body, whatever the status.
    ///
    /// # Errors
    /// When it is larger than the limit, or breaks off.
    pub fn body(self, limit: u64) -> Result<Vec<u8>, HttpError> {
        let mut bytes = Vec::new();
        // One more than may be, to see that there is more.
        let read = self.response.into_body().into_reader().take(limit + 1).read_to_end(&mut bytes);
        match read {
            Err(source) => Err(HttpError::Broken { url: self.url, source }),
            Ok(_) if bytes.len() as u64 > limit => Err(HttpError::TooLarge { url: self.url, limit }),
            Ok(_) => Ok(bytes),
        }
    }
}

fn certificates(path: PathBuf) -> Result<Vec<Certificate<'static>>, HttpError> {
    let mut pem = Vec::new();
    let read = std::fs::File::open(&path).and_then(|file| file.take(MAX_CERTIFICATES).read_to_end(&mut pem));
    read.map_err(|source| HttpError::Certificates { path: path.clone(), source })?;
    let certificates: Vec<Certificate<'_>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() { Err(HttpError::NoCertificate { path }) } else { Ok(certificates) }
}

/// Scheme and rest of an address of the web.
fn parts(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let is_known = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let scheme = if scheme.eq_ignore_ascii_case("https") { "https" } else { "http" };
    (is_known && !authority(rest).is_empty()).then_some((scheme, rest))
}

fn is_tls(url: &str) -> bool {
    parts(url).is_some_and(|(scheme, _)| scheme == "https")
}

/// `user@host:port` of what follows the scheme.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether two addresses are asked of one host, in one way.
fn is_same_host(one: &str, other: &str) -> bool {
    let place = |url: &str| {
        let (scheme, rest) = parts(url)?;
        let host = authority(rest);
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host).to_ascii_lowercase();
        let usual = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(usual).map(str::to_owned).unwrap_or(host);
        Some(format!("{scheme}://{host}"))
    };
    place(one).is_some_and(|place_of_one| place(other) == Some(place_of_one))
}

/// Whether a host is this very machine, by its number or the one name that is reserved for it.
pub(super) fn is_loopback(authority: &str) -> bool {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (bracketed, port) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')).unzip();
    if let Some(address) = bracketed {
        let port_is_fine = port.is_some_and(|port| port.is_empty() || port.starts_with(':'));
        return port_is_fine && address.parse::<std::net::Ipv6Addr>().is_ok_and(|a| a.is_loopback());
    }
    let host = host.split(':').next().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Where a redirect leads from here.
fn joined(from: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let Some((scheme, rest)) = parts(from) else { return location.to_owned() };
    let host = authority(rest);
    if let Some(elsewhere) = location.strip_prefix("//") {
        return format!("{scheme}://{elsewhere}");
    }
    if location.starts_with('/') {
        return format!("{scheme}://{host}{location}");
    }
    let path = rest[host.len()..].split(['?', '#']).next().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{scheme}://{host}{folder}/{location}")
}

/// An address for people: without a password, and without what follows the path.
fn shown(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    match parts(bare) {
        Some((scheme, rest)) => {
            let host = authority(rest);
            let path = &rest[host.len()..];
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        let http = Http::new(HttpOptions::default()).expect("no certificates to read");
        let may = |url: &str, was_tls: bool| http.may_ask(url, was_tls).is_ok();
        assert!(may("https://endoflife.date/api", false));
        assert!(may("http://127.0.0.1:8000/x", false));
        assert!(may("http://localhost/x", false));
        assert!(may("http://[::1]:80/x", false));
        assert!(!may("http://endoflife.date/api", false));
        assert!(!may("http://127.0.0.1.example.org/x", false));
        assert!(!may("http://127.0.0.1@example.org/x", false));
        assert!(!may("http://localhost.example.org/x", false));
        assert!(!may("http://[::1].example.org/x", false));
        assert!(!may("ftp://127.0.0.1/x", false));
        assert!(!may("https://", false));
    }

    #[test]
    fn a_user_may_allow_plain_http_but_no_redirect_leaves_tls() {
        let options = HttpOptions { plain: true, ..HttpOptions::default() };
        let http = Http::new(options).expect("no certificates to read");
        assert!(http.may_ask("http://mirror.example.org/x", false).is_ok());
        assert!(http.may_ask("http://mirror.example.org/x", true).is_err());
    }

    #[test]
    fn offline_nothing_is_asked() {
        let options = HttpOptions { offline: true, ..HttpOptions::default() };
        let http = Http::new(options).expect("no certificates to read");
        let error = http.get("https://endoflife.date/api").err().expect("refused");
        assert!(matches!(error, HttpError::Offline { .. }), "{error}");
    }

    #[test]
    fn a_host_is_the_same_with_its_usual_port_and_no_other() {
        assert!(is_same_host("https://a.org/b", "https://A.org:443/c?d"));
        assert!(is_same_host("http://a.org:80", "http://me@a.org/"));
        for other in
            ["http://a.org/", "https://b.org/", "https://a.org:444/", "https://a.org.b.org/", "a.org"]
        {
            assert!(!is_same_host("https://a.org/", other), "{other}");
        }
    }

    #[test]
    fn a_question_with_a_body_is_not_made_one_without() {
        let asks = |method, status| Question { method, ..Question::get("") }.follows(status);
        assert!(asks(Method::Get, 302) && asks(Method::Head, 301) && asks(Method::Put, 307));
        assert!(!asks(Method::Put, 302) && !asks(Method::Post, 303) && !asks(Method::Get, 304));
    }

    #[test]
    fn redirects_are_joined() {
        assert_eq!(joined("https://a.org/b/c?d", "/e"), "https://a.org/e");
        assert_eq!(joined("https://a.org/b/c?d", "e"), "https://a.org/b/e");
        assert_eq!(joined("https://a.org", "e"), "https://a.org/e");
        assert_eq!(joined("https://a.org/b", "//c.org/e"), "https://c.org/e");
        assert_eq!(joined("https://a.org/b", "http://c.org/e"), "http://c.org/e");
    }

    #[test]
    fn no_password_is_shown() {
        assert_eq!(shown("https://me:secret@a.org/b?token=x"), "https://a.org/b");
        assert_eq!(shown("a@b"), "a@b");
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, "no certificate").expect("writable");
        let new = |path: PathBuf| Http::new(HttpOptions { ca_file: Some(path), ..HttpOptions::default() });
        assert!(matches!(new(path.clone()), Err(HttpError::NoCertificate { .. })));
        assert!(matches!(new(folder.path().join("none.pem")), Err(HttpError::Certificates { .. })));
    }
}
