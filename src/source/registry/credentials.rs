//! Who asks a registry, as the user's other programs know it: Docker's `config.json` and Podman's `auth.json`.
//!
//! Both have `auths`, whose keys are registries or, Podman's, parts of them; the longest that fits is right. Either
//! may leave secrets to another program, a credential helper. A program is only run if the user allows it.
//! Spec: <https://docs.docker.com/reference/cli/docker/login/#credential-stores>,
//! <https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md>

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::{RegistryError, helper};

/// No such file comes near this.
const MAX_FILE: u64 = 8 << 20;

/// What nobody is to see.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// How somebody proves who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    Password {
        user: String,
        password: Secret,
    },
    /// What tokens are given for, as `docker login` got it.
    Identity(Secret),
    /// A token as the registry wants it.
    Token(Secret),
}

impl Login {
    pub(super) fn user(&self) -> Option<&str> {
        match self {
            Self::Password { user, .. } => Some(user),
            Self::Identity(_) | Self::Token(_) => None,
        }
    }

    /// What must not be seen of it.
    pub(super) fn secret(&self) -> &Secret {
        match self {
            Self::Password { password, .. } => password,
            Self::Identity(token) | Self::Token(token) => token,
        }
    }

    /// As the header `Authorization` says it, without asking for a token.
    pub(super) fn header(&self) -> Option<String> {
        match self {
            Self::Password { user, password } => {
                let pair = format!("{user}:{}", password.reveal());
                Some(format!("Basic {}", STANDARD.encode(pair)))
            }
            Self::Token(token) => Some(format!("Bearer {}", token.reveal())),
            Self::Identity(_) => None,
        }
    }
}

/// A file of credentials, which need not be there.
#[derive(Debug, Clone)]
pub enum CredentialFile {
    Path(PathBuf),
    /// Its content, and where it stands.
    Content {
        whence: String,
        content: Secret,
    },
}

/// Everything that is known of who asks.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    given: Option<(Login, Arc<OnceLock<String>>)>,
    /// In the order in which they are looked into.
    files: Vec<CredentialFile>,
    /// Whether programs that a file names may be run.
    run_helpers: bool,
}

/// What is known of who asks one registry.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) login: Option<Login>,
    /// Where it stands, for people.
    pub(super) whence: String,
    /// The program that might have known, and was not run.
    pub(super) helper: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: Option<BTreeMap<String, Auth>>,
    creds_store: Option<String>,
    cred_helpers: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl Credentials {
    /// What these files say. Programs that they name are run only if they may be.
    pub fn new(files: Vec<CredentialFile>, run_helpers: bool) -> Self {
        Self { given: None, files, run_helpers }
    }

    /// The login that the user names, which goes to the first registry that is asked and to no other. `bound` says
    /// which that is, for all that share it.
    #[must_use]
    pub fn with_login(self, login: Login, bound: Arc<OnceLock<String>>) -> Self {
        Self { given: Some((login, bound)), ..self }
    }

    /// The registry of this name is the one that the user's own login is for, if no other was before.
    pub(super) fn bind(&self, registry: &str) {
        if let Some((_, bound)) = &self.given {
            bound.get_or_init(|| registry.to_owned());
        }
    }

    /// # Errors
    /// When a file is there and cannot be read, or a program that may be run fails.
    pub(super) fn find(&self, registry: &str, repository: &str) -> Result<Known, RegistryError> {
        if let Some((login, bound)) = &self.given
            && bound.get().is_some_and(|bound| bound == registry)
        {
            let whence = "as you said".to_owned();
            return Ok(Known { login: Some(login.clone()), whence, helper: None });
        }
        let mut not_run = None;
        for file in &self.files {
            let Some((whence, config)) = read(file)? else { continue };
            if let Some(helper) = config.helper(registry) {
                if self.run_helpers {
                    let login = helper::ask(helper, &server_of(registry))?;
                    if login.is_some() {
                        return Ok(Known {
                            login,
                            whence: format!("from docker-credential-{helper}"),
                            helper: None,
                        });
                    }
                } else if not_run.is_none() {
                    not_run = Some(helper.to_owned());
                }
            }
            if let Some(auth) = config.auth(registry, repository) {
                let bad = || RegistryError::BadCredentials {
                    whence: whence.clone(),
                    reason: format!("what it says of `{registry}` is no login"),
                };
                if let Some(login) = auth.login().ok_or_else(bad)? {
                    return Ok(Known { login: Some(login), whence: format!("from {whence}"), helper: None });
                }
            }
        }
        Ok(Known { helper: not_run, ..Known::default() })
    }
}

fn read(file: &CredentialFile) -> Result<Option<(String, Config)>, RegistryError> {
    let (whence, bytes) = match file {
        CredentialFile::Content { whence, content } => (whence.clone(), content.reveal().as_bytes().to_vec()),
        CredentialFile::Path(path) => {
            let whence = format!("`{}`", path.display());
            let mut bytes = Vec::new();
            match File::open(path).and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes)) {
                Ok(_) => (whence, bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => {
                    return Err(RegistryError::BadCredentials { whence, reason: error.to_string() });
                }
            }
        }
    };
    // What serde says of a mistake may quote the secret beside it.
    let config = serde_json::from_slice(&bytes).map_err(|error| RegistryError::BadCredentials {
        reason: format!("line {} column {} is not as the format asks", error.line(), error.column()),
        whence: whence.clone(),
    })?;
    Ok(Some((whence, config)))
}

impl Config {
    fn helper(&self, registry: &str) -> Option<&str> {
        let helpers = self.cred_helpers.iter().flatten();
        let mut named = helpers.filter(|(key, _)| place_of(key) == registry).map(|(_, helper)| helper);
        named.next().or(self.creds_store.as_ref()).map(String::as_str).filter(|helper| !helper.is_empty())
    }

    /// The entry whose key has most of the image's name.
    fn auth(&self, registry: &str, repository: &str) -> Option<&Auth> {
        let name = format!("{registry}/{repository}");
        let fits =
            |key: &str| name == key || name.strip_prefix(key).is_some_and(|rest| rest.starts_with('/'));
        let entries = self.auths.iter().flatten().map(|(key, auth)| (place_of(key), auth));
        let fitting = entries.filter(|(place, auth)| fits(place) && !auth.is_empty());
        fitting.max_by_key(|(place, _)| place.len()).map(|(_, auth)| auth)
    }
}

impl Auth {
    /// Entries of those whose secrets are with a helper say nothing.
    fn is_empty(&self) -> bool {
        [&self.auth, &self.username, &self.password, &self.identitytoken, &self.registrytoken]
            .into_iter()
            .all(|text| text.as_deref().is_none_or(str::is_empty))
    }

    /// The outer is `None` for what cannot be understood.
    #[expect(clippy::option_option, reason = "nothing said and nothing understood are two things")]
    fn login(&self) -> Option<Option<Login>> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = said(&self.identitytoken) {
            return Some(Some(Login::Identity(Secret(token))));
        }
        if let Some(token) = said(&self.registrytoken) {
            return Some(Some(Login::Token(Secret(token))));
        }
        let pair = match said(&self.auth) {
            None => said(&self.username).zip(said(&self.password)),
            Some(packed) => {
                let bytes = STANDARD.decode(packed.trim()).ok()?;
                let text = String::from_utf8(bytes).ok()?;
                let (user, password) = text.split_once(':')?;
                Some((user.to_owned(), password.trim_end_matches('\0').to_owned()))
            }
        };
        Some(pair.map(|(user, password)| Login::Password { user, password: Secret(password) }))
    }
}

/// Keys were addresses once: `https://index.docker.io/v1/` is Docker Hub.
fn place_of(key: &str) -> &str {
    let key = key.strip_prefix("https://").or(key.strip_prefix("http://")).unwrap_or(key);
    let key = key.trim_end_matches('/');
    let key = key.strip_suffix("/v1").or(key.strip_suffix("/v2")).unwrap_or(key);
    match key {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        other => other,
    }
}

/// What helpers know a registry by.
fn server_of(registry: &str) -> String {
    match registry {
        "docker.io" => "https://index.docker.io/v1/".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn with(configs: &[Value]) -> Credentials {
        let file = |config: &Value| CredentialFile::Content {
            whence: "the test".to_owned(),
            content: Secret(config.to_string()),
        };
        Credentials::new(configs.iter().map(file).collect(), false)
    }

    fn user(credentials: &Credentials, registry: &str, repository: &str) -> Option<String> {
        let known = credentials.find(registry, repository).expect("it is in order");
        known.login.and_then(|login| login.user().map(str::to_owned))
    }

    fn auth(user: &str) -> Value {
        json!({"auth": STANDARD.encode(format!("{user}:pass:word"))})
    }

    #[test]
    fn the_longest_key_that_fits_is_right() {
        let credentials = with(&[json!({"auths": {
            "quay.io": auth("all"), "quay.io/team": auth("team"), "quay.io/team/app": auth("app"),
            "https://index.docker.io/v1/": auth("hub"),
        }})]);
        let user = |registry, repository| user(&credentials, registry, repository);
        assert_eq!(user("quay.io", "team/app").as_deref(), Some("app"));
        assert_eq!(user("quay.io", "team/application").as_deref(), Some("team"));
        assert_eq!(user("quay.io", "other").as_deref(), Some("all"));
        assert_eq!(user("docker.io", "library/alpine").as_deref(), Some("hub"));
        assert_eq!(user("quay.io:443", "other"), None);
        assert_eq!(user("example.com", "quay.io"), None);
    }

    #[test]
    fn a_password_may_hold_colons_and_every_kind_of_entry_is_read() {
        let credentials = with(&[json!({"auths": {
            "a.io": auth("me"), "b.io": {"username": "you", "password": "p"},
            "c.io": {"identitytoken": "t", "auth": STANDARD.encode("<token>:")}, "d.io": {"registrytoken": "t"}, "e.io": {},
        }})]);
        let login = |registry| credentials.find(registry, "app").expect("in order").login;
        let password = |user: &str, password: &str| {
            Some(Login::Password { user: user.to_owned(), password: Secret::new(password) })
        };
        assert_eq!(login("a.io"), password("me", "pass:word"));
        assert_eq!(login("b.io"), password("you", "p"));
        assert_eq!(login("c.io"), Some(Login::Identity(Secret::new("t"))));
        assert_eq!(login("d.io"), Some(Login::Token(Secret::new("t"))));
        assert_eq!(login("e.io"), None);
    }

    #[test]
    fn the_first_file_that_knows_is_right() {
        let credentials = with(&[
            json!({}),
            json!({"auths": {"a.io": auth("one")}}),
            json!({"auths": {"a.io": auth("two")}}),
        ]);
        assert_eq!(user(&credentials, "a.io", "app").as_deref(), Some("one"));
    }

    #[test]
    fn no_program_is_run_unless_it_may_be() {
        let credentials = with(&[json!({"credsStore": "none-such", "credHelpers": {"a.io": "other"}})]);
        let helper = |registry| credentials.find(registry, "app").expect("not run").helper;
        assert_eq!(helper("b.io").as_deref(), Some("none-such"));
        assert_eq!(helper("a.io").as_deref(), Some("other"));
        let allowed = Credentials { run_helpers: true, ..credentials };
        assert!(allowed.find("a.io", "app").is_err(), "it is not installed");
    }

    #[test]
    fn what_cannot_be_read_says_where_and_not_what() {
        let bad = with(&[json!({"auths": {"a.io": {"auth": "c2VjcmV0"}}})]);
        let message = bad.find("a.io", "app").expect_err("no colon").to_string();
        assert!(message.contains("the test") && !message.contains("c2Vj"), "{message}");
        let bad = with(&[json!({"auths": ["hunter2"]})]);
        let message = bad.find("a.io", "app").expect_err("no object").to_string();
        assert!(message.contains("line 1") && !message.contains("hunter2"), "{message}");
    }

    #[test]
    fn the_users_own_login_goes_to_one_registry_only() {
        let login = Login::Password { user: "me".to_owned(), password: Secret::new("hunter2") };
        let credentials = Credentials::default().with_login(login, Arc::default());
        credentials.bind("a.io");
        credentials.bind("b.io");
        assert_eq!(user(&credentials, "a.io", "app").as_deref(), Some("me"));
        assert_eq!(user(&credentials, "b.io", "app"), None);
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
