//! A client of registries: who asks, where, and how often.
//!
//! Spec: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde::Deserialize;

use super::challenge::Challenge;
use super::credentials::{Credentials, Known, Login};
use super::error::Denied;
use super::mirror::Mirror;
use super::retry::{self, Pauses};
use super::tokens::{Desk, Given};
use super::{Reference, RegistryError};
use crate::source::http::{Answer, Http, HttpError, HttpOptions, Method, Question, is_loopback};

/// What goes wrong is told in a few words.
const MAX_WORDS: u64 = 64 << 10;

/// What the user says of registries.
#[derive(Debug, Clone, Default)]
pub struct RegistryOptions {
    pub http: HttpOptions,
    pub credentials: Credentials,
    /// What is asked before the registry itself, when something is read.
    pub mirrors: Vec<Mirror>,
}

/// A client. Copies of it share what they know.
#[derive(Clone)]
pub struct Registry(Arc<Client>);

struct Client {
    http: Http,
    credentials: Credentials,
    mirrors: Vec<Mirror>,
    plain: bool,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// How hosts are spoken to: `https` or `http`.
    schemes: BTreeMap<String, &'static str>,
    /// Headers that were accepted, by host, repository and what is done there.
    authorizations: BTreeMap<(Place, Action), String>,
    /// What was found of who asks.
    known: BTreeMap<Place, Known>,
    /// Mirrors that did not serve, by host, and why not at first.
    passed_over: BTreeMap<String, String>,
}

/// What is done in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    Pull,
    Push,
}

/// A repository at a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// As names and files of credentials say it.
    pub(super) registry: String,
    pub(super) host: String,
    pub(super) repository: String,
}

/// One question to a registry.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Behind the repository, or a whole address.
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

impl<'a> Call<'a> {
    pub(super) fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, headers: &[], body: &[] }
    }
}

impl Action {
    fn scope(self, repository: &str) -> String {
        match self {
            Self::Pull => format!("repository:{repository}:pull"),
            Self::Push => format!("repository:{repository}:pull,push"),
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Pull => "read",
            Self::Push => "write",
        }
    }
}

impl Registry {
    /// # Errors
    /// When the file of certificates cannot be used.
    pub fn new(options: RegistryOptions) -> Result<Self, RegistryError> {
        let plain = options.http.plain;
        Ok(Self(Arc::new(Client {
            http: Http::new(options.http)?,
            credentials: options.credentials,
            mirrors: options.mirrors,
            plain,
            memory: Mutex::default(),
        })))
    }

    /// Where an image may be read, the best first. The last is the registry itself.
    pub(super) fn places(&self, reference: &Reference) -> Vec<Place> {
        let mirrors = self.0.mirrors.iter().filter_map(|mirror| mirror.place(reference));
        mirrors.chain([self.place(reference)]).collect()
    }

    pub(super) fn place(&self, reference: &Reference) -> Place {
        self.0.credentials.bind(reference.registry());
        Place {
            registry: reference.registry().to_owned(),
            host: reference.host().to_owned(),
            repository: reference.repository().to_owned(),
        }
    }

    /// Asks the places of an image one after the other until one knows.
    pub(super) fn at_best<T>(
        &self,
        reference: &Reference,
        ask: impl Fn(&Place) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        for mirror in self.0.mirrors.iter().filter_map(|mirror| mirror.place(reference)) {
            match ask(&mirror) {
                Ok(found) => return Ok(found),
                Err(error) => self.pass_over(&mirror, &error),
            }
        }
        ask(&self.place(reference))
    }

    /// Notes that a mirror did not serve.
    pub(super) fn pass_over(&self, mirror: &Place, error: &RegistryError) {
        let mut memory = self.memory();
        memory.passed_over.entry(mirror.host.clone()).or_insert_with(|| error.to_string());
    }

    /// What a person should know about whom was asked: which mirrors did not serve, each once.
    pub(in crate::source) fn notes(&self) -> Vec<String> {
        let passed_over = &self.memory().passed_over;
        passed_over.iter().map(|(host, why)| format!("the mirror `{host}` was passed over: {why}")).collect()
    }

    /// Asks, says who asks where that is wanted, and asks again where it may help.
    pub(super) fn call(
        &self,
        place: &Place,
        action: Action,
        call: &Call<'_>,
    ) -> Result<Answer, RegistryError> {
        let is_address = call.path.contains("://");
        let url = match is_address {
            true => call.path.to_owned(),
            false => format!("{}/{}/{}", self.base(&place.host)?, place.repository, call.path),
        };
        let is_home = !is_address || url.starts_with(&format!("{}/", self.root(&place.host)?));
        let mut pauses = Pauses::default();
        let mut has_told = false;
        loop {
            let authorization = self.authorization(place, action).filter(|_| is_home);
            let question = Question {
                method: call.method,
                url: &url,
                headers: call.headers,
                authorization: authorization.as_deref(),
                body: call.body,
                unhurried: true,
            };
            let mut answer = match self.0.http.ask(&question) {
                Ok(answer) => answer,
                Err(error) => match pauses.next(None).filter(|_| retry::is_of_the_way(&error)) {
                    Some(pause) => {
                        thread::sleep(pause);
                        continue;
                    }
                    None => return Err(error.into()),
                },
            };
            if answer.status >= 400 {
                answer.told = self.told(place, authorization.as_deref());
            }
            let is_from_home = is_home && answer.is_from(&url);
            match answer.status {
                401 if is_from_home && !has_told => {
                    has_told = true;
                    self.authorize(place, action, answer)?;
                }
                401 | 403 if is_from_home => return Err(self.denied(place, action, Some(answer))),
                status if retry::is_passing(status) => match pauses.next(answer.header("retry-after")) {
                    Some(pause) => thread::sleep(pause),
                    None => return Err(self.busy(place, answer)),
                },
                _ => return Ok(answer),
            }
        }
    }

    /// What a registry knows of who asks, in each spelling that it may repeat.
    fn told(&self, place: &Place, authorization: Option<&str>) -> Vec<String> {
        let login = self.memory().known.get(place).and_then(|known| known.login.clone());
        let header = login.as_ref().and_then(Login::header);
        let headers = [authorization, header.as_deref()].into_iter().flatten();
        let credentials = headers.filter_map(|header| header.split_once(' ')).map(|(_, told)| told);
        let secret = login.as_ref().map(|login| login.secret().reveal());
        credentials.chain(secret).filter(|told| !told.is_empty()).map(str::to_owned).collect()
    }

    fn busy(&self, place: &Place, answer: Answer) -> RegistryError {
        if answer.status != 429 {
            return place.refusal(answer, "");
        }
        let retry = answer.header("retry-after").map(str::to_owned);
        let is_known = self.known(place).is_ok_and(|known| known.login.is_some());
        RegistryError::TooOften { registry: place.registry.clone(), retry, is_known }
    }

    /// Finds out how to say who asks, from the answer of a registry that wants to know.
    fn authorize(&self, place: &Place, action: Action, answer: Answer) -> Result<(), RegistryError> {
        let known = self.known(place)?;
        let login = known.login.as_ref();
        let challenge = Challenge::of(&answer.headers("www-authenticate"));
        let header = match (challenge, login) {
            (_, Some(login @ Login::Token(_))) => login.header(),
            (Some(Challenge::Bearer { realm, service, scope }), _) => {
                let scope = scope.unwrap_or_else(|| action.scope(&place.repository));
                let desk = Desk { realm: &realm, service: service.as_deref(), scope: &scope };
                match desk.ask(&self.0.http, login)? {
                    Given::Token(token) => Some(format!("Bearer {token}")),
                    Given::Refused => None,
                }
            }
            (_, login) => login.and_then(Login::header),
        };
        let Some(header) = header else { return Err(self.denied(place, action, Some(answer))) };
        self.memory().authorizations.insert((place.clone(), action), header);
        Ok(())
    }

    fn denied(&self, place: &Place, action: Action, answer: Option<Answer>) -> RegistryError {
        let known = match self.known(place) {
            Ok(known) => known,
            Err(error) => return error,
        };
        let user =
            known.login.as_ref().map(|login| login.user().unwrap_or("the holder of the token").to_owned());
        RegistryError::Denied(Box::new(Denied {
            registry: place.registry.clone(),
            repository: place.repository.clone(),
            verb: action.verb(),
            user,
            whence: known.whence,
            helper: known.helper,
            detail: answer.and_then(words),
        }))
    }

    fn authorization(&self, place: &Place, action: Action) -> Option<String> {
        self.memory().authorizations.get(&(place.clone(), action)).cloned()
    }

    fn known(&self, place: &Place) -> Result<Known, RegistryError> {
        if let Some(known) = self.memory().known.get(place) {
            return Ok(known.clone());
        }
        let known = self.0.credentials.find(&place.registry, &place.repository)?;
        self.memory().known.insert(place.clone(), known.clone());
        Ok(known)
    }

    fn base(&self, host: &str) -> Result<String, RegistryError> {
        self.root(host).map(|root| format!("{root}/v2"))
    }

    /// `https://host`. Registries on this machine, and others where the user allows it, may not know TLS.
    fn root(&self, host: &str) -> Result<String, RegistryError> {
        if !self.0.plain && !is_loopback(host) {
            return Ok(format!("https://{host}"));
        }
        if let Some(scheme) = self.memory().schemes.get(host) {
            return Ok(format!("{scheme}://{host}"));
        }
        let scheme = match self.0.http.get(&format!("https://{host}/v2/")) {
            Err(HttpError::Unreachable { source, .. }) if speaks_no_tls(&source) => "http",
            Err(error @ HttpError::Offline { .. }) => return Err(error.into()),
            _ => "https",
        };
        self.memory().schemes.insert(host.to_owned(), scheme);
        Ok(format!("{scheme}://{host}"))
    }

    /// Nothing is done under the lock that could leave it half changed.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a host answered a greeting of TLS with something else, and not with a certificate that is not trusted.
fn speaks_no_tls(error: &ureq::Error) -> bool {
    let hung_up = match error {
        ureq::Error::Io(error) => {
            matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset)
        }
        _ => false,
    };
    // Words of the library for what begins like no message of TLS.
    hung_up || error.to_string().contains("corrupt message")
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl Place {
    /// Why the answer is none.
    pub(super) fn refusal(&self, answer: Answer, what: &str) -> RegistryError {
        let (status, url) = (answer.status, answer.url.clone());
        let detail = words(answer);
        match status {
            404 => RegistryError::NotFound { registry: self.registry.clone(), what: what.to_owned(), detail },
            _ => RegistryError::Status { url, status, detail },
        }
    }
}

/// What a registry says is wrong, without what it was told.
fn words(mut answer: Answer) -> Option<String> {
    let secrets = std::mem::take(&mut answer.told);
    let errors: Errors = serde_json::from_slice(&answer.body(MAX_WORDS).ok()?).ok()?;
    let told = errors.errors.into_iter().next()?;
    let text = if told.message.is_empty() { told.code } else { told.message };
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = secrets.iter().fold(text, |text, secret| text.replace(secret.as_str(), "***"));
    let text: String = text.chars().take(200).collect();
    Some(text).filter(|text| !text.is_empty())
}
